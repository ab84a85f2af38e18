//! Matrices of `nalgebra`, which are stored column by column: a sample is a column.

use ::nalgebra::constraint::{DimEq, ShapeConstraint};
use ::nalgebra::{
    Const, Dim, Dyn, Matrix, MatrixView, MatrixViewMut, RawStorage, RawStorageMut, U1,
};

use super::{Contiguous, ContiguousMut, Layout};
use crate::error::Error;
use crate::simd::Real;

impl<T: Real, R: Dim, C: Dim, S: RawStorage<T, R, C>> Contiguous<T> for Matrix<T, R, C, S>
where
    ShapeConstraint: DimEq<R, Dyn> + DimEq<C, Dyn> + DimEq<U1, S::RStride> + DimEq<Dyn, S::CStride>,
{
    fn numbers(&self) -> Result<&[T], Error> {
        if self.is_empty() {
            return Ok(&[]);
        }
        if !is_packed(self) {
            return Err(Error::NotContiguous {
                what: WHAT,
                help: "pass its `clone_owned()`",
            });
        }
        let matrix: MatrixView<'_, T, Dyn, Dyn, U1, Dyn> = self.as_view();
        let column = matrix.reshape_generic(Dyn(self.len()), Const::<1>);
        Ok(column.data.into_slice())
    }

    fn layout(&self) -> Layout<'_> {
        if R::try_to_usize() == Some(1) || C::try_to_usize() == Some(1) {
            Layout::Flat
        } else {
            Layout::Columns(self.nrows())
        }
    }
}

impl<T: Real, R: Dim, C: Dim, S: RawStorageMut<T, R, C>> ContiguousMut<T> for Matrix<T, R, C, S>
where
    ShapeConstraint: DimEq<R, Dyn> + DimEq<C, Dyn> + DimEq<U1, S::RStride> + DimEq<Dyn, S::CStride>,
{
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        if self.is_empty() {
            return Ok(&mut []);
        }
        if !is_packed(self) {
            return Err(Error::NotContiguous {
                what: WHAT,
                help: "write to a matrix of its own, and `copy_from` that to it",
            });
        }
        let len = self.len();
        let matrix: MatrixViewMut<'_, T, Dyn, Dyn, U1, Dyn> = self.as_view_mut();
        let column = matrix.reshape_generic(Dyn(len), Const::<1>);
        Ok(column.data.into_slice_mut())
    }
}

const WHAT: &str = "the matrix is not column after column without gaps";

/// Whether the elements are contiguous. `reshape_generic` relies on it without a check.
fn is_packed<T, R: Dim, C: Dim, S: RawStorage<T, R, C>>(matrix: &Matrix<T, R, C, S>) -> bool {
    let (rows, columns) = matrix.shape();
    let (row_stride, column_stride) = matrix.strides();
    row_stride == 1 && (columns == 1 || column_stride == rows)
}
