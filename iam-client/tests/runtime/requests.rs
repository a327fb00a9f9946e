//! What the server gets to see.

use iam_client::runtime::{Client, Operation};

use super::support::{
    CREATE_THING, GET_REPORT, GET_THING, GET_TOKEN, LIST_THINGS, Server, TOKEN, Then, UNLOCK_THING,
    answer, core, failed, get, get_thing,
};

#[tokio::test]
async fn a_whole_call_reaches_the_server_as_described() {
    let server = Server::start(|_| {
        answer(200, &[("etag", "\"7\""), ("transaction-id", "t1")], r#"{"id":"a b"}"#)
    })
    .await;
    let response = get_thing(&server.client(), "a b", Some("\"6\""), Some("x&y")).await;
    let response = response.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response["id"], "a b");
    assert_eq!(response.etag().unwrap().as_str(), "\"7\"");
    assert_eq!(response.transaction_id(), Some("t1"));

    let seen = server.only();
    assert_eq!(seen.method, "GET");
    assert_eq!(seen.target, "/v1/things/a%20b?query=x%26y");
    assert_eq!(seen.header("authorization"), Some(format!("Bearer {TOKEN}")));
    assert_eq!(seen.header("accept").as_deref(), Some("application/json"));
    assert_eq!(seen.header("if-match").as_deref(), Some("\"6\""));
    assert_eq!(seen.header("api-version"), None);
    assert_eq!(seen.header("content-type"), None);
    assert_eq!(seen.body, "");
    let agent = format!(
        "iam-client/{} (lang=rust; arch={}; os={})",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS,
    );
    assert_eq!(seen.header("user-agent"), Some(agent));
}

#[tokio::test]
async fn a_body_has_the_operations_media_type() {
    let server = Server::answering(201, "{}").await;
    let client = server.client();
    let core = core::Client::of(&client);
    let built = core.create_thing(&serde_json::json!({"name": "x"})).await;
    let request = core.inner.finish(&CREATE_THING, built).unwrap();
    let reply = client.execute(&CREATE_THING, request).await.unwrap();
    assert_eq!(reply.status(), 201);

    let seen = server.only();
    assert_eq!(seen.method, "POST");
    assert_eq!(seen.body, r#"{"name":"x"}"#);
    // Replaces what the core set; one value, not two.
    let media_type = Some("application/vnd.thing+json".to_owned());
    assert_eq!(seen.header("content-type"), media_type);
}

#[tokio::test]
async fn without_a_body_there_is_no_media_type_and_the_length_is_zero() {
    let server = Server::answering(201, "{}").await;
    let client = server.client();
    let url = format!("{}/v1/things", client.endpoint());
    let request = client.http().post(url).build().unwrap();
    client.execute(&CREATE_THING, request).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.header("content-type"), None);
    assert_eq!(seen.header("content-length").as_deref(), Some("0"));
}

#[tokio::test]
async fn accept_is_set_where_the_core_sets_none() {
    let server = Server::answering(200, "a,b\n").await;
    let client = server.client();
    let url = format!("{}/v1/report", client.endpoint());
    let request = client.http().get(url).build().unwrap();
    let reply = client.execute(&GET_REPORT, request).await.unwrap();
    assert_eq!(reply.text().unwrap().into_inner(), "a,b\n");
    assert_eq!(server.only().header("accept").as_deref(), Some("text/csv"));
}

#[tokio::test]
async fn an_anonymous_operation_gets_no_token() {
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    let core = core::Client::of(&client);
    let built = core.get_token(None, &[("apikey", "a&b =")]).await;
    let request = core.inner.finish(&GET_TOKEN, built).unwrap();
    client.execute(&GET_TOKEN, request).await.unwrap();

    let seen = server.only();
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.body, "apikey=a%26b+%3D");
    let media_type = Some("application/x-www-form-urlencoded".to_owned());
    assert_eq!(seen.header("content-type"), media_type);
}

