//! Curves, confusion matrix and misclassified digits as a PNG.

use std::error::Error;
use std::io::Write;
use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use simplechain::metrics::{ConfusionMatrix, argmax};

use crate::canvas::{self, Area, TEST, TEXT, TRAIN, text};
use crate::data::Digits;
use crate::idx::SIDE;
use crate::report::Report;

const SIZE: (u32, u32) = (1440, 1200);
/// The grid of misclassified digits: columns and rows.
const SHOWN: (usize, usize) = (6, 4);

pub(crate) fn write(
    file: impl Write,
    report: &Report,
    matrix: &ConfusionMatrix,
    digits: &Digits,
    logits: &[[f32; 10]],
) -> Result<(), Box<dyn Error>> {
    canvas::write(file, SIZE, |root| {
        let (curves, below) = root.split_vertically(480);
        let (left, right) = curves.split_horizontally(SIZE.0 / 2);
        loss(&left, report)?;
        accuracy(&right, report)?;
        let (left, right) = below.split_horizontally(SIZE.0 / 2);
        confusion(&left, matrix)?;
        misread(&right, digits, logits)
    })
}

/// Curves over the epochs.
fn curve(
    area: &Area<'_>,
    (title, axis): (&str, &str),
    color: RGBColor,
    range: Range<f64>,
    points: &[(f64, f64)],
) -> Result<(), Box<dyn Error>> {
    let epochs = points.last().map_or(1.0, |(epoch, _)| *epoch);
    let mut chart = ChartBuilder::on(area)
        .caption(title, text(24))
        .margin(16)
        .margin_right(32)
        .x_label_area_size(50)
        .y_label_area_size(80)
        .build_cartesian_2d(0.0..epochs.max(1.0) + 0.25, range)?;
    chart
        .configure_mesh()
        .x_desc("epoch")
        .y_desc(axis)
        .x_labels(11)
        .x_max_light_lines(1)
        .y_max_light_lines(2)
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .label_style(text(16))
        .axis_desc_style(text(18))
        .axis_style(TEXT)
        .bold_line_style(BLACK.mix(0.12))
        .light_line_style(BLACK.mix(0.04))
        .draw()?;
    chart.draw_series(LineSeries::new(
        points.iter().copied(),
        color.stroke_width(2),
    ))?;
    let dots = points
        .iter()
        .map(|point| Circle::new(*point, 4, color.filled()));
    chart.draw_series(dots)?;
    Ok(())
}

fn loss(area: &Area<'_>, report: &Report) -> Result<(), Box<dyn Error>> {
    let lines = (1..).zip(&report.lines);
    let points: Vec<(f64, f64)> = lines
        .map(|(epoch, line)| (f64::from(epoch), line.train_loss))
        .filter(|(_, loss)| loss.is_finite())
        .collect();
    let most = points.iter().fold(0.0, |most, (_, loss)| loss.max(most));
    if points.is_empty() {
        return Err("there is no finite loss to draw".into());
    }
    let title = ("Training loss", "cross-entropy, mean over the epoch");
    curve(area, title, TRAIN, 0.0..most * 1.08, &points)
}

fn accuracy(area: &Area<'_>, report: &Report) -> Result<(), Box<dyn Error>> {
    let lines = (1..).zip(&report.lines);
    let points: Vec<(f64, f64)> = lines
        .map(|(epoch, line)| (f64::from(epoch), 100.0 * line.test_accuracy))
        .collect();
    let least = points
        .iter()
        .fold(100.0, |least: f64, (_, share)| share.min(least));
    let title = format!(
        "Test accuracy: {:.2} % at the end",
        100.0 * report.test_accuracy()
    );
    let room = (100.0 - least).max(0.5) * 0.08;
    curve(
        area,
        (&title, "right, %"),
        TEST,
        least - room..100.0 + room / 2.0,
        &points,
    )
}

/// White to blue.
fn shade(share: f64) -> RGBColor {
    let mix = |to: u8| (255.0 + (f64::from(to) - 255.0) * share) as u8;
    RGBColor(mix(TRAIN.0), mix(TRAIN.1), mix(TRAIN.2))
}

