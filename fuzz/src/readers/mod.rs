//! The targets of files: all readers, and the writer of ONNX.

pub mod architecture;
pub mod checkpoints;
pub mod csv_table;
pub mod files;
pub mod idx;
pub mod import;
pub mod onnx;
pub mod storage;

#[path = "../../../examples/tabular_csv/src"]
mod tabular_csv {
    pub(crate) mod schema;
    pub(crate) mod table;
}

// As that crate has them.
pub(crate) use tabular_csv::schema;

pub(crate) const NUMERIC: usize = 5;
pub(crate) const CATEGORIES: usize = 4;
pub(crate) const INPUTS: usize = 2 * NUMERIC + CATEGORIES;
pub(crate) type Input = [f64; INPUTS];
