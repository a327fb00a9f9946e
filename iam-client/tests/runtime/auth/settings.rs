//! What authenticators can be built with.

use iam_client::{
    Client, Environment, Error,
    auth::{ApiKey, Bearer, Cached, Container, RefreshToken, TrustedProfile, VpcInstance},
};

use super::support::KEY;

const SPACES: &str = "must not contain spaces; give it alone, without `Bearer` or a remark";

fn over() -> Bearer {
    Bearer::new("token").unwrap()
}

/// A refusal says which setting, and quotes nothing.
fn refused(result: Result<Cached, Error>, expected: &str) {
    let error = result.expect_err(expected);
    assert!(error.is_configuration() && !error.is_authentication());
    assert_eq!(error.to_string(), expected);
    assert!(!format!("{error:?}").contains("s3cret"));
}

#[test]
fn credentials_with_something_around_them_are_refused() {
    for (credential, problem) in [
        ("", "must not be empty"),
        ("{s3cret}", "must not be in braces or quotes; remove them"),
        ("\"s3cret", "must not be in braces or quotes; remove them"),
        ("s3cret}", "must not be in braces or quotes; remove them"),
        ("'s3cret'", "must not be in braces or quotes; remove them"),
        ("s3cret\n", "must not contain control characters; remove them"),
        ("s3 cret", SPACES),
        ("Bearer s3cret", SPACES),
        ("schlüssel-s3cret", "must consist of printable ASCII characters; copy it again"),
        ("s3cret\u{a0}", SPACES),
    ] {
        refused(ApiKey::new(credential).build(), &format!("api_key: {problem}"));
        refused(RefreshToken::new(credential).build(), &format!("refresh_token: {problem}"));
        let bearer = Bearer::new(credential).unwrap_err();
        assert_eq!(bearer.to_string(), format!("bearer_token: {problem}"));
        // The environment's values are trimmed, and an empty one is none.
        if credential.trim() == credential && !credential.is_empty() {
            let environment = Environment::new().variable("IAM_IDENTITY_APIKEY", credential);
            let error = Client::builder().from_environment(&environment).map(drop).unwrap_err();
            let place = "IAM_IDENTITY_APIKEY (in the environment)";
            assert_eq!(error.to_string(), format!("{place}: {problem}"));
            let environment = Environment::new().variable("IBMCLOUD_API_KEY", credential);
            let error = Client::builder().from_environment(&environment).map(drop).unwrap_err();
            let place = "IBMCLOUD_API_KEY (in the environment)";
            assert_eq!(error.to_string(), format!("{place}: {problem}"));
        }
    }
    ApiKey::new("s3{}cret").build().unwrap();
}

#[test]
fn a_client_has_an_id_and_a_secret() {
    let expected =
        "client_credentials: needs both the client's id and its secret; give both or none";
    for (id, secret) in [("", "s3cret"), ("id", ""), ("", "")] {
        refused(ApiKey::new(KEY).client_credentials(id, secret).build(), expected);
        refused(RefreshToken::new(KEY).client_credentials(id, secret).build(), expected);
        let container = Container::new().profile_id("p");
        refused(container.client_credentials(id, secret).build(), expected);
    }
    let expected = "client_credentials: the id must not contain a colon";
    refused(ApiKey::new(KEY).client_credentials("a:b", "s3cret").build(), expected);
    let expected = "scope: must not be empty; leave it out to ask for all";
    refused(ApiKey::new(KEY).scope(" ").build(), expected);
}

/// No credential goes over plain HTTP but to this machine.
#[test]
fn endpoints_for_credentials_are_secure_or_here() {
    let insecure = "endpoint: must use https, except on this machine (localhost)";
    for endpoint in ["http://iam.cloud.ibm.com", "http://169.254.169.254", "http://10.0.0.1"] {
        refused(ApiKey::new(KEY).endpoint(endpoint).build(), insecure);
        refused(RefreshToken::new(KEY).endpoint(endpoint).build(), insecure);
        refused(TrustedProfile::by_id("p", over()).endpoint(endpoint).build(), insecure);
        refused(Container::new().profile_id("p").endpoint(endpoint).build(), insecure);
    }
    for endpoint in ["http://localhost:1", "http://127.0.0.1", "http://[::1]", "https://vpe.test"] {
        ApiKey::new(KEY).endpoint(endpoint).build().unwrap();
        VpcInstance::new().endpoint(endpoint).build().unwrap();
    }
    let userinfo = "endpoint: must not contain a user name or password; remove what precedes the @";
    refused(ApiKey::new(KEY).endpoint("https://me:s3cret@host").build(), userinfo);
}

#[test]
fn a_metadata_service_may_be_link_local() {
    VpcInstance::new().endpoint("http://169.254.169.254").build().unwrap();
    let expected = "endpoint: must use https, except on link-local addresses";
    for endpoint in ["http://api.metadata.cloud.ibm.com", "http://169.255.0.1", "http://10.0.0.1"] {
        refused(VpcInstance::new().endpoint(endpoint).build(), expected);
    }
}

#[test]
fn default_endpoints_are_ibms() {
    let shown = format!("{:?}", ApiKey::new(KEY).build().unwrap());
    assert!(shown.contains(r#""https://iam.cloud.ibm.com/identity/token""#), "{shown}");
    let private = ApiKey::new(KEY).endpoint(iam_client::auth::PRIVATE_ENDPOINT);
    let shown = format!("{:?}", private.build().unwrap());
    assert!(shown.contains(r#""https://private.iam.cloud.ibm.com/identity/token""#), "{shown}");
    let shown = format!("{:?}", VpcInstance::new().build().unwrap());
    assert!(shown.contains(r#""http://169.254.169.254""#), "{shown}");
}

#[test]
fn profiles_are_named_and_only_in_ways_that_do_not_contradict() {
    refused(TrustedProfile::by_id("", over()).build(), "profile_id: must not be empty");
    refused(TrustedProfile::by_crn(" ", over()).build(), "profile_crn: must not be empty");
    refused(TrustedProfile::by_name("", "a", over()).build(), "profile_name: must not be empty");
    refused(TrustedProfile::by_name("n", "", over()).build(), "account: must not be empty");

    let expected = "profile_id: not set, and profile_name is not either; set one of them";
    refused(Container::new().build(), expected);
    refused(Container::new().profile_id("").build(), "profile_id: must not be empty");
    refused(
        Container::new().profile_name("p").token_file("").build(),
        "token_file: must not be empty; leave it out for the default files",
    );

    let both = "cannot be combined with another profile; leave one of them out";
    let vpc = || VpcInstance::new().profile_name("n");
    refused(vpc().profile_id("i").build(), &format!("profile_name: {both}"));
    refused(
        VpcInstance::new().profile_crn("c").profile_id("i").build(),
        &format!("profile_crn: {both}"),
    );
    refused(VpcInstance::new().profile_name("").build(), "profile_name: must not be empty");
    vpc().build().unwrap();
}
