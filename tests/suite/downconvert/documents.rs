use iam_tests::corpus::*;

use super::{output, recorded};
use crate::server::Server;

#[tokio::test]
async fn what_a_document_says_of_itself_is_documentation() {
    assert_eq!(
        recorded("metadata"),
        [
            "dialect /jsonSchemaDialect",
            "info /info/license/identifier",
            "info /info/summary",
            "self /$self",
            "servers /servers/0/name",
            "tags /tags/0/kind",
            "tags /tags/0/parent",
            "tags /tags/0/summary",
            "webhooks /webhooks",
        ]
    );
    let api = output("downconvert/metadata.yaml").api;
    assert_eq!(api.description.as_deref(), Some("All that is said.\n\nAt length."));
    assert_eq!(api.server.endpoint.as_deref(), Some("https://example.com"));
    let server = Server::answering(204, "").await;
    metadata::Api::new(&server.client()).get_thing().send().await.unwrap();
    assert_eq!(metadata::operation::ALL.map(|operation| operation.tag), ["Things"]);
    assert_eq!(server.only().target, "/thing");
}

#[tokio::test]
async fn descriptions_of_references_are_left_out() {
    let at = "/paths/~1thing/get";
    assert_eq!(
        recorded("reference_descriptions"),
        [
            format!("references {at}/parameters/0/description"),
            format!("references {at}/responses/204/summary"),
        ]
    );
    let server = Server::answering(204, "").await;
    let api = reference_descriptions::Api::new(&server.client());
    api.get_thing().limit(3).send().await.unwrap();
    assert_eq!(server.only().target, "/thing?limit=3");
}

#[tokio::test]
async fn an_example_has_one_value() {
    let at = "/paths/~1thing/get/responses/200/content/application~1json/examples";
    assert_eq!(
        recorded("example_objects"),
        ["both/dataValue", "text/serializedValue", "two/serializedValue"]
            .map(|key| format!("examples {at}/{key}"))
    );
    let server = Server::answering(200, r#"["a"]"#).await;
    let api = example_objects::Api::new(&server.client());
    assert_eq!(api.get_thing().send().await.unwrap().into_inner(), ["a"]);
}

#[tokio::test]
async fn a_reference_among_responses_is_not_followed() {
    assert!(recorded("reference_among_responses").is_empty());
    let server = Server::answering(204, "").await;
    let api = reference_among_responses::Api::new(&server.client());
    let () = api.get_thing().send().await.unwrap().into_inner();
    assert_eq!(server.only().target, "/thing");
}
