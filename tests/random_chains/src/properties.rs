//! What holds for every chain.

use core::cell::Cell;
use core::sync::atomic::Ordering;

use simplechain::Error;
use simplechain::chain::{Array, Chain, Network};
use simplechain::loss::SquaredLoss;
use simplechain::optim::Adam;
use simplechain::simd::{Real, Tier};
use simplechain::train::Trainer;
use simplechain_reference::outputs::output;
use simplechain_runtime::scratch::POISON;

use crate::calls;
use crate::data::{Data, SAMPLES, STEP, cast, moved, unset, untrained};
use crate::layers::OWN;
use crate::near::{Checked, Sum, array_near, near, samples_near, slice_near, sum_near};

/// Around the lanes of a vector.
const BATCHES: [usize; 7] = [1, 2, 7, 15, 16, 17, SAMPLES];

/// How far apart results may be that differ by the order of sums, and those of `f32` and `f64`.
const ROUNDING: f64 = 1e-10;
const SINGLE_PRECISION: f64 = 3e-4;

thread_local! {
    /// Made by this thread, which is a test's own.
    static TRAININGS: Cell<usize> = const { Cell::new(0) };
}

/// Panics with what is wrong with a chain. Prints the number of trainings that were made and compared.
pub fn hold<C: Chain>(chain: C, seed: u64, index: u64, source: &str) {
    for draw in 0..draws() {
        if let Err(found) = check(chain, seed ^ index ^ draw << 32) {
            panic!(
                "chain {index} of seed {seed}, data {draw}, is wrong:\n{found}\nin\n    {source}\n"
            );
        }
    }
    println!("trainings of chain {index}: {}", TRAININGS.take());
}

/// Parameters and data for each chain. More of them compile nothing anew.
fn draws() -> u64 {
    let name = "SIMPLECHAIN_RANDOM_DATA";
    std::env::var(name).map_or(1, |value| {
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is `{value}`, but must be a whole number"))
    })
}

fn check<C: Chain>(chain: C, seed: u64) -> Checked {
    let data = Data::new(chain, seed);
    let (in_single, singles) = (data.cast::<f32>(), Singles::new(chain, &data));
    formulas(&data, &singles)?;
    forward_and_reverse_mode(chain, &data, &singles)?;
    differences(chain, &data, &singles)?;
    untrained_parameters::<C>(&singles)?;
    parts_of_vjp(chain, &data, &singles)?;
    single_precision(&Singles::new(chain, &in_single), &singles)?;
    for samples in BATCHES {
        batch(chain, &data, &singles, samples, ROUNDING)?;
        batch(chain, &in_single, &singles, samples, SINGLE_PRECISION)?;
        parts_of_vjp_batch(chain, &data, &singles, samples)?;
        loss_of_batch(chain, &data, samples)?;
    }
    same_bits(chain, &data, &in_single)
}

/// What `vjp` gives for the samples, one by one.
struct Singles<C: Chain> {
    ys: Vec<C::Output<f64>>,
    x_bars: Vec<C::Input<f64>>,
    params_bars: Vec<C::Params<f64>>,
}

impl<C: Chain> Singles<C> {
    fn new<T: Real>(chain: C, data: &Data<C, T>) -> Self {
        let mut all = Self {
            ys: Vec::new(),
            x_bars: Vec::new(),
            params_bars: Vec::new(),
        };
        for (x, y_bar) in data.xs.iter().zip(&data.y_bars) {
            let (y, x_bar, params_bar) = calls::vjp(chain, x, &data.params, y_bar);
            all.ys.push(cast(&y));
            all.x_bars.push(cast(&x_bar));
            all.params_bars.push(cast(&params_bar));
        }
        all
    }
}

/// The outputs against plain loops, written from the formulas: of batches and other number types they are compared with these, and derivatives
/// with their differences.
fn formulas<C: Chain>(data: &Data<C, f64>, singles: &Singles<C>) -> Checked {
    for (s, (x, y)) in data.xs.iter().zip(&singles.ys).enumerate() {
        let want = output(C::LAYERS, data.params.as_slice(), x.as_slice(), OWN);
        let what = format_args!("y against the formulas, sample {s}");
        slice_near(what, y.as_slice(), &want, ROUNDING)?;
    }
    Ok(())
}

