//! Credentials: which a call carries, and where.

use iam_client::{CallOptions, Client, ClientBuilder, Error, auth};
use iam_tests::corpus::{security, security_unstated};

use super::recorded;
use crate::server::{Server, TOKEN, answer, once};

const KEY: &str = "k3y+/ &=";

fn builder(server: &Server) -> ClientBuilder {
    Client::builder().endpoint(server.url())
}

/// A client with every credential of the document.
fn complete(server: &Server) -> Client {
    let builder = builder(server).bearer_token(TOKEN);
    let builder = builder.credential("key", KEY).credential("query key", KEY);
    let builder = builder.credential("session", "s1d").credential("genie", "GenieKey g");
    once(builder.credential("login", auth::Basic::new("me", "pw").unwrap()))
}

/// Target, `X-API-Key`, `Cookie` and `Authorization` of each request.
fn sent(server: &Server) -> Vec<[String; 4]> {
    let sent = server.seen().into_iter().map(|seen| {
        let [key, cookie, authorization] = ["x-api-key", "cookie", "authorization"]
            .map(|name| seen.header(name).unwrap_or_default());
        [seen.target, key, cookie, authorization]
    });
    sent.collect()
}

#[tokio::test]
async fn each_credential_goes_where_the_document_says() {
    let page = "/paths/~1pages/get/responses/200/content/application~1json/schema";
    recorded(
        "security",
        &[
            ("null-lists", &format!("{page}/properties/names")),
            ("security", "/components/securitySchemes/digest"),
            ("security", "/components/securitySchemes/genie"),
            ("security", "/components/securitySchemes/oauth"),
            ("security", "/paths/~1digest/get/security/0"),
            ("security", "/paths/~1two/get/security/0"),
            ("security", "/paths/~1undeclared/get/security/0"),
        ],
    );
    let server = Server::answering(204, "").await;
    let api = security::Api::new(&complete(&server));
    api.in_header().send().await.unwrap();
    api.in_query().send().await.unwrap();
    api.in_query().q("a b").send().await.unwrap();
    api.in_cookie().send().await.unwrap();
    api.basic().send().await.unwrap();
    api.token().send().await.unwrap();
    api.oauth().send().await.unwrap();
    api.whole().send().await.unwrap();
    api.both().send().await.unwrap();
    api.either().send().await.unwrap();
    api.optional().send().await.unwrap();
    api.none().send().await.unwrap();
    api.digest().send().await.unwrap();
    api.undeclared().send().await.unwrap();
    api.two().send().await.unwrap();
    let bearer = format!("Bearer {TOKEN}");
    // `me:pw` in Base64.
    let basic = "Basic bWU6cHc=";
    let expected = [
        ["/header", KEY, "", ""],
        ["/query?fixed=1&api+key=k3y%2B%2F+%26%3D", "", "", ""],
        ["/query?fixed=1&q=a+b&api+key=k3y%2B%2F+%26%3D", "", "", ""],
        ["/cookie", "", "sid=s1d", ""],
        ["/basic", "", "", basic],
        ["/token", "", "", &bearer],
        ["/oauth", "", "", &bearer],
        ["/whole", "", "", "GenieKey g"],
        ["/both", KEY, "", basic],
        ["/either", "", "", basic],
        ["/optional", "", "sid=s1d", ""],
        ["/none", "", "", ""],
        ["/digest", "", "sid=s1d", ""],
        ["/undeclared", "", "", &bearer],
        ["/two", "", "sid=s1d", ""],
    ];
    assert_eq!(sent(&server), expected.map(|each| each.map(str::to_owned)));
}

#[tokio::test]
async fn the_first_combination_that_the_client_has_is_used() {
    let server = Server::answering(204, "").await;
    let client = once(builder(&server).credential("session", "s1d"));
    security::Api::new(&client).either().send().await.unwrap();
    // The authenticator counts for what goes into `Authorization`.
    let client = once(builder(&server).authenticator(auth::Basic::new("me", "pw").unwrap()));
    let api = security::Api::new(&client);
    api.either().send().await.unwrap();
    api.optional().send().await.unwrap();
    // What a call brings itself is not replaced.
    let own = CallOptions::new().header("X-API-Key", "own");
    api.both().with(own).send().await.unwrap();
    let expected = [
        ["/either", "", "sid=s1d", ""],
        ["/either", "", "", "Basic bWU6cHc="],
        ["/optional", "", "", "Basic bWU6cHc="],
        ["/both", "own", "", "Basic bWU6cHc="],
    ];
    assert_eq!(sent(&server), expected.map(|each| each.map(str::to_owned)));
}

