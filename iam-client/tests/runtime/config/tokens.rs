//! Credentials of the environment, up to the exchange that they are for.

use iam_client::Client;

use super::client;
use crate::{
    server::{Answer, Seen, Server, TOKEN, answer},
    support::get,
};

fn respond(seen: &Seen) -> Answer {
    let body = match seen.target.split('?').next().unwrap() {
        "/identity/token" | "/instance_identity/v1/iam_token" | "/identity/v1/iam_tokens" => {
            format!(
                r#"{{"access_token": "{TOKEN}", "expires_in": 3600, "expiration": 4102444800}}"#
            )
        }
        "/instance_identity/v1/token" | "/identity/v1/token" => {
            r#"{"access_token": "instance", "expires_in": 300}"#.to_owned()
        }
        _ => "{}".to_owned(),
    };
    answer(200, &[("content-type", "application/json")], body)
}

/// The fields of a form, sorted.
fn form(seen: &Seen) -> Vec<(String, String)> {
    let url = format!("form:?{}", str::from_utf8(&seen.body).unwrap());
    let url = reqwest::Url::parse(&url).unwrap();
    let mut fields: Vec<_> = url.query_pairs().into_owned().collect();
    fields.sort();
    fields
}

/// Calls with `properties` of Identity; gives the server that was asked.
async fn called(properties: &[(&str, &str)]) -> (Server, Client) {
    let server = Server::start(respond).await;
    let mut variables = vec![
        ("IAM_IDENTITY_URL".to_owned(), server.url().to_owned()),
        ("IAM_IDENTITY_AUTH_URL".to_owned(), server.url().to_owned()),
    ];
    for (name, value) in properties {
        variables.push((format!("IAM_IDENTITY_{name}"), (*value).to_owned()));
    }
    let variables: Vec<_> = variables.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let client = client(&variables).unwrap();
    get(&client).await.unwrap();
    let last = server.seen().pop().unwrap();
    assert_eq!(last.target, "/v1/things/1");
    assert_eq!(last.header("authorization").unwrap(), format!("Bearer {TOKEN}"));
    (server, client)
}

/// What is sent for a token: fields without their `grant_type`'s prefix.
async fn exchanged(properties: &[(&str, &str)], expected: &[&[(&str, &str)]]) -> Vec<Seen> {
    let (server, _) = called(properties).await;
    let mut seen = server.seen();
    seen.pop();
    assert_eq!(seen.len(), expected.len(), "{properties:?}");
    for (seen, expected) in seen.iter().zip(expected) {
        assert_eq!(seen.target, "/identity/token");
        let fields = form(seen);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| {
                (name.as_str(), value.trim_start_matches("urn:ibm:params:oauth:grant-type:"))
            })
            .collect();
        assert_eq!(fields, *expected, "{properties:?}");
    }
    seen
}

#[tokio::test]
async fn an_api_key_is_exchanged() {
    let apikey = [("apikey", "the+key="), ("grant_type", "apikey"), ("response_type", "cloud_iam")];
    let seen = exchanged(&[("APIKEY", "the+key=")], &[&apikey]).await;
    assert_eq!(seen[0].header("authorization"), None);
    let more = [
        ("AUTH_TYPE", "iam"),
        ("APIKEY", "the+key="),
        ("SCOPE", "ibm openid"),
        ("CLIENT_ID", "me"),
        ("CLIENT_SECRET", "pass"),
    ];
    let expected = [&apikey[..], &[("scope", "ibm openid")]].concat();
    let seen = exchanged(&more, &[&expected]).await;
    assert_eq!(seen[0].header("authorization").unwrap(), "Basic bWU6cGFzcw==");
}

#[tokio::test]
async fn a_refresh_token_is_exchanged() {
    let expected =
        [("grant_type", "refresh_token"), ("refresh_token", "r"), ("response_type", "cloud_iam")];
    exchanged(&[("AUTH_TYPE", "iam"), ("REFRESH_TOKEN", "r")], &[&expected]).await;
}

#[tokio::test]
async fn a_trusted_profile_is_assumed() {
    let apikey = [("apikey", "k"), ("grant_type", "apikey"), ("response_type", "cloud_iam")];
    for (profile, fields) in [
        (&[("IAM_PROFILE_ID", "Profile-1")][..], &[("profile_id", "Profile-1")][..]),
        (&[("IAM_PROFILE_CRN", "crn:1")], &[("profile_crn", "crn:1")]),
        (
            &[("IAM_PROFILE_NAME", "a profile"), ("IAM_ACCOUNT_ID", "a")],
            &[("account", "a"), ("profile_name", "a profile")],
        ),
    ] {
        let mut expected = vec![("access_token", TOKEN), ("grant_type", "assume")];
        expected.extend(fields);
        expected.sort_unstable();
        let properties = [&[("AUTH_TYPE", "iamAssume"), ("APIKEY", "k")], profile].concat();
        exchanged(&properties, &[&apikey, &expected]).await;
    }
}

