//! JSON decoding whose errors say where and what was expected, and never what
//! was there.
//!
//! serde's messages quote values (`invalid type: string "hunter2", expected
//! u64`). They are therefore not used. A body that fails to decode is decoded
//! a second time with an error type, [`Reason`], that is given the value and
//! the expectation apart and keeps only the latter.

use std::fmt::{self, Display, Write as _};

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, Error as _, Expected, IntoDeserializer, Unexpected, Visitor,
        value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Value, error::Category};
use serde_path_to_error::{Path, Segment};

use super::text::one_line;

/// Longest text kept of an expectation.
const EXPECTED_LIMIT: usize = 200;
/// Longest path shown, and longest key in it.
const PATH_LIMIT: usize = 200;
const KEY_LIMIT: usize = 40;

/// Decodes a body.
///
/// # Errors
///
/// What is wrong and where, in one line without content.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    if body.trim_ascii().is_empty() {
        return Err("the body is empty".to_owned());
    }
    // Keeping track of the path costs as much again, and few bodies need it.
    if let Ok(value) = serde_json::from_slice(body) {
        return Ok(value);
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let error = match serde_path_to_error::deserialize(&mut deserializer) {
        Ok(value) => match deserializer.end() {
            Ok(()) => return Ok(value),
            Err(error) => error,
        },
        Err(error) if error.inner().is_data() => {
            let place = place(error.path());
            let position = position(error.inner());
            let reason = reason::<T>(body);
            return Err(format!("{place}{reason} {position}"));
        }
        Err(error) => error.into_inner(),
    };
    let problem = match error.classify() {
        Category::Eof => "the JSON ends early",
        Category::Syntax | Category::Data | Category::Io => "the body is not JSON",
    };
    Err(format!("{problem} {}", position(&error)))
}

fn position(error: &serde_json::Error) -> String {
    format!("(line {}, column {})", error.line(), error.column())
}

/// The path to a field, followed by a colon; nothing for the body as a whole.
fn place(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        let key = match segment {
            Segment::Seq { index } => {
                // Writing to a String cannot fail.
                let _ = write!(text, "[{index}]");
                continue;
            }
            Segment::Map { key } => key,
            Segment::Enum { variant } => variant,
            Segment::Unknown => "?",
        };
        if !text.is_empty() {
            text.push('.');
        }
        // Keys of maps are content. What looks like a field's name is shown.
        text.push_str(if is_name(key) { key } else { "?" });
    }
    if text.is_empty() { text } else { one_line(&text, PATH_LIMIT) + ": " }
}

fn is_name(key: &str) -> bool {
    key.len() <= KEY_LIMIT
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

/// Why a well-formed body does not decode.
fn reason<T: DeserializeOwned>(body: &[u8]) -> Reason {
    let general = || Reason::custom("");
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => T::deserialize(Node(&value)).err().unwrap_or_else(general),
        Err(_) => general(),
    }
}

/// A decoding error without content.
#[derive(Debug)]
struct Reason(String);

impl Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Reason {}

impl serde::de::Error for Reason {
    fn custom<M: Display>(message: M) -> Self {
        // Such messages may quote values, but for one that serde itself makes.
        let message = message.to_string();
        let union = message.strip_prefix("data did not match any variant of untagged enum ");
        Self(match union.filter(|name| is_name(name)) {
            Some(name) => format!("matches no variant of {name}"),
            None => "the value is not accepted".to_owned(),
        })
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = one_line(&expected.to_string(), EXPECTED_LIMIT);
        Self(format!("expected {expected}, found {}", kind(&found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = one_line(&expected.to_string(), EXPECTED_LIMIT);
        Self(format!("expected {expected}, found another value ({})", kind(&found)))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let expected = one_line(&expected.to_string(), EXPECTED_LIMIT);
        Self(format!("expected {expected}, found {length} elements"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let expected = one_line(&expected.join(", "), EXPECTED_LIMIT);
        Self(format!("expected one of {expected}, found another value"))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        let expected = one_line(&expected.join(", "), EXPECTED_LIMIT);
        Self(format!("unknown field beside {expected}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("missing field {field}"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(format!("duplicate field {field}"))
    }
}

/// What sort of value was found, without the value.
fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Char(_) | Unexpected::Str(_) => "a string",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "an array",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

/// A deserializer of JSON values with [`Reason`] as its error.
struct Node<'a>(&'a Value);

impl<'a> IntoDeserializer<'a, Reason> for Node<'a> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Reason;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => {
                if let Some(value) = number.as_u64() {
                    visitor.visit_u64(value)
                } else if let Some(value) = number.as_i64() {
                    visitor.visit_i64(value)
                } else {
                    visitor.visit_f64(number.as_f64().unwrap_or(f64::NAN))
                }
            }
            Value::String(value) => visitor.visit_borrowed_str(value),
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(Node));
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| (key.as_str(), Node(value)));
                let mut fields = MapDeserializer::new(fields);
                let value = visitor.visit_map(&mut fields)?;
                fields.end()?;
                Ok(value)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Reason> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Reason> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Reason> {
        match self.0 {
            Value::Object(fields) => {
                let fields = fields.iter().map(|(key, value)| (key.as_str(), Node(value)));
                let fields = MapAccessDeserializer::new(MapDeserializer::new(fields));
                fields.deserialize_enum(name, variants, visitor)
            }
            Value::String(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string
        bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
