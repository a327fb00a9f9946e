//! The record of what the client cannot express as the document says it.

use std::{collections::HashSet, fmt};

use crate::error::Problem;

/// One place where the generated client differs from what the document says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Adaptation {
    /// The step that made it, for instance `open-enums`.
    pub pass: &'static str,
    /// JSON pointer into the document as it was when the step ran.
    pub pointer: String,
    /// What was changed, in lower case and without a full stop.
    pub what: String,
    /// Why it had to be.
    pub why: &'static str,
}

impl fmt::Display for Adaptation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pass, pointer, what, why } = self;
        write!(f, "{pass}: {pointer}: {what} ({why})")
    }
}

/// Collects what the steps of one run record: adaptations, and the problems
/// that end the run once all of them have been found.
#[derive(Debug, Default, Clone)]
pub struct Adaptations {
    list: Vec<Adaptation>,
    problems: Vec<Problem>,
    /// The same once more, to find one that is there already.
    known: HashSet<Problem>,
}

impl Adaptations {
    /// An empty record.
    pub fn new() -> Self {
        Self::default()
    }

    /// Records that `pass` changed `what` at `pointer`, and `why`.
    pub fn record(
        &mut self,
        pass: &'static str,
        pointer: impl Into<String>,
        what: impl Into<String>,
        why: &'static str,
    ) {
        self.list.push(Adaptation { pass, pointer: pointer.into(), what: what.into(), why });
    }

    /// Records something that cannot be expressed at all.
    pub fn reject(&mut self, problem: Problem) {
        // A schema that is used twice is found wrong twice.
        if self.known.insert(problem.clone()) {
            self.problems.push(problem);
        }
    }

    /// The adaptations so far, in the order they were made.
    pub fn list(&self) -> &[Adaptation] {
        &self.list
    }

    /// Gives up the problems found so far: `Err` if there is at least one.
    ///
    /// # Errors
    /// All problems recorded since the last call.
    pub fn settle(&mut self) -> Result<(), Vec<Problem>> {
        self.known.clear();
        match std::mem::take(&mut self.problems) {
            problems if problems.is_empty() => Ok(()),
            problems => Err(problems),
        }
    }

    /// The adaptations, sorted by step and place.
    pub fn into_list(self) -> Vec<Adaptation> {
        let mut list = self.list;
        list.sort();
        list.dedup();
        list
    }
}
