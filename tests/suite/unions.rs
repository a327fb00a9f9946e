//! The unions of the vendored documents, and those that policies have had: what a
//! response holds is what is sent back, whichever variants its fields are from.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use iam_client::policy_management::types::ControlResponse;
use iam_codegen::{Limits, document::parse_value};
use iam_tests::{
    corpus::policies::{
        Api,
        types::{Assignment, Grant, NestedCondition, Policy, Rule},
    },
    schemas,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    openapi::vendored,
    server::{Server, answer},
    workspace,
};

const VIEWER: &str = "crn:v1:bluemix:public:iam::::role:Viewer";

fn round_trip<T: DeserializeOwned + Serialize>(value: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(value.clone()).unwrap()).unwrap()
}

/// A value without the fields that are null: null and absent mean the same.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            fields.map(|(name, value)| (name.clone(), without_nulls(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

#[test]
fn neither_null_nor_an_empty_list_takes_the_place_of_another_variant() {
    let references = json!([{"id": "t", "version": "1"}]);
    for grant in [
        json!({"roles": [{"role_id": VIEWER}], "role_template_references": null}),
        json!({"roles": [{"role_id": VIEWER}], "role_template_references": []}),
        json!({"roles": null, "role_template_references": references}),
        json!({"roles": [{"role_id": VIEWER}], "role_template_references": references}),
        json!({"roles": []}),
        json!({}),
    ] {
        assert_eq!(round_trip::<Grant>(&grant), without_nulls(&grant));
    }
    let condition = json!({"key": "k", "operator": "stringEqualsAnyOf", "value": ["v"]});
    for empty in [Value::Null, json!([])] {
        let mut with_both = condition.clone();
        with_both["conditions"] = empty;
        assert_eq!(round_trip::<NestedCondition>(&with_both), without_nulls(&with_both));
        assert_eq!(round_trip::<Rule>(&with_both), without_nulls(&with_both));
    }
    let mut with_null = condition.clone();
    with_null["conditions"] = Value::Null;
    let rule: Rule = serde_json::from_value(with_null).unwrap();
    assert!(matches!(rule, Rule::Attribute(rule) if rule.key == "k"));
}

#[test]
fn each_role_of_a_control_keeps_what_it_has() {
    let action = json!({"id": "iam.policy.read", "display_name": "Read", "description": "Reads."});
    let control = json!({"grant": {"roles": [
        {"role_id": VIEWER, "display_name": "Viewer", "description": "Views.", "actions": [action]},
        {"role_id": "crn", "display_name": "Own", "description": "Does."},
    ]}});
    assert_eq!(round_trip::<ControlResponse>(&control), control);
}

#[test]
fn the_target_of_an_assignment_is_text_or_an_object() {
    let old = json!({
        "template_id": "t", "template_version": "1", "target_type": "Account",
        "target": "0123abcd", "status": "failed",
    });
    let Assignment::OldAssignment(assignment) = serde_json::from_value(old).unwrap() else {
        panic!("it has a target of text");
    };
    assert_eq!(
        (assignment.target.as_str(), assignment.template_version.as_str()),
        ("0123abcd", "1")
    );
    let new = json!({
        "target": {"type": "Account", "id": "0123abcd"},
        "template": {"id": "t", "version": "1"}, "status": "failed",
    });
    let Assignment::V1(assignment) = serde_json::from_value(new).unwrap() else {
        panic!("its target is an object");
    };
    assert_eq!(assignment.target.id, "0123abcd");
    assert_eq!(assignment.template.version, "1");
}

#[test]
fn the_value_of_a_nested_condition_is_read_as_it_is() {
    for value in [json!("text"), json!(true), json!(false), json!(["a", "b"])] {
        let condition = |operator| json!({"key": "k", "operator": operator, "value": value});
        let policy = json!({"rule": {"operator": "and", "conditions": [
            condition("timeLessThan"), {"operator": "or", "conditions": [condition("stringEquals")]},
        ]}});
        let policy: Policy = serde_json::from_value(policy).unwrap();
        let Some(Rule::WithNestedConditions(rule)) = &policy.rule else {
            panic!("{:?}", policy.rule)
        };
        let [NestedCondition::RuleAttribute(one), NestedCondition::RuleWithConditions(more)] =
            &*rule.conditions
        else {
            panic!("{rule:?}")
        };
        assert_eq!((&one.value, &more.conditions[0].value), (&value, &value));
    }
}

