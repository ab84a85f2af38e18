//! What is called on chains.

use rand::Rng;

use crate::architecture;
use crate::data::{self, Contiguous, ContiguousMut, Samples};
use crate::error::{Error, check_len};
use crate::held;
use crate::info;
use crate::init::Init;
use crate::loss::Loss;
use crate::optim::{self, Optimizer};
use crate::run::calls;
use crate::run::sample::{self, Sample};
use crate::scratch::with_zeros;
use crate::simd::Real;
use crate::train::Training;

pub use crate::array::{Array, BoxedArray};
pub use crate::fingerprint::fingerprint;
pub use crate::info::{Constant, ConstantValue, LayerInfo, Own, Shape, WeightInit, WindowInfo};
pub use crate::network::Network;
pub use crate::table::fmt_layers;

const INPUTS: &str = "input numbers";
const OUTPUTS: &str = "output numbers";

/// A chain of layers with all sizes known at compile time: all that is called on one.
///
/// What `simple_chain!` writes is its [`Network`]; that is all that it takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a chain",
    label = "not a chain",
    note = "a chain is declared by `simple_chain! {{ struct {Self}: 4 => dense(tanh, 32) => dense(id, 4) }}`"
)]
pub trait Chain: Network {
    /// A number that tells architectures apart, for saved parameters: see [`fingerprint`].
    const FINGERPRINT: u64 = fingerprint(Self::LAYERS);

    /// The output of one sample.
    ///
    /// Allocates nothing. (Beyond some thousand numbers between the layers, a thread's first call takes memory that it keeps.)
    #[must_use]
    #[inline]
    fn forward<T: Real>(&self, x: &Self::Input<T>, params: &Self::Params<T>) -> Self::Output<T> {
        let mut y = Self::Output::splat(T::ZERO);
        self.forward_into(x, params, &mut y);
        y
    }

