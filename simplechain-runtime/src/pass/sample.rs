//! The pass of a single sample: one feature per lane, everything inlined, tensors are arrays.

use core::hint::black_box;
use core::marker::PhantomData;
use core::ops::{Deref, Range};

use crate::layer::{ActivationGrad, Fused, Layer, SampleLayer, Wrt, WrtNothing};
use crate::network::{FrozenPass, Network, Pass, VjpPass};
use crate::scratch::Memory;
use crate::simd::{Number, Params, Simd};

/// What a forward pass keeps of its tensors, in arrays that are in the memory `M`.
pub(crate) trait Keep<T: Number, M: Memory> {
    /// A tensor.
    type Tensor<const N: usize>: Kept<T>;
    /// What is kept of an inner chain.
    type Tape<C: Network>: Deref<Target = [T]>;

    /// The chain's input.
    fn input<const N: usize>(&mut self) -> Self::Tensor<N>;
    /// The output of a layer.
    fn layer<L: SampleLayer, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        layer: L,
        params: T::Params<'_>,
        x: &[T],
    ) -> Self::Tensor<OUT>;
    /// The output of an inner chain.
    fn chain<C: Network, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        chain: C,
        params: T::Params<'_>,
        x: &[T],
    ) -> (Self::Tensor<OUT>, Self::Tape<C>);
    /// A tensor that the pass itself computes.
    fn merged<const N: usize>(&mut self, y: M::Zeros<T, [T; N]>) -> Self::Tensor<N>;
    /// The same tensor once more.
    fn copy<const N: usize>(x: &Self::Tensor<N>) -> Self::Tensor<N>;
    /// The output of the next layer in the chain's table.
    #[inline(always)]
    fn record(&mut self, _: &[T]) {}
}

/// A tensor, and what the backward pass needs of it.
pub(crate) trait Kept<T> {
    fn value(&self) -> &[T];
    /// The derivatives of an activation that do not follow from its value, or nothing.
    fn saved(&self) -> &[T];
}

/// An array, with nothing saved.
pub(crate) struct Value<A>(A);

impl<T, A: Deref<Target = [T]>> Kept<T> for Value<A> {
    #[inline(always)]
    fn value(&self) -> &[T] {
        &self.0
    }
    #[inline(always)]
    fn saved(&self) -> &[T] {
        &[]
    }
}

/// An array, and another where the layer saves something.
#[repr(C)] // the value first, where its vectors are aligned
pub(crate) struct ValueAndSaved<A> {
    value: A,
    saved: Option<A>,
}

impl<T, A: Deref<Target = [T]>> Kept<T> for ValueAndSaved<A> {
    #[inline(always)]
    fn value(&self) -> &[T] {
        &self.value
    }
    #[inline(always)]
    fn saved(&self) -> &[T] {
        self.saved.as_deref().unwrap_or(&[])
    }
}

/// Parts of a tape.
#[derive(Clone, Copy)]
pub(crate) struct Taped<'t, T> {
    value: &'t [T],
    saved: &'t [T],
}

impl<T> Kept<T> for Taped<'_, T> {
    #[inline(always)]
    fn value(&self) -> &[T] {
        self.value
    }
    #[inline(always)]
    fn saved(&self) -> &[T] {
        self.saved
    }
}

/// Keeps nothing: the forward pass alone. If asked to, it writes the outputs of all layers in the chain's table, one after the
/// other.
pub(crate) struct Values<'t, T> {
    pub(crate) x: &'t [T],
    pub(crate) outputs: Option<&'t mut [T]>,
}

/// Keeps the compiler from taking a tensor of two vectors apart in registers. The next layer reads its numbers one by one: from memory a
/// load repeats one in all lanes, from registers one or two shuffles do, which take the units of multiply-adds. One vector needs few
/// of them, and longer tensors stay in memory as it is.
#[inline(always)]
fn in_memory<T: Number, S: Simd<T>, const IN: usize, const OUT: usize>(x: &[T]) -> &[T] {
    if const { S::REGISTERS >= 32 && IN == 2 * S::LANES && OUT >= S::LANES } {
        let x: &[T; IN] = x.try_into().expect("a tensor of the chain");
        black_box(x)
    } else {
        x
    }
}

