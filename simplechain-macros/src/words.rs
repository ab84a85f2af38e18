//! The words of the language, and the nearest of them to a misspelt one.

/// A layer that a chain can have.
pub(crate) struct Layer {
    pub(crate) word: &'static str,
    /// The options that it takes by name.
    pub(crate) options: &'static [&'static str],
    /// It is written like this; part of several messages.
    pub(crate) example: &'static str,
}

pub(crate) const LAYERS: &[Layer] = &[
    Layer {
        word: "dense",
        options: &["bias"],
        example: "dense(tanh, 32)",
    },
    Layer {
        word: "conv",
        options: &["stride", "padding", "groups", "bias"],
        example: "conv(relu, (3, 3), 16)",
    },
    Layer {
        word: "maxpool",
        options: &["stride"],
        example: "maxpool(2, 2)",
    },
    Layer {
        word: "avgpool",
        options: &["stride"],
        example: "avgpool(2, 2)",
    },
    simple("global_maxpool", "global_maxpool"),
    simple("global_avgpool", "global_avgpool"),
    simple("flatten", "flatten"),
    simple("activation", "activation(tanh)"),
    simple("dropout", "dropout(0.2)"),
    simple("layer_norm", "layer_norm"),
    simple("batch_norm", "batch_norm"),
    simple("scale", "scale(2.0, 0.5)"),
    simple("normalize", "normalize(MEAN, STD)"),
    Layer {
        word: "fourier",
        options: &["period"],
        example: "fourier(4, period = 2.0)",
    },
    simple("chebyshev", "chebyshev(5)"),
    simple("residual", "residual(dense(tanh, 8) => dense(id, 4))"),
    simple("concat", "concat(dense(tanh, 8), dense(sin, 8))"),
    simple("chain", "chain(Encoder)"),
    simple("frozen", "frozen(dense(tanh, 8))"),
    simple("layer", "layer(MyLayer)"),
];

/// A layer without options.
const fn simple(word: &'static str, example: &'static str) -> Layer {
    Layer {
        word,
        options: &[],
        example,
    }
}

/// What other libraries call our layers, in lower case, without `_` and without the number of dimensions at the end.
const LAYER_ALIASES: &[(&str, &str)] = &[
    ("linear", "dense"),
    ("affine", "dense"),
    ("fc", "dense"),
    ("fullyconnected", "dense"),
    ("fullyconnectedlayer", "dense"),
    ("innerproduct", "dense"),
    ("convolution", "conv"),
    ("convolve", "conv"),
    ("depthwiseconv", "conv"),
    ("separableconv", "conv"),
    ("pool", "maxpool"),
    ("pooling", "maxpool"),
    ("maxpooling", "maxpool"),
    ("averagepool", "avgpool"),
    ("averagepooling", "avgpool"),
    ("avgpooling", "avgpool"),
    ("meanpool", "avgpool"),
    ("flattenlayer", "flatten"),
    ("view", "flatten"),
    ("alphadropout", "dropout"),
    ("spatialdropout", "dropout"),
    ("layernormalization", "layer_norm"),
    ("batchnormalization", "batch_norm"),
    ("bn", "batch_norm"),
    ("ln", "layer_norm"),
    ("globalaveragepooling", "global_avgpool"),
    ("globalmaxpooling", "global_maxpool"),
    ("adaptiveavgpool", "global_avgpool"),
    ("adaptivemaxpool", "global_maxpool"),
    ("gap", "global_avgpool"),
    ("skip", "residual"),
    ("skipconnection", "residual"),
    ("shortcut", "residual"),
    ("parallel", "concat"),
    ("concatenate", "concat"),
    ("branch", "concat"),
    ("freeze", "frozen"),
    ("standardize", "normalize"),
    ("normalise", "normalize"),
    ("rescale", "scale"),
    ("custom", "layer"),
];

