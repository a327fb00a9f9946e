//! Which source counts.

use super::{SERVICES, credentials, identity, read, refused, service, variables, with_files};
use crate::runtime::config::{
    Environment, Found,
    credentials::{Credentials, Exchange},
};

/// The API key that Identity gets.
fn key(environment: &Environment) -> String {
    match credentials(environment) {
        Credentials::ApiKey { apikey, .. } => apikey.expose().to_owned(),
        other => panic!("{other:?}"),
    }
}

/// An environment whose one file is this, in the current directory.
fn file(content: &str) -> Environment {
    let environment = Environment::new().current_directory("/here");
    with_files(environment, &[("/here/ibm-credentials.env", Some(content))])
}

#[test]
fn the_first_source_counts_alone() {
    let named = Some("IAM_IDENTITY_APIKEY=named");
    let here = Some("IAM_IDENTITY_APIKEY=here");
    let home = Some("IAM_IDENTITY_APIKEY=home");
    let other = Some("IAM_ACCESS_GROUPS_APIKEY=other");
    let vcap = r#"{"iam_identity": [{"credentials": {"apikey": "vcap"}}]}"#;
    let all = || {
        variables(&[("IAM_IDENTITY_APIKEY", "variable"), ("VCAP_SERVICES", vcap)])
            .current_directory("/here")
            .home_directory("/home/me")
    };
    let (at_here, at_home) = ("/here/ibm-credentials.env", "/home/me/ibm-credentials.env");
    for (files, named_file, expected) in [
        (&[("/n", named), (at_here, here), (at_home, home)][..], "/n", "named"),
        (&[("/here/n", named), (at_here, here), (at_home, home)], "n", "named"),
        (&[(at_here, here), (at_home, home)], "", "here"),
        (&[(at_home, home)], " ", "home"),
        (&[], "", "variable"),
        // A file that says nothing of this service is passed over as a whole.
        (&[(at_here, other), (at_home, home)], "", "variable"),
        (&[(at_here, Some("IAM_IDENTITY_APIKEY=\n"))], "", "variable"),
    ] {
        let environment = with_files(all().variable("IBM_CREDENTIALS_FILE", named_file), files);
        assert_eq!(key(&environment), expected, "{files:?}");
    }
    assert_eq!(key(&variables(&[("VCAP_SERVICES", vcap)])), "vcap");
    // Nothing is taken from a later source, were it missing in this one.
    let environment = with_files(
        all(),
        &[(at_here, Some("IAM_IDENTITY_AUTH_TYPE=iam\nIAM_IDENTITY_URL=https://a.example.com"))],
    );
    assert_eq!(
        refused(&environment),
        "IAM_IDENTITY_APIKEY: is not set, and IAM_IDENTITY_AUTH_TYPE (in ./ibm-credentials.env, \
         line 1) needs it; set it"
    );
}

#[test]
fn each_service_has_a_source_of_its_own() {
    let environment = with_files(
        variables(&[
            ("IAM_POLICY_MANAGEMENT_AUTH_TYPE", "noAuth"),
            ("IAM_IDENTITY_APIKEY", "variable"),
            ("IBMCLOUD_API_KEY", "tool"),
            ("IAM_ACCESS_GROUPS_URL", "https://groups.example.com"),
        ])
        .current_directory("/"),
        &[("/ibm-credentials.env", Some("IAM_IDENTITY_APIKEY=file"))],
    );
    let services = read(&environment, &SERVICES).unwrap();
    let key = |key: &str| Credentials::ApiKey { apikey: key.into(), exchange: Exchange::default() };
    let expected = [
        ("iam_identity", None, key("file")),
        ("iam_policy_management", None, Credentials::NoAuth),
        ("iam_access_groups", Some("https://groups.example.com"), key("tool")),
    ];
    for (service, (name, endpoint, credentials)) in services.iter().zip(expected) {
        assert_eq!(service.name, name);
        assert_eq!(service.connection.endpoint.as_deref(), endpoint, "{name}");
        let Found::Credentials(found) = &service.credentials else { panic!("{service:?}") };
        assert_eq!(*found, credentials, "{name}");
    }
}

