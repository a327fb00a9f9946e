//! The service struct: one method for each operation.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::{
    deprecated, doc,
    docs::{closed, code, one_line},
    ident, request, rust_type,
};
use crate::api::{Api, Operation, Parameter, RequiredAction};

pub(super) fn service(api: &Api, service: &Ident) -> TokenStream {
    let description = api.description.as_deref().unwrap_or_default();
    let about = doc(&format!("{}.\n\n{description}", one_line(&api.title)));
    quote! {
        #about
        #[derive(Clone, Debug)]
        pub struct #service {
            client: crate::runtime::Client,
        }
    }
}

pub(super) fn constructor() -> TokenStream {
    quote! {
        /// This service, by way of `client`.
        pub fn new(client: &crate::runtime::Client) -> Self {
            Self { client: client.clone() }
        }
    }
}

/// The methods of each operation.
pub(super) fn methods(api: &Api) -> impl Iterator<Item = TokenStream> {
    let names: BTreeSet<_> = api.operations.iter().map(|operation| &*operation.name).collect();
    api.operations.iter().map(move |operation| methods_of(api, operation, &names))
}

fn methods_of(api: &Api, operation: &Operation, taken: &BTreeSet<&str>) -> TokenStream {
    let name = ident(&operation.name);
    let builder = ident(&operation.type_name);
    let text = doc(&text(operation));
    let deprecated = deprecated(operation.deprecated);
    let types = quote!(types::);
    let required: Vec<&Parameter> =
        operation.parameters.iter().filter(|p| p.is_argument()).collect();
    let mut arguments = Vec::new();
    let mut values = Vec::new();
    for parameter in &required {
        let name = ident(&parameter.name);
        let (type_, value) = rust_type::argument(&parameter.type_, &quote!(#name), &types);
        arguments.push(quote!(#name: #type_));
        values.push(quote!(#value));
    }
    let client = quote!(self.client.clone());
    let (shared_arguments, shared_values) = (arguments.clone(), values.clone());
    let mut whole = TokenStream::new();
    match request::body_arguments(api, operation) {
        request::BodyArguments::None => {}
        request::BodyArguments::Whole { type_, value } => {
            arguments.push(quote!(body: #type_));
            values.push(value);
        }
        request::BodyArguments::Fields { names, types: field_types, values: fields, body } => {
            for (name, type_) in names.iter().zip(&field_types) {
                arguments.push(quote!(#name: #type_));
            }
            values.push(quote!(#body::new(#(#fields),*)));
            if !names.is_empty() {
                let method = whole_body_method(operation, taken);
                let about =
                    format!(" As [`{0}`](Self::{0}), its body given as a whole.", operation.name);
                whole = quote! {
                    #[doc = #about]
                    #deprecated
                    pub fn #method(&self, #(#shared_arguments,)* body: impl ::std::convert::Into<#body>) -> request::#builder {
                        request::#builder::new(#client, #(#shared_values,)* body.into())
                    }
                };
            }
        }
    }
    quote! {
        #text
        #deprecated
        pub fn #name(&self, #(#arguments),*) -> request::#builder {
            request::#builder::new(#client, #(#values),*)
        }

        #whole
    }
}

/// The name of the method that takes the body as a whole.
fn whole_body_method(operation: &Operation, taken: &BTreeSet<&str>) -> Ident {
    let plain = format!("{}_with_body", operation.name);
    let is_free = |name: &String| !taken.contains(name.as_str());
    let numbered = (2..).map(|number| format!("{plain}{number}"));
    let name = std::iter::once(plain.clone()).chain(numbered).find(is_free);
    ident(&name.unwrap_or(plain))
}

/// What the documentation of an operation says.
fn text(operation: &Operation) -> String {
    let mut text = String::new();
    if let Some(summary) = &operation.summary {
        let summary = one_line(summary);
        text.push_str(&summary);
        if !summary.ends_with(['.', '!', '?']) {
            text.push('.');
        }
        text.push_str("\n\n");
    }
    if let Some(description) = &operation.description {
        text.push_str(&closed(description));
        text.push_str("\n\n");
    }
    text.push_str(&code(&format!("{} {}", operation.method, operation.path)));
    let arguments = operation.parameters.iter().filter(|parameter| parameter.is_argument());
    for (index, parameter) in arguments.enumerate() {
        text.push_str(if index == 0 { "\n\n# Arguments\n" } else { "\n" });
        text.push_str(&format!("- `{}`", parameter.name));
        if let Some(about) = request::about(&parameter.docs) {
            text.push_str(&format!(": {}", one_line(&about)));
        }
    }
    if !operation.actions.is_empty() {
        text.push_str("\n\n# Permissions\n");
        let actions: Vec<_> = operation.actions.iter().map(permission).collect();
        text.push_str(&actions.join("\n"));
    }
    for (index, (status, about)) in operation.errors.iter().enumerate() {
        text.push_str(if index == 0 { "\n\n# Errors\n" } else { "\n" });
        text.push_str(&format!("- {}", code(status)));
        if let Some(about) = about {
            text.push_str(&format!(": {}", one_line(about)));
        }
    }
    text
}

fn permission(action: &RequiredAction) -> String {
    let mut line = format!("- {}", code(&action.name));
    if let Some(when) = &action.when {
        line.push_str(&format!(", when: {}", one_line(when)));
    }
    if action.inferred {
        line.push_str(" (read off its name)");
    }
    line
}
