//! The comparison itself: both sides are walked together, pair by pair.
//!
//! Pairs wait in a queue, so that neither depth nor circles of references
//! matter; each is compared once, and remembers who uses it.

mod api;
mod composition;
mod content;
mod keywords;
mod limits;
mod object;
mod operation;
mod operations;
mod parameters;
mod schema;
mod security;
mod shape;

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use serde_json::Value;

use super::{
    pairs::{BOTH, Difference, Mask, Pair, PairId, Spot},
    side::{Loc, Side},
    value::same,
    view::View,
};

/// The number of times that two places may be met before a comparison is given up: more
/// than any real document needs, few enough to end in seconds.
const MEETINGS: usize = 2_000_000;

/// What kind of object a pair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sort {
    PathItem,
    Operation,
    /// An operation that the service calls: a webhook or callback.
    Incoming,
    Parameter,
    Body,
    Response,
    Header,
    Media,
    Encoding,
    Schema,
    /// A schema of a parameter or header, whose values are sent as text.
    Text,
    Scheme,
}

impl Sort {
    fn is_schema(self) -> bool {
        matches!(self, Self::Schema | Self::Text)
    }
}

struct Task<'a> {
    sort: Sort,
    pair: PairId,
    old: View<'a>,
    new: View<'a>,
    /// Only these keys, since the rest is compared elsewhere.
    only: Option<BTreeSet<&'a str>>,
}

/// A walk over both sides.
pub(super) struct Walk<'s, 'a> {
    old: &'s Side<'a>,
    new: &'s Side<'a>,
    pub(super) pairs: Vec<Pair<'a>>,
    known: HashMap<(Sort, usize, usize, bool), PairId>,
    queue: VecDeque<Task<'a>>,
    /// The components that something compared uses.
    used: HashSet<usize>,
    renamed: BTreeSet<(String, String)>,
    shapes: shape::Shapes,
    meetings: usize,
    overflow: bool,
}

