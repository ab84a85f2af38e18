//! Chains as layers of a chain: one by its name, around which the input goes too (`residual`), whose parameters stand
//! still (`frozen`); and two side by side (`concat`).

use super::{Cotangent, Given, Layer, Memory, Mode, Rows, SampleLayer};
use crate::chain::Chain;
use crate::simd::{Number, Params, Simd};

/// `y = C(x)`; with `SKIP`, `y = x + C(x)` (He et al., 2016). If it is `FROZEN`, its parameters get no gradient, and
/// running statistics within it stand still and are used also in training (as in Keras). Dropout within it drops.
///
/// On a batch the inner chain works in rows of its own, at the speed that it has alone. The way back of a single sample
/// computes the inner chain's forward pass once more.
#[derive(Clone, Copy, Debug)]
pub struct Nested<C, const SKIP: bool, const FROZEN: bool>(pub C);

/// `y = (A(x), B(x))`: the outputs of two chains, one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Concat<A, B>(pub A, pub B);

macro_rules! identity_cotangent {
    () => {
        #[inline(always)]
        fn z_bar<T: Number, S: Simd<T>>(self, _: S, y_bar: S::V, _: S::V, _: S::V) -> S::V {
            y_bar
        }
        #[inline(always)]
        fn z_bar_sample<T: Number, S: Simd<T>>(self, _: S, _: &[T], _: &[T], _: &mut [T]) {}
    };
}
impl<C: Chain, const SKIP: bool, const FROZEN: bool> Cotangent for Nested<C, SKIP, FROZEN> {
    identity_cotangent!();
}
impl<A: Chain, B: Chain> Cotangent for Concat<A, B> {
    identity_cotangent!();
}

/// Forward through a chain in its own rows, from `base` on; `x` are the rows of its input.
#[inline(always)]
fn forward_inner<C, T, S, const SAVE: bool, const ROWS: usize>(
    chain: C,
    simd: S,
    params: T::Params<'_>,
    tile: &mut [[S::V; ROWS]],
    x: usize,
    base: usize,
    mode: Mode,
) where
    C: Chain,
    T: Number,
    S: Simd<T>,
{
    for panel in tile.iter_mut() {
        panel.copy_within(x..x + C::INPUT_LEN, base);
    }
    chain.forward_panels::<T, S, SAVE, ROWS>(simd, params, tile, base, mode);
}

/// Back through a chain in its own rows; the cotangents of its output are in rows `y_bar`.
#[inline(always)]
fn vjp_inner<C, T, S, const PARAMS: bool, const INPUT: bool, const ROWS: usize>(
    chain: C,
    simd: S,
    params: T::Params<'_>,
    tile: &mut [[S::V; ROWS]],
    y_bar: usize,
    base: usize,
    work: &mut [S::V],
    params_bar: &mut [T],
) where
    C: Chain,
    T: Number,
    S: Simd<T>,
{
    for panel in tile.iter_mut() {
        let seed = base + C::OUTPUT_ROW + 2 * C::OUTPUT_LEN;
        panel.copy_within(y_bar..y_bar + C::OUTPUT_LEN, seed);
    }
    chain.vjp_panels::<T, S, PARAMS, INPUT, ROWS>(simd, params, tile, base, work, params_bar);
}

