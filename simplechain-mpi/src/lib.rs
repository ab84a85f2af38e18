//! Training in many processes, by MPI: a [`Communicator`] for [`Trainer::over`](simplechain::train::Trainer::over).
//!
//! Parameters have the same bits for any number of processes, with any number of threads each, as in one process without MPI.
//!
//! ```no_run
//! use simplechain::prelude::*;
//!
//! simple_chain! { struct Net: 1 => dense(tanh, 16) => dense(id, 1) }
//!
//! fn main() -> std::process::ExitCode {
//!     simplechain_mpi::run(|world| {
//!         let xs: Vec<[f32; 1]> = (0..10_000).map(|i| [i as f32 / 10_000.0]).collect();
//!         let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0].sin()]).collect();
//!         let mut params = Net.init::<f32>(&mut rng(0));
//!         let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2)).threads(1).over(world);
//!         let history = trainer.fit(&mut params, &xs, &ys, 100)?;
//!         if world.is_first() {
//!             println!("loss {}", history.last_loss());
//!         }
//!         Ok::<(), simplechain::Error>(())
//!     })
//! }
//! ```
//!
//! ```text
//! mpirun -n 4 program
//! ```

use std::fmt::Display;
use std::process::ExitCode;

use mpi::datatype::{Partition, PartitionMut};
use mpi::topology::{Communicator as _, SimpleCommunicator};
use mpi::traits::CommunicatorCollectives as _;
use mpi::{Count, Threading};
use simplechain::train::Communicator;

/// All processes that `mpirun` has started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    rank: usize,
    size: usize,
}

impl World {
    /// Whether this process is the one to print and to write files.
    pub fn is_first(self) -> bool {
        self.rank == 0
    }

    /// Ends all processes.
    fn abort(self, what: &str) -> ! {
        eprintln!("rank {} of {}: {what}", self.rank, self.size);
        SimpleCommunicator::world().abort(1)
    }
}

impl Communicator for World {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn all_gather(&self, part: &[u8], all: &mut [u8], lens: &[usize]) {
        let [counts, places] = counts_and_places(lens);
        let mut all = PartitionMut::new(all, counts, places);
        SimpleCommunicator::world().all_gather_varcount_into(part, &mut all);
    }

    fn all_to_all(&self, to: &[u8], to_lens: &[usize], from: &mut [u8], from_lens: &[usize]) {
        let [counts, places] = counts_and_places(to_lens);
        let to = Partition::new(to, counts, places);
        let [counts, places] = counts_and_places(from_lens);
        let mut from = PartitionMut::new(from, counts, places);
        SimpleCommunicator::world().all_to_all_varcount_into(&to, &mut from);
    }
}

/// Of parts that are one after another.
fn counts_and_places(lens: &[usize]) -> [Vec<Count>; 2] {
    let count = |len| Count::try_from(len).expect("a process exchanges less than 2 GiB in a step");
    let counts = lens.iter().map(|len| count(*len)).collect();
    let mut end = 0;
    let places = lens.iter().map(|len| {
        end += len;
        count(end - len)
    });
    [counts, places.collect()]
}

/// Ends all processes if this one panics: the others may be waiting for it.
struct Guard(World);

impl Drop for Guard {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.abort("it has panicked, so the job ends");
        }
    }
}

/// The `main` of a program in every process. If `program` returns an error or panics in one, all end, with the message on standard error: none
/// waits for ever for one that is not there. If one is killed, `mpirun` ends the others.
///
/// All processes return from `program` only after the same calls.
pub fn run<E: Display>(program: impl FnOnce(World) -> Result<(), E>) -> ExitCode {
    let Some((universe, threading)) = mpi::initialize_with_threading(Threading::Serialized) else {
        eprintln!("MPI has been initialized before: `run` is the whole of `main`");
        return ExitCode::FAILURE;
    };
    let communicator = universe.world();
    let world = World {
        rank: communicator.rank() as usize,
        size: communicator.size() as usize,
    };
    // A trainer with several threads exchanges its results from one of these.
    if threading < Threading::Serialized {
        world.abort(
            "this MPI allows calls from the first thread alone (MPI_THREAD_SERIALIZED is needed)",
        );
    }
    let guard = Guard(world);
    if let Err(error) = program(world) {
        world.abort(&error.to_string());
    }
    drop(guard);
    ExitCode::SUCCESS
}
