//! Operations: names, tags, permissions, and what makes a whole of their parts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{body, names, parameter, schema::Schemas, security::Security};
use crate::{
    api::{AuditEvent, Operation, RequiredAction, template},
    error::Problem,
    pointer,
};

/// The methods of OpenAPI 3.0.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The number of operations that a document may have; the largest known ones have some 16,000.
const MAX_OPERATIONS: usize = 20_000;

/// The extension that says whether an operation can be sent twice.
const IDEMPOTENT: &str = "x-idempotent";

/// Names that a service struct or the table of operations has for itself.
const RESERVED_METHODS: [&str; 3] = ["new", "client", "all"];

/// The extension that gives an operation or a type its name in Rust.
pub(super) const RUST_NAME: &str = "x-rust-name";

/// Names that a request builder has for itself.
pub(super) const RESERVED_SETTERS: [&str; 10] = [
    "send",
    "send_raw",
    "send_text",
    "send_bytes",
    "body",
    "pages",
    "items",
    "with",
    "new",
    "client",
];

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
    /// Returns whether the document gives it a Rust name.
    fn is_named(&self) -> bool {
        self.value.get(RUST_NAME).is_some()
    }

    /// A problem of this operation at `at`.
    pub(super) fn problem(&self, at: impl Into<String>, message: impl Into<String>) -> Problem {
        Problem::new(at, message).operation(&self.id)
    }
}

/// Every operation of `document`, sorted by name.
pub(super) fn operations(
    document: &Value,
    security: &Security<'_>,
    schemas: &mut Schemas<'_, '_>,
) -> Vec<Operation> {
    let texts = body::texts(document);
    let places = places(document, &texts, schemas);
    if places.len() > MAX_OPERATIONS {
        let count = places.len();
        let message = format!("{count} operations are more than the limit of {MAX_OPERATIONS}");
        let problem = Problem::new("/paths", message);
        schemas.record.reject(problem.remedy("split the document"));
        return Vec::new();
    }
    let mut operations: Vec<_> =
        places.iter().filter_map(|place| operation(place, security, schemas)).collect();
    operations.sort_by(|a, b| a.name.cmp(&b.name));
    operations
}

fn places<'a>(
    document: &'a Value,
    texts: &'a BTreeMap<String, [Value; 2]>,
    schemas: &mut Schemas<'_, '_>,
) -> Vec<Place<'a>> {
    let mut places = Vec::new();
    let mut given: BTreeMap<String, String> = BTreeMap::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
        let at = pointer::child("/paths", path);
        if item.get("servers").is_some() {
            note_servers(&at, schemas);
        }
        for (method, value) in item.as_object().into_iter().flatten() {
            let at = pointer::child(&at, method);
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
            let (name, type_name) = match value.get(RUST_NAME) {
                None => rust_names(&id),
                Some(wanted) => match rust_name(wanted, names::snake) {
                    Ok(name) => (name.to_owned(), names::pascal(name)),
                    Err(message) => {
                        let at = pointer::child(&at, RUST_NAME);
                        let problem = Problem::new(at, message).operation(&id);
                        schemas.record.reject(problem.remedy(
                            "give it a name in snake case that is neither a keyword nor reserved",
                        ));
                        continue;
                    }
                },
            };
            let place = Place { id, name, type_name, pointer: at, method, path, value };
            if !value.is_object() {
                let problem = place.problem(&place.pointer, "an operation is not an object");
                schemas.record.reject(problem.remedy("correct it with an overlay"));
                continue;
            }
            let earlier = place.is_named().then(|| {
                let at = place.pointer.clone();
                given.insert(place.type_name.clone(), at)
            });
            if let Some(other) = earlier.flatten() {
                let message = format!("the one at {other} has the same name");
                let at = pointer::child(&place.pointer, RUST_NAME);
                let problem = place.problem(at, message);
                schemas.record.reject(problem.remedy("give each operation a name of its own"));
            } else if let Some([value, with_text]) = texts.get(&place.pointer) {
                let second = Place {
                    id: format!("{}_with_text", place.id),
                    name: format!("{}_with_text", place.name),
                    type_name: format!("{}WithText", place.type_name),
                    pointer: place.pointer.clone(),
                    value: with_text,
                    ..place
                };
                places.extend([Place { value, ..place }, second]);
            } else {
                places.push(place);
            }
        }
    }
    tell_apart(&mut places);
    places
}

