//! `allOf`, unions, recursion and references.

use iam_tests::corpus::{all_of, recursion, references, unions};
use serde_json::{Value, json};

use super::{recorded, round_trip};
use crate::server::Server;

#[tokio::test]
async fn composed_schemas_are_one() {
    let at = |name: &str| format!("/components/schemas/Conflicts/properties/{name}");
    recorded(
        "all_of",
        &[
            ("all-of", &at("choices")),
            ("all-of", &at("disjoint")),
            ("all-of", &at("types")),
            ("open-enums", &at("disjoint")),
            ("open-enums", &at("enums")),
            ("unions", &at("choices")),
        ],
    );
    use all_of::types::{ConflictsChoices, ConflictsDisjoint, ConflictsEnums};
    let server = Server::start(|_| {
        super::json(r#"{"types": [1], "numbers": 2, "enums": "c", "disjoint": "a", "choices": 3}"#)
    })
    .await;
    let api = all_of::Api::new(&server.client());
    let conflicts = api.put_composed("i", "k", "n", 4).send().await.unwrap().into_inner();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({"id": "i", "kind": "k", "name": "n", "size": 4})
    );
    assert_eq!((conflicts.types, conflicts.numbers), (Some(json!([1])), Some(2)));
    assert_eq!(conflicts.enums, Some(ConflictsEnums::Unknown("c".into())));
    assert_eq!(ConflictsEnums::KNOWN, ["b"]);
    assert_eq!(conflicts.disjoint, Some(ConflictsDisjoint::A));
    assert_eq!(ConflictsDisjoint::KNOWN, ["a", "b"]);
    assert_eq!(conflicts.choices, Some(ConflictsChoices::Integer(3)));
}

#[tokio::test]
async fn a_union_is_the_strictest_variant_that_fits() {
    let at = |name: &str| format!("/components/schemas/Unions/properties/{name}");
    let names = [
        "conditions",
        "lists",
        "overlap",
        "pet",
        "pet",
        "plain",
        "scalar",
        "shared",
        "text",
        "times",
        "titled",
    ];
    let places = names.map(at);
    recorded("unions", &places.each_ref().map(|at| ("unions", at.as_str())));
    use unions::types::{
        Unions, UnionsLists, UnionsOverlap, UnionsScalar, UnionsText, UnionsTimes, UnionsTitled,
    };
    let decode = |value: Value| serde_json::from_value::<Unions>(value).unwrap();
    let scalar = |value: Value| decode(json!({"scalar": value})).scalar.unwrap();
    assert_eq!(scalar(json!(true)), UnionsScalar::Boolean(true));
    assert_eq!(scalar(json!(1)), UnionsScalar::Integer(1));
    assert_eq!(scalar(json!(1.5)), UnionsScalar::Number(1.5));
    assert_eq!(scalar(json!("1")), UnionsScalar::Text("1".into()));
    assert_eq!(scalar(json!([])), UnionsScalar::Unknown(json!([])));

    let text = |value: &str| decode(json!({"text": value})).text.unwrap();
    assert_eq!([text("a"), text("c")], [UnionsText::A, UnionsText::C]);
    assert_eq!(text("d"), UnionsText::Unknown("d".into()));
    assert_eq!(decode(json!({"plain": "long"})).plain.as_deref(), Some("long"));

    let overlap = |value: Value| decode(json!({"overlap": value})).overlap.unwrap();
    assert!(
        matches!(overlap(json!({"id": "i", "size": 1})), UnionsOverlap::Stricter(s) if s.size == 1)
    );
    assert!(matches!(overlap(json!({"id": "i"})), UnionsOverlap::Strict(s) if s.id == "i"));
    assert!(matches!(overlap(json!({"note": "n"})), UnionsOverlap::Loose(l) if l.note.is_some()));
    assert!(matches!(overlap(json!(7)), UnionsOverlap::Unknown(value) if value == 7));

    let lists = |value: Value| decode(json!({"lists": value})).lists.unwrap();
    assert_eq!(lists(json!(["a"])), UnionsLists::List(vec!["a".into()]));
    assert_eq!(lists(json!("a")), UnionsLists::from("a"));
    let times = decode(json!({"times": "2020-09-28T17:49+0000"})).times.unwrap();
    assert!(matches!(times, UnionsTimes::Timestamp(t) if t.unix_seconds() == Some(1_601_315_340)));

    assert_eq!(decode(json!({"maybe": null})).maybe, None);
    assert_eq!(decode(json!({"maybe": {"id": "i"}})).maybe.unwrap().id, "i");
    assert_eq!(decode(json!({"single": {"id": "i"}})).single.unwrap().id, "i");
    let titled = decode(json!({"titled": {"name": "n"}})).titled.unwrap();
    assert!(matches!(titled, UnionsTitled::ByName(by) if by.name == "n"));

    // Whatever came is sent as it came.
    let value = json!({
        "conditions": {"b": "2"}, "shared": {"kind": "k", "y": 1}, "overlap": {"size": 1},
        "scalar": {"new": [1]}, "pet": {"id": "i"}, "times": 5,
    });
    let mut kept = value.clone();
    // `Loose` fits, and knows no size.
    kept["overlap"] = json!({});
    assert_eq!(round_trip::<Unions>(&value), kept);
    let server = Server::start(|_| super::json("{}")).await;
    let api = unions::Api::new(&server.client());
    let call = api.put_unions().scalar(true).lists("a").text("d").plain("p");
    call.send().await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({"scalar": true, "lists": "a", "text": "d", "plain": "p"})
    );
}

