//! Data, solution and terms as a PNG.

use std::error::Error;
use std::io::Write;

use plotters::prelude::*;
use simplechain::prelude::*;

use crate::canvas::{self, Area, TEXT, text};
use crate::species::{Data, END, Net, Params, State, interaction};

const SIZE: (u32, u32) = (1200, 900);
const COLORS: [RGBColor; 2] = [RGBColor(31, 119, 180), RGBColor(230, 110, 20)];

pub(crate) fn write(
    file: impl Write,
    data: &Data,
    times: &[f64],
    truth: &[State],
    learned: &[State],
    params: &Params,
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| {
        let (above, below) = root.split_vertically(SIZE.1 / 2);
        let dots = data.times.iter().copied().zip(&data.us);
        let line = |us: &[State], k: usize| -> Vec<(f64, f64)> {
            times.iter().zip(us).map(|(t, u)| (*t, u[k])).collect()
        };
        let title = "Predator and prey: data up to t = 6, learned (lines) and true (dashes) beyond";
        draw(
            &above,
            title,
            [
                ("prey", line(learned, 0), line(truth, 0)),
                ("predator", line(learned, 1), line(truth, 1)),
            ],
            dots.flat_map(|(t, u)| [(t, u[0]), (t, u[1])]).collect(),
        )?;
        // The terms where the data are.
        let places = || times.iter().zip(truth).filter(|(t, _)| **t <= END);
        let terms = |k: usize| -> [Vec<(f64, f64)>; 2] {
            [
                places()
                    .map(|(t, u)| (*t, Net.forward(u, params)[k]))
                    .collect(),
                places().map(|(t, u)| (*t, interaction(u)[k])).collect(),
            ]
        };
        let ([prey, prey_truth], [predator, predator_truth]) = (terms(0), terms(1));
        draw(
            &below,
            "What they do to each other along the trajectory: learned (lines), -0.9 x y and 0.8 x y (dashes)",
            [
                ("to the prey", prey, prey_truth),
                ("to the predator", predator, predator_truth),
            ],
            Vec::new(),
        )
    })
}

type Points = Vec<(f64, f64)>;

/// Pairs of a learned and a true curve.
fn draw(
    area: &Area<'_>,
    title: &str,
    curves: [(&str, Points, Points); 2],
    dots: Points,
) -> Result<(), Box<dyn Error>> {
    let all = || {
        curves
            .iter()
            .flat_map(|(_, a, b)| a.iter().chain(b))
            .chain(&dots)
    };
    let end = all().fold(0.0, |end: f64, point| end.max(point.0));
    let low = all().fold(f64::MAX, |low, point| low.min(point.1));
    let high = all().fold(f64::MIN, |high, point| high.max(point.1));
    let room = 0.05 * (high - low);
    let mut chart = ChartBuilder::on(area)
        .caption(title, text(20))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..end, low - room..high + room)?;
    chart
        .configure_mesh()
        .x_desc("t")
        .label_style(text(15))
        .axis_desc_style(text(17))
        .axis_style(TEXT)
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(BLACK.mix(0.04))
        .draw()?;
    for ((name, learned, truth), color) in curves.into_iter().zip(COLORS) {
        let style = color.stroke_width(2);
        chart
            .draw_series(LineSeries::new(learned, style))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 28, y)], style));
        chart.draw_series(DashedLineSeries::new(
            truth,
            6,
            6,
            BLACK.mix(0.6).stroke_width(2),
        ))?;
    }
    chart.draw_series(
        dots.into_iter()
            .map(|point| Circle::new(point, 3, BLACK.filled())),
    )?;
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .margin(12)
        .legend_area_size(36)
        .label_font(text(16))
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.2))
        .draw()?;
    Ok(())
}
