//! The pass of a single sample up to one layer, whose input it returns.

use core::ops::Range;

use crate::layer::{Fused, Layer, SampleLayer};
use crate::network::{Network, Pass};
use crate::scratch::{Zeros, zeros};
use crate::simd::{Kernel, Number, Params, Simd};

/// Computes what reaches the layer whose parameters begin at `target`, and writes it to `found`, which has its length.
pub(crate) struct Probe<'p, 'a, C, T: Number> {
    pub(crate) chain: C,
    pub(crate) x: &'a [T],
    pub(crate) params: T::Params<'p>,
    pub(crate) target: usize,
    pub(crate) found: &'a mut [T],
}

impl<C: Network, T: Number> Kernel<T> for Probe<'_, '_, C, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let mut output = zeros(C::OUTPUT_LEN);
        self.chain.forward_pass(&mut ProbePass {
            simd,
            x: self.x,
            params: self.params,
            target: Some(self.target),
            found: self.found,
            y: &mut output,
        });
    }
}

/// See [`Probe`]. After the layer it computes nothing.
struct ProbePass<'p, 'a, T: Number, S> {
    simd: S,
    x: &'a [T],
    params: T::Params<'p>,
    /// Counted in the parameters of this chain; `None` once the layer has been found.
    target: Option<usize>,
    found: &'a mut [T],
    y: &'a mut [T],
}

impl<T: Number, S: Simd<T>> ProbePass<'_, '_, T, S> {
    #[inline(always)]
    fn run<L: SampleLayer>(&self, layer: L, params: Range<usize>, x: &[T], y: &mut [T]) {
        if self.target.is_some() {
            let params = self.params.range(params);
            layer.forward_sample::<T, S, false>(self.simd, params, x, y, &mut []);
        }
    }
}

impl<T: Number, S: Simd<T>> Pass for ProbePass<'_, '_, T, S> {
    type Tensor<const N: usize> = Zeros<T>;
    type Tape<C: Network> = ();

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Zeros<T> {
        let mut x = zeros(N);
        x.copy_from_slice(self.x);
        x
    }

    #[inline(always)]
    fn layer<L: Layer + SampleLayer, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Zeros<T>,
    ) -> Zeros<T> {
        // Layers without parameters may begin there, too.
        if self.target == Some(params.start) && !params.is_empty() {
            self.found.copy_from_slice(x);
            self.target = None;
        }
        let mut y = zeros(OUT);
        self.run(layer, params, x, &mut y);
        y
    }

    #[inline(always)]
    fn fused<L: Fused, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Zeros<T>,
    ) -> (Zeros<T>, Zeros<T>) {
        let (first, second) = layer.split();
        let (mut mid, mut y) = (zeros(MID), zeros(OUT));
        self.run(first, params, x, &mut mid);
        self.run(second, 0..0, &mid, &mut y);
        (mid, y)
    }

    #[inline(always)]
    fn inner_chain<C: Network, const FROZEN: bool, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        _: u64,
        params: Range<usize>,
        x: &Zeros<T>,
    ) -> (Zeros<T>, ()) {
        let mut y = zeros(OUT);
        if let Some(target) = self.target {
            let is_inside = params.contains(&target);
            chain.forward_pass(&mut ProbePass {
                simd: self.simd,
                x,
                params: self.params.range(params.clone()),
                // What no layer begins at is never found.
                target: Some(if is_inside {
                    target - params.start
                } else {
                    usize::MAX
                }),
                found: self.found,
                y: &mut y,
            });
            if is_inside {
                self.target = None;
            }
        }
        (y, ())
    }

    #[inline(always)]
    fn fork<const N: usize>(&mut self, x: &Zeros<T>) -> Zeros<T> {
        let mut copy = zeros(N);
        copy.copy_from_slice(x);
        copy
    }

    #[inline(always)]
    fn add<const N: usize, const M: usize>(&mut self, a: &Zeros<T>, b: &Zeros<T>) -> Zeros<T> {
        let mut y = self.fork::<N>(a);
        for (y, b) in y.iter_mut().zip(&**b) {
            *y += *b;
        }
        y
    }

    #[inline(always)]
    fn concat<const A: usize, const B: usize, const N: usize>(
        &mut self,
        a: &Zeros<T>,
        b: &Zeros<T>,
    ) -> Zeros<T> {
        let mut y = zeros(N);
        let (first, second) = y.split_at_mut(A);
        first.copy_from_slice(a);
        second.copy_from_slice(b);
        y
    }

    #[inline(always)]
    fn record<const N: usize>(&mut self, _: &Zeros<T>) {}

    #[inline(always)]
    fn output<const N: usize>(&mut self, y: &Zeros<T>) {
        self.y.copy_from_slice(y);
    }
}