/// The adjoint identity `<y_bar, J v> = <J^T y_bar, v>`: with respect to both, the input, and the parameters.
fn forward_and_reverse_mode<C: Chain>(
    chain: C,
    data: &Data<C, f64>,
    singles: &Singles<C>,
) -> Checked {
    let (params, params_dot) = (&data.params, &data.params_dot);
    for s in 0..SAMPLES {
        let (x, x_dot) = (&data.xs[s], &data.x_dots[s]);
        let by_input = Sum::of_products(&singles.x_bars[s], x_dot);
        let by_params = Sum::of_products(&singles.params_bars[s], params_dot);
        let no_dot = C::Input::splat(0.0);
        for (what, (y, y_dot), back) in [
            (
                "jvp",
                calls::jvp(chain, x, params, x_dot, params_dot),
                by_input.value + by_params.value,
            ),
            (
                "jvp_input",
                calls::jvp_input(chain, x, params, x_dot),
                by_input.value,
            ),
            (
                "jvp along parameters",
                calls::jvp(chain, x, params, &no_dot, params_dot),
                by_params.value,
            ),
        ] {
            let forward = Sum::of_products(&data.y_bars[s], &y_dot);
            let terms = 1.0 + by_input.terms + by_params.terms + forward.terms;
            let identity = format_args!("{what} against vjp, sample {s}");
            near(identity, forward.value, back, ROUNDING * terms)?;
            let output = format_args!("y of {what}, sample {s}");
            array_near(output, &y, &singles.ys[s], ROUNDING)?;
        }
    }
    Ok(())
}

/// `vjp` against central differences of `forward` along the direction.
fn differences<C: Chain>(chain: C, data: &Data<C, f64>, singles: &Singles<C>) -> Checked {
    let mut steep = 0;
    for s in 0..SAMPLES {
        let by_input = Sum::of_products(&singles.x_bars[s], &data.x_dots[s]);
        let by_params = Sum::of_products(&singles.params_bars[s], &data.params_dot);
        let value = |step: f64| {
            let x = moved(&data.xs[s], &data.x_dots[s], step);
            let params = moved(&data.params, &data.params_dot, step);
            Sum::of_products(&data.y_bars[s], &calls::forward(chain, &x, &params)).value
        };
        // Of fourth order; those of longer steps tell how good the last is. There are several: where a second derivative jumps within the steps, as that
        // of `elu`, two can be wrong by nearly as much.
        let difference = |step: f64| {
            let near = value(step) - value(-step);
            let far = value(2.0 * step) - value(-2.0 * step);
            (8.0 * near - far) / (12.0 * step)
        };
        let last = difference(STEP / 16.0);
        let errors = [2.0, 4.0, 8.0].map(|part| (difference(STEP / part) - last).abs());
        let error = errors.into_iter().fold(0.0, f64::max);
        let terms = 1.0 + by_input.terms + by_params.terms;
        steep += usize::from(error > 1e-6 * terms);
        near(
            format_args!("vjp against differences, sample {s}"),
            by_input.value + by_params.value,
            last,
            1e-8 * terms + 4.0 * error,
        )?;
    }
    if steep > SAMPLES / 2 {
        return Err(format!("too steep for differences at {steep} samples"));
    }
    Ok(())
}

/// Parameters that are not trained have no gradient.
fn untrained_parameters<C: Chain>(singles: &Singles<C>) -> Checked {
    for range in untrained::<C>() {
        for params_bar in &singles.params_bars {
            let gradient = &params_bar.as_slice()[range.clone()];
            if gradient.iter().any(|bar| *bar != 0.0) {
                return Err(format!("parameters {range:?}, not trained: {gradient:?}"));
            }
        }
    }
    Ok(())
}