/// Runs a chain forward.
#[inline(always)]
pub(crate) fn forward<T: Number, S: Simd<T>, M: Memory, K: Keep<T, M>, C: Network>(
    chain: C,
    simd: S,
    params: T::Params<'_>,
    keep: K,
    y: &mut [T],
) {
    chain.forward_pass(&mut SamplePass::<T, S, M, K, _, WrtNothing> {
        simd,
        params,
        keep,
        seed: NoSeed,
        y,
        x_bar: &mut [],
        adds_to_input: false,
        params_bar: &mut [],
        types: PhantomData,
    });
}

impl<T: Number, M: Memory> Keep<T, M> for Values<'_, T> {
    type Tensor<const N: usize> = Value<M::Zeros<T, [T; N]>>;
    type Tape<C: Network> = &'static [T];

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Self::Tensor<N> {
        Value(M::copy(self.x))
    }
    #[inline(always)]
    fn layer<L: SampleLayer, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        layer: L,
        params: T::Params<'_>,
        x: &[T],
    ) -> Self::Tensor<OUT> {
        // Filled in place, so that a large array is not moved.
        let mut y = Value(M::zeros::<T, [T; OUT]>());
        layer.forward_sample::<T, S, false>(simd, params, x, &mut y.0, &mut []);
        y
    }
    #[inline(always)]
    fn chain<C: Network, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        chain: C,
        params: T::Params<'_>,
        x: &[T],
    ) -> (Self::Tensor<OUT>, Self::Tape<C>) {
        let mut y = Value(M::zeros::<T, [T; OUT]>());
        let keep = Values { x, outputs: None };
        forward::<T, S, M, _, C>(chain, simd, params, keep, &mut y.0);
        (y, &[])
    }
    #[inline(always)]
    fn merged<const N: usize>(&mut self, y: M::Zeros<T, [T; N]>) -> Self::Tensor<N> {
        Value(y)
    }
    #[inline(always)]
    fn copy<const N: usize>(x: &Self::Tensor<N>) -> Self::Tensor<N> {
        Value(M::copy(x.value()))
    }
    #[inline(always)]
    fn record(&mut self, y: &[T]) {
        if let Some(outputs) = &mut self.outputs {
            let next = outputs.split_off_mut(..y.len());
            next.expect("room for all outputs").copy_from_slice(y);
        }
    }
}

/// Keeps all that the backward pass needs in arrays.
pub(crate) struct Everything<'t, T>(pub(crate) &'t [T]);

impl<T: Number, M: Memory> Keep<T, M> for Everything<'_, T> {
    type Tensor<const N: usize> = ValueAndSaved<M::Zeros<T, [T; N]>>;
    type Tape<C: Network> = M::Zeros<T, C::Tape<T>>;

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Self::Tensor<N> {
        ValueAndSaved {
            value: M::copy(self.0),
            saved: None,
        }
    }
    #[inline(always)]
    fn layer<L: SampleLayer, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        layer: L,
        params: T::Params<'_>,
        x: &[T],
    ) -> Self::Tensor<OUT> {
        let mut y = ValueAndSaved {
            value: M::zeros::<T, [T; OUT]>(),
            saved: None,
        };
        if L::NEEDS_SAVED {
            let saved = y.saved.insert(M::zeros::<T, [T; OUT]>());
            layer.forward_sample::<T, S, true>(simd, params, x, &mut y.value, saved);
        } else {
            layer.forward_sample::<T, S, false>(simd, params, x, &mut y.value, &mut []);
        }
        y
    }
    #[inline(always)]
    fn chain<C: Network, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        chain: C,
        params: T::Params<'_>,
        x: &[T],
    ) -> (Self::Tensor<OUT>, Self::Tape<C>) {
        let mut tape = M::zeros::<T, C::Tape<T>>();
        let mut value = M::zeros::<T, [T; OUT]>();
        let keep = Record { x, tape: &mut tape };
        forward::<T, S, M, _, C>(chain, simd, params, keep, &mut value);
        (ValueAndSaved { value, saved: None }, tape)
    }
    #[inline(always)]
    fn merged<const N: usize>(&mut self, value: M::Zeros<T, [T; N]>) -> Self::Tensor<N> {
        ValueAndSaved { value, saved: None }
    }
    #[inline(always)]
    fn copy<const N: usize>(x: &Self::Tensor<N>) -> Self::Tensor<N> {
        ValueAndSaved {
            value: M::copy(x.value()),
            saved: None,
        }
    }
}

