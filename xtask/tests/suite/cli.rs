//! The program itself: help, exit codes, and what it writes where.

use std::process::Output;

use crate::{
    server::{Reply, Server, nobody},
    support::{Bench, PETS},
};

fn xtask(bench: &Bench, arguments: &[&str]) -> Output {
    bench.command(arguments).output().unwrap()
}

#[test]
fn every_command_has_an_example_and_its_exit_codes_in_its_help() {
    let bench = Bench::new(&[]);
    for command in ["", "pull", "drift", "update", "generate", "surface", "check"] {
        let arguments: Vec<_> = [command, "--help"].into_iter().filter(|a| !a.is_empty()).collect();
        let output = xtask(&bench, &arguments);
        assert_eq!(output.status.code(), Some(0));
        let help = String::from_utf8(output.stdout).unwrap();
        assert!(help.contains(&format!("\n  cargo xtask {command}")), "{help}");
        assert!(help.contains("Exit codes"), "{help}");
        // It fits a terminal.
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn exit_codes_tell_what_became_of_it() {
    let bench = Bench::new(&["https://example.com/pets.json"]);
    bench.write("new.json", PETS);
    let file = bench.path("new.json");
    let file = file.to_str().unwrap();
    let cases: [(&[&str], i32); 14] = [
        (&["pull", "pets", "--from", file], 10),
        (&["pull", "pets", "--from", file], 0),
        (&["pull", "pets", "--from", "/nowhere"], 1),
        (&["check"], 0),
        (&["pull", "cats"], 64),
        (&["pull", "--from", file], 64),
        (&["pull", "pets", "others", "--from", file], 64),
        (&["pull", "--timeout", "10"], 64),
        (&["generate", "--spec", file], 64),
        (&["generate", "--out", file], 64),
        (&["generate", "--force"], 64),
        (&["generate", "--overlay", file], 64),
        (&["frobnicate"], 64),
        (&[], 64),
    ];
    for (arguments, expected) in cases {
        let output = xtask(&bench, arguments);
        let shown = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {shown}");
    }
}

#[test]
fn an_error_goes_to_standard_error_with_its_chain() {
    let bench = Bench::new(&[]);
    bench.write("openapi/sources.lock.toml", "?");
    let output = xtask(&bench, &["pull", "pets"]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(1), &b""[..]));
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(shown.starts_with("error: "), "{shown}");
    assert!(shown.contains("\n  caused by: "), "{shown}");
    // No progress bar where there is no terminal.
    assert!(!shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn the_workspace_is_the_one_that_cargo_says() {
    let bench = Bench::with_pets();
    let output = xtask(&bench, &["generate", "--no-build"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(bench.path("target/generated/pets.rs").exists());
}

#[test]
fn plain_http_on_this_machine_goes_through_no_proxy() {
    let server = Server::start(|_| Reply::ok(PETS));
    let bench = Bench::new(&[&server.url("/pets.json")]);
    let mut command = bench.command(&["pull", "pets"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(variable, nobody());
    }
    for variable in ["NO_PROXY", "no_proxy"] {
        command.env_remove(variable);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(10), "{output:?}");
}
