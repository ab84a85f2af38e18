//! Checks gradients of losses and penalties against finite differences.

use alloc::vec;

use super::{Loss, Penalty};
use crate::array::Array;
use crate::differences::{Claim, compare};
use crate::error::Error;
use crate::network::Network;
use crate::simd::{Real, Simd};

/// Compares the gradient of a loss at an output and a target with finite differences of its value, for every element of the
/// output. For tests of a custom loss, an `impl` of [`Loss`] or a [`LossFn`](super::LossFn), at an output where it
/// has no kink.
///
/// A derivative is wrong if its relative error exceeds `1e-6` (in `f32` `1e-3`) plus the error of the differences.
///
/// ```
/// use simplechain::loss::check_gradient;
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
/// // ln cosh (y - t), with a derivative that is not its own
/// let loss = LossFn(|y: &[f64; 1], t: &[f64; 1], y_bar: &mut [f64; 1]| {
///     let residual = y[0] - t[0];
///     y_bar[0] = residual.sinh();
///     residual.cosh().ln()
/// });
/// let error = check_gradient(Net, &loss, &[1.0], &[0.5]).unwrap_err().to_string();
/// assert!(error.contains("is 0.5210953054937474, but differences of the function give 0.462117157"));
/// ```
///
/// # Errors
/// [`Error::Derivative`] names the derivative and both values; or the error of the loss for the target.
pub fn check_gradient<C: Network, T: Real, L: Loss<C, T>>(
    _: C,
    loss: &L,
    y: &C::Output<T>,
    target: &L::Target,
) -> Result<(), Error> {
    loss.check(core::slice::from_ref(target))?;
    let value_and_grad = |y: &[T], y_bar: &mut [T]| {
        y_bar.fill(T::ZERO);
        loss.encode(target, y_bar);
        let simd = T::OneLane::default();
        let y_bar = bytemuck::cast_slice_mut(y_bar);
        simd.sum(loss.value_and_grad(simd, bytemuck::cast_slice(y), y_bar))
    };
    let mut unused = vec![T::ZERO; C::OUTPUT_LEN];
    compare(
        &Claim {
            method: "value_and_grad",
            of: "loss",
            by: "output",
            adds: false,
        },
        &mut y.as_slice().to_vec(),
        1,
        |y, value| value[0] = value_and_grad(y, &mut unused),
        |bar, y_bar| {
            value_and_grad(y.as_slice(), y_bar);
            y_bar.iter_mut().for_each(|y_bar| *y_bar *= bar[0]);
        },
    )
}

/// Checks the gradient of a [`Penalty`] as [`check_gradient`] does that of a loss: for a custom `impl` or a
/// [`PenaltyFn`](super::PenaltyFn).
///
/// ```
/// use simplechain::loss::check_penalty;
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 2 => dense(tanh, 16) => dense(id, 1) }
/// check_penalty(Net, &L2::new(1e-3), &Net.init::<f64>(&mut rng(0)))?;
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// # Errors
/// [`Error::Derivative`] names the derivative and both values; or the error of the penalty for its settings.
pub fn check_penalty<C: Network, T: Real>(
    _: C,
    penalty: &impl Penalty<T>,
    params: &C::Params<T>,
) -> Result<(), Error> {
    penalty.check()?;
    compare(
        &Claim {
            method: "value_and_grad",
            of: "penalty",
            by: "parameter",
            adds: true,
        },
        &mut params.as_slice().to_vec(),
        1,
        |params, value| value[0] = penalty.value_and_grad(C::LAYERS, params, None),
        |bar, grads| {
            // A penalty is not given the cotangent that scales its gradient.
            grads.iter_mut().for_each(|grad| *grad = *grad / bar[0]);
            penalty.value_and_grad(C::LAYERS, params.as_slice(), Some(grads));
            grads.iter_mut().for_each(|grad| *grad *= bar[0]);
        },
    )
}
