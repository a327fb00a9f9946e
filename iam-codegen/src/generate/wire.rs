//! The private core: progenitor's positional functions, which build requests.
//!
//! Parameters go in under names that no document has (`arg_17`), so that
//! neither keywords nor names that become equal in snake case matter, and come
//! out under their own. Bodies go in as references to stand-in components that
//! progenitor replaces by our types.

use std::collections::BTreeMap;

use openapiv3::OpenAPI;
use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use progenitor::{GenerationSettings, Generator, HooksMode};
use quote::quote;
use serde_json::{Map, Value, json};
use syn::parse_quote;

use super::{
    rust_type,
    source::{self, BATCH},
};
use crate::{
    api::{Api, Body, Encoding, Operation, Parameter, Place, Shape, Type},
    error::Problem,
    stack::caught,
};

/// For each function, the index of the parameter at each place of its function;
/// `None` is the body.
pub(super) type Arguments = BTreeMap<String, Vec<Option<usize>>>;

#[derive(Default)]
pub(super) struct Wire {
    /// The content of the module, formatted.
    content: String,
    pub(super) arguments: Arguments,
}

/// The functions for all operations of `api`.
pub(super) fn wire(api: &Api) -> Result<Wire, Vec<Problem>> {
    let operations: Vec<&Operation> = api.operations.iter().collect();
    let (mut wire, mut problems) = (Wire::default(), Vec::new());
    // What is not of operations is the same in each batch, and comes from the first.
    let batches = operations.chunks(BATCH).collect::<Vec<_>>();
    let batches = if batches.is_empty() { vec![&[][..]] } else { batches };
    for (index, operations) in batches.into_iter().enumerate() {
        match build(api, operations, index == 0) {
            Ok(batch) => {
                wire.content.push_str(&batch.content);
                wire.arguments.extend(batch.arguments);
            }
            Err(whole) => problems.extend(refused(api, operations, whole)),
        }
    }
    if problems.is_empty() { Ok(wire) } else { Err(problems) }
}

/// progenitor names no operation, so each is tried alone.
fn refused(api: &Api, operations: &[&Operation], whole: String) -> Vec<Problem> {
    let problems: Vec<_> = operations
        .iter()
        .filter_map(|operation| {
            let message = build(api, &[operation], true).err()?;
            let problem =
                Problem::new(&operation.pointer, format!("progenitor refuses it: {message}"));
            let problem = problem.operation(&operation.id);
            Some(problem.remedy("change or remove it with an overlay"))
        })
        .collect();
    if problems.is_empty() { vec![Problem::new("", whole)] } else { problems }
}

