//! Losses: how far an output is from its target. A batch's loss is the mean over its samples.

use crate::chain::{Array, Chain};
use crate::error::Error;
use crate::simd::{Real, Simd};

/// A function of one sample's output and target, with its gradient.
///
/// Like a kernel it is written for vectors with a sample a lane, and used with one lane for a single sample.
pub trait Loss<C: Chain, T: Real>: Sync {
    /// One sample's target.
    type Target: Sync;

    /// Whether the targets are ones this loss can use.
    ///
    /// # Errors
    /// Names the first that is not.
    fn check(&self, targets: &[Self::Target]) -> Result<(), Error> {
        let _ = targets;
        Ok(())
    }

    /// The target as `OUTPUT_LEN` numbers.
    fn encode(&self, target: &Self::Target, encoded: &mut [T]);

    /// Gives the loss of each lane and turns `target`, an encoded target, into the gradient by `y`.
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V;
}

/// `1/2 sum_o (y_o - t_o)^2`
#[derive(Clone, Copy, Debug, Default)]
pub struct SquaredLoss;

impl<C: Chain, T: Real> Loss<C, T> for SquaredLoss {
    type Target = C::Output<T>;

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    #[inline(always)]
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
        let mut sum = simd.zero();
        for (y, t) in y.iter().zip(target) {
            let residual = simd.sub(*y, *t);
            sum = simd.mul_add(residual, residual, sum);
            *t = residual;
        }
        simd.mul(sum, simd.splat(T::from_f64(0.5)))
    }
}

/// `sum_o |y_o - t_o|`, with the subgradient 0 where they are equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct AbsoluteLoss;

impl<C: Chain, T: Real> Loss<C, T> for AbsoluteLoss {
    type Target = C::Output<T>;

    #[inline(always)]
    fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
        encoded.copy_from_slice(target.as_slice());
    }

    #[inline(always)]
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
        let mut sum = simd.zero();
        for (y, t) in y.iter().zip(target) {
            let residual = simd.sub(*y, *t);
            sum = simd.add(sum, simd.abs(residual));
            let sign = simd.copysign(simd.splat(T::ONE), residual);
            // NaN is not equal to 0 and passes through the sum; its sign is as good as any.
            *t = simd.select(simd.eq(residual, simd.zero()), simd.zero(), sign);
        }
        sum
    }
}
