//! Regression losses.

use alloc::vec::Vec;

use super::{Loss, SecondOrderLoss, value_and_grad_by_formula};
use crate::array::Array;
use crate::error::{Error, check_len, check_range};
use crate::network::Network;
use crate::simd::{Number, Real, Simd};

/// `1/2 sum_o (y_o - t_o)^2`
#[derive(Clone, Copy, Debug, Default)]
pub struct SquaredLoss;

impl<C: Network, T: Real> Loss<C, T> for SquaredLoss {
    type Target = C::Output<T>;

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    value_and_grad_by_formula!();
}

impl<C: Network, T: Real> SecondOrderLoss<C, T> for SquaredLoss {
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let mut sum = simd.zero();
        for (y, t) in y.iter().zip(target) {
            let residual = simd.sub(*y, *t);
            sum = simd.mul_add(residual, residual, sum);
            *t = residual;
        }
        simd.mul(sum, simd.splat(N::from_f64(0.5)))
    }
}

/// `sum_o |y_o - t_o|`, with the subgradient 0 where they are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct AbsoluteLoss;

impl<C: Network, T: Real> Loss<C, T> for AbsoluteLoss {
    type Target = C::Output<T>;

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    value_and_grad_by_formula!();
}

impl<C: Network, T: Real> SecondOrderLoss<C, T> for AbsoluteLoss {
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let mut sum = simd.zero();
        for (y, t) in y.iter().zip(target) {
            let residual = simd.sub(*y, *t);
            sum = simd.add(sum, simd.abs(residual));
            let sign = simd.copysign(simd.splat(N::ONE), residual);
            // NaN is not equal to 0 and propagates through the sum; its sign does not matter.
            *t = simd.select(simd.eq(residual, simd.zero()), simd.zero(), sign);
        }
        sum
    }
}

/// Huber's loss (1964), `sum_o h(y_o - t_o)`: quadratic near the target, linear far from it.
///
/// ```text
/// h(r) = r^2 / 2               for |r| <= delta
///        delta (|r| - delta/2)  beyond
/// ```
///
/// ```
/// use simplechain::loss::HuberLoss;
///
/// let loss = HuberLoss::new(1.5);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HuberLoss {
    delta: f64,
}

impl Default for HuberLoss {
    /// With `delta` 1.
    fn default() -> Self {
        Self::new(1.0)
    }
}

impl HuberLoss {
    /// Linear from residual `delta` on, which must be positive.
    pub fn new(delta: f64) -> Self {
        Self { delta }
    }
}

impl<C: Network, T: Real> Loss<C, T> for HuberLoss {
    type Target = C::Output<T>;

    fn check(&self, _: &[C::Output<T>]) -> Result<(), Error> {
        let holds = self.delta > 0.0 && self.delta.is_finite();
        check_range("delta", self.delta, holds, "positive and finite")
    }

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    value_and_grad_by_formula!();
}

impl<C: Network, T: Real> SecondOrderLoss<C, T> for HuberLoss {
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let delta = simd.splat(N::from_f64(self.delta));
        let half = simd.splat(N::from_f64(0.5));
        let mut sum = simd.zero();
        for (y, t) in y.iter().zip(target) {
            // With c the residual clamped to delta: h = c (r - c/2), and c is the gradient. NaN propagates.
            let r = simd.sub(*y, *t);
            let c = simd.max(simd.neg(delta), simd.min(delta, r));
            sum = simd.mul_add(c, simd.neg_mul_add(half, c, r), sum);
            *t = c;
        }
        sum
    }
}

/// `1/2 sum_o w_o (y_o - t_o)^2`: a weight for every output. An output of weight 0 contributes exactly nothing, even
/// if it or its target is NaN.
///
/// ```
/// use simplechain::loss::WeightedSquaredLoss;
///
/// let loss = WeightedSquaredLoss::new([1.0, 0.1, 0.1]);
/// ```
#[derive(Clone, Debug)]
pub struct WeightedSquaredLoss {
    weights: Vec<f64>,
}

impl WeightedSquaredLoss {
    /// A weight for every output, finite and not negative.
    pub fn new(weights: impl Into<Vec<f64>>) -> Self {
        Self {
            weights: weights.into(),
        }
    }

    /// The weights `1 / std_o^2`: outputs in different units count as if they and the targets were divided by these
    /// deviations, such as those of [`unstandardize`](crate::layer::Unstandardize). Then neither the loss nor the
    /// learning rate depends on the units.
    ///
    /// ```
    /// use simplechain::prelude::*;
    ///
    /// simple_chain! { struct Net: 1 => standardize => dense(tanh, 8) => dense(id, 2) => unstandardize }
    ///
    /// let ys = [[1.0, 1e6], [3.0, 2e6]];
    /// let mut params = Net.init::<f64>(&mut rng(0));
    /// Net.adapt_outputs(&mut params, &ys)?;
    /// let stds = &Net.state(&params, 3)[2..]; // after the means
    /// let loss = WeightedSquaredLoss::standardized(stds);
    /// # Net.loss_batch(&loss, &[[0.1], [0.2]], &ys, &params)?;
    /// # Ok::<(), simplechain::Error>(())
    /// ```
    #[must_use]
    pub fn standardized<T: Real>(stds: &[T]) -> Self {
        let weight = |std: &T| 1.0 / (std.to_f64() * std.to_f64());
        Self {
            weights: stds.iter().map(weight).collect(),
        }
    }
}

