//! A response before it is decoded.

use std::fmt;

use bytes::Bytes;
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use serde::de::DeserializeOwned;

use super::{
    Error, Operation, Response, content, decode, response::transaction_id, text::Redactor,
};

/// The longest content type that an error shows, in characters.
const MEDIA_TYPE_LIMIT: usize = 60;

/// For each object in a response, so many bytes must be allowed of it. Objects
/// of IAM have more on average, and a decoded one takes up to a kilobyte.
const BYTES_PER_OBJECT: usize = 64;

/// A successful response whose body has been read and not been decoded: what
/// `send_raw` returns, and what an error keeps of a response that could not be
/// [decoded](Error::is_decode).
///
/// `Debug` shows neither headers nor body, which can hold secrets.
#[derive(Clone)]
pub struct RawResponse {
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    /// The bytes allowed of the body.
    limit: usize,
    /// Hides the secrets of the request in errors.
    redactor: Redactor,
}

impl RawResponse {
    /// A response as it came, of whose body `limit` bytes are allowed.
    ///
    /// # Errors
    ///
    /// A decoding error if the body cannot be decompressed, or not within the limit.
    pub(super) fn new(
        operation: &'static Operation,
        status: StatusCode,
        mut headers: HeaderMap,
        body: Bytes,
        limit: usize,
        redactor: Redactor,
    ) -> Result<Self, Error> {
        match content::decompress(&mut headers, &body, limit) {
            Ok(decompressed) => {
                let body = decompressed.unwrap_or(body);
                Ok(Self { operation, status, headers, body, limit, redactor })
            }
            Err(problem) => {
                let hidden = redactor.clone();
                let compressed = Self { operation, status, headers, body, limit, redactor };
                Err(Error::undecodable(compressed, problem).redacted(&hidden))
            }
        }
    }

    /// The operation that was called.
    #[must_use]
    pub fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// The status, one of 2xx.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The identifier of the call; see [`Response::transaction_id`].
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        transaction_id(&self.headers)
    }

    /// The body, decompressed.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Decodes the body from JSON, into a type of your own or a
    /// [`serde_json::Value`].
    ///
    /// # Errors
    ///
    /// A [decoding error](Error::is_decode) with the path to the field, the
    /// position and what was expected, but not what was found. It keeps this
    /// response.
    pub fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        match decode::json(&self.body, self.limit / BYTES_PER_OBJECT) {
            Ok(value) => Ok(Response::new(self.operation, self.status, self.headers, value)),
            Err(problem) => {
                let this = self.expect_json()?;
                Err(this.undecodable(problem))
            }
        }
    }

    /// A body in JSON that may be missing: `None` for an empty body (status 204
    /// has no other) and for `null`.
    ///
    /// # Errors
    ///
    /// As [`json`](Self::json).
    #[doc(hidden)]
    pub fn optional_json<T: DeserializeOwned>(self) -> Result<Response<Option<T>>, Error> {
        if self.body.trim_ascii().is_empty() { self.missing() } else { self.json() }
    }

    /// A body of text that may be missing: `None` for an empty one.
    ///
    /// # Errors
    ///
    /// As [`text`](Self::text).
    #[doc(hidden)]
    pub fn optional_text(self) -> Result<Response<Option<String>>, Error> {
        if self.body.is_empty() { self.missing() } else { Ok(self.text()?.map(Some)) }
    }

    /// A body that may be missing: `None` for an empty one.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    #[doc(hidden)]
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
    #[doc(hidden)]
    pub fn text(self) -> Result<Response<String>, Error> {
        let this = self.expect_no_page()?;
        match std::str::from_utf8(&this.body) {
            Ok(text) => {
                let text = text.to_owned();
                Ok(Response::new(this.operation, this.status, this.headers, text))
            }
            Err(error) => {
                let at = error.valid_up_to();
                Err(this.undecodable(format!("not UTF-8 after {at} bytes")))
            }
        }
    }

    /// The body as it came.
    ///
    /// # Errors
    ///
    /// A decoding error if it is a web page.
    #[doc(hidden)]
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        let this = self.expect_no_page()?;
        Ok(Response::new(this.operation, this.status, this.headers, this.body))
    }

    /// No body. JSON that is there all the same is ignored.
    ///
    /// # Errors
    ///
    /// A decoding error if there is a body of another type: a proxy or a
    /// captive portal may have responded, and then nothing was done.
    #[doc(hidden)]
    pub fn empty(self) -> Result<Response<()>, Error> {
        let this = self.expect_json()?;
        Ok(Response::new(this.operation, this.status, this.headers, ()))
    }

    /// Refuses a body whose content type is not JSON.
    fn expect_json(self) -> Result<Self, Error> {
        self.expect(|media_type| media_type.ends_with("/json") || media_type.ends_with("+json"))
    }

    /// Refuses a web page where the document has none.
    fn expect_no_page(self) -> Result<Self, Error> {
        let is_page = |media_type: &str| media_type.contains("html");
        if self.operation.accept.is_some_and(is_page) {
            return Ok(self);
        }
        self.expect(|media_type| !is_page(media_type))
    }

    /// Refuses a body with a content type that is not `accepted`.
    fn expect(self, accepted: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let Some(content_type) = self.headers.get(CONTENT_TYPE) else { return Ok(self) };
        let text = String::from_utf8_lossy(content_type.as_bytes()).to_ascii_lowercase();
        let media_type = text.split(';').next().unwrap_or_default().trim();
        if self.body.trim_ascii().is_empty() || media_type.is_empty() || accepted(media_type) {
            return Ok(self);
        }
        let shown = self.redactor.clean(media_type, MEDIA_TYPE_LIMIT).unwrap_or_default();
        Err(self.undecodable(format!(
            "unexpected content type {shown}; a proxy, a captive portal or a wrong endpoint may \
             have responded, check them"
        )))
    }

    fn undecodable(self, problem: String) -> Error {
        let problem = if self.headers.contains_key(CONTENT_ENCODING) {
            "its Content-Encoding is not gzip".to_owned()
        } else {
            problem
        };
        let redactor = self.redactor.clone();
        Error::undecodable(self, problem).redacted(&redactor)
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RawResponse")
            .field("operation", &self.operation.id)
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
