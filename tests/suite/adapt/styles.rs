//! Parameters in every style of OpenAPI, cookies, numbers and methods; the expected texts are
//! those of the specification's "Style Examples", with objects sorted by name.

use std::collections::BTreeMap;

use iam_tests::corpus::styles::{
    Api,
    types::{Color, Filter, FilterCreated},
};

use super::recorded;
use crate::server::{Server, TOKEN, answer};

const COLORS: [&str; 3] = ["blue", "black", "brown"];

fn color() -> Color {
    Color::new().r(100).g(200).b(150)
}

#[tokio::test]
async fn paths_and_headers_have_labels_matrices_and_objects() {
    recorded(
        "styles",
        &[
            ("media-types", "/paths/~1methods/trace/requestBody"),
            ("open-enums", "/paths/~1cookies/get/parameters/1/schema"),
            ("parameters", "/paths/~1query/get/parameters/10"),
        ],
    );
    let server = Server::answering(204, "").await;
    let api = Api::new(&server.client());
    api.get_label(COLORS, COLORS, color(), color()).send().await.unwrap();
    api.get_matrix(COLORS, COLORS, color(), color()).send().await.unwrap();
    let call = api.get_simple(color(), color(), "a/b?c").x_color(color());
    call.x_fields(color()).send().await.unwrap();
    let seen = server.seen();
    let targets: Vec<_> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(
        targets,
        [
            "/label/.blue,black,brown/.blue.black.brown/.B,150,G,200,R,100/.B=150.G=200.R=100",
            "/matrix/;color=blue,black,brown/;exploded=blue;exploded=black;exploded=brown\
             /;object=B,150,G,200,R,100/;B=150;G=200;R=100",
            "/simple/B,150,G,200,R,100/B=150,G=200,R=100.json/.a%2Fb%3Fc",
        ]
    );
    assert_eq!(seen[2].header("x-color").as_deref(), Some("B,150,G,200,R,100"));
    assert_eq!(seen[2].header("x-fields").as_deref(), Some("B=150,G=200,R=100"));
    // `.` and `..` name other paths.
    for text in ["", "."] {
        let refused = api.get_simple(color(), color(), text).send().await.unwrap_err();
        assert!(refused.is_invalid_request(), "{refused}");
    }
    let refused = api.get_simple(Color::new(), color(), "x").send().await.unwrap_err();
    assert!(refused.to_string().contains("`object` must not be empty"), "{refused}");
}

#[tokio::test]
async fn queries_have_every_style() {
    let server = Server::answering(204, "").await;
    let api = Api::new(&server.client());
    let filter = Filter::new().name("n").states(["a", "b"]).token("t");
    let filter = filter.created(FilterCreated::new().gte(5));
    let map = BTreeMap::from([("a b".to_owned(), "c&d".to_owned())]);
    for (call, query) in [
        (api.get_query(), ""),
        (api.get_query().plain(1_343_641_500.0), "?plain=1343641500"),
        (api.get_query().plain(-0.25), "?plain=-0.25"),
        (api.get_query().numbers([1.0, 0.5]), "?numbers=1&numbers=0.5"),
        (api.get_query().color(color()), "?B=150&G=200&R=100"),
        (api.get_query().color(Color::new()), ""),
        (api.get_query().object(color()), "?object=B,150,G,200,R,100"),
        (api.get_query().map(map), "?a%20b=c%26d"),
        (api.get_query().list(COLORS), "?list=blue,black,brown"),
        (api.get_query().spaced(COLORS), "?spaced=blue%20black%20brown"),
        (api.get_query().piped(COLORS), "?piped=blue%7Cblack%7Cbrown"),
        (api.get_query().apart(COLORS), "?apart=blue&apart=black&apart=brown"),
        (
            api.get_query().deep(filter.clone()),
            "?deep%5Bcreated%5D%5Bgte%5D=5&deep%5Bname%5D=n&deep%5Bstates%5D%5B0%5D=a\
             &deep%5Bstates%5D%5B1%5D=b&deep%5Btoken%5D=t",
        ),
        (api.get_query().nested([Color::new().r(1)]), "?nested=%7B%22R%22%3A1%7D"),
        (
            api.get_query().json(Filter::new().name("n")).plain(1.0),
            "?plain=1&json=%7B%22name%22%3A%22n%22%7D",
        ),
    ] {
        call.send().await.unwrap();
        assert_eq!(server.seen().last().unwrap().target, format!("/query{query}"));
    }
}

#[tokio::test]
async fn cookies_are_sent_in_one_header() {
    let server = Server::answering(204, "").await;
    let api = Api::new(&server.client());
    api.get_cookies("s/3=").send().await.unwrap();
    let call = api.get_cookies("a;b").theme("dark").list(["blue", "black"]).each(["a b", "c"]);
    call.send().await.unwrap();
    let seen = server.seen();
    let cookies: Vec<_> = seen.iter().map(|seen| seen.header("cookie").unwrap()).collect();
    assert_eq!(
        cookies,
        [
            "fixed=yes; session=s/3=",
            "each=a%20b; each=c; fixed=yes; list=blue,black; session=a%3Bb; theme=dark",
        ]
    );
}

#[tokio::test]
async fn secrets_in_styled_parameters_are_hidden() {
    let server = Server::start(|seen| {
        let cookie = seen.header("cookie").unwrap_or_default();
        let text = format!("no {cookie} {}", seen.target);
        answer(400, &[("content-type", "text/plain")], text)
    })
    .await;
    let api = Api::new(&server.client());
    let cookie = api.get_cookies("c00kie-s3cret");
    assert!(!format!("{cookie:?}").contains("s3cret"));
    let error = cookie.send().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    let filter = Filter::new().token("d33p-s3cret");
    let error = api.get_query().deep(filter).send().await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
}

#[tokio::test]
async fn options_and_trace_are_methods_like_others() {
    let server = Server::answering(200, "").await;
    let api = Api::new(&server.client());
    api.describe().send().await.unwrap();
    api.echo().send().await.unwrap();
    let seen = server.seen();
    let [describe, echo] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((describe.method.as_str(), describe.target.as_str()), ("OPTIONS", "/methods"));
    assert_eq!(describe.header("authorization"), Some(format!("Bearer {TOKEN}")));
    // A TRACE request is repeated in its response.
    assert_eq!((echo.method.as_str(), echo.header("authorization")), ("TRACE", None));
    assert!(echo.body.is_empty());
}
