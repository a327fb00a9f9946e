//! The fields that a response must have, and the requests that can be sent twice.

use iam_tests::corpus::demands::{Api, operation, types};

use super::{json, recorded};
use crate::server::Server;

#[tokio::test]
async fn what_a_request_may_leave_out_a_response_may_lack() {
    let at = |path: &str| format!("/components/schemas/{path}");
    let fields = [
        "FoundThing/properties/note",
        "ListedThing/properties/note",
        "Thing/properties/note",
        "Thing/properties/owner",
        "Thing/properties/part",
        "Thing/properties/part/properties/colour",
    ];
    let fields = fields.map(at);
    let fields: Vec<_> = fields.iter().map(|at| ("left-out", at.as_str())).collect();
    recorded("demands", &fields);

    let whole = r#"{"id": "1", "name": "n", "kind": "k", "template_id": "t", "made": "m"}"#;
    let server = Server::start(move |_| json(whole)).await;
    let thing = Api::new(&server.client()).create_thing("k", "n").send().await.unwrap();
    assert_eq!((thing.id.as_str(), &thing.note, &thing.part), ("1", &None, &None));

    // What identifies it, what must be sent, and what the service adds.
    for field in ["id", "name", "kind", "template_id", "made"] {
        let without = whole.replacen(&format!("\"{field}\""), "\"x\"", 1);
        let error = serde_json::from_str::<types::Thing>(&without).unwrap_err();
        assert!(error.to_string().starts_with(&format!("missing field `{field}`")), "{error}");
    }
    serde_json::from_str::<types::Parts>("{}").unwrap_err();
    let part = serde_json::from_str::<types::ThingPart>(r#"{"weight": 1}"#).unwrap();
    assert_eq!(part.colour, None);
    serde_json::from_str::<types::ThingPart>("{}").unwrap_err();
}

#[test]
fn a_post_that_only_reads_can_be_sent_twice() {
    assert!(operation::SEARCH.idempotent);
    assert!(!operation::CREATE_THING.idempotent);
}
