//! Derivatives beyond the gradient: products with Jacobians and Hessians, and the Laplacian, computed by the chain's own kernels
//! over [`Taylor`] polynomials.

use core::marker::PhantomData;

use crate::batch::{Encoded, Gather, Given, LossSeed, MovingLossSeed, NoSeed, Nowhere, Seed, Sink};
use crate::chain::{Array, Chain, LayerInfo, check_batch, check_len, for_each_layer, pass};
use crate::data::Samples;
use crate::error::Error;
use crate::loss::SecondOrderLoss;
use crate::sample::{self, Sample};
use crate::scratch::{Zeros, with_zeros, zeros};
use crate::simd::{Number, ParamsAndSlopes, Real, Simd, Taylor};

/// Value and first derivative along a line of inputs.
type Dual<T> = Taylor<T, 2, false>;
/// Value and first derivative along a line of inputs and parameters.
type MovingDual<T> = Taylor<T, 2, true>;
/// Value, first derivative and half the second derivative along a line of inputs.
type Jet<T> = Taylor<T, 3, false>;

/// Derivatives of a chain `y(x, p)` beyond [`Chain::vjp`], exact to rounding, in `f32` or `f64`.
///
/// All are available for every chain, on single samples and on batches. Nothing allocates (a thread's first call of a kind may
/// allocate memory that it keeps), and any number of threads may call at once.
///
/// At kinks, forward and reverse mode use the same derivative:
///
/// | | derivatives there |
/// |---|---|
/// | `relu` at 0 | 0 |
/// | `leaky_relu(a)` at 0 | the first is `a`, the second 0 |
/// | `elu` at 0 | those of `e^z - 1`: 1 and 1 |
/// | a max pool with equal values | those of the first, row by row |
/// | `AbsoluteLoss` at its target | 0 and 0 |
/// | `HuberLoss` at `delta` | those of the quadratic part |
///
/// Parameters that are not trained, those in `frozen(..)` and the running statistics of `batch_norm`, are constants: all
/// derivatives with respect to them are 0, and so are directional derivatives, whatever `params_dot` contains for them.
///
/// Forward mode costs one and a half to two and a half forward passes per direction, a product with second derivatives three to four gradients
/// (Griewank and Walther, *Evaluating Derivatives*, 2008; Pearlmutter, 1994).
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
/// let params = Net.init::<f64>(&mut rng(0));
/// // u(x, y) and its Laplacian u_xx + u_yy
/// let ([u], [laplacian]) = Net.laplacian(&[0.3, 0.7], &params);
/// assert!(u.is_finite() && laplacian.is_finite());
/// ```
pub trait Derivatives: Chain {
    /// The Jacobian-vector product: `y`, and `y_dot = dy/dx x_dot + dy/dp params_dot`.
    #[inline]
    fn jvp<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
        params_dot: &Self::Params<T>,
    ) -> (Self::Output<T>, Self::Output<T>) {
        let params_dot = Direction::of::<Self>(params_dot);
        forward::<_, MovingDual<T>, _>(
            *self,
            ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
            |line| set(line, [x.as_slice(), x_dot.as_slice()]),
            value_and_slope,
        )
    }

    /// [`jvp`](Self::jvp) that writes both to output arguments: for outputs that are too large for the stack.
    fn jvp_into<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
        params_dot: &Self::Params<T>,
        y: &mut Self::Output<T>,
        y_dot: &mut Self::Output<T>,
    ) {
        let params_dot = Direction::of::<Self>(params_dot);
        forward::<_, MovingDual<T>, _>(
            *self,
            ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
            |line| set(line, [x.as_slice(), x_dot.as_slice()]),
            |duals| {
                take(duals, 0, T::ONE, y.as_mut_slice());
                take(duals, 1, T::ONE, y_dot.as_mut_slice());
            },
        );
    }

    /// [`jvp`](Self::jvp) in a direction of the input: `y`, and `y_dot = dy/dx x_dot`.
    #[inline]
    fn jvp_input<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
    ) -> (Self::Output<T>, Self::Output<T>) {
        forward::<_, Dual<T>, _>(
            *self,
            ParamsAndSlopes::new(params.as_slice(), &[]),
            |line| set(line, [x.as_slice(), x_dot.as_slice()]),
            value_and_slope,
        )
    }

    /// [`jvp`](Self::jvp) in a direction of the parameters: `y`, and `y_dot = dy/dp params_dot`.
    #[inline]
    fn jvp_params<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        params_dot: &Self::Params<T>,
    ) -> (Self::Output<T>, Self::Output<T>) {
        let params_dot = Direction::of::<Self>(params_dot);
        forward::<_, MovingDual<T>, _>(
            *self,
            ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
            |line| set(line, [x.as_slice()]),
            value_and_slope,
        )
    }

    /// The Jacobian with respect to the input: `rows[o]` becomes the gradient of output `o`, and `y` is returned.
    ///
    /// Computed in reverse mode over outputs or in forward mode over inputs, whichever are fewer.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a row for every output.
    fn jacobian_input<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        rows: &mut [Self::Input<T>],
    ) -> Result<Self::Output<T>, Error> {
        check_len("rows of the Jacobian", Self::OUTPUT_LEN, rows.len())?;
        let mut y = Self::Output::splat(T::ZERO);
        if Self::OUTPUT_LEN <= Self::INPUT_LEN {
            for (o, row) in rows.iter_mut().enumerate() {
                y = with_unit(o, |y_bar| self.vjp_input(x, params, y_bar, row));
            }
        } else {
            for i in 0..Self::INPUT_LEN {
                let y_dot;
                (y, y_dot) = with_unit(i, |x_dot| self.jvp_input(x, params, x_dot));
                for (row, y_dot) in rows.iter_mut().zip(y_dot.as_slice()) {
                    row.as_mut_slice()[i] = *y_dot;
                }
            }
        }
        Ok(y)
    }

    /// The Jacobian with respect to the parameters: `rows[o]` becomes the gradient of output `o`, and `y` is returned.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a row for every output.
    fn jacobian_params<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        rows: &mut [Self::Params<T>],
    ) -> Result<Self::Output<T>, Error> {
        check_len("rows of the Jacobian", Self::OUTPUT_LEN, rows.len())?;
        let mut y = Self::Output::splat(T::ZERO);
        for (o, row) in rows.iter_mut().enumerate() {
            y = with_unit(o, |y_bar| self.vjp_params(x, params, y_bar, row));
        }
        Ok(y)
    }

    /// The Hessian-vector product of the scalar `f = y_bar^T y`: `x_out = f_xx x_dot + f_xp params_dot` and
    /// `params_out = f_px x_dot + f_pp params_dot`, the directional derivatives of the results of [`vjp`](Chain::vjp), are written; `y` is
    /// returned.
    #[inline]
    fn hvp<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_dot: &Self::Input<T>,
        params_dot: &Self::Params<T>,
        x_out: &mut Self::Input<T>,
        params_out: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        let params_dot = Direction::of::<Self>(params_dot);
        back_slopes::<_, T, true, true, true>(
            *self,
            [x.as_slice(), x_dot.as_slice()],
            ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
            y_bar,
            x_out.as_mut_slice(),
            params_out.as_mut_slice(),
        )
    }

    /// [`hvp`](Self::hvp) with respect to the input alone: `x_out = f_xx x_dot`.
    #[inline]
    fn hvp_input<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_dot: &Self::Input<T>,
        x_out: &mut Self::Input<T>,
    ) -> Self::Output<T> {
        back_slopes::<_, T, false, false, true>(
            *self,
            [x.as_slice(), x_dot.as_slice()],
            ParamsAndSlopes::new(params.as_slice(), &[]),
            y_bar,
            x_out.as_mut_slice(),
            &mut [],
        )
    }

    /// [`hvp`](Self::hvp) with respect to the parameters alone: `params_out = f_pp params_dot`.
    #[inline]
    fn hvp_params<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        params_dot: &Self::Params<T>,
        params_out: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        let params_dot = Direction::of::<Self>(params_dot);
        back_slopes::<_, T, true, true, false>(
            *self,
            [x.as_slice(), &[]],
            ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
            y_bar,
            &mut [],
            params_out.as_mut_slice(),
        )
    }

    /// The mixed part of [`hvp`](Self::hvp): `params_out = f_px x_dot`, the change of the gradient with respect to the parameters
    /// with the input.
    #[inline]
    fn hvp_mixed<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        x_dot: &Self::Input<T>,
        params_out: &mut Self::Params<T>,
    ) -> Self::Output<T> {
        back_slopes::<_, T, false, true, false>(
            *self,
            [x.as_slice(), x_dot.as_slice()],
            ParamsAndSlopes::new(params.as_slice(), &[]),
            y_bar,
            &mut [],
            params_out.as_mut_slice(),
        )
    }

    /// The Hessian of `y_bar^T y` with respect to the input: `rows[i]` becomes its row `i`, and `y` is returned.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a row for every input.
    fn hessian_input<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        y_bar: &Self::Output<T>,
        rows: &mut [Self::Input<T>],
    ) -> Result<Self::Output<T>, Error> {
        check_len("rows of the Hessian", Self::INPUT_LEN, rows.len())?;
        let mut y = Self::Output::splat(T::ZERO);
        for (i, row) in rows.iter_mut().enumerate() {
            y = with_unit(i, |x_dot| self.hvp_input(x, params, y_bar, x_dot, row));
        }
        Ok(y)
    }

    /// `y`, `y'` and `y''` along a line, the derivatives of `y(x + s x_dot)` with respect to `s` at 0.
    #[inline]
    fn along<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
    ) -> [Self::Output<T>; 3] {
        forward::<_, Jet<T>, _>(
            *self,
            ParamsAndSlopes::new(params.as_slice(), &[]),
            |line| set(line, [x.as_slice(), x_dot.as_slice()]),
            derivatives,
        )
    }

    /// [`along`](Self::along) a curve, `x(s) = x + s c_1 + s^2/2 c_2`: with the Jacobian `J` and the Hessian `H` of an
    /// output, `y' = J c_1` and `y'' = c_1^T H c_1 + J c_2`.
    ///
    /// A second derivative in one direction plus a first derivative in another is a single curve, and costs as much as the second
    /// derivative alone. For `u(x, t)` along `[[1, 0], [0, -1 / nu]]` it is `y'' = u_xx - u_t / nu`, the heat equation.
    #[inline]
    fn along_curve<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        curve: [&Self::Input<T>; 2],
    ) -> [Self::Output<T>; 3] {
        forward::<_, Jet<T>, _>(
            *self,
            ParamsAndSlopes::new(params.as_slice(), &[]),
            |line| bend(line, x.as_slice(), curve.map(Array::as_slice)),
            derivatives,
        )
    }

    /// `y`, and the Laplacian of every output, `sum_i d^2y/dx_i^2`. For its backward pass use [`vjp_along`](Self::vjp_along) in every direction.
    #[inline]
    fn laplacian<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
    ) -> (Self::Output<T>, Self::Output<T>) {
        let (mut y, mut sum) = (Self::Output::splat(T::ZERO), Self::Output::splat(T::ZERO));
        for i in 0..Self::INPUT_LEN {
            let second;
            [y, _, second] = with_unit(i, |x_dot| self.along(x, params, x_dot));
            for (sum, second) in sum.as_mut_slice().iter_mut().zip(second.as_slice()) {
                *sum += *second;
            }
        }
        (y, sum)
    }

    /// Backward pass of [`along`](Self::along): writes the gradient with respect to the parameters, from cotangents of `y`, `y'` and
    /// `y''`. For a differential equation in the loss. Returns `y`, `y'` and `y''`.
    #[inline]
    fn vjp_along<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
        bars: [&Self::Output<T>; 3],
        params_bar: &mut Self::Params<T>,
    ) -> [Self::Output<T>; 3] {
        let line = [x.as_slice(), x_dot.as_slice()];
        back_along(
            *self,
            params,
            |x| set(x, line),
            bars,
            params_bar.as_mut_slice(),
        )
    }

    /// Backward pass of [`along_curve`](Self::along_curve), as [`vjp_along`](Self::vjp_along).
    #[inline]
    fn vjp_along_curve<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        curve: [&Self::Input<T>; 2],
        bars: [&Self::Output<T>; 3],
        params_bar: &mut Self::Params<T>,
    ) -> [Self::Output<T>; 3] {
        let curve = curve.map(Array::as_slice);
        back_along(
            *self,
            params,
            |line| bend(line, x.as_slice(), curve),
            bars,
            params_bar.as_mut_slice(),
        )
    }

    /// [`jvp`](Self::jvp) of many samples, each in its own direction, with one direction of the parameters; the
    /// work is shared between threads as in [`Chain::forward_batch`].
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `x_dots`, `ys` and `y_dots` as `xs`.
    fn jvp_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        x_dots: &[Self::Input<T>],
        params_dot: &Self::Params<T>,
        ys: &mut [Self::Output<T>],
        y_dots: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        check_len("input tangents", xs.count(), x_dots.len())?;
        jvp_batch(
            *self,
            &Lines::new(xs, Slopes::Each(x_dots)),
            params,
            params_dot,
            ys,
            y_dots,
        )
    }

    /// [`jvp_params`](Self::jvp_params) of many samples in one direction.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ys` and `y_dots` as `xs`.
    fn jvp_params_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        params_dot: &Self::Params<T>,
        ys: &mut [Self::Output<T>],
        y_dots: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        let xs = Lines::new(xs, Slopes::Zero);
        jvp_batch(*self, &xs, params, params_dot, ys, y_dots)
    }

    /// [`jvp_input`](Self::jvp_input) of many samples, each in its own direction.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `x_dots`, `ys` and `y_dots` as `xs`.
    fn jvp_input_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        x_dots: &[Self::Input<T>],
        ys: &mut [Self::Output<T>],
        y_dots: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        check_len("input tangents", xs.count(), x_dots.len())?;
        check_len("outputs", xs.count(), ys.len())?;
        check_len("output tangents", xs.count(), y_dots.len())?;
        pass::<_, Dual<T>, _, _, _, _, false, false>(
            *self,
            &Lines::new(xs, Slopes::Each(x_dots)),
            ParamsAndSlopes::new(params.as_slice(), &[]),
            NoSeed,
            Coefficients([Part::of(ys), Part::of(y_dots)]),
            Nowhere,
            &mut [],
        );
        Ok(())
    }

    /// [`hvp`](Self::hvp) of many samples, each in its own direction, with one direction of the parameters;
    /// `params_out` is the sum over the samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars`, `x_dots` and `x_outs` as `xs`.
    fn hvp_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        x_dots: &[Self::Input<T>],
        params_dot: &Self::Params<T>,
        x_outs: &mut [Self::Input<T>],
        params_out: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        check_len("input tangents", xs.count(), x_dots.len())?;
        check_len("input products", xs.count(), x_outs.len())?;
        let xs = Lines::new(xs, Slopes::Each(x_dots));
        let y_bars = Lines::new(y_bars, Slopes::Zero);
        let params_dot = Direction::of::<Self>(params_dot);
        let mut duals = zeros::<MovingDual<T>>(Self::PARAM_COUNT);
        pass::<_, MovingDual<T>, _, _, _, _, true, true>(
            *self,
            &xs,
            ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
            Given(Gather::<_, Self::Output<MovingDual<T>>>::new(&y_bars, None)),
            Nowhere,
            Coefficients([Part::nowhere(), Part::of(x_outs)]),
            &mut duals,
        );
        take_last(&duals, params_out.as_mut_slice());
        Ok(())
    }

    /// [`hvp_input`](Self::hvp_input) of many samples, each in its own direction.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars`, `x_dots` and `x_outs` as `xs`.
    fn hvp_input_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        x_dots: &[Self::Input<T>],
        x_outs: &mut [Self::Input<T>],
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        check_len("input tangents", xs.count(), x_dots.len())?;
        check_len("input products", xs.count(), x_outs.len())?;
        let y_bars = Lines::new(y_bars, Slopes::Zero);
        pass::<_, Dual<T>, _, _, _, _, false, true>(
            *self,
            &Lines::new(xs, Slopes::Each(x_dots)),
            ParamsAndSlopes::new(params.as_slice(), &[]),
            Given(Gather::<_, Self::Output<Dual<T>>>::new(&y_bars, None)),
            Nowhere,
            Coefficients([Part::nowhere(), Part::of(x_outs)]),
            &mut [],
        );
        Ok(())
    }

    /// [`hvp_params`](Self::hvp_params) of many samples in one direction; `params_out` is the sum over the samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` as `xs`.
    fn hvp_params_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        params_dot: &Self::Params<T>,
        params_out: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        let y_bars = Lines::new(y_bars, Slopes::Zero);
        let seed = Given(Gather::<_, Self::Output<MovingDual<T>>>::new(&y_bars, None));
        params_product(*self, xs, params, params_dot, seed, params_out);
        Ok(())
    }

    /// The Hessian-vector product of a loss: with the mean loss `f(params)` over the samples, penalty included, `product` becomes
    /// `d^2f/dparams^2 params_dot`. `f(params)` is returned.
    ///
    /// It is the directional derivative of the gradient from [`value_and_grad_batch`](Chain::value_and_grad_batch) along `params_dot`, exact to
    /// rounding, with the curvature of the loss and the chain, at the cost of about four gradients (Pearlmutter, 1994). Use it for
    /// Newton's method by conjugate gradients, or the largest eigenvalue by power iteration. Sample weights are included; of the
    /// penalties, `L2` has the Hessian `lambda`, `L1` none. Layers work as in inference.
    ///
    /// ```
    /// # use simplechain::{Error, chain::Chain, derivatives::Derivatives};
    /// use simplechain::loss::{L2, Penalized, SquaredLoss};
    ///
    /// # fn example<C: Chain<Input<f64> = [f64; 2], Output<f64> = [f64; 1]>>(
    /// #     net: C, xs: &[[f64; 2]], ys: &[[f64; 1]], params: &C::Params<f64>, direction: &C::Params<f64>,
    /// #     product: &mut C::Params<f64>) -> Result<(), Error> {
    /// let loss = Penalized(SquaredLoss, L2::new(1e-3));
    /// let value = net.loss_hvp_batch(&loss, xs, ys, params, direction, product)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`value_and_grad_batch`](Chain::value_and_grad_batch).
    fn loss_hvp_batch<T, L, X>(
        &self,
        loss: &L,
        xs: &X,
        targets: &[L::Target],
        params: &Self::Params<T>,
        params_dot: &Self::Params<T>,
        product: &mut Self::Params<T>,
    ) -> Result<T, Error>
    where
        T: Real,
        L: SecondOrderLoss<Self, T>,
        X: Samples<T, Self::Input<T>> + ?Sized,
    {
        loss_product(*self, loss, xs, targets, params, params_dot, product, false)
    }

    /// The Gauss-Newton-vector product of a loss: [`loss_hvp_batch`](Self::loss_hvp_batch) without the second derivatives of the
    /// chain. With the Jacobian `J_s` of the outputs with respect to the parameters and the Hessian `H_s` of the loss with respect to the
    /// outputs, `product` becomes `1/n sum_s J_s^T H_s J_s params_dot`, plus the Hessian of a penalty.
    ///
    /// For a convex loss, that is, all here except `GaussianLoss`, the matrix is positive semidefinite, which the Hessian need not be; near a good
    /// fit the two are close. For the cross-entropies it is the Fisher information (Schraudolph, 2002; Martens, 2010).
    ///
    /// # Errors
    /// As [`loss_hvp_batch`](Self::loss_hvp_batch).
    fn loss_gauss_newton_batch<T, L, X>(
        &self,
        loss: &L,
        xs: &X,
        targets: &[L::Target],
        params: &Self::Params<T>,
        params_dot: &Self::Params<T>,
        product: &mut Self::Params<T>,
    ) -> Result<T, Error>
    where
        T: Real,
        L: SecondOrderLoss<Self, T>,
        X: Samples<T, Self::Input<T>> + ?Sized,
    {
        loss_product(*self, loss, xs, targets, params, params_dot, product, true)
    }

    /// [`along`](Self::along) for many samples: `ys`, `firsts` and `seconds` become `y`, `y'` and `y''`.
    ///
    /// # Errors
    /// [`Error::Length`] unless all are as long as `xs`.
    fn along_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        x_dots: &[Self::Input<T>],
        ys: &mut [Self::Output<T>],
        firsts: &mut [Self::Output<T>],
        seconds: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        check_len("directions", xs.count(), x_dots.len())?;
        check_len("outputs", xs.count(), ys.len())?;
        check_len("first derivatives", xs.count(), firsts.len())?;
        check_len("second derivatives", xs.count(), seconds.len())?;
        let parts = [Part::of(ys), Part::of(firsts), Part::twice(seconds)];
        jets(*self, xs, params, Slopes::Each(x_dots), parts);
        Ok(())
    }

    /// [`vjp_along`](Self::vjp_along) for many samples; the gradient is the sum over them.
    ///
    /// # Errors
    /// [`Error::Length`] unless all are as long as `xs`.
    fn vjp_along_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        x_dots: &[Self::Input<T>],
        bars: [&[Self::Output<T>]; 3],
        params_bar: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        check_len("directions", xs.count(), x_dots.len())?;
        for bars in bars {
            check_len("output cotangents", xs.count(), bars.len())?;
        }
        let xs = Lines::new(xs, Slopes::Each(x_dots));
        let y_bars = Reversed(bars);
        let mut jets = zeros::<Jet<T>>(Self::PARAM_COUNT);
        pass::<_, Jet<T>, _, _, _, _, true, false>(
            *self,
            &xs,
            ParamsAndSlopes::new(params.as_slice(), &[]),
            Given(Gather::<_, Self::Output<Jet<T>>>::new(&y_bars, None)),
            Nowhere,
            Nowhere,
            &mut jets,
        );
        take_last(&jets, params_bar.as_mut_slice());
        Ok(())
    }

    /// The sum over samples of a loss of `y`, `y'` and `y''` along a [curve](Self::along_curve) through each, and its gradient
    /// with respect to the parameters, which is written to `grads`: a training step of a physics-informed network in one call, with the
    /// backward pass right after the forward pass.
    ///
    /// `loss(i, [y, y', y''])` returns the loss of sample `i`, and its gradients with respect to the three; it must apply weights and `1 / n`
    /// itself. The index distinguishes boundary points, whose curve is 0 and whose loss uses `y` alone. Threads may share the samples.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
    /// let (params, mut grads) = (Net.init::<f64>(&mut rng(0)), Net.zeros());
    /// let points = [[0.1, 0.0], [0.4, 0.2], [0.7, 0.9]];
    /// // Burgers' equation for u(x, t): u_t + u u_x = nu u_xx, that is y y' = nu y'' along these curves.
    /// let nu = 0.03;
    /// let curves = vec![[[1.0, 0.0], [0.0, -1.0 / nu]]; points.len()];
    /// // In a variable, a closure needs the type of what it is given.
    /// let residual = |_: usize, [[u], [u_x], [second]]: [[f64; 1]; 3]| {
    ///     let r = u * u_x - nu * second;
    ///     (0.5 * r * r, [[r * u_x], [r * u], [-r * nu]])
    /// };
    /// let sum = Net.value_and_grad_along_batch(&points, &params, &curves, residual, &mut grads)?;
    /// assert!(sum > 0.0);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a curve for every sample.
    fn value_and_grad_along_batch<T, X, F>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        curves: &[[Self::Input<T>; 2]],
        loss: F,
        grads: &mut Self::Params<T>,
    ) -> Result<T, Error>
    where
        T: Real,
        X: Samples<T, Self::Input<T>> + ?Sized,
        F: Fn(usize, [Self::Output<T>; 3]) -> (T, [Self::Output<T>; 3]) + Sync,
    {
        check_len("curves", xs.count(), curves.len())?;
        let mut jets = zeros::<Jet<T>>(Self::PARAM_COUNT);
        let sum = pass::<_, Jet<T>, _, _, _, _, true, false>(
            *self,
            &Lines::new(xs, Slopes::Curves(curves)),
            ParamsAndSlopes::new(params.as_slice(), &[]),
            AlongLoss {
                loss,
                output: PhantomData,
            },
            Nowhere,
            Nowhere,
            &mut jets,
        );
        take_last(&jets, grads.as_mut_slice());
        Ok(sum.0[0])
    }

    /// [`laplacian`](Self::laplacian) of many samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ys` and `laplacians` as `xs`.
    fn laplacian_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        ys: &mut [Self::Output<T>],
        laplacians: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        check_len("outputs", xs.count(), ys.len())?;
        check_len("Laplacians", xs.count(), laplacians.len())?;
        for laplacian in laplacians.iter_mut() {
            laplacian.as_mut_slice().fill(T::ZERO);
        }
        for i in 0..Self::INPUT_LEN {
            let mut second = Part::twice(laplacians);
            second.add = true;
            let parts = [Part::of(ys), Part::nowhere(), second];
            jets(*self, xs, params, Slopes::Unit(i), parts);
        }
        Ok(())
    }
}

