//! Several processes that train as one: which part of the work each has, and how their results become one.
//!
//! A batch is split into the chunks of [`Plan`](crate::run::plan::Plan), whatever the number of processes: each has a range of them, and what
//! comes out of the chunks is added in their order. So the sums have the bits of one process.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
#[cfg(not(feature = "std"))]
use core::convert::Infallible;
use core::fmt::Debug;
#[cfg(not(feature = "std"))]
use core::marker::PhantomData;
use core::ops::Range;

use crate::error::{Error, NotFinite};
use crate::hash::mix;
use crate::scratch::Zeros;
use crate::simd::{Number, Tier};

/// Processes that train as one, for [`Trainer::over`](crate::train::Trainer::over): each, called a *rank*, has a part of every batch. The crate
/// `simplechain-mpi` has one for MPI.
///
/// All ranks make the same calls with the same arguments, as far as these are compared: the parameters, the settings, the number of samples.
/// Then all have the same results, with the same bits as one process.
///
/// The methods are called by one thread at a time, which need not be the one that called `fit`, and by all ranks in the same order. They do not return
/// after a failure: the others would wait for ever, so it must end all processes.
///
/// ```
/// use simplechain::train::Communicator;
///
/// /// As [`Alone`](simplechain::train::Alone).
/// #[derive(Debug)]
/// struct OneProcess;
///
/// impl Communicator for OneProcess {
///     fn rank(&self) -> usize {
///         0
///     }
///     fn size(&self) -> usize {
///         1
///     }
///     fn all_gather(&self, part: &[u8], all: &mut [u8], _: &[usize]) {
///         all.copy_from_slice(part);
///     }
///     fn all_to_all(&self, to: &[u8], _: &[usize], from: &mut [u8], _: &[usize]) {
///         from.copy_from_slice(to);
///     }
/// }
/// ```
#[cfg_attr(not(feature = "std"), expect(unreachable_pub))]
pub trait Communicator: Debug + Send + Sync {
    /// The index of this process, below [`size`](Self::size).
    fn rank(&self) -> usize;

    /// The number of processes.
    fn size(&self) -> usize;

    /// Puts the parts of all ranks into `all`, one after another: `lens[r]` bytes are from rank `r`.
    fn all_gather(&self, part: &[u8], all: &mut [u8], lens: &[usize]);

    /// Sends to every rank its part of `to`, in which they are one after another, `to_lens[r]` bytes for rank `r`, and receives likewise:
    /// `from_lens[r]` bytes are from rank `r`.
    fn all_to_all(&self, to: &[u8], to_lens: &[usize], from: &mut [u8], from_lens: &[usize]);
}

/// One process.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alone;

#[cfg(feature = "std")]
impl Communicator for Alone {
    fn rank(&self) -> usize {
        0
    }
    fn size(&self) -> usize {
        1
    }
    fn all_gather(&self, part: &[u8], all: &mut [u8], _: &[usize]) {
        all.copy_from_slice(part);
    }
    fn all_to_all(&self, to: &[u8], _: &[usize], from: &mut [u8], _: &[usize]) {
        from.copy_from_slice(to);
    }
}

/// What connects the ranks.
#[cfg(feature = "std")]
type Link<'a> = &'a dyn Communicator;

/// Without `std` nothing does: this has no value, so [`Ranks`] has none, and what is done with them is compiled away.
#[cfg(not(feature = "std"))]
#[derive(Debug)]
struct Link<'a>(Infallible, PhantomData<&'a ()>);

#[cfg(not(feature = "std"))]
impl Communicator for Link<'_> {
    fn rank(&self) -> usize {
        match self.0 {}
    }
    fn size(&self) -> usize {
        match self.0 {}
    }
    fn all_gather(&self, _: &[u8], _: &mut [u8], _: &[usize]) {
        match self.0 {}
    }
    fn all_to_all(&self, _: &[u8], _: &[usize], _: &mut [u8], _: &[usize]) {
        match self.0 {}
    }
}

/// The part of a rank in so many things.
fn part(count: usize, rank: usize, ranks: usize) -> Range<usize> {
    count * rank / ranks..count * (rank + 1) / ranks
}

