//! Every mistake in `tests/ui` fails to compile, and is told as the `.stderr` beside it says.
//!
//! The text around our messages is rustc's and changes with it, so it is compared under one version only. Under any
//! other, the mistakes must still fail. To bless: `TRYBUILD=overwrite cargo test -p simplechain-test-compile-fail`, under that
//! version; then read what changed as the user would.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// The rustc whose words are in the `.stderr` files.
const BLESSED: &str = "rustc 1.95.0";

#[test]
fn mistakes() {
    let version = rustc_version();
    if version.starts_with(BLESSED) {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
        return;
    }
    println!("{version} is not {BLESSED}: the texts of the errors are not compared");
    let test = env::current_exe().expect("this test has a path");
    let status = Command::new(test)
        .args(["--exact", "mistakes_under_any_rustc", "--ignored"])
        .env("TRYBUILD", "overwrite")
        .status()
        .expect("this test runs again");
    assert!(
        status.success(),
        "a mistake in tests/ui compiles under {version}"
    );
}

/// Takes whatever rustc says for right, on copies.
#[test]
#[ignore = "`mistakes` runs it where it is of use"]
fn mistakes_under_any_rustc() {
    assert_eq!(env::var("TRYBUILD").as_deref(), Ok("overwrite"));
    let copies = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    fs::create_dir_all(&copies).expect("a directory for the copies");
    for file in fs::read_dir("tests/ui").expect("the mistakes are there") {
        let path = file.expect("a file").path();
        if let (Some(name), Some("rs")) =
            (path.file_name(), path.extension().and_then(|e| e.to_str()))
        {
            fs::copy(&path, copies.join(name)).expect("a copy");
        }
    }
    trybuild::TestCases::new().compile_fail(copies.join("*.rs"));
}

fn rustc_version() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
