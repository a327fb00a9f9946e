//! Schemas made of others: `allOf`, `oneOf`, `anyOf`, and what tells which of
//! them is meant.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        pairs::{BOTH, Difference, PairId, Spot},
        side::{Loc, Side},
        value::same,
        view::{View, is_null},
    },
    Sort, Task, Walk,
    keywords::types_by_union,
    spot,
};

/// Members of a list, those that belong together and those left alone.
struct Matched<'a> {
    pairs: Vec<(Loc<'a>, Loc<'a>)>,
    gone: Vec<Loc<'a>>,
    come: Vec<Loc<'a>>,
}

/// Returns whether `member` is a reference to the component of the name that the
/// component `whole` has in the other document.
fn refers_to(member: &Loc<'_>, whole: &Loc<'_>) -> bool {
    let target = member.text("$ref").and_then(|text| text.strip_prefix("#/components/schemas/"));
    matches!(whole.tokens()[..], ["components", "schemas", name] if target == Some(name))
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn composition(&mut self, task: &Task<'a>) {
        self.all_of(task);
        self.unions(task);
        self.discriminator(task);
    }

    fn all_of(&mut self, task: &Task<'a>) {
        // A reference beside which more is demanded is one member more.
        let members = |view: &View<'a>, side: &Side<'a>| -> Vec<Loc<'a>> {
            let list = view.get("allOf").into_iter().flat_map(|list| list.items());
            let target = view.base.text("$ref");
            let target = target.and_then(|text| side.resolve(view.base.document, text));
            target.into_iter().chain(list).collect()
        };
        let (before, after) = (members(&task.old, self.old), members(&task.new, self.new));
        let matched = self.matched(&before, &after);
        self.members(task.pair, " allOf", &matched.pairs);
        let demands = |loc: &Loc<'a>, side: &Side<'a>| {
            let texts = ["description", "title", "$comment", "example", "examples", "externalDocs"];
            side.schema(loc).keys().keys().any(|key| !texts.contains(key))
        };
        for loc in &matched.gone {
            let kind = match demands(loc, self.old) {
                true => "all-of-removed",
                false => "all-of-text-removed",
            };
            let missing = end(&task.new, "allOf");
            self.member(task.pair, kind, loc, Spot::Here(loc.clone()), missing, true);
        }
        for loc in &matched.come {
            let kind = match demands(loc, self.new) {
                true => "all-of-added",
                false => "all-of-text-added",
            };
            let missing = end(&task.old, "allOf");
            self.member(task.pair, kind, loc, missing, Spot::Here(loc.clone()), false);
        }
    }

    fn member(
        &mut self,
        pair: PairId,
        kind: &'static str,
        loc: &Loc<'a>,
        old: Spot<'a>,
        new: Spot<'a>,
        gone: bool,
    ) {
        let side = if gone { self.old } else { self.new };
        let name = name(side, loc);
        let mut difference = Difference::new(kind, name.clone(), old, new);
        difference.words.push(name);
        self.differ(pair, difference);
    }

    fn members(&mut self, pair: PairId, segment: &str, pairs: &[(Loc<'a>, Loc<'a>)]) {
        for (index, (old, new)) in pairs.iter().enumerate() {
            let called = name(self.old, old);
            let called = if called.is_empty() { index.to_string() } else { called };
            self.meet(Sort::Schema, pair, BOTH, &format!("{segment} {called}"), old, new);
        }
    }

    fn unions(&mut self, task: &Task<'a>) {
        let union = |view: &View<'a>| {
            let key = ["oneOf", "anyOf"].into_iter().find(|key| view.get(key).is_some());
            key.map(|key| (key, alternatives(view, key)))
        };
        match (union(&task.old), union(&task.new)) {
            (None, None) => {}
            (Some((a, before)), Some((b, after))) => {
                if a != b && before.len() + after.len() > 2 {
                    let (old, new) = (spot(&task.old, a), spot(&task.new, b));
                    let mut difference =
                        Difference::new("union-keyword-changed", format!("{a} to {b}"), old, new);
                    difference.also = vec![
                        (spot(&task.old, a), spot(&task.new, a)),
                        (spot(&task.old, b), spot(&task.new, b)),
                    ];
                    self.differ(task.pair, difference);
                }
                self.alternatives(task, [a, b], &before, &after);
                // Both keywords in one schema: the second is compared by itself.
                let more =
                    |view: &View<'a>, first: &str| first == "oneOf" && view.get("anyOf").is_some();
                if more(&task.old, a) || more(&task.new, b) {
                    let before = alternatives(&task.old, "anyOf");
                    let after = alternatives(&task.new, "anyOf");
                    if a == b {
                        self.alternatives(task, ["anyOf", "anyOf"], &before, &after);
                    } else {
                        let spots = (spot(&task.old, "anyOf"), spot(&task.new, "anyOf"));
                        self.leaf(task.pair, "unclassified", "anyOf", spots.0, spots.1);
                        let spots = (spot(&task.old, "oneOf"), spot(&task.new, "oneOf"));
                        self.leaf(task.pair, "unclassified", "oneOf", spots.0, spots.1);
                    }
                }
            }
            // Told by the types already.
            (None, Some(_)) if types_by_union(&task.new).is_some() => {}
            (Some(_), None) if types_by_union(&task.old).is_some() => {}
            (None, Some((key, _))) => {
                let (old, new) = (spot(&task.old, key), spot(&task.new, key));
                self.differ(task.pair, Difference::new("became-union", "", old, new));
            }
            (Some((key, _)), None) => {
                let (old, new) = (spot(&task.old, key), spot(&task.new, key));
                self.differ(task.pair, Difference::new("no-longer-union", "", old, new));
            }
        }
    }

    /// A schema that became one of several, or the only one left of several: all
    /// that seems to come or go only moved into a member, or out of it. Whether
    /// this is so, and then nothing is left to compare.
    pub(super) fn wrapped(&mut self, task: &Task<'a>) -> bool {
        let union = |view: &View<'a>| {
            let key = ["oneOf", "anyOf"].into_iter().find(|key| view.get(key).is_some())?;
            let texts = ["title", "description", "discriminator", "example", "examples"];
            let alone = view.keys().keys().all(|other| *other == key || texts.contains(other));
            Some((key, alone))
        };
        let (kind, key) = match (union(&task.old), union(&task.new)) {
            (None, Some((key, true))) => ("alternative-added", key),
            (Some((key, true)), None) => ("alternative-removed", key),
            _ => return false,
        };
        let grown = kind == "alternative-added";
        let members = alternatives(if grown { &task.new } else { &task.old }, key);
        let (old, new) = (task.old.base.clone(), task.new.base.clone());
        let equal = members.iter().find(|member| match grown {
            true => self.equal(&old, member),
            false => self.equal(member, &new),
        });
        // The component of the same name may differ in itself, which is told of it.
        let whole = if grown { &old } else { &new };
        let named = || members.iter().find(|member| refers_to(member, whole));
        let Some(kept) = equal.or_else(named) else { return false };
        if equal.is_none() {
            let pair =
                if grown { (old.clone(), kept.clone()) } else { (kept.clone(), new.clone()) };
            self.members(task.pair, &format!(" {key}"), &[pair]);
        }
        // What stood here now stands in a list, so that all of it differs.
        let place = |view: &View<'a>, key: &str| Spot::of(view.site.key(key), &view.site, &[key]);
        let mut difference =
            Difference::new(kind, "", place(&task.old, key), place(&task.new, key));
        let keys: BTreeSet<_> =
            task.old.site.entries().chain(task.new.site.entries()).map(|(key, _)| key).collect();
        for other in keys.into_iter().filter(|other| *other != key) {
            difference.also.push((place(&task.old, other), place(&task.new, other)));
        }
        for member in members.iter().filter(|member| member.address() != kept.address()) {
            difference.words.push(name(if grown { self.new } else { self.old }, member));
        }
        difference.name = difference.words.join(", ");
        self.differ(task.pair, difference);
        true
    }

    fn equal(&mut self, old: &Loc<'a>, new: &Loc<'a>) -> bool {
        self.shapes.of(self.old, old) == self.shapes.of(self.new, new)
    }

    fn alternatives(
        &mut self,
        task: &Task<'a>,
        [a, b]: [&str; 2],
        before: &[Loc<'a>],
        after: &[Loc<'a>],
    ) {
        let matched = self.matched(before, after);
        self.members(task.pair, &format!(" {a}"), &matched.pairs);
        for loc in &matched.gone {
            let spots = (Spot::Here(loc.clone()), end(&task.new, b));
            self.member(task.pair, "alternative-removed", loc, spots.0, spots.1, true);
        }
        for loc in &matched.come {
            let spots = (end(&task.old, a), Spot::Here(loc.clone()));
            self.member(task.pair, "alternative-added", loc, spots.0, spots.1, false);
        }
    }

    /// Which members belong together: those of one name, then those that say the
    /// same, then those of one type in their order.
    fn matched(&mut self, before: &[Loc<'a>], after: &[Loc<'a>]) -> Matched<'a> {
        let mut gone: Vec<Option<&Loc<'a>>> = before.iter().map(Some).collect();
        let mut come: Vec<Option<&Loc<'a>>> = after.iter().map(Some).collect();
        let mut pairs = Vec::new();
        for round in 0..4 {
            let mut key = |side: &Side<'a>, loc: &Loc<'a>| -> Option<String> {
                match round {
                    0 => Some(self.shapes.of(side, loc).to_string() + &name(side, loc)),
                    1 => Some(name(side, loc)).filter(|name| !name.is_empty()),
                    2 => Some(self.shapes.of(side, loc).to_string()),
                    _ => (!is_plain(loc)).then(|| kind(&side.schema(loc))),
                }
            };
            let mut waiting: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (index, loc) in come.iter().enumerate() {
                if let Some(key) = loc.and_then(|loc| key(self.new, loc)) {
                    waiting.entry(key).or_default().push(index);
                }
            }
            waiting.values_mut().for_each(|list| list.reverse());
            for slot in &mut gone {
                let Some(loc) = *slot else { continue };
                let Some(found) =
                    key(self.old, loc).and_then(|key| waiting.get_mut(&key)).and_then(Vec::pop)
                else {
                    continue;
                };
                if let Some(other) = come[found].take() {
                    pairs.push((loc.clone(), other.clone()));
                    *slot = None;
                }
            }
        }
        Matched {
            pairs,
            gone: gone.into_iter().flatten().cloned().collect(),
            come: come.into_iter().flatten().cloned().collect(),
        }
    }

    fn discriminator(&mut self, task: &Task<'a>) {
        let key = "discriminator";
        let (old, new) = (spot(&task.old, key), spot(&task.new, key));
        let (Spot::Here(before), Spot::Here(after)) = (&old, &new) else {
            let kind = match old.value() {
                None => "discriminator-added",
                Some(_) => "discriminator-removed",
            };
            return self.leaf(task.pair, kind, "", old, new);
        };
        let keys: BTreeSet<_> =
            before.entries().chain(after.entries()).map(|(key, _)| key).collect();
        for key in keys {
            let place = |loc: &Loc<'a>| Spot::of(loc.key(key), loc, &[key]);
            let kind = match key {
                "propertyName" => "discriminator-changed",
                "mapping" => {
                    self.mapping(task.pair, before, after);
                    continue;
                }
                _ => {
                    self.other(task.pair, key, place(before), place(after));
                    continue;
                }
            };
            self.leaf(task.pair, kind, "", place(before), place(after));
        }
    }

    fn mapping(&mut self, pair: PairId, before: &Loc<'a>, after: &Loc<'a>) {
        let entries = |loc: &Loc<'a>| -> BTreeMap<&'a str, Loc<'a>> {
            loc.key("mapping").into_iter().flat_map(|map| map.entries()).collect()
        };
        let (old, new) = (entries(before), entries(after));
        let names: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for name in names {
            let (from, to) = (old.get(name), new.get(name));
            let equal = match (from, to) {
                (Some(from), Some(to)) => {
                    same(from.value, to.value) || self.renamed_target(from, to)
                }
                _ => false,
            };
            if !equal {
                let place = |loc: Option<&Loc<'a>>, holder: &Loc<'a>| {
                    Spot::of(loc.cloned(), holder, &["mapping", name])
                };
                let spots = (place(from, before), place(to, after));
                let kind = "discriminator-mapping-changed";
                self.differ(pair, Difference::new(kind, name, spots.0, spots.1));
            }
        }
    }

    /// Whether two texts of a mapping name one schema that was renamed.
    fn renamed_target(&self, old: &Loc<'a>, new: &Loc<'a>) -> bool {
        let name = |loc: &Loc<'a>| {
            let text = loc.value.as_str().unwrap_or_default();
            text.rsplit('/').next().unwrap_or_default().to_owned()
        };
        self.renamed.contains(&(name(old), name(new)))
            && !self.new.has_component("schemas", &name(old))
    }
}

/// The alternatives, null aside.
fn alternatives<'a>(view: &View<'a>, key: &str) -> Vec<Loc<'a>> {
    let members = view.get(key).into_iter().flat_map(|list| list.items());
    members.filter(|member| !is_null(member.value)).collect()
}

/// Where a further member of a list would stand.
fn end<'a>(view: &View<'a>, key: &str) -> Spot<'a> {
    Spot::of(None, &view.at, &[key, "-"])
}

/// The name of a member: its component, or its title.
fn name<'a>(side: &Side<'a>, loc: &Loc<'a>) -> String {
    let view = side.schema(loc);
    let component = view.base.component().map(|(_, name)| name.to_owned());
    component.or_else(|| view.base.text("title").map(str::to_owned)).unwrap_or_default()
}

/// Whether a member demands nothing that it could be known by.
fn is_plain(loc: &Loc<'_>) -> bool {
    loc.value
        .as_object()
        .is_none_or(|map| !map.contains_key("type") && !map.contains_key("properties"))
}

/// What kind of value a member takes.
fn kind(view: &View<'_>) -> String {
    match view.get("type") {
        Some(loc) => loc.value.to_string(),
        None => "object".to_owned(),
    }
}
