//! Parameters that are borrowed, or owned.

#[cfg(feature = "alloc")]
use alloc::boxed::Box;
use core::ops::Deref;

#[cfg(feature = "alloc")]
use crate::{array::Array, simd::Number};

/// Parameters that are borrowed from the bytes of a file, or owned if they had to be copied. (The standard library's `Cow` would own
/// the array itself, which may be too large for the stack.)
#[derive(Clone, Debug, PartialEq)]
pub enum CowParams<'a, P> {
    /// They are in the bytes as a chain reads them.
    Borrowed(&'a P),
    /// They were not aligned, or not in order.
    #[cfg(feature = "alloc")]
    Owned(Box<P>),
}

#[cfg(feature = "alloc")]
impl<P> CowParams<'_, P> {
    /// The parameters in a box, copied if they are borrowed: to train them.
    pub fn into_box<T: Number>(self) -> Box<P>
    where
        P: Array<T>,
    {
        match self {
            Self::Borrowed(params) => {
                let mut copy = P::boxed(T::ZERO);
                copy.as_mut_slice().copy_from_slice(params.as_slice());
                copy
            }
            #[cfg(feature = "alloc")]
            Self::Owned(params) => params,
        }
    }
}

impl<P> Deref for CowParams<'_, P> {
    type Target = P;

    fn deref(&self) -> &P {
        match self {
            Self::Borrowed(params) => params,
            #[cfg(feature = "alloc")]
            Self::Owned(params) => params,
        }
    }
}
