//! Errors of calls.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;
#[cfg(feature = "std")]
use std::{io, path::PathBuf};

#[cfg(feature = "std")]
use crate::simd::TierError;

/// An invalid argument, or a failed training run. Its `Debug` is its message, because that is what `?` in `main` prints.
///
/// Unless stated otherwise ([`Diverged`](Self::Diverged)), the call that returns it has changed nothing.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A length does not match.
    Length {
        /// What has this length.
        what: &'static str,
        /// The expected length.
        expected: usize,
        /// The actual length.
        found: usize,
    },
    /// A length is not a multiple of another.
    NotAMultiple {
        /// What has this length.
        what: &'static str,
        /// The length of which it must be a multiple.
        of: usize,
        /// The actual length.
        found: usize,
    },
    /// The sample length of a shape is not that of the chain.
    SampleLen {
        /// What has this length.
        what: &'static str,
        /// The expected sample length.
        expected: usize,
        /// The actual sample length.
        found: usize,
        /// Which part of the shape is the samples.
        samples: &'static str,
    },
    /// The axes of images are in the wrong order for the chain.
    #[cfg(feature = "alloc")]
    ImageAxes {
        /// Channels, height, width.
        expected: [usize; 3],
        /// The axes after the first.
        found: Vec<usize>,
    },
    /// Values are not contiguous in memory.
    NotContiguous {
        /// The argument that is not contiguous.
        what: &'static str,
        /// How to fix it.
        help: &'static str,
    },
    /// There are no samples.
    EmptyBatch,
    /// The chain has no layer that is filled from data, or only frozen ones.
    NothingToAdapt {
        /// The missing layer.
        layer: &'static str,
    },
    /// A layer that is filled from targets is not the last one.
    NotLast {
        /// The layer.
        layer: &'static str,
    },
    /// A text describes another chain.
    #[cfg(feature = "alloc")]
    Architecture {
        /// The fingerprint of this chain.
        expected: u64,
        /// The fingerprint in the text.
        found: u64,
        /// The first layer that differs, and how.
        difference: String,
    },
    /// A text does not describe a chain: it is not JSON, or it has no fingerprint or no layers.
    #[cfg(feature = "alloc")]
    NoArchitecture,
    /// A file or a directory cannot be read or written.
    #[cfg(feature = "std")]
    Io {
        /// `read`, `write`, ..
        action: &'static str,
        /// Its path.
        path: PathBuf,
        /// What kind of error it is: the file is not there, the disk is full, ..
        kind: io::ErrorKind,
        /// The message of the operating system.
        message: String,
    },
    /// The contents of a file are wrong.
    #[cfg(feature = "std")]
    File {
        /// Its path.
        path: PathBuf,
        /// What is wrong.
        error: Box<Error>,
    },
    /// Bytes are not a whole file of their format.
    #[cfg(feature = "alloc")]
    Format {
        /// The format.
        format: &'static str,
        /// What is wrong.
        why: String,
    },
    /// Bytes do not hold the parameters of this chain in place: what is wrong. (The error of
    /// [`from_safetensors`](crate::storage::Storage::from_safetensors) without the feature `alloc`; with it errors say more.)
    NotInPlace(&'static str),
    /// The tensors of a file are not those of the chain: missing, too many, of another shape or type.
    #[cfg(feature = "alloc")]
    Tensors(String),
    /// The name of an entry in a file is given twice, or taken by the library.
    #[cfg(feature = "alloc")]
    Entry(String),
    /// A training cannot continue from a checkpoint of a training with other settings.
    #[cfg(feature = "std")]
    Resume {
        /// What differs.
        what: String,
        /// Its value now.
        expected: String,
        /// Its value in the checkpoint.
        found: String,
    },
    /// Checkpoints are to be written at intervals of time, where there is no clock (`wasm32-unknown-unknown`).
    #[cfg(feature = "std")]
    NoClock,
    /// A trainer without checkpoints cannot resume.
    #[cfg(feature = "std")]
    NoCheckpoints,
    /// A directory has checkpoints of another training.
    #[cfg(feature = "std")]
    Occupied {
        /// The directory.
        directory: PathBuf,
    },
    /// A setting is outside its range.
    OutOfRange {
        /// The name of the setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The allowed range.
        allowed: &'static str,
    },
    /// An element of the data is infinite or NaN, and finite data was required.
    NotFinite(NotFinite),
    /// A loss or a gradient became infinite or NaN. The parameters are those of the last good step.
    Diverged {
        /// `loss`, `gradient` or `parameters`.
        what: &'static str,
        /// When it happened.
        at: Step,
        /// The data element that caused it, if one did.
        cause: Option<NotFinite>,
    },
    /// An initial parameter is infinite or NaN.
    Parameter {
        /// Its index.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A training batch has one sample, whose variance a batch norm needs.
    NoVariance,
    /// One fit of [`fit_many`](crate::train::fit_many) failed.
    #[cfg(feature = "alloc")]
    Fit {
        /// The index of the fit.
        index: usize,
        /// Its error.
        error: Box<Error>,
    },
    /// What is wrong with the validation samples of [`fit_validated`](crate::train::Trainer::fit_validated).
    #[cfg(feature = "alloc")]
    Validation(Box<Error>),
    /// Another rank of a training [over](crate::train::Trainer::over) several processes has failed.
    #[cfg(feature = "alloc")]
    Rank {
        /// The rank.
        rank: usize,
        /// What its error says.
        message: String,
    },
    /// The ranks of a training do not make the same call.
    #[cfg(feature = "alloc")]
    RanksDiffer {
        /// What differs.
        what: &'static str,
        /// The first rank for which it is not that of rank 0.
        rank: usize,
    },
    /// The environment does not say which [`Shard`](crate::train::Shard) this process is.
    #[cfg(feature = "std")]
    Environment(String),
    /// Files of results are of other fits: of another chain, of another number of items, with other settings.
    #[cfg(feature = "std")]
    OtherFits {
        /// What differs.
        what: String,
        /// Its value now.
        expected: String,
        /// Its value in the file.
        found: String,
    },
    /// Some fits have no result yet.
    #[cfg(feature = "std")]
    Missing {
        /// How many fits there are.
        total: usize,
        /// Those without a result.
        items: Vec<usize>,
    },
    /// One fit has different results in two files.
    #[cfg(feature = "std")]
    Contradiction {
        /// The fit.
        item: usize,
        /// The files.
        paths: [PathBuf; 2],
    },
    /// A hand-written derivative is wrong: the result of a check.
    Derivative(WrongDerivative),
    /// A label is not the index of a class.
    Label {
        /// The sample.
        sample: usize,
        /// Its label.
        label: i128,
        /// The number of classes.
        classes: usize,
    },
    /// An element of a target is outside its range.
    Target {
        /// The sample.
        sample: usize,
        /// The value.
        value: f64,
        /// The allowed range.
        allowed: &'static str,
    },
    /// A layer cannot be written in the format of another framework.
    #[cfg(feature = "std")]
    NotExportable {
        /// The layer: its place and keyword, and its activation or type.
        layer: String,
        /// Why not.
        why: &'static str,
    },
    /// The thread pool could not be created.
    #[cfg(feature = "std")]
    Threads(String),
    /// The tier is not available.
    #[cfg(feature = "std")]
    Tier(TierError),
}

/// An infinite or NaN element of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotFinite {
    /// `input`, `target`, ..
    pub what: &'static str,
    /// The sample, counted from 0.
    pub sample: usize,
    /// The index within the sample.
    pub column: usize,
    /// The value.
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

/// The error in a hand-written derivative, as reported by [`ode::check_vjp`](crate::ode::check_vjp),
/// [`layer::check_vjp`](crate::layer::check_vjp), [`loss::check_gradient`](crate::loss::check_gradient).
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WrongDerivative {
    /// Its value differs from the finite difference of the function.
    Value {
        /// The method that returns the derivative.
        method: &'static str,
        /// What is differentiated.
        of: &'static str,
        /// The index in it.
        output: usize,
        /// The variable of differentiation.
        by: &'static str,
        /// The index in that variable.
        index: usize,
        /// The value from the method.
        given: f64,
        /// The value from finite differences.
        expected: f64,
    },
    /// It is correct for each output alone, but not for a weighted sum of them.
    NotLinear {
        /// The method that returns the derivative.
        method: &'static str,
        /// The variable of differentiation.
        by: &'static str,
        /// The index in that variable.
        index: usize,
    },
    /// It is overwritten where it must be accumulated, or the other way round.
    Added {
        /// The method that returns the derivative.
        method: &'static str,
        /// The variable of differentiation.
        by: &'static str,
        /// The index in that variable.
        index: usize,
        /// Whether it must be accumulated.
        adds: bool,
    },
    /// Two methods that must return the same value of the function do not.
    Output {
        /// The two methods, in backticks.
        methods: [&'static str; 2],
        /// The index of the value.
        output: usize,
        /// Their values.
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

/// A training step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A step of a [`Trainer`](crate::train::Trainer); both indices are counted from 0 in every call of `fit`.
    Batch {
        /// The epoch.
        epoch: usize,
        /// The batch within the epoch.
        batch: usize,
    },
    /// An iteration of a full-batch method, counted from 0.
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
            #[cfg(feature = "alloc")]
            Self::Architecture {
                expected,
                found,
                difference,
            } => write!(
                f,
                "expected the architecture {expected:016x}, found {found:016x}: {difference}"
            ),
            #[cfg(feature = "alloc")]
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
            #[cfg(feature = "alloc")]
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
            Self::NothingToAdapt { layer } => write!(
                f,
                "the chain has no `{layer}` to fill, or only in `frozen(..)`: write `{layer}` into the chain"
            ),
            Self::NotLast { layer } => write!(
                f,
                "`{layer}` is not the last layer, so its outputs are not in the units of the targets: end the chain with it"
            ),
            Self::EmptyBatch => f.write_str("there is no sample, but at least one is needed"),
            #[cfg(feature = "std")]
            Self::Io {
                action,
                path,
                message,
                ..
            } => write!(f, "cannot {action} `{}`: {message}", path.display()),
            #[cfg(feature = "std")]
            Self::File { path, error } => write!(f, "`{}`: {error}", path.display()),
            #[cfg(feature = "alloc")]
            Self::Format { format, why } => write!(f, "it is no {format} file: {why}"),
            Self::NotInPlace(why) => write!(f, "the bytes do not hold the parameters: {why}"),
            #[cfg(feature = "alloc")]
            Self::Tensors(why) => f.write_str(why),
            #[cfg(feature = "alloc")]
            Self::Entry(key) => write!(
                f,
                "the entry {key} is given twice, or its name begins with `simplechain.`, as those of the library: give it another name"
            ),
            #[cfg(feature = "std")]
            Self::Resume {
                what,
                expected,
                found,
            } => write!(
                f,
                "the checkpoint is of a training with other settings: the {what} is {expected} now, but {found} there; \
                 give the same settings, or read only the parameters from it (`load`)"
            ),
            #[cfg(feature = "std")]
            Self::NoClock => f.write_str(
                "there is no clock here to write checkpoints by: write them after epochs (`every_epochs`), or take the parameters \
                 in a callback (`fit_with`, `to_safetensors`)",
            ),
            #[cfg(feature = "std")]
            Self::NoCheckpoints => f.write_str(
                "the trainer has no checkpoints to resume from: give it some (`checkpoints`)",
            ),
            #[cfg(feature = "std")]
            Self::Occupied { directory } => write!(
                f,
                "`{}` has checkpoints already: continue from them (`resume`), or give an empty directory",
                directory.display()
            ),
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
            #[cfg(feature = "alloc")]
            Self::Fit { index, error } => write!(f, "fit {index}: {error}"),
            #[cfg(feature = "alloc")]
            Self::Validation(error) => write!(f, "the validation samples: {error}"),
            #[cfg(feature = "alloc")]
            Self::Rank { rank, message } => write!(f, "rank {rank} has failed: {message}"),
            #[cfg(feature = "alloc")]
            Self::RanksDiffer { what, rank } => write!(
                f,
                "rank {rank} differs from rank 0 in {what}: all ranks must make the same calls"
            ),
            #[cfg(feature = "std")]
            Self::Environment(why) => f.write_str(why),
            #[cfg(feature = "std")]
            Self::OtherFits {
                what,
                expected,
                found,
            } => write!(
                f,
                "the results are of other fits: `{what}` is {expected} now, but {found} there; give the same settings, or another directory"
            ),
            #[cfg(feature = "std")]
            Self::Missing { total, items } => {
                const SHOWN: usize = 10;
                write!(f, "{} of {total} fits have no result:", items.len())?;
                for (index, item) in items.iter().take(SHOWN).enumerate() {
                    write!(f, "{} {item}", if index == 0 { "" } else { "," })?;
                }
                f.write_str(if items.len() > SHOWN { " .." } else { "" })?;
                f.write_str("; start all shards again: what is there is not computed again")
            }
            #[cfg(feature = "std")]
            Self::Contradiction {
                item,
                paths: [one, other],
            } => write!(
                f,
                "fit {item} has other numbers in `{}` than in `{}`: the program, the data or the CPU was another; remove the wrong file, \
                 and run again what is then missing",
                one.display(),
                other.display()
            ),
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
            #[cfg(feature = "std")]
            Self::NotExportable { layer, why } => write!(
                f,
                "layer {layer} cannot be exported: {why}; replace it by layers of the library, or export the layers before and after it as \
                 chains of their own"
            ),
            #[cfg(feature = "std")]
            Self::Threads(why) => write!(f, "the thread pool could not be made: {why}"),
            #[cfg(feature = "std")]
            Self::Tier(error) => error.fmt(f),
        }
    }
}

#[cfg(all(feature = "std", feature = "safetensors"))]
impl Error {
    /// An error of the file system.
    pub(crate) fn io(action: &'static str, path: &std::path::Path, error: &io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_path_buf(),
            kind: error.kind(),
            message: alloc::string::ToString::to_string(error),
        }
    }

    /// Says in which file it is, if it does not yet.
    pub(crate) fn within(self, path: &std::path::Path) -> Self {
        match self {
            Self::Io { .. } | Self::File { .. } => self,
            error => Self::File {
                path: path.to_path_buf(),
                error: Box::new(error),
            },
        }
    }
}

