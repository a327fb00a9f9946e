//! What one call, or a group of calls, does otherwise than the client.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Error, RetryPolicy, auth::Authorization};

/// Settings for single calls; what is not set stays as the client has it.
///
/// ```
/// use std::time::Duration;
/// use iam_client::{CallOptions, RetryPolicy};
///
/// let options = CallOptions::new()
///     .timeout(Duration::from_secs(5))
///     .retry(RetryPolicy::none())
///     .header("X-Requested-By", "night-shift");
/// ```
///
/// Give them to a request with its `with`, or to a client with
/// [`Client::with`](super::Client::with) for all calls of the one it returns.
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    pub(super) headers: HeaderMap,
    pub(super) transaction_id: Option<HeaderValue>,
    pub(super) authorization: Option<Authorization>,
    pub(super) timeout: Option<Duration>,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) gzip: Option<bool>,
    /// The first setting that cannot be used; reported when a call is made.
    problem: Option<(&'static str, &'static str)>,
}

impl CallOptions {
    /// Nothing set.
    pub fn new() -> Self {
        Self::default()
    }

    /// A header to send, in place of one of that name which the client would
    /// send. Not for `Authorization`, which has
    /// [a setting of its own](Self::authorization), nor for headers that say where and how the message ends.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        const RESERVED: [&str; 5] =
            ["authorization", "host", "content-length", "transfer-encoding", "connection"];
        let name = HeaderName::try_from(name);
        match (name, HeaderValue::try_from(value)) {
            (Ok(name), _) if RESERVED.contains(&name.as_str()) => {
                self.refuse("header", "is one that the client sets itself; leave it out");
            }
            (Ok(name), Ok(value)) => {
                self.headers.insert(name, value);
            }
            _ => self.refuse("header", "has a name or value that HTTP does not allow"),
        }
        self
    }

    /// The `Transaction-Id`, under which the service's operators find the call.
    /// By default a new one for each call.
    pub fn transaction_id(mut self, id: &str) -> Self {
        match HeaderValue::try_from(id) {
            Ok(id) if !id.is_empty() => self.transaction_id = Some(id),
            _ => self.refuse("transaction_id", "is empty or cannot stand in a header"),
        }
        self
    }

    /// What to authorize with in place of what the client's authenticator says,
    /// for anonymous operations as well: a client id and secret for a token
    /// request, somebody else's token, or nothing.
    pub fn authorization(mut self, authorization: Authorization) -> Self {
        self.authorization = Some(authorization);
        self
    }

    /// How long the call may take in all: authentication, attempts, and the
    /// waits between them.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the
    /// answer.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How often and when it is repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Whether the request's body is compressed.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.gzip = Some(gzip);
        self
    }

    /// These, and what `earlier` sets besides.
    pub(super) fn over(mut self, earlier: &Self) -> Self {
        for (name, value) in &earlier.headers {
            self.headers.entry(name).or_insert_with(|| value.clone());
        }
        self.transaction_id = self.transaction_id.or_else(|| earlier.transaction_id.clone());
        self.authorization = self.authorization.or_else(|| earlier.authorization.clone());
        self.timeout = self.timeout.or(earlier.timeout);
        self.attempt_timeout = self.attempt_timeout.or(earlier.attempt_timeout);
        self.retry = self.retry.or_else(|| earlier.retry.clone());
        self.gzip = self.gzip.or(earlier.gzip);
        self.problem = self.problem.or(earlier.problem);
        self
    }

    /// Whether all settings can be used.
    pub(super) fn check(&self) -> Result<(), Error> {
        let zero = |limit: Option<Duration>| limit.is_some_and(|limit| limit.is_zero());
        match self.problem {
            Some((setting, problem)) => Err(Error::configuration(setting, problem)),
            None if zero(self.timeout) => {
                Err(Error::configuration("timeout", "must be more than zero"))
            }
            None if zero(self.attempt_timeout) => {
                Err(Error::configuration("attempt_timeout", "must be more than zero"))
            }
            None => Ok(()),
        }
    }

    fn refuse(&mut self, setting: &'static str, problem: &'static str) {
        self.problem.get_or_insert((setting, problem));
    }
}

/// Shows how many headers there are, and neither they nor the transaction ID,
/// which can be anything.
impl fmt::Debug for CallOptions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CallOptions")
            .field("headers", &self.headers.len())
            .field("has_transaction_id", &self.transaction_id.is_some())
            .field("authorization", &self.authorization)
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("retry", &self.retry)
            .field("gzip", &self.gzip)
            .finish()
    }
}
