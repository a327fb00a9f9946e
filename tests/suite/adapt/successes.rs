//! What a call returns.

use iam_tests::corpus::successes;

use super::recorded;
use crate::server::{Server, answer};

/// A service that answers with one status and body.
async fn api(status: u16, body: &'static str) -> (Server, successes::Api) {
    let server = Server::start(move |_| answer(status, &[], body)).await;
    let api = successes::Api::new(&server.client());
    (server, api)
}

#[tokio::test]
async fn several_kinds_of_success_are_told_apart_by_status() {
    recorded(
        "successes",
        &[
            ("responses", "/paths/~1bodiless/delete/responses/204"),
            ("responses", "/paths/~1bodiless/head/responses/200"),
            ("responses", "/paths/~1undescribed/get/responses"),
            ("unused", "/components/schemas/Problem"),
        ],
    );
    use successes::{
        request::{GetRangeSuccess, PostEitherSuccess},
        types::{Job, Thing},
    };
    let (thing, job) = (r#"{"id":"i"}"#, r#"{"job":7}"#);
    let decoded = || serde_json::from_str::<Thing>(thing).unwrap();
    let decoded_job = || serde_json::from_str::<Job>(job).unwrap();

    let (_server, ok) = api(200, thing).await;
    assert_eq!(*ok.get_maybe().send().await.unwrap(), Some(decoded()));
    assert_eq!(*ok.post_either().send().await.unwrap(), PostEitherSuccess::Status200(decoded()));
    assert_eq!(*ok.put_same().send().await.unwrap(), decoded());
    assert_eq!(*ok.get_range().send().await.unwrap(), GetRangeSuccess::Other(decoded()));
    assert_eq!(*ok.get_default().send().await.unwrap(), decoded());
    assert_eq!(*ok.get_undescribed().send().await.unwrap(), thing);

    let (_server, made) = api(201, job).await;
    let range = made.get_range().send().await.unwrap();
    assert_eq!(
        (range.status().as_u16(), range.into_inner()),
        (201, GetRangeSuccess::Status201(decoded_job()))
    );
    assert!(made.put_same().send().await.unwrap_err().is_decode());

    let (_server, later) = api(202, job).await;
    assert_eq!(
        *later.post_either().send().await.unwrap(),
        PostEitherSuccess::Status202(decoded_job())
    );
    let (_server, text) = api(203, "t").await;
    assert_eq!(*text.post_either().send().await.unwrap(), PostEitherSuccess::Status203("t".into()));
    let (_server, undocumented) = api(206, "?").await;
    assert_eq!(
        *undocumented.post_either().send().await.unwrap(),
        PostEitherSuccess::Other("?".into())
    );

    let (_server, gone) = api(204, "").await;
    assert_eq!(*gone.get_maybe().send().await.unwrap(), None);
    assert_eq!(*gone.post_either().send().await.unwrap(), PostEitherSuccess::Status204);
    let _: () = *gone.delete_bodiless().send().await.unwrap();
    let _: () = *gone.head_bodiless().send().await.unwrap();

    for status in [400, 404, 500] {
        let (_server, failing) = api(status, "").await;
        let error = failing.get_maybe().send().await.unwrap_err();
        assert!(error.is_service(), "{error}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    }
}

#[tokio::test]
async fn head_is_sent_and_its_headers_are_had() {
    let server = Server::start(|_| answer(200, &[("etag", "\"1\"")], "")).await;
    let api = successes::Api::new(&server.client());
    assert_eq!(api.head_bodiless().send().await.unwrap().etag().unwrap().as_str(), "\"1\"");
    assert_eq!(server.only().method, "HEAD");
}
