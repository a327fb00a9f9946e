//! Types as Rust writes them: owned, as an argument, and on the way to the wire.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::ident;
use crate::api::{Parameter, Place, Style, Type};

/// The owned type. `types` is the path to the module of definitions.
pub(super) fn owned(type_: &Type, types: &TokenStream) -> TokenStream {
    match type_ {
        Type::Named(name) => {
            let name = ident(name);
            quote!(#types #name)
        }
        Type::String => quote!(::std::string::String),
        Type::Timestamp => quote!(crate::runtime::Timestamp),
        Type::Secret => quote!(crate::runtime::Secret),
        Type::SecretJson => quote!(crate::runtime::SecretJson),
        Type::ETag => quote!(crate::runtime::ETag),
        Type::Boolean => quote!(bool),
        Type::Integer(name) => {
            let name = ident(name);
            quote!(#name)
        }
        Type::Number => quote!(f64),
        Type::List(item) => {
            let item = owned(item, types);
            quote!(::std::vec::Vec<#item>)
        }
        Type::Map(value) => {
            let value = owned(value, types);
            quote!(::std::collections::BTreeMap<::std::string::String, #value>)
        }
        Type::Any => quote!(::serde_json::Value),
        Type::File => quote!(crate::runtime::FilePart),
        Type::Nullable(inner) => {
            let inner = owned(inner, types);
            quote!(::std::option::Option<#inner>)
        }
        Type::Boxed(inner) => {
            let inner = owned(inner, types);
            quote!(::std::boxed::Box<#inner>)
        }
    }
}

/// The type of an argument, and the expression that makes `name` of it owned.
pub(super) fn argument(
    type_: &Type,
    name: &TokenStream,
    types: &TokenStream,
) -> (TokenStream, TokenStream) {
    let plain = owned(type_, types);
    match type_ {
        Type::Boolean | Type::Integer(_) | Type::Number | Type::Map(_) | Type::Nullable(_) => {
            (plain, name.clone())
        }
        Type::Named(_)
        | Type::String
        | Type::Timestamp
        | Type::Secret
        | Type::SecretJson
        | Type::ETag
        | Type::File
        | Type::Any => (quote!(impl ::std::convert::Into<#plain>), quote!(#name.into())),
        Type::List(item) => {
            let into = matches!(
                **item,
                Type::Named(_)
                    | Type::String
                    | Type::Timestamp
                    | Type::Secret
                    | Type::SecretJson
                    | Type::File
                    | Type::Any
            );
            let item = owned(item, types);
            if into {
                (
                    quote!(impl ::std::iter::IntoIterator<Item = impl ::std::convert::Into<#item>>),
                    quote!(#name.into_iter().map(::std::convert::Into::into).collect()),
                )
            } else {
                (
                    quote!(impl ::std::iter::IntoIterator<Item = #item>),
                    quote!(#name.into_iter().collect()),
                )
            }
        }
        Type::Boxed(inner) => {
            let (argument, expression) = argument(inner, name, types);
            (argument, quote!(::std::boxed::Box::new(#expression)))
        }
    }
}

/// A scalar as text: `&str` for what is text in itself, else an owned string.
fn text(type_: &Type, value: &TokenStream) -> TokenStream {
    match type_ {
        Type::Secret => quote!(#value.expose()),
        Type::Boolean | Type::Integer(_) | Type::Number => quote!(#value.to_string()),
        _ => quote!(#value.as_str()),
    }
}

/// Whether [`text`] borrows.
fn is_text(type_: &Type) -> bool {
    !matches!(type_, Type::Boolean | Type::Integer(_) | Type::Number)
}

/// The expression that gives the builder's field of `parameter` to `wire`.
pub(super) fn to_wire(parameter: &Parameter) -> TokenStream {
    let field = ident(&parameter.name);
    if parameter.constant.is_some() {
        let constant = constant(&parameter.name);
        return quote!(Self::#constant);
    }
    let value = quote!(value);
    if let Some((style, explode)) = parameter.style {
        // Of the styled ones, only those in the path go through the core.
        let (wire, style) = (&parameter.wire, self::style(style));
        return quote!(&wire.inner.path(#wire, #style, #explode, &self.#field));
    }
    let joined = parameter.place != Place::Query;
    let list = |item: &Type| {
        let each = text(item, &value);
        match (joined, item) {
            (true, _) => quote! {
                .iter().map(|value| #each).collect::<::std::vec::Vec<_>>().join(",")
            },
            (false, Type::String | Type::Boolean | Type::Integer(_)) => quote!(),
            // Whole numbers have no `.0`.
            (false, Type::Number) => quote! {
                .iter().map(|value| #each).collect::<::std::vec::Vec<_>>()
            },
            (false, _) => quote! {
                .iter().map(|value| #each.to_owned()).collect::<::std::vec::Vec<_>>()
            },
        }
    };
    match (&parameter.type_, parameter.required) {
        (Type::List(item), true) => {
            let list = list(item);
            quote!(&self.#field #list)
        }
        (Type::List(item), false) => {
            let converted = list(item);
            let end = if joined { quote!(as_deref) } else { quote!(as_ref) };
            if converted.is_empty() {
                quote!(self.#field.as_ref())
            } else {
                quote!(self.#field.as_ref().map(|list| list #converted).#end())
            }
        }
        (Type::String, false) => quote!(self.#field.as_deref()),
        // Whole numbers have no `.0`.
        (Type::Number, true) => quote!(&self.#field.to_string()),
        (Type::Number, false) => {
            quote!(self.#field.map(|value| value.to_string()).as_deref())
        }
        (type_, true) if is_text(type_) => text(type_, &quote!(self.#field)),
        (type_, false) if is_text(type_) => {
            let text = text(type_, &value);
            quote!(self.#field.as_ref().map(|value| #text))
        }
        _ => quote!(self.#field),
    }
}

/// A style as the runtime has it.
pub(super) fn style(style: Style) -> TokenStream {
    let name = format_ident!("{style:?}");
    quote!(runtime::Style::#name)
}

/// The statement that adds a styled parameter to the request; `None` for one that has no
/// style, and for one in the path.
pub(super) fn addition(parameter: &Parameter) -> Option<TokenStream> {
    let (style, explode) = parameter.style?;
    let add = match parameter.place {
        Place::Path => return None,
        Place::Query => quote!(query),
        Place::Header => quote!(header),
        Place::Cookie => quote!(cookie),
    };
    let (wire, style) = (&parameter.wire, self::style(style));
    let value = if parameter.constant.is_some() {
        let constant = constant(&parameter.name);
        quote!(Self::#constant)
    } else {
        let field = ident(&parameter.name);
        quote!(self.#field)
    };
    Some(quote!(wire.inner.#add(#wire, #style, #explode, &#value);))
}

/// The associated constant that holds the only value of what is called `name`.
pub(super) fn constant(name: &str) -> Ident {
    ident(&name.to_uppercase())
}

/// The expression of a path parameter's text, for the check before sending.
pub(super) fn path_text(parameter: &Parameter) -> Option<TokenStream> {
    let field = ident(&parameter.name);
    match &parameter.type_ {
        // The runtime checks it once it is a text.
        _ if parameter.style.is_some() => None,
        Type::List(_) => {
            let joined = to_wire(parameter);
            Some(quote!(#joined))
        }
        type_ if is_text(type_) => Some(text(type_, &quote!(self.#field))),
        // No number and no boolean is empty or a dot.
        _ => None,
    }
}
