//! Destinations of the results of a batch.

use crate::array::Array;
use crate::pass::tile::Tape;
use crate::simd::Number;

/// A destination for values of every sample. Plain code, like a [`Source`](super::source::Source).
pub(crate) trait Sink<T: Number>: Send + Sized {
    /// Whether the values are computed at all.
    const WANTED: bool = true;
    /// The destination of the next `samples` samples.
    fn split_off(&mut self, samples: usize) -> Self;
    /// Writes the lanes of a panel's rows to its samples.
    fn unpack(self, rows: &[T]);
    /// [`unpack`](Self::unpack) for the next `samples` samples.
    #[inline(always)]
    fn unpack_next(&mut self, samples: usize, rows: &[T]) {
        self.split_off(samples).unpack(rows);
    }
    /// What happens to the results of the layers.
    const TAPE: Tape = Tape::Unused;
    /// Stores or loads the next rows of results.
    #[inline(always)]
    fn tape(&mut self, _: &mut [T]) {}
}

/// The values are not wanted.
pub(crate) struct Discard;

impl<T: Number> Sink<T> for Discard {
    const WANTED: bool = false;
    #[inline(always)]
    fn split_off(&mut self, _: usize) -> Self {
        Self
    }
    #[inline(always)]
    fn unpack(self, _: &[T]) {}
}

/// An array for every sample.
pub(crate) struct Arrays<'a, I> {
    pub(crate) to: &'a mut [I],
    /// Whether to add to the existing values.
    pub(crate) add: bool,
}

impl<T: Number, I: Array<T>> Sink<T> for Arrays<'_, I> {
    fn split_off(&mut self, samples: usize) -> Self {
        Self {
            to: self
                .to
                .split_off_mut(..samples)
                .expect("a place for every sample"),
            add: self.add,
        }
    }
    fn unpack(self, rows: &[T]) {
        for (lane, sample) in self.to.iter_mut().enumerate() {
            let rows = rows.chunks_exact(T::PANEL);
            for (x, row) in sample.as_mut_slice().iter_mut().zip(rows) {
                let number = T::lane(row, lane);
                *x = if self.add { *x + number } else { number };
            }
        }
    }
}

/// An array for every sample, and the results of all layers for a backward pass that runs later.
pub(crate) struct Store<'a, T, I> {
    pub(crate) arrays: Arrays<'a, I>,
    pub(crate) tape: &'a mut [T],
    /// Numbers that are kept of a panel, at most.
    pub(crate) panel: usize,
}

impl<T: Number, I: Array<T>> Sink<T> for Store<'_, T, I> {
    fn split_off(&mut self, samples: usize) -> Self {
        let len = samples.div_ceil(T::PANEL) * self.panel;
        Self {
            arrays: Sink::<T>::split_off(&mut self.arrays, samples),
            tape: self.tape.split_off_mut(..len).expect("a whole tape"),
            panel: self.panel,
        }
    }
    fn unpack(self, rows: &[T]) {
        self.arrays.unpack(rows);
    }
    fn unpack_next(&mut self, samples: usize, rows: &[T]) {
        self.arrays.unpack_next(samples, rows);
    }
    const TAPE: Tape = Tape::Stored;
    #[inline(always)]
    fn tape(&mut self, rows: &mut [T]) {
        let kept = self.tape.split_off_mut(..rows.len());
        kept.expect("a whole tape").copy_from_slice(rows);
    }
}

/// The results of all layers that [`Store`] has kept; the outputs are not wanted.
pub(crate) struct Load<'a, T> {
    pub(crate) tape: &'a [T],
    /// Numbers that are kept of a panel, at most.
    pub(crate) panel: usize,
}

impl<T: Number> Sink<T> for Load<'_, T> {
    fn split_off(&mut self, samples: usize) -> Self {
        let len = samples.div_ceil(T::PANEL) * self.panel;
        Self {
            tape: self.tape.split_off(..len).expect("a whole tape"),
            panel: self.panel,
        }
    }
    fn unpack(self, _: &[T]) {}
    fn unpack_next(&mut self, _: usize, _: &[T]) {}
    const TAPE: Tape = Tape::Loaded;
    #[inline(always)]
    fn tape(&mut self, rows: &mut [T]) {
        let kept = self.tape.split_off(..rows.len());
        rows.copy_from_slice(kept.expect("a whole tape"));
    }
}

/// The destination of the gradient with respect to the parameters, summed over the samples.
pub(crate) trait Gradient<T> {
    /// Whether it is computed at all.
    const WANTED: bool;
    /// The gradient slice; empty if there is no backward pass.
    fn to(&mut self) -> &mut [T];
    /// Whether to add to the existing values.
    fn adds(&self) -> bool;
}

impl<T> Gradient<T> for Discard {
    const WANTED: bool = false;

    fn to(&mut self) -> &mut [T] {
        &mut []
    }
    fn adds(&self) -> bool {
        false
    }
}

/// One gradient for all samples.
pub(crate) struct Total<'a, T> {
    pub(crate) to: &'a mut [T],
    /// Whether to add to the existing values.
    pub(crate) add: bool,
}

impl<T> Gradient<T> for Total<'_, T> {
    const WANTED: bool = true;

    fn to(&mut self) -> &mut [T] {
        self.to
    }
    fn adds(&self) -> bool {
        self.add
    }
}
