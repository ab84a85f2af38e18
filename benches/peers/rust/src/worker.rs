//! The worker side of the protocol described in `../README.md`.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::{Value, json};

/// One peer with one workload
#[derive(Parser)]
pub struct Args {
    /// The workload to measure
    pub workload: String,
    /// The directory of the inputs
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// Number of threads
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub threads: usize,
    /// The variant of the implementation
    #[arg(long, value_name = "NAME", default_value = "default")]
    pub variant: String,
}

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A repeatable task.
pub struct Task {
    pub name: String,
    /// The minimum number of repetitions between two clock readings.
    pub granule: usize,
    work: Box<dyn Work>,
}

/// The work of a task.
pub trait Work {
    /// Repeats it this many times.
    fn run(&mut self, times: usize);
    /// Resets, makes this many training steps, and returns values to compare: a loss, or outputs.
    fn check(&mut self, steps: usize) -> Vec<f32>;
}

impl Task {
    pub fn new(name: impl Into<String>, work: impl Work + 'static) -> Self {
        Self {
            name: name.into(),
            granule: 1,
            work: Box::new(work),
        }
    }

    /// Repeated calls on a state, of which `output` returns the values to compare.
    pub fn calls<S: 'static>(
        name: impl Into<String>,
        state: S,
        call: impl Fn(&mut S) + 'static,
        output: impl Fn(&S) -> Vec<f32> + 'static,
    ) -> Self {
        let work = Calls {
            state,
            call,
            output,
        };
        Self::new(name, work)
    }

    /// With another [`granule`](Self::granule).
    pub fn at_least(self, granule: usize) -> Self {
        Self { granule, ..self }
    }

    /// Seconds per repetition, sample by sample, for as long as `budget`.
    fn measure(&mut self, budget: Duration) -> Vec<f64> {
        /// Long compared with the clock's resolution, short compared with the scheduler's time slices.
        const SAMPLE: f64 = 1e-3;
        let mut seconds = |times: usize| {
            let start = Instant::now();
            self.work.run(times);
            start.elapsed().as_secs_f64()
        };
        let mut times = self.granule;
        let mut took = seconds(times);
        while took < SAMPLE {
            times *= 2;
            took = seconds(times);
        }
        let (start, mut samples) = (Instant::now(), Vec::new());
        // For a long task one repetition is enough.
        if took > budget.as_secs_f64() {
            return vec![took / times as f64];
        }
        while samples.is_empty() || start.elapsed() < budget {
            samples.push(seconds(times) / times as f64);
        }
        samples
    }
}

struct Calls<S, F, G> {
    state: S,
    call: F,
    output: G,
}

impl<S, F: Fn(&mut S), G: Fn(&S) -> Vec<f32>> Work for Calls<S, F, G> {
    fn run(&mut self, times: usize) {
        for _ in 0..times {
            (self.call)(black_box(&mut self.state));
        }
    }

    fn check(&mut self, _: usize) -> Vec<f32> {
        self.run(1);
        (self.output)(&self.state)
    }
}

/// Parses the arguments, creates the tasks, and answers requests until the input ends.
pub fn serve(
    versions: &[(&str, &str)],
    tasks: impl FnOnce(&Args) -> Result<Vec<Task>>,
) -> Result<()> {
    let args = Args::parse();
    let start = Instant::now();
    let mut tasks = tasks(&args)?;
    for task in &mut tasks {
        task.work.run(task.granule);
    }
    let names: Vec<&str> = tasks.iter().map(|task| task.name.as_str()).collect();
    let versions: serde_json::Map<String, Value> = versions
        .iter()
        .map(|(name, version)| ((*name).to_owned(), json!(version)))
        .collect();
    answer(&json!({
        "tasks": names,
        "first_call_s": start.elapsed().as_secs_f64(),
        "versions": versions,
    }))?;

    for line in io::stdin().lock().lines() {
        let line = line?;
        let [request, task, number] = line
            .split(' ')
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|_| format!("not a request: {line}"))?;
        let task = tasks
            .iter_mut()
            .find(|candidate| candidate.name == task)
            .ok_or_else(|| format!("no task {task}"))?;
        match request {
            "check" => answer(&json!({ "values": task.work.check(number.parse()?) }))?,
            "measure" => {
                let budget = Duration::try_from_secs_f64(number.parse()?)?;
                answer(&json!({ "seconds": task.measure(budget) }))?;
            }
            _ => return Err(format!("not a request: {line}").into()),
        }
    }
    Ok(())
}

fn answer(value: &Value) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{value}")?;
    stdout.flush()
}