/// Reads a policy, and sends what was read in its place.
#[tokio::test]
async fn a_policy_read_and_replaced_stays_as_it_was() {
    let references = json!([{"id": "t", "version": "1"}]);
    let grants = [
        json!({"roles": [{"role_id": VIEWER}], "role_template_references": null}),
        json!({"roles": [{"role_id": VIEWER}], "role_template_references": []}),
        json!({"roles": [{"role_id": VIEWER}], "role_template_references": references}),
    ];
    let rule = json!({"operator": "and", "conditions": [
        {"key": "k", "operator": "timeLessThan", "value": "t", "conditions": null},
        {"operator": "or", "conditions": [{"key": "k", "operator": "stringExists", "value": true}]},
    ]});
    for grant in grants {
        let policy = json!({"grant": grant, "rule": rule});
        let text = policy.to_string();
        let server = Server::start(move |_| {
            answer(200, &[("content-type", "application/json")], text.clone())
        })
        .await;
        let api = Api::new(&server.client());
        let read = api.get_policy("id").send().await.unwrap().into_inner();
        api.replace_policy("id").body(read).send().await.unwrap();
        let sent: Value = serde_json::from_slice(&server.seen().pop().unwrap().body).unwrap();
        assert_eq!(sent, without_nulls(&policy));
    }
}

/// A document by whose schemas values are made.
struct Schemas(Value);

type Fields = BTreeMap<String, Vec<Value>>;

impl Schemas {
    /// The schema at the end of references and lone `allOf`s.
    fn follow<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        loop {
            let reference = schema["$ref"].as_str().map(|reference| &reference[1..]);
            schema = match (reference, schema["allOf"].as_array().map(Vec::as_slice)) {
                (Some(pointer), _) => self.0.pointer(pointer).unwrap(),
                (None, Some([only])) if schema.get("properties").is_none() => only,
                _ => return schema,
            };
        }
    }

    fn variants<'a>(&self, schema: &'a Value) -> Option<(&'static str, &'a [Value])> {
        ["oneOf", "anyOf"]
            .into_iter()
            .find_map(|key| Some((key, schema[key].as_array()?.as_slice())))
    }

    /// The properties of an object and which of them it must have.
    fn fields(&self, schema: &Value) -> (Fields, BTreeSet<String>) {
        let schema = self.follow(schema);
        let (mut fields, mut required) = (Fields::new(), BTreeSet::new());
        for member in schema["allOf"].as_array().into_iter().flatten() {
            let (more, demanded) = self.fields(member);
            fields.extend(more);
            required.extend(demanded);
        }
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            fields.insert(name.clone(), vec![property.clone()]);
        }
        let names = schema["required"].as_array().into_iter().flatten();
        required.extend(names.filter_map(Value::as_str).map(str::to_owned));
        (fields, required)
    }

    /// Values that the schema admits, and null wherever a field may be absent.
    fn values(&self, schema: &Value) -> BoxedStrategy<Value> {
        let schema = self.follow(schema);
        if let Some((key, variants)) = self.variants(schema) {
            return self.union(key, variants);
        }
        if let Some(values) = schema["enum"].as_array() {
            // Services add values.
            let values = values.iter().cloned().chain([json!("never heard of")]);
            return select(values.collect::<Vec<_>>()).boxed();
        }
        if schema.get("properties").is_some() || schema.get("allOf").is_some() {
            let (fields, required) = self.fields(schema);
            return self.object(fields, &required);
        }
        match schema["type"].as_str() {
            Some("string") if schema["format"] == "date-time" => {
                select(vec![json!("2020-09-28T17:49+0000"), json!("2023-03-07T13:55:33Z")]).boxed()
            }
            Some("string") => "[ -~]{0,6}".prop_map(Value::from).boxed(),
            Some("integer") => any::<i32>().prop_map(Value::from).boxed(),
            Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
            Some("array") => {
                vec(self.values(&schema["items"]), 0..3).prop_map(Value::Array).boxed()
            }
            Some("object") => vec(("[a-z]{1,3}", self.values(&json!({}))), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect()))
                .boxed(),
            None => {
                select(vec![json!("text"), json!(7), json!([]), json!(["a"]), json!({"a": {}})])
                    .boxed()
            }
            Some(other) => panic!("no values of type {other}"),
        }
    }

    /// Values of each variant, in which fields of the others may be null; of
    /// `anyOf` also values of several at once.
    fn union(&self, key: &str, variants: &[Value]) -> BoxedStrategy<Value> {
        let all: Vec<(Fields, BTreeSet<String>)> =
            variants.iter().map(|variant| self.fields(variant)).collect();
        let names: BTreeSet<String> = all.iter().flat_map(|(f, _)| f.keys().cloned()).collect();
        let mut choices: Vec<BoxedStrategy<Value>> = Vec::new();
        for (fields, required) in &all {
            let others = names.iter().filter(|name| !fields.contains_key(*name)).cloned();
            let nulls = vec(any::<bool>(), names.len() - fields.len());
            let others: Vec<String> = others.collect();
            let own = self.object(fields.clone(), required);
            choices.push(
                (own, nulls)
                    .prop_map(move |(mut value, nulls)| {
                        for (name, _) in others.iter().zip(nulls).filter(|(_, null)| *null) {
                            value[name] = Value::Null;
                        }
                        value
                    })
                    .boxed(),
            );
        }
        if key == "anyOf" {
            let mut fields = Fields::new();
            for (own, _) in &all {
                for (name, schemas) in own {
                    fields.entry(name.clone()).or_default().extend(schemas.iter().cloned());
                }
            }
            choices.push(self.object(fields, &BTreeSet::new()));
        }
        proptest::strategy::Union::new(choices).boxed()
    }

    fn object(&self, fields: Fields, required: &BTreeSet<String>) -> BoxedStrategy<Value> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for (name, schemas) in fields {
            let value = schemas.iter().map(|schema| self.values(schema));
            let value = proptest::strategy::Union::new(value.collect::<Vec<_>>());
            values.push(if required.contains(&name) {
                value.prop_map(Some).boxed()
            } else {
                prop_oneof![option::of(value), Just(Some(Value::Null))].boxed()
            });
            names.push(name);
        }
        values
            .prop_map(move |values| {
                let fields = names.iter().cloned().zip(values);
                let fields = fields.filter_map(|(name, value)| Some((name, value?)));
                Value::Object(fields.collect::<Map<_, _>>())
            })
            .boxed()
    }
}

