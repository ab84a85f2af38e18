//! Selection of the instruction set: detected once, cached in a static, and overridden where a test or benchmark asks.

use core::cell::Cell;
use core::fmt;
use core::str::FromStr;
use core::sync::atomic::{AtomicU8, Ordering};

use super::{Number, Simd};

/// A computation that is generic over the tier.
///
/// `run` and all that it calls must be `#[inline(always)]`.
pub trait Kernel<T: Number> {
    /// The result type.
    type Output;
    /// Does the work with the vectors of `simd`.
    fn run<S: Simd<T>>(self, simd: S) -> Self::Output;
}

/// An instruction set that the kernels are compiled for.
///
/// The best tier of the CPU is used, unless the environment variable `SIMPLECHAIN_SIMD` (`scalar`, `v3`, `v4`) or a call to
/// [`with`](Self::with) selects another. Results do not depend on the tier.
///
/// A build for a CPU that is known to have a tier (`RUSTFLAGS="-C target-cpu=native"`, or `x86-64-v3`) contains only that tier
/// and those above it, and compiles faster.
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
    /// Plain code for the CPU that the compiler targets.
    Scalar = 1,
    /// x86-64-v3: AVX2 and FMA.
    V3 = 2,
    /// x86-64-v4: AVX-512.
    V4 = 3,
}

/// A tier that this CPU does not have, or a name that is not a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TierError {
    /// The CPU lacks the instructions, or the build is for a better CPU.
    Unavailable(Tier),
    /// Not one of `scalar`, `v3`, `v4`.
    Unknown(String),
}

impl fmt::Display for TierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(tier) => {
                if *tier < Tier::LOWEST {
                    write!(
                        f,
                        "this build is for a CPU with the tier `{}` and does not contain `{tier}`",
                        Tier::LOWEST
                    )
                } else {
                    write!(
                        f,
                        "this CPU has no tier `{tier}`; the best it has is `{}`",
                        Tier::best()
                    )
                }
            }
            Self::Unknown(name) => write!(
                f,
                "`{name}` is not a tier; the tiers are `scalar`, `v3` and `v4`"
            ),
        }
    }
}

impl std::error::Error for TierError {}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Scalar => "scalar",
            Self::V3 => "v3",
            Self::V4 => "v4",
        })
    }
}

impl FromStr for Tier {
    type Err = TierError;

    fn from_str(name: &str) -> Result<Self, TierError> {
        match name {
            "scalar" => Ok(Self::Scalar),
            "v3" => Ok(Self::V3),
            "v4" => Ok(Self::V4),
            _ => Err(TierError::Unknown(name.to_owned())),
        }
    }
}

thread_local! {
    /// The tier forced on this thread, or 0.
    static FORCED: Cell<u8> = const { Cell::new(0) };
}

impl Tier {
    const ALL: [Self; 3] = [Self::Scalar, Self::V3, Self::V4];

    /// The lowest that this build contains: what every CPU has that it can run on.
    pub(super) const LOWEST: Self = if cfg!(all(
        target_arch = "x86_64",
        target_feature = "avx512f",
        target_feature = "avx512bw",
        target_feature = "avx512cd",
        target_feature = "avx512dq",
        target_feature = "avx512vl"
    )) {
        Self::V4
    } else if cfg!(all(
        target_arch = "x86_64",
        target_feature = "avx2",
        target_feature = "fma",
        target_feature = "bmi2",
        target_feature = "lzcnt"
    )) {
        Self::V3
    } else {
        Self::Scalar
    };

    /// The best tier of this CPU.
    pub fn best() -> Self {
        Self::ALL
            .into_iter()
            .rev()
            .find(|tier| tier.token().is_some())
            .unwrap_or(Self::LOWEST)
    }

    /// The tiers of this CPU, slowest first.
    pub fn available() -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|tier| tier.token().is_some())
            .collect()
    }

    /// The tier that calls on this thread use.
    pub fn current() -> Self {
        match Token::current() {
            #[cfg(target_arch = "x86_64")]
            Token::V4(_) => Self::V4,
            #[cfg(target_arch = "x86_64")]
            Token::V3(_) => Self::V3,
            Token::Scalar => Self::Scalar,
        }
    }

    /// Runs `f` with this tier forced for the calls of this thread, including work that they fork to other threads.
    ///
    /// # Errors
    /// [`TierError::Unavailable`] if the CPU does not have it; `f` is not run then.
    pub fn with<R>(self, f: impl FnOnce() -> R) -> Result<R, TierError> {
        struct Restore(u8);
        impl Drop for Restore {
            fn drop(&mut self) {
                FORCED.set(self.0);
            }
        }
        self.token().ok_or(TierError::Unavailable(self))?;
        let _restore = Restore(FORCED.replace(self as u8));
        Ok(f())
    }

    /// The proof that the CPU has this tier.
    #[inline(always)]
    pub(super) fn token(self) -> Option<Token> {
        if self < Self::LOWEST {
            return None;
        }
        match self {
            Self::Scalar => Some(Token::Scalar),
            #[cfg(target_arch = "x86_64")]
            Self::V3 => pulp::x86::V3::try_new().map(Token::V3),
            #[cfg(target_arch = "x86_64")]
            Self::V4 => pulp::x86::V4::try_new().map(Token::V4),
            #[cfg(not(target_arch = "x86_64"))]
            Self::V3 | Self::V4 => None,
        }
    }
}

/// A tier with its proof.
#[derive(Clone, Copy)]
pub(super) enum Token {
    #[cfg(target_arch = "x86_64")]
    V4(pulp::x86::V4),
    #[cfg(target_arch = "x86_64")]
    V3(pulp::x86::V3),
    Scalar,
}

impl Token {
    /// The tier forced on this thread, or the process's.
    #[inline(always)]
    pub(super) fn current() -> Self {
        /// The process's tier as a number, 0 until it is known.
        static PROCESS: AtomicU8 = AtomicU8::new(0);

        #[cold]
        fn detect() -> u8 {
            let tier = match std::env::var("SIMPLECHAIN_SIMD") {
                Err(_) => Tier::best(),
                Ok(name) => Tier::from_variable(&name),
            };
            PROCESS.store(tier as u8, Ordering::Relaxed);
            tier as u8
        }

        let mut tier = FORCED.get();
        if tier == 0 {
            tier = PROCESS.load(Ordering::Relaxed);
        }
        if tier == 0 {
            tier = detect();
        }
        let token = match tier {
            3 => Tier::V4.token(),
            2 => Tier::V3.token(),
            _ => None,
        };
        token
            .or_else(|| Tier::LOWEST.token())
            .unwrap_or(Self::Scalar)
    }
}

impl Tier {
    /// The tier called `name`, or the best one with a warning: a benchmark must not silently run another.
    fn from_variable(name: &str) -> Self {
        let tier = name.parse::<Self>().and_then(|tier| match tier.token() {
            Some(_) => Ok(tier),
            None => Err(TierError::Unavailable(tier)),
        });
        tier.unwrap_or_else(|error| {
            let best = Self::best();
            eprintln!("simplechain: SIMPLECHAIN_SIMD is ignored, using `{best}`: {error}");
            best
        })
    }
}
