use iam_tests::corpus::*;

use super::recorded;
use crate::server::{Server, TOKEN};

#[tokio::test]
async fn a_known_method_written_as_another_is_called_by_its_name() {
    let at = "/paths/~1thing/additionalOperations/POST/callbacks/done/{$url}";
    assert_eq!(
        recorded("more_methods"),
        [format!("methods {at}/additionalOperations/COPY"), format!("methods {at}/query")]
    );
    let server = Server::answering(204, "").await;
    let api = more_methods::Api::new(&server.client());
    api.add_thing().send().await.unwrap();
    api.delete_thing().send().await.unwrap();
    let sent: Vec<_> = server.seen().into_iter().map(|s| (s.method, s.target)).collect();
    assert_eq!(sent, [("POST".into(), "/thing".into()), ("DELETE".into(), "/thing".into())]);
}

#[tokio::test]
async fn a_query_string_is_one_parameter_for_each_property() {
    assert_eq!(recorded("query_string"), ["query-string /paths/~1things/get/parameters/0"]);
    let server = Server::answering(204, "").await;
    let request = query_string::Api::new(&server.client()).list_things("a&b");
    request.limit(5).tag(["x", "y z"]).fields(["id", "name"]).send().await.unwrap();
    let target = server.only().target;
    let (path, query) = target.split_once('?').unwrap();
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    // Exploded but for `fields`; a form writes spaces as `+` or `%20`.
    let pairs: Vec<_> = pairs.iter().map(|p| p.replace("%20", "+").replace("%2C", ",")).collect();
    let expected = ["account+id=a%26b", "fields=id,name", "limit=5", "tag=x", "tag=y+z"];
    assert_eq!((path, pairs), ("/things", expected.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn parameters_are_sent_in_the_styles_of_3_0() {
    let at = "/paths/~1things~1{id}/get";
    assert_eq!(
        recorded("parameter_styles"),
        [
            format!("parameters {at}/parameters/0/allowReserved"),
            format!("parameters {at}/parameters/1/style"),
            format!("parameters {at}/responses/204/headers/X-Left/allowReserved"),
        ]
    );
    let server = Server::answering(204, "").await;
    let request = parameter_styles::Api::new(&server.client()).get_thing("a/b");
    request.filter("x=y").session("s/1").send().await.unwrap();
    let seen = server.only();
    assert_eq!(seen.target, "/things/a%2Fb?filter=x%3Dy");
    assert_eq!(seen.header("cookie").as_deref(), Some("session=s/1"));
}

#[tokio::test]
async fn path_items_are_those_they_refer_to() {
    assert_eq!(
        recorded("path_item_components"),
        ["path-items /components/pathItems/Unused", "path-items /paths/~1things~1{id}/summary",]
    );
    let server = Server::answering(204, "").await;
    let api = path_item_components::Api::new(&server.client());
    api.get_thing("a").send().await.unwrap();
    api.get_other(7).send().await.unwrap();
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/things/a", "/others/7"]);
}

#[tokio::test]
async fn media_types_are_those_they_refer_to() {
    assert_eq!(recorded("media_type_components"), ["media-types /components/mediaTypes/Unused"]);
    let server = Server::answering(200, r#"{"name": "b"}"#).await;
    let api = media_type_components::Api::new(&server.client());
    let answer = api.add_thing("a").send().await.unwrap();
    assert_eq!(answer.name, "b");
    let seen = server.only();
    assert_eq!(seen.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(&seen.body[..], br#"{"name":"a"}"#);
}

#[tokio::test]
async fn items_one_after_another_are_raw() {
    let at = "/paths/~1events";
    assert_eq!(
        recorded("sequential_media"),
        [
            format!(
                "sequential-media {at}/get/responses/200/content/application~1jsonl/itemSchema"
            ),
            format!("sequential-media {at}/get/responses/200/content/application~1jsonl/schema"),
            format!("sequential-media {at}/post/requestBody/content/application~1jsonl/itemSchema"),
        ]
    );
    let lines = "{\"id\":1}\n{\"id\":2}\n";
    let server = Server::answering(200, lines).await;
    let api = sequential_media::Api::new(&server.client());
    let events = api.list_events().send().await.unwrap().into_inner();
    assert_eq!(&events[..], lines.as_bytes());
    api.add_events(lines).send().await.unwrap();
    let sent = server.seen().remove(1);
    assert_eq!(sent.header("content-type").as_deref(), Some("application/jsonl"));
    assert_eq!(&sent.body[..], lines.as_bytes());
}

#[tokio::test]
async fn encodings_of_multipart_bodies_do_not_touch_json() {
    let at = "/paths/~1thing/post/requestBody/content/multipart~1form-data/encoding";
    assert_eq!(
        recorded("encodings"),
        ["name/allowReserved", "name/explode", "name/style", "parts/encoding"]
            .map(|key| format!("encoding {at}/{key}"))
    );
    let server = Server::answering(204, "").await;
    encodings::Api::new(&server.client()).add_thing("a").send().await.unwrap();
    assert_eq!(&server.only().body[..], br#"{"name":"a"}"#);
}

#[tokio::test]
async fn bodies_without_a_schema_are_bytes() {
    assert!(recorded("raw_bodies").is_empty());
    let server = Server::answering(200, "\u{7f}PNG").await;
    let api = raw_bodies::Api::new(&server.client());
    let picture = api.get_picture().send().await.unwrap().into_inner();
    assert_eq!(&picture[..], b"\x7fPNG");
    api.put_picture(vec![0, 255, 10]).send().await.unwrap();
    let sent = server.seen().remove(1);
    assert_eq!(sent.header("content-type").as_deref(), Some("application/octet-stream"));
    assert_eq!(&sent.body[..], [0, 255, 10]);
}

#[tokio::test]
async fn an_operation_without_responses_expects_nothing() {
    assert_eq!(
        recorded("bare_responses"),
        [
            "responses /paths/~1thing/get/responses/200/summary",
            "responses /paths/~1thing/put/responses",
        ]
    );
    let server = Server::answering(200, "text").await;
    let api = bare_responses::Api::new(&server.client());
    let () = api.put_thing().send().await.unwrap().into_inner();
    let () = api.delete_thing().send().await.unwrap().into_inner();
    assert_eq!(api.get_thing().send().await.unwrap().into_inner(), "text");
}

#[tokio::test]
async fn a_token_is_sent_where_more_than_a_certificate_is_demanded() {
    let schemes = "security-schemes /components/securitySchemes";
    assert_eq!(
        recorded("mutual_tls"),
        [
            "security /paths/~1thing/put/security/0/certificate".to_owned(),
            "security /security/0/certificate".to_owned(),
            "security /security/0/key".to_owned(),
            format!("{schemes}/certificate"),
            format!("{schemes}/device/flows/deviceAuthorization"),
            format!("{schemes}/device/oauth2MetadataUrl"),
            format!("{schemes}/key/deprecated"),
        ]
    );
    let server = Server::answering(204, "").await;
    let api = mutual_tls::Api::new(&server.client());
    api.get_thing().send().await.unwrap();
    api.delete_thing().send().await.unwrap();
    api.put_thing().send().await.unwrap();
    api.probe_thing().send().await.unwrap();
    let tokens: Vec<_> = server.seen().iter().map(|seen| seen.header("authorization")).collect();
    let token = Some(format!("Bearer {TOKEN}"));
    assert_eq!(tokens, [token.clone(), token, None, None]);
}
