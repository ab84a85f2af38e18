//! Normalization with the statistics of a batch.

use super::{ActivationGrad, Custom, CustomLayer, Layer, Mode, RowOffsets, SampleLayer};
use crate::kernels::tile::Tile;
use crate::kernels::wrt::Wrt;
use crate::simd::{Number, Simd};

/// `y = g (x - m) / sqrt(v + eps) + b` for every channel (Ioffe and Szegedy, 2015); `eps` is 1e-5. In a flat input every
/// element is a channel; an image has `PIXELS` elements in each of its `C` channels.
///
/// In training `m` and `v` (divided by `n`) are those of the whole batch, which passes through the chain as one tile, on one
/// thread. Otherwise they are the running statistics, which every training step moves a tenth of the way towards those of the
/// batch (for the variance, divided by `n - 1`). In `frozen(..)` the running statistics are used in training, too, and stay
/// unchanged.
///
/// Training means [`Trainer`](crate::train::Trainer), or a custom loop with
/// [`Chain::training`](crate::chain::Chain::training); every other call evaluates the function with the running statistics. A
/// batch of one sample has no variance: in training a channel needs two values, so a batch needs two samples unless they are
/// images.
///
/// Parameters: `g`, initially 1, and `b`, initially 0; then, untrained, the running mean, initially 0, and the running
/// variance, initially 1. The gradient with respect to these two is 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct BatchNorm<const C: usize, const PIXELS: usize>;

impl<const C: usize, const PIXELS: usize> BatchNorm<C, PIXELS> {
    const EPS: f64 = 1e-5;
    const LEN: usize = C * PIXELS;

    /// `1 / sqrt(v + eps)`
    #[inline(always)]
    fn inverse<T: Number, S: Simd<T>>(simd: S, variance: S::V) -> S::V {
        let variance = simd.add(variance, simd.splat(T::from_f64(Self::EPS)));
        simd.div(simd.splat(T::ONE), simd.sqrt(variance))
    }

    /// The running mean and `1 / sqrt(v + eps)`, which is multiplied by, in every lane.
    #[inline(always)]
    fn running<T: Number, S: Simd<T>>(simd: S, params: T::Params<'_>, c: usize) -> (S::V, S::V) {
        let mean = simd.param_value(simd.param(params, 2 * C + c));
        let variance = simd.param_value(simd.param(params, 3 * C + c));
        (mean, Self::inverse(simd, variance))
    }
}

/// The running statistics, as a function of a sample.
#[diagnostic::do_not_recommend] // a list of all that there are is no help
impl<const C: usize, const PIXELS: usize> CustomLayer for BatchNorm<C, PIXELS> {
    const INPUT_LEN: usize = Self::LEN;
    const OUTPUT_LEN: usize = Self::LEN;
    const PARAM_COUNT: usize = 4 * C;

    #[inline(always)]
    fn forward<T: Number, S: Simd<T>>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y: &mut [S::V],
    ) {
        for c in 0..C {
            let (mean, inverse) = Self::running::<T, S>(simd, params, c);
            let bias = simd.param_value(simd.param(params, C + c));
            for i in c * PIXELS..(c + 1) * PIXELS {
                let normal = simd.mul(simd.sub(x[i], mean), inverse);
                y[i] = simd.mul_add_param(simd.param(params, c), normal, bias);
            }
        }
    }

    #[inline(always)]
    fn vjp<T: Number, S: Simd<T>, const PARAMS: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[S::V],
        y_bar: &[S::V],
        x_bar: &mut [S::V],
        params_bar: &mut [S::V],
    ) {
        for c in 0..C {
            let (mean, inverse) = Self::running::<T, S>(simd, params, c);
            for i in c * PIXELS..(c + 1) * PIXELS {
                let bar = simd.mul(inverse, y_bar[i]);
                x_bar[i] = simd.mul_param(simd.param(params, c), bar);
                if PARAMS {
                    params_bar[c] = simd.mul_add(simd.sub(x[i], mean), bar, params_bar[c]);
                    params_bar[C + c] = simd.add(params_bar[C + c], y_bar[i]);
                }
            }
        }
    }
}

impl<const C: usize, const PIXELS: usize> ActivationGrad for BatchNorm<C, PIXELS> {
    identity!();
}

/// Its own rows, in the first panel alone, hold the means, then `1 / sqrt(v + eps)`, then how many samples there are: 0 outside
/// of training.
impl<const C: usize, const PIXELS: usize> Layer for BatchNorm<C, PIXELS> {
    const INPUT_LEN: usize = Self::LEN;
    const OUTPUT_LEN: usize = Self::LEN;
    const PARAM_COUNT: usize = 4 * C;
    const SAVES: bool = true;
    const SAVED_ROWS: usize = 2 * C + 1;

