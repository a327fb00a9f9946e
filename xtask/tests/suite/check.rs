//! `check` finds what does not fit, and names what mends it.

use crate::support::{Bench, OTHERS, PETS, Ran, ZEROS};

/// The one line that failed, with the lines that belong to it.
fn failure(ran: &Ran) -> String {
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.ends_with(", 1 failed\n"), "{}", ran.text);
    let lines = ran.text.lines().skip_while(|line| !line.starts_with("FAIL"));
    let mut lines = lines.take_while(|line| line.starts_with("FAIL") || line.starts_with(' '));
    let first = lines.next().unwrap().to_owned();
    lines.fold(first, |text, line| text + "\n" + line)
}

#[test]
fn a_sound_workspace_passes_line_by_line() {
    let bench = Bench::with_pets();
    let ran = bench.run(&["check"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    let lines: Vec<_> = ran.text.lines().map(|line| line.split(':').next().unwrap()).collect();
    let expected = [
        "ok    manifest",
        "ok    lock",
        "ok    lock names",
        "ok    pets file",
        "ok    others file",
        "ok    pets pipeline",
        "ok    overlay files",
        "ok    README.md",
        "ok    roles.json",
        "ok    leftovers",
        "10 passed, 0 failed",
    ];
    assert_eq!(lines, expected);
    assert!(ran.text.contains("ok    others file: never pulled; it is only watched"));
    assert!(ran.text.contains("1 operations, "), "{}", ran.text);
    assert!(ran.text.contains(", 1 overlay actions, the same twice"), "{}", ran.text);
}

#[test]
fn a_watched_document_goes_through_the_pipeline_too() {
    let bench = Bench::with_pets();
    bench.pull_from_file("others", "new/others.yml", OTHERS);
    let ran = bench.run(&["check"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.contains("ok    others pipeline: 1 operations"), "{}", ran.text);
}

#[test]
fn an_edited_document_is_named_with_the_command_that_mends() {
    let bench = Bench::with_pets();
    bench.write("openapi/pets.json", PETS.replace("Get a pet", "Get the pet"));
    let ran = bench.run(&["check"]);
    let failure = failure(&ran);
    assert!(failure.starts_with("FAIL  pets file: "), "{failure}");
    let path = bench.path("openapi/pets.json");
    let mend = format!("run: cargo xtask pull pets --from {}", path.display());
    assert!(failure.ends_with(&mend), "{failure}");
    // The command does what it promises.
    assert_eq!(bench.run(&["pull", "pets", "--from", path.to_str().unwrap()]).code, 10);
    assert_eq!(bench.run(&["check"]).code, 0);
}

#[test]
fn hash_and_size_both_count() {
    let bench = Bench::with_pets();
    let lock = bench.lock();
    let hash = lock.lines().find_map(|line| line.strip_prefix("sha256 = ")).unwrap();
    let size = format!("bytes = {}", PETS.len());
    for wrong in [
        lock.replace(hash, &format!("\"{ZEROS}\"")),
        lock.replace(&size, &format!("bytes = {}", PETS.len() + 1)),
    ] {
        bench.write("openapi/sources.lock.toml", wrong);
        let failure = failure(&bench.run(&["check"]));
        assert!(failure.contains("is not the file that the lock describes"), "{failure}");
    }
}

#[test]
fn what_is_missing_or_too_much_is_found() {
    type Break = fn(&Bench);
    let cases: [(&str, Break, &str); 10] = [
        (
            "no entry",
            |bench| bench.write("openapi/sources.lock.toml", ""),
            "pets.json has no lock entry; run: cargo xtask pull pets --from ",
        ),
        (
            "entry of nobody",
            |bench| {
                let entry = bench.lock().replace("\"pets\"", "\"ghosts\"");
                let entry = entry.split_once("\n\n").unwrap().1.to_owned();
                bench.write("openapi/sources.lock.toml", bench.lock() + &entry);
            },
            "FAIL  lock names: the lock has an entry for ghosts",
        ),
        ("lock unreadable", |bench| bench.write("openapi/sources.lock.toml", "?"), "FAIL  lock: "),
        (
            "overlay stale",
            |bench| {
                let file = "openapi/overlays/pets.yaml";
                bench.write(file, bench.read(file).replace("Pet.", "Cat."));
            },
            "FAIL  pets pipeline: ",
        ),
        (
            "overlay of nobody",
            |bench| bench.write("openapi/overlays/cats.yaml", ""),
            "cats.yaml; add it to `overlays` in sources.toml, or remove it",
        ),
        ("roles", |bench| bench.write("openapi/roles.json", "{"), "FAIL  roles.json: "),
        (
            "leftover",
            |bench| bench.write("openapi/.xtask-a1.tmp", ""),
            ".xtask-a1.tmp was left over; remove it",
        ),
        (
            "leftover below",
            |bench| bench.write("openapi/overlays/pets.yaml~", ""),
            "FAIL  leftovers: ",
        ),
        (
            "watched file without entry",
            |bench| bench.write("openapi/watch/others.yml", OTHERS),
            "FAIL  others file: ",
        ),
        (
            "watched file missing",
            |bench| {
                bench.pull_from_file("others", "new/others.yml", OTHERS);
                std::fs::remove_file(bench.path("openapi/watch/others.yml")).unwrap();
            },
            "others.yml is missing; run: cargo xtask pull others",
        ),
    ];
    for (name, damage, expected) in cases {
        let bench = Bench::with_pets();
        damage(&bench);
        let failure = failure(&bench.run(&["check"]));
        assert!(failure.contains(expected), "{name}: {failure}");
    }
}

#[test]
fn a_manifest_is_held_to_what_pull_accepts() {
    for (from, to, expected) in [
        ("https://example.com/p", "http://example.com/p", "is plain http beyond this machine"),
        ("https://example.com/p", "https://me:pw@example.com/p", "holds credentials"),
        ("[\"https://example.com/pets.json\"]", "[]", "pets has no address in `upstream`"),
        ("file = \"pets.json\"", "file = \"pets.yaml\"", "the extension of its format"),
        ("watch/others.yml", "pets.json", "the extension of its format"),
        ("name = \"others\"", "name = \"pets\"", "stands here twice"),
    ] {
        let bench = Bench::with_pets();
        let manifest = bench.read("openapi/sources.toml");
        bench.write("openapi/sources.toml", manifest.replace(from, to));
        let failure = failure(&bench.run(&["check"]));
        assert!(failure.starts_with("FAIL  manifest: "), "{failure}");
        assert!(failure.contains(expected), "{failure}");
    }
}

#[test]
fn the_generated_section_of_the_readme_is_checked_and_written() {
    let bench = Bench::with_pets();
    let start = "<!-- What follows is written by `cargo xtask generate`. -->";
    let end = "<!-- What precedes is written by `cargo xtask generate`. -->";
    bench.write("openapi/README.md", format!("# Pets\n\n{start}\nold\n{end}\n\nMore.\n"));
    let stale = failure(&bench.run(&["check"]));
    let expected = "README.md is out of date; run: cargo xtask generate --no-build";
    assert!(stale.contains(expected), "{stale}");
    let ran = bench.run(&["generate", "--no-build"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert_eq!(
        bench.read("openapi/README.md"),
        format!(
            "# Pets\n\n{start}\n\n### pets\n\nNo action known (1 of 1):\n`get_pet`.\n\n\
             No event known (1 of 1):\n`get_pet`.\n\n{end}\n\nMore.\n"
        )
    );
    assert_eq!(bench.run(&["check"]).code, 0);
    bench.write("openapi/README.md", start);
    let cut = failure(&bench.run(&["check"]));
    assert!(cut.contains("and not the line"), "{cut}");
}
