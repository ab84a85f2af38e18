//! The gradient with respect to the input: each output cotangent is scattered over a row of pixels in registers.

use super::{Panel, Register};
use crate::kernels::blocks::{max, min, unrolled, with_size};
use crate::kernels::cotangent::ActivationGrad;
use crate::kernels::geometry::Geometry;
use crate::simd::{Number, Params, Simd};

/// Whether [`input_bar`] can scatter over a row in registers.
const fn scatters<G: Geometry>() -> bool {
    G::KW <= 9 && G::SW <= 4
}

/// Pixels of a block of [`input_bar`]: a multiple of the stride, and few enough that the outputs that reach them can
/// be written out.
const fn row_block<G: Geometry>(registers: usize) -> usize {
    let most = match registers {
        16.. => 12,
        8.. => 4,
        _ => 1,
    };
    // Outputs before a block that reach into it.
    let before = (G::KW - 1) / G::SW;
    let most = min(most, (16 - before) * G::SW);
    let width = G::W + G::LEFT % G::SW;
    let even = width.div_ceil(width.div_ceil(most));
    min(
        even.next_multiple_of(G::SW),
        max(most / G::SW * G::SW, G::SW),
    )
}

/// Input channels of a block of [`input_bar`] with this many pixels.
const fn row_channels(pixels: usize, channels: usize, registers: usize) -> usize {
    let sums = match registers {
        32.. => 16,
        16.. => 12,
        8.. => 4,
        _ => 1,
    };
    min(channels, max(1, sums / pixels))
}

