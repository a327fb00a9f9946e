//! What a call returns.

use std::{fmt, ops::Deref};

use http::{HeaderMap, StatusCode};

use super::{ETag, Error, Operation};

/// A successful answer: its value with the status and headers that it came
/// with.
///
/// It dereferences to the value. `Debug` shows the status and the value; the
/// headers, which can hold cookies and credentials, are left out.
#[derive(Clone)]
pub struct Response<T> {
    operation: &'static Operation,
    status: StatusCode,
    headers: HeaderMap,
    value: T,
}

impl<T> Response<T> {
    pub(super) fn new(
        operation: &'static Operation,
        status: StatusCode,
        headers: HeaderMap,
        value: T,
    ) -> Self {
        Self { operation, status, headers, value }
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

    /// The version of the thing returned, to send in `If-Match` when changing
    /// it: the `ETag` header, or else `Entity-Tag`.
    ///
    /// # Errors
    ///
    /// A [decoding error](Error::is_decode) if there is neither.
    pub fn etag(&self) -> Result<ETag, Error> {
        match first_header(&self.headers, &["etag", "entity-tag"]) {
            Some(tag) => Ok(tag.into()),
            None => Err(Error::decode(
                self.operation,
                self.status,
                &self.headers,
                "the response has no entity tag (header ETag or Entity-Tag)".to_owned(),
            )),
        }
    }

    /// The identifier of this call, for the service's operators: the first of
    /// `Transaction-Id`, `X-Global-Transaction-Id`, `X-Correlation-Id` and
    /// `X-Request-Id`.
    #[must_use]
    pub fn transaction_id(&self) -> Option<&str> {
        transaction_id(&self.headers)
    }

    /// The value alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Status, headers and value.
    #[must_use]
    pub fn into_parts(self) -> (StatusCode, HeaderMap, T) {
        (self.status, self.headers, self.value)
    }

    /// The same answer with another value.
    #[must_use]
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Response<U> {
        let Self { operation, status, headers, value } = self;
        Response { operation, status, headers, value: convert(value) }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

/// The identifier of a call, under the names that services give it.
pub(super) fn transaction_id(headers: &HeaderMap) -> Option<&str> {
    first_header(
        headers,
        &["transaction-id", "x-global-transaction-id", "x-correlation-id", "x-request-id"],
    )
}

/// The first of the named headers that is readable and not empty.
fn first_header<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find(|value| !value.is_empty())
}
