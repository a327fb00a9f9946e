//! Credentials as authenticators.

use std::sync::Arc;

use super::{
    Missing,
    credentials::{Credentials, Exchange, Profile},
};
use crate::runtime::{
    BoxFuture, Error, Transport,
    auth::{
        ApiKey, Authenticator, Authorization, Basic, Bearer, Container, NoAuth, RefreshToken,
        TrustedProfile, VpcInstance,
    },
};

/// The authenticator of checked credentials.
///
/// # Errors
/// What the authenticator finds wrong with them all the same; `setting` names
/// whose they are.
pub(super) fn authenticator(
    credentials: &Credentials,
    setting: &str,
) -> Result<Arc<dyn Authenticator>, Error> {
    make(credentials).map_err(|error| {
        Error::configuration(setting, "describes credentials that cannot be used")
            .with_source(error)
    })
}

fn make(credentials: &Credentials) -> Result<Arc<dyn Authenticator>, Error> {
    // The three that ask IAM share setters and no type.
    macro_rules! exchanging {
        ($builder:expr, $exchange:expr) => {{
            let (mut builder, Exchange { endpoint, client, scope }) = ($builder, $exchange);
            if let Some(endpoint) = endpoint {
                builder = builder.endpoint(endpoint);
            }
            if let Some((id, secret)) = client {
                builder = builder.client_credentials(id, secret.clone());
            }
            if let Some(scope) = scope {
                builder = builder.scope(scope);
            }
            builder.build()?
        }};
    }
    Ok(match credentials {
        Credentials::NoAuth => Arc::new(NoAuth),
        Credentials::Basic { username, password } => {
            Arc::new(Basic::new(username, password.clone())?)
        }
        Credentials::Bearer { token } => Arc::new(Bearer::new(token.clone())?),
        Credentials::ApiKey { apikey, exchange } => {
            Arc::new(exchanging!(ApiKey::new(apikey.clone()), exchange))
        }
        Credentials::RefreshToken { refresh_token, exchange } => {
            Arc::new(exchanging!(RefreshToken::new(refresh_token.clone()), exchange))
        }
        Credentials::Assume { apikey, profile, exchange } => {
            let over = exchanging!(ApiKey::new(apikey.clone()), exchange);
            let mut builder = match profile {
                Profile::Id(id) => TrustedProfile::by_id(id, over),
                Profile::Crn(crn) => TrustedProfile::by_crn(crn, over),
                Profile::Name { name, account } => {
                    TrustedProfile::by_name(name, account.as_deref().unwrap_or_default(), over)
                }
            };
            if let Some(endpoint) = &exchange.endpoint {
                builder = builder.endpoint(endpoint);
            }
            Arc::new(builder.build()?)
        }
        Credentials::Container { profile_id, profile_name, token_file, exchange } => {
            let mut builder = Container::new();
            if let Some(id) = profile_id {
                builder = builder.profile_id(id);
            }
            if let Some(name) = profile_name {
                builder = builder.profile_name(name);
            }
            if let Some(path) = token_file {
                builder = builder.token_file(path);
            }
            Arc::new(exchanging!(builder, exchange))
        }
        Credentials::Vpc { profile, endpoint, version } => {
            let mut builder = VpcInstance::new().api_version(version.unwrap_or_default());
            if let Some(endpoint) = endpoint {
                builder = builder.endpoint(endpoint);
            }
            builder = match profile {
                None => builder,
                Some(Profile::Id(id)) => builder.profile_id(id),
                Some(Profile::Crn(crn)) => builder.profile_crn(crn),
                Some(Profile::Name { name, .. }) => builder.profile_name(name),
            };
            Arc::new(builder.build()?)
        }
    })
}

/// Authenticates no call, for want of credentials.
#[derive(Debug)]
pub(super) struct Nobody(pub(super) Missing);

impl Authenticator for Nobody {
    fn authenticate<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<Authorization, Error>> {
        Box::pin(std::future::ready(Err(self.0.error())))
    }
}
