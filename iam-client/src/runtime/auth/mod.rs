//! Who calls: authenticators, and the tokens they get.
//!
//! An [`Authenticator`] says what goes into `Authorization`. Those of IAM trade
//! a credential for an access token over the [`Transport`] of the client that
//! asks, so that its proxies, certificates, limits and retries hold for token
//! exchanges too.

use std::fmt;

use super::{BoxFuture, Error, Secret, Transport};

mod authorization;
mod fixed;

pub use authorization::Authorization;
pub use fixed::{Basic, Bearer, NoAuth};

/// Says what a call is authorized with.
///
/// Implement it for a way to authenticate that is not here. What is asked for
/// at every call should be answered from memory: wrap a [`TokenSource`] in
/// [`Cached`] for that.
pub trait Authenticator: fmt::Debug + Send + Sync + 'static {
    /// What to authorize a call with, now.
    ///
    /// # Errors
    /// Best made by [`Error::authentication`]. The call that asked fails with
    /// an [authentication error](Error::is_authentication) whose source it is.
    fn authenticate<'a>(
        &'a self,
        transport: &'a Transport,
    ) -> BoxFuture<'a, Result<Authorization, Error>>;

    /// A service did not accept `refused` (401). Whoever keeps it must drop it,
    /// unless it has been replaced already. The call is then repeated once,
    /// if [`authenticate`](Self::authenticate) gives another one.
    fn invalidate(&self, refused: &Authorization) {
        let _ = refused;
    }

    /// What must not be shown should a service repeat it in an error message:
    /// credentials and tokens that are kept. Asked when a call has failed.
    fn secrets(&self) -> Vec<Secret> {
        Vec::new()
    }
}
