//! What every conversion is given: where to record, and what to inline.

use std::collections::BTreeSet;

use serde_json::Value;

use super::references::position::is_query_string;
use crate::{adaptation::Adaptations, error::Problem, pointer};

/// How deep inlined objects may lie in each other; real documents need one level.
const INLINE_DEPTH: usize = 8;

/// How many nodes all inlined copies may have, so that a small document of many
/// references to one large object does not grow without bound.
const INLINE_NODES: usize = 1_000_000;

/// How many references may lead from one to the next.
const REFERENCE_CHAIN: usize = 128;

/// The state of one run.
pub(super) struct Context<'a> {
    adaptations: &'a mut Adaptations,
    /// The operation that the walk is in: its operationId, or its method and path.
    pub(super) operation: Option<String>,
    /// Whether the walk is in a callback, which the client does not call.
    pub(super) in_callback: bool,
    /// How often a schema came out wider than it was, by more than null.
    pub(super) widenings: usize,
    /// How often null was let in.
    pub(super) null_widenings: usize,
    /// The security schemes, as they were.
    pub(super) security: SecuritySchemes,
    /// The document before its conversion; null if nothing needs to be inlined.
    source: Value,
    inlining: Vec<String>,
    inlined: BTreeSet<String>,
    inlined_nodes: usize,
}

/// What security requirements need to know of the schemes they name.
#[derive(Debug, Default)]
pub(super) struct SecuritySchemes {
    /// Schemes of a type that 3.0 does not have.
    pub(super) mutual_tls: BTreeSet<String>,
    /// Schemes whose requirements list no scopes in 3.0.
    pub(super) unscoped: BTreeSet<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        adaptations: &'a mut Adaptations,
        source: Value,
        security: SecuritySchemes,
    ) -> Self {
        Self {
            adaptations,
            operation: None,
            in_callback: false,
            widenings: 0,
            null_widenings: 0,
            security,
            source,
            inlining: Vec::new(),
            inlined: BTreeSet::new(),
            inlined_nodes: 0,
        }
    }

    /// Records a change that leaves the values of every schema as they are.
    pub(super) fn record(
        &mut self,
        pass: &'static str,
        at: impl Into<String>,
        what: impl Into<String>,
        why: &'static str,
    ) {
        self.adaptations.record(pass, at, what, why);
    }

    /// Records that the schema around `at` now takes more values than it did.
    pub(super) fn widen(
        &mut self,
        pass: &'static str,
        at: impl Into<String>,
        what: impl Into<String>,
        why: &'static str,
    ) {
        self.widenings += 1;
        self.adaptations.record(pass, at, what, why);
    }

    /// Records that the schema around `at` now takes null, which it did not.
    pub(super) fn widen_by_null(
        &mut self,
        pass: &'static str,
        at: impl Into<String>,
        what: impl Into<String>,
        why: &'static str,
    ) {
        self.null_widenings += 1;
        self.adaptations.record(pass, at, what, why);
    }

    /// Rejects what cannot be expressed, naming the operation the walk is in.
    pub(super) fn reject(&mut self, at: &str, message: impl Into<String>, remedy: &str) {
        let problem = Problem::new(at, message).remedy(remedy);
        self.adaptations.reject(match &self.operation {
            Some(operation) => problem.operation(operation.clone()),
            None => problem,
        });
    }

    /// What `value` refers to in the document before its conversion, through any
    /// number of references, with its pointer; `None` if `value` is no reference.
    pub(super) fn resolve(&self, value: &Value) -> Option<(String, &Value)> {
        resolve(&self.source, value)
    }

    /// Whether `parameter` is, or refers to, one that stands for the whole query string.
    pub(super) fn refers_to_query_string(&self, parameter: &Value) -> bool {
        is_query_string(&self.source, parameter)
    }

    /// Records that the component at `at`, which 3.0 has no place for, is gone,
    /// unless it lives on where it was inlined.
    pub(super) fn record_unused(&mut self, pass: &'static str, at: &str) {
        if !self.inlined.contains(at) {
            self.record(
                pass,
                at,
                "component left out",
                "nothing refers to it, and 3.0 has no place for it",
            );
        }
    }

    /// Runs `work` on a copy of what stands at `target`; `None`, with a problem
    /// at `at`, if that would never end or grow too large.
    pub(super) fn inlining<T>(
        &mut self,
        target: &str,
        at: &str,
        work: impl FnOnce(&mut Self, Value) -> T,
    ) -> Option<T> {
        let remedy = "write it out once, in an overlay";
        if self.inlining.iter().any(|outer| outer == target) {
            self.reject(at, format!("{target} contains itself"), remedy);
            return None;
        }
        let value = self.source.pointer(target)?.clone();
        self.inlined_nodes += nodes(&value);
        if self.inlining.len() == INLINE_DEPTH || self.inlined_nodes > INLINE_NODES {
            self.reject(at, format!("inlining {target} makes the document too large"), remedy);
            return None;
        }
        self.inlined.insert(target.to_owned());
        self.inlining.push(target.to_owned());
        let done = work(self, value);
        self.inlining.pop();
        Some(done)
    }
}

/// Follows the references from `value` in `document` to something that is none.
pub(super) fn resolve<'a>(document: &'a Value, value: &Value) -> Option<(String, &'a Value)> {
    let mut target = pointer::of_reference(pointer::reference(value)?)?;
    // The loader allows no circle; this bound only keeps other callers safe.
    for _ in 0..REFERENCE_CHAIN {
        let found = document.pointer(&target)?;
        match pointer::reference(found).and_then(pointer::of_reference) {
            Some(next) => target = next,
            None => return Some((target, found)),
        }
    }
    None
}

fn nodes(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(nodes).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(nodes).sum::<usize>(),
        _ => 1,
    }
}
