//! IBM's own Python SDK as the other client: called with the same values, it
//! must send the same requests.
//!
//! Not compared are the headers of the connection and the program's name, the
//! order of headers, queries and JSON keys, and how much is percent-encoded; and
//! operations, arguments and fields that a document has and the SDK does not have
//! yet, which are printed. What the SDK has, the document must have.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use serde_json::{Map, Value, json};

use crate::{
    operations::{
        document::Operation,
        stage::{Everything, Stage, Subject},
        values::{Fill, Given, Maker, Style, given},
        wire::{Body, Wire, to_call},
    },
    server::TOKEN,
    workspace,
};

/// The packages that are installed.
const PACKAGES: [&str; 2] = ["ibm-platform-services==0.77.1", "ibm-cloud-sdk-core==3.28.0"];

/// A Python that has the SDK.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    install().unwrap_or_else(|why| panic!("IBM's Python SDK cannot be installed: {why}"))
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
    recorded(python, cases).iter().map(read).collect()
}

/// The output of the script for each case.
fn recorded(python: &Path, cases: &[Value]) -> Vec<Value> {
    let directory = tempfile::tempdir().unwrap();
    let (cases_file, seen_file) =
        (directory.path().join("cases.json"), directory.path().join("seen.json"));
    fs::write(&cases_file, json!(cases).to_string()).unwrap();
    let script = workspace::root().join("tests/tools/record.py");
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
    seen
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

/// The SDK's name of a parameter or field.
fn keyword(name: &str) -> String {
    match name {
        "IAM-ApiKey" => "iam_api_key".to_owned(),
        _ => name.to_lowercase().replace('-', "_"),
    }
}

/// The keyword arguments of the SDK's method.
fn keywords(operation: &Operation, given: &Given) -> Value {
    let parameters = given.path.iter().chain(&given.query).chain(&given.header);
    let mut keywords: Map<_, _> =
        parameters.map(|(wire, value)| (keyword(wire), value.clone())).collect();
    match (&given.body, &operation.body) {
        (Some(Value::Object(fields)), _) => {
            keywords.extend(fields.iter().map(|(wire, value)| (keyword(wire), value.clone())));
        }
        (Some(value), Some(_)) => {
            // The SDK's name for a body that has no fields.
            keywords.insert("body".to_owned(), value.clone());
        }
        _ => {}
    }
    Value::Object(keywords)
}

/// Our request in the same call; `None` if there is none.
async fn ours(stage: &Stage, subject: &Subject<'_>, given: &Given) -> Option<Wire> {
    let maker = Maker { document: subject.document, style: Style::received(Fill::All) };
    let values = to_call(given);
    let outcome = stage.call(subject.call.send, &values, subject.success(maker).0).await;
    outcome.seen.as_ref().map(Wire::seen)
}

/// The SDK's arguments of each operation; `None` where it does not have it.
fn signatures(subjects: &[Subject<'_>]) -> Vec<Option<BTreeSet<String>>> {
    let cases: Vec<_> = subjects
        .iter()
        .map(|subject| json!({"service": subject.service, "signature": subject.operation.name}))
        .collect();
    let list = |seen: &Value| {
        let names = seen["arguments"].as_array()?.iter();
        Some(names.map(|name| name.as_str().unwrap().to_owned()).collect())
    };
    recorded(&PYTHON, &cases).iter().map(list).collect()
}

/// Leaves out what the SDK does not know; gives what that is.
fn known_only(given: &mut Given, known: &BTreeSet<String>) -> Vec<String> {
    let mut unknown = Vec::new();
    let mut keep = |name: &str| {
        let is_known = known.contains(&keyword(name));
        if !is_known {
            unknown.push(name.to_owned());
        }
        is_known
    };
    given.query.retain(|name, _| keep(name));
    given.header.retain(|name, _| keep(name));
    if let Some(Value::Object(fields)) = &mut given.body {
        fields.retain(|name, _| keep(name));
    }
    unknown
}

/// Returns whether a line says that we sent a field inside the body that the SDK, whose
/// models keep known fields only, did not.
fn is_newer_field(line: &str) -> bool {
    line.strip_prefix("body.")
        .and_then(|line| line.split_once(": unexpected: "))
        .is_some_and(|(place, _)| place.contains('.'))
}

#[tokio::test]
async fn ibms_python_sdk_sends_the_same_requests() {
    let everything = Everything::load();
    let subjects = everything.subjects();
    let (mut newer, mut stricter) = (BTreeSet::new(), BTreeSet::new());
    let mut failures = Vec::new();
    let mut calls = Vec::new();
    for (subject, known) in subjects.iter().zip(signatures(&subjects)) {
        let name = format!("{} {}", subject.service, subject.operation.name);
        let Some(known) = known else {
            newer.insert(name);
            continue;
        };
        for (case, fill) in [("all", Fill::All), ("none", Fill::Required), ("empty", Fill::Empty)] {
            let mut given = given(subject.operation, subject.document, fill);
            let unknown = known_only(&mut given, &known);
            newer.extend(unknown.into_iter().map(|argument| format!("{name}: {argument}")));
            let keywords = keywords(subject.operation, &given);
            if fill == Fill::All {
                let missing = known.iter().filter(|known| keywords.get(known).is_none());
                failures.extend(missing.map(|one| format!("{name}: the document has no {one}")));
            }
            calls.push((subject, case, given, keywords));
        }
    }
    assert!(calls.len() > 150 * 3, "{} calls", calls.len());
    let cases: Vec<_> = calls
        .iter()
        .map(|(subject, _, _, keywords)| {
            json!({
                "service": subject.service,
                "operation": subject.operation.name,
                "arguments": keywords,
            })
        })
        .collect();
    let theirs = record(&PYTHON, &cases);
    let stage = Stage::new().await;
    for ((subject, case, given, _), theirs) in calls.iter().zip(theirs) {
        let lines = match (theirs, ours(&stage, subject, given).await) {
            (Ok(theirs), Some(ours)) => ours.differences(&theirs),
            (Ok(_), None) => vec!["we send nothing".to_owned()],
            // The SDK demands more than IBM's document.
            (Err(error), _) if *case != "all" && error.contains("Required property") => {
                stricter.insert(format!("{}: {error}", subject.operation.name));
                continue;
            }
            (Err(error), _) => vec![format!("the SDK: {error}")],
        };
        let call = format!("{} {}, {case}", subject.service, subject.operation.name);
        let (fields, wrong): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| is_newer_field(line));
        failures.extend(wrong.into_iter().map(|line| format!("{call}: {line}")));
        newer.extend(fields.into_iter().map(|line| format!("{call}: {line}")));
    }
    println!("not in the SDK: {newer:#?}");
    println!("refused by the SDK: {stricter:#?}");
    assert!(stricter.len() < 5, "{stricter:#?}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The grants that the SDK's core knows.
#[tokio::test]
async fn ibms_token_managers_send_the_same_requests() {
    let (text, profile) = ("k ä/b&c=d+e", "Profile-1");
    // The manager and its arguments; the operation and its fields; the fields that
    // the manager sends and IBM's document does not have.
    let managers = [
        (
            ("IAMTokenManager", json!({"apikey": text})),
            ("get_token_api_key", json!({"apikey": text})),
            &["response_type"][..],
        ),
        (
            (
                "ContainerTokenManager",
                json!({"cr_token": text, "iam_profile_name": "p", "iam_profile_id": profile}),
            ),
            (
                "get_token_cr_token",
                json!({"cr_token": text, "profile_name": "p", "profile_id": profile}),
            ),
            &[],
        ),
        (
            ("IAMAssumeTokenManager", json!({"apikey": text, "iam_profile_id": profile})),
            ("get_token_assume", json!({"access_token": "", "profile_id": profile})),
            &[],
        ),
        (
            (
                "IAMAssumeTokenManager",
                json!({"apikey": text, "iam_profile_name": "p ä", "iam_account_id": "a"}),
            ),
            (
                "get_token_assume",
                json!({"access_token": "", "profile_name": "p ä", "account": "a"}),
            ),
            &[],
        ),
    ];
    let cases = managers
        .iter()
        .map(|((manager, arguments), ..)| json!({"manager": manager, "arguments": arguments}));
    let theirs = record(&PYTHON, &cases.collect::<Vec<_>>());
    let everything = Everything::load();
    let stage = Stage::new().await;
    for (((manager, _), (operation, body), beyond), theirs) in managers.into_iter().zip(theirs) {
        let mut theirs = theirs.unwrap();
        let Body::Form(fields) = &mut theirs.body else { panic!("{theirs:?}") };
        let sent = fields.len();
        fields.retain(|(name, _)| !beyond.contains(&name.as_str()));
        assert_eq!(sent - fields.len(), beyond.len(), "{manager}");
        // It was made up when it was asked for.
        fields.iter_mut().filter(|(name, _)| name == "access_token").for_each(|(_, v)| v.clear());
        let subject = everything.subject("identity", operation);
        let given = Given { body: Some(body), ..Given::default() };
        let ours = ours(&stage, &subject, &given).await.unwrap();
        let differences = ours.differences(&theirs);
        assert_eq!(differences, [""; 0], "{manager}");
    }
}
