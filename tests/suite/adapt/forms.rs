//! Forms and multipart bodies, patches, and text beside JSON.

use std::{collections::BTreeMap, fs, time::Duration};

use iam_client::{Client, FilePart, RetryPolicy};
use iam_tests::corpus::{
    forms,
    multipart::{
        Api,
        types::{Meta, UploadRequest},
    },
    patches,
};
use serde_json::{Map, json};

use super::recorded;
use crate::server::{Seen, Server, TOKEN, answer};

/// The body of a multipart request, its boundary written as `B`.
fn parts(seen: &Seen) -> String {
    let media_type = seen.header("content-type").unwrap();
    let boundary = media_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    String::from_utf8(seen.body.to_vec()).unwrap().replace(boundary, "B").replace("\r\n", "\n")
}

#[tokio::test]
async fn a_form_has_lists_objects_and_free_values() {
    recorded("forms", &[]);
    use forms::types::{Color, CreateTaskRequestAddress};
    let server = Server::answering(204, "").await;
    let api = forms::Api::new(&server.client());
    let call = api.create_task(["a b", "c&d"]).labels(["x", "y"]).joined([1, 2]).text("t");
    let call = call.address(CreateTaskRequestAddress::new().street("s"));
    let call = call.color(Color::new().r(100).g(200).b(150)).exploded(Color::new().r(1));
    call.actions(json!({"k": [1]})).ratio(2.0).send().await.unwrap();
    api.create_anything().send().await.unwrap();
    let anything = BTreeMap::from([("a".to_owned(), json!(1.0)), ("b".to_owned(), json!(null))]);
    api.create_anything().body(anything).send().await.unwrap();
    let seen = server.seen();
    let bodies: Vec<_> = seen.iter().map(|seen| str::from_utf8(&seen.body).unwrap()).collect();
    let task = [
        "actions=%7B%22k%22%3A%5B1%5D%7D",
        "address=%7B%22street%22%3A%22s%22%7D",
        "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100",
        "R=1",
        "joined=1,2",
        "labels%5B0%5D=x&labels%5B1%5D=y",
        "ratio=2",
        "tags=a+b&tags=c%26d",
        "text=%22t%22",
    ];
    assert_eq!(bodies, [task.join("&").as_str(), "", "a=1"]);
    let form = Some("application/x-www-form-urlencoded".to_owned());
    let types: Vec<_> = seen.iter().map(|seen| seen.header("content-type")).collect();
    assert_eq!(types, [form.clone(), None, form]);
}

