//! The one error type.

use std::{error::Error as StdError, fmt, time::Duration};

use http::{HeaderMap, StatusCode};

use super::{
    Operation, ServiceError,
    response::transaction_id,
    service_error::{Report, identifier},
    text::Redactor,
};

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
/// for what the service chose to say in its error message. It does not repeat
/// its [`source`](std::error::Error::source): print the chain to see both.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    operation: Option<&'static str>,
    /// What happened, without the operation; empty for [`Kind::Service`].
    problem: String,
    status: Option<StatusCode>,
    headers: Option<HeaderMap>,
    report: Report,
    transaction: Option<String>,
    source: Option<reqwest::Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Configuration,
    InvalidRequest,
    Connect,
    Timeout,
    Interrupted,
    Decode,
    Service,
}

impl Error {
    /// A setting (or its combination with others) cannot be used. Nothing was
    /// sent.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.kind == Kind::Configuration
    }

    /// A parameter or body cannot be sent, or would reach something other than
    /// the operation. Nothing was sent.
    #[must_use]
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == Kind::InvalidRequest
    }

    /// No connection was made: name resolution, TCP or TLS failed. Nothing of
    /// the request was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.kind == Kind::Connect
    }

    /// Time ran out, while connecting (then [`is_connect`](Self::is_connect)
    /// holds as well) or during the call; in the latter case the service may
    /// have done its work.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        let connecting =
            self.is_connect() && self.0.source.as_ref().is_some_and(reqwest::Error::is_timeout);
        self.0.kind == Kind::Timeout || connecting
    }

    /// The connection broke after it was made. The service may have done its
    /// work.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.0.kind == Kind::Interrupted
    }

    /// The service reported success, and its answer is not what its document
    /// promises, or is larger than allowed.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.kind == Kind::Decode
    }

    /// The service answered with a status other than 2xx, redirects included.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.0.kind == Kind::Service
    }

    /// The service does not know who is calling: 401.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.is_answer(&[401])
    }

    /// The service does not allow it to this caller: 403.
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
        self.is_answer(&[429])
    }

    /// The same call may succeed later: no connection, time ran out, or status
    /// 429, 500, 502, 503 or 504.
    ///
    /// That does not make it safe to send again: unless
    /// [`is_connect`](Self::is_connect) holds, the service may have done what
    /// it was asked, so look at [`Operation::idempotent`] first.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.0.kind, Kind::Connect | Kind::Timeout)
            || self.is_answer(&[429, 500, 502, 503, 504])
    }

    fn is_answer(&self, statuses: &[u16]) -> bool {
        self.is_service() && self.status().is_some_and(|status| statuses.contains(&status.as_u16()))
    }

    /// The operation that was called; `None` for configuration errors.
    #[must_use]
    pub fn operation_id(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The status, if an answer began to arrive. A decoding error has the
    /// status of success that came with the answer.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The headers of the service's error answer, for what has no accessor
    /// here; `None` for all other errors. They are not part of `Debug`.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.headers.as_ref()
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
        self.0.report.trace.as_deref()
    }

    /// The identifier of the call in the answer's headers: `Transaction-Id`,
    /// `X-Global-Transaction-Id`, `X-Correlation-Id` or `X-Request-Id`.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        self.0.transaction.as_deref()
    }

    /// Everything that the service says went wrong, at most 32 entries. Empty
    /// if the answer was no JSON object or says nothing.
    #[must_use]
    pub fn errors(&self) -> &[ServiceError] {
        &self.0.report.errors
    }

    fn new(kind: Kind, operation: Option<&'static Operation>, problem: String) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: operation.map(|operation| operation.id),
            problem,
            status: None,
            headers: None,
            report: Report::default(),
            transaction: None,
            source: None,
        }))
    }

    /// A setting that cannot be used. `problem` says why and what to do, and
    /// does not quote the value.
    pub(super) fn configuration(setting: &'static str, problem: &str) -> Self {
        Self::new(Kind::Configuration, None, format!("{setting}: {problem}"))
    }

    /// A request that must not be sent. `problem` quotes no value.
    pub(super) fn invalid_request(operation: &'static Operation, problem: String) -> Self {
        Self::new(Kind::InvalidRequest, Some(operation), problem)
    }

    /// An answer of success that cannot be used. `problem` quotes no value.
    pub(super) fn decode(
        operation: &'static Operation,
        status: StatusCode,
        headers: &HeaderMap,
        problem: String,
    ) -> Self {
        let mut error = Self::new(Kind::Decode, Some(operation), problem);
        error.0.status = Some(status);
        error.0.transaction =
            transaction_id(headers).and_then(|text| identifier(&Redactor::default(), text));
        error
    }

    /// A call that ended before its answer was there in full. `host` is that
    /// of the endpoint, `timeout` the limit if it has passed, `status` that of an
    /// answer which had begun.
    pub(super) fn transport(
        operation: &'static Operation,
        cause: reqwest::Error,
        host: &str,
        timeout: Option<Duration>,
        status: Option<StatusCode>,
    ) -> Self {
        let (kind, problem) = if cause.is_builder() {
            let problem = "the request cannot be written in HTTP".to_owned();
            (Kind::InvalidRequest, problem)
        } else if cause.is_connect() {
            (Kind::Connect, format!("cannot connect to {host}"))
        } else if cause.is_timeout() {
            let after = timeout.map(|timeout| format!(" after {timeout:?}"));
            (Kind::Timeout, format!("timed out{}", after.unwrap_or_default()))
        } else if status.is_some() {
            let problem = "connection lost while reading the response".to_owned();
            (Kind::Interrupted, problem)
        } else {
            let problem = "connection lost before the response".to_owned();
            (Kind::Interrupted, problem)
        };
        let mut error = Self::new(kind, Some(operation), problem);
        error.0.status = status;
        error.caused_by(cause)
    }

    /// An answer other than 2xx.
    pub(super) fn service(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: &[u8],
        redactor: &Redactor,
    ) -> Self {
        let mut error = Self::new(Kind::Service, Some(operation), String::new());
        error.0.status = Some(status);
        error.0.report = Report::read(body, redactor);
        error.0.transaction = transaction_id(&headers).and_then(|text| identifier(redactor, text));
        error.0.headers = Some(headers);
        error
    }

    /// Adds the cause, without the URL, whose query can hold anything.
    pub(super) fn caused_by(mut self, cause: reqwest::Error) -> Self {
        self.0.source = Some(cause.without_url());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, operation, problem, status, .. } = &*self.0;
        if let Some(operation) = operation {
            write!(formatter, "{operation}: ")?;
        }
        match (kind, status) {
            (Kind::Service, Some(status)) => self.fmt_answer(*status, formatter)?,
            _ => formatter.write_str(problem)?,
        }
        match (self.trace(), self.transaction_id()) {
            (Some(trace), Some(id)) if trace != id => {
                write!(formatter, " (trace {trace}, transaction {id})")
            }
            (Some(trace), _) => write!(formatter, " (trace {trace})"),
            (None, Some(id)) => write!(formatter, " (transaction {id})"),
            (None, None) => Ok(()),
        }
    }
}

impl Error {
    fn fmt_answer(&self, status: StatusCode, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", status.as_u16())?;
        if let Some(reason) = status.canonical_reason() {
            write!(formatter, " {}", reason.to_lowercase())?;
        }
        let first = self.errors().first();
        // The message's code says more than `not_found` beside a 404.
        let code = first.and_then(|first| first.message_code().or(first.code()));
        if let Some(code) = code {
            write!(formatter, ": {code}")?;
        }
        if let Some(message) = self.message() {
            write!(formatter, ": {}", message.trim_end_matches('.'))?;
        } else if matches!(status.as_u16(), 301..=303 | 307 | 308) && code.is_none() {
            formatter.write_str(": redirects are not followed")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("text", &self.to_string())
            .field("errors", &self.errors())
            .field("source", &self.0.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| source as &(dyn StdError + 'static))
    }
}
