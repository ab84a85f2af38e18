//! Ctrl-C ends a training after its epoch, so that what it has learned is still shown and saved; a second one ends the program.

use std::ops::ControlFlow;
use std::process::{ExitCode, exit};
use std::sync::atomic::{AtomicBool, Ordering};

/// As shells have it: 128 and the number of the signal.
const INTERRUPTED: u8 = 130;

static IS_PRESSED: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C asks for an end, the first time.
pub(crate) fn watch() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        if IS_PRESSED.swap(true, Ordering::Relaxed) {
            exit(INTERRUPTED.into());
        }
    })
}

/// Whether a training goes on.
pub(crate) fn flow() -> ControlFlow<()> {
    match IS_PRESSED.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// Of a program that did what it could.
pub(crate) fn exit_code() -> ExitCode {
    match flow() {
        ControlFlow::Break(()) => ExitCode::from(INTERRUPTED),
        ControlFlow::Continue(()) => ExitCode::SUCCESS,
    }
}