/// Writes all that a later backward pass needs to a tape.
pub(crate) struct Record<'t, T> {
    pub(crate) x: &'t [T],
    pub(crate) tape: &'t mut [T],
}

impl<'t, T: Number> Record<'t, T> {
    #[inline(always)]
    fn next(&mut self, len: usize) -> &'t mut [T] {
        let next = self.tape.split_off_mut(..len);
        next.expect("a tape is as long as its chain needs")
    }
}

impl<'t, T: Number, M: Memory> Keep<T, M> for Record<'t, T> {
    type Tensor<const N: usize> = Taped<'t, T>;
    type Tape<C: Network> = &'t [T];

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Taped<'t, T> {
        Taped {
            value: self.x,
            saved: &[],
        }
    }
    #[inline(always)]
    fn layer<L: SampleLayer, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        layer: L,
        params: T::Params<'_>,
        x: &[T],
    ) -> Taped<'t, T> {
        let value = self.next(OUT);
        if !L::NEEDS_SAVED {
            layer.forward_sample::<T, S, false>(simd, params, x, value, &mut []);
            return Taped { value, saved: &[] };
        }
        let saved = self.next(OUT);
        layer.forward_sample::<T, S, true>(simd, params, x, value, saved);
        Taped { value, saved }
    }
    #[inline(always)]
    fn chain<C: Network, S: Simd<T>, const OUT: usize>(
        &mut self,
        simd: S,
        chain: C,
        params: T::Params<'_>,
        x: &[T],
    ) -> (Taped<'t, T>, &'t [T]) {
        let (tape, value) = (self.next(C::LAYOUT.tape), self.next(OUT));
        forward::<T, S, M, _, C>(chain, simd, params, Record { x, tape }, value);
        (Taped { value, saved: &[] }, tape)
    }
    #[inline(always)]
    fn merged<const N: usize>(&mut self, y: M::Zeros<T, [T; N]>) -> Taped<'t, T> {
        let value = self.next(N);
        value.copy_from_slice(&y);
        Taped { value, saved: &[] }
    }
    #[inline(always)]
    fn copy<const N: usize>(x: &Taped<'t, T>) -> Taped<'t, T> {
        Taped {
            value: x.value,
            saved: &[],
        }
    }
}

/// Computes nothing: everything is on a tape.
pub(crate) struct Replay<'t, T> {
    pub(crate) x: &'t [T],
    pub(crate) tape: &'t [T],
}

impl<'t, T> Replay<'t, T> {
    #[inline(always)]
    fn next(&mut self, len: usize) -> &'t [T] {
        let next = self.tape.split_off(..len);
        next.expect("a tape is as long as its chain needs")
    }
}

