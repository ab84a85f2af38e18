//! Checkpoints: files from which a training continues.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::ops::ControlFlow;
use core::time::Duration;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::snapshot::{Keeper, Progress, Snapshot, Start};
use crate::array::Array;
use crate::clock::{self, Instant};
use crate::error::{Error, check_len, check_range};
use crate::network::Network;
use crate::optim::State;
use crate::simd::Real;
use crate::storage::{Encoded, Extra, FileSource, Header, OWN, Places};
use crate::storage::{for_each_name, is_temporary, malformed, read_tensor, replace};

/// The interval if none is given.
const EVERY: Duration = Duration::from_secs(60);

/// How many checkpoints are kept if nothing is said.
const KEPT: usize = 3;

/// What the names of checkpoints begin and end with; between them is the number of steps.
const NAME: (&str, &str) = ("checkpoint-", ".safetensors");

type OnError = Box<dyn FnMut(&Error) -> ControlFlow<()> + Send + Sync>;

/// Checkpoints of a [`Trainer`](super::Trainer): where they are, and how often one is written.
///
/// A training that was interrupted, by a signal or a power cut, [resumes](super::Trainer::resume) from the last one and ends with the
/// same bits as if it had not been, whatever the number of threads.
///
/// ```
/// use std::time::Duration;
/// use simplechain::prelude::*;
/// use simplechain::train::Checkpoints;
///
/// simple_chain! { struct Net: 1 => dense(tanh, 16) => dense(id, 1) }
/// # let directory = std::env::temp_dir().join(format!("simplechain-checkpoints-{}", std::process::id()));
///
/// let xs: Vec<[f32; 1]> = (0..100).map(|i| [i as f32 / 100.0]).collect();
/// let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0].sin()]).collect();
///
/// let checkpoints = Checkpoints::new(&directory).every(Duration::from_secs(30)).keep(3);
/// let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).batch_size(20).checkpoints(checkpoints);
/// let mut params = Net.init::<f32>(&mut rng(0));
/// if let Some(resumed) = trainer.resume(&mut params)? {
///     println!("continues after {} epochs", resumed.epoch); // the program was started again
/// }
/// trainer.fit(&mut params, &xs, &ys, 50)?; // what is left of 50 epochs
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
///
/// A checkpoint is the file `checkpoint-(steps).safetensors`, of some times the length of the parameters. It is written between two steps as
/// [`save`](crate::storage::Storage::save) does it, so that it is whole or not there, and
/// [`load`](crate::storage::Storage::load) reads the parameters from it. The last one is written at the end of `fit`.
pub struct Checkpoints {
    directory: PathBuf,
    every_epochs: Option<usize>,
    every: Option<Duration>,
    keep: usize,
    on_error: Option<OnError>,
    /// Whether what is in the directory is of this training.
    is_own: bool,
}

impl fmt::Debug for Checkpoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoints")
            .field("directory", &self.directory)
            .field("every_epochs", &self.every_epochs)
            .field("every", &self.every)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}

/// Where a training [continues](super::Trainer::resume).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Resumed {
    /// The checkpoint.
    pub path: PathBuf,
    /// The call of `fit` that it is from, counted from 0 for every trainer.
    pub fit: usize,
    /// Epochs of this call that are done.
    pub epoch: usize,
    /// Batches of the next epoch that are done.
    pub batch: usize,
}

