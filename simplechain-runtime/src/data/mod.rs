//! Samples, in the forms that batch calls take, and flat values in any container.
//!
//! # Arrays and matrices of other libraries
//!
//! With the features `ndarray`, `nalgebra` and `faer`, whatever takes a slice of values in a [`Chain`](crate::chain::Chain)
//! also takes the arrays, matrices, vectors and views of these libraries: see [`Contiguous`]. Nothing is copied. A
//! container that is not contiguous is an error that says how to copy it.
//!
//! | | samples | in memory | [`Error::NotContiguous`](crate::Error) for |
//! |---|---|---|---|
//! | `ndarray` | are rows: `(n, 4)`; images `(n, channels, height, width)`, sequences `(n, channels, length)` | standard layout | transposed, reversed, strided views |
//! | `nalgebra` | are columns: 4 x n | column after column | views of some of the rows, views with steps |
//! | `faer` | are columns: 4 x n | vectors: without steps; matrices: anywhere, by `Columns` | reversed vectors, rows of a matrix |
//!
//! Arrays with one axis, vectors, and slices hold sample after sample. A shape that does not fit the chain is an error with
//! both lengths. (A transposed square matrix cannot be detected.)
//!
//! For calls that take slices, such as [`Lbfgs::minimize`](crate::optim::Lbfgs::minimize) or [`Solver::new`](crate::ode::Solver::new), use
//! `x.numbers()?` or `x.numbers_mut()?`.
#![cfg_attr(
    feature = "ndarray",
    doc = r"
```
use ndarray::{ArrayView2, Array2, aview2};
use simplechain::{Error, chain::Chain, data::Contiguous};

fn outputs<Net: Chain>(net: Net, x: ArrayView2<f32>, params: &Net::Params<f32>) -> Result<Array2<f32>, Error> {
    let mut y = Array2::zeros((x.nrows(), Net::OUTPUT_LEN));
    net.forward_batch(net.inputs(&x)?, params, net.outputs_mut(&mut y)?)?;
    Ok(y)
}

let ys = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]; // outputs of three samples are an array of rows already
assert_eq!(aview2(&ys).column(1).sum(), 12.0);
assert_eq!(aview2(&ys).numbers()?, ys.as_flattened());
# Ok::<(), Error>(())
```"
)]
#![cfg_attr(
    feature = "nalgebra",
    doc = r"
```
use nalgebra::{DMatrixView, DMatrixViewMut, Vector2};
use simplechain::data::{Contiguous, ContiguousMut};
use simplechain::{Error, chain::Chain, optim::Lbfgs};

fn outputs<Net: Chain>(
    net: Net,
    x: DMatrixView<f64>,
    params: &Net::Params<f64>,
    mut y: DMatrixViewMut<f64>,
) -> Result<(), Error> {
    net.forward_batch(net.inputs(&x)?, params, net.outputs_mut(&mut y)?)
}

let ys = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]; // outputs of three samples are a matrix of columns already
let y = DMatrixView::from_slice(ys.as_flattened(), 2, 3);
assert_eq!(y.row(1).sum(), 12.0);
assert_eq!(y.columns(1, 2).numbers()?, [3.0, 4.0, 5.0, 6.0]);

// A call that takes a slice is given `numbers()` or `numbers_mut()`.
let mut params = Vector2::new(3.0_f64, -1.0);
Lbfgs::new().minimize(params.numbers_mut()?, 20, |params, grads| {
    grads[0] = 2.0 * (params[0] - 1.0);
    grads[1] = 2.0 * params[1];
    (params[0] - 1.0).powi(2) + params[1].powi(2)
})?;
assert!((params - Vector2::new(1.0, 0.0)).iter().all(|error| error.abs() < 1e-6));
# Ok::<(), Error>(())
```"
)]

mod contiguous;
#[cfg(feature = "faer")]
mod faer;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;

pub use contiguous::{Contiguous, ContiguousMut, Layout};
pub(crate) use contiguous::{samples, samples_mut};
#[cfg(feature = "faer")]
pub use faer::Columns;

