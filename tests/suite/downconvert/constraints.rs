use serde_json::json;

use super::{get_thing, recorded};

#[tokio::test]
async fn conditions_exclude_nothing() {
    let at = "/components/schemas/Thing";
    assert_eq!(
        recorded("conditional"),
        ["else", "if", "then"].map(|key| format!("conditional {at}/{key}"))
    );
    let thing = get_thing!(conditional, {"kind": "user"});
    assert_eq!((thing.kind.as_str(), thing.email), ("user", None));
    assert_eq!(get_thing!(conditional, {"kind": "b", "email": "c"}).email.as_deref(), Some("c"));
}

#[tokio::test]
async fn a_field_demands_no_other() {
    let at = "/components/schemas/Thing";
    assert_eq!(
        recorded("dependent"),
        ["dependencies", "dependentRequired", "dependentSchemas"]
            .map(|key| format!("dependent {at}/{key}"))
    );
    let thing = get_thing!(dependent, {"card": "a"});
    assert_eq!((thing.card.as_deref(), thing.address), (Some("a"), None));
}

#[tokio::test]
async fn containers_may_contain_anything_of_their_type() {
    let at = "/components/schemas/Thing/properties";
    assert_eq!(
        recorded("contents_of_containers"),
        [
            format!("contains {at}/list/contains"),
            format!("contains {at}/list/maxContains"),
            format!("contains {at}/list/minContains"),
            format!("property-names {at}/map/propertyNames"),
        ]
    );
    let thing = get_thing!(contents_of_containers, {"list": [2], "map": {"A": "b"}});
    assert_eq!(thing.list, Some(vec![2]));
    assert_eq!(thing.map.unwrap()["A"], "b");
}

#[tokio::test]
async fn alternatives_that_became_wider_may_overlap() {
    let at = "/components/schemas/Thing/oneOf";
    assert_eq!(
        recorded("widened_alternatives"),
        [
            format!("conditional {at}/1/if"),
            format!("conditional {at}/1/then"),
            format!("one-of {at}")
        ]
    );
    // Nothing tells the members apart, now that the condition is gone.
    let circle = get_thing!(widened_alternatives, {"name": "a", "radius": 1});
    assert_eq!((circle.name.as_str(), circle.radius), ("a", Some(1)));
    let other = get_thing!(widened_alternatives, {"name": "a"});
    assert_eq!((other.name.as_str(), other.radius), ("a", None));
}

#[tokio::test]
async fn a_negation_of_what_became_wider_excludes_nothing() {
    let at = "/components/schemas/Thing/properties/size/not";
    assert_eq!(
        recorded("negation"),
        [format!("conditional {at}/if"), format!("conditional {at}/then"), format!("not {at}")]
    );
    let thing = get_thing!(negation, {"name": "root", "size": 4});
    assert_eq!((thing.name.as_deref(), thing.size), (Some("root"), Some(4)));
    let api = super::output("downconvert/negation.yaml").api;
    let iam_codegen::api::Shape::Struct { fields, .. } = &api.types["Thing"].shape else {
        panic!()
    };
    let noted: Vec<_> = fields.iter().map(|f| f.docs.constraints.len()).collect();
    assert_eq!(noted, [1, 0], "what can be expressed is still said of `name`");
}

#[tokio::test]
async fn what_no_other_keyword_looked_at_is_let_through() {
    assert_eq!(
        recorded("unevaluated"),
        [
            "unevaluated /components/schemas/List/unevaluatedItems",
            "unevaluated /components/schemas/Thing/unevaluatedProperties",
        ]
    );
    let thing = get_thing!(unevaluated, {"id": "a", "size": 1, "list": [2]});
    assert_eq!((thing.id.as_str(), thing.size, thing.list), ("a", Some(1), Some(vec![2])));
}

#[tokio::test]
async fn keywords_of_the_wrong_form_say_nothing() {
    let at = "/components/schemas/Thing";
    assert_eq!(
        recorded("malformed_keywords"),
        [
            "$defs",
            "definitions",
            "patternProperties",
            "properties/list/prefixItems",
            "properties/list/unevaluatedItems",
            "properties/text/contentEncoding",
            "properties/text/contentMediaType",
        ]
        .map(|key| format!("malformed {at}/{key}"))
    );
    let thing = get_thing!(malformed_keywords, {"list": [1, "a"], "text": "b"});
    assert_eq!(thing.list, Some(vec![json!(1), json!("a")]));
    assert_eq!(thing.text.as_deref(), Some("b"));
}
