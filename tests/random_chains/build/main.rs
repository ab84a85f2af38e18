//! Writes chains drawn from a seed, and a test for each.

#[allow(dead_code)] // only the words are needed
#[path = "../../../simplechain-macros/src/activations.rs"]
mod activations;
mod chain;
mod random;

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

/// Tests that share the chains: one takes a part of the memory when it is compiled.
const PARTS: usize = 4;

fn main() {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=../../simplechain-macros/src/activations.rs");
    let seed = number("SIMPLECHAIN_RANDOM_SEED", 1);
    let count = number("SIMPLECHAIN_RANDOM_COUNT", chain::enough());
    let sources: Vec<_> = match variable("SIMPLECHAIN_RANDOM_CHAIN") {
        Some(source) => vec![format!("pub(crate) struct Chain: {source}")],
        None => (0..count).map(|index| chain::source(seed, index)).collect(),
    };
    let mut parts = [const { String::new() }; PARTS];
    for (index, source) in sources.iter().enumerate() {
        write!(
            parts[index % PARTS],
            "mod chain_{index} {{
                simplechain::simple_chain! {{ {source} }}
                #[test]
                fn properties() {{
                    crate::hold(Chain, {seed}, {index}, {source:?});
                }}
            }}\n"
        )
        .expect("a string takes everything");
    }
    let out = variable("OUT_DIR").expect("a directory for generated files");
    for (part, text) in parts.iter().enumerate() {
        let file = Path::new(&out).join(format!("part_{part}.rs"));
        fs::write(file, text).expect("a writable directory");
    }
}

fn variable(name: &str) -> Option<String> {
    println!("cargo:rerun-if-env-changed={name}");
    env::var(name).ok()
}

fn number(name: &str, default: u64) -> u64 {
    variable(name).map_or(default, |value| {
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is `{value}`, but must be a whole number"))
    })
}
