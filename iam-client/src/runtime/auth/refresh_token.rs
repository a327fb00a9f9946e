//! Refresh tokens.

use std::sync::{Mutex, PoisonError};

use super::{
    AccessToken, Cached, TokenSource,
    iam::{TokenEndpoint, exchange},
    settings::{Settings, check_credential, exchange_setters},
};
use crate::runtime::{BoxFuture, Error, Operation, Secret, Transport};

static EXCHANGE: Operation = exchange("exchange_refresh_token");

/// What IAM says in place of a refresh token if it gives none.
const NONE: &str = "not_supported";

/// Calls as the one whom IAM gave a refresh token to.
///
/// Where IAM answers with a new refresh token, that one is used from then on.
/// It is kept in memory only. IAM wants the credentials of the client that the
/// token was given to: set [`client_credentials`](Self::client_credentials).
///
/// ```
/// use iam_client::{Client, auth::RefreshToken};
///
/// # fn main() -> Result<(), iam_client::Error> {
/// let caller = RefreshToken::new("my-refresh-token").client_credentials("my-client", "my-secret").build()?;
/// let client = Client::builder().authenticator(caller).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct RefreshToken {
    token: Secret,
    settings: Settings,
}

impl RefreshToken {
    /// With a refresh token.
    pub fn new(token: impl Into<Secret>) -> Self {
        Self { token: token.into(), settings: Settings::default() }
    }

    exchange_setters!(endpoint client_credentials scope);

    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) that names the setting
    /// and does not quote it: a token that is empty, in braces or quotes, or
    /// has characters other than printable ASCII without spaces; an unusable
    /// endpoint, client or scope.
    pub fn build(self) -> Result<Cached, Error> {
        check_credential("refresh_token", &self.token)?;
        let endpoint = self.settings.check()?;
        Ok(Cached::new(Source { newest: Mutex::new(self.token), endpoint }))
    }
}

#[derive(Debug)]
struct Source {
    newest: Mutex<Secret>,
    endpoint: TokenEndpoint,
}

impl Source {
    fn newest(&self) -> Secret {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl TokenSource for Source {
    fn fetch<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(async {
            let newest = self.newest();
            let fields = vec![
                ("grant_type", "refresh_token"),
                ("refresh_token", newest.expose()),
                ("response_type", "cloud_iam"),
            ];
            let asked =
                self.endpoint.ask(transport, &EXCHANGE, "iam-authenticator", fields, vec![&newest]);
            let answer = asked.await?;
            let given = answer.refresh_token;
            if let Some(given) = given.filter(|given| !["", NONE].contains(&given.expose())) {
                *self.newest.lock().unwrap_or_else(PoisonError::into_inner) = given;
            }
            Ok(answer.token)
        })
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.endpoint.secrets();
        secrets.push(self.newest());
        secrets
    }
}