impl<C: Chain, const SKIP: bool, const FROZEN: bool> Layer for Nested<C, SKIP, FROZEN> {
    const INPUT_LEN: usize = C::INPUT_LEN;
    const OUTPUT_LEN: usize = C::OUTPUT_LEN;
    const PARAM_COUNT: usize = C::PARAM_COUNT;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool, const ROWS: usize>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        mode: Mode,
    ) {
        let mode = if FROZEN { mode.frozen() } else { mode };
        forward_inner::<C, T, S, SAVE, ROWS>(self.0, simd, params, tile, rows.x, rows.saved, mode);
        for panel in tile {
            for o in 0..C::OUTPUT_LEN {
                let mut y = panel[rows.saved + C::OUTPUT_ROW + o];
                if SKIP {
                    y = simd.add(panel[rows.x + o], y);
                }
                panel[rows.y + o] = y;
            }
        }
    }

    #[inline(always)]
    fn vjp_tile<
        T: Number,
        S: Simd<T>,
        P: Cotangent,
        const PARAMS: bool,
        const INPUT: bool,
        const ROWS: usize,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        work: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    ) {
        let y_bar = rows.y + C::OUTPUT_LEN;
        if FROZEN {
            if INPUT {
                vjp_inner::<C, T, S, false, INPUT, ROWS>(
                    self.0, simd, params, tile, y_bar, rows.saved, work, params_bar,
                );
            }
        } else {
            vjp_inner::<C, T, S, PARAMS, INPUT, ROWS>(
                self.0, simd, params, tile, y_bar, rows.saved, work, params_bar,
            );
        }
        if !INPUT {
            return;
        }
        let inner = rows.saved + C::INPUT_LEN;
        for panel in tile {
            for i in 0..C::INPUT_LEN {
                let mut x_bar = panel[inner + i];
                if SKIP {
                    x_bar = simd.add(x_bar, panel[y_bar + i]);
                }
                let (x, saved) = (panel[rows.x + i], panel[rows.x + C::INPUT_LEN + i]);
                panel[rows.x + C::INPUT_LEN + i] = previous.z_bar(simd, x_bar, x, saved);
            }
        }
    }
}

/// Back through one sample, forward once more on the way. `x_bar` is written.
#[inline(always)]
fn vjp_sample_inner<C, T, S, M, const PARAMS: bool, const INPUT: bool, const ADD: bool>(
    chain: C,
    simd: S,
    params: T::Params<'_>,
    x: &[T],
    y_bar: &[T],
    x_bar: &mut [T],
    params_bar: &mut [T],
) where
    C: Chain,
    T: Number,
    S: Simd<T>,
    M: Memory,
{
    let mut y = M::zeros::<T, C::Output<T>>();
    chain.vjp_sample::<T, S, M, PARAMS, INPUT, ADD>(
        simd,
        params,
        x,
        None,
        &mut y,
        Given(y_bar),
        x_bar,
        params_bar,
    );
}

impl<C: Chain, const SKIP: bool, const FROZEN: bool> SampleLayer for Nested<C, SKIP, FROZEN> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, M: Memory, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        _: &mut [T],
    ) {
        self.0.forward_sample::<T, S, M>(simd, params, x, y);
        if SKIP {
            for (y, x) in y.iter_mut().zip(x) {
                *y += *x;
            }
        }
    }

    #[inline(always)]
    fn vjp_sample<
        T: Number,
        S: Simd<T>,
        M: Memory,
        const PARAMS: bool,
        const INPUT: bool,
        const ADD: bool,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        if FROZEN {
            if !ADD {
                params_bar.fill(T::ZERO);
            }
            vjp_sample_inner::<C, T, S, M, false, INPUT, ADD>(
                self.0,
                simd,
                params,
                x,
                z_bar,
                x_bar,
                &mut [],
            );
        } else {
            vjp_sample_inner::<C, T, S, M, PARAMS, INPUT, ADD>(
                self.0, simd, params, x, z_bar, x_bar, params_bar,
            );
        }
        if SKIP && INPUT {
            for (x_bar, z_bar) in x_bar.iter_mut().zip(z_bar) {
                *x_bar += *z_bar;
            }
        }
    }
}

