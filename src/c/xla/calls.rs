//! What the handlers compute for one vector of parameters and its samples, in safe code.

use super::Role::{self, Input, Output, Params};
use crate::chain::{Array, Chain};
use crate::derivatives::Derivatives;
use crate::simd::Real;

type Result = core::result::Result<(), crate::Error>;

/// A call with `A` arguments and `R` results. The first two arguments are inputs and parameters.
///
/// One sample takes the calls on one sample, which have no batch to pack.
pub(super) trait Call<const A: usize, const R: usize> {
    const ARGUMENTS: [Role; A];
    const RESULTS: [Role; R];

    fn run<C: Chain, T: Real>(arguments: [&[T]; A], results: [&mut [T]; R]) -> Result;
}

pub(super) struct Forward;
impl Call<2, 1> for Forward {
    const ARGUMENTS: [Role; 2] = [Input, Params];
    const RESULTS: [Role; 1] = [Output];

    #[inline]
    fn run<C: Chain, T: Real>([xs, params]: [&[T]; 2], [ys]: [&mut [T]; 1]) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let ys = chain.outputs_mut(ys)?;
        if let ([x], [y]) = (xs, &mut *ys) {
            chain.forward_into(x, params, y);
            return Ok(());
        }
        chain.forward_batch(xs, params, ys)
    }
}

pub(super) struct Vjp;
impl Call<3, 2> for Vjp {
    const ARGUMENTS: [Role; 3] = [Input, Params, Output];
    const RESULTS: [Role; 2] = [Input, Params];

    #[inline]
    fn run<C: Chain, T: Real>(
        [xs, params, y_bars]: [&[T]; 3],
        [x_bars, params_bar]: [&mut [T]; 2],
    ) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let y_bars = chain.outputs(y_bars)?;
        let (x_bars, params_bar) = (chain.inputs_mut(x_bars)?, chain.params_mut(params_bar)?);
        if let ([x], [y_bar], [x_bar]) = (xs, y_bars, &mut *x_bars) {
            chain.vjp(x, params, y_bar, x_bar, params_bar);
            return Ok(());
        }
        chain.vjp_batch(xs, params, y_bars, x_bars, params_bar)
    }
}

pub(super) struct VjpInput;
impl Call<3, 1> for VjpInput {
    const ARGUMENTS: [Role; 3] = [Input, Params, Output];
    const RESULTS: [Role; 1] = [Input];

    #[inline]
    fn run<C: Chain, T: Real>([xs, params, y_bars]: [&[T]; 3], [x_bars]: [&mut [T]; 1]) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let (y_bars, x_bars) = (chain.outputs(y_bars)?, chain.inputs_mut(x_bars)?);
        if let ([x], [y_bar], [x_bar]) = (xs, y_bars, &mut *x_bars) {
            chain.vjp_input(x, params, y_bar, x_bar);
            return Ok(());
        }
        chain.vjp_input_batch(xs, params, y_bars, x_bars)
    }
}

pub(super) struct VjpParams;
impl Call<3, 1> for VjpParams {
    const ARGUMENTS: [Role; 3] = [Input, Params, Output];
    const RESULTS: [Role; 1] = [Params];

    #[inline]
    fn run<C: Chain, T: Real>(
        [xs, params, y_bars]: [&[T]; 3],
        [params_bar]: [&mut [T]; 1],
    ) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let (y_bars, params_bar) = (chain.outputs(y_bars)?, chain.params_mut(params_bar)?);
        if let ([x], [y_bar]) = (xs, y_bars) {
            chain.vjp_params(x, params, y_bar, params_bar);
            return Ok(());
        }
        chain.vjp_params_batch(xs, params, y_bars, params_bar)
    }
}

pub(super) struct Jvp;
impl Call<4, 1> for Jvp {
    const ARGUMENTS: [Role; 4] = [Input, Params, Input, Params];
    const RESULTS: [Role; 1] = [Output];

    #[inline]
    fn run<C: Chain, T: Real>(
        [xs, params, x_dots, params_dot]: [&[T]; 4],
        [y_dots]: [&mut [T]; 1],
    ) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let (x_dots, params_dot) = (chain.inputs(x_dots)?, chain.params(params_dot)?);
        let y_dots = chain.outputs_mut(y_dots)?;
        if let ([x], [x_dot], [y_dot]) = (xs, x_dots, &mut *y_dots) {
            *y_dot = chain.jvp(x, params, x_dot, params_dot).1;
            return Ok(());
        }
        let mut ys = C::Output::vec(T::ZERO, xs.len());
        chain.jvp_batch(xs, params, x_dots, params_dot, &mut ys, y_dots)
    }
}

