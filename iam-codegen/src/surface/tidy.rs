//! Tokens as a person writes them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, ImplItemConst, ImplItemFn, Item, Lit, Meta, Type, Visibility};

/// Tokens without the paths that only generated code needs.
pub(super) fn type_(tokens: &impl ToTokens) -> String {
    let mut words = Vec::new();
    flatten(tokens.to_token_stream(), &mut words);
    let mut text = String::new();
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).map_or("", String::as_str);
        if word == "," && matches!(next, ">" | ")" | "]") {
            continue;
        }
        let is_word = |text: &str| text.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') && is_word(word) {
            text.push(' ');
        }
        text.push_str(word);
        if matches!(word.as_str(), "," | "=") {
            text.push(' ');
        }
        if word == "=" && text.len() > 2 {
            text.insert(text.len() - 2, ' ');
        }
    }
    text = text.replace("impl::", "impl ::");
    for path in PATHS {
        text = text.replace(path, "");
    }
    text
}

/// Where the names that everybody knows come from.
const PATHS: [&str; 12] = [
    "::std::string::",
    "::std::option::",
    "::std::vec::",
    "::std::boxed::",
    "::std::convert::",
    "::std::iter::",
    "::std::collections::",
    "::std::result::",
    "::serde_json::",
    "::bytes::",
    "crate::runtime::",
    "runtime::",
];

fn flatten(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                words.push(open.to_owned());
                flatten(group.stream(), words);
                words.push(close.to_owned());
            }
            other => words.push(other.to_string()),
        }
    }
}

/// The text of the `#[doc]` attributes, trimmed.
pub(super) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => string(&pair.value),
        _ => None,
    });
    lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

pub(super) fn is_deprecated(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("deprecated"))
}

/// The value of a string literal.
pub(super) fn string(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}

/// The public functions in the impl blocks of `name` that implement no trait.
pub(super) fn methods<'a>(items: &'a [Item], name: &str) -> Vec<&'a ImplItemFn> {
    let blocks = items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && is_named(&block.self_ty, name) => {
            Some(block)
        }
        _ => None,
    });
    let functions = blocks.flat_map(|block| &block.items).filter_map(|item| match item {
        syn::ImplItem::Fn(function) => Some(function),
        _ => None,
    });
    functions.filter(|function| matches!(function.vis, Visibility::Public(_))).collect()
}

/// The associated constants in the impl blocks of `name`: the name of what has
/// the value, and the value as Rust writes it.
pub(super) fn constants<'a>(items: &'a [Item], name: &str) -> Vec<(String, &'a ImplItemConst)> {
    let blocks = items.iter().filter_map(|item| match item {
        Item::Impl(block) if block.trait_.is_none() && is_named(&block.self_ty, name) => {
            Some(block)
        }
        _ => None,
    });
    let constants = blocks.flat_map(|block| &block.items).filter_map(|item| match item {
        syn::ImplItem::Const(item) => Some((item.ident.to_string().to_lowercase(), item)),
        _ => None,
    });
    constants.collect()
}

fn is_named(type_: &Type, name: &str) -> bool {
    matches!(type_, Type::Path(path) if path.path.is_ident(name))
}

/// The arguments of a function, `self` aside: name and type.
pub(super) fn arguments(function: &ImplItemFn) -> Vec<(String, String)> {
    let typed = function.sig.inputs.iter().filter_map(|input| match input {
        syn::FnArg::Typed(typed) => Some((type_(&typed.pat), type_(&typed.ty))),
        syn::FnArg::Receiver(_) => None,
    });
    typed.collect()
}

/// A word for a file name: lower case, one `-` for all that is no letter or digit.
pub(super) fn slug(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() { "default".to_owned() } else { words.join("-") }
}
