//! IBM's external configuration: what a program is told from outside.
//!
//! The properties of a service stand in a credential file, in the environment
//! or in `VCAP_SERVICES`. [`Properties::find`](properties::Properties::find)
//! takes the first that has any; [`connection`] and [`credentials`] check them
//! and give plain values; [`authenticator`] makes of those who calls. Nothing is
//! sent, and nothing of the process is read but through [`Environment`].

mod authenticator;
mod connection;
mod credentials;
mod environment;
mod file;
mod from_env;
mod names;
mod place;
mod properties;
mod vcap;

use connection::Connection;
use credentials::Credentials;
use properties::Properties;

use super::Error;

pub use environment::Environment;
pub(super) use from_env::External;

/// What there is for one service.
#[derive(Debug)]
struct Service {
    name: &'static str,
    connection: Connection,
    credentials: Found,
}

#[derive(Debug)]
enum Found {
    Credentials(Credentials),
    Nothing(Missing),
}

/// That there are no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Missing {
    /// The property to set.
    property: String,
    /// What was found in its place, to be said after the remedy.
    unknown: String,
}

impl Missing {
    fn error(&self) -> Error {
        Self::of_all(&[self])
    }

    /// That there are none for any of several services.
    fn of_all(all: &[&Self]) -> Error {
        let (first, others) = match all {
            [first, others @ ..] => (first.property.as_str(), others),
            [] => ("credentials", &[][..]),
        };
        let others: String =
            others.iter().map(|other| format!(", nor is {}", other.property)).collect();
        let unknown: String = all.iter().map(|missing| missing.unknown.as_str()).collect();
        Error::configuration(first, &format!("is not set{others}; {REMEDY}{unknown}"))
    }
}

const REMEDY: &str = "set it, or another AUTH_TYPE and what that needs, in a credential file or \
                      the environment; or set IBMCLOUD_API_KEY in the environment";

/// Reads what there is for each of `services`.
///
/// # Errors
/// The first property that cannot be used, or that is missing beside others.
/// That a service has no credentials at all is no error yet: the program may
/// have them, or not call it.
fn read(environment: &Environment, services: &[&'static str]) -> Result<Vec<Service>, Error> {
    let file = file::read(environment)?;
    let read = |&name: &&'static str| {
        let properties = Properties::find(environment, &file, name)?;
        let connection = Connection::read(&properties)?;
        let mut credentials = Credentials::read(&properties)?;
        // Somebody else than who was meant must not call.
        if credentials.is_none() && !properties.has_misspelt() {
            credentials = Credentials::of_ibmcloud(environment, &properties)?;
        }
        let credentials = match credentials {
            Some(credentials) => Found::Credentials(credentials),
            None => Found::Nothing(Missing {
                property: properties.full_name("APIKEY"),
                unknown: properties.unknown(),
            }),
        };
        Ok(Service { name, connection, credentials })
    };
    services.iter().map(read).collect()
}

#[cfg(test)]
mod tests;
