//! What a schema says, texts aside, as a number: to find again what was renamed
//! or stands at another place of a list.

use std::collections::HashMap;

use serde_json::Value;

use super::super::{
    side::{Loc, Side},
    value::Hash,
    view::View,
};
use crate::depth::Depth;

/// How many references deep a shape looks; beyond, names must do.
const DEPTH: Depth = Depth::new(4);

/// Keys that say nothing of what is valid.
const TEXTS: &[&str] = &[
    "description",
    "title",
    "summary",
    "example",
    "examples",
    "externalDocs",
    "$comment",
    "operationId",
];

/// Shapes that were computed.
#[derive(Default)]
pub(super) struct Shapes {
    known: HashMap<(usize, Depth), u128>,
}

impl Shapes {
    /// The shape of what stands at `loc`.
    pub(super) fn of<'a>(&mut self, side: &Side<'a>, loc: &Loc<'a>) -> u128 {
        self.shape(side, &side.schema(loc), DEPTH)
    }

    fn shape<'a>(&mut self, side: &Side<'a>, view: &View<'a>, left: Depth) -> u128 {
        let key = (view.at.address(), left);
        if let Some(&shape) = self.known.get(&key) {
            return shape;
        }
        let mut hash = Hash::new();
        match view.base.value {
            Value::Object(_) => {
                for (key, loc) in view.keys() {
                    let default = matches!(loc.value, Value::Bool(false))
                        && matches!(key, "nullable" | "deprecated" | "readOnly" | "writeOnly");
                    if TEXTS.contains(&key) || default {
                        continue;
                    }
                    hash.text(key);
                    self.part(side, &loc, key, left, &mut hash);
                }
                if view.null.is_some() {
                    hash.text("nullable");
                    hash.value(&Value::Bool(true));
                }
            }
            other => hash.value(other),
        }
        let shape = hash.finish();
        self.known.insert(key, shape);
        shape
    }

    fn part<'a>(
        &mut self,
        side: &Side<'a>,
        loc: &Loc<'a>,
        key: &str,
        left: Depth,
        hash: &mut Hash,
    ) {
        match loc.value {
            Value::Object(_) => {
                let view = side.schema(loc);
                // Whatever wraps a reference, what it leads to is one level down.
                let left = if view.passed.is_empty() { Some(left) } else { left.down() };
                match left {
                    Some(left) => {
                        let shape = self.shape(side, &view, left);
                        hash.bytes(&shape.to_le_bytes());
                    }
                    None => hash.text(view.base.tokens().last().copied().unwrap_or_default()),
                }
            }
            Value::Array(_) if matches!(key, "required" | "enum" | "type") => {
                let mut items: Vec<u128> = loc
                    .items()
                    .map(|item| {
                        let mut hash = Hash::new();
                        hash.value(item.value);
                        hash.finish()
                    })
                    .collect();
                items.sort_unstable();
                items.iter().for_each(|item| hash.bytes(&item.to_le_bytes()));
            }
            Value::Array(_) => {
                for item in loc.items() {
                    self.part(side, &item, "", left, hash);
                }
                hash.bytes(b"]");
            }
            other => hash.value(other),
        }
    }
}
