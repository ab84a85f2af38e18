//! The trainer: its settings, and the calls of `fit`.

use alloc::boxed::Box;
#[cfg(feature = "std")]
use alloc::sync::Arc;
use alloc::vec::Vec;
#[cfg(all(feature = "std", feature = "safetensors"))]
use alloc::{borrow::ToOwned, format, string::ToString, vec};
use core::ops::ControlFlow;
#[cfg(feature = "std")]
use core::ops::Range;

#[cfg(all(feature = "std", feature = "safetensors"))]
use super::checkpoint::{self, Checkpoints, Resumed, Settings, Writer};
use super::epoch::{Epoch, History, OnEpoch};
use super::order::SampleOrder;
#[cfg(feature = "rayon")]
use super::relay;
use super::run::{Fit, Good};
use super::snapshot::{Keeper, Progress, Start};
use super::validation::Validation;
use crate::array::Array;
use crate::data::Samples;
use crate::error::{Error, check_range};
use crate::finite::find_not_finite;
use crate::held;
use crate::loss::{Loss, check_batch};
use crate::network::Network;
#[cfg(all(feature = "std", feature = "safetensors"))]
use crate::optim;
use crate::optim::{Optimizer, State};
#[cfg(feature = "std")]
use crate::ranks::Communicator;
use crate::ranks::{self, Ranks};
use crate::run::plan::{MAX_CHUNKS, Plan};
use crate::run::source::Counted;
use crate::simd::{Real, Tier};
#[cfg(all(feature = "std", feature = "safetensors"))]
use crate::storage::Header;
#[cfg(feature = "rayon")]
use crate::threads::OwnPool;
use crate::threads::{Place, Unasked};

/// Combines a chain, a loss and an optimizer.
///
/// The same seed gives bit-identical parameters, for any number of threads and on any tier.
///
/// ```text
/// every epoch:  shuffle -> for every batch: pack -> forward -> loss -> backward -> reduce -> step
/// ```
///
/// **Threads.** With more than one, a trainer has a pool of its own, which it keeps. Inside of a rayon worker it makes none: a
/// fit takes one thread there, because the others have fits of their own, or, if [`threads`](Self::threads) says so, as many of
/// that pool. What is called from a part of a call that was shared out, as in [`fit_many`](super::fit_many), takes one thread, whatever it
/// is told. So there are never more threads than were asked for. After a `fork` a child has none of its parent's
/// threads: a trainer makes itself a new pool, and a call on a batch takes one thread, unless the first use of rayon's global
/// pool in the parent was not by this library; then set `RAYON_NUM_THREADS=1`, or call inside of a pool of the child's.
///
/// **Non-finite values.** Training stops at the first infinite or NaN loss or gradient with
/// [`Error::Diverged`], which names the step and, if one is the cause, the data element. The parameters are then those of
/// the last step whose loss and gradient were finite (with [`fit_validated`](Self::fit_validated), those of the best epoch
/// so far). [`allow_not_finite`](Self::allow_not_finite) continues instead.
///
/// **Batch norm** needs two samples in every training batch, unless they are images: a single sample left at the end of an
/// epoch is merged with the previous batch, and a batch size of 1 is [`Error::NoVariance`].
#[derive(Debug)]
pub struct Trainer<C, L, O> {
    chain: C,
    loss: L,
    optimizer: O,
    batch_size: Option<usize>,
    max_chunks: usize,
    threads: Option<usize>,
    require_finite: bool,
    allow_not_finite: bool,
    order: SampleOrder,
    #[cfg(feature = "std")]
    communicator: Option<Arc<dyn Communicator>>,
    #[cfg(feature = "rayon")]
    pool: Option<OwnPool>,
    #[cfg(all(feature = "std", feature = "safetensors"))]
    checkpoints: Option<Checkpoints>,
    /// What the next calls of `fit` continue from.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    resumed: Option<(Resumed, Header, Start<f64>)>,
    /// Calls of `fit` so far.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    fits: usize,
}

