//! Checks the derivatives of a field against finite differences of its rate.

use alloc::boxed::Box;
use alloc::vec;

use super::DifferentiableField;
use crate::array::Array;
use crate::differences::{Claim, compare, weight};
use crate::error::{Error, WrongDerivative};
use crate::simd::Real;

/// Compares the derivatives of a [`DifferentiableField`] with finite differences of its rate at `(t, u, params)`:
/// [`vjp_add`](DifferentiableField::vjp_add) with respect to every element of the state and the parameters, as well as
/// [`vjp_add_saved`](DifferentiableField::vjp_add_saved), [`jvp`](DifferentiableField::jvp) and
/// [`rate_and_save`](super::Field::rate_and_save). For tests of a custom field, at a point where all its terms contribute and none has a
/// kink.
///
/// A derivative is wrong if its relative error exceeds `1e-6` (in `f32` `1e-3`) plus the error of the differences. This takes
/// up to eight rate evaluations for every element of state and parameters.
///
/// ```
/// use simplechain::ode::{DifferentiableField, Field, check_vjp};
///
/// /// `u' = -k u^2`
/// struct Decay;
///
/// impl Field<f64> for Decay {
///     type State = [f64; 1];
///     type Params = [f64; 1];
///
///     fn rate(&self, _t: f64, [u]: &[f64; 1], [k]: &[f64; 1], rate: &mut [f64; 1]) {
///         *rate = [-k * u * u];
///     }
/// }
///
/// impl DifferentiableField<f64> for Decay {
///     fn vjp_add(
///         &self, _t: f64, [u]: &[f64; 1], [k]: &[f64; 1], [bar]: &[f64; 1], u_bar: &mut [f64; 1], k_bar: &mut [f64; 1],
///     ) {
///         u_bar[0] -= bar * k * u; // should be 2 k u
///         k_bar[0] -= bar * u * u;
///     }
/// }
///
/// let error = check_vjp(&Decay, 0.0, &[3.0], &[0.5]).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "`vjp_add`: the derivative of rate 0 by state 0 is -1.5, but differences of the function give -3",
/// );
/// ```
///
/// # Errors
/// [`Error::Derivative`] names the method, the derivative and both values.
pub fn check_vjp<T: Real, F: DifferentiableField<T>>(
    field: &F,
    t: T,
    u: &F::State,
    params: &F::Params,
) -> Result<(), Error> {
    let mut state = owned::<T, F::State>(u);
    let mut numbers = owned::<T, F::Params>(params);

    let mut rate = F::State::boxed(T::ZERO);
    field.rate(t, u, params, &mut rate);
    let mut again = F::State::boxed(T::ONE);
    field.rate(t, u, params, &mut again);
    same(
        ["`rate` into zeros", "`rate` into ones"],
        rate.as_slice(),
        again.as_slice(),
    )?;
    let mut saved = vec![T::ZERO; F::SAVED_LEN];
    again.as_mut_slice().fill(T::ZERO);
    field.rate_and_save(t, u, params, &mut saved, &mut again);
    same(
        ["`rate`", "`rate_and_save`"],
        rate.as_slice(),
        again.as_slice(),
    )?;

    for (method, with_kept) in [("vjp_add", false), ("vjp_add_saved", true)] {
        let vjp = |bar: &[T], u_bar: &mut F::State, params_bar: &mut F::Params| {
            let bar = array(bar);
            if with_kept {
                field.vjp_add_saved(t, u, params, &saved, bar, u_bar, params_bar);
            } else {
                field.vjp_add(t, u, params, bar, u_bar, params_bar);
            }
        };
        let mut other = F::Params::boxed(T::ZERO);
        compare(
            &claim(method, "state"),
            state.as_mut_slice(),
            F::State::LEN,
            |u, rate| field.rate(t, array(u), params, array_mut(rate)),
            |bar, u_bar| vjp(bar, array_mut(u_bar), &mut other),
        )?;
        let mut other = F::State::boxed(T::ZERO);
        compare(
            &claim(method, "parameter"),
            numbers.as_mut_slice(),
            F::State::LEN,
            |params, rate| field.rate(t, u, array(params), array_mut(rate)),
            |bar, params_bar| vjp(bar, &mut other, array_mut(params_bar)),
        )?;
    }

    // The directional derivative with respect to `s`, where state and parameters move by `s` times these.
    let mut u_dot = F::State::boxed(T::ZERO);
    let mut params_dot = F::Params::boxed(T::ZERO);
    let dots = u_dot.as_mut_slice().iter_mut();
    for (i, dot) in dots.chain(params_dot.as_mut_slice()).enumerate() {
        *dot = weight(i);
    }
    let mut rate_dot = F::State::boxed(T::ZERO);
    again.as_mut_slice().fill(T::ZERO);
    field.jvp(t, u, params, &u_dot, &params_dot, &mut again, &mut rate_dot);
    same(["`rate`", "`jvp`"], rate.as_slice(), again.as_slice())?;
    compare(
        &Claim {
            adds: false,
            ..claim("jvp", "direction")
        },
        &mut [T::ZERO],
        F::State::LEN,
        |s, rate| {
            moved(state.as_mut_slice(), u.as_slice(), s[0], u_dot.as_slice());
            moved(
                numbers.as_mut_slice(),
                params.as_slice(),
                s[0],
                params_dot.as_slice(),
            );
            field.rate(t, &state, &numbers, array_mut(rate));
        },
        |bar, s_bar| {
            let products = bar.iter().zip(rate_dot.as_slice());
            s_bar[0] = products.fold(T::ZERO, |sum, (bar, dot)| sum + *bar * *dot);
        },
    )
}

fn claim(method: &'static str, by: &'static str) -> Claim {
    Claim {
        method,
        of: "rate",
        by,
        adds: true,
    }
}

/// Whether two methods return the same rate, to rounding.
fn same<T: Real>(methods: [&'static str; 2], one: &[T], other: &[T]) -> Result<(), Error> {
    for (output, (one, other)) in one.iter().zip(other).enumerate() {
        let given = [one.to_f64(), other.to_f64()];
        let off = (given[0] - given[1]).abs();
        let near = off <= 1e-5 * given[0].abs().max(given[1].abs());
        if !near && given[0].to_bits() != given[1].to_bits() {
            let wrong = WrongDerivative::Output {
                methods,
                output,
                given,
            };
            return Err(Error::Derivative(wrong));
        }
    }
    Ok(())
}

/// `to = from + s dot`
fn moved<T: Real>(to: &mut [T], from: &[T], s: T, dot: &[T]) {
    for (to, (from, dot)) in to.iter_mut().zip(from.iter().zip(dot)) {
        *to = *from + s * *dot;
    }
}

fn owned<T: Real, A: Array<T>>(array: &A) -> Box<A> {
    let mut copy = A::boxed(T::ZERO);
    copy.as_mut_slice().copy_from_slice(array.as_slice());
    copy
}

fn array<T: Real, A: Array<T>>(numbers: &[T]) -> &A {
    A::from_slice(numbers).expect("as many")
}

fn array_mut<T: Real, A: Array<T>>(numbers: &mut [T]) -> &mut A {
    A::from_mut_slice(numbers).expect("as many")
}
