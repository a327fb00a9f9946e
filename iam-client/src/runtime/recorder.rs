//! The stand-in for the network that generated cores "send" to.

use std::{
    fmt,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError},
};

use reqwest::{Method, Request, Response};
use serde::Serialize;

use super::{
    Error, Operation, Parts, Style, additions::Additions, secret::secrets_in, text::Redactor,
};

/// The header that cores add to every request. No service asks for it.
const CORE_HEADER: &str = "api-version";

/// Keeps the request that a generated core builds, in place of sending it.
///
/// For generated code. Clones share what they keep. `Debug` shows nothing of
/// it.
#[derive(Clone, Default)]
pub struct Recorder {
    kept: Arc<Mutex<Kept>>,
    redactor: Redactor,
}

#[derive(Default)]
struct Kept {
    request: Option<Request>,
    additions: Additions,
}

/// A request that was recorded, and the secrets in it.
pub struct Recorded {
    pub(super) request: Request,
    pub(super) redactor: Redactor,
}

impl Recorder {
    /// Hides the secrets in an argument or a body, should the service repeat
    /// them.
    pub fn hide(&self, sent: &impl Serialize) {
        for secret in secrets_in(sent) {
            self.redactor.hide(secret.expose());
        }
    }

    /// Stands for a path parameter, which [`finish`](Self::finish) puts in the returned text's
    /// place.
    #[must_use]
    pub fn path(
        &self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &impl Serialize,
    ) -> String {
        self.lock().additions.path(name, style, explode, value)
    }

    /// Adds a query parameter; null is left out, here and in the other places.
    pub fn query(&self, name: &str, style: Style, explode: bool, value: &impl Serialize) {
        self.lock().additions.query(name, style, explode, value);
    }

    /// Adds a header.
    pub fn header(&self, name: &'static str, style: Style, explode: bool, value: &impl Serialize) {
        self.lock().additions.header(name, style, explode, value);
    }

    /// Adds a cookie.
    pub fn cookie(&self, name: &str, style: Style, explode: bool, value: &impl Serialize) {
        self.lock().additions.cookie(name, style, explode, value);
    }

    /// Sets a body of type `application/x-www-form-urlencoded`. `styles` has the fields whose
    /// style is not that of their type: `form`, exploded, or JSON for objects.
    pub fn form(&self, body: &impl Serialize, styles: &[(&str, Style, bool)]) {
        self.lock().additions.form(body, styles);
    }

    /// Sets a body of type `multipart/form-data`, and hides the secrets in it.
    pub fn multipart(&self, parts: Parts) {
        for secret in parts.secrets() {
            self.redactor.hide(secret.expose());
        }
        self.lock().additions.multipart(parts);
    }

    /// Keeps a request and makes the core believe that it was answered: with
    /// an empty 200.
    #[must_use]
    pub fn record(&self, request: Request) -> Response {
        self.lock().request = Some(request);
        Response::from(http::Response::new(""))
    }

    /// The request that was recorded, without what the core added of its own.
    ///
    /// `built` is what the core's method returned. It matters only if there is
    /// no request, since the core cannot decode the answer it was given.
    ///
    /// # Errors
    ///
    /// An invalid-request error if the core could not build a request. It
    /// names the operation, and no value.
    pub fn finish<T, E>(
        &self,
        operation: &'static Operation,
        built: Result<T, progenitor_client::Error<E>>,
    ) -> Result<Recorded, Error> {
        let mut kept = self.lock();
        if let Some(mut request) = kept.request.take() {
            remove_core_header(&mut request);
            // Told operations of one path apart, and is not sent.
            request.url_mut().set_fragment(None);
            // The core has no function for some methods.
            if request.method().as_str() != operation.method
                && let Ok(method) = Method::from_bytes(operation.method.as_bytes())
            {
                *request.method_mut() = method;
            }
            std::mem::take(&mut kept.additions).apply(operation, &mut request)?;
            return Ok(Recorded { request, redactor: self.redactor.clone() });
        }
        Err(Error::invalid_request(
            operation,
            match built {
                Err(error) => explain(&error),
                Ok(_) => "no request was built",
            }
            .to_owned(),
        ))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // A panic elsewhere cannot leave the one field half written.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request without secrets.
impl From<Request> for Recorded {
    fn from(request: Request) -> Self {
        Self { request, redactor: Redactor::default() }
    }
}

impl Deref for Recorded {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.request
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recorded")
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recorder")
    }
}

/// Takes out the core's own header, the first of that name; a parameter of the
/// operation with the same name comes after it and stays.
fn remove_core_header(request: &mut Request) {
    let headers = request.headers_mut();
    let own: Vec<_> = headers.get_all(CORE_HEADER).iter().skip(1).cloned().collect();
    headers.remove(CORE_HEADER);
    for value in own {
        headers.append(CORE_HEADER, value);
    }
}

/// Says which part could not be built. Errors of the core can quote values, so
/// only their kind is used.
fn explain<E>(error: &progenitor_client::Error<E>) -> &'static str {
    use progenitor_client::Error as Core;
    match error {
        Core::InvalidRequest(text) if text.contains("header") => {
            "a header parameter contains characters that a header cannot hold"
        }
        Core::InvalidRequest(text) if text.contains("body") => "the body cannot be encoded",
        Core::CommunicationError(_) => "a parameter or the body cannot be encoded",
        _ => "the request cannot be built",
    }
}