/// The state of a trainer, as plain numbers to be saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainerState<T> {
    /// The optimizer's.
    pub optimizer: State<T>,
    /// The seed of the sample order and of dropout.
    pub seed: u64,
    /// How many random numbers were drawn for the order.
    pub drawn: u64,
    /// Steps made: each has its own dropout masks.
    pub steps: u64,
}

impl<C: Network, L, O> Trainer<C, L, O> {
    /// A trainer for full batches, on all CPUs, with seed 0.
    pub fn new(chain: C, loss: L, optimizer: O) -> Self {
        Self {
            chain,
            loss,
            optimizer,
            batch_size: None,
            max_chunks: MAX_CHUNKS,
            threads: None,
            require_finite: false,
            allow_not_finite: false,
            order: SampleOrder::new(0),
            #[cfg(feature = "std")]
            communicator: None,
            #[cfg(feature = "rayon")]
            pool: None,
            #[cfg(all(feature = "std", feature = "safetensors"))]
            checkpoints: None,
            #[cfg(all(feature = "std", feature = "safetensors"))]
            resumed: None,
            #[cfg(all(feature = "std", feature = "safetensors"))]
            fits: 0,
        }
    }

    /// Trains on mini-batches of this many samples, in a new order every epoch; the last batch may be smaller (or, with batch
    /// norm, larger by one).
    #[must_use]
    pub fn batch_size(self, samples: usize) -> Self {
        Self {
            batch_size: Some(samples),
            ..self
        }
    }