#[cfg(feature = "alloc")]
use alloc::vec::Vec;

use crate::array::Array;
use crate::simd::{Number, Real};

/// The inputs of many samples: a slice, an array or a `Vec` of arrays `[T; INPUT_LEN]`, or [`Bytes`].
///
/// Values are read while a batch is packed into vectors, so that only the current batch is converted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no samples `{I}`",
    label = "not samples of this chain's input",
    note = "samples are a slice, an array or a `Vec` of `{I}`, or `Bytes` of as many numbers; a row that is a `Vec` becomes one by `row[..].try_into()`",
    note = "flat numbers, and arrays of other libraries, are made samples by `net.inputs(&x)?`, targets by `net.outputs(&y)?`"
)]
pub trait Samples<T: Number, I: Array<T>>: Sync {
    /// The number of samples.
    fn count(&self) -> usize;

    /// Writes the elements of sample `index` from element `from` on, as many as fit.
    fn read(&self, index: usize, from: usize, numbers: &mut [T]);
}

impl<T: Number, I: Array<T>> Samples<T, I> for [I] {
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [T]) {
        numbers.copy_from_slice(&self[index].as_slice()[from..][..numbers.len()]);
    }
}

impl<T: Number, I: Array<T>, const N: usize> Samples<T, I> for [I; N] {
    fn count(&self) -> usize {
        N
    }
    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [T]) {
        self[..].read(index, from, numbers);
    }
}

#[cfg(feature = "alloc")]
impl<T: Number, I: Array<T>> Samples<T, I> for Vec<I> {
    fn count(&self) -> usize {
        self.len()
    }
    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [T]) {
        self[..].read(index, from, numbers);
    }
}

/// Samples of bytes, such as the pixels of images: `x = scale * byte + offset`, by default in `[0, 1]`.
///
/// They take a quarter of the memory of `f32`, and memory traffic is most of the cost of gathering a shuffled batch.
///
/// ```
/// use simplechain::data::{Bytes, Samples};
///
/// let images = [[0, 51, 255], [255, 255, 0]];
/// let mut numbers = [0.0_f64; 3];
/// Samples::<f64, [f64; 3]>::read(&Bytes::new(&images), 0, 0, &mut numbers);
/// assert_eq!(numbers, [0.0, 0.2, 1.0]);
///
/// let centred = Bytes::new(&images).scale(1.0 / 127.5).offset(-1.0);
/// Samples::<f64, [f64; 3]>::read(&centred, 1, 0, &mut numbers);
/// assert_eq!(numbers, [1.0, 1.0, -1.0]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a, const N: usize> {
    samples: &'a [[u8; N]],
    scale: f64,
    offset: f64,
}

impl<'a, const N: usize> Bytes<'a, N> {
    /// Bytes as values from 0 to 1.
    #[must_use]
    pub fn new(samples: &'a [[u8; N]]) -> Self {
        Self {
            samples,
            scale: 1.0 / 255.0,
            offset: 0.0,
        }
    }

    /// The factor of each byte; the default is `1 / 255`.
    #[must_use]
    pub fn scale(self, scale: f64) -> Self {
        Self { scale, ..self }
    }

    /// The offset added to the product.
    #[must_use]
    pub fn offset(self, offset: f64) -> Self {
        Self { offset, ..self }
    }
}

impl<T: Real, const N: usize> Samples<T, [T; N]> for Bytes<'_, N> {
    fn count(&self) -> usize {
        self.samples.len()
    }
    #[inline(always)]
    fn read(&self, index: usize, from: usize, numbers: &mut [T]) {
        let (scale, offset) = (T::from_f64(self.scale), T::from_f64(self.offset));
        let bytes = &self.samples[index][from..][..numbers.len()];
        for (number, byte) in numbers.iter_mut().zip(bytes) {
            *number = T::from_u8(*byte) * scale + offset;
        }
    }
}
