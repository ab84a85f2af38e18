//! The tier is the best one unless a caller or the environment names another.

use std::panic;
use std::process::Command;
use std::thread;

use simplechain::simd::{Tier, TierError};

#[test]
fn names() {
    for tier in [Tier::Scalar, Tier::Unfused, Tier::Neon, Tier::V3, Tier::V4] {
        assert_eq!(tier.to_string().parse(), Ok(tier));
    }
    let error = "avx".parse::<Tier>().unwrap_err();
    assert_eq!(error, TierError::Unknown("avx".to_owned()));
    assert_eq!(
        error.to_string(),
        "`avx` is not a tier; the tiers are `scalar`, `unfused`, `neon`, `v3` and `v4`"
    );
    assert_eq!(Tier::available().first(), Some(&Tier::Scalar));
    assert_eq!(Tier::available().last(), Some(&Tier::best()));
}

/// Forced for this thread and this call, also if it panics.
#[test]
fn forced() {
    let before = Tier::current();
    for tier in Tier::available() {
        let inner = tier.with(|| {
            Tier::Scalar
                .with(|| assert_eq!(Tier::current(), Tier::Scalar))
                .unwrap();
            thread::spawn(move || assert_eq!(Tier::current(), before))
                .join()
                .unwrap();
            Tier::current()
        });
        assert_eq!(inner, Ok(tier));
        assert_eq!(Tier::current(), before);
        panic::catch_unwind(|| tier.with(|| panic::resume_unwind(Box::new(())))).unwrap_err();
        assert_eq!(Tier::current(), before);
    }
    for tier in [Tier::Unfused, Tier::Neon, Tier::V3, Tier::V4] {
        if !Tier::available().contains(&tier) {
            assert_eq!(
                tier.with(|| unreachable!()),
                Err::<(), _>(TierError::Unavailable(tier))
            );
        }
    }
}

/// Runs [`tell`] in a process of its own, and gives what it writes.
fn told(variable: &str) -> (String, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tiers::tell", "--ignored", "--nocapture"])
        .env("SIMPLECHAIN_SIMD", variable)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

#[test]
#[ignore = "run by the test `variable`"]
fn tell() {
    println!("the tier is {}.", Tier::current());
}

#[test]
fn variable() {
    for tier in Tier::available() {
        let (out, err) = told(&tier.to_string());
        assert!(out.contains(&format!("the tier is {tier}.")), "{out}");
        assert!(!err.contains("simplechain"), "{err}");
    }
    let (out, err) = told("avx");
    let best = Tier::best();
    assert!(out.contains(&format!("the tier is {best}.")), "{out}");
    let warning = format!(
        "simplechain: SIMPLECHAIN_SIMD is ignored, using `{best}`: `avx` is not a tier; the tiers are `scalar`, `unfused`, `neon`, `v3` and `v4`"
    );
    assert!(err.contains(&warning), "{err}");
}
