//! One validated call of `fit`: epochs, steps, and recovery of the last good parameters after a failure.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use super::epoch::{Epoch, History, OnEpoch};
use super::order::SampleOrder;
use super::snapshot::{Keeper, Progress, Snapshot};
use super::validation::{EarlyStopping, Validation};

use crate::array::Array;
use crate::clock::Instant;
use crate::data::Samples;
use crate::error::{Error, Step};
use crate::finite::find_not_finite;
use crate::held;
use crate::layer::Mode;
use crate::loss::Loss;
use crate::network::Network;
use crate::optim::{self, Optimizer};
use crate::run::batch::{BatchPass, Ends};
use crate::run::cotangents::LossCotangents;
use crate::run::plan::Plan;
use crate::run::sink::{Discard, Total};
use crate::run::source::{Counted, Encoded, Gather, Packed, TileInput};
use crate::simd::Real;

/// The number of epochs for whose results memory is reserved at the start; later ones may allocate.
const MAX_RESERVED: usize = 1 << 16;

/// One call of `fit`.
pub(super) struct Fit<'a, C: Network, T: Real, L: Loss<C, T>, O, X: ?Sized> {
    pub(super) chain: C,
    pub(super) loss: &'a L,
    pub(super) optimizer: &'a mut O,
    pub(super) order: &'a mut SampleOrder,
    pub(super) threads: usize,
    pub(super) batch_size: usize,
    /// The minimum batch size: a smaller remainder is merged with the previous batch.
    pub(super) min_batch: usize,
    pub(super) params: &'a mut C::Params<T>,
    /// The parameters of the last step with a finite loss and gradient, once there is one; `None` if not needed.
    pub(super) good: Option<Good<C::Params<T>>>,
    pub(super) xs: &'a X,
    pub(super) targets: &'a [L::Target],
    /// The parameters that the optimizer does not update.
    pub(super) held: &'a [Range<usize>],
    /// The best epoch so far, with validation.
    pub(super) watch: Option<EarlyStopping<Box<C::Params<T>>>>,
    /// Epochs and batches that another call has done.
    pub(super) start: Progress,
    pub(super) keeper: Option<&'a mut dyn Keeper<T>>,
}

/// Parameters whose loss and gradient are finite.
pub(super) struct Good<P> {
    params: Box<P>,
    is_known: bool,
}

impl<P> Good<P> {
    pub(super) fn new<T: Real>() -> Self
    where
        P: Array<T>,
    {
        Self {
            params: P::boxed(T::ZERO),
            is_known: false,
        }
    }

    /// Those of an earlier call.
    pub(super) fn known<T: Real>(&mut self, params: &[T])
    where
        P: Array<T>,
    {
        self.params.as_mut_slice().copy_from_slice(params);
        self.is_known = true;
    }
}

