//! The numbers that go through a chain: polynomials in a small step, and what is put into and taken out of their coefficients.

use crate::array::Array;
use crate::simd::{Real, Taylor};

/// Value and first derivative along a line of inputs.
pub(super) type Dual<T> = Taylor<T, 2, false>;
/// Value and first derivative along a line of inputs and parameters.
pub(super) type MovingDual<T> = Taylor<T, 2, true>;
/// Value, first derivative and half the second derivative along a line of inputs.
pub(super) type Jet<T> = Taylor<T, 3, false>;

/// Sets zeros to `x + c_1 e + ..`.
#[inline(always)]
pub(super) fn set<T: Real, const N: usize, const K: usize, const PARAM_TANGENTS: bool>(
    line: &mut [Taylor<T, K, PARAM_TANGENTS>],
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
pub(super) fn lift_curve<T: Real>(line: &mut [Jet<T>], x: &[T], curve: [&[T]; 2]) {
    set(line, [x, curve[0]]);
    for (number, second) in line.iter_mut().zip(curve[1]) {
        number.0[2] = T::from_f64(0.5) * *second;
    }
}

/// One coefficient of every element, times `factor`.
#[inline(always)]
pub(super) fn coefficient<T: Real, A: Array<T>, const K: usize, const PARAM_TANGENTS: bool>(
    y: &[Taylor<T, K, PARAM_TANGENTS>],
    k: usize,
    factor: T,
) -> A {
    let mut part = A::splat(T::ZERO);
    take(y, k, factor, part.as_mut_slice());
    part
}

/// Writes one coefficient of every element, times `factor`.
#[inline(always)]
pub(super) fn take<T: Real, const K: usize, const PARAM_TANGENTS: bool>(
    from: &[Taylor<T, K, PARAM_TANGENTS>],
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
pub(super) fn value_and_slope<T: Real, A: Array<T>, const PARAM_TANGENTS: bool>(
    y: &[Taylor<T, 2, PARAM_TANGENTS>],
) -> (A, A) {
    (coefficient(y, 0, T::ONE), coefficient(y, 1, T::ONE))
}

/// The values and the first two derivatives, of which the second is twice its coefficient.
#[inline(always)]
pub(super) fn derivatives<T: Real, A: Array<T>>(y: &[Jet<T>]) -> [A; 3] {
    [
        coefficient(y, 0, T::ONE),
        coefficient(y, 1, T::ONE),
        coefficient(y, 2, T::from_f64(2.0)),
    ]
}

/// The seed for `y_bar[0] y + y_bar[1] y' + y_bar[2] y''`, which is the last coefficient of a product with this polynomial.
#[inline(always)]
pub(super) fn adjoint_seed<T: Real>(y_bar: [T; 3]) -> Jet<T> {
    Taylor([y_bar[2] + y_bar[2], y_bar[1], y_bar[0]])
}

/// Writes the last coefficient of every element.
#[inline(always)]
pub(super) fn take_last<T: Real, const K: usize, const PARAM_TANGENTS: bool>(
    from: &[Taylor<T, K, PARAM_TANGENTS>],
    to: &mut [T],
) {
    take(from, K - 1, T::ONE, to);
}
