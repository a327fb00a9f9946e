//! What the environment's settings do.

use std::{error::Error as _, time::Duration};

use iam_client::{Client, RetryPolicy, runtime::RawResponse};

use super::{client, environment};
use crate::{
    server::{Server, TOKEN, answer},
    support::{GET_THING, failed, get},
};

const SERVICES: [&str; 3] = ["iam_identity", "iam_policy_management", "iam_access_groups"];

#[tokio::test]
async fn each_service_is_called_with_its_own() {
    let server = Server::answering(200, "{}").await;
    let url = |name: &str| format!("{}/{name}", server.url());
    let client = client(&[
        ("IAM_IDENTITY_URL", &url("a")),
        ("IAM_IDENTITY_AUTH_TYPE", "bearerToken"),
        ("IAM_IDENTITY_BEARER_TOKEN", "identity-token"),
        ("IAM_POLICY_MANAGEMENT_URL", &url("b")),
        ("IAM_POLICY_MANAGEMENT_AUTH_TYPE", "basic"),
        ("IAM_POLICY_MANAGEMENT_USERNAME", "me"),
        ("IAM_POLICY_MANAGEMENT_PASSWORD", "pass"),
        ("IAM_ACCESS_GROUPS_URL", &url("c")),
        ("IAM_ACCESS_GROUPS_AUTHTYPE", "NOAUTH"),
    ])
    .unwrap();
    for name in SERVICES {
        get(&client.for_service(name)).await.unwrap();
    }
    get(&client).await.unwrap();
    let seen: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| (seen.target.clone(), seen.header("authorization")))
        .collect();
    let row = |name: &str, authorization: Option<&str>| {
        (format!("/{name}/v1/things/1"), authorization.map(str::to_owned))
    };
    let first = row("a", Some("Bearer identity-token"));
    // `me:pass` in Base64.
    let expected = [first.clone(), row("b", Some("Basic bWU6cGFzcw==")), row("c", None), first];
    assert_eq!(seen, expected);
}

