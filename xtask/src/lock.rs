//! `sources.lock.toml`: what each vendored file is; and the turn to change it.

use std::{
    fs::{File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use iam_codegen::sources::MANIFEST;
use serde::{Deserialize, Serialize};

use crate::{
    download::Tag,
    files::{self, Fingerprint, cannot},
};

/// The file name of the lock, beside the manifest.
const LOCK: &str = "sources.lock.toml";
const HEADER: &str = "# Written by `cargo xtask pull`: what each vendored file is.\n";
/// A lock is a few lines per document.
const MAX_BYTES: u64 = 1 << 20;

/// What a vendored file is, and where it is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// The source in the manifest.
    pub(crate) name: String,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Size of the file.
    pub(crate) bytes: u64,
    /// The address (without its query), the file, or whatever else it is from.
    pub(crate) origin: String,
    /// When: a date, or date and time in UTC.
    pub(crate) retrieved: String,
    /// By which means.
    pub(crate) how: String,
    /// The entity tag that came with it, for conditional requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tag: Option<Tag>,
}

impl Entry {
    /// Whether it describes a file with this fingerprint.
    pub(crate) fn describes(&self, fingerprint: &Fingerprint) -> bool {
        self.sha256 == fingerprint.sha256 && self.bytes == fingerprint.bytes
    }
}

/// The content of the lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lock {
    #[serde(default, rename = "document")]
    entries: Vec<Entry>,
}

impl Lock {
    /// The path of the lock file in the directory of the manifest.
    pub(crate) fn path(directory: &Path) -> PathBuf {
        directory.join(LOCK)
    }

    /// Reads the lock in `directory`; one that is not there is empty.
    pub(crate) fn load(directory: &Path) -> Result<Self> {
        let path = Self::path(directory);
        let content = files::read_if_any(&path, MAX_BYTES)?.unwrap_or_default();
        let text = String::from_utf8(content).with_context(|| cannot("read", &path))?;
        let lock: Self = toml::from_str(&text).with_context(|| {
            format!("{} is not a lock; restore it from version control", path.display())
        })?;
        for (index, entry) in lock.entries.iter().enumerate() {
            if lock.entries[..index].iter().any(|earlier| earlier.name == entry.name) {
                bail!(
                    "{} has two entries for {}; remove the one that does not describe the file",
                    path.display(),
                    entry.name
                );
            }
        }
        Ok(lock)
    }

    /// All entries, in the order of the file.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of the source called `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The lock with `entry` in place of the one of the same name, if any.
    pub(crate) fn with(&self, entry: Entry) -> Self {
        let mut lock = self.clone();
        match lock.entries.iter_mut().find(|existing| existing.name == entry.name) {
            Some(existing) => *existing = entry,
            None => lock.entries.push(entry),
        }
        lock
    }

    /// The text of the file.
    pub(crate) fn to_toml(&self) -> Result<String> {
        Ok(format!("{HEADER}\n{}", toml::to_string(self)?))
    }
}

/// The right to change the vendored files, until it is dropped or the process ends.
///
/// It is an advisory lock on the manifest, which no command replaces; a lock
/// file of its own would be left lying beside the documents.
#[derive(Debug)]
pub(crate) struct Turn {
    _manifest: File,
}

impl Turn {
    /// Waits for the turn, and says so if there is somebody to wait for.
    pub(crate) fn take(directory: &Path, out: &mut dyn Write) -> Result<Self> {
        let path = directory.join(MANIFEST);
        let manifest = File::open(&path).with_context(|| cannot("read", &path))?;
        match manifest.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                writeln!(out, "waiting for another pull in {} to end", directory.display())?;
                out.flush()?;
                manifest.lock().with_context(|| cannot("lock", &path))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| cannot("lock", &path));
            }
        }
        Ok(Self { _manifest: manifest })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{self, Write},
        sync::{
            atomic::{AtomicBool, Ordering},
            mpsc,
        },
        thread,
    };

    use super::{Entry, Lock, Turn};

    fn entry(name: &str, sha256: &str) -> Entry {
        Entry {
            name: name.into(),
            sha256: sha256.into(),
            bytes: 7,
            origin: "https://example.com/a.json".into(),
            retrieved: "2026-11-22T10:00:00Z".into(),
            how: "pulled".into(),
            tag: None,
        }
    }

    #[test]
    fn entries_keep_their_order_and_come_back() {
        let lock = Lock::default().with(entry("b", "0")).with(entry("a", "1"));
        let lock = lock.with(entry("b", "2"));
        let directory = tempfile::tempdir().unwrap();
        fs::write(Lock::path(directory.path()), lock.to_toml().unwrap()).unwrap();
        let read = Lock::load(directory.path()).unwrap();
        assert_eq!(read, lock);
        let names = read.entries().iter().map(|e| (e.name.as_str(), e.sha256.as_str()));
        assert_eq!(names.collect::<Vec<_>>(), [("b", "2"), ("a", "1")]);
    }

    #[test]
    fn what_is_not_understood_is_not_lost_but_refused() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(Lock::load(directory.path()).unwrap(), Lock::default());
        let known = Lock::default().with(entry("a", "0")).to_toml().unwrap();
        for (text, expected) in [
            (format!("{known}colour = \"red\"\n"), "unknown field `colour`"),
            (format!("{known}{}", known.replace("# ", "#")), "two entries for a"),
            ("document = 3".to_owned(), "invalid type"),
        ] {
            fs::write(Lock::path(directory.path()), text).unwrap();
            let error = format!("{:#}", Lock::load(directory.path()).unwrap_err());
            assert!(error.contains(expected), "{error}");
            assert!(error.contains("sources.lock.toml"), "{error}");
        }
    }

    /// Sends on the first write.
    struct Signal(mpsc::Sender<String>);

    impl Write for Signal {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_second_waits_for_the_first_and_says_so() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("sources.toml"), "").unwrap();
        let first = Turn::take(directory.path(), &mut io::sink()).unwrap();
        let (sender, messages) = mpsc::channel();
        let ended = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let second = Turn::take(directory.path(), &mut Signal(sender));
                assert!(ended.load(Ordering::SeqCst), "both had the turn");
                second.unwrap();
            });
            assert_eq!(messages.recv().unwrap(), "waiting for another pull in ");
            ended.store(true, Ordering::SeqCst);
            drop(first);
        });
    }
}
