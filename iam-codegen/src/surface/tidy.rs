//! Tokens as a person writes them.

use std::collections::BTreeMap;

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

/// The items in the impl blocks that implement no trait, by type.
#[derive(Default)]
pub(super) struct Methods<'a> {
    functions: BTreeMap<String, Vec<&'a ImplItemFn>>,
    constants: BTreeMap<String, Vec<&'a ImplItemConst>>,
}

impl<'a> Methods<'a> {
    pub(super) fn of(items: &'a [Item]) -> Self {
        let mut found = Self::default();
        for item in items {
            let Item::Impl(block) = item else { continue };
            let (None, Type::Path(path)) = (&block.trait_, &*block.self_ty) else { continue };
            let Some(name) = path.path.get_ident() else { continue };
            let functions = block.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) => Some(function),
                _ => None,
            });
            let public = functions.filter(|function| matches!(function.vis, Visibility::Public(_)));
            found.functions.entry(name.to_string()).or_default().extend(public);
            let constants = block.items.iter().filter_map(|item| match item {
                syn::ImplItem::Const(item) => Some(item),
                _ => None,
            });
            found.constants.entry(name.to_string()).or_default().extend(constants);
        }
        found
    }

    /// The public functions of the type `name`.
    pub(super) fn of_type(&self, name: &str) -> &[&'a ImplItemFn] {
        self.functions.get(name).map_or(&[], Vec::as_slice)
    }

    /// The constants of the type `name`: what has the value, and the constant.
    pub(super) fn constants(&self, name: &str) -> Vec<(String, &'a ImplItemConst)> {
        let constants = self.constants.get(name).into_iter().flatten();
        constants.map(|item| (item.ident.to_string().to_lowercase(), *item)).collect()
    }
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
