//! Operations: names, tags, permissions, and what makes a whole of their parts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{body, names, parameter, schema::Schemas};
use crate::{
    api::{AuditEvent, Operation, RequiredAction},
    error::Problem,
    pointer,
};

/// The methods that progenitor has a reqwest function for.
const METHODS: [&str; 6] = ["get", "put", "post", "delete", "head", "patch"];

/// How many operations a document may have; the largest known ones have some 16,000.
const MAX_OPERATIONS: usize = 20_000;

/// The extension that says whether an operation can be sent twice.
const IDEMPOTENT: &str = "x-idempotent";

/// Names that a service struct or the table of operations has for itself.
const RESERVED_METHODS: [&str; 3] = ["new", "client", "all"];

/// Names that a request builder has for itself.
const RESERVED_SETTERS: [&str; 8] =
    ["send", "send_raw", "body", "pages", "items", "with", "new", "client"];

/// An operation of the document, and where it stands.
pub(super) struct Place<'a> {
    /// The operationId.
    pub id: String,
    /// The method's name.
    pub name: String,
    /// The request builder's name, which the names of inline types begin with.
    pub type_name: String,
    pub pointer: String,
    pub method: &'a str,
    pub path: &'a str,
    pub value: &'a Value,
}

impl Place<'_> {
    /// A problem of this operation at `at`.
    pub(super) fn problem(&self, at: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem::new(at, message).operation(&self.id)
    }
}

/// Every operation of `document`, sorted by name.
pub(super) fn operations(document: &Value, schemas: &mut Schemas<'_, '_>) -> Vec<Operation> {
    let places = places(document, schemas);
    if places.len() > MAX_OPERATIONS {
        let count = places.len();
        let message = format!("{count} operations are more than the limit of {MAX_OPERATIONS}");
        let problem = Problem::new("/paths", message);
        schemas.record.reject(problem.remedy("split the document"));
        return Vec::new();
    }
    let anonymous_by_default = document.get("security").is_none_or(is_anonymous);
    let mut operations: Vec<_> =
        places.iter().filter_map(|place| operation(place, anonymous_by_default, schemas)).collect();
    operations.sort_by(|a, b| a.name.cmp(&b.name));
    operations
}

fn places<'a>(document: &'a Value, schemas: &mut Schemas<'_, '_>) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    let mut by_name: BTreeMap<String, String> = BTreeMap::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
        let at = pointer::child("/paths", path);
        if item.get("servers").is_some() {
            note_servers(&at, schemas);
        }
        for (method, value) in item.as_object().into_iter().flatten() {
            let at = pointer::child(&at, method);
            if ["options", "trace"].contains(&method.as_str()) {
                let unnamed = || format!("{} {path}", method.to_uppercase());
                let id = id_of(value).map_or_else(unnamed, str::to_owned);
                let problem =
                    Problem::new(at, format!("{} is not supported", method.to_uppercase()));
                schemas.record.reject(problem.operation(id).remedy("remove it with an overlay"));
                continue;
            }
            if !METHODS.contains(&method.as_str()) {
                continue;
            }
            let id = match id_of(value) {
                Some(id) => id.to_owned(),
                None => {
                    let made_up = names::snake(&format!("{method}-{path}"));
                    let what = format!("called `{made_up}`");
                    schemas.record.record("operation-ids", &at, what, "it has no operationId");
                    made_up
                }
            };
            let (name, type_name) = rust_names(&id);
            let place = Place { id, name, type_name, pointer: at, method, path, value };
            if !value.is_object() {
                let problem = place.problem(&place.pointer, "an operation is not an object");
                schemas.record.reject(problem.remedy("correct it with an overlay"));
                continue;
            }
            // Two methods, or two builders, of one name cannot be.
            let mut earlier = None;
            for (what, name) in [("request", &place.type_name), ("method", &place.name)] {
                if let Some(other) = by_name.insert(name.clone(), place.pointer.clone()) {
                    earlier = Some((what, other));
                }
            }
            if let Some((what, other)) = earlier {
                let message = format!("its {what} would have the name of the one at {other}");
                let problem = place.problem(&place.pointer, message);
                schemas.record.reject(problem.remedy("rename one with an overlay"));
            } else {
                places.push(place);
            }
        }
    }
    places
}

/// The names of method and builder.
fn rust_names(id: &str) -> (String, String) {
    let (name, type_name) = (names::snake(id), names::pascal(id));
    if RESERVED_METHODS.contains(&name.as_str()) {
        (format!("{name}_operation"), format!("{type_name}Operation"))
    } else {
        (name, type_name)
    }
}

fn id_of(operation: &Value) -> Option<&str> {
    operation
        .get("operationId")?
        .as_str()
        .filter(|id| id.contains(|c: char| c.is_ascii_alphabetic()))
}