/// One call of a training among its ranks.
///
/// An error of one rank is told to the others with the next results: [`fail`](Self::fail) keeps it until then.
#[derive(Debug)]
pub(crate) struct Ranks<'a> {
    communicator: Link<'a>,
    error: RefCell<Option<Error>>,
    /// Whether a rank had failed when the latest results came.
    has_failed: Cell<bool>,
}

impl<'a> Ranks<'a> {
    #[cfg(feature = "std")]
    pub(crate) fn new(communicator: &'a dyn Communicator) -> Self {
        Self {
            communicator,
            error: RefCell::new(None),
            has_failed: Cell::new(false),
        }
    }

    #[cfg(all(feature = "std", feature = "safetensors"))]
    /// Whether this is the first one, which writes files.
    pub(crate) fn is_first(&self) -> bool {
        self.communicator.rank() == 0
    }

    /// The part of this rank in so many things.
    pub(crate) fn part(&self, count: usize) -> Range<usize> {
        part(count, self.communicator.rank(), self.communicator.size())
    }

    fn parts(&self, count: usize) -> impl Iterator<Item = Range<usize>> {
        let size = self.communicator.size();
        (0..size).map(move |rank| part(count, rank, size))
    }

    /// Keeps an error of this rank until the others know of it.
    pub(crate) fn fail(&self, error: Error) {
        self.error.borrow_mut().get_or_insert(error);
    }

    /// Adds the vectors and the losses of all chunks, in the order of the chunks. `here` has those of this rank's [`part`](Self::part), one every
    /// `stride` numbers: a vector as long as `total`, then a loss. Returns the sum of the losses.
    ///
    /// Each rank adds a slice of the vectors over all chunks, so that every chunk is sent once, however many ranks there are.
    pub(crate) fn sum<T: Number>(
        &self,
        chunks: usize,
        here: &[T],
        stride: usize,
        total: &mut [T],
    ) -> T {
        let len = total.len() + 1;
        let own = self.part(len).len();
        let mut to = Zeros::<T>::unset(self.part(chunks).len() * len);
        let mut places = &mut *to;
        for slice in self.parts(len) {
            for chunk in here.chunks_exact(stride) {
                let place = places.split_off_mut(..slice.len()).expect("as long");
                place.copy_from_slice(&chunk[slice.clone()]);
            }
        }
        let mut from = Zeros::<T>::unset(chunks * own);
        self.communicator.all_to_all(
            bytemuck::cast_slice(&to),
            &self.lens::<T>(len, |slice| slice * self.part(chunks).len()),
            bytemuck::cast_slice_mut(&mut from),
            &self.lens::<T>(chunks, |part| part * own),
        );
        // After the slice, whether this rank has failed.
        let mut sum = Zeros::<T>::unset(own + 1);
        sum[own] = T::constant(if self.error.borrow().is_some() {
            T::Real::ONE
        } else {
            T::Real::ZERO
        });
        let tier = Tier::current();
        for index in 0..chunks {
            let (sum, slice) = (&mut sum[..own], &from[index * own..][..own]);
            if index == 0 {
                sum.copy_from_slice(slice);
            } else {
                T::add_assign_in(tier, sum, slice);
            }
        }
        let mut sums = Zeros::<T>::unset(len + self.communicator.size());
        self.communicator.all_gather(
            bytemuck::cast_slice(&sum),
            bytemuck::cast_slice_mut(&mut sums),
            &self.lens::<T>(len, |slice| slice + 1),
        );
        let mut loss = T::ZERO;
        let mut sums = &*sums;
        for slice in self.parts(len) {
            let numbers = sums.split_off(..slice.len() + 1).expect("as gathered");
            let place = slice.start..slice.end.min(total.len());
            total[place.clone()].copy_from_slice(&numbers[..place.len()]);
            if slice.end == len {
                loss += numbers[place.len()];
            }
            if numbers[slice.len()] != T::ZERO {
                self.has_failed.set(true);
            }
        }
        loss
    }

