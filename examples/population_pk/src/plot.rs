//! Fits, clearance, predictions and individual parameters as a PNG.

use std::error::Error;
use std::io::Write;
use std::ops::Range;

use plotters::coord::ranged1d::{Ranged, ValueFormatter};
use plotters::prelude::*;
use simplechain::ode::{Solver, Tsit5};
use simplechain::prelude::*;

use crate::canvas::{self, Area, TEXT, text};
use crate::kinetics::{Learned, Net, true_clearance};
use crate::legend::{Chart, legend};
use crate::population::{Individual, Population};
use crate::report::{NAMES, Prediction};
use crate::study::{DOSES, MEDIANS, Subject};

const SIZE: (u32, u32) = (1200, 960);
const COLORS: [RGBColor; 3] = [
    RGBColor(31, 119, 180),
    RGBColor(230, 110, 20),
    RGBColor(44, 140, 60),
];

type Points = Vec<(f64, f64)>;

pub(crate) fn write(
    file: impl Write,
    study: &[Subject],
    individuals: &[Individual],
    population: &Population,
    predictions: &[Prediction],
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| {
        let [fits, clearance, predicted, numbers] = &root.split_evenly((2, 2))[..] else {
            unreachable!("two by two");
        };
        draw_fits(fits, study, individuals)?;
        draw_elimination(clearance, study, population)?;
        draw_predictions(predicted, predictions)?;
        draw_numbers(numbers, study, individuals)
    })
}

/// Two subjects per dose.
fn draw_fits(
    area: &Area<'_>,
    study: &[Subject],
    individuals: &[Individual],
) -> Result<(), Box<dyn Error>> {
    let shown = 2 * DOSES.len();
    let measured = study[..shown].iter().flat_map(|subject| &subject.measured);
    let mut chart = builder(area, "Two subjects of each dose: samples and fits")
        .build_cartesian_2d(0.0..13.0, around(measured).log_scale())?;
    mesh(&mut chart, "h after the dose", "mg/L", 7)?;
    let times: Vec<f64> = (0..=130).map(|i| 0.1 * f64::from(i)).collect();
    for (i, (subject, individual)) in study.iter().zip(individuals).enumerate().take(shown) {
        let color = COLORS[i % DOSES.len()];
        let mut solver = Solver::new(Learned(subject.oral), Tsit5, &times, 1)?;
        let us = solver.solve(&[0.0], &individual.params);
        let line: Points = times.iter().zip(us).map(|(t, [c])| (*t, *c)).collect();
        let line = chart.draw_series(LineSeries::new(line[1..].to_vec(), color.stroke_width(2)))?;
        if i < DOSES.len() {
            line.label(format!("{} mg", DOSES[i])).legend(key(color));
        }
        let dots = subject.times[1..].iter().zip(&subject.measured);
        let dots = dots.map(|(t, log)| Circle::new((*t, log.exp()), 4, color.filled()));
        chart.draw_series(dots)?;
    }
    legend(&mut chart, SeriesLabelPosition::LowerMiddle)
}