impl<'s, 'a> Walk<'s, 'a> {
    /// Compares everything. `None` if there is too much of it.
    pub(super) fn run(old: &'s Side<'a>, new: &'s Side<'a>) -> Option<Vec<Pair<'a>>> {
        let mut walk = Self {
            old,
            new,
            pairs: Vec::new(),
            known: HashMap::new(),
            queue: VecDeque::new(),
            used: HashSet::new(),
            renamed: BTreeSet::new(),
            shapes: shape::Shapes::default(),
            meetings: 0,
            overflow: false,
        };
        walk.api();
        walk.drain();
        walk.components();
        walk.drain();
        (!walk.overflow).then_some(walk.pairs)
    }

    fn drain(&mut self) {
        while let Some(task) = self.queue.pop_front() {
            if self.meetings > MEETINGS {
                self.overflow = true;
                return;
            }
            match task.sort {
                Sort::PathItem => self.path_item(&task),
                Sort::Operation | Sort::Incoming => self.operation(&task),
                Sort::Parameter => self.parameter(&task),
                Sort::Body => self.body(&task),
                Sort::Response => self.response(&task),
                Sort::Header => self.header(&task),
                Sort::Media => self.media(&task),
                Sort::Encoding => self.encoding(&task),
                Sort::Schema | Sort::Text => self.schema(&task),
                Sort::Scheme => self.scheme(&task),
            }
        }
    }

    /// A pair of its own, not yet compared.
    fn pair(&mut self, parent: Option<PairId>, segment: impl Into<String>) -> PairId {
        let used_by = parent.map(|parent| (parent, BOTH)).into_iter().collect();
        self.pairs.push(Pair { parent, segment: segment.into(), used_by, ..Pair::default() });
        self.pairs.len() - 1
    }

    fn differ(&mut self, pair: PairId, difference: Difference<'a>) {
        self.pairs[pair].differences.push(difference);
    }

    /// Sees to it that `old` and `new` are compared, as a part of `parent` that
    /// is called `segment` and goes in the directions of `mask`.
    fn meet(
        &mut self,
        sort: Sort,
        parent: PairId,
        mask: Mask,
        segment: &str,
        old: &Loc<'a>,
        new: &Loc<'a>,
    ) -> PairId {
        let see = |side: &Side<'a>, loc: &Loc<'a>| {
            if sort.is_schema() { side.schema(loc) } else { side.object(loc) }
        };
        let (old, new) = (see(self.old, old), see(self.new, new));
        self.used.extend(old.passed.iter().chain(&new.passed).map(Loc::address));
        let apart = old.hops && new.hops && (old.adds() || new.adds());
        if !apart {
            return self.enqueue(sort, Some((parent, mask)), segment, old, new, None);
        }
        // What is said at the place of use is compared there, and what both
        // refer to once for all that refer to it.
        let only: BTreeSet<_> = old.overlay.keys().chain(new.overlay.keys()).copied().collect();
        let (base_old, base_new) = (bare(&old), bare(&new));
        let at_site = |view: View<'a>| View { at: view.site.clone(), ..view };
        let (old, new) = (at_site(old), at_site(new));
        let site = self.enqueue(sort, Some((parent, mask)), segment, old, new, Some(only));
        self.enqueue(sort, Some((site, BOTH)), "", base_old, base_new, None);
        site
    }

    fn enqueue(
        &mut self,
        sort: Sort,
        user: Option<(PairId, Mask)>,
        segment: &str,
        old: View<'a>,
        new: View<'a>,
        only: Option<BTreeSet<&'a str>>,
    ) -> PairId {
        self.meetings += 1;
        let key = (sort, old.at.address(), new.at.address(), only.is_some());
        if let Some(&pair) = self.known.get(&key) {
            self.pairs[pair].used_by.extend(user);
            return pair;
        }
        let names = (old.at.component(), new.at.component());
        let (parent, segment, renamed) = match names {
            (Some((section, a)), Some((_, b))) => {
                let renamed = (a != b).then(|| (section.to_owned(), a.to_owned(), b.to_owned()));
                (None, format!("{} {a}", section.trim_end_matches('s')), renamed)
            }
            _ => (user.map(|(user, _)| user), segment.to_owned(), None),
        };
        let pair = self.pair(parent, segment);
        self.pairs[pair].used_by = user.into_iter().collect();
        self.known.insert(key, pair);
        if let Some((section, a, b)) = renamed
            && section == "schemas"
        {
            self.renamed(pair, &a, &b, &old, &new);
        }
        self.queue.push_back(Task { sort, pair, old, new, only });
        pair
    }

    /// A schema that is called `a` on one side and `b` on the other: renamed, if
    /// neither side has both names.
    fn renamed(&mut self, pair: PairId, a: &str, b: &str, old: &View<'a>, new: &View<'a>) {
        let renamed =
            !self.new.has_component("schemas", a) && !self.old.has_component("schemas", b);
        if !self.renamed.insert((a.to_owned(), b.to_owned())) {
            return;
        }
        let kind = if renamed { "schema-renamed" } else { "reference-changed" };
        let (old, new) = (Spot::Here(old.at.clone()), Spot::Here(new.at.clone()));
        let mut difference = Difference::new(kind, format!("{a} to {b}"), old, new);
        difference.words = vec![a.to_owned(), b.to_owned()];
        self.differ(pair, difference);
    }

    /// One place that is there on one side or both: whether it is the same.
    fn leaf(&mut self, pair: PairId, kind: &'static str, name: &str, old: Spot<'a>, new: Spot<'a>) {
        let equal = match (old.value(), new.value()) {
            (Some(old), Some(new)) => same(old, new),
            (None, None) => true,
            _ => false,
        };
        if !equal {
            self.differ(pair, Difference::new(kind, name, old, new));
        }
    }

    /// The keys that no rule has looked at: texts, extensions, and what is left.
    fn rest(&mut self, task: &Task<'a>, looked_at: &[&str]) {
        let (old, new) = (task.old.keys(), task.new.keys());
        let keys: BTreeSet<_> = old.keys().chain(new.keys()).copied().collect();
        for key in keys {
            let only = task.only.as_ref().is_none_or(|only| only.contains(key));
            if only && !looked_at.contains(&key) {
                let spots = (spot(&task.old, key), spot(&task.new, key));
                self.other(task.pair, key, spots.0, spots.1);
            }
        }
    }

    /// A key that means the same wherever it stands.
    fn other(&mut self, pair: PairId, key: &str, old: Spot<'a>, new: Spot<'a>) {
        let kind = match key {
            "description" => "description-changed",
            "summary" => "summary-changed",
            "title" => "title-changed",
            "externalDocs" => "external-docs-changed",
            "$comment" => "comment-changed",
            "example" | "examples" => "example-changed",
            "deprecated" => {
                let is = |spot: &Spot<'_>| spot.value() == Some(&Value::Bool(true));
                match (is(&old), is(&new)) {
                    (false, true) => "deprecated",
                    (true, false) => "reactivated",
                    _ => return,
                }
            }
            "x-ibm-permissions" => {
                return self.names(
                    pair,
                    ["permission-added", "permission-removed", "permission-changed"],
                    "actions",
                    old,
                    new,
                );
            }
            "x-ibm-events" => {
                return self.names(
                    pair,
                    ["event-added", "event-removed", "event-changed"],
                    "events",
                    old,
                    new,
                );
            }
            "x-paging" => match (old.value(), new.value()) {
                (None, _) => "paging-added",
                (_, None) => "paging-removed",
                _ => "paging-changed",
            },
            key if key.starts_with("x-") => match (old.value(), new.value()) {
                (None, _) => "extension-added",
                (_, None) => "extension-removed",
                _ => "extension-changed",
            },
            _ => "unclassified",
        };
        self.leaf(pair, kind, key, old, new);
    }

    /// One of our extensions that list names: what was added and removed, each
    /// by name, and whether anything else is said otherwise.
    fn names(
        &mut self,
        pair: PairId,
        [added, removed, changed]: [&'static str; 3],
        list: &str,
        old: Spot<'a>,
        new: Spot<'a>,
    ) {
        if let (Some(a), Some(b)) = (old.value(), new.value())
            && same(a, b)
        {
            return;
        }
        let names = |spot: &Spot<'a>| -> BTreeSet<&'a str> {
            let list = spot.value().and_then(|value| value.get(list)).and_then(Value::as_array);
            let names = list.into_iter().flatten();
            names.filter_map(|entry| entry.get("name").and_then(Value::as_str)).collect()
        };
        let (before, after) = (names(&old), names(&new));
        let mut found = false;
        let lost = before.difference(&after).map(|name| (removed, *name));
        let won = after.difference(&before).map(|name| (added, *name));
        for (kind, name) in lost.chain(won).collect::<Vec<_>>() {
            found = true;
            self.differ(pair, Difference::new(kind, name, old.clone(), new.clone()));
        }
        if !found {
            self.differ(pair, Difference::new(changed, list, old, new));
        }
    }
}

/// Where `key` stands in what `view` shows, or would stand.
fn spot<'a>(view: &View<'a>, key: &str) -> Spot<'a> {
    Spot::of(view.get(key), &view.at, &[key])
}

/// `view` without what the place of use says.
fn bare<'a>(view: &View<'a>) -> View<'a> {
    View {
        site: view.base.clone(),
        at: view.base.clone(),
        base: view.base.clone(),
        hops: true,
        overlay: Default::default(),
        null: None,
        passed: Vec::new(),
    }
}
