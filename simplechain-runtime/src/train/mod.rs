//! Training: epochs over full or mini-batches.

mod many;
mod validation;

use core::ops::{ControlFlow, Range};
use std::time::{Duration, Instant};

use rand::Rng;
use rand::rngs::Xoshiro256PlusPlus;

use crate::batch::{Encoded, Gather, LossSeed, Nowhere, Packed, Pass, Plan, Rows};
use crate::chain::{self, Array, Chain, check_batch};
use crate::data::Samples;
use crate::error::{Error, NotFinite, check_range};
use crate::init;
use crate::layer::{self, Mode};
use crate::loss::Loss;
use crate::optim::{Optimizer, State};
use crate::simd::Real;
#[cfg(feature = "rayon")]
use crate::simd::Tier;
use crate::threads;

pub use many::fit_many;
pub use validation::Validation;
use validation::Watch;

/// Ties a chain, a loss and an optimizer together.
///
/// The same seed gives the same parameters to the bit, for any number of threads and on any tier.
///
/// ```text
/// every epoch:  shuffle -> for every batch: pack -> forward -> loss -> backward -> reduce -> step
/// ```
#[derive(Debug)]
pub struct Trainer<C, L, O> {
    chain: C,
    loss: L,
    optimizer: O,
    batch_size: Option<usize>,
    threads: Option<usize>,
    require_finite: bool,
    orders: Orders,
    #[cfg(feature = "rayon")]
    pool: Option<rayon_core::ThreadPool>,
}

/// What a trainer remembers, as plain numbers to be saved.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainerState<T> {
    /// The optimizer's.
    pub optimizer: State<T>,
    /// The seed of the orders of the samples and of dropout.
    pub seed: u64,
    /// How many random numbers were drawn for them.
    pub drawn: u64,
    /// Steps that were made: each drops other numbers.
    pub steps: u64,
}

/// The orders of the samples, epoch after epoch, and what else is random.
#[derive(Debug)]
struct Orders {
    seed: u64,
    rng: Xoshiro256PlusPlus,
    drawn: u64,
    steps: u64,
}

impl Orders {
    fn new(seed: u64) -> Self {
        Self {
            seed,
            rng: init::rng(seed),
            drawn: 0,
            steps: 0,
        }
    }

    fn shuffle(&mut self, order: &mut [u32]) {
        init::shuffle(order, &mut self.rng);
        // One for every place but the first.
        self.drawn += order.len().saturating_sub(1) as u64;
    }

    /// What the next step is for.
    fn next_step(&mut self, samples: usize) -> Mode {
        let step = layer::mix(self.steps);
        self.steps += 1;
        Mode::Training {
            seed: layer::mix(self.seed ^ step),
            first: 0,
            samples,
        }
    }

    fn skip(&mut self, numbers: u64) {
        for _ in 0..numbers {
            self.rng.next_u64();
        }
        self.drawn += numbers;
    }
}

/// What an epoch gave.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Epoch {
    /// Counted from 0 in every call of `fit`.
    pub index: usize,
    /// The mean loss over the samples, each taken with the parameters that its batch was computed with.
    pub loss: f64,
    /// The loss of the validation samples with the parameters that the epoch left, where there are such.
    pub validation: Option<f64>,
    /// Wall time, without validation.
    pub duration: Duration,
}

/// What a call of `fit` gave, epoch by epoch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The epochs that were run.
    pub epochs: Vec<Epoch>,
    /// The epoch with the least validation loss, whose parameters were kept.
    pub best: Option<usize>,
}

impl History {
    /// The loss of the last epoch, NaN before the first.
    pub fn last_loss(&self) -> f64 {
        self.epochs.last().map_or(f64::NAN, |epoch| epoch.loss)
    }
}

impl<C: Chain, L, O> Trainer<C, L, O> {
    /// A trainer for full batches, on all CPUs, with seed 0.
    pub fn new(chain: C, loss: L, optimizer: O) -> Self {
        Self {
            chain,
            loss,
            optimizer,
            batch_size: None,
            threads: None,
            require_finite: false,
            orders: Orders::new(0),
            #[cfg(feature = "rayon")]
            pool: None,
        }
    }