/// The documents whose unions are tried, by their names among the modules.
fn documents() -> Vec<(String, Value)> {
    let own = "corpus/adapt/policies.yaml";
    let bytes = fs::read(workspace::root().join("tests").join(own)).unwrap();
    let policies = parse_value(own, &bytes, &Limits::default()).unwrap();
    let vendored = vendored().iter().map(|one| (one.name.clone(), one.overlaid.clone()));
    vendored.chain([(own.to_owned(), policies)]).collect()
}

#[test]
fn a_value_of_any_variant_survives() {
    let modules = schemas::all();
    let mut tried = BTreeSet::new();
    for (document, value) in documents() {
        let module = modules.iter().find(|module| module.document == document);
        let types = &module.unwrap_or_else(|| panic!("no module of {document}")).types;
        let schemas = Schemas(value);
        for (name, schema) in schemas.0["components"]["schemas"].as_object().unwrap() {
            if schemas.variants(schema).is_none() {
                continue;
            }
            let type_ = types.iter().find(|type_| type_.name == name).unwrap();
            let mut runner =
                TestRunner::new(Config { failure_persistence: None, ..Config::default() });
            runner
                .run(&schemas.values(schema), |value| {
                    let (_, sent) = (type_.show)(value.clone()).unwrap();
                    prop_assert_eq!(without_nulls(&sent), without_nulls(&value), "{}", name);
                    Ok(())
                })
                .unwrap();
            assert!(tried.insert((document.clone(), name.clone())));
        }
    }
    let own = tried.iter().filter(|(document, _)| document.starts_with("corpus/"));
    assert_eq!(own.count(), 4, "{tried:?}");
    assert!(tried.len() > 4, "{tried:?}");
}
