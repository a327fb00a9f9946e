//! Unions: which variant a value is, and that nothing of it is lost.

use iam_tests::corpus::{inheritance, merged, optional_variants, tagged, unions};
use serde_json::{Value, json};

use super::{recorded, round_trip};
use crate::server::Server;

#[tokio::test]
async fn a_union_is_the_strictest_variant_that_fits() {
    let at = |name: &str| format!("/components/schemas/Unions/properties/{name}");
    let names = [
        "conditions",
        "lists",
        "overlap",
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
    use unions::types::{Unions, UnionsLists, UnionsPet, UnionsScalar, UnionsText, UnionsTimes};
    use unions::types::{UnionsShared, UnionsTitled};
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

    let overlap = decode(json!({"overlap": {"note": "n", "size": 1}})).overlap.unwrap();
    assert_eq!((overlap.id, overlap.note.as_deref(), overlap.size), (None, Some("n"), Some(1)));

    let lists = |value: Value| decode(json!({"lists": value})).lists.unwrap();
    assert_eq!(lists(json!(["a"])), UnionsLists::List(vec!["a".into()]));
    assert_eq!(lists(json!("a")), UnionsLists::from("a"));
    let times = decode(json!({"times": "2020-09-28T17:49+0000"})).times.unwrap();
    assert!(matches!(times, UnionsTimes::Timestamp(t) if t.unix_seconds() == Some(1_601_315_340)));

    assert_eq!(decode(json!({})).maybe, None);
    assert_eq!(decode(json!({"maybe": null})).maybe, Some(None));
    assert_eq!(decode(json!({"maybe": {"id": "i"}})).maybe.unwrap().unwrap().id, "i");
    assert_eq!(decode(json!({"single": {"id": "i"}})).single.unwrap().id, "i");
    let titled = decode(json!({"titled": {"name": "n", "id": null}})).titled.unwrap();
    assert!(matches!(titled, UnionsTitled::ByName(by) if by.name == "n"));
    let shared = decode(json!({"shared": {"kind": "k", "x": null, "y": 1}})).shared.unwrap();
    assert!(
        matches!(shared, UnionsShared::Variant2(two) if (two.kind.as_str(), two.y) == ("k", 1))
    );
    let pet = |value: Value| decode(json!({"pet": value})).pet.unwrap();
    assert!(matches!(pet(json!({"id": "Strict"})), UnionsPet::Strict(_)));
    assert!(matches!(pet(json!({"id": "Loose"})), UnionsPet::Loose(_)));
    assert!(matches!(pet(json!({"id": "other"})), UnionsPet::Unknown(_)));

    // Whatever came is sent as it came.
    let value = json!({
        "conditions": {"b": "2"}, "shared": {"kind": "k", "y": 1}, "overlap": {"size": 1},
        "scalar": {"new": [1]}, "pet": {"id": "i"}, "times": 5, "titled": {"name": "n", "id": "i"},
    });
    assert_eq!(round_trip::<Unions>(&value), value);
    let server = Server::start(|_| super::json("{}")).await;
    let api = unions::Api::new(&server.client());
    let call = api.put_unions().scalar(true).lists("a").text("d").plain("p");
    call.send().await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({"scalar": true, "lists": "a", "text": "d", "plain": "p"})
    );
}

