//! Documents that cannot be generated are refused: with the operation, the
//! place, the reason and the remedy, and with everything that is wrong at once.

use std::{fs, path::Path};

use iam_codegen::{Document, Limits, Settings};

use crate::workspace;

fn refusal(path: &Path) -> String {
    let name = path.file_name().unwrap().to_str().unwrap();
    let document = Document::parse(name, &fs::read(path).unwrap(), &Limits::default());
    let outcome = document.and_then(|d| iam_codegen::run(d, &[], &Settings::new("Api")));
    match outcome {
        Ok(_) => panic!("{name} was taken"),
        Err(error) => error.to_string(),
    }
}

/// Each document says in its first lines, as comments, what is to be said of it.
#[test]
fn each_is_refused_for_its_own_reason() {
    let directory = workspace::root().join("tests/rejected");
    let files = workspace::files(&directory);
    assert!(files.len() >= 10, "{files:#?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let expected: Vec<_> = text.lines().map_while(|line| line.strip_prefix("#: ")).collect();
        assert!(!expected.is_empty(), "{} says nothing", file.display());
        assert_eq!(refusal(&file), expected.join("\n"), "{}", file.display());
    }
}
