//! The types: fields, values, variants.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use syn::{Attribute, Fields, Item, ItemEnum, ItemStruct, Visibility};

use super::tidy::{self, Methods};

pub(super) fn listing(items: &[Item]) -> String {
    let mut listings = BTreeMap::new();
    let methods = Methods::of(items);
    for item in items {
        let (name, listing) = match item {
            Item::Struct(item) if is_public(&item.vis) => {
                (item.ident.to_string(), struct_(item, &methods))
            }
            Item::Enum(item) if is_public(&item.vis) => {
                (item.ident.to_string(), enum_(item, "union"))
            }
            // `open_enum!` holds what Rust would call an enum with text values.
            Item::Macro(item) => match syn::parse2::<ItemEnum>(item.mac.tokens.clone()) {
                Ok(item) => (item.ident.to_string(), enum_(&item, "enum")),
                Err(_) => continue,
            },
            _ => continue,
        };
        listings.insert(name, listing);
    }
    listings.into_values().collect::<Vec<_>>().join("\n")
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn struct_(item: &ItemStruct, methods: &Methods<'_>) -> String {
    let mut out = format!("struct {}{}\n", item.ident, deprecated(&item.attrs));
    let constants = methods.constants(&item.ident.to_string());
    for field in &item.fields {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let type_ = tidy::type_(&field.ty);
        let serde = serde(&field.attrs);
        let _ = write!(out, "  {name}: {type_}");
        if let Some(wire) = &serde.rename {
            let _ = write!(out, " = {wire:?}");
        }
        if serde.has("skip_serializing_if") {
            out.push_str(", optional");
        }
        if serde.has("flatten") {
            out.push_str(", all further fields");
        }
        if serde.has("deserialize_with") && !serde.has("skip_serializing_if") {
            out.push_str(", null as empty");
        }
        if let Some((_, constant)) = constants.iter().find(|(constant, _)| *constant == name) {
            let _ = write!(out, ", always {}", tidy::type_(&constant.expr));
        }
        out.push_str(deprecated(&field.attrs));
        out.push('\n');
    }
    for method in methods.of_type(&item.ident.to_string()) {
        let arguments = tidy::arguments(method);
        let list: Vec<_> =
            arguments.iter().map(|(name, type_)| format!("{name}: {type_}")).collect();
        if method.sig.ident == "new" {
            let _ = writeln!(out, "  new({})", list.join(", "));
        } else {
            let types: Vec<_> = arguments.into_iter().map(|(_, type_)| type_).collect();
            let _ = writeln!(out, "  .{}({})", method.sig.ident, types.join(", "));
        }
    }
    out
}

fn enum_(item: &ItemEnum, word: &str) -> String {
    let mut out = format!("{word} {}{}\n", item.ident, deprecated(&item.attrs));
    for variant in &item.variants {
        let _ = write!(out, "  {}", variant.ident);
        if let Some((_, value)) = &variant.discriminant {
            let _ = write!(out, " = {:?}", tidy::string(value).unwrap_or_default());
        }
        if let Fields::Unnamed(fields) = &variant.fields {
            let types: Vec<_> = fields.unnamed.iter().map(|field| tidy::type_(&field.ty)).collect();
            let _ = write!(out, "({})", types.join(", "));
        }
        out.push('\n');
    }
    out
}

fn deprecated(attributes: &[Attribute]) -> &'static str {
    if tidy::is_deprecated(attributes) { ", deprecated" } else { "" }
}

/// What the `#[serde]` attributes of a field say.
#[derive(Default)]
struct Serde {
    rename: Option<String>,
    words: Vec<String>,
}

impl Serde {
    fn has(&self, word: &str) -> bool {
        self.words.iter().any(|other| other == word)
    }
}

fn serde(attributes: &[Attribute]) -> Serde {
    let mut found = Serde::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("serde")) {
        // Cannot fail on what the generator writes.
        let _ = attribute.parse_nested_meta(|meta| {
            let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
            if let Ok(value) = meta.value() {
                let text: syn::LitStr = value.parse()?;
                if word == "rename" {
                    found.rename = Some(text.value());
                }
            }
            found.words.push(word);
            Ok(())
        });
    }
    found
}