impl<C: Network, T: Real> Loss<C, T> for WeightedSquaredLoss {
    type Target = C::Output<T>;

    fn check(&self, _: &[C::Output<T>]) -> Result<(), Error> {
        check_len("weights of outputs", C::OUTPUT_LEN, self.weights.len())?;
        for weight in &self.weights {
            let holds = *weight >= 0.0 && weight.is_finite();
            check_range(
                "a weight of an output",
                *weight,
                holds,
                "at least 0 and finite",
            )?;
        }
        Ok(())
    }

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    value_and_grad_by_formula!();
}

impl<C: Network, T: Real> SecondOrderLoss<C, T> for WeightedSquaredLoss {
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let mut sum = simd.zero();
        for ((y, t), weight) in y.iter().zip(target).zip(&self.weights) {
            if *weight == 0.0 {
                *t = simd.zero();
                continue;
            }
            let residual = simd.sub(*y, *t);
            *t = simd.mul(residual, simd.splat(N::from_f64(*weight)));
            sum = simd.mul_add(residual, *t, sum);
        }
        simd.mul(sum, simd.splat(N::from_f64(0.5)))
    }
}

/// The negative log-likelihood of `N` independent normal variables whose means and variances a chain with `2 N` outputs learns
/// (Nix and Weigend, 1994), without the constant `N/2 ln(2 pi)`: outputs `0..N` are the means, outputs `N..2N` the
/// logarithms `s` of the variances.
///
/// ```text
/// sum_o 1/2 (b(s_o) + (y_o - t_o)^2 e^-b(s_o))
///
/// b(s) = s                for s >= m
///        m - 1 + e^(s-m)  below        m = 1 + ln 1e-6
/// ```
///
/// So a variance is never below 1e-6, as in PyTorch: the loss does not decrease forever when targets are fitted exactly.
/// `b` has a continuous, positive derivative: a variance leaves the bound when residuals grow.
///
/// ```
/// use simplechain::loss::GaussianLoss;
///
/// let loss = GaussianLoss::<3>; // for a chain with 6 outputs and targets [T; 3]
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct GaussianLoss<const N: usize>;

impl<C: Network, T: Real, const N: usize> Loss<C, T> for GaussianLoss<N> {
    type Target = [T; N];

    fn check(&self, _: &[[T; N]]) -> Result<(), Error> {
        check_len("outputs, two for every target", 2 * N, C::OUTPUT_LEN)
    }

    #[inline(always)]
    fn encode(&self, target: &[T; N], encoded: &mut [T]) {
        encoded[..N].copy_from_slice(target);
        encoded[N..].fill(T::ZERO);
    }

    value_and_grad_by_formula!();
}

impl<C: Network, T: Real, const N: usize> SecondOrderLoss<C, T> for GaussianLoss<N> {
    #[inline(always)]
    fn formula<M: Number<Real = T>, S: Simd<M>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        let half = simd.splat(M::from_f64(0.5));
        let (means, logs) = y.split_at(N);
        let (mean_bars, log_bars) = target.split_at_mut(N);
        let mut sum = simd.zero();
        for o in 0..N {
            let residual = simd.sub(means[o], mean_bars[o]);
            let (log, slope) = bounded::<M, S>(simd, logs[o]);
            let precision = M::exp(simd, simd.neg(log));
            let scaled = simd.mul(residual, precision);
            let square = simd.mul(residual, scaled);
            sum = simd.add(sum, simd.add(log, square));
            mean_bars[o] = scaled;
            let off = simd.sub(simd.splat(M::ONE), square);
            log_bars[o] = simd.mul(half, simd.mul(slope, off));
        }
        simd.mul(half, sum)
    }
}

/// The logarithm of a variance, bounded below as in [`GaussianLoss`], and its derivative.
#[inline(always)]
fn bounded<T: Number, S: Simd<T>>(simd: S, log: S::V) -> (S::V, S::V) {
    const LN_BOUND: f64 = -13.815_510_557_964_274;
    let bound = simd.splat(T::from_f64(LN_BOUND));
    let below = simd.sub(log, simd.splat(T::from_f64(LN_BOUND + 1.0)));
    // Above the bound the exponential is 1 and unused; NaN propagates.
    let slope = T::exp(simd, simd.min(simd.zero(), below));
    let is_below = simd.lt(below, simd.zero());
    let log = simd.select(is_below, simd.add(bound, slope), log);
    (log, slope)
}