    /// Trains on mini-batches of this many samples, in a new order every epoch; the last batch may be smaller.
    #[must_use]
    pub fn batch_size(self, samples: usize) -> Self {
        Self {
            batch_size: Some(samples),
            ..self
        }
    }

    /// Uses this many threads, at least 1; without, one for every CPU. (Without the feature `rayon`, always one.)
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self {
            threads: Some(threads),
            #[cfg(feature = "rayon")]
            pool: None,
            ..self
        }
    }

    /// Seeds the order of the samples, and dropout. The stream goes on from one call of `fit` to the next.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self {
            orders: Orders::new(seed),
            ..self
        }
    }

    /// Whether `fit` refuses data with infinite numbers or NaN; without, they are computed with.
    #[must_use]
    pub fn require_finite(self, require: bool) -> Self {
        Self {
            require_finite: require,
            ..self
        }
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

    /// All that a training needs, besides parameters, data and settings, to go on with the same bits.
    pub fn state<T: Real>(&self) -> TrainerState<T>
    where
        O: Optimizer<T>,
    {
        TrainerState {
            optimizer: self.optimizer.state(),
            seed: self.orders.seed,
            drawn: self.orders.drawn,
            steps: self.orders.steps,
        }
    }

    /// Takes a state back, into a trainer with the same settings. The random numbers of the epochs before are drawn
    /// again: a second for a billion samples.
    ///
    /// # Errors
    /// [`Error::Length`] if it is not that of such an optimizer; then the trainer must not be used.
    pub fn restore<T: Real>(&mut self, state: TrainerState<T>) -> Result<(), Error>
    where
        O: Optimizer<T>,
    {
        self.orders = Orders::new(state.seed);
        self.orders.skip(state.drawn);
        self.orders.steps = state.steps;
        self.optimizer.restore(state.optimizer)
    }

    /// Trains for so many epochs.
    ///
    /// # Errors
    /// If the data or a setting is wrong; then nothing is changed.
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
        self.fit_with(
            params,
            xs,
            targets,
            epochs,
            |_, _| ControlFlow::Continue(()),
        )
    }

    /// Trains for so many epochs (`usize::MAX` will do), or until `on_epoch` breaks, which is called after every one
    /// with its figures and the parameters it left.
    ///
    /// # Errors
    /// If the data or a setting is wrong; then nothing is changed.
    pub fn fit_with<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        epochs: usize,
        on_epoch: impl FnMut(&Epoch, &C::Params<T>) -> ControlFlow<()> + Send,
    ) -> Result<History, Error>
    where
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.train::<T, X, X>(params, xs, targets, None, epochs, on_epoch)
    }

    /// Trains for so many epochs, or until the validation's patience is at its end, and leaves the parameters of the best
    /// epoch. A schedule on plateaus sees the validation's loss.
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
    /// If the data or a setting is wrong; then nothing is changed.
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
        let on_epoch = |_: &Epoch, _: &C::Params<T>| ControlFlow::Continue(());
        self.train(params, xs, targets, Some(validation), epochs, on_epoch)
    }

    /// [`fit_validated`](Self::fit_validated) with a call after every epoch, as [`fit_with`](Self::fit_with).
    ///
    /// # Errors
    /// As there.
    pub fn fit_validated_with<T, X, V>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        validation: &Validation<'_, V, L::Target>,
        epochs: usize,
        on_epoch: impl FnMut(&Epoch, &C::Params<T>) -> ControlFlow<()> + Send,
    ) -> Result<History, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        V: Samples<T, C::Input<T>> + ?Sized,
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.train(params, xs, targets, Some(validation), epochs, on_epoch)
    }

    fn train<T, X, V>(
        &mut self,
        params: &mut C::Params<T>,
        xs: &X,
        targets: &[L::Target],
        validation: Option<&Validation<'_, V, L::Target>>,
        epochs: usize,
        on_epoch: impl FnMut(&Epoch, &C::Params<T>) -> ControlFlow<()> + Send,
    ) -> Result<History, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        V: Samples<T, C::Input<T>> + ?Sized,
        L: Loss<C, T> + Send,
        O: Optimizer<T> + Send,
    {
        self.check(xs, targets)?;
        if let Some(validation) = validation {
            self.check(validation.xs, validation.targets)?;
            validation.check()?;
        }
        self.optimizer.check()?;
        let threads = self.make_pool()?;
        self.optimizer.prepare(C::PARAM_COUNT)?;
        let batch_size = self.batch_size.unwrap_or(xs.count()).min(xs.count());
        let mut frozen = Vec::new();
        let mut states = Vec::new();
        let mut frozen_until = 0;
        chain::for_each_layer(C::LAYERS, 0, &mut |layer, range| {
            let copy = |range: Range<usize>| (range.clone(), params.as_slice()[range].to_vec());
            if range.start < frozen_until {
                return;
            }
            if !layer.trained {
                frozen_until = range.end;
                frozen.push(copy(range));
            } else if layer.state_count > 0 {
                states.push(copy(range.end - layer.state_count..range.end));
            }
        });
        let Self {
            chain,
            loss,
            optimizer,
            orders,
            ..
        } = self;
        let fit = Fit {
            chain: *chain,
            loss,
            optimizer,
            orders,
            threads,
            batch_size,
            params,
            xs,
            targets,
            frozen: &frozen,
            states,
        };
        let run = move || fit.run(epochs, validation, on_epoch);
        #[cfg(feature = "rayon")]
        if let Some(pool) = &self.pool {
            // Now: a thread may be late for its share of a batch, and should not allocate in the middle of the run.
            let plan = Plan::training::<C, T>(batch_size);
            pool.broadcast(|_| plan.reserve::<C, T>());
            // Once around the whole run: entering the pool costs more than a small epoch.
            let tier = Tier::current();
            return Ok(pool.install(move || tier.with(run))?);
        }
        Ok(run())
    }

    fn check<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        targets: &[L::Target],
    ) -> Result<(), Error>
    where
        L: Loss<C, T>,
    {
        threads::check(self.threads.unwrap_or(1))?;
        let batch_size = self.batch_size.unwrap_or(1);
        check_range(
            "the batch size",
            batch_size as f64,
            batch_size > 0,
            "at least 1",
        )?;
        check_batch(&self.loss, self.chain, xs, targets)?;
        if u32::try_from(xs.count()).is_err() {
            return Err(Error::OutOfRange {
                what: "the number of samples",
                value: xs.count() as f64,
                allowed: "below 2^32",
            });
        }
        if self.require_finite {
            let bad = find_not_finite(self.chain, &self.loss, xs, targets, 0..xs.count());
            if let Some(number) = bad {
                return Err(Error::NotFinite(number));
            }
        }
        Ok(())
    }

    /// The number of threads; if it is more than 1 there is a pool for them afterwards.
    fn make_pool(&mut self) -> Result<usize, Error> {
        #[cfg(feature = "rayon")]
        {
            let threads = match self.threads {
                Some(threads) => threads,
                None if many::is_one_of_many() => 1,
                None => threads::available(),
            };
            if threads > 1 && self.pool.is_none() {
                let pool = rayon_core::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build();
                self.pool = Some(pool.map_err(|error| Error::Threads(error.to_string()))?);
            }
            Ok(threads)
        }
        #[cfg(not(feature = "rayon"))]
        Ok(1)
    }
}

