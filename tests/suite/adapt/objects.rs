//! Structs, maps, null, and fields that one side alone sends.

use std::collections::BTreeMap;

use iam_tests::corpus::{explicit_null, null, objects, read_only};
use serde_json::{Value, json};

use super::{recorded, round_trip};
use crate::server::Server;

#[tokio::test]
async fn objects_take_what_services_send() {
    let at = |name: &str| format!("/components/schemas/Object/properties/{name}");
    recorded(
        "objects",
        &[
            ("names", &at("extended")),
            ("null-lists", &at("list")),
            ("null-lists", &at("map")),
            ("open-objects", &at("closed")),
            ("open-objects", &at("none")),
            ("required", "/components/schemas/Object"),
        ],
    );
    use objects::types::Object;
    let server = Server::start(|_| {
        super::json(
            r#"{"list": null, "map": null, "maybe": null, "optional_list": null,
                "closed": {"a": "1", "new": true}, "extended": {"extra": "e", "x": 1, "y": null},
                "anything": [1], "free": {"k": {}}, "none": {"k": 1}, "empty": {}, "more": 1}"#,
        )
    })
    .await;
    let api = objects::Api::new(&server.client());
    let map = BTreeMap::from([("x".to_owned(), None), ("y".to_owned(), Some(1))]);
    let call = api.put_object([Some("a".to_owned()), None], map, None).optional_list(["o"]);
    let object = call.send().await.unwrap().into_inner();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({"list": ["a", null], "map": {"x": null, "y": 1}, "maybe": null, "optional_list": ["o"]})
    );
    assert_eq!((object.list.len(), object.map.len(), &object.maybe), (0, 0, &None));
    assert_eq!(object.optional_list, None);
    assert_eq!(object.closed.unwrap().a.as_deref(), Some("1"));
    let extended = object.extended.unwrap();
    assert_eq!(extended.extra2.as_deref(), Some("e"));
    assert_eq!(extended.extra, BTreeMap::from([("x".to_owned(), Some(1)), ("y".to_owned(), None)]));
    assert_eq!(object.anything, Some(json!([1])));
    assert_eq!(object.free.unwrap()["k"], json!({}));
    assert_eq!(object.none.unwrap()["k"], json!(1));
    assert_eq!(object.empty.unwrap().len(), 0);
    // A required list may be null or missing.
    let absent = serde_json::from_value::<Object>(json!({"maybe": null})).unwrap();
    assert!(absent.list.is_empty() && absent.map.is_empty());
}

#[tokio::test]
async fn nobody_demands_what_the_other_side_never_sends() {
    let at = |name: &str| format!("/components/schemas/Account/properties/{name}");
    recorded(
        "read_only",
        &[("read-only", &at("crn")), ("read-only", &at("id")), ("write-only", &at("password"))],
    );
    let server = Server::start(|_| super::json(r#"{"id": "i", "crn": "c", "name": "n"}"#)).await;
    let api = read_only::Api::new(&server.client());
    let account = api.put_account("n").password("p4ss").send().await.unwrap().into_inner();
    assert_eq!([account.id, account.crn].map(Option::unwrap), ["i", "c"]);
    assert_eq!((account.name.as_str(), account.password), ("n", None));
    let sent: Value = serde_json::from_slice(&server.only().body).unwrap();
    assert_eq!(sent, json!({"name": "n", "password": "p4ss"}));
    assert!(!format!("{:?}", api.put_account("n").password("p4ss")).contains("p4ss"));
    // A type of responses alone keeps the promise.
    let received: read_only::types::Received = serde_json::from_value(json!({"id": "i"})).unwrap();
    assert_eq!(received.id, "i");
    assert!(serde_json::from_value::<read_only::types::Received>(json!({})).is_err());
}

#[tokio::test]
async fn null_is_taken_wherever_it_is_allowed() {
    recorded("null", &[("unions", "/components/schemas/Nulls/properties/choice")]);
    use null::types::{NullablePart, Nulls, NullsChoice};
    let all_null = json!({
        "text": null, "reference": null, "nullable_component": null, "composed": null,
        "choice": null, "list": null,
    });
    assert_eq!(round_trip::<Nulls>(&all_null), all_null);
    let none = json!({
        "text": "t", "reference": {"id": "i"}, "nullable_component": {"id": "i"},
        "composed": {"id": "i", "more": "m"}, "choice": 1, "list": [{"id": "i"}, null],
    });
    assert_eq!(round_trip::<Nulls>(&none), none);
    let server = Server::start(|_| {
        super::json(
            r#"{"text": null, "reference": null, "nullable_component": null, "composed": null,
                "choice": null, "list": [null]}"#,
        )
    })
    .await;
    let api = null::Api::new(&server.client());
    let list: Option<Vec<Option<NullablePart>>> = Some(vec![None]);
    let call = api.put_null(Some(NullsChoice::from("c")), None, list, None, None, None);
    let answered = call.send().await.unwrap().into_inner();
    assert_eq!((answered.choice, answered.list), (None, Some(vec![None])));
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({
            "choice": "c", "composed": null, "list": [null], "nullable_component": null,
            "reference": null, "text": null,
        })
    );
}

