//! Trainings under `mpirun`: the bits of one process, and the end of all after the failure of one.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::Mutex;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bits");

/// The program that starts processes: `mpirun`, or what `MPIRUN` says.
fn launcher() -> String {
    env::var("MPIRUN").unwrap_or_else(|_| "mpirun".to_owned())
}

fn is_open_mpi() -> bool {
    let version = Command::new(launcher()).arg("--version").output();
    String::from_utf8_lossy(&version.expect("mpirun").stdout).contains("Open MPI")
}

/// Runs the program in so many processes. One call at a time: two of Open MPI's `mpirun` may fail in making the same directory in `/tmp`.
fn mpirun(processes: usize, arguments: &[&str]) -> Output {
    static RUNNING: Mutex<()> = Mutex::new(());
    let _running = RUNNING.lock();
    // Ends what hangs, so that a test fails.
    let mut command = Command::new("timeout");
    command.args(["60", &launcher()]);
    if is_open_mpi() {
        command.arg("--oversubscribe");
        // In a container: as root, without the system call by which processes read each other's memory.
        command.env("OMPI_ALLOW_RUN_AS_ROOT", "1");
        command.env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
        command.env("OMPI_MCA_btl_vader_single_copy_mechanism", "none");
    }
    command.args(["-n", &processes.to_string(), PROGRAM]);
    command.args(arguments).output().expect("mpirun")
}

fn plain(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(PROGRAM)
        .args(arguments)
        .arg("--plain")
        .output()
        .expect("the program");
    assert!(output.status.success(), "{output:?}");
    results(&output)
}

/// What the ranks print of their parameters, in the order of the ranks.
fn results(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("rank ")?.split_once(": "))
        .collect();
    lines.sort_by_key(|(rank, _)| rank.parse::<usize>().expect("a rank"));
    lines.into_iter().map(|(_, line)| line.to_owned()).collect()
}

/// The error of a rank, as the others have it.
fn of_another(rank: usize, error: &str) -> String {
    error.replacen("Err(", &format!("Err(rank {rank} has failed: "), 1)
}

fn directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    let _ = fs::remove_file(&path);
    path
}

#[test]
fn bits_are_those_of_one_process() {
    let cases = "full,mini,stops,normed,images,double,lbfgs,lm,chunks";
    let want = plain(&[cases]);
    assert_eq!(want.len(), cases.split(',').count());
    for processes in [1, 2, 3, 4, 7] {
        for threads in ["1", "2"] {
            let output = mpirun(processes, &[cases, "--threads", threads]);
            assert!(output.status.success(), "{processes}: {output:?}");
            let want = vec![&want[..]; processes].concat();
            assert_eq!(results(&output), want, "{processes}, {threads} threads");
        }
    }
}

/// One of three is killed; two go on from the checkpoints, then five.
#[test]
fn killed_and_resumed() {
    let want = plain(&[
        "checkpoints",
        "--directory",
        directory("plain").to_str().expect("text"),
    ]);
    let directory = directory("killed");
    let place = [
        "checkpoints",
        "--directory",
        directory.to_str().expect("text"),
    ];
    let run = |processes, more: &[&str]| mpirun(processes, &[&place, more].concat());

    let output = run(3, &["--kill", "1"]);
    assert!(
        !output.status.success() && output.status.code() != Some(124),
        "{output:?}"
    );
    // Open MPI says it on standard error, MPICH on standard output.
    let said = format!("{output:?}");
    let message = if is_open_mpi() {
        "signal 9 (Killed)"
    } else {
        "Killed (signal 9)"
    };
    assert!(said.contains(message), "{said}");
    assert!(results(&output).is_empty(), "{output:?}");

    let output = run(2, &["--epochs", "6"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("rank 0 resumes after 3 epochs"), "{text}");
    assert!(text.contains("rank 1 resumes after 3 epochs"), "{text}");

    let output = run(5, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("rank 4 resumes after 6 epochs"), "{text}");
    assert_eq!(results(&output), [&want[..]; 5].concat());
}

/// An error of one process is one in all, and says which.
#[test]
fn errors_are_shared() {
    let output = mpirun(3, &["bad_data"]);
    let lines = results(&output);
    assert!(
        lines[2].starts_with("Err(input 0 of sample 1499 is inf"),
        "{lines:?}"
    );
    assert_eq!(lines[..2], [0; 2].map(|_| of_another(2, &lines[2])));

    let output = mpirun(3, &["differ"]);
    let differs =
        "Err(rank 2 differs from rank 0 in the parameters: all ranks must make the same calls)";
    assert_eq!(results(&output), [differs; 3]);

    let output = mpirun(4, &["diverges"]);
    let lines = results(&output);
    assert!(lines[0].contains("in epoch 0, batch 4"), "{lines:?}");
    assert!(
        lines[0].contains("input 2 of sample 1499 is NaN"),
        "{lines:?}"
    );
    assert_eq!(lines, vec![lines[0].clone(); 4]);
}

/// If the first process cannot write, all stop after the same step.
#[test]
fn full_disk() {
    let directory = directory("full_disk");
    let output = mpirun(
        3,
        &[
            "full_disk",
            "--directory",
            directory.to_str().expect("text"),
        ],
    );
    let lines = results(&output);
    let (params, errors): (Vec<_>, Vec<_>) =
        lines.iter().partition(|line| !line.starts_with("Err"));
    assert_eq!(params, [params[0]; 3], "{output:?}");
    assert!(errors[0].starts_with("Err(cannot "), "{errors:?}");
    for error in &errors[1..] {
        assert_eq!(**error, of_another(0, errors[0]));
    }
    assert_eq!(errors.len(), 3);
}

#[test]
fn one_break_stops_all() {
    let output = mpirun(3, &["breaks"]);
    let lines = results(&output);
    assert_eq!(lines, vec![lines[0].clone(); 3]);
    assert!(lines[0].ends_with(" 5.0"), "{lines:?}");
}

/// A process that ends by itself ends the others, which wait for it.
#[test]
fn none_waits_for_ever() {
    for (case, message) in [
        ("panics", "rank 2 of 3: it has panicked, so the job ends"),
        ("returns", "rank 2 of 3: a file is not there"),
    ] {
        let output = mpirun(3, &[case]);
        assert_eq!(output.status.code(), Some(1), "{case}: {output:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(message), "{case}: {text}");
    }
}
