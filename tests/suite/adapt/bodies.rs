//! Request bodies, media types and forms.

use std::collections::BTreeMap;

use bytes::Bytes;
use iam_tests::corpus::{bodies, constants, form, media_types, optional_body};
use serde_json::{Value, json};

use super::{owned, pairs, recorded};
use crate::server::{Seen, Server, TOKEN, answer};

/// Metadata, as a SAML identity provider has them.
const XML: &str =
    "<?xml version=\"1.0\"?>\n<md:EntityDescriptor entityID=\"ä\">&amp;</md:EntityDescriptor>\n";

fn text(seen: &Seen) -> &str {
    std::str::from_utf8(&seen.body).unwrap()
}

#[tokio::test]
async fn each_media_type_is_sent_and_read_as_it_is() {
    recorded(
        "media_types",
        &[
            ("formats", "/paths/~1xml/post/requestBody/content/text~1xml/schema"),
            ("media-types", "/paths/~1any/post/requestBody"),
            ("media-types", "/paths/~1any-json/get/responses/200"),
            ("media-types", "/paths/~1several/post/requestBody"),
            ("media-types", "/paths/~1several/post/responses/200"),
        ],
    );
    let server = Server::start(|seen| match seen.target.as_str() {
        "/xml" => answer(200, &[("content-type", "application/xml;charset=UTF-8")], XML),
        "/bytes" => answer(200, &[], &[0xFF, 0][..]),
        "/any" => answer(200, &[], "any"),
        "/any-json" => answer(200, &[], "[1]"),
        "/untyped" => answer(200, &[], "[null]"),
        "/merge" => answer(200, &[], r#"{"title":"t"}"#),
        "/versioned" => answer(200, &[], "\"two\""),
        "/several" => answer(200, &[], r#"{"name":"n"}"#),
        _ => answer(200, &[], "text"),
    })
    .await;
    let api = media_types::Api::new(&server.client());
    assert_eq!(*api.post_xml("<a/>").send().await.unwrap(), XML);
    assert_eq!(*api.post_text().send().await.unwrap(), "text");
    assert_eq!(*api.post_text().body("ü").send().await.unwrap(), "text");
    let bytes: Bytes = Bytes::from_static(&[0, 0xFF]);
    assert_eq!(*api.post_bytes(bytes).send().await.unwrap(), &[0xFF, 0][..]);
    assert_eq!(*api.post_any([1, 2]).send().await.unwrap(), "any");
    assert_eq!(*api.get_any_json().send().await.unwrap(), [1]);
    let untyped: Value = api.put_untyped(json!({"a": 1})).send().await.unwrap().into_inner();
    assert_eq!(untyped, json!([null]));
    assert_eq!(api.merge().name("n").send().await.unwrap().title.as_deref(), Some("t"));
    assert_eq!(*api.post_versioned("v").send().await.unwrap(), "two");
    assert_eq!(api.post_several().name("n").send().await.unwrap().name.as_deref(), Some("n"));

    let seen = server.seen();
    let found: Vec<_> = seen
        .iter()
        .map(|seen| {
            let header = |name| seen.header(name).unwrap_or_default();
            let body = String::from_utf8_lossy(&seen.body).into_owned();
            (header("content-type"), header("accept"), body)
        })
        .collect();
    let found: Vec<_> =
        found.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!(
        found,
        [
            ("text/xml", "application/xml", "<a/>"),
            ("", "text/plain", ""),
            ("text/plain", "text/plain", "ü"),
            ("application/octet-stream", "*/*", "\0\u{FFFD}"),
            ("application/json", "*/*", "[1,2]"),
            ("", "*/*", ""),
            ("application/json", "application/json", r#"{"a":1}"#),
            ("application/merge-patch+json", "application/problem+json", r#"{"name":"n"}"#),
            ("application/json; version=2", "application/json; version=2", "\"v\""),
            ("application/json", "application/json", r#"{"name":"n"}"#),
        ]
    );
}

#[tokio::test]
async fn a_form_has_a_pair_for_each_field_that_is_set() {
    let schema =
        "/paths/~1token/post/requestBody/content/application~1x-www-form-urlencoded/schema";
    recorded("form", &[("open-enums", &format!("{schema}/properties/grant_type"))]);
    use form::types::CreateTokenRequestGrantType as GrantType;
    let server = Server::answering(204, "").await;
    let api = form::Api::new(&server.client());
    api.create_token("k&=+ y", GrantType::Password).send().await.unwrap();
    let call = api.create_token("k", "urn:other").expiry(60).refresh(true).scope("a b");
    call.since("2020-09-28T17:49+0000").send().await.unwrap();
    api.get_me().send().await.unwrap();
    api.get_public().send().await.unwrap();
    let seen = server.seen();
    assert_eq!(pairs(text(&seen[0])), owned(&[("apikey", "k&=+ y"), ("grant_type", "password")]));
    assert_eq!(
        pairs(text(&seen[1])),
        owned(&[
            ("apikey", "k"),
            ("grant_type", "urn:other"),
            ("expiry", "60"),
            ("refresh", "true"),
            ("scope", "a b"),
            ("since", "2020-09-28T17:49+0000"),
        ])
    );
    let media_type = seen[0].header("content-type");
    assert_eq!(media_type.as_deref(), Some("application/x-www-form-urlencoded"));
    let authorization: Vec<_> = seen.iter().map(|seen| seen.header("authorization")).collect();
    let bearer = Some(format!("Bearer {TOKEN}"));
    assert_eq!(authorization, [None, None, bearer.clone(), bearer]);
}

#[tokio::test]
async fn an_optional_body_is_sent_only_if_something_was_set() {
    recorded("optional_body", &[]);
    use optional_body::types::{DeleteStrictRequest, PostOptionalRequest};
    let server = Server::answering(204, "").await;
    let api = optional_body::Api::new(&server.client());
    api.post_optional("i").send().await.unwrap();
    api.post_optional("i").name("n").send().await.unwrap();
    api.post_optional("i").body(PostOptionalRequest::new()).send().await.unwrap();
    let nothing: [&str; 0] = [];
    api.post_optional("i").tags(nothing).send().await.unwrap();
    api.delete_strict().send().await.unwrap();
    api.delete_strict().body(DeleteStrictRequest::new("r")).send().await.unwrap();
    api.put_list().send().await.unwrap();
    api.put_list().body(Vec::new()).send().await.unwrap();
    let seen = server.seen();
    let bodies: Vec<_> = seen.iter().map(text).collect();
    assert_eq!(
        bodies,
        ["", r#"{"name":"n"}"#, "{}", r#"{"tags":[]}"#, "", r#"{"reason":"r"}"#, "", "[]"]
    );
    for seen in &seen {
        let media_type = (!seen.body.is_empty()).then(|| "application/json".to_owned());
        assert_eq!(seen.header("content-type"), media_type, "{}", text(seen));
    }
}

#[tokio::test]
async fn a_body_may_be_any_json() {
    let schema = "/paths/~1extended/put/requestBody/content/application~1json/schema";
    recorded("bodies", &[("names", schema)]);
    use bodies::types::{PutExtendedRequest, PutNothingRequest};
    let server = Server::start(|seen| match seen.target.as_str() {
        "/nothing" => super::json("null"),
        _ => answer(204, &[], ""),
    })
    .await;
    let api = bodies::Api::new(&server.client());
    api.put_list(["a", "b"]).send().await.unwrap();
    api.put_map(BTreeMap::from([("a".to_owned(), 1)])).send().await.unwrap();
    api.put_number(1.5).send().await.unwrap();
    api.put_text("x").send().await.unwrap();
    assert_eq!(*api.put_nothing(None).send().await.unwrap(), None);
    api.put_nothing(Some(PutNothingRequest::new().name("n"))).send().await.unwrap();
    let mut extended = PutExtendedRequest::new("n").extra2("e");
    extended.extra = BTreeMap::from([("a".to_owned(), Some(1)), ("b".to_owned(), None)]);
    api.put_extended(extended).send().await.unwrap();
    let seen = server.seen();
    let found: Vec<Value> =
        seen.iter().map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect();
    let expected = [
        json!(["a", "b"]),
        json!({"a": 1}),
        json!(1.5),
        json!("x"),
        json!(null),
        json!({"name": "n"}),
        json!({"name": "n", "extra": "e", "a": 1, "b": null}),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn what_has_a_single_value_is_filled_in() {
    recorded("constants", &[]);
    use constants::types::{Patch, TokenRequest};
    let server = Server::answering(204, "").await;
    let api = constants::Api::new(&server.client());
    api.token("k").trace("t").send().await.unwrap();
    api.token_with_body(TokenRequest::new("whole")).send().await.unwrap();
    api.patch_thing().name("n").send().await.unwrap();
    api.patch_thing().body(Patch::new()).send().await.unwrap();
    api.patch_thing().send().await.unwrap();
    let seen = server.seen();
    let queries: Vec<_> = seen.iter().map(|seen| seen.target.split_once('?')).collect();
    assert_eq!(pairs(queries[0].unwrap().1), owned(&[("version", "2"), ("trace", "t")]));
    assert_eq!(pairs(queries[1].unwrap().1), owned(&[("version", "2")]));
    assert_eq!(seen[0].header("x-client").as_deref(), Some("rust"));
    let form =
        |key| owned(&[("grant_type", "urn:a:b"), ("response_type", "cloud iam"), ("apikey", key)]);
    assert_eq!(pairs(text(&seen[0])), form("k"));
    assert_eq!(pairs(text(&seen[1])), form("whole"));
    let constants = json!({"kind": "thing", "count": -3, "ratio": 1.0, "strict": true});
    let mut named = constants.clone();
    named["name"] = json!("n");
    let body = |index: usize| serde_json::from_slice::<Value>(&seen[index].body).unwrap();
    assert_eq!([body(2), body(3)], [named, constants]);
    assert_eq!(text(&seen[4]), "");

    let areas = iam_codegen::surface::surface(&super::output("constants").source).unwrap();
    let listed = |line: &str| areas.iter().any(|area| area.listing.contains(line));
    for line in [
        "\n  version = query version, always \"2\"\n",
        "\n  x_client = header X-Client, always \"rust\"\n",
        "\n  grant_type: String, always \"urn:a:b\"\n",
        "\n  count: i32, always -3\n",
    ] {
        assert!(listed(line), "{line}: {areas:#?}");
    }
}