/// What other libraries call our options.
const OPTION_ALIASES: &[(&str, &str)] = &[
    ("step", "stride"),
    ("pad", "padding"),
    ("usebias", "bias"),
    ("withbias", "bias"),
    ("group", "groups"),
    ("featuregroupcount", "groups"),
];

/// The words for a padding.
pub(crate) const PADDINGS: &[&str] = &["valid", "same"];

/// What other libraries call our paddings.
const PADDING_ALIASES: &[(&str, &str)] = &[
    ("samepad", "same"),
    ("half", "same"),
    ("none", "valid"),
    ("no", "valid"),
];

/// What other libraries call our activations.
const ACTIVATION_ALIASES: &[(&str, &str)] = &[
    ("linear", "id"),
    ("identity", "id"),
    ("none", "id"),
    ("logistic", "sigmoid"),
    ("swish", "silu"),
    ("lrelu", "leaky_relu"),
    ("sine", "sin"),
];

/// Layers and activations of other libraries that are not here, in lower case and without `_`, and what to do instead.
const ABSENT: &[(&[&str], &str)] = &[
    (
        &["softmax", "logsoftmax", "softmin"],
        "end the chain with `dense(id, classes)`: the loss `LogitCrossEntropy` takes its outputs, the logits, and has the softmax in it; labels and accuracy need none",
    ),
    (
        &[
            "lstm",
            "gru",
            "rnn",
            "simplernn",
            "lstmcell",
            "grucell",
            "rnncell",
            "bidirectional",
            "bilstm",
        ],
        "no layer has a state: a sequence goes through `conv(relu, length, channels)`; for a recurrence call a chain from (input, state) to state in a loop of your own, or write a `layer(Type)`",
    ),
    (
        &[
            "attention",
            "selfattention",
            "multiheadattention",
            "mha",
            "transformer",
            "transformerencoder",
            "crossattention",
        ],
        "attention is for larger networks than these: write a `layer(Type)` of your own, or take a framework",
    ),
    (
        &["embedding", "embed"],
        "an embedding is `dense(id, width, bias = false)` of one number for each class, 1 for that of the sample and 0 for the others",
    ),
    (
        &[
            "convtranspose",
            "transposedconv",
            "deconv",
            "upsample",
            "upsampling",
            "pixelshuffle",
            "unpool",
            "maxunpool",
        ],
        "no layer makes an image larger: write a `layer(Type)` of your own, or end with `dense`, whose outputs are the pixels",
    ),
    (
        &[
            "groupnorm",
            "instancenorm",
            "rmsnorm",
            "spectralnorm",
            "weightnorm",
        ],
        "write `layer_norm` or `batch_norm`, or a `layer(Type)` of your own",
    ),
    (
        &[
            "reshape",
            "permute",
            "transpose",
            "unflatten",
            "squeeze",
            "unsqueeze",
        ],
        "shapes follow from the layers: `flatten` makes an image flat; write the shape of the input as it is used, and put the data in that order",
    ),
    (
        &[
            "prelu",
            "rrelu",
            "selu",
            "celu",
            "glu",
            "swiglu",
            "mish",
            "hardtanh",
            "hardswish",
            "hardsigmoid",
            "softsign",
            "relu6",
        ],
        "take `relu`, `leaky_relu(0.1)`, `elu`, `silu` or `gelu`, or write a value of your own type that implements `Activation`",
    ),
];

/// An activation of the library: its word in a chain and its type in the runtime.
pub(crate) struct Activation {
    pub(crate) word: &'static str,
    pub(crate) type_name: &'static str,
    /// What its one number is called, if it takes one.
    pub(crate) argument: Option<&'static str>,
}

const fn simple_activation(word: &'static str, type_name: &'static str) -> Activation {
    Activation {
        word,
        type_name,
        argument: None,
    }
}