#[cfg(all(feature = "identity", feature = "policy_management", feature = "access_groups"))]
#[tokio::test]
async fn the_services_of_the_client_have_their_own() {
    let server = Server::answering(500, "{}").await;
    let url = |name: &str| format!("{}/{name}", server.url());
    let mut variables = Vec::new();
    for name in ["IAM_IDENTITY", "IAM_POLICY_MANAGEMENT", "IAM_ACCESS_GROUPS"] {
        variables.push((format!("{name}_URL"), url(name)));
        variables.push((format!("{name}_AUTH_TYPE"), "noAuth".to_owned()));
    }
    let variables: Vec<_> = variables.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let builder = Client::builder().from_environment(&environment(&variables)).unwrap();
    let client = builder.retry(RetryPolicy::none()).build().unwrap();
    assert_eq!(client.identity().get_api_key("k").send().await.unwrap_err().status().unwrap(), 500);
    assert!(client.policy_management().get_policy("p").send().await.is_err());
    assert!(client.access_groups().get_access_group("g").send().await.is_err());
    let places: Vec<_> = server
        .seen()
        .iter()
        .map(|seen| seen.target.split('/').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(places, ["IAM_IDENTITY", "IAM_POLICY_MANAGEMENT", "IAM_ACCESS_GROUPS"]);
}

#[tokio::test]
async fn what_the_program_sets_wins_whenever_it_is_set() {
    let server = Server::answering(200, "{}").await;
    let environment = environment(&[
        ("IAM_IDENTITY_URL", "https://iam.example.com"),
        ("IAM_IDENTITY_AUTH_TYPE", "bearerToken"),
        ("IAM_IDENTITY_BEARER_TOKEN", "identity-token"),
        ("IAM_IDENTITY_ENABLE_GZIP", "true"),
        ("IAM_ACCESS_GROUPS_URL", "https://groups.example.com"),
    ]);
    let before = Client::builder().endpoint(server.url()).bearer_token(TOKEN);
    let before = before.from_environment(&environment).unwrap();
    let after = Client::builder().from_environment(&environment).unwrap();
    let after = after.endpoint(server.url()).bearer_token(TOKEN);
    for builder in [before, after] {
        let client = builder.build().unwrap();
        // Those without credentials in the environment, too.
        for name in SERVICES {
            get(&client.for_service(name)).await.unwrap();
        }
        assert_eq!(client.endpoint(), server.url());
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 6);
    for seen in seen {
        assert_eq!(seen.header("authorization").unwrap(), format!("Bearer {TOKEN}"));
    }
    // Without any credentials of the environment's.
    let empty = super::environment(&[]);
    assert!(Client::builder().from_environment(&empty).unwrap().bearer_token("t").build().is_ok());
}

/// Posts to `GET_THING`'s path a body that can be compressed.
async fn post(client: &Client) -> RawResponse {
    let url = format!("{}/v1/things", client.endpoint());
    let request = client.http().post(url).body("{\"name\": \"thing\"}").build().unwrap();
    client.execute(&crate::support::CREATE_THING, request).await.unwrap()
}

#[tokio::test]
async fn bodies_are_compressed_if_it_says_so() {
    let server = Server::answering(201, "{}").await;
    let variables = [
        ("IAM_IDENTITY_URL", server.url()),
        ("IAM_IDENTITY_AUTH_TYPE", "noAuth"),
        ("IAM_IDENTITY_ENABLE_GZIP", "true"),
    ];
    post(&client(&variables).unwrap()).await;
    let builder = Client::builder().from_environment(&environment(&variables)).unwrap();
    post(&builder.gzip(false).build().unwrap()).await;
    let encodings: Vec<_> =
        server.seen().iter().map(|seen| seen.header("content-encoding")).collect();
    assert_eq!(encodings, [Some("gzip".to_owned()), None]);
}

#[tokio::test]
async fn calls_are_repeated_as_often_as_it_says() {
    for (retries, expected) in [
        (&[("IAM_IDENTITY_MAX_RETRIES", "2")][..], 3),
        (&[("IAM_IDENTITY_ENABLE_RETRIES", "false")], 1),
    ] {
        let server = Server::start(|_| answer(503, &[("retry-after", "0")], "{}")).await;
        let mut variables =
            vec![("IAM_IDENTITY_URL", server.url()), ("IAM_IDENTITY_AUTH_TYPE", "noAuth")];
        variables.extend(retries);
        let error = failed(get(&client(&variables).unwrap()).await);
        assert_eq!(error.attempts(), expected, "{retries:?}");
        assert_eq!(server.seen().len(), expected as usize, "{retries:?}");
        // The program's own policy wins as a whole.
        let builder = Client::builder().from_environment(&environment(&variables)).unwrap();
        let own = RetryPolicy::default().max_attempts(2).max_backoff(Duration::from_millis(1));
        let error = failed(get(&builder.retry(own).build().unwrap()).await);
        assert_eq!(error.attempts(), 2);
    }
}

#[tokio::test]
async fn a_service_without_credentials_is_not_called() {
    let server = Server::answering(200, "{}").await;
    let client = client(&[
        ("IAM_POLICY_MANAGEMENT_URL", server.url()),
        ("IAM_POLICY_MANAGEMENT_AUTH_TYPE", "noAuth"),
        ("IAM_ACCESS_GROUPS_URL", server.url()),
        ("IAM_ACCESS_GROUPS_APIKY", "s3cret"),
    ])
    .unwrap();
    // What is no service's is the first's that has credentials.
    assert_eq!(client.endpoint(), server.url());
    get(&client).await.unwrap();
    let error = failed(get(&client.for_service("iam_access_groups")).await);
    assert!(error.is_configuration() && error.is_authentication());
    assert_eq!(error.operation_id(), Some(GET_THING.id));
    let source = error.source().unwrap().to_string();
    let expected = "IAM_ACCESS_GROUPS_APIKEY: is not set; set it, or another AUTH_TYPE and what that \
                    needs, in a credential file or the environment; or set IBMCLOUD_API_KEY in the \
                    environment; IAM_ACCESS_GROUPS_ and 5 more characters (in the environment) is not a property, did you \
                    mean IAM_ACCESS_GROUPS_APIKEY?";
    assert_eq!(source, expected);
    assert!(!format!("{error:?}").contains("s3cret"));
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn no_credentials_at_all_are_an_error() {
    let error = failed(client(&[("IAM_IDENTITY_URL", "https://iam.example.com")]));
    assert!(error.is_configuration());
    let expected = "IAM_IDENTITY_APIKEY: is not set, nor is IAM_POLICY_MANAGEMENT_APIKEY, nor is \
                    IAM_ACCESS_GROUPS_APIKEY; set it, or another AUTH_TYPE and what that needs, in a \
                    credential file or the environment; or set IBMCLOUD_API_KEY in the environment";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn credentials_for_security_schemes_are_credentials() {
    let builder = Client::builder().endpoint("https://iam.example.com").credential("key", "k");
    builder.from_environment(&environment(&[])).unwrap().build().unwrap();
}

#[test]
fn what_is_wrong_is_said_even_where_the_program_has_its_own() {
    let wrong = environment(&[("IAM_ACCESS_GROUPS_AUTH_TYPE", "bogus")]);
    let error = failed(Client::builder().bearer_token(TOKEN).from_environment(&wrong).map(drop));
    assert!(error.to_string().starts_with("IAM_ACCESS_GROUPS_AUTH_TYPE (in the environment): "));
    let clash = Client::builder().bearer_token(TOKEN).authenticator(iam_client::auth::NoAuth);
    let clash = clash.from_environment(&environment(&[])).unwrap();
    assert!(failed(clash.build()).to_string().starts_with("bearer_token: "));
}

#[test]
fn an_http_client_of_the_programs_keeps_its_own_trust() {
    let environment = environment(&[
        ("IAM_IDENTITY_AUTH_TYPE", "noAuth"),
        ("IAM_IDENTITY_DISABLE_SSL", "true"),
        ("IAM_IDENTITY_AUTH_DISABLE_SSL", "true"),
    ]);
    let builder = Client::builder().from_environment(&environment).unwrap();
    assert!(builder.http_client(reqwest::Client::new()).build().is_ok());
}
