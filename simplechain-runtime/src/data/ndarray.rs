//! Arrays of `ndarray`: a sample is everything with one index of the first axis.

use ::ndarray::{ArrayBase, ArrayRef, Data, DataMut, Dimension};

use super::{Contiguous, ContiguousMut, Layout};
use crate::error::Error;
use crate::simd::Real;

impl<T: Real, D: Dimension> Contiguous<T> for ArrayRef<T, D> {
    fn numbers(&self) -> Result<&[T], Error> {
        self.as_slice().ok_or(Error::NotContiguous {
            what: "the array is not in standard layout, row after row",
            help: "pass its `as_standard_layout()`",
        })
    }

    fn layout(&self) -> Layout<'_> {
        match self.shape() {
            [] | [_] => Layout::Flat,
            [_, sample @ ..] => Layout::Rows(sample),
        }
    }
}

impl<T: Real, D: Dimension> ContiguousMut<T> for ArrayRef<T, D> {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        self.as_slice_mut().ok_or(Error::NotContiguous {
            what: "the array is not in standard layout, row after row",
            help: "write to an array of its own, and `assign` that to it",
        })
    }
}

impl<T: Real, S: Data<Elem = T>, D: Dimension> Contiguous<T> for ArrayBase<S, D> {
    fn numbers(&self) -> Result<&[T], Error> {
        ArrayRef::numbers(self)
    }

    fn layout(&self) -> Layout<'_> {
        ArrayRef::layout(self)
    }
}

impl<T: Real, S: DataMut<Elem = T>, D: Dimension> ContiguousMut<T> for ArrayBase<S, D> {
    fn numbers_mut(&mut self) -> Result<&mut [T], Error> {
        ArrayRef::numbers_mut(self)
    }
}
