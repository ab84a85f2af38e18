//! The trajectories in the plane as a PNG.

use std::error::Error;
use std::io::Write;

use plotters::prelude::*;

use crate::canvas::{self, TEST, TEXT, TRAIN, text};
use crate::spiral::State;

const SIZE: (u32, u32) = (900, 860);

pub(crate) fn write(
    file: impl Write,
    data: &[State],
    truth: &[State],
    learned: &[State],
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| {
        let mut chart = ChartBuilder::on(root)
            .caption(
                "Neural ODE, 2-50-2, cubed input: twice as far as the data",
                text(24),
            )
            .margin(20)
            .x_label_area_size(48)
            .y_label_area_size(60)
            .build_cartesian_2d(-2.2_f32..2.2, -2.2_f32..2.2)?;
        chart
            .configure_mesh()
            .x_desc("u1")
            .y_desc("u2")
            .label_style(text(16))
            .axis_desc_style(text(18))
            .axis_style(TEXT)
            .bold_line_style(BLACK.mix(0.12))
            .light_line_style(BLACK.mix(0.04))
            .draw()?;
        for (name, line, color, width) in
            [("truth", truth, TRAIN, 4), ("learned", learned, TEST, 2)]
        {
            let style = color.stroke_width(width);
            chart
                .draw_series(LineSeries::new(line.iter().map(|u| (u[0], u[1])), style))?
                .label(name)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 28, y)], style));
        }
        chart
            .draw_series(
                data.iter()
                    .map(|u| Circle::new((u[0], u[1]), 4, BLACK.filled())),
            )?
            .label("data")
            .legend(|(x, y)| Circle::new((x + 14, y), 4, BLACK.filled()));
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
