//! The columns of a table: their names, the categories, and how a record becomes the input of a chain.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use csv::StringRecord;

use crate::{CATEGORIES, INPUTS, Input, NUMERIC};

/// What the saved network must know of the table that it was trained on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The names of the columns of numbers, in the order of the inputs.
    pub numeric: [String; NUMERIC],
    /// The name of the categorical column.
    pub categorical: String,
    /// The categories, in the order of the inputs.
    pub categories: Vec<String>,
    /// The name of the column to predict.
    pub target: String,
}

/// A value that is not what its column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// The name of the column.
    pub column: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column `{}`: {}", self.column, self.reason)
    }
}

impl Error for BadValue {}

/// The numbers of a row, `None` where one is missing, and the index of its category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// In the order of [`Schema::numeric`].
    pub numbers: [Option<f64>; NUMERIC],
    /// In [`Schema::categories`].
    pub category: usize,
}

impl Row {
    /// The input of the chain: the numbers, a missing one replaced by its mean; then a 1 for each that is missing; then a 1 at the
    /// category.
    #[must_use]
    pub fn input(&self, means: &[f64; NUMERIC]) -> Input {
        let mut input = [0.0; INPUTS];
        for (i, (number, mean)) in self.numbers.iter().zip(means).enumerate() {
            input[i] = number.unwrap_or(*mean);
            input[NUMERIC + i] = f64::from(u8::from(number.is_none()));
        }
        input[2 * NUMERIC + self.category] = 1.0;
        input
    }
}

/// Where the columns of a schema are in the records of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    numeric: [usize; NUMERIC],
    categorical: usize,
}

/// How a missing value is written.
fn is_missing(text: &str) -> bool {
    matches!(text, "" | "NA" | "N/A" | "NaN" | "nan" | "null")
}

/// A number of this column; `None` if it is missing.
///
/// # Errors
/// If it is neither a finite number nor missing.
pub fn number(column: &str, text: &str) -> Result<Option<f64>, BadValue> {
    let text = text.trim();
    if is_missing(text) {
        return Ok(None);
    }
    let parsed = text.parse().ok().filter(|number: &f64| number.is_finite());
    parsed.map(Some).ok_or_else(|| BadValue {
        column: column.to_owned(),
        reason: format!("{text:?} is not a finite number; leave it empty if it is missing"),
    })
}

impl Schema {
    /// Finds the columns by name in the header of a file; their order does not matter, and there may be others.
    ///
    /// # Errors
    /// A column is missing, or there twice.
    pub fn places(&self, header: &StringRecord) -> Result<Places, BadValue> {
        let mut numeric = [0; NUMERIC];
        for (place, name) in numeric.iter_mut().zip(&self.numeric) {
            *place = find(header, name)?;
        }
        Ok(Places {
            numeric,
            categorical: find(header, &self.categorical)?,
        })
    }

    /// The values of a record.
    ///
    /// # Errors
    /// The first value that is not what its column holds.
    pub fn row(&self, places: &Places, record: &StringRecord) -> Result<Row, BadValue> {
        let mut numbers = [None; NUMERIC];
        for (i, name) in self.numeric.iter().enumerate() {
            numbers[i] = number(name, field(record, places.numeric[i], name)?)?;
        }
        let text = field(record, places.categorical, &self.categorical)?.trim();
        let category = self.categories.iter().position(|known| known == text);
        let category = category.ok_or_else(|| BadValue {
            column: self.categorical.clone(),
            reason: format!(
                "{text:?} is none of the categories {}",
                self.categories.join(", ")
            ),
        })?;
        Ok(Row { numbers, category })
    }

