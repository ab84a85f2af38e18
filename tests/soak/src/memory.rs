//! The resident memory of this process.

use std::error::Error;
use std::fmt;

/// In KB, at times after the warm-up.
pub(crate) struct Memory(Vec<u64>);

impl Memory {
    /// For at most so many readings, so that these take no more memory later.
    pub(crate) fn new(readings: usize) -> Self {
        Self(Vec::with_capacity(readings))
    }

    pub(crate) fn push(&mut self, reading: u64) {
        self.0.push(reading);
    }

    /// The medians of the first fifth and of the last: a single reading may fall into a moment with more threads.
    fn medians(&self) -> Option<[u64; 2]> {
        let part = self.0.len() / 5;
        let median = |readings: &[u64]| {
            let mut readings = readings.to_vec();
            readings.sort_unstable();
            readings[readings.len() / 2]
        };
        let last = self.0.len() - part;
        (part > 0).then(|| [median(&self.0[..part]), median(&self.0[last..])])
    }

    /// From the first fifth to the last, in percent.
    pub(crate) fn growth(&self) -> Option<f64> {
        let [first, last] = self.medians()?;
        Some(100.0 * (last as f64 / first as f64 - 1.0))
    }
}

/// At this moment.
pub(crate) fn resident() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    Ok(number.ok_or("no VmRSS in /proc/self/status")?.parse()?)
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, last] = self.medians().unwrap_or_default();
        let growth = self.growth().unwrap_or(f64::NAN);
        write!(
            f,
            "memory after the warm-up: {first} KB, at the end: {last} KB: {growth:+.2} %"
        )
    }
}
