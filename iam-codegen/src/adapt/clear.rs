//! Setters that send null.
//!
//! In the body of a `PUT` or `PATCH`, null removes a value and an absent field
//! keeps it (RFC 7396 for merge patches). Optional fields that may be null get a
//! setter for each of the two there. Everywhere else null and absent are the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    names,
    operation::RESERVED_SETTERS,
    schema::{RESERVED_FIELDS, names_in, reachable},
};
use crate::api::{Body, Encoding, Field, Operation, Shape, Type, TypeDefinition};

type Types = BTreeMap<String, TypeDefinition>;

/// Adds the setters to all types that the JSON body of a `PUT` or `PATCH` can
/// hold, and to the requests with these bodies.
pub(super) fn add_setters(operations: &mut [Operation], types: &mut Types) {
    let mut updated = Vec::new();
    for body in operations.iter().filter_map(update) {
        names_in(&body.type_, &mut updated);
    }
    let pages = pages(operations, types);
    for name in reachable(types, updated).difference(&pages) {
        let Some(TypeDefinition { shape: Shape::Struct { fields, .. }, .. }) = types.get_mut(name)
        else {
            continue;
        };
        let names = fields
            .iter()
            .map(|field| field.name.clone())
            .chain(RESERVED_FIELDS.iter().map(|name| (*name).to_owned()));
        let mut taken: names::Taken = names.collect();
        for field in fields.iter_mut().filter(|field| is_cleared(field)) {
            field.clear_setter = Some(setter(&field.name, &mut taken));
        }
    }
    for operation in operations.iter_mut().filter(|operation| update(operation).is_some()) {
        add_to_request(operation, types);
    }
}

/// The JSON body of a `PUT` or `PATCH`.
fn update(operation: &Operation) -> Option<&Body> {
    let body = operation.body.as_ref().filter(|body| body.encoding == Encoding::Json);
    body.filter(|_| matches!(&*operation.method, "PUT" | "PATCH"))
}

/// Returns whether null and absent differ. (Any value can be null anyway.)
fn is_cleared(field: &Field) -> bool {
    field.nullable && !field.required && !field.read_only && field.type_ != Type::Any
}

fn setter(name: &str, taken: &mut names::Taken) -> String {
    names::unique(names::snake(&format!("clear_{name}")), taken)
}

fn add_to_request(operation: &mut Operation, types: &Types) {
    let Some(Body { type_: Type::Named(name), flattened: Some(names), clear_setters, .. }) =
        &mut operation.body
    else {
        return;
    };
    let Some(Shape::Struct { fields, .. }) = types.get(name).map(|found| &found.shape) else {
        return;
    };
    let parameters = operation.parameters.iter().map(|parameter| &parameter.name);
    let reserved = RESERVED_SETTERS.iter().map(|name| (*name).to_owned());
    let mut taken: names::Taken =
        parameters.chain(names.values()).cloned().chain(reserved).collect();
    for field in fields.iter().filter(|field| field.clear_setter.is_some()) {
        if let Some(name) = names.get(&field.wire) {
            clear_setters.insert(field.wire.clone(), setter(name, &mut taken));
        }
    }
}

/// The types whose fields say where the next page begins.
fn pages(operations: &[Operation], types: &Types) -> BTreeSet<String> {
    let mut pages = BTreeSet::new();
    let mut open: Vec<&Type> =
        operations.iter().filter_map(|operation| Some(&operation.paging.as_ref()?.page)).collect();
    while let Some(type_) = open.pop() {
        match type_ {
            Type::Boxed(inner) => open.push(inner),
            Type::Named(name) if pages.insert(name.clone()) => {
                if let Some(Shape::Struct { fields, .. }) = types.get(name).map(|page| &page.shape)
                {
                    open.extend(fields.iter().map(|field| &field.type_));
                }
            }
            _ => {}
        }
    }
    pages
}