#[tokio::test]
async fn a_containers_token_is_exchanged() {
    let file = std::env::temp_dir().join(format!("iam-client-{}-cr-token", std::process::id()));
    std::fs::write(&file, "cr").unwrap();
    let path = file.to_str().unwrap();
    let expected = [
        ("cr_token", "cr"),
        ("grant_type", "cr-token"),
        ("profile_id", "Profile-1"),
        ("profile_name", "name"),
    ];
    let properties = [
        ("CR_TOKEN_FILENAME", path),
        ("IAM_PROFILE_ID", "Profile-1"),
        ("IAM_PROFILE_NAME", "name"),
    ];
    exchanged(&properties, &[&expected]).await;
    std::fs::remove_file(file).unwrap();
}

#[tokio::test]
async fn an_instance_gets_its_token_from_the_metadata_service() {
    for (properties, paths, body) in [
        (&[][..], ["/instance_identity/v1/token", "/instance_identity/v1/iam_token"], None),
        (
            &[("IAM_PROFILE_CRN", "crn:1"), ("VPC_IMS_VERSION", "2025-08-26")],
            ["/identity/v1/token", "/identity/v1/iam_tokens"],
            Some(r#"{"trusted_profile":{"crn":"crn:1"}}"#),
        ),
        (
            &[("IAM_PROFILE_NAME", "n"), ("VPC_IMS_VERSION", "2022-03-01")],
            ["/instance_identity/v1/token", "/instance_identity/v1/iam_token"],
            Some(r#"{"trusted_profile":{"name":"n"}}"#),
        ),
        (
            &[("IAM_PROFILE_ID", "i")],
            ["/instance_identity/v1/token", "/instance_identity/v1/iam_token"],
            Some(r#"{"trusted_profile":{"id":"i"}}"#),
        ),
    ] {
        let (server, _) = called(&[&[("AUTH_TYPE", "vpc")], properties].concat()).await;
        let seen = server.seen();
        let found: Vec<_> =
            seen.iter().map(|seen| seen.target.split('?').next().unwrap()).take(2).collect();
        assert_eq!(found, paths);
        let sent = str::from_utf8(&seen[1].body).unwrap();
        assert_eq!(Some(sent).filter(|sent| !sent.is_empty()), body);
        assert_eq!(seen[1].header("authorization").unwrap(), "Bearer instance");
    }
}

/// One program, one token, unless its services call as somebody else.
#[tokio::test]
async fn equal_credentials_share_a_token() {
    let server = Server::start(respond).await;
    let mut variables = Vec::new();
    for (name, key) in
        [("IAM_IDENTITY", "k"), ("IAM_POLICY_MANAGEMENT", "k"), ("IAM_ACCESS_GROUPS", "other")]
    {
        for (property, value) in
            [("URL", server.url()), ("AUTH_URL", server.url()), ("APIKEY", key)]
        {
            variables.push((format!("{name}_{property}"), value.to_owned()));
        }
    }
    let variables: Vec<_> = variables.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let client = client(&variables).unwrap();
    for name in ["iam_identity", "iam_policy_management", "iam_access_groups"] {
        get(&client.for_service(name)).await.unwrap();
    }
    let targets: Vec<_> = server.seen().into_iter().map(|seen| seen.target).collect();
    let (token, thing) = ("/identity/token", "/v1/things/1");
    assert_eq!(targets, [token, thing, thing, token, thing]);
}

#[tokio::test]
async fn the_tools_key_is_exchanged() {
    let server = Server::start(respond).await;
    let client = client(&[
        ("IBMCLOUD_API_KEY", "the-key"),
        ("IAM_ACCESS_GROUPS_URL", server.url()),
        ("IAM_ACCESS_GROUPS_AUTH_URL", server.url()),
    ])
    .unwrap();
    get(&client.for_service("iam_access_groups")).await.unwrap();
    let seen = server.seen();
    assert_eq!(form(&seen[0])[0], ("apikey".to_owned(), "the-key".to_owned()));
    // Of the others, too, where they are by default.
    assert_eq!(client.endpoint(), "https://iam.cloud.ibm.com");
}
