//! What each fuzz target demands of any bytes: `check` of a module. See README.md.

pub mod bytes;
#[cfg(feature = "calls")]
pub mod calls;
#[cfg(any(feature = "calls", feature = "readers"))]
pub mod chains;
pub mod invocations;
pub mod pipeline;
pub mod replay;

#[cfg(feature = "readers")]
mod readers;
#[cfg(feature = "readers")]
pub use readers::*;

/// Draws chains that the macro accepts.
#[allow(dead_code)] // only single chains are needed
#[path = "../../tests/random_chains/build"]
mod random_chains {
    pub(crate) mod chain;
    pub(crate) mod random;
}

#[allow(dead_code)] // only the words are needed
#[path = "../../simplechain-macros/src/activations.rs"]
mod activations;

// As that build script has it.
use random_chains::random;

/// The program of a target: with cargo-fuzz for libFuzzer, otherwise one that replays its seeds and changes of them. With `draw =` and
/// `summary =` it also draws inputs, and says what they were.
#[macro_export]
macro_rules! target {
    ($name:ident $(, draw = $draw:path, summary = $summary:path)?) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$name::check(data));

        #[cfg(not(fuzzing))]
        fn main() {
            let replay = $crate::replay::Replay::new(stringify!($name), $crate::$name::check);
            $(let replay = replay.drawing($draw, $summary);)?
            replay.run();
        }
    };
}
