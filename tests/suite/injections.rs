//! No text of a document becomes anything but text in the documentation of the
//! generated code: a test that `cargo test` runs, HTML, a link, a table.

use std::{fs, path::Path};

use iam_codegen::{Document, Limits, Settings};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag};
use serde_json::{Value, json};

use crate::workspace;

/// Each is tried in every place. `EVIL` marks what must not get out.
const TEXTS: &[&str] = &[
    "```rust\npanic!(\"EVIL\");\n```",
    "```\npanic!(\"EVIL\");",
    "EVIL\n```",
    "~~~rust\npanic!(\"EVIL\");\n~~~",
    "~~~\nEVIL",
    "`\n```rust\npanic!(\"EVIL\");\n```",
    "``` a ``` b ``\nEVIL",
    "``` `EVIL\n~~~",
    "- ```rust\n  panic!(\"EVIL\");\n  ```",
    "1. ~~~\n   panic!(\"EVIL\");",
    "- - + * ~~~rust\nEVIL",
    "> ```\n> panic!(\"EVIL\");",
    "    panic!(\"EVIL\");",
    "\t\tpanic!(\"EVIL\");",
    "-      panic!(\"EVIL\");",
    "1)\tx\n\n          panic!(\"EVIL\");",
    "a\n\n     panic!(\"EVIL\");",
    "<!-- EVIL -->",
    "<!--\nEVIL",
    "\\<!-- EVIL --\\>",
    "<script>EVIL</script>",
    "\\<b>EVIL",
    "\\\\<i>EVIL</i>",
    "<?EVIL?>",
    "<![CDATA[EVIL]]>",
    "<EVIL@evil.example>",
    "<evil:EVIL>",
    "[EVIL](https://evil.example)",
    "\\[EVIL](x)",
    "\\\\[EVIL](x)",
    "![EVIL](https://evil.example)",
    "[EVIL]: https://evil.example",
    "[EVIL]\n\n[EVIL]: x",
    "[`EVIL`]",
    "[EVIL][EVIL]",
    "[^EVIL]\n\n[^EVIL]: x",
    "`[EVIL](x)",
    "`` `[EVIL](x)",
    "a | `b | [EVIL](x)`\n--|--\n1 | 2",
    "EVIL\n---",
    "EVIL\n:-:",
    "| EVIL |\n|---|\n| 1 |",
    "*/ #[doc = \"EVIL\"] /**",
    "\"] #[doc = \"EVIL",
    "EVIL\r```rust\rpanic!(\"EVIL\");",
    "EVIL\u{2028}```rust\u{2029}x",
    "EVIL\u{85}~~~\u{b}~~~\u{c}```",
    "&#96;&#96;&#96;\nEVIL &lt;script&gt;",
    "~~EVIL~~ ~EVIL~",
    "---\nEVIL\n---\n+++\nEVIL\n+++",
    "https://evil.example/`EVIL`](x) <https://evil.example>",
    "`` ` ``` ```` \n```` EVIL",
    ": EVIL\n\nx\n: EVIL",
    "{EVIL} $EVIL$ $$EVIL$$",
];

#[test]
fn no_text_of_a_document_is_more_than_text() {
    for text in TEXTS {
        let source = source("injected.json", document(text));
        assert!(source.contains("EVIL"), "{text:?} is lost");
        assert_harmless(&source, text);
    }
}

#[test]
fn no_two_texts_become_more_than_text_together() {
    for (index, text) in TEXTS.iter().enumerate() {
        let joined = format!("{text}\n{}", TEXTS[(index * 7 + 1) % TEXTS.len()]);
        assert_harmless(&source("injected.json", document(&joined)), &joined);
    }
}

#[test]
fn the_corpus_documents_hold_text_only() {
    for name in ["injections", "descriptions"] {
        let path = workspace::root().join(format!("tests/corpus/adapt/{name}.yaml"));
        let document = Document::parse(name, &fs::read(&path).unwrap(), &Limits::default());
        let output = iam_codegen::run(document.unwrap(), &[], &Settings::new("Api")).unwrap();
        assert_harmless(&output.source, name);
    }
}