impl<C: Chain> Derivatives for C {}

/// Calls `f` with the unit vector `i`.
#[inline(always)]
fn with_unit<T: Real, A: Array<T>, R>(i: usize, f: impl FnOnce(&A) -> R) -> R {
    with_zeros(|unit: &mut A| {
        unit.as_mut_slice()[i] = T::ONE;
        f(unit)
    })
}

/// Sets zeros to `x + c_1 e + ..`.
#[inline(always)]
fn set<T: Real, const N: usize, const K: usize, const MOVING: bool>(
    line: &mut [Taylor<T, K, MOVING>],
    coefficients: [&[T]; N],
) {
    for (k, coefficients) in coefficients.into_iter().enumerate() {
        for (number, coefficient) in line.iter_mut().zip(coefficients) {
            number.0[k] = *coefficient;
        }
    }
}

/// Sets zeros to `x + c_1 e + c_2/2 e^2`.
#[inline(always)]
fn bend<T: Real>(line: &mut [Jet<T>], x: &[T], curve: [&[T]; 2]) {
    set(line, [x, curve[0]]);
    for (number, second) in line.iter_mut().zip(curve[1]) {
        number.0[2] = T::from_f64(0.5) * *second;
    }
}

/// Forward pass of one sample; `x` writes the input into zeros, and `take` is given the output.
#[inline(always)]
fn forward<C: Chain, N: Number, R>(
    chain: C,
    params: N::Params<'_>,
    x: impl FnOnce(&mut [N]),
    take: impl FnOnce(&[N]) -> R,
) -> R {
    with_zeros(|input: &mut C::Input<N>| {
        x(input.as_mut_slice());
        with_zeros(|y: &mut C::Output<N>| {
            N::narrow(Sample(sample::Forward {
                chain,
                x: input,
                params,
                y,
            }));
            take(y.as_slice())
        })
    })
}

