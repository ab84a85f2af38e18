//! Files of numbers that PyTorch gave.

use std::collections::HashMap;

/// The lines of a fixture: a name and its numbers.
pub(crate) struct Fixture(HashMap<&'static str, Vec<f64>>);

impl Fixture {
    pub(crate) fn of(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| {
            let (name, numbers) = line.split_once(' ').expect("a name and numbers");
            let numbers = numbers.split(' ').map(|x| x.parse().expect("a number"));
            (name, numbers.collect())
        });
        Self(lines.collect())
    }

    pub(crate) fn get(&self, name: &str) -> &[f64] {
        &self.0[name]
    }
}