#[tokio::test]
async fn types_may_contain_themselves() {
    recorded(
        "recursion",
        &[
            ("cycles", "/components/schemas/Forest/additionalProperties"),
            ("cycles", "/components/schemas/Nested/items"),
            ("unions", "/components/schemas/Expression"),
        ],
    );
    use recursion::types::{Expression, Tree};
    let tree = json!({
        "name": "root",
        "parent": {"name": "above"},
        "children": [{"name": "leaf", "children": []}],
        "by_name": {"leaf": {"name": "leaf"}},
        "other": {"tree": {"name": "deep"}, "expression": {"not": ["a", {"not": "b"}]}},
    });
    assert_eq!(round_trip::<Tree>(&tree), tree);
    let expression: Expression = serde_json::from_value(json!({"not": "a"})).unwrap();
    assert!(matches!(&expression, Expression::Not(not) if *not.not == Expression::from("a")));
    let server =
        Server::start(|_| super::json(r#"{"nested": [[], [[]]], "trees": {"a": {}}}"#)).await;
    let api = recursion::Api::new(&server.client());
    let call = api.put_tree("root").parent(Tree::new("above"));
    let roots = call.send().await.unwrap().into_inner();
    assert_eq!(roots.nested, Some(vec![json!([]), json!([[]])]));
    assert_eq!(roots.trees.unwrap()["a"], json!({}));
    let sent: Value = serde_json::from_slice(&server.only().body).unwrap();
    assert_eq!(sent, json!({"name": "root", "parent": {"name": "above"}}));
}

#[tokio::test]
async fn references_lead_everywhere() {
    recorded("references", &[("unused", "/components/schemas/Unused")]);
    use references::types::{GetPlacesResponse, ThingPart};
    let server = Server::start(|_| super::json(r#"{"part": {"size": 2}}"#)).await;
    let api = references::Api::new(&server.client());
    let call = api.post_thing("i").verbose(3).part(ThingPart::new().size(1));
    assert_eq!(call.send().await.unwrap().part.as_ref().unwrap().size, Some(2));
    let seen = server.only();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/things/i?verbose=3"));
    assert_eq!(seen.body, r#"{"part":{"size":1}}"#);
    let places: GetPlacesResponse =
        serde_json::from_value(json!({"part": {"size": 3}, "size": 4})).unwrap();
    assert_eq!((places.part.unwrap().size, places.size), (Some(3), Some(4)));
}
