use std::time::{Duration, Instant};

use serde_json::json;

use super::*;

fn parse(name: &str, text: &str) -> Result<Document, Error> {
    Document::parse(name, text.as_bytes(), &Limits::default())
}

fn problem(name: &str, text: &str) -> String {
    parse(name, text).expect_err(text).to_string()
}

#[test]
fn quoted_text_may_go_on_without_indentation() {
    let head = "openapi: 3.0.3\ninfo:\n  - deep:\n      text: ";
    for (text, expected) in [
        ("\"-----BEGIN-----\nMIIF\n-----END-----\"", "-----BEGIN----- MIIF -----END-----"),
        ("\"a\n\n# b: \\\"c\\\"\nd\\\ne\\\\\"  # comment", "a\n# b: \"c\" de\\"),
        ("'a\nit''s: \"b\"\n- c\n\n\nd'", "a it's: \"b\" - c\n\nd"),
        ("\"a\r\nb\r\n\r\nc\"\r\n", "a b\nc"),
        ("\"it's\nit's\nit's\n  it's\"", "it's it's it's it's"),
    ] {
        let yaml = format!("{head}{text}\n    more: {text}\npaths: {{}}\n");
        let document = parse("a.yaml", &yaml).unwrap();
        let entry = &document.value()["info"][0];
        assert_eq!(entry["deep"]["text"], expected, "{yaml}");
        assert_eq!(entry["more"], expected, "{yaml}");
    }
    for (text, message) in [
        ("\"a\nb\n", "line 5, column 1: "),
        ("\"a\nb\\q\"\n", "line 4, column 13: "),
        ("\"a\nb\"\n b: c: d\n", "line 6, column 2: "),
        ("\"a\nb\" c\n", "line 5, column 4: "),
    ] {
        let error = parse("a.yaml", &format!("{head}{text}")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("a.yaml: {message}")), "{error}");
    }
}

#[test]
fn json_and_yaml_give_the_same_document() {
    let yaml = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {responses: {200: {description: no}}}}}\n";
    let json = r#"{"openapi":"3.1.0","info":{"title":"t","version":"1"},
        "paths":{"/a":{"get":{"responses":{"200":{"description":"no"}}}}}}"#;
    let (yaml, json) = (parse("a.yml", yaml).unwrap(), parse("a.json", json).unwrap());
    assert_eq!(yaml.value(), json.value(), "an unquoted `no` is a string, a bare 200 a key");
}

#[test]
fn syntax_errors_have_file_line_and_column() {
    assert_eq!(
        problem("a.json", "{\n  \"openapi\": \"3.0.0\",\n  \"paths\": }"),
        "a.json: line 3, column 12: expected value"
    );
    let message = problem("a.yml", "openapi: 3.1.0\npaths: [a\n");
    assert!(message.starts_with("a.yml: line "), "{message}");
    let message = Document::parse("a.json", b"{\"a\":\n \"\xFF\"}", &Limits::default());
    assert_eq!(
        message.unwrap_err().to_string(),
        "a.json: line 2, column 3: not UTF-8; save the file as UTF-8"
    );
}

#[test]
fn a_repeated_key_is_an_error_in_both_formats() {
    let message = problem("a.json", "{\"openapi\":\"3.0.0\",\n\"openapi\":\"3.1.0\"}");
    assert_eq!(message, "a.json: line 2, column 9: the key `openapi` stands here twice");
    let message = problem("a.yml", "openapi: 3.0.0\nopenapi: 3.1.0\n");
    assert!(message.starts_with("a.yml: line 2, column 1: "), "{message}");
}

#[test]
fn other_versions_are_refused_by_name() {
    let supported = "give an OpenAPI document of version 3.0, 3.1 or 3.2";
    assert_eq!(
        problem("a", "{\"swagger\":\"2.0\"}"),
        format!("a: this is Swagger 2.0; {supported}")
    );
    assert_eq!(
        problem("a", "{\"openapi\":\"4.0.0\"}"),
        format!("a: /openapi: version \"4.0.0\" is not supported; {supported}")
    );
    assert!(problem("a.yml", "openapi: 3.1\n").contains("version 3.1 is not supported"));
    assert!(problem("a.yml", "- 1\n").contains("not an object"));
}

#[test]
fn an_alias_bomb_ends_within_milliseconds() {
    let mut bomb = "openapi: 3.1.0\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = format!("*a{}, ", level - 1).repeat(9);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", below.trim_end_matches(", ")));
    }
    let start = Instant::now();
    let message = problem("bomb.yml", &bomb);
    assert!(message.starts_with("bomb.yml: "), "{message}");
    // A hang is what is excluded here: the expansion has 9^12 nodes.
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn nesting_and_size_are_bounded() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [101, 200, 100_000] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            parse("deep.json", &text).unwrap_err();
            parse("deep.yml", &text).unwrap_err();
        }
    }
    let limits = Limits { bytes: 10, ..Limits::default() };
    let error = Document::parse("big.json", b"{\"openapi\":\"3.0.0\"}", &limits).unwrap_err();
    assert_eq!(error.to_string(), "big.json: 19 bytes are more than the limit of 10");
}

#[test]
fn references_lead_somewhere_and_end() {
    let document = json!({"openapi": "3.0.0", "paths": {"/a": {"get": {"operationId": "get_a",
        "responses": {"200": {"$ref": "#/components/responses/Missing"}},
        "parameters": [{"$ref": "other.yml#/a"}],
    }}}, "components": {"schemas": {
        "A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/D"}]},
        "D": {"oneOf": [{"$ref": "#/components/schemas/C"}]},
    }}});
    let error = Document::from_value("a", document).unwrap_err();
    let lines: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(
        lines[0].starts_with("/paths/~1a/get/parameters/0/$ref: operation get_a: "),
        "{lines:#?}"
    );
    assert!(lines[1].contains("`#/components/responses/Missing` leads nowhere"), "{lines:#?}");
    assert!(lines[2].starts_with("/components/schemas/B: this is defined by itself"), "{lines:#?}");
    assert!(lines[3].contains("defined by itself"), "{lines:#?}");
}

#[test]
fn a_recursive_schema_is_no_circle_and_data_is_no_reference() {
    let document = json!({"openapi": "3.0.0", "paths": {}, "components": {"schemas": {
        "Tree": {"properties": {
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
            "$ref": {"type": "string"},
            "example": {"type": "string", "example": {"$ref": "nowhere"}},
        }},
    }}});
    Document::from_value("a", document).unwrap();
}
