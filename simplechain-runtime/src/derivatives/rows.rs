//! The rows of a batch as polynomials: what goes in, the loss, and what comes out.

use core::marker::PhantomData;

use super::jet::{Jet, adjoint_seed};
use crate::array::Array;
use crate::data::Samples;
use crate::run::cotangents::OutputCotangents;
use crate::run::sink::Sink;
use crate::simd::{Number, Real, Simd, Taylor};

/// The tangents of samples.
pub(super) enum Tangents<'a, I> {
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
pub(super) struct Lines<'a, X: ?Sized, I> {
    pub(super) xs: &'a X,
    tangents: Tangents<'a, I>,
}

impl<'a, X: ?Sized, I> Lines<'a, X, I> {
    pub(super) fn new(xs: &'a X, tangents: Tangents<'a, I>) -> Self {
        Self { xs, tangents }
    }
}

/// Elements that are read at once, on the stack.
const BLOCK: usize = 64;

impl<T, I, A, X, const K: usize, const PARAM_TANGENTS: bool>
    Samples<Taylor<T, K, PARAM_TANGENTS>, A> for Lines<'_, X, I>
where
    T: Real,
    I: Array<T>,
    A: Array<Taylor<T, K, PARAM_TANGENTS>>,
    X: Samples<T, I> + ?Sized,
{
    fn count(&self) -> usize {
        self.xs.count()
    }

    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [Taylor<T, K, PARAM_TANGENTS>]) {
        numbers.fill(Taylor::ZERO);
        let mut values = [T::ZERO; BLOCK];
        for (block, numbers) in numbers.chunks_mut(BLOCK).enumerate() {
            let first = from + block * BLOCK;
            self.xs.read(index, first, &mut values[..numbers.len()]);
            for (number, value) in numbers.iter_mut().zip(values) {
                number.0[0] = value;
            }
            match &self.tangents {
                Tangents::Zero => {}
                Tangents::Each(tangents) => {
                    let tangents = &tangents[index].as_slice()[first..];
                    for (number, slope) in numbers.iter_mut().zip(tangents) {
                        number.0[1] = *slope;
                    }
                }
                Tangents::Curves(curves) => {
                    let [tangents, bends] = curves[index]
                        .each_ref()
                        .map(|part| &part.as_slice()[first..]);
                    for (number, (slope, lift_curve)) in
                        numbers.iter_mut().zip(tangents.iter().zip(bends))
                    {
                        number.0[1] = *slope;
                        number.0[2] = T::from_f64(0.5) * *lift_curve;
                    }
                }
                Tangents::Unit(i) => {
                    let number = i.checked_sub(first).and_then(|i| numbers.get_mut(i));
                    if let Some(number) = number {
                        number.0[1] = T::ONE;
                    }
                }
            }
        }
    }
}

/// Cotangents of `y`, `y'` and `y''`, as [`adjoint_seed`].
pub(super) struct Reversed<'a, O>(pub(super) [&'a [O]; 3]);

impl<T: Real, O: Array<T>, A: Array<Jet<T>>> Samples<Jet<T>, A> for Reversed<'_, O> {
    fn count(&self) -> usize {
        self.0[0].len()
    }

    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [Jet<T>]) {
        let [y, first, second] = self.0.map(|bars| &bars[index].as_slice()[from..]);
        for (o, number) in numbers.iter_mut().enumerate() {
            *number = adjoint_seed([y[o], first[o], second[o]]);
        }
    }
}

/// A loss of the derivatives along a curve, sample by sample.
pub(super) struct AlongLoss<F, O> {
    pub(super) loss: F,
    pub(super) output: PhantomData<O>,
}

impl<T, O, F> OutputCotangents<Jet<T>> for AlongLoss<F, O>
where
    T: Real,
    O: Array<T>,
    F: Fn(usize, [O; 3]) -> (T, [O; 3]) + Sync,
{
    #[inline(always)]
    fn start<S: Simd<Jet<T>>>(
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
                Jet::set_lane(row, lane, adjoint_seed(bars));
            }
        }
        losses
    }
}

/// The destination of one coefficient, times `factor`.
pub(super) struct Part<'a, O, T> {
    to: Option<&'a mut [O]>,
    factor: T,
    /// Adds to the destination.
    pub(super) add: bool,
}

impl<'a, O, T: Real> Part<'a, O, T> {
    pub(super) fn nowhere() -> Self {
        Self {
            to: None,
            factor: T::ONE,
            add: false,
        }
    }

    pub(super) fn of(to: &'a mut [O]) -> Self {
        Self {
            to: Some(to),
            ..Self::nowhere()
        }
    }

    /// The second derivative, from its coefficient.
    pub(super) fn twice(to: &'a mut [O]) -> Self {
        Self {
            factor: T::from_f64(2.0),
            ..Self::of(to)
        }
    }
}

/// The destinations of the coefficients.
pub(super) struct Coefficients<'a, O, T, const K: usize>(pub(super) [Part<'a, O, T>; K]);

impl<T, O, const K: usize, const PARAM_TANGENTS: bool> Sink<Taylor<T, K, PARAM_TANGENTS>>
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

    fn unpack(self, rows: &[Taylor<T, K, PARAM_TANGENTS>]) {
        let panel = <Taylor<T, K, PARAM_TANGENTS> as Number>::PANEL;
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
