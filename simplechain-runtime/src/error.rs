//! What can be wrong with the arguments of a call.

use core::fmt;

use crate::simd::TierError;

/// A wrong argument, or a training that went wrong. Its `Debug` is its message, because that is what `?` in `main` prints.
///
/// Unless it says otherwise ([`Diverged`](Self::Diverged)), nothing was changed by the call that returns one.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// Two lengths that must agree do not.
    Length {
        /// What is counted.
        what: &'static str,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A length that must be a multiple of another is not.
    NotAMultiple {
        /// What is counted.
        what: &'static str,
        /// Of what it must be a multiple.
        of: usize,
        /// How many there are.
        found: usize,
    },
    /// A shape cuts numbers into samples of another length than the chain takes.
    SampleLen {
        /// What is counted.
        what: &'static str,
        /// How many a sample must have.
        expected: usize,
        /// How many it has.
        found: usize,
        /// What of the shape is taken for the samples.
        samples: &'static str,
    },
    /// The axes of images are in another order than the chain takes them.
    ImageAxes {
        /// Channels, height, width.
        expected: [usize; 3],
        /// The axes behind the first.
        found: Vec<usize>,
    },
    /// Numbers do not lie one after the other in memory.
    NotContiguous {
        /// What is so and should not.
        what: &'static str,
        /// What to do about it.
        help: &'static str,
    },
    /// There is no sample.
    EmptyBatch,
    /// A text describes another chain.
    Architecture {
        /// The fingerprint of this chain.
        expected: u64,
        /// The fingerprint in the text.
        found: u64,
        /// The first layer that differs, and how.
        difference: String,
    },
    /// A text describes no chain: it is no JSON, or it has no fingerprint or no layers.
    NoArchitecture,
    /// A setting is outside its range.
    OutOfRange {
        /// The name of the setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A number of the data is infinite or NaN, and the data was asked to be finite.
    NotFinite(NotFinite),
    /// A loss or a gradient became infinite or NaN. The parameters are those of the last good step.
    Diverged {
        /// `loss`, `gradient` or `parameters`.
        what: &'static str,
        /// When it happened.
        at: Step,
        /// The number of the data that did it, if one did.
        cause: Option<NotFinite>,
    },
    /// A parameter that a training begins with is infinite or NaN.
    Parameter {
        /// Its index.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A batch of training has one sample, of which a batch norm is to take the variance.
    NoVariance,
    /// One fit of [`fit_many`](crate::train::fit_many) failed.
    Fit {
        /// Which.
        index: usize,
        /// Why.
        error: Box<Error>,
    },
    /// A derivative that you wrote is not that of its function: what a check of it found.
    Derivative(WrongDerivative),
    /// A label is not that of a class.
    Label {
        /// The sample.
        sample: usize,
        /// Its label.
        label: i128,
        /// How many classes there are.
        classes: usize,
    },
    /// A number of a target is outside its range.
    Target {
        /// The sample.
        sample: usize,
        /// The number.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// The thread pool could not be made.
    Threads(String),
    /// The tier is not there.
    Tier(TierError),
}

/// A number of the data that is infinite or NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotFinite {
    /// `input`, `target`, ..
    pub what: &'static str,
    /// The sample, counted from 0.
    pub sample: usize,
    /// The index within the sample.
    pub column: usize,
    /// The number.
    pub value: f64,
}

impl fmt::Display for NotFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            sample,
            column,
            value,
        } = self;
        write!(f, "{what} {column} of sample {sample} is {value}")
    }
}

/// What is wrong with a derivative of one's own, as the checks say it: [`ode::check_vjp`](crate::ode::check_vjp),
/// [`layer::check_vjp`](crate::layer::check_vjp), [`loss::check_gradient`](crate::loss::check_gradient).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WrongDerivative {
    /// It is another number than differences of the function give.
    Value {
        /// The method that gives the derivative.
        method: &'static str,
        /// What is differentiated.
        of: &'static str,
        /// Which of its numbers.
        output: usize,
        /// By what.
        by: &'static str,
        /// By which of its numbers.
        index: usize,
        /// What the method gives.
        given: f64,
        /// What differences give.
        expected: f64,
    },
    /// It is right for every output alone, but not for a weighted sum of them.
    NotLinear {
        /// The method that gives the derivative.
        method: &'static str,
        /// By what.
        by: &'static str,
        /// By which of its numbers.
        index: usize,
    },
    /// It is written where it must be added to the number that is there, or the other way round.
    Added {
        /// The method that gives the derivative.
        method: &'static str,
        /// By what.
        by: &'static str,
        /// By which of its numbers.
        index: usize,
        /// Whether it must be added.
        adds: bool,
    },
    /// Two methods that must give the same number of the function do not.
    Output {
        /// The two methods, in backquotes.
        methods: [&'static str; 2],
        /// Which number.
        output: usize,
        /// What they give.
        given: [f64; 2],
    },
}

impl fmt::Display for WrongDerivative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value {
                method,
                of,
                output,
                by,
                index,
                given,
                expected,
            } => write!(
                f,
                "`{method}`: the derivative of {of} {output} by {by} {index} is {given}, but differences of the function give {expected}"
            ),
            Self::NotLinear { method, by, index } => write!(
                f,
                "`{method}`: the cotangent of {by} {index} is right for every output alone, but not for their sum: it is not linear in the cotangents that are given"
            ),
            Self::Added {
                method,
                by,
                index,
                adds: true,
            } => write!(
                f,
                "`{method}`: the cotangent of {by} {index} must be added to the number that is there (`+=`), but is written over it"
            ),
            Self::Added {
                method,
                by,
                index,
                adds: false,
            } => write!(
                f,
                "`{method}`: the cotangent of {by} {index} must be written over the number that is there (`=`), but is added to it"
            ),
            Self::Output {
                methods: [first, second],
                output,
                given: [one, other],
            } => write!(
                f,
                "number {output} of the function is {one} by {first}, but {other} by {second}"
            ),
        }
    }
}

