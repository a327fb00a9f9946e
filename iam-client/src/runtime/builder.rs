//! The settings of a client to be.

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use super::{
    Client, Clock, Credential, Error, RetryPolicy, Secret, SystemClock,
    auth::{Authenticator, Bearer, NoAuth},
    client::Settings,
    config::External,
    endpoint::Endpoint,
    pool::Own,
    transport::{Connections, Limits, Transport, UserAgent},
};

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Below the 60 s and more after which proxies close idle connections.
const DEFAULT_POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(180);
/// Pages have at most 100 items. The largest responses are the lists without
/// pages, such as all policies of an account: some thousand, of a few kilobytes
/// each.
const DEFAULT_MAX_RESPONSE_BYTES: usize = 16 * 1024 * 1024;

/// The settings of a [`Client`] to be.
///
/// ```no_run
/// # fn main() -> Result<(), iam_client::Error> {
/// let client = iam_client::Client::builder().bearer_token("my-token").build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    pub(super) options: Options,
    clock: Option<Arc<dyn Clock>>,
    /// What the environment says, below all of it.
    pub(super) external: Option<External>,
}

/// Settings that were made, by the program or by its environment.
#[derive(Clone, Default)]
pub(super) struct Options {
    pub(super) endpoint: Option<String>,
    pub(super) authenticator: Option<Arc<dyn Authenticator>>,
    pub(super) bearer_token: Option<Secret>,
    pub(super) credentials: BTreeMap<String, Credential>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) pool_idle_timeout: Option<Duration>,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_response_bytes: Option<usize>,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) gzip: Option<bool>,
    pub(super) user_agent: Option<String>,
    pub(super) proxy: Option<reqwest::Proxy>,
    pub(super) root_certificates: Vec<reqwest::Certificate>,
    pub(super) accept_invalid_certificates: Option<bool>,
    pub(super) accept_invalid_token_certificates: Option<bool>,
    pub(super) http_client: Option<reqwest::Client>,
}

