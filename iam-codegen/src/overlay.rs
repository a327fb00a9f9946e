//! Overlay: our corrections to a document, as OpenAPI Overlay 1.0 and 1.1
//! documents, so that they survive the next version of the document.
//!
//! Stricter than the specification where silence would hide a mistake: an
//! action must say why it is there (`description`), and one whose target
//! matches nothing is an error. Scalars can be targets, as Overlay 1.1 allows.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::{
    document::{self, Document, Limits},
    error::{Error, Problem},
    pointer,
};

/// A parsed overlay document.
#[derive(Debug, Clone)]
pub struct Overlay {
    name: String,
    actions: Vec<Action>,
}

#[derive(Debug, Clone)]
struct Action {
    target: String,
    path: JsonPath,
    reason: String,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Update(Value),
    Copy(JsonPath),
    Remove,
}

/// What one action did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// The overlay's name.
    pub overlay: String,
    /// `update`, `copy` or `remove`.
    pub change: &'static str,
    /// The JSONPath of the action.
    pub target: String,
    /// JSON pointers of the places it changed, in the order of the document.
    pub places: Vec<String>,
    /// Why the action is there.
    pub reason: String,
}

impl Overlay {
    /// Reads an overlay from JSON or YAML; `name` stands in errors.
    ///
    /// # Errors
    /// Bad syntax, a version other than 1.0 and 1.1, no actions, and an action
    /// with a bad JSONPath, no `description`, unknown fields, or not exactly
    /// one of `update`, `copy` and `remove: true`.
    pub fn parse(name: impl Into<String>, bytes: &[u8]) -> Result<Self, Error> {
        let name = name.into();
        let value = document::parse_value(&name, bytes, &Limits::default())?;
        let fail = |problem| Error::new(&name, [problem]);
        let version = value.get("overlay").and_then(Value::as_str).unwrap_or_default();
        if !["1.0", "1.1"]
            .iter()
            .any(|known| version.rsplit_once('.').is_some_and(|v| v.0 == *known))
        {
            let problem = Problem::new("/overlay", "this is no overlay of version 1.0 or 1.1");
            return Err(fail(problem.remedy("start it with `overlay: 1.0.0`")));
        }
        let actions =
            value.get("actions").and_then(Value::as_array).filter(|list| !list.is_empty());
        let Some(actions) = actions else {
            let problem = Problem::new("/actions", "an overlay lists at least one action");
            return Err(fail(problem.remedy("add one, or leave the overlay out of sources.toml")));
        };
        let parse = |(index, action)| {
            parse_action(action).map_err(|(field, message, remedy)| {
                let at = pointer::child("/actions", usize::to_string(&index));
                let at = if field.is_empty() { at } else { pointer::child(&at, field) };
                Problem::new(at, message).remedy(remedy)
            })
        };
        let actions: Result<Vec<_>, _> = actions.iter().enumerate().map(parse).collect();
        Ok(Self { actions: actions.map_err(fail)?, name })
    }

    /// The name given to [`Overlay::parse`].
    pub fn name(&self) -> &str {
        &self.name
    }
}

type ActionFault = (&'static str, String, &'static str);

fn parse_action(action: &Value) -> Result<Action, ActionFault> {
    let empty = Map::new();
    let fields = action.as_object().unwrap_or(&empty);
    for field in fields.keys() {
        let known = ["target", "description", "update", "copy", "remove"].contains(&field.as_str());
        if !known && !field.starts_with("x-") {
            let message = format!("an action has no field `{field}`");
            return Err(("", message, "see the fields of an action in the Overlay specification"));
        }
    }
    let text = |field| fields.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
    let json_path = |field, text: &str| {
        JsonPath::parse(text).map_err(|error| {
            (field, format!("not a JSONPath: {error}"), "write it as RFC 9535 has it")
        })
    };
    let Some(target) = text("target") else {
        return Err(("target", "a target is missing".into(), "name what to change, as a JSONPath"));
    };
    let Some(reason) = text("description") else {
        let remedy = "say in `description` why the document needs it";
        return Err(("description", "the action gives no reason".into(), remedy));
    };
    let remove = fields.get("remove") == Some(&Value::Bool(true));
    let change = match (fields.get("update"), text("copy"), remove) {
        (Some(update), None, false) => Change::Update(update.clone()),
        (None, Some(copy), false) => Change::Copy(json_path("copy", copy)?),
        (None, None, true) => Change::Remove,
        _ => {
            let message = "an action has one of `update`, `copy` and `remove: true`".into();
            return Err(("", message, "split it into several actions"));
        }
    };
    let path = json_path("target", target)?;
    Ok(Action { target: target.to_owned(), path, reason: reason.to_owned(), change })
}