fn centred(size: u32) -> TextStyle<'static> {
    text(size).pos(Pos::new(HPos::Center, VPos::Center))
}

fn confusion(area: &Area<'_>, matrix: &ConfusionMatrix) -> Result<(), Box<dyn Error>> {
    const CELL: i32 = 58;
    let corner = (96, 104);
    let classes = matrix.classes() as i32;
    let middle = |cell: i32| cell * CELL + CELL / 2;
    let end = classes * CELL;
    area.draw_text(
        "Confusion matrix of the test",
        &centred(24),
        (corner.0 + end / 2, 26),
    )?;
    area.draw_text("taken for", &centred(18), (corner.0 + end / 2, 62))?;
    let upright = centred(18).transform(FontTransform::Rotate270);
    area.draw_text("digit", &upright, (30, corner.1 + end / 2))?;
    for actual in 0..classes {
        let name = actual.to_string();
        area.draw_text(
            &name,
            &centred(17),
            (corner.0 + middle(actual), corner.1 - 16),
        )?;
        area.draw_text(
            &name,
            &centred(17),
            (corner.0 - 18, corner.1 + middle(actual)),
        )?;
        let all: usize = (0..matrix.classes())
            .map(|other| matrix.count(actual as usize, other))
            .sum();
        for predicted in 0..classes {
            let count = matrix.count(actual as usize, predicted as usize);
            let at = (corner.0 + predicted * CELL, corner.1 + actual * CELL);
            let cell = [at, (at.0 + CELL, at.1 + CELL)];
            let share = count as f64 / all.max(1) as f64;
            let (fill, color) = if actual == predicted {
                (shade(share), WHITE)
            } else {
                // Rare errors must be visible: 1 in 20 is full red.
                let red = (share * 20.0).min(1.0);
                let pale = (255.0 * (1.0 - 0.7 * red)) as u8;
                (RGBColor(255, pale, pale), TEXT)
            };
            area.draw(&Rectangle::new(cell, fill.filled()))?;
            area.draw(&Rectangle::new(cell, BLACK.mix(0.1)))?;
            if count > 0 {
                let style = centred(16).color(&color);
                let place = (corner.0 + middle(predicted), corner.1 + middle(actual));
                area.draw_text(&count.to_string(), &style, place)?;
            }
        }
    }
    Ok(())
}

/// The first misclassified digits.
fn misread(area: &Area<'_>, digits: &Digits, logits: &[[f32; 10]]) -> Result<(), Box<dyn Error>> {
    const PIXEL: i32 = 3;
    const STEP: (i32, i32) = (114, 148);
    let corner = (24, 78);
    let wrong: Vec<usize> = (0..digits.len())
        .filter(|index| argmax(&logits[*index]) != usize::from(digits.labels[*index]))
        .collect();
    let title = format!("{} of {} are misread, such as", wrong.len(), digits.len());
    let middle = corner.0 + STEP.0 * SHOWN.0 as i32 / 2;
    area.draw_text(&title, &centred(24), (middle, 26))?;
    for (place, index) in wrong.into_iter().take(SHOWN.0 * SHOWN.1).enumerate() {
        let (column, row) = ((place % SHOWN.0) as i32, (place / SHOWN.0) as i32);
        let at = (corner.0 + column * STEP.0 + 15, corner.1 + row * STEP.1);
        for (pixel, value) in digits.images[index].iter().enumerate() {
            let (x, y) = ((pixel % SIDE) as i32, (pixel / SIDE) as i32);
            let from = (at.0 + x * PIXEL, at.1 + y * PIXEL);
            let square = [from, (from.0 + PIXEL, from.1 + PIXEL)];
            let gray = 255 - value;
            let ink = RGBColor(gray, gray, gray).filled();
            area.draw(&Rectangle::new(square, ink))?;
        }
        let side = SIDE as i32 * PIXEL;
        let frame = [at, (at.0 + side, at.1 + side)];
        area.draw(&Rectangle::new(frame, BLACK.mix(0.2)))?;
        let caption = format!("{} as {}", digits.labels[index], argmax(&logits[index]));
        area.draw_text(&caption, &centred(17), (at.0 + side / 2, at.1 + side + 16))?;
    }
    Ok(())
}
