//! `generate`: readable copies of the client, and standalone crates. Whether
//! what they hold compiles is tested in the `tests` crate.

use std::{fs, path::Path};

use crate::support::{Bench, OTHERS, PETS};

/// A workspace with an iam-client to take the runtime from.
fn bench() -> Bench {
    let bench = Bench::with_pets();
    bench.write(
        "Cargo.toml",
        "[workspace.package]\nedition = \"2024\"\nrust-version = \"1.90\"\n\
         [workspace.dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\n",
    );
    bench.write(
        "iam-client/Cargo.toml",
        "[package]\nname = \"iam-client\"\nedition.workspace = true\n\
         rust-version.workspace = true\n[features]\ndefault = [\"pets\"]\npets = []\n\
         [dependencies]\nserde.workspace = true\n",
    );
    bench.write("iam-client/src/lib.rs", "mod runtime;\npub use runtime::Client;\n");
    bench.write(
        "iam-client/src/runtime/mod.rs",
        "//! The runtime.\nmod client;\npub use client::Client;\n",
    );
    bench.write(
        "iam-client/src/runtime/client.rs",
        "//! The client.\n\n/// It.\npub struct Client;\n\n#[cfg(test)]\nmod tests;\n",
    );
    bench.write("iam-client/src/runtime/client/tests.rs", "#[test]\nfn nothing() {}\n");
    bench.write("Cargo.lock", "version = 4\n");
    bench.write("specs/Pet Store.json", PETS);
    bench
}

/// `generate --spec`, with more arguments.
fn generate(bench: &Bench, out: &Path, more: &[&str]) -> crate::support::Ran {
    let spec = bench.path("specs/Pet Store.json");
    let mut arguments = vec!["generate", "--spec", spec.to_str().unwrap()];
    arguments.extend(["--out", out.to_str().unwrap()]);
    arguments.extend(more);
    bench.run(&arguments)
}

