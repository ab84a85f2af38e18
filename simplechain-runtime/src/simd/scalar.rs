//! The tier that every CPU has: arrays and plain loops.
//!
//! Where there are other tiers, it is for comparison, and its code should be small. Elsewhere the compiler makes vectors of the loops,
//! if `mul_add` is an instruction there; else it is a (correct, slow) library call.

use super::float::{double, single};
use super::real::{functions, real_numbers};
use super::{Real, Simd};

/// ARM of 32 bits has no vectors of numbers that are rounded as IEEE demands, and its small memories want small code.
const ONE_BY_ONE: bool = cfg!(target_arch = "arm");

/// The token of this tier.
#[derive(Clone, Copy)]
pub(super) struct AnyCpu;

impl AnyCpu {
    #[allow(clippy::unnecessary_wraps)] // as the tokens of other tiers
    pub(super) const fn try_new() -> Option<Self> {
        Some(Self)
    }
}

/// Vectors of `N` elements as arrays.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scalar<const N: usize>;

macro_rules! scalar {
    ($T:ident, $functions:ident, $Bits:ident, $Int:ident, $bias:literal, $mantissa_bits:literal, $N:literal / $half:literal, $inline:meta) => {
        impl Simd<$T> for Scalar<$N> {
            type V = [$T; $N];
            type M = [bool; $N];
            real_numbers!($T, $inline);
            functions!($T, $inline);
            const ONE_BY_ONE: bool = $N > 1 && ONE_BY_ONE;
            const LANES: usize = $N;
            const REGISTERS: usize = if cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) {
                3
            } else {
                8
            };
            type Register = Self;
            const REGISTERS_PER_VECTOR: usize = 1;
            type Half = Scalar<$half>;

            #[$inline]
            fn register(self) -> Self {
                self
            }
            #[$inline]
            fn half(self) -> Self::Half {
                Scalar
            }

            #[cold]
            #[$inline]
            fn vectorize<F: pulp::NullaryFnOnce>(self, f: F) -> F::Output {
                f.call()
            }

            #[$inline]
            fn splat(self, x: $T) -> Self::V {
                [x; $N]
            }
            #[$inline]
            fn load(self, x: &[$T]) -> Self::V {
                *x.first_chunk().expect("a full vector")
            }
            #[$inline]
            fn store(self, v: Self::V, x: &mut [$T]) {
                x[..$N].copy_from_slice(&v);
            }
            #[$inline]
            fn load_partial(self, x: &[$T]) -> Self::V {
                let mut v = [0.0; $N];
                for (v, x) in v.iter_mut().zip(x) {
                    *v = *x;
                }
                v
            }
            #[$inline]
            fn store_partial(self, v: Self::V, x: &mut [$T]) {
                for (x, v) in x.iter_mut().zip(v) {
                    *x = v;
                }
            }

            #[$inline]
            fn add(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| a[l] + b[l])
            }
            #[$inline]
            fn sub(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| a[l] - b[l])
            }
            #[$inline]
            fn mul(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| a[l] * b[l])
            }
            #[$inline]
            fn div(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| a[l] / b[l])
            }
            #[$inline]
            fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
                core::array::from_fn(|l| $functions::mul_add(a[l], b[l], c[l]))
            }
            #[$inline]
            fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
                core::array::from_fn(|l| $functions::mul_add(-a[l], b[l], c[l]))
            }
            #[$inline]
            fn sqrt(self, a: Self::V) -> Self::V {
                a.map($functions::sqrt)
            }
            #[$inline]
            fn min(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| if a[l] < b[l] { a[l] } else { b[l] })
            }
            #[$inline]
            fn max(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| if a[l] > b[l] { a[l] } else { b[l] })
            }
            #[$inline]
            fn abs(self, a: Self::V) -> Self::V {
                a.map($T::abs)
            }
            #[$inline]
            fn neg(self, a: Self::V) -> Self::V {
                a.map(|x| -x)
            }
            #[$inline]
            fn copysign(self, a: Self::V, sign: Self::V) -> Self::V {
                core::array::from_fn(|l| a[l].copysign(sign[l]))
            }
            #[$inline]
            fn round(self, a: Self::V) -> Self::V {
                a.map($functions::round_ties_even)
            }
            #[$inline]
            fn exp2_int(self, n: Self::V) -> Self::V {
                n.map(|n| {
                    $T::from_bits((((n as $Int).wrapping_add($bias)) << $mantissa_bits) as $Bits)
                })
            }

            #[$inline]
            fn exponent(self, a: Self::V) -> Self::V {
                a.map(|a| ((a.to_bits() >> $mantissa_bits) as $Int - $bias) as $T)
            }
            #[$inline]
            fn shift_to_exponent(self, a: Self::V) -> Self::V {
                a.map(|a| $T::from_bits(a.to_bits() << $mantissa_bits))
            }
            #[$inline]
            fn add_bits(self, a: Self::V, b: Self::V) -> Self::V {
                core::array::from_fn(|l| $T::from_bits(a[l].to_bits().wrapping_add(b[l].to_bits())))
            }

            #[$inline]
            fn lt(self, a: Self::V, b: Self::V) -> Self::M {
                core::array::from_fn(|l| a[l] < b[l])
            }
            #[$inline]
            fn le(self, a: Self::V, b: Self::V) -> Self::M {
                core::array::from_fn(|l| a[l] <= b[l])
            }
            #[$inline]
            fn eq(self, a: Self::V, b: Self::V) -> Self::M {
                core::array::from_fn(|l| a[l] == b[l])
            }
            #[$inline]
            fn select(self, m: Self::M, yes: Self::V, no: Self::V) -> Self::V {
                core::array::from_fn(|l| if m[l] { yes[l] } else { no[l] })
            }
            #[$inline]
            fn any(self, m: Self::M) -> bool {
                m.contains(&true)
            }
            #[$inline]
            fn all(self, m: Self::M) -> bool {
                !m.contains(&false)
            }

            #[$inline]
            fn sum_8(self, v: [Self::V; 8]) -> [$T; 8] {
                v.map(|v| <Self as Simd<$T>>::sum(self, v))
            }
            #[$inline]
            fn sum_16(self, v: [Self::V; 16]) -> [$T; 16] {
                v.map(|v| <Self as Simd<$T>>::sum(self, v))
            }
            #[$inline]
            fn sum(self, v: Self::V) -> $T {
                halving_sum(v)
            }
        }
    };
}

// Where other tiers do the work, the code of this one should be small: an array operation is a call.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
macro_rules! scalars {
    ($($arguments:tt)*) => { scalar!($($arguments)*, inline(never)); };
}
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
macro_rules! scalars {
    ($($arguments:tt)*) => { scalar!($($arguments)*, inline(always)); };
}

scalars!(f32, single, u32, i32, 127, 23, 16 / 8);
scalars!(f32, single, u32, i32, 127, 23, 8 / 8);
scalars!(f64, double, u64, i64, 1023, 52, 8 / 4);
scalars!(f64, double, u64, i64, 1023, 52, 4 / 4);
// One lane stands in the code of all tiers.
scalar!(f32, single, u32, i32, 127, 23, 1 / 1, inline(always));
scalar!(f64, double, u64, i64, 1023, 52, 1 / 1, inline(always));

/// The tree of [`Simd::sum`]: lane `l` takes lane `l + n/2`, then `l + n/4`, ...
#[inline(always)]
fn halving_sum<T: Real, const N: usize>(mut v: [T; N]) -> T {
    let mut half = N / 2;
    while half > 0 {
        for l in 0..half {
            v[l] += v[l + half];
        }
        half /= 2;
    }
    v[0]
}
