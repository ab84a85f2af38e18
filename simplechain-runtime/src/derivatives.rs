//! Derivatives beyond the gradient: products with Jacobians and Hessians, and the Laplacian, by the kernels of the chain
//! itself with [`Taylor`](crate::simd::Taylor) polynomials for numbers.

#[cfg(feature = "alloc")]
mod batch;
mod direction;
mod jet;
#[cfg(feature = "alloc")]
mod rows;
mod sample;

#[cfg(feature = "alloc")]
use core::marker::PhantomData;

#[cfg(feature = "alloc")]
use self::batch::{jets, jvp_batch, loss_product, params_product};
use self::direction::Direction;
#[cfg(feature = "alloc")]
use self::jet::take_last;
use self::jet::{Dual, Jet, MovingDual, derivatives, lift_curve, set, take, value_and_slope};
#[cfg(feature = "alloc")]
use self::rows::{AlongLoss, Coefficients, Lines, Part, Reversed, Tangents};
use self::sample::{back_jet, back_slopes, forward, with_unit};
use crate::array::Array;
use crate::chain::Chain;
use crate::error::{Error, check_len};
use crate::layer::{WrtBoth, WrtInput, WrtParams};
use crate::simd::{ParamsAndTangents, Real};
#[cfg(feature = "alloc")]
use crate::{
    data::Samples,
    loss::SecondOrderLoss,
    run::batch::{Ends, run},
    run::cotangents::{GivenCotangents, NoCotangents},
    run::sink::{Discard, Total},
    run::source::Gather,
    scratch::zeros,
};

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
        let params_dot = Direction::<Self, T>::of(params_dot);
        forward::<_, MovingDual<T>, _>(
            *self,
            ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
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
        let params_dot = Direction::<Self, T>::of(params_dot);
        forward::<_, MovingDual<T>, _>(
            *self,
            ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
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
            ParamsAndTangents::new(params.as_slice(), &[]),
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
        let params_dot = Direction::<Self, T>::of(params_dot);
        forward::<_, MovingDual<T>, _>(
            *self,
            ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
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
        let params_dot = Direction::<Self, T>::of(params_dot);
        back_slopes::<_, T, WrtBoth, true>(
            *self,
            [x.as_slice(), x_dot.as_slice()],
            ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
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
        back_slopes::<_, T, WrtInput, false>(
            *self,
            [x.as_slice(), x_dot.as_slice()],
            ParamsAndTangents::new(params.as_slice(), &[]),
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
        let params_dot = Direction::<Self, T>::of(params_dot);
        back_slopes::<_, T, WrtParams, true>(
            *self,
            [x.as_slice(), &[]],
            ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
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
        back_slopes::<_, T, WrtParams, false>(
            *self,
            [x.as_slice(), x_dot.as_slice()],
            ParamsAndTangents::new(params.as_slice(), &[]),
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
    #[doc(alias = "along")]
    #[inline]
    fn jet<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
    ) -> [Self::Output<T>; 3] {
        forward::<_, Jet<T>, _>(
            *self,
            ParamsAndTangents::new(params.as_slice(), &[]),
            |line| set(line, [x.as_slice(), x_dot.as_slice()]),
            derivatives,
        )
    }

    /// [`jet`](Self::jet) a curve, `x(s) = x + s c_1 + s^2/2 c_2`: with the Jacobian `J` and the Hessian `H` of an
    /// output, `y' = J c_1` and `y'' = c_1^T H c_1 + J c_2`.
    ///
    /// A second derivative in one direction plus a first derivative in another is a single curve, and costs as much as the second
    /// derivative alone. For `u(x, t)` along `[[1, 0], [0, -1 / nu]]` it is `y'' = u_xx - u_t / nu`, the heat equation.
    #[doc(alias = "along_curve")]
    #[inline]
    fn jet_curve<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        curve: [&Self::Input<T>; 2],
    ) -> [Self::Output<T>; 3] {
        forward::<_, Jet<T>, _>(
            *self,
            ParamsAndTangents::new(params.as_slice(), &[]),
            |line| lift_curve(line, x.as_slice(), curve.map(Array::as_slice)),
            derivatives,
        )
    }

    /// `y`, and the Laplacian of every output, `sum_i d^2y/dx_i^2`. For its backward pass use [`vjp_jet`](Self::vjp_jet) in every direction.
    #[inline]
    fn laplacian<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
    ) -> (Self::Output<T>, Self::Output<T>) {
        let (mut y, mut sum) = (Self::Output::splat(T::ZERO), Self::Output::splat(T::ZERO));
        for i in 0..Self::INPUT_LEN {
            let second;
            [y, _, second] = with_unit(i, |x_dot| self.jet(x, params, x_dot));
            for (sum, second) in sum.as_mut_slice().iter_mut().zip(second.as_slice()) {
                *sum += *second;
            }
        }
        (y, sum)
    }

    /// Backward pass of [`jet`](Self::jet): writes the gradient with respect to the parameters, from cotangents of `y`, `y'` and
    /// `y''`. For a differential equation in the loss. Returns `y`, `y'` and `y''`.
    #[doc(alias = "vjp_along")]
    #[inline]
    fn vjp_jet<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        x_dot: &Self::Input<T>,
        bars: [&Self::Output<T>; 3],
        params_bar: &mut Self::Params<T>,
    ) -> [Self::Output<T>; 3] {
        let line = [x.as_slice(), x_dot.as_slice()];
        back_jet(
            *self,
            params,
            |x| set(x, line),
            bars,
            params_bar.as_mut_slice(),
        )
    }

    /// Backward pass of [`jet_curve`](Self::jet_curve), as [`vjp_jet`](Self::vjp_jet).
    #[doc(alias = "vjp_along_curve")]
    #[inline]
    fn vjp_jet_curve<T: Real>(
        &self,
        x: &Self::Input<T>,
        params: &Self::Params<T>,
        curve: [&Self::Input<T>; 2],
        bars: [&Self::Output<T>; 3],
        params_bar: &mut Self::Params<T>,
    ) -> [Self::Output<T>; 3] {
        let curve = curve.map(Array::as_slice);
        back_jet(
            *self,
            params,
            |line| lift_curve(line, x.as_slice(), curve),
            bars,
            params_bar.as_mut_slice(),
        )
    }

    /// [`jvp`](Self::jvp) of many samples, each in its own direction, with one direction of the parameters; the
    /// work is shared between threads as in [`Chain::forward_batch`].
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `x_dots`, `ys` and `y_dots` as `xs`.
    #[cfg(feature = "alloc")]
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
            &Lines::new(xs, Tangents::Each(x_dots)),
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
    #[cfg(feature = "alloc")]
    fn jvp_params_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        params_dot: &Self::Params<T>,
        ys: &mut [Self::Output<T>],
        y_dots: &mut [Self::Output<T>],
    ) -> Result<(), Error> {
        let xs = Lines::new(xs, Tangents::Zero);
        jvp_batch(*self, &xs, params, params_dot, ys, y_dots)
    }

    /// [`jvp_input`](Self::jvp_input) of many samples, each in its own direction.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `x_dots`, `ys` and `y_dots` as `xs`.
    #[cfg(feature = "alloc")]
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
        run::<_, Dual<T>, _, _>(
            *self,
            &Lines::new(xs, Tangents::Each(x_dots)),
            ParamsAndTangents::new(params.as_slice(), &[]),
            Ends {
                cotangents: NoCotangents,
                outputs: Coefficients([Part::of(ys), Part::of(y_dots)]),
                input_cotangents: Discard,
                gradient: Discard,
            },
        );
        Ok(())
    }

    /// [`hvp`](Self::hvp) of many samples, each in its own direction, with one direction of the parameters;
    /// `params_out` is the sum over the samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars`, `x_dots` and `x_outs` as `xs`.
    #[cfg(feature = "alloc")]
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
        let xs = Lines::new(xs, Tangents::Each(x_dots));
        let y_bars = Lines::new(y_bars, Tangents::Zero);
        let params_dot = Direction::<Self, T>::of(params_dot);
        let mut duals = zeros::<MovingDual<T>>(Self::PARAM_COUNT);
        run::<_, MovingDual<T>, _, _>(
            *self,
            &xs,
            ParamsAndTangents::new(params.as_slice(), params_dot.as_slice()),
            Ends {
                cotangents: GivenCotangents(Gather::<_, Self::Output<MovingDual<T>>>::new(
                    &y_bars, None,
                )),
                outputs: Discard,
                input_cotangents: Coefficients([Part::nowhere(), Part::of(x_outs)]),
                gradient: Total {
                    to: &mut duals,
                    add: false,
                },
            },
        );
        take_last(&duals, params_out.as_mut_slice());
        Ok(())
    }

    /// [`hvp_input`](Self::hvp_input) of many samples, each in its own direction.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars`, `x_dots` and `x_outs` as `xs`.
    #[cfg(feature = "alloc")]
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
        let y_bars = Lines::new(y_bars, Tangents::Zero);
        run::<_, Dual<T>, _, _>(
            *self,
            &Lines::new(xs, Tangents::Each(x_dots)),
            ParamsAndTangents::new(params.as_slice(), &[]),
            Ends {
                cotangents: GivenCotangents(Gather::<_, Self::Output<Dual<T>>>::new(&y_bars, None)),
                outputs: Discard,
                input_cotangents: Coefficients([Part::nowhere(), Part::of(x_outs)]),
                gradient: Discard,
            },
        );
        Ok(())
    }

    /// [`hvp_params`](Self::hvp_params) of many samples in one direction; `params_out` is the sum over the samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `y_bars` as `xs`.
    #[cfg(feature = "alloc")]
    fn hvp_params_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
        &self,
        xs: &X,
        params: &Self::Params<T>,
        y_bars: &[Self::Output<T>],
        params_dot: &Self::Params<T>,
        params_out: &mut Self::Params<T>,
    ) -> Result<(), Error> {
        check_len("output cotangents", xs.count(), y_bars.len())?;
        let y_bars = Lines::new(y_bars, Tangents::Zero);
        let seed = GivenCotangents(Gather::<_, Self::Output<MovingDual<T>>>::new(&y_bars, None));
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
    #[cfg(feature = "alloc")]
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
    #[cfg(feature = "alloc")]
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

    /// [`jet`](Self::jet) for many samples: `ys`, `firsts` and `seconds` become `y`, `y'` and `y''`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many of all as `xs`.
    #[cfg(feature = "alloc")]
    #[doc(alias = "along_batch")]
    fn jet_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
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
        jets(*self, xs, params, Tangents::Each(x_dots), parts);
        Ok(())
    }

    /// [`vjp_jet`](Self::vjp_jet) for many samples; the gradient is the sum over them.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many of all as `xs`.
    #[cfg(feature = "alloc")]
    fn vjp_jet_batch<T: Real, X: Samples<T, Self::Input<T>> + ?Sized>(
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
        let xs = Lines::new(xs, Tangents::Each(x_dots));
        let y_bars = Reversed(bars);
        let mut jets = zeros::<Jet<T>>(Self::PARAM_COUNT);
        run::<_, Jet<T>, _, _>(
            *self,
            &xs,
            ParamsAndTangents::new(params.as_slice(), &[]),
            Ends {
                cotangents: GivenCotangents(Gather::<_, Self::Output<Jet<T>>>::new(&y_bars, None)),
                outputs: Discard,
                input_cotangents: Discard,
                gradient: Total {
                    to: &mut jets,
                    add: false,
                },
            },
        );
        take_last(&jets, params_bar.as_mut_slice());
        Ok(())
    }

    /// The sum over samples of a loss of `y`, `y'` and `y''` along a [curve](Self::jet_curve) through each, and its gradient
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
    /// let sum = Net.value_and_grad_jet_batch(&points, &params, &curves, residual, &mut grads)?;
    /// assert!(sum > 0.0);
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a curve for every sample.
    #[cfg(feature = "alloc")]
    #[doc(alias = "value_and_grad_along_batch")]
    fn value_and_grad_jet_batch<T, X, F>(
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
        let sum = run::<_, Jet<T>, _, _>(
            *self,
            &Lines::new(xs, Tangents::Curves(curves)),
            ParamsAndTangents::new(params.as_slice(), &[]),
            Ends {
                cotangents: AlongLoss {
                    loss,
                    output: PhantomData,
                },
                outputs: Discard,
                input_cotangents: Discard,
                gradient: Total {
                    to: &mut jets,
                    add: false,
                },
            },
        );
        take_last(&jets, grads.as_mut_slice());
        Ok(sum.0[0])
    }

    /// [`laplacian`](Self::laplacian) of many samples.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many `ys` and `laplacians` as `xs`.
    #[cfg(feature = "alloc")]
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
            jets(*self, xs, params, Tangents::Unit(i), parts);
        }
        Ok(())
    }
}

impl<C: Chain> Derivatives for C {}
