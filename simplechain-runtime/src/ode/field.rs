//! The right-hand side of a differential equation.

use crate::array::Array;
use crate::chain::Chain;
use crate::derivatives::Derivatives;
use crate::run::calls;
use crate::scratch::with_zeros;
use crate::simd::{Number, Real};

/// The right-hand side of `du/dt = f(t, u, params)`.
///
/// Results are written to output arguments, so that large states are never passed on the stack.
pub trait Field<T: Real> {
    /// The state `u`, `[T; N]`; for several trajectories at once `[[T; N]; M]`.
    type State: Array<T>;
    /// The parameters, `[T; N]`: those of a chain, and any others to be fitted.
    type Params: Array<T>;

    /// The number of values that [`rate_and_save`](Self::rate_and_save) keeps.
    const SAVED_LEN: usize = 0;

    /// Sets all elements of `rate` to `f(t, u, params)`.
    fn rate(&self, t: T, u: &Self::State, params: &Self::Params, rate: &mut Self::State);

    /// [`rate`](Self::rate), which also stores [`SAVED_LEN`](Self::SAVED_LEN) values that the backward pass would have to recompute, such as
    /// the activations of a chain.
    #[inline]
    fn rate_and_save(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        saved: &mut [T],
        rate: &mut Self::State,
    ) {
        let _ = saved;
        self.rate(t, u, params, rate);
    }
}

/// A right-hand side with its derivatives.
pub trait DifferentiableField<T: Real>: Field<T> {
    /// The vector-Jacobian product at `(t, u, params)`: adds `bar^T df/du` to `u_bar`, and `bar^T df/dparams` to
    /// `params_bar`. [`check_vjp`](super::check_vjp) checks it.
    fn vjp_add(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        bar: &Self::State,
        u_bar: &mut Self::State,
        params_bar: &mut Self::Params,
    );

    /// [`vjp_add`](Self::vjp_add) with the values that [`rate_and_save`](Field::rate_and_save) kept at the same `(t, u, params)`.
    #[inline]
    fn vjp_add_saved(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        saved: &[T],
        bar: &Self::State,
        u_bar: &mut Self::State,
        params_bar: &mut Self::Params,
    ) {
        let _ = saved;
        self.vjp_add(t, u, params, bar, u_bar, params_bar);
    }

    /// The Jacobian-vector product: sets `rate` to `f`, and `rate_dot` to `df/du u_dot + df/dparams params_dot`.
    ///
    /// By default computed by [`vjp_add`](Self::vjp_add) for every element of the state, in thread-local memory.
    fn jvp(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        u_dot: &Self::State,
        params_dot: &Self::Params,
        rate: &mut Self::State,
        rate_dot: &mut Self::State,
    ) {
        self.rate(t, u, params, rate);
        with_zeros(|bar: &mut Self::State| {
            with_zeros(|u_bar: &mut Self::State| {
                with_zeros(|params_bar: &mut Self::Params| {
                    for (i, dot_i) in rate_dot.as_mut_slice().iter_mut().enumerate() {
                        u_bar.as_mut_slice().fill(T::ZERO);
                        params_bar.as_mut_slice().fill(T::ZERO);
                        bar.as_mut_slice()[i] = T::ONE;
                        self.vjp_add(t, u, params, bar, u_bar, params_bar);
                        bar.as_mut_slice()[i] = T::ZERO;
                        *dot_i = dot(u_bar.as_slice(), u_dot.as_slice())
                            + dot(params_bar.as_slice(), params_dot.as_slice());
                    }
                });
            });
        });
    }
}

fn dot<T: Real>(a: &[T], b: &[T]) -> T {
    let products = a.iter().zip(b).map(|(a, b)| *a * *b);
    products.fold(T::ZERO, |sum, product| sum + product)
}

impl<T: Real, F: Field<T>> Field<T> for &F {
    type State = F::State;
    type Params = F::Params;

    const SAVED_LEN: usize = F::SAVED_LEN;

    #[inline]
    fn rate(&self, t: T, u: &Self::State, params: &Self::Params, rate: &mut Self::State) {
        (**self).rate(t, u, params, rate);
    }

