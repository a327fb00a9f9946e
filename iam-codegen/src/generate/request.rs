//! Request builders: a setter for everything optional, `send` and `send_raw`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{
    deprecated, doc,
    docs::{closed, code},
    ident, metadata, paging, parts, rust_type,
    secrets::Secrets,
    types::{clears, some},
    wire,
    wire::Arguments,
};
use crate::api::{
    Api, Body, Content, Docs, Encoding, Field, Operation, Parameter, Place, Shape, Success, Type,
};

/// What a call must give of the body.
pub(super) enum BodyArguments {
    /// Nothing: there is none, or it is optional.
    None,
    /// The body itself.
    Whole { type_: TokenStream, value: TokenStream },
    /// Its required fields.
    Fields {
        names: Vec<Ident>,
        types: Vec<TokenStream>,
        values: Vec<TokenStream>,
        body: TokenStream,
    },
}

/// The fields of a flattened body, with the names that they have here.
fn flattened<'a>(api: &'a Api, body: &'a Body) -> Option<Vec<(&'a Field, &'a str)>> {
    let (Some(names), Type::Named(name)) = (&body.flattened, &body.type_) else { return None };
    let Shape::Struct { fields, extra: None } = &api.types.get(name)?.shape else { return None };
    // An optional body comes into being with its first field: it must need none.
    let needed = |field: &Field| field.required && field.constant.is_none();
    if !body.required && fields.iter().any(needed) {
        return None;
    }
    Some(fields.iter().filter_map(|f| Some((f, names.get(&f.wire)?.as_str()))).collect())
}

/// The type of the body as the builder holds it.
fn body_type(body: &Body) -> TokenStream {
    match body.encoding {
        Encoding::Json | Encoding::Form | Encoding::Multipart => {
            rust_type::owned(&body.type_, &quote!(types::))
        }
        Encoding::Text => quote!(::std::string::String),
        Encoding::Bytes => quote!(::bytes::Bytes),
    }
}

