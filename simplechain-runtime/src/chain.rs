//! The calls on chains.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, string::String};

#[cfg(feature = "alloc")]
use rand::Rng;

use crate::data::{self, Contiguous, ContiguousMut};
use crate::error::{Error, check_len};
use crate::info;
use crate::layer::{Adding, WrtBoth, WrtInput, WrtParams};
use crate::run::sample::{self, Sample};
use crate::scratch::with_zeros;
use crate::simd::Real;
#[cfg(feature = "alloc")]
use crate::{
    adapt, architecture,
    data::Samples,
    held,
    init::Init,
    loss::Loss,
    optim::{self, Optimizer},
    run::calls,
    run::sample_loss::ValueAndGrad,
    train::Training,
};

pub use crate::array::Array;
#[cfg(feature = "alloc")]
pub use crate::array::BoxedArray;
pub use crate::fingerprint::fingerprint;
pub use crate::info::{
    Constant, ConstantValue, LayerInfo, Own, Shape, Statistics, WeightInit, WindowInfo,
};
pub use crate::network::Network;
pub use crate::table::fmt_layers;

const INPUTS: &str = "input numbers";
const OUTPUTS: &str = "output numbers";

/// A chain of layers with all sizes known at compile time: the trait with all its calls.
///
/// `simple_chain!` implements [`Network`]; every `Network` is a `Chain`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a chain",
    label = "not a chain",
    note = "a chain is declared by `simple_chain! {{ struct {Self}: 4 => dense(tanh, 32) => dense(id, 4) }}`"
)]
pub trait Chain: Network {
    /// A value that distinguishes architectures, for saved parameters: see [`fingerprint`].
    const FINGERPRINT: u64 = fingerprint(Self::LAYERS);

    /// The output of one sample.
    ///
    /// Allocates nothing. (Beyond some thousand values between the layers, the first call of a thread allocates memory, which
    /// the thread keeps.)
    #[must_use]
    #[inline]
    fn forward<T: Real>(&self, x: &Self::Input<T>, params: &Self::Params<T>) -> Self::Output<T> {
        let mut y = Self::Output::splat(T::ZERO);
        self.forward_into(x, params, &mut y);
        y
    }

