//! How the tensors of another framework's file correspond to those of a chain.

use alloc::string::String;
use alloc::vec::Vec;

/// The framework whose modules made the tensors of a file, or will read them. It decides how they are stored and what they are
/// called; a file does not say it, and a square matrix could be either way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framework {
    /// Linear layers `(outputs, inputs)`, convolutions and images with the channels first.
    PyTorch,
    /// Dense layers `(inputs, outputs)`, convolutions and images with the channels last.
    Keras,
    /// As [`Keras`](Self::Keras), with other names and constants. Also for `jax` arrays of your own in Flax's layout.
    Flax,
}

/// How the tensors of a file correspond to those of a chain: the [`Framework`], and what it leaves open.
///
/// ```
/// use simplechain::exchange::{Framework, Mapping};
///
/// let plain: Mapping = Framework::PyTorch.into();
/// let mapping = Mapping::new(Framework::Keras)
///     .pair("0.conv", "stem") // a layer: its `stem/kernel` and `stem/bias`
///     .pair("3.dense.weight", "head/w") // a single tensor
///     .ignore("auxiliary") // `auxiliary/..` belongs to no layer of the chain
///     .batch_norm_epsilon(1e-5);
/// ```
#[derive(Clone, Debug)]
pub struct Mapping {
    pub(super) framework: Framework,
    /// Our name, their name; of layers or tensors.
    pub(super) pairs: Vec<(String, String)>,
    pub(super) ignored: Vec<String>,
    /// Layers or tensors of the chain that the file does not have.
    pub(super) skipped: Vec<String>,
    pub(super) channels_last: bool,
    pub(super) batch_norm_epsilon: f64,
    pub(super) layer_norm_epsilon: f64,
    /// `None`: that of the type of the numbers.
    pub(super) rms_norm_epsilon: Option<f64>,
}

impl Mapping {
    /// The framework's own names and constants.
    #[must_use]
    pub fn new(framework: Framework) -> Self {
        let (batch_norm_epsilon, layer_norm_epsilon, rms_norm_epsilon) = match framework {
            Framework::PyTorch => (1e-5, 1e-5, None),
            Framework::Keras => (1e-3, 1e-3, Some(1e-6)),
            Framework::Flax => (1e-5, 1e-6, Some(1e-6)),
        };
        Self {
            framework,
            pairs: Vec::new(),
            ignored: Vec::new(),
            skipped: Vec::new(),
            channels_last: framework != Framework::PyTorch,
            batch_norm_epsilon,
            layer_norm_epsilon,
            rms_norm_epsilon,
        }
    }

    /// Pairs a layer or a tensor of the chain with one of the file: `("2.dense", "head")` or `("2.dense.weight", "head.weight")`.
    /// The names of the chain are those of [`tensors`](crate::storage::Storage::tensors). What is not paired is matched by the
    /// numbers in the names and by shapes.
    #[must_use]
    pub fn pair(mut self, ours: impl Into<String>, theirs: impl Into<String>) -> Self {
        self.pairs.push((ours.into(), theirs.into()));
        self
    }

    /// Leaves out tensors of the file: the one with this name, or those of the module with this name.
    #[must_use]
    pub fn ignore(mut self, theirs: impl Into<String>) -> Self {
        self.ignored.push(theirs.into());
        self
    }

    /// Leaves out a layer or a tensor of the chain, which the file does not have: `"0.standardize"`, or a new head. An import gives its
    /// parameters the initial values of [`Init::Zeros`](crate::init::Init::Zeros): weights and biases of 0, normalizations that
    /// change nothing.
    #[must_use]
    pub fn skip(mut self, ours: impl Into<String>) -> Self {
        self.skipped.push(ours.into());
        self
    }

    /// The images of the other network have their channels first, whatever the framework's default: with Keras'
    /// `data_format="channels_first"`, or where `flatten` follows a transpose.
    #[must_use]
    pub fn channels_first(mut self) -> Self {
        self.channels_last = false;
        self
    }

    /// The epsilon of the other network's batch normalization; by default that of its framework: 1e-5, of Keras 1e-3. Ours is
    /// 1e-5: the difference is added to the running variances, so that predictions are the same. In a later training it
    /// fades, as every running variance does.
    #[must_use]
    pub fn batch_norm_epsilon(mut self, epsilon: f64) -> Self {
        self.batch_norm_epsilon = epsilon;
        self
    }

    /// The epsilon of the other network's layer normalization; by default that of its framework: 1e-5, of Keras 1e-3, of Flax
    /// 1e-6. Ours is 1e-5, and no parameter makes up for another one: with one, nothing is imported.
    #[must_use]
    pub fn layer_norm_epsilon(mut self, epsilon: f64) -> Self {
        self.layer_norm_epsilon = epsilon;
        self
    }

    /// The epsilon of the other network's RMS normalization; by default that of its framework: of PyTorch the machine epsilon,
    /// of Keras and Flax 1e-6. Ours is 1e-5, and no parameter makes up for another one: with one, nothing is imported.
    #[must_use]
    pub fn rms_norm_epsilon(mut self, epsilon: f64) -> Self {
        self.rms_norm_epsilon = Some(epsilon);
        self
    }
}

impl From<Framework> for Mapping {
    fn from(framework: Framework) -> Self {
        Self::new(framework)
    }
}

impl Framework {
    /// Its name in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::PyTorch => "PyTorch",
            Self::Keras => "Keras",
            Self::Flax => "Flax",
        }
    }

    /// What separates the parts of names that are written.
    pub(super) fn separator(self) -> char {
        match self {
            Self::PyTorch => '.',
            Self::Keras | Self::Flax => '/',
        }
    }

    /// What a tensor of a layer may be called.
    pub(super) fn roles(self, layer: &str, role: &str) -> &'static [&'static str] {
        let is_norm = layer.ends_with("_norm");
        match (self, role) {
            (Self::Keras, "weight") if is_norm => &["gamma", "scale"],
            (Self::Keras, "weight") => &["kernel", "depthwise_kernel"],
            (Self::Keras, "bias") if is_norm => &["beta"],
            (Self::Keras, "running_mean") => &["moving_mean"],
            (Self::Keras, "running_var") => &["moving_variance"],
            (Self::Flax, "weight") if is_norm => &["scale"],
            (Self::Flax, "weight") => &["kernel"],
            (Self::Flax, "running_mean") => &["mean"],
            (Self::Flax, "running_var") => &["var"],
            (_, "weight") => &["weight"],
            (_, "bias") => &["bias"],
            (_, "running_mean") => &["running_mean"],
            (_, "running_var") => &["running_var"],
            (_, "mean") => &["mean"],
            (_, "std") => &["std"],
            _ => &[],
        }
    }

    /// Whether a tensor with this last part of its name is no parameter of any layer.
    pub(super) fn is_bookkeeping(self, role: &str) -> bool {
        match self {
            Self::PyTorch => role == "num_batches_tracked",
            Self::Keras => role == "seed_generator_state",
            Self::Flax => false,
        }
    }

    /// The components of a name, without the collection that Flax puts before it.
    pub(super) fn components(self, name: &str) -> Vec<&str> {
        let mut parts: Vec<&str> = name.split(['.', '/']).collect();
        if self == Self::Flax && parts.len() > 1 && matches!(parts[0], "params" | "batch_stats") {
            parts.remove(0);
        }
        parts
    }
}
