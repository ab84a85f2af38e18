//! Repeated measurements.

/// The median and the fast end of repeated measurements; the slow end is due to other programs.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) p10: f64,
}

impl Spread {
    /// Of at least one measurement.
    pub(crate) fn of(mut measurements: Vec<f64>) -> Self {
        measurements.sort_unstable_by(f64::total_cmp);
        let last = measurements.len() - 1;
        Self {
            median: measurements[last / 2],
            p10: measurements[last / 10],
        }
    }
}
