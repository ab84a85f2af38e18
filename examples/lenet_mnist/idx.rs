//! The idx format of MNIST's files, plain or gzipped: a magic number with the number of dimensions, then the dimensions, all
//! as four big-endian bytes, then the data as bytes.

use std::fmt;
use std::io::Read;

use flate2::read::MultiGzDecoder;

/// Rows and columns of an image.
pub(crate) const SIDE: usize = 28;
/// The largest label.
pub(crate) const MOST_LABEL: u8 = 9;

pub(crate) type Image = [u8; SIDE * SIDE];

/// An invalid file.
#[derive(Debug, PartialEq)]
pub(crate) enum IdxError {
    /// Its gzip data is corrupt.
    Gzip(String),
    /// The header is incomplete.
    Header { bytes: usize },
    /// It has the wrong magic number.
    Magic { expected: u32, found: u32 },
    /// Its images are not 28 by 28 pixels.
    Size { rows: u32, columns: u32 },
    /// Its length does not match its header.
    Length { expected: u64, found: u64 },
    /// A label is not a digit.
    Label { index: usize, label: u8 },
}

impl fmt::Display for IdxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gzip(why) => write!(f, "cannot be unzipped: {why}"),
            Self::Header { bytes } => write!(f, "has only {bytes} bytes, less than its header"),
            Self::Magic { expected, found } => write!(
                f,
                "starts with {found:#010x}, but a file of its kind with {expected:#010x}"
            ),
            Self::Size { rows, columns } => {
                write!(
                    f,
                    "has images of {rows}x{columns} pixels, not {SIDE}x{SIDE}"
                )
            }
            Self::Length { expected, found } if found < expected => write!(
                f,
                "is cut off: {found} bytes follow its header, which announces {expected}"
            ),
            Self::Length { expected, found } => write!(
                f,
                "is too long: {found} bytes follow its header, which announces {expected}"
            ),
            Self::Label { index, label } => {
                write!(
                    f,
                    "has the label {label} for image {index}, which is no digit"
                )
            }
        }
    }
}

impl std::error::Error for IdxError {}

/// The images of a file.
pub(crate) fn images(file: &[u8]) -> Result<Vec<Image>, IdxError> {
    let file = unzipped(file)?;
    let ([count, rows, columns], bytes) = header(&file, 0x0803)?;
    if [rows, columns] != [SIDE as u32; 2] {
        return Err(IdxError::Size { rows, columns });
    }
    check_len(bytes, u64::from(count) * (SIDE * SIDE) as u64)?;
    Ok(bytes.as_chunks().0.to_vec())
}

/// The labels of a file.
pub(crate) fn labels(file: &[u8]) -> Result<Vec<u8>, IdxError> {
    let file = unzipped(file)?;
    let ([count], bytes) = header(&file, 0x0801)?;
    check_len(bytes, count.into())?;
    match bytes.iter().position(|label| *label > MOST_LABEL) {
        None => Ok(bytes.to_vec()),
        Some(index) => Err(IdxError::Label {
            index,
            label: bytes[index],
        }),
    }
}

/// The contents of a file, decompressed if it is gzipped.
fn unzipped(file: &[u8]) -> Result<Vec<u8>, IdxError> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return Ok(file.to_vec());
    }
    let mut bytes = Vec::new();
    MultiGzDecoder::new(file)
        .read_to_end(&mut bytes)
        .map_err(|error| IdxError::Gzip(error.to_string()))?;
    Ok(bytes)
}

/// The dimensions, and the data after them.
fn header<const SIDES: usize>(file: &[u8], magic: u32) -> Result<([u32; SIDES], &[u8]), IdxError> {
    let (words, _) = file.as_chunks::<4>();
    let short = IdxError::Header { bytes: file.len() };
    let found = u32::from_be_bytes(*words.first().ok_or(short)?);
    if found != magic {
        return Err(IdxError::Magic {
            expected: magic,
            found,
        });
    }
    let sides = words[1..].first_chunk::<SIDES>();
    let sides = sides.ok_or(IdxError::Header { bytes: file.len() })?;
    Ok((sides.map(u32::from_be_bytes), &file[4 * (1 + SIDES)..]))
}

fn check_len(bytes: &[u8], expected: u64) -> Result<(), IdxError> {
    let found = bytes.len() as u64;
    if found == expected {
        Ok(())
    } else {
        Err(IdxError::Length { expected, found })
    }
}
