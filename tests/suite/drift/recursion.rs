//! Documents that refer to themselves in every way: each ends in the right
//! changes. They are compared in a child process, so that a stack overflow, which
//! aborts, fails under the name of the document.

use std::{
    env,
    io::Read,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use iam_codegen::{Document, Settings};
use serde_json::{Value, json};

use super::{accounting::assert_accounted, compared, kinds};

/// The case that the child begins with.
const FROM: &str = "IAM_RECURSION_FROM";

/// Long enough for all cases on a busy machine.
const DEADLINE: Duration = Duration::from_secs(600);

struct Case {
    name: String,
    old: Value,
    new: Value,
    /// The kinds of change that are found, if they are known.
    expected: Option<Vec<&'static str>>,
    /// `true` if no others are: what is compared as a whole differs as well.
    exact: bool,
}

#[test]
fn recursive_documents_are_compared_to_the_end() {
    let cases = cases();
    let (mut from, mut failed) = (0, Vec::new());
    while from < cases.len() {
        let Some((index, output)) = run_child(from) else { break };
        failed.push(format!("{}: {output}", cases[index].name));
        from = index + 1;
    }
    assert!(failed.is_empty(), "{} cases fail:\n{}", failed.len(), failed.join("\n"));
}

/// Runs the cases from number `from` on in a process of their own: the number of
/// the first that fails, and what it printed.
fn run_child(from: usize) -> Option<(usize, String)> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "drift::recursion::run_cases", "--ignored", "--nocapture"])
        .env(FROM, from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = read(child.stdout.take().unwrap());
    let stderr = read(child.stderr.take().unwrap());
    let success = ends_well(&mut child);
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    let begun: Vec<usize> =
        stdout.lines().filter_map(|line| line.split_once("case ")?.1.parse().ok()).collect();
    let last = *begun.last().unwrap_or_else(|| panic!("no case was run: {stdout}\n{stderr}"));
    if success {
        assert_eq!(begun.len(), cases().len() - from);
        return None;
    }
    let tail: Vec<_> = stderr.lines().filter(|line| !line.is_empty()).take(12).collect();
    Some((last, tail.join("\n  ")))
}

fn read(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        from.read_to_string(&mut text).unwrap();
        text
    })
}

