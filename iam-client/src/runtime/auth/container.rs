//! Compute resources: containers whose platform says who they are.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    AccessToken, Cached, TokenSource,
    iam::{TokenEndpoint, exchange},
    settings::{Settings, check_name, exchange_setters},
};
use crate::runtime::{
    BoxFuture, Error, Operation, Secret, Transport,
    file::{read_regular, shown_fault},
    text::Typed,
};

static EXCHANGE: Operation = exchange("exchange_compute_resource_token");

/// Where platforms put the token, in the order that IBM's SDKs look: a vault's
/// agent, Kubernetes, Code Engine.
const DEFAULT_FILES: [&str; 3] = [
    "/var/run/secrets/tokens/vault-token",
    "/var/run/secrets/tokens/sa-token",
    "/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token",
];
/// Largest file that can be a token.
const MAX_BYTES: usize = 1024 * 1024;

/// Calls as a trusted profile that the container's compute resource is linked
/// to, with the token that its platform has put into a file.
///
/// The file is read at each exchange, since platforms renew it. Space around
/// the token is no part of it.
///
/// ```
/// use iam_client::{Client, auth::Container};
///
/// # fn main() -> Result<(), iam_client::Error> {
/// let caller = Container::new().profile_name("reader").build()?;
/// let client = Client::builder().authenticator(caller).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Container {
    token_file: Option<PathBuf>,
    profile_id: Option<String>,
    profile_name: Option<String>,
    settings: Settings,
}

impl Container {
    /// Which profile must be set, by [`profile_id`](Self::profile_id),
    /// [`profile_name`](Self::profile_name) or both.
    pub fn new() -> Self {
        Self::default()
    }

    /// The file with the token. By default the first that can be read of
    /// `/var/run/secrets/tokens/vault-token`,
    /// `/var/run/secrets/tokens/sa-token` and
    /// `/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token`.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// The identifier of the profile (`Profile-…`).
    pub fn profile_id(mut self, id: impl Into<String>) -> Self {
        self.profile_id = Some(id.into());
        self
    }

    /// The name of the profile.
    pub fn profile_name(mut self, name: impl Into<String>) -> Self {
        self.profile_name = Some(name.into());
        self
    }

    exchange_setters!(endpoint client_credentials scope);

    /// Checks the settings. Nothing is read or sent.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) that names the setting:
    /// no profile, an empty one or an empty path; an unusable endpoint, client
    /// or scope.
    pub fn build(self) -> Result<Cached, Error> {
        if self.profile_id.is_none() && self.profile_name.is_none() {
            let problem = "not set, and profile_name is not either; set one of them";
            return Err(Error::configuration("profile_id", problem));
        }
        for (setting, value) in
            [("profile_id", &self.profile_id), ("profile_name", &self.profile_name)]
        {
            if let Some(value) = value {
                check_name(setting, value)?;
            }
        }
        let files: Arc<[PathBuf]> = match self.token_file {
            Some(path) if path.as_os_str().is_empty() => {
                let problem = "must not be empty; leave it out for the default files";
                return Err(Error::configuration("token_file", problem));
            }
            Some(path) => [path].into(),
            None => DEFAULT_FILES.map(PathBuf::from).into(),
        };
        let endpoint = self.settings.check()?;
        let (profile_id, profile_name) = (self.profile_id, self.profile_name);
        Ok(Cached::new(Source { files, profile_id, profile_name, endpoint }))
    }
}

/// Shows of the file and the profile only the length of what was set.
impl fmt::Debug for Container {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token_file = self.token_file.as_deref().map(Path::to_string_lossy);
        formatter
            .debug_struct("Container")
            .field("token_file", &token_file.as_deref().map(Typed))
            .field("profile_id", &self.profile_id.as_deref().map(Typed))
            .field("profile_name", &self.profile_name.as_deref().map(Typed))
            .field("settings", &self.settings)
            .finish()
    }
}

