//! One call: authorize, send, wait, send again, and read the answer.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{ACCEPT_ENCODING, AUTHORIZATION, USER_AGENT},
};
use reqwest::{Request, Url};
use tracing::Instrument as _;

use super::{
    Caller, Error, Operation, RawResponse, RetryPolicy, Transport,
    auth::{Authenticator, Authorization},
    client::Settings,
    content, context,
    text::Redactor,
    transport::read,
};

/// The header that a call is found by.
pub(super) const TRANSACTION_ID: HeaderName = HeaderName::from_static("transaction-id");
/// Most bytes read of an error body, which only serves to explain.
const MAX_ERROR_BYTES: usize = 1024 * 1024;

/// Everything about a call but its request.
pub(super) struct Call<'a> {
    pub(super) operation: &'static Operation,
    pub(super) transport: &'a Transport,
    /// Who authorizes it, over which connections; nobody if it is anonymous or
    /// brings its own authorization.
    pub(super) authenticator: Option<(Arc<dyn Authenticator>, &'a Transport)>,
    pub(super) retry: &'a RetryPolicy,
    pub(super) timeout: Duration,
    pub(super) attempt_timeout: Duration,
    /// Whose secrets are hidden in what the service says.
    pub(super) guarded: Option<&'a Settings>,
    /// Hides the secrets in the request, and each credential that an attempt
    /// was made with.
    pub(super) redactor: Redactor,
    pub(super) user_agent: HeaderValue,
}

/// Time and attempts of a call under way.
struct Progress {
    started: Instant,
    attempts: u32,
    transaction: String,
}

impl<'a> Call<'a> {
    /// A request of an authenticator, with the limits of its transport.
    pub(super) fn exchange(
        operation: &'static Operation,
        transport: &'a Transport,
        redactor: Redactor,
        user_agent: HeaderValue,
    ) -> Self {
        let limits = transport.limits();
        Self {
            operation,
            transport,
            authenticator: None,
            guarded: None,
            retry: &limits.retry,
            timeout: limits.timeout,
            attempt_timeout: limits.attempt_timeout,
            redactor,
            user_agent,
        }
    }

    /// Carries it out.
    pub(super) async fn run(self, mut request: Request) -> Result<RawResponse, Error> {
        context::current()?;
        let transaction = own_transaction_id(&mut request);
        let span = tracing::info_span!(
            "iam.call",
            operation = self.operation.id,
            transaction_id = transaction,
            attempts = tracing::field::Empty,
            status = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        );
        let mut progress =
            Progress { started: self.transport.clock().now(), attempts: 0, transaction };
        let result = self.repeat(request, &mut progress).instrument(span.clone()).await;
        let elapsed = self.elapsed(&progress);
        let status = match &result {
            Ok(reply) => Some(reply.status()),
            Err(error) => error.status(),
        };
        span.record("attempts", progress.attempts);
        span.record("duration_ms", milliseconds(elapsed));
        if let Some(status) = status {
            span.record("status", status.as_u16());
        }
        result.map_err(|error| error.after(progress.attempts, elapsed, &progress.transaction))
    }