pub(super) fn body_arguments(api: &Api, operation: &Operation) -> BodyArguments {
    let Some(body) = operation.body.as_ref().filter(|body| body.required) else {
        return BodyArguments::None;
    };
    let types = quote!(types::);
    let Some(fields) = flattened(api, body) else {
        let (type_, value) = match body.encoding {
            Encoding::Json | Encoding::Form | Encoding::Multipart => {
                rust_type::argument(&body.type_, &quote!(body), &types)
            }
            Encoding::Text | Encoding::Bytes => {
                let type_ = body_type(body);
                (quote!(impl ::std::convert::Into<#type_>), quote!(body.into()))
            }
        };
        return BodyArguments::Whole { type_, value };
    };
    let required: Vec<_> = fields.into_iter().filter(|(field, _)| field.required).collect();
    let types = required.iter().map(|(field, name)| {
        let name = ident(name);
        let type_ = rust_type::argument(&field.type_, &quote!(#name), &types).0;
        if field.nullable {
            let type_ = rust_type::owned(&field.type_, &quote!(types::));
            quote!(::std::option::Option<#type_>)
        } else {
            type_
        }
    });
    BodyArguments::Fields {
        types: types.collect(),
        values: required.iter().map(|(_, name)| ident(name)).map(|name| quote!(#name)).collect(),
        names: required.iter().map(|(_, name)| ident(name)).collect(),
        body: body_type(body),
    }
}

pub(super) fn request(
    api: &Api,
    operation: &Operation,
    service: &Ident,
    arguments: &Arguments,
    secrets: &Secrets<'_>,
) -> TokenStream {
    let name = ident(&operation.type_name);
    let about = format!(" A call of [`{0}::{1}`](super::{0}::{1}).", service, operation.name);
    let types = quote!(types::);
    let (constants, given): (Vec<&Parameter>, Vec<_>) =
        operation.parameters.iter().partition(|parameter| parameter.constant.is_some());
    let (required, optional): (Vec<&Parameter>, Vec<_>) =
        given.into_iter().partition(|parameter| parameter.required);
    let constants = constants.into_iter().map(|parameter| {
        let (name, on_wire) = (rust_type::constant(&parameter.name), doc(&on_wire(parameter)));
        let value = &parameter.constant;
        quote!(#on_wire const #name: &'static str = #value;)
    });
    let mut declarations = Vec::new();
    let mut parameters = Vec::new();
    let mut values = Vec::new();
    for parameter in &required {
        let (name, type_) = (ident(&parameter.name), rust_type::owned(&parameter.type_, &types));
        let on_wire = doc(&on_wire(parameter));
        declarations.push(quote!(#on_wire #name: #type_));
        parameters.push(quote!(#name: #type_));
        values.push(quote!(#name));
    }
    for parameter in &optional {
        let (name, type_) = (ident(&parameter.name), rust_type::owned(&parameter.type_, &types));
        let on_wire = doc(&on_wire(parameter));
        declarations.push(quote!(#on_wire #name: ::std::option::Option<#type_>));
        values.push(quote!(#name: ::std::option::Option::None));
    }
    let mut setters: Vec<_> =
        optional.iter().map(|parameter| parameter_setter(parameter)).collect();
    if let Some(body) = &operation.body {
        let type_ = body_type(body);
        if body.required {
            declarations.push(quote!(body: #type_));
            parameters.push(quote!(body: #type_));
            values.push(quote!(body));
        } else {
            declarations.push(quote!(body: ::std::option::Option<#type_>));
            values.push(quote!(body: ::std::option::Option::None));
        }
        setters.extend(body_setters(api, body));
    }
    let send_raw = send_raw(api, operation, arguments, secrets);
    let (output, read) = read(api, operation);
    let outcome =
        operation.success.description.as_deref().unwrap_or("The request was carried out.");
    let outcome = doc(&format!("Sends it. On success: {outcome}"));
    let alternatives = alternatives(api, operation);
    let alternative = operation.success.alternative.as_ref().map(send_alternative);
    let paging_methods = operation.paging.as_ref().map(paging::methods);
    let paged = operation.paging.as_ref().map(|paging| paging::implementation(operation, paging));
    quote! {
        #[doc = #about]
        #[derive(Clone, Debug)]
        #[must_use = "a request does nothing until it is sent"]
        pub struct #name {
            client: runtime::Client,
            #(#declarations,)*
        }

        impl #name {
            #(#constants)*

            pub(super) fn new(client: runtime::Client, #(#parameters),*) -> Self {
                Self { client, #(#values),* }
            }

            #(#setters)*

            /// Sets how this call differs from what the client does otherwise.
            pub fn with(mut self, options: runtime::CallOptions) -> Self {
                self.client = self.client.with(options);
                self
            }

            #paging_methods

            #outcome
            ///
            /// # Errors
            /// A parameter that cannot be sent, no answer, an answer that is no
            /// success, and one that cannot be read. In the last case
            /// [`response`](runtime::Error::response) returns it undecoded.
            pub async fn send(self) -> ::std::result::Result<runtime::Response<#output>, runtime::Error> {
                let reply = self.send_raw().await?;
                #read
            }

            #alternative

            /// Sends it, and returns the response undecoded: for fields that
            /// have no type here, and for types of your own.
            ///
            /// # Errors
            /// As [`send`](Self::send), but for a response that cannot be read.
            pub async fn send_raw(self) -> ::std::result::Result<runtime::RawResponse, runtime::Error> {
                #send_raw
            }
        }

        #paged

        #alternatives
    }
}

/// The description with what the service demands of the value.
pub(super) fn about(docs: &Docs) -> Option<String> {
    let mut text = docs.text.clone().unwrap_or_default();
    if !docs.constraints.is_empty() {
        text = closed(&text);
        let constraints = docs.constraints.join("; ");
        let mut letters = constraints.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        let separator = if text.is_empty() { "" } else { "\n\n" };
        text = format!("{}{separator}{first}{}.", text.trim_end(), letters.as_str());
    }
    (!text.is_empty()).then_some(text)
}

/// Where a parameter stands on the wire; the surface listing reads it.
fn on_wire(parameter: &Parameter) -> String {
    let place = match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    };
    format!("{place} {}", code(&parameter.wire))
}

fn parameter_setter(parameter: &Parameter) -> TokenStream {
    let name = ident(&parameter.name);
    let (type_, value) = rust_type::argument(&parameter.type_, &quote!(#name), &quote!(types::));
    let docs = about(&parameter.docs).unwrap_or_else(|| format!("The {}.", on_wire(parameter)));
    let (docs, deprecated) = (doc(&docs), deprecated(parameter.docs.deprecated));
    quote! {
        #docs
        #deprecated
        pub fn #name(mut self, #name: #type_) -> Self {
            self.#name = ::std::option::Option::Some(#value);
            self
        }
    }
}

fn body_setters(api: &Api, body: &Body) -> Vec<TokenStream> {
    let clear_setters = &body.clear_setters;
    let fields = flattened(api, body);
    // A body of which something is required is an argument, whole or in fields.
    let is_argument = match &fields {
        None => body.required,
        Some(fields) => fields.iter().any(|(field, _)| field.required),
    };
    let mut setters: Vec<_> = fields
        .unwrap_or_default()
        .into_iter()
        .filter(|(field, _)| !field.required && !field.read_only)
        .map(|(field, name)| {
            let (name, target) = (ident(name), ident(&field.name));
            let (type_, value) =
                rust_type::argument(&field.type_, &quote!(#name), &quote!(types::));
            let docs = doc(&about(&field.docs)
                .unwrap_or_else(|| format!("{} of the body.", code(&field.wire))));
            let deprecated = deprecated(field.docs.deprecated);
            let body = if body.required {
                quote!(self.body)
            } else {
                quote!(self.body.get_or_insert_default())
            };
            let value = some(field, value);
            let clear = clear_setters.get(&field.wire).map(|setter| {
                let (setter, about) = (ident(setter), clears(field));
                quote! {
                    #about
                    #deprecated
                    pub fn #setter(mut self) -> Self {
                        #body.#target = ::std::option::Option::Some(::std::option::Option::None);
                        self
                    }
                }
            });
            quote! {
                #docs
                #deprecated
                pub fn #name(mut self, #name: #type_) -> Self {
                    #body.#target = #value;
                    self
                }

                #clear
            }
        })
        .collect();
    let type_ = body_type(body);
    let value = if body.required {
        quote!(body.into())
    } else {
        quote!(::std::option::Option::Some(body.into()))
    };
    if !is_argument {
        setters.push(quote! {
            /// The whole body, in place of all that was set of it before.
            pub fn body(mut self, body: impl ::std::convert::Into<#type_>) -> Self {
                self.body = #value;
                self
            }
        });
    }
    setters
}

/// The body of `send_raw`.
fn send_raw(
    api: &Api,
    operation: &Operation,
    arguments: &Arguments,
    secrets: &Secrets<'_>,
) -> TokenStream {
    let entry = ident(&metadata::entry(operation));
    let checks = operation.parameters.iter().filter(|p| p.place == Place::Path).filter_map(|p| {
        let (wire, text) = (&p.wire, rust_type::path_text(p)?);
        Some(quote!(runtime::path_segment(&operation::#entry, #wire, #text)?;))
    });
    let function = wire::call(operation);
    let order = arguments.get(&function).map_or(&[][..], Vec::as_slice);
    let given: Vec<_> = order
        .iter()
        .filter_map(|index| operation.parameters.get((*index)?))
        .map(rust_type::to_wire)
        .collect();
    let function = ident(&function);
    let additions = operation.parameters.iter().filter_map(rust_type::addition);
    let (own, core) = match &operation.body {
        Some(body) if !wire::in_core(api, body) => (Some(parts::own_body(api, body)), None),
        body => (None, body.as_ref()),
    };
    let call = match core {
        None => quote!(wire.#function(#(#given),*).await),
        Some(body) => {
            let value = match body.encoding {
                Encoding::Json | Encoding::Form | Encoding::Multipart => quote!(&),
                Encoding::Text | Encoding::Bytes => quote!(),
            };
            if body.required {
                quote!(wire.#function(#(#given,)* #value self.body).await)
            } else {
                let value = if value.is_empty() { quote!(body.clone()) } else { quote!(body) };
                let bodyless = ident(&wire::bodyless(operation));
                quote! {
                    match &self.body {
                        ::std::option::Option::Some(body) => wire.#function(#(#given,)* #value).await,
                        ::std::option::Option::None => wire.#bodyless(#(#given),*).await,
                    }
                }
            }
        }
    };
    let secrets = secrets.of(operation);
    quote! {
        #(#checks)*
        let wire = wire::client(&self.client);
        #(wire.inner.hide(&self.#secrets);)*
        #(#additions)*
        #own
        let built = #call.map(::std::mem::drop);
        let request = wire.inner.finish(&operation::#entry, built)?;
        self.client.execute(&operation::#entry, request).await
    }
}

/// The distinct contents of a success; `None` stands for no content.
fn contents(success: &Success) -> Vec<Option<&Content>> {
    let mut contents: Vec<Option<&Content>> = Vec::new();
    for (_, content) in &success.replies {
        let same = |other: &Option<&Content>| match (other, content) {
            (None, None) => true,
            (Some(a), Some(b)) => a.encoding == b.encoding && a.type_ == b.type_,
            _ => false,
        };
        if !contents.iter().any(same) {
            contents.push(content.as_ref());
        }
    }
    contents
}

fn content_type(content: &Content) -> TokenStream {
    match content.encoding {
        Encoding::Json => rust_type::owned(&content.type_, &quote!(types::)),
        Encoding::Text => quote!(::std::string::String),
        Encoding::Form | Encoding::Multipart | Encoding::Bytes => quote!(::bytes::Bytes),
    }
}

/// The method that asks for text or bytes in place of JSON.
fn send_alternative(content: &Content) -> TokenStream {
    let (reader, type_, media_type) = (reader(content), content_type(content), &content.media_type);
    let name = format_ident!("send_{reader}");
    let about = doc(&format!(
        "Sends it, asks for {} in place of JSON, and returns the content as it comes.",
        code(media_type)
    ));
    quote! {
        #about
        ///
        /// # Errors
        /// As [`send`](Self::send).
        pub async fn #name(self) -> ::std::result::Result<runtime::Response<#type_>, runtime::Error> {
            let accept = runtime::CallOptions::new().header("accept", #media_type);
            self.with(accept).send_raw().await?.#reader()
        }
    }
}

fn reader(content: &Content) -> Ident {
    match content.encoding {
        Encoding::Json => format_ident!("json"),
        Encoding::Text => format_ident!("text"),
        Encoding::Form | Encoding::Multipart | Encoding::Bytes => format_ident!("bytes"),
    }
}

/// A variant does not say what to decode.
fn typed_reader(content: &Content) -> TokenStream {
    let (reader, type_) = (reader(content), content_type(content));
    if content.encoding == Encoding::Json { quote!(#reader::<#type_>) } else { quote!(#reader) }
}

/// The type that `send` returns, and how it is read.
fn read(api: &Api, operation: &Operation) -> (TokenStream, TokenStream) {
    match contents(&operation.success).as_slice() {
        [] | [None] => (quote!(()), quote!(reply.empty())),
        [Some(content)] => {
            let reader = reader(content);
            (content_type(content), quote!(reply.#reader()))
        }
        [Some(content), None] | [None, Some(content)] => {
            let (type_, reader) =
                (content_type(content), format_ident!("optional_{}", reader(content)));
            (quote!(::std::option::Option<#type_>), quote!(reply.#reader()))
        }
        _ => {
            let name = alternatives_name(api, operation);
            let arms = operation.success.replies.iter().map(|(status, content)| {
                let variant = variant(*status);
                let read = match content {
                    Some(content) => {
                        let reader = typed_reader(content);
                        quote!(reply.#reader()?.map(#name::#variant))
                    }
                    None => quote!(reply.empty()?.map(|()| #name::#variant)),
                };
                if *status == 0 { quote!(_ => #read,) } else { quote!(#status => #read,) }
            });
            let complete = operation.success.replies.iter().any(|(status, _)| *status == 0);
            let rest = (!complete).then(|| quote!(_ => reply.bytes()?.map(#name::Other),));
            let read = quote! {
                ::std::result::Result::Ok(match reply.status().as_u16() { #(#arms)* #rest })
            };
            (quote!(#name), read)
        }
    }
}

fn alternatives_name(api: &Api, operation: &Operation) -> Ident {
    let mut name = format!("{}Success", operation.type_name);
    // It stands beside the builders of all operations.
    while api.operations.iter().any(|other| other.type_name == name) {
        name.push_str("Value");
    }
    ident(&name)
}

fn variant(status: u16) -> Ident {
    if status == 0 { format_ident!("Other") } else { format_ident!("Status{status}") }
}

/// The enum of an operation whose successes differ in type.
fn alternatives(api: &Api, operation: &Operation) -> Option<TokenStream> {
    if contents(&operation.success).len() <= 2
        && contents(&operation.success).iter().filter(|content| content.is_some()).count() <= 1
    {
        return None;
    }
    let name = alternatives_name(api, operation);
    let about = format!(" What a success of [`{}`] returns, by its status.", operation.type_name);
    let variants = operation.success.replies.iter().map(|(status, content)| {
        let variant = variant(*status);
        let docs =
            if *status == 0 { " Any other.".to_owned() } else { format!(" Status {status}.") };
        let content = content.as_ref().map(|content| {
            let type_ = content_type(content);
            quote!((#type_))
        });
        quote!(#[doc = #docs] #variant #content,)
    });
    let complete = operation.success.replies.iter().any(|(status, _)| *status == 0);
    let rest = (!complete).then(|| {
        quote! {
            /// A success that is not documented, its content as it was sent.
            Other(::bytes::Bytes),
        }
    });
    Some(quote! {
        #[doc = #about]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum #name {
            #(#variants)*
            #rest
        }
    })
}
