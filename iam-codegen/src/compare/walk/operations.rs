//! Which operations there are, and which belong together.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde_json::Value;

use super::{
    super::{
        pairs::{BOTH, Difference, Spot},
        side::{Loc, Side},
    },
    Sort, Walk,
};

/// The keys of a path item that hold operations.
const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// An operation on one side.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    pub(super) loc: Loc<'a>,
    pub(super) item: Loc<'a>,
    /// In capitals.
    method: String,
    /// The template as it is written.
    pub(super) path: &'a str,
}

impl<'a> Operation<'a> {
    fn id(&self) -> Option<&'a str> {
        self.loc.text("operationId")
    }

    /// The operationId, or method and path.
    pub(super) fn name(&self) -> String {
        self.id().map_or_else(|| format!("{} {}", self.method, self.path), str::to_owned)
    }
}

/// Method and path, the names of its parameters aside; and a number, should
/// another document have the same.
type Key = (String, String, usize);

/// A path template without the names of its parameters.
fn nameless(path: &str) -> String {
    let mut out = String::new();
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        out.push_str("{}");
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    out + rest
}

/// The names of the parameters of a path template, in order.
pub(super) fn names(path: &str) -> Vec<&str> {
    let parts = path.split('{').skip(1);
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
}

/// The operations of a path item: method, place.
fn methods<'a>(item: &Loc<'a>) -> Vec<(String, Loc<'a>)> {
    let fixed = METHODS.into_iter().filter_map(|method| Some((method, item.key(method)?)));
    let fixed = fixed.map(|(method, loc)| (method.to_uppercase(), loc));
    let more = item.key("additionalOperations").into_iter().flat_map(|map| map.entries());
    fixed
        .chain(more.map(|(method, loc)| (method.to_owned(), loc)))
        .filter(|(_, loc)| loc.value.is_object())
        .collect()
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn operations(&mut self) {
        let (mut gone, mut come) = (operations(self.old), operations(self.new));
        let shared: Vec<Key> = gone.keys().filter(|key| come.contains_key(*key)).cloned().collect();
        for key in shared {
            if let (Some(old), Some(new)) = (gone.remove(&key), come.remove(&key)) {
                self.operation_pair(&key, &old, &new, false);
            }
        }
        self.moved(&mut gone, &mut come);
        for old in gone.into_values() {
            self.lone_operation("operation-removed", &old, true);
        }
        for new in come.into_values() {
            self.lone_operation("operation-added", &new, false);
        }
        self.path_items();
    }

    /// Operations at another place: those of one operationId, then the only two
    /// that say the same.
    fn moved(
        &mut self,
        gone: &mut BTreeMap<Key, Operation<'a>>,
        come: &mut BTreeMap<Key, Operation<'a>>,
    ) {
        for by_shape in [false, true] {
            let mut groups: BTreeMap<String, [Vec<Key>; 2]> = BTreeMap::new();
            for (which, list, side) in [(0, &*gone, self.old), (1, &*come, self.new)] {
                for (key, operation) in list {
                    let group = if by_shape {
                        Some(self.operation_shape(side, operation, &key.0))
                    } else {
                        operation.id().map(str::to_owned)
                    };
                    if let Some(group) = group {
                        groups.entry(group).or_default()[which].push(key.clone());
                    }
                }
            }
            for [from, to] in groups.into_values() {
                if let ([from], [to]) = (from.as_slice(), to.as_slice())
                    && let (Some(old), Some(new)) = (gone.remove(from), come.remove(to))
                {
                    self.operation_pair(from, &old, &new, true);
                }
            }
        }
    }

    /// What an operation says besides its place and name: too little is unique
    /// to nothing.
    fn operation_shape(
        &mut self,
        side: &Side<'a>,
        operation: &Operation<'a>,
        method: &str,
    ) -> String {
        let shape = self.shapes.of(side, &operation.loc);
        let names = names(operation.path).len();
        let last = operation.path.rsplit('/').find(|part| !part.starts_with('{'));
        format!("{method} {names} {} {shape}", last.unwrap_or_default())
    }

    fn operation_pair(&mut self, key: &Key, old: &Operation<'a>, new: &Operation<'a>, moved: bool) {
        let pair = self.meet_operation(Sort::Operation, key, old, new);
        if moved {
            let (from, to) = (Spot::Here(old.loc.clone()), Spot::Here(new.loc.clone()));
            let name = format!("{} {} to {} {}", old.method, old.path, new.method, new.path);
            let mut difference = Difference::new("operation-moved", name, from, to);
            difference.words = vec![old.path.to_owned(), new.path.to_owned()];
            self.differ(pair, difference);
        } else if old.path != new.path {
            let (before, after) = (names(old.path), names(new.path));
            let differing = before.iter().zip(&after).filter(|(a, b)| a != b);
            for (a, b) in differing {
                let place = |operation: &Operation<'a>| Spot::Here(operation.item.clone());
                let mut difference = Difference::new(
                    "path-parameter-renamed",
                    format!("{a} to {b}"),
                    place(old),
                    place(new),
                );
                difference.words = vec![(*a).to_owned(), (*b).to_owned(), new.path.to_owned()];
                self.differ(pair, difference);
            }
        }
        let place = |operation: &Operation<'a>| {
            Spot::of(operation.loc.key("operationId"), &operation.loc, &["operationId"])
        };
        let (from, to) = (place(old), place(new));
        if old.id() != new.id() {
            let text = |id: Option<&str>| id.unwrap_or("nothing").to_owned();
            let name = format!("{} to {}", text(old.id()), text(new.id()));
            let mut difference = Difference::new("operation-renamed", name, from, to);
            difference.words =
                [old.id(), new.id()].into_iter().flatten().map(str::to_owned).collect();
            self.differ(pair, difference);
        }
        self.parameters(pair, old, new);
        self.effective_security(pair, old, new);
        self.effective_servers(pair, old, new);
    }

    fn meet_operation(
        &mut self,
        sort: Sort,
        key: &Key,
        old: &Operation<'a>,
        new: &Operation<'a>,
    ) -> usize {
        let root = self.pair(None, format!("{} {}", key.0, old.path));
        let pair = self.meet(sort, root, BOTH, "", &old.loc, &new.loc);
        self.pairs[root].operation = Some(new.name());
        pair
    }

    fn lone_operation(&mut self, kind: &'static str, operation: &Operation<'a>, gone: bool) {
        let pair = self.pair(None, format!("{} {}", operation.method, operation.path));
        self.pairs[pair].operation = Some(operation.name());
        let side = if gone { self.new } else { self.old };
        let tokens = operation.loc.tokens();
        let missing = |tokens: &[&str]| match side.roots().next() {
            Some(root) => Spot::of(None, &root, tokens),
            None => Spot::Nowhere,
        };
        let order = |loc: Loc<'a>, tokens: &[&str]| match gone {
            true => (Spot::Here(loc), missing(tokens)),
            false => (missing(tokens), Spot::Here(loc)),
        };
        let (old, new) = order(operation.loc.clone(), &tokens);
        let mut difference = Difference::new(kind, operation.name(), old, new);
        difference.words = vec![operation.path.to_owned()];
        // With the last operation of a path goes what was said of the path.
        let others = side.roots().filter_map(|root| root.key("paths")?.key(operation.path));
        if others.count() == 0 {
            for (key, loc) in operation.item.entries() {
                if !METHODS.contains(&key) && key != "additionalOperations" {
                    let mut tokens = operation.item.tokens();
                    tokens.push(key);
                    difference.also.push(order(loc.clone(), &tokens));
                }
            }
        }
        self.differ(pair, difference);
    }

    /// What is said of paths, not of one operation.
    fn path_items(&mut self) {
        let (old, new) = (items(self.old), items(self.new));
        let paths: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
        for path in paths {
            let empty = |item: &(&'a str, Loc<'a>)| methods(&item.1).is_empty();
            let (kind, name, from, to) = match (old.get(&path), new.get(&path)) {
                (Some(old), Some(new)) => {
                    let root = self.pair(None, format!("path {}", old.0));
                    self.meet(Sort::PathItem, root, BOTH, "", &old.1, &new.1);
                    continue;
                }
                (Some(item), None) if empty(item) => {
                    let missing = self.missing_path(self.new, item.0);
                    ("path-removed", item.0, Spot::Here(item.1.clone()), missing)
                }
                (None, Some(item)) if empty(item) => {
                    let missing = self.missing_path(self.old, item.0);
                    ("path-added", item.0, missing, Spot::Here(item.1.clone()))
                }
                _ => continue,
            };
            let pair = self.pair(None, format!("path {name}"));
            self.differ(pair, Difference::new(kind, name, from, to));
        }
    }

    fn missing_path(&self, side: &Side<'a>, path: &str) -> Spot<'a> {
        match side.roots().next() {
            Some(root) => Spot::of(None, &root, &["paths", path]),
            None => Spot::Nowhere,
        }
    }

    pub(super) fn path_item(&mut self, task: &super::Task<'a>) {
        let mut looked_at = METHODS.to_vec();
        looked_at.extend(["additionalOperations", "parameters", "servers", "$ref"]);
        // Parameters that no operation takes over are seen by nobody else.
        let unused = methods(&task.old.base).is_empty() || methods(&task.new.base).is_empty();
        if unused {
            looked_at.retain(|key| !matches!(*key, "parameters" | "servers"));
        }
        self.rest(task, &looked_at);
    }

    /// Operations that the service calls.
    pub(super) fn webhooks(&mut self) {
        let (mut gone, come) = (webhooks(self.old), webhooks(self.new));
        for (key, new) in &come {
            match gone.remove(key) {
                Some(old) => {
                    self.meet_operation(Sort::Incoming, key, &old, new);
                }
                None => self.lone_webhook("webhook-added", new, false),
            }
        }
        for old in gone.values() {
            self.lone_webhook("webhook-removed", old, true);
        }
    }

    fn lone_webhook(&mut self, kind: &'static str, operation: &Operation<'a>, gone: bool) {
        let pair = self.pair(None, format!("webhook {}", operation.path));
        self.pairs[pair].operation = Some(operation.name());
        let side = if gone { self.new } else { self.old };
        let missing = match side.roots().next() {
            Some(root) => Spot::of(None, &root, &operation.loc.tokens()),
            None => Spot::Nowhere,
        };
        let here = Spot::Here(operation.loc.clone());
        let (old, new) = if gone { (here, missing) } else { (missing, here) };
        self.differ(pair, Difference::new(kind, operation.path, old, new));
    }

    pub(super) fn callbacks(&mut self, pair: usize, old: &Loc<'a>, new: &Loc<'a>) {
        let all = |side: &Side<'a>, loc: &Loc<'a>| -> BTreeMap<String, Loc<'a>> {
            let mut found = BTreeMap::new();
            for (name, callback) in loc.key("callbacks").into_iter().flat_map(|map| map.entries()) {
                let callback = side.object(&callback).base;
                for (expression, item) in callback.entries() {
                    if expression.starts_with("x-") {
                        found.insert(format!("{name} {expression}"), item);
                        continue;
                    }
                    for (method, loc) in methods(&side.object(&item).base) {
                        found.insert(format!("{name} {expression} {method}"), loc);
                    }
                }
            }
            found
        };
        let (before, after) = (all(self.old, old), all(self.new, new));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
        let missing = |holder: &Loc<'a>, other: &Loc<'a>| {
            // A callback among the components has no place of its own here.
            let tokens = other.tokens();
            let from = tokens.iter().rposition(|token| *token == "callbacks").unwrap_or(0);
            Spot::of(None, holder, &tokens[from..])
        };
        for name in names {
            let (kind, from, to) = match (before.get(&name), after.get(&name)) {
                (Some(old), Some(new)) => {
                    let segment = format!(" callback {name}");
                    let pair = self.meet(Sort::Incoming, pair, BOTH, &segment, old, new);
                    self.incoming_parameters(pair, old, new);
                    continue;
                }
                (Some(gone), None) => {
                    ("callback-removed", Spot::Here(gone.clone()), missing(new, gone))
                }
                (None, Some(come)) => {
                    ("callback-added", missing(old, come), Spot::Here(come.clone()))
                }
                (None, None) => continue,
            };
            self.differ(pair, Difference::new(kind, name, from, to));
        }
    }
}