    /// Attempts, until one is the last.
    async fn repeat(
        &self,
        mut request: Request,
        progress: &mut Progress,
    ) -> Result<RawResponse, Error> {
        let clock = Arc::clone(self.transport.clock());
        let mut authorization = self.authenticate(progress).await?;
        let mut renewed = false;
        // A request for renewed authorization does not count: nothing failed.
        let mut tries = 0;
        loop {
            let again = request.try_clone();
            progress.attempts += 1;
            tries += 1;
            let error = match self.attempt(request, authorization.as_ref(), progress).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error,
            };
            // A body that is a stream is gone.
            let Some(again) = again else { return Err(error) };
            request = again;
            if error.status() == Some(StatusCode::UNAUTHORIZED) && !renewed {
                renewed = true;
                if let Some(other) = self.renew(authorization.as_ref(), progress).await? {
                    tracing::debug!("authenticated again, since the service answered 401");
                    authorization = Some(other);
                    tries -= 1;
                    continue;
                }
            }
            let Some(wait) = self.retry.next(self.operation, &error, tries, &*clock) else {
                return Err(self.explain(error, authorization.as_ref()));
            };
            if wait >= self.remaining(progress) {
                tracing::debug!("not repeated: no time is left for it");
                return Err(error);
            }
            tracing::debug!(wait_ms = milliseconds(wait), "repeated after a wait");
            clock.sleep(wait).await;
        }
    }

    /// Sends the request once.
    async fn attempt(
        &self,
        mut request: Request,
        authorization: Option<&Authorization>,
        progress: &Progress,
    ) -> Result<RawResponse, Error> {
        let remaining = self.remaining(progress);
        if remaining.is_zero() {
            return Err(Error::out_of_time(self.operation, "waiting", self.timeout));
        }
        if let Some(header) = authorization.and_then(Authorization::header) {
            request.headers_mut().insert(AUTHORIZATION, header.clone());
        }
        request.headers_mut().entry(USER_AGENT).or_insert_with(|| self.user_agent.clone());
        let gzip = HeaderValue::from_static("gzip");
        request.headers_mut().entry(ACCEPT_ENCODING).or_insert(gzip);
        let limit = request.timeout_mut().take().unwrap_or(self.attempt_timeout).min(remaining);
        let span = tracing::debug_span!(
            "iam.attempt",
            operation = self.operation.id,
            attempt = progress.attempts,
            transaction_id = progress.transaction,
            status = tracing::field::Empty,
            duration_ms = tracing::field::Empty,
        );
        let started = self.transport.clock().now();
        let result = self.send(request, authorization, limit).instrument(span.clone()).await;
        let status = match &result {
            Ok(reply) => Some(reply.status()),
            Err(error) => error.status(),
        };
        let elapsed = self.transport.clock().now().saturating_duration_since(started);
        span.record("duration_ms", milliseconds(elapsed));
        if let Some(status) = status {
            span.record("status", status.as_u16());
        }
        span.in_scope(|| match &result {
            Ok(_) => tracing::debug!("answered"),
            Err(error) => tracing::debug!(%error, "failed"),
        });
        result
    }

    async fn send(
        &self,
        request: Request,
        authorization: Option<&Authorization>,
        limit: Duration,
    ) -> Result<RawResponse, Error> {
        // Lets tokio look at the sockets first, so that the request is not
        // written to a connection that has been closed meanwhile.
        tokio::task::yield_now().await;
        let (http, pool) = self.transport.pool(request.url())?;
        let mut status = None;
        let exchange = self.exchange_over(http, request, authorization, &mut status);
        match tokio::time::timeout(limit, exchange).await {
            Ok(result) => result,
            Err(_) => {
                self.transport.abandon(pool.as_ref());
                Err(Error::timed_out(self.operation, limit, status))
            }
        }
    }

    /// Sends the request and reads the response. `begun` is the status as soon
    /// as it is known.
    async fn exchange_over(
        &self,
        http: reqwest::Client,
        request: Request,
        authorization: Option<&Authorization>,
        begun: &mut Option<StatusCode>,
    ) -> Result<RawResponse, Error> {
        let operation = self.operation;
        for secret in authorization.iter().flat_map(|authorization| authorization.secrets()) {
            self.redactor.hide(secret.expose());
        }
        let url = request.url().clone();
        let broken = |cause, status| Error::transport(operation, cause, &host(&url), status);
        let mut response = http.execute(request).await.map_err(|cause| broken(cause, None))?;
        if !same_origin(response.url(), &url) {
            return Err(Error::redirected(operation));
        }
        let status = response.status();
        *begun = Some(status);
        let is_farewell = self.transport.answered().is_farewell(&response);
        let mut headers = std::mem::take(response.headers_mut());
        let limit = self.transport.limits().max_response_bytes;
        if status.is_success() {
            let announced = response.content_length().unwrap_or(0);
            return match read(&mut response, limit).await {
                // Over HTTP/2, hyper takes some resets for the end of the body.
                Ok(Some(body)) if (body.len() as u64) < announced => {
                    Err(Error::cut_short(operation, status))
                }
                Ok(Some(body)) => {
                    let redactor = self.redactor.clone();
                    RawResponse::new(operation, status, headers, body, limit, redactor)
                }
                Ok(None) => Err(Error::decode(
                    operation,
                    status,
                    &headers,
                    format!("the response is larger than {limit} bytes (max_response_bytes)"),
                )),
                Err(cause) => Err(broken(cause, Some(status))),
            };
        }
        // The status is known and says more than a body that cannot be read in
        // full.
        let limit = limit.min(MAX_ERROR_BYTES);
        let (body, cause) = match read(&mut response, limit).await {
            Ok(body) => {
                let body = body.unwrap_or_default();
                let decompressed = content::decompress(&mut headers, &body, limit);
                (decompressed.unwrap_or_default().unwrap_or(body), None)
            }
            Err(cause) => (Bytes::new(), Some(cause)),
        };
        for secret in self.guarded.iter().flat_map(|settings| settings.secrets()) {
            self.redactor.hide(secret.expose());
        }
        let mut error = Error::service(operation, status, headers, &body, &self.redactor);
        if is_farewell && status == StatusCode::REQUEST_TIMEOUT {
            error = error.unread();
        }
        Err(match cause {
            Some(cause) => error.caused_by(cause),
            None => error,
        })
    }

    /// What to authorize the call with; `None` if there is nobody to ask.
    async fn authenticate(&self, progress: &Progress) -> Result<Option<Authorization>, Error> {
        let Some((authenticator, transport)) = &self.authenticator else { return Ok(None) };
        let remaining = self.remaining(progress);
        let asked = tokio::time::timeout(remaining, authenticator.authenticate(transport)).await;
        let Ok(answer) = asked else {
            return Err(Error::out_of_time(self.operation, "authenticating", self.timeout));
        };
        answer.map(Some).map_err(|error| Error::unauthorized(self.operation, error.into_shared()))
    }

    /// Another authorization, after the service has refused this one; `None` if
    /// there is no other.
    async fn renew(
        &self,
        refused: Option<&Authorization>,
        progress: &Progress,
    ) -> Result<Option<Authorization>, Error> {
        let (Some((authenticator, _)), Some(refused)) = (&self.authenticator, refused) else {
            return Ok(None);
        };
        authenticator.invalidate(refused);
        let other = self.authenticate(progress).await?;
        Ok(other.filter(|other| other != refused))
    }

    /// Adds to a refusal who was refused.
    fn explain(&self, error: Error, authorization: Option<&Authorization>) -> Error {
        if error.is_permission() {
            let caller = authorization.and_then(Authorization::token).and_then(Caller::of);
            return error.called_by(caller);
        }
        error
    }

    fn elapsed(&self, progress: &Progress) -> Duration {
        self.transport.clock().now().saturating_duration_since(progress.started)
    }

    fn remaining(&self, progress: &Progress) -> Duration {
        self.timeout.saturating_sub(self.elapsed(progress))
    }
}

/// The request's `Transaction-Id`, made up if it has none.
fn own_transaction_id(request: &mut Request) -> String {
    if let Some(sent) = request.headers().get(TRANSACTION_ID) {
        return sent.to_str().unwrap_or_default().to_owned();
    }
    let made_up = format!("{:032x}", fastrand::u128(..));
    if let Ok(value) = HeaderValue::from_str(&made_up) {
        request.headers_mut().insert(TRANSACTION_ID, value);
    }
    made_up
}

/// Host and, unless it is the scheme's own, port.
fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