/// Backward pass of one sample; `x` and `y_bar` write input and cotangent into zeros, and `take` is given the output and the
/// requested cotangents of input and parameters.
#[inline(always)]
fn back<C: Chain, N: Number, R, const PARAMS: bool, const INPUT: bool>(
    chain: C,
    params: N::Params<'_>,
    x: impl FnOnce(&mut [N]),
    y_bar: impl FnOnce(&mut [N]),
    take: impl FnOnce(&[N], &[N], &[N]) -> R,
) -> R {
    let mut params_bar = zeros::<N>(if PARAMS { C::PARAM_COUNT } else { 0 });
    with_zeros(|input: &mut C::Input<N>| {
        x(input.as_mut_slice());
        with_zeros(|seed: &mut C::Output<N>| {
            y_bar(seed.as_mut_slice());
            with_zeros(|x_bar: &mut C::Input<N>| {
                with_zeros(|y: &mut C::Output<N>| {
                    N::narrow(Sample(sample::Vjp::<C, _, PARAMS, INPUT, false> {
                        chain,
                        x: input,
                        params,
                        y_bar: seed,
                        y,
                        x_bar: x_bar.as_mut_slice(),
                        params_bar: &mut params_bar,
                    }));
                    take(y.as_slice(), x_bar.as_slice(), &params_bar)
                })
            })
        })
    })
}