#[test]
fn names_become_prefixes() {
    for (service, prefix) in [
        ("iam_identity", "IAM_IDENTITY_"),
        ("pet-store", "PET_STORE_"),
        ("Pet Store", "PET_STORE_"),
    ] {
        assert_eq!(super::super::properties::prefix(service), prefix);
    }
    // The whole prefix counts, the underscore included.
    let environment = variables(&[("IAM_IDENTITYX_APIKEY", "k"), ("IAM_IDENTITYAPIKEY", "k")]);
    assert!(refused(&environment).starts_with("IAM_IDENTITY_APIKEY: is not set; "));
}

#[test]
fn lines_of_files_are_read_as_ibm_writes_them() {
    for (content, expected) in [
        ("IAM_IDENTITY_APIKEY=a=b==", "a=b=="),
        ("\u{feff}IAM_IDENTITY_APIKEY=bom", "bom"),
        ("# a remark\r\n\r\nIAM_IDENTITY_APIKEY=crlf\r\nX=\"\r\n", "crlf"),
        ("  IAM_IDENTITY_APIKEY  =  spaces  ", "spaces"),
        ("\tIAM_IDENTITY_APIKEY=tab", "tab"),
        ("export IAM_IDENTITY_APIKEY=shell", "shell"),
        ("export   IAM_IDENTITY_APIKEY =shell", "shell"),
        ("IAM_IDENTITY_APIKEY=a#b", "a#b"),
        ("IAM_IDENTITY_APIKEY=same\nIAM_IDENTITY_APIKEY=same", "same"),
        // Of services that are not ours, whatever stands there.
        ("OTHER_APIKEY=1\nOTHER_APIKEY=\"2\"\nIAM_IDENTITY_APIKEY=ours", "ours"),
    ] {
        assert_eq!(key(&file(content)), expected, "{content:?}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error() {
    let place = "./ibm-credentials.env";
    for (content, expected) in [
        (
            "A=1\ns3cret\n",
            format!("{place}, line 2: must be NAME=value; correct it, or begin it with #"),
        ),
        (
            "=s3cret",
            format!("{place}, line 1: must have a name without spaces before the =; correct it"),
        ),
        (
            "\n\nset IAM_IDENTITY_APIKEY=s3cret",
            format!("{place}, line 3: must have a name without spaces before the =; correct it"),
        ),
        (
            "IAM_IDENTITY_APIKEY=s3cret\n\nIAM_IDENTITY_APIKEY=s3cret2",
            format!(
                "IAM_IDENTITY_APIKEY (in {place}, line 3): has another value in {place}, line 1; \
                 remove one of them"
            ),
        ),
        (
            "A=1\nIAM_IDENTITY_APIKEY=\"s3cret\"",
            format!(
                "IAM_IDENTITY_APIKEY (in {place}, line 2): must not be in braces or quotes; \
                 remove them"
            ),
        ),
        (
            &format!("A={}", "s3cret".repeat(200_000)),
            format!("{place}: is larger than 1 MiB; name a credential file"),
        ),
    ] {
        assert_eq!(refused(&file(content)), expected);
    }
    let latin = Environment::new().current_directory("/").files(|_| Ok(b"A=\xe9".to_vec()));
    assert_eq!(refused(&latin), format!("{place}: is not UTF-8; save it so"));
}

#[test]
fn a_file_that_is_not_there_is_an_error_if_it_is_named() {
    let (here, home) = ("/here/ibm-credentials.env", "/home/me/ibm-credentials.env");
    let environment = |named: &str, files: &[(&str, Option<&str>)]| {
        let environment = identity(&[("APIKEY", "k")]).variable("IBM_CREDENTIALS_FILE", named);
        let environment = environment.current_directory("/here").home_directory("/home/me");
        with_files(environment, files)
    };
    let content = Some("IAM_IDENTITY_APIKEY=f");
    assert_eq!(
        refused(&environment("gone.env", &[(here, content), (home, content)])),
        "IBM_CREDENTIALS_FILE: the file that it names (8 characters) does not exist; correct the name, or \
         unset it"
    );
    assert_eq!(
        refused(&environment("/locked", &[("/locked", None), (here, content)])),
        "IBM_CREDENTIALS_FILE: the file that it names (7 characters) cannot be read (permission denied); \
         correct the name, or unset it"
    );
    assert_eq!(
        refused(&environment("", &[(here, None), (home, content)])),
        "./ibm-credentials.env: cannot be read (permission denied); make it readable, or remove it"
    );
    assert_eq!(
        refused(&environment("", &[(home, None)])),
        "~/ibm-credentials.env: cannot be read (permission denied); make it readable, or remove it"
    );
}

#[test]
fn services_of_cloud_foundry_are_found_by_name_and_then_by_key() {
    let key_of =
        |credentials: &str| format!("{{\"credentials\": {{\"apikey\": \"{credentials}\"}}}}");
    let named = r#"{"name": "iam_identity", "credentials": {"apikey": "named"}}"#;
    let (a, b) = (key_of("a"), key_of("b"));
    for (services, expected) in [
        (format!("{{\"iam_identity\": [{a}, {b}]}}"), "a"),
        (format!("{{\"iam_identity\": [{a}, {named}]}}"), "named"),
        (format!("{{\"iam_identity\": [{a}], \"user-provided\": [{b}, {named}]}}"), "named"),
        (r#"{"iam_identity": [{"credentials": {"iam_apikey": "long"}}]}"#.to_owned(), "long"),
        // An API key before a password.
        (
            r#"{"iam_identity": [{"credentials": {"apikey": "key", "username": "u", "password": "p"}}]}"#
                .to_owned(),
            "key",
        ),
    ] {
        assert_eq!(key(&variables(&[("VCAP_SERVICES", &services)])), expected, "{services}");
    }
    let services = r#"{"iam_identity": [{"credentials": {"url": "https://a.example.com",
        "iam_url": "https://b.example.com", "username": "u", "password": "p", "port": 1}}]}"#;
    let found = service(&variables(&[("VCAP_SERVICES", services)])).unwrap();
    assert_eq!(found.connection.endpoint.as_deref(), Some("https://a.example.com"));
    let basic = Credentials::Basic { username: "u".into(), password: "p".into() };
    let Found::Credentials(credentials) = found.credentials else { panic!() };
    assert_eq!(credentials, basic);
    for services in
        ["", "{}", r#"{"other": [{"credentials": {"apikey": "k"}}]}"#, r#"{"iam_identity": []}"#]
    {
        let text = refused(&variables(&[("VCAP_SERVICES", services)]));
        assert!(text.starts_with("IAM_IDENTITY_APIKEY: is not set; "), "{text}");
    }
}

