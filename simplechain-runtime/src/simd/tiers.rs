//! The table of tiers: what a tier is called, where it exists, and which vectors it computes with.

#[cfg(target_arch = "aarch64")]
use pulp::aarch64::Neon;
#[cfg(target_arch = "x86_64")]
use pulp::x86::{V3, V4};

#[cfg(any(
    target_arch = "x86_64",
    target_arch = "aarch64",
    target_feature = "simd128"
))]
use super::Pair;
use super::scalar::AnyCpu;
#[cfg(target_arch = "x86_64")]
use super::sse2::Unfused;
#[cfg(target_feature = "simd128")]
use super::wasm::Unfused;
use super::{Kernel, Number, Scalar, Simd};

/// Runs kernels with the vectors that a tier has for this number type.
pub(super) trait Dispatch: Number {
    /// Runs `kernel` with the vectors of a batch.
    fn batch<K: Kernel<Self>>(token: Token, kernel: K) -> K::Output;
    /// Runs `kernel` with the vectors of a sample.
    fn sample<K: Kernel<Self>>(token: Token, kernel: K) -> K::Output;
}

/// Rows of the form
/// ```text
/// Variant "name": Token in builds for (where it compiles), alone with (what makes lower tiers superfluous) {
///     f32: token => vector of a batch, vector of a sample;
///     f64: token => vector of a batch, vector of a sample;
/// }
/// ```
/// from the slowest tier to the fastest. `Token::try_new` says whether the CPU has the tier.
macro_rules! tiers {
    ($(
        $(#[$doc:meta])*
        $Tier:ident $name:literal: $Token:ident
            in builds for ($($available:meta),*), alone with ($($alone:meta),*)
        {
            f32: $f32:pat => $wide_f32:expr, $narrow_f32:expr;
            f64: $f64:pat => $wide_f64:expr, $narrow_f64:expr;
        }
    )*) => {
        /// An instruction set that the kernels are compiled for.
        ///
        /// The best tier of the CPU is used, unless the environment variable `SIMPLECHAIN_SIMD` (`scalar`, `unfused`, `neon`, `v3`,
        /// `v4`) or a call to [`with`](Self::with) selects another. Results do not depend on the tier, except that `unfused` rounds every
        /// multiply-add twice: there the last places differ.
        ///
        /// A build contains only the best tier that all of its CPUs have and those above it: `neon` on AArch64, `unfused` and better ones on
        /// x86-64; with `RUSTFLAGS="-C target-cpu=native"`, or `x86-64-v3`, it is less, and compiles faster. With the feature `scalar` it
        /// contains that tier as well: the slow one that has the bits of the fast ones on every CPU. Without the feature `std` there is
        /// nothing to choose: a build contains the best tier that all of its CPUs have.
        ///
        /// ```
        /// use simplechain::simd::Tier;
        ///
        /// for tier in Tier::available() {
        ///     tier.with(|| assert_eq!(Tier::current(), tier)).unwrap();
        /// }
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Tier {
            $($(#[$doc])* $Tier,)*
        }

        impl Tier {
            /// The tiers of all CPUs, slowest first.
            #[cfg(feature = "std")]
            pub(super) const ALL: &[Self] = &[$(Self::$Tier),*];

            /// The lowest that this build contains: what every CPU has that it can run on.
            pub(super) const LOWEST: Self = {
                let mut lowest = Self::Scalar;
                $(if cfg!(all($($available,)* $($alone),*)) {
                    lowest = Self::$Tier;
                })*
                lowest
            };

            /// Whether this build contains it. Those above the lowest are chosen at run time, for which it takes the standard library: only
            /// the operating system knows which registers it saves.
            pub(super) const fn is_built(self) -> bool {
                self as u8 == Self::LOWEST as u8
                    || cfg!(feature = "std") && self as u8 > Self::LOWEST as u8
                    || cfg!(feature = "scalar") && matches!(self, Self::Scalar)
            }

            /// Whether multiply-adds round once, so that results have the same bits in every tier of which this holds.
            pub const fn is_fused(self) -> bool {
                !matches!(self, Self::Unfused)
            }

            /// As the environment variable has it.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$Tier => $name,)*
                }
            }

            /// The proof that the CPU has this tier, and the build too.
            #[inline(always)]
            pub(super) fn token(self) -> Option<Token> {
                if !self.is_built() {
                    return None;
                }
                match self {
                    $(
                        #[cfg(all($($available),*))]
                        Self::$Tier => $Token::try_new().map(Token::$Tier),
                    )*
                    #[allow(unreachable_patterns)] // where there are all tiers
                    _ => None,
                }
            }
        }

        /// A tier with its proof.
        #[derive(Clone, Copy)]
        pub(super) enum Token {
            $(#[cfg(all($($available),*))] $Tier($Token),)*
        }

        impl Token {
            pub(super) const fn tier(self) -> Tier {
                match self {
                    $(#[cfg(all($($available),*))] Self::$Tier(_) => Tier::$Tier,)*
                }
            }
        }

        dispatch! { f32 $($Tier ($($available),*) $f32 => $wide_f32, $narrow_f32;)* }
        dispatch! { f64 $($Tier ($($available),*) $f64 => $wide_f64, $narrow_f64;)* }
    };
}

/// What a build without a tier must not contain is left out by the constants.
macro_rules! dispatch {
    ($T:ident $($Tier:ident ($($available:meta),*) $token:pat => $wide:expr, $narrow:expr;)*) => {
        impl Dispatch for $T {
            #[inline]
            fn batch<K: Kernel<Self>>(token: Token, kernel: K) -> K::Output {
                match token {
                    $(
                        #[cfg(all($($available),*))]
                        Token::$Tier($token) if const { Tier::$Tier.is_built() } => {
                            Simd::<$T>::enter($wide, kernel)
                        }
                    )*
                    _ => unreachable!("the build has no token of a lower tier"),
                }
            }

            #[inline]
            fn sample<K: Kernel<Self>>(token: Token, kernel: K) -> K::Output {
                match token {
                    $(
                        #[cfg(all($($available),*))]
                        Token::$Tier($token) if const { Tier::$Tier.is_built() } => {
                            Simd::<$T>::enter($narrow, kernel)
                        }
                    )*
                    _ => unreachable!("the build has no token of a lower tier"),
                }
            }
        }
    };
}

tiers! {
    /// Plain code for the CPU that the compiler targets.
    Scalar "scalar": AnyCpu in builds for (), alone with () {
        f32: _ => Scalar::<16>, Scalar::<16>;
        f64: _ => Scalar::<8>, Scalar::<8>;
    }
    /// Without fused multiply-add: SSE2, which every x86-64 CPU has, and WebAssembly with `simd128`. Multiply-adds round twice, so the
    /// last places are not those of other tiers; they are the same on both.
    Unfused "unfused": Unfused in builds for (any(target_arch = "x86_64", target_feature = "simd128")), alone with (
        any(target_feature = "sse2", target_feature = "simd128")
    ) {
        f32: unfused => Pair(Pair(unfused)), Pair(Pair(unfused));
        f64: unfused => Pair(Pair(unfused)), Pair(Pair(unfused));
    }
    /// AArch64: NEON.
    Neon "neon": Neon in builds for (target_arch = "aarch64"), alone with (target_feature = "neon") {
        f32: neon => Pair(Pair(neon)), Pair(Pair(neon));
        f64: neon => Pair(Pair(neon)), Pair(Pair(neon));
    }
    /// x86-64-v3: AVX2 and FMA.
    V3 "v3": V3 in builds for (target_arch = "x86_64"), alone with (
        target_feature = "avx2", target_feature = "fma", target_feature = "bmi2", target_feature = "lzcnt"
    ) {
        f32: v3 => Pair(v3), Pair(v3);
        f64: v3 => Pair(v3), Pair(v3);
    }
    /// x86-64-v4: AVX-512.
    V4 "v4": V4 in builds for (target_arch = "x86_64"), alone with (
        target_feature = "avx512f", target_feature = "avx512bw", target_feature = "avx512cd",
        target_feature = "avx512dq", target_feature = "avx512vl"
    ) {
        f32: v4 => v4, v4;
        f64: v4 => v4, v4;
    }
}
