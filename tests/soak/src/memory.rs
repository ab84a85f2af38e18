//! The memory of this process, read at rest.

use std::error::Error;
use std::fmt;

use crate::live;

/// In one of them, no thread of rayon holds garbage.
const COLLECTIONS: usize = 200;

/// At one moment.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    /// Allocated and not freed, in bytes.
    pub(crate) live: u64,
    pub(crate) blocks: u64,
    /// In KB: with the program itself, and what the allocator has not given back.
    pub(crate) resident: u64,
}

impl Reading {
    pub(crate) fn now() -> Result<Self, Box<dyn Error>> {
        let collected = (0..COLLECTIONS).map(|_| {
            collect();
            (live::bytes(), live::blocks())
        });
        let (live, blocks) = collected.min().unwrap_or_default();
        Ok(Self {
            live: live as u64,
            blocks: blocks as u64,
            resident: status("VmRSS:")?,
        })
    }
}

/// Frees what ended threads of rayon have left to `crossbeam-epoch`, about 2 KB each: a thread that is alive holds up to 64 of those
/// until it needs the place. Freeing leaves some garbage in turn, for the next call.
fn collect() {
    rayon_core::broadcast(|_| crossbeam_epoch::pin().flush());
    for _ in 0..10 {
        crossbeam_epoch::pin().flush();
    }
}

/// Readings after the warm-up.
pub(crate) struct Memory(Vec<Reading>);

impl Memory {
    /// For at most so many, so that these take no more memory later.
    pub(crate) fn new(readings: usize) -> Self {
        Self(Vec::with_capacity(readings))
    }

    pub(crate) fn push(&mut self, reading: Reading) {
        self.0.push(reading);
    }

    /// The least and the most that was live.
    fn live(&self) -> Option<[u64; 2]> {
        let live = || self.0.iter().map(|reading| reading.live);
        Some([live().min()?, live().max()?])
    }

    /// The medians of the first fifth and of the last of what was resident: glibc takes and gives back.
    fn resident(&self) -> Option<[u64; 2]> {
        let part = self.0.len() / 5;
        let median = |readings: &[Reading]| {
            let mut readings: Vec<_> = readings.iter().map(|reading| reading.resident).collect();
            readings.sort_unstable();
            readings[readings.len() / 2]
        };
        let last = self.0.len() - part;
        (part > 0).then(|| [median(&self.0[..part]), median(&self.0[last..])])
    }

    /// In percent: of what is live, and of what is resident.
    pub(crate) fn growth(&self) -> Option<[f64; 2]> {
        Some([self.live()?, self.resident()?].map(percent))
    }
}

fn percent([first, last]: [u64; 2]) -> f64 {
    100.0 * (last as f64 / first as f64 - 1.0)
}

/// A number in `/proc/self/status`.
pub(crate) fn status(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    let number = number.ok_or_else(|| format!("no {name} in /proc/self/status"))?;
    Ok(number.parse()?)
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [live, resident] = [self.live(), self.resident()].map(Option::unwrap_or_default);
        write!(
            f,
            "live at rest after the warm-up: {} to {} bytes: {:+.2} %\n\
             resident at rest after the warm-up: {} KB, at the end: {} KB: {:+.2} %",
            live[0],
            live[1],
            percent(live),
            resident[0],
            resident[1],
            percent(resident),
        )
    }
}
