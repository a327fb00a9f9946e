//! API keys.

use super::{
    AccessToken, Cached, TokenSource,
    iam::{TokenEndpoint, exchange},
    settings::{Settings, check_credential, exchange_setters},
};
use crate::runtime::{BoxFuture, Error, Operation, Secret, Transport};

static EXCHANGE: Operation = exchange("exchange_api_key");

/// Calls as the user or service ID that an API key belongs to.
///
/// ```
/// use iam_client::{Client, auth::ApiKey};
///
/// # fn main() -> Result<(), iam_client::Error> {
/// let client = Client::builder().authenticator(ApiKey::new("my-api-key").build()?).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ApiKey {
    key: Secret,
    settings: Settings,
}

impl ApiKey {
    /// With an API key.
    pub fn new(key: impl Into<Secret>) -> Self {
        Self { key: key.into(), settings: Settings::default() }
    }

    exchange_setters!(endpoint client_credentials scope);

    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) that names the setting
    /// and does not quote it: a key that is empty, in braces or quotes, or has
    /// characters other than printable ASCII without spaces; an unusable
    /// endpoint, client or scope.
    pub fn build(self) -> Result<Cached, Error> {
        check_credential("api_key", &self.key)?;
        let endpoint = self.settings.check()?;
        Ok(Cached::new(Source { key: self.key, endpoint }))
    }
}

#[derive(Debug)]
struct Source {
    key: Secret,
    endpoint: TokenEndpoint,
}

impl TokenSource for Source {
    fn fetch<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(async {
            let fields = vec![
                ("grant_type", "urn:ibm:params:oauth:grant-type:apikey"),
                ("apikey", self.key.expose()),
                ("response_type", "cloud_iam"),
            ];
            let asked = self.endpoint.ask(
                transport,
                &EXCHANGE,
                "iam-authenticator",
                fields,
                vec![&self.key],
            );
            Ok(asked.await?.token)
        })
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.endpoint.secrets();
        secrets.push(self.key.clone());
        secrets
    }
}
