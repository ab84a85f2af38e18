//! The calls on one sample as kernels: a feature a lane.

use crate::chain::{Array, Chain};
use crate::loss::Loss;
use crate::simd::{Kernel, Number, Real, Simd};

pub(crate) struct Forward<'p, 'a, C: Chain, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
}

impl<C: Chain, T: Number> Kernel<T> for Forward<'_, '_, C, T> {
    type Output = C::Output<T>;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> C::Output<T> {
        self.chain.forward_sample(simd, self.params, self.x)
    }
}

pub(crate) struct Activations<'p, 'a, C: Chain, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
}

impl<C: Chain, T: Number> Kernel<T> for Activations<'_, '_, C, T> {
    type Output = C::Activations<T>;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> C::Activations<T> {
        self.chain.activations_sample(simd, self.params, self.x)
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
    pub(crate) x_bar: &'a mut C::Input<T>,
    pub(crate) params_bar: &'a mut [T],
}

impl<C: Chain, T: Number, const PARAMS: bool, const INPUT: bool, const ADD: bool, const KNOWN: bool>
    Kernel<T> for Vjp<'_, '_, C, T, PARAMS, INPUT, ADD, KNOWN>
{
    type Output = C::Output<T>;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> C::Output<T> {
        let Self {
            chain,
            x,
            known,
            params,
            y_bar,
            x_bar,
            params_bar,
        } = self;
        let known = if KNOWN { Some(known) } else { None };
        if !(INPUT && ADD) {
            return chain.vjp_sample::<T, S, PARAMS, INPUT, ADD>(
                simd,
                params,
                x,
                known,
                |_| *y_bar,
                x_bar,
                params_bar,
            );
        }
        let term = &mut C::Input::splat(T::ZERO);
        let y = chain.vjp_sample::<T, S, PARAMS, INPUT, ADD>(
            simd,
            params,
            x,
            known,
            |_| *y_bar,
            term,
            params_bar,
        );
        for (x_bar, term) in x_bar.as_mut_slice().iter_mut().zip(term.as_slice()) {
            *x_bar += *term;
        }
        y
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

impl<C: Chain, T: Real, L: Loss<C, T>> Kernel<T> for ValueAndGrad<'_, '_, C, T, L> {
    type Output = T;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> T {
        let Self {
            chain,
            loss,
            x,
            target,
            params,
            grads,
        } = self;
        let mut value = T::ZERO;
        let weight = T::from_f64(if L::WEIGHTED {
            loss.weight(target)
        } else {
            1.0
        });
        if weight == T::ZERO {
            grads.fill(T::ZERO);
            return value;
        }
        let y_bar = |y: &C::Output<T>| {
            let mut y_bar = C::Output::splat(T::ZERO);
            loss.encode(target, y_bar.as_mut_slice());
            let one_lane = bytemuck::cast_slice_mut(y_bar.as_mut_slice());
            let y = bytemuck::cast_slice(y.as_slice());
            let simd = T::OneLane::default();
            value = simd.sum(loss.value_and_grad(simd, y, one_lane));
            if L::WEIGHTED {
                value *= weight;
                for y_bar in y_bar.as_mut_slice() {
                    *y_bar *= weight;
                }
            }
            y_bar
        };
        let x_bar = &mut C::Input::splat(T::ZERO);
        chain.vjp_sample::<T, S, true, false, false>(simd, params, x, None, y_bar, x_bar, grads);
        value
    }
}
