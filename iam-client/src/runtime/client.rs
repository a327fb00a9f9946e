//! The client: who calls which service, and how.

use std::{collections::BTreeMap, fmt, io::Write as _, sync::Arc};

use http::{
    HeaderValue,
    header::{
        ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, IF_MATCH,
    },
};
use reqwest::{Body, Method, Request};

use super::{
    CallOptions, ClientBuilder, Credential, Error, Operation, RawResponse, Recorded, Secret,
    Transport,
    auth::{Authenticator, Authorization},
    call::{Call, TRANSACTION_ID},
    credentials,
    endpoint::Endpoint,
    path,
    text::Redactor,
};

/// A client of one service or several: where they are, who calls, and how long
/// to wait and how often to try.
///
/// Cloning is cheap and shares connections and tokens. `Debug` shows the
/// endpoint only.
#[derive(Clone)]
pub struct Client {
    settings: Arc<Settings>,
    /// Of the services that have their own.
    services: Arc<BTreeMap<&'static str, Arc<Settings>>>,
    options: Option<Arc<CallOptions>>,
}

/// What calls of one service are made with.
pub(super) struct Settings {
    pub(super) endpoint: Endpoint,
    pub(super) authenticator: Arc<dyn Authenticator>,
    /// By the name of their security scheme.
    pub(super) credentials: BTreeMap<String, Credential>,
    /// For calls.
    pub(super) transport: Transport,
    /// For the authenticator, which may differ in what it trusts.
    pub(super) token_transport: Transport,
    pub(super) gzip: bool,
}

impl Settings {
    /// All that must not be shown should a service repeat it.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.authenticator.secrets();
        secrets.extend(self.credentials.values().flat_map(Credential::secrets));
        secrets
    }
}

impl Client {
    pub(super) fn new(
        settings: Arc<Settings>,
        services: BTreeMap<&'static str, Arc<Settings>>,
    ) -> Self {
        Self { settings, services: Arc::new(services), options: None }
    }

    /// Starts with the default settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The client as the service of this name sees it, with the settings that
    /// the environment has for it.
    #[doc(hidden)]
    #[must_use]
    pub fn for_service(&self, name: &str) -> Self {
        let mut client = self.clone();
        if let Some(settings) = self.services.get(name) {
            client.settings = Arc::clone(settings);
        }
        client
    }

    /// The same client with other settings for its calls. It shares
    /// connections and tokens with this one.
    #[must_use]
    pub fn with(&self, options: CallOptions) -> Self {
        let options = match &self.options {
            Some(earlier) => options.over(earlier),
            None => options,
        };
        Self { options: Some(Arc::new(options)), ..self.clone() }
    }

