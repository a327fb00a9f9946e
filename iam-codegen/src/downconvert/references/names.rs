//! Names for new components.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::pointer::{child, tokens};

/// Tokens of pointers that say nothing about what stands there.
const STRUCTURE: [&str; 8] =
    ["components", "schemas", "properties", "paths", "schema", "content", "$defs", "definitions"];

/// The names of all components, present and to come.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeSet<String>,
    /// The last number given to a name, so that none is tried twice.
    numbers: BTreeMap<String, usize>,
}

impl Names {
    /// The names that `document` has given.
    pub(super) fn of(document: &Value) -> Self {
        let sections = document.get("components").and_then(Value::as_object);
        let names = sections.into_iter().flatten().flat_map(|(section, members)| {
            let at = child("/components", section);
            let members = members.as_object().into_iter().flatten();
            members.map(move |(name, _)| child(&at, name))
        });
        Self { taken: names.collect(), numbers: BTreeMap::new() }
    }

    /// A free name in `section` for what stands at `at`, and the pointer to it.
    pub(super) fn component(&mut self, section: &str, at: &str) -> (String, String) {
        let wanted = wanted(at);
        let section = child("/components", section);
        let mut name = wanted.clone();
        let mut pointer = child(&section, &name);
        while self.taken.contains(&pointer) {
            let number = self.numbers.entry(child(&section, &wanted)).or_insert(1);
            *number += 1;
            name = format!("{wanted}_{number}");
            pointer = child(&section, &name);
        }
        self.taken.insert(pointer.clone());
        (name, pointer)
    }
}

/// The name that fits best: a definition's own, else one made of the whole path.
fn wanted(at: &str) -> String {
    let tokens: Vec<String> = tokens(at).collect();
    let name = match tokens.as_slice() {
        [.., owner, name] if owner == "$defs" || owner == "definitions" => name.clone(),
        _ => {
            let telling = |token: &&str| !STRUCTURE.contains(token) && !token.is_empty();
            tokens.iter().map(String::as_str).filter(telling).collect::<Vec<_>>().join("_")
        }
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let name: String = name.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    if name.is_empty() { "Schema".to_owned() } else { name }
}