impl Checkpoints {
    /// In this directory, which is made if it is not there: one every 60 seconds, of which the last 3 are kept.
    ///
    /// Give every training a directory of its own.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            every_epochs: None,
            every: None,
            keep: KEPT,
            on_error: None,
            is_own: false,
        }
    }

    /// One after every so many epochs. With [`every`](Self::every), when either is due.
    #[must_use]
    pub fn every_epochs(self, epochs: usize) -> Self {
        Self {
            every_epochs: Some(epochs),
            ..self
        }
    }

    /// One after the step that ends this long after the last checkpoint, also within an epoch.
    /// Where there is no clock (`wasm32-unknown-unknown`), `fit` returns [`Error::NoClock`].
    #[must_use]
    pub fn every(self, duration: Duration) -> Self {
        Self {
            every: Some(duration),
            ..self
        }
    }

    /// How many are kept, at least 1.
    #[must_use]
    pub fn keep(self, count: usize) -> Self {
        Self {
            keep: count,
            ..self
        }
    }

    /// Calls `on_error` if a checkpoint cannot be written, because the disk is full, for example: on `Continue` the training goes on,
    /// and the next checkpoint is tried when it is due; on `Break`, and without this, `fit` ends with the error. The
    /// parameters are those after the last step.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use simplechain::train::Checkpoints;
    ///
    /// let checkpoints = Checkpoints::new("run").on_error(|error| {
    ///     std::eprintln!("warning: {error}");
    ///     ControlFlow::Continue(())
    /// });
    /// ```
    #[must_use]
    pub fn on_error(
        self,
        on_error: impl FnMut(&Error) -> ControlFlow<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            on_error: Some(Box::new(on_error)),
            ..self
        }
    }

    /// The interval in time, if there is one.
    fn interval(&self) -> Option<Duration> {
        let default = self.every_epochs.is_none().then_some(EVERY);
        self.every.or(default)
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if !clock::EXISTS && self.interval().is_some() {
            return Err(Error::NoClock);
        }
        let keep = self.keep;
        check_range("checkpoints to keep", keep as f64, keep > 0, "at least 1")?;
        let epochs = self.every_epochs.unwrap_or(1);
        check_range(
            "epochs between checkpoints",
            epochs as f64,
            epochs > 0,
            "at least 1",
        )
    }

    /// The steps and paths of the checkpoints in the directory, the last one first.
    fn list(&self) -> Result<Vec<(u64, PathBuf)>, Error> {
        let mut found = Vec::new();
        for_each_name(&self.directory, &mut |name, path| {
            let (prefix, suffix) = NAME;
            let steps = name.strip_prefix(prefix);
            let steps = steps.and_then(|steps| steps.strip_suffix(suffix)?.parse().ok());
            found.extend(steps.map(|steps| (steps, path)));
        })?;
        found.sort_by(|a, b| b.cmp(a));
        Ok(found)
    }

    /// Removes what killed processes left.
    fn remove_temporary(&self) -> Result<(), Error> {
        for_each_name(&self.directory, &mut |name, path| {
            if is_temporary(name) {
                // Another process may have been faster.
                let _ = fs::remove_file(path);
            }
        })
    }

    /// Prepares the directory.
    ///
    /// # Errors
    /// [`Error::Occupied`]; if the training must stop, [`Error::Io`]
    pub(super) fn prepare(&mut self) -> Result<(), Error> {
        let made = fs::create_dir_all(&self.directory);
        let made = made.map_err(|error| Error::io("make", &self.directory, &error));
        if let Err(error) = made {
            return self.decide(error);
        }
        if !self.is_own && !self.list()?.is_empty() {
            return Err(Error::Occupied {
                directory: self.directory.clone(),
            });
        }
        self.is_own = true;
        self.remove_temporary()
    }

    /// Whether the training goes on after an error.
    fn decide(&mut self, error: Error) -> Result<(), Error> {
        let on_error = self.on_error.as_mut();
        let goes_on = on_error.is_some_and(|on_error| on_error(&error).is_continue());
        if goes_on { Ok(()) } else { Err(error) }
    }

    /// The last whole checkpoint, if there are any.
    ///
    /// # Errors
    /// If none is whole, what is wrong with the last one; if one is of another chain.
    pub(super) fn last<C: Network, T: Real>(&mut self) -> Result<Option<Checkpoint<T>>, Error> {
        let mut first_error = None;
        for (_, path) in self.list()? {
            match Checkpoint::read::<C>(&path) {
                Ok(checkpoint) => {
                    self.is_own = true;
                    self.remove_temporary()?;
                    return Ok(Some(checkpoint));
                }
                Err(Error::Format { format, why }) => {
                    let error = Error::Format { format, why }.within(&path);
                    first_error.get_or_insert(error);
                }
                Err(error) => return Err(error.within(&path)),
            }
        }
        first_error.map_or(Ok(None), Err)
    }
}

