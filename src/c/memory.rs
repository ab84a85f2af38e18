//! The memory of a caller: pointers, checked as far as they can be, as slices and arrays.

use core::slice;

use super::Status;
use crate::chain::Array;

/// The addresses of the elements behind a pointer.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// Overlaps nothing.
    const EMPTY: Self = Self { start: 0, end: 0 };

    #[inline(always)]
    fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Checks that a pointer to `count` times `len` elements is neither null nor misaligned.
#[inline(always)]
fn check<T>(at: *const T, count: usize, len: usize) -> Result<Span, Status> {
    let bytes = count
        .checked_mul(len)
        .and_then(|len| len.checked_mul(size_of::<T>()))
        .filter(|bytes| *bytes <= isize::MAX as usize);
    let bytes = bytes.ok_or(Status::Length)?;
    if bytes == 0 {
        return Ok(Span::EMPTY);
    }
    if at.is_null() {
        return Err(Status::Null);
    }
    if !at.is_aligned() {
        return Err(Status::Misaligned);
    }
    let start = at.addr();
    let end = start.checked_add(bytes).ok_or(Status::Length)?;
    Ok(Span { start, end })
}

/// What a call has at most of each.
const MAX: usize = 6;

/// The memory of one call.
pub(super) struct Memory {
    arguments: [Span; MAX],
    argument_count: usize,
    outputs: [Span; MAX],
    output_count: usize,
}

impl Memory {
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            arguments: [Span::EMPTY; MAX],
            argument_count: 0,
            outputs: [Span::EMPTY; MAX],
            output_count: 0,
        }
    }

    /// `count` times `len` elements that the call reads.
    #[inline(always)]
    pub(super) fn argument<T>(
        &mut self,
        at: *const T,
        count: usize,
        len: usize,
    ) -> Result<Argument<T>, Status> {
        let span = check(at, count, len)?;
        self.record_argument(span);
        let len = count * len;
        Ok(Argument { at, len })
    }

    /// The same, if the pointer is not null.
    #[inline(always)]
    pub(super) fn optional_argument<T>(
        &mut self,
        at: *const T,
        count: usize,
        len: usize,
    ) -> Result<Option<Argument<T>>, Status> {
        if at.is_null() {
            self.record_argument(Span::EMPTY);
            return Ok(None);
        }
        self.argument(at, count, len).map(Some)
    }

    /// `count` times `len` elements that the call writes.
    #[inline(always)]
    pub(super) fn output<T>(
        &mut self,
        at: *mut T,
        count: usize,
        len: usize,
    ) -> Result<Output<T>, Status> {
        let span = check(at, count, len)?;
        self.record_output(span);
        let len = count * len;
        Ok(Output { at, len })
    }

    /// The same, if the pointer is not null.
    #[inline(always)]
    pub(super) fn optional_output<T>(
        &mut self,
        at: *mut T,
        count: usize,
        len: usize,
    ) -> Result<Option<Output<T>>, Status> {
        if at.is_null() {
            self.record_output(Span::EMPTY);
            return Ok(None);
        }
        self.output(at, count, len).map(Some)
    }

    // An optional one is recorded too, if only as nothing: so the counts are constants, and `check_disjoint` has no loop.

    #[inline(always)]
    fn record_argument(&mut self, span: Span) {
        self.arguments[self.argument_count] = span;
        self.argument_count += 1;
    }

    #[inline(always)]
    fn record_output(&mut self, span: Span) {
        self.outputs[self.output_count] = span;
        self.output_count += 1;
    }

    /// Checks that no output overlaps an argument or another output.
    #[inline(always)]
    pub(super) fn check_disjoint(&self) -> Result<(), Status> {
        let arguments = &self.arguments[..self.argument_count];
        let outputs = &self.outputs[..self.output_count];
        for (index, output) in outputs.iter().enumerate() {
            for argument in arguments {
                if output.overlaps(*argument) {
                    return Err(Status::Overlap);
                }
            }
            for other in &outputs[..index] {
                if output.overlaps(*other) {
                    return Err(Status::Overlap);
                }
            }
        }
        Ok(())
    }
}

/// Elements that a call reads.
pub(super) struct Argument<T> {
    at: *const T,
    len: usize,
}

impl<T> Argument<T> {
    /// # Safety
    /// The elements are there and initialised, and nobody writes them during the call.
    #[inline(always)]
    pub(super) unsafe fn slice(&self) -> &[T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY:
        // - not null, aligned, and of at most `isize::MAX` bytes: `check`, with the same pointer and length;
        // - initialised and not written: the caller's promise.
        unsafe { slice::from_raw_parts(self.at, self.len) }
    }

    /// # Safety
    /// As for [`slice`](Self::slice).
    #[inline(always)]
    pub(super) unsafe fn array<A: Array<T>>(&self) -> &A {
        // SAFETY: the caller's promise.
        let slice = unsafe { self.slice() };
        A::from_slice(slice).expect("the length of one array")
    }

    /// # Safety
    /// As for [`slice`](Self::slice).
    #[inline(always)]
    pub(super) unsafe fn arrays<A: Array<T>>(&self) -> &[A] {
        // SAFETY: the caller's promise.
        let slice = unsafe { self.slice() };
        A::chunks(slice).0
    }
}

/// Elements that a call writes.
pub(super) struct Output<T> {
    at: *mut T,
    len: usize,
}

impl<T> Output<T> {
    /// # Safety
    /// The elements are there, nobody else reads or writes them during the call, and any bits are a `T`.
    #[inline(always)]
    pub(super) unsafe fn slice(&mut self) -> &mut [T] {
        if self.len == 0 {
            return &mut [];
        }
        // SAFETY:
        // - not null, aligned, and of at most `isize::MAX` bytes: `check`, with the same pointer and length;
        // - valid for any contents, and used by nobody else: the caller's promise.
        unsafe { slice::from_raw_parts_mut(self.at, self.len) }
    }

    /// # Safety
    /// As for [`slice`](Self::slice).
    #[inline(always)]
    pub(super) unsafe fn array<A: Array<T>>(&mut self) -> &mut A {
        // SAFETY: the caller's promise.
        let slice = unsafe { self.slice() };
        A::from_mut_slice(slice).expect("the length of one array")
    }

    /// # Safety
    /// As for [`slice`](Self::slice).
    #[inline(always)]
    pub(super) unsafe fn arrays<A: Array<T>>(&mut self) -> &mut [A] {
        // SAFETY: the caller's promise.
        let slice = unsafe { self.slice() };
        A::chunks_mut(slice).0
    }
}