fn ends_well(child: &mut Child) -> bool {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.success();
        }
        if start.elapsed() > DEADLINE {
            child.kill().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[ignore = "run by recursive_documents_are_compared_to_the_end"]
fn run_cases() {
    let from = env::var(FROM).map_or(0, |from| from.parse().unwrap());
    for (index, case) in cases().into_iter().enumerate().skip(from) {
        println!("\ncase {index}");
        check(&case);
    }
}

fn check(case: &Case) {
    let Case { name, old, new, expected, exact } = case;
    assert_eq!(compared(old, old).changes, [], "{name}: against itself");
    assert_eq!(compared(new, new).changes, [], "{name}: the new one against itself");
    let found = kinds(&compared(old, new));
    match expected {
        Some(expected) if *exact => assert_eq!(found, *expected, "{name}"),
        Some(expected) => {
            assert!(expected.iter().all(|kind| found.contains(kind)), "{name}: {found:?}");
        }
        None => assert!(!found.is_empty(), "{name}: no change is found"),
    }
    assert!(!compared(new, old).changes.is_empty(), "{name}: no change is found backwards");
    assert_accounted(name, old, new);
    // The pipeline gives a client or an error.
    for value in [old, new] {
        let document = Document::from_value("recursive.json", value.clone()).unwrap();
        if let Err(error) = iam_codegen::run(document, &[], &Settings::new("Api")) {
            assert!(!error.to_string().contains("internal error"), "{name}: {error}");
        }
    }
}

/// The keywords of a schema that lead to `Node`, one for each way.
fn ways() -> Vec<(&'static str, Value)> {
    let node = json!({"$ref": "#/components/schemas/Node"});
    let other = json!({"$ref": "#/components/schemas/Other"});
    vec![
        ("ref", node.clone()),
        ("allOf", json!({"allOf": [node]})),
        ("anyOf", json!({"anyOf": [node]})),
        ("oneOf", json!({"oneOf": [node]})),
        ("allOf and nullable", json!({"allOf": [node], "nullable": true})),
        ("oneOf with null", json!({"oneOf": [node, {"type": "null"}]})),
        ("anyOf with null", json!({"anyOf": [{"type": "null"}, node]})),
        ("nested", json!({"allOf": [{"anyOf": [{"oneOf": [node]}]}]})),
        ("two of allOf", json!({"allOf": [node, other]})),
        ("two of anyOf", json!({"anyOf": [node, other]})),
        ("two of oneOf", json!({"oneOf": [other, node]})),
        ("union in allOf", json!({"allOf": [{"oneOf": [other, {"allOf": [node]}]}, other]})),
        ("items", json!({"type": "array", "items": node})),
        ("items of allOf", json!({"type": "array", "items": {"allOf": [node]}})),
        ("additionalProperties", json!({"type": "object", "additionalProperties": node})),
        ("not", json!({"not": node})),
        ("not of allOf", json!({"not": {"allOf": [node]}})),
        ("patternProperties", json!({"patternProperties": {"^x": {"allOf": [node]}}})),
        ("prefixItems", json!({"prefixItems": [{"allOf": [node]}]})),
        ("contains", json!({"contains": {"allOf": [node]}})),
        ("condition", json!({"if": {"allOf": [node]}, "then": {"allOf": [node]}, "else": node})),
        ("propertyNames", json!({"propertyNames": {"allOf": [node]}})),
        ("dependentSchemas", json!({"dependentSchemas": {"a": {"allOf": [node]}}})),
        ("unevaluatedProperties", json!({"unevaluatedProperties": {"allOf": [node]}})),
        ("inline object", json!({"type": "object", "properties": {"deep": {"allOf": [node]}}})),
    ]
}

/// A document whose `Node` holds `way`, reached as body, parameter and response.
fn document(way: &Value) -> Value {
    let node = json!({"$ref": "#/components/schemas/Node"});
    let content = json!({"application/json": {"schema": node}});
    json!({
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
        "paths": {"/t": {"post": {
            "operationId": "t",
            "parameters": [{"name": "q", "in": "query", "content": content}],
            "requestBody": {"content": content},
            "responses": {"200": {"description": "", "content": content}},
        }}},
        "components": {"schemas": {
            "Node": {"type": "object", "properties": {"next": way, "leaf": {"type": "string"}}},
            "Other": {"type": "object", "properties": {
                "other": {"type": "integer"}, "back": {"allOf": [node]},
            }},
        }},
    })
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, way) in ways() {
        let old = document(&way);
        let whole = ["union in allOf", "not", "not of allOf", "condition"];
        let exact = !whole.contains(&name);
        let mut push = |change: &str, expected: Option<Vec<&'static str>>, edit: fn(&mut Value)| {
            let mut new = old.clone();
            edit(&mut new);
            let name = format!("{name}, {change}");
            cases.push(Case { name, old: old.clone(), new, expected, exact });
        };
        // One property for another that leads to the same: renamed, if nothing but
        // references and null is around it.
        let wrapped = ["ref", "allOf", "anyOf", "oneOf", "allOf and nullable", "nested"];
        let renamed = wrapped.contains(&name) || name.ends_with("with null");
        push("renamed", renamed.then(|| vec!["property-renamed"]), |new| {
            let properties = &mut new["components"]["schemas"]["Node"]["properties"];
            let next = properties.as_object_mut().unwrap().remove("next").unwrap();
            properties["following"] = next;
        });
        push("leaf of another type", Some(vec!["type-changed"]), |new| {
            new["components"]["schemas"]["Node"]["properties"]["leaf"]["type"] = json!("boolean");
        });
        push("described", Some(vec!["description-changed"]), |new| {
            new["components"]["schemas"]["Node"]["description"] = json!("now");
        });
        push("property added", Some(vec!["optional-property-added"]), |new| {
            new["components"]["schemas"]["Node"]["properties"]["more"] = json!({"type": "number"});
        });
        push("no longer recursive", None, |new| {
            new["components"]["schemas"]["Node"]["properties"]["next"] = json!({"type": "string"});
        });
    }
    cases.extend(around_schemas());
    cases.push(many_schemas());
    cases
}

