//! The table of operations.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::{doc, docs::code, ident};
use crate::api::{Api, Encoding, Operation, SecurityScheme as Scheme};

/// The name of an operation's entry.
pub(super) fn entry(operation: &Operation) -> String {
    operation.name.to_uppercase()
}

pub(super) fn list(api: &Api) -> TokenStream {
    let names = api.operations.iter().map(|operation| ident(&entry(operation)));
    let count = api.operations.len();
    quote! {
        #[allow(unused_imports)]
        use crate::runtime::{AuditEvent, Operation, RequiredAction, SecurityKind, SecurityScheme};

        /// All operations, sorted by name.
        pub static ALL: [&Operation; #count] = [#(&#names),*];
    }
}

/// The entry of each operation.
pub(super) fn entries(api: &Api) -> impl Iterator<Item = TokenStream> + use<'_> {
    api.operations.iter().map(|operation| static_entry(api, operation))
}

fn static_entry(api: &Api, operation: &Operation) -> TokenStream {
    let name = ident(&entry(operation));
    let doc = doc(&code(&format!("{} {}", operation.method, operation.path)));
    let Operation { id, method, path, tag, deprecated, anonymous, idempotent, .. } = operation;
    // The boundary of a multipart body is part of its media type.
    let body = operation.body.as_ref().filter(|body| body.encoding != Encoding::Multipart);
    let content_type = optional(body.map(|body| body.media_type.as_str()));
    let contents = operation.success.replies.iter().filter_map(|(_, content)| content.as_ref());
    let accept = contents.map(|content| content.media_type.as_str()).next();
    let binary = operation.success.replies.iter().any(|(_, content)| {
        content.as_ref().is_some_and(|content| content.encoding == Encoding::Bytes)
    });
    let accept = optional(if binary { Some("*/*") } else { accept });
    let success = operation.success.replies.iter().map(|(status, _)| *status).filter(|s| *s != 0);
    let success = success.map(Literal::u16_unsuffixed);
    let security = operation.security.iter().map(|combination| {
        let schemes = combination.iter().filter_map(|name| {
            let kind = match api.security_schemes.get(name)? {
                Scheme::Bearer => quote!(Bearer),
                Scheme::Basic => quote!(Basic),
                Scheme::Header(header) => quote!(Header(#header)),
                Scheme::Query(parameter) => quote!(Query(#parameter)),
                Scheme::Cookie(cookie) => quote!(Cookie(#cookie)),
            };
            Some(quote!(SecurityScheme { name: #name, kind: SecurityKind::#kind }))
        });
        quote!(&[#(#schemes),*])
    });
    let actions = operation.actions.iter().map(|action| {
        let (name, when, inferred) =
            (&action.name, optional(action.when.as_deref()), action.inferred);
        quote!(RequiredAction { name: #name, when: #when, inferred: #inferred })
    });
    let events = operation.events.iter().map(|event| {
        let (name, when, inferred) = (&event.name, optional(event.when.as_deref()), event.inferred);
        quote!(AuditEvent { name: #name, when: #when, inferred: #inferred })
    });
    quote! {
        #doc
        pub static #name: Operation = Operation {
            id: #id,
            method: #method,
            path: #path,
            tag: #tag,
            content_type: #content_type,
            accept: #accept,
            success: &[#(#success),*],
            idempotent: #idempotent,
            anonymous: #anonymous,
            security: &[#(#security),*],
            deprecated: #deprecated,
            actions: &[#(#actions),*],
            events: &[#(#events),*],
        };
    }
}

fn optional(text: Option<&str>) -> TokenStream {
    match text {
        Some(text) => quote!(::std::option::Option::Some(#text)),
        None => quote!(::std::option::Option::None),
    }
}
