//! Every example against its schema, by a validator that is not ours. `snapshots`
//! pins which examples do not fit, for IBM publishes such.
//!
//! A schema of OpenAPI 3.0 is not JSON Schema: [`Translation`] makes one of it,
//! for what is sent or for what is received.

use std::collections::BTreeMap;

use iam_client::Timestamp;
use iam_codegen::{Adaptations, downconvert::downconvert};
use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

use crate::openapi::{Operation, Vendored, component, elements, entries, operations};

/// Which way a value goes: sent values may lack what is `readOnly`, received
/// ones what is `writeOnly`.
#[derive(Debug, Clone, Copy)]
enum Way {
    Sent,
    Received,
}

/// Translates a schema of OpenAPI 3.0 into one of JSON Schema 2020-12.
#[derive(Debug, Clone, Copy)]
struct Translation(Way);

impl Translation {
    fn schema(self, schema: &Value) -> Value {
        if let Some(name) = component(schema) {
            return json!({"$ref": format!("#/$defs/{name}")});
        }
        let mut out = Map::new();
        for (key, value) in entries(schema) {
            let translated = match key {
                "type" | "enum" | "format" | "minimum" | "maximum" | "multipleOf" | "minLength"
                | "maxLength" | "pattern" | "minItems" | "maxItems" | "uniqueItems"
                | "minProperties" | "maxProperties" => value.clone(),
                "additionalProperties" if value.is_boolean() => value.clone(),
                "items" | "additionalProperties" | "not" => self.schema(value),
                "properties" => {
                    entries(value).map(|(name, field)| (name, self.schema(field))).collect()
                }
                "required" => {
                    let names = elements(value).filter(|name| {
                        self.goes(&schema["properties"][name.as_str().unwrap_or_default()])
                    });
                    names.cloned().collect()
                }
                "allOf" | "anyOf" => elements(value).map(|member| self.schema(member)).collect(),
                // No variant of these documents excludes the fields of another:
                // a value often fits several.
                "oneOf" => {
                    let variants = elements(value).map(|member| self.schema(member)).collect();
                    out.insert("anyOf".to_owned(), variants);
                    continue;
                }
                // Says nothing about values, or how to tell variants apart.
                _ => continue,
            };
            out.insert(key.to_owned(), translated);
        }
        match schema["nullable"] == true {
            true => json!({"anyOf": [{"type": "null"}, out]}),
            false => Value::Object(out),
        }
    }

    /// Returns whether a field goes this way.
    fn goes(self, field: &Value) -> bool {
        let key = match self.0 {
            Way::Sent => "readOnly",
            Way::Received => "writeOnly",
        };
        field[key] != true
    }

    fn validator(self, document: &Value, schema: &Value) -> Validator {
        let components = entries(&document["components"]["schemas"]);
        let definitions: BTreeMap<_, _> =
            components.map(|(name, schema)| (name, self.schema(schema))).collect();
        let mut root = self.schema(schema);
        root["$defs"] = json!(definitions);
        let options = jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            // Times in the forms that the services send.
            .with_format("date-time", |text: &str| {
                Timestamp::from(text.to_owned()).unix_seconds().is_some()
            });
        options.build(&root).unwrap_or_else(|error| panic!("{error}: {schema}"))
    }
}

/// Bodies and successes of JSON or a form: place, way and media object.
fn media<'a>(operation: &Operation<'a>) -> Vec<(String, Way, &'a Value)> {
    let sent = operation.body().map(|body| ("body", Way::Sent, body));
    let received = operation.successes().map(|(status, one)| (status, Way::Received, one));
    let all = sent.into_iter().chain(received).flat_map(|(place, way, holder)| {
        let read = |media_type: &str| {
            media_type.starts_with("application/json")
                || media_type == "application/x-www-form-urlencoded"
        };
        let content = entries(&holder["content"]).filter(move |(name, _)| read(name));
        content.map(move |(_, media)| (format!("{} {place}", operation.id), way, media))
    });
    all.collect()
}

/// The faults of `example`.
fn faults(document: &Value, way: Way, schema: &Value, example: &Value) -> Vec<String> {
    let validator = Translation(way).validator(document, schema);
    let errors = validator.iter_errors(example);
    errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The number of examples of a document, and what of them does not fit their schemas.
pub(crate) fn misfits(vendored: &Vendored) -> (usize, Vec<String>) {
    let mut overlaid = vendored.overlaid.clone();
    downconvert(&mut overlaid, &mut Adaptations::default());
    let (mut count, mut wrong) = (0, Vec::new());
    for operation in operations(&overlaid) {
        for (at, way, media) in media(&operation) {
            let several = entries(&media["examples"]).filter_map(|(_, one)| one.get("value"));
            for example in media.get("example").into_iter().chain(several) {
                count += 1;
                let faults = faults(&overlaid, way, &media["schema"], example);
                wrong.extend(faults.into_iter().map(|fault| format!("{at}{fault}")));
            }
        }
    }
    (count, wrong)
}

#[test]
fn an_example_that_does_not_fit_is_told_from_one_that_does() {
    let document = json!({"components": {"schemas": {
        "Thing": {
            "type": "object",
            "required": ["id", "made"],
            "properties": {
                "id": {"type": "string", "readOnly": true},
                "made": {"type": "string", "format": "date-time"},
                "size": {"type": "integer", "nullable": true},
                "more": {"description": "More.", "allOf": [{"$ref": "#/components/schemas/More"}]},
                "free": {"type": "object"},
                "map": {"type": "object", "additionalProperties": {"type": "string"}},
                "either": {"oneOf": [{"type": "string"}, {"type": "string", "minLength": 2}]},
            }
        },
        "More": {"type": "object", "properties": {"kind": {"type": "string", "enum": ["a"]}}},
    }}});
    let schema = json!({"$ref": "#/components/schemas/Thing"});
    let fits = |way, example| faults(&document, way, &schema, &example).is_empty();
    let made = "2020-09-28T17:49+0000";
    for good in [
        json!({"id": "1", "made": made}),
        json!({"id": "1", "made": "2020-09-28T17:49:00Z"}),
        json!({"id": "1", "made": made, "size": null, "more": {"kind": "a"}}),
        json!({"id": "1", "made": made, "free": {"x": {"y": 1}}, "map": {"x": "y"}}),
        json!({"id": "1", "made": made, "either": "two"}),
    ] {
        assert!(fits(Way::Received, good.clone()), "{good}");
    }
    assert!(fits(Way::Sent, json!({"made": made})));
    for bad in [
        json!({"made": made}),
        json!({"id": "1", "made": "yesterday"}),
        json!({"id": "1", "made": made, "size": "1"}),
        json!({"id": "1", "made": made, "more": {"kind": "b"}}),
        json!({"id": "1", "made": made, "more": null}),
        json!({"id": "1", "made": made, "map": {"x": 1}}),
        json!({"id": "1", "made": made, "either": 1}),
    ] {
        assert!(!fits(Way::Received, bad.clone()), "{bad}");
    }
}
