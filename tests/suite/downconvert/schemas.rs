use iam_tests::corpus::*;
use serde_json::json;

use super::{get_thing, recorded};

#[tokio::test]
async fn boolean_schemas_take_everything_or_nothing() {
    let at = "/components/schemas/Thing/properties/never";
    assert_eq!(recorded("boolean_schemas"), [format!("boolean-schema {at}")]);
    let thing = get_thing!(boolean_schemas, {"free": {"a": [1]}, "list": [1, "a", null], "closed": {"a": "b"}});
    assert_eq!(thing.free, Some(json!({"a": [1]})));
    assert_eq!(thing.list, Some(vec![json!(1), json!("a"), json!(null)]));
    // The service decides: what should not be there is no reason to fail.
    assert_eq!(get_thing!(boolean_schemas, {"never": 1}).never, Some(json!(1)));
}

#[tokio::test]
async fn null_is_let_in_wherever_it_is_an_alternative() {
    use null_alternatives::types;
    assert!(recorded("null_alternatives").is_empty());
    let thing = get_thing!(null_alternatives, {
        "by_type": null, "by_one_of": null, "by_any_of": null, "by_enum": null,
        "items": [null, 0.5], "always": null, "optional_list": null
    });
    assert_eq!((thing.by_type, thing.by_one_of, thing.by_any_of), (None, None, None));
    assert_eq!((thing.by_enum, thing.optional_list), (None, None));
    assert_eq!(thing.items, [None, Some(0.5)]);
    let thing = get_thing!(null_alternatives, {
        "by_type": "a", "by_one_of": {"id": "b"}, "by_any_of": 3, "by_enum": "on",
        "items": [], "always": null, "optional_list": ["c"], "several": true
    });
    assert_eq!(thing.by_type.as_deref(), Some("a"));
    assert_eq!(thing.by_one_of.unwrap().id, "b");
    assert_eq!((thing.by_any_of, thing.by_enum), (Some(3), Some(types::ThingByEnum::On)));
    assert_eq!(thing.optional_list, Some(vec!["c".to_owned()]));
    assert_eq!(thing.several, Some(types::ThingSeveral::Boolean(true)));
}

#[tokio::test]
async fn null_in_dispute_is_let_in() {
    let at = "/components/schemas/Thing/properties";
    assert_eq!(
        recorded("null_disputed"),
        [format!("null {at}/listed"), format!("null {at}/old/nullable")]
    );
    let thing = get_thing!(null_disputed, {"listed": null, "old": null});
    assert_eq!((thing.listed, thing.old), (None, None));
    let thing = get_thing!(null_disputed, {"listed": "b", "old": "c"});
    assert_eq!(thing.listed, Some(null_disputed::types::ThingListed::B));
    assert_eq!(thing.old.as_deref(), Some("c"));
}

#[tokio::test]
async fn each_type_of_a_list_is_a_variant() {
    use type_lists::types::{ThingId, ThingNames, ThingOdd};
    let at = "/components/schemas/Thing/properties/odd/format";
    assert_eq!(recorded("type_lists"), [format!("types {at}")]);
    let thing = get_thing!(type_lists, {"id": "a", "amount": 0.5, "names": null, "odd": true});
    assert_eq!((thing.id, thing.amount), (ThingId::Text("a".into()), 0.5));
    assert_eq!((thing.names, thing.odd), (None, ThingOdd::Boolean(true)));
    let thing = get_thing!(
        type_lists,
        {"id": 7, "amount": 3.0, "names": ["a"], "odd": {"b": 1}, "anything": [1]}
    );
    assert_eq!((thing.id, thing.amount), (ThingId::Integer(7), 3.0));
    assert_eq!(thing.names, Some(ThingNames::List(vec!["a".into()])));
    assert!(matches!(thing.odd, ThingOdd::Map(map) if map["b"] == 1));
    assert_eq!(thing.anything, Some(json!([1])));
    let thing = get_thing!(type_lists, {"id": "a", "amount": 1.5, "names": "b", "odd": 1});
    assert_eq!(thing.names, Some(ThingNames::Text("b".into())));
    assert_eq!(thing.odd, ThingOdd::Unknown(json!(1)));
}

#[tokio::test]
async fn keywords_with_an_equal_are_not_recorded() {
    use equal_keywords::types::ThingKind;
    assert!(recorded("equal_keywords").is_empty());
    let thing = get_thing!(equal_keywords, {
        "kind": "thing", "size": 1, "name": "a", "picture": "aGk=", "labels": {"a": "b"},
        "pair": [1, 2], "open": {"a": "c", "d": 4}, "listed": [true]
    });
    assert_eq!((thing.kind, thing.size), (Some(ThingKind::Thing), Some(1)));
    assert_eq!(ThingKind::KNOWN, ["thing"]);
    assert_eq!(thing.labels.unwrap()["a"], "b");
    assert_eq!((thing.pair, thing.listed), (Some(vec![1, 2]), Some(vec![true])));
    let open = thing.open.unwrap();
    assert_eq!((open.a.as_deref(), open.extra["d"]), (Some("c"), 4));
    let api = super::output("downconvert/equal_keywords.yaml").api;
    let iam_codegen::api::Shape::Struct { fields, .. } = &api.types["Thing"].shape else {
        panic!()
    };
    let bounds =
        |name: &str| fields.iter().find(|f| f.wire == name).unwrap().docs.constraints.clone();
    // 10 is less than 11, so that the inclusive bound is the one that counts.
    assert_eq!(bounds("size"), ["more than 0 and at most 10"]);
    assert_eq!(bounds("pair"), ["at most 2 items"]);
}

