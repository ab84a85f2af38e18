//! Network and solution at some points in time as a PNG.

use std::error::Error;
use std::io::Write;

use plotters::prelude::*;
use simplechain::prelude::*;

use crate::canvas::{self, TEXT, text};
use crate::equation::{Net, solution};

const SIZE: (u32, u32) = (1000, 640);

pub(crate) fn write(
    file: impl Write,
    params: &<Net as Network>::Params<f64>,
    viscosity: f64,
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| {
        let mut chart = ChartBuilder::on(root)
            .caption(
                format!("Burgers' equation, nu = {viscosity}: network (lines) and solution (dots)"),
                text(24),
            )
            .margin(20)
            .x_label_area_size(48)
            .y_label_area_size(60)
            .build_cartesian_2d(-1.0..1.0, -1.1..1.1)?;
        chart
            .configure_mesh()
            .x_desc("x")
            .y_desc("u")
            .label_style(text(16))
            .axis_desc_style(text(18))
            .axis_style(TEXT)
            .bold_line_style(BLACK.mix(0.12))
            .light_line_style(BLACK.mix(0.04))
            .draw()?;
        for (index, t) in [0.05, 0.25, 0.5, 1.0].into_iter().enumerate() {
            let color = Palette99::pick(index).to_rgba();
            let style = color.stroke_width(2);
            let network = (-200..=200).map(|i| f64::from(i) / 200.0);
            let network = network.map(|x| (x, Net.forward(&[x, t], params)[0]));
            chart
                .draw_series(LineSeries::new(network, style))?
                .label(format!("t = {t}"))
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 28, y)], style));
            let dots = (-20..=20).map(|i| f64::from(i) / 20.0);
            let dots = dots.map(|x| Circle::new((x, solution(x, t, viscosity)), 3, color.filled()));
            chart.draw_series(dots)?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperRight)
            .margin(16)
            .legend_area_size(36)
            .label_font(text(18))
            .background_style(WHITE.mix(0.9))
            .border_style(BLACK.mix(0.2))
            .draw()?;
        Ok(())
    })
}
