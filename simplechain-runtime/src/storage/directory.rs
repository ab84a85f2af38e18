//! What is in a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// Calls `f` with the name and the path of everything in a directory; nothing is in one that does not exist.
pub(crate) fn for_each_name(
    directory: &Path,
    f: &mut dyn FnMut(&str, PathBuf),
) -> Result<(), Error> {
    let failed = |error: io::Error| Error::io("read", directory, &error);
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if let Some(name) = entry.file_name().to_str() {
            f(name, entry.path());
        }
    }
    Ok(())
}