#[tokio::test]
async fn references_of_every_form_lead_to_their_schemas() {
    use schema_references::types::Colour;
    assert!(recorded("schema_references").is_empty());
    let thing = get_thing!(schema_references, {
        "sibling": "abc", "part": {"n": 1}, "anchored": "red", "deep": {"edges": 4},
        "definition": {"x": 0.5}
    });
    assert_eq!(thing.sibling.as_deref(), Some("abc"));
    assert_eq!((thing.part.unwrap().n, thing.anchored), (1, Some(Colour::Red)));
    assert_eq!((thing.deep.unwrap().edges, thing.definition.unwrap().x), (4, 0.5));
}

#[tokio::test]
async fn a_dynamic_reference_leads_to_its_only_anchor() {
    assert!(recorded("dynamic_references").is_empty());
    let thing = get_thing!(dynamic_references, {"value": 1, "children": [{"value": 2}]});
    assert_eq!(thing.children.unwrap()[0].value, 2);
}

#[tokio::test]
async fn items_of_a_tuple_are_what_any_position_takes() {
    use tuples::types::ThingPointItem::{Number, Text};
    let at = "/components/schemas/Thing/properties";
    assert_eq!(
        recorded("tuples"),
        [
            format!("prefix-items {at}/open/prefixItems"),
            format!("prefix-items {at}/point/prefixItems")
        ]
    );
    let thing = get_thing!(tuples, {"point": ["a", 0.5], "open": ["a", 1, null]});
    assert_eq!(thing.point, [Text("a".into()), Number(0.5)]);
    assert_eq!(thing.open, Some(vec![json!("a"), json!(1), json!(null)]));
}

#[tokio::test]
async fn a_property_of_any_name_is_what_any_pattern_takes() {
    use pattern_properties::types::ThingValue::{Integer, Text};
    let at = "/components/schemas/Thing/patternProperties";
    assert_eq!(recorded("pattern_properties"), [format!("pattern-properties {at}")]);
    let thing = get_thing!(pattern_properties, {"id": "a", "n_b": 1, "s_c": "d"});
    assert_eq!(thing.id.as_deref(), Some("a"));
    assert_eq!(thing.extra["n_b"], Integer(1));
    assert_eq!(thing.extra["s_c"], Text("d".into()));
    assert_eq!(thing.extra.len(), 2);
}

#[tokio::test]
async fn what_a_string_holds_is_left_to_the_caller() {
    let at = "/components/schemas/Thing/properties";
    assert_eq!(
        recorded("contents_of_strings"),
        [
            format!("content {at}/document/contentMediaType"),
            format!("content {at}/document/contentSchema"),
            format!("content {at}/page/contentMediaType"),
            format!("content {at}/token/contentEncoding"),
        ]
    );
    let thing = get_thing!(
        contents_of_strings,
        {"token": "ME======", "page": "<p>", "document": "{\"a\":1}", "plain": "aGk="}
    );
    assert_eq!(thing.document.as_deref(), Some("{\"a\":1}"));
    assert_eq!(thing.plain.as_deref(), Some("aGk="));
}

#[tokio::test]
async fn without_a_default_mapping_the_fields_decide() {
    use default_mapping::types::Thing;
    let at = "/components/schemas/Thing/discriminator";
    assert_eq!(recorded("default_mapping"), [format!("discriminator {at}")]);
    let cat = get_thing!(default_mapping, {"kind": "cat", "claws": 18});
    assert!(matches!(cat, Thing::Cat(cat) if cat.claws == 18));
    let other = get_thing!(default_mapping, {"name": "Rex"});
    assert!(matches!(other, Thing::Other(other) if other.name == "Rex"));
}

#[tokio::test]
async fn kinds_of_xml_nodes_leave_json_alone() {
    let at = "/components/schemas/Thing/properties/text/xml/nodeType";
    assert_eq!(recorded("xml_nodes"), [format!("xml {at}")]);
    let thing = get_thing!(xml_nodes, {"id": "a", "text": "b"});
    assert_eq!((thing.id.as_deref(), thing.text.as_deref()), (Some("a"), Some("b")));
}

#[tokio::test]
async fn names_of_schemas_and_comments_are_left_out_but_not_fields_called_so() {
    let at = "/components/schemas/Thing";
    assert_eq!(
        recorded("names_of_schemas"),
        [
            format!("comment {at}/$comment"),
            format!("identity {at}/$anchor"),
            format!("identity {at}/$dynamicAnchor"),
            format!("identity {at}/$id"),
            format!("identity {at}/$schema"),
            format!("identity {at}/$vocabulary"),
        ]
    );
    let thing = get_thing!(names_of_schemas, {"$id": "a", "$comment": "b"});
    assert_eq!((thing.id.as_deref(), thing.comment.as_deref()), (Some("a"), Some("b")));
}

#[tokio::test]
async fn one_of_several_examples_is_kept() {
    let at = "/components/schemas/Thing/properties/name/examples";
    assert_eq!(recorded("schema_examples"), [format!("examples {at}")]);
    assert_eq!(get_thing!(schema_examples, {"name": "three"}).name.as_deref(), Some("three"));
}
