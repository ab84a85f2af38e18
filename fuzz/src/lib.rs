//! What each fuzz target demands of any bytes: `check` of a module. See README.md.

pub mod architecture;
pub mod bytes;
pub mod calls;
pub mod chains;
pub mod checkpoints;
pub mod csv_table;
pub mod files;
pub mod idx;
pub mod import;
pub mod onnx;
pub mod pipeline;
pub mod replay;
pub mod storage;

#[path = "../../examples/tabular_csv/src"]
mod tabular_csv {
    pub(crate) mod schema;
    pub(crate) mod table;
}

// As that crate has them.
use tabular_csv::schema;

pub(crate) const NUMERIC: usize = 5;
pub(crate) const CATEGORIES: usize = 4;
pub(crate) const INPUTS: usize = 2 * NUMERIC + CATEGORIES;
pub(crate) type Input = [f64; INPUTS];

/// The program of a target: with cargo-fuzz for libFuzzer, otherwise one that replays its seeds and changes of them.
#[macro_export]
macro_rules! target {
    ($name:ident) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$name::check(data));

        #[cfg(not(fuzzing))]
        fn main() {
            $crate::replay::run(stringify!($name), $crate::$name::check);
        }
    };
}
