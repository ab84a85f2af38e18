//! Penalties: loss terms of the parameters alone.

use core::ops::Range;

use super::{Loss, SecondOrderLoss};
use crate::array::Array;
use crate::error::{Error, check_range};
use crate::held;
use crate::info::{LayerInfo, for_each_layer};
use crate::network::Network;
use crate::simd::{Number, Real, Simd};

/// A function of the parameters that is added to a batch's loss once, whatever the batch size.
///
/// | | |
/// |---|---|
/// | [`L1`] | `lambda sum \|p\|` |
/// | [`L2`] | `lambda/2 sum p^2` |
/// | [`FrontLast`] | one for all layers but the last, and one for the last |
/// | `(A, B)` | the sum of two |
/// | [`PenaltyFn`] | a custom function |
pub trait Penalty<T: Real>: Sync {
    /// Whether the settings are valid.
    ///
    /// # Errors
    /// Names the invalid one.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// The penalty on the parameters of these layers; its gradient is *added* to `grads`, if requested.
    fn value_and_grad(&self, layers: &[LayerInfo], params: &[T], grads: Option<&mut [T]>) -> T;
}

/// A penalty with second derivatives: all penalties here except [`PenaltyFn`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no second derivatives",
    label = "a function of plain numbers",
    note = "a penalty of your own has them by `impl SecondOrderPenalty for {Self}`"
)]
pub trait SecondOrderPenalty<T: Real>: Penalty<T> {
    /// Adds the penalty's Hessian, times a direction, to `product`.
    fn add_hvp(&self, layers: &[LayerInfo], params: &[T], params_dot: &[T], product: &mut [T]);
}

/// A loss with a penalty: `loss + penalty(params)`. All reported losses include it, in training and validation.
///
/// Frozen parameters and running statistics get no gradient from a penalty.
///
/// ```
/// use simplechain::loss::{L2, Penalized, SquaredLoss};
///
/// let loss = Penalized(SquaredLoss, L2::new(1e-4).weights_only());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Penalized<L, P>(pub L, pub P);

impl<C: Network, T: Real, L: Loss<C, T>, P: Penalty<T>> Loss<C, T> for Penalized<L, P> {
    type Target = L::Target;
    const WEIGHTED: bool = L::WEIGHTED;

    fn check(&self, targets: &[L::Target]) -> Result<(), Error> {
        self.1.check()?;
        self.0.check(targets)
    }

    #[inline(always)]
    fn encode(&self, target: &L::Target, encoded: &mut [T]) {
        self.0.encode(target, encoded);
    }

    #[inline(always)]
    fn value_and_grad<S: Simd<T>>(&self, simd: S, y: &[S::V], target: &mut [S::V]) -> S::V {
        self.0.value_and_grad(simd, y, target)
    }

    #[inline(always)]
    fn weight(&self, target: &L::Target) -> f64 {
        self.0.weight(target)
    }

    fn penalty(&self, chain: C, params: &C::Params<T>, mut grads: Option<&mut C::Params<T>>) -> T {
        let within = self.0.penalty(chain, params, grads.as_deref_mut());
        let value_and_grad =
            |grads: Option<&mut [T]>| self.1.value_and_grad(C::LAYERS, params.as_slice(), grads);
        let own = match grads {
            None => value_and_grad(None),
            Some(grads) => held::keep(C::LAYERS, grads.as_mut_slice(), |grads| {
                value_and_grad(Some(grads))
            }),
        };
        within + own
    }
}

impl<C: Network, T: Real, L: SecondOrderLoss<C, T>, P: SecondOrderPenalty<T>> SecondOrderLoss<C, T>
    for Penalized<L, P>
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
        let [params, params_dot] = [params, params_dot].map(Array::as_slice);
        self.1
            .add_hvp(C::LAYERS, params, params_dot, product.as_mut_slice());
    }
}

/// The parameters that a penalty applies to. Frozen parameters and running statistics are always excluded.
#[derive(Clone, Debug, Default)]
struct Scope {
    weights_only: bool,
    layers: Option<Range<usize>>,
}

impl Scope {
    /// Calls `f` with every range of parameters.
    fn for_each(&self, layers: &[LayerInfo], mut f: impl FnMut(Range<usize>)) {
        let own = self.layers.clone().unwrap_or(0..layers.len());
        let own = own.start.min(layers.len())..own.end.min(layers.len());
        let mut frozen_until = 0;
        for_each_layer(&layers[own], 0, &mut |layer, range| {
            if !layer.trained {
                frozen_until = range.end;
            }
            // The parameters of a nested layer are those of its inner layers.
            if range.start < frozen_until || !layer.inner.is_empty() {
                return;
            }
            f(match self.weights_only {
                true => range.start..range.start + layer.weight_count,
                false => range.start..range.end - layer.state_count,
            });
        });
    }
}