#[tokio::test]
async fn null_is_sent_where_it_differs_from_nothing() {
    let recorded_names = ("names", "/paths/~1notes~1{title}/patch");
    recorded("explicit_null", &[recorded_names]);
    use explicit_null::types::{Owner, Settings};
    let server = Server::answering(204, "").await;
    let api = explicit_null::Api::new(&server.client());
    let call = || api.update_note("n");
    call().send().await.unwrap();
    call().body_title("t").text("x").labels(["l"]).owner(Owner::new("o")).send().await.unwrap();
    let cleared = call().clear_body_title().clear_labels().clear_owner();
    // The parameter has the plain name.
    cleared.clear_text2().clear_text(true).pinned(false).send().await.unwrap();
    call().owner(Owner::new("o").clear_phone()).text("x").clear_text2().send().await.unwrap();
    call().clear_text2().text("x").anything(Value::Null).send().await.unwrap();
    api.replace_settings().send().await.unwrap();
    let nested = Settings::default().color("red").clear_clear_color();
    api.replace_settings().clear_size().clear_color2().nested(nested).send().await.unwrap();
    // Null and absent are the same to a `POST`.
    api.create_settings().color("red").send().await.unwrap();
    let bodies: Vec<Value> = server
        .seen()
        .iter()
        .map(|seen| serde_json::from_slice(&seen.body).unwrap_or(json!("none")))
        .collect();
    let expected = [
        json!({}),
        json!({"title": "t", "text": "x", "labels": ["l"], "owner": {"id": "o"}}),
        json!({"title": null, "labels": null, "owner": null, "text": null, "pinned": false}),
        json!({"owner": {"id": "o", "phone": null}, "text": null}),
        json!({"text": "x", "anything": null}),
        json!("none"),
        json!({"size": null, "color": null, "nested": {"color": "red", "clear_color": null}}),
        json!({"color": "red"}),
    ];
    assert_eq!(bodies, expected);
    assert_eq!(server.seen()[2].target, "/notes/n?clear_text=true");
    let media_type = server.seen()[0].header("content-type");
    assert_eq!(media_type.as_deref(), Some("application/merge-patch+json"));
}

#[tokio::test]
async fn what_was_read_is_sent_back_with_its_nulls() {
    use explicit_null::types::Page;
    let stored = r#"{"color": null, "nested": {"color": "red", "size": null}}"#;
    let server = Server::start(move |_| super::json(stored)).await;
    let api = explicit_null::Api::new(&server.client());
    let settings = api.get_settings().send().await.unwrap().into_inner();
    assert_eq!((&settings.color, &settings.clear_color), (&Some(None), &None));
    api.replace_settings().body(settings).send().await.unwrap();
    let sent: Value = serde_json::from_slice(&server.seen()[1].body).unwrap();
    assert_eq!(sent, serde_json::from_str::<Value>(stored).unwrap());
    // A page is read as elsewhere.
    let page: Page = serde_json::from_value(json!({"next": null})).unwrap();
    assert_eq!((page.next, page.entries), (None, None));
}
