//! What a call is authorized with.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::HeaderValue;

use super::settings::check_credential;
use crate::runtime::{Error, Secret};

/// The value of `Authorization`, and what must be hidden because of it.
///
/// Cheap to clone. `Debug` shows the scheme only.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    header: Option<HeaderValue>,
    scheme: &'static str,
    secret: Secret,
}

impl Authorization {
    /// No authorization: the header is not sent.
    #[must_use]
    pub fn none() -> Self {
        Self { header: None, scheme: "none", secret: Secret::default() }
    }

    /// `Bearer`, with a token.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) named after `setting`
    /// if no service can accept the token: it is empty, contains spaces, is in
    /// quotes or braces, or has characters other than printable ASCII.
    pub fn bearer(setting: &'static str, token: impl Into<Secret>) -> Result<Self, Error> {
        let token = token.into();
        check_credential(setting, &token)?;
        let Some(header) = sensitive(&format!("Bearer {}", token.expose())) else {
            return Err(Error::configuration(setting, "cannot be sent in a header; copy it again"));
        };
        Ok(Self { header: Some(header), scheme: "Bearer", secret: token })
    }

    /// `Basic`, with a user name and a password.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) if the name holds a
    /// colon, which would end it, or if the name is empty.
    pub fn basic(username: &str, password: impl Into<Secret>) -> Result<Self, Error> {
        let password = password.into();
        let refuse = |problem| Err(Error::configuration("username", problem));
        if username.is_empty() {
            return refuse("must not be empty");
        }
        if username.contains(':') {
            return refuse("must not contain a colon");
        }
        let text = Secret::from(format!("{username}:{}", password.expose()));
        let encoded = Secret::from(STANDARD.encode(text.expose()));
        let Some(header) = sensitive(&format!("Basic {}", encoded.expose())) else {
            return refuse("cannot stand in a header");
        };
        Ok(Self { header: Some(header), scheme: "Basic", secret: password })
    }

    /// The value of the header; `None` if there is to be none.
    #[must_use]
    pub fn header(&self) -> Option<&HeaderValue> {
        self.header.as_ref()
    }

    /// The token, if this is a bearer token.
    #[must_use]
    pub fn token(&self) -> Option<&Secret> {
        (self.scheme == "Bearer").then_some(&self.secret)
    }

    /// The credential in the forms that it is sent in.
    #[must_use]
    pub fn secrets(&self) -> Vec<Secret> {
        let mut secrets = vec![self.secret.clone()];
        if let Some(Ok(header)) = self.header.as_ref().map(HeaderValue::to_str) {
            // Without its scheme.
            secrets.push(header.rsplit(' ').next().unwrap_or(header).into());
        }
        secrets
    }
}

/// A header that is neither printed nor kept in a connection's header table.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

impl fmt::Debug for Authorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Authorization")
            .field("scheme", &self.scheme)
            .finish_non_exhaustive()
    }
}
