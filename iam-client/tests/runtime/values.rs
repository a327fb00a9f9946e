//! `Response`, `Secret`, `Timestamp` and `null_as_default`.

use std::{
    collections::{BTreeMap, HashSet},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use iam_client::runtime::{Secret, Timestamp, lenient};
use serde::{Deserialize, Serialize};

use super::support::{Server, answer, get};

/// 2020-09-28T17:49:00Z: 18,533 days after the epoch, and 64,140 s.
const THEN: i64 = 18_533 * 86_400 + 64_140;

#[tokio::test]
async fn a_response_has_status_headers_and_value() {
    let headers = [("Entity-Tag", "1-ab"), ("x-other", "o")];
    let server = Server::start(move |_| answer(201, &headers, "[1,2]")).await;
    let reply = get(&server.client()).await.unwrap();
    let response = reply.json::<Vec<u8>>().unwrap();
    assert_eq!(response.len(), 2);
    assert_eq!(response.etag().unwrap().as_str(), "1-ab");
    assert_eq!(response.transaction_id(), None);
    assert_eq!(response.headers()["x-other"], "o");
    let response = response.map(|items| items.len());
    assert_eq!((response.status().as_u16(), *response), (201, 2));
    assert_eq!(response.clone().into_inner(), 2);
    let (status, headers, value) = response.into_parts();
    assert_eq!((status.as_u16(), value), (201, 2));
    assert_eq!(headers["x-other"], "o");
}

#[tokio::test]
async fn identifiers_are_looked_up_in_order() {
    let all = [
        ("x-request-id", "4"),
        ("x-correlation-id", "3"),
        ("x-global-transaction-id", "2"),
        ("transaction-id", "1"),
    ];
    for count in 1..=all.len() {
        let server = Server::start(move |_| answer(200, &all[..count], "")).await;
        let response = get(&server.client()).await.unwrap().empty().unwrap();
        let expected = (5 - count).to_string();
        assert_eq!(response.transaction_id(), Some(expected.as_str()));
    }
    let server = Server::start(|_| {
        let headers =
            [("transaction-id", ""), ("x-request-id", "r"), ("etag", "e"), ("entity-tag", "f")];
        answer(200, &headers, "")
    })
    .await;
    let response = get(&server.client()).await.unwrap().empty().unwrap();
    assert_eq!(response.transaction_id(), Some("r"));
    assert_eq!(response.etag().unwrap().as_str(), "e");
}

#[test]
fn a_secret_is_kept_and_not_shown() {
    let text = String::from("s3cret");
    let secret = Secret::from(&text);
    assert_eq!(secret, Secret::from("s3cret"));
    assert_eq!(secret, Secret::from(text));
    assert_ne!(secret, Secret::default());
    assert_eq!(secret.expose(), "s3cret");
    assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(***) Secret(***)");
    assert_eq!(format!("{:#?}", Some(&secret)), "Some(\n    Secret(***),\n)");
    let set: HashSet<_> = [secret.clone(), secret.clone()].into_iter().collect();
    assert_eq!(set.len(), 1);
}

#[test]
fn a_secret_goes_over_the_wire_as_it_is() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Body {
        apikey: Secret,
    }
    let body: Body = serde_json::from_str(r#"{"apikey":"a\"b"}"#).unwrap();
    assert_eq!(body.apikey.expose(), "a\"b");
    assert_eq!(serde_json::to_string(&body).unwrap(), r#"{"apikey":"a\"b"}"#);
}

#[test]
fn timestamps_are_understood_in_every_form_sent() {
    let seconds = |text: &str| Timestamp::from(text).unix_seconds();
    for text in [
        "2020-09-28T17:49+0000",
        "2020-09-28T17:49Z",
        "2020-09-28T17:49:00Z",
        "2020-09-28T17:49:00z",
        "2020-09-28t17:49:00Z",
        "2020-09-28 17:49:00Z",
        "2020-09-28 17:49+0000",
        "2020-09-28T17:49:00+00:00",
        "2020-09-28T17:49:00-00:00",
        "2020-09-28T17:49:00.999Z",
        "2020-09-28T17:49:00.123456789Z",
        "2020-09-28T19:49+0200",
        "2020-09-28T19:49:00+02:00",
        "2020-09-28T12:19:00-05:30",
        "2020-09-28T17:49+00",
        // As IBM's documentation of accounts has it.
        "2020-09-28T17:49:00:428+0000",
    ] {
        assert_eq!(seconds(text), Some(THEN), "{text}");
        assert_eq!(text.parse::<Timestamp>().unwrap().as_str(), text);
    }
    assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
    // Rounded down, before the epoch too: half a second before is in -1.
    assert_eq!(seconds("1969-12-31T23:59:59.5Z"), Some(-1));
    assert_eq!(seconds("1969-12-31T23:59:59Z"), Some(-1));
}

#[test]
fn other_text_is_kept_and_not_understood() {
    for text in [
        "",
        "yesterday",
        "2021-09-28",
        "2021-09-28T17:49",
        "2021-09-28T17:49:00",
        "20210928T174900Z",
        "2021-09-28T17:49:00,5Z",
        "2021-09-28T17:49:00:+0000",
        "2021-09-28T17:49:00:428",
        "2021-09-28T17:49:00Z[Europe/Berlin]",
        "2021-13-28T17:49:00Z",
        "2021-02-30T17:49:00Z",
        "2021-09-28T25:49:00Z",
        "1601315340",
        " 2021-09-28T17:49:00Z",
    ] {
        let timestamp: Timestamp = serde_json::from_value(text.into()).unwrap();
        assert_eq!(timestamp.unix_seconds(), None, "{text}");
        assert_eq!(timestamp.to_system_time(), None, "{text}");
        assert_eq!(timestamp.to_string(), text);
        assert_eq!(serde_json::to_value(&timestamp).unwrap(), text);
        let error = text.parse::<Timestamp>().unwrap_err().to_string();
        assert!(error.starts_with("not a date-time"), "{error}");
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
    assert!(serde_json::from_str::<Timestamp>("17").is_err());
    assert!(serde_json::from_str::<Timestamp>("null").is_err());
}

#[test]
fn timestamps_and_system_times_convert() {
    let then = UNIX_EPOCH + Duration::from_secs(THEN.unsigned_abs());
    let text = |time: SystemTime| Timestamp::from(time).to_string();
    assert_eq!(text(then), "2020-09-28T17:49:00Z");
    assert_eq!(text(then + Duration::from_millis(250)), "2020-09-28T17:49:00.25Z");
    assert_eq!(text(then + Duration::from_nanos(1)), "2020-09-28T17:49:00.000000001Z");
    assert_eq!(text(UNIX_EPOCH - Duration::from_millis(500)), "1969-12-31T23:59:59.5Z");
    for time in [
        then,
        then + Duration::from_nanos(123_456_789),
        UNIX_EPOCH - Duration::from_millis(1),
        UNIX_EPOCH - Duration::from_secs(100 * 365 * 86_400),
    ] {
        assert_eq!(Timestamp::from(time).to_system_time(), Some(time));
    }
    // What four digits of a year cannot say becomes the nearest that they can.
    let age = Duration::from_secs(20_000 * 366 * 86_400);
    for time in [UNIX_EPOCH - age, UNIX_EPOCH - age / 8] {
        assert_eq!(text(time), "0000-01-01T00:00:00Z");
    }
    assert!(text(UNIX_EPOCH + age).starts_with("9999-12-30T"));
}

#[test]
fn timestamps_compare_by_text() {
    let (a, b) = ("2020-09-28T17:49Z", "2020-09-28T17:49+0000");
    assert_ne!(Timestamp::from(a), Timestamp::from(b));
    assert_eq!(Timestamp::from(a), Timestamp::from(a.to_owned()));
    assert!(Timestamp::from("2020-09-28T17:49:00Z") < Timestamp::from("2020-09-28T17:50:00Z"));
    assert_eq!(format!("{:>20}|", Timestamp::from("2020")), "                2020|");
}

#[test]
fn null_becomes_empty() {
    #[derive(Deserialize, Debug, PartialEq)]
    struct Body {
        #[serde(deserialize_with = "lenient::null_as_default", default)]
        list: Vec<u8>,
        #[serde(deserialize_with = "lenient::null_as_default")]
        map: BTreeMap<String, u8>,
    }
    let body = |text| serde_json::from_str::<Body>(text);
    let empty = Body { list: Vec::new(), map: BTreeMap::new() };
    assert_eq!(body(r#"{"list": null, "map": null}"#).unwrap(), empty);
    assert_eq!(body(r#"{"map": {}}"#).unwrap(), empty);
    assert_eq!(body(r#"{"list": [1], "map": {"a": 2}}"#).unwrap().list, [1]);
    assert!(body(r#"{"list": []}"#).is_err());
    assert!(body(r#"{"list": "x", "map": {}}"#).is_err());
    assert!(body(r#"{"list": [null], "map": {}}"#).is_err());
}

#[cfg(feature = "schemars")]
#[test]
fn schemas_say_what_is_on_the_wire() {
    let schema = schemars::schema_for!(Timestamp);
    assert_eq!(schema.as_value()["type"], "string");
    assert_eq!(schema.as_value()["format"], "date-time");
    let schema = schemars::schema_for!(Secret);
    assert_eq!(schema.as_value()["type"], "string");
    assert_eq!(schema.as_value()["format"], "password");
}

mod orders {
    iam_client::runtime::open_enum! {
        /// In which order.
        pub enum Order {
            /// Smallest first.
            Ascending = "asc",
            /// Greatest first.
            Descending = "desc",
        }
    }
}

#[test]
fn an_open_enum_keeps_what_it_does_not_know() {
    use orders::Order;

    let read = |text: &str| serde_json::from_value::<Order>(text.into()).unwrap();
    assert_eq!(read("asc"), Order::Ascending);
    assert_eq!(read("random"), Order::Unknown("random".into()));
    assert_eq!(serde_json::to_value(read("random")).unwrap(), "random");
    assert_eq!(serde_json::to_value(Order::Descending).unwrap(), "desc");
    assert_eq!(Order::from(&"desc".to_owned()), Order::Descending);
    assert_eq!(format!("{:>5}", Order::Ascending), "  asc");
    assert_eq!(Order::KNOWN, ["asc", "desc"]);
    serde_json::from_value::<Order>(7.into()).unwrap_err();
}
