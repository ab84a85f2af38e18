//! Contiguous values, whatever container holds them.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};

use crate::array::Array;
use crate::error::{Error, image_axes};
use crate::info::Shape;
use crate::simd::Real;

/// Values that are contiguous in memory: slices, arrays, `Vec`s, boxes of them, and the arrays of other libraries,
/// with the features `ndarray`, `nalgebra` and `faer`.
///
/// [`Chain::inputs`](crate::chain::Chain::inputs) and its siblings take them. For a call that takes a slice, use
/// [`numbers`](Self::numbers). Nothing is copied.
///
/// ```
/// use simplechain::data::Contiguous;
///
/// assert_eq!(vec![1.0, 2.0].numbers()?, [1.0, 2.0]);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold `f32` or `f64` one after the other",
    label = "no slice of numbers can be taken from this",
    note = "what does: `[T]`, `[T; N]`, `Vec<T>`, boxes of them and references to them",
    note = "with the feature `ndarray`: every array and view; `nalgebra`: every matrix and view; `faer`: columns and rows, \
            and for its matrices `data::Columns`"
)]
pub trait Contiguous<T: Real> {
    /// The values, in memory order.
    ///
    /// # Errors
    /// [`Error::NotContiguous`]
    fn numbers(&self) -> Result<&[T], Error>;

    /// How the shape divides them into samples.
    fn layout(&self) -> Layout<'_> {
        Layout::Flat
    }
}

/// Mutable [`Contiguous`] values.
///
/// ```
/// use simplechain::data::ContiguousMut;
///
/// let mut numbers = vec![1.0, 2.0];
/// numbers.numbers_mut()?[0] = 3.0;
/// assert_eq!(numbers, [3.0, 2.0]);
/// # Ok::<(), simplechain::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not hold `f32` or `f64` one after the other, to be written to",
    label = "no mutable slice of numbers can be taken from this",
    note = "what does: `[T]`, `[T; N]`, `Vec<T>`, boxes of them and mutable references to them",
    note = "with the feature `ndarray`: arrays and mutable views; `nalgebra`: matrices and mutable views; `faer`: columns \
            and rows and their mutable views"
)]
pub trait ContiguousMut<T: Real>: Contiguous<T> {
    /// The values, in memory order.
    ///
    /// # Errors
    /// [`Error::NotContiguous`]
    fn numbers_mut(&mut self) -> Result<&mut [T], Error>;
}

/// How a shape divides values into samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout<'a> {
    /// It does not: sample follows sample, with the length that the chain takes.
    Flat,
    /// A sample is a row, that is, everything with one index of the first axis: the lengths of its axes, with the last
    /// axis contiguous.
    Rows(&'a [usize]),
    /// A sample is a column of this length.
    Columns(usize),
}

impl Layout<'_> {
    /// Whether samples of this layout have the given shape.
    pub(crate) fn check(self, what: &'static str, shape: Shape) -> Result<(), Error> {
        let (found, samples) = match self {
            Self::Flat => return Ok(()),
            Self::Rows(axes) => (axes.iter().product(), "rows of an array"),
            Self::Columns(len) => (len, "columns of a matrix"),
        };
        if found != shape.len() {
            return Err(Error::SampleLen {
                what,
                expected: shape.len(),
                found,
                samples,
            });
        }
        match (self, shape) {
            (Self::Rows(axes), Shape::Image(height, width, channels))
                if !are_in_order(axes, [channels, height, width]) =>
            {
                Err(image_axes(what, [channels, height, width], axes))
            }
            _ => Ok(()),
        }
    }
}

/// Whether every axis begins where one of the image's does, so that both have the same order. Axes may be merged, and may
/// have length 1.
fn are_in_order(axes: &[usize], [channels, height, width]: [usize; 3]) -> bool {
    let begins = [1, width, height * width, channels * height * width];
    let mut len = 1;
    axes.iter().rev().all(|axis| {
        len *= axis;
        begins.contains(&len)
    })
}