    /// As the entries of a saved network: lists are lines of CSV.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn entries(&self) -> Result<[(&'static str, String); 4], Box<dyn Error>> {
        Ok([
            ("numeric", line(&self.numeric)?),
            ("categorical", self.categorical.clone()),
            ("categories", line(&self.categories)?),
            ("target", self.target.clone()),
        ])
    }

    /// From the entries of a saved network.
    ///
    /// # Errors
    /// One is missing, or has another number of names than the chain has inputs for.
    pub fn from_entries(entries: &BTreeMap<String, String>) -> Result<Self, Box<dyn Error>> {
        let entry = |name: &str| {
            let text = entries.get(name);
            text.ok_or_else(|| {
                format!("the file has no entry `{name}`: `tabular_csv` did not write it")
            })
        };
        let numeric = parse(entry("numeric")?)?;
        let categories = parse(entry("categories")?)?;
        if categories.is_empty() || categories.len() > CATEGORIES {
            return Err(format!(
                "the entry `categories` has {} names, but must have 1 to {CATEGORIES}",
                categories.len()
            )
            .into());
        }
        Ok(Self {
            numeric: numeric.try_into().map_err(|names: Vec<_>| {
                format!(
                    "the entry `numeric` has {} names, but the chain takes {NUMERIC}",
                    names.len()
                )
            })?,
            categorical: entry("categorical")?.clone(),
            categories,
            target: entry("target")?.clone(),
        })
    }
}

/// The place of the column with this name.
///
/// # Errors
/// It is missing, or there twice.
pub fn find(header: &StringRecord, name: &str) -> Result<usize, BadValue> {
    let mut places = (0..header.len()).filter(|place| header[*place].trim() == name);
    let bad = |reason: String| BadValue {
        column: name.to_owned(),
        reason,
    };
    let first = places.next().ok_or_else(|| {
        let names = header.iter().collect::<Vec<_>>().join(", ");
        bad(format!("the header has no such column, but {names}"))
    })?;
    match places.next() {
        None => Ok(first),
        Some(_) => Err(bad("the header has two columns of this name".to_owned())),
    }
}

/// The field at a place of a record.
///
/// # Errors
/// The record is too short.
pub fn field<'a>(record: &'a StringRecord, place: usize, name: &str) -> Result<&'a str, BadValue> {
    record.get(place).ok_or_else(|| BadValue {
        column: name.to_owned(),
        reason: format!("the record has only {} fields", record.len()),
    })
}

fn line(names: &[String]) -> Result<String, Box<dyn Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(names)?;
    let text = String::from_utf8(writer.into_inner()?)?;
    Ok(text.trim_end().to_owned())
}

fn parse(line: &str) -> Result<Vec<String>, csv::Error> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(line.as_bytes());
    let record = reader
        .records()
        .next()
        .unwrap_or_else(|| Ok(StringRecord::new()))?;
    Ok(record.iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of all kinds survive the entries of a file.
    #[test]
    fn a_schema_survives_its_entries() {
        let names = ["a", "b, c", "\"d\"", " e ", "f\ng"];
        let schema = Schema {
            numeric: names.map(str::to_owned),
            categorical: "ä".to_owned(),
            categories: vec!["x,y".to_owned(), "z".to_owned()],
            target: "t".to_owned(),
        };
        let entries = schema.entries().unwrap();
        let entries = entries.map(|(name, text)| (name.to_owned(), text));
        let mut entries = BTreeMap::from(entries);
        assert_eq!(Schema::from_entries(&entries).unwrap(), schema);
        entries.insert("numeric".to_owned(), "a,b".to_owned());
        let error = Schema::from_entries(&entries).unwrap_err().to_string();
        assert!(error.contains("2 names, but the chain takes 5"), "{error}");
        entries.remove("target");
        assert!(Schema::from_entries(&entries).is_err());
    }

    #[test]
    fn an_input_has_numbers_gaps_and_a_category() {
        let row = Row {
            numbers: [Some(1.0), None, Some(3.0), None, Some(5.0)],
            category: 2,
        };
        let input = row.input(&[10.0, 20.0, 30.0, 40.0, 50.0]);
        assert_eq!(
            input,
            [
                1.0, 20.0, 3.0, 40.0, 5.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0
            ]
        );
    }
}
