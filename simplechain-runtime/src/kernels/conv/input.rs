//! The gradient with respect to the input: each output cotangent is scattered over a row of pixels in registers.

use core::ops::Range;

use super::{Panel, Register};
use crate::kernels::blocks::{max, min, unrolled, with_size};
use crate::kernels::cotangent::ActivationGrad;
use crate::kernels::geometry::{Geometry, PoolWindows, Pooled};
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
    let products = Products::<'_, '_, T, S::Register> {
        weights,
        z_bar: bytemuck::cast_slice(&z_bar[..OC * G::OH * G::OW]),
    };
    scatter::<T, S, G, P, _, OC>(simd, products, panel, x, previous);
}

/// [`input_bar`] if a max pool `P` follows the convolution, from the pool's own cotangents and the [tables of
/// weights](weight_tables).
///
/// Of the pixels of a pool window only one has a gradient, a different one in every lane. So a pool window is taken for the
/// window of a wider convolution, whose weight is looked up in every lane: a quarter of the products for a pool of 2 x 2.
#[inline(always)]
pub fn input_bar_pooled<T, S, G, P, Q, const OC: usize>(
    simd: S,
    tables: &[T],
    panel: &mut [S::V],
    x: usize,
    (winners, z_bar): (&[S::V], &[S::V]),
    previous: Q,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: Geometry,
    Q: ActivationGrad,
{
    let products = PooledProducts::<'_, T, S::Register> {
        tables,
        winners: bytemuck::cast_slice(&winners[..OC * P::OH * P::OW]),
        z_bar: bytemuck::cast_slice(&z_bar[..OC * P::OH * P::OW]),
    };
    scatter::<T, S, PoolWindows<G, P>, Q, _, OC>(simd, products, panel, x, previous);
}

/// Whether [`input_bar_pooled`] takes fewer products, also counting what they look up.
pub const fn looks_up<T: Number, G: Geometry, P: Geometry>() -> bool {
    let taps = PoolWindows::<G, P>::KH * PoolWindows::<G, P>::KW;
    T::COEFFICIENTS == 1
        && !Pooled::<G, P>::PADDED
        && P::KH * P::KW <= TABLE
        && 2 * taps <= P::KH * P::KW * G::KH * G::KW
}

/// Weights to look up in, one for each pixel of a pool window.
const TABLE: usize = 4;

/// Numbers in the [tables of weights](weight_tables).
pub const fn weight_tables_len<G: Geometry, P: Geometry>(channels: usize) -> usize {
    channels * G::C * PoolWindows::<G, P>::KH * PoolWindows::<G, P>::KW * TABLE
}

/// For every offset of an input pixel from the first one that a pool window sees, the weight that connects it to each pixel
/// of the pool window; 0 if none does.
#[inline(always)]
pub fn weight_tables<T, G, P, const OC: usize>(weights: T::Params<'_>, tables: &mut [T])
where
    T: Number,
    G: Geometry,
    P: Geometry,
{
    let (height, width) = const { (PoolWindows::<G, P>::KH, PoolWindows::<G, P>::KW) };
    let taps = const { G::KH * G::KW };
    let tables = &mut tables[..const { weight_tables_len::<G, P>(OC) }];
    tables.fill(T::ZERO);
    for (window, tables) in tables.chunks_exact_mut(height * width * TABLE).enumerate() {
        let weights = weights.range(window * taps..(window + 1) * taps);
        for n in 0..P::KH * P::KW {
            let (y, x) = (n / P::KW * G::SH, n % P::KW * G::SW);
            for ky in 0..G::KH {
                let row = &mut tables[((y + ky) * width + x) * TABLE..][..G::KW * TABLE];
                for kx in 0..G::KW {
                    T::copy_params(weights, ky * G::KW + kx, 1, row, kx * TABLE + n);
                }
            }
        }
    }
}

/// What the cotangents of outputs contribute to the pixels that they see.
trait Contribution<T: Number, S: Simd<T>>: Copy {
    /// The operands of `taps` and `outputs` alone, in registers.
    fn range(self, taps: Range<usize>, outputs: Range<usize>) -> Self;
    /// Adds to `sum` what an output contributes by one of its taps.
    fn add(self, simd: S, tap: usize, output: usize, sum: S::V) -> S::V;
}

/// Products of weights and cotangents.
struct Products<'p, 'a, T: Number, S: Simd<T>> {
    weights: T::Params<'p>,
    z_bar: &'a [S::V],
}

impl<T: Number, S: Simd<T>> Clone for Products<'_, '_, T, S> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Number, S: Simd<T>> Copy for Products<'_, '_, T, S> {}

impl<T: Number, S: Simd<T>> Contribution<T, S> for Products<'_, '_, T, S> {
    #[inline(always)]
    fn range(self, taps: Range<usize>, outputs: Range<usize>) -> Self {
        Self {
            weights: self.weights.range(taps),
            z_bar: &self.z_bar[outputs],
        }
    }
    #[inline(always)]
    fn add(self, simd: S, tap: usize, output: usize, sum: S::V) -> S::V {
        simd.mul_add_param(simd.param(self.weights, tap), self.z_bar[output], sum)
    }
}

/// Products of weights that are looked up, and cotangents.
struct PooledProducts<'a, T: Number, S: Simd<T>> {
    tables: &'a [T],
    winners: &'a [S::V],
    z_bar: &'a [S::V],
}

impl<T: Number, S: Simd<T>> Clone for PooledProducts<'_, T, S> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Number, S: Simd<T>> Copy for PooledProducts<'_, T, S> {}

