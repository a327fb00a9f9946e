use serde_json::{Value, json};

use super::*;
use crate::{
    Document, Settings,
    api::{Field, Place, Shape, Type},
};

fn document(paths: Value, schemas: Value) -> Value {
    json!({
        "openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": paths, "components": {"schemas": schemas},
    })
}

#[track_caller]
fn adapted(document: Value) -> Api {
    adapt("t.json", document, &mut Adaptations::new()).unwrap()
}

/// The types of a service that takes and returns the schema `Root`.
#[track_caller]
fn types(schemas: Value) -> std::collections::BTreeMap<String, crate::api::TypeDefinition> {
    let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Root"}}});
    let put = json!({
        "operationId": "put",
        "requestBody": {"required": true, "content": content},
        "responses": {"200": {"description": "", "content": content}},
    });
    adapted(document(json!({"/": {"put": put}}), schemas)).types
}

#[track_caller]
fn fields(shape: &Shape) -> &[Field] {
    match shape {
        Shape::Struct { fields, .. } => fields,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn variants(shape: &Shape) -> Vec<&str> {
    match shape {
        Shape::Union { variants, .. } => variants.iter().map(|v| v.name.as_str()).collect(),
        Shape::Enum { values } => values.iter().map(|(_, name)| name.as_str()).collect(),
        Shape::Struct { .. } => panic!("a struct"),
    }
}

fn operation(id: &str, parameters: Value) -> Value {
    json!({"operationId": id, "parameters": parameters, "responses": {"204": {"description": ""}}})
}

/// Turns every list around whose order means nothing.
fn turned(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().rev().map(|(key, value)| (key.clone(), turned(value))).collect()
        }
        Value::Array(list) => list.iter().rev().map(turned).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_order_of_a_document_does_not_matter() {
    let string = json!({"type": "string"});
    let body = json!({"required": true, "content": {"application/json": {"schema": {
        "type": "object", "required": ["b", "a", "kind"],
        "properties": {
            "b": string, "a": string, "d": {"type": "integer"}, "c": {"$ref": "#/components/schemas/Choice"},
            "kind": {"type": "string", "enum": ["z", "Z", "a"]},
            "all": {"allOf": [{"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"}]},
        },
    }}}});
    let parameters = json!([
        {"name": "z", "in": "path", "required": true, "schema": string},
        {"name": "q2", "in": "query", "required": true, "schema": string},
        {"name": "q1", "in": "query", "required": true, "schema": string},
        {"name": "a", "in": "path", "required": true, "schema": string},
        {"name": "a-b", "in": "header", "schema": string},
        {"name": "a_b", "in": "header", "schema": string},
    ]);
    let mut put = operation("put", parameters);
    put["requestBody"] = body;
    let document = document(
        json!({"/{z}/{a}": {"put": put}, "/": {"get": operation("get", json!([]))}}),
        json!({
            "Choice": {"oneOf": [
                {"$ref": "#/components/schemas/One"}, {"$ref": "#/components/schemas/Two"},
                {"type": "string"}, {"type": "boolean"},
            ]},
            "One": {"type": "object", "required": ["x"], "properties": {"x": string}},
            "Two": {"type": "object", "required": ["y"], "properties": {"y": string}},
        }),
    );
    let source = |value: Value| {
        let document = Document::from_value("t.json", value).unwrap();
        crate::run(document, &[], &Settings::new("Api")).unwrap().source
    };
    let turned = turned(&document);
    assert_ne!(turned, document);
    assert_eq!(source(turned), source(document));
}

#[test]
fn arguments_stand_by_place_and_then_by_template_or_name() {
    let parameter = |name: &str, place: &str| json!({"name": name, "in": place, "required": true, "schema": {"type": "string"}});
    let parameters = json!([
        parameter("b", "header"),
        parameter("a", "header"),
        parameter("y", "query"),
        parameter("x", "query"),
        parameter("a", "path"),
        parameter("z", "path"),
    ]);
    let api =
        adapted(document(json!({"/{z}/{a}": {"get": operation("g", parameters)}}), json!({})));
    let order: Vec<_> = api.operations[0]
        .parameters
        .iter()
        .map(|p| (p.place, p.wire.as_str(), p.name.as_str()))
        .collect();
    assert_eq!(
        order,
        [
            (Place::Path, "z", "z"),
            (Place::Path, "a", "a"),
            (Place::Query, "x", "x"),
            (Place::Query, "y", "y"),
            (Place::Header, "a", "a2"),
            (Place::Header, "b", "b"),
        ]
    );
}

#[test]
fn methods_are_sorted_and_reserved_names_set_apart() {
    let get = |id: &str| json!({"get": operation(id, json!([]))});
    let paths = json!({"/a": get("zeta"), "/b": get("new"), "/c": get("all"), "/d": get("Type")});
    let api = adapted(document(paths, json!({})));
    let names: Vec<_> =
        api.operations.iter().map(|o| (o.name.as_str(), o.type_name.as_str())).collect();
    assert_eq!(
        names,
        [
            ("all_operation", "AllOperation"),
            ("new_operation", "NewOperation"),
            ("type_", "Type"),
            ("zeta", "Zeta"),
        ]
    );
}

#[test]
fn a_body_field_gives_way_to_a_parameter_and_to_the_builder() {
    let mut put =
        operation("put", json!([{"name": "id", "in": "query", "schema": {"type": "string"}}]));
    put["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": {
        "type": "object",
        "properties": {"id": {}, "body_id": {}, "send": {}, "plain": {}},
    }}}});
    let api = adapted(document(json!({"/": {"put": put}}), json!({})));
    let names = api.operations[0].body.as_ref().unwrap().flattened.as_ref().unwrap();
    let names: Vec<_> = names.iter().map(|(wire, name)| (wire.as_str(), name.as_str())).collect();
    // `body_id` comes first and keeps its name.
    assert_eq!(
        names,
        [("body_id", "body_id"), ("id", "body_id2"), ("plain", "plain"), ("send", "body_send")]
    );
}

