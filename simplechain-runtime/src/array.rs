//! Arrays whose length is a constant of the chain.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, vec::Vec};
use core::fmt::Debug;

#[cfg(feature = "alloc")]
use bytemuck::{zeroed_box, zeroed_vec};

use crate::simd::Number;

/// A fixed array `[T; N]`, as a bound where `N` is a constant of the chain.
pub trait Array<T>: Copy + Debug + Send + Sync + 'static {
    /// `N`
    const LEN: usize;
    /// An array filled with one value, on the stack.
    fn splat(value: T) -> Self;
    /// An array filled with one value on the heap, without going through the stack.
    #[cfg(feature = "alloc")]
    fn boxed(value: T) -> Box<Self>;
    /// A `Vec` of `count` such arrays, filled in place.
    #[cfg(feature = "alloc")]
    fn vec(value: T, count: usize) -> Vec<Self>;
    /// The array as a slice.
    fn as_slice(&self) -> &[T];
    /// The array as a mutable slice.
    fn as_mut_slice(&mut self) -> &mut [T];
    /// The first `N` elements of a slice, if it has as many.
    fn from_slice(slice: &[T]) -> Option<&Self>;
    /// The first `N` elements of a mutable slice, if it has as many.
    fn from_mut_slice(slice: &mut [T]) -> Option<&mut Self>;
    /// A slice split into arrays, and the remainder.
    fn chunks(slice: &[T]) -> (&[Self], &[T]);
    /// A mutable slice split into arrays, and the remainder.
    fn chunks_mut(slice: &mut [T]) -> (&mut [Self], &mut [T]);
}

impl<T: Number, const N: usize> Array<T> for [T; N] {
    const LEN: usize = N;

    #[inline(always)]
    fn splat(value: T) -> Self {
        [value; N]
    }
    #[cfg(feature = "alloc")]
    fn boxed(value: T) -> Box<Self> {
        let mut array: Box<Self> = zeroed_box();
        array.fill(value);
        array
    }
    #[cfg(feature = "alloc")]
    fn vec(value: T, count: usize) -> Vec<Self> {
        let mut arrays: Vec<Self> = zeroed_vec(count);
        arrays.as_flattened_mut().fill(value);
        arrays
    }
    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        self
    }
    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [T] {
        self
    }
    #[inline(always)]
    fn from_slice(slice: &[T]) -> Option<&Self> {
        slice.first_chunk()
    }
    #[inline(always)]
    fn from_mut_slice(slice: &mut [T]) -> Option<&mut Self> {
        slice.first_chunk_mut()
    }
    #[inline(always)]
    fn chunks(slice: &[T]) -> (&[Self], &[T]) {
        slice.as_chunks()
    }
    #[inline(always)]
    fn chunks_mut(slice: &mut [T]) -> (&mut [Self], &mut [T]) {
        slice.as_chunks_mut()
    }
}

/// Arrays stored one after the other as one array, such as the states of several trajectories.
impl<T: Number, const N: usize, const M: usize> Array<T> for [[T; N]; M] {
    const LEN: usize = N * M;

    #[inline(always)]
    fn splat(value: T) -> Self {
        [[value; N]; M]
    }
    #[cfg(feature = "alloc")]
    fn boxed(value: T) -> Box<Self> {
        let mut arrays: Box<Self> = zeroed_box();
        arrays.as_flattened_mut().fill(value);
        arrays
    }
    #[cfg(feature = "alloc")]
    fn vec(value: T, count: usize) -> Vec<Self> {
        let mut arrays: Vec<Self> = zeroed_vec(count);
        arrays.as_flattened_mut().as_flattened_mut().fill(value);
        arrays
    }
    #[inline(always)]
    fn as_slice(&self) -> &[T] {
        self.as_flattened()
    }
    #[inline(always)]
    fn as_mut_slice(&mut self) -> &mut [T] {
        self.as_flattened_mut()
    }
    #[inline(always)]
    fn from_slice(slice: &[T]) -> Option<&Self> {
        slice.as_chunks().0.first_chunk()
    }
    #[inline(always)]
    fn from_mut_slice(slice: &mut [T]) -> Option<&mut Self> {
        slice.as_chunks_mut().0.first_chunk_mut()
    }
    fn chunks(slice: &[T]) -> (&[Self], &[T]) {
        let (arrays, rest) = slice.split_at(slice.len() / (N * M) * (N * M));
        (arrays.as_chunks().0.as_chunks().0, rest)
    }
    fn chunks_mut(slice: &mut [T]) -> (&mut [Self], &mut [T]) {
        let (arrays, rest) = slice.split_at_mut(slice.len() / (N * M) * (N * M));
        (arrays.as_chunks_mut().0.as_chunks_mut().0, rest)
    }
}

/// `map` for a boxed array, such as parameters; the result is boxed too.
///
/// The array's own `map` moves it through the stack, which is too small for the parameters of a large network. With the
/// prelude in scope, method lookup finds this one first.
///
/// ```
/// use simplechain::prelude::*;
///
/// simple_chain! { struct Net: 784 => dense(relu, 512) => dense(id, 10) }
/// let params = Net.init::<f32>(&mut rng(0));
/// let halves: Box<[f32; Net::PARAM_COUNT]> = params.clone().map(|p| 0.5 * p);
/// let double: Box<[f64; Net::PARAM_COUNT]> = params.map(f64::from);
/// assert_eq!(f64::from(halves[3]), 0.5 * double[3]);
/// ```
#[cfg(feature = "alloc")]
pub trait BoxedArray<T, const N: usize> {
    /// An array of the results of `f` for every element.
    fn map<U>(self, f: impl FnMut(T) -> U) -> Box<[U; N]>;
}

#[cfg(feature = "alloc")]
impl<T, const N: usize> BoxedArray<T, N> for Box<[T; N]> {
    fn map<U>(self, f: impl FnMut(T) -> U) -> Box<[U; N]> {
        let numbers: Box<[T]> = self;
        let mapped: Box<[U]> = numbers.into_iter().map(f).collect();
        mapped.try_into().ok().expect("as many")
    }
}
