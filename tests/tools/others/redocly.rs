//! `redocly diff`, from npm.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};

use super::{Broken, Pair, Verdict};
use crate::workspace;

/// What is installed: the version that `.ci/validate-documents` has.
const PACKAGE: &str = "@redocly/cli@2.77.0";

/// Runs a command; `Err` holds what it printed, or why it did not start.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&said)))
}

/// The program, installed; `Err` says why it cannot be.
fn install() -> Result<PathBuf, String> {
    // npm only warns of others.
    let versions = "const [a, b] = process.versions.node.split('.').map(Number);
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)";
    run(Command::new("node").args(["-e", versions]))
        .map_err(|why| format!("Node.js 20.19 or 22.12 or later is needed: {why}"))?;
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("redocly");
    let program = directory.join("node_modules/@redocly/cli/lib/index.js");
    let done = directory.join("installed");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == PACKAGE) && program.exists() {
        return Ok(program);
    }
    fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let npm = ["install", "--loglevel=error", "--no-audit", "--no-fund", "--no-save", "--prefix"];
    run(Command::new("npm").args(npm).arg(&directory).arg(PACKAGE))
        .map_err(|why| format!("npm: {why}"))?;
    fs::write(done, PACKAGE).map_err(|error| error.to_string())?;
    Ok(program)
}

/// What it says of each pair; `Err` says why it cannot be asked.
pub(super) fn verdicts(pairs: &[Pair]) -> Result<Vec<Verdict>, String> {
    let program = install()?;
    let directory = tempfile::tempdir().unwrap();
    let at = |index: usize, what: &str| directory.path().join(format!("{index}.{what}.json"));
    let mut list = Vec::new();
    for (index, pair) in pairs.iter().enumerate() {
        fs::write(at(index, "old"), pair.old.to_string()).unwrap();
        fs::write(at(index, "new"), pair.new.to_string()).unwrap();
        list.push(json!([at(index, "old"), at(index, "new"), at(index, "report")]));
    }
    let pairs_file = directory.path().join("pairs.json");
    fs::write(&pairs_file, json!(list).to_string()).unwrap();
    let script = workspace::root().join("tests/tools/others/diff.mjs");
    let ran = run(Command::new("node")
        .arg(script)
        .args([&program, &pairs_file])
        // Where no configuration is.
        .current_dir(directory.path())
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true"));
    assert_eq!(ran, Ok(()), "redocly diff");
    Ok((0..pairs.len()).map(|index| read(&at(index, "report"))).collect())
}

/// What a report says.
fn read(report: &Path) -> Verdict {
    let Ok(bytes) = fs::read(report) else { return Err("no report".to_owned()) };
    let report: Value = serde_json::from_slice(&bytes).unwrap();
    let mut broken = Vec::new();
    for change in report["changes"].as_array().unwrap() {
        let place = change["path"].as_str().unwrap().trim_start_matches('#');
        for verdict in change["verdicts"].as_array().unwrap() {
            if verdict["impact"] == "major" {
                broken.push(Broken {
                    rule: verdict["ruleId"].as_str().unwrap().to_owned(),
                    message: verdict["message"].as_str().unwrap().to_owned(),
                    places: vec![place.to_owned()],
                });
            }
        }
    }
    Ok(broken)
}