/// Gives each operation whose method or builder would have the name of another the path in
/// its name, and the HTTP method where that is not enough. All of them are renamed, so that
/// none takes the name of another when the document changes.
fn tell_apart(places: &mut [Place<'_>]) {
    let qualifiers: [fn(&Place<'_>) -> String; 2] = [
        |place| format!("{}-{}", place.id, place.path),
        |place| format!("{}-{}-{}", place.id, place.method, place.path),
    ];
    for qualifier in qualifiers {
        for index in equally_named(places) {
            let place = &mut places[index];
            (place.name, place.type_name) = rust_names(&qualifier(place));
        }
    }
    // What is left differs in signs alone, for instance the paths `/a` and `/a/`.
    let mut left = equally_named(places);
    left.sort_by_key(|index| (places[*index].path, places[*index].method));
    let names = |place: &Place<'_>| [place.name.clone(), place.type_name.clone()];
    let mut taken: names::Taken = places.iter().flat_map(names).collect();
    for index in left {
        let place = &mut places[index];
        place.name = names::unique(place.name.clone(), &mut taken);
        place.type_name = names::unique(names::pascal(&place.name), &mut taken);
    }
}

/// The operations whose names were not given to them and are those of others.
fn equally_named(places: &[Place<'_>]) -> Vec<usize> {
    let mut number: BTreeMap<&str, usize> = BTreeMap::new();
    for place in places {
        for name in [&place.name, &place.type_name] {
            *number.entry(name).or_default() += 1;
        }
    }
    let equal = |place: &Place<'_>| {
        [&place.name, &place.type_name].into_iter().any(|name| number[name.as_str()] > 1)
    };
    (0..places.len()).filter(|at| !places[*at].is_named() && equal(&places[*at])).collect()
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

/// The value of `x-rust-name`, if it is a Rust name of the given case.
pub(super) fn rust_name(value: &Value, case: fn(&str) -> String) -> Result<&str, String> {
    match value.as_str() {
        Some(name) if case(name) == name && !RESERVED_METHODS.contains(&name) => Ok(name),
        _ => Err(format!("{value} cannot be used as a Rust name here")),
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
    security: &Security<'_>,
    schemas: &mut Schemas<'_, '_>,
) -> Option<Operation> {
    let template = template(place.path);
    let malformed = if !template.starts_with('/') {
        Some("the path does not begin with `/`")
    } else if template.contains('\\') || template.contains("//") {
        Some("the path contains `\\` or an empty segment")
    } else if place.path[template.len()..].contains(['{', '}']) {
        Some("the query or fragment of the path contains a variable")
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
        let why = match place.value.get(RUST_NAME) {
            Some(_) => "the document says so",
            None => "the name is taken",
        };
        schemas.record.record("names", &place.pointer, what, why);
    }
    if place.value.get("servers").is_some() {
        note_servers(&place.pointer, schemas);
    }
    let (anonymous, security) = match place.method {
        // The response repeats what a TRACE request holds (RFC 9110, 9.3.8).
        "trace" => (true, Vec::new()),
        _ => security.of(place.value, &place.pointer, schemas.record),
    };
    let mut taken = names::Taken::from(RESERVED_SETTERS);
    let parameters = parameter::parameters(place, &mut taken, schemas);
    let body = if place.method == "trace" && place.value.get("requestBody").is_some() {
        let at = pointer::child(&place.pointer, "requestBody");
        schemas.record.record("media-types", at, "body left out", "TRACE has none (RFC 9110)");
        Some(None)
    } else {
        body::request(place, &mut taken, schemas)
    };
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
        anonymous,
        security,
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
        None => ["get", "head", "put", "delete", "options", "trace"].contains(&place.method),
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
fn entries<'a>(holder: &'a Value, list: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let list = holder.get(list).and_then(Value::as_array);
    let named = |entry: &'a Value| Some((entry.get("name")?.as_str()?, entry));
    list.into_iter().flatten().filter_map(named)
}

fn is_inferred(entry: &Value) -> bool {
    entry.get("x-inferred") == Some(&Value::Bool(true))
}

/// When an entry of `holder` applies: by its own description, by the condition
/// in parentheses after its name, or by the description of the whole list.
fn split_condition<'a>(
    holder: &'a Value,
    name: &'a str,
    entry: &'a Value,
) -> (&'a str, Option<String>) {
    let text = |value: &'a Value| value.get("description").and_then(Value::as_str);
    let (name, condition) = match name.split_once('(') {
        Some((name, rest)) if !name.trim().is_empty() => {
            let condition = rest.trim_end();
            let condition = condition.strip_suffix(')').unwrap_or(condition).trim();
            (name.trim_end(), Some(condition.strip_prefix("if ").unwrap_or(condition)))
        }
        _ => (name, None),
    };
    (name, text(entry).or(condition).or(text(holder)).map(str::to_owned))
}

fn actions(operation: &Value) -> Vec<RequiredAction> {
    let holder = &operation["x-ibm-permissions"];
    let action = |(name, entry)| {
        let (name, when) = split_condition(holder, name, entry);
        RequiredAction { name: name.to_owned(), when, inferred: is_inferred(entry) }
    };
    let mut actions: Vec<_> = entries(holder, "actions").map(action).collect();
    // What is inferred counts only where nothing is stated.
    if actions.iter().any(|action| !action.inferred) {
        actions.retain(|action| !action.inferred);
    }
    actions
}

fn events(operation: &Value) -> Vec<AuditEvent> {
    let holder = &operation["x-ibm-events"];
    let event = |(name, entry)| {
        let (name, when) = split_condition(holder, name, entry);
        AuditEvent { name: name.to_owned(), when, inferred: is_inferred(entry) }
    };
    let mut events: Vec<_> = entries(holder, "events").map(event).collect();
    if events.iter().any(|event| !event.inferred) {
        events.retain(|event| !event.inferred);
    }
    events
}
