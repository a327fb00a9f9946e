//! The one error type.

mod create;
mod display;
mod permission;

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};

use super::{Caller, Operation, RawResponse, ServiceError, service_error::Report};

use permission::Refused;

pub use permission::PermissionHint;

/// Why a client could not be built or a call did not succeed.
///
/// What went wrong is asked with the `is_…` predicates; what is known about it
/// with the other methods. The text is one line and names the operation:
///
/// ```text
/// get_api_key: 404 not found: BXNIM0101E: API key not found (trace 1a2b, transaction 3c4d)
/// ```
///
/// It never contains credentials, bodies, headers, parameters or URLs, except
/// for what the service chose to say in its error message and, in a
/// [hint](PermissionHint), the identifiers in the path. It does not repeat its
/// [`source`](std::error::Error::source).
///
/// `Debug` is the whole chain of sources, a line for each. It is what a program
/// prints whose `main` returns an error:
///
/// ```text
/// Error: get_api_key: cannot authenticate
///   caused by: exchange_api_key: 400 bad request: BXNIM0415E: API key not found
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    operation: Option<&'static Operation>,
    /// What happened, without the operation; empty for [`Kind::Service`].
    problem: String,
    status: Option<StatusCode>,
    headers: Option<HeaderMap>,
    report: Report,
    transaction: Option<String>,
    /// A successful response that could not be decoded.
    response: Option<RawResponse>,
    attempts: u32,
    elapsed: Duration,
    /// The response is of a kind that says that the request was not read.
    unread: bool,
    caller: Option<Caller>,
    refused: Option<Refused>,
    source: Option<Source>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Configuration,
    InvalidRequest,
    Authentication,
    Connect,
    Timeout,
    Interrupted,
    Decode,
    Service,
}

#[derive(Debug)]
enum Source {
    Http(reqwest::Error),
    /// Of an exchange that several calls waited for.
    Exchange(Arc<Error>),
    Other(Box<dyn StdError + Send + Sync>),
}

