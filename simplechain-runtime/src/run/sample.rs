//! The single-sample calls as kernels: one feature per lane.

use core::marker::PhantomData;

use crate::array::Array;
use crate::info::LayerInfo;
use crate::layer::{Adding, Wrt, WrtBoth};
use crate::network::Network;
use crate::pass::sample::{Everything, Given, Record, Replay, SamplePass, Values, forward};
use crate::scratch::{MAX_ON_STACK, Memory, OffStack, OnStack};
use crate::simd::{Kernel, Number, Real, Simd};

/// Whether everything that a call keeps fits on the stack: the input and, for every layer, its output, what it saves and its cotangent.
const fn fits_stack<C: Network, T>() -> bool {
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
    let _ = C::LAYOUT.checked();
    (C::INPUT_LEN + kept(C::LAYERS)) * size_of::<T>() <= MAX_ON_STACK
}

/// A call that can keep intermediate values in either memory.
pub(crate) trait Call<T: Number> {
    type Network: Network;
    type Output;
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) -> Self::Output;
}

/// A [`Call`] as a kernel.
pub(crate) struct Sample<F>(pub(crate) F);

impl<T: Number, F: Call<T>> Kernel<T> for Sample<F> {
    type Output = F::Output;
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> F::Output {
        if const { fits_stack::<F::Network, T>() } {
            self.0.run_in::<S, OnStack>(simd)
        } else {
            self.0.run_in::<S, OffStack>(simd)
        }
    }
}

/// The output of one sample.
#[inline]
pub(crate) fn forward_into<C: Network, T: Real>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    y: &mut C::Output<T>,
) {
    T::dispatch_sample(Sample(Forward {
        chain,
        x,
        params: T::as_params(params.as_slice()),
        y,
    }));
}

/// The backward pass of one sample. If `x_bar` is not wanted, its contents are unspecified; `params_bar` is empty then.
#[inline]
pub(crate) fn vjp<C: Network, T: Real, W: Wrt>(
    chain: C,
    x: &C::Input<T>,
    params: &C::Params<T>,
    y_bar: &C::Output<T>,
    x_bar: &mut [T],
    params_bar: &mut [T],
) -> C::Output<T> {
    let mut y = C::Output::splat(T::ZERO);
    T::dispatch_sample(Sample(Vjp::<_, _, W> {
        chain,
        x,
        params: T::as_params(params.as_slice()),
        y_bar,
        y: &mut y,
        x_bar,
        params_bar,
        wrt: PhantomData,
    }));
    y
}

pub(crate) struct Forward<'p, 'a, C: Network, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) y: &'a mut C::Output<T>,
}

impl<C: Network, T: Number> Call<T> for Forward<'_, '_, C, T> {
    type Network = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        let keep = Values {
            x: self.x.as_slice(),
            outputs: None,
        };
        let y = self.y.as_mut_slice();
        forward::<T, S, M, _, C>(self.chain, simd, self.params, keep, y);
    }
}

pub(crate) struct Activations<'p, 'a, C: Network, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) ys: &'a mut C::Activations<T>,
}

impl<C: Network, T: Number> Call<T> for Activations<'_, '_, C, T> {
    type Network = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        let keep = Values {
            x: self.x.as_slice(),
            outputs: Some(self.ys.as_mut_slice()),
        };
        let mut y = M::zeros::<T, C::Output<T>>();
        forward::<T, S, M, _, C>(self.chain, simd, self.params, keep, &mut y);
    }
}

pub(crate) struct ForwardTape<'p, 'a, C: Network, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) tape: &'a mut C::Tape<T>,
    pub(crate) y: &'a mut C::Output<T>,
}

impl<C: Network, T: Number> Call<T> for ForwardTape<'_, '_, C, T> {
    type Network = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        let keep = Record {
            x: self.x.as_slice(),
            tape: self.tape.as_mut_slice(),
        };
        let y = self.y.as_mut_slice();
        forward::<T, S, M, _, C>(self.chain, simd, self.params, keep, y);
    }
}

pub(crate) struct Vjp<'p, 'a, C: Network, T: Number, W> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) y_bar: &'a C::Output<T>,
    pub(crate) y: &'a mut C::Output<T>,
    /// Gets the cotangent of the input; unused if there is none.
    pub(crate) x_bar: &'a mut [T],
    /// Gets the gradient with respect to the parameters; empty if there is none.
    pub(crate) params_bar: &'a mut [T],
    pub(crate) wrt: PhantomData<W>,
}

impl<C: Network, T: Number, W: Wrt> Call<T> for Vjp<'_, '_, C, T, W> {
    type Network = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        self.chain.vjp_pass(&mut SamplePass::<T, S, M, _, _, W> {
            simd,
            params: self.params,
            keep: Everything(self.x.as_slice()),
            seed: Given(self.y_bar.as_slice()),
            y: self.y.as_mut_slice(),
            x_bar: self.x_bar,
            adds_to_input: W::ADD,
            params_bar: self.params_bar,
            types: PhantomData,
        });
    }
}

/// The backward pass from a tape; adds to the cotangents.
pub(crate) struct VjpTape<'p, 'a, C: Network, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a C::Input<T>,
    pub(crate) tape: &'a C::Tape<T>,
    pub(crate) params: T::Params<'p>,
    pub(crate) y_bar: &'a C::Output<T>,
    pub(crate) y: &'a mut C::Output<T>,
    pub(crate) x_bar: &'a mut C::Input<T>,
    pub(crate) params_bar: &'a mut [T],
}

impl<C: Network, T: Number> Call<T> for VjpTape<'_, '_, C, T> {
    type Network = C;
    type Output = ();
    #[inline(always)]
    fn run_in<S: Simd<T>, M: Memory>(self, simd: S) {
        self.chain
            .vjp_pass(&mut SamplePass::<T, S, M, _, _, Adding<WrtBoth>> {
                simd,
                params: self.params,
                keep: Replay {
                    x: self.x.as_slice(),
                    tape: self.tape.as_slice(),
                },
                seed: Given(self.y_bar.as_slice()),
                y: self.y.as_mut_slice(),
                x_bar: self.x_bar.as_mut_slice(),
                adds_to_input: true,
                params_bar: self.params_bar,
                types: PhantomData,
            });
    }
}
