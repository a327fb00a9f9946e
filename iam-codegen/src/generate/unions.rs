//! Unions: enums that the runtime chooses a variant of.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::{doc, ident, rust_type, types::type_doc};
use crate::api::{Api, Field, Shape, Type, TypeDefinition, Variant};

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
    let objects = typed.iter().filter(|variant| is_object(api, &variant.type_)).count();
    let depth = match (objects, tag) {
        // One object is told from values of other types without a look at its fields.
        (0 | 1, _) => 0,
        (_, Some(_)) => DEPTH_WITH_TAG,
        (_, None) => {
            let is_small = |depth: &usize| {
                let mut left = SMALL;
                typed.iter().all(|variant| is_small(api, &variant.type_, *depth, &mut left))
            };
            (DEPTH + 1..=MAX_DEPTH).take_while(is_small).last().unwrap_or(DEPTH)
        }
    };
    let known = typed.iter().map(|variant| {
        let (tags, form) = (&variant.tags, form(api, &variant.type_, depth));
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

/// The outline of a value of `type_`, `depth` types deep.
fn form(api: &Api, type_: &Type, depth: usize) -> TokenStream {
    match type_ {
        Type::Boolean => quote!(Form::Boolean),
        Type::Integer(_) => quote!(Form::Integer),
        Type::Number => quote!(Form::Number),
        Type::String | Type::Timestamp | Type::Secret | Type::ETag => quote!(Form::Text(&[])),
        // Only a multipart body has files, and no union does.
        Type::File => quote!(Form::Any),
        Type::List(item) => {
            let item = form(api, item, depth);
            quote!(Form::List(&#item))
        }
        Type::Map(_) | Type::SecretJson => quote!(Form::Object { fields: &[], open: true }),
        Type::Any => quote!(Form::Any),
        Type::Nullable(inner) | Type::Boxed(inner) => form(api, inner, depth),
        Type::Named(name) => match &api.types[name].shape {
            Shape::Enum { values } => {
                let values = values.iter().map(|(wire, _)| wire);
                quote!(Form::Text(&[#(#values),*]))
            }
            Shape::Struct { .. } if depth == 0 => {
                quote!(Form::Object { fields: &[], open: true })
            }
            Shape::Struct { fields, extra } => {
                let (open, fields) = (extra.is_some(), fields.iter().map(|f| field(api, f, depth)));
                quote!(Form::Object { fields: &[#(#fields),*], open: #open })
            }
            Shape::Union { .. } if depth == 0 => quote!(Form::Any),
            Shape::Union { variants, .. } => {
                let forms = variants.iter().map(|variant| form(api, &variant.type_, depth - 1));
                quote!(Form::OneOf(&[#(#forms),*]))
            }
        },
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

fn field(api: &Api, field: &Field, depth: usize) -> TokenStream {
    let (wire, form) = (&field.wire, form(api, &field.type_, depth - 1));
    let demanded = field.required && !field.nullable && !field.may_be_empty();
    quote!((#wire, #demanded, #form))
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