/// The settings that a training must have to continue from a checkpoint: names and values.
pub(super) type Settings = Vec<(&'static str, String)>;

/// The contents of a checkpoint.
pub(super) struct Checkpoint<T> {
    pub(super) params: Vec<T>,
    pub(super) optimizer: State<T>,
    pub(super) seed: u64,
    /// Random numbers that were drawn before this call of `fit`.
    pub(super) drawn: u64,
    pub(super) steps: u64,
    pub(super) start: Start<T>,
    pub(super) resumed: Resumed,
    /// The metadata, with the settings.
    pub(super) header: Header,
}

/// A key of the metadata.
fn key(name: &str) -> String {
    format!("{OWN}training.{name}")
}

/// An `f64` as text, bit for bit.
fn to_bits(number: f64) -> String {
    format!("{:016x}", number.to_bits())
}

impl<T: Real> Checkpoint<T> {
    fn read<C: Network>(path: &Path) -> Result<Self, Error> {
        let mut source = FileSource::open(path)?;
        let header = Header::read(&mut source)?;
        let places = Places::of::<C, T>(&header, false)?;
        let mut params = vec![T::ZERO; C::PARAM_COUNT];
        places.read(&mut source, &mut params)?;

        let text = |name: &str| {
            let text = header.get(&key(name));
            text.ok_or_else(|| malformed(format!("it is no checkpoint: it has no `{}`", key(name))))
        };
        let wrong = |name: &str| malformed(format!("`{}` is not a number", key(name)));
        let count = |name: &str| text(name)?.parse::<u64>().map_err(|_| wrong(name));
        let size = |name: &str| usize::try_from(count(name)?).map_err(|_| wrong(name));
        let number = |name: &str| {
            let bits = u64::from_str_radix(text(name)?, 16);
            bits.map(f64::from_bits).map_err(|_| wrong(name))
        };
        let mut tensor = |name: &str| read_tensor::<T>(&mut source, &header, name);
        let of_chain = |numbers: Option<Vec<T>>| -> Result<_, Error> {
            if let Some(numbers) = &numbers {
                check_len("parameters in it", C::PARAM_COUNT, numbers.len())
                    .map_err(|error| malformed(error.to_string()))?;
            }
            Ok(numbers)
        };
        let best = match of_chain(tensor("best")?)? {
            Some(params) => Some((size("best_epoch")?, number("best_loss")?, params)),
            None => None,
        };
        let good = of_chain(tensor("good")?)?;
        let mut vectors = Vec::new();
        while let Some(vector) = tensor(&format!("optimizer.{}", vectors.len()))? {
            vectors.push(vector);
        }
        let numbers = read_tensor::<f64>(&mut source, &header, "optimizer.numbers")?;
        let progress = Progress {
            epoch: size("epoch")?,
            batch: size("batch")?,
            sum: number("loss_sum")?,
        };
        let resumed = Resumed {
            path: path.to_owned(),
            fit: size("fit")?,
            epoch: progress.epoch,
            batch: progress.batch,
        };
        Ok(Self {
            params,
            optimizer: State {
                numbers: numbers.unwrap_or_default(),
                vectors,
            },
            seed: count("seed")?,
            drawn: count("drawn")?,
            steps: count("steps")?,
            start: Start {
                progress,
                best,
                good,
            },
            resumed,
            header,
        })
    }
}

/// Whether a checkpoint is of a training with these settings.
///
/// # Errors
/// [`Error::Resume`] with the first one that differs.
pub(super) fn check_settings(header: &Header, settings: &Settings) -> Result<(), Error> {
    for (name, value) in settings {
        let found = header.get(&key(&format!("setting.{name}"))).unwrap_or("?");
        if found != value {
            return Err(Error::Resume {
                what: (*name).to_owned(),
                expected: value.clone(),
                found: found.to_owned(),
            });
        }
    }
    Ok(())
}

/// Writes the checkpoints of one call of `fit`.
pub(super) struct Writer<'a, C> {
    checkpoints: &'a mut Checkpoints,
    settings: Settings,
    /// Random numbers that were drawn before, and calls of `fit`.
    drawn: u64,
    fit: usize,
    /// When the last one was written, and after how many epochs.
    last: Instant,
    last_epoch: usize,
    chain: PhantomData<C>,
}