#[test]
fn fields_are_sorted_required_ones_first() {
    let types = types(json!({"Root": {
        "type": "object", "required": ["z", "b"],
        "properties": {"a": {}, "new": {}, "b": {}, "extra": {}, "z": {}, "self": {}},
    }}));
    let names: Vec<_> = fields(&types["Root"].shape).iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["b", "z", "a", "extra2", "new2", "self_"]);
}

#[test]
fn a_component_that_is_a_rust_name_keeps_it() {
    let object = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let types = types(json!({
        "Root": {"type": "object", "properties": {
            "one": {"$ref": "#/components/schemas/api_key"},
            "two": {"$ref": "#/components/schemas/ApiKey"},
            "api": {"type": "object", "properties": {"key": object}},
        }},
        "ApiKey": object, "api_key": object, "RootApi": object,
    }));
    let components: Vec<_> =
        types.iter().map(|(name, t)| (name.as_str(), t.component.as_deref())).collect();
    assert_eq!(
        components,
        [
            ("ApiKey", Some("ApiKey")),
            ("ApiKey2", Some("api_key")),
            ("Root", Some("Root")),
            ("RootApi2", None),
            ("RootApi2Key", None),
        ]
    );
}

#[test]
fn the_variant_that_demands_most_stands_first() {
    let object = |required: Value, properties: Value| json!({"type": "object", "required": required, "properties": properties});
    let types = types(json!({
        "Root": {"anyOf": [
            {}, {"type": "string"}, {"type": "string", "format": "date-time"},
            {"type": "object"}, {"$ref": "#/components/schemas/Kind"},
            {"$ref": "#/components/schemas/Loose"}, {"$ref": "#/components/schemas/Tight"},
            {"$ref": "#/components/schemas/Nested"}, {"type": "array", "items": {}},
            {"type": "number"}, {"type": "integer"}, {"type": "boolean"},
        ]},
        "Kind": {"type": "string", "enum": ["a"]},
        "Loose": object(json!([]), json!({"a": {}, "b": {}, "c": {}})),
        "Tight": object(json!(["a"]), json!({"a": {}})),
        "Nested": object(json!(["t"]), json!({"t": {"$ref": "#/components/schemas/Tight"}})),
    }));
    assert_eq!(
        variants(&types["Root"].shape),
        [
            "Boolean",
            "Integer",
            "Number",
            "List",
            "Nested",
            "Tight",
            "Loose",
            "Map",
            "Kind",
            "Timestamp",
            "Text",
            "Any",
        ]
    );
}

#[test]
fn no_variant_is_called_as_the_one_that_keeps_the_rest() {
    let types = types(json!({
        "Root": {"oneOf": [{"$ref": "#/components/schemas/Unknown"}, {"$ref": "#/components/schemas/Kind"}]},
        "Unknown": {"type": "object", "required": ["a"], "properties": {"a": {}}},
        "Kind": {"type": "string", "enum": ["unknown", "Unknown", "known"]},
    }));
    assert_eq!(variants(&types["Root"].shape), ["Unknown2", "Kind"]);
    assert_eq!(variants(&types["Kind"].shape), ["Unknown2", "Known", "Unknown3"]);
}

