//! The same environments read by IBM's Python core: what it takes is taken
//! here, with the same values, and the exceptions are listed.

use std::{
    collections::BTreeMap,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Map, Value, json};

use super::{service, variables, with_files};
use crate::runtime::config::{
    Found,
    credentials::{Credentials, Exchange, Profile},
};

/// What is installed. The facts are of this version.
const PACKAGE: &str = "ibm-cloud-sdk-core==3.28.0";

/// A Python that has the core; why not, where there can be none.
fn python() -> Result<PathBuf, String> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python-core");
    let (python, done) = (directory.join("bin/python"), directory.join("installed"));
    if fs::read_to_string(&done).is_ok_and(|installed| installed == PACKAGE) && python.exists() {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let output = command.output().map_err(|error| error.to_string())?;
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(()) } else { Err(said()) }
    };
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&directory))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    run(Command::new(&python).args(pip))?;
    fs::write(done, PACKAGE).map_err(|error| error.to_string())?;
    Ok(python)
}

/// An environment: variables, and files of the current directory.
#[derive(Debug, Clone, Default)]
struct Case {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

impl Case {
    /// What IBM's core makes of the cases.
    fn theirs(python: &Path, cases: &[Self]) -> Vec<Map<String, Value>> {
        let cases = cases.iter().map(|Self { variables, files }| {
            json!({"service": "iam_identity", "variables": variables, "files": files})
        });
        let mut child = Command::new(python)
            .args(["-c", include_str!("ibm.py")])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = Value::from_iter(cases).to_string();
        // It reads to the end before it writes.
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What we make of it, in the same words.
    fn ours(&self) -> Result<Map<String, Value>, String> {
        let given: Vec<_> = self.variables.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let files = self.files.iter().map(|(path, content)| (format!("/{path}"), content));
        let files: Vec<_> = files.collect();
        let files: Vec<_> =
            files.iter().map(|(path, text)| (&**path, Some(text.as_str()))).collect();
        let environment = variables(&given).current_directory("/").home_directory("/home");
        let service = service(&with_files(environment, &files))?;
        let trusts_any = service.connection.accept_invalid_token_certificates.unwrap_or(false);
        match service.credentials {
            Found::Credentials(credentials) => Ok(described(&credentials, trusts_any)),
            Found::Nothing(missing) => Err(missing.error().to_string()),
        }
    }
}

/// Credentials in the words of the script.
fn described(credentials: &Credentials, trusts_any: bool) -> Map<String, Value> {
    let mut found = Map::new();
    let mut put = |name: &str, value: &str| {
        found.insert(name.to_owned(), value.into());
    };
    let (kind, exchange) = match credentials {
        Credentials::NoAuth => ("noAuth", None),
        Credentials::Basic { username, password } => {
            put("username", username);
            put("password", password.expose());
            ("basic", None)
        }
        Credentials::Bearer { token } => {
            put("bearer_token", token.expose());
            ("bearerToken", None)
        }
        Credentials::ApiKey { apikey, exchange } => {
            put("apikey", apikey.expose());
            ("iam", Some(exchange))
        }
        Credentials::RefreshToken { .. } => ("only Go has it", None),
        Credentials::Assume { apikey, profile, exchange } => {
            put("apikey", apikey.expose());
            put_profile(&mut put, profile);
            ("iamAssume", Some(exchange))
        }
        Credentials::Container { profile_id, profile_name, token_file, exchange } => {
            for (name, value) in [
                ("iam_profile_id", profile_id),
                ("iam_profile_name", profile_name),
                ("cr_token_filename", token_file),
            ] {
                if let Some(value) = value {
                    put(name, value);
                }
            }
            ("container", Some(exchange))
        }
        Credentials::Vpc { profile, endpoint, version } => {
            if let Some(profile) = profile {
                put_profile(&mut put, profile);
            }
            put("url", endpoint.as_deref().unwrap_or("http://169.254.169.254"));
            put("service_version", version.unwrap_or_default().as_str());
            ("vpc", None)
        }
    };
    put("type", kind);
    if let Some(Exchange { endpoint, client, scope }) = exchange {
        let url = endpoint.as_deref().unwrap_or("https://iam.cloud.ibm.com");
        put("url", url.trim_end_matches("/identity/token"));
        if let Some((id, secret)) = client {
            put("client_id", id);
            put("client_secret", secret.expose());
        }
        if let Some(scope) = scope {
            put("scope", scope);
        }
        found.insert("disable_ssl_verification".to_owned(), trusts_any.into());
    }
    found
}

fn put_profile(put: &mut impl FnMut(&str, &str), profile: &Profile) {
    match profile {
        Profile::Id(id) => put("iam_profile_id", id),
        Profile::Crn(crn) => put("iam_profile_crn", crn),
        Profile::Name { name, account } => {
            put("iam_profile_name", name);
            if let Some(account) = account {
                put("iam_account_id", account);
            }
        }
    }
}

/// Each type with each subset of properties.
fn subsets() -> Vec<Case> {
    let types = [
        None,
        Some("iam"),
        Some("IAMASSUME"),
        Some("Container"),
        Some("vpc"),
        Some("basic"),
        Some("bearertoken"),
        Some("noAuth"),
    ];
    let groups: [&[(&str, &str)]; 9] = [
        &[("APIKEY", "the-key")],
        &[("USERNAME", "me"), ("PASSWORD", "pass word"), ("BEARER_TOKEN", "t.t.t")],
        &[("IAM_PROFILE_ID", "Profile-1")],
        &[("IAM_PROFILE_CRN", "crn:v1:profile")],
        &[("IAM_PROFILE_NAME", "a profile")],
        &[("IAM_ACCOUNT_ID", "account")],
        &[("CLIENT_ID", "client")],
        &[("CLIENT_SECRET", "client=secret")],
        &[
            ("AUTH_URL", "https://iam.example.com/identity/token"),
            ("SCOPE", "ibm openid"),
            ("CR_TOKEN_FILENAME", "/token"),
            ("AUTH_DISABLE_SSL", "true"),
        ],
    ];
    let mut cases = Vec::new();
    for kind in types {
        for subset in 0..1_u32 << groups.len() {
            let chosen = groups.iter().enumerate().filter(|(index, _)| subset >> index & 1 == 1);
            let properties = chosen.flat_map(|(_, group)| group.iter().copied());
            let properties = properties.chain(kind.map(|kind| ("AUTH_TYPE", kind)));
            let named =
                |(name, value): (&str, &str)| (format!("IAM_IDENTITY_{name}"), value.to_owned());
            cases.push(Case { variables: properties.map(named).collect(), ..Case::default() });
        }
    }
    cases
}

/// Sources in all combinations of three files, variables and `VCAP_SERVICES`.
fn sources() -> Vec<Case> {
    let line = |key: &str| {
        format!(
            "# {key}\n\nOTHER_APIKEY=x\n IAM_IDENTITY_APIKEY={key}=\nIAM_IDENTITY_SCOPE={key}\n"
        )
    };
    let services = [
        r#"{"iam_identity": [{"credentials": {"apikey": "bound"}}]}"#,
        r#"{"other": [{"name": "x"}, {"name": "iam_identity", "credentials": {"iam_apikey": "named"}}]}"#,
        r#"{"iam_identity": [{"credentials": {"username": "u", "password": "p"}}]}"#,
    ];
    let mut cases = Vec::new();
    for chosen in 0..16_u32 {
        for services in services.map(Some).into_iter().chain([None]) {
            let mut case = Case::default();
            let is_chosen = |index: u32| chosen >> index & 1 == 1;
            if is_chosen(0) {
                case.files.insert("named/file".into(), line("from-named"));
                case.variables.insert("IBM_CREDENTIALS_FILE".into(), "named/file".into());
            }
            if is_chosen(1) {
                case.files.insert("ibm-credentials.env".into(), line("from-current"));
            }
            if is_chosen(2) {
                case.files.insert("home/ibm-credentials.env".into(), line("from-home"));
            }
            if is_chosen(3) {
                case.variables.insert("IAM_IDENTITY_APIKEY".into(), "from-variable".into());
            }
            if let Some(services) = services {
                case.variables.insert("VCAP_SERVICES".into(), services.into());
            }
            cases.push(case);
        }
    }
    cases
}

/// What is an error here and taken by IBM's Python core: an account beside a
/// profile that does not need one, which Go and Java refuse, too.
fn is_stricter(error: &str) -> bool {
    error.ends_with("goes with IAM_PROFILE_NAME only; remove it")
}

#[test]
#[ignore = "needs Python and PyPI; .ci/compare-tools runs it"]
fn what_ibms_core_reads_is_read_the_same() {
    let python = python();
    let python =
        python.unwrap_or_else(|why| panic!("IBM's Python core cannot be installed: {why}"));
    let cases: Vec<Case> = subsets().into_iter().chain(sources()).collect();
    let (mut same, mut refused, mut stricter, mut failures) = (0, 0, 0, Vec::new());
    for (case, theirs) in cases.iter().zip(Case::theirs(&python, &cases)) {
        let nothing = theirs.get("type").is_none_or(Value::is_null);
        match case.ours() {
            Ok(ours) if ours == theirs => same += 1,
            Err(_) if nothing => refused += 1,
            Err(error) if is_stricter(&error) => stricter += 1,
            ours => failures.push(format!("{case:?}: ours {ours:?}, theirs {theirs:?}")),
        }
    }
    assert!(
        failures.is_empty(),
        "{}: {}",
        failures.len(),
        failures[..failures.len().min(10)].join("\n")
    );
    // Not all of one kind.
    assert!(same > 1000 && refused > 1000 && stricter > 0, "{same} {refused} {stricter}");
}
