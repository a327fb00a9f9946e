//! Properties of credentials.

use super::{credentials, identity, refused, variables};
use crate::runtime::{
    auth::MetadataVersion,
    config::credentials::{Credentials, Exchange, Profile},
};

fn key(exchange: Exchange) -> Credentials {
    Credentials::ApiKey { apikey: "k".into(), exchange }
}

fn container(id: Option<&str>, name: Option<&str>, file: Option<&str>) -> Credentials {
    Credentials::Container {
        profile_id: id.map(Into::into),
        profile_name: name.map(Into::into),
        token_file: file.map(Into::into),
        exchange: Exchange::default(),
    }
}

fn assume(profile: Profile) -> Credentials {
    Credentials::Assume { apikey: "k".into(), profile, exchange: Exchange::default() }
}

fn vpc(profile: Option<Profile>) -> Credentials {
    Credentials::Vpc { profile, endpoint: None, version: None }
}

#[test]
fn every_type_is_read() {
    let named = |account: Option<&str>| Profile::Name {
        name: "prod".into(),
        account: account.map(Into::into),
    };
    let rows: [(&[(&str, &str)], Credentials); 27] = [
        (&[("AUTH_TYPE", "noAuth")], Credentials::NoAuth),
        (
            &[("AUTH_TYPE", "basic"), ("USERNAME", "u"), ("PASSWORD", "p a\"s}s")],
            Credentials::Basic { username: "u".into(), password: "p a\"s}s".into() },
        ),
        (
            &[("AUTH_TYPE", "bearerToken"), ("BEARER_TOKEN", "t.t.t")],
            Credentials::Bearer { token: "t.t.t".into() },
        ),
        (&[("APIKEY", "k")], key(Exchange::default())),
        (&[("APIKEY", " k ")], key(Exchange::default())),
        (&[("IAM_APIKEY", "k")], key(Exchange::default())),
        (&[("IAM_APIKEY", "k"), ("APIKEY", "k")], key(Exchange::default())),
        (&[("AUTH_TYPE", "iam"), ("APIKEY", "k")], key(Exchange::default())),
        (&[("AUTH_TYPE", "IAM"), ("APIKEY", "k")], key(Exchange::default())),
        (&[("AUTHTYPE", "Iam"), ("APIKEY", "k")], key(Exchange::default())),
        (&[("AUTH_TYPE", " "), ("AUTHTYPE", "noauth")], Credentials::NoAuth),
        (&[("AUTH_TYPE", "noauth"), ("AUTHTYPE", "basic")], Credentials::NoAuth),
        (
            &[
                ("APIKEY", "k"),
                ("AUTH_URL", "https://iam.test.cloud.ibm.com/identity/token"),
                ("CLIENT_ID", "id"),
                ("CLIENT_SECRET", "sec ret"),
                ("SCOPE", "ibm openid"),
            ],
            key(Exchange {
                endpoint: Some("https://iam.test.cloud.ibm.com/identity/token".into()),
                client: Some(("id".into(), "sec ret".into())),
                scope: Some("ibm openid".into()),
            }),
        ),
        (
            &[("AUTH_TYPE", "iam"), ("REFRESH_TOKEN", "r")],
            Credentials::RefreshToken { refresh_token: "r".into(), exchange: Exchange::default() },
        ),
        (
            &[("AUTH_TYPE", "iamAssume"), ("APIKEY", "k"), ("IAM_PROFILE_ID", "Profile-1")],
            assume(Profile::Id("Profile-1".into())),
        ),
        (
            &[("AUTH_TYPE", "iamAssume"), ("APIKEY", "k"), ("IAM_PROFILE_CRN", "crn:1")],
            assume(Profile::Crn("crn:1".into())),
        ),
        (
            &[
                ("AUTH_TYPE", "IAMASSUME"),
                ("APIKEY", "k"),
                ("IAM_PROFILE_NAME", "prod"),
                ("IAM_ACCOUNT_ID", "a"),
            ],
            assume(named(Some("a"))),
        ),
        (&[("IAM_PROFILE_ID", "Profile-1")], container(Some("Profile-1"), None, None)),
        (&[("IAM_PROFILE_NAME", "prod")], container(None, Some("prod"), None)),
        (
            &[
                ("AUTH_TYPE", "container"),
                ("IAM_PROFILE_NAME", "{prod"),
                ("IAM_PROFILE_ID", "Profile-1"),
                ("CR_TOKEN_FILENAME", "/a token"),
            ],
            container(Some("Profile-1"), Some("{prod"), Some("/a token")),
        ),
        (&[("AUTH_TYPE", "vpc")], vpc(None)),
        (&[("AUTH_TYPE", "vpc"), ("IAM_PROFILE_ID", "i")], vpc(Some(Profile::Id("i".into())))),
        (&[("AUTH_TYPE", "vpc"), ("IAM_PROFILE_CRN", "c")], vpc(Some(Profile::Crn("c".into())))),
        (&[("AUTH_TYPE", "vpc"), ("IAM_PROFILE_NAME", "prod")], vpc(Some(named(None)))),
        (
            &[("AUTH_TYPE", "vpc"), ("AUTH_URL", "http://169.254.169.254")],
            Credentials::Vpc {
                profile: None,
                endpoint: Some("http://169.254.169.254".into()),
                version: None,
            },
        ),
        (
            &[("AUTH_TYPE", "vpc"), ("VPC_IMS_VERSION", "2022-03-01")],
            Credentials::Vpc {
                profile: None,
                endpoint: None,
                version: Some(MetadataVersion::V2022_03_01),
            },
        ),
        (
            &[("AUTH_TYPE", "vpc"), ("VPC_IMS_VERSION", "2025-08-26")],
            Credentials::Vpc {
                profile: None,
                endpoint: None,
                version: Some(MetadataVersion::V2025_08_26),
            },
        ),
    ];
    for (properties, expected) in rows {
        assert_eq!(credentials(&identity(properties)), expected, "{properties:?}");
    }
}

