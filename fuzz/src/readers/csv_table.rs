//! The reader of CSV tables of the example `tabular_csv`: rows of finite numbers or the line that is wrong, and a schema that survives
//! the entries of a saved network.

use std::collections::BTreeMap;

use super::tabular_csv::schema::Schema;
use super::tabular_csv::table::{Table, split};
use crate::files::within_memory;

/// The buffer of the reader; a row of empty columns takes many times its length.
const FIXED: usize = 256 << 10;
const TIMES: usize = 300;

/// Holds for any bytes.
pub fn check(data: &[u8]) {
    let read = || Table::read(data, "heating", "energy_kwh");
    let table = match within_memory(FIXED, TIMES, data, read) {
        // With names and values as they are in the file.
        Err(error) => return drop(error.to_string()),
        Ok(table) => table,
    };
    let entries = table.schema.entries().expect("names can be written");
    let entries = entries.map(|(name, text)| (name.to_owned(), text));
    let schema = Schema::from_entries(&BTreeMap::from(entries));
    assert_eq!(schema.expect("what was written"), table.schema);
    let rows = split(table.rows.len(), &mut simplechain::init::rng(0)).concat();
    assert_eq!(rows.len(), table.rows.len());
    let (inputs, targets) = table.samples(&rows, &[0.0; 5]);
    assert!(inputs.as_flattened().iter().all(|x| x.is_finite()));
    assert!(targets.as_flattened().iter().all(|y| y.is_finite()));
    // A sum of large numbers may not be.
    let _ = table.means(&rows);
}