    #[inline]
    fn rate_and_save(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        saved: &mut [T],
        rate: &mut Self::State,
    ) {
        (**self).rate_and_save(t, u, params, saved, rate);
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
    fn vjp_add_saved(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        saved: &[T],
        bar: &Self::State,
        u_bar: &mut Self::State,
        params_bar: &mut Self::Params,
    ) {
        (**self).vjp_add_saved(t, u, params, saved, bar, u_bar, params_bar);
    }

    #[inline]
    fn jvp(
        &self,
        t: T,
        u: &Self::State,
        params: &Self::Params,
        u_dot: &Self::State,
        params_dot: &Self::Params,
        rate: &mut Self::State,
        rate_dot: &mut Self::State,
    ) {
        (**self).jvp(t, u, params, u_dot, params_dot, rate, rate_dot);
    }
}

/// The output of a chain, with its tape saved.
#[inline]
fn forward_keeping<T: Real, C: Chain>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    saved: &mut [T],
    y: &mut C::Output<T>,
) {
    let tape = C::Tape::from_mut_slice(saved).expect("a whole tape");
    chain.forward_tape_into(x, params, tape, y);
}

/// The backward pass with the tape of a chain.
#[inline]
fn vjp_add_saved<T: Real, C: Chain>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    saved: &[T],
    y_bar: &C::Output<T>,
    x_bar: &mut C::Input<T>,
    params_bar: &mut C::Params<T>,
) {
    let tape = C::Tape::from_slice(saved).expect("a whole tape");
    chain.vjp_tape_add(x, params, tape, y_bar, x_bar, params_bar);
}

/// The output of a chain as the rate of a state `S`: the same array.
#[diagnostic::on_unimplemented(
    message = "`Autonomous` takes a chain with as many outputs as inputs, but this one makes `{Self}` of `{S}`",
    label = "the chain's input and output differ",
    note = "change the chain; or, if it is a part of the right-hand side, implement `Field` for a type of your own"
)]
pub trait RateOf<S>: Sized {
    /// A state as a rate.
    fn from_state(state: &S) -> &Self;
    /// A state as a mutable rate.
    fn from_state_mut(state: &mut S) -> &mut Self;
}

impl<S> RateOf<S> for S {
    #[inline(always)]
    fn from_state(state: &S) -> &Self {
        state
    }
    #[inline(always)]
    fn from_state_mut(state: &mut S) -> &mut Self {
        state
    }
}

/// `du/dt = net(u)`: a chain with as many outputs as inputs.
#[derive(Clone, Copy, Debug)]
pub struct Autonomous<C>(pub C);

impl<T, C> Field<T> for Autonomous<C>
where
    T: Real,
    C: Chain,
    C::Output<T>: RateOf<C::Input<T>>,
{
    type State = C::Input<T>;
    type Params = C::Params<T>;

    const SAVED_LEN: usize = C::Tape::<T>::LEN;

    #[inline]
    fn rate(&self, _t: T, u: &C::Input<T>, params: &C::Params<T>, rate: &mut C::Input<T>) {
        self.0
            .forward_into(u, params, C::Output::from_state_mut(rate));
    }

    #[inline]
    fn rate_and_save(
        &self,
        _t: T,
        u: &C::Input<T>,
        params: &C::Params<T>,
        saved: &mut [T],
        rate: &mut C::Input<T>,
    ) {
        forward_keeping(self.0, u, params, saved, C::Output::from_state_mut(rate));
    }
}

impl<T, C> DifferentiableField<T> for Autonomous<C>
where
    T: Real,
    C: Chain,
    C::Output<T>: RateOf<C::Input<T>>,
{
    #[inline]
    fn vjp_add(
        &self,
        _t: T,
        u: &C::Input<T>,
        params: &C::Params<T>,
        bar: &C::Input<T>,
        u_bar: &mut C::Input<T>,
        params_bar: &mut C::Params<T>,
    ) {
        let bar = C::Output::from_state(bar);
        self.0.vjp_add(u, params, bar, u_bar, params_bar);
    }

    #[inline]
    fn vjp_add_saved(
        &self,
        _t: T,
        u: &C::Input<T>,
        params: &C::Params<T>,
        saved: &[T],
        bar: &C::Input<T>,
        u_bar: &mut C::Input<T>,
        params_bar: &mut C::Params<T>,
    ) {
        let bar = C::Output::from_state(bar);
        vjp_add_saved(self.0, u, params, saved, bar, u_bar, params_bar);
    }

    #[inline]
    fn jvp(
        &self,
        _t: T,
        u: &C::Input<T>,
        params: &C::Params<T>,
        u_dot: &C::Input<T>,
        params_dot: &C::Params<T>,
        rate: &mut C::Input<T>,
        rate_dot: &mut C::Input<T>,
    ) {
        let [rate, rate_dot] = [rate, rate_dot].map(C::Output::from_state_mut);
        self.0
            .jvp_into(u, params, u_dot, params_dot, rate, rate_dot);
    }
}

