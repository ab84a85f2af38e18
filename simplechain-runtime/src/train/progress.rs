//! The progress of a training: a bar on a terminal, lines elsewhere.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;
use core::ops::ControlFlow;
use core::time::Duration;
use std::io::{IsTerminal, Write, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::epoch::Epoch;
use crate::clock::{self, Instant};

/// How often the bar is redrawn.
const REDRAW: Duration = Duration::from_millis(50);

/// How often a line is written, unless [`Progress::every`] says otherwise.
const LINE: Duration = Duration::from_secs(2);

/// Shows epochs, loss, validation loss, samples per second and the remaining time on the standard error: as a bar if that is a terminal, otherwise as
/// plain lines, one every two seconds and one at the end. (Where there is no clock, on `wasm32-unknown-unknown`, one at the beginning and one at the end.)
///
/// ```
/// use simplechain::prelude::*;
/// use simplechain::train::Progress;
///
/// simple_chain! { struct Net: 1 => dense(tanh, 8) => dense(id, 1) }
/// let xs: Vec<[f32; 1]> = (0..100).map(|i| [0.01 * i as f32]).collect();
/// let ys: Vec<[f32; 1]> = xs.iter().map(|x| [x[0] * x[0]]).collect();
///
/// let mut params = Net.init::<f32>(&mut rng(1));
/// let mut trainer = Trainer::new(Net, SquaredLoss, Adam::new(1e-2));
/// let mut progress = Progress::new(200, xs.len());
/// trainer.fit_with(&mut params, &xs, &ys, 200, progress.on_epoch())?;
/// # Ok::<(), simplechain::Error>(())
/// ```
///
/// ```text
/// epoch 120/200, loss 1.532e-3, 4.1e6 samples/s, 1 s left
/// ```
///
/// The bar is removed, and a last line written, when the value is dropped.
pub struct Progress {
    /// `None` if there is no end.
    epochs: Option<usize>,
    samples: usize,
    every: Duration,
    to: Destination,
    start: Instant,
    shown: Option<Instant>,
    /// The last epoch, if it has not been shown.
    pending: Option<Epoch>,
    /// The sum of the durations of the epochs, without validation.
    training: Duration,
    best: Option<(usize, f64)>,
}

enum Destination {
    Bar(ProgressBar),
    Lines(Box<dyn Write + Send>),
}

impl Progress {
    /// For a training of this many epochs (`usize::MAX`: without end) on this many samples.
    #[must_use]
    pub fn new(epochs: usize, samples: usize) -> Self {
        let total = known(epochs);
        let to = if stderr().is_terminal() {
            let bar = match total {
                Some(epochs) => ProgressBar::new(epochs as u64),
                None => ProgressBar::new_spinner(),
            };
            let style = match total {
                Some(_) => ProgressStyle::with_template("{bar:24} {wide_msg}"),
                None => ProgressStyle::with_template("{spinner} {wide_msg}"),
            };
            bar.set_style(style.expect("a template"));
            Destination::Bar(bar)
        } else {
            Destination::Lines(Box::new(stderr()))
        };
        Self::to(to, epochs, samples)
    }

    /// Plain lines, to anything.
    #[must_use]
    pub fn lines(to: impl Write + Send + 'static, epochs: usize, samples: usize) -> Self {
        Self::to(Destination::Lines(Box::new(to)), epochs, samples)
    }

    fn to(to: Destination, epochs: usize, samples: usize) -> Self {
        let every = match to {
            Destination::Bar(_) => REDRAW,
            Destination::Lines(_) => LINE,
        };
        Self {
            epochs: known(epochs),
            samples,
            every,
            to,
            start: Instant::now(),
            shown: None,
            pending: None,
            training: Duration::ZERO,
            best: None,
        }
    }

    /// The least time between two lines, or between two drawings of the bar.
    #[must_use]
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// The callback for [`Trainer::fit_with`](super::Trainer::fit_with) and
    /// [`fit_validated_with`](super::Trainer::fit_validated_with). It never stops the training.
    pub fn on_epoch<P>(&mut self) -> impl FnMut(&Epoch, &P) -> ControlFlow<()> {
        |epoch, _| {
            self.record(epoch);
            ControlFlow::Continue(())
        }
    }

    /// Takes the results of an epoch, within a callback of your own.
    pub fn record(&mut self, epoch: &Epoch) {
        self.training += epoch.duration;
        if let Some(loss) = epoch.validation
            && self.best.is_none_or(|(_, best)| loss < best)
        {
            self.best = Some((epoch.index, loss));
        }
        let is_last = self.epochs == Some(epoch.index + 1);
        let is_due = self.shown.is_none_or(|shown| shown.elapsed() >= self.every);
        if is_due || is_last {
            self.show(epoch);
        } else {
            self.pending = Some(*epoch);
        }
    }

    fn show(&mut self, epoch: &Epoch) {
        let text = self.text(epoch);
        match &mut self.to {
            Destination::Bar(bar) => {
                bar.set_position(epoch.index as u64 + 1);
                bar.set_message(text);
            }
            // A closed output must not end the training.
            Destination::Lines(to) => _ = writeln!(to, "{text}").and_then(|()| to.flush()),
        }
        self.shown = Some(Instant::now());
        self.pending = None;
    }

    fn text(&self, epoch: &Epoch) -> String {
        let done = epoch.index + 1;
        let mut text = format!("epoch {done}");
        let mut write = |part: core::fmt::Arguments<'_>| {
            text.write_fmt(part).expect("a string takes all");
        };
        if let Some(epochs) = self.epochs {
            write(format_args!("/{epochs}"));
        }
        write(format_args!(", loss {:.3e}", epoch.loss));
        if let Some(loss) = epoch.validation {
            write(format_args!(", validation {loss:.3e}"));
        }
        if let Some((index, loss)) = self.best.filter(|(index, _)| *index != epoch.index) {
            write(format_args!(" (best {loss:.3e}, epoch {})", index + 1));
        }
        let per_second = self.samples as f64 * done as f64 / self.training.as_secs_f64();
        if per_second.is_finite() {
            write(format_args!(", {per_second:.1e} samples/s"));
        }
        if let Some(left) = self.epochs.and_then(|epochs| epochs.checked_sub(done))
            && left > 0
            && clock::EXISTS
        {
            let seconds = self.start.elapsed().as_secs_f64() / done as f64 * left as f64;
            write(format_args!(", {} left", Seconds(seconds)));
        }
        text
    }
}

