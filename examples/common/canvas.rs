//! Drawing to a PNG file.

use std::error::Error;
use std::io::{BufWriter, Write};

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::register_font;

pub(crate) const FONT: &str = "sans-serif";
pub(crate) const TEXT: RGBColor = RGBColor(60, 60, 60);
pub(crate) const TRAIN: RGBColor = RGBColor(31, 119, 180);
pub(crate) const TEST: RGBColor = RGBColor(230, 110, 20);

/// The drawing area.
pub(crate) type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// A font of this size in pixels.
pub(crate) fn text(size: u32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&TEXT)
}

/// Writes what `draw` draws on a white canvas.
pub(crate) fn write(
    file: impl Write,
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    register_font(FONT, FontStyle::Normal, dejavu::sans::regular())
        .map_err(|_| "the font cannot be read")?;
    let mut pixels = vec![0; (3 * size.0 * size.1) as usize];
    let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
    root.fill(&WHITE)?;
    draw(&root)?;
    root.present()?;
    drop(root);

    let mut encoder = png::Encoder::new(BufWriter::new(file), size.0, size.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut image = encoder.write_header()?;
    image.write_image_data(&pixels)?;
    Ok(image.finish()?)
}
