//! The bits of what chains compute, as they were recorded: a change that is to keep every number shows here if it does not.
//!
//! `tests/fixtures/bits.txt` has a hash of every result: parameters and losses of trainings, single calls, batches, products with
//! derivatives. The bits are the same on every fused tier and for any number of threads, so one file does for all machines. After a
//! change that is meant to move the last places, `SIMPLECHAIN_BLESS=1 cargo test -p simplechain-tests --test recorded bits` writes the file anew.

use std::fmt::Write as _;

use simplechain::Array;
use simplechain::prelude::*;
use simplechain::simd::{Real, Tier};

use crate::LeNet;

const RECORDED: &str = include_str!("../fixtures/bits.txt");

/// Means of data.
const MEAN: [f64; 3] = [0.1, -0.2, 0.3];

simple_chain! {
    struct MatExp: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Inner: 5 => dense(elu, 4) => dense(softplus, 3);
    /// Every layer of flat shapes; here and in `Images` every activation.
    struct Flat: 3
        => normalize(MEAN, 2.0) => fourier(2, period = 3.0) => dense(gelu, 5) => batch_norm => activation(silu)
        => residual(dense(tanh, 7) => dense(gelu_tanh, 5)) => chain(Inner) => chebyshev(3) => layer(support::Squares<9>)
        => layer_norm => dropout(0.3)
        => concat(dense(leaky_relu(0.1), 3), frozen(dense(sigmoid, 2)), activation(sin))
        => dense(support::Ramp, 4, bias = false) => scale(0.5, 1.0) => dense(id, 2);
    /// Every layer of images: windows with padding, strides and groups, pools that overlap, or follow a convolution.
    struct Images: (7, 6, 2)
        => conv(tanh, (3, 3), 4, padding = (1, 2), groups = 2) => batch_norm
        => conv(elu, (3, 2), 6, stride = (2, 1), padding = same) => maxpool(2, 2)
        => concat(conv(gelu, (1, 1), 3), avgpool(1, 1) => conv(relu, (3, 3), 2, padding = same))
        => maxpool(2, 2, stride = 1) => residual(conv(silu, (1, 3), 5, padding = same, bias = false)) => layer_norm
        => concat(global_avgpool => flatten, global_maxpool => flatten, flatten => dense(sigmoid, 3))
        => dense(id, 3);
    struct Sequence: (16, 3)
        => conv(softplus, 5, 4, stride = 2, padding = 1) => avgpool(2, stride = 1)
        => conv(sin, 3, 4, padding = same, groups = 4) => maxpool(2) => flatten => dense(id, 2)
}