#[test]
fn what_the_chosen_type_does_not_need_does_not_matter() {
    let more = [("AUTH_TYPE", "noAuth"), ("APIKEY", "{k}"), ("CLIENT_ID", "i"), ("LOG", "x")];
    assert_eq!(credentials(&identity(&more)), Credentials::NoAuth);
}

#[test]
fn what_is_missing_or_wrong_is_named_with_its_place_and_a_remedy() {
    const ENV: &str = "(in the environment)";
    let needs = |missing: &str, kind: &str| {
        format!(
            "IAM_IDENTITY_{missing}: is not set, and IAM_IDENTITY_{kind} {ENV} needs it; set it"
        )
    };
    let allowed = "set it to iam, iamAssume, container, vpc, basic, bearerToken or noAuth";
    let wrong = |name: &str, problem: &str| format!("IAM_IDENTITY_{name} {ENV}: {problem}");
    let wrapped = "must not be in braces or quotes; remove them";
    let rows: Vec<(&[(&str, &str)], String)> = vec![
        (&[("AUTH_TYPE", "basic"), ("PASSWORD", "s3cret")], needs("USERNAME", "AUTH_TYPE")),
        (&[("AUTHTYPE", "basic"), ("USERNAME", "s3cret")], needs("PASSWORD", "AUTHTYPE")),
        (&[("AUTH_TYPE", "bearerToken")], needs("BEARER_TOKEN", "AUTH_TYPE")),
        (&[("AUTH_TYPE", "iam")], needs("APIKEY", "AUTH_TYPE")),
        (&[("AUTH_TYPE", "iamAssume"), ("IAM_PROFILE_ID", "i")], needs("APIKEY", "AUTH_TYPE")),
        (
            &[("AUTH_TYPE", "iam"), ("APIKEY", " ")],
            wrong("APIKEY", "is empty, and IAM_IDENTITY_AUTH_TYPE (in the environment) needs it; set it"),
        ),
        (
            &[("AUTH_TYPE", "iam"), ("API_KEY", "s3cret")],
            format!(
                "{}; IAM_IDENTITY_ and 7 more characters {ENV} is not a property, did you mean IAM_IDENTITY_APIKEY?",
                needs("APIKEY", "AUTH_TYPE")
            ),
        ),
        (&[("AUTH_TYPE", "s3cret")], wrong("AUTH_TYPE", &format!("is of no known type; {allowed}"))),
        (&[("AUTH_TYPE", "\"iam\""), ("APIKEY", "k")], wrong("AUTH_TYPE", wrapped)),
        (&[("AUTH_TYPE", "cp4d")], wrong("AUTH_TYPE", &format!("is for other services than IAM; {allowed}"))),
        (&[("AUTH_TYPE", "MCSP")], wrong("AUTH_TYPE", &format!("is for other services than IAM; {allowed}"))),
        (&[("AUTHTYPE", "mcspv2")], wrong("AUTHTYPE", &format!("is for other services than IAM; {allowed}"))),
        (&[("APIKEY", "{s3cret}")], wrong("APIKEY", wrapped)),
        (&[("APIKEY", "\"s3cret\"")], wrong("APIKEY", wrapped)),
        (&[("APIKEY", "'s3cret'")], wrong("APIKEY", wrapped)),
        (&[("APIKEY", "{s3cret")], wrong("APIKEY", wrapped)),
        (&[("APIKEY", "s3cret\"")], wrong("APIKEY", wrapped)),
        (&[("APIKEY", "s3\ncret")], wrong("APIKEY", "must not contain control characters; remove them")),
        (
            &[("APIKEY", "s3cret # mine")],
            wrong("APIKEY", "must not contain spaces; give it alone, without `Bearer` or a remark"),
        ),
        (&[("APIKEY", "s3crét")], wrong("APIKEY", "must consist of printable ASCII characters; copy it again")),
        (
            &[("APIKEY", "s3cret"), ("IAM_APIKEY", "s3cret2")],
            wrong("IAM_APIKEY", "differs from IAM_IDENTITY_APIKEY (in the environment); remove one of them"),
        ),
        (
            &[("AUTH_TYPE", "bearerToken"), ("BEARER_TOKEN", "Bearer s3cret")],
            wrong("BEARER_TOKEN", "must not contain spaces; give it alone, without `Bearer` or a remark"),
        ),
        (&[("AUTH_TYPE", "basic"), ("USERNAME", "{u}"), ("PASSWORD", "s3cret")], wrong("USERNAME", wrapped)),
        (&[("AUTH_TYPE", "basic"), ("USERNAME", "u"), ("PASSWORD", "\"s3cret")], wrong("PASSWORD", wrapped)),
        (
            &[("AUTH_TYPE", "basic"), ("USERNAME", "s3cret:x"), ("PASSWORD", "p")],
            wrong("USERNAME", "must not contain a colon; correct it"),
        ),
        (
            &[("AUTH_TYPE", "iam"), ("APIKEY", "s3cret"), ("REFRESH_TOKEN", "s3cret")],
            wrong(
                "REFRESH_TOKEN",
                "cannot be combined with IAM_IDENTITY_APIKEY (in the environment); remove one of them",
            ),
        ),
        (
            &[("APIKEY", "s3cret"), ("CLIENT_ID", "i")],
            format!("IAM_IDENTITY_CLIENT_SECRET: is not set, but IAM_IDENTITY_CLIENT_ID {ENV} is; set both or neither"),
        ),
        (
            &[("APIKEY", "s3cret"), ("CLIENT_SECRET", "s3cret")],
            format!("IAM_IDENTITY_CLIENT_ID: is not set, but IAM_IDENTITY_CLIENT_SECRET {ENV} is; set both or neither"),
        ),
        (&[("APIKEY", "k"), ("CLIENT_ID", "i"), ("CLIENT_SECRET", "{s3cret}")], wrong("CLIENT_SECRET", wrapped)),
        (&[("APIKEY", "k"), ("SCOPE", "\"s3cret\"")], wrong("SCOPE", wrapped)),
        (
            &[("APIKEY", "k"), ("AUTH_URL", "http://iam.example.com")],
            wrong("AUTH_URL", "must use https, except on this machine (localhost)"),
        ),
        (&[("AUTH_TYPE", "vpc"), ("AUTH_URL", "{http://169.254.169.254}")], wrong("AUTH_URL", wrapped)),
        (
            &[("AUTH_TYPE", "vpc"), ("AUTH_URL", "http://10.0.0.1")],
            wrong("AUTH_URL", "must use https, except on link-local addresses"),
        ),
        (
            &[("APIKEY", "k"), ("CLIENT_ID", "s3:cret"), ("CLIENT_SECRET", "s3cret")],
            wrong("CLIENT_ID", "must not contain a colon; correct it"),
        ),
        (
            &[("AUTH_TYPE", "vpc"), ("VPC_IMS_VERSION", "2024-01-01")],
            wrong("VPC_IMS_VERSION", "must be 2022-03-01 or 2025-08-26; correct it"),
        ),
        (
            &[("AUTH_TYPE", "vpc"), ("IAM_PROFILE_CRN", "c"), ("IAM_PROFILE_ID", "i")],
            wrong(
                "IAM_PROFILE_CRN",
                "cannot be combined with IAM_IDENTITY_IAM_PROFILE_ID (in the environment); remove one of them",
            ),
        ),
        (
            &[("AUTH_TYPE", "container")],
            "IAM_IDENTITY_IAM_PROFILE_ID: is not set, nor is IAM_IDENTITY_IAM_PROFILE_NAME; set one \
             of them to the trusted profile to take on"
                .to_owned(),
        ),
        (
            &[("CR_TOKEN_FILENAME", "/t")],
            "IAM_IDENTITY_IAM_PROFILE_ID: is not set, nor is IAM_IDENTITY_IAM_PROFILE_NAME; set one \
             of them to the trusted profile to take on"
                .to_owned(),
        ),
        (&[("IAM_PROFILE_NAME", "'p'")], wrong("IAM_PROFILE_NAME", wrapped)),
        (
            &[("AUTH_TYPE", "iamAssume"), ("APIKEY", "k")],
            "IAM_IDENTITY_IAM_PROFILE_ID: is not set, nor is a CRN or name; set IAM_PROFILE_ID, \
             IAM_PROFILE_CRN, or IAM_PROFILE_NAME with IAM_ACCOUNT_ID"
                .to_owned(),
        ),
        (
            &[("AUTH_TYPE", "iamAssume"), ("APIKEY", "k"), ("IAM_PROFILE_NAME", "n")],
            format!(
                "IAM_IDENTITY_IAM_ACCOUNT_ID: is not set, and IAM_IDENTITY_IAM_PROFILE_NAME {ENV} \
                 needs it; set it to the profile's account"
            ),
        ),
        (
            &[("AUTH_TYPE", "iamAssume"), ("APIKEY", "k"), ("IAM_PROFILE_ID", "i"), ("IAM_ACCOUNT_ID", "a")],
            wrong("IAM_ACCOUNT_ID", "goes with IAM_PROFILE_NAME only; remove it"),
        ),
        (
            &[("USERNAME", "u"), ("PASSWORD", "s3cret")],
            format!("IAM_IDENTITY_AUTH_TYPE: is not set, but IAM_IDENTITY_USERNAME {ENV} is; set it to basic"),
        ),
        (
            &[("BEARER_TOKEN", "s3cret")],
            format!("IAM_IDENTITY_AUTH_TYPE: is not set, but IAM_IDENTITY_BEARER_TOKEN {ENV} is; set it to bearerToken"),
        ),
        (
            &[("REFRESH_TOKEN", "s3cret")],
            format!("IAM_IDENTITY_AUTH_TYPE: is not set, but IAM_IDENTITY_REFRESH_TOKEN {ENV} is; set it to iam"),
        ),
        (
            &[("IAM_PROFILE_CRN", "c")],
            format!("IAM_IDENTITY_AUTH_TYPE: is not set, but IAM_IDENTITY_IAM_PROFILE_CRN {ENV} is; set it to iamAssume or vpc"),
        ),
    ];
    for (properties, expected) in rows {
        let text = refused(&identity(properties));
        assert_eq!(text, expected, "{properties:?}");
        assert!(!text.contains("s3c"), "{text}");
    }
}