/// As it is said to do, what is written to be read stays formatted.
#[test]
fn formatting_survives() {
    let text = "A *b* **c** `d`.\n\n- e\n- f\n\n1. g\n\n```\nh\n```";
    let blocks = documentation(&source("formatted.json", document(text)));
    let about = blocks.iter().find(|block| block.contains("A *b*")).unwrap();
    let tags: Vec<_> = Parser::new_ext(about, options())
        .filter_map(|event| match event {
            Event::Start(tag) => Some(tag),
            _ => None,
        })
        .collect();
    let has = |is: fn(&Tag<'_>) -> bool| tags.iter().any(is);
    assert!(has(|tag| *tag == Tag::Emphasis) && has(|tag| *tag == Tag::Strong), "{tags:?}");
    assert!(has(|tag| *tag == Tag::List(None)) && has(|tag| *tag == Tag::List(Some(1))));
    assert!(has(|tag| matches!(tag, Tag::CodeBlock(_))), "{tags:?}");
}

fn source(name: &str, value: Value) -> String {
    let document = Document::from_value(name, value).unwrap();
    iam_codegen::run(document, &[], &Settings::new("Api")).unwrap().source
}

/// A document that says `text` wherever it can.
fn document(text: &str) -> Value {
    let schema = "#/components/schemas/Evil";
    let mut evil = json!({
        "type": "object", "title": text, "description": text, "example": {"a": text},
        "required": ["required", text],
        "properties": {
            "required": {"type": "string", "description": text, "pattern": text, "default": text},
            "kind": {"type": "string", "description": text, "enum": [text, "plain"]},
            "choice": {"oneOf": [
                {"title": text, "description": text, "type": "object", "required": ["b"],
                    "properties": {"b": {"type": "integer", "description": text}}},
                {"type": "array", "items": {"type": "string"}},
            ]},
        },
    });
    evil["properties"][text] = json!({"type": "string"});
    evil["properties"][format!("{text}2")] = json!({"type": "string", "description": text});
    // A path holds neither of these.
    let path: String = text.chars().filter(|c| !"?#\\{}/".contains(*c)).collect();
    let mut paths = json!({});
    paths[format!("/{path}/{{id}}")] = json!({"post": {
        "operationId": "post_evil", "summary": text, "description": text, "tags": [text],
        "parameters": [
            {"name": "id", "in": "path", "required": true, "description": text,
                "schema": {"type": "string", "default": text, "example": text}},
            {"name": text, "in": "query", "schema": {"type": "string", "pattern": text}},
            {"name": format!("{text}2"), "in": "query", "description": text,
                "schema": {"type": "string", "enum": [text]}},
        ],
        "requestBody": {"required": true, "description": text,
            "content": {"application/json": {"schema": {"$ref": schema}}}},
        "responses": {
            "200": {"description": text,
                "content": {"application/json": {"schema": {"$ref": schema}}}},
            "202": {"description": text,
                "content": {"application/json": {"schema": {"type": "integer"}}}},
            "400": {"description": text},
            (format!("4{text}")): {"description": text},
        },
        "x-ibm-permissions": {"actions": [{"name": text, "description": text}]},
        "x-ibm-events": {"events": [{"name": text}]},
    }});
    json!({
        "openapi": "3.0.3",
        "info": {"title": text, "version": text, "description": text},
        "tags": [{"name": text, "description": text}],
        "paths": paths,
        "components": {"schemas": {"Evil": evil}},
    })
}

fn assert_harmless(source: &str, text: &str) {
    let blocks = documentation(source);
    assert!(blocks.len() > 10, "{text:?}: only {} comments found", blocks.len());
    for block in blocks {
        let broken = |link: BrokenLink<'_>| {
            assert!(!link.reference.contains("EVIL"), "a link from {text:?} in:\n{block}");
            Some((CowStr::from("ours"), CowStr::from("")))
        };
        let parser = Parser::new_with_broken_link_callback(&block, options(), Some(broken));
        for event in parser {
            let harmless = match &event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    &**language == "text"
                }
                Event::Start(Tag::Link { link_type: LinkType::Autolink, dest_url, .. }) => {
                    dest_url.starts_with("https://") || dest_url.starts_with("http://")
                }
                Event::Start(Tag::Link { dest_url, .. }) => ours(dest_url),
                Event::Start(
                    Tag::Paragraph
                    | Tag::Heading { .. }
                    | Tag::List(_)
                    | Tag::Item
                    | Tag::Emphasis
                    | Tag::Strong,
                ) => true,
                Event::Start(_)
                | Event::Html(_)
                | Event::InlineHtml(_)
                | Event::FootnoteReference(_)
                | Event::Rule => false,
                _ => true,
            };
            assert!(harmless, "{event:?} from {text:?} in:\n{block}");
        }
        let definitions = Parser::new_ext(&block, options());
        let defined = definitions.reference_definitions().iter().count();
        assert_eq!(defined, 0, "a link is defined by {text:?} in:\n{block}");
    }
}

