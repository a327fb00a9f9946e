//! The bodies that the runtime builds: forms with more than scalars, and multipart bodies.

use proc_macro2::TokenStream;
use quote::quote;

use super::{ident, rust_type};
use crate::api::{Api, Body, Encoding, Shape, Type};

/// The statements that have the runtime build the body.
pub(super) fn own_body(api: &Api, body: &Body) -> TokenStream {
    let build = if body.encoding == Encoding::Form {
        let styles = body.styles.iter().map(|(name, (style, explode))| {
            let style = rust_type::style(*style);
            quote!((#name, #style, #explode))
        });
        quote!(wire.inner.form(body, &[#(#styles),*]);)
    } else {
        let parts = parts(api, body);
        quote! {
            let mut parts = runtime::Parts::default();
            #parts
            wire.inner.multipart(parts);
        }
    };
    if body.required {
        quote! {
            let body = &self.body;
            #build
        }
    } else {
        quote! {
            if let ::std::option::Option::Some(body) = &self.body {
                #build
            }
        }
    }
}

/// The statements that add each field of a multipart body to `parts`.
fn parts(api: &Api, body: &Body) -> TokenStream {
    let media_type = |name: &str| match body.media_types.get(name) {
        Some(media_type) => quote!(::std::option::Option::Some(#media_type)),
        None => quote!(::std::option::Option::None),
    };
    let definition = match &body.type_ {
        Type::Named(name) => api.types.get(name).map(|definition| &definition.shape),
        _ => None,
    };
    let Some(Shape::Struct { fields, extra }) = definition else {
        let media_types = body.media_types.iter().map(|(name, type_)| quote!((#name, #type_)));
        return quote!(parts.fields(body, &[#(#media_types),*]););
    };
    let fields = fields.iter().map(|field| {
        let (wire, name, media_type) = (&field.wire, ident(&field.name), media_type(&field.wire));
        let optional = !field.required || field.nullable;
        match (field.is_file(), &field.type_) {
            (false, _) => quote!(parts.value(#wire, &body.#name, #media_type);),
            (true, Type::List(_)) if optional => {
                quote!(parts.files(#wire, body.#name.iter().flatten(), #media_type);)
            }
            (true, Type::List(_)) => quote!(parts.files(#wire, &body.#name, #media_type);),
            (true, _) if optional => quote!(parts.files(#wire, &body.#name, #media_type);),
            (true, _) => quote!(parts.files(#wire, [&body.#name], #media_type);),
        }
    });
    let extra = extra.as_ref().map(|_| quote!(parts.fields(&body.extra, &[]);));
    quote!(#(#fields)* #extra)
}
