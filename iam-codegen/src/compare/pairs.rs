//! What is compared with what: pairs of places, each compared once however
//! often it is used, how they lead to each other, and what differs in them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{Direction, side::Loc};

/// The directions that something may go in.
pub(super) type Mask = u8;
pub(super) const REQUEST: Mask = 1;
pub(super) const RESPONSE: Mask = 2;
pub(super) const BOTH: Mask = 3;

/// A pair, by its place in the list of them.
pub(super) type PairId = usize;

/// Two places that are compared.
#[derive(Debug, Default)]
pub(super) struct Pair<'a> {
    /// From where it was first reached, and how that step is called.
    pub(super) parent: Option<PairId>,
    pub(super) segment: String,
    /// The pairs that lead here, and in which directions.
    pub(super) used_by: BTreeSet<(PairId, Mask)>,
    /// The operation that this is.
    pub(super) operation: Option<String>,
    pub(super) differences: Vec<Difference<'a>>,
}

/// Where something stands, or would stand.
#[derive(Debug, Clone)]
pub(super) enum Spot<'a> {
    Here(Loc<'a>),
    /// The place that is there, and the tokens that lead on from it.
    Missing(Loc<'a>, Vec<String>),
    /// No document to stand in.
    Nowhere,
}

impl<'a> Spot<'a> {
    /// `loc`, or else where it would stand below `holder`.
    pub(super) fn of(loc: Option<Loc<'a>>, holder: &Loc<'a>, tokens: &[&str]) -> Self {
        match loc {
            Some(loc) => Self::Here(loc),
            None => {
                let mut at = holder.clone();
                let mut rest = tokens;
                while let Some((first, more)) = rest.split_first() {
                    let Some(next) = at.key(first).filter(|next| !next.value.is_null()) else {
                        break;
                    };
                    at = next;
                    rest = more;
                }
                Self::Missing(at, rest.iter().map(|token| (*token).to_owned()).collect())
            }
        }
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        match self {
            Self::Here(loc) => Some(loc.value),
            _ => None,
        }
    }
}

/// Something that differs.
#[derive(Debug, Clone)]
pub(super) struct Difference<'a> {
    pub(super) kind: &'static str,
    /// What of the pair: a property, a parameter, a status …
    pub(super) name: String,
    pub(super) old: Spot<'a>,
    pub(super) new: Spot<'a>,
    /// What else differs with it: both places.
    pub(super) also: Vec<(Spot<'a>, Spot<'a>)>,
    /// The directions it can go in.
    pub(super) mask: Mask,
    /// Further words that tell which lines of the surface are meant.
    pub(super) words: Vec<String>,
}

impl<'a> Difference<'a> {
    pub(super) fn new(
        kind: &'static str,
        name: impl Into<String>,
        old: Spot<'a>,
        new: Spot<'a>,
    ) -> Self {
        let name = name.into();
        Self { kind, name, old, new, also: Vec::new(), mask: BOTH, words: Vec::new() }
    }

    /// About how many bytes it repeats of the documents.
    pub(super) fn size(&self) -> usize {
        let also = self.also.iter().flat_map(|(old, new)| [old, new]);
        also.chain([&self.old, &self.new]).filter_map(Spot::value).map(size).sum()
    }

    pub(super) fn mask(mut self, mask: Mask) -> Self {
        self.mask = mask;
        self
    }
}

/// About how many bytes a value has.
fn size(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
        _ => 0,
    };
    size_of::<Value>() + inner
}

/// The operations that reach `pair`, and in which directions, starting from
/// what can go in `mask`.
pub(super) fn reach(
    pairs: &[Pair<'_>],
    pair: PairId,
    mask: Mask,
) -> (BTreeMap<String, Mask>, Direction) {
    let mut found: BTreeMap<String, Mask> = BTreeMap::new();
    let mut seen = BTreeSet::from([(pair, mask)]);
    let mut queue = VecDeque::from([(pair, mask)]);
    while let Some((at, mask)) = queue.pop_front() {
        if let Some(operation) = &pairs[at].operation {
            *found.entry(operation.clone()).or_default() |= mask;
        }
        for &(user, through) in &pairs[at].used_by {
            let next = (user, mask & through);
            if next.1 != 0 && seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    let all = found.values().fold(0, |all, mask| all | mask);
    let direction = match all {
        0 => Direction::Neither,
        REQUEST => Direction::Request,
        RESPONSE => Direction::Response,
        _ => Direction::Both,
    };
    (found, direction)
}

/// How a pair is called: the way to it.
pub(super) fn trail(pairs: &[Pair<'_>], pair: PairId) -> String {
    let mut segments = Vec::new();
    let mut at = Some(pair);
    while let Some(id) = at {
        segments.push(pairs[id].segment.as_str());
        at = pairs[id].parent;
    }
    segments.reverse();
    segments.concat()
}
