//! Trains a network in one of several ways, and prints a hash of the parameters in every process: the program of `tests/processes.rs`.
//!
//! ```text
//! mpirun -n 3 bits full,mini
//! bits full --plain                                  # without MPI
//! mpirun -n 3 bits checkpoints --directory run --kill 1
//! ```

use std::cell::Cell;
use std::env;
use std::error::Error;
use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;
use std::process::{self, Command, ExitCode};

use simplechain::data::Samples;
use simplechain::prelude::*;
use simplechain::train::{Checkpoints, Communicator};
use simplechain_mpi::World;

simple_chain! {
    struct Net: 4 => dense(tanh, 32) => dense(tanh, 16) => dense(id, 4);
    struct Dropping: 4 => dense(tanh, 12) => dropout(0.3) => frozen(dense(tanh, 8)) => dense(id, 4);
    struct Normed: 4 => dense(relu, 8) => batch_norm => dense(id, 4);
    struct Images: (6, 6, 1) => conv(relu, (3, 3), 4) => maxpool(2, 2) => flatten => dense(id, 3)
}

const SAMPLES: usize = 1500;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the command line asks for.
struct Run {
    /// Separated by commas.
    cases: String,
    threads: usize,
    directory: PathBuf,
    epochs: usize,
    /// The rank that is killed in the third epoch.
    kill: Option<usize>,
    /// Not there with `--plain`.
    world: Option<World>,
}

impl Run {
    fn rank(&self) -> usize {
        self.world.map_or(0, |world| world.rank())
    }

    fn trainer<C: Network, L, O>(&self, chain: C, loss: L, optimizer: O) -> Trainer<C, L, O> {
        let trainer = Trainer::new(chain, loss, optimizer)
            .threads(self.threads)
            .seed(3);
        match self.world {
            Some(world) => trainer.over(world),
            None => trainer,
        }
    }
}

/// Samples in a file, of which only some are in this process.
struct Part {
    count: usize,
    here: Range<usize>,
    samples: Vec<[f32; 4]>,
}

impl Part {
    /// Reads the samples `here` of the `count` in a file.
    fn of(mut file: &File, count: usize, here: Range<usize>) -> io::Result<Self> {
        let mut samples = vec![[0.0; 4]; here.len()];
        let start = here.start * size_of::<[f32; 4]>();
        file.seek(SeekFrom::Start(start as u64))?;
        file.read_exact(bytemuck::cast_slice_mut(&mut samples))?;
        Ok(Self {
            count,
            here,
            samples,
        })
    }
}

impl Samples<f32, [f32; 4]> for Part {
    fn count(&self) -> usize {
        self.count
    }
    fn read(&self, index: usize, from: usize, numbers: &mut [f32]) {
        assert!(
            self.here.contains(&index),
            "sample {index} is not in {:?}",
            self.here
        );
        let sample = &self.samples[index - self.here.start];
        numbers.copy_from_slice(&sample[from..][..numbers.len()]);
    }
}

/// A file of this process, which is gone when it is closed.
fn file_of(samples: &[[f32; 4]]) -> io::Result<File> {
    let path = env::temp_dir().join(format!("simplechain-mpi-{}", process::id()));
    let mut options = File::options();
    let mut file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    fs::remove_file(path)?;
    file.write_all(bytemuck::cast_slice(samples))?;
    Ok(file)
}

/// Numbers between -1 and 1 that look random.
fn number(i: usize) -> f64 {
    (i as f64 * 12.9898).sin()
}

fn data<T: Copy, const N: usize>(cast: impl Fn(f64) -> T) -> (Vec<[T; N]>, Vec<[T; 4]>) {
    let xs = |i: usize| std::array::from_fn(|j| cast(number(i * N + j)));
    let ys =
        |i: usize| std::array::from_fn(|j| cast(number(i * N + j) * number(i * N + (j + 1) % N)));
    (
        (0..SAMPLES).map(xs).collect(),
        (0..SAMPLES).map(ys).collect(),
    )
}

