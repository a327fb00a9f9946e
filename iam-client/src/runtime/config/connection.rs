//! The properties of a service's connection.

use super::properties::Properties;
use crate::runtime::{Error, RetryPolicy, builder::Options};

/// Where a service is and how it is called; `None` where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Connection {
    pub(super) endpoint: Option<String>,
    pub(super) gzip: Option<bool>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) accept_invalid_certificates: Option<bool>,
    pub(super) accept_invalid_token_certificates: Option<bool>,
}

impl Connection {
    /// Reads all of them.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub(super) fn read(properties: &Properties) -> Result<Self, Error> {
        Ok(Self {
            endpoint: properties.endpoint("URL")?.map(str::to_owned),
            gzip: properties.boolean("ENABLE_GZIP")?,
            retry: retry(properties)?,
            accept_invalid_certificates: properties.boolean("DISABLE_SSL")?,
            accept_invalid_token_certificates: properties.boolean("AUTH_DISABLE_SSL")?,
        })
    }

    /// Fills in what the program left open.
    pub(super) fn below(self, mut options: Options) -> Options {
        // Takes the environment's where there is none.
        fn fill<T>(option: &mut Option<T>, value: Option<T>) {
            if option.is_none() {
                *option = value;
            }
        }
        fill(&mut options.endpoint, self.endpoint);
        fill(&mut options.gzip, self.gzip);
        fill(&mut options.retry, self.retry);
        fill(&mut options.accept_invalid_certificates, self.accept_invalid_certificates);
        fill(
            &mut options.accept_invalid_token_certificates,
            self.accept_invalid_token_certificates,
        );
        options
    }
}

/// The policy that the three properties describe. Calls are repeated by
/// default, so that how often can be said without `ENABLE_RETRIES`.
fn retry(properties: &Properties) -> Result<Option<RetryPolicy>, Error> {
    let enabled = properties.boolean("ENABLE_RETRIES")?;
    let retries = properties.number("MAX_RETRIES")?;
    let interval = properties.seconds("RETRY_INTERVAL")?;
    if enabled == Some(false) {
        return Ok(Some(RetryPolicy::none()));
    }
    if (enabled, retries, interval) == (None, None, None) {
        return Ok(None);
    }
    let mut policy = RetryPolicy::default();
    if let Some(retries) = retries {
        policy = policy.max_attempts(retries.saturating_add(1));
    }
    if let Some(interval) = interval {
        policy = policy.max_backoff(interval);
    }
    Ok(Some(policy))
}
