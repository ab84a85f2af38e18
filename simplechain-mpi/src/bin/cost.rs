//! What a step of training costs in several processes, and how much of it is communication: the table in `README.md`.
//!
//! ```text
//! mpirun -n 2 cost
//! ```

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use simplechain::prelude::*;
use simplechain::train::Communicator;
use simplechain_mpi::World;

simple_chain! {
    struct MatrixExponential: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct LeNet5: (28, 28, 1)
        => conv(relu, (5, 5), 6) => maxpool(2, 2)
        => conv(relu, (5, 5), 16) => maxpool(2, 2)
        => flatten => dense(relu, 120) => dense(relu, 84) => dense(id, 10)
}

/// Rounds, of which the one with the shortest steps counts, and the seconds of each.
const ROUNDS: usize = 30;
const ROUND: f64 = 0.02;

/// A communicator that measures itself.
#[derive(Clone)]
struct Timed {
    world: World,
    /// Nanoseconds until the last process is there, and of the exchange itself.
    waiting: Arc<AtomicU64>,
    exchange: Arc<AtomicU64>,
    /// What was received.
    bytes: Arc<AtomicU64>,
}

impl fmt::Debug for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.world.fmt(f)
    }
}

impl Timed {
    fn time(&self, bytes: usize, call: impl FnOnce()) {
        let start = Instant::now();
        let size = self.size();
        self.world
            .all_gather(&[0], &mut vec![0; size], &vec![1; size]);
        let waited = start.elapsed();
        call();
        let add = |to: &AtomicU64, time: Duration| {
            to.fetch_add(time.as_nanos() as u64, Ordering::Relaxed);
        };
        add(&self.waiting, waited);
        add(&self.exchange, start.elapsed() - waited);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Communicator for Timed {
    fn rank(&self) -> usize {
        self.world.rank()
    }
    fn size(&self) -> usize {
        self.world.size()
    }
    fn all_gather(&self, part: &[u8], all: &mut [u8], lens: &[usize]) {
        self.time(all.len() - part.len(), || {
            self.world.all_gather(part, all, lens)
        });
    }
    fn all_to_all(&self, to: &[u8], to_lens: &[usize], from: &mut [u8], from_lens: &[usize]) {
        let own = from_lens[self.rank()];
        self.time(from.len() - own, || {
            self.world.all_to_all(to, to_lens, from, from_lens)
        });
    }
}

/// Microseconds of a call, the shortest of some runs.
fn microseconds(calls: u32, mut call: impl FnMut()) -> f64 {
    let mut least = Duration::MAX;
    for _ in 0..5 {
        let start = Instant::now();
        for _ in 0..calls {
            call();
        }
        least = least.min(start.elapsed() / calls);
    }
    least.as_secs_f64() * 1e6
}

/// Trains, and prints the time of a step and of what it communicates.
fn steps<C: Network, L: Loss<C, f32> + Send>(
    world: World,
    name: &str,
    chain: C,
    loss: L,
    xs: &[C::Input<f32>],
    targets: &[L::Target],
) -> Result<(), simplechain::Error> {
    let timed = Timed {
        world,
        waiting: Arc::default(),
        exchange: Arc::default(),
        bytes: Arc::default(),
    };
    let mut params = chain.init::<f32>(&mut rng(1));
    let mut trainer = Trainer::new(chain, loss, Adam::new(1e-3))
        .threads(1)
        .over(timed.clone());
    // The number of steps is that of rank 0, for all.
    let start = Instant::now();
    trainer.fit(&mut params, xs, targets, 2)?;
    let count = (ROUND / start.elapsed().as_secs_f64() * 2.0).max(2.0) as u64;
    let mut counts = vec![count; world.size()];
    world.all_gather(
        &count.to_ne_bytes(),
        bytemuck::cast_slice_mut(&mut counts),
        &vec![8; world.size()],
    );
    let count = counts[0] as usize;
    let mut best = [f64::MAX; 4];
    for _ in 0..ROUNDS {
        let counters = [&timed.waiting, &timed.exchange, &timed.bytes];
        for counter in counters {
            counter.store(0, Ordering::Relaxed);
        }
        let start = Instant::now();
        trainer.fit(&mut params, xs, targets, count)?;
        let step = start.elapsed().as_secs_f64() * 1e6 / count as f64;
        if step < best[0] {
            let [waiting, exchange, bytes] =
                counters.map(|counter| counter.load(Ordering::Relaxed) as f64 / 1e3 / count as f64);
            best = [step, waiting, exchange, bytes];
        }
    }
    if world.is_first() {
        let [step, waiting, exchange, bytes] = best;
        println!(
            "| {name} | {} | {} | {step:.0} | {waiting:.0} | {exchange:.1} | {bytes:.0} |",
            xs.len(),
            world.size(),
        );
    }
    Ok(())
}

/// Numbers between -1 and 1 that look random.
fn sample<const N: usize>(i: usize) -> [f32; N] {
    std::array::from_fn(|j| ((i * N + j) as f32 * 12.9898).sin())
}

fn main() -> ExitCode {
    simplechain_mpi::run(|world| {
        let size = world.size();
        let (mut word, mut words) = ([0_u8; 8], vec![0; 8 * size]);
        let latency = microseconds(2000, || {
            world.all_gather(&word, &mut words, &vec![8; size]);
            word[0] = words[0];
        });
        const LEN: usize = 1 << 20;
        let (to, mut from) = (vec![1; LEN * size], vec![0; LEN * size]);
        let exchange = microseconds(20, || {
            world.all_to_all(&to, &vec![LEN; size], &mut from, &vec![LEN; size]);
        });
        if world.is_first() {
            println!(
                "all_gather of a word: {latency:.1} us; all_to_all of 1 MiB each: {exchange:.0} us"
            );
            println!("| | batch | processes | step [us] | waiting | exchange | received [kB] |");
            println!("|---|---|---|---|---|---|---|");
        }
        let inputs: Vec<[f32; 4]> = (0..10_000).map(sample).collect();
        let outputs: Vec<[f32; 4]> = (0..10_000).map(|i| sample(i + 1)).collect();
        steps(
            world,
            "4-32-16-4",
            MatrixExponential,
            SquaredLoss,
            &inputs,
            &outputs,
        )?;
        let images: Vec<_> = (0..8192).map(sample::<784>).collect();
        let images = LeNet5.inputs(images.as_flattened())?;
        let labels: Vec<u8> = (0..8192).map(|i| (i * i % 10) as u8).collect();
        for batch in [128, 512, 2048, 8192] {
            let (xs, labels) = (&images[..batch], &labels[..batch]);
            steps(
                world,
                "LeNet-5",
                LeNet5,
                LogitCrossEntropy::new(),
                xs,
                labels,
            )?;
        }
        Ok::<(), simplechain::Error>(())
    })
}