#[test]
fn a_service_without_credentials_uses_the_tools() {
    let bearer = Credentials::Bearer { token: "t".into() };
    let at = |url: &str| key(Exchange { endpoint: Some(url.into()), ..Exchange::default() });
    for (given, expected) in [
        (&[("IBMCLOUD_API_KEY", "k")][..], key(Exchange::default())),
        (&[("IBMCLOUD_TOKEN", "t")], bearer.clone()),
        (&[("IBMCLOUD_TOKEN", "t"), ("IBMCLOUD_API_KEY", "k")], key(Exchange::default())),
        (&[("IBMCLOUD_TOKEN", "t"), ("IBMCLOUD_API_KEY", " ")], bearer),
        (
            &[("IBMCLOUD_API_KEY", "k"), ("IAM_IDENTITY_URL", "https://a.example.com")],
            key(Exchange::default()),
        ),
        (
            &[("IBMCLOUD_API_KEY", "k"), ("IAM_IDENTITY_AUTH_URL", "https://a.example.com")],
            at("https://a.example.com"),
        ),
        (&[("IBMCLOUD_API_KEY", "x"), ("IAM_IDENTITY_APIKEY", "k")], key(Exchange::default())),
        (&[("IBMCLOUD_API_KEY", "{x}"), ("IAM_IDENTITY_AUTH_TYPE", "noAuth")], Credentials::NoAuth),
    ] {
        assert_eq!(credentials(&variables(given)), expected, "{given:?}");
    }
    for (given, expected) in [
        (
            &[("IBMCLOUD_API_KEY", "{s3cret}")][..],
            "IBMCLOUD_API_KEY (in the environment): must not be in braces or quotes; remove them",
        ),
        (
            &[("IBMCLOUD_TOKEN", "Bearer s3cret")],
            "IBMCLOUD_TOKEN (in the environment): must not contain spaces; give it alone, without \
             `Bearer` or a remark",
        ),
        // Neither is the given type replaced, nor what seems to be misspelt.
        (
            &[("IBMCLOUD_API_KEY", "s3cret"), ("IAM_IDENTITY_AUTH_TYPE", "iam")],
            "IAM_IDENTITY_APIKEY: is not set, and IAM_IDENTITY_AUTH_TYPE (in the environment) needs \
             it; set it",
        ),
        (
            &[("IBMCLOUD_API_KEY", "s3cret"), ("IAM_IDENTITY_APIKY", "s3cret")],
            "IAM_IDENTITY_APIKEY: is not set; set it, or another AUTH_TYPE and what that needs, in a \
             credential file or the environment; or set IBMCLOUD_API_KEY in the environment; \
             IAM_IDENTITY_ and 5 more characters (in the environment) is not a property, did you mean \
             IAM_IDENTITY_APIKEY?",
        ),
        (
            &[],
            "IAM_IDENTITY_APIKEY: is not set; set it, or another AUTH_TYPE and what that needs, in a \
             credential file or the environment; or set IBMCLOUD_API_KEY in the environment",
        ),
    ] {
        assert_eq!(refused(&variables(given)), expected, "{given:?}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let environment = identity(&[
        ("APIKEY", "s3cret"),
        ("CLIENT_ID", "i"),
        ("CLIENT_SECRET", "s3cret"),
        ("PASSWORD", "s3cret"),
    ]);
    let shown = format!("{environment:?} {:?}", super::service(&environment).unwrap());
    assert!(shown.contains("IAM_IDENTITY_APIKEY") && shown.contains("ApiKey"), "{shown}");
    assert!(!shown.contains("s3cret"), "{shown}");
}