/// Applies `overlays` in order, each action to what the one before it left.
///
/// # Errors
/// The first action whose target (or `copy` source) matches nothing, or whose
/// update does not fit what the target is; and anything that the changed
/// document gets wrong, as [`Document::from_value`] says.
pub fn apply(document: Document, overlays: &[Overlay]) -> Result<(Document, Vec<Applied>), Error> {
    let (name, mut value) = document.into_parts();
    let mut applied = Vec::new();
    for overlay in overlays {
        for (index, action) in overlay.actions.iter().enumerate() {
            let places = action.apply(&mut value).map_err(|(message, remedy)| {
                let at = pointer::child("/actions", index.to_string());
                let message = format!("{message} in {name}: target {}", action.target);
                Error::new(&overlay.name, [Problem::new(at, message).remedy(remedy)])
            })?;
            applied.push(Applied {
                overlay: overlay.name.clone(),
                change: action.change.name(),
                target: action.target.clone(),
                places,
                reason: action.reason.clone(),
            });
        }
    }
    Ok((Document::from_value(name, value)?, applied))
}

impl Change {
    fn name(&self) -> &'static str {
        match self {
            Self::Update(_) => "update",
            Self::Copy(_) => "copy",
            Self::Remove => "remove",
        }
    }
}

impl Action {
    fn apply(&self, document: &mut Value) -> Result<Vec<String>, (String, &'static str)> {
        let places = locate(document, &self.path);
        if places.is_empty() {
            let remedy = "the document changed: correct the target, or remove the action";
            return Err(("the action matches nothing".into(), remedy));
        }
        match &self.change {
            Change::Update(update) => merge_at(document, &places, update)?,
            Change::Copy(source) => {
                let sources = locate(document, source);
                let [source] = sources.as_slice() else {
                    let message = format!("the copy source matches {} places", sources.len());
                    return Err((message, "make it match exactly one"));
                };
                let copied = document.pointer(source).cloned().unwrap_or_default();
                merge_at(document, &places, &copied)?;
            }
            // From the last place to the first, so that positions in lists hold.
            Change::Remove => {
                for place in places.iter().rev() {
                    remove(document, place)?;
                }
            }
        }
        Ok(places)
    }
}

fn locate(document: &Value, path: &JsonPath) -> Vec<String> {
    let mut places: Vec<_> = path
        .query_located(document)
        .into_iter()
        .map(|node| node.location().to_json_pointer())
        .collect();
    places.dedup();
    places
}

fn merge_at(
    document: &mut Value,
    places: &[String],
    update: &Value,
) -> Result<(), (String, &'static str)> {
    for place in places {
        let Some(target) = document.pointer_mut(place) else { continue };
        match (&mut *target, update) {
            (Value::Object(_), Value::Object(_)) => merge(target, update),
            (Value::Array(list), Value::Array(more)) => list.extend(more.iter().cloned()),
            (Value::Array(list), entry) => list.push(entry.clone()),
            (Value::Object(_), _) | (_, Value::Object(_) | Value::Array(_)) => {
                let message = format!("the update does not fit what is at {place}");
                return Err((message, "give an object for an object, a scalar for a scalar"));
            }
            (scalar, update) => *scalar = update.clone(),
        }
    }
    Ok(())
}

/// Merges objects key by key, appends lists to lists, and replaces the rest.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => {
            for (key, value) in update {
                match target.get_mut(key) {
                    Some(slot) => merge(slot, value),
                    None => {
                        target.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(target), Value::Array(update)) => target.extend(update.iter().cloned()),
        (slot, update) => *slot = update.clone(),
    }
}

fn remove(document: &mut Value, place: &str) -> Result<(), (String, &'static str)> {
    let Some((parent, _)) = place.rsplit_once('/') else {
        return Err(("the document itself cannot be removed".into(), "target a part of it"));
    };
    let token = pointer::tokens(place).last().unwrap_or_default();
    match document.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.remove(&token)),
        Some(Value::Array(list)) => {
            if let Some(index) = token.parse().ok().filter(|&index: &usize| index < list.len()) {
                list.remove(index);
            }
        }
        // The parent went with an earlier place of the same action.
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
