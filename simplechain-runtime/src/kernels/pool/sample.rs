//! Pooling of one sample by windows that do not overlap: one window of a row per lane.

use super::Pool;
use crate::kernels::blocks::min;
use crate::kernels::geometry::{Geometry, OneWindow};
use crate::kernels::lanes::{MAX_LANES, load_at, store_at};
use crate::simd::{Number, Simd};

/// Pixels of a window.
const MAX_PIXELS: usize = 16;
/// Columns of a window.
const MAX_COLUMNS: usize = 4;

/// Whether the functions below are for these windows.
pub const fn is_supported<G: Geometry>() -> bool {
    G::SH == G::KH && G::SW == G::KW && G::KW <= MAX_COLUMNS && G::KH * G::KW <= MAX_PIXELS
}

/// The columns of the windows that begin at every `columns` pixels of a row.
#[inline(always)]
fn split<T: Number, S: Simd<T>>(simd: S, row: &[T], columns: usize) -> [S::V; MAX_COLUMNS] {
    let mut split = [simd.zero(); MAX_COLUMNS];
    match columns {
        1 => split[0] = load_at(simd, row, 0),
        2 => {
            let halves = [load_at(simd, row, 0), load_at(simd, row, S::LANES)];
            [split[0], split[1]] = simd.deinterleave(halves);
        }
        _ => {
            let mut lanes = [[T::ZERO; MAX_LANES]; MAX_COLUMNS];
            for l in 0..row.len() / columns {
                for k in 0..columns {
                    lanes[k][l] = row[l * columns + k];
                }
            }
            for k in 0..columns {
                split[k] = simd.load(&lanes[k]);
            }
        }
    }
    split
}

/// The inverse of [`split`].
#[inline(always)]
fn join<T: Number, S: Simd<T>>(simd: S, split: [S::V; MAX_COLUMNS], row: &mut [T], columns: usize) {
    match columns {
        1 => store_at(simd, split[0], row, 0),
        2 => {
            let [low, high] = simd.interleave(split[0], split[1]);
            store_at(simd, low, row, 0);
            store_at(simd, high, row, S::LANES);
        }
        _ => {
            let mut lanes = [[T::ZERO; MAX_LANES]; MAX_COLUMNS];
            for k in 0..columns {
                simd.store(split[k], &mut lanes[k]);
            }
            for l in 0..row.len() / columns {
                for k in 0..columns {
                    row[l * columns + k] = lanes[k][l];
                }
            }
        }
    }
}

/// Windows in a vector.
const fn count<G: Geometry>(lanes: usize) -> usize {
    min(lanes, G::OW)
}

/// The pixels of successive windows, of which the first has its first pixel at `first`.
#[inline(always)]
fn windows<T: Number, S: Simd<T>, G: Geometry>(
    simd: S,
    x: &[T],
    first: usize,
) -> [S::V; MAX_PIXELS] {
    let mut pixels = [simd.zero(); MAX_PIXELS];
    for ky in 0..G::KH {
        let row = &x[first + ky * G::W..][..const { count::<G>(S::LANES) * G::KW }];
        let columns = split(simd, row, G::KW);
        for kx in 0..G::KW {
            pixels[ky * G::KW + kx] = columns[kx];
        }
    }
    pixels
}

/// The output of every window, as [`pool::forward`](super::forward).
#[inline(always)]
pub fn forward<T: Number, S: Simd<T>, G: Geometry, P: Pool>(simd: S, x: &[T], y: &mut [T]) {
    if const { G::OW <= <S::Half as Simd<T>>::LANES } {
        forward_rows::<T, S::Half, G, P>(simd.half(), x, y);
    } else {
        forward_rows::<T, S, G, P>(simd, x, y);
    }
}

#[inline(always)]
fn forward_rows<T: Number, S: Simd<T>, G: Geometry, P: Pool>(simd: S, x: &[T], y: &mut [T]) {
    let count = const { count::<G>(S::LANES) };
    for c in 0..G::C {
        for oy in 0..G::OH {
            for v in 0..const { G::OW.div_ceil(S::LANES) } {
                // The last vector of a row begins earlier and recomputes some windows.
                let ox = min(v * S::LANES, G::OW - count);
                let first = (c * G::H + oy * G::KH) * G::W + ox * G::KW;
                let pixels = windows::<T, S, G>(simd, x, first);
                let value = P::value::<T, S, OneWindow<G>>(simd, &pixels);
                store_at(
                    simd,
                    value,
                    &mut y[(c * G::OH + oy) * G::OW + ox..][..count],
                    0,
                );
            }
        }
    }
}

/// The cotangent of every pixel, as [`pool::input_bar`](super::input_bar).
#[inline(always)]
pub fn input_bar<T: Number, S: Simd<T>, G: Geometry, P: Pool>(
    simd: S,
    x: &[T],
    y_bar: &[T],
    x_bar: &mut [T],
) {
    if const { G::OH * G::KH < G::H || G::OW * G::KW < G::W } {
        // Some pixels are in no window.
        x_bar.fill(T::ZERO);
    }
    if const { G::OW <= <S::Half as Simd<T>>::LANES } {
        input_bar_rows::<T, S::Half, G, P>(simd.half(), x, y_bar, x_bar);
    } else {
        input_bar_rows::<T, S, G, P>(simd, x, y_bar, x_bar);
    }
}

#[inline(always)]
fn input_bar_rows<T: Number, S: Simd<T>, G: Geometry, P: Pool>(
    simd: S,
    x: &[T],
    y_bar: &[T],
    x_bar: &mut [T],
) {
    let count = const { count::<G>(S::LANES) };
    for c in 0..G::C {
        for oy in 0..G::OH {
            for v in 0..const { G::OW.div_ceil(S::LANES) } {
                let ox = min(v * S::LANES, G::OW - count);
                let first = (c * G::H + oy * G::KH) * G::W + ox * G::KW;
                let pixels = windows::<T, S, G>(simd, x, first);
                let y_bar = load_at(simd, &y_bar[(c * G::OH + oy) * G::OW + ox..][..count], 0);
                let mut shares = P::shares::<T, S, OneWindow<G>>(simd, &pixels, y_bar);
                for ky in 0..G::KH {
                    let mut columns = [simd.zero(); MAX_COLUMNS];
                    for kx in 0..G::KW {
                        columns[kx] = P::share(simd, &mut shares, pixels[ky * G::KW + kx]);
                    }
                    let row = &mut x_bar[first + ky * G::W..][..count * G::KW];
                    join(simd, columns, row, G::KW);
                }
            }
        }
    }
}
