//! Selection of the instruction set at run time: detected once, cached in a static, and overridden where a test or benchmark asks.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use core::fmt;
use core::str::FromStr;
use core::sync::atomic::{AtomicU8, Ordering};

use super::tiers::{Tier, Token};

/// A tier that this CPU does not have, or a name that is not a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TierError {
    /// The CPU lacks the instructions, or the build is for a better CPU.
    Unavailable(Tier),
    /// Not the name of a tier.
    Unknown(String),
}

impl fmt::Display for TierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(tier) => {
                if !tier.is_built() {
                    let lowest = Tier::LOWEST;
                    write!(
                        f,
                        "this build is for a CPU with the tier `{lowest}` and does not contain `{tier}`"
                    )?;
                    if *tier == Tier::Scalar {
                        f.write_str(" (the feature `scalar` adds it)")?;
                    }
                    Ok(())
                } else {
                    write!(
                        f,
                        "this CPU has no tier `{tier}`; the best it has is `{}`",
                        Tier::best()
                    )
                }
            }
            Self::Unknown(name) => {
                write!(f, "`{name}` is not a tier; the tiers are")?;
                for (i, tier) in Tier::ALL.iter().enumerate() {
                    let separator = match Tier::ALL.len() - i {
                        _ if i == 0 => "",
                        1 => " and",
                        _ => ",",
                    };
                    write!(f, "{separator} `{tier}`")?;
                }
                Ok(())
            }
        }
    }
}

impl core::error::Error for TierError {}

impl FromStr for Tier {
    type Err = TierError;

    fn from_str(name: &str) -> Result<Self, TierError> {
        let mut tiers = Self::ALL.iter().copied();
        tiers
            .find(|tier| tier.name() == name)
            .ok_or_else(|| TierError::Unknown(name.to_owned()))
    }
}

std::thread_local! {
    /// The tier forced on this thread, as [`Tier::number`], or 0.
    static FORCED: Cell<u8> = const { Cell::new(0) };
}

impl Tier {
    /// Not 0.
    const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The best tier of this CPU.
    pub fn best() -> Self {
        Self::ALL
            .iter()
            .copied()
            .rev()
            .find(|tier| tier.token().is_some())
            .unwrap_or(Self::LOWEST)
    }

    /// The tiers of this CPU, slowest first.
    pub fn available() -> Vec<Self> {
        Self::ALL
            .iter()
            .copied()
            .filter(|tier| tier.token().is_some())
            .collect()
    }

    /// Runs `f` with this tier forced for the calls of this thread, including work that they fork to other threads.
    ///
    /// # Errors
    /// [`TierError::Unavailable`] if the CPU does not have it; `f` is not run then.
    pub fn with<R>(self, f: impl FnOnce() -> R) -> Result<R, TierError> {
        self.token().ok_or(TierError::Unavailable(self))?;
        Ok(Forced(self.number()).during(f))
    }
}

/// What is forced on a thread, to be forced on those that work for it.
#[derive(Clone, Copy)]
pub(crate) struct Forced(u8);

impl Forced {
    /// What is forced on this thread.
    pub(crate) fn here() -> Self {
        Self(FORCED.get())
    }

    /// Forces it on this thread while `f` runs.
    pub(crate) fn during<R>(self, f: impl FnOnce() -> R) -> R {
        struct Restore(u8);
        impl Drop for Restore {
            fn drop(&mut self) {
                FORCED.set(self.0);
            }
        }
        let _restore = Restore(FORCED.replace(self.0));
        f()
    }
}

impl Token {
    /// The tier forced on this thread, or the process's.
    #[inline(always)]
    pub(super) fn chosen() -> Self {
        /// The process's tier as a number, 0 until it is known.
        static PROCESS: AtomicU8 = AtomicU8::new(0);

        #[cold]
        fn detect() -> u8 {
            let tier = match std::env::var("SIMPLECHAIN_SIMD") {
                Err(_) => Tier::best(),
                Ok(name) => Tier::from_variable(&name),
            };
            PROCESS.store(tier.number(), Ordering::Relaxed);
            tier.number()
        }

        let mut tier = FORCED.get();
        if tier == 0 {
            tier = PROCESS.load(Ordering::Relaxed);
        }
        if tier == 0 {
            tier = detect();
        }
        Tier::ALL
            .get(usize::from(tier - 1))
            .and_then(|tier| tier.token())
            .or_else(|| Tier::LOWEST.token())
            .expect("a CPU that the program was built for")
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
            std::eprintln!("simplechain: SIMPLECHAIN_SIMD is ignored, using `{best}`: {error}");
            best
        })
    }
}
