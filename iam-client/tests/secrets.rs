//! Secrets that generated requests carry, should the service repeat them.
#![cfg(feature = "identity")]

#[path = "runtime/server.rs"]
#[allow(dead_code)]
mod server;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use iam_client::{
    Client, Error,
    identity::types::{ApiKeyInsideCreateServiceIdRequest, CreateAccessTokenRequestGrantType},
};
use serde_json::json;

use server::{Server, answer, once};

const SECRET: &str = "4pi+key/\"mark\"==";
/// Parts of it in the forms in which it is sent and repeated.
const FORMS: [&str; 4] = ["4pi+key", "4pi%2Bkey", "4pi%2bkey", "4pi\\+key"];

/// A service that refuses everything, and repeats the body and the header
/// `IAM-ApiKey` in its message.
async fn echo() -> Server {
    Server::start(|seen| {
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let header = seen.header("iam-apikey").unwrap_or_default();
        let code = base64();
        let lower = body.replace("%2B", "%2b");
        let message = format!("refused {body} {lower} {header}");
        let errors = json!([{"code": header, "message": message, "details": {"sent": body}}]);
        answer(400, &[], json!({"errors": errors, "trace": code}).to_string())
    })
    .await
}

/// The secret as the password of `Basic`.
fn base64() -> String {
    URL_SAFE_NO_PAD.encode(format!("apikey:{SECRET}"))
}

fn client(server: &Server) -> Client {
    once(Client::builder().endpoint(server.url()))
}

fn check(error: &Error) {
    let shown = format!("{error} {error:?} {:?} {:?}", error.errors(), error.trace());
    for form in FORMS {
        assert!(!shown.contains(form), "{form} in {shown}");
    }
    // 7 bytes precede it: the first 9 characters hold none of its bits.
    assert!(!shown.contains(&base64()[9..14]), "{shown}");
    assert!(shown.contains("refused") && shown.contains("***"), "{shown}");
}

#[tokio::test]
async fn the_key_that_is_looked_up_is_hidden() {
    let server = echo().await;
    let call = client(&server).identity().get_api_keys_details().iam_api_key(SECRET);
    check(&call.send().await.unwrap_err());
    assert_eq!(server.only().header("iam-apikey").as_deref(), Some(SECRET));
}

#[tokio::test]
async fn the_key_that_is_created_is_hidden() {
    let server = echo().await;
    let identity = client(&server).identity();
    check(&identity.create_api_key("iam-1", "n").apikey(SECRET).send().await.unwrap_err());
    // In an object of the body.
    let key = ApiKeyInsideCreateServiceIdRequest::new("n").apikey(SECRET);
    check(&identity.create_service_id("a", "n").apikey(key).send().await.unwrap_err());
}

#[tokio::test]
async fn the_secrets_of_a_token_request_are_hidden() {
    let server = echo().await;
    let identity = client(&server).identity();
    let grant = CreateAccessTokenRequestGrantType::from("urn:ibm:params:oauth:grant-type:apikey");
    let call = || identity.create_access_token(grant.clone());
    for call in [
        call().access_token(SECRET),
        call().apikey(SECRET),
        call().cookie(SECRET),
        call().cr_token(SECRET),
        call().passcode(SECRET),
        call().password(SECRET).username("me"),
        call().refresh_token(SECRET),
    ] {
        check(&call.send().await.unwrap_err());
    }
    assert_eq!(server.seen().len(), 7);
}
