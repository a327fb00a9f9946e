//! Path, query and header parameters on the wire.

use iam_tests::corpus::{
    credentials, enum_parameters, headers, left_out, path_keys, paths, query_parameters,
    retyped_parameters,
};

use super::{owned, pairs, recorded};
use crate::server::{Server, TOKEN, answer};

#[tokio::test]
#[allow(deprecated)]
async fn query_parameters_are_sent_in_their_style() {
    recorded("query_parameters", &[]);
    let server = Server::answering(204, "").await;
    let api = query_parameters::Api::new(&server.client());
    api.search().send().await.unwrap();
    let call = api.search().text("a b&c=d/ü+%2F#").filter_name("").count(-3).ratio(0.5).flag(true);
    let call = call.since("2020-09-28T17:49+0000").token("s3cret").each(["a", "b"]).numbers([1, 2]);
    let call =
        call.times(["2020-09-28T17:49Z"]).ids([1, 2]).spaced(["a", "b"]).piped([true, false]);
    call.apart(["x", "y"]).plain("a,b").old("o").send().await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].target, "/search");
    let query = seen[1].target.strip_prefix("/search?").unwrap();
    assert_eq!(
        pairs(query),
        owned(&[
            ("text", "a b&c=d/ü+%2F#"),
            ("filter[name]", ""),
            ("count", "-3"),
            ("ratio", "0.5"),
            ("flag", "true"),
            ("since", "2020-09-28T17:49+0000"),
            ("token", "s3cret"),
            ("each", "a"),
            ("each", "b"),
            ("numbers", "1"),
            ("numbers", "2"),
            ("times", "2020-09-28T17:49Z"),
            ("ids", "1,2"),
            ("spaced", "a b"),
            ("piped", "true|false"),
            ("apart", "x"),
            ("apart", "y"),
            ("plain", "a,b"),
            ("old", "o"),
        ])
    );
}

#[tokio::test]
async fn enums_keep_unknown_values_in_both_directions() {
    let sorted = "/paths/~1sorted~1{order}/get/parameters/1/schema";
    recorded(
        "enum_parameters",
        &[("open-enums", "/components/schemas/Order"), ("open-enums", sorted)],
    );
    use enum_parameters::types::{Order, SortedBy};
    let server = Server::start(|_| super::json("\"sideways\"")).await;
    let api = enum_parameters::Api::new(&server.client());
    let call = api.sorted("up/down", Order::Desc).by(SortedBy::MinusName);
    let call = call.each([Order::Asc, Order::from("x y")]).joined(["asc", "new"]);
    assert_eq!(*call.send().await.unwrap(), Order::Unknown("sideways".into()));
    let seen = server.only();
    let (path, query) = seen.target.split_once('?').unwrap();
    assert_eq!(path, "/sorted/up%2Fdown");
    let expected = [("by", "-name"), ("each", "asc"), ("each", "x y"), ("joined", "asc,new")];
    assert_eq!(pairs(query), owned(&expected));
    assert_eq!(seen.header("x-order").as_deref(), Some("desc"));
    let refused = api.sorted("..", Order::Asc).send().await.unwrap_err();
    assert!(refused.is_invalid_request(), "{refused}");
}

#[tokio::test]
async fn what_cannot_be_sent_as_described_is_retyped_or_left_out() {
    let at = "/paths/~1items~1{undeclared}~1{loose}/get";
    let each: Vec<String> = (0..11).map(|index| format!("{at}/parameters/{index}")).collect();
    let mut expected = vec![("parameters", at)];
    expected.extend(each.iter().map(|at| ("parameters", at.as_str())));
    recorded("retyped_parameters", &expected);
    let server = Server::answering(204, "").await;
    let api = retyped_parameters::Api::new(&server.client());
    let call = api.get_items("u", "l").filter(r#"{"a":1}"#).anything("any").either("7");
    call.many(["1", "b"]).holes(["h"]).raw("a/b?c").send().await.unwrap();
    let seen = server.only();
    let (path, query) = seen.target.split_once('?').unwrap();
    assert_eq!(path, "/items/u/l");
    assert_eq!(
        pairs(query),
        owned(&[
            ("filter", r#"{"a":1}"#),
            ("anything", "any"),
            ("either", "7"),
            ("many", "1"),
            ("many", "b"),
            ("holes", "h"),
            ("raw", "a/b?c"),
        ])
    );
}

#[tokio::test]
async fn headers_are_typed_and_lists_joined() {
    recorded("headers", &[]);
    let server = Server::start(|_| answer(204, &[("etag", "\"2\"")], "")).await;
    let api = headers::Api::new(&server.client());
    let response = api.get_headers("k3y", [0.5, 2.0]).send().await.unwrap();
    assert_eq!(response.etag().unwrap().as_str(), "\"2\"");
    let call = api.get_headers("k3y", [1.0]).if_match("\"1\"").x_count(-1).x_flag(false);
    let call = call.x_ids(["a", "b"]).x_since("2020-09-28T17:49+0000").api_version("2019");
    call.send().await.unwrap();
    let seen = server.seen();
    let header = |index: usize, name| seen[index].header(name);
    assert_eq!(header(0, "iam-apikey").as_deref(), Some("k3y"));
    assert_eq!(header(0, "x-numbers").as_deref(), Some("0.5,2"));
    for name in ["if-match", "x-count", "x-flag", "x-ids", "x-since", "api-version"] {
        assert_eq!(header(0, name), None, "{name}");
    }
    for (name, value) in [
        ("if-match", "\"1\""),
        ("x-count", "-1"),
        ("x-flag", "false"),
        ("x-ids", "a,b"),
        ("x-since", "2020-09-28T17:49+0000"),
        ("api-version", "2019"),
    ] {
        assert_eq!(header(1, name).as_deref(), Some(value), "{name}");
    }
    let refused = api.get_headers("line\nbreak", [1.0]).send().await.unwrap_err();
    assert!(refused.is_invalid_request() && !refused.to_string().contains("break"), "{refused}");
    assert!(!format!("{:?}", api.get_headers("k3y", [1.0])).contains("k3y"));
}

#[tokio::test]
async fn a_path_value_stays_in_its_segment() {
    recorded("paths", &[]);
    let server = Server::answering(204, "").await;
    let api = paths::Api::new(&server.client());
    for value in ["", ".", ".."] {
        let refused = api.unlock(value).send().await.unwrap_err();
        assert!(refused.is_invalid_request(), "{value}: {refused}");
    }
    let nothing: [&str; 0] = [];
    assert!(api.get_lists(nothing, [1]).send().await.unwrap_err().is_invalid_request());
    assert!(server.seen().is_empty());

    api.unlock("../a?b#c%2e d").send().await.unwrap();
    api.get_lists(["a", "b"], [1, -2]).send().await.unwrap();
    api.get_year(2024, true).send().await.unwrap();
    api.get_file("report", "pdf").send().await.unwrap();
    api.cancel("j").send().await.unwrap();
    api.literal("x").send().await.unwrap();
    let seen = server.seen();
    let targets: Vec<_> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/apikeys/..%2Fa%3Fb%23c%252e%20d/lock",
            "/lists/a,b/1,-2",
            "/years/2024/true",
            "/files/report.pdf",
            "/jobs/j:cancel/",
            "/gr%C3%B6%C3%9Fe/a%20b/x/x",
        ]
    );
}