impl Error {
    /// A setting (or its combination with others) cannot be used. Nothing was
    /// sent.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.kind == Kind::Configuration || self.exchange().is_some_and(Error::is_configuration)
    }

    /// A parameter or body cannot be sent, or would reach something other than
    /// the operation. Nothing was sent.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == Kind::InvalidRequest
    }

    /// No connection was made (name resolution, TCP or TLS failed), or it was
    /// closed at once. Nothing of the request was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == Kind::Connect || self.exchange().is_some_and(Error::is_connect)
    }

    /// Time ran out, while connecting (then [`is_connect`](Self::is_connect)
    /// holds as well) or during the call; in the latter case the service may
    /// have done its work.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        let connecting = self.0.kind == Kind::Connect
            && matches!(&self.0.source, Some(Source::Http(cause)) if cause.is_timeout());
        self.0.kind == Kind::Timeout || connecting || self.exchange().is_some_and(Error::is_timeout)
    }

    /// The connection broke after it was made, or what came over it is not
    /// HTTP. The service may have done its work.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.0.kind == Kind::Interrupted || self.exchange().is_some_and(Error::is_interrupted)
    }

    /// The service reported success, and its answer is not what its document
    /// promises, or is larger than allowed. [`response`](Self::response) returns
    /// it, unless it was too large to be read.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.kind == Kind::Decode
    }

    /// The service answered with a status other than 2xx, redirects included.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.0.kind == Kind::Service
    }

    /// The service does not know who is calling (401), or there was no token to
    /// tell it: an exchange failed. In the latter case the other predicates and
    /// accessors say why, for instance [`is_transient`](Self::is_transient) if
    /// it may succeed later, and [`source`](StdError::source) is the exchange's
    /// own error.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.0.kind == Kind::Authentication || self.is_answer(&[401])
    }

    /// The service does not allow it to this caller: 403. See
    /// [`permission_hint`](Self::permission_hint).
    #[must_use]
    pub fn is_permission(&self) -> bool {
        self.is_answer(&[403])
    }

    /// There is no such thing, or none that the caller may see: 404.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_answer(&[404])
    }

    /// The thing exists already, or has changed since it was read (a
    /// mismatched entity tag): 409 or 412.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.is_answer(&[409, 412])
    }

    /// Too many calls: 429. See `Retry-After` in [`headers`](Self::headers).
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.is_answer(&[429]) || self.exchange().is_some_and(Error::is_rate_limited)
    }

    /// The same call may succeed later: no connection, a broken one, time ran
    /// out, or status 408, 429, 500, 502, 503 or 504.
    ///
    /// That does not make it safe to send again: unless
    /// [`is_connect`](Self::is_connect) holds, the service may have done what
    /// it was asked, so look at [`Operation::idempotent`] first.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        if self.is_untrusted() {
            return false;
        }
        matches!(self.0.kind, Kind::Connect | Kind::Timeout | Kind::Interrupted)
            || self.is_answer(&[408, 429, 500, 502, 503, 504])
            || self.exchange().is_some_and(Error::is_transient)
    }

    /// Nothing of the request can have been processed.
    pub(super) fn is_unprocessed(&self) -> bool {
        self.is_connect() || self.is_rate_limited() || self.0.unread
    }

    /// The other side's certificate was refused, which no repetition mends.
    pub(super) fn is_untrusted(&self) -> bool {
        let mut cause = StdError::source(self);
        while let Some(error) = cause {
            if error.downcast_ref::<io::Error>().is_some_and(is_of_tls) {
                return self.is_connect();
            }
            cause = error.source();
        }
        false
    }

    fn is_answer(&self, statuses: &[u16]) -> bool {
        let status = self.0.status.map(|status| status.as_u16());
        self.is_service() && status.is_some_and(|status| statuses.contains(&status))
    }

    /// What kept an authentication error's call from having a token.
    fn exchange(&self) -> Option<&Error> {
        match &self.0.source {
            Some(Source::Exchange(error)) if self.0.kind == Kind::Authentication => Some(error),
            _ => None,
        }
    }

    /// Where to read what a service said: here, or in the failed exchange.
    fn answer(&self) -> &Inner {
        self.exchange().map_or(&self.0, Error::answer)
    }

    /// The operation that was called; `None` for configuration errors.
    #[must_use]
    pub fn operation_id(&self) -> Option<&'static str> {
        Some(self.0.operation?.id)
    }

    /// The operation that was called; `None` for configuration errors.
    #[must_use]
    pub fn operation(&self) -> Option<&'static Operation> {
        self.0.operation
    }

    /// The status, if an answer began to arrive. A decoding error has the
    /// status of success that came with the answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.answer().status
    }

    /// The headers of the service's error answer, for what has no accessor
    /// here; `None` for all other errors. They are not part of `Debug`.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.answer().headers.as_ref()
    }

    /// The successful response that could not be decoded, as the service sent
    /// it. What it returned only once, such as the value of a new API key, can
    /// be read from its [body](RawResponse::body).
    ///
    /// `None` for all other errors, and for a response that was larger than
    /// allowed. Neither `Display` nor `Debug` shows any of it.
    ///
    /// ```no_run
    /// # #[cfg(feature = "identity")]
    /// # async fn run(iam: iam_client::Client) -> Result<(), iam_client::Error> {
    /// match iam.identity().create_api_key("IBMid-…", "ci").send().await {
    ///     Ok(key) => println!("created {}", key.id),
    ///     Err(error) => {
    ///         let Some(response) = error.response() else { return Err(error) };
    ///         // The key exists, and nothing else has its value.
    ///         let key = response.clone().json::<serde_json::Value>()?;
    ///         # fn save(key: &serde_json::Value) {}
    ///         save(&key["apikey"]);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn response(&self) -> Option<&RawResponse> {
        self.0.response.as_ref()
    }

    /// The service's code for the error: the first of [`errors`](Self::errors).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        let first = self.errors().first()?;
        first.code().or(first.message_code())
    }

    /// The service's explanation: the first of [`errors`](Self::errors).
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.errors().first()?.message()
    }

    /// The identifier in the error body under which the service traced the
    /// call; its operators ask for it.
    #[must_use]
    pub fn trace(&self) -> Option<&str> {
        self.answer().report.trace.as_deref()
    }

    /// The identifier of the call: what the answer's headers say
    /// (`Transaction-Id`, `X-Global-Transaction-Id`, `X-Correlation-Id` or
    /// `X-Request-Id`), or else what was sent as `Transaction-Id`.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        self.answer().transaction.as_deref()
    }

    /// Everything that the service says went wrong, at most 32 entries. Empty
    /// if the answer was no JSON object or says nothing.
    #[must_use]
    pub fn errors(&self) -> &[ServiceError] {
        &self.answer().report.errors
    }

    /// How often the request was sent, or tried to be. 0 if nothing was.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long it took from the call to this error, waits included.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }
}

/// What TLS has to say comes as an I/O error of this kind, often in another.
fn is_of_tls(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    error.kind() == io::ErrorKind::InvalidData || inner.is_some_and(is_of_tls)
}
