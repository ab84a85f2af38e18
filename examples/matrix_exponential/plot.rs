//! The loss curves as a PNG.

use std::error::Error;
use std::io::{BufWriter, Write};

use plotters::prelude::*;
use plotters::style::register_font;

use crate::report::Losses;

const SIZE: (u32, u32) = (1200, 720);
const FONT: &str = "sans-serif";
const TEXT: RGBColor = RGBColor(60, 60, 60);
const TRAIN: RGBColor = RGBColor(31, 119, 180);
const TEST: RGBColor = RGBColor(230, 110, 20);

/// Draws the losses over the epochs.
pub(crate) fn write(
    file: impl Write,
    title: &str,
    curve: &[(usize, Losses)],
) -> Result<(), Box<dyn Error>> {
    register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| "the font cannot be read")?;
    let mut pixels = vec![0; (3 * SIZE.0 * SIZE.1) as usize];
    draw(&mut pixels, title, curve)?;

    let mut encoder = png::Encoder::new(BufWriter::new(file), SIZE.0, SIZE.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut image = encoder.write_header()?;
    image.write_image_data(&pixels)?;
    Ok(image.finish()?)
}

fn draw(pixels: &mut [u8], title: &str, curve: &[(usize, Losses)]) -> Result<(), Box<dyn Error>> {
    let root = BitMapBackend::with_buffer(pixels, SIZE).into_drawing_area();
    root.fill(&WHITE)?;

    // A diverged loss has no place on a logarithmic axis.
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

    let text = |size: u32| (FONT, size).into_font().color(&TEXT);
    let mut chart = ChartBuilder::on(&root)
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
    root.present()?;
    Ok(())
}
