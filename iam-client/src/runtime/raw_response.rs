//! A response before it is decoded.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::CONTENT_ENCODING};
use serde::de::DeserializeOwned;

use super::{Error, Operation, Response, content, decode, response::transaction_id};

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
    ) -> Result<Self, Error> {
        match content::decompress(&mut headers, &body, limit) {
            Ok(decompressed) => {
                let body = decompressed.unwrap_or(body);
                Ok(Self { operation, status, headers, body, limit })
            }
            Err(problem) => {
                let compressed = Self { operation, status, headers, body, limit };
                Err(Error::undecodable(compressed, problem))
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
            Err(problem) => Err(self.undecodable(problem)),
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
    /// None.
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
    /// A decoding error if it is not UTF-8.
    #[doc(hidden)]
    pub fn text(self) -> Result<Response<String>, Error> {
        match std::str::from_utf8(&self.body) {
            Ok(text) => {
                let text = text.to_owned();
                Ok(Response::new(self.operation, self.status, self.headers, text))
            }
            Err(error) => {
                let at = error.valid_up_to();
                Err(self.undecodable(format!("not UTF-8 after {at} bytes")))
            }
        }
    }

    /// The body as it came.
    ///
    /// # Errors
    ///
    /// None.
    #[doc(hidden)]
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        Ok(Response::new(self.operation, self.status, self.headers, self.body))
    }

    /// No body; one that is there is ignored.
    ///
    /// # Errors
    ///
    /// None.
    #[doc(hidden)]
    pub fn empty(self) -> Result<Response<()>, Error> {
        Ok(Response::new(self.operation, self.status, self.headers, ()))
    }

    fn undecodable(self, problem: String) -> Error {
        let problem = if self.headers.contains_key(CONTENT_ENCODING) {
            "its Content-Encoding is not gzip".to_owned()
        } else {
            problem
        };
        Error::undecodable(self, problem)
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
