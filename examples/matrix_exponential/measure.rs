//! From times to figures that can be compared.

use simplechain::chain::Chain;

/// The middle and the fast end of repeated measurements; the slow end is other programs.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) p10: f64,
}

impl Spread {
    /// Of one measurement or more.
    pub(crate) fn of(mut measurements: Vec<f64>) -> Self {
        measurements.sort_unstable_by(f64::total_cmp);
        let last = measurements.len() - 1;
        Self {
            median: measurements[last / 2],
            p10: measurements[last / 10],
        }
    }
}

/// Floating-point operations for a sample's forward pass and gradient: two for every weight and each of `y = w x`,
/// `w_bar = y_bar x` and, but for the first layer, `x_bar = w y_bar`.
pub(crate) fn gradient_flops<C: Chain>() -> f64 {
    let weights = |layers: &[_]| -> usize {
        let count = |layer: &simplechain::chain::LayerInfo| layer.weight_count;
        layers.iter().map(count).sum()
    };
    (4 * weights(C::LAYERS) + 2 * weights(&C::LAYERS[1..])) as f64
}
