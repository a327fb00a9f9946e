//! Schemas: which become types of their own, and what the others are.

mod all_of;
mod finish;
mod inheritance;
mod merged;
mod object;
mod scalar;
mod tag;
mod union;

pub(super) use finish::{names_in, reachable};
pub(super) use object::RESERVED_FIELDS;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::{
    inline, names,
    operation::{RUST_NAME, rust_name},
};
use crate::{
    adaptation::Adaptations,
    api::{Docs, Shape, Type, TypeDefinition},
    depth::Depth,
    error::Problem,
    pointer,
};

/// How many aliases and compositions may lead from one schema to the next.
const DEPTH: Depth = Depth::new(200);

/// The extension that gives what is sent its only value.
pub(super) const CONSTANT: &str = "x-constant";

type Object = Map<String, Value>;

/// Where a schema stands, and the name that it gets if it needs one.
#[derive(Debug, Clone)]
pub(super) struct Context {
    pub pointer: String,
    pub name: String,
}

impl Context {
    pub(super) fn new(pointer: String, name: String) -> Self {
        Self { pointer, name }
    }

    /// The context of a schema below this one.
    fn child(&self, keys: &[&str], name: &str) -> Self {
        let pointer = keys.iter().fold(self.pointer.clone(), |at, key| pointer::child(&at, key));
        Self { pointer, name: format!("{}{}", self.name, names::pascal(name)) }
    }
}

/// What a schema came out as.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub type_: Type,
    pub nullable: bool,
    pub docs: Docs,
}

impl Resolved {
    /// A value that may be anything.
    fn unknown() -> Self {
        Self { type_: Type::Any, nullable: true, docs: Docs::default() }
    }

    /// The type where null is an answer like any other: of an element or a body.
    pub(super) fn into_value(self) -> Type {
        match self.type_ {
            type_ if self.nullable && type_ != Type::Any => Type::Nullable(Box::new(type_)),
            type_ => type_,
        }
    }
}

enum Component {
    /// Its type is being worked out.
    Open,
    Done(Type, bool),
}

/// Turns schemas into types, and collects the types that need a definition.
pub(super) struct Schemas<'d, 'r> {
    components: Option<&'d Object>,
    pub(super) record: &'r mut Adaptations,
    /// Components met so far.
    known: BTreeMap<&'d str, Component>,
    /// Components with their `allOf` merged.
    flat: BTreeMap<&'d str, Object>,
    /// The Rust name of each component that gets a definition.
    rust_names: BTreeMap<&'d str, String>,
    taken: names::Taken,
    types: BTreeMap<String, TypeDefinition>,
    /// Components that have a name but no definition yet: defined one after the
    /// other, so that a long chain of references needs no deep stack.
    pending: VecDeque<&'d str>,
    depth: Depth,
    /// The components that extend one with a discriminator.
    children: inheritance::Children<'d>,
    /// Unions that became structs: all of them, and those being defined by
    /// what identifies them.
    merged: BTreeSet<String>,
    merging: Vec<(String, String)>,
}

impl<'d, 'r> Schemas<'d, 'r> {
    pub(super) fn new(document: &'d Value, record: &'r mut Adaptations) -> Self {
        let components = document.pointer("/components/schemas").and_then(Value::as_object);
        let mut taken = names::Taken::default();
        let mut rust_names = BTreeMap::new();
        // Names that were given go first, then those that are Rust names already,
        // so that they stay.
        let mut rest: Vec<&str> = Vec::new();
        for (key, schema) in components.into_iter().flatten() {
            let Some(wanted) = schema.get(RUST_NAME) else {
                rest.push(key);
                continue;
            };
            let at = pointer::child(&pointer::child("/components/schemas", key), RUST_NAME);
            match rust_name(wanted, names::pascal) {
                Ok(name) if taken.insert(name.to_owned()) => {
                    rust_names.insert(key.as_str(), name.to_owned());
                }
                Ok(name) => {
                    let problem = Problem::new(at, format!("another schema is called `{name}`"));
                    record.reject(problem.remedy("give each schema a name of its own"));
                    rest.push(key);
                }
                Err(message) => {
                    let problem = Problem::new(at, message);
                    record.reject(problem.remedy("give it a name in Pascal case"));
                    rest.push(key);
                }
            }
        }
        for exact in [true, false] {
            for key in rest.iter().filter(|key| (names::pascal(key) == **key) == exact) {
                rust_names.insert(*key, names::unique(names::pascal(key), &mut taken));
            }
        }
        Self {
            components,
            record,
            known: BTreeMap::new(),
            flat: BTreeMap::new(),
            rust_names,
            taken,
            types: BTreeMap::new(),
            pending: VecDeque::new(),
            children: inheritance::children(components),
            merged: BTreeSet::new(),
            merging: Vec::new(),
            depth: DEPTH,
        }
    }