/// Backward pass of the derivatives along the curve that `x` writes.
#[inline(always)]
fn back_along<C: Chain, T: Real>(
    chain: C,
    params: &C::Params<T>,
    x: impl FnOnce(&mut [Jet<T>]),
    bars: [&C::Output<T>; 3],
    params_bar: &mut [T],
) -> [C::Output<T>; 3] {
    back::<_, Jet<T>, _, true, false>(
        chain,
        ParamsAndSlopes::new(params.as_slice(), &[]),
        x,
        |y_bar| {
            for (o, y_bar) in y_bar.iter_mut().enumerate() {
                *y_bar = reversed(bars.map(|bar| bar.as_slice()[o]));
            }
        },
        |y, _, jets| {
            take_last(jets, params_bar);
            derivatives(y)
        },
    )
}

/// One coefficient of every element, times `factor`.
#[inline(always)]
fn coefficient<T: Real, A: Array<T>, const K: usize, const MOVING: bool>(
    y: &[Taylor<T, K, MOVING>],
    k: usize,
    factor: T,
) -> A {
    let mut part = A::splat(T::ZERO);
    take(y, k, factor, part.as_mut_slice());
    part
}

/// Writes one coefficient of every element, times `factor`.
#[inline(always)]
fn take<T: Real, const K: usize, const MOVING: bool>(
    from: &[Taylor<T, K, MOVING>],
    k: usize,
    factor: T,
    to: &mut [T],
) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from.0[k] * factor;
    }
}