    /// [`forward`](Self::forward) that writes the output to `y`: for outputs that are too large for the stack.
    ///
    /// For these, the calls on batches do everything else, with slices of one sample.
    #[inline]
    fn forward_into<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y: &mut Self::Output<T>,
    ) {
        sample::forward_into(*self, x, params, y);
    }

    /// The outputs of all layers for one sample, one layer after the other; [`activation`](Self::activation) cuts
    /// them up.
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

    /// [`activations`](Self::activations) that writes them to `ys`: of a large network they are too large for the stack.
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
    /// Backward follows forward at once, with everything between in registers and, of a small network, on the stack.
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
        sample::vjp::<_, _, true, true, false>(
            *self,
            x,
            params,
            y_bar,
            x_bar.as_mut_slice(),
            params_bar,
        )
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
        sample::vjp::<_, _, true, true, true>(
            *self,
            x,
            params,
            y_bar,
            x_bar.as_mut_slice(),
            params_bar,
        )
    }

    /// [`forward`](Self::forward) that also writes to `tape` all that a backward pass needs: the outputs of the layers, and the
    /// derivatives of activations that do not follow from their output (such as those of `gelu` and `sin`).
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

    /// [`vjp_add`](Self::vjp_add) after [`forward_tape`](Self::forward_tape) of the same `x` and `params`: nothing is computed
    /// again.
    ///
    /// For a backward pass that comes later, as in a solver: it takes about half the time of `vjp_add`, and memory for the tape.
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
        sample::vjp::<_, _, false, true, false>(
            *self,
            x,
            params,
            y_bar,
            x_bar.as_mut_slice(),
            params_bar,
        )
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
        sample::vjp::<_, _, false, true, true>(
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
        sample::vjp::<_, _, true, false, false>(*self, x, params, y_bar, &mut [], params_bar)
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
        sample::vjp::<_, _, true, false, true>(*self, x, params, y_bar, &mut [], params_bar)
    }

    /// The loss of one sample; its gradient by the parameters is written to `grads`.
    #[inline]
    fn value_and_grad<T: Real, L: Loss<Self, T>>(
        &self,
        loss: &L,
        x: &Self::Input<T>,
        target: &L::Target,
        params: &Self::Params<T>,
        grads: &mut Self::Params<T>,
    ) -> T {
        let value = T::dispatch_sample(Sample(sample::ValueAndGrad {
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
    /// Above about a million multiply-adds the work is shared by the threads of the rayon pool that the caller is
    /// in, or of the global one.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ys` as `xs`.
    fn forward_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        ys: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        calls::forward_batch(*self, xs, params, ys)
    }

    /// [`vjp`](Self::vjp) of many samples: a cotangent for every input, and the parameters' summed over the samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` and `x_bars` as `xs`.
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
    /// As there.
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
    fn vjp_params_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        calls::vjp_params_batch(*self, xs, params, y_bars, params_bar, false)
    }

    /// [`vjp_params_batch`](Self::vjp_params_batch) that adds to `params_bar` instead of overwriting it: a gradient in parts.
    ///
    /// # Errors
    /// As there.
    fn vjp_params_batch_add<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        calls::vjp_params_batch(*self, xs, params, y_bars, params_bar, true)
    }

    /// The mean loss over the samples; its gradient by the parameters is written to `grads`.
    ///
    /// # Errors
    /// [`Error::EmptyBatch`], [`Error::Length`] unless there are as many targets as samples, or what the loss says
    /// of its targets.
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

    /// The mean loss over the samples: to the bit what [`value_and_grad_batch`](Self::value_and_grad_batch) gives.
    ///
    /// # Errors
    /// As there.
    fn loss_batch<T: Real, L: Loss<Self, T>, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        loss: &L,
        xs: &X,
        targets: &[L::Target],
        params: &Self::Params<T>,
    ) -> Result<T, Error> {
        calls::loss_batch(*self, loss, xs, targets, params)
    }

    /// The calls on batches as step number `step` of a training makes them: see [`Training`].
    fn training(&self, rng_seed: u64, step: u64) -> Training<Self> {
        Training::new(*self, rng_seed, step)
    }

    /// A step of an optimizer that leaves the parameters of `frozen` layers and running statistics as they are, which weight
    /// decay and other rules would move. [`Trainer`](crate::train::Trainer) does the same.
    ///
    /// # Errors
    /// [`Error::Length`] if the optimizer has a state for another number of parameters.
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

    /// Fresh parameters: [`Init::GlorotNormal`] weights and zero biases.
    ///
    /// Another copy, for a gradient or to go back to, is `params.clone()`; a copy of the array itself, `*params`, goes over the
    /// stack, which is too small for the parameters of a large network.
    #[must_use]
    fn init<T: Real>(&self, rng: &mut impl Rng) -> Box<Self::Params<T>> {
        self.init_with(Init::GlorotNormal, rng)
    }

    /// Fresh parameters by the scheme given.
    #[must_use]
    fn init_with<T: Real>(&self, init: Init, rng: &mut impl Rng) -> Box<Self::Params<T>> {
        let mut params = Self::Params::boxed(T::ZERO);
        init.layers(Self::LAYERS, params.as_mut_slice(), rng);
        params
    }

    /// As many zeros as there are parameters: the place for a gradient.
    #[must_use]
    fn zeros<T: Real>(&self) -> Box<Self::Params<T>> {
        Self::Params::boxed(T::ZERO)
    }

    /// A copy of flat numbers as parameters of this chain: from a `Vec` that was read from a file, or whatever else is
    /// [`Contiguous`]. ([`params`](Self::params) takes them as they are.)
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
    fn own<T: Real>(&self, flat: impl Contiguous<T>) -> Result<Box<Self::Params<T>>, Error> {
        let flat = flat.numbers()?;
        check_len("parameters", Self::PARAM_COUNT, flat.len())?;
        let mut params = self.zeros();
        params.as_mut_slice().copy_from_slice(flat);
        Ok(params)
    }

    /// The parameters with other numbers, `f32` or `f64`: to train in one and go on in the other. To `f32` each is rounded to the
    /// nearest; beyond its range it becomes infinite.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let params = Net.init::<f32>(&mut rng(1));
    /// let params = Net.cast::<f32, f64>(&params);
    /// assert!(Net.forward(&[0.3_f64, 0.7], &params)[0].is_finite());
    /// ```
    #[must_use]
    fn cast<T: Real, U: Real>(&self, params: &Self::Params<T>) -> Box<Self::Params<U>> {
        let mut cast = self.zeros();
        for (to, from) in cast.as_mut_slice().iter_mut().zip(params.as_slice()) {
            *to = U::from_f64(from.to_f64());
        }
        cast
    }

    /// The weights of a layer within the parameters, as stored (for `dense`: `w[o + OUT * i]`).
    ///
    /// # Panics
    /// If there is no such layer.
    fn weights<'a, T: Real>(&self, params: &'a Self::Params<T>, layer: usize) -> &'a [T] {
        &params.as_slice()[Self::LAYERS[layer].weights()]
    }

    /// The biases of a layer within the parameters; empty without.
    ///
    /// # Panics
    /// If there is no such layer.
    fn bias<'a, T: Real>(&self, params: &'a Self::Params<T>, layer: usize) -> &'a [T] {
        &params.as_slice()[Self::LAYERS[layer].bias()]
    }

    /// The output of a layer within what [`activations`](Self::activations) gave.
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

    /// What the chain is made of, as JSON: its fingerprint, and every layer with its shapes, its constants by value and where
    /// its parameters are. To be stored beside parameters, and read by other programs.
    ///
    /// ```text
    /// {"name": "normalize", "input": [2], "output": [2], "weights": [0, 0], "bias": [0, 0], "mean": [1.0, 2.0], "std": 0.5},
    /// {"name": "dense", "activation": "leaky_relu", "slope": 0.1, "input": [2], "output": [4], "weights": [0, 8], "bias": [8, 12]}
    /// ```
    fn architecture(&self) -> String {
        architecture::to_json(Self::FINGERPRINT, Self::LAYERS)
    }

    /// Whether a text that [`architecture`](Self::architecture) gave is of this chain, or of one that computes the same with
    /// the same parameters: what acts in training alone, `dropout` and `frozen(..)`, may differ.
    ///
    /// A value of your own type, as in `dense(Snake(A), 8)`, is compared as its `Debug` shows it, if it has that.
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
    /// [`Error::Architecture`] if it is another's, with the first layer that differs; [`Error::NoArchitecture`] if it is no
    /// such text.
    fn check_architecture(&self, json: &str) -> Result<(), Error> {
        architecture::check(json, Self::FINGERPRINT, Self::LAYERS)
    }

    /// Flat numbers as the parameters of this chain: a slice, a part of a longer one, or whatever else is
    /// [`Contiguous`].
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

    /// [`params`](Self::params), to write to.
    ///
    /// # Errors
    /// As there.
    fn params_mut<'a, T: Real>(
        &self,
        flat: &'a mut (impl ContiguousMut<T> + ?Sized),
    ) -> Result<&'a mut Self::Params<T>, Error> {
        let flat = flat.numbers_mut()?;
        check_len("parameters", Self::PARAM_COUNT, flat.len())?;
        Ok(Self::Params::from_mut_slice(flat).expect("the length was checked"))
    }

    /// Flat numbers as inputs, sample after sample: a slice, an array `(samples, INPUT_LEN)`, a matrix
    /// `INPUT_LEN x samples`, or whatever else is [`Contiguous`].
    ///
    /// # Errors
    /// [`Error::NotAMultiple`]; if they have a shape, [`Error::SampleLen`], [`Error::ImageAxes`]; and
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

    /// [`inputs`](Self::inputs), to write to.
    ///
    /// # Errors
    /// As there.
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

    /// Flat numbers as outputs, or targets, sample after sample: as [`inputs`](Self::inputs).
    ///
    /// # Errors
    /// As there.
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

    /// [`outputs`](Self::outputs), to write to.
    ///
    /// # Errors
    /// As there.
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
