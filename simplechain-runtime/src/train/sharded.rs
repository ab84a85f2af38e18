//! Fits in several processes, and their results in one directory.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Display;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Instant;

use super::many::fit_many;
use super::results::{Results, Settings};
use super::shard::Shard;
use crate::error::Error;
use crate::fingerprint::fingerprint;
use crate::network::Network;
use crate::simd::Real;
use crate::storage::elements::{bytes, dtype};
use crate::storage::{for_each_name, malformed};

/// The interval if none is given.
const EVERY: Duration = Duration::from_secs(5);

/// What the names of files of results begin and end with; between them are the shard and a random number.
const NAME: (&str, &str) = ("fits-", ".safetensors");

/// How often a file is opened that another machine replaces meanwhile.
const TRIES: usize = 5;

/// Thousands of independent fits, by [`fit_many`] in any number of processes, on one machine or many. They share a directory, to which
/// each writes what it has computed, and need nothing else of each other.
///
/// ```
/// use simplechain::prelude::*;
/// use simplechain::train::{Shard, ShardedFits};
///
/// simple_chain! { struct Net: 1 => dense(tanh, 4) => dense(id, 1) }
/// # let directory = std::env::temp_dir().join(format!("simplechain-shards-{}", std::process::id()));
///
/// // In every process: fits 0..100, each of which gives two numbers.
/// let fits = ShardedFits::new(&directory, 100).chain(Net).setting("rate", 1e-2);
/// fits.fit(Shard::from_env()?, None, |item| {
///     let xs: Vec<[f64; 1]> = (0..20).map(|i| [f64::from(i) / 20.0]).collect();
///     let ys: Vec<[f64; 1]> = xs.iter().map(|x| [(x[0] * item as f64 / 50.0).sin()]).collect();
///     let mut params = Net.init::<f64>(&mut rng(item as u64));
///     let history = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).fit(&mut params, &xs, &ys, 10)?;
///     Ok([history.last_loss(), Net.forward(&[0.5], &params)[0]])
/// })?;
///
/// // When all have ended: the numbers of every fit, in order.
/// let results: Vec<[f64; 2]> = fits.merge()?;
/// assert_eq!(results.len(), 100);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Restarts.** A fit is computed if the directory has no result of it. So whatever was killed is started again, as the same shard or with
/// another number of shards, and computes what is missing. A process that is killed loses the fits it was at, and those of the last
/// seconds ([`every`](Self::every)).
///
/// **What results belong to.** Every file names the number of fits, the length and type of a result, the [`chain`](Self::chain), and every
/// [`setting`](Self::setting); files of other fits are an error. Give as settings whatever the results depend on: a seed, a learning rate, the
/// version of the program, a date or hash of the data. What is not given is not compared.
///
/// **Files** are `fits-(shard)-of-(shards)-(random number).safetensors`, one a process, replaced as a whole and checked by a checksum when they are
/// read: tensors `items` (`U64`) and `results`, a row for each item. From machines without a common disk, copy them into one
/// directory. Processes that are killed may leave files `.simplechain-*.tmp`; remove them, if you like, when no process runs.
#[derive(Clone, Debug)]
pub struct ShardedFits {
    directory: PathBuf,
    count: usize,
    settings: Settings,
    every: Duration,
}

impl ShardedFits {
    /// The fits `0..count`, with results in this directory, which is made if it is not there.
    pub fn new(directory: impl Into<PathBuf>, count: usize) -> Self {
        Self {
            directory: directory.into(),
            count,
            settings: Settings::new(),
            every: EVERY,
        }
    }

    /// The results belong to this chain: its [`FINGERPRINT`](crate::chain::Chain::FINGERPRINT) is a setting.
    #[must_use]
    pub fn chain<C: Network>(mut self, _: C) -> Self {
        let fingerprint = const { fingerprint(C::LAYERS) };
        self.settings
            .insert("chain".to_owned(), format!("{fingerprint:016x}"));
        self
    }

    /// The results belong to this value of a setting, which is compared as text. The last value counts if a name is given twice.
    #[must_use]
    pub fn setting(mut self, name: &str, value: impl Display) -> Self {
        self.settings
            .insert(format!("setting.{name}"), value.to_string());
        self
    }

    /// How long a result waits at most until it is written, together with all of this process before it: 5 seconds if nothing is said.
    #[must_use]
    pub fn every(self, duration: Duration) -> Self {
        Self {
            every: duration,
            ..self
        }
    }

