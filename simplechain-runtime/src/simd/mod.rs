//! Number types, vectors and tiers, and functions of vectors: the only modules of the project that may use `unsafe`.
//!
//! # One vector shape in every tier
//!
//! Kernels are written once, generic over a number type [`Number`] and a token [`Simd`] that proves what the
//! CPU can do. A vector is 64 bytes in every tier, 16 `f32` or 8 `f64`: in a batch a *sample* a lane, for one sample a *feature* a
//! lane.
//!
//! | AVX-512 | AVX2 | NEON, SSE2, WebAssembly | scalar |
//! |---|---|---|---|
//! | one register | two registers, a [`Pair`] | four registers, a pair of pairs | an array |
//!
//! Because a vector has the same number of lanes in every tier, and every operation below is correctly rounded (a fused
//! multiply-add is fused in the scalar tier too), a kernel gives the **same bits in every tier**. Only SSE2 and WebAssembly, the tier
//! `unfused`, round a multiply-add twice.
//!
//! # Dispatch
//!
//! A [`Kernel`] is a struct with a generic method; [`Number::dispatch_batch`] and [`Number::dispatch_sample`] run it in the
//! best tier, inside a function compiled for that tier's instructions. Everything that it calls must be `#[inline(always)]`,
//! or it is compiled for the baseline CPU and runs tens of times slower.

mod aligned;
#[cfg(all(
    not(feature = "std"),
    target_arch = "arm",
    target_abi = "eabihf",
    not(target_has_atomic = "64")
))]
mod cortex_m;
mod dispatch;
mod float;
#[cfg(feature = "std")]
mod forced;
pub mod math;
#[cfg(target_arch = "aarch64")]
mod neon;
mod number;
mod pair;
#[cfg(feature = "std")]
pub mod peak;
mod real;
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_feature = "simd128"
))]
mod register;
#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_feature = "simd128"
))]
mod register128;
mod scalar;
mod slices;
#[cfg(target_arch = "x86_64")]
mod sse2;
mod taylor;
mod tiers;
#[cfg(target_feature = "simd128")]
mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use aligned::Aligned;
pub use dispatch::Kernel;
#[cfg(feature = "std")]
pub(crate) use forced::Forced;
#[cfg(feature = "std")]
pub use forced::TierError;
use math::Constants;
pub use math::{Elementary, Math};
pub use number::{Number, Params};
pub use pair::Pair;
pub use real::Real;
pub use scalar::Scalar;
pub use taylor::{ParamsAndTangents, Taylor, TaylorSimd};
pub use tiers::Tier;

