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

mod kills;
mod load;
mod memory;

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
use memory::Memory;

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

/// glibc gives a thread that lives beside others an arena of its own, up to eight for each CPU, and keeps them, 4 MB each here. How
/// many threads of ended trainings are still alive depends on what else runs, so there is one arena: what grows is what is kept.
const ARENAS: (&str, &str) = ("MALLOC_ARENA_MAX", "1");

/// Becomes the same program with one arena. Returns why it cannot.
fn again() -> io::Error {
    match env::current_exe() {
        Ok(program) => Command::new(program)
            .args(env::args_os().skip(1))
            .env(ARENAS.0, ARENAS.1)
            .exec(),
        Err(error) => error,
    }
}

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match &args.child {
        Some(child) => kills::child(child),
        None if env::var_os(ARENAS.0).is_none() => Err(again().into()),
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
    println!(
        "{:>8} {:>9} {:>8} {:>7} {:>8} {:>8}",
        "seconds", "trainings", "stopped", "killed", "compared", "KB"
    );
    thread::scope(|scope| {
        let killing = scope.spawn(|| {
            let result = (|| {
                while !ends.load(Ordering::Relaxed) {
                    kills.one_training(&ends)?;
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
                let resident = memory::resident()?;
                if start.elapsed() >= length.mul_f64(args.warm_up) {
                    memory.push(resident);
                }
                println!(
                    "{:8.0} {:9} {:8} {:7} {:8} {:8}",
                    start.elapsed().as_secs_f64(),
                    load.trainings,
                    load.stopped,
                    kills::KILLED.load(Ordering::Relaxed),
                    kills::COMPARED.load(Ordering::Relaxed),
                    resident,
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
        Some(growth) if growth <= args.growth => Ok(()),
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