/// The values and first derivatives.
#[inline(always)]
fn value_and_slope<T: Real, A: Array<T>, const MOVING: bool>(y: &[Taylor<T, 2, MOVING>]) -> (A, A) {
    (coefficient(y, 0, T::ONE), coefficient(y, 1, T::ONE))
}

/// The values and the first two derivatives, of which the second is twice its coefficient.
#[inline(always)]
fn derivatives<T: Real, A: Array<T>>(y: &[Jet<T>]) -> [A; 3] {
    [
        coefficient(y, 0, T::ONE),
        coefficient(y, 1, T::ONE),
        coefficient(y, 2, T::from_f64(2.0)),
    ]
}

/// The seed for `y_bar[0] y + y_bar[1] y' + y_bar[2] y''`, which is the last coefficient of a product with this polynomial.
#[inline(always)]
fn reversed<T: Real>(y_bar: [T; 3]) -> Jet<T> {
    Taylor([y_bar[2] + y_bar[2], y_bar[1], y_bar[0]])
}

/// A direction of the parameters, with zeros for those that are not trained.
enum Direction<'a, T> {
    /// All parameters are trained: the given direction.
    Given(&'a [T]),
    /// A copy, with zeros for untrained parameters.
    Trained(Zeros<T>),
}

impl<'a, T: Real> Direction<'a, T> {
    #[inline]
    fn of<C: Chain>(params_dot: &'a C::Params<T>) -> Self {
        let given = params_dot.as_slice();
        if const { are_trained(C::LAYERS) } {
            return Self::Given(given);
        }
        let mut trained = zeros(given.len());
        trained.copy_from_slice(given);
        for_each_layer(C::LAYERS, 0, &mut |layer, range| {
            let trained_until = if layer.trained {
                range.end - layer.state_count
            } else {
                range.start
            };
            trained[trained_until..range.end].fill(T::ZERO);
        });
        Self::Trained(trained)
    }

    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        match self {
            Self::Given(direction) => direction,
            Self::Trained(direction) => direction,
        }
    }
}