#[test]
fn the_client_is_summed_up_and_can_be_read() {
    let bench = bench();
    let ran = bench.run(&["generate", "--no-build"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    let mut lines = ran.text.lines();
    let cells = |line: Option<&str>| {
        line.unwrap().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let heads = ["document", "operations", "types", "adaptations", "lines", "seconds"];
    assert_eq!(cells(lines.next()), heads);
    let pets = cells(lines.next());
    assert_eq!(pets[..2], ["pets", "1"]);
    let source = bench.read("target/generated/pets.rs");
    assert_eq!(pets[4], source.lines().count().to_string());
    assert_eq!(cells(lines.next())[..2], ["total", "1"]);
    assert_eq!(lines.next(), Some("readable copies are in target/generated"));
    // A watched document is not of the client.
    bench.pull_from_file("others", "new/others.yml", OTHERS);
    assert_eq!(bench.run(&["generate", "--no-build"]).text.lines().count(), 4);
}

#[test]
fn a_build_that_fails_fails_the_command() {
    let mut bench = bench();
    bench.workspace.cargo = "false".into();
    let ran = bench.run(&["generate"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("the generated code does not compile"), "{}", ran.text);
    bench.workspace.cargo = "/nowhere/cargo".into();
    let ran = bench.run(&["generate"]);
    assert!(ran.text.ends_with("error: cannot run /nowhere/cargo\n  caused by: No such file or directory (os error 2)\n"), "{}", ran.text);
}

#[test]
fn a_document_becomes_a_crate_of_its_own() {
    let bench = bench();
    let out = bench.path("a/new/place");
    let ran = generate(&bench, &out, &["--no-build"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.starts_with("made the crate `pet-store` in "), "{}", ran.text);

    let files: Vec<_> = bench
        .state("a")
        .into_iter()
        .filter(|(_, content)| content.is_some())
        .map(|(path, _)| path.strip_prefix(&out).unwrap().display().to_string())
        .collect();
    let expected = [
        ".gitignore",
        "Cargo.lock",
        "Cargo.toml",
        "README.md",
        "adaptations.txt",
        "src/api.rs",
        "src/lib.rs",
        "src/runtime/client.rs",
        "src/runtime/mod.rs",
    ];
    assert_eq!(files, expected);

    let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    let manifest = read("Cargo.toml");
    for line in [
        "name = \"pet-store\"",
        "edition = \"2024\"",
        "default = []",
        "serde = { version = \"1\", features = [\"derive\"] }",
        "[workspace]",
        "[package.metadata.iam-codegen]",
    ] {
        assert!(manifest.lines().any(|found| found == line), "no {line} in:\n{manifest}");
    }
    assert!(!manifest.contains("pets ="), "{manifest}");
    let library = read("src/lib.rs");
    let endpoint = "DEFAULT_ENDPOINT: Option<&str> = Some(\"https://pets.example.com\");";
    assert!(library.contains(endpoint), "{library}");
    // `PET_STORE_URL` and so on.
    assert!(library.contains("SERVICES: &[&str] = &[\"pet_store\"];"), "{library}");
    assert!(library.contains("ROLES: &[runtime::Role] = &[];"), "{library}");
    assert!(library.contains("mod runtime;\n\npub use runtime::Client;\n"), "{library}");
    // Copied as it is, but for its tests.
    assert_eq!(read("src/runtime/mod.rs"), bench.read("iam-client/src/runtime/mod.rs"));
    assert_eq!(read("src/runtime/client.rs"), "//! The client.\n\n/// It.\npub struct Client;\n");
    assert_eq!(read("Cargo.lock"), bench.read("Cargo.lock"));
    assert!(read("README.md").starts_with("# pet-store\n"));
    assert!(read("src/api.rs").contains("PetStore"));
}

#[test]
fn the_same_document_gives_the_same_crate() {
    let bench = bench();
    let out = bench.path("out");
    assert_eq!(generate(&bench, &out, &["--no-build"]).code, 0);
    let first = bench.state("out");
    // What the crate's user put there is replaced as well: the whole is ours.
    fs::write(out.join("src/lib.rs"), "").unwrap();
    let ran = generate(&bench, &out, &["--no-build", "--force"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert_eq!(bench.state("out"), first);
}

#[test]
fn a_directory_that_is_not_ours_is_left_alone() {
    let bench = bench();
    let out = bench.path("out");
    for (file, content) in [("notes.txt", ""), ("Cargo.toml", "[package]\nname = \"mine\"\n")] {
        let _ = fs::remove_dir_all(&out);
        bench.write(&format!("out/{file}"), content);
        let before = bench.state("out");
        for more in [&["--no-build"][..], &["--no-build", "--force"]] {
            let ran = generate(&bench, &out, more);
            assert_eq!(ran.code, 1, "{}", ran.text);
            let expected = "is not empty and holds no generated crate; give another --out";
            assert!(ran.text.contains(expected), "{}", ran.text);
            assert_eq!(bench.state("out"), before);
        }
    }
    // Our own crate is replaced only when asked.
    fs::remove_dir_all(&out).unwrap();
    fs::create_dir(&out).unwrap();
    assert_eq!(generate(&bench, &out, &["--no-build"]).code, 0);
    let ran = generate(&bench, &out, &["--no-build"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("holds a generated crate; replace it with --force"), "{}", ran.text);
    // A file is no directory.
    bench.write("file", "");
    let ran = generate(&bench, &bench.path("file"), &["--no-build"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
}

#[test]
fn a_document_that_is_refused_leaves_nothing_behind() {
    let bench = bench();
    bench.write("specs/Pet Store.json", "{\"swagger\": \"2.0\"}");
    let before = bench.state("");
    let ran = generate(&bench, &bench.path("a/out"), &["--no-build"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("this is Swagger 2.0"), "{}", ran.text);
    assert_eq!(bench.state(""), before);
}

#[test]
fn the_crate_can_be_named() {
    let bench = bench();
    let ran = generate(&bench, &bench.path("a"), &["--no-build", "--name", "paws"]);
    assert!(ran.text.starts_with("made the crate `paws` in "), "{}", ran.text);
    for name in ["serde", "a b", "../a", "fn", ""] {
        let ran = generate(&bench, &bench.path("b"), &["--no-build", "--name", name]);
        assert_eq!(ran.code, 64, "{}", ran.text);
        assert!(ran.text.contains(" is no name for a crate: "), "{}", ran.text);
    }
    assert!(!bench.path("b").exists());
}

#[test]
fn overlays_correct_the_document_in_their_order() {
    let bench = bench();
    let overlay = |actions: &str| {
        format!("overlay: 1.0.0\ninfo: {{title: t, version: '1'}}\nactions:\n{actions}")
    };
    let rename = |from: &str, to: &str| {
        overlay(&format!(
            "  - target: $.paths.*.get[?@ == '{from}']\n    description: Ours.\n    update: {to}\n"
        ))
    };
    bench.write("one.yaml", rename("get_pet", "find_pet"));
    bench.write("two.yaml", rename("find_pet", "fetch_pet"));
    let [one, two] = ["one.yaml", "two.yaml"].map(|file| bench.path(file).display().to_string());
    let out = bench.path("out");
    let ran = generate(&bench, &out, &["--no-build", "--overlay", &one, "--overlay", &two]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    assert!(read("src/api.rs").contains("pub fn fetch_pet("));
    assert!(read("README.md").contains("`Pet Store.json`, corrected by `one.yaml`, corrected by"));
    let manifest = read("Cargo.toml");
    assert!(manifest.contains("\noverlays = [\"one.yaml\", \"two.yaml\"]\n"), "{manifest}");

    // In the wrong order the second fits, and the first is named with its reason.
    let out = bench.path("b");
    let ran = generate(&bench, &out, &["--no-build", "--overlay", &two, "--overlay", &one]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    let expected = format!("{two}: /actions/0: the action matches nothing in ");
    assert!(ran.text.contains(&expected), "{}", ran.text);
    assert!(!ran.text.contains(&one), "{}", ran.text);
    let ran = generate(&bench, &out, &["--no-build", "--overlay", "/nowhere.yaml"]);
    assert!(ran.text.contains("there is no overlay /nowhere.yaml"), "{}", ran.text);
    assert!(!out.exists());
    // What is absent may be, and is told.
    bench.write("three.yaml", rename("gone", "x") + "    x-if-present: true\n");
    let three = bench.path("three.yaml").display().to_string();
    let ran = generate(&bench, &out, &["--no-build", "--overlay", &three]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.contains(&format!("\nskipped: {three}: ")), "{}", ran.text);
}

/// A document with an operation that cannot be generated, and a server without a host.
const IN_PART: &str = r#"{"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
    "servers": [{"url": "/api/{v}", "variables": {"v": {"default": "v3"}}}],
    "paths": {
        "/a": {"get": {"operationId": "get_a", "responses": {"204": {"description": ""}}}},
        "/b//c": {"get": {"operationId": "get_*b*", "responses": {"204": {"description": ""}}}}
    }}"#;

#[test]
fn operations_that_cannot_be_generated_are_left_out_and_listed() {
    let bench = bench();
    bench.write("specs/Pet Store.json", IN_PART);
    let out = bench.path("out");
    let ran = generate(&bench, &out, &["--no-build"]);
    assert_eq!(ran.code, 4, "{}", ran.text);
    let list = "left out 1 operation:\n  get_*b*: /paths/~1b~1~1c/get\n    the path contains `\\` \
        or an empty segment; correct it with an overlay\n";
    assert!(ran.text.ends_with(list), "{}", ran.text);
    let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    let readme = read("README.md");
    assert!(readme.contains("1 operations, generated from"), "{readme}");
    let section = "\n## Operations left out\n\nThese operations of the document could not be \
        generated:\n\n- get b (/paths/~1b~1~1c/get): the path contains or an empty segment; \
        correct it with an overlay\n";
    assert!(readme.ends_with(section), "{readme}");
    assert!(read("src/lib.rs").contains("//! 1 of its operations could not be generated."));
    let adaptations = read("adaptations.txt");
    let line = "\noperations: /paths/~1b~1~1c/get: operation get_*b* left out: ";
    assert!(format!("\n{adaptations}").contains(line), "{adaptations}");
    assert!(read("src/api.rs").contains("fn get_a("));

    // Refused where that is asked for, and nothing is written.
    let out = bench.path("strict");
    let ran = generate(&bench, &out, &["--no-build", "--strict"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("operation get_*b*: the path contains"), "{}", ran.text);
    assert!(!out.exists());
    // Corrected, it has nothing to leave out.
    bench.write(
        "fix.yaml",
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n  \
         - {target: \"$.paths['/b//c']\", description: No path., remove: true}\n",
    );
    let fix = bench.path("fix.yaml").display().to_string();
    let ran = generate(&bench, &out, &["--no-build", "--strict", "--overlay", &fix]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    // Without any operation there is no crate.
    let all = IN_PART.replace("\"/a\"", "\"a\"");
    bench.write("specs/Pet Store.json", all);
    let ran = generate(&bench, &bench.path("none"), &["--no-build"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(!bench.path("none").exists());
}

#[test]
fn an_overlay_can_correct_a_reference() {
    let bench = bench();
    let document =
        IN_PART.replace(r#"{"204": {"description": ""}}"#, r##"{"200": {"$ref": "#/x"}}"##);
    bench.write("specs/Pet Store.json", document.replace("/b//c", "/b"));
    let ran = generate(&bench, &bench.path("out"), &["--no-build", "--strict"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("the reference `#/x` leads nowhere"), "{}", ran.text);
    bench.write(
        "fix.yaml",
        "overlay: 1.0.0\ninfo: {title: t, version: '1'}\nactions:\n  \
         - {target: $, description: It is missing., update: {x: {description: Done.}}}\n",
    );
    let fix = bench.path("fix.yaml").display().to_string();
    let more = ["--no-build", "--strict", "--overlay", &fix];
    let ran = generate(&bench, &bench.path("out"), &more);
    assert_eq!(ran.code, 0, "{}", ran.text);
}

#[test]
fn a_server_without_a_host_gives_a_base_path() {
    let bench = bench();
    bench.write("specs/Pet Store.json", IN_PART);
    let out = bench.path("out");
    generate(&bench, &out, &["--no-build"]);
    let read = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    let library = read("src/lib.rs");
    assert!(library.contains("const DEFAULT_ENDPOINT: Option<&str> = None;"), "{library}");
    assert!(library.contains("const BASE_PATH: &str = \"/api/v3\";"), "{library}");
    assert!(library.contains("//! The document names no host"), "{library}");
    let readme = read("README.md");
    assert!(readme.contains("Give the endpoint of the service, without /api/v3,"), "{readme}");
    assert!(readme.contains(".endpoint(\"https://service.example.com\")"), "{readme}");
    assert!(read("adaptations.txt").contains("servers: /servers/0/url: `/api/v3` of `/api/{v}`"));
}
