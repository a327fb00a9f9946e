//! When a call is sent again, and how long to wait before it.

use std::time::Duration;

use super::{Clock, Error, Operation, retry_after};

/// Limits the retries of calls that fail for a reason that may pass.
///
/// Failures of connections and the statuses 408, 429, 500, 502, 503 and 504 are
/// retried: for [idempotent](Operation::idempotent) operations always, for
/// others only if nothing can have been done. That is so if
///
/// - no connection was made, or it was closed before anything was sent;
/// - the service has refused the request for the number of calls (429);
/// - a proxy has closed an idle HTTP/1.1 connection with a 408 that crossed the
///   request on its way.
///
/// An HTTP/2 server that refuses a request (`REFUSED_STREAM`, `GOAWAY`) is not
/// believed: only idempotent operations are retried then. A connection that is
/// closed while a request is on its way does not tell whether the request was
/// read, so that operations which are not idempotent fail.
///
/// The wait is what the service asks for (`Retry-After`, `RateLimit-Reset`), or
/// else random between zero and a limit that doubles with each attempt.
///
/// Nothing below this policy sends a request again. A request that was taken
/// back from a closed connection before any of it was written goes over another
/// connection, and counts as sent once.
///
/// An idempotent call whose answer was lost is sent again, too: a repeated
/// deletion can then find nothing (404), and a repeated change that the version
/// has changed (409, 412), although the first attempt did what was asked. Look
/// at [`Error::attempts`] where that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_attempts: 5,
            initial_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(30),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// One attempt and no more.
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// How often a call is sent at most, the first time included. 5 by default;
    /// 0 is taken as 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest wait before the second attempt. 1 s by default.
    pub fn initial_backoff(mut self, backoff: Duration) -> Self {
        self.initial_backoff = backoff;
        self
    }

    /// The longest wait before any attempt, if the service does not say how
    /// long. 30 s by default.
    pub fn max_backoff(mut self, backoff: Duration) -> Self {
        self.max_backoff = backoff;
        self
    }

    /// The longest wait if the service says how long; a longer one is cut to
    /// this. 60 s by default.
    pub fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// How long to wait before the attempt after `attempt` (from 1), which ended
    /// with `error`; `None` if there is to be none.
    pub(super) fn next(
        &self,
        operation: &Operation,
        error: &Error,
        attempt: u32,
        clock: &dyn Clock,
    ) -> Option<Duration> {
        if attempt >= self.max_attempts || !may_repeat(operation, error) {
            return None;
        }
        let asked = error
            .headers()
            .and_then(|headers| retry_after::read(headers, error.is_rate_limited(), clock.wall()));
        Some(match asked {
            Some(wait) => wait.min(self.max_retry_after),
            None => self.backoff(attempt).mul_f64(clock.random().clamp(0.0, 1.0)),
        })
    }

    /// The longest wait after attempt number `attempt` (from 1).
    pub(super) fn backoff(&self, attempt: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        self.initial_backoff.saturating_mul(factor).min(self.max_backoff)
    }
}

/// Whether sending it again can help and cannot do it twice.
fn may_repeat(operation: &Operation, error: &Error) -> bool {
    if error.is_untrusted() || !(error.is_transient() || error.is_interrupted()) {
        return false;
    }
    operation.idempotent || error.is_unprocessed()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::RetryPolicy;

    #[test]
    fn backoff_doubles_to_its_limit_and_never_overflows() {
        let policy = RetryPolicy::default();
        let seconds: Vec<_> =
            [1, 2, 3, 4, 5, 6, 7, 33, u32::MAX].map(|n| policy.backoff(n).as_secs()).into();
        assert_eq!(seconds, [1, 2, 4, 8, 16, 30, 30, 30, 30]);
        assert_eq!(RetryPolicy::none().max_attempts(0).backoff(0), Duration::from_secs(1));
    }
}
