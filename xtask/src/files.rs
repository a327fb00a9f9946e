//! Files read whole and written whole.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// How the names of our temporary files start, so that `check` can find what
/// a crash left behind.
pub(crate) const TEMPORARY: &str = ".xtask-";

/// What identifies the content of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    /// Lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Length.
    pub(crate) bytes: u64,
}

impl Fingerprint {
    /// The fingerprint of `content`.
    pub(crate) fn of(content: &[u8]) -> Self {
        Self { sha256: hex(&Sha256::digest(content)), bytes: content.len() as u64 }
    }

    /// Enough of the hash for a person to tell two apart.
    pub(crate) fn short(&self) -> &str {
        short(&self.sha256)
    }
}

/// `bytes` in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 12 characters of a hash.
pub(crate) fn short(sha256: &str) -> &str {
    sha256.get(..12).unwrap_or(sha256)
}

/// Reads a file of at most `limit` bytes; `None` if there is none.
pub(crate) fn read_if_any(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| cannot("read", path)),
    };
    let mut content = Vec::new();
    file.take(limit + 1).read_to_end(&mut content).with_context(|| cannot("read", path))?;
    if content.len() as u64 > limit {
        bail!("{} is larger than the {limit} bytes that are read at most", path.display());
    }
    Ok(Some(content))
}

/// Reads a text file.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| cannot("read", path))
}

/// Writes `content`, durably, to a temporary file in `directory` that is to
/// become `target`. It is gone when dropped.
pub(crate) fn stage(directory: &Path, target: &Path, content: &[u8]) -> Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY).suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As any other new file; tempfile alone would make it unreadable to others.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let stage = || {
        let mut file = builder.tempfile_in(directory)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        Ok(file)
    };
    stage().map_err(|error: io::Error| anyhow::Error::new(error).context(cannot("write", target)))
}

/// Replaces `target` by `content`: a reader sees the old file or the new one.
pub(crate) fn write(target: &Path, content: &[u8]) -> Result<()> {
    let directory = parent(target);
    fs::create_dir_all(&directory).with_context(|| cannot("make", &directory))?;
    let staged = stage(&directory, target, content)?;
    staged.persist(target).map_err(|error| error.error).with_context(|| cannot("write", target))?;
    Ok(())
}

/// Makes renames in `directory` durable, where the system can.
pub(crate) fn sync(directory: &Path) {
    // Not every file system can; the rename holds without it, short of a power cut.
    if let Ok(directory) = File::open(directory) {
        let _ = directory.sync_all();
    }
}

/// The directory that `path` is in.
pub(crate) fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The name of a file without its directory, which is nobody else's business.
pub(crate) fn name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// All files below `directory`, sorted; none if it is not there.
pub(crate) fn walk(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut pending = vec![directory.to_path_buf()];
    while let Some(directory) = pending.pop() {
        let entries = match fs::read_dir(&directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error).with_context(|| cannot("list", &directory)),
        };
        for entry in entries {
            let entry = entry.with_context(|| cannot("list", &directory))?;
            let kind = entry.file_type().with_context(|| cannot("read", &entry.path()))?;
            if kind.is_dir() {
                pending.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The message of a failed operation on `path`.
pub(crate) fn cannot(verb: &str, path: &Path) -> String {
    format!("cannot {verb} {}", path.display())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Fingerprint, parent, read_if_any, walk, write};

    #[test]
    fn a_fingerprint_is_the_published_test_vector() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let fingerprint = Fingerprint::of(b"abc");
        assert_eq!((fingerprint.sha256.as_str(), fingerprint.bytes), (expected, 3));
        assert_eq!(fingerprint.short(), "ba7816bf8f01");
    }

    #[test]
    fn reading_is_bounded() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a/b.json");
        assert!(read_if_any(&path, 3).unwrap().is_none());
        write(&path, b"abc").unwrap();
        assert_eq!(read_if_any(&path, 3).unwrap().as_deref(), Some(&b"abc"[..]));
        let error = read_if_any(&path, 2).unwrap_err().to_string();
        assert!(error.ends_with("is larger than the 2 bytes that are read at most"), "{error}");
        assert_eq!(walk(directory.path()).unwrap(), [path]);
    }

    #[cfg(unix)]
    #[test]
    fn written_files_are_as_readable_as_any_other() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let [ours, other] = ["ours", "other"].map(|name| directory.path().join(name));
        write(&ours, b"").unwrap();
        std::fs::write(&other, b"").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&ours), mode(&other));
    }

    #[test]
    fn a_bare_name_is_in_the_current_directory() {
        assert_eq!(parent(Path::new("a.json")), Path::new("."));
        assert_eq!(parent(Path::new("b/a.json")), Path::new("b"));
    }
}
