//! The fields of a request builder that hold secrets.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::Ident;
use quote::format_ident;

use super::ident;
use crate::api::{Api, Body, Encoding, Operation, Shape, Type, TypeDefinition};

/// The types that hold a secret, in whatever depth.
pub(super) struct Secrets<'a> {
    types: BTreeSet<&'a str>,
}

impl<'a> Secrets<'a> {
    /// Looks at each type once, for operations share most of them.
    pub(super) fn new(api: &'a Api) -> Self {
        let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut open = Vec::new();
        for (name, definition) in &api.types {
            for type_ in parts(definition) {
                match innermost(type_) {
                    Type::Secret | Type::SecretJson => open.push(name.as_str()),
                    Type::Named(part) => holders.entry(part).or_default().push(name),
                    _ => {}
                }
            }
        }
        let mut types = BTreeSet::new();
        while let Some(name) = open.pop() {
            if types.insert(name) {
                open.extend(holders.get(name).into_iter().flatten());
            }
        }
        Self { types }
    }

    /// The fields of the builder of `operation` that hold secrets.
    pub(super) fn of(&self, operation: &Operation) -> Vec<Ident> {
        let parameters = operation.parameters.iter();
        let parameters = parameters.filter(|parameter| self.are_in(&parameter.type_));
        let mut fields: Vec<_> = parameters.map(|parameter| ident(&parameter.name)).collect();
        // The parts of a multipart body tell the recorder of their secrets.
        let is_hidden = |body: &Body| body.encoding != Encoding::Multipart;
        if operation.body.as_ref().is_some_and(|b| is_hidden(b) && self.are_in(&b.type_)) {
            fields.push(format_ident!("body"));
        }
        fields
    }

    fn are_in(&self, type_: &Type) -> bool {
        match innermost(type_) {
            Type::Secret | Type::SecretJson => true,
            Type::Named(name) => self.types.contains(name.as_str()),
            _ => false,
        }
    }
}

fn parts(definition: &TypeDefinition) -> Vec<&Type> {
    match &definition.shape {
        Shape::Struct { fields, extra } => {
            fields.iter().map(|field| &field.type_).chain(extra).collect()
        }
        Shape::Union { variants, .. } => variants.iter().map(|variant| &variant.type_).collect(),
        Shape::Enum { .. } => Vec::new(),
    }
}

/// The innermost type of lists, maps and the like.
fn innermost(mut type_: &Type) -> &Type {
    while let Type::List(inner) | Type::Map(inner) | Type::Nullable(inner) | Type::Boxed(inner) =
        type_
    {
        type_ = inner;
    }
    type_
}
