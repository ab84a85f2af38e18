//! A chart on a canvas, and its legend.

use std::error::Error;

use plotters::coord::ranged1d::Ranged;
use plotters::prelude::*;

use crate::canvas::text;

/// A chart whose coordinates are numbers.
pub(crate) type Chart<'a, X, Y> = ChartContext<'a, BitMapBackend<'a>, Cartesian2d<X, Y>>;

/// Draws the names of the series that have one.
pub(crate) fn legend<X, Y>(
    chart: &mut Chart<'_, X, Y>,
    position: SeriesLabelPosition,
) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64>,
    Y: Ranged<ValueType = f64>,
{
    chart
        .configure_series_labels()
        .position(position)
        .margin(12)
        .legend_area_size(36)
        .label_font(text(16))
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.2))
        .draw()?;
    Ok(())
}
