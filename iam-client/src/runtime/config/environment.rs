//! What the process was started with, as a value.

use std::{
    collections::BTreeMap,
    env, fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use zeroize::Zeroizing;

use super::{file::MAX_BYTES, properties};
use crate::runtime::{Secret, file::read_regular};

/// Reads a whole file.
type Reader = dyn Fn(&Path) -> io::Result<Zeroizing<Vec<u8>>> + Send + Sync;

/// Where configuration is looked for: variables, two directories and their
/// files.
///
/// [`of_process`](Self::of_process) is what the program was started with. One
/// that is put together shows what a program would do elsewhere:
///
/// ```
/// # use iam_client::{Client, Environment};
/// let environment = Environment::new()
///     .variable("IAM_IDENTITY_AUTH_TYPE", "noAuth")
///     .variable("IAM_IDENTITY_URL", "https://iam.example.com");
/// let client = Client::builder().from_environment(&environment)?.build()?;
/// assert_eq!(client.endpoint(), "https://iam.example.com");
/// # Ok::<(), iam_client::Error>(())
/// ```
///
/// `Debug` shows the names of the variables that are read, and no value.
#[derive(Clone, Default)]
#[must_use]
pub struct Environment {
    /// `None` for a value that is no Unicode.
    variables: BTreeMap<String, Option<Secret>>,
    current_directory: Option<PathBuf>,
    home_directory: Option<PathBuf>,
    reader: Option<Arc<Reader>>,
}

impl Environment {
    /// Nothing: no variables, no directories, no files.
    pub fn new() -> Self {
        Self::default()
    }

    /// What this process has now, and the files of this machine.
    pub fn of_process() -> Self {
        let variables = env::vars_os().filter_map(|(name, value)| {
            // No name of ours is other than ASCII.
            Some((name.into_string().ok()?, value.into_string().ok().map(Secret::from)))
        });
        Self {
            variables: variables.collect(),
            // Without one there are no files to find in it.
            current_directory: env::current_dir().ok(),
            home_directory: env::home_dir().filter(|home| !home.as_os_str().is_empty()),
            reader: Some(Arc::new(|path: &Path| read_regular(path, MAX_BYTES))),
        }
    }

    /// Sets a variable.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<Secret>) -> Self {
        self.variables.insert(name.into(), Some(value.into()));
        self
    }

    /// Sets the directory that `./ibm-credentials.env` and a relative
    /// `IBM_CREDENTIALS_FILE` are in.
    pub fn current_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.current_directory = Some(directory.into());
        self
    }

    /// Sets the user's home directory.
    pub fn home_directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.home_directory = Some(directory.into());
        self
    }

    /// Sets how files are read. A file that does not exist is
    /// [`NotFound`](io::ErrorKind::NotFound).
    pub fn files(
        mut self,
        read: impl Fn(&Path) -> io::Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        self.reader = Some(Arc::new(move |path: &Path| read(path).map(Zeroizing::new)));
        self
    }

    /// All variables, sorted by name; `None` for a value that is no Unicode.
    pub(super) fn variables(&self) -> impl Iterator<Item = (&str, Option<&Secret>)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }

    /// A variable; `None` if there is none, `Some(None)` if it is no Unicode.
    pub(super) fn get(&self, name: &str) -> Option<Option<&Secret>> {
        self.variables.get(name).map(Option::as_ref)
    }

    pub(super) fn current(&self) -> Option<&Path> {
        self.current_directory.as_deref()
    }

    pub(super) fn home(&self) -> Option<&Path> {
        self.home_directory.as_deref()
    }

    pub(super) fn read(&self, path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
        match &self.reader {
            Some(read) => read(path),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Any other name may be a misplaced value.
        let is_known = |name: &str| properties::is_known(name, crate::SERVICES);
        let known: Vec<_> = self.variables.keys().filter(|name| is_known(name)).collect();
        formatter
            .debug_struct("Environment")
            .field("variables", &known)
            .field("other_variables", &(self.variables.len() - known.len()))
            .field("has_current_directory", &self.current_directory.is_some())
            .field("has_home_directory", &self.home_directory.is_some())
            .finish_non_exhaustive()
    }
}
