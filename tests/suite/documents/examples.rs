//! Every example against its schema, by a validator that is not ours.
//!
//! A schema of OpenAPI 3.0 is not JSON Schema: [`Translation`] makes one of it,
//! for what is sent or for what is received.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use super::assert_none;
use crate::openapi::{Operation, Vendored, component, elements, entries, operations, vendored};

/// Which way a value goes: sent values lack what is `readOnly`, received ones
/// what is `writeOnly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Received,
}

/// How a schema of OpenAPI 3.0 becomes one of JSON Schema 2020-12.
#[derive(Debug, Clone, Copy)]
struct Translation {
    way: Way,
    /// Fields that no schema names are refused.
    closed: bool,
}

impl Translation {
    /// A schema that a whole value has to fit.
    fn value(self, schema: &Value) -> Value {
        let mut translated = self.part(schema);
        let names_fields = ["$ref", "properties", "allOf", "oneOf", "anyOf"];
        if self.closed && names_fields.iter().any(|key| schema.get(key).is_some()) {
            translated["unevaluatedProperties"] = json!(false);
        }
        if schema["nullable"] == true {
            return json!({"anyOf": [{"type": "null"}, translated]});
        }
        translated
    }

    /// A schema that others may add to.
    fn part(self, schema: &Value) -> Value {
        if let Some(name) = component(schema) {
            return json!({"$ref": format!("#/$defs/{name}")});
        }
        let mut out = Map::new();
        for (key, value) in entries(schema) {
            let translated = match key {
                // Said of the whole, or nothing about values.
                "nullable" | "description" | "example" | "readOnly" | "writeOnly" | "title"
                | "default" | "deprecated" => continue,
                "type" | "enum" | "minimum" | "maximum" | "minLength" | "maxLength" | "pattern"
                | "minItems" | "maxItems" | "uniqueItems" => value.clone(),
                "format" if value == "int32" || value == "int64" => {
                    let (minimum, maximum) = match value == "int32" {
                        true => (i32::MIN.into(), i32::MAX.into()),
                        false => (i64::MIN, i64::MAX),
                    };
                    out.insert("minimum".to_owned(), json!(minimum));
                    out.insert("maximum".to_owned(), json!(maximum));
                    continue;
                }
                "format" => value.clone(),
                "items" => self.value(value),
                "additionalProperties" if value.is_boolean() => value.clone(),
                "additionalProperties" => self.value(value),
                "properties" => {
                    entries(value).map(|(name, field)| (name, self.field(field))).collect()
                }
                "required" => {
                    let names = elements(value).filter(|name| {
                        let field = &schema["properties"][name.as_str().unwrap_or_default()];
                        self.goes(field)
                    });
                    names.cloned().collect()
                }
                "allOf" => elements(value).map(|member| self.part(member)).collect(),
                "oneOf" | "anyOf" => elements(value).map(|member| self.value(member)).collect(),
                other => panic!("`{other}` is not translated: {schema}"),
            };
            out.insert(key.to_owned(), translated);
        }
        Value::Object(out)
    }

    /// Whether a field goes this way.
    fn goes(self, field: &Value) -> bool {
        let key = match self.way {
            Way::Sent => "readOnly",
            Way::Received => "writeOnly",
        };
        field[key] != true
    }

    fn field(self, field: &Value) -> Value {
        if self.goes(field) { self.value(field) } else { json!(false) }
    }

    fn validator(self, document: &Value, schema: &Value) -> Validator {
        let components = entries(&document["components"]["schemas"]);
        let definitions: BTreeMap<_, _> =
            components.map(|(name, s)| (name, self.part(s))).collect();
        let mut root = self.value(schema);
        root["$defs"] = json!(definitions);
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false)
            // It says how to show a value, not what is one.
            .with_format("password", |_: &str| true);
        let options = match document["info"]["title"] == "IAM Identity Services" {
            true => options.with_format("date-time", is_minute),
            false => options,
        };
        options.build(&root).unwrap_or_else(|error| panic!("{error}: {schema}"))
    }
}

/// Whether digits stand where `pattern` has `0`, and else what it has.
fn looks_like(pattern: &str, text: &str) -> bool {
    pattern.len() == text.len()
        && pattern
            .bytes()
            .zip(text.bytes())
            .all(|(p, t)| if p == b'0' { t.is_ascii_digit() } else { p == t })
}

/// As the identity services send times: `2020-09-28T17:49+0000`.
fn is_minute(text: &str) -> bool {
    looks_like("0000-00-00T00:00+0000", text)
}