/// Whether all parameters of layers, including inner layers, are trained.
const fn are_trained(layers: &[LayerInfo]) -> bool {
    let mut i = 0;
    while i < layers.len() {
        let layer = &layers[i];
        if !layer.trained || layer.state_count > 0 {
            return false;
        }
        let mut chain = 0;
        while chain < layer.inner.len() {
            if !are_trained(layer.inner[chain]) {
                return false;
            }
            chain += 1;
        }
        i += 1;
    }
    true
}

/// Backward pass of one sample with dual numbers; the results are the first derivatives.
#[inline(always)]
fn back_slopes<C, T, const MOVING: bool, const PARAMS: bool, const INPUT: bool>(
    chain: C,
    line: [&[T]; 2],
    params: ParamsAndSlopes<'_, T>,
    y_bar: &C::Output<T>,
    x_out: &mut [T],
    params_out: &mut [T],
) -> C::Output<T>
where
    C: Chain,
    T: Real,
{
    back::<C, Taylor<T, 2, MOVING>, _, PARAMS, INPUT>(
        chain,
        params,
        |x| set(x, line),
        |seed| set(seed, [y_bar.as_slice()]),
        |y, x_bar, params_bar| {
            take_last(x_bar, x_out);
            take_last(params_bar, params_out);
            coefficient(y, 0, T::ONE)
        },
    )
}

