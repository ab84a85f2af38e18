//! The loss of a single sample, and its gradient.

use core::marker::PhantomData;

use super::sample::Call;
use crate::array::Array;
use crate::layer::WrtParams;
use crate::loss::Loss;
use crate::network::Network;
use crate::pass::sample::{Everything, SamplePass, SampleSeed};
use crate::scratch::Memory;
use crate::simd::{Real, Simd};

pub(crate) struct ValueAndGrad<'p, 'a, C: Network, T: Real, L: Loss<C, T>> {
    pub(crate) chain: C,
    pub(crate) loss: &'a L,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) target: &'a L::Target,
    pub(crate) params: T::Params<'p>,
    pub(crate) grads: &'a mut [T],
}

impl<C: Network, T: Real, L: Loss<C, T>> Call<T> for ValueAndGrad<'_, '_, C, T, L> {
    type Network = C;
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
            // Then not even infinite and NaN values count.
            grads.fill(T::ZERO);
            return value;
        }
        let seed = LossSeed::<C, T, L> {
            loss,
            target,
            value: &mut value,
        };
        let mut y = M::zeros::<T, C::Output<T>>();
        chain.vjp_pass(&mut SamplePass::<T, S, M, _, _, WrtParams> {
            simd,
            params,
            keep: Everything(x.as_slice()),
            seed,
            y: &mut y,
            x_bar: &mut [],
            adds_to_input: false,
            params_bar: grads,
            types: PhantomData,
        });
        value
    }
}

/// Starts from the gradient of a loss, and stores its value.
struct LossSeed<'a, C: Network, T: Real, L: Loss<C, T>> {
    loss: &'a L,
    target: &'a L::Target,
    value: &'a mut T,
}

impl<C: Network, T: Real, L: Loss<C, T>> SampleSeed<T> for LossSeed<'_, C, T, L> {
    #[inline(always)]
    fn seed(&mut self, y: &[T], y_bar: &mut [T]) {
        let Self {
            loss,
            target,
            value,
        } = self;
        loss.encode(target, y_bar);
        let simd = T::OneLane::default();
        let one_lane = bytemuck::cast_slice_mut(y_bar);
        **value = simd.sum(loss.value_and_grad(simd, bytemuck::cast_slice(y), one_lane));
        if L::WEIGHTED {
            let weight = T::from_f64(loss.weight(target));
            **value *= weight;
            for y_bar in y_bar {
                *y_bar *= weight;
            }
        }
    }
}
