//! Hostile path parameters.

use iam_client::runtime::path_segment;

use super::support::{GET_THING, Server, UNLOCK_THING, core, failed, get_thing};

/// Values that try to be more than one segment.
const HOSTILE: &[&str] = &[
    "",
    ".",
    "..",
    "...",
    "%2e",
    "%2E%2e",
    ".%2e",
    "%2e.",
    "%252e%252e",
    "..%2f",
    "..%2flock",
    "../lock",
    "../../v2/things/1",
    "/",
    "//",
    "//evil.example/",
    "a/b",
    "a/../b",
    "\\",
    "..\\",
    "..\\..\\x",
    "a\\b",
    "%5c",
    "%5c..%5c",
    "?",
    "?x=1",
    "a?b=c",
    "#",
    "#x",
    "a#b",
    ";",
    "..;",
    ";/..",
    "a;b=c",
    ":",
    "@evil.example",
    "http://evil.example",
    "\t",
    ".\t.",
    "\n",
    ".\n.",
    "\r\nHost: evil",
    "\0",
    " ",
    " .. ",
    ". .",
    "%",
    "%%",
    "%00",
    "%zz",
    "\u{2024}\u{2024}",
    "\u{ff0e}\u{ff0e}",
    "\u{2215}",
    "\u{202e}",
    "é",
    "日本",
    "a+b",
    "a&b",
    "a=b",
    "~",
    "*",
    "{id}",
    "<x>",
    "\"",
    "'",
    "`",
    "|",
    "^",
    "[",
    "]",
    "$",
    ",",
    "\u{7f}",
];

/// Undoes percent encoding.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = segment.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = if *first == b'%' {
            let digits = std::str::from_utf8(&tail[..2]).unwrap();
            bytes.push(u8::from_str_radix(digits, 16).unwrap());
            &tail[2..]
        } else {
            bytes.push(*first);
            tail
        };
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn a_value_is_one_segment_or_is_refused() {
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    let mut refused = Vec::new();
    for &value in HOSTILE {
        let before = server.seen().len();
        match get_thing(&client, value, None, None).await {
            Ok(_) => {
                let seen = server.seen().pop().unwrap();
                let segment = seen.target.strip_prefix("/v1/things/").unwrap();
                assert!(!segment.contains(['/', '?', '#', '\\']), "{value:?}: {segment}");
                assert_eq!(decode(segment), value);
                assert_eq!(server.seen().len(), before + 1);
            }
            Err(error) => {
                assert!(error.is_invalid_request(), "{value:?}: {error}");
                assert_eq!(server.seen().len(), before);
                refused.push(value);
            }
        }
    }
    // No more is refused than has to be.
    assert_eq!(refused, ["", ".", "..", "\\", "..\\", "..\\..\\x", "a\\b"]);
}

/// The check before sending holds even if generated code forgets the first.
#[tokio::test]
async fn the_second_guard_stands_alone() {
    let server = Server::answering(204, "").await;
    let client = server.client();
    for &value in HOSTILE {
        let core = core::Client::of(&client);
        let built = core.unlock_thing(value).await;
        let request = core.inner.finish(&UNLOCK_THING, built).unwrap();
        if let Err(error) = client.execute(&UNLOCK_THING, request).await {
            assert!(error.is_invalid_request(), "{value:?}: {error}");
        }
    }
    for seen in server.seen() {
        let segments: Vec<_> = seen.target.split('/').collect();
        assert_eq!(segments.len(), 5, "{}", seen.target);
        assert_eq!(segments[..3], ["", "v1", "things"]);
        assert_eq!(segments[4], "lock");
        assert_eq!(seen.method, "DELETE");
    }
}

#[test]
fn a_refusal_names_parameter_and_operation_and_no_value() {
    for value in ["", ".", "..", "s3cret\\"] {
        let error = failed(path_segment(&GET_THING, "id", value));
        assert!(error.is_invalid_request());
        assert_eq!(error.operation_id(), Some("get_thing"));
        let text = error.to_string();
        assert!(text.starts_with("get_thing: path parameter `id` must not "), "{text}");
        assert!(!text.contains("s3cret"));
    }
    assert!(path_segment(&GET_THING, "id", "ApiKey-1").is_ok());
}
