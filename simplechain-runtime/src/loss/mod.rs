//! Losses: how far an output is from its target. A batch's loss is the mean over its samples.
//!
//! | | per sample |
//! |---|---|
//! | [`SquaredLoss`] | `1/2 sum_o (y_o - t_o)^2` |
//! | [`WeightedSquaredLoss`] | `1/2 sum_o w_o (y_o - t_o)^2` |
//! | [`AbsoluteLoss`] | `sum_o \|y_o - t_o\|` |
//! | [`HuberLoss`] | quadratic near the target, linear far from it |
//! | [`GaussianLoss`] | negative log-likelihood of a learned mean and variance |
//! | [`LogitCrossEntropy`] | cross-entropy of a class, or of class probabilities, and the softmax of the outputs; class weights, label smoothing |
//! | [`BinaryCrossEntropy`] | cross-entropy of independent binary outputs |
//! | [`LossFn`] | a custom function |
//! | [`Weighted`] | another loss, with a weight per sample |
//! | [`Penalized`] | another loss, with a [`Penalty`] on the parameters |

mod check;
mod classification;
mod function;
mod penalty;
mod regression;
mod weighted;

use crate::data::Samples;
use crate::error::{Error, check_len};
use crate::network::Network;
use crate::simd::{Number, Real, Simd};

pub use check::{check_gradient, check_penalty};
pub(crate) use classification::check_labels;
pub use classification::{BinaryCrossEntropy, ClassTarget, Label, LogitCrossEntropy};
pub use function::LossFn;
pub use penalty::{FrontLast, L1, L2, Penalized, Penalty, PenaltyFn, SecondOrderPenalty};
pub use regression::{AbsoluteLoss, GaussianLoss, HuberLoss, SquaredLoss, WeightedSquaredLoss};
pub use weighted::Weighted;

/// A function of one sample's output and target, with its gradient.
///
/// Like a kernel it is written for vectors with one sample per lane, and used with one lane for a single sample.
pub trait Loss<C: Network, T: Real>: Sync {
    /// One sample's target.
    type Target: Sync;

    /// Whether this loss can use the targets.
    ///
    /// # Errors
    /// Names the first invalid one.
    fn check(&self, targets: &[Self::Target]) -> Result<(), Error> {
        let _ = targets;
        Ok(())
    }

    /// Encodes the target as `OUTPUT_LEN` values.
    fn encode(&self, target: &Self::Target, encoded: &mut [T]);

    /// Whether samples have weights.
    const WEIGHTED: bool = false;

    /// The weight of a sample; called only if samples have weights. A sample of weight 0 contributes exactly 0, and its input is not read.
    #[inline(always)]
    fn weight(&self, target: &Self::Target) -> f64 {
        let _ = target;
        1.0
    }

    /// The term of a batch's mean loss that depends on the parameters alone; its gradient is added to `grads`, if
    /// requested.
    #[inline(always)]
    fn penalty(&self, chain: C, params: &C::Params<T>, grads: Option<&mut C::Params<T>>) -> T {
        let _ = (chain, params, grads);
        T::ZERO
    }

    /// Returns the loss of each lane and replaces `target`, an encoded target, with the gradient with respect to `y`.
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V;
}

/// A loss with second derivatives: its formula is written for all number types, Taylor polynomials too.
/// [`loss_hvp_batch`](crate::derivatives::Derivatives::loss_hvp_batch) requires it. All losses here implement it except
/// [`LossFn`], whose function takes plain numbers.
///
/// ```
/// use simplechain::chain::{Array, Chain};
/// use simplechain::loss::{Loss, SecondOrderLoss};
/// use simplechain::simd::{Number, Real, Simd};
///
/// /// `sum_o ln(1 + (y_o - t_o)^2)`
/// struct Cauchy;
///
/// impl<C: Chain, T: Real> Loss<C, T> for Cauchy {
///     type Target = C::Output<T>;
///
///     fn encode(&self, target: &C::Output<T>, encoded: &mut [T]) {
///         encoded.copy_from_slice(target.as_slice());
///     }
///     #[inline(always)]
///     fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
///         SecondOrderLoss::<C, T>::formula(self, simd, y, target)
///     }
/// }
///
/// impl<C: Chain, T: Real> SecondOrderLoss<C, T> for Cauchy {
///     #[inline(always)]
///     fn formula<N: Number<Real = T>, S: Simd<N>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
///         let (one, mut sum) = (simd.splat(N::ONE), simd.zero());
///         for (y, t) in y.iter().zip(target) {
///             let r = simd.sub(*y, *t);
///             let square = simd.mul_add(r, r, one);
///             sum = simd.add(sum, N::ln(simd, square));
///             *t = simd.div(simd.add(r, r), square);
///         }
///         sum
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no second derivatives",
    label = "its formula is for plain numbers alone",
    note = "a loss of your own has them if its formula is written for all numbers: `impl SecondOrderLoss for {Self}`"
)]
pub trait SecondOrderLoss<C: Network, T: Real>: Loss<C, T> {
    /// [`value_and_grad`](Loss::value_and_grad) on vectors of any number type.
    fn formula<N: Number<Real = T>, S: Simd<N>>(
        &self,
        simd: S,
        y: &[S::V],
        target: &mut [S::V],
    ) -> S::V;

    /// Adds the Hessian of the [`penalty`](Loss::penalty), times a direction, to `product`.
    fn add_penalty_hvp(
        &self,
        chain: C,
        params: &C::Params<T>,
        params_dot: &C::Params<T>,
        product: &mut C::Params<T>,
    ) {
        let _ = (chain, params, params_dot, product);
    }
}

/// Checks a batch for a loss and gives the weight of a sample in the mean.
pub(crate) fn check_batch<
    C: Network,
    T: Real,
    L: Loss<C, T>,
    X: Samples<T, C::Input<T>> + ?Sized,
>(
    loss: &L,
    _: C,
    xs: &X,
    targets: &[L::Target],
) -> Result<T, Error> {
    if xs.count() == 0 {
        return Err(Error::EmptyBatch);
    }
    check_len("targets", xs.count(), targets.len())?;
    loss.check(targets)?;
    Ok(T::from_f64(1.0 / xs.count() as f64))
}

/// Implements [`Loss::value_and_grad`] by [`SecondOrderLoss::formula`], which follows.
macro_rules! value_and_grad_by_formula {
    () => {
        #[inline(always)]
        fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
            $crate::loss::SecondOrderLoss::<C, T>::formula(self, simd, y, target)
        }
    };
}
use value_and_grad_by_formula;
