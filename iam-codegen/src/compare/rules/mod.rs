//! The rules: what each kind of change means for those who send and for those
//! who receive. Verdicts stand in tables, one file per area; which kind a
//! difference is, `walk` decides.

mod api;
mod exchange;
mod schema;

use super::{Rust, Wire};

/// A kind of change, and the verdicts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kind {
    /// Stable, for instance `property-became-required`.
    pub id: &'static str,
    /// What it is about: `operation`, `schema` …
    pub area: &'static str,
    /// What happened, as a sentence without a full stop.
    pub meaning: &'static str,
    /// The verdict where a client sends it.
    pub request: Ruling,
    /// The verdict where a client receives it.
    pub response: Ruling,
}

/// A verdict in one direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ruling {
    /// What it does to what is sent over the wire.
    pub wire: Wire,
    /// Why.
    pub reason: &'static str,
    /// What it does to the generated surface, as far as can be said without
    /// generating it.
    pub rust: Rust,
}

/// Every kind, by area.
pub fn kinds() -> impl Iterator<Item = &'static Kind> {
    [api::KINDS, exchange::KINDS, schema::KINDS].into_iter().flatten()
}

/// The kind called `id`.
pub(super) fn kind(id: &str) -> &'static Kind {
    kinds().find(|kind| kind.id == id).unwrap_or(&schema::UNCLASSIFIED)
}

const fn ruling(wire: Wire, rust: Rust, reason: &'static str) -> Ruling {
    Ruling { wire, reason, rust }
}

/// The verdicts that a family of kinds has in common.
type Family = (Ruling, Ruling);

/// The same verdict in both directions.
const fn both(wire: Wire, rust: Rust, reason: &'static str) -> Family {
    (ruling(wire, rust, reason), ruling(wire, rust, reason))
}

/// Fewer values are valid than before.
const fn narrowed(rust: Rust) -> Family {
    (
        ruling(Wire::Breaking, rust, "requests that were valid are refused"),
        ruling(Wire::Compatible, rust, "readers meet no value they did not know"),
    )
}

/// More values are valid than before.
const fn widened(rust: Rust) -> Family {
    (
        ruling(Wire::Compatible, rust, "every request that was valid still is"),
        ruling(Wire::Breaking, rust, "readers meet values that could not occur"),
    )
}

/// Neither all old values are valid nor are all new values old.
const fn changed(rust: Rust) -> Family {
    (
        ruling(Wire::Breaking, rust, "requests that were valid are refused"),
        ruling(Wire::Breaking, rust, "readers meet values that could not occur"),
    )
}

/// A limit stands where none stood.
const fn limit_set() -> Family {
    let why = "a limit that was not written down before; values beyond it are refused";
    (ruling(Wire::Risky, Rust::None, why), narrowed(Rust::None).1)
}

/// Nothing that is sent changes.
const fn text(rust: Rust) -> Family {
    both(Wire::Documentation, rust, "nothing that is sent changes")
}

const fn entry(
    area: &'static str,
    id: &'static str,
    meaning: &'static str,
    family: Family,
) -> Kind {
    Kind { id, area, meaning, request: family.0, response: family.1 }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::kinds;

    #[test]
    fn every_kind_has_an_id_of_its_own() {
        let mut seen = BTreeSet::new();
        for kind in kinds() {
            assert!(seen.insert(kind.id), "{} stands in the tables twice", kind.id);
            assert!(!kind.meaning.ends_with('.'), "{}", kind.id);
        }
    }
}