impl<'t, T: Number, M: Memory> Keep<T, M> for Replay<'t, T> {
    type Tensor<const N: usize> = Taped<'t, T>;
    type Tape<C: Network> = &'t [T];

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Taped<'t, T> {
        Taped {
            value: self.x,
            saved: &[],
        }
    }
    #[inline(always)]
    fn layer<L: SampleLayer, S: Simd<T>, const OUT: usize>(
        &mut self,
        _: S,
        _: L,
        _: T::Params<'_>,
        _: &[T],
    ) -> Taped<'t, T> {
        let value = self.next(OUT);
        let saved = if L::NEEDS_SAVED { self.next(OUT) } else { &[] };
        Taped { value, saved }
    }
    #[inline(always)]
    fn chain<C: Network, S: Simd<T>, const OUT: usize>(
        &mut self,
        _: S,
        _: C,
        _: T::Params<'_>,
        _: &[T],
    ) -> (Taped<'t, T>, &'t [T]) {
        let (tape, value) = (self.next(C::LAYOUT.tape), self.next(OUT));
        (Taped { value, saved: &[] }, tape)
    }
    #[inline(always)]
    fn merged<const N: usize>(&mut self, _: M::Zeros<T, [T; N]>) -> Taped<'t, T> {
        Taped {
            value: self.next(N),
            saved: &[],
        }
    }
    #[inline(always)]
    fn copy<const N: usize>(x: &Taped<'t, T>) -> Taped<'t, T> {
        Taped {
            value: x.value,
            saved: &[],
        }
    }
}

/// What the backward pass of one sample starts from.
pub(crate) trait SampleSeed<T> {
    /// Sets the cotangents of the output `y`, which are zeros.
    fn seed(&mut self, y: &[T], y_bar: &mut [T]);
}

/// There is no backward pass.
pub(crate) struct NoSeed;

impl<T> SampleSeed<T> for NoSeed {
    #[inline(always)]
    fn seed(&mut self, _: &[T], _: &mut [T]) {}
}

/// Given cotangents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'a, T>(pub(crate) &'a [T]);

impl<T: Number> SampleSeed<T> for Given<'_, T> {
    #[inline(always)]
    fn seed(&mut self, _: &[T], y_bar: &mut [T]) {
        y_bar.copy_from_slice(self.0);
    }
}

/// The forward pass keeps `K` in memory `M`; the backward pass starts from `Z` and computes the derivatives `W`.
pub(crate) struct SamplePass<'p, 'a, T: Number, S, M, K, Z, W> {
    pub(crate) simd: S,
    pub(crate) params: T::Params<'p>,
    pub(crate) keep: K,
    pub(crate) seed: Z,
    pub(crate) y: &'a mut [T],
    /// Gets the cotangent of the input; unused if there is none.
    pub(crate) x_bar: &'a mut [T],
    /// Whether it is added to what is there. That of an inner chain is written, even with [`Wrt::ADD`].
    pub(crate) adds_to_input: bool,
    /// Gets the gradient with respect to the parameters; empty if there is none.
    pub(crate) params_bar: &'a mut [T],
    pub(crate) types: PhantomData<(M, W)>,
}

