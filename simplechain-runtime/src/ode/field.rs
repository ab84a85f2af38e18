//! The right-hand side of a differential equation.

use crate::chain::{Array, Chain};
use crate::derivatives::Derivatives;
use crate::scratch::zeros;
use crate::simd::{Number, Real};

/// The right-hand side of `du/dt = f(t, u, params)`.
pub trait Field<T: Real> {
    /// `[T; N]`, the state `u`; of several trajectories at once `[[T; N]; M]`.
    type State: Array<T>;
    /// `[T; N]`, the parameters: those of a chain, and what else is to be fitted.
    type Params: Array<T>;

    /// `f(t, u, params)`
    fn rate(&self, t: T, u: &Self::State, params: &Self::Params) -> Self::State;
}

/// A right-hand side with its derivatives.
pub trait DifferentiableField<T: Real>: Field<T> {
    /// The vector-Jacobian product at `(t, u, params)`: adds `bar^T df/du` to `u_bar`, and `bar^T df/dparams` to
    /// `params_bar`.
    fn vjp_add(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        bar: &Self::State,
        u_bar: &mut Self::State,
        params_bar: &mut Self::Params,
    );

    /// The Jacobian-vector product: `f`, and `df/du u_dot + df/dparams params_dot`.
    ///
    /// Unless it is overwritten, by [`vjp_add`](Self::vjp_add) for every number of the state, in memory that the thread keeps.
    fn jvp(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        u_dot: &Self::State,
        params_dot: &Self::Params,
    ) -> (Self::State, Self::State) {
        let mut rate_dot = Self::State::splat(T::ZERO);
        let mut row = zeros::<T>(Self::Params::LEN);
        for i in 0..Self::State::LEN {
            let mut bar = Self::State::splat(T::ZERO);
            bar.as_mut_slice()[i] = T::ONE;
            let mut u_bar = Self::State::splat(T::ZERO);
            row.fill(T::ZERO);
            let params_bar = Self::Params::from_mut_slice(&mut row).expect("as many");
            self.vjp_add(t, u, params, &bar, &mut u_bar, params_bar);
            rate_dot.as_mut_slice()[i] = dot(u_bar.as_slice(), u_dot.as_slice())
                + dot(params_bar.as_slice(), params_dot.as_slice());
        }
        (self.rate(t, u, params), rate_dot)
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    let products = a.iter().zip(b).map(|(a, b)| *a * *b);
    products.fold(T::ZERO, |sum, product| sum + product)
}

impl<T: Real, F: Field<T>> Field<T> for &F {
    type State = F::State;
    type Params = F::Params;

    #[inline]
    fn rate(&self, t: T, u: &Self::State, params: &Self::Params) -> Self::State {
        (**self).rate(t, u, params)
    }
}

impl<T: Real, F: DifferentiableField<T>> DifferentiableField<T> for &F {
    #[inline]
    fn vjp_add(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        bar: &Self::State,
        u_bar: &mut Self::State,
        params_bar: &mut Self::Params,
    ) {
        (**self).vjp_add(t, u, params, bar, u_bar, params_bar);
    }

    #[inline]
    fn jvp(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        u_dot: &Self::State,
        params_dot: &Self::Params,
    ) -> (Self::State, Self::State) {
        (**self).jvp(t, u, params, u_dot, params_dot)
    }
}

/// `du/dt = net(u)`: a chain with as many outputs as inputs.
#[derive(Clone, Copy, Debug)]
pub struct Autonomous<C>(pub C);

impl<T, S, C> Field<T> for Autonomous<C>
where
    T: Real,
    S: Array<T>,
    C: Chain<Input<T> = S, Output<T> = S>,
{
    type State = S;
    type Params = C::Params<T>;

    #[inline]
    fn rate(&self, _t: T, u: &S, params: &C::Params<T>) -> S {
        self.0.forward(u, params)
    }
}

impl<T, S, C> DifferentiableField<T> for Autonomous<C>
where
    T: Real,
    S: Array<T>,
    C: Chain<Input<T> = S, Output<T> = S>,
{
    #[inline]
    fn vjp_add(
        &self,
        _t: T,
        u: &S,
        params: &C::Params<T>,
        bar: &S,
        u_bar: &mut S,
        params_bar: &mut C::Params<T>,
    ) {
        self.0.vjp_add(u, params, bar, u_bar, params_bar);
    }

    #[inline]
    fn jvp(
        &self,
        _t: T,
        u: &S,
        params: &C::Params<T>,
        u_dot: &S,
        params_dot: &C::Params<T>,
    ) -> (S, S) {
        self.0.jvp(u, params, u_dot, params_dot)
    }
}

/// `N` trajectories at once, `du_j/dt = net(u_j)`: the states are a batch of the chain.
#[derive(Clone, Copy, Debug)]
pub struct Ensemble<C, const N: usize>(pub C);

/// How many of `count` states to take as a batch. A last panel less than half full takes longer than its samples one by one.
const fn batched<T: Number>(count: usize) -> usize {
    let rest = count % T::PANEL;
    if rest < T::PANEL / 2 {
        count - rest
    } else {
        count
    }
}

impl<T, C, const D: usize, const N: usize> Field<T> for Ensemble<C, N>
where
    T: Real,
    C: Chain<Input<T> = [T; D], Output<T> = [T; D]>,
{
    type State = [[T; D]; N];
    type Params = C::Params<T>;

    #[inline]
    fn rate(&self, _t: T, us: &[[T; D]; N], params: &C::Params<T>) -> [[T; D]; N] {
        let mut rates = [[T::ZERO; D]; N];
        let at = batched::<T>(N);
        if at > 0 {
            let done = self.0.forward_batch(&us[..at], params, &mut rates[..at]);
            done.expect("a rate for every state");
        }
        for (u, rate) in us.iter().zip(&mut rates).skip(at) {
            *rate = self.0.forward(u, params);
        }
        rates
    }
}

impl<T, C, const D: usize, const N: usize> DifferentiableField<T> for Ensemble<C, N>
where
    T: Real,
    C: Chain<Input<T> = [T; D], Output<T> = [T; D]>,
{
    #[inline]
    fn vjp_add(
        &self,
        _t: T,
        us: &[[T; D]; N],
        params: &C::Params<T>,
        bars: &[[T; D]; N],
        u_bars: &mut [[T; D]; N],
        params_bar: &mut C::Params<T>,
    ) {
        let at = batched::<T>(N);
        if at > 0 {
            let done = self.0.vjp_batch_add(
                &us[..at],
                params,
                &bars[..at],
                &mut u_bars[..at],
                params_bar,
            );
            done.expect("a cotangent for every state");
        }
        for ((u, bar), u_bar) in us.iter().zip(bars).zip(u_bars).skip(at) {
            self.0.vjp_add(u, params, bar, u_bar, params_bar);
        }
    }

    #[inline]
    fn jvp(
        &self,
        _t: T,
        us: &[[T; D]; N],
        params: &C::Params<T>,
        us_dot: &[[T; D]; N],
        params_dot: &C::Params<T>,
    ) -> ([[T; D]; N], [[T; D]; N]) {
        let (mut rates, mut rates_dot) = ([[T::ZERO; D]; N], [[T::ZERO; D]; N]);
        let done = self
            .0
            .jvp_batch(us, params, us_dot, params_dot, &mut rates, &mut rates_dot);
        done.expect("a rate for every state");
        (rates, rates_dot)
    }
}
