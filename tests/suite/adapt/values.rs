//! Enums, bounds, formats and descriptions.

use iam_tests::corpus::{constraints, descriptions, open_enums};
use serde_json::json;

use super::{recorded, round_trip};
use crate::server::Server;

#[tokio::test]
async fn enums_of_text_are_open_and_others_any_value_of_their_type() {
    let at = |name: &str| format!("/components/schemas/State/properties/{name}");
    recorded(
        "open_enums",
        &[
            ("open-enums", "/components/schemas/Color"),
            ("open-enums", &at("flag")),
            ("open-enums", &at("fraction")),
            ("open-enums", &at("mixed")),
            ("open-enums", &at("nullable")),
            ("open-enums", &at("number")),
            ("open-enums", &at("untyped")),
        ],
    );
    use open_enums::types::{Color, State, StateNullable, StateUntyped};
    let server = Server::start(|_| {
        super::json(
            r#"{"color": "blue", "colors": ["red", ""], "untyped": "b", "nullable": null,
                "number": 3, "fraction": 2.5, "flag": false, "mixed": [1]}"#,
        )
    })
    .await;
    let api = open_enums::Api::new(&server.client());
    let call = api.put_state().color("Red").colors([Color::Green, Color::from("blue")]);
    let call = call.untyped(StateUntyped::A).nullable(StateNullable::A).number(1).fraction(0.5);
    let state = call.flag(true).mixed("one").send().await.unwrap().into_inner();
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(&server.only().body).unwrap(),
        json!({
            "color": "Red", "colors": ["green", "blue"], "untyped": "a", "nullable": "a",
            "number": 1, "fraction": 0.5, "flag": true, "mixed": "one",
        })
    );
    assert_eq!(state.color, Some(Color::Unknown("blue".into())));
    assert_eq!(state.colors, Some(vec![Color::Red, Color::Unknown("".into())]));
    assert_eq!((state.untyped, state.nullable), (Some(StateUntyped::B), Some(None)));
    assert_eq!((state.number, state.fraction, state.flag), (Some(3), Some(2.5), Some(false)));
    assert_eq!(state.mixed, Some(json!([1])));
    assert_eq!(Color::KNOWN, ["green", "red"]);
    // An enum of text does not take numbers.
    assert!(serde_json::from_value::<State>(json!({"color": 1})).is_err());
}

#[tokio::test]
async fn bounds_and_formats_are_left_to_the_service() {
    let at = |name: &str| format!("/components/schemas/Limits/properties/{name}");
    let limit = "/paths/~1limits/put/parameters/0/schema";
    recorded(
        "constraints",
        &[
            ("constraints", "/components/schemas/Limits"),
            ("constraints", &at("bad_pattern")),
            ("constraints", &at("count")),
            ("constraints", &at("parts")),
            ("constraints", &at("name")),
            ("constraints", &at("neither")),
            ("constraints", &at("ratio")),
            ("constraints", &at("step")),
            ("constraints", limit),
            ("defaults", &at("default")),
            ("defaults", limit),
            ("formats", &at("data")),
            ("formats", &at("day")),
            ("formats", &at("id")),
        ],
    );
    use constraints::types::Limits;
    let value = json!({
        "count": 0, "small": -2147483648, "unsigned": u64::MAX, "ratio": 1.5, "step": 3,
        "name": "", "bad_pattern": "]", "parts": [], "neither": "text", "default": "d",
        "id": "no uuid", "day": "28.9.2020", "data": "?", "since": "2020-09-28T17:49+0000",
        "password": "p4ss",
    });
    assert_eq!(round_trip::<Limits>(&value), value);
    assert_eq!(round_trip::<Limits>(&json!({})), json!({}));
    let limits: Limits = serde_json::from_value(value).unwrap();
    // 2020-09-28T17:49:00Z
    assert_eq!(limits.since.as_ref().unwrap().unix_seconds(), Some(1_601_315_340));
    assert!(!format!("{limits:?}").contains("p4ss"));
    let server = Server::start(|_| super::json("{}")).await;
    let api = constraints::Api::new(&server.client());
    api.put_limits().limit(0).count(-1).send().await.unwrap();
    let seen = server.only();
    assert_eq!(
        (seen.target.as_str(), &seen.body[..]),
        ("/limits?limit=0", &br#"{"count":-1}"#[..])
    );
}

/// That the descriptions are no tests and no errors the compiler has said.
#[test]
fn descriptions_cannot_break_the_code() {
    let schema = "/paths/~1docs/get/responses/200/content/application~1json/schema/properties";
    recorded(
        "descriptions",
        &[("constraints", &format!("{schema}/a")), ("open-enums", &format!("{schema}/b"))],
    );
    use descriptions::types::GetDocsResponseB as B;
    for (text, variant) in [
        ("line\nbreak", B::LineBreak),
        ("carriage\rreturn", B::CarriageReturn),
        ("quote\"", B::Quote),
        ("back\\slash", B::BackSlash),
        ("\u{202E}", B::U202E),
    ] {
        assert_eq!(B::from(text), variant);
        assert_eq!(variant.as_str(), text);
    }
}