#[cfg(feature = "alloc")]
impl Error {
    /// Adds the data element that made training diverge, if that is the error and there is one.
    pub(crate) fn caused_by(mut self, find: impl FnOnce() -> Option<NotFinite>) -> Self {
        if let Self::Diverged { cause, .. } = &mut self {
            *cause = find();
        }
        self
    }

    /// Converts an error about a part of a batch, which begins at sample `first`, to the whole batch.
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

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            #[cfg(feature = "std")]
            Self::File { error, .. } => error.source(),
            #[cfg(feature = "alloc")]
            Self::Fit { error, .. } | Self::Validation(error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(feature = "std")]
impl From<TierError> for Error {
    fn from(error: TierError) -> Self {
        Self::Tier(error)
    }
}

/// The error of images whose axes are in the wrong order.
pub(crate) fn image_axes(what: &'static str, expected: [usize; 3], found: &[usize]) -> Error {
    #[cfg(feature = "alloc")]
    {
        let _ = what;
        Error::ImageAxes {
            expected,
            found: found.to_vec(),
        }
    }
    #[cfg(not(feature = "alloc"))]
    {
        let _ = (expected, found);
        Error::NotContiguous {
            what,
            help: "the axes of an image are channels, height, width",
        }
    }
}

/// Whether a setting is in its range.
#[cfg(feature = "alloc")]
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
