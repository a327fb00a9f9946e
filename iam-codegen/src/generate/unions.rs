//! Unions: enums that the runtime chooses a variant of.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use proc_macro2::TokenStream;
use quote::quote;

use super::{doc, ident, rust_type, types::type_doc};
use crate::api::{Api, Shape, Type, TypeDefinition, Variant};

/// The depth in types to which variants are compared at least. A tag needs no
/// comparison unless it is missing.
const DEPTH: usize = 3;
const DEPTH_WITH_TAG: usize = 1;
/// The depth to which they are compared if their outline is small.
const MAX_DEPTH: usize = 8;
const SMALL: usize = 300;

pub(super) fn union(
    api: &Api,
    name: &str,
    definition: &TypeDefinition,
    tag: Option<&str>,
    variants: &[Variant],
) -> TokenStream {
    let (union_name, docs) = (ident(name), type_doc(&definition.docs, name));
    let none = TokenStream::new();
    let declarations = variants.iter().map(|variant| {
        let mut about = describe(&variant.type_);
        if let (Some(tag), false) = (tag, variant.tags.is_empty()) {
            let quoted = |text: &str| format!("`{}`", text.replace('`', "'"));
            let tags: Vec<_> = variant.tags.iter().map(|tag| quoted(tag)).collect();
            about = format!("{about}: {} is {}", quoted(tag), tags.join(" or "));
        }
        let (docs, variant_name) = (doc(&format!("{about}.")), ident(&variant.name));
        let type_ = rust_type::owned(&variant.type_, &none);
        quote!(#docs #variant_name(#type_),)
    });
    // Any value fits a variant of any value.
    let any = variants.iter().find(|variant| variant.type_ == Type::Any);
    let rest = ident(any.map_or("Unknown", |variant| &variant.name));
    let unknown = any.is_none().then(|| {
        quote! {
            /// A value of another type, as it was sent.
            Unknown(::serde_json::Value),
        }
    });
    let typed: Vec<_> = variants.iter().filter(|variant| variant.type_ != Type::Any).collect();
    let depth = depth(api, tag, variants);
    let mut used = Used::new();
    let known = typed.iter().map(|variant| {
        let (tags, form) = (&variant.tags, form(api, &variant.type_, depth, &mut used));
        quote!(Variant { tags: &[#(#tags),*], form: #form })
    });
    let arms = typed.iter().enumerate().map(|(index, variant)| {
        let variant = ident(&variant.name);
        quote!(::std::option::Option::Some(#index) => union::decode(value, Self::#variant, Self::#rest),)
    });
    let tag = match tag {
        Some(tag) => quote!(::std::option::Option::Some(#tag)),
        None => quote!(::std::option::Option::None),
    };
    let conversions = conversions(&union_name, variants);
    quote! {
        #docs
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize)]
        #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #union_name {
            #(#declarations)*
            #unknown
        }

        impl<'de> ::serde::Deserialize<'de> for #union_name {
            fn deserialize<D: ::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                #[allow(unused_imports)]
                use crate::runtime::union::{self, Form, Variant};
                const VARIANTS: &[Variant] = &[#(#known),*];
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                ::std::result::Result::Ok(match union::choose(&value, #tag, VARIANTS) {
                    #(#arms)*
                    _ => Self::#rest(value),
                })
            }
        }

        #conversions
    }
}

/// A conversion from each type that one variant alone holds.
fn conversions(union_name: &proc_macro2::Ident, variants: &[Variant]) -> TokenStream {
    let none = TokenStream::new();
    let mut by_type: BTreeMap<String, Vec<TokenStream>> = BTreeMap::new();
    for variant in variants {
        let inner = match &variant.type_ {
            Type::Boxed(inner) => inner,
            other => other,
        };
        let (name, source) = (ident(&variant.name), rust_type::owned(inner, &none));
        let value = if matches!(variant.type_, Type::Boxed(_)) {
            quote!(::std::boxed::Box::new(value))
        } else {
            quote!(value)
        };
        by_type.entry(source.to_string()).or_default().push(quote! {
            impl ::std::convert::From<#source> for #union_name {
                fn from(value: #source) -> Self {
                    Self::#name(#value)
                }
            }
        });
    }
    if let Some(variant) = variants.iter().find(|variant| variant.type_ == Type::String) {
        let name = ident(&variant.name);
        by_type.insert(
            "&str".to_owned(),
            vec![quote! {
                impl ::std::convert::From<&str> for #union_name {
                    fn from(value: &str) -> Self {
                        Self::#name(value.to_owned())
                    }
                }
            }],
        );
    }
    let conversions = by_type.values().filter(|list| list.len() == 1).flatten();
    quote!(#(#conversions)*)
}

/// The depth of the outlines of the variants of a union.
fn depth(api: &Api, tag: Option<&str>, variants: &[Variant]) -> usize {
    let objects = variants.iter().filter(|variant| is_object(api, &variant.type_)).count();
    match (objects, tag) {
        // One object is told from values of other types without a look at its fields.
        (0 | 1, _) => 0,
        (_, Some(_)) => DEPTH_WITH_TAG,
        (_, None) => {
            let is_small = |depth: &usize| {
                let mut left = SMALL;
                variants.iter().all(|variant| is_small(api, &variant.type_, *depth, &mut left))
            };
            (DEPTH + 1..=MAX_DEPTH).take_while(is_small).last().unwrap_or(DEPTH)
        }
    }
}

/// Outlines that have a constant: name of the type, and depth.
type Used = BTreeSet<(String, usize)>;

/// The module of constants that outlines consist of. Written out where they are used, they
/// would multiply with each union in a union.
pub(super) fn forms(api: &Api) -> TokenStream {
    let mut used = Used::new();
    for definition in api.types.values() {
        let Shape::Union { tag, variants } = &definition.shape else { continue };
        let depth = depth(api, tag.as_deref(), variants);
        for variant in variants {
            form(api, &variant.type_, depth, &mut used);
        }
    }
    let mut constants = BTreeMap::new();
    while let Some((name, depth)) = used.pop_first() {
        if let Entry::Vacant(entry) = constants.entry(constant(&name, depth)) {
            entry.insert(definition(api, &name, depth, &mut used));
        }
    }
    if constants.is_empty() {
        return TokenStream::new();
    }
    let (names, values) = (constants.keys(), constants.values());
    quote! {
        /// The outlines of types, as deep as unions look into them.
        #[allow(non_upper_case_globals, unused_imports)]
        mod forms {
            use super::forms;
            use crate::runtime::union::Form;

            #(pub(super) const #names: Form = #values;)*
        }
    }
}

fn constant(name: &str, depth: usize) -> proc_macro2::Ident {
    quote::format_ident!("{name}{depth}")
}

/// The outline of a value of `type_`, `depth` types deep. Constants that it needs join `used`.
fn form(api: &Api, type_: &Type, depth: usize, used: &mut Used) -> TokenStream {
    match type_ {
        Type::Boolean => quote!(Form::Boolean),
        Type::Integer(_) => quote!(Form::Integer),
        Type::Number => quote!(Form::Number),
        Type::String | Type::Timestamp | Type::Secret | Type::ETag => quote!(Form::Text(&[])),
        // Only a multipart body has files, and no union does.
        Type::File => quote!(Form::Any),
        Type::List(item) => {
            let item = form(api, item, depth, used);
            quote!(Form::List(&#item))
        }
        Type::Map(_) | Type::SecretJson => quote!(Form::Object { fields: &[], open: true }),
        Type::Any => quote!(Form::Any),
        Type::Nullable(inner) | Type::Boxed(inner) => form(api, inner, depth, used),
        Type::Named(name) => {
            let depth = match &api.types[name].shape {
                Shape::Enum { .. } => 0,
                Shape::Struct { .. } if depth == 0 => {
                    return quote!(Form::Object { fields: &[], open: true });
                }
                Shape::Union { .. } if depth == 0 => return quote!(Form::Any),
                Shape::Struct { .. } | Shape::Union { .. } => depth,
            };
            used.insert((name.clone(), depth));
            let constant = constant(name, depth);
            quote!(forms::#constant)
        }
    }
}

/// Returns whether the outline of a type has no more parts than are `left`.
fn is_small(api: &Api, type_: &Type, depth: usize, left: &mut usize) -> bool {
    let Some(fewer) = left.checked_sub(1) else { return false };
    *left = fewer;
    match type_ {
        Type::List(inner) | Type::Nullable(inner) | Type::Boxed(inner) => {
            is_small(api, inner, depth, left)
        }
        Type::Named(name) if depth > 0 => match &api.types[name].shape {
            Shape::Enum { .. } => true,
            Shape::Struct { fields, .. } => {
                fields.iter().all(|field| is_small(api, &field.type_, depth - 1, left))
            }
            Shape::Union { variants, .. } => {
                variants.iter().all(|variant| is_small(api, &variant.type_, depth - 1, left))
            }
        },
        _ => true,
    }
}

/// The outline of the type `name`, `depth` types deep.
fn definition(api: &Api, name: &str, depth: usize, used: &mut Used) -> TokenStream {
    match &api.types[name].shape {
        Shape::Enum { values } => {
            let values = values.iter().map(|(wire, _)| wire);
            quote!(Form::Text(&[#(#values),*]))
        }
        Shape::Struct { fields, extra } => {
            let open = extra.is_some();
            let fields = fields.iter().map(|field| {
                let (wire, form) = (&field.wire, form(api, &field.type_, depth - 1, used));
                let demanded = field.required && !field.nullable && !field.may_be_empty();
                quote!((#wire, #demanded, #form))
            });
            quote!(Form::Object { fields: &[#(#fields),*], open: #open })
        }
        Shape::Union { variants, .. } => {
            let forms = variants.iter().map(|variant| form(api, &variant.type_, depth - 1, used));
            quote!(Form::OneOf(&[#(#forms),*]))
        }
    }
}

fn is_object(api: &Api, type_: &Type) -> bool {
    match type_ {
        Type::Named(name) => !matches!(api.types[name].shape, Shape::Enum { .. }),
        Type::Map(_) | Type::SecretJson => true,
        Type::Nullable(inner) | Type::Boxed(inner) => is_object(api, inner),
        _ => false,
    }
}

fn describe(type_: &Type) -> String {
    match type_ {
        Type::Named(name) => format!("A `{name}`"),
        Type::String => "Text".into(),
        Type::Timestamp => "A point in time".into(),
        Type::Secret | Type::SecretJson => "A secret".into(),
        Type::ETag => "An entity tag".into(),
        Type::Boolean => "True or false".into(),
        Type::Integer(_) => "A whole number".into(),
        Type::Number => "A number".into(),
        Type::List(_) => "A list".into(),
        Type::Map(_) => "A map".into(),
        Type::Any => "Any value".into(),
        Type::File => "A file".into(),
        Type::Nullable(inner) | Type::Boxed(inner) => describe(inner),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use crate::{Document, Limits, Settings};

    #[test]
    fn unions_in_unions_do_not_multiply() {
        const LEVELS: usize = 4;
        const MEMBERS: usize = 6;
        let inner = |level: usize| match level + 1 {
            LEVELS => json!({"type": "string"}),
            next => json!({"$ref": format!("#/components/schemas/Union{next}")}),
        };
        let member = |level: usize, member: usize| {
            let only = format!("only_{member}");
            let mut properties: Map<String, Value> =
                (0..MEMBERS).map(|field| (format!("field_{field}"), inner(level))).collect();
            properties.insert(only.clone(), json!({"type": "string"}));
            json!({"type": "object", "required": [only], "properties": properties})
        };
        let schemas: Map<String, Value> = (0..LEVELS)
            .map(|level| {
                let members: Vec<_> = (0..MEMBERS).map(|number| member(level, number)).collect();
                (format!("Union{level}"), json!({"oneOf": members}))
            })
            .collect();
        let content =
            json!({"application/json": {"schema": {"$ref": "#/components/schemas/Union0"}}});
        let document = json!({
            "openapi": "3.0.3",
            "info": {"title": "Unions", "version": "1"},
            "paths": {"/": {"get": {
                "operationId": "get",
                "responses": {"200": {"description": "", "content": content}},
            }}},
            "components": {"schemas": schemas},
        });
        let document = document.to_string();
        let document = Document::parse("unions.json", document.as_bytes(), &Limits::default());
        let output = crate::run(document.unwrap(), &[], &Settings::new("Unions")).unwrap();
        let outlines = output.source.matches("Form::Object {").count();
        // Each struct has one at each depth that a union looks into it.
        let structs = LEVELS * MEMBERS;
        assert!((structs..=structs * super::MAX_DEPTH).contains(&outlines), "{outlines}");
    }
}