#[tokio::test]
async fn an_authorization_of_the_request_is_kept() {
    static BASIC: Operation = Operation { anonymous: false, ..GET_TOKEN };
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    for operation in [&GET_TOKEN, &BASIC] {
        let core = core::Client::of(&client);
        let built = core.get_token(Some("Basic Yng6Yng="), &[("a", "b")]).await;
        let request = core.inner.finish(operation, built).unwrap();
        client.execute(operation, request).await.unwrap();
    }
    for seen in server.seen() {
        let expected = Some("Basic Yng6Yng=".to_owned());
        assert_eq!(seen.header("authorization"), expected);
    }
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn without_a_token_none_is_sent() {
    let server = Server::answering(200, "{}").await;
    let client = Client::builder().endpoint(server.url()).build().unwrap();
    get(&client).await.unwrap();
    assert_eq!(server.only().header("authorization"), None);
}

#[tokio::test]
async fn the_endpoints_path_is_a_prefix() {
    let server = Server::answering(200, "{}").await;
    let builder = Client::builder().endpoint(format!("{}/gateway/iam/", server.url()));
    let client = builder.build().unwrap();
    get_thing(&client, "1", None, None).await.unwrap();
    assert_eq!(server.only().target, "/gateway/iam/v1/things/1");
}

#[tokio::test]
async fn an_own_http_client_is_used() {
    let server = Server::answering(200, "{}").await;
    let own = [("x-own".parse().unwrap(), "1".parse().unwrap())].into_iter().collect();
    let http = reqwest::Client::builder().no_proxy().default_headers(own).user_agent("mine/1");
    let builder = Client::builder().endpoint(server.url()).http_client(http.build().unwrap());
    get(&builder.build().unwrap()).await.unwrap();
    let seen = server.only();
    assert_eq!(seen.header("x-own").as_deref(), Some("1"));
    // Which client library calls is said all the same.
    assert!(seen.header("user-agent").unwrap().starts_with("iam-client/"));
}

#[tokio::test]
async fn any_status_of_success_is_success() {
    for status in [200, 201, 202, 203, 206] {
        let server = Server::answering(status, "{}").await;
        let reply = get(&server.client()).await.unwrap();
        assert_eq!(reply.status(), status);
    }
}

#[tokio::test]
async fn a_request_for_something_else_is_not_sent() {
    let server = Server::answering(200, "{}").await;
    let other = Server::answering(200, "{}").await;
    let client = server.client();
    let (own, foreign) = (server.url(), other.url());
    let with_user = own.replace("http://", "http://me:pw@");
    for (operation, method, url) in [
        (&GET_THING, "GET", format!("{foreign}/v1/things/1")),
        (&GET_THING, "GET", format!("{with_user}/v1/things/1")),
        (&GET_THING, "GET", own.replace("127.0.0.1", "localhost") + "/v1/things/1"),
        (&GET_THING, "POST", format!("{own}/v1/things/1")),
        (&GET_THING, "GET", format!("{own}/v1/things")),
        (&GET_THING, "GET", format!("{own}/v1/things/")),
        (&GET_THING, "GET", format!("{own}/v1/things/1/lock")),
        (&GET_THING, "GET", format!("{own}/v2/things/1")),
        (&GET_THING, "GET", format!("{own}/v1/things/1/../..")),
        (&LIST_THINGS, "GET", format!("{own}/v1/things/1")),
        (&LIST_THINGS, "GET", own.to_owned()),
        (&UNLOCK_THING, "DELETE", format!("{own}/v1/things/../lock")),
        (&UNLOCK_THING, "DELETE", format!("{own}/v1/things/%2E%2e/lock")),
        (&UNLOCK_THING, "DELETE", format!("{own}/v1/things//lock")),
    ] {
        let method: http::Method = method.parse().unwrap();
        // Unlike a builder, this leaves a user name in the URL.
        let request = reqwest::Request::new(method, url.parse().unwrap());
        let error = failed(client.execute(operation, request).await);
        assert!(error.is_invalid_request(), "{url}: {error}");
        assert_eq!(error.operation_id(), Some(operation.id));
        assert!(!error.to_string().contains("127.0.0.1"), "{error}");
    }
    assert_eq!(server.seen().len() + other.seen().len(), 0);
}

#[tokio::test]
async fn a_prefix_is_compared_by_segments() {
    let server = Server::answering(200, "{}").await;
    let builder = Client::builder().endpoint(format!("{}/pre", server.url()));
    let client = builder.build().unwrap();
    for path in ["/prefix/v1/things/1", "/v1/things/1", "/pre/../v1/things/1"] {
        let url = format!("{}{path}", server.url());
        let request = client.http().get(url).build().unwrap();
        let error = failed(client.execute(&GET_THING, request).await);
        assert!(error.is_invalid_request(), "{path}");
    }
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn literals_that_urls_encode_still_match() {
    static ODD: Operation = Operation { path: "/v1/thing set/a^b:c/{id}.csv", ..GET_THING };
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    let url = format!("{}/v1/thing set/a^b:c/1.csv", client.endpoint());
    let request = client.http().get(url).build().unwrap();
    client.execute(&ODD, request).await.unwrap();
    assert!(server.only().target.starts_with("/v1/thing%20set/a"));
}

#[tokio::test]
async fn media_types_that_are_no_headers_are_errors() {
    static BROKEN: Operation = Operation { accept: Some("text/plain\r\nx: y"), ..GET_THING };
    let server = Server::answering(200, "{}").await;
    let client = server.client();
    let url = format!("{}/v1/things/1", client.endpoint());
    let request = client.http().get(url).build().unwrap();
    let error = failed(client.execute(&BROKEN, request).await);
    assert!(error.is_invalid_request());
    assert_eq!(server.seen().len(), 0);
}

#[tokio::test]
async fn a_limit_that_the_request_has_is_kept() {
    let server = Server::raw("", Then::Wait).await;
    let client = server.client();
    let url = format!("{}/v1/things/1", client.endpoint());
    let limit = std::time::Duration::from_millis(50);
    let request = client.http().get(url).timeout(limit).build().unwrap();
    let error = failed(client.execute(&GET_THING, request).await);
    assert_eq!(error.to_string(), "get_thing: timed out after 50ms (transaction t0)");
}

/// Spawning needs futures that can move between threads.
#[test]
fn calls_can_move_between_threads() {
    fn is_send<T: Send>(_: T) {}
    fn is_shareable<T: Send + Sync + 'static>() {}
    let client = Client::builder().build().unwrap();
    is_send(get_thing(&client, "1", None, None));
    is_shareable::<Client>();
    is_shareable::<iam_client::runtime::Error>();
    is_shareable::<iam_client::runtime::Response<String>>();
    is_shareable::<iam_client::runtime::Recorder>();
}

/// Runs a test that calls a server in a process of its own, in which a proxy
/// is configured: the token must not leave the machine in clear text.
#[tokio::test]
async fn plain_http_uses_no_proxy() {
    let proxy = Server::answering(502, "").await;
    let mut test = std::process::Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "requests::a_whole_call_reaches_the_server_as_described"])
        .env("http_proxy", proxy.url())
        .env("ALL_PROXY", proxy.url())
        .env_remove("no_proxy")
        .env_remove("NO_PROXY");
    let output = tokio::task::spawn_blocking(move || test.output().unwrap()).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
    assert_eq!(proxy.seen().len(), 0);
}
