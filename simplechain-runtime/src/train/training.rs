//! The batch calls in training mode, for a custom training loop.

use crate::array::Array;
use crate::data::Samples;
use crate::error::{Error, check_len};
use crate::held;
use crate::layer::Mode;
use crate::loss::{Loss, check_batch};
use crate::network::Network;
use crate::run::batch::{BatchPass, Ends, Job};
use crate::run::cotangents::{GivenCotangents, LossCotangents, NoCotangents};
use crate::run::plan::{MAX_CHUNKS, Plan, threads_for};
use crate::run::sink::{Arrays, Discard, Total};
use crate::run::source::{Counted, Gather, TileInput};
use crate::simd::Real;

/// The calls on batches as a step of training makes them, got by [`Chain::training`](crate::chain::Chain::training): `dropout`
/// drops, `batch_norm` takes the statistics of the batch.
///
/// Calls of the same step with the same samples drop the same numbers. Those that give a gradient by the parameters also move
/// running statistics, which are among the parameters, a tenth of the way to the batch's; so a step should have one such call.
/// [`Chain::step`](crate::chain::Chain::step) is the step of an optimizer that leaves statistics, and the parameters of `frozen`
/// layers, as they are.
///
/// With the seed of a [`Trainer`](super::Trainer) and its steps counted from 0, the results equal those of its full batches.
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 1 => dense(tanh, 8) => batch_norm => dropout(0.1) => dense(id, 1) }
///
/// let xs: Vec<[f64; 1]> = (0..50).map(|i| [f64::from(i) / 50.0]).collect();
/// let ys: Vec<[f64; 1]> = xs.iter().map(|x| [x[0] * x[0]]).collect();
/// let mut params = Net.init::<f64>(&mut rng(0));
/// let mut grads = params.clone();
/// let mut adam = Adam::new(1e-2);
/// for step in 0..100 {
///     Net.training(7, step).value_and_grad_batch(&SquaredLoss, &xs, &ys, &mut params, &mut grads)?;
///     Net.step(&mut adam, &mut params, &grads)?;
/// }
/// // Other calls compute the function that was learned: nothing drops, and the running statistics are taken.
/// println!("{}", Net.loss_batch(&SquaredLoss, &xs, &ys, &params)?);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Training<C> {
    chain: C,
    rng_seed: u64,
    step: u64,
}

impl<C: Network> Training<C> {
    pub(crate) fn new(chain: C, rng_seed: u64, step: u64) -> Self {
        Self {
            chain,
            rng_seed,
            step,
        }
    }

    /// [`Chain::forward_batch`](crate::chain::Chain::forward_batch) of this step. Running statistics stay.
    ///
    /// # Errors
    /// As there, and [`Error::NoVariance`].
    pub fn forward_batch<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &C::Params<T>,
        ys: &mut [C::Output<T>],
    ) -> Result<(), Error> {
        check_len("outputs", xs.count(), ys.len())?;
        let ends = Ends {
            cotangents: NoCotangents,
            outputs: Arrays { to: ys, add: false },
            input_cotangents: Discard,
            gradient: Discard,
        };
        self.run::<T, _, _>(xs, params, ends)?;
        Ok(())
    }

    /// [`Chain::vjp_batch`](crate::chain::Chain::vjp_batch) of this step. Running statistics move.
    ///
    /// # Errors
    /// As there, and [`Error::NoVariance`].
    pub fn vjp_batch<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &mut C::Params<T>,
        y_bars: &[C::Output<T>],
        x_bars: &mut [C::Input<T>],
        params_bar: &mut C::Params<T>,
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        check_len("input cotangents", xs.count(), x_bars.len())?;
        let ends = Ends {
            cotangents: GivenCotangents(Gather::new(y_bars, None)),
            outputs: Discard,
            input_cotangents: Arrays {
                to: x_bars,
                add: false,
            },
            gradient: Total {
                to: params_bar.as_mut_slice(),
                add: false,
            },
        };
        self.run::<T, _, _>(xs, params, ends)?;
        held::follow(C::LAYERS, params.as_mut_slice(), params_bar.as_mut_slice());
        Ok(())
    }

    /// [`Chain::vjp_params_batch`](crate::chain::Chain::vjp_params_batch) of this step. Running statistics move.
    ///
    /// # Errors
    /// As there, and [`Error::NoVariance`].
    pub fn vjp_params_batch<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &mut C::Params<T>,
        y_bars: &[C::Output<T>],
        params_bar: &mut C::Params<T>,
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        let ends = Ends {
            cotangents: GivenCotangents(Gather::new(y_bars, None)),
            outputs: Discard,
            input_cotangents: Discard,
            gradient: Total {
                to: params_bar.as_mut_slice(),
                add: false,
            },
        };
        self.run::<T, _, _>(xs, params, ends)?;
        held::follow(C::LAYERS, params.as_mut_slice(), params_bar.as_mut_slice());
        Ok(())
    }

    /// [`Chain::value_and_grad_batch`](crate::chain::Chain::value_and_grad_batch) of this step. Running statistics move.
    ///
    /// # Errors
    /// As there, and [`Error::NoVariance`].
    pub fn value_and_grad_batch<T, L, X>(
        &self,
        loss: &L,
        xs: &X,
        targets: &[L::Target],
        params: &mut C::Params<T>,
        grads: &mut C::Params<T>,
    ) -> Result<T, Error>
    where
        T: Real,
        L: Loss<C, T>,
        X: Samples<T, C::Input<T>> + ?Sized,
    {
        let chain = self.chain;
        let scale = check_batch(loss, chain, xs, targets)?;
        let ends = Ends {
            cotangents: LossCotangents::new(chain, loss, targets, scale),
            outputs: Discard,
            input_cotangents: Discard,
            gradient: Total {
                to: grads.as_mut_slice(),
                add: false,
            },
        };
        let xs = Counted::new(chain, loss, xs, targets);
        let sum = self.run(&xs, params, ends)?;
        let penalty = loss.penalty(chain, params, Some(grads));
        held::follow(C::LAYERS, params.as_mut_slice(), grads.as_mut_slice());
        Ok(sum * scale + penalty)
    }

    fn run<T, X, J>(&self, xs: &X, params: &C::Params<T>, job: J) -> Result<T, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        J: Job<T>,
    {
        let samples = xs.count();
        if samples > 0 {
            held::check_batch(C::LAYERS, samples)?;
        }
        Ok(BatchPass {
            chain: self.chain,
            params: T::as_params(params.as_slice()),
            plan: Plan::training::<C, T>(samples, MAX_CHUNKS),
            threads: threads_for::<C>(samples),
            mode: Mode::training(self.rng_seed, self.step, samples),
            inputs: TileInput::Source(Gather::new(xs, None)),
            job,
            forward_only: false,
            ranks: None,
        }
        .run())
    }
}
