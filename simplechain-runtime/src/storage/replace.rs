//! Files that are replaced as a whole: a reader sees the old one or the new one, whenever the writer ends.

use alloc::format;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;

/// What the names of temporary files begin and end with.
const TEMPORARY: (&str, &str) = (".simplechain-", ".tmp");

/// Writes the parts of a file one after the other to a temporary file in the same directory, flushes it to the disk, and renames it.
/// If anything fails, the old file stays, and the temporary one is removed.
///
/// # Errors
/// [`Error::Io`]
pub(crate) fn replace(path: &Path, parts: &[&[u8]]) -> Result<(), Error> {
    try_replace(path, parts).map_err(|error| Error::io("write", path, &error))
}

fn try_replace(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    // Of a symbolic link its target is replaced, and not the link.
    let path = match fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => {
            // A device, for example, which a renamed file would replace.
            let kind = if metadata.is_dir() {
                io::ErrorKind::IsADirectory
            } else {
                io::ErrorKind::InvalidInput
            };
            return Err(io::Error::new(kind, "it is not a regular file"));
        }
        Ok(_) => &fs::canonicalize(path)?,
        // There are no files here, nor a process to name one by.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => return Err(error),
        Err(_) => path,
    };
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let (file, temporary) = create_beside(directory)?;
    let written = write(file, parts).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = written {
        // The first error is what went wrong.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_directory(directory)
}

/// A new file of a name that no other writer takes.
fn create_beside(directory: &Path) -> io::Result<(File, PathBuf)> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (prefix, suffix) = TEMPORARY;
    loop {
        let (process, count) = (process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let temporary = directory.join(format!("{prefix}{process}-{count}{suffix}"));
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).open(&temporary) {
            Ok(file) => return Ok((file, temporary)),
            // Left by a process that was killed, which had the same number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

fn write(mut file: File, parts: &[&[u8]]) -> io::Result<()> {
    for part in parts {
        file.write_all(part)?;
    }
    file.sync_all()
}

/// The new name is in the directory, which must be on the disk too. (Only Unix opens directories.)
fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Whether a file of this name was a temporary one.
pub(crate) fn is_temporary(name: &str) -> bool {
    let (prefix, suffix) = TEMPORARY;
    name.starts_with(prefix) && name.ends_with(suffix)
}
