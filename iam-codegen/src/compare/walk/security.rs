//! Who may call, and where: security and servers, those of the whole document
//! taken over by each operation that says nothing of its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        pairs::{BOTH, Difference, PairId, REQUEST, Spot},
        side::{Loc, Side},
    },
    Sort, Task, Walk,
    operations::Operation,
    spot,
};

/// A way to be let in: schemes, each with its scopes.
type Alternative = BTreeMap<String, BTreeSet<String>>;

/// What is demanded: the alternatives, and where that is said.
struct Demand<'a> {
    /// `true` if anything is said. If not, callers send what credentials they have.
    stated: bool,
    alternatives: BTreeSet<Alternative>,
    spot: Spot<'a>,
    /// Whose scheme names these are.
    document: usize,
}

impl<'a> Demand<'a> {
    /// What `loc` says, or else the root of its document.
    fn of(side: &Side<'a>, loc: &Loc<'a>) -> Self {
        let root = Loc::root(loc.document, side.documents[loc.document].value());
        let said = loc.key("security").or_else(|| root.key("security"));
        Self::read(said, &root)
    }

    fn read(said: Option<Loc<'a>>, root: &Loc<'a>) -> Self {
        let mut alternatives: BTreeSet<Alternative> = BTreeSet::new();
        let list = said.as_ref().and_then(|loc| loc.value.as_array()).into_iter().flatten();
        for requirement in list {
            let schemes = requirement.as_object().into_iter().flatten();
            let scopes = |value: &Value| -> BTreeSet<String> {
                let list = value.as_array().into_iter().flatten();
                list.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            alternatives
                .insert(schemes.map(|(name, value)| (name.clone(), scopes(value))).collect());
        }
        let stated = said.is_some();
        if stated && alternatives.is_empty() {
            alternatives.insert(Alternative::new());
        }
        let document = root.document;
        Self { stated, alternatives, spot: Spot::of(said, root, &["security"]), document }
    }

    fn open(&self) -> bool {
        self.alternatives.contains(&Alternative::new())
    }
}

/// The address of what a spot shows, to know it again.
fn address(spot: &Spot<'_>) -> usize {
    match spot {
        Spot::Here(loc) | Spot::Missing(loc, _) => loc.address(),
        Spot::Nowhere => 0,
    }
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn effective_security(
        &mut self,
        pair: PairId,
        old: &Operation<'a>,
        new: &Operation<'a>,
    ) {
        let (mut before, mut after) =
            (Demand::of(self.old, &old.loc), Demand::of(self.new, &new.loc));
        // What one operation states is missing at the other.
        let unstated = |loc: &Loc<'a>| Spot::of(None, loc, &["security"]);
        if !before.stated && new.loc.key("security").is_some() {
            before.spot = unstated(&old.loc);
        }
        if !after.stated && old.loc.key("security").is_some() {
            after.spot = unstated(&new.loc);
        }
        self.security(pair, before, after);
    }

    pub(super) fn root_security(&mut self, pair: PairId, old: &Loc<'a>, new: &Loc<'a>) {
        let before = Demand::read(old.key("security"), old);
        let after = Demand::read(new.key("security"), new);
        self.security(pair, before, after);
    }

    fn security(&mut self, user: PairId, old: Demand<'a>, new: Demand<'a>) {
        // What both take over from their documents is compared once.
        let key = (Sort::Scheme, address(&old.spot), address(&new.spot), true);
        if let Some(&pair) = self.known.get(&key) {
            self.pairs[pair].used_by.insert((user, REQUEST));
            return;
        }
        let global = |spot: &Spot<'a>| match spot {
            Spot::Here(loc) | Spot::Missing(loc, _) => loc.tokens().len() < 2,
            Spot::Nowhere => true,
        };
        let parent = if global(&old.spot) && global(&new.spot) { None } else { Some(user) };
        let pair = self.pair(parent, " security");
        self.pairs[pair].used_by = BTreeSet::from([(user, REQUEST)]);
        self.known.insert(key, pair);
        self.demands(pair, &old, &new);
        self.schemes(pair, &old, &new);
    }

    fn demands(&mut self, pair: PairId, old: &Demand<'a>, new: &Demand<'a>) {
        if old.alternatives == new.alternatives {
            return;
        }
        let mut add = |kind, name: String| {
            let spots = (old.spot.clone(), new.spot.clone());
            let mut difference = Difference::new(kind, name, spots.0, spots.1);
            difference.words = vec!["anonymous".to_owned()];
            self.differ(pair, difference);
        };
        match (old.open(), new.open()) {
            (false, false) if !old.stated => return add("security-stated", String::new()),
            (false, false) if !new.stated => return add("security-unstated", String::new()),
            (true, false) => add("security-became-required", String::new()),
            (false, true) => add("security-became-optional", String::new()),
            _ => {}
        }
        let nothing = Alternative::new();
        let mut gone: Vec<_> = old.alternatives.difference(&new.alternatives).collect();
        let mut come: Vec<_> = new.alternatives.difference(&old.alternatives).collect();
        gone.retain(|one| **one != nothing);
        come.retain(|one| **one != nothing);
        // Alternatives of the same schemes differ in scopes.
        gone.retain(|before| {
            let Some(at) = come.iter().position(|after| after.keys().eq(before.keys())) else {
                return true;
            };
            let after = come.remove(at);
            for (scheme, scopes) in *before {
                let now = &after[scheme];
                for scope in now.difference(scopes) {
                    add("security-scope-added", format!("{scheme} {scope}"));
                }
                for scope in scopes.difference(now) {
                    add("security-scope-removed", format!("{scheme} {scope}"));
                }
            }
            false
        });
        let name = |one: &Alternative| one.keys().cloned().collect::<Vec<_>>().join(" and ");
        for one in gone {
            add("security-alternative-removed", name(one));
        }
        for one in come {
            // That of a caller who needed none before is no further way in.
            if !old.open() || new.open() {
                add("security-alternative-added", name(one));
            }
        }
    }

