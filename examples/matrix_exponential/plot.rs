//! The loss curves as a PNG.

use std::error::Error;
use std::io::Write;

use plotters::prelude::*;

use crate::canvas::{self, Area, TEST, TEXT, TRAIN, text};
use crate::report::Losses;

const SIZE: (u32, u32) = (1200, 720);

/// Draws the losses over the epochs.
pub(crate) fn write(
    file: impl Write,
    title: &str,
    curve: &[(usize, Losses)],
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| draw(root, title, curve))
}

fn draw(root: &Area<'_>, title: &str, curve: &[(usize, Losses)]) -> Result<(), Box<dyn Error>> {
    // A diverged loss cannot be drawn on a logarithmic axis.
    let points = |loss: fn(&Losses) -> f32| -> Vec<(usize, f64)> {
        let points = curve
            .iter()
            .map(|(epoch, losses)| (*epoch, f64::from(loss(losses))));
        points
            .filter(|(_, loss)| loss.is_finite() && *loss > 0.0)
            .collect()
    };
    let lines = [
        ("train", TRAIN, points(|losses| losses.train)),
        ("test", TEST, points(|losses| losses.test)),
    ];
    let all = || {
        lines
            .iter()
            .flat_map(|(_, _, points)| points.iter().map(|(_, loss)| *loss))
    };
    let (low, high) = (
        all().fold(f64::MAX, f64::min),
        all().fold(f64::MIN, f64::max),
    );
    if low > high {
        return Err("there is no finite loss to draw".into());
    }
    let epochs = curve.last().map_or(0, |(epoch, _)| *epoch);

    let mut chart = ChartBuilder::on(root)
        .caption(title, text(26))
        .margin(20)
        .margin_right(48)
        .x_label_area_size(56)
        .y_label_area_size(84)
        .build_cartesian_2d(0..epochs, (low / 1.5..high * 1.5).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .x_max_light_lines(2)
        .y_desc("loss: 1/2 sum of squares, mean over samples")
        .label_style(text(17))
        .axis_desc_style(text(19))
        .axis_style(TEXT)
        .bold_line_style(BLACK.mix(0.15))
        .light_line_style(BLACK.mix(0.05))
        .y_label_formatter(&|loss| format!("{loss}"))
        .draw()?;
    for (name, color, points) in lines {
        let style = color.stroke_width(2);
        chart
            .draw_series(LineSeries::new(points, style))?
            .label(name)
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
