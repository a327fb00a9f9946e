//! IBM's documents of 2023-09-08, which `IAM_EXTRA_DOCUMENTS` has, against those that
//! were transcribed from them: what they change in the client, and whether the client
//! reads their examples. What was pulled since is no transcription, and left out.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write as _},
    path::PathBuf,
};

use iam_codegen::{
    Document, Limits, Output, Settings,
    api::{Api, Encoding, Operation, Type},
    document::parse_value,
    sources::{Source, Sources},
    surface::surface,
};
use iam_tests::schemas::{self, Module};
use serde_json::Value;

use crate::{
    documents::assert_none,
    openapi::{self, Vendored, elements, entries, strings},
    workspace,
};

/// By service, IBM's examples that do not fit the types, and why.
const MISFITS: [(&str, &[(&str, &str)]); 3] = [
    (
        "identity",
        &[
            ("list_account_settings_templates/200", "a number where a text is declared"),
            ("create_account_settings_template/201", "a number where a text is declared"),
            (
                "get_latest_account_settings_template_version/200",
                "a number where a text is declared",
            ),
            ("list_versions_of_account_settings_template/200", "a number where a text is declared"),
            ("create_account_settings_template_version/201", "a number where a text is declared"),
            ("get_account_settings_template_version/200", "a number where a text is declared"),
            ("update_account_settings_template_version/200", "a number where a text is declared"),
            ("getAccountSettings/200", "an object where a list is declared"),
            ("updateAccountSettings/200", "an object where a list is declared"),
            ("get_report/200", "an object where a list is declared"),
            ("list_api_keys/200", "an object where a list is declared"),
            ("get_mfa_report/200", "an object where a list is declared"),
            ("get_mfa_status/200", "a required field is missing"),
            ("get_profile_identities/200", "a text where a list is declared"),
            ("set_profile_identities/200", "a text where a list is declared"),
            ("set_profile_identity/200", "a required field is missing"),
            ("list_claim_rules/200", "a required field is missing"),
            ("create_claim_rule/201", "an object where a list is declared"),
            ("get_claim_rule/200", "an object where a list is declared"),
            ("update_claim_rule/200", "an object where a list is declared"),
            ("list_service_ids/200", "an object where a text is declared"),
        ],
    ),
    (
        "policy_management",
        &[
            ("list_policy_templates/200", "the state is newer"),
            ("create_policy_template/201", "counts were texts"),
            ("get_policy_template/200", "the state is newer"),
            ("list_policy_template_versions/200", "the state is newer"),
            ("create_policy_template_version/201", "counts were texts"),
            ("get_policy_template_version/200", "the state is newer"),
            ("replace_policy_template/200", "the state is newer"),
        ],
    ),
    ("access_groups", &[]),
];

/// IBM's document of 2023 for each source that was transcribed from it, by service. The
/// last part of the address of a source is the name of the file.
fn published(sources: &Sources) -> Vec<(&str, &Source, PathBuf)> {
    let lock = fs::read_to_string(workspace::root().join("openapi/sources.lock.toml")).unwrap();
    let transcribed = |source: &Source| {
        let mut entries = lock.split("[[document]]");
        let entry = entries.find(|entry| entry.contains(&format!("name = \"{}\"", source.name)));
        let is = entry.expect("the lock has it").contains("how = \"transcribed\"");
        if !is {
            let _ = writeln!(io::stderr(), "skipped: {} is no transcription", source.name);
        }
        is
    };
    let file = |source: &Source| {
        let file = source.upstream[0].rsplit('/').next()?;
        workspace::extra_document(&format!("ibm-2023-09-08/{file}"))
    };
    let transcribed = sources.client().filter(|(_, source)| transcribed(source));
    transcribed.filter_map(|(service, source)| Some((service, source, file(source)?))).collect()
}

fn generate(sources: &Sources, service: &str, source: &Source, document: Document) -> Output {
    let overlays = sources.overlays(source).unwrap();
    iam_codegen::run(document, &overlays, &Settings::for_service(service)).unwrap()
}

fn read(path: &PathBuf) -> Document {
    let bytes = fs::read(path).unwrap();
    Document::parse(path.display().to_string(), &bytes, &Limits::default()).unwrap()
}

/// The listings of a surface, by the name of what is listed.
fn listings(output: &Output) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    for area in surface(&output.source).unwrap() {
        for listing in area.listing.split("\n\n").filter(|listing| !listing.trim().is_empty()) {
            let lines: Vec<_> = listing.trim_end().lines().map(str::to_owned).collect();
            let name = lines[0].split('(').next().unwrap_or_default().to_owned();
            assert!(found.insert(name, lines).is_none(), "{} is listed twice", lines_of(listing));
        }
    }
    found
}

fn lines_of(listing: &str) -> &str {
    listing.lines().next().unwrap_or_default()
}

/// The differences of `new` from `old`. Types that are no longer there are left out:
/// what used them tells.
fn differences(old: &Output, new: &Output) -> Vec<String> {
    let is_type =
        |name: &str| ["struct ", "enum ", "union "].iter().any(|word| name.starts_with(word));
    let (old, new) = (listings(old), listings(new));
    let mut found = Vec::new();
    for (name, lines) in &old {
        match new.get(name) {
            None if is_type(name) => {}
            None => found.push(format!("{name} is missing")),
            Some(others) => {
                let only = |a: &[String], b: &[String], sign: &str| {
                    let only = a.iter().filter(|line| !b.contains(line));
                    only.map(|line| format!("{name}: {sign} {}", line.trim())).collect::<Vec<_>>()
                };
                found.extend(only(lines, others, "-"));
                found.extend(only(others, lines, "+"));
            }
        }
    }
    let come = new.keys().filter(|name| !old.contains_key(*name));
    found.extend(come.map(|name| format!("{name} is new")));
    found
}

