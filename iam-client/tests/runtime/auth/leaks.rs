//! Where credentials may go, and where they must not be seen.

use std::path::PathBuf;

use iam_client::{
    Client,
    auth::{
        AccessToken, ApiKey, Authenticator, Basic, Bearer, Cached, Container, RefreshToken,
        TrustedProfile, VpcInstance,
    },
};
use serde_json::json;

use super::support::*;

/// Credentials with characters that forms write otherwise.
const SECRETS: [&str; 7] = [
    "4p1+key/mark==",
    "r3fresh+mark/=",
    "cl1ent+s3cret/mark",
    "cr+t0ken/mark=",
    "b3arer+mark/=",
    "p4ssword+mark/",
    "1nstance+mark",
];
/// Those in the forms that they are sent in: in a form, and in `Basic`.
const ENCODED: [&str; 7] = [
    "4p1%2Bkey%2Fmark%3D%3D",
    "r3fresh%2Bmark%2F%3D",
    "Y2xpZW50LTE6Y2wxZW50K3MzY3JldC9tYXJr",
    "cr%2Bt0ken%2Fmark%3D",
    "b3arer%2Bmark%2F%3D",
    "bWU6cDRzc3dvcmQrbWFyay8=",
    "t0ken-of-iam",
];

fn check(shown: &str) {
    for secret in SECRETS.iter().chain(&ENCODED) {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

fn show(value: &dyn std::fmt::Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// One of each, at this endpoint; builders are shown and checked on the way.
fn all(endpoint: &str, file: &PathBuf) -> Vec<Cached> {
    let key = ApiKey::new(SECRETS[0]).endpoint(endpoint).client_credentials("client-1", SECRETS[2]);
    let refresh = RefreshToken::new(SECRETS[1]).endpoint(endpoint);
    let refresh = refresh.client_credentials("client-1", SECRETS[2]);
    let bearer = Bearer::new(SECRETS[4]).unwrap();
    let profile = TrustedProfile::by_id("Profile-1", bearer.clone()).endpoint(endpoint);
    let container = Container::new().profile_id("Profile-1").token_file(file).endpoint(endpoint);
    let container = container.client_credentials("client-1", SECRETS[2]);
    let vpc = VpcInstance::new().endpoint(endpoint);
    for builder in [show(&key), show(&refresh), show(&profile), show(&container), show(&vpc)] {
        check(&builder);
    }
    check(&show(&bearer));
    let over = key.clone().build().unwrap();
    let deep = TrustedProfile::by_id("Profile-1", over).endpoint(endpoint);
    let built = [key.build(), refresh.build(), profile.build(), container.build(), vpc.build()];
    let mut all: Vec<_> = built.into_iter().map(Result::unwrap).collect();
    all.push(deep.build().unwrap());
    all
}

/// What the server got, in a body that is an error.
fn echo(seen: &Seen) -> String {
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let decoded: Vec<_> = form(seen).into_iter().map(|(_, value)| value).collect();
    let authorization = seen.header("authorization").unwrap_or_default();
    json!({
        "errorCode": decoded.join(" "),
        "errorMessage": format!("{} {body} {authorization}", decoded.join(" ")),
        "errorDetails": {"body": body, "authorization": authorization},
        "context": {"requestId": authorization, "fields": decoded},
    })
    .to_string()
}

struct TokenFile(PathBuf);

impl TokenFile {
    fn new(name: &str) -> Self {
        let name = format!("{name}-{}", std::process::id());
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, SECRETS[3]).unwrap();
        Self(path)
    }
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// IAM repeats all that it was sent, at every exchange.
#[tokio::test]
async fn an_echo_of_the_token_endpoint_shows_no_credential() {
    let file = TokenFile::new("cr-echo");
    let issuer = Server::start(|seen| match seen.target.contains("/token?version") {
        true => answer(200, &[], json!({"access_token": SECRETS[6], "expires_in": 1}).to_string()),
        false => answer(400, &[], echo(seen)),
    })
    .await;
    for caller in all(issuer.url(), &file.0) {
        let client = client(&issuer, caller.clone(), &TestClock::new(0.5));
        let error = failed(ask(&client).await);
        let shown = all_texts(&error);
        check(&shown);
        // The text did come through.
        assert!(shown.contains("***") && shown.contains("400 bad request"), "{shown}");
        check(&show(&caller));
    }
}

/// The service repeats what is not even sent to it: IAM's credentials, and the
/// token.
#[tokio::test]
async fn an_echo_of_a_service_shows_no_credential() {
    let file = TokenFile::new("cr-service");
    let issuer = Server::start(|_| token(ENCODED[6])).await;
    let service = Server::start(|seen| {
        let sent = seen.header("authorization").unwrap();
        // What a container or an instance reads is not kept.
        let kept = [SECRETS[0], SECRETS[1], SECRETS[2], SECRETS[4], ENCODED[2], &sent].join(" ");
        answer(400, &[], json!({"message": kept}).to_string())
    })
    .await;
    let callers = all(issuer.url(), &file.0);
    // Each hides its own; this checks those of the authenticators in turn.
    let own: [&[&str]; 6] = [
        &[SECRETS[0], SECRETS[2], ENCODED[2]],
        &[SECRETS[1], SECRETS[2], ENCODED[2]],
        &[SECRETS[4]],
        &[SECRETS[2], ENCODED[2]],
        &[],
        &[SECRETS[0], SECRETS[2], ENCODED[2]],
    ];
    for (caller, own) in callers.into_iter().zip(own) {
        let client = client(&service, caller.clone(), &TestClock::new(0.5));
        let shown = all_texts(&failed(get(&client).await));
        for secret in own.iter().chain([&ENCODED[6]]) {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        let authorization = client.authorization().await.unwrap();
        let settings = Client::builder().authenticator(caller.clone());
        for shown in [show(&caller), show(&authorization), show(&client), show(&settings)] {
            check(&shown);
        }
        assert!(show(&caller).contains("has_token: true"));
        let known = caller.secrets();
        check(&show(&known));
        for secret in own.iter().chain([&ENCODED[6]]) {
            assert!(known.iter().any(|known| known.expose() == *secret), "{secret}");
        }
    }
    let basic = Basic::new("me", SECRETS[5]).unwrap();
    check(&show(&basic));
    check(&show(&AccessToken::new(SECRETS[4], std::time::Duration::from_secs(1))));
}

/// Nothing is sent to where the token endpoint points.
#[tokio::test]
async fn redirects_of_the_token_endpoint_are_not_followed() {
    let file = TokenFile::new("cr-redirect");
    let elsewhere = Server::start(|_| token("stolen")).await;
    for status in [301, 302, 303, 307, 308] {
        let target = elsewhere.url().replace("127.0.0.1", "localhost") + "/identity/token?k=4p1";
        let issuer = Server::start(move |_| answer(status, &[("location", &target)], "")).await;
        for caller in all(issuer.url(), &file.0) {
            let error = failed(ask(&client(&issuer, caller, &TestClock::new(0.5))).await);
            assert!(error.is_authentication() && !error.is_transient());
            let shown = all_texts(&error);
            assert!(shown.contains("redirects are not followed"), "{shown}");
            check(&shown);
        }
        assert_eq!(issuer.seen().len(), 6, "one request each");
    }
    assert_eq!(elsewhere.seen().len(), 0);
}

/// A service that redirects does not get the token sent on, nor IAM's credential.
#[tokio::test]
async fn a_redirecting_service_gets_no_new_token_either() {
    let (issuer, elsewhere) = (issuer().await, Server::answering(200, "{}").await);
    let target = elsewhere.url().to_owned();
    let service = Server::start(move |_| answer(307, &[("location", &target)], "")).await;
    failed(get(&client(&service, api_key(&issuer), &TestClock::new(0.5))).await);
    issuer.only();
    service.only();
    assert_eq!(elsewhere.seen().len(), 0);
}

#[test]
fn an_endpoint_with_a_password_is_not_shown() {
    let endpoint = "https://me:p4ssword+mark/@host";
    let shown = [
        show(&ApiKey::new(KEY).endpoint(endpoint)),
        show(&TrustedProfile::by_id("p", Bearer::new("t").unwrap()).endpoint(endpoint)),
        show(&VpcInstance::new().endpoint(endpoint)),
    ];
    for shown in shown {
        assert!(shown.contains("(invalid)") && !shown.contains("p4ssword"), "{shown}");
    }
}
