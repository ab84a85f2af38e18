//! The calls on one sample as kernels: a feature a lane.

use crate::chain::{Array, Chain, LayerInfo};
use crate::layer::{Given, SampleSeed};
use crate::loss::Loss;
use crate::scratch::{MOST_ON_STACK, Memory, OffStack, OnStack};
use crate::simd::{Kernel, Number, Real, Simd};

/// Whether all that a call keeps fits on the stack: an input, and of every layer its output, what it saves and its cotangent.
const fn fits_stack<C: Chain, T>() -> bool {
    const fn kept(layers: &[LayerInfo]) -> usize {
        let (mut numbers, mut i) = (0, 0);
        while i < layers.len() {
            let LayerInfo {
                input,
                output,
                inner,
                ..
            } = &layers[i];
            numbers += 3 * output.len();
            let mut chain = 0;
            while chain < inner.len() {
                numbers += input.len() + kept(inner[chain]);
                chain += 1;
            }
            i += 1;
        }
        numbers
    }
    (C::INPUT_LEN + kept(C::LAYERS)) * size_of::<T>() <= MOST_ON_STACK
}

/// A call that may keep what lies between the layers in either memory.
pub(crate) trait Call<T: Number> {
    type Chain: Chain;
    type Output;
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) -> Self::Output;
}

/// A [`Call`] as a kernel.
pub(crate) struct Sample<F>(pub(crate) F);

impl<T: Number, F: Call<T>> Kernel<T> for Sample<F> {
    type Output = F::Output;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> F::Output {
        if const { fits_stack::<F::Chain, T>() } {
            self.0.run_in::<S, OnStack>(simd)
        } else {
            self.0.run_in::<S, OffStack>(simd)
        }
    }
}

pub(crate) struct Forward<'p, 'a, C: Chain, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) y: &'a mut C::Output<T>,
}

impl<C: Chain, T: Number> Call<T> for Forward<'_, '_, C, T> {
    type Chain = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        let (x, y) = (self.x.as_slice(), self.y.as_mut_slice());
        self.chain
            .forward_sample::<T, S, M>(simd, self.params, x, y);
    }
}

pub(crate) struct Activations<'p, 'a, C: Chain, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) ys: &'a mut C::Activations<T>,
}

impl<C: Chain, T: Number> Call<T> for Activations<'_, '_, C, T> {
    type Chain = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        let (x, ys) = (self.x.as_slice(), self.ys.as_mut_slice());
        self.chain
            .activations_sample::<T, S, M>(simd, self.params, x, ys);
    }
}

pub(crate) struct Vjp<
    'p,
    'a,
    C: Chain,
    T: Number,
    const PARAMS: bool,
    const INPUT: bool,
    const ADD: bool,
    const KNOWN: bool,
> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    /// With `KNOWN`, the activations; else empty.
    pub(crate) known: &'a [T],
    pub(crate) params: T::Params<'p>,
    pub(crate) y_bar: &'a C::Output<T>,
    pub(crate) y: &'a mut C::Output<T>,
    /// With `INPUT`, the cotangent of the input; else any numbers come there.
    pub(crate) x_bar: &'a mut C::Input<T>,
    /// With `PARAMS`, the gradient; else empty.
    pub(crate) params_bar: &'a mut [T],
}

impl<C: Chain, T: Number, const PARAMS: bool, const INPUT: bool, const ADD: bool, const KNOWN: bool>
    Call<T> for Vjp<'_, '_, C, T, PARAMS, INPUT, ADD, KNOWN>
{
    type Chain = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        let Self {
            chain,
            x,
            known,
            params,
            y_bar,
            y,
            x_bar,
            params_bar,
        } = self;
        let known = if KNOWN { Some(known) } else { None };
        let seed = Given(y_bar.as_slice());
        let (x, y) = (x.as_slice(), y.as_mut_slice());
        let x_bar = x_bar.as_mut_slice();
        if !(INPUT && ADD) {
            chain.vjp_sample::<T, S, M, PARAMS, INPUT, ADD>(
                simd, params, x, known, y, seed, x_bar, params_bar,
            );
            return;
        }
        let mut term = M::zeros::<T, C::Input<T>>();
        chain.vjp_sample::<T, S, M, PARAMS, INPUT, ADD>(
            simd, params, x, known, y, seed, &mut term, params_bar,
        );
        for (x_bar, term) in x_bar.iter_mut().zip(&*term) {
            *x_bar += *term;
        }
    }
}

pub(crate) struct ValueAndGrad<'p, 'a, C: Chain, T: Real, L: Loss<C, T>> {
    pub(crate) chain: C,
    pub(crate) loss: &'a L,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) target: &'a L::Target,
    pub(crate) params: T::Params<'p>,
    pub(crate) grads: &'a mut [T],
}

impl<C: Chain, T: Real, L: Loss<C, T>> Call<T> for ValueAndGrad<'_, '_, C, T, L> {
    type Chain = C;
    type Output = T;
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) -> T {
        let Self {
            chain,
            loss,
            x,
            target,
            params,
            grads,
        } = self;
        let mut value = T::ZERO;
        if L::WEIGHTED && loss.weight(target) == 0.0 {
            // Also what is infinite or NaN counts nothing then.
            grads.fill(T::ZERO);
            return value;
        }
        let seed = LossSeed::<C, T, L> {
            loss,
            target,
            value: &mut value,
        };
        let mut y = M::zeros::<T, C::Output<T>>();
        let mut x_bar = M::zeros::<T, C::Input<T>>();
        chain.vjp_sample::<T, S, M, true, false, false>(
            simd,
            params,
            x.as_slice(),
            None,
            &mut y,
            seed,
            &mut x_bar,
            grads,
        );
        value
    }
}

/// The gradient of a loss, whose value it sets.
struct LossSeed<'a, C: Chain, T: Real, L: Loss<C, T>> {
    loss: &'a L,
    target: &'a L::Target,
    value: &'a mut T,
}

impl<C: Chain, T: Real, L: Loss<C, T>> SampleSeed<T> for LossSeed<'_, C, T, L> {
    #[inline(always)]
    fn seed(self, y: &[T], y_bar: &mut [T]) {
        let Self {
            loss,
            target,
            value,
        } = self;
        loss.encode(target, y_bar);
        let simd = T::OneLane::default();
        let one_lane = bytemuck::cast_slice_mut(y_bar);
        *value = simd.sum(loss.value_and_grad(simd, bytemuck::cast_slice(y), one_lane));
        if L::WEIGHTED {
            let weight = T::from_f64(loss.weight(target));
            *value *= weight;
            for y_bar in y_bar {
                *y_bar *= weight;
            }
        }
    }
}