#[test]
fn what_ibm_published_in_2023_changes_only_what_it_lacks() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let file = workspace::root().join("tests/ibm-2023-09-08.yaml");
    let listed = parse_value("listed", &fs::read(file).unwrap(), &Limits::default()).unwrap();
    let mut wrong = Vec::new();
    for (service, source, path) in published(&sources) {
        let document = sources.document(source).unwrap();
        let vendored = generate(&sources, service, source, document);
        let theirs = generate(&sources, service, source, read(&path));
        let differences = differences(&vendored, &theirs);
        let reasons: Vec<_> = elements(&listed[service]).collect();
        let explained: BTreeSet<&str> =
            reasons.iter().flat_map(|entry| strings(&entry["lines"])).collect();
        let unlike = |line: &&String| !explained.iter().any(|part| line.contains(part));
        wrong.extend(differences.iter().filter(unlike).map(|line| format!("{service}: {line}")));
        let idle = |part: &&&str| !differences.iter().any(|line| line.contains(**part));
        wrong.extend(explained.iter().filter(idle).map(|part| format!("{service}: no {part}")));

        // What both have is called the same.
        let names = |api: &Api| -> BTreeMap<(String, String), String> {
            let key = |o: &Operation| (o.method.clone(), o.path.clone());
            api.operations.iter().map(|o| (key(o), o.name.clone())).collect()
        };
        let (ours, theirs) = (names(&vendored.api), names(&theirs.api));
        assert!(theirs.iter().all(|(key, name)| ours.get(key) == Some(name)), "{service}");
    }
    assert_none(&wrong);
}

/// Reads `value` as `type_`; the error says what does not fit.
fn decode(module: &Module, type_: &Type, value: &Value) -> Result<(), String> {
    match type_ {
        Type::Named(name) => {
            let type_ = module.types.iter().find(|type_| type_.name == name).unwrap();
            (type_.show)(value.clone()).map(|_| ()).map_err(|error| error.to_string())
        }
        Type::List(item) => elements(value).try_for_each(|value| decode(module, item, value)),
        Type::Nullable(inner) if !value.is_null() => decode(module, inner, value),
        Type::Boxed(inner) => decode(module, inner, value),
        _ => Ok(()),
    }
}

/// The examples of a document, each with where it is and the type that the
/// client has for it.
fn examples<'a>(document: &'a Value, api: &'a Api) -> Vec<(String, &'a Type, &'a Value)> {
    let mut found = Vec::new();
    for operation in openapi::operations(document) {
        let known = api.operations.iter().find(|known| {
            known.path == operation.path && known.method.eq_ignore_ascii_case(operation.method)
        });
        let known = known.unwrap_or_else(|| panic!("the client has no {}", operation.id));
        let mut add = |place: String, holder: &'a Value, type_: &'a Type| {
            for (media, content) in entries(&holder["content"]) {
                let at = format!("{}/{place}/{media}", operation.id);
                if let Some(example) = content.get("example") {
                    found.push((format!("{at}/example"), type_, example));
                }
                for (name, example) in entries(&content["examples"]) {
                    found.push((format!("{at}/examples/{name}"), type_, &example["value"]));
                }
            }
        };
        if let (Some(body), Some(holder)) = (&known.body, operation.body())
            && body.encoding != Encoding::Text
        {
            add("body".to_owned(), holder, &body.type_);
        }
        for (status, response) in operation.successes() {
            let number: u16 = status.parse().unwrap();
            let reply = known.success.replies.iter().find(|(known, _)| *known == number);
            if let Some((_, Some(content))) = reply
                && content.encoding == Encoding::Json
            {
                add(status.to_owned(), response, &content.type_);
            }
        }
    }
    found
}

/// The number of examples of `document`, and those that the types of `service` do not read.
fn unread_of(
    sources: &Sources,
    service: &str,
    source: &Source,
    document: &Value,
) -> (usize, Vec<String>) {
    let api = generate(sources, service, source, sources.document(source).unwrap()).api;
    let modules = schemas::all();
    let module = modules.iter().find(|module| module.document == source.name).unwrap();
    let examples = examples(document, &api);
    let unread = examples.iter().filter_map(|(at, type_, example)| {
        decode(module, type_, example).err().map(|error| format!("{at}: {error}"))
    });
    (examples.len(), unread.collect())
}

/// The number of examples of a vendored document, and those that its types do not read;
/// `snapshots` pins them.
pub(crate) fn unread(vendored: &Vendored) -> (usize, Vec<String>) {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let (service, source) =
        sources.client().find(|(service, _)| *service == vendored.service).unwrap();
    unread_of(&sources, service, source, &vendored.document)
}

#[test]
fn every_example_of_ibm_is_read_but_those_that_contradict_its_types() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    for (service, source, path) in published(&sources) {
        let (count, unread) = unread_of(&sources, service, source, read(&path).value());
        let (_, misfits) = MISFITS.iter().find(|(misfits_of, _)| *misfits_of == service).unwrap();
        let unlisted =
            |line: &&String| !misfits.iter().any(|(at, _)| line.starts_with(&format!("{at}/")));
        assert_none(&unread.iter().filter(unlisted).cloned().collect::<Vec<_>>());
        assert_eq!(unread.len(), misfits.len(), "{service}: {unread:#?}");
        assert!(count > 20, "{service}: {count}");
    }
}
