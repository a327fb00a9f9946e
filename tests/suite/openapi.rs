//! Reads a document of OpenAPI 3.0 as it stands, without the generator.

use std::sync::LazyLock;

use iam_codegen::{overlay, sources::Sources};
use serde_json::Value;

use crate::workspace;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// A document that a part of the client is generated from.
pub(crate) struct Vendored {
    /// Its name in `sources.toml`.
    pub(crate) name: String,
    /// The module of iam-client.
    pub(crate) service: String,
    /// As it is vendored.
    pub(crate) document: Value,
    /// With its overlays.
    pub(crate) overlaid: Value,
}

/// The documents that the client is generated from.
pub(crate) fn vendored() -> &'static [Vendored] {
    static VENDORED: LazyLock<Vec<Vendored>> = LazyLock::new(|| {
        let sources = Sources::load(workspace::root().join("openapi")).unwrap();
        let vendored = sources.client().map(|(service, source)| {
            let document = sources.document(source).unwrap();
            let overlays = sources.overlays(source).unwrap();
            let (overlaid, _) = overlay::apply(document.clone(), &overlays).unwrap();
            Vendored {
                name: source.name.clone(),
                service: service.to_owned(),
                document: document.into_parts().1,
                overlaid: overlaid.into_parts().1,
            }
        });
        vendored.collect()
    });
    &VENDORED
}

/// An operation, and where it stands.
pub(crate) struct Operation<'a> {
    document: &'a Value,
    pub(crate) id: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) value: &'a Value,
}

/// All operations, in the order of the document.
pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in entries(&document["paths"]) {
        for (method, value) in entries(item).filter(|(key, _)| METHODS.contains(key)) {
            let id = value["operationId"].as_str();
            let id = id.unwrap_or_else(|| panic!("{method} {path} has no operationId"));
            operations.push(Operation { document, id, method, path, value });
        }
    }
    operations
}

impl<'a> Operation<'a> {
    /// Its parameters, references followed; those of its path unless it has them itself.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &'a Value> {
        let list = |holder: &'a Value| {
            let list = elements(&holder["parameters"]);
            list.map(|parameter| follow(self.document, parameter)).collect::<Vec<_>>()
        };
        let key = |parameter: &Value| (parameter["in"].clone(), parameter["name"].clone());
        let mut parameters = list(self.value);
        let own: Vec<_> = parameters.iter().map(|parameter| key(parameter)).collect();
        let of_path = list(&self.document["paths"][self.path]).into_iter();
        parameters.extend(of_path.filter(|parameter| !own.contains(&key(parameter))));
        parameters.into_iter()
    }

    /// Its request body, if it has one.
    pub(crate) fn body(&self) -> Option<&'a Value> {
        self.value.get("requestBody").map(|body| follow(self.document, body))
    }

    /// Status and response.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let document = self.document;
        entries(&self.value["responses"]).map(|(status, value)| (status, follow(document, value)))
    }

    /// As [`Self::responses`], those of 200..=299.
    pub(crate) fn successes(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.responses().filter(|(status, _)| status.starts_with('2'))
    }
}

/// What a reference, or a chain of them, leads to.
pub(crate) fn follow<'a>(document: &'a Value, mut value: &'a Value) -> &'a Value {
    while let Some(target) = value.get("$ref").and_then(Value::as_str) {
        let pointer = target.trim_start_matches('#');
        value = document.pointer(pointer).unwrap_or_else(|| panic!("nothing is at {target}"));
    }
    value
}

/// The name of the component that `value` refers to.
pub(crate) fn component(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()?.strip_prefix("#/components/schemas/")
}

/// The entries of an object; none, if there is no object.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(key, value)| (key.as_str(), value))
}

/// The elements of a list; none, if there is no list.
pub(crate) fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The strings of a list.
pub(crate) fn strings(value: &Value) -> impl Iterator<Item = &str> {
    elements(value).map(|element| element.as_str().expect("a list of strings"))
}
