//! Without libFuzzer: the seeds of a target, and random changes of them.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

use rand::Rng;
use simplechain::init;

/// The longest input, that of the commands in README.md.
const MAX_LEN: usize = 4096;

/// Where the seeds of a target are.
pub fn seeds(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(name)
}

/// The program `name [CHANGES | FILE ..]`: all seeds and so many changed ones (1000 if nothing is said), or the given inputs.
pub fn run(name: &str, check: fn(&[u8])) {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let changes = match &arguments[..] {
        [] => Some(1000),
        [count] => count.parse().ok(),
        _ => None,
    };
    let start = Instant::now();
    let mut inputs = 0;
    let mut run = |input: &[u8]| {
        inputs += 1;
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(input))) {
            let path = env::temp_dir().join(format!("simplechain-fuzz-{name}"));
            let _ = fs::write(&path, input);
            eprintln!("the input is {}", path.display());
            resume_unwind(panic);
        }
    };
    if let Some(changes) = changes {
        let seeds = read_all(fs::read_dir(seeds(name)).expect("seeds"));
        for seed in &seeds {
            run(seed);
        }
        let mut rng = init::rng(0);
        let mut below = |n: usize| (rng.next_u64() % n.max(1) as u64) as usize;
        for i in 0..changes {
            let mut input = seeds[i % seeds.len()].clone();
            for _ in 0..1 + below(4) {
                change(&mut input, &seeds, &mut below);
            }
            input.truncate(MAX_LEN.max(seeds[i % seeds.len()].len()));
            run(&input);
        }
    } else {
        for path in &arguments {
            run(&fs::read(path).expect("an input"));
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    println!("{name}: {inputs} inputs in {seconds:.1} s");
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
