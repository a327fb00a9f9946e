//! What can be said of a type only once all of them are known.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    mem,
};

use super::Schemas;
use crate::{
    api::{Operation, Shape, Type, TypeDefinition, Variant},
    depth::Depth,
    error::Problem,
    pointer,
};

type Types = BTreeMap<String, TypeDefinition>;

/// How many types may lie in each other; lists and maps count twice.
const MAX_DEPTH: usize = 64;

/// The length of a chain of types that is followed to find that out.
const CHAIN: Depth = Depth::new(10_000);

impl Schemas<'_, '_> {
    /// The definitions, complete.
    pub(in crate::adapt) fn finish(mut self, operations: &[Operation]) -> Types {
        let mut types = mem::take(&mut self.types);
        let (requests, responses) = roots(operations);
        for (roots, mark) in [
            (requests, (|t| t.in_request = true) as fn(&mut TypeDefinition)),
            (responses, |t| t.in_response = true),
        ] {
            for name in reachable(&types, roots) {
                if let Some(definition) = types.get_mut(&name) {
                    mark(definition);
                }
            }
        }
        // What a parameter was made of before it became text.
        types.retain(|_, definition| definition.in_request || definition.in_response);
        self.forgive_one_sided(&mut types);
        self.note_null_lists(&types);
        self.break_union_circles(&mut types);
        self.order_variants(&mut types);
        box_recursion(&mut types);
        self.refuse_depth(&types, operations);
        for name in self.components.into_iter().flat_map(|map| map.keys()) {
            if !self.known.contains_key(name.as_str()) && !self.flat.contains_key(name.as_str()) {
                let at = pointer::child("/components/schemas", name);
                self.record.record("unused", at, "no type", "no request and no success uses it");
            }
        }
        types
    }

    /// A caller cannot give what is only ever received, nor a service what is
    /// only ever sent.
    fn forgive_one_sided(&mut self, types: &mut Types) {
        for definition in types.values_mut() {
            let Shape::Struct { fields, .. } = &mut definition.shape else { continue };
            for field in fields.iter_mut().filter(|field| field.required) {
                let (pass, why) = if definition.in_request && field.read_only {
                    ("read-only", "it is never sent")
                } else if definition.in_response && field.write_only {
                    ("write-only", "it is never received")
                } else {
                    continue;
                };
                field.required = false;
                let at = pointer::child(&definition.pointer, "properties");
                let at = pointer::child(&at, &field.wire);
                self.record.record(pass, at, "optional", why);
            }
            fields.sort_by(|a, b| (!a.required, &a.wire).cmp(&(!b.required, &b.wire)));
        }
    }

    fn note_null_lists(&mut self, types: &Types) {
        for definition in types.values().filter(|definition| definition.in_response) {
            let Shape::Struct { fields, .. } = &definition.shape else { continue };
            for field in fields.iter().filter(|field| field.may_be_empty()) {
                let at = pointer::child(&definition.pointer, "properties");
                let at = pointer::child(&at, &field.wire);
                let what = "null and nothing are read as empty";
                self.record.record("null-lists", at, what, "services send both");
            }
        }
    }

    /// The compiler follows types into each other 128 levels deep, and derived
    /// code and futures stand around ours.
    fn refuse_depth(&mut self, types: &Types, operations: &[Operation]) {
        let mut depths = BTreeMap::new();
        for name in types.keys() {
            depth_of(name, types, CHAIN, &mut depths);
        }
        let mut deep = None;
        for (name, depth) in &depths {
            if *depth > MAX_DEPTH && deep.is_none_or(|(deepest, _)| *depth > deepest) {
                deep = Some((*depth, &types[*name].pointer));
            }
        }
        for operation in operations {
            let replies =
                operation.success.replies.iter().filter_map(|(_, content)| content.as_ref());
            let replies = replies.map(|content| &content.type_);
            let parameters = operation.parameters.iter().map(|parameter| &parameter.type_);
            let given = operation.body.iter().map(|body| &body.type_).chain(parameters);
            for type_ in given.chain(replies) {
                let depth = depth_in(type_, types, CHAIN, &mut depths);
                if depth > MAX_DEPTH && deep.is_none() {
                    deep = Some((depth, &operation.pointer));
                }
            }
        }
        if let Some((_, at)) = deep {
            let problem = Problem::new(at, "its types nest too deeply to be compiled");
            self.record.reject(problem.remedy("leave inner levels undescribed, in an overlay"));
        }
    }

