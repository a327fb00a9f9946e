//! A secret in every place where something else belongs, searched for in all
//! that a program can print.

use std::error::Error as _;

use super::{variables, with_files};
use crate::runtime::{Client, Error, config::Environment};

/// The text that is searched for. Each form of the secret has it.
const MARK: &str = "s3cretKEY";

/// A secret as it can be pasted: alone, with what separates a name from a
/// value, in quotes, with what acts in paths, URLs and JSON.
const FORMS: [&str; 12] = [
    "s3cretKEY",
    "s3cretKEY=tail==",
    "s3cretKEY:tail",
    "s3cretKEY tail",
    "Bearer s3cretKEY",
    "\"s3cretKEY\"",
    "{s3cretKEY}",
    "/s3cretKEY/tail",
    "https://me:s3cretKEY@iam.example.com",
    "s3cretKEY\u{7}",
    "APIKY_s3cretKEY",
    "S3_s3cretKEYß",
];

const PROPERTIES: [&str; 26] = [
    "URL",
    "DISABLE_SSL",
    "ENABLE_GZIP",
    "ENABLE_RETRIES",
    "MAX_RETRIES",
    "RETRY_INTERVAL",
    "AUTH_URL",
    "AUTH_DISABLE_SSL",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "SCOPE",
    "AUTH_TYPE",
    "AUTHTYPE",
    "APIKEY",
    "IAM_APIKEY",
    "REFRESH_TOKEN",
    "USERNAME",
    "PASSWORD",
    "BEARER_TOKEN",
    "IAM_PROFILE_ID",
    "IAM_PROFILE_CRN",
    "IAM_PROFILE_NAME",
    "IAM_ACCOUNT_ID",
    "CR_TOKEN_FILENAME",
    "VPC_IMS_VERSION",
    "NO_SUCH_PROPERTY",
];

const TYPES: [&str; 8] =
    ["", "iam", "iamAssume", "container", "vpc", "basic", "bearerToken", "noAuth"];

/// Environments with the secret `form` in the wrong place.
fn environments(form: &str) -> Vec<Environment> {
    let mut all = Vec::new();
    let file = |content: String| {
        let environment = Environment::new().current_directory("/here");
        with_files(environment, &[("/here/ibm-credentials.env", Some(&content))])
    };
    // As the value or the name of a property, alone and beside credentials of
    // each type, in the environment and in a file.
    for kind in TYPES {
        let mut bases = vec![vec![("IAM_IDENTITY_AUTH_TYPE".to_owned(), kind.to_owned())]];
        let mut with_key = bases[0].clone();
        with_key.push(("IAM_IDENTITY_APIKEY".to_owned(), "k".to_owned()));
        bases.push(with_key);
        for base in bases {
            let mut pairs = vec![
                (form.to_owned(), "x".to_owned()),
                (format!("IAM_IDENTITY_{form}"), "x".to_owned()),
                (format!("IAM_IDENTITY_APIKEY{form}"), "x".to_owned()),
                (format!("IAM_IDENTITY_{form}"), String::new()),
            ];
            for property in PROPERTIES {
                pairs.push((format!("IAM_IDENTITY_{property}"), form.to_owned()));
            }
            for pair in pairs {
                let set: Vec<_> = base.iter().chain([&pair]).collect();
                let set: Vec<_> =
                    set.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                all.push(variables(&set));
                let lines: Vec<_> =
                    set.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
                all.push(file(lines.concat()));
            }
        }
    }
    // As a line or a part of one.
    for line in [
        form.to_owned(),
        format!("IAM_IDENTITY_APIKEY {form}"),
        format!("IAM_IDENTITY_APIKEY: {form}"),
        format!("={form}"),
        format!("export {form}"),
        format!("set {form}=1"),
        format!("IAM_IDENTITY_APIKEY=k\n{form}"),
        format!("IAM_IDENTITY_APIKEY=k\nIAM_IDENTITY_APIKEY={form}"),
        format!("IAM_IDENTITY_{form}=1\nIAM_IDENTITY_{form}=2"),
        format!("{form}=1\n{form}=2"),
    ] {
        all.push(file(line));
    }
    // As the name of a file or directory, which is there, is not, or is wrong.
    let named = variables(&[("IBM_CREDENTIALS_FILE", form)]);
    for content in [Some("IAM_IDENTITY_APIKEY={k}"), Some("no property"), Some("A=1"), None] {
        all.push(with_files(named.clone(), &[(form, content)]));
        let inside = format!("{form}/ibm-credentials.env");
        for directory in
            [Environment::new().current_directory(form), Environment::new().home_directory(form)]
        {
            all.push(with_files(directory, &[(&inside, content)]));
        }
    }
    all.push(named.files(|_| Err(std::io::ErrorKind::PermissionDenied.into())));
    // In what Cloud Foundry says.
    let quoted = serde_json::to_string(form).unwrap();
    let entry = r#"{"name": "iam_identity", "credentials": {"apikey": "{k}"}}"#;
    for services in [
        form.to_owned(),
        quoted.clone(),
        format!("{{{quoted}: 1}}"),
        format!("{{{quoted}: [{entry}]}}"),
        format!("{{\"iam_identity\": {quoted}}}"),
        format!("{{\"iam_identity\": [{quoted}]}}"),
        format!("{{\"iam_identity\": [{{\"credentials\": {quoted}}}]}}"),
        format!("{{\"iam_identity\": [{{\"name\": {quoted}, \"credentials\": [1]}}]}}"),
        format!("{{\"iam_identity\": [{{\"credentials\": {{{quoted}: {quoted}}}}}]}}"),
        format!("{{{quoted}: [{{\"name\": \"iam_identity\", \"credentials\": {quoted}}}]}}"),
    ] {
        all.push(variables(&[("VCAP_SERVICES", &services)]));
    }
    for key in ["url", "iam_url", "apikey", "iam_apikey", "username", "password"] {
        for value in [quoted.clone(), format!("[{quoted}]")] {
            let credentials = format!("{{\"apikey\": \"k\", \"{key}\": {value}}}");
            let services = format!("{{\"iam_identity\": [{{\"credentials\": {credentials}}}]}}");
            all.push(variables(&[("VCAP_SERVICES", &services)]));
        }
    }
    // In the tool's variables.
    for name in ["IBMCLOUD_API_KEY", "IBMCLOUD_TOKEN", "HOME", "PATH"] {
        all.push(variables(&[(name, form)]));
    }
    all
}

/// Everything that printing an error gives.
fn texts(error: &Error) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(" {error} {error:?}");
        cause = error.source();
    }
    text
}

#[test]
fn a_misplaced_secret_is_never_printed() {
    let (mut count, mut refused) = (0, 0);
    // One for all, since making one takes long.
    let http = reqwest::Client::new();
    for form in FORMS {
        assert!(form.contains(MARK), "{form}");
        for environment in environments(form) {
            let mut shown = format!("{environment:?} {environment:#?}");
            let builder = Client::builder().http_client(http.clone());
            let built = builder.from_environment(&environment).and_then(|builder| {
                shown += &format!("{builder:?} {builder:#?}");
                builder.build()
            });
            match built {
                Ok(client) => {
                    shown += &format!("{client:?} {client:#?} {:?}", client.transport());
                    for service in super::SERVICES {
                        shown += &format!("{:?}", client.for_service(service));
                    }
                }
                Err(error) => {
                    refused += 1;
                    shown += &texts(&error);
                }
            }
            count += 1;
            assert!(!shown.contains(MARK), "{form}: {shown}");
        }
    }
    // Most places do not take it.
    assert!(count > 10_000 && refused > count / 2, "{refused} of {count}");
}