fn operations<'a>(side: &Side<'a>) -> BTreeMap<Key, Operation<'a>> {
    let mut found: BTreeMap<Key, Operation<'a>> = BTreeMap::new();
    let mut seen: BTreeMap<(String, String), HashSet<&Value>> = BTreeMap::new();
    for root in side.roots() {
        let paths = root.key("paths").into_iter().flat_map(|paths| paths.entries());
        for (path, item) in paths.filter(|(path, _)| !path.starts_with("x-")) {
            let item = side.object(&item).base;
            for (method, loc) in methods(&item) {
                let path_key = (method.clone(), nameless(path));
                let equals = seen.entry(path_key.clone()).or_default();
                let key = (path_key.0, path_key.1, equals.len());
                // The same operation in several documents is one.
                if equals.insert(loc.value) {
                    found.insert(key, Operation { loc, item: item.clone(), method, path });
                }
            }
        }
    }
    found
}

fn items<'a>(side: &Side<'a>) -> BTreeMap<(String, usize), (&'a str, Loc<'a>)> {
    let mut found: BTreeMap<(String, usize), (&'a str, Loc<'a>)> = BTreeMap::new();
    for root in side.roots() {
        for (path, item) in root.key("paths").into_iter().flat_map(|paths| paths.entries()) {
            let mut key = (nameless(path), 0);
            while found.get(&key).is_some_and(|(_, other)| other.document == item.document) {
                key.1 += 1;
            }
            found.entry(key).or_insert((path, item));
        }
    }
    found
}

fn webhooks<'a>(side: &Side<'a>) -> BTreeMap<Key, Operation<'a>> {
    let mut found = BTreeMap::new();
    for root in side.roots() {
        for (path, item) in root.key("webhooks").into_iter().flat_map(|map| map.entries()) {
            let item = side.object(&item).base;
            for (method, loc) in methods(&item) {
                let key = (format!("webhook {method}"), path.to_owned(), 0);
                let operation = Operation { loc, item: item.clone(), method, path };
                found.entry(key).or_insert(operation);
            }
        }
    }
    found
}