impl<T: Number, S: Simd<T>> Contribution<T, S> for PooledProducts<'_, T, S> {
    #[inline(always)]
    fn range(self, taps: Range<usize>, outputs: Range<usize>) -> Self {
        Self {
            tables: &self.tables[taps.start * TABLE..taps.end * TABLE],
            winners: &self.winners[outputs.clone()],
            z_bar: &self.z_bar[outputs],
        }
    }
    #[inline(always)]
    fn add(self, simd: S, tap: usize, output: usize, sum: S::V) -> S::V {
        let table = self.tables[tap * TABLE..].first_chunk().expect("a table");
        let weight = simd.lookup(table, self.winners[output]);
        simd.mul_add(weight, self.z_bar[output], sum)
    }
}

/// Scatters the contributions of all outputs of one panel over the pixels of the input.
#[inline(always)]
fn scatter<T, S, G, P, C, const OC: usize>(
    simd: S,
    contribution: C,
    panel: &mut [S::V],
    x: usize,
    previous: P,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: ActivationGrad,
    C: Contribution<T, S::Register>,
{
    for part in 0..S::REGISTERS_PER_VECTOR {
        let panel = &mut Panel {
            registers: bytemuck::cast_slice_mut::<S::V, Register<T, S>>(panel),
            part,
            parts: S::REGISTERS_PER_VECTOR,
        };
        let scatter = Scatter::<G, P, C, OC> {
            contribution,
            x,
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
                rows::<T, S::Register, G, P, C, OC>(simd.register(), &scatter, panel)
            );
        } else {
            scatter.pixels::<T, S::Register>(simd.register(), panel);
        }
    }
}

/// The operands of [`scatter`].
struct Scatter<G, P, C, const OC: usize> {
    contribution: C,
    x: usize,
    previous: P,
    geometry: core::marker::PhantomData<G>,
}

impl<G: Geometry, P: ActivationGrad, C, const OC: usize> Scatter<G, P, C, OC> {
    /// The row of outputs whose window has its row `ky` at `y`.
    #[inline(always)]
    fn output_row(y: usize, ky: usize) -> Option<usize> {
        let reach = (y + G::TOP).wrapping_sub(ky);
        (reach <= y + G::TOP && reach.is_multiple_of(G::SH) && reach / G::SH < G::OH)
            .then_some(reach / G::SH)
    }

    #[inline(always)]
    fn store<T: Number, S: Simd<T>>(
        &self,
        simd: S,
        panel: &mut Panel<'_, S::V>,
        pixel: usize,
        x_bar: S::V,
    ) {
        let (x, bar) = (self.x + pixel, self.x + G::INPUT_LEN + pixel);
        let z_bar = self
            .previous
            .z_bar(simd, x_bar, panel.get(x), panel.get(bar));
        panel.set(bar, z_bar);
    }

    /// Pixel by pixel, for windows of any width.
    #[inline(always)]
    fn pixels<T: Number, S: Simd<T>>(&self, simd: S, panel: &mut Panel<'_, S::V>)
    where
        C: Contribution<T, S>,
    {
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
                            let output =
                                ((oc * G::OH + oy) * G::OW + ox) * panel.parts + panel.part;
                            sum = self.contribution.add(simd, tap, output, sum);
                        }
                    }
                }
            }
            self.store(simd, panel, pixel, sum);
        }
    }
}

/// All rows of the input, in blocks of `N` pixels.
#[inline(always)]
fn rows<T, S, G, P, C, const OC: usize, const N: usize>(
    simd: S,
    scatter: &Scatter<G, P, C, OC>,
    panel: &mut Panel<'_, S::V>,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: ActivationGrad,
    C: Contribution<T, S>,
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
                    row::<T, S, G, P, C, OC, N>(simd, scatter, panel, y, block, b * channels)
                );
            }
            with_size!(
                G::C % row_channels(N, G::C, S::REGISTERS),
                row::<T, S, G, P, C, OC, N>(simd, scatter, panel, y, block, full * channels)
            );
        }
    }
}

/// The register block of [`scatter`]: block `block` of `N` pixels in row `y`, input channels `first .. first + CI`.
#[inline(always)]
fn row<T, S, G, P, C, const OC: usize, const N: usize, const CI: usize>(
    simd: S,
    scatter: &Scatter<G, P, C, OC>,
    panel: &mut Panel<'_, S::V>,
    y: usize,
    block: usize,
    first: usize,
) where
    T: Number,
    S: Simd<T>,
    G: Geometry,
    P: ActivationGrad,
    C: Contribution<T, S>,
{
    // The output whose window begins at the block's first pixel, and how many before it reach into the block.
    let origin = block * N / G::SW + const { G::LEFT / G::SW };
    let before = const { (G::KW - 1) / G::SW };
    let mut sums = [[simd.zero(); N]; CI];
    for oc in 0..OC {
        for ky in 0..G::KH {
            let Some(oy) = Scatter::<G, P, C, OC>::output_row(y, ky) else {
                continue;
            };
            let output = (oc * G::OH + oy) * G::OW * panel.parts;
            let tap = ((oc * G::C + first) * G::KH + ky) * G::KW;
            let contribution = scatter.contribution.range(
                tap..tap + (CI - 1) * const { G::KH * G::KW } + G::KW,
                output..output + G::OW * panel.parts,
            );
            unrolled!(t < ((G::KW - 1) / G::SW + N / G::SW), {
                let ox = (origin + t).wrapping_sub(before);
                if ox < G::OW {
                    let output = ox * panel.parts + panel.part;
                    for kx in 0..G::KW {
                        let n = (t * G::SW + kx).wrapping_sub(before * G::SW);
                        if n < N {
                            for c in 0..CI {
                                let tap = c * G::KH * G::KW + kx;
                                sums[c][n] = contribution.add(simd, tap, output, sums[c][n]);
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