/// The elimination at three weights, over the range of 95 % of the samples.
fn draw_elimination(
    area: &Area<'_>,
    study: &[Subject],
    population: &Population,
) -> Result<(), Box<dyn Error>> {
    let logs = study.iter().flat_map(|subject| &subject.truth);
    let mut logs: Vec<f64> = logs.copied().collect();
    logs.sort_unstable_by(f64::total_cmp);
    let end = logs[logs.len() * 95 / 100].exp();
    let points = |clearance: &dyn Fn(f64) -> f64| -> Points {
        let places = (0..=100).map(|i| end * f64::from(i) / 100.0);
        places.map(|c| (c, c * clearance(c))).collect()
    };
    let curves = [50.0, 75.0, 100.0].map(|weight| {
        let learned = points(&|c| Net.forward(&[c, weight], population.net())[0]);
        (weight, learned, points(&|c| true_clearance(c, weight)))
    });
    let all = curves.iter().flat_map(|(_, a, b)| a.iter().chain(b));
    let most = all.fold(0.0, |most: f64, point| most.max(point.1));
    let mut chart = builder(area, "Elimination: learned (lines) and true (dashes)")
        .build_cartesian_2d(0.0..end, 0.0..1.1 * most)?;
    mesh(&mut chart, "concentration, mg/L", "mg/h", 10)?;
    for ((weight, learned, truth), color) in curves.into_iter().zip(COLORS) {
        chart
            .draw_series(LineSeries::new(learned, color.stroke_width(2)))?
            .label(format!("{weight} kg"))
            .legend(key(color));
        let dashes = BLACK.mix(0.6).stroke_width(2);
        chart.draw_series(DashedLineSeries::new(truth, 6, 6, dashes))?;
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

/// The later samples of new subjects.
fn draw_predictions(area: &Area<'_>, predictions: &[Prediction]) -> Result<(), Box<dyn Error>> {
    let range = around(predictions.iter().map(|p| &p.measured));
    let diagonal = [range.start, range.end].map(|c| (c, c));
    let (x, y) = (range.clone().log_scale(), range.log_scale());
    let title = "New subjects, later samples: predicted and measured";
    let mut chart = builder(area, title).build_cartesian_2d(x, y)?;
    mesh(&mut chart, "predicted, mg/L", "measured, mg/L", 10)?;
    chart.draw_series(LineSeries::new(diagonal, BLACK.mix(0.5)))?;
    type Guess = fn(&Prediction) -> f64;
    let series: [(_, _, Guess); 2] = [
        ("median of the population", BLACK.mix(0.3), |p| p.median),
        ("from own first half", COLORS[1].mix(0.9), |p| p.individual),
    ];
    for (name, color, predicted) in series {
        let places = predictions
            .iter()
            .map(|p| (predicted(p).exp(), p.measured.exp()));
        chart
            .draw_series(places.map(|place| Circle::new(place, 4, color.filled())))?
            .label(name)
            .legend(move |(x, y)| Circle::new((x + 14, y), 4, color.filled()));
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

/// The estimated individual parameters, relative to the true median.
fn draw_numbers(
    area: &Area<'_>,
    study: &[Subject],
    individuals: &[Individual],
) -> Result<(), Box<dyn Error>> {
    let mut chart = builder(area, "Numbers of the subjects: found and true")
        .build_cartesian_2d((0.2..5.0).log_scale(), (0.2..5.0).log_scale())?;
    mesh(&mut chart, "true / median", "found / median", 10)?;
    chart.draw_series(LineSeries::new([(0.2, 0.2), (5.0, 5.0)], BLACK.mix(0.5)))?;
    for (k, (name, color)) in NAMES.into_iter().zip(COLORS).enumerate() {
        let median = MEDIANS[k];
        let places = study.iter().zip(individuals).map(|(subject, individual)| {
            let numbers = [subject.numbers[k], individual.numbers[k]];
            numbers.map(|log| log.exp() / median).into()
        });
        let color = color.mix(0.7);
        chart
            .draw_series(places.map(|place: (f64, f64)| Circle::new(place, 3, color.filled())))?
            .label(name)
            .legend(move |(x, y)| Circle::new((x + 14, y), 4, color.filled()));
    }
    legend(&mut chart, SeriesLabelPosition::UpperLeft)
}

/// A range around concentrations, of which the logarithms are given.
fn around<'a>(logs: impl Iterator<Item = &'a f64> + Clone) -> Range<f64> {
    let least = logs.clone().copied().fold(f64::INFINITY, f64::min);
    let most = logs.copied().fold(f64::NEG_INFINITY, f64::max);
    0.6 * least.exp()..1.6 * most.exp()
}

fn builder<'a, 'b>(area: &'a Area<'b>, title: &str) -> ChartBuilder<'a, 'b, BitMapBackend<'b>> {
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(title, text(20))
        .margin(16)
        .x_label_area_size(46)
        .y_label_area_size(60);
    builder
}

fn mesh<X, Y>(
    chart: &mut Chart<'_, X, Y>,
    x: &str,
    y: &str,
    most_labels: usize,
) -> Result<(), Box<dyn Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    chart
        .configure_mesh()
        .x_desc(x)
        .y_desc(y)
        .y_labels(most_labels)
        .label_style(text(15))
        .axis_desc_style(text(17))
        .axis_style(TEXT)
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(BLACK.mix(0.04))
        .draw()?;
    Ok(())
}

fn key(color: RGBColor) -> impl Fn((i32, i32)) -> PathElement<(i32, i32)> {
    move |(x, y)| PathElement::new([(x, y), (x + 28, y)], color.stroke_width(2))
}