macro_rules! penalty {
    ($(#[$doc:meta])+ $Name:ident, |$p:ident, $lambda:ident| $value:expr, $slope:expr) => {
        $(#[$doc])+
        #[derive(Clone, Debug)]
        pub struct $Name {
            lambda: f64,
            scope: Scope,
        }

        impl $Name {
            /// On all parameters.
            #[must_use]
            pub fn new(lambda: f64) -> Self {
                Self {
                    lambda,
                    scope: Scope::default(),
                }
            }

            /// On weights, not on biases.
            #[must_use]
            pub fn weights_only(mut self) -> Self {
                self.scope.weights_only = true;
                self
            }

            /// On these layers of the chain, counted from 0.
            #[must_use]
            pub fn layers(mut self, layers: Range<usize>) -> Self {
                self.scope.layers = Some(layers);
                self
            }
        }

        impl<T: Real> Penalty<T> for $Name {
            fn check(&self) -> Result<(), Error> {
                let holds = self.lambda >= 0.0 && self.lambda.is_finite();
                check_range("lambda", self.lambda, holds, "finite, and not below 0")
            }

            fn value_and_grad(
                &self,
                layers: &[LayerInfo],
                params: &[T],
                mut grads: Option<&mut [T]>,
            ) -> T {
                let mut sum = 0.0;
                let $lambda = self.lambda;
                self.scope.for_each(layers, |range| {
                    for i in range {
                        let $p = params[i].to_f64();
                        sum += $value;
                        if let Some(grads) = &mut grads {
                            grads[i] += T::from_f64($slope);
                        }
                    }
                });
                T::from_f64(sum)
            }
        }
    };
}

penalty! {
    /// `lambda sum |p|`, with the subgradient 0 at 0.
    L1, |p, lambda| lambda * p.abs(), if p == 0.0 { 0.0 } else { lambda.copysign(p) }
}
penalty! {
    /// `lambda/2 sum p^2`: with plain gradient descent, weight decay `lambda`.
    L2, |p, lambda| 0.5 * lambda * p * p, lambda * p
}

impl<T: Real> SecondOrderPenalty<T> for L1 {
    /// Linear on both sides of 0, and treated as linear at 0.
    fn add_hvp(&self, _: &[LayerInfo], _: &[T], _: &[T], _: &mut [T]) {}
}

impl<T: Real> SecondOrderPenalty<T> for L2 {
    fn add_hvp(&self, layers: &[LayerInfo], _: &[T], params_dot: &[T], product: &mut [T]) {
        let lambda = T::from_f64(self.lambda);
        self.scope.for_each(layers, |range| {
            for i in range {
                product[i] += lambda * params_dot[i];
            }
        });
    }
}

/// One penalty for all layers but the last, and one for the last.
#[derive(Clone, Copy, Debug)]
pub struct FrontLast<F, L>(pub F, pub L);

impl<T: Real, F: Penalty<T>, L: Penalty<T>> Penalty<T> for FrontLast<F, L> {
    fn check(&self) -> Result<(), Error> {
        self.0.check()?;
        self.1.check()
    }

    fn value_and_grad(&self, layers: &[LayerInfo], params: &[T], mut grads: Option<&mut [T]>) -> T {
        let (front, last) = front_and_last(layers);
        let front = self.0.value_and_grad(front, params, grads.as_deref_mut());
        front + self.1.value_and_grad(last, params, grads)
    }
}

impl<T: Real, F: SecondOrderPenalty<T>, L: SecondOrderPenalty<T>> SecondOrderPenalty<T>
    for FrontLast<F, L>
{
    fn add_hvp(&self, layers: &[LayerInfo], params: &[T], params_dot: &[T], product: &mut [T]) {
        let (front, last) = front_and_last(layers);
        self.0.add_hvp(front, params, params_dot, product);
        self.1.add_hvp(last, params, params_dot, product);
    }
}

/// The layers before the last one with parameters, and those from that one on.
fn front_and_last(layers: &[LayerInfo]) -> (&[LayerInfo], &[LayerInfo]) {
    let last = layers.iter().rposition(|layer| layer.param_count() > 0);
    layers.split_at(last.unwrap_or(layers.len()))
}

impl<T: Real, A: Penalty<T>, B: Penalty<T>> Penalty<T> for (A, B) {
    fn check(&self) -> Result<(), Error> {
        self.0.check()?;
        self.1.check()
    }

    fn value_and_grad(&self, layers: &[LayerInfo], params: &[T], mut grads: Option<&mut [T]>) -> T {
        let first = self.0.value_and_grad(layers, params, grads.as_deref_mut());
        first + self.1.value_and_grad(layers, params, grads)
    }
}

impl<T: Real, A: SecondOrderPenalty<T>, B: SecondOrderPenalty<T>> SecondOrderPenalty<T> for (A, B) {
    fn add_hvp(&self, layers: &[LayerInfo], params: &[T], params_dot: &[T], product: &mut [T]) {
        self.0.add_hvp(layers, params, params_dot, product);
        self.1.add_hvp(layers, params, params_dot, product);
    }
}

/// A function `(params, grads) -> penalty` of all parameters, which adds its gradient to `grads` if given: a loss
/// that depends on the parameters.
///
/// ```
/// use simplechain::loss::{Penalized, PenaltyFn, SquaredLoss};
///
/// // (p_0 - 1)^2
/// let loss = Penalized(SquaredLoss, PenaltyFn(|params: &[f64], grads: Option<&mut [f64]>| {
///     let off = params[0] - 1.0;
///     if let Some(grads) = grads {
///         grads[0] += 2.0 * off;
///     }
///     off * off
/// }));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PenaltyFn<F>(pub F);

impl<T: Real, F: Fn(&[T], Option<&mut [T]>) -> T + Sync> Penalty<T> for PenaltyFn<F> {
    fn value_and_grad(&self, _: &[LayerInfo], params: &[T], grads: Option<&mut [T]>) -> T {
        (self.0)(params, grads)
    }
}