    /// The lengths in bytes of a message, of which every rank has what `numbers` gives for its part of `count`.
    fn lens<T>(&self, count: usize, numbers: impl Fn(usize) -> usize) -> Vec<usize> {
        let parts = self.parts(count);
        parts
            .map(|part| numbers(part.len()) * size_of::<T>())
            .collect()
    }

    /// What every rank tells.
    fn gather<const N: usize>(&self, words: [u64; N]) -> Vec<[u64; N]> {
        let size = self.communicator.size();
        let mut all = vec![[0; N]; size];
        self.communicator.all_gather(
            bytemuck::cast_slice(&words),
            bytemuck::cast_slice_mut(all.as_flattened_mut()),
            &vec![size_of::<[u64; N]>(); size],
        );
        all
    }

    /// Whether no rank had failed when the latest [`sum`](Self::sum) was made.
    ///
    /// # Errors
    /// This rank's own, or [`Error::Rank`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        if !self.has_failed.get() {
            return Ok(());
        }
        let error = self.error.take();
        let message = error.as_ref().map(Error::to_string).unwrap_or_default();
        let lens: Vec<usize> = self
            .gather([message.len() as u64])
            .into_iter()
            .map(|[len]| len as usize)
            .collect();
        let mut messages = vec![0; lens.iter().sum()];
        self.communicator
            .all_gather(message.as_bytes(), &mut messages, &lens);
        if let Some(error) = error {
            return Err(error);
        }
        let rank = lens.iter().position(|len| *len > 0);
        let rank = rank.expect("a rank has failed");
        messages.truncate(lens[rank]);
        Err(Error::Rank {
            rank,
            message: String::from_utf8_lossy(&messages).into_owned(),
        })
    }

    /// The result of what only this rank knows, if no rank has failed.
    ///
    /// # Errors
    /// This rank's own, or [`Error::Rank`].
    pub(crate) fn agree<R>(&self, result: Result<R, Error>) -> Result<R, Error> {
        let result = result.map_err(|error| self.fail(error));
        let failed = u64::from(self.error.borrow().is_some());
        let all = self.gather([failed]);
        self.has_failed.set(all.contains(&[1]));
        self.check()?;
        Ok(result.expect("an error would have been found"))
    }

    /// Checks that all ranks have the same of everything that is named here.
    ///
    /// # Errors
    /// [`Error::RanksDiffer`]
    pub(crate) fn compare<const N: usize>(
        &self,
        facts: [(&'static str, u64); N],
    ) -> Result<(), Error> {
        let all = self.gather(facts.map(|(_, value)| value));
        for (i, (what, _)) in facts.into_iter().enumerate() {
            if let Some(rank) = all.iter().position(|other| other[i] != all[0][i]) {
                return Err(Error::RanksDiffer { what, rank });
            }
        }
        Ok(())
    }

    /// Whether one rank says yes.
    pub(crate) fn any(&self, yes: bool) -> bool {
        self.gather([u64::from(yes)]).contains(&[1])
    }

    /// What the first rank that has found something has found.
    pub(crate) fn first(&self, found: Option<NotFinite>) -> Option<NotFinite> {
        const WHAT: [&str; 2] = ["input", "target"];
        let words = found.map_or([0; 4], |found| {
            let what = WHAT.iter().position(|what| *what == found.what);
            let what = what.map_or(0, |what| what as u64 + 1);
            [
                what,
                found.sample as u64,
                found.column as u64,
                found.value.to_bits(),
            ]
        });
        let all = self.gather(words).into_iter();
        let mut found = all.filter_map(|[what, sample, column, value]| {
            Some(NotFinite {
                what: WHAT[(what as usize).checked_sub(1)?],
                sample: sample as usize,
                column: column as usize,
                value: f64::from_bits(value),
            })
        });
        found.next()
    }
}

/// A hash of the bits of numbers.
pub(crate) fn hash<T: bytemuck::NoUninit>(numbers: &[T]) -> u64 {
    let bytes: &[u8] = bytemuck::cast_slice(numbers);
    bytes.chunks(8).fold(bytes.len() as u64, |hash, bytes| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        mix(hash ^ u64::from_le_bytes(word))
    })
}
