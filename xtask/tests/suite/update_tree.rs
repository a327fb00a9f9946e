//! `update` and the work tree: it has to be clean, what the user does meanwhile
//! stays, links are not followed, and a kill can be mended as the help says.

use std::{fs, thread, time::Duration};

use crate::{
    support::{Bench, PETS},
    update::{CHANGELOG, additive, bench, copies, state, update},
};

/// Fails to update, with the work tree as it was.
fn refused(bench: &Bench, expected: &str) {
    let before = state(bench);
    let ran = update(bench, &additive(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains(expected), "not {expected:?} in {}", ran.text);
    assert!(state(bench) == before, "{}", ran.text);
}

#[test]
fn uncommitted_changes_where_update_makes_its_own_are_refused() {
    let stash = "set them aside: git stash push --include-untracked -- openapi tests/snapshots \
                 CHANGELOG.md";
    for file in ["CHANGELOG.md", "openapi/notes.txt", "tests/snapshots/new/mine.snap"] {
        let bench = bench();
        bench.write(file, "mine");
        refused(&bench, file);
        refused(&bench, stash);
        // What is staged is not committed.
        bench.git(&["add", "."]);
        refused(&bench, file);
        // The command that the message gives does what it says.
        let stash = stash.split_once("git ").unwrap().1;
        bench.git(&stash.split(' ').collect::<Vec<_>>());
        assert_eq!(bench.git(&["status", "--porcelain"]), "");
    }
    let bench = bench();
    bench.write("target/new.json", "");
    fs::rename(bench.path(".git"), bench.path("target/git")).unwrap();
    refused(&bench, "update needs a git work tree");
    bench.git(&["init", "-q"]);
    refused(&bench, "there are uncommitted changes");
    bench.write(".git/info/exclude", "*");
    refused(&bench, "openapi/sources.toml is not under version control");
}

/// Makes the tests of the workspace do this first, as a user might meanwhile.
fn meanwhile(bench: &Bench, statements: &str) {
    let suite = bench.read("tests/suite.rs");
    let root = bench.path(".").display().to_string();
    let start = "fn pin() {\n";
    let statements = format!("{start}    let root = {root:?};\n    {statements}\n");
    bench.write("tests/suite.rs", suite.replacen(start, &statements, 1));
    bench.commit();
}

const WRITE: &str = "let write = |file: &str| \
                     std::fs::write(format!(\"{root}/{file}\"), \"mine\").unwrap();";

#[test]
fn what_the_user_does_meanwhile_stays() {
    let files = ["openapi/mine.txt", "tests/snapshots/mine.snap", "CHANGELOG.md", "src.rs"];
    let bench = bench();
    meanwhile(&bench, &format!("{WRITE} for file in {files:?} {{ write(file); }}"));
    // Whether the update fails in between, …
    let untestable = additive().replace("Get a pet", "untestable");
    let ran = update(&bench, &untestable, &[]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    let check = || {
        for file in files {
            assert_eq!(bench.read(file), "mine", "{file}");
            fs::remove_file(bench.path(file)).unwrap();
        }
        bench.git(&["checkout", "-q", "CHANGELOG.md"]);
        assert_eq!(bench.git(&["status", "--porcelain"]), "");
    };
    check();
    // … or would overwrite it, …
    let ran = update(&bench, &additive(), &[]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(
        ran.text.contains("CHANGELOG.md was changed while the update was made"),
        "{}",
        ran.text
    );
    assert!(!bench.path("target/drift-report.md").exists());
    check();
    // … or has nothing to do with it.
    let suite = bench.read("tests/suite.rs").replace("\"CHANGELOG.md\", ", "");
    bench.write("tests/suite.rs", suite);
    let ran = update(&bench, &additive(), &[]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("openapi/pets.json"), additive());
    for file in ["openapi/mine.txt", "tests/snapshots/mine.snap", "src.rs"] {
        assert_eq!(bench.read(file), "mine", "{file}");
    }
}

#[test]
fn snapshots_that_wait_for_review_are_neither_used_nor_touched() {
    let bench = bench();
    meanwhile(&bench, "assert!(!std::path::Path::new(\"snapshots/pin.snap.new\").exists());");
    bench.write("tests/snapshots/pin.snap.new", "mine");
    let ran = update(&bench, &additive(), &[]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("tests/snapshots/pin.snap.new"), "mine");
    assert_ne!(bench.read("tests/snapshots/pin.snap"), "before");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_tree() {
    use std::os::unix::fs::symlink;
    for place in ["openapi/pets.json", "tests/snapshots", "CHANGELOG.md", "openapi"] {
        let (bench, outside) = (bench(), tempfile::tempdir().unwrap());
        let real = outside.path().join("real");
        fs::rename(bench.path(place), &real).unwrap();
        symlink(&real, bench.path(place)).unwrap();
        bench.commit();
        refused(&bench, &format!("{place} is a symbolic link"));
        assert!(bench.path(place).is_symlink());
        // `pull` would replace a document.
        if place == "openapi/pets.json" {
            bench.fails(
                &["pull", "pets", "--from", bench.path("target/new.json").to_str().unwrap()],
                "pets.json is a symbolic link; put the file itself there",
            );
            assert!(bench.path(place).is_symlink());
            assert_eq!(fs::read_to_string(&real).unwrap(), PETS);
        }
    }
    // Elsewhere they are part of the tree, as the one of iam-client is.
    let bench = bench();
    symlink("../openapi", bench.path("iam-client/openapi")).unwrap();
    symlink(bench.path("target/elsewhere"), bench.path("iam-client/dangling")).unwrap();
    let build = bench.read("iam-client/build.rs").replace("../openapi/pets", "openapi/pets");
    bench.write("iam-client/build.rs", build);
    let uncompilable = additive().replace("Get a pet", "uncompilable");
    let ran = update(&bench, &uncompilable, &[]);
    assert!(ran.text.contains("do not compile"), "{}", ran.text);
}

/// The commands of the help that restore the work tree.
fn restore(bench: &Bench) {
    let help = bench.command(&["update", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands: Vec<_> = help.lines().filter_map(|line| line.strip_prefix("  git ")).collect();
    assert_eq!(commands.len(), 2, "{help}");
    for command in commands {
        bench.git(&command.split(' ').collect::<Vec<_>>());
    }
}

/// The number of times that the program is killed.
const KILLS: u32 = 24;

#[cfg(unix)]
#[test]
fn a_killed_update_is_mended_as_the_help_says() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = bench();
    // A cargo that makes many snapshots at once.
    let cargo = "#!/bin/sh\n[ \"$1\" = test ] || exit 0\ni=0\nwhile [ $i -lt 150 ]; do\n  \
                 echo new > tests/snapshots/pin$i.snap\n  i=$((i+1))\ndone\n";
    bench.write("target/cargo", cargo);
    fs::set_permissions(bench.path("target/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    for index in 0..75 {
        bench.write(&format!("tests/snapshots/pin{index}.snap"), "old");
    }
    bench.commit();
    bench.write("target/new.json", additive());
    let before = state(&bench);
    let run = || {
        let new = bench.path("target/new.json");
        let arguments = ["update", "pets", "--from", new.to_str().unwrap()];
        let mut command = bench.command(&arguments);
        command.env("CARGO", bench.path("target/cargo")).stdout(std::process::Stdio::null());
        command
    };
    let staged = || {
        let files = fs::read_dir(bench.path("openapi")).unwrap();
        files.flatten().any(|file| file.file_name().to_string_lossy().starts_with(".xtask-"))
    };
    let (mut interrupted, mut torn) = (0, 0);
    for kill in 0..KILLS {
        let mut child = run().spawn().unwrap();
        // A third at any time, the others while the work tree is changed.
        if kill % 3 == 0 {
            thread::sleep(Duration::from_millis(u64::from(kill * 7)));
        } else {
            while child.try_wait().unwrap().is_none() && !staged() {}
            thread::sleep(Duration::from_micros(u64::from(kill * kill * 100)));
        }
        child.kill().unwrap();
        interrupted += usize::from(child.wait().unwrap().code().is_none());
        torn += usize::from(state(&bench) != before);
        restore(&bench);
        assert!(state(&bench) == before, "kill {kill} left something behind");
    }
    println!("{interrupted} of {KILLS} kills interrupted it, {torn} with the work tree changed");
    assert!(interrupted > 0 && torn > 0);
    // And the next one is none the worse.
    assert_eq!(run().status().unwrap().code(), Some(10));
    assert_eq!(bench.read("tests/snapshots/pin149.snap"), "new\n");
    assert!(bench.read("CHANGELOG.md").starts_with(CHANGELOG));
    assert_eq!(copies(&bench), 0);
}
