//! Vectors of `faer`, and the columns of its matrices.

use alloc::vec::Vec;

use ::faer::reborrow::{Reborrow, ReborrowMut};
use ::faer::{Col, ColMut, ColRef, MatRef, Row, RowMut, RowRef, Shape, Stride};

use super::{Contiguous, ContiguousMut, Samples};
use crate::array::Array;
use crate::error::Error;
use crate::simd::Real;

/// The columns of a `faer` matrix as samples, with or without gaps between them.
///
/// They are read while a batch is packed, without a copy. A matrix is not [`Contiguous`]: `faer`
/// allocates gaps to align the columns.
///
/// ```
/// use faer::{Mat, MatRef};
/// use simplechain::{Error, chain::Chain, data::Columns};
///
/// fn outputs<Net>(net: Net, x: MatRef<f64>, params: &Net::Params<f64>) -> Result<Mat<f64>, Error>
/// where
///     Net: Chain<Input<f64> = [f64; 4], Output<f64> = [f64; 2]>,
/// {
///     let mut ys = vec![[0.0; 2]; x.ncols()];
///     net.forward_batch(&Columns::new(x)?, params, &mut ys)?;
///     Ok(MatRef::from_column_major_slice(ys.as_flattened(), 2, ys.len()).to_owned())
/// }
///
/// let x = Mat::from_fn(4, 3, |i, j| (10 * j + i) as f64);
/// assert_eq!(Columns::new(x.as_ref())?.to_vec()[1], [10.0, 11.0, 12.0, 13.0]);
/// let error = Columns::<_, 4>::new(x.transpose()).unwrap_err();
/// assert_eq!(error.to_string(), "expected samples of 4 numbers, found 3: the samples are the columns of a matrix");
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a, T, const N: usize> {
    matrix: MatRef<'a, T>,
}

impl<'a, T: Real, const N: usize> Columns<'a, T, N> {
    /// The columns of a matrix with `N` rows.
    ///
    /// # Errors
    /// [`Error::SampleLen`]
    pub fn new(matrix: MatRef<'a, T>) -> Result<Self, Error> {
        if matrix.nrows() != N {
            return Err(Error::SampleLen {
                what: "numbers",
                expected: N,
                found: matrix.nrows(),
                samples: "columns of a matrix",
            });
        }
        Ok(Self { matrix })
    }

    /// A contiguous copy, as required for targets.
    #[must_use]
    pub fn to_vec(&self) -> Vec<[T; N]> {
        let mut copies = <[T; N]>::vec(T::ZERO, self.matrix.ncols());
        for (index, copy) in copies.iter_mut().enumerate() {
            self.read(index, 0, copy);
        }
        copies
    }
}

impl<T: Real, const N: usize> Samples<T, [T; N]> for Columns<'_, T, N> {
    fn count(&self) -> usize {
        self.matrix.ncols()
    }
    fn read(&self, index: usize, from: usize, numbers: &mut [T]) {
        let column = self.matrix.col(index).subrows(from, numbers.len());
        for (number, &x) in numbers.iter_mut().zip(column.iter()) {
            *number = x;
        }
    }
}

const PASS_A_COPY: &str = "pass its `to_owned()`";
const WRITE_TO_ANOTHER: &str = "write to a vector of its own, and `copy_from` that to it";

fn not_contiguous(help: &'static str) -> Error {
    Error::NotContiguous {
        what: "the vector's numbers are not side by side, or run backwards",
        help,
    }
}

macro_rules! contiguous {
    ($($vector:ty, [$($parameters:tt)*], $unit_stride:ident;)*) => {$(
        impl<T: Real, N: Shape, $($parameters)*> Contiguous<T> for $vector {
                    fn numbers(&self) -> Result<&[T], Error> {
                let vector = self.rb().$unit_stride();
                Ok(vector.ok_or(not_contiguous(PASS_A_COPY))?.as_slice())
            }
        }
    )*};
}

macro_rules! contiguous_mut {
    ($($vector:ty, [$($parameters:tt)*], $unit_stride:ident;)*) => {$(
        impl<T: Real, N: Shape, $($parameters)*> ContiguousMut<T> for $vector {
            fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
                let vector = self.rb_mut().$unit_stride();
                Ok(vector.ok_or(not_contiguous(WRITE_TO_ANOTHER))?.as_slice_mut())
            }
        }
    )*};
}

contiguous! {
    Col<T, N>, [], try_as_col_major;
    ColRef<'_, T, N, S>, [S: Stride], try_as_col_major;
    ColMut<'_, T, N, S>, [S: Stride], try_as_col_major;
    Row<T, N>, [], try_as_row_major;
    RowRef<'_, T, N, S>, [S: Stride], try_as_row_major;
    RowMut<'_, T, N, S>, [S: Stride], try_as_row_major;
}

contiguous_mut! {
    Col<T, N>, [], try_as_col_major_mut;
    ColMut<'_, T, N, S>, [S: Stride], try_as_col_major_mut;
    Row<T, N>, [], try_as_row_major_mut;
    RowMut<'_, T, N, S>, [S: Stride], try_as_row_major_mut;
}
