//! `allOf`, recursion and references.

use iam_tests::corpus::{all_of, recursion, references};
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
