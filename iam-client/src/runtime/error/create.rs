//! How errors come about.

use std::{error::Error as StdError, fmt, io, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use reqwest::{Request, Url};

use super::{Error, Inner, Kind, Source, permission::Refused};
use crate::runtime::{
    Caller, Operation, RawResponse,
    response::transaction_id,
    service_error::{Report, identifier},
    text::{Redactor, one_line},
};

/// Longest text that a foreign authenticator can say.
const MAX_PROBLEM: usize = 1024;

impl Error {
    fn new(kind: Kind, operation: Option<&'static Operation>, problem: String) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            problem,
            status: None,
            headers: None,
            report: Report::default(),
            transaction: None,
            response: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            unread: false,
            caller: None,
            refused: None,
            source: None,
        }))
    }

    /// For an [`Authenticator`](crate::runtime::auth::Authenticator) of your
    /// own: why it has nothing to authorize a call with. `problem` must not
    /// quote a credential.
    #[must_use]
    pub fn authentication(problem: impl fmt::Display) -> Self {
        let problem = one_line(problem.to_string().trim(), MAX_PROBLEM);
        Self::new(Kind::Authentication, None, problem)
    }

    /// Adds the error that this one comes from, whose text must not hold a
    /// credential either.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Source::Other(source.into()));
        self
    }

    /// A call that could not be authorized, because of `exchange`, which
    /// others may have waited for as well.
    pub(in crate::runtime) fn unauthorized(
        operation: &'static Operation,
        exchange: Arc<Error>,
    ) -> Self {
        let problem = "cannot authenticate".to_owned();
        let mut error = Self::new(Kind::Authentication, Some(operation), problem);
        error.0.source = Some(Source::Exchange(exchange));
        error
    }

    /// What one of those gets who waited for an exchange that failed.
    pub(in crate::runtime) fn shared(exchange: Arc<Error>) -> Self {
        let mut error = Self::new(Kind::Authentication, None, "cannot authenticate".to_owned());
        error.0.source = Some(Source::Exchange(exchange));
        error
    }

    /// The error to share: that of the exchange if this one only
    /// [stands for it](Self::shared).
    pub(in crate::runtime) fn into_shared(self) -> Arc<Self> {
        match *self.0 {
            Inner { operation: None, source: Some(Source::Exchange(exchange)), .. } => exchange,
            inner => Arc::new(Self(Box::new(inner))),
        }
    }

    /// A call for which the client has no credentials of the right kind.
    /// `problem` says which it needs and how to give them.
    pub(in crate::runtime) fn without_credentials(
        operation: &'static Operation,
        problem: String,
    ) -> Self {
        Self::new(Kind::Authentication, Some(operation), problem)
    }

    /// A setting that cannot be used. `problem` says why and what to do, and
    /// does not quote the value.
    pub(in crate::runtime) fn configuration(setting: &str, problem: &str) -> Self {
        Self::new(Kind::Configuration, None, format!("{setting}: {problem}"))
    }

    /// A request that must not be sent. `problem` quotes no value.
    pub(in crate::runtime) fn invalid_request(
        operation: &'static Operation,
        problem: String,
    ) -> Self {
        Self::new(Kind::InvalidRequest, Some(operation), problem)
    }

    /// An answer of success that cannot be used. `problem` quotes no value.
    pub(in crate::runtime) fn decode(
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

    /// A successful response that cannot be decoded, and is kept. `problem`
    /// quotes no value.
    pub(in crate::runtime) fn undecodable(response: RawResponse, problem: String) -> Self {
        let problem = format!("cannot decode the response: {problem}");
        let (operation, status) = (response.operation(), response.status());
        let mut error = Self::decode(operation, status, response.headers(), problem);
        error.0.response = Some(response);
        error
    }

    /// Drops the response that could not be decoded, for one that holds tokens.
    pub(in crate::runtime) fn without_response(mut self) -> Self {
        self.0.response = None;
        self
    }

    /// The time of a whole call is over: before, between or while attempts.
    pub(in crate::runtime) fn out_of_time(
        operation: &'static Operation,
        doing: &str,
        limit: Duration,
    ) -> Self {
        let problem = format!("timed out after {limit:?} while {doing}");
        Self::new(Kind::Timeout, Some(operation), problem)
    }

    /// An answer from elsewhere, after the caller's HTTP client has followed a
    /// redirect.
    pub(in crate::runtime) fn redirected(operation: &'static Operation) -> Self {
        let problem = "http_client: followed a redirect to another host, which must not get \
                       credentials; build it with redirect::Policy::none()"
            .to_owned();
        Self::new(Kind::Configuration, Some(operation), problem)
    }

    /// The time of one attempt is over. `status` is that of a response which
    /// had begun.
    pub(in crate::runtime) fn timed_out(
        operation: &'static Operation,
        limit: Duration,
        status: Option<StatusCode>,
    ) -> Self {
        let mut error =
            Self::new(Kind::Timeout, Some(operation), format!("timed out after {limit:?}"));
        error.0.status = status;
        error
    }

    /// A call that ended before its response was there in full. `host` is that
    /// of the endpoint, `status` that of a response which had begun.
    pub(in crate::runtime) fn transport(
        operation: &'static Operation,
        cause: reqwest::Error,
        host: &str,
        status: Option<StatusCode>,
    ) -> Self {
        let (kind, problem) = if cause.is_builder() {
            (Kind::InvalidRequest, "the request cannot be written in HTTP".to_owned())
        } else if cause.is_connect() {
            (Kind::Connect, format!("cannot connect to {host}"))
        } else if was_never_sent(&cause) {
            let problem =
                format!("the connection to {host} was closed before the request was sent");
            (Kind::Connect, problem)
        } else if cause.is_timeout() {
            (Kind::Timeout, "timed out".to_owned())
        } else if is_malformed(&cause) {
            (Kind::Interrupted, "the response is not valid HTTP".to_owned())
        } else if status.is_some() {
            (Kind::Interrupted, "connection lost while reading the response".to_owned())
        } else {
            (Kind::Interrupted, "connection lost before the response".to_owned())
        };
        let mut error = Self::new(kind, Some(operation), problem);
        error.0.status = status;
        error.caused_by(cause)
    }

    /// A response whose body is shorter than announced.
    pub(in crate::runtime) fn cut_short(operation: &'static Operation, status: StatusCode) -> Self {
        let problem = "connection lost while reading the response".to_owned();
        let mut error = Self::new(Kind::Interrupted, Some(operation), problem);
        error.0.status = Some(status);
        error
    }

    /// An answer other than 2xx.
    pub(in crate::runtime) fn service(
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

    /// The service has not read the request.
    pub(in crate::runtime) fn unread(mut self) -> Self {
        self.0.unread = true;
        self
    }

    /// Adds the cause, without the URL, whose query can hold anything.
    pub(in crate::runtime) fn caused_by(mut self, cause: reqwest::Error) -> Self {
        self.0.source = Some(Source::Http(cause.without_url()));
        self
    }

    /// Adds how the call went, and under which identifier it was sent.
    pub(in crate::runtime) fn after(
        mut self,
        attempts: u32,
        elapsed: Duration,
        transaction: &str,
    ) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        // Nobody has seen it if there was no connection.
        if attempts > 0 && self.0.kind != Kind::Connect && self.0.transaction.is_none() {
            self.0.transaction = identifier(&Redactor::default(), transaction);
        }
        self
    }

    /// Takes the secrets out of what the headers of a response said.
    pub(in crate::runtime) fn redacted(mut self, redactor: &Redactor) -> Self {
        self.0.transaction = self.0.transaction.take().and_then(|text| identifier(redactor, &text));
        self
    }

    /// Adds what a refused request was aimed at; `base` is its endpoint.
    pub(in crate::runtime) fn refused(
        mut self,
        base: &Url,
        request: &Request,
        redactor: &Redactor,
    ) -> Self {
        if let Some(operation) = self.0.operation.filter(|_| self.is_permission()) {
            self.0.refused = Some(Refused::new(operation, base, request, redactor));
        }
        self
    }

    /// Adds who called.
    pub(in crate::runtime) fn called_by(mut self, caller: Option<Caller>) -> Self {
        self.0.caller = caller;
        self
    }
}

/// Returns whether the request was taken back before any of it was written.
fn was_never_sent(error: &reqwest::Error) -> bool {
    causes(error)
        .any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled))
}

/// Returns whether something came that is not HTTP.
fn is_malformed(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
            // What hyper says of the lengths of chunks.
            || cause
                .downcast_ref::<io::Error>()
                .is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidInput)
    })
}

fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}