    /// The URL that operations' paths are appended to, without a trailing
    /// slash.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        self.settings.endpoint.as_str()
    }

    /// Connections and limits of the calls.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.settings.transport
    }

    /// The HTTP client that requests are built with.
    #[doc(hidden)]
    #[must_use]
    pub fn http(&self) -> reqwest::Client {
        // Checked when the client was built; without connections a request can
        // be built all the same.
        self.transport().http(self.settings.endpoint.url()).unwrap_or_default()
    }

    /// What a call would be authorized with now: for calls of services that are
    /// not here.
    ///
    /// # Errors
    /// Whatever the authenticator fails with.
    pub async fn authorization(&self) -> Result<Authorization, Error> {
        let Settings { authenticator, token_transport, .. } = &*self.settings;
        authenticator.authenticate(token_transport).await
    }

    /// Sends a request that generated code has built, and reads the answer.
    ///
    /// Adds what the operation and the settings ask for: credentials (unless the
    /// operation is anonymous or the request has them),
    /// `Content-Type` (if there is a body), `Content-Length: 0` (if there might
    /// be one and is none), `Accept`, `Transaction-Id` and `User-Agent`.
    ///
    /// # Errors
    ///
    /// [invalid request](Error::is_invalid_request) if the request is not one
    /// for this operation at this client's endpoint;
    /// [authentication](Error::is_authentication) if there is no token;
    /// [connect](Error::is_connect), [timeout](Error::is_timeout) and
    /// [interrupted](Error::is_interrupted) if there is no full answer;
    /// [service](Error::is_service) if its status is not 2xx;
    /// [decode](Error::is_decode) if it is larger than allowed.
    #[doc(hidden)]
    pub async fn execute(
        &self,
        operation: &'static Operation,
        request: impl Into<Recorded>,
    ) -> Result<RawResponse, Error> {
        let Recorded { mut request, redactor } = request.into();
        // Kept for those operations whose refusal can be explained.
        let sent = if operation.is_documented() { request.try_clone() } else { None };
        self.prepare(operation, &mut request, &redactor)?;
        let settings = &*self.settings;
        let options = self.options.as_deref();
        let limits = settings.transport.limits();
        let authorized = request.headers().contains_key(AUTHORIZATION)
            || options.is_some_and(|options| options.authorization.is_some());
        let chosen = credentials::choose(operation, settings, &request, authorized)?;
        let authenticator = chosen.apply(operation, &mut request, &redactor)?;
        let call = Call {
            operation,
            transport: &settings.transport,
            authenticator: authenticator.map(|chosen| (chosen, &settings.token_transport)),
            guarded: Some(settings),
            retry: options.and_then(|options| options.retry.as_ref()).unwrap_or(&limits.retry),
            timeout: options.and_then(|options| options.timeout).unwrap_or(limits.timeout),
            attempt_timeout: options
                .and_then(|options| options.attempt_timeout)
                .unwrap_or(limits.attempt_timeout),
            redactor: redactor.clone(),
            user_agent: settings.transport.user_agent().clone(),
        };
        call.run(request).await.map_err(|error| match sent {
            Some(sent) => error.refused(settings.endpoint.url(), &sent, &redactor),
            None => error,
        })
    }

    /// Checks and completes a request; adds what to hide in its response.
    fn prepare(
        &self,
        operation: &'static Operation,
        request: &mut Request,
        redactor: &Redactor,
    ) -> Result<(), Error> {
        let refuse = |problem: &str| Err(Error::invalid_request(operation, problem.to_owned()));
        if request.method().as_str() != operation.method
            || !path::fits(operation, self.settings.endpoint.url(), request.url())
        {
            return refuse(
                "the request does not match the operation's method and path at the endpoint",
            );
        }

        if let Some(options) = &self.options {
            options.check()?;
            if let Some(authorization) = &options.authorization {
                authorize(authorization, request, redactor);
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
        if let Some(options) = &self.options {
            apply(options, request);
        }
        if self.options.as_ref().and_then(|options| options.gzip).unwrap_or(self.settings.gzip) {
            compress(operation, request)?;
        }
        let blank = |tag: &HeaderValue| tag.as_bytes().trim_ascii().is_empty();
        if request.headers().get_all(IF_MATCH).iter().any(blank) {
            return refuse(
                "the entity tag in If-Match is empty; send that of a response, or ETag::any()",
            );
        }
        Ok(())
    }
}

/// Puts a call's own authorization in place of any other.
fn authorize(authorization: &Authorization, request: &mut Request, redactor: &Redactor) {
    request.headers_mut().remove(AUTHORIZATION);
    if let Some(header) = authorization.header() {
        request.headers_mut().insert(AUTHORIZATION, header.clone());
    }
    for secret in authorization.secrets() {
        redactor.hide(secret.expose());
    }
}

/// Adds the headers that a call was given.
fn apply(options: &CallOptions, request: &mut Request) {
    for (name, value) in &options.headers {
        request.headers_mut().insert(name, value.clone());
    }
    // An argument of the operation says more than a setting.
    if let Some(id) = &options.transaction_id {
        request.headers_mut().entry(TRANSACTION_ID).or_insert_with(|| id.clone());
    }
}

/// Compresses the body, unless it is encoded already.
fn compress(operation: &'static Operation, request: &mut Request) -> Result<(), Error> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Ok(());
    }
    let Some(bytes) = request.body().and_then(Body::as_bytes) else { return Ok(()) };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    let Ok(compressed) = written else {
        let problem = "the body cannot be compressed; set gzip to false".to_owned();
        return Err(Error::invalid_request(operation, problem));
    };
    *request.body_mut() = Some(compressed.into());
    request.headers_mut().remove(CONTENT_LENGTH);
    request.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Ok(())
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

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("endpoint", &self.endpoint()).finish_non_exhaustive()
    }
}