    /// [`forward`](Self::forward) that writes the output to `y`, for outputs that are too large for the stack.
    ///
    /// For such chains, use the batch calls with slices of one sample for everything else.
    #[inline]
    fn forward_into<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y: &mut Self::Output<T>,
    ) {
        sample::forward_into(*self, x, params, y);
    }

    /// The outputs of all layers for one sample, concatenated in order; [`activation`](Self::activation) selects the output of
    /// one layer.
    #[must_use]
    fn activations<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
    ) -> Self::Activations<T> {
        let mut ys = Self::Activations::splat(T::ZERO);
        self.activations_into(x, params, &mut ys);
        ys
    }

    /// [`activations`](Self::activations) that writes them to `ys`, for networks whose activations are too large for the
    /// stack.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: (64, 64, 3) => conv(relu, (3, 3), 16) => maxpool(2, 2) => flatten => dense(id, 2) }
    /// let params = Net.init(&mut rng(0));
    /// let mut ys = <Net as Network>::Activations::boxed(0.0_f32);
    /// Net.activations_into(&[0.5; 64 * 64 * 3], &params, &mut ys);
    /// assert_eq!(Net.activation(&ys, 0).len(), 62 * 62 * 16);
    /// ```
    fn activations_into<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        ys: &mut Self::Activations<T>,
    ) {
        T::dispatch_sample(Sample(sample::Activations {
            chain: *self,
            x,
            params: T::as_params(params.as_slice()),
            ys,
        }));
    }

    /// The vector-Jacobian product with respect to input and parameters, and the output: `x_bar = y_bar^T dy/dx`
    /// and `params_bar = y_bar^T dy/dparams` are written, `y` is returned.
    ///
    /// The backward pass follows the forward pass immediately. Intermediate values stay in registers and, for a small network,
    /// on the stack.
    #[inline]
    fn vjp<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_bar: &mut Self::Input<T>,
        params_bar: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        let params_bar = params_bar.as_mut_slice();
        sample::vjp::<_, _, WrtBoth>(*self, x, params, y_bar, x_bar.as_mut_slice(), params_bar)
    }

    /// [`vjp`](Self::vjp) that adds to `x_bar` and `params_bar` instead of overwriting them.
    #[inline]
    fn vjp_add<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_bar: &mut Self::Input<T>,
        params_bar: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        let params_bar = params_bar.as_mut_slice();
        sample::vjp::<_, _, Adding<WrtBoth>>(
            *self,
            x,
            params,
            y_bar,
            x_bar.as_mut_slice(),
            params_bar,
        )
    }

    /// [`forward`](Self::forward) that also writes to `tape` all that a backward pass needs: the outputs of the layers, and
    /// the derivatives of activations that cannot be computed from their output (such as those of `gelu` and `sin`).
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let params = Net.init::<f64>(&mut rng(0));
    /// let x = [0.3, 0.7];
    /// let mut tape = <Net as Network>::Tape::splat(0.0);
    /// let y = Net.forward_tape(&x, &params, &mut tape);
    /// // .. later
    /// let (mut x_bar, mut params_bar) = ([0.0; 2], Net.zeros());
    /// Net.vjp_tape_add(&x, &params, &tape, &[1.0], &mut x_bar, &mut params_bar);
    /// # assert_eq!(y, Net.forward(&x, &params));
    /// ```
    #[inline]
    fn forward_tape<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        tape: &mut Self::Tape<T>,
    ) -> Self::Output<T> {
        let mut y = Self::Output::splat(T::ZERO);
        self.forward_tape_into(x, params, tape, &mut y);
        y
    }

    /// [`forward_tape`](Self::forward_tape) that writes the output to `y`.
    #[inline]
    fn forward_tape_into<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        tape: &mut Self::Tape<T>,
        y: &mut Self::Output<T>,
    ) {
        T::dispatch_sample(Sample(sample::ForwardTape {
            chain: *self,
            x,
            params: T::as_params(params.as_slice()),
            tape,
            y,
        }));
    }

    /// [`vjp_add`](Self::vjp_add) after [`forward_tape`](Self::forward_tape) with the same `x` and `params`: nothing is
    /// recomputed.
    ///
    /// For a backward pass that runs later, as in a solver. It takes about half the time of `vjp_add`, plus memory for the
    /// tape.
    #[inline]
    fn vjp_tape_add<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        tape: &Self::Tape<T>,
        y_bar: &Self::Output<T>,
        x_bar: &mut Self::Input<T>,
        params_bar: &mut Self::Params<T>,
    ) {
        with_zeros(|y: &mut Self::Output<T>| {
            T::dispatch_sample(Sample(sample::VjpTape {
                chain: *self,
                x,
                tape,
                params: T::as_params(params.as_slice()),
                y_bar,
                y,
                x_bar,
                params_bar: params_bar.as_mut_slice(),
            }));
        });
    }

    /// [`vjp`](Self::vjp) with respect to the input alone; no work is done for the parameters.
    #[inline]
    fn vjp_input<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_bar: &mut Self::Input<T>,
    ) -> Self::Output<T> {
        let params_bar = &mut [];
        sample::vjp::<_, _, WrtInput>(*self, x, params, y_bar, x_bar.as_mut_slice(), params_bar)
    }

    /// [`vjp_input`](Self::vjp_input) that adds to `x_bar`.
    #[inline]
    fn vjp_input_add<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_bar: &mut Self::Input<T>,
    ) -> Self::Output<T> {
        let params_bar = &mut [];
        sample::vjp::<_, _, Adding<WrtInput>>(
            *self,
            x,
            params,
            y_bar,
            x_bar.as_mut_slice(),
            params_bar,
        )
    }

    /// [`vjp`](Self::vjp) with respect to the parameters alone; no work is done for the input.
    #[inline]
    fn vjp_params<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        params_bar: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        let params_bar = params_bar.as_mut_slice();
        sample::vjp::<_, _, WrtParams>(*self, x, params, y_bar, &mut [], params_bar)
    }

    /// [`vjp_params`](Self::vjp_params) that adds to `params_bar`.
    #[inline]
    fn vjp_params_add<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        params_bar: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        let params_bar = params_bar.as_mut_slice();
        sample::vjp::<_, _, Adding<WrtParams>>(*self, x, params, y_bar, &mut [], params_bar)
    }

    /// The loss of one sample; its gradient with respect to the parameters is written to `grads`.
    #[cfg(feature = "alloc")]
    #[inline]
    fn value_and_grad<T: Real, L: Loss<Self, T>>(
        &self,
        loss: &L,
        x: &Self::Input<T>,
        target: &L::Target,
        params: &Self::Params<T>,
        grads: &mut Self::Params<T>,
    ) -> T {
        let value = T::dispatch_sample(Sample(ValueAndGrad {
            chain: *self,
            loss,
            x,
            target,
            params: T::as_params(params.as_slice()),
            grads: grads.as_mut_slice(),
        }));
        value + loss.penalty(*self, params, Some(grads))
    }

    /// The outputs of many samples.
    ///
    /// Above about a million multiply-adds the work is split among the threads of the current rayon pool, or of the global
    /// one.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ys` as `xs`.
    #[cfg(feature = "alloc")]
    fn forward_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        ys: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        calls::forward_batch(*self, xs, params, ys)
    }

    /// [`vjp`](Self::vjp) of many samples: a cotangent for every input, and the parameter cotangent summed over the samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` and `x_bars` as `xs`.
    #[cfg(feature = "alloc")]
    fn vjp_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        x_bars: &mut [Self::Input<T>],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        calls::vjp_batch(*self, xs, params, y_bars, x_bars, params_bar, false)
    }

    /// [`vjp_batch`](Self::vjp_batch) that adds to `x_bars` and `params_bar` instead of overwriting them.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` and `x_bars` as `xs`.
    #[cfg(feature = "alloc")]
    fn vjp_batch_add<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        x_bars: &mut [Self::Input<T>],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        calls::vjp_batch(*self, xs, params, y_bars, x_bars, params_bar, true)
    }

    /// [`vjp_batch`](Self::vjp_batch) with respect to the inputs alone.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` and `x_bars` as `xs`.
    #[cfg(feature = "alloc")]
    fn vjp_input_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        x_bars: &mut [Self::Input<T>],
    ) -> Result<(), Error> {
        calls::vjp_input_batch(*self, xs, params, y_bars, x_bars, false)
    }

    /// [`vjp_input_batch`](Self::vjp_input_batch) that adds to `x_bars` instead of overwriting them.
    ///
    /// # Errors
    /// As for [`vjp_input_batch`](Self::vjp_input_batch).
    #[cfg(feature = "alloc")]
    fn vjp_input_batch_add<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        x_bars: &mut [Self::Input<T>],
    ) -> Result<(), Error> {
        calls::vjp_input_batch(*self, xs, params, y_bars, x_bars, true)
    }

    /// [`vjp_batch`](Self::vjp_batch) with respect to the parameters alone.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` as `xs`.
    #[cfg(feature = "alloc")]
    fn vjp_params_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        calls::vjp_params_batch(*self, xs, params, y_bars, params_bar, false)
    }

    /// [`vjp_params_batch`](Self::vjp_params_batch) that adds to `params_bar` instead of overwriting it, for gradient
    /// accumulation.
    ///
    /// # Errors
    /// As for [`vjp_params_batch`](Self::vjp_params_batch).
    #[cfg(feature = "alloc")]
    fn vjp_params_batch_add<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        calls::vjp_params_batch(*self, xs, params, y_bars, params_bar, true)
    }

    /// The mean loss over the samples; its gradient with respect to the parameters is written to `grads`.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`]; [`Error::Length`] unless there are as many targets as samples; or an error of the loss about its
    /// targets.
    #[cfg(feature = "alloc")]
    fn value_and_grad_batch<T: Real, L: Loss<Self, T>, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        loss: &L,
        xs: &X,
        targets: &[L::Target],
        params: &Self::Params<T>,
        grads: &mut Self::Params<T>,
    ) -> Result<T, Error> {
        calls::value_and_grad_batch(*self, loss, xs, targets, params, grads)
    }

    /// The mean loss over the samples, bit-identical to that of [`value_and_grad_batch`](Self::value_and_grad_batch).
    ///
    /// # Errors
    /// As for [`value_and_grad_batch`](Self::value_and_grad_batch).
    #[cfg(feature = "alloc")]
    fn loss_batch<T: Real, L: Loss<Self, T>, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        loss: &L,
        xs: &X,
        targets: &[L::Target],
        params: &Self::Params<T>,
    ) -> Result<T, Error> {
        calls::loss_batch(*self, loss, xs, targets, params)
    }

    /// The batch calls in training mode, for step number `step`: see [`Training`].
    #[cfg(feature = "alloc")]
    fn training(&self, rng_seed: u64, step: u64) -> Training<Self> {
        Training::new(*self, rng_seed, step)
    }

    /// An optimizer step that leaves the parameters of `frozen` layers and running statistics unchanged, although weight decay
    /// and other rules would change them. [`Trainer`](crate::train::Trainer) does the same.
    ///
    /// # Errors
    /// [`Error::Length`] if the optimizer's state is for a different parameter count.
    #[cfg(feature = "alloc")]
    fn step<T: Real, O: Optimizer<T>>(
        &self,
        optimizer: &mut O,
        params: &mut Self::Params<T>,
        grads: &Self::Params<T>,
    ) -> Result<(), Error> {
        let held = held::ranges(Self::LAYERS);
        let (params, grads) = (params.as_mut_slice(), grads.as_slice());
        optim::hold(
            Self::LAYERS,
            &held,
            optimizer,
            params,
            |optimizer, params| optimizer.step(params, grads),
        )
    }

    /// Initial parameters: [`Init::GlorotNormal`] weights and zero biases.
    ///
    /// To copy them, for example for a gradient or a checkpoint, use `params.clone()`. A copy of the array itself, `*params`,
    /// goes through the stack, which is too small for the parameters of a large network.
    #[cfg(feature = "alloc")]
    #[must_use]
    fn init<T: Real>(&self, rng: &mut impl Rng) -> Box<Self::Params<T>> {
        self.init_with(Init::GlorotNormal, rng)
    }

    /// Initial parameters with the given scheme.
    #[cfg(feature = "alloc")]
    #[must_use]
    fn init_with<T: Real>(&self, init: Init, rng: &mut impl Rng) -> Box<Self::Params<T>> {
        let mut params = Self::Params::boxed(T::ZERO);
        init.layers(Self::LAYERS, params.as_mut_slice(), rng);
        params
    }

    /// A zeroed parameter vector, for example for a gradient.
    #[cfg(feature = "alloc")]
    #[must_use]
    fn zeros<T: Real>(&self) -> Box<Self::Params<T>> {
        Self::Params::boxed(T::ZERO)
    }

    /// Copies a flat slice into parameters of this chain: from a `Vec` that was read from a file, or from any other
    /// [`Contiguous`] value. ([`params`](Self::params) borrows instead of copying.)
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let saved: Vec<f64> = vec![0.5; Net::PARAM_COUNT];
    /// let params = Net.own(saved)?;
    /// assert!(Net.forward(&[0.3, 0.7], &params)[0] > 0.0);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotContiguous`]
    #[cfg(feature = "alloc")]
    fn own<T: Real>(&self, flat: impl Contiguous<T>) -> Result<Box<Self::Params<T>>, Error> {
        let flat = flat.numbers()?;
        check_len("parameters", Self::PARAM_COUNT, flat.len())?;
        let mut params = self.zeros();
        params.as_mut_slice().copy_from_slice(flat);
        Ok(params)
    }

    /// Converts the parameters between `f32` and `f64`, to train in one and continue in the other. Conversion to `f32` rounds
    /// each to nearest; values beyond its range become infinite.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let params = Net.init::<f32>(&mut rng(1));
    /// let params = Net.cast::<f32, f64>(&params);
    /// assert!(Net.forward(&[0.3_f64, 0.7], &params)[0].is_finite());
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    fn cast<T: Real, U: Real>(&self, params: &Self::Params<T>) -> Box<Self::Params<U>> {
        let mut cast = self.zeros();
        for (to, from) in cast.as_mut_slice().iter_mut().zip(params.as_slice()) {
            *to = U::from_f64(from.to_f64());
        }
        cast
    }

    /// Fills every [`standardize`](crate::layer::Standardize) with the mean and the standard deviation of what reaches it,
    /// computed from the training inputs. Call it once, before training.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => standardize => dense(tanh, 16) => dense(id, 1) => unstandardize }
    ///
    /// let xs = [[1.0, 200.0], [2.0, 500.0], [6.0, 200.0]];
    /// let ys = [[3e6], [5e6], [7e6]];
    /// let mut params = Net.init::<f64>(&mut rng(0));
    /// Net.adapt(&mut params, &xs)?;
    /// Net.adapt_outputs(&mut params, &ys)?;
    /// assert_eq!(Net.state(&params, 0)[..2], [3.0, 300.0]); // means, then standard deviations
    /// assert_eq!(Net.state(&params, 3)[0], 5e6);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// Per element of a flat input or channel of an image: the mean, and the standard deviation divided by `n`, as
    /// `StandardScaler` of scikit-learn and `Normalization` of Keras. Both are computed in `f64`, in one pass that does not
    /// cancel. A constant column has the standard deviation 1, so that it becomes 0. For a layer that is not the first, the layers before it
    /// are evaluated with the parameters given, as at inference. Layers in `frozen(..)` keep their constants. In `f32`, values far from
    /// 0 have lost digits before they are subtracted from: keep, for example, points in time as differences.
    ///
    /// # Errors
    /// [`Error::NotFinite`] names sample and column of the first infinite or NaN value; [`Error::EmptyBatch`];
    /// [`Error::NothingToAdapt`] if the chain has no such layer; [`Error::OutOfRange`] if squares of the data exceed the range of
    /// `f64`.
    #[cfg(feature = "alloc")]
    fn adapt<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        params: &mut Self::Params<T>,
        xs: &X,
    ) -> Result<(), Error> {
        adapt::inputs(*self, params, xs)
    }

    /// Fills [`unstandardize`](crate::layer::Unstandardize), the last layer, with the mean and the standard deviation of
    /// the training targets, computed as by [`adapt`](Self::adapt).
    ///
    /// The layer may also end an inner `chain(Type)`, or branches of a last `concat(..)`; then it gets the statistics of its own
    /// columns.
    ///
    /// # Errors
    /// As [`adapt`](Self::adapt); [`Error::NotLast`] if there is an `unstandardize` that is not the last layer.
    #[cfg(feature = "alloc")]
    fn adapt_outputs<T: Real, Y: Samples<T, Self::Output<T>> + ?Sized>(
        &self,
        params: &mut Self::Params<T>,
        ys: &Y,
    ) -> Result<(), Error> {
        adapt::outputs::<Self, T, Y>(params, ys)
    }

    /// The weights of a layer in the parameter vector, as stored (for `dense`: `w[o + OUT * i]`).
    ///
    /// # Panics
    /// If there is no such layer.
    fn weights<'a, T: Real>(&self, params: &'a Self::Params<T>, layer: usize) -> &'a [T] {
        &params.as_slice()[Self::LAYERS[layer].weights()]
    }

    /// The biases of a layer in the parameter vector; empty if it has none.
    ///
    /// # Panics
    /// If there is no such layer.
    fn bias<'a, T: Real>(&self, params: &'a Self::Params<T>, layer: usize) -> &'a [T] {
        &params.as_slice()[Self::LAYERS[layer].bias()]
    }

    /// The untrained parameters of a layer in the parameter vector: means, then standard deviations (`standardize`,
    /// `unstandardize`) or variances (`batch_norm`); empty if it has none.
    ///
    /// # Panics
    /// If there is no such layer.
    fn state<'a, T: Real>(&self, params: &'a Self::Params<T>, layer: usize) -> &'a [T] {
        &params.as_slice()[Self::LAYERS[layer].state()]
    }

    /// The output of one layer, from the result of [`activations`](Self::activations).
    ///
    /// # Panics
    /// If there is no such layer.
    fn activation<'a, T: Real>(
        &self,
        activations: &'a Self::Activations<T>,
        layer: usize,
    ) -> &'a [T] {
        let start: usize = Self::LAYERS[..layer]
            .iter()
            .map(|layer| layer.output.len())
            .sum();
        &activations.as_slice()[start..start + Self::LAYERS[layer].output.len()]
    }

    /// The layers in order.
    fn layers(&self) -> &'static [LayerInfo] {
        Self::LAYERS
    }

    /// The architecture of the chain as JSON: its fingerprint, and for every layer its shapes, its constants by value and the
    /// ranges of its parameters. Store it beside the parameters; other programs can read it.
    ///
    /// ```text
    /// {"name": "normalize", "input": [2], "output": [2], "weights": [0, 0], "bias": [0, 0], "mean": [1.0, 2.0], "std": 0.5},
    /// {"name": "dense", "activation": "leaky_relu", "slope": 0.1, "input": [2], "output": [4], "weights": [0, 8], "bias": [8, 12]}
    /// ```
    #[cfg(feature = "alloc")]
    fn architecture(&self) -> String {
        architecture::to_json(Self::FINGERPRINT, Self::LAYERS)
    }

    /// Checks that a text from [`architecture`](Self::architecture) describes this chain, or one that computes the same
    /// function with the same parameters: layers that act only in training, `dropout` and `frozen(..)`, may differ.
    ///
    /// A value of a custom type, as in `dense(Snake(A), 8)`, is compared by its `Debug` output, if it implements `Debug`.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let saved = Net.architecture(); // in a file, beside the parameters
    /// Net.check_architecture(&saved)?; // before they are read
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Architecture`] if it describes another chain, with the first layer that differs; [`Error::NoArchitecture`] if
    /// the text is not an architecture.
    #[cfg(feature = "alloc")]
    fn check_architecture(&self, json: &str) -> Result<(), Error> {
        architecture::check(json, Self::FINGERPRINT, Self::LAYERS)
    }

    /// Borrows flat values as the parameters of this chain: a slice, a part of a longer one, or any other [`Contiguous`]
    /// value.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NotContiguous`]
    fn params<'a, T: Real>(
        &self,
        flat: &'a (impl Contiguous<T> + ?Sized),
    ) -> Result<&'a Self::Params<T>, Error> {
        let flat = flat.numbers()?;
        check_len("parameters", Self::PARAM_COUNT, flat.len())?;
        Ok(Self::Params::from_slice(flat).expect("the length was checked"))
    }

    /// [`params`](Self::params), mutable.
    ///
    /// # Errors
    /// As for [`params`](Self::params).
    fn params_mut<'a, T: Real>(
        &self,
        flat: &'a mut (impl ContiguousMut<T> + ?Sized),
    ) -> Result<&'a mut Self::Params<T>, Error> {
        let flat = flat.numbers_mut()?;
        check_len("parameters", Self::PARAM_COUNT, flat.len())?;
        Ok(Self::Params::from_mut_slice(flat).expect("the length was checked"))
    }

    /// Borrows flat values as inputs, sample after sample: a slice, an array `(samples, INPUT_LEN)`, a matrix `INPUT_LEN x
    /// samples`, or any other [`Contiguous`] value.
    ///
    /// # Errors
    /// [`Error::NotAMultiple`]; for values with a shape, [`Error::SampleLen`], [`Error::ImageAxes`]; and
    /// [`Error::NotContiguous`].
    fn inputs<'a, T: Real>(
        &self,
        flat: &'a (impl Contiguous<T> + ?Sized),
    ) -> Result<&'a [Self::Input<T>], Error> {
        data::samples(
            INPUTS,
            flat,
            info::input_shape(Self::LAYERS, Self::INPUT_LEN),
        )
    }

    /// [`inputs`](Self::inputs), mutable.
    ///
    /// # Errors
    /// As for [`inputs`](Self::inputs).
    fn inputs_mut<'a, T: Real>(
        &self,
        flat: &'a mut (impl ContiguousMut<T> + ?Sized),
    ) -> Result<&'a mut [Self::Input<T>], Error> {
        data::samples_mut(
            INPUTS,
            flat,
            info::input_shape(Self::LAYERS, Self::INPUT_LEN),
        )
    }

    /// Borrows flat values as outputs, or targets, sample after sample, like [`inputs`](Self::inputs).
    ///
    /// # Errors
    /// As for [`inputs`](Self::inputs).
    fn outputs<'a, T: Real>(
        &self,
        flat: &'a (impl Contiguous<T> + ?Sized),
    ) -> Result<&'a [Self::Output<T>], Error> {
        data::samples(
            OUTPUTS,
            flat,
            info::output_shape(Self::LAYERS, Self::OUTPUT_LEN),
        )
    }

    /// [`outputs`](Self::outputs), mutable.
    ///
    /// # Errors
    /// As for [`inputs`](Self::inputs).
    fn outputs_mut<'a, T: Real>(
        &self,
        flat: &'a mut (impl ContiguousMut<T> + ?Sized),
    ) -> Result<&'a mut [Self::Output<T>], Error> {
        data::samples_mut(
            OUTPUTS,
            flat,
            info::output_shape(Self::LAYERS, Self::OUTPUT_LEN),
        )
    }
}

impl<N: Network> Chain for N {}
