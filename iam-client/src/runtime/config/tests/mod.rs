//! What is read from made-up environments. Where a new test goes:
//!
//! - `sources`: which source counts, and what is wrong with one as a whole
//! - `credentials`: properties to credentials, a row for each and for each error
//! - `connection`: properties to settings of the connection, the same way
//! - `misplaced`: secrets where something else belongs
//! - `python`: the same environments read by IBM's Python core

mod connection;
mod credentials;
mod misplaced;
mod python;
mod sources;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use super::{Environment, Found, Service, credentials::Credentials, read};

const SERVICES: [&str; 3] = ["iam_identity", "iam_policy_management", "iam_access_groups"];

/// An environment with these variables.
fn variables(variables: &[(&str, &str)]) -> Environment {
    variables
        .iter()
        .fold(Environment::new(), |environment, (name, value)| environment.variable(*name, *value))
}

/// The environment with these properties of Identity.
fn identity(properties: &[(&str, &str)]) -> Environment {
    properties.iter().fold(Environment::new(), |environment, (name, value)| {
        environment.variable(format!("IAM_IDENTITY_{name}"), *value)
    })
}

/// The environment with these files as well; a file without content cannot be
/// read.
fn with_files(environment: Environment, files: &[(&str, Option<&str>)]) -> Environment {
    let files: BTreeMap<PathBuf, Option<Vec<u8>>> = files
        .iter()
        .map(|(path, content)| (PathBuf::from(path), content.map(|text| text.as_bytes().into())))
        .collect();
    environment.files(move |path: &Path| match files.get(path) {
        Some(Some(content)) => Ok(content.clone()),
        Some(None) => Err(io::ErrorKind::PermissionDenied.into()),
        None => Err(io::ErrorKind::NotFound.into()),
    })
}

/// What is read for Identity.
fn service(environment: &Environment) -> Result<Service, String> {
    let services = read(environment, &SERVICES[..1]).map_err(|error| error.to_string())?;
    Ok(services.into_iter().next().unwrap())
}

/// The credentials of Identity.
fn credentials(environment: &Environment) -> Credentials {
    match service(environment).unwrap().credentials {
        Found::Credentials(credentials) => credentials,
        Found::Nothing(missing) => panic!("{}", missing.error()),
    }
}

/// Why Identity cannot be called in this environment.
fn refused(environment: &Environment) -> String {
    match service(environment) {
        Ok(Service { credentials: Found::Nothing(missing), .. }) => missing.error().to_string(),
        Ok(service) => panic!("{service:?}"),
        Err(text) => text,
    }
}