/// Bodies and responses of JSON or a form: place, way, schema and media object.
fn media<'a>(operation: &Operation<'a>) -> Vec<(String, Way, &'a str, &'a Value)> {
    let at = |what: &str| format!("{} {what}", operation.id);
    let sent = operation.body().into_iter().flat_map(|body| entries(&body["content"]));
    let sent = sent.map(|(media_type, media)| (at("body"), Way::Sent, media_type, media));
    let received = operation.successes().flat_map(|(status, response)| {
        let content = entries(&response["content"]);
        content.map(move |(media_type, media)| (at(status), Way::Received, media_type, media))
    });
    sent.chain(received.collect::<Vec<_>>()).collect()
}

/// Where an example fits more than one variant of a `oneOf`, as the service's
/// answers do: one variant's fields are among the other's, and no schema closes
/// either. It is only told apart by a reader that tries the stricter first, as
/// the generated one does.
const AMBIGUOUS: [&str; 1] = ["get_v2_policy 200/control"];

/// What is wrong with `example`.
fn faults(document: &Value, way: Way, schema: &Value, example: &Value) -> BTreeSet<String> {
    let mut faults = BTreeSet::new();
    for closed in [false, true] {
        let validator = Translation { way, closed }.validator(document, schema);
        let errors = validator.iter_errors(example);
        faults.extend(errors.map(|error| format!("{}: {error}", error.instance_path())));
    }
    faults
}

#[test]
fn every_body_and_response_has_an_example_that_is_valid() {
    let mut wrong = Vec::new();
    let mut ambiguous = Vec::new();
    let mut checked = 0;
    for Vendored { name, overlaid, .. } in &vendored() {
        for operation in operations(overlaid) {
            for (at, way, media_type, media) in media(&operation) {
                let Some(example) = media.get("example") else {
                    // Metadata of a provider says nothing about the operation.
                    if media_type != "text/xml" {
                        wrong.push(format!("{name}: {at} has no example"));
                    }
                    continue;
                };
                let faults = faults(overlaid, way, &media["schema"], example);
                checked += 1;
                for fault in faults {
                    let fault = format!("{at}{fault}");
                    let known = AMBIGUOUS.iter().find(|known| {
                        fault.starts_with(*known) && fault.contains("more than one of the schemas")
                    });
                    match known {
                        Some(known) => ambiguous.push(*known),
                        None => wrong.push(format!("{name}: {fault}")),
                    }
                }
            }
        }
    }
    assert_none(&wrong);
    assert_eq!(ambiguous, AMBIGUOUS);
    // 68 bodies and 154 responses of the facts, less one of each that is XML; and
    // a body and a response of the token operation.
    assert_eq!(checked, 67 + 153 + 2);
}

#[test]
fn an_example_that_does_not_fit_is_told_from_one_that_does() {
    let document = json!({"info": {"title": "IAM Identity Services"}, "components": {"schemas": {
        "Thing": {
            "type": "object",
            "required": ["id", "made"],
            "properties": {
                "id": {"type": "string", "readOnly": true},
                "made": {"type": "string", "format": "date-time"},
                "size": {"type": "integer", "format": "int32", "nullable": true},
                "more": {"description": "More.", "allOf": [{"$ref": "#/components/schemas/More"}]},
                "free": {"type": "object"},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
            }
        },
        "More": {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a"]}}},
    }}});
    let schema = json!({"$ref": "#/components/schemas/Thing"});
    let fits = |way, example| faults(&document, way, &schema, &example).is_empty();
    let made = "2020-09-28T17:49+0000";
    for good in [
        json!({"id": "1", "made": made}),
        json!({"id": "1", "made": made, "size": null, "more": {"kind": "a"}}),
        json!({"id": "1", "made": made, "free": {"x": {"y": 1}}, "map": {"x": "y"}}),
    ] {
        assert!(fits(Way::Received, good.clone()), "{good}");
    }
    assert!(fits(Way::Sent, json!({"made": made})));
    assert!(!fits(Way::Sent, json!({"made": made, "id": "1"})), "id is only received");
    for bad in [
        json!({"made": made}),
        json!({"id": "1", "made": "2020-09-28T17:49:00Z"}),
        json!({"id": "1", "made": made, "other": 1}),
        json!({"id": "1", "made": made, "size": 3_000_000_000_u32}),
        json!({"id": "1", "made": made, "more": {"kind": "b"}}),
        json!({"id": "1", "made": made, "more": {"kind": "a", "other": 1}}),
        json!({"id": "1", "made": made, "more": null}),
        json!({"id": "1", "made": made, "map": {"x": 1}}),
    ] {
        assert!(!fits(Way::Received, bad.clone()), "{bad}");
    }
}
