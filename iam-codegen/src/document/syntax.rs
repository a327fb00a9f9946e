//! JSON and YAML to a value: bounded, and strict about repeated keys, which
//! would otherwise drop all but one of what they name.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{Limits, quoted::Quoted};
use crate::{depth::Depth, error::Problem, stack::guarded};

pub(super) fn parse(name: &str, bytes: &[u8], limits: &Limits) -> Result<Value, Problem> {
    if bytes.len() > limits.bytes {
        let message = format!("{} bytes are more than the limit of {}", bytes.len(), limits.bytes);
        return Err(Problem::new("", message));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = position(bytes, error.valid_up_to());
        Problem::at(line, column, "not UTF-8").remedy("save the file as UTF-8")
    })?;
    let value = if is_json(name, text) { json(text)? } else { yaml(text, limits)? };
    // Measured here and not while parsing, so that both formats count alike;
    // the parsers' own bounds keep this recursion shallow.
    check_nesting(&value, limits.nesting)?;
    Ok(value)
}

/// That objects and arrays lie at most `levels` deep in each other.
pub(super) fn check_nesting(value: &Value, levels: usize) -> Result<(), Problem> {
    if fits(value, Depth::new(levels)) {
        return Ok(());
    }
    let problem = Problem::new("", format!("nested more than {levels} levels deep"));
    Err(problem.remedy("give inner levels a name among the components, and refer to them"))
}

pub(crate) fn is_json(name: &str, text: &str) -> bool {
    match name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).as_deref() {
        Some("json") => true,
        Some("yml" | "yaml") => false,
        _ => text.trim_start().starts_with('{'),
    }
}

fn json(text: &str) -> Result<Value, Problem> {
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| {
        let message = error.to_string();
        // serde_json appends the position, which `Problem` states itself.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(text, _)| text);
        Problem::at(error.line(), error.column(), message)
    })
}

/// The parser's message on a line of quoted text that is not indented.
const UNINDENTED: &str = "invalid indentation in multiline quoted scalar";

fn yaml(text: &str, limits: &Limits) -> Result<Value, Problem> {
    let is_unindented = |problem: &Problem| problem.message.starts_with(UNINDENTED);
    let first = match parse_yaml(text, limits) {
        Err(problem) if is_unindented(&problem) => problem,
        parsed => return parsed,
    };
    let mut quoted = Quoted::new(text, limits);
    let mut last = first.clone();
    loop {
        let indented = last.position.and_then(|(line, _)| quoted.indent(line));
        // What cannot be helped begins where the text does.
        let Some(indented) = indented else { return Err(first) };
        match parse_yaml(&indented, limits) {
            Err(problem) if is_unindented(&problem) => last = problem,
            Err(mut problem) => {
                let original = |(line, column)| (line, quoted.column(line, column));
                problem.position = problem.position.map(original);
                return Err(problem);
            }
            parsed => return parsed,
        }
    }
}

fn parse_yaml(text: &str, limits: &Limits) -> Result<Value, Problem> {
    let parsed = guarded(|| {
        let options = serde_saphyr::options! {
            strict_booleans: true,
            with_snippet: false,
            budget: serde_saphyr::budget! {
                max_events: limits.nodes.saturating_mul(2),
                max_nodes: limits.nodes,
                max_depth: limits.nesting + 1,
                max_documents: 1,
            },
            alias_limits: serde_saphyr::alias_limits! {
                max_total_replayed_events: limits.alias_nodes,
            },
        };
        serde_saphyr::from_str_with_options::<Strict>(text, options).map_err(|error| {
            let message = error.without_snippet().to_string();
            let message = message.lines().next().unwrap_or("bad YAML").trim().to_owned();
            match error.location() {
                Some(at) => {
                    let (line, column) = (at.line() as usize, at.column() as usize);
                    // `Problem` states the position itself.
                    let stated = format!(" at line {line}, column {column}");
                    let message = message.strip_suffix(&stated).unwrap_or(&message);
                    Problem::at(line, column, message)
                }
                None => Problem::new("", message),
            }
        })
    });
    match parsed {
        Ok(parsed) => parsed.map(|strict| strict.0),
        Err(message) => Err(Problem::new("", format!("cannot be parsed: {message}"))),
    }
}

fn position(bytes: &[u8], at: usize) -> (usize, usize) {
    let before = &bytes[..at];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    (line, column)
}

fn fits(value: &Value, left: Depth) -> bool {
    let Some(left) = left.down() else { return !(value.is_array() || value.is_object()) };
    match value {
        Value::Array(items) => items.iter().all(|item| fits(item, left)),
        Value::Object(map) => map.values().all(|value| fits(value, left)),
        _ => true,
    }
}

/// A JSON value without repeated keys.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number that JSON does not have"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            if map.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` stands here twice")));
            }
            let Strict(value) = access.next_value()?;
            map.insert(key, value);
        }
        Ok(map.into())
    }
}
