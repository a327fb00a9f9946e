//! Fields that a response is not made to have, although its schema demands them.
//!
//! A demand that a service does not meet fails a call that succeeded. Of the
//! required fields of a type that only responses have, these become optional:
//!
//! - `page-fields`: every field of a page but its items. Services leave out
//!   `offset`, `first` and the like.
//! - `left-out`: a field that the request for the same resource may leave out.
//!   The service has no value to return then. What identifies an object (`id`,
//!   `crn`, `name`, `…_id`) stays required.
//!
//! Lists and maps stay as they are: absent ones are read as empty.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    adaptation::Adaptations,
    api::{Content, Encoding, Field, Operation, Shape, Type, TypeDefinition},
    pointer,
};

type Types = BTreeMap<String, TypeDefinition>;

/// Makes fields of pages optional: of what each of `pages` returns, all but its items.
pub(super) fn relax_pages<'a>(
    pages: impl Iterator<Item = (&'a Operation, &'a str)>,
    types: &mut Types,
    record: &mut Adaptations,
) {
    let mut relaxed: BTreeSet<(String, String)> = BTreeSet::new();
    for (operation, items) in pages {
        for page in contents(operation).filter_map(|content| named(&content.type_)) {
            let others = fields(types, page).iter().filter(|field| field.wire != items);
            relaxed.extend(others.map(|field| (page.to_owned(), field.wire.clone())));
        }
    }
    relax(relaxed, "page-fields", "a page is its items", types, record);
}

/// Makes optional what the request for the same resource may leave out.
pub(super) fn relax_left_out(
    operations: &[Operation],
    types: &mut Types,
    record: &mut Adaptations,
) {
    let mut pairs = Pairs { types, seen: BTreeSet::new(), left_out: BTreeSet::new() };
    let mut readers: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for reader in operations {
        for path in written_at(&reader.path) {
            readers.entry(path).or_default().push(reader);
        }
    }
    for writer in operations {
        let Some(body) = &writer.body else { continue };
        for reader in readers.get(writer.path.trim_end_matches('/')).into_iter().flatten() {
            for content in contents(reader) {
                pairs.compare(&body.type_, &content.type_);
                // A list of such objects.
                let fields = named(&content.type_).map_or(&[][..], |name| fields(types, name));
                for field in fields {
                    if let Type::List(item) = &field.type_ {
                        pairs.compare(&body.type_, item);
                    }
                }
            }
        }
    }
    let left_out = pairs.left_out;
    relax(left_out, "left-out", "a request may leave it out", types, record);
}

/// The paths, without a slash at the end, at which the resource at `path` is written: its
/// own and that of its collection.
fn written_at(path: &str) -> impl Iterator<Item = &str> {
    let collection = path
        .rsplit_once('/')
        .filter(|(_, last)| last.len() > 1 && last.starts_with('{') && last.ends_with('}'));
    let own = path.strip_suffix('/').unwrap_or(path);
    [Some(own), collection.map(|(collection, _)| collection)].into_iter().flatten()
}

/// The fields of the same resource in requests and in responses.
struct Pairs<'a> {
    types: &'a Types,
    seen: BTreeSet<(&'a str, &'a str)>,
    /// Type and field.
    left_out: BTreeSet<(String, String)>,
}

impl<'a> Pairs<'a> {
    fn compare(&mut self, sent: &'a Type, received: &'a Type) {
        let mut open = vec![(sent, received)];
        while let Some(pair) = open.pop() {
            let (sent, received) = match pair {
                (Type::List(sent), Type::List(received)) => {
                    open.push((&**sent, &**received));
                    continue;
                }
                (sent, received) => match (named(sent), named(received)) {
                    (Some(sent), Some(received)) => (sent, received),
                    _ => continue,
                },
            };
            if sent == received || !self.seen.insert((sent, received)) {
                continue;
            }
            for field in fields(self.types, received) {
                let sent = fields(self.types, sent).iter().find(|sent| sent.wire == field.wire);
                let Some(sent) = sent else { continue };
                if !sent.required && !identifies(field) {
                    self.left_out.insert((received.to_owned(), field.wire.clone()));
                }
                open.push((&sent.type_, &field.type_));
            }
        }
    }
}

/// Returns whether a field says which object is meant. A setting such as
/// `restrict_create_service_id`, which has an enum, does not.
fn identifies(field: &Field) -> bool {
    let named = matches!(&*field.wire, "id" | "crn" | "name") || field.wire.ends_with("_id");
    named && field.type_ == Type::String
}

/// Makes required fields optional, each named by its type and wire name.
fn relax(
    relaxed: BTreeSet<(String, String)>,
    pass: &'static str,
    why: &'static str,
    types: &mut Types,
    record: &mut Adaptations,
) {
    for (name, wire) in relaxed {
        let Some(definition) = types.get_mut(&name).filter(|found| !found.in_request) else {
            continue;
        };
        let Shape::Struct { fields, .. } = &mut definition.shape else { continue };
        let field = fields.iter_mut().find(|field| field.wire == wire);
        let Some(field) = field.filter(|field| field.required && !field.may_be_empty()) else {
            continue;
        };
        field.required = false;
        let at = pointer::child(&definition.pointer, "properties");
        record.record(pass, pointer::child(&at, &wire), "optional", why);
        fields.sort_by(|a, b| (!a.required, &a.wire).cmp(&(!b.required, &b.wire)));
    }
}

fn contents(operation: &Operation) -> impl Iterator<Item = &Content> {
    let contents = operation.success.replies.iter().filter_map(|(_, content)| content.as_ref());
    contents.filter(|content| content.encoding == Encoding::Json)
}

fn named(type_: &Type) -> Option<&str> {
    match type_ {
        Type::Named(name) => Some(name),
        Type::Boxed(inner) | Type::Nullable(inner) => named(inner),
        _ => None,
    }
}

fn fields<'a>(types: &'a Types, name: &str) -> &'a [Field] {
    match types.get(name).map(|definition| &definition.shape) {
        Some(Shape::Struct { fields, .. }) => fields,
        _ => &[],
    }
}
