//! Without libFuzzer: the seeds of a target, and random changes of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

/// The longest input, that of the commands in README.md.
const MAX_LEN: usize = 4096;

/// Where the seeds of a target are.
pub fn seeds(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(name)
}

/// Inputs between two reports.
const REPORTED: usize = 500_000;

/// A target, and where it gets its inputs from.
pub struct Replay {
    name: &'static str,
    check: fn(&[u8]),
    draw: Option<Draw>,
    summary: Option<fn() -> String>,
}

/// Draws an input by a function that draws a number below its argument.
type Draw = fn(&mut dyn FnMut(usize) -> usize) -> Vec<u8>;

impl Replay {
    pub fn new(name: &'static str, check: fn(&[u8])) -> Self {
        Self {
            name,
            check,
            draw: None,
            summary: None,
        }
    }

    /// Of eight inputs that are no seeds, seven are drawn.
    pub fn drawing(self, draw: Draw, summary: fn() -> String) -> Self {
        Self {
            draw: Some(draw),
            summary: Some(summary),
            ..self
        }
    }

    /// The program `name [COUNT [SEED] | FILE ..]`: all seeds and so many other inputs (1000 if nothing is said), or the given inputs.
    pub fn run(self) {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let numbers: Result<Vec<u64>, _> = arguments.iter().map(|text| text.parse()).collect();
        let (count, seed) = match numbers.as_deref() {
            Ok([]) => (1000, 0),
            Ok([count]) => (*count, 0),
            Ok([count, seed]) => (*count, *seed),
            _ => {
                for path in &arguments {
                    self.check(&fs::read(path).expect("an input"));
                }
                return;
            }
        };
        let start = Instant::now();
        let report = |inputs| {
            let seconds = start.elapsed().as_secs_f64();
            println!("{}: {inputs} inputs in {seconds:.1} s", self.name);
            if let Some(summary) = self.summary {
                println!("{}", summary());
            }
        };
        let seeds = read_all(fs::read_dir(seeds(self.name)).expect("seeds"));
        for seed in &seeds {
            self.check(seed);
        }
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut below = |n: usize| (rng.next_u64() % n.max(1) as u64) as usize;
        for i in 0..count as usize {
            let input = match self.draw {
                Some(draw) if i % 8 > 0 => draw(&mut below),
                _ => changed(&seeds, &mut below),
            };
            self.check(&input);
            let inputs = seeds.len() + i + 1;
            if inputs.is_multiple_of(REPORTED) {
                report(inputs);
            }
        }
        report(seeds.len() + count as usize);
    }

    /// A panic goes on; its input is kept.
    fn check(&self, input: &[u8]) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| (self.check)(input))) {
            let path = env::temp_dir().join(format!("simplechain-fuzz-{}", self.name));
            let _ = fs::write(&path, input);
            eprintln!("the input is {}", path.display());
            resume_unwind(panic);
        }
    }
}

/// A seed with a few changes.
fn changed(seeds: &[Vec<u8>], below: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut input = seeds[below(seeds.len())].clone();
    let len = MAX_LEN.max(input.len());
    for _ in 0..1 + below(4) {
        change(&mut input, seeds, below);
    }
    input.truncate(len);
    input
}

/// Their contents, by name, so that every run is the same.
fn read_all(entries: fs::ReadDir) -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.sort();
    let read = |path| fs::read(path).expect("a seed");
    paths.into_iter().map(read).collect()
}

/// One change: of a byte or a bit, of a number, of a piece.
fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], below: &mut impl FnMut(usize) -> usize) {
    if input.is_empty() {
        input.push(0);
    }
    let at = below(input.len());
    let len = 1 + below(16.min(input.len() - at));
    match below(8) {
        0 => input[at] = below(256) as u8,
        1 => input[at] ^= 1 << below(8),
        2 => input[at] = [0, 1, 0x7f, 0x80, 0xff, b'0', b'9', b'"'][below(8)],
        3 => drop(input.drain(at..at + len)),
        4 => input.truncate(at),
        5 => {
            let piece = input[at..at + len].to_vec();
            let to = below(input.len());
            input.splice(to..to, piece);
        }
        6 => {
            let other = &seeds[below(seeds.len())];
            let from = below(other.len());
            let piece = &other[from..(from + len).min(other.len())];
            input.splice(
                at..(at + below(2) * len).min(input.len()),
                piece.iter().copied(),
            );
        }
        _ => {
            // A number of a header.
            let digit = input[at..].iter().position(u8::is_ascii_digit);
            let at = digit.map_or(at, |digit| at + digit);
            let numbers: [&[u8]; 6] = [
                b"0",
                b"-1",
                b"18446744073709551615",
                b"1e999",
                b"4294967296",
                b"7",
            ];
            input.splice(at..=at, numbers[below(6)].iter().copied());
        }
    }
}