#[tokio::test]
async fn a_scheme_that_no_operation_names_is_applied_if_there_is_a_credential() {
    recorded("security_unstated", &[]);
    let server = Server::answering(204, "").await;
    for builder in [
        builder(&server),
        builder(&server).credential("key", "k"),
        builder(&server).bearer_token(TOKEN),
    ] {
        security_unstated::Api::new(&once(builder)).get_thing().send().await.unwrap();
    }
    let bearer = format!("Bearer {TOKEN}");
    let expected =
        [["/thing", "", "", ""], ["/thing?key=k", "", "", ""], ["/thing", "", "", &bearer]];
    assert_eq!(sent(&server), expected.map(|each| each.map(str::to_owned)));
}

#[tokio::test]
async fn every_page_is_asked_for_with_the_key() {
    let server = Server::start(|seen| {
        if seen.target.contains("start=") {
            super::json(r#"{"names": ["b"]}"#)
        } else {
            super::json(r#"{"names": ["a"], "next": "2"}"#)
        }
    })
    .await;
    let api = security::Api::new(&complete(&server));
    let mut items = api.list_names().items();
    let mut names = Vec::new();
    while let Some(name) = items.try_next().await.unwrap() {
        names.push(name);
    }
    assert_eq!(names, ["a", "b"]);
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    let key = "api+key=k3y%2B%2F+%26%3D";
    assert_eq!(targets, [format!("/pages?{key}"), format!("/pages?start=2&{key}")]);
}

fn failed<T>(result: Result<T, Error>) -> String {
    let Err(error) = result else { panic!("the call succeeded") };
    format!("{error}")
}

#[tokio::test]
async fn a_call_without_its_credentials_says_how_to_give_them() {
    let server = Server::answering(204, "").await;
    // A bearer token is none of these credentials.
    let api = security::Api::new(&server.client());
    let takes = "the client does not have the credentials for this operation, which takes";
    assert_eq!(
        failed(api.in_header().send().await),
        format!(
            "in_header: {takes} \"key\" (an API key in the header \"X-API-Key\"); \
             build the client with `.credential(\"key\", \"…\")`"
        )
    );
    assert_eq!(
        failed(api.either().send().await),
        format!(
            "either: {takes} \"login\" (a user name and a password), or \"session\" (an API key in \
             the cookie \"sid\"); build the client with \
             `.credential(\"login\", auth::Basic::new(\"…\", \"…\")?)`"
        )
    );
    let error = api.both().send().await.unwrap_err();
    assert!(error.is_authentication(), "{error}");
    let both = "\"key\" (an API key in the header \"X-API-Key\") and \"login\" (a user name";
    assert!(error.to_string().contains(both), "{error}");
    // A credential of the wrong kind.
    let client = once(builder(&server).credential("login", "pw"));
    let error = security::Api::new(&client).basic().send().await.unwrap_err();
    assert!(error.is_configuration(), "{error}");
    let expected = "credential: the scheme \"login\" takes a user name and a password; \
                    give `auth::Basic`";
    assert_eq!(error.to_string(), expected);
    for key in ["", "line\nbreak"] {
        let client = once(builder(&server).credential("key", key).credential("session", "a;b"));
        let api = security::Api::new(&client);
        for error in [api.in_header().send().await, api.in_cookie().send().await] {
            let error = error.unwrap_err();
            assert!(error.is_configuration(), "{error}");
            assert!(!error.to_string().contains("break"), "{error}");
        }
    }
    assert_eq!(server.seen().len(), 0);
    // Without any credentials, the service says what it takes.
    let server = Server::start(|_| answer(401, &[], "")).await;
    let error = security::Api::new(&once(builder(&server))).token().send().await.unwrap_err();
    assert_eq!(error.status().map(|status| status.as_u16()), Some(401));
}
