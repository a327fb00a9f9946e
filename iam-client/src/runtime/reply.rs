//! An answer before it is decoded.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;

use super::{Error, Operation, Response, decode, text::Redactor};

/// Longest content type that an error shows.
const MEDIA_TYPE_LIMIT: usize = 60;

/// A successful answer whose body has been read and not been decoded.
///
/// For generated code, which knows what to expect. Every decoder gives a
/// result, those that cannot fail as well, so that all are called alike.
pub struct Reply {
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    redactor: Redactor,
}

impl Reply {
    pub(super) fn new(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        redactor: Redactor,
    ) -> Self {
        Self { operation, status, headers, body, redactor }
    }

    /// The status, one of 2xx.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// A body in JSON.
    ///
    /// # Errors
    ///
    /// A decoding error with the path to the field, the position and what was
    /// expected; never with what stands there.
    pub fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        match decode::json(&self.body) {
            Ok(value) => Ok(Response::new(self.operation, self.status, self.headers, value)),
            Err(problem) => {
                self.expect_json()?;
                Err(self.undecodable(&problem))
            }
        }
    }

    /// A body in JSON that may be missing: `None` for an empty body (status 204
    /// has no other) and for `null`.
    ///
    /// # Errors
    ///
    /// As [`json`](Self::json).
    pub fn optional_json<T: DeserializeOwned>(self) -> Result<Response<Option<T>>, Error> {
        if self.body.trim_ascii().is_empty() { self.missing() } else { self.json() }
    }

    /// A body of text that may be missing: `None` for an empty one.
    ///
    /// # Errors
    ///
    /// As [`text`](Self::text).
    pub fn optional_text(self) -> Result<Response<Option<String>>, Error> {
        if self.body.is_empty() { self.missing() } else { Ok(self.text()?.map(Some)) }
    }

    /// A body that may be missing: `None` for an empty one.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    pub fn optional_bytes(self) -> Result<Response<Option<Bytes>>, Error> {
        if self.body.is_empty() { self.missing() } else { Ok(self.bytes()?.map(Some)) }
    }

    fn missing<T>(self) -> Result<Response<Option<T>>, Error> {
        Ok(Response::new(self.operation, self.status, self.headers, None))
    }

    /// A body of text in UTF-8.
    ///
    /// # Errors
    ///
    /// A decoding error if it is not UTF-8, or a web page.
    pub fn text(self) -> Result<Response<String>, Error> {
        self.expect_no_page()?;
        match std::str::from_utf8(&self.body) {
            Ok(text) => {
                let text = text.to_owned();
                Ok(Response::new(self.operation, self.status, self.headers, text))
            }
            Err(error) => {
                let at = error.valid_up_to();
                Err(self.undecodable(&format!("not UTF-8 after {at} bytes")))
            }
        }
    }

    /// The body as it came.
    ///
    /// # Errors
    ///
    /// A decoding error if it is a web page.
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        self.expect_no_page()?;
        Ok(Response::new(self.operation, self.status, self.headers, self.body))
    }

    /// No body. JSON that is there all the same is ignored.
    ///
    /// # Errors
    ///
    /// A decoding error if there is a body of another type: it may come from a
    /// proxy or a captive portal, and then nothing was done.
    pub fn empty(self) -> Result<Response<()>, Error> {
        self.expect_json()?;
        Ok(Response::new(self.operation, self.status, self.headers, ()))
    }

    /// Refuses a body that says to be something else than JSON.
    fn expect_json(&self) -> Result<(), Error> {
        self.expect(|media_type| media_type.ends_with("/json") || media_type.ends_with("+json"))
    }

    /// Refuses a web page where the document has none.
    fn expect_no_page(&self) -> Result<(), Error> {
        let is_page = |media_type: &str| media_type.contains("html");
        if self.operation.accept.is_some_and(is_page) {
            return Ok(());
        }
        self.expect(|media_type| !is_page(media_type))
    }

    /// Refuses a body with a content type that is not `accepted`.
    fn expect(&self, accepted: impl Fn(&str) -> bool) -> Result<(), Error> {
        let Some(content_type) = self.headers.get(CONTENT_TYPE) else { return Ok(()) };
        let text = String::from_utf8_lossy(content_type.as_bytes()).to_ascii_lowercase();
        let media_type = text.split(';').next().unwrap_or_default().trim();
        if self.body.trim_ascii().is_empty() || media_type.is_empty() || accepted(media_type) {
            return Ok(());
        }
        let shown = self.redactor.clean(media_type, MEDIA_TYPE_LIMIT).unwrap_or_default();
        Err(self.undecodable(&format!(
            "unexpected content type {shown}; a proxy, a captive portal or a wrong endpoint may \
             have responded, check them"
        )))
    }

    fn undecodable(&self, problem: &str) -> Error {
        Error::decode(
            self.operation,
            self.status,
            &self.headers,
            format!("cannot decode the response: {problem}"),
        )
        .redacted(&self.redactor)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Reply")
            .field("operation", &self.operation.id)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
