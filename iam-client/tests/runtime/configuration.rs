//! What a client can be built with.

use std::time::Duration;

use iam_client::runtime::{Client, Error};

use super::support::failed;

fn endpoint(text: &str) -> Result<Client, Error> {
    Client::builder().endpoint(text).build()
}

#[test]
fn the_default_endpoint_is_used_without_one() {
    let client = Client::builder().build().unwrap();
    assert_eq!(client.endpoint(), "https://iam.cloud.ibm.com");
}

#[test]
fn endpoints_are_brought_into_one_form() {
    for (given, expected) in [
        ("https://iam.example.com", "https://iam.example.com"),
        ("https://iam.example.com/", "https://iam.example.com"),
        ("https://iam.example.com///", "https://iam.example.com"),
        ("HTTPS://IAM.example.COM:443", "https://iam.example.com"),
        ("https://iam.example.com:8443/", "https://iam.example.com:8443"),
        ("https://gw.example.com/iam/v/", "https://gw.example.com/iam/v"),
        ("https://gw.example.com/a/../b", "https://gw.example.com/b"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.8.9.1:1", "http://127.8.9.1:1"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ] {
        assert_eq!(endpoint(given).unwrap().endpoint(), expected, "{given}");
    }
}

#[test]
fn unusable_endpoints_are_named_and_not_quoted() {
    for (given, remedy) in [
        ("", "absolute"),
        ("iam.s3cret.com", "absolute"),
        ("/s3cret", "absolute"),
        ("\"https://s3cret.com\"", "absolute"),
        ("{https://s3cret.com}", "absolute"),
        ("https://", "absolute"),
        ("ftp://s3cret.com", "http or https"),
        ("file:///s3cret", "http or https"),
        ("s3cret:x", "http or https"),
        ("https://me:s3cret@iam.example.com", "user name"),
        ("https://s3cret@iam.example.com", "user name"),
        ("https://:s3cret@iam.example.com", "user name"),
        ("https://iam.example.com?key=s3cret", "query"),
        ("https://iam.example.com/?", "query"),
        ("https://iam.example.com#s3cret", "fragment"),
        ("http://s3cret.com", "https"),
        ("http://10.0.0.1", "https"),
        ("http://128.0.0.1", "https"),
        ("http://[::2]", "https"),
        ("http://localhost.s3cret.com", "https"),
        ("http://127.0.0.1.s3cret.com", "https"),
        ("http://localhost@s3cret.com", "user name"),
        (" https://iam.example.com", "spaces"),
        ("https://iam.example.com\n", "control"),
        ("https://iam.exa\tmple.com", "control"),
    ] {
        let error = failed(endpoint(given));
        assert!(error.is_configuration(), "{given:?}");
        assert!(!error.is_invalid_request());
        assert_eq!(error.operation_id(), None);
        let text = error.to_string();
        assert!(text.starts_with("endpoint: "), "{text}");
        assert!(text.contains(remedy), "{given:?}: {text}");
        assert!(!format!("{text} {error:?}").contains("s3cret"), "{text}");
    }
}

#[test]
fn unusable_tokens_are_named_and_not_quoted() {
    for (given, remedy) in [
        ("", "must not be empty"),
        ("s3cret\r\nX-Evil: 1", "control characters"),
        ("s3cret\n", "control characters"),
        ("Bearer s3cret", "without `Bearer`"),
        (" s3cret", "spaces"),
        ("s3cret\0", "control characters"),
        ("s3cret\u{7f}", "control characters"),
        ("s3crét", "printable"),
        ("{s3cret}", "braces"),
        ("\"s3cret\"", "quotes"),
        ("'s3cret", "quotes"),
        ("s3cret}", "braces"),
    ] {
        let error = failed(Client::builder().bearer_token(given).build());
        assert!(error.is_configuration(), "{given:?}");
        let text = error.to_string();
        assert!(text.starts_with("bearer_token: "), "{text}");
        assert!(text.contains(remedy), "{given:?}: {text}");
        let shown = format!("{text} {error:?}");
        assert!(!shown.contains("s3c"), "{shown}");
    }
}

#[test]
fn tokens_of_every_permitted_character_are_taken() {
    let token: String = ('!'..='~').filter(|c| !"{}\"'".contains(*c)).collect();
    assert!(Client::builder().bearer_token(token).build().is_ok());
    // Inside, braces and quotes harm nobody.
    assert!(Client::builder().bearer_token("a{\"b\"}c").build().is_ok());
}

#[test]
fn times_must_be_possible() {
    let zero = Duration::ZERO;
    let error = failed(Client::builder().timeout(zero).build());
    assert_eq!(error.to_string(), "timeout: must be more than zero");
    let error = failed(Client::builder().connect_timeout(zero).build());
    assert_eq!(error.to_string(), "connect_timeout: must be more than zero");
    let long = Client::builder().timeout(Duration::MAX);
    assert!(long.connect_timeout(Duration::MAX).build().is_ok());
}

#[test]
fn a_setting_without_effect_is_an_error() {
    let builder = Client::builder().http_client(reqwest::Client::new());
    let error = failed(builder.connect_timeout(Duration::from_secs(1)).build());
    assert!(error.is_configuration());
    assert!(error.to_string().starts_with("connect_timeout: has no effect"));
}

#[test]
fn a_client_of_ones_own_has_its_own_pool() {
    let builder = Client::builder().http_client(reqwest::Client::new());
    let error = failed(builder.pool_idle_timeout(Duration::from_secs(1)).build());
    assert!(error.to_string().starts_with("pool_idle_timeout: has no effect"), "{error}");
}
