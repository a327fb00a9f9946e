//! JSON decoding that forgives what IBM's SDKs forgive, and whose errors say
//! where and what was expected, and never what was there.
//!
//! A body that decodes is read once. One that does not is looked at again as
//! text ([`scan`]): for what can be mended, and for the field at the position
//! of the error. Neither builds a second copy of the values.
//!
//! serde's messages quote values (`invalid type: string "hunter2", expected
//! u64`). What they expected is kept of them, the rest is dropped.

use serde::de::DeserializeOwned;
use serde_json::{Error, error::Category};

use super::{scan, text::one_line};

/// Longest text kept of an expectation.
const EXPECTED_LIMIT: usize = 200;
/// Longest path shown.
const PATH_LIMIT: usize = 200;

/// Decodes a body that has at most `max_objects` objects.
///
/// # Errors
///
/// What is wrong and where, in one line without content.
pub(super) fn json<T: DeserializeOwned>(body: &[u8], max_objects: usize) -> Result<T, String> {
    if body.trim_ascii().is_empty() {
        return Err("the body is empty".to_owned());
    }
    // A few bytes of an object can take kilobytes once decoded.
    if body.len() / 2 > max_objects
        && braces(body) > max_objects
        && scan::objects(body) > max_objects
    {
        return Err(format!(
            "it has more than {max_objects} objects; ask for smaller pages, or raise \
             max_response_bytes"
        ));
    }
    let error = match serde_json::from_slice(body) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let Some(mended) = scan::mended(body) else { return Err(explain(body, &error)) };
    serde_json::from_slice(&mended).map_err(|error| explain(&mended, &error))
}

fn braces(body: &[u8]) -> usize {
    body.iter().filter(|byte| **byte == b'{').count()
}

/// Describes an error and its place, without content.
fn explain(body: &[u8], error: &Error) -> String {
    let (line, column) = (error.line(), error.column());
    let problem = match error.classify() {
        Category::Data => {
            let path = one_line(&scan::path_at(body, offset(body, line, column)), PATH_LIMIT);
            let separator = if path.is_empty() { "" } else { ": " };
            format!("{path}{separator}{}", reason(&error.to_string()))
        }
        Category::Eof => "the JSON ends early".to_owned(),
        Category::Syntax | Category::Io => "the body is not JSON".to_owned(),
    };
    format!("{problem} (line {line}, column {column})")
}

/// The bytes before a position.
fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let breaks = body.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let start = match line.checked_sub(2) {
        Some(index) => breaks.map(|(at, _)| at + 1).nth(index).unwrap_or(body.len()),
        None => 0,
    };
    start.saturating_add(column)
}

/// The part of serde's message on the type, without the value.
fn reason(message: &str) -> String {
    let position = message.rfind(" at line ").unwrap_or(message.len());
    let message = message.get(..position).unwrap_or(message);
    // Content that looks like a message comes before the expectation.
    let parts = |start| message.strip_prefix(start)?.rsplit_once(", expected ");
    let expected = |text| one_line(text, EXPECTED_LIMIT);
    let known = if let Some((found, text)) = parts("invalid type: ") {
        kind(found).map(|kind| format!("expected {}, found {kind}", expected(text)))
    } else if let Some((found, text)) = parts("invalid value: ") {
        kind(found).map(|kind| format!("expected {}, found another value ({kind})", expected(text)))
    } else if let Some(rest) = message.strip_prefix("missing field `") {
        rest.strip_suffix('`').filter(|n| scan::is_name(n)).map(|n| format!("missing field {n}"))
    } else {
        let union = message.strip_prefix("data did not match any variant of untagged enum ");
        union.filter(|n| scan::is_name(n)).map(|n| format!("matches no variant of {n}"))
    };
    known.unwrap_or_else(|| "the value is not accepted".to_owned())
}

/// The kind of value that a message of serde's names.
fn kind(found: &str) -> Option<&'static str> {
    Some(match found {
        "null" => "null",
        "sequence" => "an array",
        "map" => "an object",
        _ if found.starts_with("string \"") => "a string",
        _ if found.starts_with("integer `") => "an integer",
        _ if found.starts_with("floating point `") => "a number with a fraction",
        _ if found.starts_with("boolean `") => "a boolean",
        _ => return None,
    })
}