impl<A: Chain, B: Chain> Layer for Concat<A, B> {
    const INPUT_LEN: usize = A::INPUT_LEN;
    const OUTPUT_LEN: usize = A::OUTPUT_LEN + B::OUTPUT_LEN;
    const PARAM_COUNT: usize = A::PARAM_COUNT + B::PARAM_COUNT;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool, const ROWS: usize>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        mode: Mode,
    ) {
        let (first, second) = params.split_at(A::PARAM_COUNT);
        let bases = (rows.saved, rows.saved + A::ROWS);
        forward_inner::<A, T, S, SAVE, ROWS>(self.0, simd, first, tile, rows.x, bases.0, mode);
        forward_inner::<B, T, S, SAVE, ROWS>(self.1, simd, second, tile, rows.x, bases.1, mode);
        for panel in tile {
            let from = bases.0 + A::OUTPUT_ROW;
            panel.copy_within(from..from + A::OUTPUT_LEN, rows.y);
            let from = bases.1 + B::OUTPUT_ROW;
            panel.copy_within(from..from + B::OUTPUT_LEN, rows.y + A::OUTPUT_LEN);
        }
    }

    #[inline(always)]
    fn vjp_tile<
        T: Number,
        S: Simd<T>,
        P: Cotangent,
        const PARAMS: bool,
        const INPUT: bool,
        const ROWS: usize,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut [[S::V; ROWS]],
        rows: Rows,
        work: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    ) {
        let (first, second) = params.split_at(A::PARAM_COUNT);
        let (first_bar, second_bar) =
            params_bar.split_at_mut(if PARAMS { A::PARAM_COUNT } else { 0 });
        let bases = (rows.saved, rows.saved + A::ROWS);
        let y_bar = rows.y + Self::OUTPUT_LEN;
        vjp_inner::<A, T, S, PARAMS, INPUT, ROWS>(
            self.0, simd, first, tile, y_bar, bases.0, work, first_bar,
        );
        let y_bar = y_bar + A::OUTPUT_LEN;
        vjp_inner::<B, T, S, PARAMS, INPUT, ROWS>(
            self.1, simd, second, tile, y_bar, bases.1, work, second_bar,
        );
        if !INPUT {
            return;
        }
        for panel in tile {
            for i in 0..A::INPUT_LEN {
                let x_bar = simd.add(
                    panel[bases.0 + A::INPUT_LEN + i],
                    panel[bases.1 + A::INPUT_LEN + i],
                );
                let (x, saved) = (panel[rows.x + i], panel[rows.x + A::INPUT_LEN + i]);
                panel[rows.x + A::INPUT_LEN + i] = previous.z_bar(simd, x_bar, x, saved);
            }
        }
    }
}

impl<A: Chain, B: Chain> SampleLayer for Concat<A, B> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, M: Memory, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        _: &mut [T],
    ) {
        let (first, second) = params.split_at(A::PARAM_COUNT);
        let (y_first, y_second) = y.split_at_mut(A::OUTPUT_LEN);
        self.0.forward_sample::<T, S, M>(simd, first, x, y_first);
        self.1.forward_sample::<T, S, M>(simd, second, x, y_second);
    }

    #[inline(always)]
    fn vjp_sample<
        T: Number,
        S: Simd<T>,
        M: Memory,
        const PARAMS: bool,
        const INPUT: bool,
        const ADD: bool,
    >(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        let (first, second) = params.split_at(A::PARAM_COUNT);
        let (first_bar, second_bar) =
            params_bar.split_at_mut(if PARAMS { A::PARAM_COUNT } else { 0 });
        let (z_first, z_second) = z_bar.split_at(A::OUTPUT_LEN);
        vjp_sample_inner::<A, T, S, M, PARAMS, INPUT, ADD>(
            self.0, simd, first, x, z_first, x_bar, first_bar,
        );
        let mut other = M::zeros::<T, A::Input<T>>();
        vjp_sample_inner::<B, T, S, M, PARAMS, INPUT, ADD>(
            self.1, simd, second, x, z_second, &mut other, second_bar,
        );
        if INPUT {
            for (x_bar, other) in x_bar.iter_mut().zip(&*other) {
                *x_bar += *other;
            }
        }
    }
}
