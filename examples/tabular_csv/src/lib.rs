//! What the training and the serving program of this example share: the chain, and how a row of the table becomes its input.
//!
//! A chain has all its sizes in its type, so the kind of columns is fixed here: [`NUMERIC`] columns of numbers and one categorical
//! column of at most [`CATEGORIES`] categories. The names of the columns and the categories come from the file, and go with the
//! parameters into the saved network ([`schema::Schema`]), as do the means and deviations of the columns. So the server needs nothing else.

pub mod schema;
pub mod table;

use simplechain::prelude::*;

/// Columns of numbers.
pub const NUMERIC: usize = 5;

/// Room for categories of the categorical column.
pub const CATEGORIES: usize = 4;

/// Every number, whether it is missing, and the category, one-hot.
pub const INPUTS: usize = 2 * NUMERIC + CATEGORIES;

simple_chain! {
    /// From the columns as they are in the file to the target in its own unit.
    pub struct Net: INPUTS => standardize => dense(silu, 32) => dense(silu, 16) => dense(id, 1) => unstandardize;

    /// The linear model to compare with.
    pub struct Linear: INPUTS => standardize => dense(id, 1) => unstandardize
}

/// The input of a chain.
pub type Input = [f64; INPUTS];

/// The means of the numeric columns, as `standardize`, the first layer of [`Net`], has learned them: what replaces missing
/// numbers.
///
/// # Panics
/// Never: the first layer has so many means.
#[must_use]
pub fn learned_means(params: &<Net as Network>::Params<f64>) -> [f64; NUMERIC] {
    *Net.state(params, 0)
        .first_chunk()
        .expect("a mean for every input")
}
