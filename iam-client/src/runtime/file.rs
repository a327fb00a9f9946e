//! Files that a user names: read without a hang and within a bound.

use std::{fs, io, io::Read as _, path::Path};

use zeroize::Zeroizing;

/// Reads a regular file, of which at most one byte more than `limit`: what is
/// longer than that was too large.
///
/// A pipe or a device would be opened and read for ever, so that neither is
/// opened.
///
/// # Errors
/// The error of the system; [`Unsupported`](io::ErrorKind::Unsupported) if it is
/// not a regular file.
pub(super) fn read_regular(path: &Path, limit: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    check_regular(&fs::metadata(path)?)?;
    let file = fs::File::open(path)?;
    // It may have been replaced.
    check_regular(&file.metadata()?)?;
    let mut bytes = Zeroizing::new(Vec::new());
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn check_regular(metadata: &fs::Metadata) -> io::Result<()> {
    if metadata.is_file() {
        Ok(())
    } else if metadata.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Why a file could not be read, without its name.
pub(super) fn shown_fault(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "does not exist".to_owned(),
        io::ErrorKind::IsADirectory => "is a directory".to_owned(),
        io::ErrorKind::Unsupported => "is not a regular file".to_owned(),
        kind => format!("cannot be read ({kind})"),
    }
}