/// The gradient with respect to the input of one panel, converted to the `z_bar` of the previous layer and stored after the
/// input, which begins at row `x`; `z_bar` are rows of a panel or of other memory:
///
/// ```text
/// x_bar[ci][y][x] = sum over oc and the oy, ox, ky, kx that lead there of
///     weights[oc][ci][ky][kx] * z_bar[oc][oy][ox]
/// ```
#[inline(always)]
pub fn input_bar<T, S, G, P, const OC: usize>(
    simd: S,
    weights: T::Params<'_>,
    panel: &mut [S::V],
    x: usize,
    z_bar: &[S::V],
    previous: P,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: ActivationGrad,
{
    let z_bar = bytemuck::cast_slice(&z_bar[..OC * G::OH * G::OW]);
    for part in 0..S::REGISTERS_PER_VECTOR {
        let panel = &mut Panel {
            registers: bytemuck::cast_slice_mut::<S::V, Register<T, S>>(panel),
            part,
            parts: S::REGISTERS_PER_VECTOR,
        };
        let scatter = Scatter::<'_, '_, T, S::Register, G, P, OC> {
            weights,
            x,
            z_bar,
            previous,
            geometry: core::marker::PhantomData,
        };
        if const { scatters::<G>() } {
            with_size!(
                if scatters::<G>() {
                    row_block::<G>(<S::Register as Simd<T>>::REGISTERS)
                } else {
                    0
                },
                input_bar_rows::<T, S::Register, G, P, OC>(simd.register(), &scatter, panel)
            );
        } else {
            scatter.pixels(simd.register(), panel);
        }
    }
}

/// The operands of [`input_bar`].
struct Scatter<'p, 'a, T: Number, S: Simd<T>, G, P, const OC: usize> {
    weights: T::Params<'p>,
    x: usize,
    z_bar: &'a [S::V],
    previous: P,
    geometry: core::marker::PhantomData<G>,
}

impl<T: Number, S: Simd<T>, G: Geometry, P: ActivationGrad, const OC: usize>
    Scatter<'_, '_, T, S, G, P, OC>
{
    /// The row of outputs whose window has its row `ky` at `y`.
    #[inline(always)]
    fn output_row(y: usize, ky: usize) -> Option<usize> {
        let reach = (y + G::TOP).wrapping_sub(ky);
        (reach <= y + G::TOP && reach.is_multiple_of(G::SH) && reach / G::SH < G::OH)
            .then_some(reach / G::SH)
    }

    #[inline(always)]
    fn store(&self, simd: S, panel: &mut Panel<'_, S::V>, pixel: usize, x_bar: S::V) {
        let (x, bar) = (self.x + pixel, self.x + G::INPUT_LEN + pixel);
        let z_bar = self
            .previous
            .z_bar(simd, x_bar, panel.get(x), panel.get(bar));
        panel.set(bar, z_bar);
    }

    /// Pixel by pixel, for windows of any width.
    #[inline(always)]
    fn pixels(&self, simd: S, panel: &mut Panel<'_, S::V>) {
        for pixel in 0..G::INPUT_LEN {
            let (ci, y, x) = (pixel / (G::H * G::W), pixel / G::W % G::H, pixel % G::W);
            let mut sum = simd.zero();
            for oc in 0..OC {
                for ky in 0..G::KH {
                    let Some(oy) = Self::output_row(y, ky) else {
                        continue;
                    };
                    for ox in 0..G::OW {
                        let kx = (x + G::LEFT).wrapping_sub(ox * G::SW);
                        if kx < G::KW {
                            let tap = ((oc * G::C + ci) * G::KH + ky) * G::KW + kx;
                            let weight = simd.param(self.weights, tap);
                            let z_bar = self.z_bar
                                [((oc * G::OH + oy) * G::OW + ox) * panel.parts + panel.part];
                            sum = simd.mul_add_param(weight, z_bar, sum);
                        }
                    }
                }
            }
            self.store(simd, panel, pixel, sum);
        }
    }
}

/// All rows of [`input_bar`], in blocks of `N` pixels.
#[inline(always)]
fn input_bar_rows<T, S, G, P, const OC: usize, const N: usize>(
    simd: S,
    scatter: &Scatter<'_, '_, T, S, G, P, OC>,
    panel: &mut Panel<'_, S::V>,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: ActivationGrad,
{
    let channels = const { row_channels(N, G::C, S::REGISTERS) };
    let full = G::C / channels;
    // Blocks begin where a window does.
    let blocks = const { (G::W + G::LEFT % G::SW).div_ceil(N) };
    for y in 0..G::H {
        for block in 0..blocks {
            for b in 0..full {
                with_size!(
                    row_channels(N, G::C, S::REGISTERS),
                    row::<T, S, G, P, OC, N>(simd, scatter, panel, y, block, b * channels)
                );
            }
            with_size!(
                G::C % row_channels(N, G::C, S::REGISTERS),
                row::<T, S, G, P, OC, N>(simd, scatter, panel, y, block, full * channels)
            );
        }
    }
}

/// The register block of [`input_bar`]: block `block` of `N` pixels in row `y`, input channels `first .. first + CI`.
#[inline(always)]
fn row<T, S, G, P, const OC: usize, const N: usize, const CI: usize>(
    simd: S,
    scatter: &Scatter<'_, '_, T, S, G, P, OC>,
    panel: &mut Panel<'_, S::V>,
    y: usize,
    block: usize,
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: ActivationGrad,
{
    // The output whose window begins at the block's first pixel, and how many before it reach into the block.
    let origin = block * N / G::SW + const { G::LEFT / G::SW };
    let before = const { (G::KW - 1) / G::SW };
    let mut sums = [[simd.zero(); N]; CI];
    for oc in 0..OC {
        for ky in 0..G::KH {
            let Some(oy) = Scatter::<'_, '_, T, S, G, P, OC>::output_row(y, ky) else {
                continue;
            };
            let z_bar =
                &scatter.z_bar[(oc * G::OH + oy) * G::OW * panel.parts..][..G::OW * panel.parts];
            let tap = ((oc * G::C + first) * G::KH + ky) * G::KW;
            let weights = scatter
                .weights
                .range(tap..tap + (CI - 1) * const { G::KH * G::KW } + G::KW);
            unrolled!(t < ((G::KW - 1) / G::SW + N / G::SW), {
                let ox = (origin + t).wrapping_sub(before);
                if ox < G::OW {
                    let z_bar = z_bar[ox * panel.parts + panel.part];
                    for kx in 0..G::KW {
                        let n = (t * G::SW + kx).wrapping_sub(before * G::SW);
                        if n < N {
                            for c in 0..CI {
                                let weight = simd.param(weights, c * G::KH * G::KW + kx);
                                sums[c][n] = simd.mul_add_param(weight, z_bar, sums[c][n]);
                            }
                        }
                    }
                }
            });
        }
    }
    unrolled!(i < CI * N, {
        let x = (block * N + i % N).wrapping_sub(G::LEFT % G::SW);
        if x < G::W {
            let pixel = ((first + i / N) * G::H + y) * G::W + x;
            scatter.store(simd, panel, pixel, sums[i / N][i % N]);
        }
    });
}