impl ClientBuilder {
    /// The URL that operations' paths are appended to: absolute, `https` (or
    /// `http` to this machine), without user, query and fragment. A path is
    /// kept as a prefix; trailing slashes do not matter. By default the
    /// service's public endpoint, if there is one.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.options.endpoint = Some(endpoint.into());
        self
    }

    /// Who calls. By default nobody: calls are sent without authorization.
    pub fn authenticator(mut self, authenticator: impl Authenticator) -> Self {
        self.options.authenticator = Some(Arc::new(authenticator));
        self
    }

    /// The token sent as `Authorization: Bearer` with every operation that is
    /// not anonymous; for a token that something else renews. Give it without
    /// the word `Bearer`. Cannot be combined with
    /// [`authenticator`](Self::authenticator).
    pub fn bearer_token(mut self, token: impl Into<Secret>) -> Self {
        self.options.bearer_token = Some(token.into());
        self
    }

    /// The credential for the security scheme that a document calls `scheme`: an
    /// API key as text, or an [`Authenticator`] for basic authentication and
    /// tokens. The runtime puts it in the header, query or cookie that the
    /// document names. For what goes into `Authorization`, it takes precedence over
    /// [`authenticator`](Self::authenticator).
    ///
    /// ```no_run
    /// # use iam_client::{Client, Error, auth::Basic};
    /// # fn main() -> Result<(), Error> {
    /// let client = Client::builder()
    ///     .credential("api_key", "my-key")
    ///     .credential("login", Basic::new("user", "password")?)
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// IAM's documents need none: its keys and tokens are for `authenticator`.
    pub fn credential(
        mut self,
        scheme: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> Self {
        self.options.credentials.insert(scheme.into(), credential.into());
        self
    }

    /// How long making a connection may take: name, TCP and TLS. 10 s by
    /// default. Cannot be combined with [`http_client`](Self::http_client),
    /// which has its own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.options.connect_timeout = Some(timeout);
        self
    }

    /// The time that an idle connection is kept for the next call; zero
    /// keeps none. 30 s by default.
    ///
    /// Proxies close idle connections without a word. A call that meets such a
    /// connection fails or has to be sent again, so this must be shorter than
    /// what the proxies on the way allow. While an HTTP/2 connection is kept, a
    /// PING every 20 s of silence checks that it is alive. Cannot be combined
    /// with [`http_client`](Self::http_client), which has its own.
    pub fn pool_idle_timeout(mut self, timeout: Duration) -> Self {
        self.options.pool_idle_timeout = Some(timeout);
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the
    /// answer. 60 s by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// How long a call may take in all: authentication, attempts, and the waits
    /// between them. 180 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// How often and when a call is repeated that failed for a reason that may
    /// pass. Holds for token exchanges, too.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// The number of bytes that the body of a response may have, compressed or not. 16 MiB
    /// by default. A body in JSON may have one object for every 64 of them. Of
    /// error bodies, never more than 1 MiB is read.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.options.max_response_bytes = Some(bytes);
        self
    }

    /// Whether the bodies of requests are compressed. Not by default.
    pub fn gzip(mut self, gzip: bool) -> Self {
        self.options.gzip = Some(gzip);
        self
    }

    /// What to add to `User-Agent`, such as `my-tool/1.0`.
    pub fn user_agent(mut self, addition: impl Into<String>) -> Self {
        self.options.user_agent = Some(addition.into());
        self
    }

    /// The proxy for all that is not this machine. By default what the
    /// environment says (`HTTPS_PROXY`, `NO_PROXY`, …). Cannot be combined with
    /// [`http_client`](Self::http_client).
    pub fn proxy(mut self, proxy: reqwest::Proxy) -> Self {
        self.options.proxy = Some(proxy);
        self
    }

    /// A certificate to trust besides the platform's. Can be called again for
    /// more. Cannot be combined with [`http_client`](Self::http_client).
    pub fn root_certificate(mut self, certificate: reqwest::Certificate) -> Self {
        self.options.root_certificates.push(certificate);
        self
    }

    /// An HTTP client to use in place of the built-in one.
    ///
    /// Its own TLS, proxy, redirect and connection settings apply. The built-in
    /// client verifies certificates with the platform's roots, follows no
    /// redirects, and uses no proxy for plain `http`. Build yours with
    ///
    /// - `redirect(Policy::none())`: a response from another host is refused,
    ///   but what was sent there was sent;
    /// - `retry(reqwest::retry::never())`: reqwest sends a request again that an
    ///   HTTP/2 server has refused, which the [`RetryPolicy`] does not see;
    /// - `http2_keep_alive_interval` and `http2_keep_alive_while_idle(true)`: a
    ///   connection that went silent is used until the server closes it.
    ///
    /// Use the client on one tokio runtime only, since its connections belong
    /// to the runtime that they were made on.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.options.http_client = Some(client);
        self
    }

    /// Where time is taken from, for tests.
    #[doc(hidden)]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A [configuration error](Error::is_configuration) that names the setting
    /// and what to do about it, and does not quote its value.
    pub fn build(self) -> Result<Client, Error> {
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        if let Some(external) = self.external {
            return external.client(self.options, &clock);
        }
        let own = self.options.own_authenticator()?;
        let authenticator = own.unwrap_or_else(|| Arc::new(NoAuth));
        let settings = self.options.settings(authenticator, &clock, &mut Shared::default())?;
        Ok(Client::new(Arc::new(settings), Default::default()))
    }
}

/// The transports of services that were set up before, for calls and for
/// tokens, by what can differ between services.
#[derive(Default)]
pub(super) struct Shared(Vec<(Difference, (Transport, Transport))>);

type Difference = (Option<RetryPolicy>, bool, bool);

impl Options {
    /// The authenticator that the program has set.
    pub(super) fn own_authenticator(&self) -> Result<Option<Arc<dyn Authenticator>>, Error> {
        match (&self.authenticator, &self.bearer_token) {
            (Some(_), Some(_)) => {
                let problem = "cannot be combined with authenticator; leave one of them out";
                Err(Error::configuration("bearer_token", problem))
            }
            (Some(authenticator), None) => Ok(Some(Arc::clone(authenticator))),
            (None, Some(token)) => Ok(Some(Arc::new(Bearer::new(token.clone())?))),
            (None, None) => Ok(None),
        }
    }

    /// Checks them, and puts defaults where nothing is said.
    pub(super) fn settings(
        self,
        authenticator: Arc<dyn Authenticator>,
        clock: &Arc<dyn Clock>,
        shared: &mut Shared,
    ) -> Result<Settings, Error> {
        let endpoint = match (&self.endpoint, crate::DEFAULT_ENDPOINT) {
            (Some(endpoint), _) => Endpoint::parse(endpoint)?.followed_by(crate::BASE_PATH)?,
            (None, Some(endpoint)) => Endpoint::parse(endpoint)?,
            (None, None) => return Err(no_endpoint(crate::BASE_PATH)),
        };
        let gzip = self.gzip.unwrap_or(false);
        let credentials = self.credentials.clone();
        let trusts_any = |setting: Option<bool>| setting.unwrap_or(false);
        let difference = (
            self.retry.clone(),
            trusts_any(self.accept_invalid_certificates),
            trusts_any(self.accept_invalid_token_certificates),
        );
        let known = shared.0.iter().find(|(known, _)| *known == difference);
        let (transport, token_transport) = match known {
            Some((_, transports)) => transports.clone(),
            None => {
                let transports = self.transports(clock)?;
                shared.0.push((difference, transports.clone()));
                transports
            }
        };
        // What cannot be set up is said now and not by the first call.
        transport.http(endpoint.url())?;
        Ok(Settings { endpoint, authenticator, credentials, transport, token_transport, gzip })
    }