impl<T: Real> Contiguous<T> for [T] {
    fn numbers(&self) -> Result<&[T], Error> {
        Ok(self)
    }
}

impl<T: Real> ContiguousMut<T> for [T] {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        Ok(self)
    }
}

impl<T: Real, const N: usize> Contiguous<T> for [T; N] {
    fn numbers(&self) -> Result<&[T], Error> {
        Ok(self)
    }
}

impl<T: Real, const N: usize> ContiguousMut<T> for [T; N] {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        Ok(self)
    }
}

#[cfg(feature = "alloc")]
impl<T: Real> Contiguous<T> for Vec<T> {
    fn numbers(&self) -> Result<&[T], Error> {
        Ok(self)
    }
}

#[cfg(feature = "alloc")]
impl<T: Real> ContiguousMut<T> for Vec<T> {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        Ok(self)
    }
}

macro_rules! as_what_it_points_to {
    ($($pointer:ty),*) => {$(
        impl<T: Real, C: Contiguous<T> + ?Sized> Contiguous<T> for $pointer {
            fn numbers(&self) -> Result<&[T], Error> {
                (**self).numbers()
            }
            fn layout(&self) -> Layout<'_> {
                (**self).layout()
            }
        }
    )*};
}

as_what_it_points_to!(&C, &mut C);
#[cfg(feature = "alloc")]
as_what_it_points_to!(Box<C>);

impl<T: Real, C: ContiguousMut<T> + ?Sized> ContiguousMut<T> for &mut C {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        (**self).numbers_mut()
    }
}

#[cfg(feature = "alloc")]
impl<T: Real, C: ContiguousMut<T> + ?Sized> ContiguousMut<T> for Box<C> {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        (**self).numbers_mut()
    }
}

/// Flat numbers as samples of a shape.
pub(crate) fn samples<'a, T: Real, A: Array<T>>(
    what: &'static str,
    flat: &'a (impl Contiguous<T> + ?Sized),
    shape: Shape,
) -> Result<&'a [A], Error> {
    flat.layout().check(what, shape)?;
    let numbers = flat.numbers()?;
    match A::chunks(numbers) {
        (samples, []) => Ok(samples),
        _ => Err(not_a_multiple::<T, A>(what, numbers.len())),
    }
}

/// [`samples`], to write to.
pub(crate) fn samples_mut<'a, T: Real, A: Array<T>>(
    what: &'static str,
    flat: &'a mut (impl ContiguousMut<T> + ?Sized),
    shape: Shape,
) -> Result<&'a mut [A], Error> {
    flat.layout().check(what, shape)?;
    let numbers = flat.numbers_mut()?;
    let found = numbers.len();
    match A::chunks_mut(numbers) {
        (samples, []) => Ok(samples),
        _ => Err(not_a_multiple::<T, A>(what, found)),
    }
}

fn not_a_multiple<T, A: Array<T>>(what: &'static str, found: usize) -> Error {
    Error::NotAMultiple {
        what,
        of: A::LEN,
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Shape};
    use std::string::ToString;

    #[test]
    fn axes_of_images() {
        let check = |axes: &[usize]| {
            let result = Layout::Rows(axes).check("input numbers", Shape::Image(4, 5, 3));
            result.map_err(|error| error.to_string())
        };
        for axes in [&[3, 4, 5][..], &[60], &[3, 20], &[12, 5], &[1, 3, 4, 1, 5]] {
            assert_eq!(check(axes), Ok(()));
        }
        for axes in [
            &[4, 5, 3][..],
            &[3, 5, 4],
            &[4, 15],
            &[15, 4],
            &[3, 2, 2, 5],
        ] {
            assert!(check(axes).unwrap_err().contains("3x4x5"));
        }
        assert!(
            check(&[4, 5])
                .unwrap_err()
                .contains("expected samples of 60")
        );
        assert_eq!(Layout::Rows(&[4, 5, 3]).check("", Shape::Flat(60)), Ok(()));
    }
}
