//! Sample weights.

use super::{Loss, SecondOrderLoss};
use crate::error::{Error, check_range};
use crate::network::Network;
use crate::simd::{Number, Real, Simd};

/// Another loss whose targets each have a weight, `(target, weight)`: a batch's loss is `1/n sum_s w_s loss_s`, so
/// weights of mean 1 keep its scale.
///
/// A sample of weight 0 contributes exactly nothing, whatever its input and target are, even NaN or an invalid label.
/// (Only the batch statistics of `batch_norm` in training include it, with 0 for infinite or NaN elements.)
///
/// ```
/// use simplechain::loss::{SquaredLoss, Weighted};
///
/// let loss = Weighted(SquaredLoss);
/// let targets = [([1.0_f32, 0.0], 1.0), ([0.0, 1.0], 0.5)]; // the second counts half
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Weighted<L>(pub L);

impl<C: Network, T: Real, L: Loss<C, T>> Loss<C, T> for Weighted<L> {
    type Target = (L::Target, f64);
    const WEIGHTED: bool = true;

    fn check(&self, targets: &[Self::Target]) -> Result<(), Error> {
        // Checks the settings even if no target has weight.
        self.0.check(&[])?;
        for (sample, (target, weight)) in targets.iter().enumerate() {
            let holds = *weight >= 0.0 && weight.is_finite();
            check_range(
                "the weight of a sample",
                *weight,
                holds,
                "finite, and not below 0",
            )?;
            if *weight > 0.0 {
                let checked = self.0.check(core::slice::from_ref(target));
                checked.map_err(|error| error.shifted_by(sample))?;
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn encode(&self, (target, weight): &Self::Target, encoded: &mut [T]) {
        if *weight > 0.0 {
            self.0.encode(target, encoded);
        } else {
            encoded.fill(T::ZERO);
        }
    }

    #[inline(always)]
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
        self.0.value_and_grad(simd, y, target)
    }

    #[inline(always)]
    fn weight(&self, target: &Self::Target) -> f64 {
        self.0.weight(&target.0) * target.1
    }

    fn penalty(&self, chain: C, params: &C::Params<T>, grads: Option<&mut C::Params<T>>) -> T {
        self.0.penalty(chain, params, grads)
    }
}

impl<C: Network, T: Real, L: SecondOrderLoss<C, T>> SecondOrderLoss<C, T> for Weighted<L>
where
    L::Target: Clone,
{
    #[inline(always)]
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V {
        self.0.formula(simd, y, target)
    }

    fn add_penalty_hvp(
        &self,
        chain: C,
        params: &C::Params<T>,
        params_dot: &C::Params<T>,
        product: &mut C::Params<T>,
    ) {
        self.0.add_penalty_hvp(chain, params, params_dot, product);
    }
}
