//! Trainings that are started, stopped, killed and resumed for an hour, on two threads; in the end all bits are right, and memory
//! did not grow.
//!
//! ```sh
//! cargo run --release -p simplechain-test-soak -- --minutes 60
//! ```
//!
//! Two loops run side by side. One makes trainings of several chains in this process and stops them anywhere; the other starts this
//! program as a child that trains with checkpoints, kills it after some milliseconds, starts it again, and compares the
//! parameters at the end with those of a child that was left alone.
//!
//! Sixty times both wait until nothing runs, and the memory is read: what is allocated, which must be the same number of bytes after the
//! warm-up, and what is resident.

mod kills;
mod live;
mod load;
mod memory;
mod rest;

use std::env;
use std::error::Error;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;

use kills::Kills;
use load::Load;
use memory::{Memory, Reading};
use rest::Rest;

/// Train, stop, kill and resume, and watch the memory
#[derive(Parser)]
struct Args {
    /// How long
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = positive)]
    minutes: f64,
    /// Of the time, what counts as warm-up
    #[arg(long, value_name = "PART", default_value_t = 0.1)]
    warm_up: f64,
    /// By how much memory may grow after the warm-up, in percent
    #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
    growth: f64,
    /// The seed of everything that is drawn
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    seed: u64,
    /// How this program starts itself: trains in this directory, with this number of threads
    #[arg(long, num_args = 3, value_names = ["DIRECTORY", "SEED", "THREADS"], hide = true)]
    child: Option<Vec<String>>,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(number) if number > 0.0 => Ok(number),
        _ => Err("it must be a number above 0".to_owned()),
    }
}

/// What glibc keeps for later, so that what is resident is near to what is allocated: an arena for each thread that lives beside
/// others (how many threads of ended trainings are still alive depends on what else runs), large blocks that were freed, and the
/// stacks of ended threads.
const GLIBC: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.malloc.arena_max=1:glibc.malloc.mmap_threshold=65536:glibc.malloc.trim_threshold=65536:glibc.pthread.stack_cache_size=0",
);

/// Becomes the same program with a glibc that keeps little. Returns why it cannot.
fn again() -> io::Error {
    match env::current_exe() {
        Ok(program) => Command::new(program)
            .args(env::args_os().skip(1))
            .env(GLIBC.0, GLIBC.1)
            .exec(),
        Err(error) => error,
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match &args.child {
        Some(child) => kills::child(child),
        None if env::var_os(GLIBC.0).is_none() => Err(again().into()),
        None => soak(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How many lines are printed.
const REPORTS: u32 = 60;

fn soak(args: &Args) -> Result<(), Box<dyn Error>> {
    let (start, length) = (Instant::now(), Duration::from_secs_f64(60.0 * args.minutes));
    let directory = Scratch::new()?;
    let ends = AtomicBool::new(false);
    let (mut load, mut kills) = (Load::new(args.seed), Kills::new(args.seed, &directory.0)?);
    let mut memory = Memory::new(REPORTS as usize + 1);
    let rest = Rest::new()?;
    println!(
        "{:>8} {:>9} {:>8} {:>7} {:>8} {:>9} {:>7} {:>12}",
        "seconds", "trainings", "stopped", "killed", "compared", "live B", "blocks", "resident KB"
    );
    thread::scope(|scope| {
        let killing = scope.spawn(|| {
            let result = (|| {
                while !ends.load(Ordering::Relaxed) {
                    kills.one_training(&rest, &ends)?;
                }
                Ok::<_, Box<dyn Error + Send + Sync>>(())
            })();
            ends.store(true, Ordering::Relaxed);
            result
        });
        let mut due = Duration::ZERO;
        let loaded = loop {
            if let Err(error) = load.round() {
                break Err(error);
            }
            if start.elapsed() >= due {
                let reading = match rest.take(Reading::now) {
                    Ok(reading) => reading,
                    Err(error) => break Err(error),
                };
                if start.elapsed() >= length.mul_f64(args.warm_up) {
                    memory.push(reading);
                }
                println!(
                    "{:8.0} {:9} {:8} {:7} {:8} {:9} {:7} {:12}",
                    start.elapsed().as_secs_f64(),
                    load.trainings,
                    load.stopped,
                    kills::KILLED.load(Ordering::Relaxed),
                    kills::COMPARED.load(Ordering::Relaxed),
                    reading.live,
                    reading.blocks,
                    reading.resident,
                );
                due = start.elapsed() + length / REPORTS;
            }
            if start.elapsed() >= length || ends.load(Ordering::Relaxed) {
                break Ok(());
            }
        };
        ends.store(true, Ordering::Relaxed);
        killing
            .join()
            .expect("no panic")
            .map_err(|error| error as Box<dyn Error>)?;
        loaded
    })?;
    println!("{memory}");
    match memory.growth() {
        Some(growth) if growth.iter().all(|&growth| growth <= args.growth) => Ok(()),
        Some(_) => Err("memory grew".into()),
        None => Err("it was too short for a warm-up".into()),
    }
}

/// A directory that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Self, Box<dyn Error>> {
        let name = format!("simplechain-soak-{}", std::process::id());
        let path = env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}
