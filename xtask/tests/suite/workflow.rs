//! `.github/workflows/drift.yml`: its scripts, run with a cargo and a gh that
//! answer as a test says.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

use iam_codegen::{Limits, document::parse_value};
use serde_json::Value;
use tempfile::TempDir;

fn workflow() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.github/workflows/drift.yml");
    parse_value("drift.yml", &fs::read(path).unwrap(), &Limits::default()).unwrap()
}

fn steps() -> Vec<Value> {
    workflow()["jobs"]["drift"]["steps"].as_array().unwrap().clone()
}

fn script(name: &str) -> String {
    let steps = steps();
    let step = steps.iter().find(|step| step["name"] == name).unwrap();
    step["run"].as_str().unwrap().to_owned()
}

/// A directory in which scripts run, with programs of its own first in the path.
struct Runner(TempDir);

impl Runner {
    fn new() -> Self {
        let runner = Self(tempfile::tempdir().unwrap());
        for directory in ["bin", "work", "temp"] {
            fs::create_dir(runner.0.path().join(directory)).unwrap();
        }
        runner
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.0.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.path().join(name)).unwrap_or_default()
    }

    /// Runs a script as GitHub does: in bash, until something fails.
    fn run(&self, script: &str) -> Output {
        let at = |name: &str| self.0.path().join(name);
        let path = format!("{}:{}", at("bin").display(), std::env::var("PATH").unwrap());
        Command::new("bash")
            .args(["-e", "-c", script])
            .current_dir(at("work"))
            .env("PATH", path)
            .env("LOG", at("log"))
            .env("RUNNER_TEMP", at("temp"))
            .env("GITHUB_OUTPUT", at("output"))
            .env("GITHUB_STEP_SUMMARY", at("summary"))
            .env("BRANCH", "drift/update")
            .env("BASE", "main")
            .output()
            .unwrap()
    }
}

#[test]
fn nothing_but_the_default_token_and_pinned_actions() {
    let text = workflow().to_string();
    assert!(!text.contains("secrets."), "{text}");
    let workflow = workflow();
    assert_eq!(workflow["permissions"]["contents"], "read");
    let job = workflow["jobs"]["drift"]["permissions"].as_object().unwrap();
    let job: Vec<_> = job.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(job, [("contents", Some("write")), ("pull-requests", Some("write"))]);
    for step in steps() {
        if let Some(action) = step["uses"].as_str() {
            let (_, commit) = action.split_once('@').unwrap();
            assert!(
                commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()),
                "{action}"
            );
        }
        if let Some(script) = step["run"].as_str() {
            assert!(!script.contains("${{"), "an expression in a script: {script}");
            let checked = Command::new("bash").args(["-n", "-c", script]).output().unwrap();
            assert!(checked.status.success(), "{script}: {checked:?}");
        }
    }
}

#[test]
fn every_exit_code_of_drift_is_told_apart() {
    for (code, passes) in [(0, true), (1, true), (2, true), (3, true), (64, false), (101, false)] {
        let runner = Runner::new();
        runner.program("cargo", &format!("echo \"$*\" >> \"$LOG\"; echo report; exit {code}"));
        let output = runner.run(&script("Compare"));
        assert_eq!(output.status.success(), passes, "{code}: {output:?}");
        assert_eq!(runner.read("output"), format!("code={code}\n"));
        assert_eq!(runner.read("summary"), "report\n");
        let log = runner.read("log");
        assert_eq!(log, "xtask drift --format github\nxtask drift --format markdown\n");
    }
    let steps = steps();
    let last = steps.last().unwrap();
    assert_eq!(last["if"], "always() && steps.drift.outputs.code == '3'");
    assert!(!Runner::new().run(last["run"].as_str().unwrap()).status.success());
}

#[test]
fn an_update_that_failed_fails_the_run() {
    for (code, passes) in [(0, true), (10, true), (1, false), (64, false), (101, false)] {
        let runner = Runner::new();
        runner.program("cargo", &format!("echo \"$*\" >> \"$LOG\"; exit {code}"));
        let output = runner.run(&script("Update"));
        assert_eq!(output.status.success(), passes, "{code}: {output:?}");
        assert_eq!(runner.read("output"), format!("code={code}\n"));
        assert!(runner.read("log").starts_with("xtask update --report "));
    }
}

#[test]
fn there_is_one_pull_request_and_it_is_kept_up_to_date() {
    let runner = Runner::new();
    let git = |script: &str| {
        let output = runner.run(script);
        assert!(output.status.success(), "{script}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    git("git init -q --bare ../origin && git init -q -b main . \
         && git config user.name t && git config user.email t@example.com \
         && git config commit.gpgsign false && git remote add origin ../origin \
         && mkdir -p openapi tests/snapshots && touch openapi/a tests/snapshots/b CHANGELOG.md Cargo.lock \
         && git add . && git commit -q -m first");
    for (open, expected) in [("", "pr create --head drift/update"), ("7", "pr edit 7 --title")] {
        runner.program(
            "gh",
            &format!("echo \"$*\" >> \"$LOG\"; if [ \"$2\" = list ]; then echo '{open}'; fi"),
        );
        // The update of a fresh checkout.
        git(&format!("git switch -q main; echo 'new {open}' > openapi/a; echo r > stray"));
        git(&script("Pull request"));
        let log = runner.read("log");
        assert!(log.lines().last().unwrap().starts_with(expected), "{log}");
        assert!(log.contains("temp/report.md"), "{log}");
        let pushed = git("git -C ../origin log --format=%s drift/update");
        assert_eq!(pushed, "Take in the documents as published\nfirst\n");
        let content = git("git -C ../origin show drift/update:openapi/a");
        assert_eq!(content, format!("new {open}\n"));
        let files = git("git -C ../origin show --format= --name-only drift/update");
        assert_eq!(files, "openapi/a\n");
    }
    assert_eq!(runner.read("log").matches("pr create").count(), 1);
}
