//! The sums over samples of outer products: gradients with respect to weights.

use super::large::{is_large, large_outer};
use crate::kernels::blocks::{min, with_size};
use crate::kernels::tile::Tile;
use crate::simd::{Number, Simd};

/// The inputs and outputs of a block of [`outer`]: at most 16 sums, and no more than there are registers for besides
/// the inputs and one output.
const fn outer_block(inputs: usize, outputs: usize, registers: usize) -> (usize, usize) {
    match registers {
        16.. => {}
        8.. => return (1, min(outputs, 8)),
        // Then every operation is a call, and what counts is the size of the code.
        _ => return (1, 1),
    }
    let (rows, columns) = if registers >= 32 { (4, 4) } else { (3, 4) };
    if inputs >= rows && outputs >= columns {
        (rows, columns)
    } else if inputs < outputs {
        (inputs, min(outputs, rows * columns / inputs))
    } else {
        (min(inputs, rows * columns / outputs), outputs)
    }
}

/// The outer product summed over all samples: `out[i][o] += sum over panels and lanes of x[i] * z_bar[o]`, and with
/// `BIAS` the same with a 1 for `x[i]`: `bias[o] += ` the sum of `z_bar[o]`.
///
/// Where a vector is several registers, the lanes of the first are summed over all panels, then those of the next.
#[inline(always)]
pub fn outer<T, S, const IN: usize, const OUT: usize, const BIAS: bool>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    bias: &mut [T],
) where
    T: Number,
    S: Simd<T>,
{
    if const { is_large::<T>(IN, OUT) && OUT >= S::LANES } {
        return large_outer::<T, S, IN, OUT, BIAS>(simd, tile, x, z_bar, out, bias);
    }
    let inputs = const { outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).0 };
    let full = IN / inputs;
    for b in 0..full {
        with_size!(
            outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).0,
            outer_rows::<T, S, IN, OUT, BIAS>(simd, tile, x, z_bar, out, bias, b * inputs)
        );
    }
    with_size!(
        IN % outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).0,
        outer_rows::<T, S, IN, OUT, BIAS>(simd, tile, x, z_bar, out, bias, full * inputs)
    );
}

/// Inputs `i0 .. i0 + RI` of [`outer`]; with `i0 = 0` also the bias.
#[inline(always)]
fn outer_rows<T, S, const IN: usize, const OUT: usize, const BIAS: bool, const RI: usize>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    bias: &mut [T],
    i0: usize,
) where
    T: Number,
    S: Simd<T>,
{
    let outputs = const { outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).1 };
    let full = OUT / outputs;
    for b in 0..full {
        with_size!(
            outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).1,
            outer_sums::<T, S, IN, OUT, BIAS, RI>(simd, tile, x, z_bar, out, bias, i0, b * outputs)
        );
    }
    with_size!(
        OUT % outer_block(IN, OUT, <S::Register as Simd<T>>::GRADIENT_REGISTERS).1,
        outer_sums::<T, S, IN, OUT, BIAS, RI>(simd, tile, x, z_bar, out, bias, i0, full * outputs)
    );
}

/// The register block of [`outer`]: inputs `i0 .. i0 + RI` and outputs `o0 .. o0 + RO`.
#[inline(always)]
fn outer_sums<
    T,
    S,
    const IN: usize,
    const OUT: usize,
    const BIAS: bool,
    const RI: usize,
    const RO: usize,
