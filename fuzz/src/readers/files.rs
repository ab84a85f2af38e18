//! Files and memory.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

/// A directory of this process, in memory where there is one.
pub fn directory(name: &str) -> PathBuf {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        env::temp_dir()
    };
    let path = parent.join(format!("simplechain-fuzz-{name}-{}", process::id()));
    fs::create_dir_all(&path).expect("a directory");
    path
}

/// Runs `read` and demands that it holds no more memory at a time than `fixed` and so many times the input.
pub fn within_memory<R>(fixed: usize, times: usize, input: &[u8], read: impl FnOnce() -> R) -> R {
    let mut result = None;
    let used = allocation_counter::measure(|| result = Some(read()));
    let allowed = (fixed + times * input.len()) as u64;
    assert!(
        used.bytes_max <= allowed,
        "{} bytes of memory for an input of {}, where {allowed} are allowed",
        used.bytes_max,
        input.len(),
    );
    result.expect("it ran")
}

/// Demands that the message of an error is short and plain.
pub fn check_message(error: &impl std::fmt::Display) {
    let text = error.to_string();
    assert!(text.len() < 16_384, "a message of {} bytes", text.len());
    let control = text.find(|c: char| c.is_control() && c != '\n');
    assert!(control.is_none(), "a control character in {text:?}");
}