/// Writes the last coefficient of every element.
#[inline(always)]
fn take_last<T: Real, const K: usize, const MOVING: bool>(
    from: &[Taylor<T, K, MOVING>],
    to: &mut [T],
) {
    take(from, K - 1, T::ONE, to);
}

/// Forward pass of a batch with dual numbers, along a direction of inputs and parameters.
fn jvp_batch<C, T, X>(
    chain: C,
    xs: &Lines<'_, X, C::Input<T>>,
    params: &C::Params<T>,
    params_dot: &C::Params<T>,
    ys: &mut [C::Output<T>],
    y_dots: &mut [C::Output<T>],
) -> Result<(), Error>
where
    C: Chain,
    T: Real,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    check_len("outputs", xs.xs.count(), ys.len())?;
    check_len("output tangents", xs.xs.count(), y_dots.len())?;
    let params_dot = Direction::of::<C>(params_dot);
    pass::<C, MovingDual<T>, _, _, _, _, false, false>(
        chain,
        xs,
        ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
        NoSeed,
        Coefficients([Part::of(ys), Part::of(y_dots)]),
        Nowhere,
        &mut [],
    );
    Ok(())
}

/// Forward and backward pass along a direction of the parameters: the directional derivative of the gradient. Returns the sum of
/// the losses.
fn params_product<C, T, X, Y>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    params_dot: &C::Params<T>,
    seed: Y,
    product: &mut C::Params<T>,
) -> T
where
    C: Chain,
    T: Real,
    X: Samples<T, C::Input<T>> + ?Sized,
    Y: Seed<MovingDual<T>>,
{
    let params_dot = Direction::of::<C>(params_dot);
    let mut duals = zeros::<MovingDual<T>>(C::PARAM_COUNT);
    let sum = pass::<C, MovingDual<T>, _, _, _, _, true, false>(
        chain,
        &Lines::new(xs, Slopes::Zero),
        ParamsAndSlopes::new(params.as_slice(), params_dot.as_slice()),
        seed,
        Nowhere,
        Nowhere,
        &mut duals,
    );
    take_last(&duals, product.as_mut_slice());
    sum.0[0]
}

/// The product with the Hessian or the Gauss-Newton matrix of a batch's loss; returns the loss.
fn loss_product<C, T, L, X>(
    chain: C,
    loss: &L,
    xs: &X,
    targets: &[L::Target],
    params: &C::Params<T>,
    params_dot: &C::Params<T>,
    product: &mut C::Params<T>,
    gauss_newton: bool,
) -> Result<T, Error>
where
    C: Chain,
    T: Real,
    L: SecondOrderLoss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    let scale = check_batch(loss, chain, xs, targets)?;
    let given = || Encoded::new(chain, loss, targets, None);
    let seed = MovingLossSeed {
        loss: LossSeed::new(given(), given(), scale),
        gauss_newton,
    };
    let sum = params_product(chain, xs, params, params_dot, seed, product);
    loss.add_penalty_hvp(chain, params, params_dot, product);
    Ok(sum * scale + loss.penalty(chain, params, None))
}

/// Forward pass of a batch with jets.
fn jets<C, T, X>(
    chain: C,
    xs: &X,
    params: &C::Params<T>,
    slopes: Slopes<'_, C::Input<T>>,
    parts: [Part<'_, C::Output<T>, T>; 3],
) where
    C: Chain,
    T: Real,
    X: Samples<T, C::Input<T>> + ?Sized,
{
    pass::<C, Jet<T>, _, _, _, _, false, false>(
        chain,
        &Lines::new(xs, slopes),
        ParamsAndSlopes::new(params.as_slice(), &[]),
        NoSeed,
        Coefficients(parts),
        Nowhere,
        &mut [],
    );
}

/// The tangents of samples.
enum Slopes<'a, I> {
    /// Zero tangents.
    Zero,
    /// One tangent per sample.
    Each(&'a [I]),
    /// One tangent and second derivative per sample.
    Curves(&'a [[I; 2]]),
    /// The unit vector with this index.
    Unit(usize),
}

/// Samples `x + slope e`.
struct Lines<'a, X: ?Sized, I> {
    xs: &'a X,
    slopes: Slopes<'a, I>,
}

impl<'a, X: ?Sized, I> Lines<'a, X, I> {
    fn new(xs: &'a X, slopes: Slopes<'a, I>) -> Self {
        Self { xs, slopes }
    }
}

/// Elements that are read at once, on the stack.
const BLOCK: usize = 64;

impl<T, I, A, X, const K: usize, const MOVING: bool> Samples<Taylor<T, K, MOVING>, A>
    for Lines<'_, X, I>
where
    T: Real,
    I: Array<T>,
    A: Array<Taylor<T, K, MOVING>>,
    X: Samples<T, I> + ?Sized,
{
    fn count(&self) -> usize {
        self.xs.count()
    }

    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [Taylor<T, K, MOVING>]) {
        numbers.fill(Taylor::ZERO);
        let mut values = [T::ZERO; BLOCK];
        for (block, numbers) in numbers.chunks_mut(BLOCK).enumerate() {
            let first = from + block * BLOCK;
            self.xs.read(index, first, &mut values[..numbers.len()]);
            for (number, value) in numbers.iter_mut().zip(values) {
                number.0[0] = value;
            }
            match &self.slopes {
                Slopes::Zero => {}
                Slopes::Each(slopes) => {
                    let slopes = &slopes[index].as_slice()[first..];
                    for (number, slope) in numbers.iter_mut().zip(slopes) {
                        number.0[1] = *slope;
                    }
                }
                Slopes::Curves(curves) => {
                    let [slopes, bends] = curves[index]
                        .each_ref()
                        .map(|part| &part.as_slice()[first..]);
                    for (number, (slope, bend)) in numbers.iter_mut().zip(slopes.iter().zip(bends))
                    {
                        number.0[1] = *slope;
                        number.0[2] = T::from_f64(0.5) * *bend;
                    }
                }
                Slopes::Unit(i) => {
                    let number = i.checked_sub(first).and_then(|i| numbers.get_mut(i));
                    if let Some(number) = number {
                        number.0[1] = T::ONE;
                    }
                }
            }
        }
    }
}

