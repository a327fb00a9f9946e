//! Who calls: authenticators, and the tokens they get.
//!
//! An [`Authenticator`] says what goes into `Authorization`. Those of IAM trade
//! a credential for an access token over the [`Transport`] of the client that
//! asks, so that its proxies, certificates, limits and retries hold for token
//! exchanges too.

use std::{fmt, sync::Arc};

use super::{BoxFuture, Error, Secret, Transport};

mod api_key;
mod authorization;
mod cache;
mod cached;
mod container;
mod fixed;
mod iam;
mod profile;
mod refresh_token;
pub(super) mod settings;
mod token;
mod vpc;

pub use api_key::ApiKey;
pub use authorization::Authorization;
pub use cached::Cached;
pub use container::Container;
pub use fixed::{Basic, Bearer, NoAuth};
pub use profile::TrustedProfile;
pub use refresh_token::RefreshToken;
pub use token::{AccessToken, TokenSource};
pub use vpc::{MetadataVersion, VpcInstance};

/// Where IAM gives tokens, unless an authenticator is told otherwise.
pub const PUBLIC_ENDPOINT: &str = "https://iam.cloud.ibm.com";
/// Where IAM gives tokens over IBM Cloud's private network. Virtual private
/// endpoints have names of their own.
pub const PRIVATE_ENDPOINT: &str = "https://private.iam.cloud.ibm.com";
/// Where a VPC instance reaches its metadata service, unless the authenticator
/// is told otherwise.
pub const METADATA_ENDPOINT: &str = "http://169.254.169.254";

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

    /// The scheme of the [`Authorization`] that it gives: `Bearer`, `Basic`, or
    /// `none`. An operation that takes another one is not called with it.
    fn scheme(&self) -> &'static str {
        "Bearer"
    }

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

/// One authenticator for several clients, or one that is not known before the
/// program runs.
impl<A: Authenticator + ?Sized> Authenticator for Arc<A> {
    fn authenticate<'a>(
        &'a self,
        transport: &'a Transport,
    ) -> BoxFuture<'a, Result<Authorization, Error>> {
        (**self).authenticate(transport)
    }

    fn scheme(&self) -> &'static str {
        (**self).scheme()
    }

    fn invalidate(&self, refused: &Authorization) {
        (**self).invalidate(refused);
    }

    fn secrets(&self) -> Vec<Secret> {
        (**self).secrets()
    }
}