#[test]
fn what_cloud_foundry_cannot_have_written_is_an_error() {
    let place = "VCAP_SERVICES, credentials of iam_identity[0]";
    for (services, expected) in [
        ("s3cret", "VCAP_SERVICES: must be a JSON object; correct it, or unset it".to_owned()),
        ("[]", "VCAP_SERVICES: must be a JSON object; correct it, or unset it".to_owned()),
        (
            r#"{"iam_identity": [{"credentials": "s3cret"}]}"#,
            "VCAP_SERVICES: the credentials of iam_identity[0] must be an object; correct them"
                .to_owned(),
        ),
        (
            r#"{"iam_identity": [{"credentials": {"apikey": ["s3cret"]}}]}"#,
            "VCAP_SERVICES: apikey of iam_identity[0] must be a string; correct it".to_owned(),
        ),
        (
            r#"{"iam_identity": [{"credentials": {"apikey": "{s3cret}"}}]}"#,
            format!("apikey (in {place}): must not be in braces or quotes; remove them"),
        ),
        (
            r#"{"iam_identity": [{"credentials": {"apikey": "s3cret", "iam_apikey": "s3cret2"}}]}"#,
            format!(
                "iam_apikey (in {place}): differs from apikey (in {place}); remove one of them"
            ),
        ),
        (
            r#"{"iam_identity": [{"credentials": {"username": "s3cret"}}]}"#,
            format!(
                "password (in {place}): is not set, and credentials (in {place}) needs it; set it"
            ),
        ),
    ] {
        assert_eq!(refused(&variables(&[("VCAP_SERVICES", services)])), expected);
    }
    // Not read where another source has the properties.
    let environment = identity(&[("APIKEY", "k")]).variable("VCAP_SERVICES", "nonsense");
    assert_eq!(key(&environment), "k");
}
