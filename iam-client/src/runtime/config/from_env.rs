//! From the environment to a client.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Environment, Found, Missing, Service,
    authenticator::{Nobody, authenticator},
    connection::Connection,
    credentials::Credentials,
    properties, read,
};
use crate::runtime::{
    Client, ClientBuilder, Clock, Error,
    auth::{Authenticator, NoAuth},
    builder::{Options, Shared},
};

impl Client {
    /// A client as the environment configures it: `Client::builder()`,
    /// [`from_env`](ClientBuilder::from_env), [`build`](ClientBuilder::build).
    ///
    /// # Errors
    /// As those two.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().from_env()?.build()
    }
}

impl ClientBuilder {
    /// Reads the configuration that IBM's SDKs read: of each service, all
    /// properties from the first of these that has any with the service's
    /// prefix, such as `IAM_IDENTITY_`:
    ///
    /// 1. the credential file: the one that `IBM_CREDENTIALS_FILE` names, or
    ///    else `ibm-credentials.env` in the current or the home directory
    /// 2. the environment
    /// 3. `VCAP_SERVICES`
    ///
    /// A service without credentials there uses those of the ibmcloud tool,
    /// `IBMCLOUD_API_KEY` or else `IBMCLOUD_TOKEN` in the environment. Each
    /// service is called with its own endpoint and credentials; everything
    /// else, such as [`Client::endpoint`], is of the first that has
    /// credentials.
    ///
    /// What is set on this builder, before or after, wins over all of it, for
    /// all services.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) that names property,
    /// place and remedy, for whatever cannot be used or lacks something it
    /// needs. That there are no credentials at all is said by
    /// [`build`](Self::build), unless the program has set some; and by the
    /// calls of a service that is the only one without.
    pub fn from_env(self) -> Result<Self, Error> {
        self.from_environment(&Environment::of_process())
    }

    /// [`from_env`](Self::from_env), in an environment other than the process's.
    ///
    /// # Errors
    /// As `from_env`.
    pub fn from_environment(mut self, environment: &Environment) -> Result<Self, Error> {
        self.external = Some(External::read(environment, crate::SERVICES)?);
        Ok(self)
    }
}

/// What the environment says of all services.
#[derive(Clone)]
pub(in crate::runtime) struct External(Vec<Entry>);

#[derive(Clone)]
struct Entry {
    service: &'static str,
    connection: Connection,
    authenticator: Result<Arc<dyn Authenticator>, Missing>,
}

impl External {
    fn read(environment: &Environment, services: &[&'static str]) -> Result<Self, Error> {
        // Equal credentials get one authenticator, and so one token, unless one
        // of the services trusts more servers with them.
        let mut known: Vec<(Credentials, Option<bool>, Arc<dyn Authenticator>)> = Vec::new();
        let mut entries = Vec::new();
        for service in read(environment, services)? {
            let trust = service.connection.accept_invalid_token_certificates;
            let authenticator = match service.credentials {
                Found::Nothing(missing) => Err(missing),
                Found::Credentials(credentials) => {
                    let same =
                        known.iter().find(|(known, at, _)| *known == credentials && *at == trust);
                    Ok(match same {
                        Some((_, _, authenticator)) => Arc::clone(authenticator),
                        None => {
                            let prefix = properties::prefix(service.name);
                            let made = authenticator(&credentials, &format!("{prefix}AUTH_TYPE"))?;
                            known.push((credentials, trust, Arc::clone(&made)));
                            made
                        }
                    })
                }
            };
            let Service { name: service, connection, .. } = service;
            entries.push(Entry { service, connection, authenticator });
        }
        Ok(Self(entries))
    }

    /// The client with these settings, and with the program's above them.
    ///
    /// # Errors
    /// No credentials anywhere, or settings that cannot be used.
    pub(in crate::runtime) fn client(
        self,
        options: Options,
        clock: &Arc<dyn Clock>,
    ) -> Result<Client, Error> {
        let own = options.own_authenticator()?;
        let mut shared = Shared::default();
        let mut services = BTreeMap::new();
        let mut first = None;
        for entry in &self.0 {
            let options = entry.connection.clone().below(options.clone());
            let (authenticator, has_credentials): (Arc<dyn Authenticator>, _) =
                match (&own, &entry.authenticator) {
                    (Some(own), _) => (Arc::clone(own), true),
                    (None, Ok(authenticator)) => (Arc::clone(authenticator), true),
                    // The program has given them by security scheme.
                    (None, Err(_)) if !options.credentials.is_empty() => (Arc::new(NoAuth), true),
                    (None, Err(missing)) => (Arc::new(Nobody(missing.clone())), false),
                };
            let settings = Arc::new(options.settings(authenticator, clock, &mut shared)?);
            if has_credentials && first.is_none() {
                first = Some(Arc::clone(&settings));
            }
            services.insert(entry.service, settings);
        }
        match first {
            Some(settings) => Ok(Client::new(settings, services)),
            None => {
                let missing = self.0.iter().filter_map(|entry| entry.authenticator.as_ref().err());
                Err(Missing::of_all(&missing.collect::<Vec<_>>()))
            }
        }
    }
}