fn known(epochs: usize) -> Option<usize> {
    (epochs != usize::MAX).then_some(epochs)
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(epoch) = self.pending.take() {
            self.show(&epoch);
        }
        if let Destination::Bar(bar) = &self.to {
            let last = bar.message();
            bar.finish_and_clear();
            if !last.is_empty() {
                _ = writeln!(stderr(), "{last}");
            }
        }
    }
}

impl core::fmt::Debug for Progress {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Progress")
            .field("epochs", &self.epochs)
            .field("samples", &self.samples)
            .field("best", &self.best)
            .finish_non_exhaustive()
    }
}

/// `7 s`, `3 min 20 s`, `2 h 05 min`
struct Seconds(f64);

impl core::fmt::Display for Seconds {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let seconds = self.0.round() as u64;
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, seconds) => write!(f, "{seconds} s"),
            (0, minutes, seconds) => write!(f, "{minutes} min {seconds:02} s"),
            (hours, minutes, _) => write!(f, "{hours} h {minutes:02} min"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::string::ToString;
    use std::sync::{Arc, Mutex};
    use std::vec::Vec;

    use super::*;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// As on a pipe that was closed.
    struct Broken;

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
    }

    fn epoch(index: usize, loss: f64, validation: Option<f64>) -> Epoch {
        Epoch {
            index,
            loss,
            validation,
            duration: Duration::from_millis(10),
        }
    }

    #[test]
    fn lines_are_few_and_the_last_is_there() {
        let to = Shared::default();
        let mut progress = Progress::lines(to.clone(), 1000, 500);
        for index in 0..300 {
            let loss = 1.0 / (index + 1) as f64;
            progress.record(&epoch(index, loss, Some(loss.max(0.01))));
        }
        drop(progress);
        let text = to.text();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0]
                .starts_with("epoch 1/1000, loss 1.000e0, validation 1.000e0, 5.0e4 samples/s, "),
            "{text}"
        );
        let last = "epoch 300/1000, loss 3.333e-3, validation 1.000e-2 (best 1.000e-2, epoch 100), 5.0e4 samples/s, ";
        assert!(
            lines[1].starts_with(last) && lines[1].ends_with(" left"),
            "{text}"
        );
    }

    #[test]
    fn without_an_end_nothing_is_left() {
        let to = Shared::default();
        let mut progress = Progress::lines(to.clone(), usize::MAX, 500).every(Duration::ZERO);
        let mut on_epoch = progress.on_epoch();
        assert!(on_epoch(&epoch(0, f64::NAN, None), &()).is_continue());
        assert!(on_epoch(&epoch(1, 2.0, None), &()).is_continue());
        drop(on_epoch);
        drop(progress);
        assert_eq!(
            to.text(),
            "epoch 1, loss NaN, 5.0e4 samples/s\nepoch 2, loss 2.000e0, 5.0e4 samples/s\n"
        );
    }

    #[test]
    fn a_closed_pipe_does_not_matter() {
        let mut progress = Progress::lines(Broken, 2, 1);
        progress.record(&epoch(0, 1.0, None));
        progress.record(&epoch(1, 1.0, None));
    }

    #[test]
    fn times_are_short() {
        let text = |seconds| Seconds(seconds).to_string();
        assert_eq!(text(0.2), "0 s");
        assert_eq!(text(200.0), "3 min 20 s");
        assert_eq!(text(7500.0), "2 h 05 min");
    }
}
