//! Reads `tests/facts/*.json`. A key that is not known here is an error, so
//! that nothing of the facts is left out of the comparison.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use super::{Described, Kind, Statements};
use crate::workspace;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    service: String,
    /// Where the facts are from.
    #[serde(rename = "source")]
    _source: String,
    default_url: String,
    api_version: String,
    operations: Vec<Operation>,
    models: BTreeMap<String, Model>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    id: String,
    openapi_id: Option<String>,
    method: String,
    path: String,
    params: Vec<Parameter>,
    body: Option<Body>,
    responses: BTreeMap<String, Response>,
    #[serde(default)]
    response_headers: Vec<String>,
    pager: Option<Pager>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    name: String,
    #[serde(rename = "in")]
    place: String,
    #[serde(rename = "type")]
    type_: String,
    required: bool,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    content_type: String,
    required: bool,
    fields: Option<Vec<Field>>,
    #[serde(rename = "type")]
    type_: Option<String>,
    /// What the SDKs call it.
    #[serde(rename = "sdk_arg")]
    _sdk_arg: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    #[serde(rename = "type")]
    type_: Option<String>,
    #[serde(default = "json")]
    content_type: String,
}

fn json() -> String {
    "application/json".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pager {
    token_param: String,
    from: String,
    items: String,
    kind: String,
    url_query_name: Option<String>,
    size_param: String,
    /// Whether the SDKs have it as well.
    #[serde(rename = "sdk_pager")]
    _sdk_pager: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    #[serde(default)]
    fields: Vec<Field>,
    one_of: Option<Vec<String>>,
    any_of: Option<Vec<String>>,
    extends: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    type_: Type,
    items: Option<Type>,
    additional_properties: Option<Type>,
    format: Option<String>,
    /// The type in Go, where it says more than the format: it never does.
    go: Option<String>,
    #[serde(rename = "enum", default)]
    values: Vec<String>,
    required: bool,
    /// The SDKs that have it required, where they disagree.
    #[serde(rename = "required_in", default)]
    _required_in: Vec<String>,
    #[serde(default)]
    read_only: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    Name(String),
    Reference(Reference),
    Map(Map),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    #[serde(rename = "ref")]
    model: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Map {
    #[serde(rename = "type")]
    type_: String,
    additional_properties: Option<Box<Type>>,
}

/// A type that is not a list.
fn base(type_: &Type, values: Option<&Type>) -> Described {
    match (type_, values) {
        (Type::Name(name), _) if name == "integer" => Described::new("integer").mark("int64"),
        (Type::Name(name), values) if name == "object" => Described::new(format!(
            "map of {}",
            values.map_or("any".to_owned(), |v| base(v, None).to_string())
        )),
        (Type::Name(name), None) => Described::new(name),
        (Type::Reference(reference), None) => Described::new(&reference.model),
        (Type::Map(map), None) => {
            base(&Type::Name(map.type_.clone()), map.additional_properties.as_deref())
        }
        (_, Some(_)) => panic!("only an object has additional properties"),
    }
}

fn field(field: &Field) -> String {
    let described = match (&field.type_, &field.items) {
        (Type::Name(name), Some(items)) if name == "array" => {
            Described::new(format!("list of {}", base(items, None)))
        }
        (type_, None) => base(type_, field.additional_properties.as_ref()),
        (_, Some(_)) => panic!("{}: only an array has items", field.name),
    };
    if let Some(go) = &field.go {
        assert_eq!((go.as_str(), field.format.as_deref()), ("DateTime", Some("date-time")));
    }
    let described = match &field.format {
        Some(format) => described.mark(format),
        None => described,
    };
    let described =
        described.mark_if(field.required, "required").mark_if(field.read_only, "read-only");
    if field.values.is_empty() { described } else { described.of(field.values.clone()) }.to_string()
}

/// Everything that the facts say of the service `name`.
pub(super) fn statements(name: &str) -> Statements {
    let path = workspace::root().join(format!("tests/facts/{name}.json"));
    let service: Service = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(service.service, name);
    let mut statements = Statements::new();
    let mut state = |kind, place: String, what: String| {
        let before = statements.insert((kind, place.clone()), what);
        assert_eq!(before, None, "{place} is stated twice");
    };
    state(Kind::Service, "server".to_owned(), service.default_url);
    state(Kind::Service, "version".to_owned(), service.api_version);
    for operation in service.operations {
        let at = format!("operation {}", operation.openapi_id.as_ref().unwrap_or(&operation.id));
        state(Kind::Operation, at.clone(), format!("{} {}", operation.method, operation.path));
        for parameter in operation.params {
            let described =
                base(&Type::Name(parameter.type_), None).mark_if(parameter.required, "required");
            let described = if parameter.values.is_empty() {
                described
            } else {
                described.of(parameter.values)
            };
            let place = format!("{at} {} {}", parameter.place, parameter.name);
            state(Kind::Parameter, place, described.to_string());
        }
        if let Some(body) = operation.body {
            let media = match (&body.type_, &body.fields) {
                (Some(type_), None) => format!("{} {type_}", body.content_type),
                (None, Some(_)) => body.content_type,
                _ => panic!("{at}: a body has a type or fields"),
            };
            let media = Described::new(media).mark_if(body.required, "required");
            state(Kind::Body, format!("{at} body"), media.to_string());
            for sent in body.fields.iter().flatten() {
                state(Kind::BodyField, format!("{at} body {}", sent.name), field(sent));
            }
        }
        for (status, response) in operation.responses {
            let content = response.type_.map(|type_| format!("{} {type_}", response.content_type));
            let content = content.unwrap_or_else(|| "no content".to_owned());
            state(Kind::Success, format!("{at} status {status}"), content);
            for header in &operation.response_headers {
                let place = format!("{at} status {status} header {header}");
                state(Kind::ResponseHeader, place, "string".to_owned());
            }
        }
        if let Some(pager) = operation.pager {
            let pointer = pager.from.replace('.', "/");
            let (kind, value) = match (pager.kind.as_str(), &pager.url_query_name) {
                ("token", None) => ("token".to_owned(), "string"),
                ("offset", Some(name)) => (format!("url-query {name}"), "integer"),
                ("url-query", Some(name)) => (format!("url-query {name}"), "string"),
                other => panic!("{at}: pager {other:?}"),
            };
            let text = format!(
                "{} = {kind} of /{pointer}, {value}; items {}; size {}",
                pager.token_param, pager.items, pager.size_param
            );
            state(Kind::Pager, format!("{at} paging"), text);
        }
    }
    for (name, model) in service.models {
        let at = format!("model {name}");
        let what = match (model.one_of, model.any_of) {
            (Some(mut names), None) => {
                names.sort();
                format!("one of {}", names.join(", "))
            }
            (None, Some(mut names)) => {
                names.sort();
                format!("any of {}", names.join(", "))
            }
            (None, None) => "object".to_owned(),
            (Some(_), Some(_)) => panic!("{at}: one_of and any_of"),
        };
        state(Kind::Model, at.clone(), what);
        if let Some(of) = model.extends {
            state(Kind::Variant, format!("{at} variant"), of);
        }
        for received in &model.fields {
            state(Kind::Field, format!("{at} field {}", received.name), field(received));
        }
    }
    statements
}