impl<'a, C: Network> Writer<'a, C> {
    pub(super) fn new(
        checkpoints: &'a mut Checkpoints,
        settings: Settings,
        drawn: u64,
        fit: usize,
        start: Progress,
    ) -> Self {
        Self {
            checkpoints,
            settings,
            drawn,
            fit,
            last: Instant::now(),
            last_epoch: start.epoch,
            chain: PhantomData,
        }
    }

    fn write<T: Real>(&self, snapshot: &Snapshot<'_, T>) -> Result<(), Error> {
        let Snapshot {
            params,
            optimizer,
            order,
            progress,
            best,
            good,
        } = snapshot;
        let mut texts = vec![
            (key("fit"), self.fit.to_string()),
            (key("epoch"), progress.epoch.to_string()),
            (key("batch"), progress.batch.to_string()),
            (key("loss_sum"), to_bits(progress.sum)),
            (key("seed"), order.seed.to_string()),
            (key("drawn"), self.drawn.to_string()),
            (key("steps"), order.steps.to_string()),
        ];
        for (name, value) in &self.settings {
            texts.push((key(&format!("setting.{name}")), value.clone()));
        }
        let mut extra = vec![Extra::new("optimizer.numbers", &optimizer.numbers)];
        for (index, vector) in optimizer.vectors.iter().enumerate() {
            extra.push(Extra::new(&format!("optimizer.{index}"), vector));
        }
        if let Some((epoch, loss, params)) = best {
            texts.push((key("best_epoch"), epoch.to_string()));
            texts.push((key("best_loss"), to_bits(*loss)));
            extra.push(Extra::new("best", params));
        }
        extra.extend(good.map(|good| Extra::new("good", good)));
        let entries: Vec<(&str, &str)> = texts.iter().map(|(a, b)| (&**a, &**b)).collect();
        let params = C::Params::from_slice(params).expect("as many as the chain has");
        let encoded = Encoded::with::<C, T>(params, &entries, extra);

        let (prefix, suffix) = NAME;
        let directory = &self.checkpoints.directory;
        // It may have been removed since.
        fs::create_dir_all(directory).map_err(|error| Error::io("make", directory, &error))?;
        let path = directory.join(format!("{prefix}{:012}{suffix}", order.steps));
        replace(&path, &encoded.parts())?;
        self.remove_old(order.steps)
    }

    /// Removes all but the last ones up to this one.
    fn remove_old(&self, steps: u64) -> Result<(), Error> {
        let all = self.checkpoints.list()?.into_iter();
        let up_to_here = all.filter(|(other, _)| *other <= steps);
        for (_, path) in up_to_here.skip(self.checkpoints.keep) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(Error::io("remove", &path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl<C: Network, T: Real> Keeper<T> for Writer<'_, C> {
    fn is_due(&self, progress: Progress) -> bool {
        let epochs = self.checkpoints.every_epochs;
        let in_epochs = progress.batch == 0
            && epochs.is_some_and(|epochs| progress.epoch - self.last_epoch >= epochs);
        let interval = self.checkpoints.interval();
        in_epochs || interval.is_some_and(|interval| self.last.elapsed() >= interval)
    }

    fn keep(&mut self, snapshot: Snapshot<'_, T>) -> Result<(), Error> {
        let written = self.write(&snapshot);
        // After an error too: the next one is tried when it is due.
        self.last = Instant::now();
        self.last_epoch = snapshot.progress.epoch;
        written.or_else(|error| self.checkpoints.decide(error))
    }
}
