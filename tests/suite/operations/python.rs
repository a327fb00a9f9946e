//! IBM's own Python SDK as the other client: called with the same values, it
//! must send the same requests.
//!
//! Nothing is excepted. Not compared are the headers of the connection and the
//! program's name, the order of headers, queries and JSON keys, and how much is
//! percent-encoded.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde_json::{Map, Value, json};

use super::{
    facts::Operation,
    stage::{Everything, Stage, Subject},
    token,
    values::{Fill, Given, Maker, Style, given},
    wire::{Wire, to_call},
};
use crate::{server::TOKEN, workspace};

/// What is installed. The facts are of these versions.
const PACKAGES: [&str; 2] = ["ibm-platform-services==0.77.1", "ibm-cloud-sdk-core==3.28.0"];

/// A Python that has the SDK; `None`, with a message, where there can be none.
static PYTHON: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    install()
        .map_err(|why| {
            // Past the test harness, which shows nothing of a test that passes.
            let _ = writeln!(io::stderr(), "skipped: IBM's Python SDK cannot be installed: {why}");
        })
        .ok()
});

fn install() -> Result<PathBuf, String> {
    let directory = workspace::root().join("target/python");
    let (python, done) = (directory.join("bin/python"), directory.join("installed"));
    let installed = fs::read_to_string(&done).unwrap_or_default();
    if installed == PACKAGES.join("\n") && python.exists() {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let output = command.output().map_err(|error| error.to_string())?;
        let said = || [output.stdout.as_slice(), &output.stderr].concat();
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&said()).into_owned())
        }
    };
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&directory))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(Command::new(&python).args(pip).args(PACKAGES))?;
    fs::write(done, PACKAGES.join("\n")).map_err(|error| error.to_string())?;
    Ok(python)
}

/// Has the SDK make calls; gives what it sent in each, or why it did not.
fn record(python: &Path, cases: &[Value]) -> Vec<Result<Wire, String>> {
    let directory = tempfile::tempdir().unwrap();
    let (cases_file, seen_file) =
        (directory.path().join("cases.json"), directory.path().join("seen.json"));
    fs::write(&cases_file, json!(cases).to_string()).unwrap();
    let script = workspace::root().join("tests/python/record.py");
    let output = Command::new(python)
        .arg(script)
        .args([&cases_file, &seen_file])
        .arg(TOKEN)
        // Neither a proxy nor the caller's credentials.
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Vec<Value> = serde_json::from_slice(&fs::read(seen_file).unwrap()).unwrap();
    assert_eq!(seen.len(), cases.len());
    seen.iter().map(read).collect()
}

fn read(seen: &Value) -> Result<Wire, String> {
    if let Some(error) = seen["error"].as_str() {
        return Err(error.to_owned());
    }
    let text = |name: &str| seen[name].as_str().unwrap();
    let headers = seen["headers"].as_array().unwrap().iter().map(|header| {
        let text = |index: usize| header[index].as_str().unwrap();
        (text(0).to_lowercase(), text(1).to_owned())
    });
    Ok(Wire::read(text("method"), text("target"), headers, text("body").as_bytes()))
}

/// The keyword arguments of the SDK's method.
fn keywords(operation: &Operation, given: &Given) -> Value {
    let parameters = given.path.iter().chain(&given.query).chain(&given.header);
    let name = |name: &str| match name {
        "IAM-ApiKey" => "iam_api_key".to_owned(),
        _ => name.to_lowercase().replace('-', "_"),
    };
    let mut keywords: Map<_, _> =
        parameters.map(|(wire, value)| (name(wire), value.clone())).collect();
    match (&given.body, &operation.body) {
        (Some(Value::Object(fields)), _) => {
            keywords.extend(fields.iter().map(|(wire, value)| (name(wire), value.clone())));
        }
        (Some(value), Some(body)) => {
            keywords.insert(body.sdk_arg.clone().expect("the SDK names it"), value.clone());
        }
        _ => {}
    }
    Value::Object(keywords)
}

