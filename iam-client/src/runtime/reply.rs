//! An answer before it is decoded.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::{Error, Operation, Response, decode};

/// A successful answer whose body has been read and not been decoded.
///
/// For generated code, which knows what to expect. Every decoder gives a
/// result, those that cannot fail as well, so that all are called alike.
pub struct Reply {
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Reply {
    pub(super) fn new(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
    ) -> Self {
        Self { operation, status, headers, body }
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
            Err(problem) => Err(self.undecodable(&problem)),
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
    /// None.
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
    pub fn text(self) -> Result<Response<String>, Error> {
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
    /// None.
    pub fn bytes(self) -> Result<Response<Bytes>, Error> {
        Ok(Response::new(self.operation, self.status, self.headers, self.body))
    }

    /// No body; one that is there is ignored.
    ///
    /// # Errors
    ///
    /// None.
    pub fn empty(self) -> Result<Response<()>, Error> {
        Ok(Response::new(self.operation, self.status, self.headers, ()))
    }

    fn undecodable(&self, problem: &str) -> Error {
        Error::decode(
            self.operation,
            self.status,
            &self.headers,
            format!("cannot decode the response: {problem}"),
        )
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
