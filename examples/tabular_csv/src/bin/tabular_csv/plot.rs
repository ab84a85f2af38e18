//! Loss curves, and predicted and actual targets, as a PNG.

use std::error::Error;
use std::io::Write;

use plotters::coord::ranged1d::{Ranged, ValueFormatter};
use plotters::prelude::*;
use simplechain::train::History;

use crate::canvas::{self, Area, TEST, TEXT, TRAIN, text};
use crate::legend::{Chart, legend};

const SIZE: (u32, u32) = (1280, 640);

/// Draws a training, and the predictions of the linear model and of the network for some targets.
pub(crate) fn write(
    file: impl Write,
    target: &str,
    history: &History,
    targets: &[[f64; 1]],
    predictions: [&[[f64; 1]]; 2],
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| {
        let (left, right) = root.split_horizontally(SIZE.0 / 2);
        draw_losses(&left, history)?;
        draw_predictions(&right, target, targets, predictions)
    })
}

fn draw_losses(area: &Area<'_>, history: &History) -> Result<(), Box<dyn Error>> {
    // Only positive values can be drawn on a logarithmic axis.
    let points = |loss: &dyn Fn(usize) -> Option<f64>| -> Vec<(f64, f64)> {
        let points = (0..history.epochs.len()).filter_map(|i| Some(((i + 1) as f64, loss(i)?)));
        points
            .filter(|(_, loss)| loss.is_finite() && *loss > 0.0)
            .collect()
    };
    let lines = [
        ("training", TRAIN, points(&|i| Some(history.epochs[i].loss))),
        (
            "validation",
            TEST,
            points(&|i| history.epochs[i].validation),
        ),
    ];
    let all = || {
        lines
            .iter()
            .flat_map(|(_, _, points)| points.iter().map(|(_, loss)| *loss))
    };
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(0.0, f64::max));
    if low > high {
        return Err("there is no finite loss to draw".into());
    }
    // Whole decades: their ends have labels.
    let decade = |exponent: f64| 10_f64.powf(exponent);
    let low = decade((low / 1.1).log10().floor());
    let high = decade((high * 1.1).log10().ceil());
    let epochs = history.epochs.len().max(2) as f64;
    let mut chart = builder(
        area,
        "Half the mean squared error, in variances of the target",
    )
    .build_cartesian_2d(1.0..epochs, (low..high).log_scale())?;
    mesh(
        &mut chart,
        "epoch",
        "loss",
        &|epoch| format!("{epoch:.0}"),
        &|loss| format!("{loss}"),
    )?;
    for (name, color, points) in lines {
        chart
            .draw_series(LineSeries::new(points, color.stroke_width(2)))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 28, y)], color.stroke_width(2)));
    }
    if let Some(best) = history.best {
        let x = (best + 1) as f64;
        let line = [(x, low), (x, high)];
        chart
            .draw_series(DashedLineSeries::new(
                line,
                6,
                6,
                BLACK.mix(0.5).stroke_width(1),
            ))?
            .label("best epoch")
            .legend(|(x, y)| PathElement::new([(x, y), (x + 28, y)], BLACK.mix(0.5)));
    }
    legend(&mut chart, SeriesLabelPosition::UpperRight)
}

fn draw_predictions(
    area: &Area<'_>,
    target: &str,
    targets: &[[f64; 1]],
    predictions: [&[[f64; 1]]; 2],
) -> Result<(), Box<dyn Error>> {
    let all = || {
        targets
            .iter()
            .chain(predictions[0])
            .chain(predictions[1])
            .map(|[y]| *y)
    };
    let (low, high) = (
        all().fold(f64::MAX, f64::min),
        all().fold(f64::MIN, f64::max),
    );
    let margin = 0.03 * (high - low).max(f64::MIN_POSITIVE);
    let range = low - margin..high + margin;
    let mut chart = builder(area, "Rows that the training has not seen")
        .build_cartesian_2d(range.clone(), range.clone())?;
    let number = |number: &f64| format!("{number:.0}");
    mesh(
        &mut chart,
        &format!("{target}, actual"),
        "predicted",
        &number,
        &number,
    )?;
    let series = [
        ("linear model", BLACK.mix(0.25)),
        ("network", TRAIN.mix(0.8)),
    ];
    for ((name, color), ys) in series.into_iter().zip(predictions) {
        let places = targets.iter().zip(ys).map(|([t], [y])| (*t, *y));
        chart
            .draw_series(places.map(|place| Circle::new(place, 3, color.filled())))?
            .label(name)
            .legend(move |(x, y)| Circle::new((x + 14, y), 4, color.filled()));
    }
    let diagonal = [range.start, range.end].map(|end| (end, end));
    chart.draw_series(LineSeries::new(diagonal, BLACK.mix(0.6)))?;
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

fn builder<'a, 'b>(area: &'a Area<'b>, title: &str) -> ChartBuilder<'a, 'b, BitMapBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(title, text(20))
        .margin(16)
        .margin_right(28)
        .x_label_area_size(50)
        .y_label_area_size(80);
    builder
}

fn mesh<X, Y>(
    chart: &mut Chart<'_, X, Y>,
    x: &str,
    y: &str,
    x_label: &dyn Fn(&f64) -> String,
    y_label: &dyn Fn(&f64) -> String,
) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .x_labels(6)
        .y_labels(12)
        .x_label_formatter(&x_label)
        .y_label_formatter(&y_label)
        .label_style(text(15))
        .axis_desc_style(text(17))
        .axis_style(TEXT)
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(BLACK.mix(0.04))
        .draw()?;
    Ok(())
}
