//! Properties of the connection.

use std::time::Duration;

use super::{identity, refused, service};
use crate::runtime::{RetryPolicy, builder::Options, config::connection::Connection};

fn read(properties: &[(&str, &str)]) -> Connection {
    service(&identity(properties)).unwrap().connection
}

#[test]
fn every_property_is_read() {
    let none = Connection::default;
    assert_eq!(read(&[]), none());
    let url = "https://private.iam.cloud.ibm.com";
    assert_eq!(read(&[("URL", url)]), Connection { endpoint: Some(url.into()), ..none() });
    assert_eq!(read(&[("ENABLE_GZIP", "true")]), Connection { gzip: Some(true), ..none() });
    assert_eq!(
        read(&[("DISABLE_SSL", "true")]),
        Connection { accept_invalid_certificates: Some(true), ..none() }
    );
    assert_eq!(
        read(&[("AUTH_DISABLE_SSL", "true")]),
        Connection { accept_invalid_token_certificates: Some(true), ..none() }
    );
}

#[test]
fn truth_has_the_spellings_of_ibms_sdks() {
    for (text, expected) in [
        ("true", Some(true)),
        ("True", Some(true)),
        ("TRUE", Some(true)),
        ("t", Some(true)),
        ("1", Some(true)),
        (" true ", Some(true)),
        ("false", Some(false)),
        ("FALSE", Some(false)),
        ("F", Some(false)),
        ("0", Some(false)),
        ("", None),
    ] {
        assert_eq!(read(&[("ENABLE_GZIP", text)]).gzip, expected, "{text:?}");
    }
}

#[test]
fn retries_are_as_often_as_said() {
    let default = RetryPolicy::default;
    for (properties, expected) in [
        (&[][..], None),
        (&[("ENABLE_RETRIES", "true")], Some(default())),
        (&[("ENABLE_RETRIES", "false")], Some(RetryPolicy::none())),
        (&[("ENABLE_RETRIES", "false"), ("MAX_RETRIES", "7")], Some(RetryPolicy::none())),
        // A retry is no first attempt.
        (&[("MAX_RETRIES", "4")], Some(default().max_attempts(5))),
        (&[("MAX_RETRIES", "0")], Some(default().max_attempts(1))),
        (&[("MAX_RETRIES", "4294967295")], Some(default().max_attempts(u32::MAX))),
        (
            &[("ENABLE_RETRIES", "true"), ("MAX_RETRIES", "2"), ("RETRY_INTERVAL", "10")],
            Some(default().max_attempts(3).max_backoff(Duration::from_secs(10))),
        ),
        (&[("RETRY_INTERVAL", "0.25")], Some(default().max_backoff(Duration::from_millis(250)))),
    ] {
        assert_eq!(read(properties).retry, expected, "{properties:?}");
    }
}

#[test]
fn the_programs_settings_stand_above() {
    let retry = RetryPolicy::none();
    let environment = Connection {
        endpoint: Some("https://a.example.com".into()),
        gzip: Some(true),
        retry: Some(retry.clone()),
        accept_invalid_certificates: Some(true),
        accept_invalid_token_certificates: Some(false),
    };
    let options = environment.clone().below(Options::default());
    assert_eq!(options.endpoint.as_deref(), Some("https://a.example.com"));
    assert_eq!((options.gzip, options.retry), (Some(true), Some(retry)));
    assert_eq!(options.accept_invalid_certificates, Some(true));
    assert_eq!(options.accept_invalid_token_certificates, Some(false));
    let own = Options {
        endpoint: Some("https://b.example.com".into()),
        gzip: Some(false),
        retry: Some(RetryPolicy::default()),
        accept_invalid_certificates: Some(false),
        accept_invalid_token_certificates: Some(true),
        ..Options::default()
    };
    let options = environment.below(own);
    assert_eq!(options.endpoint.as_deref(), Some("https://b.example.com"));
    assert_eq!((options.gzip, options.retry), (Some(false), Some(RetryPolicy::default())));
    assert_eq!(options.accept_invalid_certificates, Some(false));
    assert_eq!(options.accept_invalid_token_certificates, Some(true));
}

#[test]
fn what_cannot_be_used_is_named_with_its_place_and_a_remedy() {
    let boolean = "must be true or false; correct it";
    let number = "must be a whole number, such as 4; correct it";
    let seconds = "must be a number of seconds above zero, such as 30; correct it";
    let wrapped = "must not be in braces or quotes; remove them";
    for (name, value, problem) in [
        ("ENABLE_GZIP", "yes", boolean),
        ("ENABLE_GZIP", "\"true\"", wrapped),
        ("ENABLE_RETRIES", "on", boolean),
        ("DISABLE_SSL", "ja", boolean),
        ("DISABLE_SSL", "tru", boolean),
        ("AUTH_DISABLE_SSL", "2", boolean),
        ("MAX_RETRIES", "-1", number),
        ("MAX_RETRIES", "+1", number),
        ("MAX_RETRIES", "1.5", number),
        ("MAX_RETRIES", "four", number),
        ("MAX_RETRIES", "4294967296", number),
        ("RETRY_INTERVAL", "0", seconds),
        ("RETRY_INTERVAL", "0.0", seconds),
        ("RETRY_INTERVAL", "-3", seconds),
        ("RETRY_INTERVAL", "30s", seconds),
        ("RETRY_INTERVAL", "inf", seconds),
        ("RETRY_INTERVAL", "NaN", seconds),
        ("RETRY_INTERVAL", "1.2.3", seconds),
        ("RETRY_INTERVAL", "99999999999999999999999", seconds),
        ("URL", "{https://iam.example.com}", wrapped),
        ("URL", "\"https://iam.example.com", wrapped),
        ("URL", "https://iam.example.com}", wrapped),
        ("URL", "'https://iam.example.com'", wrapped),
        ("URL", "iam.example.com", "must be an absolute URL, such as https://iam.example.com"),
        ("URL", "http://iam.example.com", "must use https, except on this machine (localhost)"),
        (
            "URL",
            "https://me:s3cret@iam.example.com",
            "must not contain a user name or password; remove what precedes the @",
        ),
    ] {
        let text = refused(&identity(&[(name, value), ("APIKEY", "k")]));
        assert_eq!(text, format!("IAM_IDENTITY_{name} (in the environment): {problem}"), "{value}");
    }
    // Even where retries are off, so that it is right once they are on.
    let text = refused(&identity(&[("ENABLE_RETRIES", "false"), ("MAX_RETRIES", "x")]));
    assert!(text.starts_with("IAM_IDENTITY_MAX_RETRIES "), "{text}");
}