#[test]
fn a_tag_chooses_the_variant() {
    recorded(
        "tagged",
        &[
            ("unions", "/components/schemas/Constant"),
            // The second for the field that `Apple` does not describe.
            ("unions", "/components/schemas/Implicit"),
            ("unions", "/components/schemas/Implicit"),
            ("unions", "/components/schemas/Mapped"),
            ("unions", "/components/schemas/Pets/properties/optional"),
            ("open-enums", "/components/schemas/Circle/properties/shape"),
            ("open-enums", "/components/schemas/Square/properties/shape"),
            ("open-enums", "/components/schemas/Implicit/anyOf/0/properties/fruit"),
            ("open-enums", "/components/schemas/Pets/properties/optional/oneOf/0/properties/kind"),
            ("open-enums", "/components/schemas/Pets/properties/optional/oneOf/1/properties/kind"),
        ],
    );
    use tagged::types::{Constant, Implicit, Mapped, Pets, PetsOptional};
    let mapped = |value: Value| serde_json::from_value::<Mapped>(value).unwrap();
    // The fields would suit either.
    assert!(matches!(mapped(json!({"kind": "cat"})), Mapped::Cat(_)));
    assert!(
        matches!(mapped(json!({"kind": "kitten", "lives": 9})), Mapped::Cat(c) if c.lives == Some(9))
    );
    assert!(matches!(mapped(json!({"kind": "dog"})), Mapped::Dog(_)));
    // A field of another variant does not change what the tag says.
    let dog = json!({"kind": "dog", "breed": "b", "lives": null});
    assert!(matches!(mapped(dog), Mapped::Dog(d) if d.breed.as_deref() == Some("b")));
    for unknown in [json!({"kind": "fish", "fins": 2}), json!({"kind": "cat", "lives": "nine"})] {
        assert_eq!(mapped(unknown.clone()), Mapped::Unknown(unknown));
    }
    let implicit = |value: Value| serde_json::from_value::<Implicit>(value).unwrap();
    assert!(matches!(implicit(json!({"fruit": "Pear", "weight": 1})), Implicit::Pear(_)));
    assert!(matches!(implicit(json!({"fruit": "Apple", "weight": 1})), Implicit::Apple(_)));
    let constant = |value: Value| serde_json::from_value::<Constant>(value).unwrap();
    assert!(matches!(constant(json!({"shape": "circle", "size": 1})), Constant::Circle(_)));
    assert!(matches!(constant(json!({"shape": "square", "size": 1})), Constant::Square(_)));
    assert_eq!(constant(json!("s")), Constant::from("s"));
    // Without its tag a value is what knows most of it.
    let optional = |value: Value| serde_json::from_value::<PetsOptional>(value).unwrap();
    assert!(matches!(optional(json!({"y": 1})), PetsOptional::Variant2(_)));
    assert!(matches!(optional(json!({"kind": "a"})), PetsOptional::Variant1(_)));
    let pets = json!({
        "mapped": {"kind": "dog", "breed": "b"}, "implicit": {"fruit": "Apple", "weight": 1},
        "constant": {"shape": "square", "turned": true}, "optional": {"x": 1},
        "list": [{"kind": "dog", "breed": "b"}, {"kind": "cat", "lives": 9}, {"kind": "new", "z": [1]}],
    });
    assert_eq!(round_trip::<Pets>(&pets), pets);
}

#[tokio::test]
async fn what_extends_a_schema_can_be_sent_and_read() {
    recorded(
        "inheritance",
        &[
            ("open-enums", "/components/schemas/Kind"),
            // Its variants, and how one is chosen.
            ("unions", "/components/schemas/Storage"),
            ("unions", "/components/schemas/Storage"),
            ("unions", "/components/schemas/Vehicle"),
            ("unions", "/components/schemas/Vehicle"),
        ],
    );
    use inheritance::types::{Gcs, S3, Storage, Vehicle};
    let server = Server::start(|_| {
        super::json(r#"[{"kind": "GCS", "account": "a"}, {"kind": "S3", "roleArn": "r"}, {"kind": "new", "z": 1}]"#)
    })
    .await;
    let api = inheritance::Api::new(&server.client());
    let storage = S3::new("S3", "arn").backup(Gcs::new("GCS").account("a"));
    let read = api.create_storage(storage).send().await.unwrap().into_inner();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({"kind": "S3", "roleArn": "arn", "backup": {"kind": "GCS", "account": "a"}})
    );
    let [Storage::Gcs(gcs), Storage::S3(s3), Storage::Unknown(new)] = &*read else {
        panic!("{read:?}")
    };
    assert_eq!((gcs.account.as_deref(), s3.role_arn.as_str()), (Some("a"), "r"));
    assert_eq!(*new, json!({"kind": "new", "z": 1}));

    let vehicle = |value: Value| serde_json::from_value::<Vehicle>(value).unwrap();
    let van = json!({"type": "Van", "doors": 5, "volume": 9, "wheels": 4});
    assert_eq!(round_trip::<Vehicle>(&van), van);
    assert!(matches!(vehicle(van), Vehicle::Van(van) if van.volume == Some(9)));
    assert!(matches!(vehicle(json!({"type": "Car"})), Vehicle::Car(_)));
    assert!(matches!(vehicle(json!({"type": "Bicycle", "wheels": 2})), Vehicle::Bicycle(_)));
    assert!(matches!(vehicle(json!({"type": "Vehicle"})), Vehicle::Base(_)));
}