/// The module, formatted.
pub(super) fn module(wire: &Wire) -> syn::Result<String> {
    let glue = glue();
    let module = source::format(quote! {
        #[allow(clippy::all, dead_code, deprecated, missing_docs, unreachable_pub, unused)]
        mod wire { #glue }
    })?;
    Ok(source::insert(&module, &wire.content))
}

/// What connects the functions to the runtime.
fn glue() -> TokenStream {
    quote! {
        impl ClientHooks<crate::runtime::Recorder> for Client {
            // The core only builds: the runtime keeps the request and sends it.
            async fn exec(
                &self,
                request: reqwest::Request,
                _: &OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                Ok(self.inner.record(request))
            }
        }

        pub(super) fn client(client: &crate::runtime::Client) -> Client {
            Client::new_with_client(
                client.endpoint(),
                client.http().clone(),
                crate::runtime::Recorder::default(),
            )
        }
    }
}

/// The function of an operation. progenitor takes the sign off that sets a name
/// apart from a keyword.
pub(super) fn call(operation: &Operation) -> String {
    format!("call_{}", operation.name.trim_end_matches('_'))
}

/// The function of an operation whose body is left out.
pub(super) fn bodyless(operation: &Operation) -> String {
    format!("bodyless_{}", operation.name.trim_end_matches('_'))
}

#[derive(Default)]
struct Lowered {
    paths: Map<String, Value>,
    components: Map<String, Value>,
    /// Rust type of each stand-in component.
    bodies: BTreeMap<String, String>,
    /// Name on the wire of each stand-in parameter.
    wires: BTreeMap<String, String>,
    /// Method and index of each stand-in parameter.
    places: BTreeMap<String, usize>,
}

fn build(api: &Api, operations: &[&Operation], whole: bool) -> Result<Wire, String> {
    let mut lowered = Lowered::default();
    for operation in operations {
        lowered.operation(api, operation);
    }
    let document = json!({
        "openapi": "3.0.3",
        "info": {"title": "wire", "version": "0"},
        "paths": lowered.paths,
        "components": {"schemas": lowered.components},
    });
    let tokens = caught(|| {
        let document: OpenAPI = serde_json::from_value(document).map_err(|e| e.to_string())?;
        let mut settings = GenerationSettings::new();
        settings.with_hooks(HooksMode::Expected).with_inner_type(quote!(crate::runtime::Recorder));
        for (name, type_) in &lowered.bodies {
            settings.with_replacement(name, type_, std::iter::empty());
        }
        Generator::new(&settings).generate_tokens(&document).map_err(|e| e.to_string())
    });
    let tokens = tokens.map_err(|message| format!("progenitor panicked: {message}"))??;
    let tokens = rename(without_docs(tokens), &lowered.wires);
    let file: syn::File =
        syn::parse2(tokens).map_err(|error| format!("malformed code: {error}"))?;
    let arguments = signatures(&file, &lowered.places);
    for operation in operations {
        let given = arguments.get(&call(operation)).into_iter().flatten().flatten().count();
        if given != operation.parameters.iter().filter(|p| is_lowered(p)).count() {
            return Err(format!("{} has other parameters than it was given", operation.name));
        }
    }
    let mut items = file.items;
    if !whole {
        items.retain(|item| matches!(item, syn::Item::Impl(item) if has_calls(item)));
    }
    let module = syn::Item::Mod(syn::ItemMod {
        content: Some((syn::token::Brace::default(), items)),
        ..parse_quote!(
            mod wire {}
        )
    });
    let file = syn::File { shebang: None, attrs: Vec::new(), items: vec![module] };
    let content = source::content(&prettyplease::unparse(&file)).to_owned();
    Ok(Wire { content, arguments })
}

impl Lowered {
    fn operation(&mut self, api: &Api, operation: &Operation) {
        // A fragment is never sent.
        let mut path = operation.path.split('#').next().unwrap_or_default().to_owned();
        let mut parameters = Vec::new();
        let lowered = operation.parameters.iter().enumerate().filter(|(_, p)| is_lowered(p));
        for (index, parameter) in lowered {
            let name = format!("arg_{}", self.places.len());
            if parameter.place == Place::Path {
                path = path.replace(&format!("{{{}}}", parameter.wire), &format!("{{{name}}}"));
            }
            parameters.push(json!({
                "name": name,
                "in": place(parameter.place),
                "required": parameter.required,
                "schema": schema(parameter),
            }));
            self.wires.insert(name.clone(), parameter.wire.clone());
            self.places.insert(name, index);
        }
        let mut lowered = json!({
            "operationId": call(operation),
            "parameters": parameters,
            // Raw whatever the status: the runtime reads it.
            "responses": {"default": {"description": "", "content": {"*/*": {}}}},
        });
        let method = match operation.method.to_lowercase() {
            // progenitor has no function for these, so the runtime sets them.
            method if ["options", "trace"].contains(&method.as_str()) => "post".to_owned(),
            method => method,
        };
        if let Some(body) = operation.body.as_ref().filter(|body| in_core(api, body)) {
            if !body.required {
                let mut twin = lowered.clone();
                twin["operationId"] = json!(bodyless(operation));
                self.insert(&path, &method, twin);
            }
            let schema = match body.encoding {
                Encoding::Text | Encoding::Bytes => json!({"type": "string", "format": "binary"}),
                Encoding::Json | Encoding::Form | Encoding::Multipart => {
                    let name = format!("Body{}", self.bodies.len());
                    self.components.insert(name.clone(), json!({"type": "object"}));
                    let type_ = rust_type::owned(&body.type_, &quote!(super::types::));
                    self.bodies.insert(name.clone(), type_.to_string());
                    json!({"$ref": format!("#/components/schemas/{name}")})
                }
            };
            let media_type = match body.encoding {
                Encoding::Json | Encoding::Multipart => "application/json",
                Encoding::Form => "application/x-www-form-urlencoded",
                Encoding::Text | Encoding::Bytes => "application/octet-stream",
            };
            lowered["requestBody"] =
                json!({"required": true, "content": {media_type: {"schema": schema}}});
        }
        self.insert(&path, &method, lowered);
    }

    /// An operation, its bodyless twin, and operations that only a fragment tells
    /// apart can have one path and method. A fragment of signs makes them differ.
    fn insert(&mut self, path: &str, method: &str, operation: Value) {
        let mut path = path.to_owned();
        while self.paths.get(&path).is_some_and(|item| item.get(method).is_some()) {
            path.push('#');
        }
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        item[method] = operation;
    }
}

/// Returns whether the core takes a parameter; the runtime adds the others.
fn is_lowered(parameter: &Parameter) -> bool {
    parameter.style.is_none() || parameter.place == Place::Path
}

/// Returns whether the core builds a body; the runtime builds the others. The core's forms have
/// scalars alone, of which it gives whole numbers a `.0`.
pub(super) fn in_core(api: &Api, body: &Body) -> bool {
    let is_plain = |type_: &Type| match type_ {
        Type::Named(name) => api
            .types
            .get(name)
            .is_some_and(|definition| matches!(definition.shape, Shape::Enum { .. })),
        Type::String
        | Type::Timestamp
        | Type::Secret
        | Type::ETag
        | Type::Boolean
        | Type::Integer(_) => true,
        _ => false,
    };
    match (body.encoding, &body.type_) {
        (Encoding::Multipart, _) => false,
        (Encoding::Form, Type::Named(name)) if body.styles.is_empty() => {
            match api.types.get(name).map(|definition| &definition.shape) {
                Some(Shape::Struct { fields, extra: None }) => {
                    fields.iter().all(|field| is_plain(&field.type_))
                }
                _ => false,
            }
        }
        (Encoding::Form, _) => false,
        _ => true,
    }
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header | Place::Cookie => "header",
    }
}

