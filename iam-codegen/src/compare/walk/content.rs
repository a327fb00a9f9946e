//! Bodies, responses, headers, and the media types they come in.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{
    super::{
        pairs::{BOTH, Difference, Spot},
        side::Loc,
        view::View,
    },
    Sort, Task, Walk, spot,
};

impl<'a> Walk<'_, 'a> {
    pub(super) fn body(&mut self, task: &Task<'a>) {
        if task.only.is_none() {
            let (on, off) = ("body-became-required", "body-became-optional");
            self.flag(task.pair, "required", on, off, &task.old, &task.new);
            self.content(task);
        }
        self.rest(task, &["$ref", "required", "content"]);
    }

    pub(super) fn response(&mut self, task: &Task<'a>) {
        if task.only.is_none() {
            self.content(task);
            self.headers(task);
            self.links(task);
        }
        self.rest(task, &["$ref", "content", "headers", "links"]);
    }

    fn links(&mut self, task: &Task<'a>) {
        let names = names(&task.old, &task.new, "links");
        for name in names {
            let place = |view: &View<'a>| {
                let loc = view.get("links").and_then(|map| map.key(name));
                Spot::of(loc, &view.at, &["links", name])
            };
            let (old, new) = (place(&task.old), place(&task.new));
            // A link among the components is compared as what it says.
            let said = |spot: &Spot<'a>, old: bool| match spot {
                Spot::Here(loc) if old => Some(self.old.object(loc).base.value),
                Spot::Here(loc) => Some(self.new.object(loc).base.value),
                _ => None,
            };
            if said(&old, true) != said(&new, false) {
                self.differ(task.pair, Difference::new("link-changed", name, old, new));
            }
        }
    }

    pub(super) fn headers(&mut self, task: &Task<'a>) {
        for name in names(&task.old, &task.new, "headers") {
            let get = |view: &View<'a>| view.get("headers").and_then(|map| map.key(name));
            let place = |view: &View<'a>| Spot::of(get(view), &view.at, &["headers", name]);
            let (old, new) = (place(&task.old), place(&task.new));
            let kind = match (get(&task.old), get(&task.new)) {
                (Some(old), Some(new)) => {
                    let segment = format!(" header {name}");
                    self.meet(Sort::Header, task.pair, BOTH, &segment, &old, &new);
                    continue;
                }
                (None, _) => "header-added",
                (Some(old), None) => match self.old.object(&old).flag("required") {
                    true => "required-header-removed",
                    false => "optional-header-removed",
                },
            };
            self.differ(task.pair, Difference::new(kind, name, old, new));
        }
    }

    pub(super) fn header(&mut self, task: &Task<'a>) {
        if task.only.is_none() {
            let (on, off) = ("header-became-required", "header-became-optional");
            self.flag(task.pair, "required", on, off, &task.old, &task.new);
            self.style(task);
            self.carried(task);
            self.media_examples(task);
        }
        let looked_at =
            ["$ref", "required", "style", "explode", "schema", "content", "example", "examples"];
        self.rest(task, &looked_at);
    }

    /// The media types of a body, response, parameter or header: those of one
    /// name belong together, and then those that differ in parameters only.
    pub(super) fn content(&mut self, task: &Task<'a>) {
        let all = |view: &View<'a>| -> BTreeMap<&'a str, Loc<'a>> {
            view.get("content").into_iter().flat_map(|map| map.entries()).collect()
        };
        let (mut before, mut after) = (all(&task.old), all(&task.new));
        let plain = |name: &str| -> String {
            name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
        };
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        let mut others: BTreeMap<String, VecDeque<&str>> = BTreeMap::new();
        for to in after.keys().filter(|name| !before.contains_key(*name)) {
            others.entry(plain(to)).or_default().push_back(to);
        }
        for from in before.keys() {
            let to = match after.contains_key(from) {
                true => Some(*from),
                false => others.get_mut(&plain(from)).and_then(VecDeque::pop_front),
            };
            pairs.extend(to.map(|to| (*from, to)));
        }
        for (from, to) in pairs {
            let (Some(old), Some(new)) = (before.remove(from), after.remove(to)) else { continue };
            if from != to {
                let spots = (Spot::Here(old.clone()), Spot::Here(new.clone()));
                let mut difference = Difference::new(
                    "media-type-parameters-changed",
                    format!("{from} to {to}"),
                    spots.0,
                    spots.1,
                );
                difference.words = vec![from.to_owned(), to.to_owned()];
                self.differ(task.pair, difference);
            }
            self.meet(Sort::Media, task.pair, BOTH, &format!(" {from}"), &old, &new);
        }
        let mut lone = Vec::new();
        for (name, loc) in before {
            let missing = Spot::of(None, &task.new.at, &["content", name]);
            lone.push(("media-type-removed", name, Spot::Here(loc), missing));
        }
        for (name, loc) in after {
            let missing = Spot::of(None, &task.old.at, &["content", name]);
            lone.push(("media-type-added", name, missing, Spot::Here(loc)));
        }
        for (kind, name, old, new) in lone {
            self.differ(task.pair, Difference::new(kind, name, old, new));
        }
    }

    pub(super) fn media(&mut self, task: &Task<'a>) {
        if task.only.is_none() {
            for (key, segment) in [("schema", ""), ("itemSchema", "[]")] {
                let kind = match (task.old.get(key), task.new.get(key)) {
                    (Some(old), Some(new)) => {
                        self.meet(Sort::Schema, task.pair, BOTH, segment, &old, &new);
                        continue;
                    }
                    (None, _) => "media-type-schema-added",
                    (_, None) => "media-type-schema-removed",
                };
                let spots = (spot(&task.old, key), spot(&task.new, key));
                self.leaf(task.pair, kind, key, spots.0, spots.1);
            }
            self.encodings(task);
            self.media_examples(task);
        }
        let looked_at = ["$ref", "schema", "itemSchema", "encoding", "example", "examples"];
        self.rest(task, &looked_at);
    }

    fn encodings(&mut self, task: &Task<'a>) {
        for name in names(&task.old, &task.new, "encoding") {
            let get = |view: &View<'a>| view.get("encoding").and_then(|map| map.key(name));
            if let (Some(old), Some(new)) = (get(&task.old), get(&task.new)) {
                let segment = format!(" encoding {name}");
                self.meet(Sort::Encoding, task.pair, BOTH, &segment, &old, &new);
                continue;
            }
            let place = |view: &View<'a>| Spot::of(get(view), &view.at, &["encoding", name]);
            let (old, new) = (place(&task.old), place(&task.new));
            self.leaf(task.pair, "encoding-changed", name, old, new);
        }
    }

    pub(super) fn encoding(&mut self, task: &Task<'a>) {
        self.headers(task);
        for key in ["contentType", "style", "explode", "allowReserved"] {
            let (old, new) = (spot(&task.old, key), spot(&task.new, key));
            let off =
                |spot: &Spot<'a>| spot.value().is_none_or(|value| value == &Value::from(false));
            if key == "allowReserved" && off(&old) && off(&new) {
                continue;
            }
            self.leaf(task.pair, "encoding-changed", key, old, new);
        }
        let looked_at = ["headers", "contentType", "style", "explode", "allowReserved"];
        self.rest(task, &looked_at);
    }
}

/// The names that a map holds on either side.
fn names<'a>(old: &View<'a>, new: &View<'a>, key: &str) -> BTreeSet<&'a str> {
    let names = |view: &View<'a>| {
        view.get(key).into_iter().flat_map(|map| map.entries()).map(|(name, _)| name)
    };
    names(old).chain(names(new)).collect()
}