impl<T, S, M, K, Z, W> Pass for SamplePass<'_, '_, T, S, M, K, Z, W>
where
    T: Number,
    S: Simd<T>,
    M: Memory,
    K: Keep<T, M>,
    W: Wrt,
{
    type Tensor<const N: usize> = K::Tensor<N>;
    type Tape<C: Network> = K::Tape<C>;

    #[inline(always)]
    fn input<const N: usize>(&mut self) -> Self::Tensor<N> {
        self.keep.input()
    }

    #[inline(always)]
    fn layer<L: Layer + SampleLayer, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> Self::Tensor<OUT> {
        let mut values = x.value();
        // The chain's input may be in registers of the caller, where it stays if it changes in part from call to call.
        if params.start > 0 {
            values = in_memory::<T, S, IN, OUT>(values);
        }
        let params = self.params.range(params);
        self.keep.layer(self.simd, layer, params, values)
    }

    #[inline(always)]
    fn fused<L: Fused, const IN: usize, const MID: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<MID>, Self::Tensor<OUT>) {
        let (first, second) = layer.split();
        let (simd, params) = (self.simd, self.params.range(params));
        let mid: Self::Tensor<MID> = self.keep.layer(simd, first, params, x.value());
        let y = self
            .keep
            .layer(simd, second, self.params.range(0..0), mid.value());
        (mid, y)
    }

    #[inline(always)]
    fn inner_chain<C: Network, const FROZEN: bool, const IN: usize, const OUT: usize>(
        &mut self,
        chain: C,
        _: u64,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
    ) -> (Self::Tensor<OUT>, Self::Tape<C>) {
        let params = self.params.range(params);
        self.keep.chain(self.simd, chain, params, x.value())
    }

    #[inline(always)]
    fn fork<const N: usize>(&mut self, x: &Self::Tensor<N>) -> Self::Tensor<N> {
        K::copy(x)
    }

    #[inline(always)]
    fn add<const N: usize, const L: usize>(
        &mut self,
        a: &Self::Tensor<N>,
        b: &Self::Tensor<L>,
    ) -> Self::Tensor<N> {
        let mut y = M::copy::<T, [T; N]>(a.value());
        for (y, b) in y.iter_mut().zip(b.value()) {
            *y += *b;
        }
        self.keep.merged(y)
    }

    #[inline(always)]
    fn concat<const A: usize, const B: usize, const N: usize>(
        &mut self,
        a: &Self::Tensor<A>,
        b: &Self::Tensor<B>,
    ) -> Self::Tensor<N> {
        let mut y = M::zeros::<T, [T; N]>();
        let (first, second) = y.split_at_mut(A);
        first.copy_from_slice(a.value());
        second.copy_from_slice(b.value());
        self.keep.merged(y)
    }

    #[inline(always)]
    fn record<const N: usize>(&mut self, y: &Self::Tensor<N>) {
        self.keep.record(y.value());
    }

    #[inline(always)]
    fn output<const N: usize>(&mut self, y: &Self::Tensor<N>) {
        self.y.copy_from_slice(y.value());
    }
}