#[tokio::test]
async fn objects_that_nothing_tells_apart_are_one() {
    let at = |name: &str| format!("/components/schemas/Merged/properties/{name}");
    recorded(
        "merged",
        &[
            ("open-enums", "/components/schemas/Comparison/properties/operator"),
            ("open-enums", "/components/schemas/Group/properties/operator"),
            ("null-lists", "/components/schemas/Control/properties/roles"),
            ("null-lists", "/components/schemas/Group/properties/conditions"),
            ("unions", "/components/schemas/Control"),
            ("unions", "/components/schemas/Grant"),
            ("unions", "/components/schemas/RichControl/properties/roles/items"),
            ("unions", &at("conflict")),
            ("unions", &at("loose")),
            ("unions", &at("node")),
            ("unions", &at("open")),
            ("unions", &at("rule")),
        ],
    );
    use merged::types::{Grant, Merged, MergedConflict, MergedRule, Role};
    let grant = json!({"roles": [{"id": "viewer"}], "references": ["r"]});
    let value = json!({
        "grant": grant,
        "control": {"roles": [{"id": "a", "actions": ["x"], "name": "n"}, {"id": "b", "name": "m"}]},
        "loose": {"a": "1", "b": "2"},
        "node": {"left": "l", "next": {"right": "r", "next": {"left": "l"}}},
        "open": {"a": "1", "b": "2", "c": 3, "d": {"e": [null]}},
        "conflict": {"target": "t", "note": "n", "size": 1},
        "rule": {"key": "k", "operator": "equals", "value": 1, "conditions": []},
    });
    assert_eq!(round_trip::<Merged>(&value), value);
    let decoded: Merged = serde_json::from_value(value).unwrap();
    let (conflict, rule) = (decoded.conflict.unwrap(), decoded.rule.unwrap());
    // No variant has both `note` and `size`, or `key` and `conditions`.
    assert!(matches!(conflict, MergedConflict::Unknown(_)), "{conflict:?}");
    assert!(matches!(rule, MergedRule::Unknown(_)), "{rule:?}");

    let rule = |value: Value| serde_json::from_value::<MergedRule>(value).unwrap();
    let comparison = json!({"key": "k", "operator": "equals", "value": 1, "conditions": null});
    assert!(matches!(rule(comparison), MergedRule::Comparison(c) if c.key == "k"));
    let group = json!({"operator": "and", "conditions": [], "key": null});
    assert!(matches!(rule(group), MergedRule::Group(_)));
    let conflict = |value: Value| serde_json::from_value::<MergedConflict>(value).unwrap();
    assert!(matches!(conflict(json!({"target": {"id": "i"}})), MergedConflict::New(_)));
    assert!(matches!(conflict(json!({"target": "t"})), MergedConflict::Old(_)));
    assert!(matches!(conflict(json!({"size": 1})), MergedConflict::New(_)));

    for (read, sent) in [
        (json!({"roles": [{"id": "v"}], "references": null}), json!({"roles": [{"id": "v"}]})),
        (
            json!({"roles": [{"id": "v"}], "references": []}),
            json!({"roles": [{"id": "v"}], "references": []}),
        ),
        (json!({"references": ["r"], "roles": []}), json!({"references": ["r"], "roles": []})),
    ] {
        assert_eq!(round_trip::<Grant>(&read), sent);
    }
    // As any struct, it is flattened where it is a body.
    let server = Server::start(|_| super::json("{}")).await;
    let api = merged::Api::new(&server.client());
    api.put_grant().roles([Role::new("v")]).references(["r"]).send().await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({"roles": [{"id": "v"}], "references": ["r"]})
    );
}

#[test]
fn a_variant_that_demands_nothing_does_not_hide_one_that_knows_more() {
    use optional_variants::types::{Deep, Flat, Nested, Pair};
    let schemas = "/components/schemas";
    let unions = ["Deep", "Flat", "Nested", "Pair"].map(|name| format!("{schemas}/{name}"));
    recorded("optional_variants", &unions.each_ref().map(|at| ("unions", at.as_str())));
    let flat = |value: Value| serde_json::from_value::<Flat>(value).unwrap();
    assert!(matches!(flat(json!({"a": "1", "b": "2"})), Flat::Many(_)));
    assert!(matches!(flat(json!({"a": "1", "id": "i"})), Flat::Few(_)));
    assert!(matches!(flat(json!({"d": "1"})), Flat::Other(_)));
    for value in [
        json!({"a": "1", "b": "2", "c": "3"}),
        json!({"id": "i", "a": "1", "b": "2"}),
        json!({"a": "1", "d": "4"}),
        json!({"id": true, "d": "4"}),
        json!({"id": 1, "a": "1", "b": "2", "c": "3", "d": "4"}),
    ] {
        assert_eq!(round_trip::<Flat>(&value), value);
    }
    // Variants that differ far below.
    let deep = |four: Value| json!({"one": {"two": {"three": {"four": four}}}});
    for side in [json!("text"), json!(true)] {
        for name in ["left", "right"] {
            let value = deep(json!({name: "x", "side": side}));
            assert_eq!(round_trip::<Deep>(&value), value);
        }
    }
    let left = serde_json::from_value(deep(json!({"left": "x"}))).unwrap();
    assert!(matches!(left, Deep::Left(_)));
    let right = serde_json::from_value(deep(json!({"right": "x"}))).unwrap();
    assert!(matches!(right, Deep::Right(_)));
    // A union in a union has the fields of one of its variants only.
    let nested = |value: Value| serde_json::from_value::<Nested>(value).unwrap();
    assert!(matches!(nested(json!({"f": "1"})), Nested::Pair(Pair::First(_))));
    assert!(matches!(nested(json!({"f": "1", "must": "2"})), Nested::Third(_)));
    for value in
        [json!({"f": "1", "t": "2"}), json!({"s": "1", "t": "2"}), json!({"k": 1, "t": "2"})]
    {
        assert_eq!(round_trip::<Nested>(&value), value);
    }
}