/// SplitMix64.
fn mix(seed: u64, index: u64) -> u64 {
    let mut z = seed
        .wrapping_shl(32)
        .wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number of `[-scale, scale)`, which both types hold exactly where the scale is a power of 2.
fn number<T: Real>(seed: u64, index: usize, scale: f64) -> T {
    let integer = (mix(seed, index as u64) >> 41) as f64;
    T::from_f64((integer / f64::from(1 << 22) - 1.0) * scale)
}

fn array<T: Real, A: Array<T>>(seed: u64, scale: f64) -> Box<A> {
    let mut array = A::boxed(T::ZERO);
    for (i, x) in array.as_mut_slice().iter_mut().enumerate() {
        *x = number(seed, i, scale);
    }
    array
}

fn arrays<T: Real, A: Array<T>>(seed: u64, count: usize) -> Vec<A> {
    let mut arrays = A::vec(T::ZERO, count);
    for (i, array) in arrays.iter_mut().enumerate() {
        for (j, x) in array.as_mut_slice().iter_mut().enumerate() {
            *x = number(seed, i * A::LEN + j, 1.0);
        }
    }
    arrays
}

/// Parameters: the scale of a layer's weights falls with their number; what may be a variance is positive.
fn params<C: Chain, T: Real>(_: C) -> Box<C::Params<T>> {
    let mut params = C::Params::boxed(T::ZERO);
    let numbers = params.as_mut_slice();
    for layer in C::LAYERS {
        let mut scale = 1.0;
        while scale * scale * layer.weight_count as f64 > 16.0 * layer.output.len() as f64 {
            scale *= 0.5;
        }
        let range = layer.params_start..layer.params_start + layer.param_count();
        for (i, p) in numbers[range.clone()].iter_mut().enumerate() {
            *p = number(7, range.start + i, scale);
            if layer.name == "batch_norm" || layer.name == "layer_norm" {
                *p = T::from_f64(p.to_f64().abs() + 0.5);
            }
        }
    }
    params
}

/// The results of one tier, by name.
struct Results {
    chain: String,
    lines: Vec<(String, u64)>,
}

impl Results {
    fn of<C: Chain, T: Real>(chain: C) -> Self {
        Self {
            chain: format!("{chain:?} {}", T::NAME),
            lines: Vec::new(),
        }
    }

    /// FNV-1a over the bits of the numbers in `f64`, which holds those of `f32` exactly.
    fn add<T: Real>(&mut self, what: &str, numbers: &[T]) {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for number in numbers {
            let number = number.to_f64();
            assert!(number.is_finite(), "{} {what} is not finite", self.chain);
            for byte in number.to_bits().to_le_bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        assert!(
            numbers.iter().any(|x| *x != T::ZERO),
            "{} {what} is 0, which says nothing",
            self.chain
        );
        self.lines.push((what.replace(' ', "-"), hash));
    }
}

/// Holds what `run` gives on every fused tier against the file, and says which results are others.
fn recorded<C: Chain, T: Real>(chain: C, run: impl Fn(&mut Results)) {
    let mut faults = String::new();
    let mut text = String::new();
    for tier in Tier::available().into_iter().filter(|tier| tier.is_fused()) {
        let mut results = Results::of::<C, T>(chain);
        tier.with(|| run(&mut results)).expect("an available tier");
        text.clear();
        for (what, hash) in &results.lines {
            let name = format!("{} {what}", results.chain);
            writeln!(text, "{name} {hash:016x}").unwrap();
            let line = RECORDED.lines().find_map(|line| line.strip_prefix(&name));
            let want = line.and_then(|line| line.strip_prefix(' '));
            let got = format!("{hash:016x}");
            if want != Some(&*got) {
                let want = want.unwrap_or("nothing");
                writeln!(faults, "{name}, tier {tier}: {got}, recorded was {want}").unwrap();
            }
        }
    }
    if faults.is_empty() {
        return;
    }
    if std::env::var_os("SIMPLECHAIN_BLESS").is_some() {
        bless(&text);
    } else {
        panic!("these results do not have the bits that were recorded:\n{faults}");
    }
}

/// Replaces lines of the file by these, or adds them.
fn bless(lines: &str) {
    static FILE: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = FILE.lock();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/bits.txt");
    let text = std::fs::read_to_string(path).expect("the file");
    let name = |line: &str| line.rsplit_once(' ').map(|(name, _)| name.to_owned());
    let new: Vec<_> = lines.lines().map(name).collect();
    let mut kept: Vec<&str> = text.lines().filter(|l| !new.contains(&name(l))).collect();
    kept.extend(lines.lines());
    kept.sort_by_key(|line| !line.starts_with('#'));
    std::fs::write(path, kept.join("\n") + "\n").expect("the file is written");
}

/// Steps of Adam by the squared loss, on 2 threads.
fn training<C: Chain, T: Real>(
    chain: C,
    (samples, batch_size, epochs): (usize, usize, usize),
    rate: f64,
    results: &mut Results,
) where
    SquaredLoss: Loss<C, T, Target = C::Output<T>>,
{
    let mut params = params::<C, T>(chain);
    let xs = arrays::<T, C::Input<T>>(1, samples);
    let ys = arrays::<T, C::Output<T>>(2, samples);
    let mut trainer = Trainer::new(chain, SquaredLoss, Adam::new(rate))
        .batch_size(batch_size)
        .threads(2)
        .seed(5);
    let history = trainer.fit(&mut params, &xs, &ys, epochs).expect("data");
    let losses: Vec<f64> = history.epochs.iter().map(|epoch| epoch.loss).collect();
    results.add("losses of the training", &losses);
    results.add("parameters after the training", params.as_slice());
}

/// Single samples, and a batch.
fn calls<C: Chain, T: Real>(chain: C, results: &mut Results) {
    const SAMPLES: usize = 37;
    let params = params::<C, T>(chain);
    let (xs, y_bars) = (arrays(3, SAMPLES), arrays(4, SAMPLES));
    let (x, y_bar): (&C::Input<T>, &C::Output<T>) = (&xs[0], &y_bars[0]);

    results.add("forward", chain.forward(x, &params).as_slice());
    results.add("activations", chain.activations(x, &params).as_slice());
    let mut x_bar = C::Input::boxed(T::ZERO);
    let mut params_bar = C::Params::boxed(T::ZERO);
    chain.vjp(x, &params, y_bar, &mut x_bar, &mut params_bar);
    results.add("x_bar of vjp", x_bar.as_slice());
    results.add("params_bar of vjp", params_bar.as_slice());

    let mut x_bars = C::Input::vec(T::ZERO, SAMPLES);
    chain
        .vjp_batch(&xs[..], &params, &y_bars, &mut x_bars, &mut params_bar)
        .expect("slices of one length");
    let x_bars: Vec<T> = x_bars.iter().flat_map(|x| x.as_slice()).copied().collect();
    results.add("x_bars of vjp_batch", &x_bars);
    results.add("params_bar of vjp_batch", params_bar.as_slice());
}

/// Products with the Jacobian and the Hessian.
fn products<C: Chain, T: Real>(chain: C, results: &mut Results) {
    let params = params::<C, T>(chain);
    let (x, x_dot) = (array(3, 1.0), array(5, 1.0));
    let (y_bar, params_dot) = (array(4, 1.0), array(6, 0.125));

    let (y, y_dot) = chain.jvp(&x, &params, &x_dot, &params_dot);
    results.add("y of jvp", y.as_slice());
    results.add("y_dot of jvp", y_dot.as_slice());

    let mut x_out = C::Input::boxed(T::ZERO);
    let mut params_out = C::Params::boxed(T::ZERO);
    chain.hvp(
        &x,
        &params,
        &y_bar,
        &x_dot,
        &params_dot,
        &mut x_out,
        &mut params_out,
    );
    results.add("x of hvp", x_out.as_slice());
    results.add("params of hvp", params_out.as_slice());
}

#[test]
fn the_matrix_exponential() {
    recorded::<_, f32>(MatExp, |results| {
        training::<_, f32>(MatExp, (1000, 1000, 30), 1e-2, results);
        calls::<_, f32>(MatExp, results);
        products::<_, f32>(MatExp, results);
    });
    recorded::<_, f64>(MatExp, |results| {
        training::<_, f64>(MatExp, (1000, 1000, 30), 1e-2, results);
        calls::<_, f64>(MatExp, results);
        products::<_, f64>(MatExp, results);
    });
}

#[test]
fn lenet() {
    recorded::<_, f32>(LeNet, |results| {
        let mut params = params::<_, f32>(LeNet);
        let images: Vec<[u8; 784]> = (0..100_u64)
            .map(|i| core::array::from_fn(|j| (mix(8, i * 784 + j as u64) >> 56) as u8))
            .collect();
        let labels: Vec<u8> = (0..100_u64).map(|i| (mix(9, i) % 10) as u8).collect();
        let mut trainer = Trainer::new(LeNet, LogitCrossEntropy::new(), Adam::new(1e-3))
            .batch_size(33)
            .threads(2);
        let history = trainer.fit(&mut params, &Bytes::new(&images), &labels, 2);
        let history = history.expect("data");
        let losses: Vec<f64> = history.epochs.iter().map(|epoch| epoch.loss).collect();
        results.add("losses of the training", &losses);
        results.add("parameters after the training", params.as_slice());
        calls::<_, f32>(LeNet, results);
        products::<_, f32>(LeNet, results);
    });
}

#[test]
fn every_layer() {
    recorded::<_, f32>(Flat, |results| {
        training::<_, f32>(Flat, (70, 33, 3), 1e-2, results);
        calls::<_, f32>(Flat, results);
        products::<_, f32>(Flat, results);
    });
    recorded::<_, f32>(Images, |results| {
        training::<_, f32>(Images, (70, 33, 3), 1e-2, results);
        calls::<_, f32>(Images, results);
        products::<_, f32>(Images, results);
    });
    recorded::<_, f32>(Sequence, |results| {
        training::<_, f32>(Sequence, (70, 33, 3), 1e-2, results);
        calls::<_, f32>(Sequence, results);
    });
}
