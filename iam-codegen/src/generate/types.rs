//! Structs and open enums.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::{deprecated, doc, docs::code, ident, request::about, rust_type, unions};
use crate::api::{Api, Docs, Field, Shape, Type, TypeDefinition};

/// The definition of each type.
pub(super) fn types(api: &Api) -> impl Iterator<Item = TokenStream> {
    let types = api.types.iter().map(|(name, definition)| match &definition.shape {
        Shape::Struct { fields, extra } => struct_(name, definition, fields, extra.as_ref()),
        Shape::Enum { values } => enum_(name, definition, values),
        Shape::Union { tag, variants } => {
            unions::union(api, name, definition, tag.as_deref(), variants)
        }
    });
    types.chain([unions::forms(api)])
}

pub(super) fn type_doc(docs: &Docs, name: &str) -> TokenStream {
    let about =
        about(docs).unwrap_or_else(|| format!("`{name}`, as the service describes no further."));
    let (doc, deprecated) = (doc(&about), deprecated(docs.deprecated));
    quote!(#doc #deprecated)
}

/// How a field stands in its struct.
fn field_type(field: &Field) -> TokenStream {
    let type_ = rust_type::owned(&field.type_, &TokenStream::new());
    if field.required && !field.nullable {
        type_
    } else if field.clear_setter.is_some() {
        quote!(::std::option::Option<::std::option::Option<#type_>>)
    } else {
        quote!(::std::option::Option<#type_>)
    }
}

fn struct_(
    name: &str,
    definition: &TypeDefinition,
    fields: &[Field],
    extra: Option<&Type>,
) -> TokenStream {
    let (struct_name, docs) = (ident(name), type_doc(&definition.docs, name));
    let files = definition.has_files();
    let declarations = fields.iter().map(|field| declaration(field, definition.in_response, files));
    let extra_field = extra.map(|type_| {
        let type_ = rust_type::owned(type_, &TokenStream::new());
        let flatten = (!files).then(|| quote!(#[serde(flatten)]));
        quote! {
            /// Further fields, by name.
            #flatten
            pub extra: ::std::collections::BTreeMap<::std::string::String, #type_>,
        }
    });
    // What the service alone makes needs no constructor.
    let methods = definition.in_request.then(|| methods(&struct_name, fields, extra.is_some()));
    let all_optional = fields.iter().all(|field| !field.required);
    let default = all_optional.then(|| quote!(#[derive(Default)]));
    // Constants are not left to be given.
    let constant = |field: &Field| field.constant.is_some();
    let filled = definition.in_request
        && fields.iter().any(constant)
        && fields.iter().all(|field| !field.required || constant(field));
    let default_with_constants = filled.then(|| {
        quote! {
            impl ::std::default::Default for #struct_name {
                fn default() -> Self {
                    Self::new()
                }
            }
        }
    });
    let derives = if files {
        quote!(#[derive(Clone, Debug)])
    } else {
        quote! {
            #[derive(Clone, Debug, PartialEq, ::serde::Deserialize, ::serde::Serialize)]
            #[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]
        }
    };
    quote! {
        #docs
        #derives
        #default
        #[non_exhaustive]
        pub struct #struct_name {
            #(#declarations)*
            #extra_field
        }

        #methods

        #default_with_constants
    }
}

/// `plain` is a field of a struct that is never JSON.
fn declaration(field: &Field, in_response: bool, plain: bool) -> TokenStream {
    let (name, type_) = (ident(&field.name), field_type(field));
    let docs = doc(&about(&field.docs).unwrap_or_else(|| code(&field.wire)));
    let deprecated = deprecated(field.docs.deprecated);
    let mut serde = Vec::new();
    if field.name != field.wire {
        let wire = &field.wire;
        serde.push(quote!(rename = #wire));
    }
    if !field.required {
        serde.push(quote!(skip_serializing_if = "::std::option::Option::is_none"));
        if field.clear_setter.is_some() {
            serde.push(quote!(default));
            serde.push(quote!(deserialize_with = "crate::runtime::lenient::present"));
        }
    } else if field.may_be_empty() && in_response {
        serde.push(quote!(default));
        serde.push(quote!(deserialize_with = "crate::runtime::lenient::null_as_default"));
    }
    let serde = (!serde.is_empty() && !plain).then(|| quote!(#[serde(#(#serde),*)]));
    quote!(#docs #deprecated #serde pub #name: #type_,)
}

fn methods(name: &proc_macro2::Ident, fields: &[Field], extra: bool) -> TokenStream {
    let types = TokenStream::new();
    let (constants, given): (Vec<_>, Vec<_>) =
        fields.iter().partition(|field| field.constant.is_some());
    let (required, optional): (Vec<&Field>, Vec<_>) =
        given.into_iter().partition(|field| field.required);
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    let mut declarations = Vec::new();
    for field in &constants {
        let (name, constant) = (ident(&field.name), rust_type::constant(&field.name));
        let owned = rust_type::owned(&field.type_, &types);
        let (type_, literal, value) = match &field.constant {
            Some(Value::String(text)) => {
                (quote!(&'static str), quote!(#text), quote!(Self::#constant.to_owned()))
            }
            Some(Value::Number(number)) => {
                let number = number.to_string();
                let number = if field.type_ == Type::Number && !number.contains(['.', 'e', 'E']) {
                    format!("{number}.0")
                } else {
                    number
                };
                let literal: TokenStream = number.parse().unwrap_or_default();
                (owned, literal, quote!(Self::#constant))
            }
            Some(Value::Bool(flag)) => (owned, quote!(#flag), quote!(Self::#constant)),
            _ => continue,
        };
        let about = format!(" The value of `{}`.", field.name);
        declarations.push(quote!(#[doc = #about] const #constant: #type_ = #literal;));
        values.push(quote!(#name: #value));
    }
    for field in &required {
        let name = ident(&field.name);
        if field.nullable {
            let type_ = field_type(field);
            arguments.push(quote!(#name: #type_));
            values.push(quote!(#name));
        } else {
            let (type_, value) = rust_type::argument(&field.type_, &quote!(#name), &types);
            arguments.push(quote!(#name: #type_));
            let plain = name == value.to_string();
            values.push(if plain { quote!(#name) } else { quote!(#name: #value) });
        }
    }
    let none = optional.iter().map(|field| {
        let name = ident(&field.name);
        quote!(#name: ::std::option::Option::None)
    });
    let extra = extra.then(|| quote!(extra: ::std::collections::BTreeMap::new()));
    let setters = optional.iter().filter(|field| !field.read_only).map(|field| {
        let name = ident(&field.name);
        let (type_, value) = rust_type::argument(&field.type_, &quote!(#name), &types);
        let about = format!(" Sets the field `{}`.", field.name);
        let deprecated = deprecated(field.docs.deprecated);
        let value = some(field, value);
        let clear = field.clear_setter.as_ref().map(|setter| {
            let (setter, about) = (ident(setter), clears(field));
            quote! {
                #about
                #deprecated
                #[must_use]
                pub fn #setter(mut self) -> Self {
                    self.#name = ::std::option::Option::Some(::std::option::Option::None);
                    self
                }
            }
        });
        quote! {
            #[doc = #about]
            #deprecated
            #[must_use]
            pub fn #name(mut self, #name: #type_) -> Self {
                self.#name = #value;
                self
            }

            #clear
        }
    });
    quote! {
        impl #name {
            #(#declarations)*

            /// With the required fields, and no others.
            pub fn new(#(#arguments),*) -> Self {
                Self { #(#values,)* #(#none,)* #extra }
            }

            #(#setters)*
        }
    }
}

/// The content of an optional field that has `value`.
pub(super) fn some(field: &Field, value: TokenStream) -> TokenStream {
    if field.clear_setter.is_some() {
        quote!(::std::option::Option::Some(::std::option::Option::Some(#value)))
    } else {
        quote!(::std::option::Option::Some(#value))
    }
}

/// The documentation of a setter that sends null.
pub(super) fn clears(field: &Field) -> TokenStream {
    doc(&format!("Sends null for {}, which removes the value.", code(&field.wire)))
}

fn enum_(name: &str, definition: &TypeDefinition, values: &[(String, String)]) -> TokenStream {
    let (enum_name, docs) = (ident(name), type_doc(&definition.docs, name));
    let variants = values.iter().map(|(wire, variant)| {
        let (variant, docs) = (ident(variant), doc(&code(wire)));
        quote!(#docs #variant = #wire)
    });
    quote! {
        crate::runtime::open_enum! {
            #docs
            pub enum #enum_name {
                #(#variants,)*
            }
        }
    }
}
