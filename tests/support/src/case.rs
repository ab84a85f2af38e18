//! A chain with data, and what must come of it.

use simplechain::chain::Chain;
use simplechain_reference::{Bounded, Number, Twin, squared_loss};

use crate::numbers::{numbers, parameters};

/// A chain's data, as numbers that every type holds, and its results by the twin.
pub struct Case {
    /// The parameters.
    pub params: Vec<f64>,
    /// The samples, one after the other.
    pub xs: Vec<f64>,
    /// The cotangents of their outputs.
    pub y_bars: Vec<f64>,
    /// What the outputs should be.
    pub targets: Vec<f64>,
    /// All layers' outputs for the first sample.
    pub activations: Vec<Bounded>,
    /// The outputs.
    pub ys: Vec<Bounded>,
    /// The cotangents of the samples.
    pub x_bars: Vec<Bounded>,
    /// What must come of the batches.
    pub batches: Vec<Batch>,
}

/// What a batch of the first `samples` samples gives.
pub struct Batch {
    /// How many.
    pub samples: usize,
    /// The cotangents of the parameters.
    pub params_bar: Vec<Bounded>,
    /// Mean of the squared loss.
    pub loss: Bounded,
    /// The gradient of that mean.
    pub grads: Vec<Bounded>,
}

impl Case {
    /// With batches of these sizes, in rising order, 1 the second.
    pub fn of<C: Chain>(chain: C, batches: &[usize]) -> Self {
        let most = *batches.last().expect("some batches");
        let params = parameters(chain, C::FINGERPRINT);
        let xs = numbers(1, most * C::INPUT_LEN, 1.5);
        let of_outputs = [2, 3].map(|seed| numbers(seed, most * C::OUTPUT_LEN, 1.0));
        Self::new(chain, batches, params, xs, of_outputs)
    }

    /// The same with this data: parameters, samples, and cotangents and targets of their outputs.
    pub fn new<C: Chain>(
        chain: C,
        batches: &[usize],
        params: Vec<f64>,
        xs: Vec<f64>,
        [y_bars, targets]: [Vec<f64>; 2],
    ) -> Self {
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
