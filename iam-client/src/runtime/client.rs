//! The client: connection settings, and the one place where requests leave.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderValue,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName},
};
use reqwest::{Method, Request, redirect::Policy};

use super::{Error, Operation, Reply, Secret, endpoint::Endpoint, path, text::Redactor};

const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);
const DEFAULT_MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;
/// Most bytes read of an error body, which only serves to explain.
const MAX_ERROR_BYTES: usize = 1024 * 1024;

/// A client of one service: where it is, who calls, and how long to wait.
///
/// Cloning is cheap and shares connections. `Debug` shows the endpoint only.
#[derive(Clone)]
pub struct Client(Arc<Settings>);

struct Settings {
    endpoint: Endpoint,
    http: reqwest::Client,
    credential: Option<Credential>,
    timeout: Duration,
    max_response_bytes: usize,
}

/// A token in the two forms it is needed in: to send it and to hide it.
struct Credential {
    token: Secret,
    header: HeaderValue,
}

impl Client {
    /// Starts with the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The URL that operations' paths are appended to, without a trailing
    /// slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.0.endpoint.as_str()
    }

    /// The HTTP client in use. What is sent with it directly gets neither
    /// authorization nor limits from here.
    #[must_use]
    pub fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Sends a request that generated code has built, and reads the answer.
    ///
    /// Adds what the operation and the settings ask for: `Authorization`
    /// (unless the operation is anonymous or the request has one),
    /// `Content-Type` (if there is a body), `Content-Length: 0` (if there might
    /// be one and is none) and `Accept`.
    ///
    /// # Errors
    ///
    /// [invalid request](Error::is_invalid_request) if the request is not one
    /// for this operation at this client's endpoint;
    /// [connect](Error::is_connect), [timeout](Error::is_timeout) and
    /// [interrupted](Error::is_interrupted) if there is no full answer;
    /// [service](Error::is_service) if its status is not 2xx;
    /// [decode](Error::is_decode) if it is larger than allowed.
    #[doc(hidden)]
    pub async fn execute(
        &self,
        operation: &'static Operation,
        mut request: Request,
    ) -> Result<Reply, Error> {
        let redactor = self.prepare(operation, &mut request)?;
        let (started, timeout) = (Instant::now(), request.timeout().copied());
        let broken = |cause, status| {
            let host = self.0.endpoint.host();
            // A client of the caller's may have shorter limits of its own.
            let timeout = timeout.filter(|timeout| started.elapsed() >= *timeout);
            Error::transport(operation, cause, &host, timeout, status)
        };

        let mut response =
            self.0.http.execute(request).await.map_err(|cause| broken(cause, None))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let limit = self.0.max_response_bytes;
        if status.is_success() {
            match read(&mut response, limit).await {
                Ok(Some(body)) => Ok(Reply::new(operation, status, headers, body)),
                Ok(None) => Err(Error::decode(
                    operation,
                    status,
                    &headers,
                    format!("the response is larger than {limit} bytes (max_response_bytes)"),
                )),
                Err(cause) => Err(broken(cause, Some(status))),
            }
        } else {
            // The status is known and says more than a body that cannot be
            // read in full.
            let (body, cause) = match read(&mut response, limit.min(MAX_ERROR_BYTES)).await {
                Ok(body) => (body.unwrap_or_default(), None),
                Err(cause) => (Bytes::new(), Some(cause)),
            };
            let error = Error::service(operation, status, headers, &body, &redactor);
            Err(match cause {
                Some(cause) => error.caused_by(cause),
                None => error,
            })
        }
    }

    /// Checks and completes a request; gives what to hide in its answer.
    fn prepare(
        &self,
        operation: &'static Operation,
        request: &mut Request,
    ) -> Result<Redactor, Error> {
        let settings = &*self.0;
        let refuse = |problem: &str| Err(Error::invalid_request(operation, problem.to_owned()));
        if request.method().as_str() != operation.method
            || !path::fits(operation, settings.endpoint.url(), request.url())
        {
            return refuse(
                "the request does not match the operation's method and path at the endpoint",
            );
        }

        let mut redactor = Redactor::default();
        if let Some(Credential { token, header }) = &settings.credential {
            redactor.hide(token.expose());
            if !operation.anonymous && !request.headers().contains_key(AUTHORIZATION) {
                request.headers_mut().insert(AUTHORIZATION, header.clone());
            }
        }
        if let Some(own) = request.headers_mut().get_mut(AUTHORIZATION) {
            // Neither printed nor kept in a connection's header table.
            own.set_sensitive(true);
            if let Ok(own) = own.to_str() {
                // The credential, with or without its scheme.
                redactor.hide(own.rsplit(' ').next().unwrap_or(own));
            }
        }

        let has_body = request.body().is_some();
        if !has_body && [Method::POST, Method::PUT, Method::PATCH].contains(request.method()) {
            // Servers may demand it of these methods (RFC 9110, 8.6), with 411.
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let content_type = operation.content_type.filter(|_| has_body);
        if !set_header(request, CONTENT_TYPE, content_type)
            || !set_header(request, ACCEPT, operation.accept)
        {
            return refuse("the operation's media types cannot stand in a header");
        }
        // A limit that the caller of the core has set is kept.
        request.timeout_mut().get_or_insert(settings.timeout);
        Ok(redactor)
    }
}