    /// The schemes that are named on both sides.
    fn schemes(&mut self, pair: PairId, old: &Demand<'a>, new: &Demand<'a>) {
        let names = |demand: &Demand<'a>| -> BTreeSet<String> {
            demand.alternatives.iter().flat_map(|one| one.keys().cloned()).collect()
        };
        for name in names(old).intersection(&names(new)) {
            let scheme = |side: &Side<'a>, document: usize| {
                let root = Loc::root(document, side.documents[document].value());
                root.key("components")?.key("securitySchemes")?.key(name)
            };
            let (old, new) = (scheme(self.old, old.document), scheme(self.new, new.document));
            if let (Some(old), Some(new)) = (old, new) {
                self.used.extend([old.address(), new.address()]);
                self.meet(Sort::Scheme, pair, BOTH, name, &old, &new);
            }
        }
    }

    pub(super) fn scheme(&mut self, task: &Task<'a>) {
        let mut looked_at = vec!["$ref"];
        if task.only.is_none() {
            for key in ["type", "scheme", "in", "name"] {
                let (old, new) = (spot(&task.old, key), spot(&task.new, key));
                self.leaf(task.pair, "security-scheme-changed", key, old, new);
                looked_at.push(key);
            }
            for key in ["flows", "openIdConnectUrl", "oauth2MetadataUrl", "bearerFormat"] {
                let (old, new) = (spot(&task.old, key), spot(&task.new, key));
                self.leaf(task.pair, "security-flow-changed", key, old, new);
                looked_at.push(key);
            }
        }
        self.rest(task, &looked_at);
    }

    pub(super) fn effective_servers(
        &mut self,
        pair: PairId,
        old: &Operation<'a>,
        new: &Operation<'a>,
    ) {
        let list = |side: &Side<'a>, operation: &Operation<'a>| {
            let root =
                Loc::root(operation.loc.document, side.documents[operation.loc.document].value());
            let own = operation.loc.key("servers").filter(|list| list.items().next().is_some());
            let path =
                || operation.item.key("servers").filter(|list| list.items().next().is_some());
            let all = || root.key("servers");
            Spot::of(own.or_else(path).or_else(all), &root, &["servers"])
        };
        let (before, after) = (list(self.old, old), list(self.new, new));
        self.servers(pair, before, after);
    }

    pub(super) fn root_servers(&mut self, pair: PairId, old: &Loc<'a>, new: &Loc<'a>) {
        let place = |loc: &Loc<'a>| Spot::of(loc.key("servers"), loc, &["servers"]);
        self.servers(pair, place(old), place(new));
    }

    fn servers(&mut self, user: PairId, old: Spot<'a>, new: Spot<'a>) {
        let key = (Sort::PathItem, address(&old), address(&new), true);
        if let Some(&pair) = self.known.get(&key) {
            self.pairs[pair].used_by.insert((user, REQUEST));
            return;
        }
        let pair = self.pair(None, "servers");
        self.pairs[pair].used_by = BTreeSet::from([(user, REQUEST)]);
        self.known.insert(key, pair);
        let list = |spot: &Spot<'a>| -> Vec<Loc<'a>> {
            match spot {
                Spot::Here(loc) => loc.items().collect(),
                _ => Vec::new(),
            }
        };
        let end = |spot: &Spot<'a>| match spot {
            Spot::Here(loc) => Spot::Missing(loc.clone(), vec!["-".to_owned()]),
            Spot::Missing(loc, tokens) => {
                let tokens = tokens.iter().cloned().chain(["-".to_owned()]).collect();
                Spot::Missing(loc.clone(), tokens)
            }
            Spot::Nowhere => Spot::Nowhere,
        };
        let (before, after) = (list(&old), list(&new));
        let url = |loc: &Loc<'a>| loc.text("url").unwrap_or_default().trim_end_matches('/');
        let mut left: Vec<Option<&Loc<'a>>> = after.iter().map(Some).collect();
        let mut kept = Vec::new();
        let mut found = Vec::new();
        for server in &before {
            let other =
                left.iter_mut().find(|slot| slot.is_some_and(|other| url(other) == url(server)));
            match other.and_then(Option::take) {
                Some(other) => {
                    kept.push(url(server));
                    let rest = |loc: &Loc<'a>| -> BTreeMap<&'a str, &'a Value> {
                        let rest = loc.entries().filter(|(key, _)| *key != "url");
                        rest.map(|(key, loc)| (key, loc.value)).collect()
                    };
                    if rest(server) != rest(other) {
                        let spots = (Spot::Here(server.clone()), Spot::Here(other.clone()));
                        found.push(("server-changed", url(server), spots));
                    }
                }
                None => {
                    found.push((
                        "server-removed",
                        url(server),
                        (Spot::Here(server.clone()), end(&new)),
                    ));
                }
            }
        }
        for server in left.into_iter().flatten() {
            found.push(("server-added", url(server), (end(&old), Spot::Here(server.clone()))));
        }
        let first = |list: &[Loc<'a>]| list.first().map(url);
        if found.is_empty() && first(&before) != first(&after) {
            found.push(("server-order-changed", "", (old, new)));
        }
        for (kind, name, (old, new)) in found {
            self.differ(pair, Difference::new(kind, name, old, new));
        }
    }
}
