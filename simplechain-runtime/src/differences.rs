//! Derivatives of one's own against differences of the function: what the public checks are made of.

use crate::error::{Error, WrongDerivative};
use crate::simd::Real;

/// A function of some numbers, with what its user says of its derivatives.
pub(crate) struct Claim {
    /// The method that gives the derivatives.
    pub(crate) method: &'static str,
    /// What the function gives.
    pub(crate) of: &'static str,
    /// What it is differentiated by.
    pub(crate) by: &'static str,
    /// Whether the method adds to the numbers that are there, or writes over them.
    pub(crate) adds: bool,
}

/// The relative error from which a derivative is wrong, and the unit of rounding.
fn tolerances<T: Real>() -> (f64, f64) {
    if size_of::<T>() == 4 {
        (1e-3, f64::from(f32::EPSILON))
    } else {
        (1e-6, f64::EPSILON)
    }
}

/// A difference quotient, and how far off it may be.
#[derive(Clone, Copy)]
struct Slope {
    value: f64,
    error: f64,
}

impl Slope {
    /// Whether a number is this slope.
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
    /// The slope by number `j`, with the step whose error is smallest: one that suits numbers near 1, and one that suits the number.
    fn slope(&mut self, j: usize, bar: &[T]) -> Slope {
        let size = self.x[j].to_f64().abs();
        let first = self.slope_with(j, 1.0, bar);
        if size == 0.0 || size == 1.0 {
            return first;
        }
        let second = self.slope_with(j, size, bar);
        // An error that is NaN is no small one.
        if second.error < first.error || first.error.is_nan() {
            second
        } else {
            first
        }
    }

    /// The slope by the differences of two steps, of which the error of second order is taken away; `size` is that of a change
    /// which the function would show.
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
            // What rounding made of the step.
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

/// Compares `bar^T df/dx`, which `vjp(bar, x_bar)` adds to or writes to `x_bar`, with differences of `f(x, y)`, which gives
/// `outputs` numbers.
///
/// All of them at once with a `bar` of all outputs; if a number of that is off, one output after the other, to name it.
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

    // Once more, to numbers that are there.
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
            // What is NaN is off the most.
            let is_worst = worst.is_none_or(|(before, ..)| off > before || off.is_nan());
            if !slope.is::<T>(given) && is_worst {
                worst = Some((off, output, given, slope.value));
            }
        }
        // Each is right alone: then it is not linear in what is multiplied with it, or hides below the tolerance of one.
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

/// A number of either sign that is not small: the fractional parts of the multiples of the golden ratio.
pub(crate) fn weight<T: Real>(index: usize) -> T {
    let part = (0.5 + 0.618_033_988_749_894_9 * index as f64).fract();
    T::from_f64(if part < 0.5 { part - 1.0 } else { part })
}