#[tokio::test]
async fn a_multipart_body_has_files_text_and_json() {
    recorded("multipart", &[]);
    let server = Server::answering(200, "1").await;
    let api = Api::new(&server.client());
    let file = FilePart::new("hello").file_name("a\"b.txt").content_type("text/plain");
    let body = UploadRequest::new(file, "s3cret-value").any(vec![1]).picture("PNG").count(3);
    let body = body.meta(Meta::new().title("t").size(2.0)).metas([Meta::new()]).note("n");
    let body = body.more([FilePart::new("1").file_name("1"), FilePart::new("2")]);
    api.upload_with_body(body.tags(["a", "b"])).send().await.unwrap();
    let seen = server.only();
    let part = |name: &str, more: &str, content: &str| {
        format!("--B\nContent-Disposition: form-data; name=\"{name}\"{more}\n\n{content}\n")
    };
    let file = |name: &str, file: &str, media_type: &str, content: &str| {
        let more = format!("; filename=\"{file}\"\nContent-Type: {media_type}");
        part(name, &more, content)
    };
    let (octets, json) = ("application/octet-stream", "\nContent-Type: application/json");
    let expected = [
        file("file", "a%22b.txt", "text/plain", "hello"),
        part("secret", "", "s3cret-value"),
        file("any", "any", octets, "\u{1}"),
        part("count", "", "3"),
        part("meta", json, r#"{"size":2.0,"title":"t"}"#),
        part("metas", json, "{}"),
        file("more", "1", octets, "1"),
        file("more", "more", octets, "2"),
        part("note", json, "\"n\""),
        file("picture", "picture", "image/png", "PNG"),
        part("tags", "", "a"),
        part("tags", "", "b"),
        "--B--\n".to_owned(),
    ];
    assert_eq!(parts(&seen), expected.concat());
    assert_eq!(seen.header("content-length"), Some(seen.body.len().to_string()));
}

#[tokio::test]
async fn a_multipart_body_may_be_optional_or_have_no_described_fields() {
    let server = Server::answering(204, "").await;
    let api = Api::new(&server.client());
    api.replace().send().await.unwrap();
    api.replace().file("f").send().await.unwrap();
    api.describe().title("t").send().await.unwrap();
    api.upload_anything().body(json!({"a": "b", "c": null})).send().await.unwrap();
    let refused = api.upload_anything().body(json!([1])).send().await.unwrap_err();
    assert!(refused.to_string().contains("the body is not an object"), "{refused}");
    let seen = server.seen();
    assert_eq!((seen[0].header("content-type"), seen[0].body.len()), (None, 0));
    assert!(parts(&seen[1]).contains("name=\"file\"; filename=\"file\"\n"));
    let disposition = "--B\nContent-Disposition: form-data; name=";
    assert_eq!(parts(&seen[2]), format!("{disposition}\"title\"\n\nt\n--B--\n"));
    assert_eq!(parts(&seen[3]), format!("{disposition}\"a\"\n\nb\n--B--\n"));
}

#[tokio::test]
async fn secrets_and_names_in_parts_cannot_leak_or_break_out() {
    let server = Server::start(|seen| answer(400, &[], seen.body.clone())).await;
    let api = Api::new(&server.client());
    let call = api.upload("f", "s3cret-value");
    assert!(!format!("{call:?}").contains("s3cret"));
    let error = call.send().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    let file = FilePart::new("x").file_name("a\r\nX-Evil: 1");
    api.upload(file, "s").send().await.unwrap_err();
    let seen = server.seen();
    assert!(parts(&seen[1]).contains("filename=\"a%0D%0AX-Evil: 1\""));
    let file = FilePart::new("x").content_type("a/b\r\nX-Evil: 1");
    let refused = api.upload(file, "s").send().await.unwrap_err();
    assert!(refused.is_invalid_request(), "{refused}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_streamed_file_is_sent_once_and_bytes_again() {
    let server = Server::answering(503, "").await;
    let client = Client::builder().endpoint(server.url()).bearer_token(TOKEN);
    let policy = RetryPolicy::default().max_attempts(3).initial_backoff(Duration::from_millis(1));
    let api = Api::new(&client.retry(policy).build().unwrap());
    api.replace().file("bytes").send().await.unwrap_err();
    assert_eq!(server.seen().len(), 3);

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("large.bin");
    // More than is read at once.
    let content = "0123456789abcdef".repeat(10_000);
    fs::write(&path, &content).unwrap();
    let call = api.replace().file(FilePart::open(&path).unwrap());
    let again = call.clone();
    call.send().await.unwrap_err();
    let seen = server.seen();
    assert_eq!(seen.len(), 4);
    let sent = parts(&seen[3]);
    assert!(sent.contains("filename=\"large.bin\""));
    assert!(sent.ends_with(&format!("\n\n{content}\n--B--\n")));
    assert_eq!(seen[3].header("content-length"), Some(seen[3].body.len().to_string()));
    let refused = again.send().await.unwrap_err();
    assert!(refused.is_invalid_request(), "{refused}");

    // Of a reader without a length, the end is told by the encoding.
    let reader = FilePart::from_reader(std::io::Cursor::new("streamed"));
    api.replace().file(reader).send().await.unwrap_err();
    let last = server.seen().pop().unwrap();
    assert_eq!(last.header("transfer-encoding").as_deref(), Some("chunked"));
    assert!(parts(&last).ends_with("\n\nstreamed\n--B--\n"));
    assert!(FilePart::open(directory.path()).is_err());
    assert!(FilePart::open(directory.path().join("absent")).is_err());
}

#[tokio::test]
async fn the_patch_whose_schema_fits_is_sent() {
    recorded(
        "patches",
        &[
            ("media-types", "/paths/~1item/patch/requestBody"),
            ("media-types", "/paths/~1picture/get/responses/200"),
            ("media-types", "/paths/~1report/get/responses/200"),
        ],
    );
    let server = Server::answering(204, "").await;
    let api = patches::Api::new(&server.client());
    api.update_item().name("n").send().await.unwrap();
    let change = Map::from_iter([("op".to_owned(), json!("remove"))]);
    api.patch_list([BTreeMap::from_iter(change)]).send().await.unwrap();
    api.patch_list_with_text("-n").send().await.unwrap();
    let seen = server.seen();
    let sent: Vec<_> = seen
        .iter()
        .map(|seen| {
            let text = String::from_utf8(seen.body.to_vec()).unwrap();
            (seen.header("content-type").unwrap(), text)
        })
        .collect();
    assert_eq!(
        sent,
        [
            ("application/merge-patch+json".to_owned(), r#"{"name":"n"}"#.to_owned()),
            ("application/json-patch+json".to_owned(), r#"[{"op":"remove"}]"#.to_owned()),
            ("text/plain".to_owned(), "-n".to_owned()),
        ]
    );
}

#[tokio::test]
async fn text_and_bytes_beside_json_can_be_asked_for() {
    let server = Server::start(|seen| {
        let accept = seen.header("accept").unwrap();
        let body: &[u8] = match accept.as_str() {
            "text/csv" => b"name\nn\n",
            "image/png" => b"\xFFPNG",
            _ => br#"{"name":"n"}"#,
        };
        answer(200, &[("content-type", &accept)], body)
    })
    .await;
    let api = patches::Api::new(&server.client());
    assert_eq!(api.get_report().send().await.unwrap().name.as_deref(), Some("n"));
    assert_eq!(*api.get_report().send_text().await.unwrap(), "name\nn\n");
    assert_eq!(api.get_picture().send().await.unwrap().name.as_deref(), Some("n"));
    assert_eq!(*api.get_picture().send_bytes().await.unwrap(), &b"\xFFPNG"[..]);
}