/// Cotangents of `y`, `y'` and `y''`, as [`reversed`].
struct Reversed<'a, O>([&'a [O]; 3]);

impl<T: Real, O: Array<T>, A: Array<Jet<T>>> Samples<Jet<T>, A> for Reversed<'_, O> {
    fn count(&self) -> usize {
        self.0[0].len()
    }

    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [Jet<T>]) {
        let [y, first, second] = self.0.map(|bars| &bars[index].as_slice()[from..]);
        for (o, number) in numbers.iter_mut().enumerate() {
            *number = reversed([y[o], first[o], second[o]]);
        }
    }
}

/// A loss of the derivatives along a curve, sample by sample.
struct AlongLoss<F, O> {
    loss: F,
    output: PhantomData<O>,
}

impl<T, O, F> Seed<Jet<T>> for AlongLoss<F, O>
where
    T: Real,
    O: Array<T>,
    F: Fn(usize, [O; 3]) -> (T, [O; 3]) + Sync,
{
    #[inline(always)]
    fn seed<S: Simd<Jet<T>>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        let mut losses = simd.zero();
        y_bar.fill(losses);
        let y: &[Jet<T>] = bytemuck::cast_slice(y);
        let y_bar: &mut [Jet<T>] = bytemuck::cast_slice_mut(y_bar);
        let lanes = bytemuck::cast_slice_mut(core::slice::from_mut(&mut losses));
        for lane in 0..valid {
            let mut along = [O::splat(T::ZERO); 3];
            for (o, row) in y.chunks_exact(S::LANES).enumerate() {
                let [value, first, half_second] = Jet::lane(row, lane).0;
                let derivatives = [value, first, half_second + half_second];
                for (along, derivative) in along.iter_mut().zip(derivatives) {
                    along.as_mut_slice()[o] = derivative;
                }
            }
            let (loss, bars) = (self.loss)(panel * S::LANES + lane, along);
            Jet::set_lane(lanes, lane, Jet::constant(loss));
            for (o, row) in y_bar.chunks_exact_mut(S::LANES).enumerate() {
                let bars = bars.each_ref().map(|bar| bar.as_slice()[o]);
                Jet::set_lane(row, lane, reversed(bars));
            }
        }
        losses
    }
}

/// The destination of one coefficient, times `factor`.
struct Part<'a, O, T> {
    to: Option<&'a mut [O]>,
    factor: T,
    /// Adds to the destination.
    add: bool,
}

impl<'a, O, T: Real> Part<'a, O, T> {
    fn nowhere() -> Self {
        Self {
            to: None,
            factor: T::ONE,
            add: false,
        }
    }

    fn of(to: &'a mut [O]) -> Self {
        Self {
            to: Some(to),
            ..Self::nowhere()
        }
    }

    /// The second derivative, from its coefficient.
    fn twice(to: &'a mut [O]) -> Self {
        Self {
            factor: T::from_f64(2.0),
            ..Self::of(to)
        }
    }
}

/// The destinations of the coefficients.
struct Coefficients<'a, O, T, const K: usize>([Part<'a, O, T>; K]);

impl<T, O, const K: usize, const MOVING: bool> Sink<Taylor<T, K, MOVING>>
    for Coefficients<'_, O, T, K>
where
    T: Real,
    O: Array<T>,
{
    fn split_off(&mut self, samples: usize) -> Self {
        Self(self.0.each_mut().map(|part| Part {
            to: part.to.as_mut().map(|to| {
                to.split_off_mut(..samples)
                    .expect("a place for every sample")
            }),
            ..*part
        }))
    }

    fn unpack(self, rows: &[Taylor<T, K, MOVING>]) {
        let panel = <Taylor<T, K, MOVING> as Number>::PANEL;
        for (k, Part { to, factor, add }) in self.0.into_iter().enumerate() {
            for (lane, sample) in to.into_iter().flatten().enumerate() {
                let rows = rows.chunks_exact(panel);
                for (number, row) in sample.as_mut_slice().iter_mut().zip(rows) {
                    let coefficient = Taylor::lane(row, lane).0[k] * factor;
                    *number = if add {
                        *number + coefficient
                    } else {
                        coefficient
                    };
                }
            }
        }
    }
}
