//! What the backward pass of a batch starts from.

use super::source::{Encoded, Source, TileInput, sample_at};
use crate::loss::{Loss, SecondOrderLoss};
use crate::network::Network;
use crate::simd::{Number, Real, Simd, Taylor};

/// Source of the cotangents of the output, and of the loss.
pub(crate) trait OutputCotangents<T: Number>: Sync {
    /// Writes `y_bar` from the output `y` of a panel in which the first `valid` lanes are samples, and returns the loss of
    /// each lane, 0 for the others.
    fn start<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V;
}

/// A loss against its targets; the gradient is multiplied by `scale`.
pub(crate) struct LossCotangents<'a, C, T, L, Y, X> {
    /// The targets as given, for their weights.
    given: Encoded<'a, C, L, Y>,
    /// The same targets as rows.
    targets: X,
    scale: T,
}

impl<'a, C, T, L, Y, X> LossCotangents<'a, C, T, L, Y, X> {
    /// With targets that are already rows.
    pub(crate) fn of_rows(given: Encoded<'a, C, L, Y>, targets: X, scale: T) -> Self {
        Self {
            given,
            targets,
            scale,
        }
    }
}

impl<'a, C: Copy, T: Number, L, Y>
    LossCotangents<'a, C, T, L, Y, TileInput<'a, T, Encoded<'a, C, L, Y>>>
{
    /// With all targets, in order.
    pub(crate) fn new(chain: C, loss: &'a L, targets: &'a [Y], scale: T) -> Self {
        let given = || Encoded::new(chain, loss, targets, None);
        Self::of_rows(given(), TileInput::Source(given()), scale)
    }
}

impl<T: Real, C: Network, L: Loss<C, T>, X> LossCotangents<'_, C, T, L, L::Target, X> {
    /// The weights of a panel's samples; a lane without a sample has an arbitrary weight.
    #[inline(always)]
    fn weights<N: Number<Real = T>, S: Simd<N>>(&self, simd: S, panel: usize) -> S::V {
        let Encoded {
            loss,
            targets,
            order,
            ..
        } = &self.given;
        let mut lanes = [N::ZERO; 16];
        for (lane, weight) in lanes[..N::PANEL].iter_mut().enumerate() {
            let index = sample_at(panel * N::PANEL + lane, targets.len(), *order);
            *weight = N::from_f64(loss.weight(&targets[index]));
        }
        simd.load(&lanes)
    }

    /// Weights and scales the losses of a panel and their gradients; lanes without a sample get 0.
    #[inline(always)]
    fn finish<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        mut loss: S::V,
        y_bar: &mut [S::V],
    ) -> S::V {
        let mut scale = simd.splat(N::constant(self.scale));
        if L::WEIGHTED {
            let weights = self.weights(simd, panel);
            // An infinite or NaN value with weight 0 does not count.
            let none = simd.eq(weights, simd.zero());
            loss = simd.select(none, simd.zero(), simd.mul(loss, weights));
            scale = simd.mul(scale, weights);
            for y_bar in y_bar.iter_mut() {
                *y_bar = simd.select(none, simd.zero(), *y_bar);
            }
        }
        for y_bar in y_bar.iter_mut() {
            *y_bar = simd.mul(*y_bar, scale);
        }
        keep_valid(simd, valid, y_bar);
        let mut losses = [loss];
        keep_valid(simd, valid, &mut losses);
        losses[0]
    }
}

impl<T: Real, C: Network, L: Loss<C, T>, X: Source<T>> OutputCotangents<T>
    for LossCotangents<'_, C, T, L, L::Target, X>
{
    #[inline(always)]
    fn start<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        self.targets.pack(panel, bytemuck::cast_slice_mut(y_bar));
        let loss = self.given.loss.value_and_grad(simd, y, y_bar);
        self.finish(simd, panel, valid, loss, y_bar)
    }
}

/// The gradient of a loss along a line in parameter space: its tangents pass backward through the chain and give the
/// Hessian-vector product of the loss.
pub(crate) struct MovingLossCotangents<S> {
    pub(crate) loss: S,
    /// Whether only the tangents of the gradient are passed backward, without the terms from the chain's own second
    /// derivatives: the result is then the product with the Gauss-Newton matrix.
    pub(crate) gauss_newton: bool,
}

impl<T, C, L, X> OutputCotangents<Taylor<T, 2, true>>
    for MovingLossCotangents<LossCotangents<'_, C, T, L, L::Target, X>>
where
    T: Real,
    C: Network,
    L: SecondOrderLoss<C, T>,
    X: Source<Taylor<T, 2, true>>,
{
    #[inline(always)]
    fn start<S: Simd<Taylor<T, 2, true>>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        y: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        let seed = &self.loss;
        seed.targets.pack(panel, bytemuck::cast_slice_mut(y_bar));
        let loss = seed.given.loss.formula(simd, y, y_bar);
        let loss = seed.finish(simd, panel, valid, loss, y_bar);
        if self.gauss_newton {
            for values_and_slopes in y_bar {
                let numbers: &mut [T] =
                    bytemuck::cast_slice_mut(core::slice::from_mut(values_and_slopes));
                numbers[..S::LANES].fill(T::ZERO);
            }
        }
        loss
    }
}

/// Sets the lanes without a sample to zero.
#[inline(always)]
fn keep_valid<T: Number, S: Simd<T>>(simd: S, valid: usize, rows: &mut [S::V]) {
    if valid < S::LANES {
        let mut ones = [T::ZERO; 16];
        ones[..valid].fill(T::ONE);
        let is_sample = simd.eq(simd.load(&ones), simd.splat(T::ONE));
        for row in rows {
            *row = simd.select(is_sample, *row, simd.zero());
        }
    }
}

/// Given cotangents.
pub(crate) struct GivenCotangents<X>(pub(crate) X);

impl<T: Number, X: Source<T>> OutputCotangents<T> for GivenCotangents<X> {
    #[inline(always)]
    fn start<S: Simd<T>>(
        &self,
        simd: S,
        panel: usize,
        valid: usize,
        _: &[S::V],
        y_bar: &mut [S::V],
    ) -> S::V {
        self.0.pack(panel, bytemuck::cast_slice_mut(y_bar));
        keep_valid(simd, valid, y_bar);
        simd.zero()
    }
}

/// No cotangents: the forward pass alone.
pub(crate) struct NoCotangents;

impl<T: Number> OutputCotangents<T> for NoCotangents {
    #[inline(always)]
    fn start<S: Simd<T>>(&self, simd: S, _: usize, _: usize, _: &[S::V], _: &mut [S::V]) -> S::V {
        simd.zero()
    }
}