    /// How calls and tokens travel.
    fn transports(self, clock: &Arc<dyn Clock>) -> Result<(Transport, Transport), Error> {
        let limits = Limits {
            timeout: more_than_zero("timeout", self.timeout, DEFAULT_TIMEOUT)?,
            attempt_timeout: more_than_zero(
                "attempt_timeout",
                self.attempt_timeout,
                DEFAULT_ATTEMPT_TIMEOUT,
            )?,
            max_response_bytes: self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES),
            retry: self.retry.unwrap_or_default(),
        };
        let user_agent = UserAgent::new(self.user_agent)?;
        let connect_timeout =
            more_than_zero("connect_timeout", self.connect_timeout, DEFAULT_CONNECT_TIMEOUT)?;
        let own = |accept_invalid_certificates| {
            Connections::own(Own {
                connect_timeout,
                pool_idle_timeout: self.pool_idle_timeout.unwrap_or(DEFAULT_POOL_IDLE_TIMEOUT),
                proxy: self.proxy.clone(),
                root_certificates: self.root_certificates.clone(),
                accept_invalid_certificates,
            })
        };
        let calls = self.accept_invalid_certificates.unwrap_or(false);
        let tokens = self.accept_invalid_token_certificates.unwrap_or(false);
        let (connections, token_connections) = match self.http_client {
            None if calls == tokens => (own(calls), None),
            None => (own(calls), Some(own(tokens))),
            Some(client) => {
                let ignored = [
                    ("connect_timeout", self.connect_timeout.is_some()),
                    ("pool_idle_timeout", self.pool_idle_timeout.is_some()),
                    ("proxy", self.proxy.is_some()),
                    ("root_certificate", !self.root_certificates.is_empty()),
                ];
                if let Some((setting, _)) = ignored.iter().find(|(_, is_set)| *is_set) {
                    let problem = "has no effect together with http_client; set it on that client";
                    return Err(Error::configuration(setting, problem));
                }
                (Connections::Given(client), None)
            }
        };
        let transport = |connections| {
            Transport::new(connections, limits.clone(), Arc::clone(clock), user_agent.clone())
        };
        let token_transport = token_connections.map(transport);
        let transport = transport(connections);
        Ok((transport.clone(), token_transport.unwrap_or(transport)))
    }
}

fn no_endpoint(base_path: &str) -> Error {
    let problem = match base_path {
        "" => "not set, and there is no default; set the URL of the service".to_owned(),
        path => format!(
            "not set, and there is no default; set the URL of the service, which {path} is \
             appended to"
        ),
    };
    Error::configuration("endpoint", &problem)
}

fn more_than_zero(
    setting: &str,
    given: Option<Duration>,
    default: Duration,
) -> Result<Duration, Error> {
    match given {
        Some(Duration::ZERO) => Err(Error::configuration(setting, "must be more than zero")),
        given => Ok(given.unwrap_or(default)),
    }
}

/// Shows the settings, an endpoint only if it is valid (another may hold a
/// password), and of a token only whether there is one.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        let endpoint = options.endpoint.as_deref().map(Endpoint::parse);
        let endpoint = endpoint.as_ref().map(|endpoint| match endpoint {
            Ok(endpoint) => endpoint.as_str(),
            Err(_) => "(invalid)",
        });
        formatter
            .debug_struct("ClientBuilder")
            .field("endpoint", &endpoint)
            .field("authenticator", &options.authenticator)
            .field("bearer_token", &options.bearer_token)
            .field("credentials", &options.credentials.len())
            .field("connect_timeout", &options.connect_timeout)
            .field("pool_idle_timeout", &options.pool_idle_timeout)
            .field("attempt_timeout", &options.attempt_timeout)
            .field("timeout", &options.timeout)
            .field("retry", &options.retry)
            .field("max_response_bytes", &options.max_response_bytes)
            .field("gzip", &options.gzip)
            .finish_non_exhaustive()
    }
}
