//! A request as the wire has it: expected by the document, or seen by a server.

use std::collections::BTreeMap;

use iam_tests::calls::Values;
use reqwest::Url;
use serde_json::Value;

use super::{document::Operation, values::Given};
use crate::server::{Seen, TOKEN, TRANSACTION};

/// Headers that belong to the connection or name the program.
const TRANSPORT: [&str; 5] =
    ["host", "user-agent", "accept-encoding", "connection", "content-length"];

/// What is compared of a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wire {
    pub(crate) method: String,
    /// Decoded.
    pub(crate) segments: Vec<String>,
    /// Decoded and sorted.
    pub(crate) query: Vec<(String, String)>,
    /// By lower-case name, without [`TRANSPORT`] and an `Accept` of anything.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Body {
    None,
    Json(Value),
    /// Decoded and sorted.
    Form(Vec<(String, String)>),
    Text(String),
}

impl Wire {
    /// The request that the document describes for these values.
    pub(crate) fn expected(operation: &Operation, given: &Given) -> Self {
        // A fragment only tells operations apart.
        let path = operation.path.split('#').next().unwrap();
        let (path, fixed) = path.split_once('?').unwrap_or((path, ""));
        let segments = path.split('/').skip(1).map(|segment| {
            match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) => text(&given.path[name]),
                None => segment.to_owned(),
            }
        });
        let mut headers: BTreeMap<_, _> =
            given.header.iter().map(|(name, value)| (name.to_lowercase(), text(value))).collect();
        let mut set = |name: &str, value: &str| headers.insert(name.to_owned(), value.to_owned());
        if !operation.anonymous {
            set("authorization", &format!("Bearer {TOKEN}"));
        }
        if let Some(reply) = &operation.reply {
            set("accept", &reply.content_type);
        }
        let body = match (&operation.body, &given.body) {
            (Some(body), Some(value)) => {
                set("content-type", &body.media.content_type);
                match body.media.content_type.as_str() {
                    _ if body.media.is_json() => Body::Json(value.clone()),
                    "application/x-www-form-urlencoded" => {
                        let fields = value.as_object().expect("a form has fields");
                        Body::Form(sorted(fields.iter().map(|(k, v)| (k.clone(), text(v)))))
                    }
                    _ => Body::Text(text(value)),
                }
            }
            _ => Body::None,
        };
        let query = given.query.iter().flat_map(|(name, value)| {
            let exploded = operation.parameters.iter().any(|p| p.field.name == *name && p.explode);
            let texts = match value {
                Value::Array(items) if exploded => items.iter().map(text).collect(),
                Value::Array(items) if items.is_empty() => Vec::new(),
                value => vec![text(value)],
            };
            texts.into_iter().map(|text| (name.clone(), text)).collect::<Vec<_>>()
        });
        let query: Vec<_> = query.chain(pairs(fixed)).collect();
        Self {
            method: operation.method.clone(),
            segments: segments.collect(),
            query: sorted(query.into_iter()),
            headers,
            body,
        }
    }

    /// What a server saw.
    pub(crate) fn seen(seen: &Seen) -> Self {
        let names = seen.headers.keys().map(|name| name.as_str());
        let headers = names.map(|name| {
            let values = seen.headers.get_all(name).iter();
            let values: Vec<_> =
                values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
            (name.to_owned(), values.join(" AND AGAIN "))
        });
        // The client's own, unless the operation has a parameter for it.
        let headers =
            headers.filter(|(name, value)| name != "transaction-id" || value != TRANSACTION);
        Self::read(&seen.method, &seen.target, headers, &seen.body)
    }

    /// What was on the wire.
    pub(crate) fn read(
        method: &str,
        target: &str,
        headers: impl Iterator<Item = (String, String)>,
        body: &[u8],
    ) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: BTreeMap<_, _> = headers
            .filter(|(name, value)| {
                !TRANSPORT.contains(&name.as_str()) && (name != "accept" || value != "*/*")
            })
            .collect();
        let text = String::from_utf8_lossy(body).into_owned();
        let body = match headers.get("content-type").map(String::as_str) {
            None if body.is_empty() => Body::None,
            Some(json) if json.starts_with("application/json") => {
                match serde_json::from_slice(body) {
                    Ok(value) => Body::Json(value),
                    Err(_) => Body::Text(text),
                }
            }
            Some("application/x-www-form-urlencoded") => Body::Form(pairs(&text)),
            _ => Body::Text(text),
        };
        Self {
            method: method.to_owned(),
            segments: path.split('/').skip(1).map(decoded).collect(),
            query: pairs(query),
            headers,
            body,
        }
    }

    /// How `self` differs from what is expected, a line for each place.
    pub(crate) fn differences(&self, expected: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.method != expected.method {
            lines.push(format!("method: {} for {}", self.method, expected.method));
        }
        if self.segments != expected.segments {
            lines.push(format!("path: {:?} for {:?}", self.segments, expected.segments));
        }
        if self.query != expected.query {
            lines.extend(unlike("query", &self.query, &expected.query));
        }
        if self.headers != expected.headers {
            let list = |headers: &BTreeMap<String, String>| headers.clone().into_iter().collect();
            let (seen, expected): (Vec<_>, Vec<_>) = (list(&self.headers), list(&expected.headers));
            lines.extend(unlike("header", &seen, &expected));
        }
        match (&self.body, &expected.body) {
            (seen, expected) if seen == expected => {}
            (Body::Json(seen), Body::Json(expected)) => {
                lines.extend(json_differences("body", seen, expected));
            }
            (Body::Form(seen), Body::Form(expected)) => {
                lines.extend(unlike("form field", seen, expected));
            }
            (seen, expected) => lines.push(format!("body: {seen:?} for {expected:?}")),
        }
        lines
    }
}