/// The links that the generator writes lead to items.
fn ours(target: &str) -> bool {
    let items = target.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c));
    items && !target.contains("EVIL")
}

/// As rustdoc reads it.
fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_SMART_PUNCTUATION
}

/// The documentation of each item of `source`, private ones included.
fn documentation(source: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    collect(source.parse().unwrap(), &mut blocks);
    blocks
}

fn collect(tokens: TokenStream, blocks: &mut Vec<String>) {
    let mut block = String::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_hash = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == '#');
        if is_hash
            && let Some(TokenTree::Group(group)) = tokens.peek()
            && group.delimiter() == Delimiter::Bracket
        {
            if let Ok(attribute) = syn_doc(&group.stream()) {
                block.push_str(&attribute);
                block.push('\n');
            }
            tokens.next();
            continue;
        }
        if !block.is_empty() {
            blocks.push(std::mem::take(&mut block));
        }
        if let TokenTree::Group(group) = token {
            collect(group.stream(), blocks);
        }
    }
}

/// The text of `doc = "…"`.
fn syn_doc(attribute: &TokenStream) -> Result<String, ()> {
    let mut tokens = attribute.clone().into_iter();
    match (tokens.next(), tokens.next(), tokens.next(), tokens.next()) {
        (
            Some(TokenTree::Ident(name)),
            Some(TokenTree::Punct(_)),
            Some(TokenTree::Literal(text)),
            None,
        ) if name == "doc" => syn_string(&text.to_string()),
        _ => Err(()),
    }
}

fn syn_string(literal: &str) -> Result<String, ()> {
    syn::parse_str::<syn::LitStr>(literal).map(|text| text.value()).map_err(|_| ())
}

/// Deprecated parts of a document warn whoever uses them, and not the generated
/// code, which the corpus compiles with warnings denied.
#[test]
fn what_is_deprecated_warns_its_users() {
    let path = workspace::root().join("tests/corpus/adapt/deprecated.yaml");
    let text = fs::read(Path::new(&path)).unwrap();
    let document = Document::parse("deprecated.yaml", &text, &Limits::default()).unwrap();
    let source = iam_codegen::run(document, &[], &Settings::new("Api")).unwrap().source;
    let deprecated = |item: &str| {
        let at = source.find(item).unwrap_or_else(|| panic!("no {item} in {source}"));
        let before = source[..at].trim_end();
        let attributes = before.rsplit_once("}\n").map_or(before, |(_, attributes)| attributes);
        attributes.rsplit_once(";\n").map_or(attributes, |(_, rest)| rest).contains("#[deprecated]")
    };
    for item in ["pub fn get_old(", "pub fn q(", "pub struct Old {", "pub enum Choice {"] {
        assert!(deprecated(item), "{item} is not deprecated");
    }
    for item in ["pub fn make_new(", "pub struct New {"] {
        assert!(!deprecated(item), "{item} is deprecated");
    }
}
