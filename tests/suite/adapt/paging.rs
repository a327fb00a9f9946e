//! Lists in pages.

use iam_tests::corpus::paging::{Api, types::TokenPageTypeItem};
use serde_json::{Value, json};

use super::recorded;
use crate::server::{Server, answer};

/// A server that has one answer after the other, and a client of it.
async fn server(answers: &[Value]) -> (Server, Api) {
    let answers: Vec<_> = answers.iter().map(Value::to_string).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |_| {
        let next = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        answer(200, &[], answers[next].clone())
    })
    .await;
    let api = Api::new(&server.client());
    (server, api)
}

fn targets(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.target).collect()
}

#[test]
fn only_names_are_adapted() {
    let tokens = "/paths/~1tokens/get";
    let fields = |names: &'static [&'static str]| {
        names.iter().map(|name| format!("/components/schemas/{name}"))
    };
    let lists = fields(&["TextPage/properties/names", "UrlPage/properties/urls"]);
    let minimum = "/paths/~1urls~1{id}/get/parameters/1/schema";
    let lists: Vec<_> = lists.collect();
    let mut expected = vec![("names", tokens), ("names", tokens), ("names", tokens)];
    expected.extend(lists.iter().map(|at| ("null-lists", at.as_str())));
    expected.push(("constraints", minimum));
    let fields = ["TextPage/properties/next", "TokenPage/properties/meta"];
    let fields = fields.map(|name| format!("/components/schemas/{name}"));
    expected.extend(fields.iter().map(|at| ("page-fields", at.as_str())));
    recorded("paging", &expected);
}

#[tokio::test]
async fn a_token_is_found_through_required_and_optional_fields() {
    let (server, api) = server(&[
        json!({"meta": {"next": {"at/by": "b&c"}}, "type": [{"id": "1"}, {"id": "2"}]}),
        // A list that is missing is empty.
        json!({"meta": {"next": {"at/by": "d"}}}),
        json!({"meta": {"next": {}}, "type": [{"id": "3"}]}),
    ])
    .await;
    let mut items = api.list_tokens().items2("2").pages2("p").items();
    let mut ids = Vec::new();
    while let Some(TokenPageTypeItem { id, .. }) = items.try_next().await.unwrap() {
        ids.push(id.unwrap());
    }
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(
        targets(&server),
        ["", "&with=b%26c", "&with=d"].map(|with| format!("/tokens?items=2&pages=p{with}"))
    );
}

#[tokio::test]
async fn a_null_on_the_way_ends_the_list() {
    let (server, api) = server(&[json!({"meta": {"next": null}, "type": []})]).await;
    assert_eq!(api.list_tokens().with2("x").items().try_next().await.unwrap(), None);
    assert_eq!(targets(&server), ["/tokens?with=x"]);
}

#[tokio::test]
async fn an_empty_text_ends_the_list_where_one_is_required() {
    let (server, api) =
        server(&[json!({"names": ["a", null], "next": "2"}), json!({"names": null, "next": ""})])
            .await;
    let mut pages = api.list_texts().size(2).pages();
    let page = pages.try_next().await.unwrap().unwrap();
    assert_eq!(page.names, [Some("a".to_owned()), None]);
    assert_eq!(pages.try_next().await.unwrap().unwrap().names, []);
    assert!(pages.try_next().await.unwrap().is_none());
    assert_eq!(targets(&server), ["/texts?size=2", "/texts?at=2&size=2"]);
}

#[tokio::test]
async fn a_number_is_read_off_the_query_of_a_url() {
    let next = |url: &str| json!({"urls": ["u"], "next": {"urls": [], "href": url}});
    let (server, api) = server(&[
        next("https://other.example/?from+here=20&limit=1"),
        next("?limit=1&from%20here=many"),
    ])
    .await;
    let mut items = api.list_urls("a/b").offset(10).limit(5).items();
    assert_eq!(items.try_next().await.unwrap().as_deref(), Some("u"));
    let error = items.try_next().await.unwrap_err();
    assert_eq!(error.to_string(), "list_urls: the page token is not a number, as it must be here");
    assert!(error.is_decode());
    assert_eq!(items.resume_token().unwrap().to_string(), "20");
    assert_eq!(
        targets(&server),
        ["/urls/a%2Fb?limit=5&offset=10", "/urls/a%2Fb?limit=5&offset=20"]
    );
}

#[tokio::test]
async fn an_offset_counts_items() {
    let (server, api) = server(&[
        json!({"offsets": [1, 2], "total": 4}),
        json!({"offsets": [3], "total": 4}),
        json!({"offsets": [4], "total": 4}),
        // Of an unknown number.
        json!({"offsets": [5]}),
        json!({"offsets": null}),
    ])
    .await;
    let mut items = api.list_offsets().limit(2).items();
    for expected in 1..=4 {
        assert_eq!(items.try_next().await.unwrap(), Some(expected));
    }
    assert_eq!(items.try_next().await.unwrap(), None);
    let mut items = api.list_offsets().offset(7).items();
    assert_eq!(items.try_next().await.unwrap(), Some(5));
    assert_eq!(items.try_next().await.unwrap(), None);
    assert_eq!(
        targets(&server),
        [
            "/offsets?limit=2",
            "/offsets?limit=2&offset=2",
            "/offsets?limit=2&offset=3",
            "/offsets?offset=7",
            "/offsets?offset=8",
        ]
    );
}