    /// Leaves out variants through which a union is nothing but itself again:
    /// reading one would never end.
    fn break_union_circles(&mut self, types: &mut Types) {
        let direct: BTreeMap<String, Vec<String>> = types
            .iter()
            .map(|(name, definition)| {
                let targets = match &definition.shape {
                    Shape::Union { variants, .. } => variants.as_slice(),
                    _ => &[],
                };
                let targets = targets.iter().filter_map(|variant| contained(&variant.type_));
                (name.clone(), targets.map(str::to_owned).collect())
            })
            .collect();
        let circle = circles(&direct);
        for (name, definition) in types.iter_mut() {
            let Shape::Union { variants, .. } = &mut definition.shape else { continue };
            let Some(own) = circle.get(name.as_str()) else { continue };
            let circular = |variant: &Variant| {
                contained(&variant.type_).is_some_and(|target| circle.get(target) == Some(own))
            };
            for variant in variants.iter().filter(|variant| circular(variant)) {
                let what = format!("`{}` is no variant of its own", variant.name);
                let why = "the union would consist of itself";
                self.record.record("cycles", &definition.pointer, what, why);
            }
            variants.retain(|variant| !circular(variant));
        }
    }

    /// Among variants that suit a value equally the first is taken, so the one
    /// that demands most stands first.
    fn order_variants(&mut self, types: &mut Types) {
        let mut ordered = Vec::new();
        let mut known = HashMap::new();
        for (name, definition) in types.iter() {
            let Shape::Union { tag, variants } = &definition.shape else { continue };
            let mut sorted = variants.clone();
            // By name at last: which of two is taken is not for the document's order.
            sorted.sort_by_cached_key(|variant| {
                let (required, all) = weight(&variant.type_, types, WEIGHED, &mut known);
                let demand = (rank(&variant.type_, types), Reverse(required), Reverse(all));
                (demand, variant.name.clone())
            });
            let listed: Vec<_> = sorted.iter().map(|variant| variant.name.as_str()).collect();
            let listed = listed.join(", ");
            let (what, why) = match tag {
                Some(tag) => {
                    (format!("`{tag}` chooses one of {listed}"), "its value is different in each")
                }
                None => (
                    format!("the one of {listed} that knows most of a value"),
                    "a value does not name its variant",
                ),
            };
            self.record.record("unions", &definition.pointer, what, why);
            ordered.push((name.clone(), sorted));
        }
        for (name, sorted) in ordered {
            if let Some(TypeDefinition { shape: Shape::Union { variants, .. }, .. }) =
                types.get_mut(&name)
            {
                *variants = sorted;
            }
        }
    }
}

fn roots(operations: &[Operation]) -> (Vec<String>, Vec<String>) {
    let (mut requests, mut responses) = (Vec::new(), Vec::new());
    for operation in operations {
        for parameter in &operation.parameters {
            names_in(&parameter.type_, &mut requests);
        }
        if let Some(body) = &operation.body {
            names_in(&body.type_, &mut requests);
        }
        for (_, content) in &operation.success.replies {
            if let Some(content) = content {
                names_in(&content.type_, &mut responses);
            }
        }
    }
    (requests, responses)
}

/// The definitions that `type_` names.
pub(in crate::adapt) fn names_in(type_: &Type, names: &mut Vec<String>) {
    match type_ {
        Type::Named(name) => names.push(name.clone()),
        Type::List(inner) | Type::Map(inner) | Type::Nullable(inner) | Type::Boxed(inner) => {
            names_in(inner, names);
        }
        _ => {}
    }
}

fn types_of(definition: &TypeDefinition) -> Vec<&Type> {
    match &definition.shape {
        Shape::Struct { fields, extra } => {
            fields.iter().map(|field| &field.type_).chain(extra.as_ref()).collect()
        }
        Shape::Union { variants, .. } => variants.iter().map(|v| &v.type_).collect(),
        Shape::Enum { .. } => Vec::new(),
    }
}

pub(in crate::adapt) fn reachable(types: &Types, mut open: Vec<String>) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(definition) = types.get(&name)
            && seen.insert(name)
        {
            for type_ in types_of(definition) {
                names_in(type_, &mut open);
            }
        }
    }
    seen
}

/// The kinds of variants in their order: what fits little first.
fn rank(type_: &Type, types: &Types) -> u8 {
    match type_ {
        Type::Boolean => 0,
        Type::Integer(_) => 1,
        Type::Number => 2,
        Type::List(_) => 3,
        Type::Named(name) => match types.get(name).map(|definition| &definition.shape) {
            Some(Shape::Enum { .. }) => 6,
            _ => 4,
        },
        Type::Map(_) | Type::SecretJson => 5,
        Type::Secret | Type::Timestamp | Type::ETag | Type::File => 7,
        Type::String => 8,
        Type::Any => 9,
        Type::Nullable(inner) | Type::Boxed(inner) => rank(inner, types),
    }
}

/// The number of fields that a value of a type must have, and the number it can have.
type Weight = (usize, usize);

/// Deep enough to tell variants apart.
const WEIGHED: Depth = Depth::new(8);