/// The schema of a parameter for progenitor: whole numbers, booleans, text, lists.
fn schema(parameter: &Parameter) -> Value {
    let scalar = |type_: &Type| match type_ {
        Type::Boolean => json!({"type": "boolean"}),
        Type::Integer(name) => {
            let format = match *name {
                "i32" => "int32",
                "u32" => "uint32",
                "u64" => "uint64",
                _ => "int64",
            };
            json!({"type": "integer", "format": format})
        }
        _ => json!({"type": "string"}),
    };
    match &parameter.type_ {
        _ if parameter.style.is_some() => json!({"type": "string"}),
        Type::List(item) if parameter.place == Place::Query => {
            json!({"type": "array", "items": scalar(item)})
        }
        Type::List(_) => json!({"type": "string"}),
        type_ => scalar(type_),
    }
}

/// Gives the strings that name parameters their names on the wire.
fn rename(tokens: TokenStream, wires: &BTreeMap<String, String>) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut renamed = Group::new(group.delimiter(), rename(group.stream(), wires));
                renamed.set_span(group.span());
                TokenTree::Group(renamed)
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let name = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                match name.and_then(|name| wires.get(name)) {
                    Some(wire) => TokenTree::Literal(Literal::string(wire)),
                    None => TokenTree::Literal(literal),
                }
            }
            other => other,
        })
        .collect()
}

/// Leaves out all documentation: nobody reads that of private functions, and it
/// quotes paths and names.
fn without_docs(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_doc(&group) && kept.last().is_some_and(is_hash) => {
                kept.pop();
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_docs(group.stream()));
                inner.set_span(group.span());
                kept.push(TokenTree::Group(inner));
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn is_doc(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    group.delimiter() == Delimiter::Bracket
        && matches!(tokens.next(), Some(TokenTree::Ident(name)) if name == "doc")
}

fn is_hash(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(sign) if sign.as_char() == '#')
}

/// Returns whether the functions of operations are in `item`.
fn has_calls(item: &syn::ItemImpl) -> bool {
    item.items.iter().any(|item| match item {
        syn::ImplItem::Fn(function) => function.sig.asyncness.is_some(),
        _ => false,
    })
}

/// The order of arguments of each function.
fn signatures(file: &syn::File, places: &BTreeMap<String, usize>) -> Arguments {
    let mut arguments = Arguments::new();
    let impls = file.items.iter().filter_map(|item| match item {
        syn::Item::Impl(item) => Some(item),
        _ => None,
    });
    for function in impls.flat_map(|item| &item.items) {
        let syn::ImplItem::Fn(function) = function else { continue };
        let name = function.sig.ident.to_string();
        let inputs = function.sig.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => match &*typed.pat {
                syn::Pat::Ident(pattern) => Some(pattern.ident.to_string()),
                _ => None,
            },
            syn::FnArg::Receiver(_) => None,
        });
        arguments.insert(name, inputs.map(|name| places.get(&name).copied()).collect());
    }
    arguments
}