pub(crate) const ACTIVATIONS: &[Activation] = &[
    simple_activation("id", "Identity"),
    simple_activation("tanh", "Tanh"),
    simple_activation("relu", "Relu"),
    simple_activation("sigmoid", "Sigmoid"),
    simple_activation("softplus", "Softplus"),
    simple_activation("gelu", "Gelu"),
    simple_activation("gelu_tanh", "GeluTanh"),
    simple_activation("silu", "Silu"),
    simple_activation("elu", "Elu"),
    Activation {
        word: "leaky_relu",
        type_name: "LeakyRelu",
        argument: Some("slope"),
    },
    simple_activation("sin", "Sin"),
];

pub(crate) fn is_layer(word: &str) -> bool {
    LAYERS.iter().any(|layer| layer.word == word)
}

pub(crate) fn activation(word: &str) -> Option<&'static Activation> {
    ACTIVATIONS
        .iter()
        .find(|activation| activation.word == word)
}

/// The activation that `ReLU` or `LeakyReLU` must mean. The library's own types, such as `Relu`, are not taken for it.
pub(crate) fn activation_in_capitals(word: &str) -> Option<&'static str> {
    let lowercase = word.to_lowercase();
    ACTIVATIONS
        .iter()
        .find(|activation| activation.word.replace('_', "") == lowercase)
        .filter(|activation| activation.type_name != word)
        .map(|activation| activation.word)
}

/// The activation that a word in the place of a layer is: as it is written here or in another library.
pub(crate) fn activation_meant(word: &str) -> Option<&'static str> {
    let plain = word.to_lowercase().replace('_', "");
    let known = ACTIVATIONS.iter().map(|activation| activation.word);
    let aliases = ACTIVATION_ALIASES.iter();
    known
        .map(|known| (known.replace('_', ""), known))
        .chain(aliases.map(|(alias, meant)| ((*alias).to_owned(), *meant)))
        .find(|(name, _)| *name == plain)
        .map(|(_, meant)| meant)
}

/// Why there is no layer and no activation that other libraries call so, and what to do instead.
pub(crate) fn reason(word: &str) -> Option<&'static str> {
    let word = plain(word);
    let absent = ABSENT
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()));
    absent.map(|(_, reason)| *reason)
}

/// A word without what libraries differ in: capitals, `_`, and the number of dimensions at the end.
fn plain(word: &str) -> String {
    let word = word.to_lowercase().replace('_', "");
    let dimensions = ["1d", "2d", "3d"];
    let stem = dimensions
        .iter()
        .find_map(|dimensions| word.strip_suffix(dimensions));
    stem.unwrap_or(&word).to_owned()
}

/// The layer that is written so or must be meant.
pub(crate) fn nearest_layer(word: &str) -> Option<&'static Layer> {
    if reason(word).is_some() {
        return None;
    }
    let meant = nearest(word, &layer_words(), LAYER_ALIASES)?;
    LAYERS.iter().find(|layer| layer.word == meant)
}

/// What to do about an unknown layer word.
pub(crate) fn layer_help(word: &str) -> String {
    nearest_layer(word).map_or_else(layer_list, |layer| did_you_mean(layer.word))
}

/// The layers that there are.
pub(crate) fn layer_list() -> String {
    list("layer", &layer_words())
}

fn layer_words() -> Vec<&'static str> {
    LAYERS.iter().map(|layer| layer.word).collect()
}

/// What to do about an unknown activation word.
pub(crate) fn activation_help(word: &str) -> String {
    let words: Vec<_> = ACTIVATIONS
        .iter()
        .map(|activation| activation.word)
        .collect();
    nearest(word, &words, ACTIVATION_ALIASES).map_or_else(
        || {
            format!(
                "{}, or a value of your own type",
                list("activation", &words)
            )
        },
        did_you_mean,
    )
}

/// What to do about an unknown option of a layer.
pub(crate) fn option_help(word: &str, options: &[&'static str]) -> String {
    if options.is_empty() {
        return "remove it; this layer has no options".to_owned();
    }
    nearest(word, options, OPTION_ALIASES).map_or_else(|| list("option", options), did_you_mean)
}

/// The padding that must be meant.
pub(crate) fn nearest_padding(word: &str) -> Option<&'static str> {
    nearest(word, PADDINGS, PADDING_ALIASES)
}