    /// Uses this many threads, at least 1. The default is one per CPU, or one inside a rayon pool; no more than the pool
    /// has are used, and never more than [`max_chunks`](Self::max_chunks): they would have no work. (Without the feature `rayon`,
    /// and on WebAssembly, always one.)
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self {
            threads: Some(threads),
            #[cfg(feature = "rayon")]
            pool: None,
            ..self
        }
    }

    /// Seeds the sample order and dropout. The random stream continues from one call of `fit` to the next.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self {
            order: self.order.reseeded(seed),
            ..self
        }
    }

    /// Whether mini-batches take the samples in a new order every epoch (the default), or in their given order.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.order.shuffles = shuffle;
        self
    }

    /// Whether `fit` first checks all data for infinite values and NaN, and rejects them with [`Error::NotFinite`].
    #[must_use]
    pub fn require_finite(self, require: bool) -> Self {
        Self {
            require_finite: require,
            ..self
        }
    }

    /// Whether training continues with infinite or NaN losses and gradients, instead of [`Error::Diverged`].
    #[must_use]
    pub fn allow_not_finite(self, allow: bool) -> Self {
        Self {
            allow_not_finite: allow,
            ..self
        }
    }

    /// Trains together with the other processes of a communicator, each of which makes the same calls: every batch is shared out, and
    /// parameters and losses have the same bits as in one process, for any number of processes with any number of threads each.
    ///
    /// - Of a full batch, a process reads [its own samples](Self::own_samples) alone, and the targets of these: so each may hold its
    ///   part of the data. [`Samples::count`] and the number of targets are those of the whole; targets of other samples are not used, but
    ///   must be valid. The same holds for validation samples. (A loss with weights reads the first sample whose weight is not 0 in place
    ///   of each whose weight is.)
    /// - Mini-batches take samples in an order that the seed gives, so every process must be able to read them all: from memory, or from a file
    ///   that all see. It reads only its part of each batch.
    /// - A process has work if a batch has a chunk for it: there are at most
    ///   [64](Self::max_chunks) in one. A chain with `batch_norm` needs the whole batch
    ///   at once, which one process computes.
    /// - Rank 0 writes the [checkpoints](Self::checkpoints); all read them to [resume](Self::resume), from a directory that all see. The
    ///   number of processes may have changed.
    /// - Callbacks are called in all of them; if one breaks, all stop.
    ///
    /// An error of one process ends the call in all, with [`Error::Rank`] in the others; calls that differ, with [`Error::RanksDiffer`].
    #[cfg(feature = "std")]
    #[must_use]
    pub fn over(self, communicator: impl Communicator + 'static) -> Self {
        let communicator: Arc<dyn Communicator> = Arc::new(communicator);
        Self {
            // Of one, nothing is to be exchanged.
            communicator: Some(communicator).filter(|ranks| ranks.size() > 1),
            ..self
        }
    }

    /// Splits a batch into this many chunks at most, each with a gradient of its own: as many as there are to be threads in all processes together. The default is
    /// 64. There are no more than tiles of at least 64 samples. The sums are taken in another order, so the last bits change.
    #[must_use]
    pub fn max_chunks(self, chunks: usize) -> Self {
        Self {
            max_chunks: chunks,
            ..self
        }
    }

    /// Of this many samples, those that this process reads in a full batch: all without [`over`](Self::over).
    #[cfg(feature = "std")]
    pub fn own_samples<T: Real>(&self, samples: usize) -> Range<usize> {
        let ranks = self.communicator.as_deref().map(Ranks::new);
        Plan::training::<C, T>(samples, self.max_chunks).own_samples::<T>(ranks.as_ref())
    }

    /// The optimizer with its state.
    pub fn optimizer(&self) -> &O {
        &self.optimizer
    }

    /// The optimizer, to change its settings between two calls of `fit`.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// The optimizer with its state, for another trainer.
    pub fn into_optimizer(self) -> O {
        self.optimizer
    }

    /// All that training needs, besides parameters, data and settings, to continue bit for bit.
    pub fn state<T: Real>(&self) -> TrainerState<T>
    where
        O: Optimizer<T>,
    {
        TrainerState {
            optimizer: self.optimizer.state(),
            seed: self.order.seed,
            drawn: self.order.drawn,
            steps: self.order.steps,
        }
    }

    /// Restores a state into a trainer with the same settings. The random numbers of the previous epochs are drawn
    /// again: a second for a billion samples.
    ///
    /// # Errors
    /// [`Error::Length`] if it belongs to another kind of optimizer; then the trainer must not be used.
    pub fn restore<T: Real>(&mut self, state: TrainerState<T>) -> Result<(), Error>
    where
        O: Optimizer<T>,
    {
        self.order = self.order.reseeded(state.seed);
        self.order.skip(state.drawn);
        self.order.steps = state.steps;
        self.optimizer.restore(state.optimizer)
    }

    /// Writes checkpoints, from which the training [resumes](Self::resume) after an interruption.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    #[must_use]
    pub fn checkpoints(self, checkpoints: Checkpoints) -> Self {
        Self {
            checkpoints: Some(checkpoints),
            ..self
        }
    }

    /// Reads the last whole checkpoint into a new trainer and the parameters, if there is one. The next call of `fit` then continues
    /// where it was written: of the epochs that it is given, it runs those that are left, with the same data, and ends
    /// with the same bits as if it had not been interrupted. [`Epoch::index`] counts on; the [`History`] has the epochs of this
    /// call alone.
    ///
    /// If the checkpoint is from a later call of `fit` of the trainer, the calls before it change nothing and return an empty history: so a program
    /// that makes several calls is started again as it is.
    ///
    /// # Errors
    /// [`Error::Resume`] for other settings, here or from `fit`: another loss, optimizer, batch size, seed, validation or number of samples.
    /// The numbers of threads and of epochs may differ.
    ///
    /// [`Error::File`] with [`Error::Architecture`], if it is of another chain; [`Error::Io`]. If there are checkpoints, but none is whole, the
    /// error of the last one; [`Error::NoCheckpoints`] without [`checkpoints`](Self::checkpoints).
    #[cfg(all(feature = "std", feature = "safetensors"))]
    pub fn resume<T: Real>(&mut self, params: &mut C::Params<T>) -> Result<Option<Resumed>, Error>
    where
        O: Optimizer<T>,
    {
        let checkpoints = self.checkpoints.as_mut().ok_or(Error::NoCheckpoints)?;
        let Some(last) = checkpoints.last::<C, T>()? else {
            return Ok(None);
        };
        // Between calls of `fit` a program may change them.
        if last.resumed.fit == self.fits {
            let path = &last.resumed.path;
            checkpoint::check_settings(&last.header, &self.settings())
                .map_err(|error| error.within(path))?;
        }
        self.optimizer.restore(last.optimizer)?;
        self.order = self.order.reseeded(last.seed);
        self.order.skip(last.drawn);
        self.order.steps = last.steps;
        params.as_mut_slice().copy_from_slice(&last.params);
        let in_f64 = |numbers: Vec<T>| numbers.into_iter().map(Real::to_f64).collect();
        let Start {
            progress,
            best,
            good,
        } = last.start;
        let start = Start {
            progress,
            best: best.map(|(epoch, loss, params)| (epoch, loss, in_f64(params))),
            good: good.map(in_f64),
        };
        self.resumed = Some((last.resumed.clone(), last.header, start));
        Ok(Some(last.resumed))
    }

    /// The settings that a checkpoint must have to continue from it.
    #[cfg(all(feature = "std", feature = "safetensors"))]
    fn settings<T: Real>(&self) -> Settings
    where
        O: Optimizer<T>,
    {
        let mut batch_size = self.batch_size.map_or("all".into(), |n| n.to_string());
        if self.max_chunks != MAX_CHUNKS {
            batch_size += &format!(", in {} chunks at most", self.max_chunks);
        }
        vec![
            ("number type", T::NAME.to_owned()),
            ("loss", optim::type_name::<L>()),
            ("optimizer", self.optimizer.settings()),
            ("batch size", batch_size),
            ("seed", self.order.seed.to_string()),
            ("shuffling", self.order.shuffles.to_string()),
        ]
    }

    /// Trains for this many epochs. Pending [accumulated](Optimizer::accumulate) gradients make a last step.
    ///
    /// # Errors
    /// If the data or a setting is wrong; then nothing is changed. [`Error::Diverged`] if a loss or a gradient is not finite.
    pub fn fit<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        epochs: usize,
    ) -> Result<History, Error>
    where
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.train::<T, X, X>(params, xs, targets, None, epochs, None)
    }

    /// Trains for this many epochs (`usize::MAX` is allowed), or until `on_epoch` breaks. It is called after every epoch
    /// with the results and the current parameters, on the caller's thread. (If the trainer has its own pool, that costs
    /// some microseconds, and a copy of the parameters.)
    ///
    /// # Errors
    /// If the data or a setting is wrong; then nothing is changed. [`Error::Diverged`] if a loss or a gradient is not finite.
    pub fn fit_with<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        epochs: usize,
        mut on_epoch: impl FnMut(&Epoch, &C::Params<T>) -> ControlFlow<()>,
    ) -> Result<History, Error>
    where
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.train::<T, X, X>(params, xs, targets, None, epochs, Some(&mut on_epoch))
    }

    /// Trains for this many epochs, or until the patience of the validation is exhausted, and keeps the parameters of the best
    /// epoch. A plateau schedule sees the validation loss.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 8) => dense(id, 1) }
    /// let xs: Vec<[f32; 2]> = (0..100).map(|i| [0.01 * i as f32, 0.1 * (i * 7 % 10) as f32]).collect();
    /// let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0] * x[1]]).collect();
    ///
    /// let (train, test) = (0..80, 80..100);
    /// let validation = Validation::new(&xs[test.clone()], &ys[test]).patience(50);
    /// let mut params = Net.init::<f32>(&mut rng(1));
    /// let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2));
    /// let history = trainer.fit_validated(&mut params, &xs[train.clone()], &ys[train], &validation, 1000)?;
    /// println!("best after {:?} of {} epochs", history.best, history.epochs.len());
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// If the data or a setting is wrong; then nothing is changed. [`Error::Diverged`] if a loss or a gradient is not finite.
    pub fn fit_validated<T, X, V>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        validation: &Validation<'_, V, L::Target>,
        epochs: usize,
    ) -> Result<History, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        V: Samples<T, C::Input<T>> + ?Sized,
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.train(params, xs, targets, Some(validation), epochs, None)
    }

    /// [`fit_validated`](Self::fit_validated) with a callback after every epoch, as in [`fit_with`](Self::fit_with).
    ///
    /// # Errors
    /// As [`fit_validated`](Self::fit_validated).
    pub fn fit_validated_with<T, X, V>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        validation: &Validation<'_, V, L::Target>,
        epochs: usize,
        mut on_epoch: impl FnMut(&Epoch, &C::Params<T>) -> ControlFlow<()>,
    ) -> Result<History, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        V: Samples<T, C::Input<T>> + ?Sized,
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.train(
            params,
            xs,
            targets,
            Some(validation),
            epochs,
            Some(&mut on_epoch),
        )
    }

    fn train<T, X, V>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        validation: Option<&Validation<'_, V, L::Target>>,
        epochs: usize,
        on_epoch: Option<OnEpoch<'_, C::Params<T>>>,
    ) -> Result<History, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        V: Samples<T, C::Input<T>> + ?Sized,
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        #[cfg(all(feature = "std", feature = "safetensors"))]
        if let Some((resumed, ..)) = &self.resumed
            && self.fits < resumed.fit
        {
            self.fits += 1;
            return Ok(History::default());
        }
        #[cfg(feature = "std")]
        let communicator = self.communicator.clone();
        #[cfg(feature = "std")]
        let ranks = communicator.as_deref().map(Ranks::new);
        #[cfg(not(feature = "std"))]
        let ranks: Option<Ranks<'_>> = None;
        let mut begun = self.begin(ranks.as_ref(), params, xs, targets, validation, epochs);
        if let Some(ranks) = &ranks {
            begun = ranks.agree(begun);
        }
        let begun = begun?;
        if let Some(ranks) = &ranks {
            let validated = validation.map_or(0, |validation| validation.xs.count());
            let counts = [xs.count(), validated, begun.batch_size, epochs];
            let progress = begun.start.progress;
            self.check_same(ranks, params, counts, progress, on_epoch.is_some())?;
        }
        let Begun {
            batch_size,
            place,
            start,
            #[cfg(all(feature = "std", feature = "safetensors"))]
            settings,
        } = begun;
        let Start {
            progress: start,
            best,
            good,
        } = start;
        let Self {
            chain,
            loss,
            optimizer,
            order,
            max_chunks,
            ..
        } = self;
        #[cfg(all(feature = "std", feature = "safetensors"))]
        let mut writer = self.checkpoints.as_mut().map(|checkpoints| {
            Writer::<C>::new(checkpoints, settings, order.drawn, self.fits, start)
        });
        #[cfg(all(feature = "std", feature = "safetensors"))]
        if ranks.as_ref().is_some_and(|ranks| !ranks.is_first()) {
            writer = None;
        }
        #[cfg(all(feature = "std", feature = "safetensors"))]
        let keeper = writer.as_mut().map(|writer| writer as &mut dyn Keeper<T>);
        #[cfg(not(all(feature = "std", feature = "safetensors")))]
        let keeper: Option<&mut dyn Keeper<T>> = None;
        #[cfg(all(feature = "std", feature = "safetensors"))]
        {
            self.fits += 1;
        }
        let boxed = |numbers: Vec<T>| {
            let mut params = C::Params::boxed(T::ZERO);
            params.as_mut_slice().copy_from_slice(&numbers);
            params
        };
        let best = best.map(|(epoch, loss, params)| (epoch, loss, boxed(params)));
        let watch = validation.map(|validation| validation.watch(best));
        let mut last_good = (!self.allow_not_finite).then(Good::new::<T>);
        if let (Some(memory), Some(good)) = (&mut last_good, good) {
            memory.known(&good);
        }
        let min_batch = held::min_batch(C::LAYERS);
        let loss = &*loss;
        let xs = &Counted::new(*chain, loss, xs, targets);
        let held = held::ranges(C::LAYERS);
        let fit = Fit {
            chain: *chain,
            loss,
            optimizer,
            order,
            threads: place.threads(),
            batch_size,
            max_chunks: *max_chunks,
            min_batch,
            params,
            good: last_good,
            xs,
            targets,
            held: &held,
            watch,
            start,
            keeper,
            ranks,
        };
        #[cfg(feature = "rayon")]
        if let (Place::Own(_), Some(pool)) = (place, &self.pool) {
            // Allocate now: a thread may be late for its part of a batch, and should not allocate in the middle of the run.
            let samples = (batch_size + min_batch - 1).min(xs.count());
            let plan = Plan::training::<C, T>(samples, *max_chunks);
            pool.on_every_thread(&|| plan.reserve::<C, T>());
            // Around the whole run: entering the pool costs more than a small epoch.
            let tier = Tier::current();
            return match on_epoch {
                Some(on_epoch) => relay::install(pool, on_epoch, |on_epoch| {
                    tier.with(|| fit.run(epochs, validation, Some(on_epoch)))
                }),
                None => pool.run(|| tier.with(|| fit.run(epochs, validation, None))),
            }?;
        }
        fit.run(epochs, validation, on_epoch)
    }

    /// What can go wrong at the beginning.
    fn begin<T, X, V>(
        &mut self,
        ranks: Option<&Ranks<'_>>,
        params: &C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        validation: Option<&Validation<'_, V, L::Target>>,
        epochs: usize,
    ) -> Result<Begun<T>, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        V: Samples<T, C::Input<T>> + ?Sized,
        L: Loss<C, T>,
        O: Optimizer<T>,
    {
        let batch_size = self.batch_size.unwrap_or(xs.count()).min(xs.count());
        self.check(ranks, xs, targets)?;
        if epochs > 0 {
            held::check_batch(C::LAYERS, batch_size)?;
        }
        if let Some(validation) = validation {
            self.check(ranks, validation.xs, validation.targets)
                .map_err(|error| Error::Validation(Box::new(error)))?;
            validation.check()?;
        }
        if !self.allow_not_finite {
            check_params(params.as_slice())?;
        }
        self.optimizer.check()?;
        let place = Place::of(self.threads, Unasked::One)?.at_most(self.max_chunks);
        #[cfg(feature = "rayon")]
        if let Place::Own(threads) = place
            && self.pool.as_ref().is_none_or(OwnPool::is_lost)
        {
            self.pool = Some(OwnPool::new(threads)?);
        }
        #[cfg(not(all(feature = "std", feature = "safetensors")))]
        let (start, is_resumed) = (Start::<T>::default(), false);
        #[cfg(all(feature = "std", feature = "safetensors"))]
        let settings = {
            let mut settings = self.settings();
            settings.push(("number of samples", xs.count().to_string()));
            let validation = validation.map_or("none".to_owned(), Validation::settings);
            settings.push(("validation", validation));
            settings
        };
        #[cfg(all(feature = "std", feature = "safetensors"))]
        let (start, is_resumed) = match self.resumed.take() {
            Some((resumed, header, start)) => {
                let same = checkpoint::check_settings(&header, &settings);
                if let Err(error) = same {
                    let error = error.within(&resumed.path);
                    self.resumed = Some((resumed, header, start));
                    return Err(error);
                }
                (start.cast(), true)
            }
            None => (Start::default(), false),
        };
        #[cfg(all(feature = "std", feature = "safetensors"))]
        if let Some(checkpoints) = &mut self.checkpoints {
            checkpoints.check()?;
            if ranks.is_none_or(Ranks::is_first) {
                checkpoints.prepare()?;
            }
        }
        self.optimizer.prepare(C::PARAM_COUNT)?;
        if !is_resumed {
            self.optimizer.discard();
        }
        Ok(Begun {
            batch_size,
            place,
            start,
            #[cfg(all(feature = "std", feature = "safetensors"))]
            settings,
        })
    }

    /// Whether all ranks make the same call.
    fn check_same<T: Real>(
        &self,
        ranks: &Ranks<'_>,
        params: &C::Params<T>,
        [samples, validated, batch_size, epochs]: [usize; 4],
        progress: Progress,
        has_callback: bool,
    ) -> Result<(), Error>
    where
        O: Optimizer<T>,
    {
        let state = self.state::<T>();
        let order = [state.seed, state.drawn, state.steps];
        let vectors = state.optimizer.vectors.iter();
        let vectors: Vec<u64> = vectors.map(|vector| ranks::hash(vector)).collect();
        ranks.compare([
            (
                "whether multiply-adds are fused",
                u64::from(Tier::current().is_fused()),
            ),
            ("the number of samples", samples as u64),
            ("the number of validation samples", validated as u64),
            ("the batch size", batch_size as u64),
            ("the number of chunks", self.max_chunks as u64),
            ("the number of epochs", epochs as u64),
            ("the epoch to begin with", progress.epoch as u64),
            ("the batch to begin with", progress.batch as u64),
            ("the seed, or the steps made", ranks::hash(&order)),
            ("shuffling", u64::from(self.order.shuffles)),
            ("the parameters", ranks::hash(params.as_slice())),
            (
                "the optimizer",
                ranks::hash(self.optimizer.settings().as_bytes()),
            ),
            (
                "the optimizer's numbers",
                ranks::hash(&state.optimizer.numbers),
            ),
            ("the optimizer's vectors", ranks::hash(&vectors)),
            ("whether there is a callback", u64::from(has_callback)),
        ])
    }

    fn check<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        ranks: Option<&Ranks<'_>>,
        xs: &X,
        targets: &[L::Target],
    ) -> Result<(), Error>
    where
        L: Loss<C, T>,
    {
        let batch_size = self.batch_size.unwrap_or(1);
        check_range(
            "the batch size",
            batch_size as f64,
            batch_size > 0,
            "at least 1",
        )?;
        let chunks = self.max_chunks as f64;
        check_range("the number of chunks", chunks, chunks > 0.0, "at least 1")?;
        check_batch(&self.loss, self.chain, xs, targets)?;
        if u32::try_from(xs.count()).is_err() {
            return Err(Error::OutOfRange {
                what: "the number of samples",
                value: xs.count() as f64,
                allowed: "below 2^32",
            });
        }
        if self.require_finite {
            let samples =
                Plan::training::<C, T>(xs.count(), self.max_chunks).own_samples::<T>(ranks);
            let bad = find_not_finite(self.chain, &self.loss, xs, targets, samples);
            if let Some(number) = bad {
                return Err(Error::NotFinite(number));
            }
        }
        Ok(())
    }
}

/// What a call of `fit` begins with.
struct Begun<T> {
    batch_size: usize,
    place: Place,
    start: Start<T>,
    #[cfg(all(feature = "std", feature = "safetensors"))]
    settings: Settings,
}

/// Whether training can begin with these parameters.
fn check_params<T: Real>(params: &[T]) -> Result<(), Error> {
    match params.iter().position(|x| !x.is_finite()) {
        Some(index) => Err(Error::Parameter {
            index,
            value: params[index].to_f64(),
        }),
        None => Ok(()),
    }
}