impl<T, S, M, K, Z, W> VjpPass for SamplePass<'_, '_, T, S, M, K, Z, W>
where
    T: Number,
    S: Simd<T>,
    M: Memory,
    K: Keep<T, M>,
    Z: SampleSeed<T>,
    W: Wrt,
{
    type Bar<const N: usize> = M::Zeros<T, [T; N]>;

    #[inline(always)]
    fn seed<L: ActivationGrad, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<OUT>,
    ) -> Self::Bar<OUT> {
        let mut bar = M::zeros::<T, [T; OUT]>();
        self.seed.seed(y.value(), &mut bar);
        last.z_bar_sample(self.simd, y.value(), y.saved(), &mut bar);
        bar
    }

    #[inline(always)]
    fn vjp<L: Layer + SampleLayer, P: ActivationGrad, const IN: usize, const OUT: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        z_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN> {
        self.backward::<L, P, IN>(layer, params, x, z_bar, previous)
    }

    #[inline(always)]
    fn vjp_fused<
        L: Fused,
        P: ActivationGrad,
        const IN: usize,
        const MID: usize,
        const OUT: usize,
    >(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        mid: &Self::Tensor<MID>,
        z_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN> {
        let (first, second) = layer.split();
        let mid_bar = self.backward::<_, _, MID>(second, 0..0, mid, z_bar, first);
        self.backward::<_, _, IN>(first, params, x, &mid_bar, previous)
    }

    #[inline(always)]
    fn vjp_inner_chain<
        C: Network,
        P: ActivationGrad,
        const FROZEN: bool,
        const IN: usize,
        const OUT: usize,
    >(
        &mut self,
        chain: C,
        params: Range<usize>,
        x: &Self::Tensor<IN>,
        tape: &Self::Tape<C>,
        y_bar: &Self::Bar<OUT>,
        previous: P,
    ) -> Self::Bar<IN> {
        let mut x_bar = M::zeros::<T, [T; IN]>();
        let mut y = M::zeros::<T, [T; OUT]>();
        macro_rules! inner {
            ($W:ty) => {{
                let mut inner = SamplePass::<T, S, M, _, _, $W> {
                    simd: self.simd,
                    params: self.params.range(params.clone()),
                    keep: Replay { x: x.value(), tape },
                    seed: Given(y_bar),
                    y: &mut y,
                    x_bar: &mut x_bar,
                    adds_to_input: false,
                    params_bar: if const { W::PARAMS } {
                        &mut self.params_bar[params]
                    } else {
                        &mut []
                    },
                    types: PhantomData,
                };
                if FROZEN {
                    chain.vjp_pass(&mut FrozenPass(&mut inner));
                } else {
                    chain.vjp_pass(&mut inner);
                }
            }};
        }
        if const { P::IS_INPUT && !W::INPUT } {
            inner!(W);
        } else {
            inner!(W::WithInput);
            previous.z_bar_sample(self.simd, x.value(), x.saved(), &mut x_bar);
        }
        x_bar
    }

    #[inline(always)]
    fn branch<L: ActivationGrad, const N: usize, const OUT: usize>(
        &mut self,
        last: L,
        y: &Self::Tensor<N>,
        bar: &Self::Bar<OUT>,
        at: usize,
    ) -> Self::Bar<N> {
        let mut y_bar = M::copy::<T, [T; N]>(&bar[at..at + N]);
        last.z_bar_sample(self.simd, y.value(), y.saved(), &mut y_bar);
        y_bar
    }

    #[inline(always)]
    fn join<P: ActivationGrad, const N: usize>(
        &mut self,
        x: &Self::Tensor<N>,
        a: &Self::Bar<N>,
        b: &Self::Bar<N>,
        previous: P,
    ) -> Self::Bar<N> {
        let mut x_bar = M::copy::<T, [T; N]>(a);
        for (x_bar, b) in x_bar.iter_mut().zip(&**b) {
            *x_bar += *b;
        }
        previous.z_bar_sample(self.simd, x.value(), x.saved(), &mut x_bar);
        x_bar
    }

    #[inline(always)]
    fn finish<const OUT: usize, const IN: usize>(
        &mut self,
        y: &Self::Tensor<OUT>,
        x_bar: &Self::Bar<IN>,
    ) {
        self.output(y);
        if const { !W::INPUT } {
            return;
        }
        if self.adds_to_input {
            for (sum, x_bar) in self.x_bar.iter_mut().zip(&**x_bar) {
                *sum += *x_bar;
            }
        } else {
            self.x_bar.copy_from_slice(x_bar);
        }
    }
}

impl<T, S, M, K, Z, W> SamplePass<'_, '_, T, S, M, K, Z, W>
where
    T: Number,
    S: Simd<T>,
    M: Memory,
    K: Keep<T, M>,
    W: Wrt,
{
    #[inline(always)]
    fn backward<L: SampleLayer, P: ActivationGrad, const IN: usize>(
        &mut self,
        layer: L,
        params: Range<usize>,
        x: &K::Tensor<IN>,
        z_bar: &[T],
        previous: P,
    ) -> M::Zeros<T, [T; IN]> {
        let (simd, x, saved) = (self.simd, x.value(), x.saved());
        let mut x_bar = M::zeros::<T, [T; IN]>();
        let params_bar = if const { W::PARAMS } {
            &mut self.params_bar[params.clone()]
        } else {
            &mut []
        };
        let params = self.params.range(params);
        if const { P::IS_INPUT && !W::INPUT } {
            layer.vjp_sample::<T, S, W>(simd, params, x, z_bar, &mut x_bar, params_bar);
        } else {
            layer.vjp_sample::<T, S, W::WithInput>(simd, params, x, z_bar, &mut x_bar, params_bar);
            previous.z_bar_sample(simd, x, saved, &mut x_bar);
        }
        x_bar
    }
}