/// Sets a header if there is a value; `false` if it cannot stand in one.
fn set_header(request: &mut Request, name: HeaderName, value: Option<&'static str>) -> bool {
    match value.map(HeaderValue::from_str) {
        None => true,
        Some(Ok(value)) => {
            request.headers_mut().insert(name, value);
            true
        }
        Some(Err(_)) => false,
    }
}

/// Reads a body of at most `limit` bytes; `None` if it is larger.
async fn read(
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

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}

/// The settings of a [`Client`] to be.
///
/// ```text
/// let client = Client::builder().bearer_token(token).build()?;
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct ClientBuilder {
    endpoint: Option<String>,
    bearer_token: Option<Secret>,
    connect_timeout: Option<Duration>,
    timeout: Option<Duration>,
    max_response_bytes: Option<usize>,
    http_client: Option<reqwest::Client>,
}

impl ClientBuilder {
    /// The URL that operations' paths are appended to: absolute, `https` (or
    /// `http` to this machine), without user, query and fragment. A path is
    /// kept as a prefix; trailing slashes do not matter. By default the
    /// service's public endpoint, if there is one.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// The token sent as `Authorization: Bearer` with every operation that is
    /// not anonymous. None by default. Give it without the word `Bearer`.
    pub fn bearer_token(mut self, token: impl Into<Secret>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// How long making a connection may take: name, TCP and TLS. 10 s by
    /// default. Cannot be combined with [`http_client`](Self::http_client),
    /// which has its own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How long a call may take in all, from connecting to the last byte of
    /// the answer. 60 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How many bytes an answer's body may have. 64 MiB by default. Of error
    /// bodies, never more than 1 MiB is read.
    pub fn max_response_bytes(mut self, bytes: usize) -> Self {
        self.max_response_bytes = Some(bytes);
        self
    }

    /// An HTTP client to use in place of the built-in one, for instance with
    /// special certificates or a proxy.
    ///
    /// Its own TLS, proxy, redirect and user agent settings apply. The
    /// built-in client verifies certificates with the platform's roots,
    /// follows no redirects, and uses no proxy for plain `http`.
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http_client = Some(client);
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A [configuration error](Error::is_configuration) that names the setting
    /// and what to do about it, and does not quote its value.
    pub fn build(self) -> Result<Client, Error> {
        let endpoint = self.endpoint.as_deref().or(crate::DEFAULT_ENDPOINT);
        let endpoint = endpoint.ok_or_else(|| {
            Error::configuration("endpoint", "not set, and there is no default; set it")
        })?;
        let endpoint = Endpoint::parse(endpoint)?;
        let credential = self.bearer_token.map(Credential::new).transpose()?;
        let timeout = self.timeout.unwrap_or(DEFAULT_TIMEOUT);
        if timeout.is_zero() {
            let problem = "must be more than zero";
            return Err(Error::configuration("timeout", problem));
        }
        let http = match (self.http_client, self.connect_timeout) {
            (Some(client), None) => client,
            (Some(_), Some(_)) => {
                let problem = "has no effect together with http_client; set it on that client";
                return Err(Error::configuration("connect_timeout", problem));
            }
            (None, Some(Duration::ZERO)) => {
                let problem = "must be more than zero";
                return Err(Error::configuration("connect_timeout", problem));
            }
            (None, timeout) => http_client(&endpoint, timeout.unwrap_or(DEFAULT_CONNECT_TIMEOUT))?,
        };
        Ok(Client(Arc::new(Settings {
            endpoint,
            http,
            credential,
            timeout,
            max_response_bytes: self.max_response_bytes.unwrap_or(DEFAULT_MAX_RESPONSE_BYTES),
        })))
    }
}

/// Shows the settings, an endpoint only if it is valid (another may hold a
/// password), and of the token only whether there is one.
impl fmt::Debug for ClientBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint.as_deref().map(Endpoint::parse);
        let endpoint = endpoint.as_ref().map(|endpoint| match endpoint {
            Ok(endpoint) => endpoint.as_str(),
            Err(_) => "(invalid)",
        });
        formatter
            .debug_struct("ClientBuilder")
            .field("endpoint", &endpoint)
            .field("bearer_token", &self.bearer_token)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("max_response_bytes", &self.max_response_bytes)
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// Makes the header, unless the token is one that no service can accept.
    fn new(token: Secret) -> Result<Self, Error> {
        let refuse = |problem| Err(Error::configuration("bearer_token", problem));
        let text = token.expose();
        if text.is_empty() {
            return refuse("must not be empty; leave it out to call without one");
        }
        if text.contains(char::is_whitespace) {
            return refuse("must not contain spaces or line breaks; give it without `Bearer`");
        }
        let wraps = ['{', '}', '"', '\''];
        if text.starts_with(wraps) || text.ends_with(wraps) {
            return refuse("must not stand in braces or quotes; remove them");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return refuse("must consist of printable ASCII characters; copy it again");
        }
        let Ok(header) = HeaderValue::from_str(&format!("Bearer {text}")) else {
            return refuse("cannot stand in a header; copy it again");
        };
        Ok(Self { token, header })
    }
}