/// The first number of some samples that is infinite or NaN.
pub(crate) fn find_not_finite<C, T, L, X>(
    _: C,
    loss: &L,
    xs: &X,
    targets: &[L::Target],
    samples: impl Iterator<Item = usize>,
) -> Option<NotFinite>
where
    C: Chain,
    T: Real,
    L: Loss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    let mut input = C::Input::boxed(T::ZERO);
    let mut encoded = C::Output::boxed(T::ZERO);
    let first = |what, sample, numbers: &[T]| {
        let column = numbers.iter().position(|x| !x.is_finite())?;
        Some(NotFinite {
            what,
            sample,
            column,
            value: numbers[column].to_f64(),
        })
    };
    for sample in samples {
        xs.read(sample, 0, input.as_mut_slice());
        loss.encode(&targets[sample], encoded.as_mut_slice());
        let bad = first("input", sample, input.as_slice())
            .or_else(|| first("target", sample, encoded.as_slice()));
        if bad.is_some() {
            return bad;
        }
    }
    None
}

/// Epochs whose figures have their room before the first one starts; later ones may allocate.
const MOST_RESERVED: usize = 1 << 16;

/// One call of `fit`, checked.
struct Fit<'a, C: Chain, T: Real, L: Loss<C, T>, O, X: ?Sized> {
    chain: C,
    loss: &'a L,
    optimizer: &'a mut O,
    orders: &'a mut Orders,
    threads: usize,
    batch_size: usize,
    params: &'a mut C::Params<T>,
    xs: &'a X,
    targets: &'a [L::Target],
    /// The parameters that are not trained.
    frozen: &'a [(Range<usize>, Vec<T>)],
    /// Those that follow the data.
    states: Vec<(Range<usize>, Vec<T>)>,
}