/// A step of a training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A step of a [`Trainer`](crate::train::Trainer), both counted from 0 in every call of `fit`.
    Batch {
        /// The epoch.
        epoch: usize,
        /// The batch within the epoch.
        batch: usize,
    },
    /// An iteration of a method for full batches, counted from 0.
    Iteration(usize),
    /// The validation after an epoch, counted from 0.
    Validation {
        /// The epoch.
        epoch: usize,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch { epoch, batch } => write!(f, "in epoch {epoch}, batch {batch}"),
            Self::Iteration(iteration) => write!(f, "in iteration {iteration}"),
            Self::Validation { epoch } => write!(f, "in the validation after epoch {epoch}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length {
                what,
                expected,
                found,
            } => {
                write!(f, "expected {expected} {what}, found {found}")
            }
            Self::NotAMultiple { what, of, found } => {
                write!(f, "expected a multiple of {of} {what}, found {found}")
            }
            Self::Architecture {
                expected,
                found,
                difference,
            } => write!(
                f,
                "expected the architecture {expected:016x}, found {found:016x}: {difference}"
            ),
            Self::NoArchitecture => f.write_str(
                "the text is no architecture: give what `architecture` gave, with its `fingerprint` and its `layers`",
            ),
            Self::SampleLen {
                what,
                expected,
                found,
                samples,
            } => write!(
                f,
                "expected samples of {expected} {what}, found {found}: the samples are the {samples}"
            ),
            Self::ImageAxes {
                expected: [channels, height, width],
                found,
            } => {
                write!(
                    f,
                    "expected images of {channels}x{height}x{width} (channels, height, width), found "
                )?;
                for (i, axis) in found.iter().enumerate() {
                    write!(f, "{}{axis}", if i == 0 { "" } else { "x" })?;
                }
                Ok(())
            }
            Self::NotContiguous { what, help } => write!(f, "{what}: {help}"),
            Self::EmptyBatch => f.write_str("the batch has no sample"),
            Self::OutOfRange {
                what,
                value,
                allowed,
            } => {
                write!(f, "{what} is {value}, but must be {allowed}")
            }
            Self::NotFinite(number) => write!(
                f,
                "{number}, but the data must be finite: remove the sample, or give it a number"
            ),
            Self::Diverged { what, at, cause } => {
                let verb = if *what == "parameters" { "are" } else { "is" };
                write!(f, "the {what} {verb} not finite {at}: ")?;
                match (cause, at) {
                    (Some(number), _) => {
                        write!(f, "{number}; remove the sample, or give it a number")
                    }
                    (None, Step::Iteration(_)) => f.write_str(
                        "start from other parameters, or scale the data",
                    ),
                    (None, _) => f.write_str(
                        "the training diverged; lower the learning rate, clip the gradients (`clip_norm`), or scale the data",
                    ),
                }
            }
            Self::Parameter { index, value } => write!(
                f,
                "parameter {index} is {value}, but a training must begin with finite ones, as `init` gives them"
            ),
            Self::NoVariance => f.write_str(
                "a batch of 1 sample has no variance for `batch_norm`: take a batch size of at least 2, \
                 or `frozen(batch_norm)`, which takes its running statistics",
            ),
            Self::Fit { index, error } => write!(f, "fit {index}: {error}"),
            Self::Derivative(wrong) => wrong.fmt(f),
            Self::Label {
                sample,
                label,
                classes,
            } => write!(
                f,
                "the label of sample {sample} is {label}, but there are {classes} classes, counted from 0"
            ),
            Self::Target {
                sample,
                value,
                allowed,
            } => write!(
                f,
                "a target of sample {sample} is {value}, but must be {allowed}"
            ),
            Self::Threads(why) => write!(f, "the thread pool could not be made: {why}"),
            Self::Tier(error) => error.fmt(f),
        }
    }
}

impl Error {
    /// With the number of the data that made a training diverge, if that is the error and there is one.
    pub(crate) fn caused_by(mut self, find: impl FnOnce() -> Option<NotFinite>) -> Self {
        if let Self::Diverged { cause, .. } = &mut self {
            *cause = find();
        }
        self
    }

    /// The same of a batch of which this was said of a part, that begins at sample `first`.
    pub(crate) fn shifted_by(mut self, first: usize) -> Self {
        if let Self::Label { sample, .. }
        | Self::Target { sample, .. }
        | Self::NotFinite(NotFinite { sample, .. }) = &mut self
        {
            *sample += first;
        }
        self
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Fit { error, .. } => error.source(),
            Self::Tier(error) => error.source(),
            _ => None,
        }
    }
}

impl From<TierError> for Error {
    fn from(error: TierError) -> Self {
        Self::Tier(error)
    }
}

/// Whether a setting is in its range.
pub(crate) fn check_range(
    what: &'static str,
    value: f64,
    ok: bool,
    allowed: &'static str,
) -> Result<(), Error> {
    if ok {
        Ok(())
    } else {
        Err(Error::OutOfRange {
            what,
            value,
            allowed,
        })
    }
}

/// Whether there are as many as there should be.
pub(crate) fn check_len(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found {
        Ok(())
    } else {
        Err(Error::Length {
            what,
            expected,
            found,
        })
    }
}