pub(crate) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

fn list(kind: &str, words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [word] => format!("the only {kind} is {word}"),
        _ => format!("the {kind}s are {}", words.join(", ")),
    }
}

/// The one of `words` that other libraries call so, or that is spelled alike: one edit for each
/// three letters is alike, and one for the shortest words.
fn nearest(
    word: &str,
    words: &[&'static str],
    aliases: &[(&str, &'static str)],
) -> Option<&'static str> {
    let (word, plain) = (word.to_lowercase(), plain(word));
    if let Some(same) = words.iter().find(|word| word.replace('_', "") == plain) {
        return Some(same);
    }
    if let Some((_, meant)) = aliases.iter().find(|(alias, _)| *alias == plain) {
        return Some(meant);
    }
    let limit = (word.chars().count() / 3).max(1);
    words
        .iter()
        .map(|candidate| (edit_distance(&word, candidate), *candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b`
/// (optimal string alignment).
fn edit_distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut distance = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                distance = distance.min(before_last[j - 2] + 1);
            }
            row.push(distance);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "sin", 3),
            ("tanh", "tanh", 0),
            ("tahn", "tanh", 1),
            ("relu6", "relu", 1),
            ("sigmod", "sigmoid", 1),
            ("softmax", "softplus", 4),
        ] {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
            assert_eq!(edit_distance(b, a), distance, "{b} {a}");
        }
    }

    #[test]
    fn help_finds_typos_aliases_and_case() {
        assert_eq!(activation_help("tahn"), "did you mean `tanh`?");
        assert_eq!(activation_help("ReLU"), "did you mean `relu`?");
        assert_eq!(activation_help("swish"), "did you mean `silu`?");
        assert_eq!(activation_help("identity"), "did you mean `id`?");
        assert_eq!(activation_in_capitals("LeakyReLU"), Some("leaky_relu"));
        assert_eq!(activation_in_capitals("LeakyRelu"), None);
        assert_eq!(layer_help("Linear"), "did you mean `dense`?");
        for (word, meant) in [
            ("Conv2D", "conv"),
            ("conv2d", "conv"),
            ("Conv1d", "conv"),
            ("conv3d", "conv"),
            ("BatchNorm1d", "batch_norm"),
            ("batchnorm", "batch_norm"),
            ("maxpool1d", "maxpool"),
            ("AdaptiveAvgPool2d", "global_avgpool"),
            ("max_pool", "maxpool"),
            ("MaxPool2d", "maxpool"),
            ("AveragePooling2D", "avgpool"),
            ("avg_pool", "avgpool"),
            ("Flatten", "flatten"),
            ("flaten", "flatten"),
        ] {
            assert_eq!(layer_help(word), did_you_mean(meant), "{word}");
        }
        assert_eq!(layer_help("capsule"), layer_list());
        for word in [
            "lstm",
            "LSTM",
            "GRU",
            "softmax",
            "LogSoftmax",
            "MultiHeadAttention",
            "ConvTranspose2d",
            "embedding",
        ] {
            assert!(
                reason(word).is_some() && nearest_layer(word).is_none(),
                "{word}"
            );
        }
        for activation in ACTIVATIONS {
            assert!(
                nearest_layer(activation.word).is_none(),
                "{}",
                activation.word
            );
            assert_eq!(activation_meant(activation.word), Some(activation.word));
        }
        assert_eq!(activation_meant("LeakyReLU"), Some("leaky_relu"));
        assert_eq!(
            option_help("strides", &["stride"]),
            "did you mean `stride`?"
        );
        assert_eq!(
            option_help("dilation", &["stride"]),
            "the only option is `stride`"
        );
        assert_eq!(nearest_padding("sane"), Some("same"));
        assert_eq!(nearest_padding("reflect"), None);
        assert!(
            activation_help("maxout")
                .starts_with("the activations are `id`, `tanh`, `relu`, `sigmoid`")
        );
    }
}
