//! What services say about a failure, in all the shapes that they say it in.

use serde_json::{Map, Value};

use super::{decode, text::Redactor};

/// Most characters kept of anything that explains.
const TEXT_LIMIT: usize = 500;
/// Most characters kept of a code or an identifier.
const WORD_LIMIT: usize = 100;
/// Most entries kept of a list of errors.
const ENTRY_LIMIT: usize = 32;

/// One entry of a service's answer to a failed call.
///
/// Every text is the service's own. It is kept on one line with control
/// characters escaped, is cut after 500 characters (codes after 100), and has
/// the secrets of the request replaced by `***`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceError {
    code: Option<String>,
    message: Option<String>,
    message_code: Option<String>,
    more_info: Option<String>,
    details: Option<String>,
}

impl ServiceError {
    /// The code for programs, such as `not_found` or `BXNIM0101E`.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The explanation for people.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The code of the message, as identity services give it beside a code.
    #[must_use]
    pub fn message_code(&self) -> Option<&str> {
        self.message_code.as_deref()
    }

    /// Where to read more, usually a URL.
    #[must_use]
    pub fn more_info(&self) -> Option<&str> {
        self.more_info.as_deref()
    }

    /// Particulars: a text, or JSON in text form (which the limit of 500
    /// characters may have cut).
    #[must_use]
    pub fn details(&self) -> Option<&str> {
        self.details.as_deref()
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// All that could be read from the body of a failure.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// The errors in the order given; one made of the body's own fields if it
    /// has no list.
    pub(super) errors: Vec<ServiceError>,
    /// The identifier under which the service traced the call.
    pub(super) trace: Option<String>,
}

impl Report {
    /// Reads an error body. One that is not a JSON object says nothing.
    pub(super) fn read(body: &[u8], redactor: &Redactor) -> Self {
        match decode::json(body, usize::MAX) {
            Ok(Value::Object(body)) => Reader { redactor }.report(&body),
            _ => Self::default(),
        }
    }
}

/// A JSON object's fields.
type Fields = Map<String, Value>;

/// Reads fields by any of the names that services use.
struct Reader<'a> {
    redactor: &'a Redactor,
}

impl Reader<'_> {
    fn report(&self, body: &Fields) -> Report {
        let mut errors: Vec<_> = match body.get("errors") {
            Some(Value::Array(entries)) => {
                entries.iter().filter_map(|entry| self.entry(entry)).take(ENTRY_LIMIT).collect()
            }
            _ => Vec::new(),
        };
        // Some answers keep everything in one nested `error` object.
        let nested = body.get("error").and_then(Value::as_object);
        let outer = self.outer(body);
        if errors.is_empty()
            && let Some(nested) = nested
        {
            errors.extend(Some(self.outer(nested)).filter(|error| !error.is_empty()));
        }
        match errors.first_mut() {
            Some(first) => {
                first.code = first.code.take().or(outer.code);
                first.message = first.message.take().or(outer.message);
            }
            None => errors.extend(Some(outer).filter(|error| !error.is_empty())),
        }
        Report {
            errors,
            trace: self.trace(body).or_else(|| nested.and_then(|nested| self.trace(nested))),
        }
    }

    /// One element of `errors`.
    fn entry(&self, entry: &Value) -> Option<ServiceError> {
        let error = match entry {
            Value::Object(fields) => ServiceError {
                code: self.word(fields, &["code"]),
                message: self.text(fields, &["message"]),
                message_code: self.word(fields, &["message_code"]),
                more_info: self.text(fields, &["more_info"]),
                details: self.text(fields, &["details"]),
            },
            other => {
                ServiceError { message: self.shown(other, TEXT_LIMIT), ..ServiceError::default() }
            }
        };
        (!error.is_empty()).then_some(error)
    }

    /// An error told by the fields of the body itself, as the token endpoint,
    /// OAuth and gateways do.
    fn outer(&self, fields: &Fields) -> ServiceError {
        // `error` is a code beside a message, and otherwise all there is.
        let error = fields.get("error").filter(|error| !error.is_object());
        let shown = |limit| error.and_then(|error| self.shown(error, limit));
        let message = self.text(fields, &["error_description", "message", "errorMessage"]);
        let error_code = message.as_ref().and_then(|_| shown(WORD_LIMIT));
        ServiceError {
            code: self.word(fields, &["code", "errorCode"]).or(error_code),
            message: message.or_else(|| shown(TEXT_LIMIT)),
            message_code: self.word(fields, &["message_code"]),
            more_info: self.text(fields, &["more_info"]),
            details: self.text(fields, &["details", "errorDetails"]),
        }
    }

    fn trace(&self, body: &Fields) -> Option<String> {
        self.word(body, &["trace"]).or_else(|| {
            let context = body.get("context")?.as_object()?;
            self.word(context, &["transaction_id", "request_id", "requestId"])
        })
    }

    fn word(&self, fields: &Fields, names: &[&str]) -> Option<String> {
        self.first(fields, names, WORD_LIMIT)
    }

    fn text(&self, fields: &Fields, names: &[&str]) -> Option<String> {
        self.first(fields, names, TEXT_LIMIT)
    }

    /// The first of the named fields that says anything.
    fn first(&self, fields: &Fields, names: &[&str], limit: usize) -> Option<String> {
        names.iter().filter_map(|name| fields.get(*name)).find_map(|value| self.shown(value, limit))
    }

    /// A value as text; numbers and objects in JSON.
    fn shown(&self, value: &Value, limit: usize) -> Option<String> {
        match value {
            Value::Null => None,
            Value::String(text) => self.redactor.clean(text, limit),
            // Each text before it is escaped; the whole for numbers.
            other => self.redactor.clean(&self.redacted(other).to_string(), limit),
        }
    }

    fn redacted(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.redactor.redact(text).into(),
            Value::Array(items) => items.iter().map(|item| self.redacted(item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(name, value)| {
                    (self.redactor.redact(name).into_owned(), self.redacted(value))
                })
                .collect(),
            other => other.clone(),
        }
    }
}

/// Cleans an identifier that came in a header.
pub(super) fn identifier(redactor: &Redactor, text: &str) -> Option<String> {
    redactor.clean(text, WORD_LIMIT)
}