/// Of all bits of the parameters (FNV-1a), and the loss.
fn report<T: Into<f64> + Copy>(run: &Run, params: &[T], loss: f64) {
    let bytes = params
        .iter()
        .flat_map(|x| (*x).into().to_bits().to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    println!("rank {}: {hash:016x} {loss:?}", run.rank());
}

fn train(run: &Run, case: &str) -> Result<()> {
    let (xs, ys) = data::<f32, 4>(|x| x as f32);
    let (test_xs, test_ys) = (&xs[..700], &ys[..700]);
    let mut rng = rng(1);
    match case {
        // Of the file each process reads its samples alone, and the targets of others are not there.
        "full" => {
            let mut trainer =
                run.trainer(Net, Penalized(SquaredLoss, L2::new(1e-3)), Adam::new(1e-2));
            let here = trainer.own_samples::<f32>(SAMPLES);
            let test_here = trainer.own_samples::<f32>(700);
            let mut own_ys = vec![[f32::MAX; 4]; SAMPLES];
            own_ys[here.clone()].copy_from_slice(&ys[here.clone()]);
            let file = file_of(&xs)?;
            let xs = Part::of(&file, SAMPLES, here)?;
            let test_xs = Part::of(&file, 700, test_here)?;
            let validation = Validation::new(&test_xs, test_ys);
            let mut params = Net.init::<f32>(&mut rng);
            let history = trainer.fit_validated(&mut params, &xs, &own_ys, &validation, 8)?;
            report(run, &params[..], history.last_loss());
        }
        "mini" => {
            let mut params = Dropping.init::<f32>(&mut rng);
            let optimizer = Adam::new(1e-2).clip_norm(1.0).accumulate(2).average(0.9);
            let mut trainer = run
                .trainer(Dropping, SquaredLoss, optimizer)
                .batch_size(400);
            let history = trainer.fit(&mut params, &xs, &ys, 5)?;
            let mut average = params.clone();
            trainer.optimizer().write_average(&mut average[..])?;
            report(
                run,
                &[&params[..], &average[..]].concat(),
                history.last_loss(),
            );
        }
        "stops" => {
            let mut params = Net.init::<f32>(&mut rng);
            let mut trainer = run
                .trainer(Net, SquaredLoss, Adam::new(3e-2))
                .batch_size(300);
            let validation = Validation::new(test_xs, test_ys).patience(2);
            let history = trainer.fit_validated(&mut params, &*xs, &ys, &validation, 40)?;
            report(run, &params[..], history.epochs.len() as f64);
        }
        "normed" => {
            let mut params = Normed.init::<f32>(&mut rng);
            let mut trainer = run
                .trainer(Normed, SquaredLoss, Adam::new(1e-2))
                .batch_size(500);
            let history = trainer.fit(&mut params, &xs, &ys, 3)?;
            report(run, &params[..], history.last_loss());
        }
        "images" => {
            let (xs, _) = data::<f32, 36>(|x| x as f32);
            let labels: Vec<u8> = (0..SAMPLES).map(|i| (i * i % 3) as u8).collect();
            let mut params = Images.init::<f32>(&mut rng);
            let mut trainer = run
                .trainer(Images, LogitCrossEntropy::new(), Adam::new(1e-2))
                .batch_size(512);
            let history =
                trainer.fit(&mut params, Images.inputs(xs.as_flattened())?, &labels, 2)?;
            report(run, &params[..], history.last_loss());
        }
        "double" => {
            let (xs, ys) = data::<f64, 4>(|x| x);
            let mut params = Net.init::<f64>(&mut rng);
            let mut trainer = run.trainer(Net, SquaredLoss, Sgd::new(1e-1).momentum(0.9));
            let history = trainer.fit(&mut params, &xs, &ys, 5)?;
            report(run, &params[..], history.last_loss());
        }
        "chunks" => {
            let (xs, ys) = (xs.repeat(20), ys.repeat(20));
            let mut params = Net.init::<f32>(&mut rng);
            let mut trainer = run
                .trainer(Net, SquaredLoss, Adam::new(1e-2))
                .max_chunks(90);
            let history = trainer.fit(&mut params, &xs, &ys, 2)?;
            report(run, &params[..], history.last_loss());
        }
        "lbfgs" => {
            let (xs, ys) = data::<f64, 4>(|x| x);
            let mut params = Net.init::<f64>(&mut rng);
            let method = Lbfgs::new();
            let minimum = match &run.world {
                Some(world) => {
                    method.fit_over(world, Net, &SquaredLoss, &mut params, &xs, &ys, 15)?
                }
                None => method.fit(Net, &SquaredLoss, &mut params, &xs, &ys, 15)?,
            };
            report(run, &params[..], minimum.value);
        }
        "lm" => {
            let (xs, ys) = data::<f64, 4>(|x| x);
            let mut params = Dropping.init::<f64>(&mut rng);
            let method = LevenbergMarquardt::new();
            let minimum = match &run.world {
                Some(world) => method.fit_over(world, Dropping, &mut params, &xs, &ys, 5)?,
                None => method.fit(Dropping, &mut params, &xs, &ys, 5)?,
            };
            report(run, &params[..], minimum.value);
        }
        "checkpoints" => {
            let mut params = Net.init::<f32>(&mut rng);
            let checkpoints = Checkpoints::new(&run.directory).every_epochs(1);
            let mut trainer = run
                .trainer(Net, SquaredLoss, Adam::new(1e-2))
                .batch_size(300)
                .checkpoints(checkpoints);
            if let Some(resumed) = trainer.resume(&mut params)? {
                println!("rank {} resumes after {} epochs", run.rank(), resumed.epoch);
            }
            let validation = Validation::new(test_xs, test_ys);
            let epochs = run.epochs;
            let history = trainer.fit_validated_with(
                &mut params,
                &*xs,
                &ys,
                &validation,
                epochs,
                |epoch, _| {
                    if epoch.index == 3 && run.kill == Some(run.rank()) {
                        let own = std::process::id().to_string();
                        let _ = Command::new("kill").args(["-KILL", &own]).status();
                    }
                    ControlFlow::Continue(())
                },
            )?;
            report(run, &params[..], history.last_loss());
        }
        // The last process alone has something wrong.
        "bad_data" | "differ" | "breaks" | "full_disk" | "panics" | "returns" => {
            wrong(run, case, xs, ys)?
        }
        "diverges" => {
            let mut xs = xs;
            xs[SAMPLES - 1][2] = f32::NAN;
            let mut params = Net.init::<f32>(&mut rng);
            let mut trainer = run
                .trainer(Net, SquaredLoss, Adam::new(1e-2))
                .batch_size(300)
                .shuffle(false);
            tell(run, trainer.fit(&mut params, &xs, &ys, 2).map(|_| ()));
        }
        _ => return Err(format!("there is no case {case}").into()),
    }
    Ok(())
}

fn tell(run: &Run, result: std::result::Result<(), impl Debug>) {
    println!("rank {}: {result:?}", run.rank());
}

fn wrong(run: &Run, case: &str, mut xs: Vec<[f32; 4]>, ys: Vec<[f32; 4]>) -> Result<()> {
    let is_wrong = run
        .world
        .is_some_and(|world| world.rank() + 1 == world.size());
    let mut params = Net.init::<f32>(&mut rng(1));
    let mut trainer = run
        .trainer(Net, SquaredLoss, Adam::new(1e-2))
        .batch_size(300);
    match case {
        "bad_data" => {
            trainer = trainer.require_finite(true);
            xs[SAMPLES - 1][0] = f32::INFINITY;
            tell(run, trainer.fit(&mut params, &xs, &ys, 3).map(|_| ()));
        }
        "differ" => {
            params[7] += f32::from(u8::from(is_wrong));
            tell(run, trainer.fit(&mut params, &xs, &ys, 3).map(|_| ()));
        }
        "breaks" => {
            let history = trainer.fit_with(&mut params, &xs, &ys, 30, |epoch, _| {
                if is_wrong && epoch.index == 4 {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
            report(run, &params[..], history.epochs.len() as f64);
        }
        // Of the first process, which writes: its directory becomes a file.
        "full_disk" => {
            let directory = run.directory.clone();
            trainer = trainer.checkpoints(Checkpoints::new(&directory).every_epochs(1));
            let is_done = Cell::new(false);
            let result = trainer.fit_with(&mut params, &xs, &ys, 30, |epoch, _| {
                if epoch.index == 2 && run.rank() == 0 && !is_done.replace(true) {
                    std::fs::remove_dir_all(&directory).expect("its own");
                    std::fs::write(&directory, "no directory").expect("a file");
                }
                ControlFlow::Continue(())
            });
            report(run, &params[..], 0.0);
            tell(run, result.map(|_| ()));
        }
        "panics" => {
            trainer.fit(&mut params, &xs, &ys, 1)?;
            assert!(!is_wrong, "the disk with the samples is gone");
            trainer.fit(&mut params, &xs, &ys, 1_000_000)?;
        }
        _ => {
            trainer.fit(&mut params, &xs, &ys, 1)?;
            if is_wrong {
                return Err("a file is not there".into());
            }
            trainer.fit(&mut params, &xs, &ys, 1_000_000)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut run = Run {
        cases: arguments.next().unwrap_or_default(),
        threads: 1,
        directory: PathBuf::new(),
        epochs: 8,
        kill: None,
        world: None,
    };
    let mut is_plain = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument.as_str() {
            "--plain" => is_plain = true,
            "--threads" => run.threads = value().parse().expect("a number"),
            "--epochs" => run.epochs = value().parse().expect("a number"),
            "--directory" => run.directory = value().into(),
            "--kill" => run.kill = Some(value().parse().expect("a rank")),
            _ => panic!("{argument}?"),
        }
    }
    if is_plain {
        for case in run.cases.split(',') {
            train(&run, case).expect("a training");
        }
        return ExitCode::SUCCESS;
    }
    simplechain_mpi::run(|world| {
        run.world = Some(world);
        run.cases.split(',').try_for_each(|case| train(&run, case))
    })
}
