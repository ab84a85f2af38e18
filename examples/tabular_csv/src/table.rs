//! A table to train on: read from a CSV file with a header, and split.

use std::error::Error;
use std::io::Read;

use csv::StringRecord;
use rand::Rng;

use crate::schema::{self, BadValue, Row, Schema};
use crate::{CATEGORIES, Input, NUMERIC};

/// Rows and their targets.
#[derive(Clone, Debug)]
pub struct Table {
    /// The columns.
    pub schema: Schema,
    /// The rows.
    pub rows: Vec<Row>,
    /// What is to be predicted.
    pub targets: Vec<[f64; 1]>,
}

impl Table {
    /// Reads a table. `categorical` and `target` are the names of two columns; all others must be numbers.
    ///
    /// # Errors
    /// The first mistake, with its line and column.
    pub fn read(file: impl Read, categorical: &str, target: &str) -> Result<Self, Box<dyn Error>> {
        let mut reader = csv::Reader::from_reader(file);
        let header = reader.headers()?.clone();
        let target_place = schema::find(&header, target).map_err(|bad| at(1, &bad))?;
        let categorical_place = schema::find(&header, categorical).map_err(|bad| at(1, &bad))?;
        if target_place == categorical_place {
            return Err(
                format!("`{target}` cannot be both the target and the categorical column").into(),
            );
        }
        let names = header.iter().enumerate();
        let names = names.filter(|(place, _)| ![target_place, categorical_place].contains(place));
        let numeric: Vec<String> = names.map(|(_, name)| name.trim().to_owned()).collect();
        let numeric = numeric.try_into().map_err(|names: Vec<_>| {
            format!(
                "line 1: there are {} columns of numbers ({}), but the chain takes {NUMERIC}: change `NUMERIC` in lib.rs, and compile again",
                names.len(),
                names.join(", "),
            )
        })?;
        let mut schema = Schema {
            numeric,
            categorical: categorical.to_owned(),
            categories: Vec::new(),
            target: target.to_owned(),
        };
        let records = reader.records().collect::<Result<Vec<StringRecord>, _>>()?;
        schema.categories = categories(&records, categorical_place, categorical)?;
        let places = schema.places(&header).map_err(|bad| at(1, &bad))?;
        let (mut rows, mut targets) = (Vec::new(), Vec::new());
        for record in &records {
            let line = line_of(record);
            rows.push(schema.row(&places, record).map_err(|bad| at(line, &bad))?);
            let found =
                schema::number(target, &record[target_place]).map_err(|bad| at(line, &bad))?;
            let missing = || BadValue {
                column: target.to_owned(),
                reason: "the target is missing: remove the row".to_owned(),
            };
            targets.push([found.ok_or_else(|| at(line, &missing()))?]);
        }
        if rows.len() < 10 {
            return Err(format!(
                "there are {} rows, but at least 10 are needed to train and to judge",
                rows.len()
            )
            .into());
        }
        Ok(Self {
            schema,
            rows,
            targets,
        })
    }

    /// The mean of every column over the given rows, without those where it is missing; 0 if it always is.
    #[must_use]
    pub fn means(&self, rows: &[usize]) -> [f64; NUMERIC] {
        core::array::from_fn(|column| {
            let numbers = rows
                .iter()
                .filter_map(|row| self.rows[*row].numbers[column]);
            let (sum, count) = numbers.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
            if count > 0.0 { sum / count } else { 0.0 }
        })
    }

    /// Inputs and targets of the given rows.
    #[must_use]
    pub fn samples(&self, rows: &[usize], means: &[f64; NUMERIC]) -> (Vec<Input>, Vec<[f64; 1]>) {
        let samples = rows.iter();
        samples
            .map(|row| (self.rows[*row].input(means), self.targets[*row]))
            .unzip()
    }
}

/// The indices of `count` rows in random order: 70 % to train, 15 % to validate, 15 % to test.
#[must_use]
pub fn split(count: usize, rng: &mut impl Rng) -> [Vec<usize>; 3] {
    let mut rows: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        let j = ((u128::from(rng.next_u64()) * (i as u128 + 1)) >> 64) as usize;
        rows.swap(i, j);
    }
    let test = rows.split_off(count - count * 15 / 100);
    let validation = rows.split_off(rows.len() - count * 15 / 100);
    [rows, validation, test]
}

/// The categories that occur, sorted.
fn categories(
    records: &[StringRecord],
    place: usize,
    name: &str,
) -> Result<Vec<String>, Box<dyn Error>> {
    let mut found: Vec<String> = Vec::new();
    for record in records {
        let category = record[place].trim();
        let bad = |reason| {
            let column = name.to_owned();
            at(line_of(record), &BadValue { column, reason })
        };
        if category.is_empty() {
            return Err(
                bad("the category is missing: give it one, such as `unknown`".to_owned()).into(),
            );
        }
        if !found.iter().any(|known| known == category) {
            if found.len() == CATEGORIES {
                return Err(bad(format!(
                    "{category:?} is one category more than the {CATEGORIES} that the chain has inputs for, {}: change `CATEGORIES` in lib.rs, and compile again",
                    found.join(", "),
                ))
                .into());
            }
            found.push(category.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

fn line_of(record: &StringRecord) -> u64 {
    record.position().map_or(0, csv::Position::line)
}

fn at(line: u64, bad: &BadValue) -> String {
    format!("line {line}, {bad}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use simplechain::init::rng;

    #[test]
    fn a_split_is_a_partition() {
        for count in [10, 11, 99, 1000] {
            let parts = split(count, &mut rng(3));
            assert_eq!(parts[1].len(), count * 15 / 100);
            assert_eq!(parts[2].len(), count * 15 / 100);
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            assert_eq!(split(count, &mut rng(3)), parts);
        }
        assert_ne!(split(100, &mut rng(1)), split(100, &mut rng(2)));
    }
}
