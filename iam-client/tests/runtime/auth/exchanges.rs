//! What authenticators of IAM send, and what they make of answers.

use std::{
    error::Error as _,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use iam_client::{
    Error,
    auth::{ApiKey, Basic, Bearer, Cached, Container, RefreshToken, TrustedProfile},
};
use serde_json::json;

use super::support::*;

/// The one request that an authenticator sends for a token.
async fn exchange(caller: impl FnOnce(&Server) -> Result<Cached, Error>) -> Seen {
    let issuer = issuer().await;
    let client = client(&issuer, caller(&issuer).unwrap(), &TestClock::new(0.5));
    assert_eq!(ask(&client).await.unwrap(), "token-1");
    issuer.only()
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn user_agent(component: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    format!("iam-client/{component}-{version} (lang=rust; arch={arch}; os={os})")
}

#[tokio::test]
async fn an_api_key_is_sent_as_a_form() {
    let seen = exchange(|issuer| ApiKey::new("a+b/c=d&%").endpoint(issuer.url()).build()).await;
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/identity/token"));
    assert_eq!(seen.header("content-type").unwrap(), "application/x-www-form-urlencoded");
    assert_eq!(seen.header("accept").unwrap(), "application/json");
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("user-agent").unwrap(), user_agent("iam-authenticator"));
    assert_eq!(seen.header("transaction-id").unwrap().len(), 32);
    let expected = [
        ("apikey", "a+b/c=d&%"),
        ("grant_type", "urn:ibm:params:oauth:grant-type:apikey"),
        ("response_type", "cloud_iam"),
    ];
    assert_eq!(form(&seen), fields(&expected));
}

/// `client-1:s3cret` in Base64, by hand: `Y2xpZW50LTE6czNjcmV0`.
#[tokio::test]
async fn client_credentials_scope_and_paths_are_sent() {
    for end in ["", "/", "/identity/token", "/identity/token/"] {
        let seen = exchange(|issuer| {
            ApiKey::new(KEY)
                .endpoint(format!("{}/proxy{end}", issuer.url()))
                .client_credentials("client-1", "s3cret")
                .scope("ibm openid")
                .build()
        })
        .await;
        assert_eq!(seen.target, "/proxy/identity/token", "{end}");
        assert_eq!(seen.header("authorization").unwrap(), "Basic Y2xpZW50LTE6czNjcmV0");
        assert!(form(&seen).contains(&("scope".to_owned(), "ibm openid".to_owned())));
    }
}

/// IAM may give a new refresh token, none, or say that there is none.
#[tokio::test]
async fn the_newest_refresh_token_is_used() {
    let count = AtomicUsize::new(0);
    let issuer = Server::start(move |_| {
        let next = [json!("second"), json!("not_supported"), json!(null), json!(""), json!("end")];
        let number = count.fetch_add(1, Ordering::SeqCst);
        let body = json!({
            "access_token": format!("token-{number}"),
            "refresh_token": next[number],
            "expires_in": 0,
        });
        answer(200, &[], body.to_string())
    })
    .await;
    let caller = RefreshToken::new("first").client_credentials("bx", "bx");
    let caller = caller.endpoint(issuer.url()).scope("s").build().unwrap();
    let client = client(&issuer, caller, &TestClock::new(0.5));
    for number in 0..5 {
        assert_eq!(ask(&client).await.unwrap(), format!("token-{number}"));
    }
    for (seen, sent) in issuer.seen().iter().zip(["first", "second", "second", "second", "second"])
    {
        let expected = [
            ("grant_type", "refresh_token"),
            ("refresh_token", sent),
            ("response_type", "cloud_iam"),
            ("scope", "s"),
        ];
        assert_eq!(form(seen), fields(&expected));
        assert_eq!(seen.header("authorization").unwrap(), "Basic Yng6Yng=");
        assert_eq!(seen.header("user-agent").unwrap(), user_agent("iam-authenticator"));
    }
}

#[tokio::test]
async fn a_profile_is_assumed_with_the_token_of_another_authenticator() {
    type Build = fn(Cached) -> TrustedProfile;
    let cases: [(Build, &[(&str, &str)]); 3] = [
        (|over| TrustedProfile::by_id("Profile-1", over), &[("profile_id", "Profile-1")]),
        (|over| TrustedProfile::by_crn("crn:v1:p", over), &[("profile_crn", "crn:v1:p")]),
        (
            |over| TrustedProfile::by_name("reader", "acc1", over),
            &[("account", "acc1"), ("profile_name", "reader")],
        ),
    ];
    for (build, profile) in cases {
        let issuer = issuer().await;
        let over = ApiKey::new(KEY).endpoint(issuer.url()).client_credentials("id", "s3cret");
        let caller = build(over.scope("s").build().unwrap());
        let caller = caller.endpoint(issuer.url()).build().unwrap();
        let client = client(&issuer, caller, &TestClock::new(0.5));
        assert_eq!(ask(&client).await.unwrap(), "token-2");
        let seen = issuer.seen();
        assert_eq!(seen.len(), 2);
        assert!(form(&seen[0]).contains(&("apikey".to_owned(), KEY.to_owned())));
        let mut expected = fields(profile);
        expected.extend(fields(&[
            ("access_token", "token-1"),
            ("grant_type", "urn:ibm:params:oauth:grant-type:assume"),
        ]));
        expected.sort();
        assert_eq!(form(&seen[1]), expected);
        assert_eq!(seen[1].header("authorization"), None);
        assert_eq!(seen[1].header("user-agent").unwrap(), user_agent("iam-assume-authenticator"));
    }
}

/// The token below has been revoked: 401 for whoever shows it.
#[tokio::test]
async fn a_refused_token_below_a_profile_is_replaced_once() {
    let count = AtomicUsize::new(0);
    let issuer = Server::start(move |seen| {
        if form(seen).contains(&("access_token".to_owned(), "token-1".to_owned())) {
            return answer(401, &[], "{}");
        }
        token(&format!("token-{}", 1 + count.fetch_add(1, Ordering::SeqCst)))
    })
    .await;
    let caller = TrustedProfile::by_id("Profile-1", api_key(&issuer)).endpoint(issuer.url());
    let client = client(&issuer, caller.build().unwrap(), &TestClock::new(0.5));
    assert_eq!(ask(&client).await.unwrap(), "token-3");
    assert_eq!(issuer.seen().len(), 4);
}

#[tokio::test]
async fn a_profile_stands_over_whatever_gives_bearer_tokens() {
    let issuer = issuer().await;
    let profile = |over: Cached| TrustedProfile::by_id("p", over).endpoint(issuer.url()).build();
    let first = TrustedProfile::by_id("p", Bearer::new("given").unwrap()).endpoint(issuer.url());
    let client_of = |caller| client(&issuer, caller, &TestClock::new(0.5));
    let second = profile(first.build().unwrap()).unwrap();
    assert_eq!(ask(&client_of(second)).await.unwrap(), "token-2");
    let shown: Vec<_> = issuer.seen().iter().map(|seen| form(seen)[0].1.clone()).collect();
    assert_eq!(shown, ["given", "token-1"]);

    let caller = TrustedProfile::by_id("p", Basic::new("me", "s3cret").unwrap());
    let error = failed(ask(&client_of(caller.build().unwrap())).await);
    assert!(error.is_configuration() && error.is_authentication());
    let text = error.source().unwrap().to_string();
    assert!(text.contains("gives no bearer token; use one that does"), "{text}");
    assert_eq!(issuer.seen().len(), 2);
}

/// The error of the lowest exchange stands right behind the call's.
#[tokio::test]
async fn a_failure_below_a_profile_is_told_once() {
    let issuer = Server::answering(400, r#"{"errorMessage": "no such key"}"#).await;
    let caller = TrustedProfile::by_id("p", api_key(&issuer)).endpoint(issuer.url());
    let client = client(&issuer, caller.build().unwrap(), &TestClock::new(0.5));
    let error = failed(ask(&client).await);
    let exchange = error.source().unwrap();
    let text = exchange.to_string();
    assert!(text.starts_with("exchange_api_key: 400 bad request: no such key (tra"), "{text}");
    assert!(exchange.source().is_none());
}

/// A file of this test run; removed with the value.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, content: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let file = Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name));
        file.write(content);
        file
    }

    fn write(&self, content: &str) {
        std::fs::write(&self.0, content).unwrap();
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_containers_token_is_read_at_each_exchange() {
    let file = TempFile::new("cr-token", "\n first\t\r\n");
    let (issuer, clock) = (issuer().await, TestClock::new(0.5));
    let caller = Container::new().token_file(&file.0).profile_id("Profile-1");
    let caller = caller.profile_name("reader").client_credentials("bx", "bx").scope("s");
    let client = client(&issuer, caller.endpoint(issuer.url()).build().unwrap(), &clock);
    assert_eq!(ask(&client).await.unwrap(), "token-1");
    file.write("second\n");
    assert_eq!(ask(&client).await.unwrap(), "token-1");
    clock.advance(3590.0);
    assert_eq!(ask(&client).await.unwrap(), "token-2");
    for (seen, sent) in issuer.seen().iter().zip(["first", "second"]) {
        let expected = [
            ("cr_token", sent),
            ("grant_type", "urn:ibm:params:oauth:grant-type:cr-token"),
            ("profile_id", "Profile-1"),
            ("profile_name", "reader"),
            ("scope", "s"),
        ];
        assert_eq!(form(seen), fields(&expected));
        assert_eq!(seen.header("authorization").unwrap(), "Basic Yng6Yng=");
        assert_eq!(seen.header("user-agent").unwrap(), user_agent("container-authenticator"));
    }
}

/// A file that is not there yet harms only the calls that need it now.
#[tokio::test]
async fn a_containers_file_that_cannot_be_used_is_named() {
    let file = TempFile::new("cr-late", " \n");
    let issuer = issuer().await;
    let caller = Container::new().token_file(&file.0).profile_name("p").endpoint(issuer.url());
    let client = client(&issuer, caller.build().unwrap(), &TestClock::new(0.5));
    let problem = |error: Error| {
        assert!(error.is_authentication() && error.is_configuration());
        error.source().unwrap().to_string()
    };
    let shown = format!("the file set ({} characters)", file.0.display().to_string().len());
    let expected = format!(
        "token_file: no compute resource token ({shown}: is empty); mount one there or set \
         another file"
    );
    assert_eq!(problem(failed(ask(&client).await)), expected);
    std::fs::remove_file(&file.0).unwrap();
    let text = problem(failed(ask(&client).await));
    assert!(text.contains(&format!("{shown}: does not exist")), "{text}");
    std::fs::write(&file.0, vec![b'x'; 1024 * 1024 + 1]).unwrap();
    let text = problem(failed(ask(&client).await));
    assert!(text.contains("larger than 1048576 bytes"), "{text}");
    assert_eq!(issuer.seen().len(), 0);
    file.write("now");
    assert_eq!(ask(&client).await.unwrap(), "token-1");
}

#[tokio::test]
async fn the_default_files_are_tried_in_order() {
    let files = [
        "/var/run/secrets/tokens/vault-token",
        "/var/run/secrets/tokens/sa-token",
        "/var/run/secrets/codeengine.cloud.ibm.com/compute-resource-token/token",
    ];
    if files.iter().any(|file| std::fs::exists(file).unwrap_or(true)) {
        eprintln!("skipped: this machine has a compute resource token");
        return;
    }
    let issuer = issuer().await;
    let caller = Container::new().profile_id("p").endpoint(issuer.url()).build().unwrap();
    let error = failed(ask(&client(&issuer, caller, &TestClock::new(0.5))).await);
    let text = error.source().unwrap().to_string();
    let places: Vec<_> = files.iter().map(|file| text.find(file).unwrap()).collect();
    assert!(places.is_sorted(), "{text}");
}

/// Answers of success, and what is wrong with them; none is quoted.
#[tokio::test]
async fn answers_that_are_no_tokens_are_decoding_errors() {
    let body = Arc::new(Mutex::new(String::new()));
    let issuer = {
        let body = Arc::clone(&body);
        Server::start(move |_| answer(200, &[], body.lock().unwrap().clone())).await
    };
    let client = client(&issuer, api_key(&issuer), &TestClock::new(0.5));
    for (answer, expected) in [
        (json!({"expires_in": 1}), "missing field access_token"),
        (json!({"access_token": null, "expires_in": 1}), "access_token: expected a string"),
        (json!({"access_token": "", "expires_in": 1}), "access_token is empty"),
        (json!({"access_token": "s3 cret", "expires_in": 1}), "access_token cannot stand in"),
        (json!({"access_token": "s3cret"}), "no lifetime: there is neither expires_in nor"),
        (json!({"access_token": "s3cret", "expires_in": null}), "no lifetime: there is neither"),
        // {"iat":1} in the middle.
        (json!({"access_token": "e30.eyJpYXQiOjF9.s3cret"}), "access_token has no claim exp"),
        (json!({"access_token": "s3cret", "expires_in": -0.5}), "expires_in: expected a number"),
        (json!({"access_token": "s3cret", "expires_in": []}), "expires_in: expected a number"),
        (json!({"access_token": "s3cret", "expiration": -1}), "expiration: expected a number"),
        (json!({"access_token": "s3cret", "expires_in": -1}), "expires_in: expected a number"),
        (json!({"access_token": "s3cret", "expires_in": "soon"}), "expires_in: expected a number"),
        (json!("s3cret"), "expected an object with a token, found a string"),
    ] {
        *body.lock().unwrap() = answer.to_string();
        let error = failed(ask(&client).await);
        let exchange = error.source().unwrap().downcast_ref::<Error>().unwrap();
        assert!(exchange.is_decode(), "{exchange}");
        let text = exchange.to_string();
        assert!(text.starts_with("exchange_api_key: cannot decode the response: "), "{text}");
        assert!(text.contains(expected), "{text}");
        assert!(!all_texts(&error).contains("cret"), "{text}");
    }
    for seconds in [json!(3600), json!("3600"), json!(3600.0)] {
        *body.lock().unwrap() =
            json!({"access_token": "good", "expires_in": seconds, "x": 1}).to_string();
        let client = super::support::client(&issuer, api_key(&issuer), &TestClock::new(0.5));
        let before = issuer.seen().len();
        assert_eq!(ask(&client).await.unwrap(), "good");
        assert_eq!(ask(&client).await.unwrap(), "good");
        assert_eq!(issuer.seen().len(), before + 1, "{seconds}");
    }
}

/// A token that lives until 1,000,003,600 s after 1970, by the clock of an issuer
/// for which it is 1,000,000,000 s (Sun, 09 Sep 2001 01:46:40 GMT): for an hour,
/// of which 80 % are 2880 s.
#[tokio::test]
async fn lifetimes_are_said_in_three_ways() {
    // {"exp":1000003600} in the middle.
    let jwt = "e30.eyJleHAiOjEwMDAwMDM2MDB9.c2ln";
    for body in [
        json!({"access_token": "opaque", "expires_in": 3600}),
        json!({"access_token": "opaque", "expires_in": 3600, "expiration": 1}),
        json!({"access_token": "opaque", "expiration": 1_000_003_600}),
        json!({"access_token": "opaque", "expires_in": null, "expiration": "1000003600"}),
        json!({"access_token": jwt, "expiration": null}),
        json!({"access_token": jwt}),
    ] {
        let text = body.to_string();
        let date = [("date", "Sun, 09 Sep 2001 01:46:40 GMT")];
        let issuer = Server::start(move |_| answer(200, &date, text.clone())).await;
        let clock = TestClock::new(0.5);
        let client = client(&issuer, api_key(&issuer), &clock);
        ask(&client).await.unwrap();
        clock.advance(2879.0);
        ask(&client).await.unwrap();
        assert_eq!(issuer.seen().len(), 1, "{body}");
        // From here, it is renewed in the background.
        clock.advance(1.0);
        ask(&client).await.unwrap();
        seen(&issuer, 2).await;
    }
}