    #[inline(always)]
    fn forward_tile<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        mode: Mode,
    ) {
        let samples = match mode {
            Mode::Training(step) if !step.frozen => step.samples,
            Mode::Training(_) | Mode::Inference => 0,
        };
        for c in 0..C {
            let (mut mean, mut inverse) = Self::running::<T, S>(simd, params, c);
            if samples > 0 {
                let per_number = T::from_f64(1.0 / (samples * PIXELS) as f64);
                let count = simd.splat(T::from_f64(samples as f64));
                let mut sum = simd.zero();
                for (p, panel) in tile.panels().enumerate() {
                    let valid = valid_lanes::<T, S>(simd, count, p);
                    for x in &panel[rows.x + c * PIXELS..][..PIXELS] {
                        sum = simd.mul_add(*x, valid, sum);
                    }
                }
                mean = simd.splat(simd.sum(sum) * per_number);
                let mut squares = simd.zero();
                for (p, panel) in tile.panels().enumerate() {
                    let valid = valid_lanes::<T, S>(simd, count, p);
                    for x in &panel[rows.x + c * PIXELS..][..PIXELS] {
                        let off = simd.mul(simd.sub(*x, mean), valid);
                        squares = simd.mul_add(off, off, squares);
                    }
                }
                inverse = Self::inverse(simd, simd.splat(simd.sum(squares) * per_number));
            }
            let bias = simd.param_value(simd.param(params, C + c));
            for panel in tile.panels() {
                for i in c * PIXELS..(c + 1) * PIXELS {
                    let normal = simd.mul(simd.sub(panel[rows.x + i], mean), inverse);
                    panel[rows.y + i] = simd.mul_add_param(simd.param(params, c), normal, bias);
                }
            }
            if SAVE {
                tile.first()[rows.saved + c] = mean;
                tile.first()[rows.saved + C + c] = inverse;
            }
        }
        if SAVE {
            tile.first()[rows.saved + 2 * C] = simd.splat(T::from_f64(samples as f64));
        }
    }

    /// With `n = (x - m) / sqrt(v + eps)` over all `M` numbers of a channel:
    /// `x_bar = g / sqrt(v + eps) (y_bar - mean(y_bar) - n mean(n y_bar))` in training.
    #[inline(always)]
    fn vjp_tile<T: Number, S: Simd<T>, P: ActivationGrad, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        tile: &mut Tile<'_, S::V>,
        rows: RowOffsets,
        _: &mut [S::V],
        previous: P,
        params_bar: &mut [T],
    ) {
        let count = tile.first()[rows.saved + 2 * C];
        let in_training = simd.any(simd.lt(simd.zero(), count));
        for c in 0..C {
            let (mean, inverse) = (
                tile.first()[rows.saved + c],
                tile.first()[rows.saved + C + c],
            );
            let (mut sum, mut products) = (simd.zero(), simd.zero());
            // Lanes without a sample have cotangents of 0.
            for panel in tile.panels() {
                for i in c * PIXELS..(c + 1) * PIXELS {
                    let normal = simd.mul(simd.sub(panel[rows.x + i], mean), inverse);
                    let bar = panel[rows.y + Self::LEN + i];
                    sum = simd.add(sum, bar);
                    products = simd.mul_add(normal, bar, products);
                }
            }
            let (sum, products) = (simd.sum(sum), simd.sum(products));
            if const { W::PARAMS } {
                params_bar[c] += products;
                params_bar[C + c] += sum;
            }
            let numbers = simd.mul(count, simd.splat(T::from_f64(PIXELS as f64)));
            let one = simd.splat(T::ONE);
            if const { W::PARAMS } && in_training {
                // Not a gradient: what the trainer moves the running statistics to.
                let square = simd.mul(inverse, inverse);
                let variance = simd.sub(simd.div(one, square), simd.splat(T::from_f64(Self::EPS)));
                let rest = simd.max(one, simd.sub(numbers, one));
                let unbiased = simd.mul(variance, simd.div(numbers, rest));
                let lanes = simd.splat(T::from_f64(1.0 / S::LANES as f64));
                params_bar[2 * C + c] += simd.sum(simd.mul(mean, lanes));
                params_bar[3 * C + c] += simd.sum(simd.mul(unbiased, lanes));
            }
            if const { !W::INPUT } {
                continue;
            }
            let (mut shift, mut tilt) = (simd.zero(), simd.zero());
            if in_training {
                shift = simd.div(simd.splat(sum), numbers);
                tilt = simd.div(simd.splat(products), numbers);
            }
            let slope = simd.mul_param(simd.param(params, c), inverse);
            for (p, panel) in tile.panels().enumerate() {
                let valid = if in_training {
                    valid_lanes::<T, S>(simd, count, p)
                } else {
                    one
                };
                for i in c * PIXELS..(c + 1) * PIXELS {
                    let (x, saved) = (panel[rows.x + i], panel[rows.x + Self::LEN + i]);
                    let normal = simd.mul(simd.sub(x, mean), inverse);
                    let bar = simd.sub(panel[rows.y + Self::LEN + i], shift);
                    let bar = simd.mul(simd.neg_mul_add(normal, tilt, bar), valid);
                    let x_bar = simd.mul(slope, bar);
                    panel[rows.x + Self::LEN + i] = previous.z_bar(simd, x_bar, x, saved);
                }
            }
        }
    }
}

/// Ones in the lanes of panel `p` that are among the first `count` samples of the batch, zeros in the others.
#[inline(always)]
fn valid_lanes<T: Number, S: Simd<T>>(simd: S, count: S::V, p: usize) -> S::V {
    let mut samples = [T::ZERO; 16];
    for (l, sample) in samples.iter_mut().enumerate() {
        *sample = T::from_f64((p * T::PANEL + l) as f64);
    }
    let is_sample = simd.lt(simd.load(&samples), count);
    simd.select(is_sample, simd.splat(T::ONE), simd.zero())
}

impl<const C: usize, const PIXELS: usize> SampleLayer for BatchNorm<C, PIXELS> {
    #[inline(always)]
    fn forward_sample<T: Number, S: Simd<T>, const SAVE: bool>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        y: &mut [T],
        _: &mut [T],
    ) {
        Custom(self).forward_sample::<T, S, SAVE>(simd, params, x, y, &mut []);
    }

    #[inline(always)]
    fn vjp_sample<T: Number, S: Simd<T>, W: Wrt>(
        self,
        simd: S,
        params: T::Params<'_>,
        x: &[T],
        z_bar: &[T],
        x_bar: &mut [T],
        params_bar: &mut [T],
    ) {
        let layer = Custom(self);
        layer.vjp_sample::<T, S, W>(simd, params, x, z_bar, x_bar, params_bar);
    }
}
