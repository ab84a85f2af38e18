use simplechain::layer::CustomLayer;
use simplechain::prelude::*;
use simplechain::simd::{Number, Simd};

#[derive(Clone, Copy, Debug, Default)]
struct Double<const N: usize>;

impl<const N: usize> CustomLayer for Double<N> {
    const INPUT_LEN: usize = N;
    const OUTPUT_LEN: usize = N;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(self, simd: S, _: T::Params<'_>, x: &[S::V], y: &mut [S::V]) {
        for i in 0..N {
            y[i] = simd.add(x[i], x[i]);
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        _: T::Params<'_>,
        _: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        _: &mut [S::V],
    ) {
        for i in 0..N {
            x_bar[i] = simd.add(y_bar[i], y_bar[i]);
        }
    }
}

simple_chain! {
    struct Net: 4 => dense(relu, 6) => layer(crate::Double<5>) => dense(id, 2)
}

fn main() {}