/// What we send in the same call; `None` if nothing.
async fn ours(stage: &Stage, subject: &Subject<'_>, given: &Given) -> Option<Wire> {
    let maker = Maker { models: subject.models, style: Style::received(Fill::All) };
    let values = to_call(given);
    let outcome = stage.call(subject.call.send, &values, subject.success(maker).0).await;
    outcome.seen.as_ref().map(Wire::seen)
}

#[tokio::test]
async fn ibms_python_sdk_sends_the_same_requests() {
    let Some(python) = PYTHON.as_deref() else { return };
    let everything = Everything::load();
    let subjects = everything.subjects();
    let mut calls = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.operation.id != token::ID) {
        for (name, fill) in [("all", Fill::All), ("none", Fill::Required), ("empty", Fill::Empty)] {
            calls.push((subject, name, given(subject.operation, subject.models, fill)));
        }
    }
    assert_eq!(calls.len(), 200 * 3);
    let cases: Vec<_> = calls
        .iter()
        .map(|(subject, _, given)| {
            json!({
                "service": subject.service,
                "operation": subject.operation.id,
                "arguments": keywords(subject.operation, given),
            })
        })
        .collect();
    let theirs = record(python, &cases);
    let stage = Stage::new().await;
    let mut failures = Vec::new();
    for ((subject, case, given), theirs) in calls.iter().zip(theirs) {
        let lines = match (theirs, ours(&stage, subject, given).await) {
            (Ok(theirs), Some(ours)) => ours.differences(&theirs),
            (Ok(_), None) => vec!["we send nothing".to_owned()],
            (Err(error), _) => vec![format!("the SDK: {error}")],
        };
        let call = format!("{} {}, {case}", subject.service, subject.operation.id);
        failures.extend(lines.into_iter().map(|line| format!("{call}: {line}")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The grants that the SDK's core knows.
#[tokio::test]
async fn ibms_token_managers_send_the_same_requests() {
    let Some(python) = PYTHON.as_deref() else { return };
    let grant = |name: &str| format!("urn:ibm:params:oauth:grant-type:{name}");
    let (text, profile, scope) = ("k ä/b&c=d+e", "Profile-1", "ibm openid");
    let managers = [
        (
            "IAMTokenManager",
            json!({"apikey": text, "scope": scope}),
            json!({"grant_type": grant("apikey"), "apikey": text, "scope": scope,
                "response_type": "cloud_iam"}),
        ),
        (
            "ContainerTokenManager",
            json!({"cr_token": text, "iam_profile_name": "p", "iam_profile_id": profile}),
            json!({"grant_type": grant("cr-token"), "cr_token": text, "profile_name": "p",
                "profile_id": profile}),
        ),
        (
            "IAMAssumeTokenManager",
            json!({"apikey": text, "iam_profile_id": profile}),
            json!({"grant_type": grant("assume"), "access_token": "", "profile_id": profile}),
        ),
        (
            "IAMAssumeTokenManager",
            json!({"apikey": text, "iam_profile_name": "p ä", "iam_account_id": "a"}),
            json!({"grant_type": grant("assume"), "access_token": "", "profile_name": "p ä",
                "account": "a"}),
        ),
    ];
    let cases = managers
        .iter()
        .map(|(manager, arguments, _)| json!({"manager": manager, "arguments": arguments}));
    let theirs = record(python, &cases.collect::<Vec<_>>());
    let everything = Everything::load();
    let subject = everything.subject("identity", token::ID);
    let stage = Stage::new().await;
    for ((manager, _, body), theirs) in managers.into_iter().zip(theirs) {
        let mut theirs = theirs.unwrap();
        // It was made up when it was asked for.
        theirs.blank("access_token");
        let given = Given { body: Some(body), ..Given::default() };
        let ours = ours(&stage, &subject, &given).await.unwrap();
        let differences = ours.differences(&theirs);
        assert_eq!(differences, [""; 0], "{manager}");
    }
}
