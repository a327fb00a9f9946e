//! A caller of everything that a surface lists: each method with its arguments,
//! each setter, what a call returns, each field with its type, each variant.
//!
//! It is written from the listing, whose arguments and types are Rust but for
//! the paths. `MODULE` stands for the module that is called.

use std::fmt::Write as _;

use iam_codegen::surface::Area;

const HEAD: &str = "\
use std::collections::BTreeMap;
use bytes::Bytes;
use serde_json::Value;
use crate::runtime::{ETag, FilePart, Secret, SecretJson, Timestamp};
use crate::MODULE::{self, types::{self, *}};
";

pub(super) fn caller(areas: &[Area], service: &str) -> String {
    let mut out = HEAD.to_owned();
    let mut number = 0;
    for area in areas {
        for item in area.listing.split("\n\n") {
            let lines: Vec<&str> = item.lines().filter(|line| !line.trim().is_empty()).collect();
            let Some((head, rest)) = lines.split_first() else { continue };
            let functions = match area.name.as_str() {
                "types" => type_(head, rest),
                _ => operation(head, rest, service),
            };
            for function in functions {
                writeln!(out, "{}", function.replace("FN", &format!("call_{number}"))).unwrap();
                number += 1;
            }
        }
    }
    out
}

/// `name(a: A, b: B)`, and what a call of it offers.
fn operation(head: &str, lines: &[&str], service: &str) -> Vec<String> {
    let (name, arguments) = head.split_once('(').unwrap();
    let arguments = arguments.strip_suffix(')').unwrap();
    let given = names(arguments);
    let call = format!("service_.{name}({given})");
    let service = format!("service_: &MODULE::{service}, {arguments}");
    let mut functions = vec![format!("pub fn FN({service}) {{ let _ = {call}; }}")];
    for line in lines.iter().map(|line| line.trim()) {
        if let Some(setter) = line.strip_prefix('.') {
            let (name, rest) = setter.split_once('(').unwrap();
            let comma = if arguments.is_empty() { "" } else { ", " };
            let (parameter, value) = setter_argument(rest);
            functions.push(format!(
                "pub fn FN({service}{comma}{parameter}) {{ let _ = {call}.{name}({value}); }}"
            ));
        } else if let Some(type_) = line.strip_prefix("-> ") {
            // What only one operation returns stands beside its request.
            let common = ["String", "Value", "Bytes", "Timestamp", "Secret", "SecretJson", "ETag"];
            let is_own = type_.starts_with(char::is_uppercase)
                && type_.chars().all(char::is_alphanumeric)
                && !common.contains(&type_);
            let path = if is_own { "MODULE::request::" } else { "" };
            functions.push(format!(
                "pub async fn FN({service}) {{ if let Ok(reply) = {call}.send().await {{ \
                 let _: {path}{type_} = reply.into_inner(); }} }}"
            ));
        }
    }
    functions
}

fn type_(head: &str, lines: &[&str]) -> Vec<String> {
    let (word, name) = head.trim_end_matches(", deprecated").split_once(' ').unwrap();
    let type_ = format!("types::{name}");
    let function = |line: &&str| {
        let line = line.trim();
        if let Some(arguments) = line.strip_prefix("new(").filter(|_| word == "struct") {
            let arguments = until_closed(arguments);
            let given = names(arguments);
            return format!("pub fn FN({arguments}) -> {type_} {{ {type_}::new({given}) }}");
        }
        if let Some(setter) = line.strip_prefix('.') {
            let (name, rest) = setter.split_once('(').unwrap();
            let (parameter, value) = setter_argument(rest);
            return format!(
                "pub fn FN(it_: {type_}, {parameter}) -> {type_} {{ it_.{name}({value}) }}"
            );
        }
        match word {
            "struct" => {
                let (field, rest) = line.split_once(": ").unwrap();
                let marks = [" = \"", ", optional", ", all further", ", null as", ", deprecated"];
                let end = marks.iter().filter_map(|mark| rest.find(mark)).min();
                let field_type = &rest[..end.unwrap_or(rest.len())];
                format!("pub fn FN(it_: &{type_}) {{ let _: &{field_type} = &it_.{field}; }}")
            }
            "union" => {
                let (variant, rest) = line.split_once('(').unwrap();
                let argument = until_closed(rest);
                format!("pub fn FN(value_: {argument}) -> {type_} {{ {type_}::{variant}(value_) }}")
            }
            _ => {
                let variant = line.split(" = ").next().unwrap();
                format!("pub fn FN() -> {type_} {{ {type_}::{variant} }}")
            }
        }
    };
    let named = format!("pub fn FN(_: &{type_}) {{}}");
    std::iter::once(named).chain(lines.iter().map(function)).collect()
}

/// The parameter of a caller for the argument of a setter, and its name; both are empty for
/// a setter without an argument.
fn setter_argument(rest: &str) -> (String, &'static str) {
    match until_closed(rest) {
        "" => (String::new(), ""),
        type_ => (format!("value_: {type_}"), "value_"),
    }
}

/// What stands before the bracket that closes the one already open.
fn until_closed(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    &text[..end.unwrap()]
}

/// The names of `a: A, b: B`, as arguments.
fn names(arguments: &str) -> String {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in arguments.chars() {
        depth += i32::from(matches!(c, '<' | '(' | '[')) - i32::from(matches!(c, '>' | ')' | ']'));
        match (c, depth) {
            (',', 0) => parts.push(String::new()),
            _ => parts.last_mut().unwrap().push(c),
        }
    }
    let names = parts.iter().filter_map(|part| part.split_once(": ")).map(|(name, _)| name.trim());
    names.collect::<Vec<_>>().join(", ")
}