pub(super) struct JvpInput;
impl Call<3, 1> for JvpInput {
    const ARGUMENTS: [Role; 3] = [Input, Params, Input];
    const RESULTS: [Role; 1] = [Output];

    #[inline]
    fn run<C: Chain, T: Real>([xs, params, x_dots]: [&[T]; 3], [y_dots]: [&mut [T]; 1]) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let (x_dots, y_dots) = (chain.inputs(x_dots)?, chain.outputs_mut(y_dots)?);
        if let ([x], [x_dot], [y_dot]) = (xs, x_dots, &mut *y_dots) {
            *y_dot = chain.jvp_input(x, params, x_dot).1;
            return Ok(());
        }
        let mut ys = C::Output::vec(T::ZERO, xs.len());
        chain.jvp_input_batch(xs, params, x_dots, &mut ys, y_dots)
    }
}

pub(super) struct JvpParams;
impl Call<3, 1> for JvpParams {
    const ARGUMENTS: [Role; 3] = [Input, Params, Params];
    const RESULTS: [Role; 1] = [Output];

    #[inline]
    fn run<C: Chain, T: Real>(
        [xs, params, params_dot]: [&[T]; 3],
        [y_dots]: [&mut [T]; 1],
    ) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let (params_dot, y_dots) = (chain.params(params_dot)?, chain.outputs_mut(y_dots)?);
        if let ([x], [y_dot]) = (xs, &mut *y_dots) {
            *y_dot = chain.jvp_params(x, params, params_dot).1;
            return Ok(());
        }
        let mut ys = C::Output::vec(T::ZERO, xs.len());
        chain.jvp_params_batch(xs, params, params_dot, &mut ys, y_dots)
    }
}

pub(super) struct Hvp;
impl Call<5, 2> for Hvp {
    const ARGUMENTS: [Role; 5] = [Input, Params, Output, Input, Params];
    const RESULTS: [Role; 2] = [Input, Params];

    #[inline]
    fn run<C: Chain, T: Real>(
        [xs, params, y_bars, x_dots, params_dot]: [&[T]; 5],
        [x_outs, params_out]: [&mut [T]; 2],
    ) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let y_bars = chain.outputs(y_bars)?;
        let (x_dots, params_dot) = (chain.inputs(x_dots)?, chain.params(params_dot)?);
        let (x_outs, params_out) = (chain.inputs_mut(x_outs)?, chain.params_mut(params_out)?);
        if let ([x], [y_bar], [x_dot], [x_out]) = (xs, y_bars, x_dots, &mut *x_outs) {
            chain.hvp(x, params, y_bar, x_dot, params_dot, x_out, params_out);
            return Ok(());
        }
        chain.hvp_batch(xs, params, y_bars, x_dots, params_dot, x_outs, params_out)
    }
}

/// The second derivative in two directions, which is bilinear: `y_k = v^T H_k w` with the Hessian `H_k` of output `k`. A product with a
/// Hessian for each output.
pub(super) struct Second;
impl Call<6, 1> for Second {
    const ARGUMENTS: [Role; 6] = [Input, Params, Input, Params, Input, Params];
    const RESULTS: [Role; 1] = [Output];

    fn run<C: Chain, T: Real>(
        [xs, params, x_vs, params_v, x_ws, params_w]: [&[T]; 6],
        [ys]: [&mut [T]; 1],
    ) -> Result {
        let chain = C::CHAIN;
        let (xs, params) = (chain.inputs(xs)?, chain.params(params)?);
        let (x_vs, params_v) = (chain.inputs(x_vs)?, chain.params(params_v)?);
        let x_ws = chain.inputs(x_ws)?;
        let mut x_out = C::Input::boxed(T::ZERO);
        let mut params_out = chain.zeros();
        let samples = xs.iter().zip(x_vs).zip(x_ws);
        for (((x, x_v), x_w), y) in samples.zip(chain.outputs_mut(ys)?) {
            for (k, y) in y.as_mut_slice().iter_mut().enumerate() {
                let mut y_bar = C::Output::boxed(T::ZERO);
                y_bar.as_mut_slice()[k] = T::ONE;
                chain.hvp(
                    x,
                    params,
                    &y_bar,
                    x_v,
                    params_v,
                    &mut x_out,
                    &mut params_out,
                );
                let product =
                    dot(x_out.as_slice(), x_w.as_slice()) + dot(params_out.as_slice(), params_w);
                *y = T::from_f64(product);
            }
        }
        Ok(())
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    let products = a.iter().zip(b).map(|(a, b)| a.to_f64() * b.to_f64());
    products.sum()
}
