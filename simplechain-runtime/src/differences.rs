//! Compares hand-written derivatives with finite differences of the function: the basis of the public checks.

use alloc::vec;
use alloc::vec::Vec;

use crate::error::{Error, WrongDerivative};
#[cfg(not(feature = "std"))]
use crate::float::Float as _;
use crate::simd::Real;

/// The method under test: which derivatives of which function it returns.
pub(crate) struct Claim {
    /// The method that returns the derivatives.
    pub(crate) method: &'static str,
    /// The output of the function.
    pub(crate) of: &'static str,
    /// The variable of differentiation.
    pub(crate) by: &'static str,
    /// Whether the method accumulates or overwrites.
    pub(crate) adds: bool,
}

/// The relative tolerance of a derivative, and the unit of rounding.
fn tolerances<T: Real>() -> (f64, f64) {
    if size_of::<T>() == 4 {
        (1e-3, f64::from(f32::EPSILON))
    } else {
        (1e-6, f64::EPSILON)
    }
}

/// A difference quotient, and its error bound.
#[derive(Clone, Copy)]
struct Slope {
    value: f64,
    error: f64,
}

impl Slope {
    /// Whether a derivative agrees with this difference quotient.
    fn is<T: Real>(self, number: f64) -> bool {
        let size = number.abs().max(self.value.abs());
        let off = (number - self.value).abs();
        off <= tolerances::<T>().0 * size + 4.0 * self.error
    }
}

/// Central differences of `bar^T f` around a point.
struct Differences<'a, T, F> {
    x: &'a mut [T],
    f: F,
    /// `f` at the four points `x + 2 h .. x - 2 h`.
    ys: [Vec<T>; 4],
}

impl<T: Real, F: FnMut(&[T], &mut [T])> Differences<'_, T, F> {
    /// The derivative with respect to element `j`, with the better of two steps: for values near 1, and for the size of the element.
    fn slope(&mut self, j: usize, bar: &[T]) -> Slope {
        let size = self.x[j].to_f64().abs();
        let first = self.slope_with(j, 1.0, bar);
        if size == 0.0 || size == 1.0 {
            return first;
        }
        let second = self.slope_with(j, size, bar);
        // A NaN error is not small.
        if second.error < first.error || first.error.is_nan() {
            second
        } else {
            first
        }
    }

    /// The derivative from two step sizes, with the second-order error eliminated; `size` is the scale of a change
    /// that affects the function.
    fn slope_with(&mut self, j: usize, size: f64, bar: &[T]) -> Slope {
        let epsilon = tolerances::<T>().1;
        let at = self.x[j];
        let h = size * epsilon.cbrt();
        let mut points = [0.0; 4];
        for (factor, (point, y)) in [2.0, 1.0, -1.0, -2.0]
            .into_iter()
            .zip(points.iter_mut().zip(&mut self.ys))
        {
            self.x[j] = at + T::from_f64(factor * h);
            // The actual step after rounding.
            *point = self.x[j].to_f64();
            (self.f)(self.x, y);
        }
        self.x[j] = at;
        let [far_up, up, down, far_down] = &self.ys;
        let (mut near, mut far, mut rounding) = (0.0, 0.0, 0.0);
        for (o, bar) in bar.iter().enumerate() {
            let bar = bar.to_f64();
            let [far_up, up, down, far_down] =
                [far_up[o], up[o], down[o], far_down[o]].map(T::to_f64);
            near += bar * (up - down);
            far += bar * (far_up - far_down);
            if bar != 0.0 && (up != down || far_up != far_down) {
                rounding += bar.abs() * up.abs().max(down.abs());
            }
        }
        near /= points[1] - points[2];
        far /= points[0] - points[3];
        Slope {
            value: near + (near - far) / 3.0,
            error: (near - far).abs() + 2.0 * epsilon * rounding / h,
        }
    }
}

/// Compares `bar^T df/dx`, which `vjp(bar, x_bar)` adds or writes to `x_bar`, with differences of `f(x, y)`, which has
/// `outputs` outputs.
///
/// First all outputs at once with a dense `bar`; if an element is wrong, one output after the other, to name it.
pub(crate) fn compare<T: Real>(
    claim: &Claim,
    x: &mut [T],
    outputs: usize,
    f: impl FnMut(&[T], &mut [T]),
    mut vjp: impl FnMut(&[T], &mut [T]),
) -> Result<(), Error> {
    let Claim {
        method,
        of,
        by,
        adds,
    } = *claim;
    let bar: Vec<T> = (0..outputs).map(weight).collect();
    let zeros = || vec![T::ZERO; x.len()];
    let mut given = zeros();
    vjp(&bar, &mut given);

    // Once more, into nonzero values.
    let start: Vec<T> = given.iter().map(|given| T::ONE + given.abs()).collect();
    let mut again = start.clone();
    vjp(&bar, &mut again);
    for (index, ((again, given), start)) in again.iter().zip(&given).zip(&start).enumerate() {
        let (moved, start) = ((*again - *given).to_f64(), start.to_f64());
        let added = (moved - start).abs() < 0.5 * start;
        let written = moved.abs() < 0.5 * start;
        if (adds && written) || (!adds && added) {
            let wrong = WrongDerivative::Added {
                method,
                by,
                index,
                adds,
            };
            return Err(Error::Derivative(wrong));
        }
    }

    let mut row = zeros();
    let mut differences = Differences {
        x,
        f,
        ys: [(); 4].map(|()| vec![T::ZERO; outputs]),
    };
    for (index, given) in given.iter().enumerate() {
        if differences.slope(index, &bar).is::<T>(given.to_f64()) {
            continue;
        }
        let mut unit = vec![T::ZERO; outputs];
        let mut worst: Option<(f64, usize, f64, f64)> = None;
        for output in 0..outputs {
            unit[output] = T::ONE;
            row.fill(T::ZERO);
            vjp(&unit, &mut row);
            let (slope, given) = (differences.slope(index, &unit), row[index].to_f64());
            unit[output] = T::ZERO;
            let off = (given - slope.value).abs();
            // NaN counts as the largest error.
            let is_worst = worst.is_none_or(|(before, ..)| off > before || off.is_nan());
            if !slope.is::<T>(given) && is_worst {
                worst = Some((off, output, given, slope.value));
            }
        }
        // Each output alone is right: the result is not linear in the cotangent, or the error of each is below the tolerance.
        let wrong = match worst {
            Some((_, output, given, expected)) => WrongDerivative::Value {
                method,
                of,
                output,
                by,
                index,
                given,
                expected,
            },
            None => WrongDerivative::NotLinear { method, by, index },
        };
        return Err(Error::Derivative(wrong));
    }
    Ok(())
}

/// A value of either sign that is not small: from the fractional parts of the multiples of the golden ratio.
pub(crate) fn weight<T: Real>(index: usize) -> T {
    let part = (0.5 + 0.618_033_988_749_894_9 * index as f64).fract();
    T::from_f64(if part < 0.5 { part - 1.0 } else { part })
}
