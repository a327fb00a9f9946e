//! The facts that a document states of each operation, read without the generator.

use std::{collections::BTreeMap, fs, sync::LazyLock};

use iam_codegen::{Adaptations, Document, Limits, Overlay, downconvert::downconvert, overlay};
use serde_json::{Map, Value};

use crate::{
    openapi::{self, elements, entries, follow, vendored},
    workspace,
};

/// A document in OpenAPI 3.0 with its overlays, and its operations.
pub(crate) struct Service {
    pub(crate) document: Value,
    pub(crate) operations: Vec<Operation>,
}

/// An operation.
pub(crate) struct Operation {
    /// The operationId in snake case, as Python and Rust name it.
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    /// The status of the success, preferably with content.
    pub(crate) status: u16,
    /// The content of the success.
    pub(crate) reply: Option<Media>,
    pub(crate) response_headers: Vec<String>,
    pub(crate) paging: Option<Value>,
    /// `true` if it can be called without a token.
    pub(crate) anonymous: bool,
}

/// A parameter.
pub(crate) struct Parameter {
    /// `path`, `query` or `header`.
    pub(crate) place: String,
    pub(crate) field: Field,
    /// `true` if the items of a list are parameters of their own.
    pub(crate) explode: bool,
}

/// A request body.
pub(crate) struct Body {
    pub(crate) media: Media,
    pub(crate) required: bool,
    /// None where the body is a single value.
    pub(crate) fields: Option<Vec<Field>>,
}

/// A media type and its schema.
pub(crate) struct Media {
    pub(crate) content_type: String,
    pub(crate) schema: Value,
}

impl Media {
    pub(crate) fn is_json(&self) -> bool {
        self.content_type.starts_with("application/json")
    }

    /// Of several media types JSON.
    fn of(holder: &Value) -> Option<Self> {
        let mut all: Vec<_> = entries(&holder["content"])
            .map(|(content_type, media)| Self {
                content_type: content_type.to_owned(),
                schema: media["schema"].clone(),
            })
            .collect();
        all.sort_by_key(|media| !media.is_json());
        all.into_iter().next()
    }
}

/// A parameter, or a field of an object.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) schema: Value,
    pub(crate) required: bool,
    pub(crate) read_only: bool,
}

/// A schema with references followed and the members of `allOf` merged.
pub(crate) fn resolved(document: &Value, schema: &Value) -> Map<String, Value> {
    let mut merged = follow(document, schema).as_object().cloned().unwrap_or_default();
    let members = merged.remove("allOf");
    for member in members.iter().flat_map(elements) {
        for (key, value) in resolved(document, member) {
            match (key.as_str(), merged.get_mut(&key), value) {
                (_, None, value) => drop(merged.insert(key, value)),
                ("properties", Some(Value::Object(own)), Value::Object(theirs)) => {
                    theirs.into_iter().for_each(|(name, field)| {
                        own.entry(name).or_insert(field);
                    });
                }
                ("required", Some(Value::Array(own)), Value::Array(theirs)) => own.extend(theirs),
                _ => {}
            }
        }
    }
    merged
}

/// The fields of an object; none, if the schema names none.
pub(crate) fn fields(document: &Value, schema: &Map<String, Value>) -> Vec<Field> {
    let required: Vec<_> = schema.get("required").into_iter().flat_map(openapi::strings).collect();
    let properties = schema.get("properties").into_iter().flat_map(entries);
    let fields = properties.map(|(name, property)| Field {
        name: name.to_owned(),
        required: required.contains(&name) || property.get("x-constant").is_some(),
        read_only: resolved(document, property).get("readOnly") == Some(&Value::Bool(true)),
        schema: property.clone(),
    });
    fields.collect()
}

/// `listIdPSettings` as `list_id_p_settings`.
fn snake_case(id: &str) -> String {
    let mut name = String::new();
    for sign in id.chars() {
        if sign.is_uppercase() && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        name.extend(sign.to_lowercase());
    }
    name
}

impl Operation {
    fn read(document: &Value, operation: &openapi::Operation<'_>) -> Self {
        // OpenAPI ignores header parameters of these names.
        let ignored = |name: &str| {
            ["accept", "authorization", "content-type"].contains(&name.to_lowercase().as_str())
        };
        let sent = |parameter: &&Value| {
            parameter["in"] != "header" || !ignored(parameter["name"].as_str().unwrap_or_default())
        };
        let parameters = operation.parameters().filter(sent).map(|parameter| {
            let text = |key: &str| parameter[key].as_str().unwrap_or_default().to_owned();
            let place = text("in");
            Parameter {
                explode: parameter["explode"].as_bool().unwrap_or(place == "query"),
                field: Field {
                    name: text("name"),
                    schema: parameter["schema"].clone(),
                    required: parameter["required"] == true,
                    read_only: false,
                },
                place,
            }
        });
        let body = operation.body().and_then(|body| {
            let media = Media::of(body)?;
            let fields = fields(document, &resolved(document, &media.schema));
            Some(Body {
                media,
                required: body["required"] == true,
                fields: Some(fields).filter(|fields| !fields.is_empty()),
            })
        });
        let mut successes: Vec<_> = operation.successes().collect();
        successes.sort_by_key(|(_, response)| Media::of(response).is_none());
        let (status, response) = successes[0];
        let security = operation.value.get("security").or_else(|| document.get("security"));
        // Where nothing is said, credentials are sent.
        let nothing = |one: &Value| one.as_object().is_some_and(Map::is_empty);
        Self {
            name: snake_case(operation.id),
            id: operation.id.to_owned(),
            method: operation.method.to_uppercase(),
            path: operation.path.to_owned(),
            parameters: parameters.collect(),
            body,
            status: status.parse().expect("a success has a number"),
            reply: Media::of(response),
            response_headers: entries(&response["headers"]).map(|(n, _)| n.to_owned()).collect(),
            paging: operation.value.get("x-paging").cloned(),
            anonymous: security.is_some_and(|all| elements(all).all(nothing)),
        }
    }
}

impl Service {
    fn of(overlaid: &Value) -> Self {
        let mut document = overlaid.clone();
        downconvert(&mut document, &mut Adaptations::default());
        let operations = openapi::operations(&document);
        let operations = operations.iter().map(|o| Operation::read(&document, o)).collect();
        Self { operations, document }
    }
}

/// The services, by module of iam-client.
pub(crate) fn services() -> &'static BTreeMap<String, Service> {
    static SERVICES: LazyLock<BTreeMap<String, Service>> = LazyLock::new(|| {
        let services = vendored().iter();
        services.map(|one| (one.service.clone(), Service::of(&one.overlaid))).collect()
    });
    &SERVICES
}

/// The service of a document of our own in the style of IBM's.
pub(crate) fn ibm_style() -> &'static BTreeMap<String, Service> {
    static SERVICE: LazyLock<BTreeMap<String, Service>> = LazyLock::new(|| {
        let read = |name: &str| {
            let path = workspace::root().join("tests/ibm-style").join(name);
            (path.display().to_string(), fs::read(path).unwrap())
        };
        let (name, text) = read("published.yaml");
        let document = Document::parse(name, &text, &Limits::default()).unwrap();
        let (name, text) = read("overlay.yaml");
        let overlay = Overlay::parse(&name, &text).unwrap();
        let (overlaid, _) = overlay::apply(document, &[overlay]).unwrap();
        [("lockers".to_owned(), Service::of(overlaid.value()))].into()
    });
    &SERVICE
}
