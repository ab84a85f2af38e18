//! The program as it is run: in one process, and in several, some of which are killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

/// Enough that no shard has ended when its first results are on the disk.
const SUBJECTS: usize = 1500;

/// A directory that is removed at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// How many files there are whose names begin so.
    fn count(&self, prefix: &str) -> usize {
        let names = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        names
            .filter(|name| name.to_str().unwrap().starts_with(prefix))
            .count()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// The program in this directory, where a launcher set these variables: `A=1 B=2`.
fn program(directory: &Directory, variables: &str, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_population_sharded"));
    command.args(arguments.split_whitespace());
    command.args(["--directory", ".", "--subjects", &SUBJECTS.to_string()]);
    command.current_dir(&directory.0).env_clear();
    let variables = variables.split_whitespace();
    command.envs(variables.map(|variable| variable.split_once('=').unwrap()));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const FIT: &str = "fit --threads 1 --every 0.05";

fn text(output: Output) -> String {
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).unwrap()
}

fn fails(directory: &Directory, variables: &str, arguments: &str) -> String {
    let output = program(directory, variables, arguments).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

fn merge(directory: &Directory) -> String {
    let output = program(directory, "", "merge --csv merged.csv").output();
    text(output.unwrap());
    fs::read_to_string(directory.0.join("merged.csv")).unwrap()
}

/// Numbers of fits in what a shard says: computed, and found.
fn counts(said: &str) -> [usize; 2] {
    let words: Vec<&str> = said.split_whitespace().collect();
    let before = |next: &str| {
        let at = words.iter().position(|word| *word == next).unwrap();
        words[at - 1].parse().unwrap()
    };
    [before("fits"), before("were")]
}

/// Starts a process, and kills it as `kill -9` does, once some of its results are on the disk.
fn kill(mut command: Command, directory: &Directory, prefix: &str) {
    let before = directory.count(prefix);
    let mut process = command.spawn().unwrap();
    while directory.count(prefix) == before {
        thread::sleep(Duration::from_millis(1));
        assert_eq!(process.try_wait().unwrap(), None, "it ended by itself");
    }
    process.kill().unwrap();
    assert!(!process.wait().unwrap().success(), "it ended before");
}

#[test]
fn killed_shards_that_run_again_are_one_process() {
    let one = Directory::new("sharded-one");
    let said = text(program(&one, "", FIT).output().unwrap());
    assert!(said.starts_with("shard 0 of 1: "), "{said}");
    assert_eq!(counts(&said), [SUBJECTS, 0]);
    let expected = merge(&one);
    assert_eq!(expected.lines().count(), 1 + SUBJECTS);

    // Three tasks of an array, which count from 1. Two are killed, one of them twice.
    let several = Directory::new("sharded-several");
    let task = |id: usize| {
        let variables = format!(
            "SLURM_ARRAY_TASK_ID={id} SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=3 \
             SLURM_ARRAY_TASK_STEP=1 SLURM_PROCID=0 SLURM_NTASKS=1"
        );
        program(&several, &variables, FIT)
    };
    let second = task(2).spawn().unwrap();
    kill(task(1), &several, "fits-0-of-3-");
    kill(task(1), &several, "fits-0-of-3-");
    kill(task(3), &several, "fits-2-of-3-");
    let said = text(second.wait_with_output().unwrap());
    assert_eq!(counts(&said), [SUBJECTS / 3, 0]);
    let error = fails(&several, "", "merge");
    assert!(error.contains(" of 1500 fits have no result: "), "{error}");
    let said = text(task(1).output().unwrap());
    let [computed, found] = counts(&said);
    assert_eq!(computed + found, SUBJECTS / 3);
    assert!(found > 0 && computed > 0, "{said}");

    // What the third one lacks, by the two pods of an Indexed Job, which divide all fits anew.
    let pod = |index: usize| {
        let variables = format!("JOB_COMPLETION_INDEX={index} SHARD_COUNT=2");
        program(&several, &variables, FIT).spawn().unwrap()
    };
    let pods = [1, 0].map(pod);
    let counted = pods.map(|pod| counts(&text(pod.wait_with_output().unwrap())));
    let [computed, found] = [0, 1].map(|k| counted[0][k] + counted[1][k]);
    assert_eq!(computed + found, SUBJECTS);
    assert!(0 < computed && computed < SUBJECTS / 3, "{counted:?}");
    assert!(
        merge(&several) == expected,
        "all numbers have the same bits"
    );
}

/// Kubernetes may start two pods of an index.
#[test]
fn two_processes_of_one_shard() {
    let directory = Directory::new("sharded-twice");
    let start = || program(&directory, "", "fit --threads 1 --steps 1").spawn();
    let processes = [start().unwrap(), start().unwrap()];
    let said = processes.map(|process| text(process.wait_with_output().unwrap()));
    let computed: usize = said.iter().map(|said| counts(said)[0]).sum();
    assert!(computed >= SUBJECTS, "{said:?}");
    let output = program(&directory, "", "merge --steps 1").output();
    assert!(text(output.unwrap()).starts_with("1500 subjects"));
}

#[test]
fn what_does_not_belong_together() {
    let directory = Directory::new("sharded-errors");
    let some = format!("{FIT} --steps 1");
    text(
        program(&directory, "SHARD_INDEX=2 SHARD_COUNT=300", &some)
            .output()
            .unwrap(),
    );
    let error = fails(&directory, "", "merge --steps 2");
    assert!(
        error.contains("`setting.steps` is 2 now, but 1 there"),
        "{error}"
    );
    let error = fails(&directory, "", "fit --steps 1 --seed 1");
    assert!(
        error.contains("`setting.seed` is 1 now, but 0 there"),
        "{error}"
    );
    let error = fails(&directory, "", "merge --steps 1");
    assert!(
        error.contains("1495 of 1500 fits have no result: 0, 1, 3, "),
        "{error}"
    );
    let error = fails(&directory, "JOB_COMPLETION_INDEX=1", FIT);
    assert!(error.contains("set it in the manifest"), "{error}");
    let error = fails(
        &directory,
        "PMI_RANK=1 PMI_SIZE=2 SHARD_COUNT=2 JOB_COMPLETION_INDEX=0",
        FIT,
    );
    assert!(error.contains("`PMI_RANK` says shard 1 of 2"), "{error}");
}