#[test]
fn only_what_closes_a_circle_is_boxed() {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let types = types(json!({
        "Root": {"type": "object", "properties": {
            "direct": reference("Root"), "list": {"type": "array", "items": reference("Root")},
            "map": {"type": "object", "additionalProperties": reference("Root")},
            "through": reference("Middle"), "leaf": reference("Leaf"), "tree": reference("Tree"),
        }},
        "Middle": {"type": "object", "properties": {"root": reference("Root")}},
        "Leaf": {"type": "object", "properties": {"a": {}}},
        "Tree": {"oneOf": [{"type": "boolean"}, reference("Not")]},
        "Not": {"type": "object", "required": ["not"], "properties": {"not": reference("Tree")}},
    }));
    let boxed = |name: &str| -> Vec<&str> {
        let fields = fields(&types[name].shape).iter();
        fields.filter(|f| matches!(f.type_, Type::Boxed(_))).map(|f| f.wire.as_str()).collect()
    };
    assert_eq!(boxed("Root"), ["direct", "through"]);
    assert_eq!(boxed("Middle"), ["root"]);
    assert_eq!(boxed("Not"), ["not"]);
    let Shape::Union { variants, .. } = &types["Tree"].shape else { panic!() };
    assert!(matches!(variants[1].type_, Type::Boxed(_)), "{variants:?}");
}

#[test]
fn the_endpoint_is_the_first_server_if_it_is_an_address() {
    for (url, endpoint) in [
        ("https://a.example/b", Some("https://a.example/b")),
        ("http://localhost:1", Some("http://localhost:1")),
        ("/relative", None),
        ("https://{region}.example", None),
        ("https://{zone}.example", Some("https://eu.example")),
        ("ftp://a.example", None),
    ] {
        let mut document = document(json!({}), json!({}));
        document["servers"] = json!([{"url": url, "variables": {"zone": {"default": "eu"}}}, {"url": "https://second.example"}]);
        assert_eq!(adapted(document).server.endpoint.as_deref(), endpoint, "{url}");
    }
}

#[test]
fn what_nothing_uses_has_no_type() {
    let mut record = Adaptations::new();
    let object = json!({"type": "object", "properties": {"a": {}}});
    let api = adapt("t.json", document(json!({}), json!({"A": object})), &mut record).unwrap();
    assert!(api.types.is_empty() && api.operations.is_empty());
    let found: Vec<_> = record.into_list().into_iter().map(|a| (a.pass, a.pointer)).collect();
    assert_eq!(found, [("unused", "/components/schemas/A".to_owned())]);
}

#[test]
fn no_document_makes_it_panic() {
    for document in [
        json!(null),
        json!([]),
        json!({"paths": []}),
        json!({"paths": {"/": null, "/a": {"get": {"operationId": "a", "parameters": {}, "responses": []}}}}),
        json!({"paths": {"/": {"get": {"operationId": "a", "parameters": [null], "requestBody": 1}}}}),
        json!({"paths": {}, "components": {"schemas": []}}),
    ] {
        let outcome = adapt("t.json", document.clone(), &mut Adaptations::new());
        let said = outcome.map_or_else(|error| error.to_string(), |api| api.title);
        assert!(!said.contains("internal error"), "{document}: {said}");
    }
}

#[test]
fn an_if_match_header_of_text_is_an_entity_tag() {
    let parameter = |name: &str, place: &str, type_: &str| json!({"name": name, "in": place, "schema": {"type": type_}});
    let parameters = json!([
        parameter("IF-match", "header", "string"),
        parameter("If-None-Match", "header", "string"),
        parameter("If-Match", "query", "string"),
    ]);
    let api = adapted(document(json!({"/": {"get": operation("a", parameters)}}), json!({})));
    let types: Vec<_> =
        api.operations[0].parameters.iter().map(|p| (p.wire.as_str(), &p.type_)).collect();
    assert_eq!(
        types,
        [("If-Match", &Type::String), ("IF-match", &Type::ETag), ("If-None-Match", &Type::String)]
    );
    let number = json!([parameter("If-Match", "header", "integer")]);
    let api = adapted(document(json!({"/": {"get": operation("a", number)}}), json!({})));
    assert_eq!(api.operations[0].parameters[0].type_, Type::Integer("i64"));
}

mod unions;