fn parts_of_vjp<C: Chain>(chain: C, data: &Data<C, f64>, singles: &Singles<C>) -> Checked {
    for (s, (x, y_bar)) in data.xs.iter().zip(&data.y_bars).enumerate() {
        let x_bar = calls::vjp_input(chain, x, &data.params, y_bar);
        let what = format_args!("vjp_input, sample {s}");
        array_near(what, &x_bar, &singles.x_bars[s], ROUNDING)?;
        let params_bar = calls::vjp_params(chain, x, &data.params, y_bar);
        let what = format_args!("vjp_params, sample {s}");
        array_near(what, &params_bar, &singles.params_bars[s], ROUNDING)?;
    }
    Ok(())
}

fn single_precision<C: Chain>(got: &Singles<C>, want: &Singles<C>) -> Checked {
    samples_near("y in f32", &got.ys, &want.ys, SINGLE_PRECISION)?;
    samples_near("x_bar in f32", &got.x_bars, &want.x_bars, SINGLE_PRECISION)?;
    let (got, want) = (&got.params_bars, &want.params_bars);
    samples_near("params_bar in f32", got, want, SINGLE_PRECISION)
}

/// `forward_batch` and `vjp_batch` against single calls in `f64`.
fn batch<C: Chain, T: Real>(
    chain: C,
    data: &Data<C, T>,
    singles: &Singles<C>,
    samples: usize,
    allowed: f64,
) -> Checked {
    let what = |call| format!("{call} in {} of {samples} samples", T::NAME);
    let xs = &data.xs[..samples];
    let mut ys = vec![unset(); samples];
    chain
        .forward_batch(xs, &data.params, &mut ys)
        .map_err(text)?;
    let ys: Vec<C::Output<f64>> = ys.iter().map(cast).collect();
    samples_near(what("forward_batch"), &ys, &singles.ys, allowed)?;

    let (x_bars, params_bar) = vjp_batch(chain, data, samples).map_err(text)?;
    let x_bars: Vec<C::Input<f64>> = x_bars.iter().map(cast).collect();
    samples_near(
        what("x_bars of vjp_batch"),
        &x_bars,
        &singles.x_bars,
        allowed,
    )?;
    let params_bars = &singles.params_bars[..samples];
    sum_near(
        what("params_bar of vjp_batch"),
        &cast(&params_bar),
        params_bars,
        allowed,
    )
}

type Gradients<C, T> = (Vec<<C as Network>::Input<T>>, <C as Network>::Params<T>);

fn vjp_batch<C: Chain, T: Real>(
    chain: C,
    data: &Data<C, T>,
    samples: usize,
) -> Result<Gradients<C, T>, Error> {
    let (xs, y_bars) = (&data.xs[..samples], &data.y_bars[..samples]);
    let (mut x_bars, mut params_bar) = (vec![unset(); samples], unset());
    chain.vjp_batch(xs, &data.params, y_bars, &mut x_bars, &mut params_bar)?;
    Ok((x_bars, params_bar))
}

fn parts_of_vjp_batch<C: Chain>(
    chain: C,
    data: &Data<C, f64>,
    singles: &Singles<C>,
    samples: usize,
) -> Checked {
    let (xs, y_bars) = (&data.xs[..samples], &data.y_bars[..samples]);
    let (mut x_bars, mut params_bar) = (vec![unset(); samples], unset());
    chain
        .vjp_input_batch(xs, &data.params, y_bars, &mut x_bars)
        .map_err(text)?;
    let what = format_args!("vjp_input_batch of {samples} samples");
    samples_near(what, &x_bars, &singles.x_bars, ROUNDING)?;
    chain
        .vjp_params_batch(xs, &data.params, y_bars, &mut params_bar)
        .map_err(text)?;
    let what = format_args!("vjp_params_batch of {samples} samples");
    sum_near(what, &params_bar, &singles.params_bars[..samples], ROUNDING)
}

