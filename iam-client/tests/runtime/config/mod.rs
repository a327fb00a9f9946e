//! Clients as an environment configures them. Where a new test goes:
//!
//! - `settings`: what the settings do, and that the program's own win
//! - `tokens`: each type of credentials, up to the token exchange
//! - `process`: the environment of a real process
//!
//! What is read from which source is tested beside the code.

mod process;
mod settings;
mod tokens;

use iam_client::{Client, Environment, Error};

/// An environment with these variables.
fn environment(variables: &[(&str, &str)]) -> Environment {
    variables
        .iter()
        .fold(Environment::new(), |environment, (name, value)| environment.variable(*name, *value))
}

/// The client of an environment with these variables.
fn client(variables: &[(&str, &str)]) -> Result<Client, Error> {
    Client::builder().from_environment(&environment(variables))?.build()
}
