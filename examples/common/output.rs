//! Lines on the standard output, which a reader may close, as `head` does.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::process::exit;

/// As the one of the standard library, which panics where this ends the program.
macro_rules! println {
    () => { crate::output::line(format_args!("")) };
    ($($line:tt)*) => { crate::output::line(format_args!($($line)*)) };
}

pub(crate) fn line(line: Arguments<'_>) {
    match writeln!(stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            _ = writeln!(stderr(), "error: the output cannot be written: {error}");
            exit(1);
        }
    }
}