    pub(super) fn is_enum(&self, name: &str) -> bool {
        self.types.get(name).is_some_and(|t| matches!(t.shape, Shape::Enum { .. }))
    }

    pub(super) fn is_union(&self, name: &str) -> bool {
        self.merged.contains(name)
            || self.types.get(name).is_some_and(|t| matches!(t.shape, Shape::Union { .. }))
    }

    /// The fields of a struct, by wire name.
    pub(super) fn fields(&self, name: &str) -> Option<&[crate::api::Field]> {
        match &self.types.get(name)?.shape {
            Shape::Struct { fields, extra: None } => Some(fields),
            _ => None,
        }
    }

    /// Makes files of the fields `names` of a struct, each text or a list of text so far.
    pub(super) fn make_files(&mut self, name: &str, names: &[String]) {
        let shape = self.types.get_mut(name).map(|definition| &mut definition.shape);
        let Some(Shape::Struct { fields, .. }) = shape else { return };
        for field in fields.iter_mut().filter(|field| names.contains(&field.wire)) {
            field.type_ = match field.type_ {
                Type::List(_) => Type::List(Box::new(Type::File)),
                _ => Type::File,
            };
        }
    }

    /// The type of `schema`, and of every component that it leads to.
    pub(super) fn resolve(&mut self, schema: &Value, context: &Context) -> Resolved {
        let resolved = self.schema(schema, context);
        while let Some(name) = self.pending.pop_front() {
            self.define_component(name);
        }
        resolved
    }

    fn schema(&mut self, schema: &Value, context: &Context) -> Resolved {
        let resolved = self.deeper(context, |schemas| {
            let flat = schemas.flatten(schema, context);
            schemas.flat_schema(&flat, context, None)
        });
        resolved.unwrap_or_else(Resolved::unknown)
    }

    /// Runs `work` one level down; `None`, with a problem at `context`, at the
    /// bottom. Whatever follows a reference, or goes into a part, goes through here.
    fn deeper<T>(&mut self, context: &Context, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let outer = self.depth;
        let Some(inner) = outer.down() else {
            let problem = Problem::new(&context.pointer, "schemas refer to each other too deeply");
            self.record.reject(problem.remedy("shorten the chain with an overlay"));
            return None;
        };
        self.depth = inner;
        let done = work(self);
        self.depth = outer;
        Some(done)
    }

    /// A schema without `allOf`. `component` is given where the schema is one
    /// that has a Rust name.
    fn flat_schema(
        &mut self,
        flat: &Object,
        context: &Context,
        component: Option<&'d str>,
    ) -> Resolved {
        let nullable = flat.get("nullable") == Some(&Value::Bool(true));
        let mut docs = docs(flat);
        if let Some(reference) = flat.get("$ref").and_then(Value::as_str) {
            let (type_, null) = self.reference(reference, context);
            return Resolved { type_, nullable: nullable || null, docs };
        }
        self.note_constraints(flat, context, &mut docs);
        let named = self.named(flat, context, component);
        let context = named.as_ref().unwrap_or(context);
        let (type_, null) = match kind(flat) {
            Kind::Enum => self.enumeration(flat, context, component, &docs),
            Kind::Union => self.union(flat, context, component, &docs),
            Kind::Struct => (self.object(flat, context, component, &docs), false),
            Kind::Map => (self.map(flat, context), false),
            Kind::List => (self.list(flat, context), false),
            Kind::Scalar => (self.scalar(flat, context), false),
        };
        Resolved { type_, nullable: nullable || null, docs }
    }

    /// The context of a schema outside of the components that has a Rust name.
    fn named(
        &mut self,
        flat: &Object,
        context: &Context,
        component: Option<&str>,
    ) -> Option<Context> {
        let wanted = flat.get(RUST_NAME).filter(|_| component.is_none())?;
        match rust_name(wanted, names::pascal) {
            Ok(name) => Some(Context::new(context.pointer.clone(), name.to_owned())),
            Err(message) => {
                let problem = Problem::new(pointer::child(&context.pointer, RUST_NAME), message);
                self.record.reject(problem.remedy("give it a name in Pascal case"));
                None
            }
        }
    }