/// The weight of a type, `left` levels of structs counted; each is weighed once
/// for each number of levels, however many ways lead to it.
fn weight<'a>(
    type_: &Type,
    types: &'a Types,
    left: Depth,
    known: &mut HashMap<(&'a str, Depth), Weight>,
) -> Weight {
    let name = match type_ {
        Type::List(inner) | Type::Nullable(inner) | Type::Boxed(inner) => {
            return weight(inner, types, left, known);
        }
        Type::Named(name) => name,
        _ => return (0, 0),
    };
    let Some((name, definition)) = types.get_key_value(name) else { return (0, 0) };
    if let Some(weight) = known.get(&(name.as_str(), left)) {
        return *weight;
    }
    let mut sum: Weight = (0, 0);
    if let (Some(left), Shape::Struct { fields, .. }) = (left.down(), &definition.shape) {
        for field in fields {
            let (required, all) = weight(&field.type_, types, left, known);
            sum.1 = sum.1.saturating_add(all).saturating_add(1);
            if field.required {
                sum.0 = sum.0.saturating_add(required).saturating_add(1);
            }
        }
    }
    known.insert((name, left), sum);
    sum
}

/// How many types lie in each other in a value of the definition `name`.
/// (Inside of a circle every type counts once.)
fn depth_of<'a>(
    name: &'a str,
    types: &'a Types,
    left: Depth,
    depths: &mut BTreeMap<&'a str, usize>,
) -> usize {
    if let Some(depth) = depths.get(name) {
        return *depth;
    }
    // So deep a chain is refused, however deep it really is.
    let Some(left) = left.down() else { return MAX_DEPTH };
    depths.insert(name, 0);
    let inner = types.get(name).map(types_of).unwrap_or_default().into_iter();
    let depth = 1 + inner.map(|type_| depth_in(type_, types, left, depths)).max().unwrap_or(0);
    depths.insert(name, depth);
    depth
}

fn depth_in<'a>(
    type_: &'a Type,
    types: &'a Types,
    left: Depth,
    depths: &mut BTreeMap<&'a str, usize>,
) -> usize {
    match type_ {
        Type::Named(name) => depth_of(name, types, left, depths),
        Type::List(inner) | Type::Map(inner) => 2 + depth_in(inner, types, left, depths),
        Type::Nullable(inner) | Type::Boxed(inner) => 1 + depth_in(inner, types, left, depths),
        _ => 0,
    }
}

/// Boxes every field and variant through which a type contains itself.
fn box_recursion(types: &mut Types) {
    let direct: BTreeMap<String, Vec<String>> = types
        .iter()
        .map(|(name, definition)| {
            let targets = types_of(definition).into_iter().filter_map(contained);
            (name.clone(), targets.map(str::to_owned).collect())
        })
        .collect();
    let circle = circles(&direct);
    let same = |a: &str, b: &str| circle.get(a).is_some_and(|id| circle.get(b) == Some(id));
    for (name, definition) in types.iter_mut() {
        let wrap = |type_: &mut Type| {
            if contained(type_).is_some_and(|target| same(name, target)) {
                let inner = mem::replace(type_, Type::Any);
                *type_ = Type::Boxed(Box::new(inner));
            }
        };
        match &mut definition.shape {
            Shape::Struct { fields, .. } => fields.iter_mut().map(|f| &mut f.type_).for_each(wrap),
            Shape::Union { variants, .. } => {
                variants.iter_mut().map(|v| &mut v.type_).for_each(wrap)
            }
            Shape::Enum { .. } => {}
        }
    }
}

/// The definition that a value of `type_` holds in itself, not on the heap.
fn contained(type_: &Type) -> Option<&str> {
    match type_ {
        Type::Named(name) => Some(name),
        _ => None,
    }
}

/// For each type that contains itself, the circle it is in: Tarjan's strongly
/// connected components, without recursion.
fn circles(edges: &BTreeMap<String, Vec<String>>) -> BTreeMap<&str, usize> {
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let mut low: BTreeMap<&str, usize> = BTreeMap::new();
    let mut stack: Vec<&str> = Vec::new();
    let mut on_stack: BTreeSet<&str> = BTreeSet::new();
    let mut result = BTreeMap::new();
    for start in edges.keys() {
        let mut calls: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((at, next)) = calls.pop() {
            if next == 0 {
                if index.contains_key(at) {
                    continue;
                }
                let number = index.len();
                index.insert(at, number);
                low.insert(at, number);
                stack.push(at);
                on_stack.insert(at);
            }
            let targets = edges.get(at).map_or(&[][..], Vec::as_slice);
            if next > 0 {
                // Back from the target before.
                let back = low.get(targets[next - 1].as_str()).copied();
                if let (Some(back), true) = (back, on_stack.contains(targets[next - 1].as_str())) {
                    low.entry(at).and_modify(|low| *low = (*low).min(back));
                }
            }
            if let Some(target) = targets.get(next) {
                calls.push((at, next + 1));
                if !index.contains_key(target.as_str()) && edges.contains_key(target) {
                    calls.push((target, 0));
                }
                continue;
            }
            if low.get(at) == index.get(at) {
                let mut members = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack.remove(member);
                    members.push(member);
                    if member == at {
                        break;
                    }
                }
                let itself = targets.iter().any(|target| target == at);
                if members.len() > 1 || itself {
                    let id = index.get(at).copied().unwrap_or_default();
                    result.extend(members.into_iter().map(|member| (member, id)));
                }
            }
        }
    }
    result
}
