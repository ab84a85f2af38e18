//! Files of numbers that other programs gave.

use std::collections::HashMap;

/// The lines of a fixture: a name and its numbers.
pub struct Fixture(HashMap<&'static str, Vec<f64>>);

impl Fixture {
    /// Of a file: a line is a name and numbers, or begins with `#`.
    pub fn of(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.map(|line| {
            let (name, numbers) = line.split_once(' ').expect("a name and numbers");
            let numbers = numbers.split(' ').map(|x| x.parse().expect("a number"));
            (name, numbers.collect())
        });
        Self(lines.collect())
    }

    /// The numbers of that name.
    pub fn get(&self, name: &str) -> &[f64] {
        &self.0[name]
    }
}
