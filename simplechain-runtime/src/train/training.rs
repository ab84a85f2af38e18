//! The batch calls in training mode, for a custom training loop.

use crate::batch::{
    Arrays, BatchPass, Counted, Encoded, Gather, Given, LossSeed, NoSeed, Nowhere, Plan, Rows,
    Seed, Sink,
};
use crate::chain::{Array, Chain, check_batch, check_len, threads_for};
use crate::data::Samples;
use crate::error::Error;
use crate::held;
use crate::layer::Mode;
use crate::loss::Loss;
use crate::simd::Real;

/// The batch calls in training mode, created by [`Chain::training`]: `dropout` is active, and `batch_norm` uses the
/// statistics of the batch.
///
/// Calls of the same step with the same samples use the same dropout masks. Calls that compute gradients with respect to the
/// parameters also move the running statistics, which are among the parameters, a tenth of the way to the batch's; so a step should have
/// one such call. [`Chain::step`] is an optimizer step that leaves statistics, and the parameters of `frozen` layers, unchanged.
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

impl<C: Chain> Training<C> {
    pub(crate) fn new(chain: C, rng_seed: u64, step: u64) -> Self {
        Self {
            chain,
            rng_seed,
            step,
        }
    }

    /// [`Chain::forward_batch`] in this step. Running statistics are unchanged.
    ///
    /// # Errors
    /// As [`Chain::forward_batch`], and [`Error::NoVariance`].
    pub fn forward_batch<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &C::Params<T>,
        ys: &mut [C::Output<T>],
    ) -> Result<(), Error> {
        check_len("outputs", xs.count(), ys.len())?;
        let ys = Arrays { to: ys, add: false };
        self.pass::<T, X, _, _, _, false, false>(xs, params, NoSeed, ys, Nowhere, &mut [])?;
        Ok(())
    }

    /// [`Chain::vjp_batch`] in this step. Running statistics are updated.
    ///
    /// # Errors
    /// As [`Chain::vjp_batch`], and [`Error::NoVariance`].
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
        let seed = Given(Gather::new(y_bars, None));
        let x_bars = Arrays {
            to: x_bars,
            add: false,
        };
        let params_bar = params_bar.as_mut_slice();
        self.pass::<T, X, _, _, _, true, true>(xs, params, seed, Nowhere, x_bars, params_bar)?;
        held::follow(self.chain, params.as_mut_slice(), params_bar);
        Ok(())
    }

    /// [`Chain::vjp_params_batch`] in this step. Running statistics are updated.
    ///
    /// # Errors
    /// As [`Chain::vjp_params_batch`], and [`Error::NoVariance`].
    pub fn vjp_params_batch<T: Real, X: Samples<T, C::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &mut C::Params<T>,
        y_bars: &[C::Output<T>],
        params_bar: &mut C::Params<T>,
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        let seed = Given(Gather::new(y_bars, None));
        let params_bar = params_bar.as_mut_slice();
        self.pass::<T, X, _, _, _, true, false>(xs, params, seed, Nowhere, Nowhere, params_bar)?;
        held::follow(self.chain, params.as_mut_slice(), params_bar);
        Ok(())
    }

    /// [`Chain::value_and_grad_batch`] in this step. Running statistics are updated.
    ///
    /// # Errors
    /// As [`Chain::value_and_grad_batch`], and [`Error::NoVariance`].
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
        let given = || Encoded::new(chain, loss, targets, None);
        let seed = LossSeed::new(given(), Rows::Source(given()), scale);
        let xs = &Counted::new(chain, loss, xs, targets);
        let bar = grads.as_mut_slice();
        let sum =
            self.pass::<T, _, _, _, _, true, false>(xs, params, seed, Nowhere, Nowhere, bar)?;
        let penalty = loss.penalty(chain, params, Some(grads));
        held::follow(chain, params.as_mut_slice(), grads.as_mut_slice());
        Ok(sum * scale + penalty)
    }

    fn pass<T, X, Y, Z, B, const PARAMS: bool, const INPUT: bool>(
        &self,
        xs: &X,
        params: &C::Params<T>,
        seed: Y,
        ys: Z,
        x_bars: B,
        params_bar: &mut [T],
    ) -> Result<T, Error>
    where
        T: Real,
        X: Samples<T, C::Input<T>> + ?Sized,
        Y: Seed<T>,
        Z: Sink<T>,
        B: Sink<T>,
    {
        let samples = xs.count();
        if samples > 0 {
            held::check_batch::<C>(samples)?;
        }
        Ok(BatchPass::<C, T, _, Y, Z, B, PARAMS, INPUT> {
            chain: self.chain,
            params: T::as_params(params.as_slice()),
            plan: Plan::training::<C, T>(samples),
            threads: threads_for::<C>(samples),
            mode: Mode::training(self.rng_seed, self.step, samples),
            x: Rows::Source(Gather::new(xs, None)),
            seed,
            ys,
            x_bars,
            forward_only: false,
            params_bar,
            add: false,
        }
        .run())
    }
}
