//! Parameters and samples of a chain, and a direction of each.

use core::ops::Range;

use rand::Rng;
use simplechain::chain::{Array, Chain, LayerInfo};
use simplechain::init;
use simplechain::simd::Real;

use crate::calls;

/// How far the differences go along a direction.
pub(crate) const STEP: f64 = 1e-3;

/// Samples, at most.
pub(crate) const SAMPLES: usize = 33;

/// Draws of a sample until the chain is smooth there.
const DRAWS: usize = 50;

/// With [`SAMPLES`] samples.
pub(crate) struct Data<C: Chain, T: Real> {
    pub(crate) params: C::Params<T>,
    pub(crate) params_dot: C::Params<T>,
    pub(crate) xs: Vec<C::Input<T>>,
    pub(crate) x_dots: Vec<C::Input<T>>,
    pub(crate) y_bars: Vec<C::Output<T>>,
    pub(crate) targets: Vec<C::Output<T>>,
}

impl<C: Chain> Data<C, f64> {
    /// Numbers that `f32` holds as well. Near no sample the chain has a kink: the gradients change little along the directions.
    pub(crate) fn new(chain: C, seed: u64) -> Self {
        let mut rng = init::rng(seed);
        let mut draw = move || (rng.next_u64() >> 40) as f64 / f64::from(1 << 23) - 1.0;
        let mut params: C::Params<f64> = cast(&*chain.init::<f32>(&mut init::rng(seed)));
        let mut params_dot = C::Params::splat(0.0);
        for param in params.as_mut_slice() {
            *param = f64::from((*param + 0.3 * draw()) as f32);
        }
        for dot in params_dot.as_mut_slice() {
            *dot = draw();
        }
        for range in untrained::<C>() {
            params_dot.as_mut_slice()[range].fill(0.0);
        }
        let mut data = Self {
            params,
            params_dot,
            xs: Vec::new(),
            x_dots: Vec::new(),
            y_bars: Vec::new(),
            targets: Vec::new(),
        };
        for _ in 0..SAMPLES {
            data.push_smoothest(chain, &mut draw);
        }
        data
    }

    fn push_smoothest(&mut self, chain: C, draw: &mut impl FnMut() -> f64) {
        let mut best: Option<(f64, _, _, _, _)> = None;
        for _ in 0..DRAWS {
            let (x, x_dot) = (filled(draw), filled(draw));
            let (y_bar, target) = (filled(draw), filled(draw));
            let change = self.change(chain, &x, &x_dot, &y_bar);
            if best.as_ref().is_none_or(|(least, ..)| change < *least) {
                best = Some((change, x, x_dot, y_bar, target));
            }
            if change < 0.02 {
                break;
            }
        }
        let (_, x, x_dot, y_bar, target) = best.expect("a draw");
        self.xs.push(x);
        self.x_dots.push(x_dot);
        self.y_bars.push(y_bar);
        self.targets.push(target);
    }

    /// By how much the gradient changes along the direction, relative to its largest number.
    fn change(
        &self,
        chain: C,
        x: &C::Input<f64>,
        x_dot: &C::Input<f64>,
        y_bar: &C::Output<f64>,
    ) -> f64 {
        let gradient = |step: f64| {
            let x = moved(x, x_dot, step);
            let params = moved(&self.params, &self.params_dot, step);
            let (_, x_bar, params_bar) = calls::vjp(chain, &x, &params, y_bar);
            [x_bar.as_slice(), params_bar.as_slice()].concat()
        };
        let (middle, ends) = (gradient(0.0), [gradient(-STEP), gradient(STEP)]);
        let largest = middle.iter().fold(1e-3, |most: f64, x| most.max(x.abs()));
        let mut change = 0.0_f64;
        for end in &ends {
            for (end, middle) in end.iter().zip(&middle) {
                change = change.max((end - middle).abs());
            }
        }
        change / largest
    }

    pub(crate) fn cast<T: Real>(&self) -> Data<C, T> {
        Data {
            params: cast(&self.params),
            params_dot: cast(&self.params_dot),
            xs: self.xs.iter().map(cast).collect(),
            x_dots: self.x_dots.iter().map(cast).collect(),
            y_bars: self.y_bars.iter().map(cast).collect(),
            targets: self.targets.iter().map(cast).collect(),
        }
    }
}

/// The parameters that have no gradient: frozen ones and statistics.
pub(crate) fn untrained<C: Chain>() -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    add_untrained(C::LAYERS, 0, &mut ranges);
    ranges
}

/// Of layers whose parameters are counted from `start`. Gives where they end.
fn add_untrained(layers: &[LayerInfo], start: usize, ranges: &mut Vec<Range<usize>>) -> usize {
    let mut chain_end = start;
    for layer in layers {
        let (first, end) = (
            start + layer.params_start,
            start + layer.params_start + layer.param_count(),
        );
        if layer.trained {
            ranges.push(end - layer.state_count..end);
            let mut inner_start = first;
            for inner in layer.inner {
                inner_start = add_untrained(inner, inner_start, ranges);
            }
        } else {
            ranges.push(first..end);
        }
        chain_end = end;
    }
    chain_end
}

fn filled<A: Array<f64>>(draw: &mut impl FnMut() -> f64) -> A {
    let mut array = A::splat(0.0);
    for x in array.as_mut_slice() {
        *x = draw();
    }
    array
}

/// An array that nothing has been written to.
pub(crate) fn unset<T: Real, A: Array<T>>() -> A {
    A::splat(T::from_f64(f64::NAN))
}

/// `x + step x_dot`
pub(crate) fn moved<A: Array<f64>>(x: &A, x_dot: &A, step: f64) -> A {
    let mut moved = *x;
    for (x, dot) in moved.as_mut_slice().iter_mut().zip(x_dot.as_slice()) {
        *x += step * dot;
    }
    moved
}

pub(crate) fn cast<T: Real, U: Real, A: Array<T>, B: Array<U>>(array: &A) -> B {
    let mut to = B::splat(U::ZERO);
    for (to, from) in to.as_mut_slice().iter_mut().zip(array.as_slice()) {
        *to = U::from_f64(from.to_f64());
    }
    to
}