    /// Computes the fits of a shard that have no result yet: `fit` gets the index of one and returns its numbers, for example parameters and
    /// a loss. Several run in parallel, as in [`fit_many`]. Returns how many were computed.
    ///
    /// # Errors
    /// - [`Error::Fit`], that of the first fit which failed. All others are computed and written. A failure that is a result should be
    ///   returned as one, for example as NaN: else every restart tries it again, and nothing is merged.
    /// - [`Error::Io`], also if a result cannot be written; then no more fits are begun.
    /// - Those of [`merge`](Self::merge) about files, before anything is computed; those of [`fit_many`].
    pub fn fit<T: Real, const N: usize>(
        &self,
        shard: Shard,
        threads: Option<usize>,
        fit: impl Fn(usize) -> Result<[T; N], Error> + Sync,
    ) -> Result<usize, Error> {
        let there = self.read::<T, N>()?;
        let items = shard.items(self.count);
        let mut missing: Vec<usize> = items.filter(|item| there[*item].is_none()).collect();
        drop(there);
        let made = fs::create_dir_all(&self.directory);
        made.map_err(|error| Error::io("make", &self.directory, &error))?;
        let path = self.new_path(shard);
        let (sender, receiver) = channel();
        let has_failed = AtomicBool::new(false);
        let (has_failed, path) = (&has_failed, &*path);
        let fitted = thread::scope(|scope| {
            // Fits do not wait for the disk.
            let writer = thread::Builder::new().spawn_scoped(scope, move || {
                let written = self.write(path, &receiver);
                has_failed.store(written.is_err(), Ordering::Relaxed);
                written
            });
            let writer = writer.map_err(|error| Error::Threads(error.to_string()))?;
            let fitted = fit_many(&mut missing, threads, |_, item| {
                if !has_failed.load(Ordering::Relaxed) {
                    // Without a receiver the error is that of the writer.
                    let _ = sender.send((*item, fit(*item)?));
                }
                Ok(())
            });
            drop(sender);
            writer.join().unwrap_or_else(|panic| resume_unwind(panic))?;
            fitted
        })?;
        for (item, fitted) in missing.iter().zip(fitted) {
            fitted.map_err(|error| match error {
                // It counted what was missing.
                Error::Fit { error, .. } => Error::Fit {
                    index: *item,
                    error,
                },
                error => error,
            })?;
        }
        Ok(missing.len())
    }

    /// The results of all fits, in order, whatever shards computed them.
    ///
    /// A fit may have several results if they are the same bit by bit: schedulers sometimes start the same shard twice.
    ///
    /// # Errors
    /// - [`Error::Missing`], with the fits that have no result;
    /// - [`Error::Contradiction`], with a fit that has two, and their files;
    /// - [`Error::File`] with the path and [`Error::OtherFits`], if a file is of others; [`Error::Format`], if one is not as it was written: remove
    ///   it, and start its shard again;
    /// - [`Error::Io`].
    pub fn merge<T: Real, const N: usize>(&self) -> Result<Vec<[T; N]>, Error> {
        let all = self.read::<T, N>()?;
        let missing = all
            .iter()
            .enumerate()
            .filter(|(_, result)| result.is_none());
        let items: Vec<usize> = missing.map(|(item, _)| item).collect();
        if !items.is_empty() {
            return Err(Error::Missing {
                total: self.count,
                items,
            });
        }
        Ok(all.into_iter().flatten().collect())
    }

    /// What the directory has of every fit.
    fn read<T: Real, const N: usize>(&self) -> Result<Vec<Option<[T; N]>>, Error> {
        let settings = self.settings::<T, N>();
        let mut paths = Vec::new();
        for_each_name(&self.directory, &mut |name, path| {
            if name.starts_with(NAME.0) && name.ends_with(NAME.1) {
                paths.push(path);
            }
        })?;
        paths.sort();
        // With the file that it is from.
        let mut all = vec![None; self.count];
        for (file, path) in paths.iter().enumerate() {
            for (item, result) in read_shared(path, &settings)?.into_iter() {
                let Some(place) = all.get_mut(item) else {
                    let why = format!("it has fit {item}, but there are {}", self.count);
                    return Err(malformed(why).within(path));
                };
                match place {
                    None => *place = Some((file, result)),
                    Some((_, other)) if bytes(other) == bytes(&result) => {}
                    Some((other, _)) => {
                        return Err(Error::Contradiction {
                            item,
                            paths: [paths[*other].clone(), path.clone()],
                        });
                    }
                }
            }
        }
        let all = all.into_iter();
        Ok(all.map(|place| place.map(|(_, result)| result)).collect())
    }

    /// Everything that the results belong to.
    fn settings<T: Real, const N: usize>(&self) -> Settings {
        let mut settings = self.settings.clone();
        settings.insert("count".to_owned(), self.count.to_string());
        settings.insert("numbers".to_owned(), format!("{N} x {}", dtype::<T>().name));
        settings
    }

    /// A file of this process alone: another one may compute the same shard, and must not replace it.
    fn new_path(&self, shard: Shard) -> PathBuf {
        let random = RandomState::new().build_hasher().finish();
        let (prefix, suffix) = NAME;
        let (index, count) = (shard.index(), shard.count());
        let name = format!("{prefix}{index}-of-{count}-{random:016x}{suffix}");
        self.directory.join(name)
    }

    /// Writes results as they come, none later than the interval after it came.
    fn write<T: Real, const N: usize>(
        &self,
        path: &Path,
        receiver: &Receiver<(usize, [T; N])>,
    ) -> Result<(), Error> {
        let settings = self.settings::<T, N>();
        let mut results = Results::new();
        while let Ok(first) = receiver.recv() {
            results.push(first);
            let start = Instant::now();
            while let Ok(next) = receiver.recv_timeout(self.every.saturating_sub(start.elapsed())) {
                results.push(next);
            }
            results.write(path, &settings)?;
        }
        Ok(())
    }
}

/// Reads a file that its process may replace meanwhile. On network file systems the old one may then be gone.
fn read_shared<T: Real, const N: usize>(
    path: &Path,
    settings: &Settings,
) -> Result<Results<T, N>, Error> {
    let mut tries = 1;
    loop {
        match Results::read(path, settings) {
            Err(Error::Io {
                kind: io::ErrorKind::StaleNetworkFileHandle,
                ..
            }) if tries < TRIES => tries += 1,
            read => return read,
        }
    }
}
