//! The losses over time as a PNG.

use std::error::Error;
use std::io::Write;

use plotters::prelude::*;

use crate::Curve;
use crate::canvas::{self, Area, TEXT, text};

const SIZE: (u32, u32) = (1200, 720);
/// Points drawn per curve.
const POINTS: usize = 800;

pub(crate) fn write(
    file: impl Write,
    samples: u32,
    curves: &[Curve],
) -> Result<(), Box<dyn Error>> {
    let title = format!("Matrix exponential, 4-32-16-4 network, {samples} samples, full batch");
    canvas::write(file, SIZE, |root| draw(root, &title, curves))
}

fn draw(root: &Area<'_>, title: &str, curves: &[Curve]) -> Result<(), Box<dyn Error>> {
    // A diverged loss cannot be drawn on a logarithmic axis.
    let points = |curve: &Curve| -> Vec<(f64, f64)> {
        let every = curve.points.len().div_ceil(POINTS).max(1);
        let points = curve.points.iter().step_by(every).copied();
        points
            .filter(|(_, loss)| loss.is_finite() && *loss > 0.0)
            .collect()
    };
    let all = || curves.iter().flat_map(&points);
    let (low, high) = all().fold((f64::MAX, f64::MIN), |(low, high), (_, loss)| {
        (low.min(loss), high.max(loss))
    });
    if low > high {
        return Err("there is no finite loss to draw".into());
    }
    let seconds = all().fold(0.0, |end: f64, (seconds, _)| end.max(seconds));

    let mut chart = ChartBuilder::on(root)
        .caption(title, text(26))
        .margin(20)
        .margin_right(48)
        .x_label_area_size(56)
        .y_label_area_size(84)
        .build_cartesian_2d(0.0..seconds, (low / 1.5..high * 1.5).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("seconds")
        .x_max_light_lines(2)
        .y_desc("loss: 1/2 sum of squares, mean over samples")
        .label_style(text(17))
        .axis_desc_style(text(19))
        .axis_style(TEXT)
        .bold_line_style(BLACK.mix(0.15))
        .light_line_style(BLACK.mix(0.05))
        .y_label_formatter(&|loss| format!("{loss}"))
        .draw()?;
    for (index, curve) in curves.iter().enumerate() {
        let style = Palette99::pick(index).stroke_width(1);
        chart
            .draw_series(LineSeries::new(points(curve), style))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 28, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(16)
        .legend_area_size(36)
        .label_font(text(19))
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.2))
        .draw()?;
    Ok(())
}
