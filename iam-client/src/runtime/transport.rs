//! What requests leave over.

use std::{fmt, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use reqwest::{Request, Url};

use super::{
    Clock, Error, Operation, RawResponse, RetryPolicy,
    call::Call,
    pool::{Answered, Own, Pool, Pools},
    text::Redactor,
};

/// Connections and limits, shared by a client's calls and its authenticator's
/// exchanges.
///
/// Clones share the connections. `Debug` shows the limits.
#[derive(Clone)]
pub struct Transport(Arc<Inner>);

struct Inner {
    connections: Connections,
    answered: Answered,
    limits: Limits,
    clock: Arc<dyn Clock>,
    user_agent: UserAgent,
}

/// The source of the connections.
pub(super) enum Connections {
    Own(Box<Pools>),
    /// Those of the caller's client.
    Given(reqwest::Client),
}

impl Connections {
    pub(super) fn own(own: Own) -> Self {
        Self::Own(Box::new(Pools::new(own)))
    }
}

/// What holds unless a call says otherwise.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    /// Of a call in all.
    pub(super) timeout: Duration,
    /// Of one attempt.
    pub(super) attempt_timeout: Duration,
    pub(super) max_response_bytes: usize,
    pub(super) retry: RetryPolicy,
}

/// Who sends a request: `iam-client/0.1.0 (lang=rust; …) my-tool/2.0`.
#[derive(Debug, Clone)]
pub(super) struct UserAgent {
    /// What the program adds.
    addition: Option<String>,
    /// For calls.
    header: HeaderValue,
}

impl UserAgent {
    /// With what the program adds.
    pub(super) fn new(addition: Option<String>) -> Result<Self, Error> {
        match HeaderValue::try_from(text("/", addition.as_deref())) {
            Ok(header) => Ok(Self { addition, header }),
            Err(_) => {
                let problem = "has characters that a header cannot hold; remove them";
                Err(Error::configuration("user_agent", problem))
            }
        }
    }

    /// The header for calls.
    pub(super) fn header(&self) -> &HeaderValue {
        &self.header
    }

    /// The header for exchanges of an authenticator, as IBM's SDKs name it.
    fn of(&self, component: &str) -> HeaderValue {
        let text = text(&format!("/{component}-"), self.addition.as_deref());
        HeaderValue::try_from(text).unwrap_or_else(|_| self.header.clone())
    }
}

fn text(separator: &str, addition: Option<&str>) -> String {
    let (name, version) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    let own = format!("{name}{separator}{version} (lang=rust; arch={arch}; os={os})");
    match addition {
        Some(addition) => format!("{own} {addition}"),
        None => own,
    }
}

impl Transport {
    pub(super) fn new(
        connections: Connections,
        limits: Limits,
        clock: Arc<dyn Clock>,
        user_agent: UserAgent,
    ) -> Self {
        let answered = Answered::default();
        Self(Arc::new(Inner { connections, answered, limits, clock, user_agent }))
    }

    /// The HTTP client for requests to `url`. What is sent with it directly gets
    /// neither authorization nor limits nor retries from here.
    ///
    /// Plain `http`, which is for this machine and its metadata service only,
    /// never goes over a proxy: that would carry credentials off the machine
    /// in clear text. All else is https only. Neither follows redirects.
    ///
    /// Each tokio runtime has a client of its own, and the client is replaced
    /// after a timeout: ask for it each time.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) if it cannot be set up,
    /// or if the environment names a proxy that cannot be used.
    pub fn http(&self, url: &Url) -> Result<reqwest::Client, Error> {
        Ok(self.pool(url)?.0)
    }

    /// The client for requests to `url`, and the pool that it belongs to.
    pub(super) fn pool(&self, url: &Url) -> Result<(reqwest::Client, Option<Pool>), Error> {
        match &self.0.connections {
            Connections::Given(client) => Ok((client.clone(), None)),
            Connections::Own(pools) => {
                let pool = pools.get(url)?;
                Ok((pool.client.clone(), Some(pool)))
            }
        }
    }

    /// An attempt over this pool has timed out: another one does not use its
    /// connections.
    pub(super) fn abandon(&self, pool: Option<&Pool>) {
        if let (Connections::Own(pools), Some(pool)) = (&self.0.connections, pool) {
            pools.abandon(pool);
        }
    }

    /// The connections that have answered.
    pub(super) fn answered(&self) -> &Answered {
        &self.0.answered
    }

    /// Sends a request of an authenticator, with this transport's limits and
    /// retries.
    ///
    /// # Errors
    /// No answer, or one that is no success. `redactor` hides the credentials
    /// in what is said about it.
    pub(super) async fn exchange(
        &self,
        operation: &'static Operation,
        request: Request,
        component: &str,
        redactor: Redactor,
    ) -> Result<RawResponse, Error> {
        let user_agent = self.0.user_agent.of(component);
        Call::exchange(operation, self, redactor, user_agent).run(request).await
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Where time is taken from.
    #[doc(hidden)]
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    pub(super) fn user_agent(&self) -> &HeaderValue {
        self.0.user_agent.header()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Transport").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

/// Reads a body of at most `limit` bytes; `None` if it is larger.
pub(super) async fn read(
    response: &mut reqwest::Response,
    limit: usize,
) -> Result<Option<Bytes>, reqwest::Error> {
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Ok(None);
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await? {
        if chunk.len() > limit - body.len() {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.freeze()))
}
