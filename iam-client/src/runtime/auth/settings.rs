//! The settings that authenticators of IAM share.

use std::fmt;

use super::{Authorization, PUBLIC_ENDPOINT, iam::TokenEndpoint};
use crate::runtime::{Error, Secret, endpoint::Endpoint};

/// What IBM's tools may have at the end of an endpoint for tokens.
const TOKEN_PATH: &str = "/identity/token";

/// How tokens are asked for, as the program set it.
#[derive(Clone, Default)]
pub(super) struct Settings {
    pub(super) endpoint: Option<String>,
    pub(super) client: Option<(String, Secret)>,
    pub(super) scope: Option<String>,
}

impl Settings {
    /// Checks them.
    pub(super) fn check(&self) -> Result<TokenEndpoint, Error> {
        let endpoint = self.endpoint()?;
        let refuse = |setting, problem| Err(Error::configuration(setting, problem));
        if self.scope.as_deref().is_some_and(|scope| scope.trim().is_empty()) {
            return refuse("scope", "must not be empty; leave it out to ask for all");
        }
        let client = match &self.client {
            None => None,
            Some((id, secret)) if id.is_empty() || secret.expose().is_empty() => {
                let problem = "needs both the client's id and its secret; give both or none";
                return refuse("client_credentials", problem);
            }
            Some((id, _)) if id.contains(':') => {
                return refuse("client_credentials", "the id must not contain a colon");
            }
            Some((id, secret)) => Some(Authorization::basic(id, secret.clone())?),
        };
        Ok(TokenEndpoint::new(&endpoint, client, self.scope.clone()))
    }

    fn endpoint(&self) -> Result<Endpoint, Error> {
        let text = self.endpoint.as_deref().unwrap_or(PUBLIC_ENDPOINT).trim_end_matches('/');
        Endpoint::parse(text.strip_suffix(TOKEN_PATH).unwrap_or(text))
    }
}

/// Shows an endpoint only if it is valid (another may hold a password).
impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint();
        let endpoint = endpoint.as_ref().map_or("(invalid)", Endpoint::as_str);
        formatter
            .debug_struct("Settings")
            .field("endpoint", &endpoint)
            .field("has_client_credentials", &self.client.is_some())
            .field("has_scope", &self.scope.is_some())
            .finish()
    }
}

/// Describes what is wrong with a key or token: it was copied with something
/// around it, or cannot be one. The same for all sources of one.
pub(in crate::runtime) fn credential_fault(text: &str) -> Option<&'static str> {
    let wraps = ['{', '}', '"', '\''];
    if text.is_empty() {
        Some("must not be empty")
    } else if text.starts_with(wraps) || text.ends_with(wraps) {
        Some(WRAPPED)
    } else if text.contains(char::is_control) {
        Some(CONTROL)
    } else if text.contains(char::is_whitespace) {
        Some("must not contain spaces; give it alone, without `Bearer` or a remark")
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Some("must consist of printable ASCII characters; copy it again")
    } else {
        None
    }
}

/// The fault of a value in braces or quotes.
pub(in crate::runtime) const WRAPPED: &str = "must not be in braces or quotes; remove them";
/// The fault of a value with line breaks and the like.
pub(in crate::runtime) const CONTROL: &str = "must not contain control characters; remove them";

/// Refuses a credential that has a [fault](credential_fault).
pub(super) fn check_credential(setting: &str, credential: &Secret) -> Result<(), Error> {
    match credential_fault(credential.expose()) {
        Some(problem) => Err(Error::configuration(setting, problem)),
        None => Ok(()),
    }
}

/// Refuses a name that says nothing.
pub(super) fn check_name(setting: &str, name: &str) -> Result<(), Error> {
    if name.trim().is_empty() {
        return Err(Error::configuration(setting, "must not be empty"));
    }
    Ok(())
}

/// The setters of [`Settings`], by name, for a type with a field `settings`.
macro_rules! exchange_setters {
    ($($name:ident)*) => { $(exchange_setters!(@ $name);)* };
    (@ endpoint) => {
        /// Where IAM gives tokens: an `https` URL (or `http` to this machine),
        /// with or without `/identity/token`.
        /// [`PUBLIC_ENDPOINT`](crate::runtime::auth::PUBLIC_ENDPOINT) by default.
        pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
            self.settings.endpoint = Some(endpoint.into());
            self
        }
    };
    (@ client_credentials) => {
        /// Which program asks for tokens, and its secret. IAM's limits are
        /// higher for programs that it knows.
        pub fn client_credentials(
            mut self,
            id: impl Into<String>,
            secret: impl Into<crate::runtime::Secret>,
        ) -> Self {
            self.settings.client = Some((id.into(), secret.into()));
            self
        }
    };
    (@ scope) => {
        /// What the tokens are to be good for: scopes, separated by spaces. All
        /// by default.
        pub fn scope(mut self, scope: impl Into<String>) -> Self {
            self.settings.scope = Some(scope.into());
            self
        }
    };
}
pub(super) use exchange_setters;
