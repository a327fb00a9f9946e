//! VPC instances and their metadata service.

use std::error::Error as _;

use iam_client::{
    Error,
    auth::{MetadataVersion, VpcInstance},
};
use serde_json::{Value, json};

use super::support::*;

/// A metadata service whose second answer has these fields beside the token.
async fn metadata(lifetime: Value) -> Server {
    Server::start(move |seen| {
        if seen.method == "PUT" {
            let body = json!({
                "access_token": "instance-token",
                "created_at": "2026-11-22T10:00:00Z",
                "expires_at": "2026-11-22T10:05:00Z",
                "expires_in": 300,
            });
            return answer(200, &[], body.to_string());
        }
        let mut body = lifetime.clone();
        body["access_token"] = json!("iam-token");
        answer(200, &[], body.to_string())
    })
    .await
}

#[tokio::test]
async fn both_versions_of_the_interface_are_spoken() {
    let old = (VpcInstance::new(), "2022-03-01", "/instance_identity/v1/token");
    let new = VpcInstance::new().api_version(MetadataVersion::V2025_08_26);
    let new = (new, "2025-08-26", "/identity/v1/token");
    for ((caller, version, first), second) in
        [(old, "/instance_identity/v1/iam_token"), (new, "/identity/v1/iam_tokens")]
    {
        let server = metadata(json!({"expires_in": 3600})).await;
        let caller = caller.endpoint(server.url()).build().unwrap();
        let client = client(&server, caller, &TestClock::new(0.5));
        assert_eq!(ask(&client).await.unwrap(), "iam-token");
        let seen = server.seen();
        assert_eq!(seen.len(), 2);
        assert_eq!((seen[0].method.as_str(), seen[1].method.as_str()), ("PUT", "POST"));
        assert_eq!(seen[0].target, format!("{first}?version={version}"));
        assert_eq!(seen[1].target, format!("{second}?version={version}"));
        assert_eq!(seen[0].body, r#"{"expires_in":300}"#);
        assert_eq!(seen[0].header("content-type").unwrap(), "application/json");
        assert_eq!(seen[0].header("authorization"), None);
        assert_eq!(seen[1].body, "");
        assert_eq!(seen[1].header("content-length").unwrap(), "0");
        assert_eq!(seen[1].header("authorization").unwrap(), "Bearer instance-token");
        for seen in seen {
            assert_eq!(seen.header("metadata-flavor").unwrap(), "ibm");
            assert_eq!(seen.header("accept").unwrap(), "application/json");
            let agent = seen.header("user-agent").unwrap();
            assert!(agent.starts_with("iam-client/vpc-instance-authenticator-"), "{agent}");
        }
    }
}

#[tokio::test]
async fn a_profile_is_named_in_one_way() {
    let cases = [
        (VpcInstance::new().profile_id("Profile-1"), json!({"id": "Profile-1"})),
        (VpcInstance::new().profile_crn("crn:\"x"), json!({"crn": "crn:\"x"})),
        (VpcInstance::new().profile_name("reader"), json!({"name": "reader"})),
    ];
    for (caller, profile) in cases {
        let server = metadata(json!({"expires_in": 3600})).await;
        let caller = caller.endpoint(server.url()).build().unwrap();
        ask(&client(&server, caller, &TestClock::new(0.5))).await.unwrap();
        let seen = &server.seen()[1];
        let body: Value = serde_json::from_slice(&seen.body).unwrap();
        assert_eq!(body, json!({"trusted_profile": profile}));
        assert_eq!(seen.header("content-type").unwrap(), "application/json");
    }
}

/// Between two times of the service's clock lie 20 minutes, of which 80 % are
/// 960 s.
#[tokio::test]
async fn a_lifetime_between_two_times_is_understood() {
    let times = json!({
        "created_at": "1999-01-01T00:00:00.000Z",
        "expires_at": "1999-01-01T00:20:00.000Z",
    });
    let (server, clock) = (metadata(times).await, TestClock::new(0.5));
    let caller = VpcInstance::new().endpoint(server.url()).build().unwrap();
    let client = client(&server, caller, &clock);
    ask(&client).await.unwrap();
    clock.advance(959.0);
    ask(&client).await.unwrap();
    assert_eq!(server.seen().len(), 2);
    clock.advance(1.0);
    ask(&client).await.unwrap();
    seen(&server, 4).await;
}

#[tokio::test]
async fn an_answer_without_a_lifetime_is_a_decoding_error() {
    for lifetime in [json!({}), json!({"created_at": "2026-11-22T10:05:00Z"})] {
        let server = metadata(lifetime).await;
        let caller = VpcInstance::new().endpoint(server.url()).build().unwrap();
        let error = failed(ask(&client(&server, caller, &TestClock::new(0.5))).await);
        let exchange = error.source().unwrap().downcast_ref::<Error>().unwrap();
        assert!(exchange.is_decode());
        let expected = "exchange_instance_identity_token: cannot decode the response: no \
                        lifetime: there is neither expires_in nor an expiration time";
        assert!(exchange.to_string().starts_with(expected), "{exchange}");
    }
}

/// As where the metadata service is switched off.
#[tokio::test]
async fn a_failing_first_step_is_told() {
    let server = Server::answering(404, r#"{"errors": [{"code": "not_found"}]}"#).await;
    let caller = VpcInstance::new().endpoint(server.url()).build().unwrap();
    let error = failed(ask(&client(&server, caller, &TestClock::new(0.5))).await);
    let text = error.source().unwrap().to_string();
    let expected = "create_instance_identity_token: 404 not found: not_found";
    assert!(text.starts_with(expected), "{text}");
    server.only();
}

#[test]
fn versions_are_read_from_their_dates() {
    for version in [MetadataVersion::V2022_03_01, MetadataVersion::V2025_08_26] {
        assert_eq!(version.as_str().parse::<MetadataVersion>().unwrap(), version);
    }
    let error = "2023-01-01".parse::<MetadataVersion>().unwrap_err();
    let expected = "api_version: is not known; use 2022-03-01 or 2025-08-26";
    assert_eq!(error.to_string(), expected);
    assert!(error.is_configuration());
}
