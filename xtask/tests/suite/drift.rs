//! `drift`: what is found, in which format, with which exit code; and that
//! nothing is changed.

use serde_json::Value;

use crate::{
    server::{Reply, Server, nobody},
    support::{Bench, OTHERS, PETS, Ran, pets_2},
};

/// [`PETS`] without its only operation's parameter, which breaks.
fn breaking() -> String {
    PETS.replace("/pets/{id}", "/pets").replace(
        r#"{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}"#,
        "",
    )
}

/// [`PETS`] with one more optional field.
fn additive() -> String {
    PETS.replace(r#""properties": {"name""#, r#""properties": {"age": {"type": "integer"}, "name""#)
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.text).unwrap_or_else(|error| panic!("{error}: {}", ran.text))
}

/// Runs `drift pets --against` a file of that content; nothing may change.
fn against(bench: &Bench, content: &str, more: &[&str]) -> Ran {
    bench.write("new.json", content);
    let path = bench.path("new.json");
    let before = bench.state(".");
    let arguments = [&["drift", "pets", "--against", path.to_str().unwrap()], more].concat();
    let ran = bench.run(&arguments);
    assert_eq!(bench.state("."), before);
    ran
}

fn kinds(ran: &Ran) -> Vec<String> {
    let report = json(ran);
    let sources = report["sources"].as_array().unwrap().clone();
    let entries = sources.iter().flat_map(|source| source["entries"].as_array().unwrap().clone());
    entries.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_exit_code_says_what_was_found() {
    let bench = Bench::with_pets();
    let cases: [(&str, &str, u8); 11] = [
        (PETS, "breaking", 0),
        (PETS, "any", 0),
        // Other bytes that say the same.
        (&PETS.replace("  ", " "), "any", 0),
        (&pets_2(), "breaking", 1),
        (&pets_2(), "any", 2),
        (&additive(), "breaking", 1),
        (&additive(), "any", 2),
        (&additive(), "none", 1),
        (&breaking(), "breaking", 2),
        (&breaking(), "none", 1),
        ("{}", "none", 3),
    ];
    for (content, fail_on, expected) in cases {
        for format in ["text", "json", "markdown", "github"] {
            let ran = against(&bench, content, &["--fail-on", fail_on, "--format", format]);
            assert_eq!(ran.code, expected, "{fail_on}: {}", ran.text);
            if format == "json" {
                assert_eq!(json(&ran)["verdict"]["exit_code"], expected);
            }
        }
    }
}

#[test]
fn the_verdicts_are_those_of_the_wire_and_of_the_client() {
    let bench = Bench::with_pets();
    let ran = against(&bench, &additive(), &["--format", "json"]);
    let report = json(&ran);
    assert_eq!(kinds(&ran), ["optional-property-added"]);
    let entry = &report["sources"][0]["entries"][0];
    assert_eq!((&entry["wire"], &entry["rust"]), (&"compatible".into(), &"additive".into()));
    assert_eq!(entry["predicted"], false);
    assert_eq!(entry["lines"][0]["text"], "  age: Option<i64>, optional");
    assert_eq!(report["verdict"]["status"], "drift");
    assert_eq!(report["verdict"]["version"]["change"], "additive");
    // The workspace of the bench has no Cargo.toml.
    assert_eq!(report["verdict"]["version"]["next"], Value::Null);
    assert_eq!(report["sources"][0]["state"], "changed");
    bench.write("Cargo.toml", "[workspace.package]\nversion = \"0.4.2\"\n");
    let report = json(&against(&bench, &breaking(), &["--format", "json"]));
    assert_eq!(report["verdict"]["version"]["next"], "0.5.0");
    let report = json(&against(&bench, &PETS.replace("  ", " "), &["--format", "json"]));
    assert_eq!(report["sources"][0]["state"], "rewritten");
    assert_eq!(report["verdict"]["version"], Value::Null);
}

#[test]
fn an_overlay_that_no_longer_fits_is_a_finding() {
    let bench = Bench::with_pets();
    // The overlay describes `name`, which is now called `title`.
    let renamed = PETS.replace("\"name\"]", "\"title\"]").replace("{\"name\": {", "{\"title\": {");
    let ran = against(&bench, &renamed, &["--format", "json"]);
    assert_eq!(ran.code, 2);
    let report = json(&ran);
    let entries = report["sources"][0]["entries"].as_array().unwrap();
    let misfit = entries.iter().find(|entry| entry["kind"] == "overlay-misfit").unwrap();
    assert_eq!(misfit["name"], "$.components.schemas.Pet.properties.name");
    assert_eq!(misfit["old"]["document"], "openapi/overlays/pets.yaml");
    assert_eq!(misfit["old"]["line"], 4);
    let remedy = "the document changed: correct the target, remove the action, or mark it with \
                  `x-if-present`";
    assert_eq!(misfit["remedy"], remedy);
    // The rest of the comparison is made all the same.
    assert!(entries.iter().any(|entry| entry["kind"] == "required-property-removed"), "{report:#}");
    let github = against(&bench, &renamed, &["--format", "github"]);
    let expected = "::error file=openapi/overlays/pets.yaml,line=4,title=breaking drift::";
    assert!(github.text.contains(expected), "{}", github.text);
}

#[test]
fn what_an_overlay_hides_is_told() {
    let bench = Bench::with_pets();
    let described = PETS.replace(
        r#""name": {"type": "string"}"#,
        r#""name": {"type": "string", "description": "Theirs."}"#,
    );
    let ran = against(&bench, &described, &["--format", "json"]);
    assert_eq!((kinds(&ran), ran.code), (vec!["correction-hides-change".to_owned()], 1));
}

#[test]
fn a_document_that_cannot_be_generated_is_compared_all_the_same() {
    let bench = Bench::with_pets();
    let body = r#""requestBody": {"content": {"multipart/mixed": {"schema": {}}}}, "responses""#;
    let document = additive().replace("\"responses\"", body);
    let ran = against(&bench, &document, &["--format", "json"]);
    assert_eq!(ran.code, 2, "{}", ran.text);
    let kinds = kinds(&ran);
    assert!(kinds.contains(&"not-generated".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"optional-body-added".to_owned()), "{kinds:?}");
}

#[test]
fn no_answer_is_never_no_drift() {
    let server = Server::start(|_| Reply::ok(PETS));
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    let others = bench.read("openapi/sources.toml");
    let nobody = nobody();
    bench.write("openapi/sources.toml", others.replace("https://example.com/others.yml", &nobody));
    let ran = bench.run(&["drift", "--fail-on", "none", "--format", "json"]);
    assert_eq!(ran.code, 3, "{}", ran.text);
    let report = json(&ran);
    // What could be looked at is reported.
    assert_eq!(report["sources"][0]["state"], "unchanged");
    assert_eq!(report["sources"][1]["state"], "failed");
    let error = report["sources"][1]["error"].as_str().unwrap();
    assert!(error.contains("no address gave a document"), "{error}");
    assert!(error.ends_with("give a file with --against"), "{error}");
    assert_eq!(report["verdict"]["status"], "undetermined");
    assert_eq!(bench.run(&["drift", "pets"]).code, 0);
    drop(server);
    let ran = bench.run(&["drift", "pets", "--fail-on", "none"]);
    assert_eq!(ran.code, 3, "{}", ran.text);
    assert!(ran.text.contains("pets: FAILED"), "{}", ran.text);
}

#[test]
fn a_304_is_no_drift_and_only_for_the_file_that_it_is_about() {
    let server = Server::start(|request| match request.header("if-none-match") {
        Some("\"1\"") => Reply::new("304 Not Modified", &[], ""),
        _ => Reply::new("200 OK", &[("etag", "\"1\"")], PETS),
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    let ran = bench.run(&["drift", "pets"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.contains("304 Not Modified"), "{}", ran.text);
    // Somebody edited the vendored file: the ETag is not its own.
    bench.write("openapi/pets.json", additive());
    let ran = bench.run(&["drift", "pets"]);
    assert_eq!(ran.code, 2, "{}", ran.text);
}

#[test]
fn a_watched_document_is_held_against_those_of_the_client() {
    let bench = Bench::with_pets();
    let watched = "\
openapi: 3.1.0
info: {title: Others, version: '1'}
paths:
  /pets/{pet-id}/:
    get:
      operationId: readPet
      parameters:
        - {name: pet-id, in: path, required: true, schema: {type: string}}
        - {name: verbose, in: query, schema: {type: boolean}}
      responses:
        '200':
          description: A pet
          content:
            application/json:
              schema:
                type: object
                properties:
                  name: {type: integer}
                  age: {type: integer}
  /pets:
    get:
      operationId: listPets
      responses: {'204': {description: Nothing}}
";
    bench.write("others.yml", watched);
    let path = bench.path("others.yml");
    let drift = |more: &[&str]| {
        bench.run(&[&["drift", "others", "--against", path.to_str().unwrap()], more].concat())
    };
    let report = json(&drift(&["--format", "json"]));
    let entries = report["sources"][0]["entries"].as_array().unwrap();
    let mut found: Vec<_> = entries
        .iter()
        .map(|entry| {
            let text = |key: &str| entry[key].as_str().unwrap().to_owned();
            (text("class"), text("kind"), text("name"))
        })
        .collect();
    found.sort();
    let expected = [
        ("contradiction", "property-became-optional", "name"),
        ("contradiction", "type-changed", ""),
        ("unknown-here", "operation-added", "listPets"),
        ("unknown-here", "optional-parameter-added", "query verbose"),
        ("unknown-here", "optional-property-added", "age"),
    ];
    let expected = expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()));
    assert_eq!(found, expected, "{report:#}");
    // The line in their document.
    let operation = entries.iter().find(|entry| entry["kind"] == "operation-added").unwrap();
    assert_eq!(operation["new"]["line"], 21);
    // It never counts as breaking.
    assert_eq!(drift(&[]).code, 1);
    assert_eq!(drift(&["--fail-on", "any"]).code, 2);
}

#[test]
fn a_watched_document_is_held_against_its_copy_as_well() {
    let bench = Bench::with_pets();
    let ran = bench.pull_from_file("others", "others.yml", OTHERS);
    assert_eq!(ran.code, 10, "{}", ran.text);
    bench.write("others.yml", OTHERS.replace("type: string", "type: integer"));
    let path = bench.path("others.yml");
    let ran =
        bench.run(&["drift", "others", "--against", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    let report = json(&ran);
    let entries = report["sources"][0]["entries"].as_array().unwrap();
    let change = entries.iter().find(|entry| entry["class"] == "change").unwrap();
    // It breaks who calls that service, but nobody here.
    assert_eq!((&change["wire"], &change["breaking"]), (&"breaking".into(), &false.into()));
    assert_eq!(change["rust"], Value::Null);
}

#[test]
fn acknowledged_findings_do_not_count_until_their_date_is_past() {
    let bench = Bench::with_pets();
    let report = json(&against(&bench, &breaking(), &["--format", "json"]));
    let entries = report["sources"][0]["entries"].as_array().unwrap().clone();
    let write = |until: &str| {
        let entry = |entry: &Value| {
            format!(
                "[[acknowledged]]\nfingerprint = {}\nreason = \"agreed\"\nuntil = \"{until}\"\n\
                 kind = {}\n",
                entry["fingerprint"], entry["kind"]
            )
        };
        bench.write("openapi/acknowledged.toml", entries.iter().map(entry).collect::<String>());
    };
    write("9999-12-31");
    let ran = against(&bench, &breaking(), &["--format", "json", "--fail-on", "any"]);
    let report = json(&ran);
    assert_eq!((ran.code, &report["verdict"]["status"]), (0, &"no-drift".into()));
    assert_eq!(report["verdict"]["counts"]["acknowledged"], entries.len());
    assert_eq!(report["sources"][0]["entries"][0]["acknowledged"]["reason"], "agreed");
    // The next version has to tell users all the same.
    assert_eq!(report["verdict"]["version"]["change"], "breaking");

    write("2000-01-01");
    let ran = against(&bench, &breaking(), &["--format", "json"]);
    let report = json(&ran);
    assert_eq!(ran.code, 2);
    let stale = report["stale_acknowledgements"].as_array().unwrap();
    assert_eq!(stale.len(), entries.len());
    assert_eq!((&stale[0]["why"], &stale[0]["line"]), (&"expired".into(), &1.into()));

    bench.write("openapi/acknowledged.toml", "[[acknowledged]]\nfingerprint = \"x\"\n");
    let ran = against(&bench, PETS, &[]);
    assert_eq!(ran.code, 3, "{}", ran.text);
    assert!(ran.text.contains("openapi/acknowledged.toml:1: missing field"), "{}", ran.text);
}

#[test]
fn an_unused_acknowledgement_is_told_when_everything_was_looked_at() {
    let server = Server::start(|request| match request.target.as_str() {
        "/pets.json" => Reply::ok(PETS),
        _ => Reply::ok("openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n"),
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    let others = bench.read("openapi/sources.toml");
    let url = server.url("/others.yml");
    bench.write("openapi/sources.toml", others.replace("https://example.com/others.yml", &url));
    let entry = "[[acknowledged]]\nfingerprint = \"00000000000000000000000000000000\"\n\
                 reason = \"agreed\"\nuntil = \"9999-12-31\"\n";
    bench.write("openapi/acknowledged.toml", entry);
    let ran = bench.run(&["drift"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    let expected = "openapi/acknowledged.toml:1 is about nothing that was found; remove it";
    assert!(ran.text.contains(expected), "{}", ran.text);
    // `others` may be what it is about.
    assert!(!bench.run(&["drift", "pets"]).text.contains(expected));
}

#[test]
fn what_to_compare_with_is_a_file_an_address_or_a_reference() {
    let server = Server::start(|_| Reply::ok(additive()));
    let bench = Bench::with_pets();
    let ran = bench.run(&["drift", "pets", "--against", &server.url("/x.json?key=hunter2")]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(!ran.text.contains("hunter2"), "{}", ran.text);
    let file = bench.path("openapi/pets.json");
    for (arguments, expected) in [
        (&["drift", "--against", file.to_str().unwrap()][..], 64),
        (&["drift", "pets", "others", "--against", file.to_str().unwrap()], 64),
        (&["drift", "cats"], 64),
        (&["drift", "pets", "--against", "no-such-thing"], 3),
        (&["drift", "pets", "--against=--output=x"], 3),
        (&["drift", "pets", "--against", "http://example.com/x"], 3),
        (&["drift", "--dir", "/nowhere"], 3),
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, expected, "{arguments:?}: {}", ran.text);
    }
    let ran = bench.run(&["drift", "--against", "no-such-thing"]);
    let expected = "`no-such-thing` is no address (it has no `://`), there is no such file, and";
    assert!(ran.text.contains(expected), "{}", ran.text);
}

#[test]
fn against_a_reference_the_vendored_files_are_the_new_side() {
    let bench = Bench::with_pets();
    bench.git(&["init", "-q", "-b", "main"]);
    bench.git(&["add", "openapi"]);
    bench.git(&["commit", "-q", "-m", "first"]);
    let drift = |reference: &str| bench.run(&["drift", "--against", reference, "--format", "json"]);
    let ran = drift("main");
    assert_eq!((ran.code, kinds(&ran)), (0, vec![]));

    bench.write("openapi/pets.json", additive());
    let ran = drift("HEAD");
    assert_eq!((ran.code, kinds(&ran)), (1, vec!["optional-property-added".to_owned()]));
    let entry = &json(&ran)["sources"][0]["entries"][0];
    assert_eq!(entry["new"]["document"], "openapi/pets.json");
    assert_eq!(entry["missing"]["document"], "HEAD:openapi/pets.json");

    // An overlay that changes what the client is, with the same document.
    bench.git(&["add", "openapi"]);
    bench.git(&["commit", "-q", "-m", "second"]);
    let overlay = bench.read("openapi/overlays/pets.yaml");
    bench.write(
        "openapi/overlays/pets.yaml",
        overlay.replace("update: {", "update: {type: integer, "),
    );
    let ran = drift("HEAD");
    assert_eq!((ran.code, kinds(&ran)), (2, vec!["type-changed".to_owned()]));

    // A source that is no more.
    let manifest = bench.read("openapi/sources.toml");
    let rest = manifest.split("[[source]]").nth(2).unwrap();
    bench.write("openapi/sources.toml", format!("[[source]]{rest}"));
    let ran = drift("HEAD");
    assert_eq!((ran.code, kinds(&ran)), (2, vec!["source-removed".to_owned()]));
    let ran = drift("nowhere");
    assert_eq!(ran.code, 3, "{}", ran.text);
}
