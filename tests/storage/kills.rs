//! Processes that are killed, and processes that may not write: the test runs itself again as a child.
#![cfg(unix)]

#[path = "directory.rs"]
mod directory;

use core::ops::ControlFlow;
use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use rand::Rng;
use simplechain::Error;
use simplechain::prelude::*;
use simplechain::train::Checkpoints;

use directory::Directory;

simple_chain! {
    struct Net: 2 => dense(tanh, 8) => batch_norm => dropout(0.1) => dense(id, 1)
}

const KILLS: usize = 100;
/// With a millisecond each, longer than all the lives of the children.
const EPOCHS: usize = 4000;

/// The directory that a child works in; none for the parent.
const DIRECTORY: &str = "SIMPLECHAIN_STORAGE_DIRECTORY";
const THREADS: &str = "SIMPLECHAIN_STORAGE_THREADS";

type Params = Box<[f32; Net::PARAM_COUNT]>;

fn train(checkpoints: Checkpoints, threads: usize, pause: Duration) -> Result<Params, Error> {
    let xs: Vec<[f32; 2]> = (0..40)
        .map(|i| [0.1 * (i % 8) as f32, 0.2 * (i / 8) as f32])
        .collect();
    let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0] * x[1]]).collect();
    let validation = Validation::new(&xs[32..], &ys[32..]);
    let optimizer = Adam::new(1e-3).clip_norm(1.0).accumulate(2).average(0.99);
    let mut trainer = Trainer::new(Net, SquaredLoss, optimizer)
        .batch_size(12)
        .threads(threads)
        .checkpoints(checkpoints);
    let mut params = Net.init::<f32>(&mut rng(0));
    trainer.resume(&mut params)?;
    let (xs, ys) = (&xs[..32], &ys[..32]);
    trainer.fit_validated_with(&mut params, xs, ys, &validation, EPOCHS, |_, _| {
        thread::sleep(pause);
        ControlFlow::Continue(())
    })?;
    Ok(params)
}

/// A child that runs one of the tests below.
fn child(test: &str, directory: &Path, command: &mut Command) -> Command {
    let mut child = Command::new(command.get_program());
    child.args(command.get_args());
    child.args([test, "--exact", "--ignored", "--test-threads=1"]);
    child.env(DIRECTORY, directory);
    child.stdout(Stdio::null()).stderr(Stdio::null());
    child
}

fn of_child() -> Option<PathBuf> {
    env::var_os(DIRECTORY).map(PathBuf::from)
}

#[test]
#[ignore = "it is the child that is killed"]
fn child_trains() {
    let Some(directory) = of_child() else {
        return;
    };
    let threads = env::var(THREADS).unwrap().parse().unwrap();
    let checkpoints = Checkpoints::new(directory).every(Duration::from_millis(2));
    train(checkpoints, threads, Duration::from_millis(1)).unwrap();
}

#[test]
fn a_hundred_kills_change_no_bit() {
    let never = Directory::new("never-killed");
    let often = Directory::new("often-killed");
    let checkpoints = Checkpoints::new(never.path()).every_epochs(EPOCHS).keep(1);
    train(checkpoints, 1, Duration::ZERO).unwrap();

    let program = env::current_exe().unwrap();
    let mut rng = rng(11);
    let (mut checkpoints, mut within) = (0, 0);
    for life in 0..=KILLS {
        let mut command = child("child_trains", often.path(), &mut Command::new(&program));
        command.env(THREADS, (1 + life % 2).to_string());
        let mut process = command.spawn().unwrap();
        if life == KILLS {
            // It may live.
            assert!(process.wait().unwrap().success());
            break;
        }
        thread::sleep(Duration::from_millis(5 + rng.next_u64() % 56));
        process.kill().unwrap();
        let ended = process.wait().unwrap();
        assert!(
            !ended.success(),
            "life {life}: it ended before it was killed"
        );
        let names = often.names();
        within += usize::from(names.iter().any(|name| name.ends_with(".tmp")));
        checkpoints += usize::from(names.len() > 1);
    }
    println!("{checkpoints} kills after a checkpoint, {within} within one");
    assert!(checkpoints > KILLS / 2, "most resumed from a checkpoint");
    let last = never.names().pop().unwrap();
    assert_eq!(often.names().last(), Some(&last));
    let read = |directory: &Directory| fs::read(directory.file(&last)).unwrap();
    assert!(
        read(&never) == read(&often),
        "all numbers have the same bits"
    );
    assert!(!often.names().iter().any(|name| name.ends_with(".tmp")));
}

#[test]
#[ignore = "it is the child that may not write"]
fn child_writes() {
    let Some(directory) = of_child() else {
        return;
    };
    let kind = |error| match error {
        Error::Io {
            kind,
            action: "write",
            ..
        } => kind,
        error => panic!("{error}"),
    };
    let names = || {
        let entries = fs::read_dir(&directory).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name())
            .collect::<Vec<_>>()
    };
    let path = directory.join("net.safetensors");
    let old = fs::read(&path).unwrap();
    let error = Net.save(&path, &Net.init::<f64>(&mut rng(1))).unwrap_err();
    assert_eq!(kind(error), ErrorKind::FileTooLarge);
    assert_eq!(fs::read(&path).unwrap(), old);
    assert_eq!(names().len(), 1, "the temporary file is removed");

    let run = directory.join("run");
    let checkpoints = || Checkpoints::new(&run).every_epochs(EPOCHS / 4);
    let error = train(checkpoints(), 1, Duration::ZERO).unwrap_err();
    assert_eq!(kind(error), ErrorKind::FileTooLarge);
    assert_eq!(fs::read_dir(&run).unwrap().count(), 0);

    let goes_on = checkpoints().on_error(|_| ControlFlow::Continue(()));
    let params = train(goes_on, 2, Duration::ZERO).unwrap();
    let expected = fs::read(directory.with_extension("expected")).unwrap();
    let params: Vec<u8> = params.iter().flat_map(|p| p.to_le_bytes()).collect();
    assert_eq!(params, expected);
}

/// Files are limited to one block, so a write fails in the middle of them, as on a full disk.
#[test]
fn a_disk_that_is_full() {
    let directory = Directory::new("full");
    let expected = Directory::new("full-expected");
    let checkpoints = Checkpoints::new(expected.path()).every_epochs(EPOCHS);
    let params = train(checkpoints, 1, Duration::ZERO).unwrap();
    let params: Vec<u8> = params.iter().flat_map(|p| p.to_le_bytes()).collect();
    let beside = directory.path().with_extension("expected");
    fs::write(&beside, params).unwrap();
    let path = directory.file("net.safetensors");
    Net.save(&path, &Net.init::<f32>(&mut rng(0))).unwrap();

    // What is ignored stays so in the program that the shell becomes.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).arg(env::current_exe().unwrap());
    let mut command = child("child_writes", directory.path(), &mut shell);
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output();
    let output = output.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    fs::remove_file(beside).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}
