//! The activations of the language. The runtime has a table with what they compute; a test compares the two.

/// An activation of the library.
pub(crate) struct Activation {
    /// Its word in a chain.
    pub(crate) word: &'static str,
    /// Its type in the runtime.
    pub(crate) type_name: &'static str,
    /// Its names in other libraries: lower case, without `_`.
    pub(crate) aliases: &'static [&'static str],
    /// The name of its argument, if it has one.
    pub(crate) argument: Option<&'static str>,
}

const fn plain(
    word: &'static str,
    type_name: &'static str,
    aliases: &'static [&'static str],
) -> Activation {
    Activation {
        word,
        type_name,
        aliases,
        argument: None,
    }
}

/// All activations, in the order in which messages list them.
pub(crate) const ACTIVATIONS: &[Activation] = &[
    plain("id", "Identity", &["linear", "identity", "none"]),
    plain("tanh", "Tanh", &[]),
    plain("relu", "Relu", &[]),
    plain("sigmoid", "Sigmoid", &["logistic"]),
    plain("softplus", "Softplus", &[]),
    plain("gelu", "Gelu", &[]),
    plain("gelu_tanh", "GeluTanh", &[]),
    plain("silu", "Silu", &["swish"]),
    plain("elu", "Elu", &[]),
    Activation {
        argument: Some("slope"),
        ..plain("leaky_relu", "LeakyRelu", &["lrelu"])
    },
    plain("hard_tanh", "HardTanh", &[]),
    plain("mish", "Mish", &[]),
    plain("softsign", "Softsign", &[]),
    plain("sin", "Sin", &["sine"]),
];

/// Activations of other libraries that do not exist here: lower case, without `_`.
pub(crate) const ABSENT_ACTIVATIONS: &[&str] = &[
    "prelu",
    "rrelu",
    "selu",
    "celu",
    "glu",
    "swiglu",
    "hardswish",
    "hardsigmoid",
    "relu6",
];

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! rows {
        ($(
            $(#[$doc:meta])+
            $word:ident $(($argument:ident = $example:literal))?: $Type:ident $formula:tt
        )*) => {
            &[$((
                stringify!($word),
                stringify!($Type),
                concat!($(stringify!($argument))?),
            )),*]
        };
    }

    /// The runtime has the same activations, in the same order.
    #[test]
    fn rows_are_those_of_the_runtime() {
        let ours = ACTIVATIONS
            .iter()
            .map(|row| (row.word, row.type_name, row.argument.unwrap_or_default()));
        let runtime: &[(&str, &str, &str)] = simplechain_runtime::activations!(rows);
        assert_eq!(ours.collect::<Vec<_>>(), runtime);
    }

    /// No word or alias belongs to two activations, and none is said to be absent.
    #[test]
    fn words_are_unambiguous() {
        let mut seen = Vec::new();
        let absent = ABSENT_ACTIVATIONS.iter().map(|word| (*word).to_owned());
        let words = ACTIVATIONS.iter().map(|row| row.word.replace('_', ""));
        let aliases = ACTIVATIONS.iter().flat_map(|row| row.aliases);
        let aliases = aliases.map(|alias| (*alias).to_owned());
        for word in absent.chain(words).chain(aliases) {
            assert!(!seen.contains(&word), "{word}");
            seen.push(word);
        }
    }
}