#[tokio::test]
async fn a_client_has_one_endpoint_and_serves_nothing() {
    recorded(
        "left_out",
        &[
            ("callbacks", "/paths/~1jobs/post/callbacks"),
            ("callbacks", "/paths/~1jobs/post/responses/204/links"),
            ("servers", "/paths/~1jobs/post/servers"),
            ("servers", "/paths/~1jobs/servers"),
        ],
    );
    let server = Server::answering(204, "").await;
    left_out::Api::new(&server.client()).post_job().send().await.unwrap();
    assert_eq!(server.only().target, "/jobs");
}

#[tokio::test]
async fn a_fragment_tells_operations_apart_and_a_fixed_query_is_sent() {
    let beta = "/paths/~1messages?beta=true&v=1%2F2/get/parameters/0";
    recorded("path_keys", &[("parameters", beta)]);
    let server = Server::answering(204, "").await;
    let api = path_keys::Api::new(&server.client());
    api.token_by_key().key("k").send().await.unwrap();
    api.token_by_key().send().await.unwrap();
    api.token_by_passcode().send().await.unwrap();
    api.token().send().await.unwrap();
    api.add_link("a#b?c").send().await.unwrap();
    api.put_file("f").send().await.unwrap();
    api.beta_messages().send().await.unwrap();
    api.beta_messages().limit(3).send().await.unwrap();
    api.count_beta_messages().send().await.unwrap();
    let seen = server.seen();
    let targets: Vec<_> =
        seen.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    assert_eq!(
        targets,
        [
            "POST /token",
            "POST /token",
            "POST /token",
            "POST /token",
            "PUT /files/a%23b%3Fc",
            "PUT /files/f",
            "GET /messages?beta=true&v=1%2F2",
            "GET /messages?beta=true&v=1%2F2&limit=3",
            "GET /messages?beta=true",
        ]
    );
    let bodies: Vec<_> = seen[..3].iter().map(|seen| &seen.body[..]).collect();
    assert_eq!(bodies, [&br#"{"key":"k"}"#[..], b"", b""]);
    let operations = [
        path_keys::operation::TOKEN_BY_KEY,
        path_keys::operation::ADD_LINK,
        path_keys::operation::BETA_MESSAGES,
    ];
    let keys = operations.map(|operation| operation.path);
    assert_eq!(keys, ["/token#api-key", "/files/{id}#add_link", "/messages?beta=true&v=1%2F2"]);
}

#[tokio::test]
async fn credentials_go_with_every_call_that_is_not_said_to_need_none() {
    let at = "/paths/~1unstated/get/parameters";
    let headers: Vec<_> = (0..3).map(|index| format!("{at}/{index}")).collect();
    let expected: Vec<_> = headers.iter().map(|at| ("parameters", at.as_str())).collect();
    recorded("credentials", &expected);
    let server = Server::answering(204, "").await;
    let api = credentials::Api::new(&server.client());
    api.unstated().send().await.unwrap();
    api.required().send().await.unwrap();
    api.optional().send().await.unwrap();
    api.none().send().await.unwrap();
    api.empty().send().await.unwrap();
    let seen = server.seen();
    let authorization: Vec<_> = seen.iter().map(|seen| seen.header("authorization")).collect();
    let bearer = Some(format!("Bearer {TOKEN}"));
    assert_eq!(authorization, [bearer.clone(), bearer.clone(), bearer, None, None]);
    let areas = iam_codegen::surface::surface(&super::output("credentials").source).unwrap();
    let loud: Vec<_> = areas
        .iter()
        .filter(|area| area.listing.contains("ANONYMOUS: sent without credentials"))
        .map(|area| area.name.as_str())
        .collect();
    assert_eq!(loud, ["operations/empty", "operations/none"]);
}