/// `N` trajectories at once, `du_j/dt = net(u_j)`: the states are a batch of the chain.
#[derive(Clone, Copy, Debug)]
pub struct Ensemble<C, const N: usize>(pub C);

/// How many of `count` states to process as a batch. A last panel less than half full takes longer than its samples one by one.
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

    const SAVED_LEN: usize = Self::batch_tape_len::<T>() + Self::alone::<T>() * C::Tape::<T>::LEN;

    #[inline]
    fn rate(&self, _t: T, us: &[[T; D]; N], params: &C::Params<T>, rates: &mut [[T; D]; N]) {
        let at = batched::<T>(N);
        if at > 0 {
            let done = self.0.forward_batch(&us[..at], params, &mut rates[..at]);
            done.expect("a rate for every state");
        }
        for (u, rate) in us.iter().zip(rates).skip(at) {
            self.0.forward_into(u, params, rate);
        }
    }

    #[inline]
    fn rate_and_save(
        &self,
        _t: T,
        us: &[[T; D]; N],
        params: &C::Params<T>,
        saved: &mut [T],
        rates: &mut [[T; D]; N],
    ) {
        let at = batched::<T>(N);
        let (batch, saved) = saved.split_at_mut(Self::batch_tape_len::<T>());
        if at > 0 {
            let done =
                calls::forward_batch_tape(self.0, &us[..at], params, batch, &mut rates[..at]);
            done.expect("a rate for every state");
        }
        let alone = us.iter().zip(rates).skip(at);
        for ((u, rate), saved) in alone.zip(saved.chunks_exact_mut(C::Tape::<T>::LEN)) {
            forward_keeping(self.0, u, params, saved, rate);
        }
    }
}

impl<C: Chain, const N: usize> Ensemble<C, N> {
    /// The length of the tape of the trajectories in the batch.
    const fn batch_tape_len<T: Real>() -> usize {
        calls::batch_tape_len::<C, T>(batched::<T>(N))
    }

    /// The number of trajectories outside the batch.
    const fn alone<T: Real>() -> usize {
        N - batched::<T>(N)
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
            let (us, bars, u_bars) = (&us[..at], &bars[..at], &mut u_bars[..at]);
            let done = self.0.vjp_batch_add(us, params, bars, u_bars, params_bar);
            done.expect("a cotangent for every state");
        }
        let alone = us.iter().zip(bars).zip(u_bars).skip(at);
        for ((u, bar), u_bar) in alone {
            self.0.vjp_add(u, params, bar, u_bar, params_bar);
        }
    }

    #[inline]
    fn vjp_add_saved(
        &self,
        _t: T,
        us: &[[T; D]; N],
        params: &C::Params<T>,
        saved: &[T],
        bars: &[[T; D]; N],
        u_bars: &mut [[T; D]; N],
        params_bar: &mut C::Params<T>,
    ) {
        let at = batched::<T>(N);
        let (batch, saved) = saved.split_at(Self::batch_tape_len::<T>());
        if at > 0 {
            let (us, bars, u_bars) = (&us[..at], &bars[..at], &mut u_bars[..at]);
            let done =
                calls::vjp_batch_tape_add(self.0, us, params, batch, bars, u_bars, params_bar);
            done.expect("a cotangent for every state");
        }
        let alone = us.iter().zip(bars).zip(u_bars).skip(at);
        for (((u, bar), u_bar), saved) in alone.zip(saved.chunks_exact(C::Tape::<T>::LEN)) {
            vjp_add_saved(self.0, u, params, saved, bar, u_bar, params_bar);
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
        rates: &mut [[T; D]; N],
        rates_dot: &mut [[T; D]; N],
    ) {
        let done = self
            .0
            .jvp_batch(us, params, us_dot, params_dot, rates, rates_dot);
        done.expect("a rate for every state");
    }
}
