//! The calls of one sample, each compiled once a chain: in line at every place of a call they would be most of the code.

use simplechain::chain::Chain;
use simplechain::derivatives::Derivatives;
use simplechain::loss::SquaredLoss;
use simplechain::simd::Real;

use crate::data::unset;

#[inline(never)]
pub(crate) fn forward<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
) -> C::Output<T> {
    chain.forward(x, params)
}

/// The output, and what `vjp` writes.
#[inline(never)]
pub(crate) fn vjp<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    y_bar: &C::Output<T>,
) -> (C::Output<T>, C::Input<T>, C::Params<T>) {
    let (mut x_bar, mut params_bar) = (unset(), unset());
    let y = chain.vjp(x, params, y_bar, &mut x_bar, &mut params_bar);
    (y, x_bar, params_bar)
}

#[inline(never)]
pub(crate) fn vjp_input<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    y_bar: &C::Output<T>,
) -> C::Input<T> {
    let mut x_bar = unset();
    chain.vjp_input(x, params, y_bar, &mut x_bar);
    x_bar
}

#[inline(never)]
pub(crate) fn vjp_params<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    y_bar: &C::Output<T>,
) -> C::Params<T> {
    let mut params_bar = unset();
    chain.vjp_params(x, params, y_bar, &mut params_bar);
    params_bar
}

/// The loss, and its gradient.
#[inline(never)]
pub(crate) fn value_and_grad<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    target: &C::Output<T>,
    params: &C::Params<T>,
) -> (T, C::Params<T>) {
    let mut grads = unset();
    let loss = chain.value_and_grad(&SquaredLoss, x, target, params, &mut grads);
    (loss, grads)
}

#[inline(never)]
pub(crate) fn jvp<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    x_dot: &C::Input<T>,
    params_dot: &C::Params<T>,
) -> (C::Output<T>, C::Output<T>) {
    chain.jvp(x, params, x_dot, params_dot)
}

#[inline(never)]
pub(crate) fn jvp_input<C: Chain, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    x_dot: &C::Input<T>,
) -> (C::Output<T>, C::Output<T>) {
    chain.jvp_input(x, params, x_dot)
}