>(
    simd: S,
    tile: &mut Tile<'_, S::V>,
    x: usize,
    z_bar: usize,
    out: &mut [[T; OUT]; IN],
    bias: &mut [T],
    i0: usize,
    o0: usize,
) where
    T: Number,
    S: Simd<T>,
{
    let part = simd.register();
    let with_bias = BIAS && i0 == 0;
    // Sum `i * RO + o`.
    let mut sums = [simd.zero(); 16];
    let mut bias_sums = [simd.zero(); 16];
    for p in 0..S::REGISTERS_PER_VECTOR {
        let mut block = [[part.zero(); RO]; RI];
        let mut bias_block = [part.zero(); RO];
        // In the same loop if there are registers for it, else in a loop of its own.
        let together = const { <S::Register as Simd<T>>::GRADIENT_REGISTERS >= 32 };
        // Two loops: a condition in one costs registers.
        macro_rules! panels {
            (|$x:ident, $z_bar:ident| $step:block) => {
                for panel in tile.panels() {
                    let $x: &[S::V; RI] = panel[x + i0..].first_chunk().expect("rows of a panel");
                    let $z_bar: &[S::V; RO] =
                        panel[z_bar + o0..].first_chunk().expect("rows of a panel");
                    $step
                }
            };
        }
        if together && with_bias {
            panels!(|x, z_bar| {
                outer_step::<T, S, RI, RO>(part, x, z_bar, p, &mut block);
                bias_step::<T, S, RO>(part, z_bar, p, &mut bias_block);
            });
        } else {
            panels!(|x, z_bar| {
                outer_step::<T, S, RI, RO>(part, x, z_bar, p, &mut block);
            });
        }
        if !together && with_bias {
            panels!(|_x, z_bar| {
                bias_step::<T, S, RO>(part, z_bar, p, &mut bias_block);
            });
        }
        for o in 0..RO {
            for i in 0..RI {
                set_part::<T, S>(&mut sums[i * RO + o], p, block[i][o]);
            }
            set_part::<T, S>(&mut bias_sums[o], p, bias_block[o]);
        }
    }
    let sums = add_lanes(simd, sums, RI * RO);
    for i in 0..RI {
        for o in 0..RO {
            out[i0 + i][o0 + o] += sums[i * RO + o];
        }
    }
    if with_bias {
        let sums = add_lanes(simd, bias_sums, RO);
        for o in 0..RO {
            bias[o0 + o] += sums[o];
        }
    }
}

/// The products of one panel, part `p` of its vectors.
#[inline(always)]
fn outer_step<T, S, const RI: usize, const RO: usize>(
    part: S::Register,
    x: &[S::V; RI],
    z_bar: &[S::V; RO],
    p: usize,
    block: &mut [[<S::Register as Simd<T>>::V; RO]; RI],
) where
    T: Number,
    S: Simd<T>,
{
    let x: &[<S::Register as Simd<T>>::V] = bytemuck::cast_slice(x);
    let z_bar: &[<S::Register as Simd<T>>::V] = bytemuck::cast_slice(z_bar);
    for o in 0..RO {
        let z_bar = z_bar[o * S::REGISTERS_PER_VECTOR + p];
        for i in 0..RI {
            let x = x[i * S::REGISTERS_PER_VECTOR + p];
            block[i][o] = part.mul_add_gradient(x, z_bar, block[i][o]);
        }
    }
}

/// The terms of one panel in the sums of the biases, part `p` of its vectors.
#[inline(always)]
fn bias_step<T: Number, S: Simd<T>, const RO: usize>(
    part: S::Register,
    z_bar: &[S::V; RO],
    p: usize,
    block: &mut [<S::Register as Simd<T>>::V; RO],
) {
    let z_bar: &[<S::Register as Simd<T>>::V] = bytemuck::cast_slice(z_bar);
    for o in 0..RO {
        block[o] = part.add_gradient(block[o], z_bar[o * S::REGISTERS_PER_VECTOR + p]);
    }
}

/// Writes register `p` of a vector.
#[inline(always)]
pub(in crate::kernels) fn set_part<T: Number, S: Simd<T>>(
    v: &mut S::V,
    p: usize,
    part: <S::Register as Simd<T>>::V,
) {
    bytemuck::cast_slice_mut(core::slice::from_mut(v))[p] = part;
}

/// The sums over the lanes of the first `n` vectors.
#[inline(always)]
pub(in crate::kernels) fn add_lanes<T: Number, S: Simd<T>>(
    simd: S,
    v: [S::V; 16],
    n: usize,
) -> [T; 16] {
    if n > 8 {
        return simd.sum_16(v);
    }
    let mut sums = [T::ZERO; 16];
    if n == 1 {
        sums[0] = simd.sum(v[0]);
        return sums;
    }
    sums[..8].copy_from_slice(&simd.sum_8(*v.first_chunk().expect("16 vectors")));
    sums
}
