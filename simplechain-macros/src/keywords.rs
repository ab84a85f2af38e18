//! The keywords of the language other than layers, and the search for the one meant by a misspelt word.

pub(crate) use crate::activations::{ABSENT_ACTIVATIONS, ACTIVATIONS, Activation};

/// Names of options in other libraries.
const OPTION_ALIASES: &[(&str, &str)] = &[
    ("step", "stride"),
    ("pad", "padding"),
    ("usebias", "bias"),
    ("withbias", "bias"),
    ("group", "groups"),
    ("featuregroupcount", "groups"),
];

/// The named paddings.
pub(crate) const PADDINGS: &[&str] = &["valid", "same"];

/// Names of paddings in other libraries.
const PADDING_ALIASES: &[(&str, &str)] = &[
    ("samepad", "same"),
    ("half", "same"),
    ("none", "valid"),
    ("no", "valid"),
];

/// Layers and activations of other libraries that do not exist here, in lower case and without `_`, and the alternative.
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
        &["groupnorm", "instancenorm", "spectralnorm", "weightnorm"],
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
        ABSENT_ACTIVATIONS,
        "take `relu`, `leaky_relu(0.1)`, `elu`, `silu` or `gelu`, or write a value of your own type that implements `Activation`",
    ),
];

pub(crate) fn activation(word: &str) -> Option<&'static Activation> {
    ACTIVATIONS
        .iter()
        .find(|activation| activation.word == word)
}

/// The activation that is meant by `ReLU` or `LeakyReLU`. Types of the library, such as `Relu`, are not recognised.
pub(crate) fn activation_in_capitals(word: &str) -> Option<&'static str> {
    let lowercase = word.to_lowercase();
    ACTIVATIONS
        .iter()
        .find(|activation| activation.word.replace('_', "") == lowercase)
        .filter(|activation| activation.type_name != word)
        .map(|activation| activation.word)
}

/// The activation that is meant by a word written in place of a layer, in our spelling or another library's.
pub(crate) fn activation_meant(word: &str) -> Option<&'static str> {
    let plain = word.to_lowercase().replace('_', "");
    let meant = ACTIVATIONS.iter().find(|activation| {
        activation.word.replace('_', "") == plain || activation.aliases.contains(&plain.as_str())
    });
    meant.map(|activation| activation.word)
}

/// The alternative to a layer or an activation of another library that does not exist here.
pub(crate) fn reason(word: &str) -> Option<&'static str> {
    let word = plain(word);
    let absent = ABSENT
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()));
    absent.map(|(_, reason)| *reason)
}

/// A word in lower case, without `_` and without a trailing `1d`, `2d` or `3d`.
fn plain(word: &str) -> String {
    let word = word.to_lowercase().replace('_', "");
    let dimensions = ["1d", "2d", "3d"];
    let stem = dimensions
        .iter()
        .find_map(|dimensions| word.strip_suffix(dimensions));
    stem.unwrap_or(&word).to_owned()
}

/// The help for an unknown activation word.
pub(crate) fn activation_help(word: &str) -> String {
    let rows = ACTIVATIONS.iter();
    let aliases: Vec<_> = rows
        .flat_map(|row| row.aliases.iter().map(|alias| (*alias, row.word)))
        .collect();
    nearest(word, &activation_words(), &aliases).map_or_else(activation_list, did_you_mean)
}

/// All activations, for messages.
pub(crate) fn activation_list() -> String {
    let list = list("activation", &activation_words());
    format!("{list}, or a value of your own type")
}

fn activation_words() -> Vec<&'static str> {
    ACTIVATIONS
        .iter()
        .map(|activation| activation.word)
        .collect()
}

/// The help for an unknown option.
pub(crate) fn option_help(word: &str, options: &[&'static str]) -> String {
    if options.is_empty() {
        return "remove it; this layer has no options".to_owned();
    }
    nearest(word, options, OPTION_ALIASES).map_or_else(|| list("option", options), did_you_mean)
}

/// The padding that was probably meant.
pub(crate) fn nearest_padding(word: &str) -> Option<&'static str> {
    nearest(word, PADDINGS, PADDING_ALIASES)
}

pub(crate) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}

/// All `words` of a kind, for messages.
pub(crate) fn list(kind: &str, words: &[&str]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [word] => format!("the only {kind} is {word}"),
        _ => format!("the {kind}s are {}", words.join(", ")),
    }
}

/// The one of `words` with this alias or a similar spelling: at most one edit per three letters, and one for the
/// shortest words.
pub(crate) fn nearest(
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
    let len = word.chars().count();
    let limit = (len / 3).max(1);
    words
        .iter()
        // Each edit changes the length by at most one.
        .filter(|candidate| candidate.chars().count().abs_diff(len) <= limit)
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
    let mut row: Vec<usize> = Vec::with_capacity(last.len());
    for i in 1..=a.len() {
        row.clear();
        row.push(i);
        for j in 1..=b.len() {
            let substitution = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut distance = substitution.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                distance = distance.min(before_last[j - 2] + 1);
            }
            row.push(distance);
        }
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut row);
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
            // What `nearest` leaves out is too far away.
            assert!(distance >= a.len().abs_diff(b.len()), "{a} {b}");
        }
        assert_eq!(nearest("relu6", &["relu", "linear"], &[]), Some("relu"));
        assert_eq!(nearest("rel", &["relu"], &[]), Some("relu"));
        assert_eq!(nearest("relu", &["relu_six"], &[]), None);
    }

    #[test]
    fn help_finds_typos_aliases_and_case() {
        assert_eq!(activation_help("tahn"), "did you mean `tanh`?");
        assert_eq!(activation_help("ReLU"), "did you mean `relu`?");
        assert_eq!(activation_help("swish"), "did you mean `silu`?");
        assert_eq!(activation_help("identity"), "did you mean `id`?");
        assert_eq!(activation_in_capitals("LeakyReLU"), Some("leaky_relu"));
        assert_eq!(activation_in_capitals("LeakyRelu"), None);
        for activation in ACTIVATIONS {
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