impl<C, T, L, O, X> Fit<'_, C, T, L, O, X>
where
    C: Network,
    T: Real,
    L: Loss<C, T>,
    O: Optimizer<T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    pub(super) fn run<V: Samples<T, C::Input<T>> + ?Sized>(
        mut self,
        epochs: usize,
        validation: Option<&Validation<'_, V, L::Target>>,
        on_epoch: Option<OnEpoch<'_, C::Params<T>>>,
    ) -> Result<History, Error> {
        let mut history = History {
            epochs: Vec::with_capacity(epochs.min(MAX_RESERVED)),
            best: None,
        };
        let ended = self.epochs(epochs, validation, &mut history, on_epoch);
        if let Some((epoch, best)) = self.watch.and_then(EarlyStopping::best) {
            history.best = Some(epoch);
            self.params.as_mut_slice().copy_from_slice(best.as_slice());
        }
        ended.map(|()| history)
    }

    fn epochs<V: Samples<T, C::Input<T>> + ?Sized>(
        &mut self,
        epochs: usize,
        validation: Option<&Validation<'_, V, L::Target>>,
        history: &mut History,
        mut on_epoch: Option<OnEpoch<'_, C::Params<T>>>,
    ) -> Result<(), Error> {
        let mut grads = C::Params::boxed(T::ZERO);
        let mut data = if self.batch_size == self.xs.count() {
            self.pack()
        } else {
            Data::ordered(self.xs.count())
        };
        if let Data::Ordered { order } = &mut data {
            for _ in 0..self.start.epoch {
                self.order.next_epoch(order);
            }
        }
        let mut last = Step::Batch { epoch: 0, batch: 0 };
        let mut done = self.start;
        let mut is_kept = true;
        for index in self.start.epoch..epochs {
            // A patience that was exhausted before.
            if self
                .watch
                .as_ref()
                .is_some_and(|watch| watch.is_over(index))
            {
                break;
            }
            let start = Instant::now();
            let loss;
            (loss, last) = self.epoch(index, &mut data, &mut grads)?;
            let duration = start.elapsed();
            let validation = validation.map(|validation| self.validate(index, validation));
            let validation = validation.transpose()?;
            let epoch = Epoch {
                index,
                loss,
                validation,
                duration,
            };
            history.epochs.push(epoch);
            self.optimizer.observe(validation.unwrap_or(loss));
            let mut stops = match &mut on_epoch {
                Some(on_epoch) => on_epoch(&epoch, self.params).is_break(),
                None => false,
            };
            if let (Some(watch), Some(loss)) = (self.watch.as_mut(), validation) {
                let params = self.params.as_slice();
                stops |= watch.record(index, loss, |memory| {
                    let mut best = memory.unwrap_or_else(|| C::Params::boxed(T::ZERO));
                    best.as_mut_slice().copy_from_slice(params);
                    best
                });
            }
            done = Progress {
                epoch: index + 1,
                ..Progress::default()
            };
            is_kept = self.keep_if_due(done)?;
            if stops {
                break;
            }
        }
        if !is_kept {
            self.keep(done)?;
        }
        let params = self.params.as_mut_slice();
        if optim::hold(C::LAYERS, self.held, self.optimizer, params, O::finish) {
            self.check_params(last)?;
        }
        Ok(())
    }

    /// Keeps a snapshot if one is due; returns whether it did.
    fn keep_if_due(&mut self, progress: Progress) -> Result<bool, Error> {
        let keeper = self.keeper.as_ref();
        let is_due = keeper.is_some_and(|keeper| keeper.is_due(progress));
        if is_due {
            self.keep(progress)?;
        }
        Ok(is_due)
    }

    fn keep(&mut self, progress: Progress) -> Result<(), Error> {
        let Some(keeper) = &mut self.keeper else {
            return Ok(());
        };
        let best = self.watch.as_ref().and_then(EarlyStopping::so_far);
        let good = self.good.as_ref().filter(|good| good.is_known);
        keeper.keep(Snapshot {
            params: self.params.as_slice(),
            optimizer: self.optimizer.state(),
            order: &*self.order,
            progress,
            best: best.map(|(epoch, loss, params)| (epoch, loss, params.as_slice())),
            good: good.map(|good| good.params.as_slice()),
        })
    }

    /// Runs one epoch; returns the mean loss over the samples, and the last step.
    fn epoch(
        &mut self,
        index: usize,
        data: &mut Data<T>,
        grads: &mut C::Params<T>,
    ) -> Result<(f64, Step), Error> {
        let count = self.xs.count();
        let (sum, last) = match data {
            Data::Packed { x, targets } => {
                let at = Step::Batch {
                    epoch: index,
                    batch: 0,
                };
                let (x, targets) = (TileInput::Packed(x), TileInput::Packed(targets));
                (self.step(at, x, targets, None, count, grads)?.to_f64(), at)
            }
            Data::Ordered { order } => {
                self.order.next_epoch(order);
                self.mini_batches(index, order, grads)?
            }
        };
        self.check_params(last)?;
        Ok((sum / count as f64, last))
    }

    /// Checks that the parameters are finite after a step: no later loss may reveal it.
    fn check_params(&mut self, at: Step) -> Result<(), Error> {
        if self.good.is_some() && !T::all_finite(self.params.as_slice()) {
            return Err(self.diverged("parameters", at, None));
        }
        Ok(())
    }

    /// The mean loss of the validation samples.
    fn validate<V: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        epoch: usize,
        validation: &Validation<'_, V, L::Target>,
    ) -> Result<f64, Error> {
        let xs = Counted::new(self.chain, self.loss, validation.xs, validation.targets);
        let count = xs.count();
        let (chain, loss, targets) = (self.chain, self.loss, validation.targets);
        // The same type as in a training step, so that its code is reused.
        let sum = BatchPass {
            chain,
            params: T::as_params(self.params.as_slice()),
            plan: Plan::new::<C, T>(count),
            threads: self.threads,
            mode: Mode::Inference,
            inputs: TileInput::Source(Gather::new(&xs, None)),
            job: Ends {
                cotangents: LossCotangents::new(chain, loss, targets, T::ONE),
                outputs: Discard,
                input_cotangents: Discard,
                gradient: Total {
                    to: &mut [],
                    add: false,
                },
            },
            forward_only: true,
        }
        .run();
        let penalty = self.loss.penalty(self.chain, self.params, None);
        let loss = sum.to_f64() / count as f64 + penalty.to_f64();
        if self.good.is_some() && !loss.is_finite() {
            let Validation { xs, targets, .. } = validation;
            return Err(Error::Diverged {
                what: "loss",
                at: Step::Validation { epoch },
                cause: find_not_finite(self.chain, self.loss, *xs, targets, 0..count),
            });
        }
        Ok(loss)
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

    /// Returns the sum of the losses, and the last step.
    fn mini_batches(
        &mut self,
        epoch: usize,
        mut order: &[u32],
        grads: &mut C::Params<T>,
    ) -> Result<(f64, Step), Error> {
        let before = match self.start {
            start if start.epoch == epoch => start,
            _ => Progress::default(),
        };
        let mut sum = before.sum;
        let mut at = Step::Batch { epoch, batch: 0 };
        for batch in 0.. {
            let mut samples = self.batch_size.min(order.len());
            if order.len() - samples < self.min_batch {
                samples = order.len();
            }
            let Some(own) = order.split_off(..samples).filter(|_| samples > 0) else {
                break;
            };
            at = Step::Batch { epoch, batch };
            if batch < before.batch {
                continue;
            }
            let x = TileInput::Source(Gather::new(self.xs, Some(own)));
            let targets = Encoded::new(self.chain, self.loss, self.targets, Some(own));
            let targets = TileInput::Source(targets);
            sum += self
                .step(at, x, targets, Some(own), samples, grads)?
                .to_f64();
            // After the last batch the epoch ends.
            if !order.is_empty() {
                let batch = batch + 1;
                self.keep_if_due(Progress { epoch, batch, sum })?;
            }
        }
        Ok((sum, at))
    }

    /// Makes one optimizer step; returns the sum of the losses before it.
    fn step(
        &mut self,
        at: Step,
        inputs: TileInput<'_, T, Gather<'_, X, C::Input<T>>>,
        targets: TileInput<'_, T, Encoded<'_, C, L, L::Target>>,
        order: Option<&[u32]>,
        samples: usize,
        grads: &mut C::Params<T>,
    ) -> Result<T, Error> {
        let given = Encoded::new(self.chain, self.loss, self.targets, order);
        let scale = T::from_f64(1.0 / samples as f64);
        let sum = BatchPass {
            chain: self.chain,
            params: T::as_params(self.params.as_slice()),
            plan: Plan::training::<C, T>(samples),
            threads: self.threads,
            mode: self.order.next_step(samples),
            inputs,
            job: Ends {
                cotangents: LossCotangents::of_rows(given, targets, scale),
                outputs: Discard,
                input_cotangents: Discard,
                gradient: Total {
                    to: grads.as_mut_slice(),
                    add: false,
                },
            },
            forward_only: false,
        }
        .run();
        let penalty = self.loss.penalty(self.chain, self.params, Some(grads));
        // Scaled for the mean over the samples, as if each had it.
        let sum = sum + penalty * T::from_f64(samples as f64);
        if let Some(good) = &mut self.good {
            let what = if !sum.is_finite() {
                Some("loss")
            } else if !T::all_finite(grads.as_slice()) {
                Some("gradient")
            } else {
                None
            };
            if let Some(what) = what {
                return Err(self.diverged(what, at, order));
            }
            let params = self.params.as_slice();
            good.params.as_mut_slice().copy_from_slice(params);
            good.is_known = true;
        }
        held::follow(C::LAYERS, self.params.as_mut_slice(), grads.as_mut_slice());
        let params = self.params.as_mut_slice();
        optim::hold(
            C::LAYERS,
            self.held,
            self.optimizer,
            params,
            |optimizer, params| {
                optimizer.apply(params, grads.as_slice(), samples);
            },
        );
        Ok(sum)
    }

    /// Restores the last good parameters, and reports what became non-finite.
    fn diverged(&mut self, what: &'static str, at: Step, order: Option<&[u32]>) -> Error {
        if let Some(good) = &self.good
            && good.is_known
        {
            let good = good.params.as_slice();
            self.params.as_mut_slice().copy_from_slice(good);
        }
        let (chain, loss, xs, targets) = (self.chain, self.loss, self.xs, self.targets);
        let cause = match order {
            Some(order) => {
                let samples = order.iter().map(|sample| *sample as usize);
                find_not_finite(chain, loss, xs, targets, samples)
            }
            None => find_not_finite(chain, loss, xs, targets, 0..xs.count()),
        };
        Error::Diverged { what, at, cause }
    }
}

/// The samples of a run.
enum Data<T: Real> {
    /// Every epoch is one batch.
    Packed { x: Packed<T>, targets: Packed<T> },
    /// Every epoch goes through the samples in some order.
    Ordered { order: Vec<u32> },
}

impl<T: Real> Data<T> {
    fn ordered(samples: usize) -> Self {
        Self::Ordered {
            order: (0..samples as u32).collect(),
        }
    }
}
