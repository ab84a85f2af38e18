//! Where figures come from: machine, date and commit.

use std::process::Command;

use serde_json::{Value, json};

/// As far as it can be found out: what cannot is `null`.
pub(crate) fn origin() -> Value {
    json!({
        "workload": "origin",
        "cpu": cpu(),
        "cpus": std::thread::available_parallelism().map(usize::from).ok(),
        "date": output("date", &["-u", "+%Y-%m-%d %H:%M"]),
        "commit": output("git", &["describe", "--always", "--dirty", "--abbrev=12"]),
        "rustc": output("rustc", &["--version"]),
    })
}

/// The model, its family and number: different CPUs have the same name in some virtual machines.
fn cpu() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let value = |name: &str| {
        let line = text
            .lines()
            .find(|line| line.split(':').next().is_some_and(|key| key.trim() == name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let name = value("model name")?;
    match (value("cpu family"), value("model")) {
        (Some(family), Some(model)) => Some(format!("{name}, family {family}, model {model}")),
        _ => Some(name),
    }
}

/// What a program prints, if it is there and succeeds.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let done = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(done.stdout).ok()?;
    done.status.success().then(|| text.trim().to_owned())
}