/// The loss of a batch and its gradient are the means of those of its samples.
fn loss_of_batch<C: Chain>(chain: C, data: &Data<C, f64>, samples: usize) -> Checked {
    let (xs, targets) = (&data.xs[..samples], &data.targets[..samples]);
    let (mut losses, mut shares) = (0.0, Vec::new());
    for (x, target) in xs.iter().zip(targets) {
        let (loss, mut grads) = calls::value_and_grad(chain, x, target, &data.params);
        losses += loss / samples as f64;
        for grad in grads.as_mut_slice() {
            *grad /= samples as f64;
        }
        shares.push(grads);
    }
    let mut grads = unset();
    let loss = chain
        .value_and_grad_batch(&SquaredLoss, xs, targets, &data.params, &mut grads)
        .map_err(text)?;
    let what = |which| format!("{which} of value_and_grad_batch of {samples} samples");
    near(what("value"), loss, losses, ROUNDING * (1.0 + losses))?;
    sum_near(what("gradient"), &grads, &shares, ROUNDING)
}

/// Gradients and a training have the same bits on every tier, for any number of threads, and whatever memory held before.
fn same_bits<C: Chain>(chain: C, data: &Data<C, f64>, in_single: &Data<C, f32>) -> Checked {
    let bits = |threads| {
        let mut bits = gradient_bits(chain, data)?;
        bits.extend(gradient_bits(chain, in_single)?);
        bits.extend(trained_bits(chain, in_single, threads)?);
        Ok::<_, Error>(bits)
    };
    let first = bits(1).map_err(text)?;
    for tier in Tier::available() {
        let first = match tier.is_fused() {
            true => &first,
            false => &tier.with(|| bits(1)).map_err(text)?.map_err(text)?,
        };
        for threads in [1, 2, 3] {
            let again = tier.with(|| bits(threads)).map_err(text)?.map_err(text)?;
            if again != *first {
                return Err(format!("other bits on tier {tier} with {threads} threads"));
            }
        }
    }
    for poison in [0.0, f32::INFINITY, -1.0] {
        POISON.store(poison.to_bits(), Ordering::Relaxed);
        let again = bits(1);
        POISON.store(u32::MAX, Ordering::Relaxed);
        if again.map_err(text)? != first {
            return Err(format!("other bits where memory held {poison}"));
        }
    }
    let finite = |bits: &u64| f64::from_bits(*bits).is_finite();
    match first.iter().all(finite) {
        true => Ok(()),
        false => Err("a gradient or a trained parameter is not finite".to_owned()),
    }
}

fn to_bits<T: Real>(numbers: &[T]) -> impl Iterator<Item = u64> {
    numbers.iter().map(|x| x.to_f64().to_bits())
}

/// Of the first sample alone and of all together.
fn gradient_bits<C: Chain, T: Real>(chain: C, data: &Data<C, T>) -> Result<Vec<u64>, Error> {
    let (y, x_bar, params_bar) = calls::vjp(chain, &data.xs[0], &data.params, &data.y_bars[0]);
    let mut bits: Vec<u64> = to_bits(y.as_slice()).collect();
    bits.extend(to_bits(x_bar.as_slice()));
    bits.extend(to_bits(params_bar.as_slice()));
    let (x_bars, params_bar) = vjp_batch(chain, data, SAMPLES)?;
    for x_bar in &x_bars {
        bits.extend(to_bits(x_bar.as_slice()));
    }
    bits.extend(to_bits(params_bar.as_slice()));
    Ok(bits)
}

/// After some steps with batches of several tiles.
fn trained_bits<C: Chain>(
    chain: C,
    data: &Data<C, f32>,
    threads: usize,
) -> Result<Vec<u64>, Error> {
    let (xs, targets) = (data.xs.repeat(20), data.targets.repeat(20));
    let mut params = data.params;
    let history = Trainer::new(chain, SquaredLoss, Adam::new(1e-3))
        .batch_size(xs.len() * 3 / 5)
        .threads(threads)
        .fit(&mut params, &xs, &targets, 2)?;
    TRAININGS.set(TRAININGS.get() + 1);
    let losses = history.epochs.iter().map(|epoch| epoch.loss.to_bits());
    Ok(to_bits(params.as_slice()).chain(losses).collect())
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
