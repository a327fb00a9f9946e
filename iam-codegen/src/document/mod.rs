//! Load: bytes to a [`Document`] whose syntax, version and references hold.

mod quoted;
pub(crate) mod references;
mod syntax;
pub mod walk;

pub(crate) use syntax::is_json;

use std::sync::Arc;

use serde_json::Value;

use crate::error::{Error, Problem};

/// Bounds on what is read, so that a hostile document ends in an error.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Limits {
    /// Size of the file in bytes. Default: 32 MiB.
    pub bytes: usize,
    /// Depth of nested objects and arrays; more than 127 cannot be had. Default: 100.
    pub nesting: usize,
    /// Nodes of a YAML document, its aliases expanded. Default: 2,000,000.
    pub nodes: usize,
    /// Nodes that the aliases of a YAML document may add. Default: 100,000.
    pub alias_nodes: usize,
}

/// The depth to which objects and arrays may be nested, also after overlays.
const NESTING: usize = 127;

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 32 << 20, nesting: 100, nodes: 2_000_000, alias_nodes: 100_000 }
    }
}

/// An OpenAPI document of version 3.0, 3.1 or 3.2.
///
/// Every `$ref` in it leads to a place in it, no chain of references returns to
/// itself, and no schema is composed of itself, unless it comes from
/// [`Document::parse_unresolved`].
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    value: Value,
    text: Option<Arc<str>>,
}

/// By name and content: how the text is laid out does not count.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.value == other.value
    }
}

impl Document {
    /// Reads a document from JSON or YAML.
    ///
    /// `name` stands in errors and is best a path that the reader can open; its
    /// extension (`json`, `yml`, `yaml`) decides the format, and without one of
    /// these the first character does.
    ///
    /// # Errors
    /// Bad syntax (with line and column), a limit passed, a version other than
    /// 3.0, 3.1 and 3.2, and references that lead nowhere or in a circle.
    pub fn parse(name: impl Into<String>, bytes: &[u8], limits: &Limits) -> Result<Self, Error> {
        Self::parse_unresolved(name, bytes, limits)?.resolved()
    }

    /// Reads a document whose references may lead nowhere or in a circle.
    ///
    /// An overlay can correct them. [`run`](crate::run) checks the references that remain,
    /// or gives them something to stand for.
    ///
    /// # Errors
    /// As [`Document::parse`], but for references.
    pub fn parse_unresolved(
        name: impl Into<String>,
        bytes: &[u8],
        limits: &Limits,
    ) -> Result<Self, Error> {
        let name = name.into();
        match syntax::parse(&name, bytes, limits) {
            Ok(value) => {
                let text = String::from_utf8_lossy(bytes).into();
                Ok(Self { text: Some(text), ..Self::unresolved(name, value)? })
            }
            Err(problem) => Err(Error::new(name, [problem])),
        }
    }

    /// Takes a document that was parsed elsewhere, whatever its references are.
    pub(crate) fn unresolved(name: impl Into<String>, value: Value) -> Result<Self, Error> {
        let name = name.into();
        match syntax::check_nesting(&value, NESTING).and_then(|()| check_version(&value)) {
            Ok(()) => Ok(Self { name, value, text: None }),
            Err(problem) => Err(Error::new(name, [problem])),
        }
    }

    /// Takes a document that was parsed elsewhere.
    ///
    /// # Errors
    /// As [`Document::parse`], but for syntax and size.
    pub fn from_value(name: impl Into<String>, value: Value) -> Result<Self, Error> {
        Self::unresolved(name, value)?.resolved()
    }

    /// This document, its references checked.
    fn resolved(self) -> Result<Self, Error> {
        let faults = references::faults(&self.value);
        if faults.is_empty() {
            return Ok(self);
        }
        let problems: Vec<_> = faults.into_iter().map(|fault| fault.problem).collect();
        Err(Error::new(self.name, problems))
    }

    /// The name given to [`Document::parse`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document as JSON.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The text it was parsed from, if it was.
    pub fn text(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// This document as one that was made from `text`, so that places in it can
    /// be found there: after an overlay, for instance.
    #[must_use]
    pub fn with_text(self, text: impl Into<Arc<str>>) -> Self {
        Self { text: Some(text.into()), ..self }
    }

    /// The name and the document as JSON.
    pub fn into_parts(self) -> (String, Value) {
        (self.name, self.value)
    }
}

/// Parses any JSON or YAML file within `limits`, for instance an overlay.
///
/// # Errors
/// Bad syntax, with line and column, or a limit passed.
pub fn parse_value(name: &str, bytes: &[u8], limits: &Limits) -> Result<Value, Error> {
    syntax::parse(name, bytes, limits).map_err(|problem| Error::new(name, [problem]))
}

fn check_version(value: &Value) -> Result<(), Problem> {
    let remedy = "give an OpenAPI document of version 3.0, 3.1 or 3.2";
    let Some(document) = value.as_object() else {
        return Err(Problem::new("", "the document is not an object").remedy(remedy));
    };
    let Some(version) = document.get("openapi") else {
        let message = match document.get("swagger").and_then(Value::as_str) {
            Some(version) => format!("this is Swagger {version}"),
            None => "the field `openapi` is missing".to_owned(),
        };
        return Err(Problem::new("", message).remedy(remedy));
    };
    let supported = version.as_str().is_some_and(|version| {
        let mut parts = version.split('.');
        matches!(
            (parts.next(), parts.next(), parts.next(), parts.next()),
            (Some("3"), Some("0" | "1" | "2"), Some(patch), None) if patch.parse::<u32>().is_ok()
        )
    });
    if supported {
        Ok(())
    } else {
        Err(Problem::new("/openapi", format!("version {version} is not supported")).remedy(remedy))
    }
}

#[cfg(test)]
mod tests;