struct Source {
    files: Arc<[PathBuf]>,
    profile_id: Option<String>,
    profile_name: Option<String>,
    endpoint: TokenEndpoint,
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files: Vec<_> = self.files.iter().map(|path| shown(path)).collect();
        formatter
            .debug_struct("Container")
            .field("files", &files)
            .field("profile_id", &self.profile_id.as_deref().map(Typed))
            .field("profile_name", &self.profile_name.as_deref().map(Typed))
            .field("endpoint", &self.endpoint)
            .finish()
    }
}

/// A path as text: a default one, and of any other the length.
fn shown(path: &Path) -> String {
    match path.to_str() {
        Some(path) if DEFAULT_FILES.contains(&path) => path.to_owned(),
        _ => format!("the file set {}", Typed(&path.to_string_lossy())),
    }
}

impl TokenSource for Source {
    fn fetch<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(async {
            let files = Arc::clone(&self.files);
            // Apart from the calls: what is mounted can take long to answer.
            let read = tokio::task::spawn_blocking(move || read_first(&files)).await;
            let token = read.map_err(|cause| {
                Error::authentication("the token file was not read to its end").with_source(cause)
            })??;
            let mut fields = vec![
                ("grant_type", "urn:ibm:params:oauth:grant-type:cr-token"),
                ("cr_token", token.expose()),
            ];
            if let Some(id) = &self.profile_id {
                fields.push(("profile_id", id));
            }
            if let Some(name) = &self.profile_name {
                fields.push(("profile_name", name));
            }
            let component = "container-authenticator";
            let asked = self.endpoint.ask(transport, &EXCHANGE, component, fields, vec![&token]);
            Ok(asked.await?.token)
        })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.endpoint.secrets()
    }
}

/// The token of the first file that has one.
fn read_first(files: &[PathBuf]) -> Result<Secret, Error> {
    let mut problems = Vec::new();
    for path in files {
        match read(path) {
            Ok(token) => return Ok(token),
            Err(problem) => problems.push(format!("{}: {problem}", shown(path))),
        }
    }
    let problem = format!(
        "no compute resource token ({}); mount one there or set another file",
        problems.join("; ")
    );
    Err(Error::configuration("token_file", &problem))
}

fn read(path: &Path) -> Result<Secret, String> {
    let bytes = read_regular(path, MAX_BYTES).map_err(|error| shown_fault(&error))?;
    if bytes.len() > MAX_BYTES {
        return Err(format!("is larger than {MAX_BYTES} bytes"));
    }
    match std::str::from_utf8(&bytes).map(str::trim) {
        Ok("") => Err("is empty".to_owned()),
        Ok(token) => Ok(Secret::from(token)),
        Err(_) => Err("is not UTF-8".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{DEFAULT_FILES, read_first};

    /// The order in which IBM's SDKs look, by hand.
    #[test]
    fn the_first_file_with_a_token_counts() {
        assert!(DEFAULT_FILES[0].ends_with("/tokens/vault-token"));
        assert!(DEFAULT_FILES[1].ends_with("/tokens/sa-token"));
        assert!(DEFAULT_FILES[2].ends_with("/compute-resource-token/token"));

        let folder = std::env::temp_dir().join(format!("iam-client-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let files = ["a", "b", "c"].map(|name| folder.join(name));
        let read = || read_first(&files).map(|token| token.expose().to_owned());
        let text = read().unwrap_err().to_string();
        assert_eq!(text.matches("does not exist").count(), 3, "{text}");
        std::fs::write(&files[2], " third\n").unwrap();
        assert_eq!(read().unwrap(), "third");
        std::fs::write(&files[1], "second").unwrap();
        assert_eq!(read().unwrap(), "second");
        // Nothing in it, and one that is no text.
        std::fs::write(&files[0], "\n").unwrap();
        assert_eq!(read().unwrap(), "second");
        std::fs::write(&files[0], [0xff]).unwrap();
        assert_eq!(read().unwrap(), "second");
        std::fs::write(&files[0], "first").unwrap();
        assert_eq!(read().unwrap(), "first");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
