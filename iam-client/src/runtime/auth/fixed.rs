//! Authenticators that have nothing to fetch.

use super::{Authenticator, Authorization};
use crate::runtime::{BoxFuture, Error, Secret, Transport};

/// A token that something else renews.
#[derive(Debug, Clone)]
pub struct Bearer(Authorization);

impl Bearer {
    /// With a token, given without the word `Bearer`.
    ///
    /// # Errors
    /// As [`Authorization::bearer`].
    pub fn new(token: impl Into<Secret>) -> Result<Self, Error> {
        Authorization::bearer("bearer_token", token).map(Self)
    }
}

/// A user name and a password with every call.
#[derive(Debug, Clone)]
pub struct Basic(Authorization);

impl Basic {
    /// With a user name and a password.
    ///
    /// # Errors
    /// As [`Authorization::basic`].
    pub fn new(username: &str, password: impl Into<Secret>) -> Result<Self, Error> {
        Authorization::basic(username, password).map(Self)
    }
}

/// Calls without authorization.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAuth;

impl Authenticator for Bearer {
    fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }

    fn authenticate<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<Authorization, Error>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

impl Authenticator for Basic {
    fn scheme(&self) -> &'static str {
        "Basic"
    }

    fn secrets(&self) -> Vec<Secret> {
        self.0.secrets()
    }

    fn authenticate<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<Authorization, Error>> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }
}

impl Authenticator for NoAuth {
    fn scheme(&self) -> &'static str {
        "none"
    }

    fn authenticate<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<Authorization, Error>> {
        Box::pin(std::future::ready(Ok(Authorization::none())))
    }
}
