//! Access tokens, and where they come from.

use std::{fmt, time::Duration};

use crate::runtime::{BoxFuture, Error, Secret, Transport};

/// A token and how long it is good for.
///
/// `Debug` does not show the token.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessToken {
    /// What goes behind `Bearer`.
    pub token: Secret,
    /// How long it is valid, counted from before it was asked for. A duration
    /// and not a time of day, which may differ between here and the issuer.
    pub lifetime: Duration,
}

impl AccessToken {
    /// A token that is valid for so long.
    pub fn new(token: impl Into<Secret>, lifetime: Duration) -> Self {
        Self { token: token.into(), lifetime }
    }
}

/// Gets tokens, each time a new one: what [`Cached`](super::Cached) keeps.
///
/// ```
/// use std::time::Duration;
/// use iam_client::{BoxFuture, Error, Transport, auth::{AccessToken, Cached, TokenSource}};
///
/// #[derive(Debug)]
/// struct Broker;
///
/// impl TokenSource for Broker {
///     fn fetch<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
///         Box::pin(async {
///             let token = std::fs::read_to_string("/run/broker/token").map_err(|error| {
///                 Error::authentication("the broker has no token").with_source(error)
///             })?;
///             Ok(AccessToken::new(token.trim(), Duration::from_secs(900)))
///         })
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let builder = iam_client::Client::builder().authenticator(Cached::new(Broker));
/// # builder.build()?;
/// # Ok(())
/// # }
/// ```
pub trait TokenSource: fmt::Debug + Send + Sync + 'static {
    /// Gets a token. Run in a task of its own, of which there is one at a time,
    /// and given up after the client's [`timeout`].
    ///
    /// # Errors
    /// Best made by [`Error::authentication`]. All calls that wait for the
    /// token fail with it; the next call tries again.
    ///
    /// [`timeout`]: crate::runtime::ClientBuilder::timeout
    fn fetch<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>>;

    /// What must not be shown should a service repeat it in an error message:
    /// the credentials that tokens are got with.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}