/// The arithmetic of one tier on vectors of [`LANES`](Self::LANES) elements of type `T`.
///
/// A value of an implementing type is a token: holding one proves that the CPU has the instructions.
/// All operations work lane by lane and round once, to nearest even, unless they say otherwise.
pub trait Simd<T: Number>: Copy + Send + Sync + 'static {
    /// A vector.
    type V: bytemuck::Pod + Send + Sync;
    /// A mask with one truth value per lane.
    type M: Copy;
    /// A vector of parameters, as an operand of a product.
    type W: Copy;
    /// Whether multiply-adds round once. Where they do not, every operation that is said to round once may round its product and
    /// its sum.
    const FUSED: bool = true;
    /// Whether a vector is an array in memory that the compiler takes element by element: then kernels of a single sample compute one output
    /// after the other.
    const ONE_BY_ONE: bool = false;
    /// Elements in a vector.
    const LANES: usize;
    /// Vector registers a kernel can hold at once, counted in vectors of this width.
    const REGISTERS: usize;
    /// The same for sums of [`mul_add_gradient`](Self::mul_add_gradient).
    const GRADIENT_REGISTERS: usize = Self::REGISTERS;
    /// The token whose vectors are single registers.
    type Register: Simd<T>;
    /// Registers that make up a vector.
    const REGISTERS_PER_VECTOR: usize;
    /// The token of vectors with half the lanes; of a vector that is never halved, the token itself.
    type Half: Simd<T>;
    /// The token of vectors with half the lanes.
    fn half(self) -> Self::Half;
    /// The token whose vectors are single registers: vector `v` is `REGISTERS_PER_VECTOR` of its vectors.
    fn register(self) -> Self::Register;

    /// Runs `f` inside a function compiled for this token's instructions.
    fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output;

    /// Runs `kernel` with this token, inside a function compiled for its instructions: re-enters the tier on another thread.
    #[inline(always)]
    fn enter<K: Kernel<T>>(self, kernel: K) -> K::Output {
        struct Enter<S, K, T>(S, K, core::marker::PhantomData<T>);
        impl<T: Number, S: Simd<T>, K: Kernel<T>> pulp::NullaryFnOnce for Enter<S, K, T> {
            type Output = K::Output;
            #[inline(always)]
            fn call(self) -> K::Output {
                self.1.run(self.0)
            }
        }
        self.vectorize(Enter(self, kernel, core::marker::PhantomData))
    }

    /// `x` in every lane.
    fn splat(self, x: T) -> Self::V;
    /// The first [`LANES`](Self::LANES) elements of `x`; panics if there are fewer.
    fn load(self, x: &[T]) -> Self::V;
    /// Writes the lanes to the first [`LANES`](Self::LANES) elements of `x`; panics if there are fewer.
    fn store(self, v: Self::V, x: &mut [T]);
    /// The elements of `x`, at most [`LANES`](Self::LANES), then zeros.
    fn load_partial(self, x: &[T]) -> Self::V;
    /// Writes the first `x.len()` lanes, at most [`LANES`](Self::LANES).
    fn store_partial(self, v: Self::V, x: &mut [T]);

    /// Parameter `at` in every lane.
    fn param(self, params: T::Params<'_>, at: usize) -> Self::W;
    /// [`LANES`](Self::LANES) parameters from index `at` on; panics if there are fewer.
    fn load_params(self, params: T::Params<'_>, at: usize) -> Self::W;
    /// The parameters from index `at` on, at most [`LANES`](Self::LANES), then zeros.
    fn load_params_partial(self, params: T::Params<'_>, at: usize) -> Self::W;
    /// Parameters as an ordinary vector.
    fn param_value(self, w: Self::W) -> Self::V;
    /// `w * x`
    fn mul_param(self, w: Self::W, x: Self::V) -> Self::V;
    /// `w * x + c`, rounded once.
    fn mul_add_param(self, w: Self::W, x: Self::V, c: Self::V) -> Self::V;
    /// Parameter `at` in every lane, or 0 where there is none: a bias.
    #[inline(always)]
    fn bias(self, params: T::Params<'_>, at: usize) -> Self::V {
        if at < params.len() {
            self.param_value(self.param(params, at))
        } else {
            self.zero()
        }
    }

    /// A function of one variable.
    fn elementary<F: Elementary>(self, x: Self::V) -> Self::V;
    /// A function of one variable, and its derivative.
    fn elementary_and_derivative<F: Elementary>(self, x: Self::V) -> (Self::V, Self::V);

    /// `a + b`
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a - b`
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b`
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// `c * a` for a constant `c`: scales every coefficient of a polynomial separately, so that 0 is never multiplied by an
    /// infinite or undefined value.
    #[inline(always)]
    fn mul_constant(self, c: T::Real, a: Self::V) -> Self::V {
        self.mul(self.splat(T::constant(c)), a)
    }
    /// `a / b`
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a * b + c`, rounded once.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// [`mul_add`](Self::mul_add) for gradients with respect to parameters. Of a polynomial only the last coefficient is
    /// needed there, and only that one is computed.
    #[inline(always)]
    fn mul_add_gradient(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        self.mul_add(a, b, c)
    }
    /// [`add`](Self::add), likewise.
    #[inline(always)]
    fn add_gradient(self, a: Self::V, b: Self::V) -> Self::V {
        self.add(a, b)
    }
    /// `c - a * b`, rounded once.
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The square root.
    fn sqrt(self, a: Self::V) -> Self::V;
    /// `a` where `a < b`, else `b` (so `b` where either is NaN). Of polynomials as [`max`](Self::max).
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// `a` where `a > b`, else `b` (so `b` where either is NaN). For polynomials, the whole polynomial is selected: where the
    /// values are equal, the derivatives are those of `b`.
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    /// The magnitude, with the derivatives 0 at 0.
    fn abs(self, a: Self::V) -> Self::V;
    /// `a` with the sign flipped.
    fn neg(self, a: Self::V) -> Self::V;
    /// The magnitude of `a` with the sign of `sign`.
    fn copysign(self, a: Self::V, sign: Self::V) -> Self::V;
    /// The nearest integer, ties to even.
    fn round(self, a: Self::V) -> Self::V;
    /// `2^n` for an integral `n` whose power is a normal number; anything for other lanes.
    fn exp2_int(self, n: Self::V) -> Self::V;
    /// `a * 2^n` for an integral `n`, rounded once; `2^(n/2)` and `a * 2^(n/2)` must be normal numbers (or `a` NaN).
    #[inline(always)]
    fn scale(self, a: Self::V, n: Self::V) -> Self::V {
        let half = self.round(self.mul(n, self.splat(T::from_f64(0.5))));
        let a = self.mul(a, self.exp2_int(half));
        self.mul(a, self.exp2_int(self.sub(n, half)))
    }
    /// The exponent of a positive normal number, `floor(log2(a))`; anything for other lanes.
    fn exponent(self, a: Self::V) -> Self::V;
    /// The bits of `a`, shifted left by the length of the fraction: its low bits become sign and exponent.
    fn shift_to_exponent(self, a: Self::V) -> Self::V;
    /// The sum of the bit patterns as integers, wrapping around.
    fn add_bits(self, a: Self::V, b: Self::V) -> Self::V;

    /// `a < b`
    fn lt(self, a: Self::V, b: Self::V) -> Self::M;
    /// `a <= b`
    fn le(self, a: Self::V, b: Self::V) -> Self::M;
    /// `a == b`
    fn eq(self, a: Self::V, b: Self::V) -> Self::M;
    /// `yes` where `m` holds, else `no`.
    fn select(self, m: Self::M, yes: Self::V, no: Self::V) -> Self::V;
    /// Whether `m` holds in some lane.
    fn any(self, m: Self::M) -> bool;
    /// Whether `m` holds in every lane.
    fn all(self, m: Self::M) -> bool;

    /// The index of [`lookup`](Self::lookup): of 0, 1, 2 or 3 in every lane.
    #[inline(always)]
    fn lookup_index(self, n: Self::V) -> Self::V {
        self.add(n, self.splat(T::constant(<T::Real as Constants>::SHIFT)))
    }
    /// `table[n]` in every lane, `n` as [`lookup_index`](Self::lookup_index) made it.
    #[inline(always)]
    fn lookup(self, table: &[T; 4], index: Self::V) -> Self::V {
        let mut found = self.splat(table[0]);
        for n in 1..4 {
            let index_of_n = self.lookup_index(self.splat(T::from_f64(n as f64)));
            found = self.select(self.eq(index, index_of_n), self.splat(table[n]), found);
        }
        found
    }

    /// The lanes of two vectors, interleaved: `a_0 b_0 a_1 b_1 ...`
    #[inline(always)]
    fn interleave(self, a: Self::V, b: Self::V) -> [Self::V; 2] {
        let (mut lanes, mut mixed) = ([[T::ZERO; 16]; 2], [T::ZERO; 32]);
        self.store(a, &mut lanes[0]);
        self.store(b, &mut lanes[1]);
        for l in 0..Self::LANES {
            mixed[2 * l] = lanes[0][l];
            mixed[2 * l + 1] = lanes[1][l];
        }
        [self.load(&mixed), self.load(&mixed[Self::LANES..])]
    }
    /// The lanes of a vector, each `N` times: as many vectors. `N` is a power of two, at most half the lanes.
    #[inline(always)]
    fn repeat<const N: usize>(self, a: Self::V) -> [Self::V; N] {
        let mut v = [a; N];
        let mut filled = 1;
        while filled < N {
            // From the last on, so that none is overwritten before its turn.
            for k in (0..filled).rev() {
                [v[2 * k], v[2 * k + 1]] = self.interleave(v[k], v[k]);
            }
            filled *= 2;
        }
        v
    }
    /// The inverse of [`interleave`](Self::interleave).
    #[inline(always)]
    fn deinterleave(self, mixed: [Self::V; 2]) -> [Self::V; 2] {
        let (mut lanes, mut numbers) = ([[T::ZERO; 16]; 2], [T::ZERO; 32]);
        self.store(mixed[0], &mut numbers);
        self.store(mixed[1], &mut numbers[Self::LANES..]);
        for l in 0..Self::LANES {
            lanes[0][l] = numbers[2 * l];
            lanes[1][l] = numbers[2 * l + 1];
        }
        [self.load(&lanes[0]), self.load(&lanes[1])]
    }

    /// The sums of eight vectors: element `j` is [`sum`](Self::sum) of `v[j]`.
    fn sum_8(self, v: [Self::V; 8]) -> [T; 8];
    /// The sums of sixteen vectors: element `j` is [`sum`](Self::sum) of `v[j]`.
    fn sum_16(self, v: [Self::V; 16]) -> [T; 16];
    /// The sum of the lanes by a fixed tree: halves are added until one element is left.
    fn sum(self, v: Self::V) -> T;

    /// `0` in every lane.
    #[inline(always)]
    fn zero(self) -> Self::V {
        self.splat(T::ZERO)
    }

    /// Applies `f` to every lane: the slow but general way to write an activation.
    #[inline(always)]
    fn map(self, mut v: Self::V, f: impl Fn(T) -> T) -> Self::V {
        for x in bytemuck::cast_slice_mut::<Self::V, T>(core::slice::from_mut(&mut v)) {
            *x = f(*x);
        }
        v
    }
}