impl<C, T, L, O, X> Fit<'_, C, T, L, O, X>
where
    C: Chain,
    T: Real,
    L: Loss<C, T>,
    O: Optimizer<T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    fn run<V: Samples<T, C::Input<T>> + ?Sized>(
        mut self,
        epochs: usize,
        validation: Option<&Validation<'_, V, L::Target>>,
        mut on_epoch: impl FnMut(&Epoch, &C::Params<T>) -> ControlFlow<()>,
    ) -> History {
        let mut history = History {
            epochs: Vec::with_capacity(epochs.min(MOST_RESERVED)),
            best: None,
        };
        let mut watch = validation.map(Validation::watch::<Box<C::Params<T>>>);
        let mut grads = C::Params::boxed(T::ZERO);
        let mut data = if self.batch_size == self.xs.count() {
            self.pack()
        } else {
            Data::shuffled(self.xs.count())
        };
        for index in 0..epochs {
            let start = Instant::now();
            let loss = match &mut data {
                Data::Packed { x, targets } => {
                    let sum = self.step(
                        Rows::Packed(x),
                        Rows::Packed(targets),
                        None,
                        self.xs.count(),
                        &mut grads,
                    );
                    sum.to_f64() / self.xs.count() as f64
                }
                Data::Shuffled { order } => {
                    self.orders.shuffle(order);
                    self.mini_batches(order, &mut grads)
                }
            };
            let duration = start.elapsed();
            let validation = validation.map(|validation| self.validate(validation));
            let epoch = Epoch {
                index,
                loss,
                validation,
                duration,
            };
            history.epochs.push(epoch);
            self.optimizer.observe(validation.unwrap_or(loss));
            let mut stops = on_epoch(&epoch, self.params).is_break();
            if let (Some(watch), Some(loss)) = (&mut watch, validation) {
                stops |= watch.see(index, loss, |memory| {
                    let mut best = memory.unwrap_or_else(|| C::Params::boxed(T::ZERO));
                    best.as_mut_slice().copy_from_slice(self.params.as_slice());
                    best
                });
            }
            if stops {
                break;
            }
        }
        if let Some((epoch, best)) = watch.and_then(Watch::best) {
            history.best = Some(epoch);
            self.params.as_mut_slice().copy_from_slice(best.as_slice());
        }
        history
    }

    /// The mean loss of samples that are not trained on.
    fn validate<V: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        validation: &Validation<'_, V, L::Target>,
    ) -> f64 {
        let count = validation.xs.count();
        let given = || Encoded::new(self.chain, self.loss, validation.targets, None);
        let sum = T::wide(Pass::<C, T, _, _, _, _, false, false> {
            chain: self.chain,
            params: T::as_params(self.params.as_slice()),
            plan: Plan::new::<C, T>(count),
            threads: self.threads,
            mode: Mode::Inference,
            x: Rows::Source(Gather::new(validation.xs, None)),
            seed: LossSeed::new(given(), Rows::Source(given()), T::ONE),
            ys: Nowhere,
            x_bars: Nowhere,
            params_bar: &mut [],
            add: false,
        });
        let penalty = self.loss.penalty(self.chain, self.params, None);
        sum.to_f64() / count as f64 + penalty.to_f64()
    }

    /// A full batch is the same every epoch: it is packed once.
    fn pack(&self) -> Data<T> {
        let panels = self.xs.count().div_ceil(T::PANEL);
        let x = Gather::new(self.xs, None);
        let targets = Encoded::new(self.chain, self.loss, self.targets, None);
        Data::Packed {
            x: Packed::new(&x, panels, C::INPUT_LEN),
            targets: Packed::new(&targets, panels, C::OUTPUT_LEN),
        }
    }

    fn mini_batches(&mut self, order: &[u32], grads: &mut C::Params<T>) -> f64 {
        let mut sum = 0.0;
        for order in order.chunks(self.batch_size) {
            let x = Gather::new(self.xs, Some(order));
            let targets = Encoded::new(self.chain, self.loss, self.targets, Some(order));
            sum += self
                .step(
                    Rows::Source(x),
                    Rows::Source(targets),
                    Some(order),
                    order.len(),
                    grads,
                )
                .to_f64();
        }
        sum / self.xs.count() as f64
    }

    /// One step of the optimizer; gives the sum of the losses before it.
    fn step(
        &mut self,
        x: Rows<'_, T, Gather<'_, X, C::Input<T>>>,
        targets: Rows<'_, T, Encoded<'_, C, L, L::Target>>,
        order: Option<&[u32]>,
        samples: usize,
        grads: &mut C::Params<T>,
    ) -> T {
        let given = Encoded::new(self.chain, self.loss, self.targets, order);
        let scale = T::from_f64(1.0 / samples as f64);
        let sum = T::wide(Pass::<C, T, _, _, _, _, true, false> {
            chain: self.chain,
            params: T::as_params(self.params.as_slice()),
            plan: Plan::training::<C, T>(samples),
            threads: self.threads,
            mode: self.orders.next_step(samples),
            x,
            seed: LossSeed::new(given, targets, scale),
            ys: Nowhere,
            x_bars: Nowhere,
            params_bar: grads.as_mut_slice(),
            add: false,
        });
        // In the place of a gradient stands what a state moves to.
        let momentum = T::from_f64(layer::MOMENTUM);
        for (range, values) in &mut self.states {
            for (value, seen) in values
                .iter_mut()
                .zip(&mut grads.as_mut_slice()[range.clone()])
            {
                *value += momentum * (*seen - *value);
                *seen = T::ZERO;
            }
        }
        let penalty = self.loss.penalty(self.chain, self.params, Some(grads));
        self.optimizer
            .step(self.params.as_mut_slice(), grads.as_mut_slice());
        // Weight decay and averages would move them.
        for (range, values) in self.frozen.iter().chain(&self.states) {
            self.params.as_mut_slice()[range.clone()].copy_from_slice(values);
        }
        // For the mean over the samples, as if each had it.
        sum + penalty * T::from_f64(samples as f64)
    }
}

/// The samples of a run.
enum Data<T: Real> {
    /// Every epoch is one batch.
    Packed { x: Packed<T>, targets: Packed<T> },
    /// Every epoch goes through the samples in a new order.
    Shuffled { order: Vec<u32> },
}

impl<T: Real> Data<T> {
    fn shuffled(samples: usize) -> Self {
        Self::Shuffled {
            order: (0..samples as u32).collect(),
        }
    }
}
