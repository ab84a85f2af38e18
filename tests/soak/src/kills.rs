//! A training in a process of its own, which is killed again and again.

use core::ops::ControlFlow;
use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use rand::RngExt;
use simplechain::init;
use simplechain::prelude::*;
use simplechain::train::Checkpoints;

use crate::rest::Rest;

simple_chain! {
    struct Net: 2 => dense(tanh, 16) => batch_norm => dropout(0.1) => dense(tanh, 16) => dense(id, 1)
}

/// With a millisecond each, several lives.
const EPOCHS: usize = 1000;

/// How long a child lives, in milliseconds.
const LIFE: core::ops::Range<u64> = 20..400;

pub(crate) static KILLED: AtomicU64 = AtomicU64::new(0);
pub(crate) static COMPARED: AtomicU64 = AtomicU64::new(0);

type Result<T> = core::result::Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) struct Kills {
    program: PathBuf,
    /// Directories of the child that is killed, and of the one that is left alone.
    often: PathBuf,
    never: PathBuf,
    rng: rand::rngs::Xoshiro256PlusPlus,
}

impl Kills {
    pub(crate) fn new(seed: u64, directory: &Path) -> std::io::Result<Self> {
        Ok(Self {
            program: env::current_exe()?,
            often: directory.join("killed"),
            never: directory.join("left-alone"),
            rng: init::rng(!seed),
        })
    }

    /// Killed until it has made its epochs; the parameters are those of one that was left alone.
    pub(crate) fn one_training(&mut self, rest: &Rest, ends: &AtomicBool) -> Result<()> {
        let seed = self.rng.random_range(0..1 << 32);
        let mut life = 0;
        loop {
            let _working = rest.work();
            let mut child = self.child(&self.often, seed, 1 + life % 2)?;
            life += 1;
            thread::sleep(Duration::from_millis(self.rng.random_range(LIFE)));
            match child.try_wait()? {
                Some(status) if status.success() => break,
                Some(status) => return Err(format!("the child ended: {status}").into()),
                None => child.kill()?,
            }
            child.wait()?;
            KILLED.fetch_add(1, Ordering::Relaxed);
            if ends.load(Ordering::Relaxed) {
                return Ok(());
            }
        }
        let _working = rest.work();
        let status = self.child(&self.never, seed, 2)?.wait()?;
        if !status.success() {
            return Err(format!("the child that is left alone ended: {status}").into());
        }
        if fs::read(result(&self.often))? != fs::read(result(&self.never))? {
            return Err(format!("other bits with seed {seed} after {life} lives").into());
        }
        COMPARED.fetch_add(1, Ordering::Relaxed);
        fs::remove_dir_all(&self.often)?;
        fs::remove_dir_all(&self.never)?;
        Ok(())
    }

    fn child(&self, directory: &Path, seed: u64, threads: u64) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.arg("--child").arg(directory);
        command.args([seed.to_string(), threads.to_string()]);
        command.spawn()
    }
}

fn result(directory: &Path) -> PathBuf {
    directory.join("net.safetensors")
}

/// What a child does.
pub(crate) fn child(arguments: &[String]) -> core::result::Result<(), Box<dyn Error>> {
    let [directory, seed, threads] = arguments else {
        return Err("a child needs a directory, a seed and threads".into());
    };
    let (directory, seed) = (Path::new(directory), seed.parse()?);
    let xs: Vec<[f32; 2]> = (0..200)
        .map(|i| [0.1 * (i % 20) as f32, 0.2 * (i / 20) as f32])
        .collect();
    let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0] * x[1]]).collect();
    let every = Duration::from_millis(10);
    let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-3).average(0.99))
        .batch_size(30)
        .seed(seed)
        .threads(threads.parse()?)
        .checkpoints(Checkpoints::new(directory.join("checkpoints")).every(every));
    let mut params = Net.init::<f32>(&mut init::rng(seed));
    trainer.resume(&mut params)?;
    trainer.fit_with(&mut params, &xs, &ys, EPOCHS, |_, _| {
        thread::sleep(Duration::from_millis(1));
        ControlFlow::Continue(())
    })?;
    Net.save(result(directory), &params)?;
    Ok(())
}
