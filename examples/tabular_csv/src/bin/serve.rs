//! Predicts line by line: reads CSV from the standard input, and writes a prediction for every line to the standard output.
//!
//! The first line is a header; the order of the columns does not matter, and there may be others. A line that is wrong is
//! reported on the standard error with its number, and gets an empty line as its prediction, so that line `n` of the output belongs to row `n`.
//!
//! ```text
//! cargo run --release -p tabular_csv --bin serve -- houses.safetensors < new_houses.csv
//! ```

use std::error::Error;
use std::io::{self, BufRead, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use csv::StringRecord;
use simplechain::prelude::*;
use simplechain::storage;
use tabular_csv::schema::Schema;
use tabular_csv::{Net, learned_means};

/// The longest line, in bytes: an input without line breaks must not fill the memory.
const MAX_LINE: u64 = 1 << 16;

/// Predict from CSV on the standard input
#[derive(Parser)]
struct Args {
    /// The network, as `tabular_csv` saved it
    network: PathBuf,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the predictions has enough: no mistake.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            report(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// A line on the standard error. That nobody reads it is no reason to stop.
fn report(message: std::fmt::Arguments<'_>) {
    _ = writeln!(io::stderr(), "{message}");
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn run(args: &Args) -> Result<(), Box<dyn Error>> {
    let params = Net.load::<f64>(&args.network)?;
    let schema = Schema::from_entries(&storage::entries(&args.network)?)?;
    let means = learned_means(&params);

    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let Some(header) = next_line(&mut input)? else {
        return Ok(());
    };
    let header = record(header).map_err(|reason| format!("line 1: {reason}"))?;
    let places = schema.places(&header);
    let places = places.map_err(|bad| format!("line 1, {bad}"))?;
    let mut number = 1_u64;
    while let Some(line) = next_line(&mut input)? {
        number += 1;
        let row = record(line).and_then(|record| {
            let row = schema.row(&places, &record);
            row.map_err(|bad| bad.to_string())
        });
        match row {
            Ok(row) => {
                let [prediction] = Net.forward(&row.input(&means), &params);
                writeln!(output, "{prediction}")?;
            }
            Err(reason) => {
                report(format_args!("line {number}: {reason}"));
                writeln!(output)?;
            }
        }
        // Somebody may wait for this prediction before the next line is written.
        output.flush()?;
    }
    Ok(())
}

/// The next line without its end, or why it is none; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Result<String, String>>> {
    let mut line = Vec::new();
    let length = input.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if length == 0 {
        return Ok(None);
    }
    if line.last() != Some(&b'\n') && length as u64 == MAX_LINE {
        input.skip_until(b'\n')?;
        return Ok(Some(Err(format!(
            "the line is longer than {MAX_LINE} bytes"
        ))));
    }
    while matches!(line.last(), Some(b'\n' | b'\r')) {
        line.pop();
    }
    Ok(Some(
        String::from_utf8(line).map_err(|_| "the line is not UTF-8".to_owned()),
    ))
}

/// The fields of a line.
fn record(line: Result<String, String>) -> Result<StringRecord, String> {
    let line = line?;
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).from_reader(line.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => Ok(record),
        Some(Err(error)) => Err(error.to_string()),
        None => Err("the line is empty".to_owned()),
    }
}
