//! What is said once for the whole API: version, info, tags, extensions, and
//! the components that nothing uses.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde_json::Value;

use super::{
    super::{
        pairs::{Difference, PairId, Spot},
        side::{Loc, Side},
    },
    Sort, Walk,
};

/// Keys of a document that are compared elsewhere, or by a rule here.
const KEYS: &[&str] =
    &["openapi", "info", "paths", "webhooks", "components", "tags", "servers", "security"];

impl<'a> Walk<'_, 'a> {
    pub(super) fn api(&mut self) {
        let root = self.pair(None, "document");
        let matched = self.documents(root);
        for (old, new) in &matched {
            self.document(root, old, new);
        }
        self.versions(root);
        self.tags(root);
        self.operations();
        self.webhooks();
        for (old, new) in matched {
            self.root_security(root, &old, &new);
            self.root_servers(root, &old, &new);
        }
    }

    /// Which documents belong together: the only ones, or those of one title.
    fn documents(&mut self, root: PairId) -> Vec<(Loc<'a>, Loc<'a>)> {
        let old: Vec<_> = self.old.roots().collect();
        let new: Vec<_> = self.new.roots().collect();
        if let ([old], [new]) = (old.as_slice(), new.as_slice()) {
            return vec![(old.clone(), new.clone())];
        }
        let title =
            |loc: &Loc<'a>| loc.key("info").and_then(|info| info.text("title")).unwrap_or_default();
        let mut left: Vec<Option<Loc<'a>>> = new.into_iter().map(Some).collect();
        let mut matched = Vec::new();
        for old in old {
            let found = left
                .iter_mut()
                .find(|slot| slot.as_ref().is_some_and(|new| title(new) == title(&old)));
            match found.and_then(Option::take) {
                Some(new) => matched.push((old, new)),
                None => {
                    let spot = Spot::of(old.key("info"), &old, &["info"]);
                    let difference =
                        Difference::new("document-removed", title(&old), spot, Spot::Nowhere);
                    self.differ(root, difference);
                }
            }
        }
        for new in left.into_iter().flatten() {
            let spot = Spot::of(new.key("info"), &new, &["info"]);
            self.differ(root, Difference::new("document-added", title(&new), Spot::Nowhere, spot));
        }
        matched
    }

    fn document(&mut self, root: PairId, old: &Loc<'a>, new: &Loc<'a>) {
        let keys: BTreeSet<_> = old.entries().chain(new.entries()).map(|(key, _)| key).collect();
        for key in keys.into_iter().filter(|key| !KEYS.contains(key)) {
            let place = |loc: &Loc<'a>| Spot::of(loc.key(key), loc, &[key]);
            self.other(root, key, place(old), place(new));
        }
        let info = |loc: &Loc<'a>| loc.key("info");
        let (Some(before), Some(after)) = (info(old), info(new)) else {
            let place = |loc: &Loc<'a>| Spot::of(loc.key("info"), loc, &["info"]);
            return self.leaf(root, "info-changed", "info", place(old), place(new));
        };
        let keys: BTreeSet<_> =
            before.entries().chain(after.entries()).map(|(key, _)| key).collect();
        for key in keys {
            let place = |loc: &Loc<'a>| Spot::of(loc.key(key), loc, &[key]);
            match key {
                "description" | "summary" | "title" => {
                    self.leaf(root, "info-changed", key, place(&before), place(&after));
                }
                key if key.starts_with("x-") => {
                    self.other(root, key, place(&before), place(&after));
                }
                _ => self.leaf(root, "info-changed", key, place(&before), place(&after)),
            }
        }
    }

    fn versions(&mut self, root: PairId) {
        let versions = |side: &Side<'a>| -> BTreeMap<&'a str, Loc<'a>> {
            let places = side.roots().filter_map(|root| root.key("openapi"));
            places.filter_map(|place| Some((place.value.as_str()?, place))).collect()
        };
        let (old, new) = (versions(self.old), versions(self.new));
        if old.keys().ne(new.keys())
            && let (Some((_, from)), Some((_, to))) = (old.first_key_value(), new.last_key_value())
        {
            let (from, to) = (Spot::Here(from.clone()), Spot::Here(to.clone()));
            self.differ(root, Difference::new("openapi-version-changed", "", from, to));
        }
    }

    fn tags(&mut self, root: PairId) {
        let (before, after) = (tags(self.old), tags(self.new));
        let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        for name in names {
            let end = |side: &Side<'a>| match side.roots().next() {
                Some(root) => Spot::of(None, &root, &["tags", "-"]),
                None => Spot::Nowhere,
            };
            match (before.get(name), after.get(name)) {
                (Some(old), Some(new)) => {
                    let spots = (Spot::Here(old.clone()), Spot::Here(new.clone()));
                    self.leaf(root, "tag-changed", name, spots.0, spots.1);
                }
                (Some(old), None) => {
                    let spots = (Spot::Here(old.clone()), end(self.new));
                    self.differ(root, Difference::new("tag-removed", name, spots.0, spots.1));
                }
                (None, Some(new)) => {
                    let spots = (end(self.old), Spot::Here(new.clone()));
                    self.differ(root, Difference::new("tag-added", name, spots.0, spots.1));
                }
                (None, None) => {}
            }
        }
    }

    /// Components that nothing used so far: by name, and then as renamed.
    pub(super) fn components(&mut self) {
        let old: Vec<_> = self.old.components();
        let new: Vec<_> = self.new.components();
        let unused = |walk: &Self, loc: &Loc<'a>| !walk.used.contains(&loc.address());
        let mut come: BTreeMap<(&str, &str), Vec<Loc<'a>>> = BTreeMap::new();
        for (section, name, loc) in new {
            come.entry((section, name)).or_default().push(loc);
        }
        let mut gone = Vec::new();
        for (section, name, loc) in old {
            let Some(list) = come.get_mut(&(section, name)).filter(|list| !list.is_empty()) else {
                gone.push((section, name, loc));
                continue;
            };
            let same = list.iter().position(|other| other.value == loc.value).unwrap_or(0);
            let other = list.remove(same);
            if unused(self, &loc) || unused(self, &other) {
                self.component(section, name, &loc, &other);
            }
        }
        // What they lead to counts as used from here on.
        self.drain();
        let mut come: Vec<_> = come
            .into_iter()
            .flat_map(|((section, name), list)| {
                list.into_iter().map(move |loc| (section, name, loc))
            })
            .filter(|(_, _, loc)| unused(self, loc))
            .map(Some)
            .collect();
        let mut schemas: HashMap<&Value, VecDeque<usize>> = HashMap::new();
        for (index, component) in come.iter().enumerate() {
            if let Some(("schemas", _, loc)) = component {
                schemas.entry(loc.value).or_default().push_back(index);
            }
        }
        for (section, name, loc) in gone {
            if !unused(self, &loc) {
                continue;
            }
            let renamed = match section {
                "schemas" => schemas.get_mut(loc.value).and_then(VecDeque::pop_front),
                _ => None,
            };
            if let Some((_, _, new)) = renamed.and_then(|index| come[index].take()) {
                let orphan = self.pair(None, format!("schema {name}"));
                self.meet(Sort::Schema, orphan, super::BOTH, "", &loc, &new);
                continue;
            }
            let place = Spot::Here(loc);
            let missing = self.nowhere(self.new, section, name);
            self.lone(section, name, "component-removed", place, missing);
        }
        for (section, name, loc) in come.into_iter().flatten() {
            let missing = self.nowhere(self.old, section, name);
            self.lone(section, name, "component-added", missing, Spot::Here(loc));
        }
    }

    fn nowhere(&self, side: &Side<'a>, section: &str, name: &str) -> Spot<'a> {
        match side.roots().next() {
            Some(root) => Spot::of(None, &root, &["components", section, name]),
            None => Spot::Nowhere,
        }
    }

    fn lone(
        &mut self,
        section: &str,
        name: &str,
        kind: &'static str,
        old: Spot<'a>,
        new: Spot<'a>,
    ) {
        let kind = match (section, kind) {
            ("securitySchemes", "component-added") => "security-scheme-added",
            ("securitySchemes", _) => "security-scheme-removed",
            _ => kind,
        };
        let pair = self.pair(None, section.to_owned());
        self.differ(pair, Difference::new(kind, name, old, new));
    }

    fn component(&mut self, section: &str, name: &str, old: &Loc<'a>, new: &Loc<'a>) {
        let sort = match section {
            "schemas" => Sort::Schema,
            "parameters" => Sort::Parameter,
            "requestBodies" => Sort::Body,
            "responses" => Sort::Response,
            "headers" => Sort::Header,
            "mediaTypes" => Sort::Media,
            "pathItems" => Sort::PathItem,
            "securitySchemes" => Sort::Scheme,
            _ => {
                let kind = match section {
                    "examples" => "example-changed",
                    "links" => "link-changed",
                    section if section.starts_with("x-") => "extension-changed",
                    _ => "unclassified",
                };
                let pair = self.pair(None, section.to_owned());
                let spots = (Spot::Here(old.clone()), Spot::Here(new.clone()));
                return self.leaf(pair, kind, name, spots.0, spots.1);
            }
        };
        let orphan = self.pair(None, format!("{} {name}", section.trim_end_matches('s')));
        self.meet(sort, orphan, super::BOTH, "", old, new);
    }
}

/// The declared tags of all documents, by name; the first of a name counts.
fn tags<'a>(side: &Side<'a>) -> BTreeMap<&'a str, Loc<'a>> {
    let mut tags = BTreeMap::new();
    for root in side.roots() {
        for tag in root.key("tags").into_iter().flat_map(|list| list.items()) {
            if let Some(name) = tag.text("name") {
                tags.entry(name).or_insert(tag);
            }
        }
    }
    tags
}