/// What a call is to be made with.
pub(crate) fn to_call(given: &Given) -> Values {
    let mut values = Values::new();
    for (place, list) in [("path", &given.path), ("query", &given.query), ("header", &given.header)]
    {
        for (name, value) in list {
            values.set(place, name, value.clone());
        }
    }
    match &given.body {
        None => {}
        Some(Value::Object(fields)) => {
            for (name, value) in fields {
                values.set("body", name, value.clone());
            }
        }
        Some(body) => values.set_body(body.clone()),
    }
    values
}

/// A scalar, or a list of them, as a URL, header or form has it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn sorted(pairs: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    pairs
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let url = Url::parse(&format!("http://localhost/?{query}")).unwrap();
    sorted(url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())))
}

/// A segment of a path, where a plus is a plus.
fn decoded(segment: &str) -> String {
    pairs(&segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D"))
        .into_iter()
        .map(|(name, _)| name)
        .collect()
}

fn unlike(what: &str, seen: &[(String, String)], expected: &[(String, String)]) -> Vec<String> {
    let without = |list: &[(String, String)], other: &[(String, String)], how: &str| {
        let only = list.iter().filter(|pair| !other.contains(pair));
        only.map(|(name, value)| format!("{what} {name}: {how} {value:?}")).collect::<Vec<_>>()
    };
    let mut lines = without(seen, expected, "sent");
    lines.extend(without(expected, seen, "expected"));
    if lines.is_empty() {
        lines.push(format!("{what}: {seen:?} for {expected:?}"));
    }
    lines
}

/// Where two JSON values differ, by path.
pub(crate) fn json_differences(path: &str, seen: &Value, expected: &Value) -> Vec<String> {
    match (seen, expected) {
        (Value::Object(seen), Value::Object(expected)) => {
            let mut lines = Vec::new();
            for (name, value) in seen {
                match expected.get(name) {
                    Some(other) => {
                        lines.extend(json_differences(&format!("{path}.{name}"), value, other));
                    }
                    None => lines.push(format!("{path}.{name}: unexpected: {value}")),
                }
            }
            let missing = expected.iter().filter(|(name, _)| !seen.contains_key(*name));
            lines.extend(missing.map(|(name, value)| format!("{path}.{name}: lost: {value}")));
            lines
        }
        (Value::Array(seen), Value::Array(expected)) if seen.len() == expected.len() => seen
            .iter()
            .zip(expected)
            .enumerate()
            .flat_map(|(index, (a, b))| json_differences(&format!("{path}[{index}]"), a, b))
            .collect(),
        (seen, expected) if seen == expected => Vec::new(),
        (seen, expected) => vec![format!("{path}: {seen} for {expected}")],
    }
}
