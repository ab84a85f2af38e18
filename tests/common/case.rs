//! A chain with data, and what must come of it.

use std::fmt::Display;
use std::sync::OnceLock;

use rand::Rng;
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use simplechain::chain::{Array, Chain, Shape};
use simplechain::init;
use simplechain::simd::{Real, Tier};
use simplechain_runtime::reference::{Bounded, Number, Twin, squared_loss};

/// Numbers of `[-1, 1)` times `scale`, which every type holds exactly.
pub(crate) fn numbers(seed: u64, count: usize, scale: f64) -> Vec<f64> {
    let mut rng = init::rng(seed);
    let mut draw = || (rng.next_u64() >> 40) as f64 / f64::from(1 << 23) - 1.0;
    (0..count)
        .map(|_| f64::from((draw() * scale) as f32))
        .collect()
}

/// Parameters of a useful size; no bias is 0.
pub(crate) fn parameters<C: Chain>(_: C, seed: u64) -> Vec<f64> {
    let mut params = numbers(seed, C::PARAM_COUNT, 1.0);
    for layer in C::LAYERS.iter().filter(|layer| layer.weight_count > 0) {
        let outputs = match layer.output {
            Shape::Flat(len) => len,
            Shape::Image(_, _, channels) => channels,
        };
        let scale = 1.5 / ((layer.weight_count / outputs) as f64).sqrt();
        for weight in &mut params[layer.weights()] {
            *weight = f64::from((*weight * scale) as f32);
        }
    }
    params
}

/// The same numbers in another type.
pub(crate) fn cast<T: Real>(numbers: &[f64]) -> Vec<T> {
    numbers.iter().map(|x| T::from_f64(*x)).collect()
}

/// Samples one after the other.
pub(crate) fn flat<T: Real, A: Array<T>>(samples: &[A]) -> Vec<T> {
    samples.iter().flat_map(|x| x.as_slice()).copied().collect()
}

/// What two results are compared by if they must be equal.
pub(crate) fn bits<T: Real>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| x.to_f64().to_bits()).collect()
}

/// Runs `f` once with a tier and a pool of threads, for all tiers, and 1 and 2 threads.
pub(crate) fn everywhere(mut f: impl FnMut(Tier, usize) + Send) {
    static POOLS: OnceLock<[ThreadPool; 2]> = OnceLock::new();
    let pools = POOLS.get_or_init(|| {
        [1, 2].map(|threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads);
            pool.build().expect("two threads")
        })
    });
    for tier in Tier::available() {
        for pool in pools {
            pool.install(|| tier.with(|| f(tier, pool.current_num_threads())))
                .expect("an available tier");
        }
    }
}

/// A chain's data, as numbers that every type holds, and its results by the twin.
pub(crate) struct Case {
    pub(crate) params: Vec<f64>,
    pub(crate) xs: Vec<f64>,
    pub(crate) y_bars: Vec<f64>,
    pub(crate) targets: Vec<f64>,
    /// All layers' outputs for the first sample.
    pub(crate) activations: Vec<Bounded>,
    pub(crate) ys: Vec<Bounded>,
    pub(crate) x_bars: Vec<Bounded>,
    pub(crate) batches: Vec<Batch>,
}

/// What a batch of the first `samples` samples gives.
pub(crate) struct Batch {
    pub(crate) samples: usize,
    pub(crate) params_bar: Vec<Bounded>,
    /// Mean of the squared loss, and its gradient.
    pub(crate) loss: Bounded,
    pub(crate) grads: Vec<Bounded>,
}

impl Case {
    /// With batches of these sizes, in rising order, 1 the second.
    pub(crate) fn of<C: Chain>(chain: C, batches: &[usize]) -> Self {
        let most = *batches.last().expect("some batches");
        let params = parameters(chain, C::FINGERPRINT);
        let xs = numbers(1, most * C::INPUT_LEN, 1.5);
        let y_bars = numbers(2, most * C::OUTPUT_LEN, 1.0);
        let targets = numbers(3, most * C::OUTPUT_LEN, 1.0);
        let mut case = Self {
            params,
            xs,
            y_bars,
            targets,
            activations: Vec::new(),
            ys: Vec::new(),
            x_bars: Vec::new(),
            batches: Vec::new(),
        };
        case.run_twin(chain, batches);
        case
    }

    fn run_twin<C: Chain>(&mut self, chain: C, batches: &[usize]) {
        let most = *batches.last().expect("some batches");
        let exact = |x: &[f64]| -> Vec<_> { x.iter().copied().map(Bounded::exact).collect() };
        let total = |sum: &[_]| -> Vec<_> { sum.iter().map(|sum| Bounded::total(*sum)).collect() };
        let (twin, params) = (Twin::of(chain), exact(&self.params));
        let zero = Bounded::exact(0.0).sum();
        let (mut loss, mut params_bar) = (zero, vec![zero; C::PARAM_COUNT]);
        let mut grads = params_bar.clone();
        for s in 0..=most {
            if batches.contains(&s) {
                let scale = Bounded::from_f64(1.0 / s as f64);
                let mean = |sum| Bounded::total(sum).mul(scale);
                self.batches.push(Batch {
                    samples: s,
                    params_bar: total(&params_bar),
                    loss: mean(loss),
                    grads: grads.iter().copied().map(mean).collect(),
                });
            }
            if s == most {
                break;
            }
            let x = exact(&self.xs[s * C::INPUT_LEN..][..C::INPUT_LEN]);
            let y_bar = exact(&self.y_bars[s * C::OUTPUT_LEN..][..C::OUTPUT_LEN]);
            let target = exact(&self.targets[s * C::OUTPUT_LEN..][..C::OUTPUT_LEN]);
            if s == 0 {
                self.activations = twin.forward(&params, &x).concat();
            }
            let ys = &mut self.ys;
            let x_bar = twin.vjp(&params, &x, |_| y_bar, &mut params_bar);
            self.x_bars.extend(x_bar);
            let y_bar = |y: &[Bounded]| {
                ys.extend(y);
                let (value, y_bar) = squared_loss(y, &target);
                Bounded::add_product(&mut loss, value, Bounded::exact(1.0));
                y_bar
            };
            twin.vjp(&params, &x, y_bar, &mut grads);
        }
    }
}

/// Demands that every number is as near as a correct computation must be.
#[track_caller]
pub(crate) fn assert_near<T: Real>(what: impl Display, got: &[T], want: &[Bounded]) {
    /// The bound is of first order, and the twin itself rounds.
    const SLACK: f64 = 2.0;
    let u = if T::NAME == "f32" {
        2f64.powi(-24)
    } else {
        2f64.powi(-53)
    };
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (got, want)) in got.iter().zip(want).enumerate() {
        let allowed = SLACK * u * want.error + 1e-37;
        let off = (got.to_f64() - want.value).abs();
        assert!(
            off <= allowed,
            "{what}, number {i}: {got} instead of {}, off by {off:e} where {allowed:e} is allowed",
            want.value
        );
    }
}

/// [`assert_near`] for a sum that started at `start`.
#[track_caller]
pub(crate) fn assert_added<T: Real>(what: impl Display, got: &[T], start: f64, want: &[Bounded]) {
    let sum = |term: &Bounded| {
        let mut sum = Bounded::exact(start).sum();
        Bounded::add_product(&mut sum, *term, Bounded::exact(1.0));
        Bounded::total(sum)
    };
    assert_near(what, got, &want.iter().map(sum).collect::<Vec<_>>());
}