fn operation(
    place: &Place<'_>,
    anonymous_by_default: bool,
    schemas: &mut Schemas<'_, '_>,
) -> Option<Operation> {
    let malformed = if !place.path.starts_with('/') {
        Some("the path does not begin with `/`")
    } else if place.path.contains(['?', '#', '\\']) || place.path.contains("//") {
        Some("the path contains `?`, `#`, `\\` or an empty segment")
    } else {
        None
    };
    if let Some(message) = malformed {
        let problem = place.problem(&place.pointer, message);
        schemas.record.reject(problem.remedy("correct it with an overlay"));
        return None;
    }
    if place.name != names::snake(&place.id) {
        let what = format!("its method is called `{}`", place.name);
        schemas.record.record("names", &place.pointer, what, "the name is taken");
    }
    if place.value.get("servers").is_some() {
        note_servers(&place.pointer, schemas);
    }
    let mut taken = names::Taken::from(RESERVED_SETTERS);
    let parameters = parameter::parameters(place, &mut taken, schemas);
    let body = body::request(place, &mut taken, schemas);
    let success = body::success(place, schemas);
    let text = |key: &str| place.value.get(key).and_then(Value::as_str).map(str::to_owned);
    let tag = place.value.pointer("/tags/0").and_then(Value::as_str).unwrap_or("default");
    Some(Operation {
        id: place.id.clone(),
        name: place.name.clone(),
        type_name: place.type_name.clone(),
        method: place.method.to_uppercase(),
        path: place.path.to_owned(),
        pointer: place.pointer.clone(),
        tag: tag.to_owned(),
        summary: text("summary"),
        description: text("description"),
        deprecated: place.value.get("deprecated") == Some(&Value::Bool(true)),
        anonymous: place.value.get("security").map_or(anonymous_by_default, is_anonymous),
        idempotent: is_idempotent(place, schemas),
        parameters: parameters?,
        body: body?,
        success: success?,
        paging: None,
        errors: errors(place.value),
        actions: actions(place.value),
        events: events(place.value),
    })
}

/// The methods that RFC 9110, 9.2.2 calls idempotent, unless the document says
/// otherwise: for a `POST` that only reads.
fn is_idempotent(place: &Place<'_>, schemas: &mut Schemas<'_, '_>) -> bool {
    match place.value.get(IDEMPOTENT) {
        None => ["get", "head", "put", "delete"].contains(&place.method),
        Some(Value::Bool(stated)) => *stated,
        Some(_) => {
            let at = pointer::child(&place.pointer, IDEMPOTENT);
            let problem = place.problem(at, format!("`{IDEMPOTENT}` is neither true nor false"));
            schemas.record.reject(problem.remedy("correct it with an overlay"));
            false
        }
    }
}

fn note_servers(holder: &str, schemas: &mut Schemas<'_, '_>) {
    let at = pointer::child(holder, "servers");
    schemas.record.record("servers", at, "servers left out", "a client has one endpoint");
}

/// No requirement, or one that asks for nothing.
fn is_anonymous(security: &Value) -> bool {
    let requirements = security.as_array().map_or(&[][..], Vec::as_slice);
    let empty = |requirement: &Value| requirement.as_object().is_some_and(|map| map.is_empty());
    requirements.is_empty() || requirements.iter().any(empty)
}

fn errors(operation: &Value) -> Vec<(String, Option<String>)> {
    let responses = operation.get("responses").and_then(Value::as_object);
    responses
        .into_iter()
        .flatten()
        .filter(|(status, _)| status.starts_with(['4', '5']))
        .map(|(status, response)| {
            let text = response.get("description").and_then(Value::as_str);
            (status.clone(), text.filter(|text| !text.is_empty()).map(str::to_owned))
        })
        .collect()
}

/// The entries of a list extension such as `x-ibm-permissions`.
fn entries<'a>(operation: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let list = operation.pointer(pointer).and_then(Value::as_array);
    let named = |entry: &'a Value| Some((entry.get("name")?.as_str()?, entry));
    list.into_iter().flatten().filter_map(named)
}

fn is_inferred(entry: &Value) -> bool {
    entry.get("x-inferred") == Some(&Value::Bool(true))
}

fn actions(operation: &Value) -> Vec<RequiredAction> {
    let entries = entries(operation, "/x-ibm-permissions/actions");
    let when = |entry: &Value| Some(entry.get("description")?.as_str()?.to_owned());
    entries
        .map(|(name, entry)| RequiredAction {
            name: name.to_owned(),
            when: when(entry),
            inferred: is_inferred(entry),
        })
        .collect()
}

fn events(operation: &Value) -> Vec<AuditEvent> {
    let entries = entries(operation, "/x-ibm-events/events");
    entries
        .map(|(name, entry)| AuditEvent { name: name.to_owned(), inferred: is_inferred(entry) })
        .collect()
}