/// The built-in HTTP client.
fn http_client(endpoint: &Endpoint, connect_timeout: Duration) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .connect_timeout(connect_timeout)
        .redirect(Policy::none())
        .user_agent(format!(
            "{}/{} (lang=rust; arch={}; os={})",
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH,
            std::env::consts::OS,
        ));
    if endpoint.is_plain() {
        // A proxy would carry the token off this machine in clear text.
        builder = builder.no_proxy();
    } else {
        builder = builder.https_only(true);
    }
    builder.build().map_err(|cause| {
        let problem = "cannot be set up; the system's certificates may be missing";
        Error::configuration("http_client", problem).caused_by(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::{AUTHORIZATION, Client, Operation, Request};

    static LIST: Operation = Operation {
        id: "list",
        method: "GET",
        path: "/list",
        tag: "",
        content_type: None,
        accept: None,
        success: &[200],
        idempotent: true,
        anonymous: false,
        deprecated: false,
        actions: &[],
        events: &[],
    };

    /// The wire does not show it, so no test outside can.
    #[test]
    fn authorization_is_marked_sensitive() {
        let builder = Client::builder().endpoint("http://localhost").bearer_token("t0ken");
        let client = builder.build().unwrap();
        for own in [None, Some("Basic t0ken")] {
            let url = "http://localhost/list".parse().unwrap();
            let mut request = Request::new(http::Method::GET, url);
            if let Some(own) = own {
                request.headers_mut().insert(AUTHORIZATION, own.parse().unwrap());
            }
            client.prepare(&LIST, &mut request).unwrap();
            assert!(request.headers()[AUTHORIZATION].is_sensitive());
            assert!(!format!("{request:?}").contains("t0ken"));
        }
    }
}