/// Recursion through what is no schema.
fn around_schemas() -> Vec<Case> {
    let document = |paths: Value, components: Value| {
        json!({
            "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
            "paths": paths, "components": components,
        })
    };
    let callback = document(
        json!({"/t": {"post": {
            "operationId": "t", "responses": {"204": {"description": "Done."}},
            "callbacks": {"again": {"{$request.body#/url}": {"$ref": "#/paths/~1t"}}},
        }}}),
        json!({}),
    );
    let header = document(
        json!({"/t": {"get": {
            "operationId": "t", "responses": {"200": {"$ref": "#/components/responses/R"}},
        }}}),
        json!({
            "responses": {"R": {
                "description": "It.", "headers": {"H": {"$ref": "#/components/headers/H"}},
            }},
            "headers": {"H": {"content": {"multipart/mixed": {
                "schema": {"type": "object", "properties": {"p": {"type": "string"}}},
                "encoding": {"p": {"headers": {"H": {"$ref": "#/components/headers/H"}}}},
            }}}},
        }),
    );
    let items = document(
        json!({"/t": {"$ref": "#/components/pathItems/P"}}),
        json!({"pathItems": {"P": {"get": {
            "operationId": "t",
            "parameters": [{"$ref": "#/components/parameters/Q"}],
            "responses": {"204": {"description": "Done."}},
            "callbacks": {"c": {"{$url}": {"$ref": "#/components/pathItems/P"}}},
        }}}, "parameters": {"Q": {
            "name": "q", "in": "query", "schema": {"$ref": "#/components/schemas/Node"},
        }}, "schemas": {"Node": {
            "type": "array", "items": {"allOf": [{"$ref": "#/components/schemas/Node"}]},
        }}}),
    );
    /// A pointer into a document, and the value to put there.
    type Edit = (&'static str, Value);
    let edits: [(&str, Value, &[Edit]); 3] = [
        ("callback", callback, &[("/paths/~1t/post/responses/204/description", json!("Now."))]),
        (
            "header of an encoding",
            header,
            &[
                ("/components/responses/R/description", json!("Now.")),
                (
                    "/components/headers/H/content/multipart~1mixed/schema/properties/p/type",
                    json!("integer"),
                ),
            ],
        ),
        (
            "path item",
            items,
            &[
                ("/components/pathItems/P/get/responses/204/description", json!("Now.")),
                ("/components/schemas/Node/type", json!("object")),
            ],
        ),
    ];
    let mut cases = Vec::new();
    for (name, old, places) in edits {
        for (place, value) in places {
            let mut new = old.clone();
            *new.pointer_mut(place).unwrap() = value.clone();
            let name = format!("{name}, {place}");
            cases.push(Case { name, old: old.clone(), new, expected: None, exact: false });
        }
    }
    cases
}

/// Many schemas that lead to each other by ids that can be expanded, as in the
/// documents of large payment services.
fn many_schemas() -> Case {
    const SCHEMAS: usize = 150;
    const PROPERTIES: usize = 12;
    let at = |index: usize| json!({"$ref": format!("#/components/schemas/s{}", index % SCHEMAS)});
    let mut schemas = json!({});
    for schema in 0..SCHEMAS {
        let mut properties = json!({"id": {"type": "string", "maxLength": 5000}});
        for property in 0..PROPERTIES {
            let to = at(schema * 7 + property * 31 + 1);
            let text = json!({"type": "string", "maxLength": 5000});
            let way = match property % 4 {
                0 => json!({
                    "anyOf": [text, to], "nullable": true,
                    "x-expansionResources": {"oneOf": [to]},
                }),
                1 => {
                    json!({"anyOf": [to, at(schema + property), {"type": "string", "enum": [""]}]})
                }
                2 => json!({"type": "object", "required": ["data"], "properties": {
                    "data": {"type": "array", "items": to}, "has_more": {"type": "boolean"},
                }}),
                _ => json!({"anyOf": [to], "nullable": true, "description": "A reference."}),
            };
            properties[format!("p{property}")] = way;
        }
        schemas[format!("s{schema}")] =
            json!({"type": "object", "required": ["id"], "properties": properties});
    }
    let mut old = document(&json!({"type": "string"}));
    old["openapi"] = json!("3.0.0");
    old["components"]["schemas"] = schemas;
    let content = json!({"application/json": {"schema": at(0)}});
    old["paths"]["/t"]["post"]["parameters"] = json!([]);
    old["paths"]["/t"]["post"]["requestBody"]["content"] = content.clone();
    old["paths"]["/t"]["post"]["responses"]["200"]["content"] = content;
    let mut new = old.clone();
    new["components"]["schemas"]["s77"]["properties"]["id"]["maxLength"] = json!(6000);
    let expected = Some(vec!["max-length-raised"]);
    Case { name: format!("{SCHEMAS} schemas"), old, new, expected, exact: true }
}