    fn reference(&mut self, reference: &str, context: &Context) -> (Type, bool) {
        let name = pointer::of_reference(reference).and_then(|target| inline::component(&target));
        let entry = name.and_then(|name| self.components?.get_key_value(&name));
        let Some((name, schema)) = entry else {
            let message = format!("the reference `{reference}` leads to no schema");
            let problem = Problem::new(&context.pointer, message);
            self.record.reject(problem.remedy("point it to one in components/schemas"));
            return (Type::Any, true);
        };
        match self.known.get(name.as_str()) {
            Some(Component::Done(type_, null)) => return (type_.clone(), *null),
            Some(Component::Open) => {
                self.record.record(
                    "cycles",
                    &context.pointer,
                    "any value",
                    "the schema consists only of itself",
                );
                return (Type::Any, true);
            }
            None => {}
        }
        let own = Context::new(
            pointer::child("/components/schemas", name),
            self.rust_names[name.as_str()].clone(),
        );
        let flat = self.flatten_component(name, schema, &own);
        let flat = self.with_children(name, flat);
        if self.is_definition(&flat, &own) {
            let nullable =
                flat.get("nullable") == Some(&Value::Bool(true)) || union::admits_null(&flat);
            let type_ = Type::Named(own.name.clone());
            self.known.insert(name, Component::Done(type_.clone(), nullable));
            // An enum is defined at once: parameters ask what it is.
            match kind(&flat) {
                Kind::Union if self.is_merged(&flat, &own) => {
                    self.merged.insert(own.name);
                    self.pending.push_back(name);
                }
                Kind::Enum | Kind::Union => self.define_component(name),
                _ => self.pending.push_back(name),
            }
            return (type_, nullable);
        }
        self.known.insert(name, Component::Open);
        let resolved = self.deeper(context, |schemas| schemas.flat_schema(&flat, &own, None));
        let resolved = resolved.unwrap_or_else(Resolved::unknown);
        self.known.insert(name, Component::Done(resolved.type_.clone(), resolved.nullable));
        (resolved.type_, resolved.nullable)
    }

    fn define_component(&mut self, name: &'d str) {
        let Some(flat) = self.flat.get(name).cloned() else { return };
        let flat = self.with_children(name, flat);
        let context = Context::new(
            pointer::child("/components/schemas", name),
            self.rust_names[name].clone(),
        );
        self.flat_schema(&flat, &context, Some(name));
    }

    /// Whether a component of this schema is a type of its own; all others are
    /// put where they are used, so that an alias of text is plain text.
    fn is_definition(&mut self, flat: &Object, own: &Context) -> bool {
        match kind(flat) {
            Kind::Enum => scalar::text_values(flat).is_some(),
            Kind::Union => self.union_is_definition(flat, own),
            Kind::Struct => true,
            Kind::Map | Kind::List | Kind::Scalar => false,
        }
    }

    /// Enters a definition under the name of its component or of its context.
    fn define(
        &mut self,
        context: &Context,
        component: Option<&str>,
        docs: &Docs,
        shape: impl FnOnce(&mut Self, &Context) -> Shape,
    ) -> Type {
        let name = match component {
            Some(_) => context.name.clone(),
            None => names::unique(context.name.clone(), &mut self.taken),
        };
        if let Some(component) = component.filter(|component| !same_word(component, &name)) {
            let what = format!("`{component}` is called `{name}`");
            let given = self.components.and_then(|all| all.get(component)?.get(RUST_NAME));
            let why = match given {
                Some(_) => "the document says so",
                None => "Rust has its own rules for names",
            };
            self.record.record("names", &context.pointer, what, why);
        }
        let own = Context::new(context.pointer.clone(), name.clone());
        let shape = shape(self, &own);
        let definition = TypeDefinition {
            component: component.map(str::to_owned),
            pointer: context.pointer.clone(),
            docs: docs.clone(),
            shape,
            in_request: false,
            in_response: false,
        };
        self.types.insert(name.clone(), definition);
        Type::Named(name)
    }
}

/// Whether two names differ at most in case and separators.
fn same_word(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    plain(a) == plain(b) && a.is_ascii()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Enum,
    Union,
    Struct,
    Map,
    List,
    Scalar,
}

/// What a flat schema without reference describes.
fn kind(flat: &Object) -> Kind {
    let has =
        |key: &str| flat.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty());
    let type_ = flat.get("type").and_then(Value::as_str);
    let properties = flat.get("properties").and_then(Value::as_object);
    if flat.contains_key("$ref") {
        Kind::Scalar
    } else if has("enum") {
        Kind::Enum
    } else if has("oneOf") || has("anyOf") {
        Kind::Union
    } else if type_.is_none_or(|t| t == "object") && properties.is_some_and(|map| !map.is_empty()) {
        Kind::Struct
    } else if type_ == Some("object")
        || (type_.is_none() && flat.contains_key("additionalProperties"))
    {
        Kind::Map
    } else if type_ == Some("array") || (type_.is_none() && flat.contains_key("items")) {
        Kind::List
    } else {
        Kind::Scalar
    }
}

fn docs(flat: &Object) -> Docs {
    let text =
        flat.get("description").and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    Docs {
        text: text.map(str::to_owned),
        constraints: Vec::new(),
        deprecated: flat.get("deprecated") == Some(&Value::Bool(true)),
    }
}
