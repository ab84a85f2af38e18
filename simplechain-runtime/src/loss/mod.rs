//! Losses: how far an output is from its target. A batch's loss is the mean over its samples.
//!
//! | | of a sample |
//! |---|---|
//! | [`SquaredLoss`] | `1/2 sum_o (y_o - t_o)^2` |
//! | [`WeightedSquaredLoss`] | `1/2 sum_o w_o (y_o - t_o)^2` |
//! | [`AbsoluteLoss`] | `sum_o \|y_o - t_o\|` |
//! | [`HuberLoss`] | squared near the target, absolute far from it |
//! | [`GaussianLoss`] | the likelihood of a mean and a variance, both learned |
//! | [`LogitCrossEntropy`] | of a class and the softmax of the outputs; class weights, label smoothing |
//! | [`BinaryCrossEntropy`] | of outputs that are each a yes or no |
//! | [`LossFn`] | a function of your own |
//! | [`Weighted`] | another, with a weight for every sample |
//! | [`Penalized`] | another, with a [`Penalty`] on the parameters |

mod check;
mod classification;
mod function;
mod penalty;
mod regression;
mod weighted;

use crate::chain::Chain;
use crate::error::Error;
use crate::simd::{Real, Simd};

pub use check::{check_gradient, check_penalty};
pub(crate) use classification::check_labels;
pub use classification::{BinaryCrossEntropy, Label, LogitCrossEntropy};
pub use function::LossFn;
pub use penalty::{FrontLast, L1, L2, Penalized, Penalty, PenaltyFn};
pub use regression::{AbsoluteLoss, GaussianLoss, HuberLoss, SquaredLoss, WeightedSquaredLoss};
pub use weighted::Weighted;

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

    /// Whether samples have weights.
    const WEIGHTED: bool = false;

    /// The weight of a sample; asked only if they have such.
    #[inline(always)]
    fn weight(&self, target: &Self::Target) -> f64 {
        let _ = target;
        1.0
    }

    /// What is added to a batch's mean loss because of the parameters alone; its gradient is added to `grads`, if they are
    /// wanted.
    #[inline(always)]
    fn penalty(&self, chain: C, params: &C::Params<T>, grads: Option<&mut C::Params<T>>) -> T {
        let _ = (chain, params, grads);
        T::ZERO
    }

    /// Gives the loss of each lane and turns `target`, an encoded target, into the gradient by `y`.
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V;
}
