//! Overlay: our corrections to a document, as OpenAPI Overlay 1.0 and 1.1
//! documents, so that they survive the next version of the document.
//!
//! Stricter than the specification where silence would hide a mistake: an
//! action must say why it is there (`description`), and one whose target
//! matches nothing is an error, unless it is conditional (`x-if-present`).
//! Scalars can be targets, as Overlay 1.1 allows.

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
    /// `x-if-present`: without its target, the action is skipped.
    conditional: bool,
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
    /// Empty if the action was skipped: it is conditional, and the document
    /// does not have its target.
    pub places: Vec<String>,
    /// Why the action is there.
    pub reason: String,
}

/// An action that does not fit a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misfit {
    /// The overlay's name.
    pub overlay: String,
    /// The position of the action in the overlay, from 0.
    pub index: usize,
    /// The JSONPath of the action.
    pub target: String,
    /// Why the action is there.
    pub reason: String,
    /// The fault, with the document and the target.
    pub message: String,
    /// The remedy.
    pub remedy: &'static str,
}

/// A document with overlays applied as far as they fit it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Fitted {
    /// The changed document, or what the changes broke in it.
    pub document: Result<Document, Error>,
    /// The effect of each action that fits.
    pub applied: Vec<Applied>,
    /// The actions that do not fit, which changed nothing.
    pub misfits: Vec<Misfit>,
}

impl Overlay {
    /// Reads an overlay from JSON or YAML; `name` stands in errors.
    ///
    /// # Errors
    /// Bad syntax, a version other than 1.0 and 1.1, no actions, and an action
    /// with a bad JSONPath, no `description`, unknown fields, or not exactly
    /// one of `update`, `copy` and `remove: true`. Every bad action is listed.
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
        let (mut parsed, mut problems) = (Vec::new(), Vec::new());
        for action in actions.iter().enumerate() {
            match parse(action) {
                Ok(action) => parsed.push(action),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            return Ok(Self { actions: parsed, name });
        }
        Err(Error::new(name, problems))
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
    let conditional = match fields.get("x-if-present") {
        None | Some(Value::Bool(false)) => false,
        Some(Value::Bool(true)) => true,
        Some(Value::String(why)) if !why.trim().is_empty() => true,
        Some(_) => {
            let message = "`x-if-present` is neither true nor a text".into();
            return Err(("x-if-present", message, "say why the target may be absent"));
        }
    };
    let path = json_path("target", target)?;
    Ok(Action { target: target.to_owned(), path, reason: reason.to_owned(), conditional, change })
}

/// Applies `overlays` in order, each action to what the ones before it left.
///
/// # Errors
/// Every action whose target (or `copy` source) matches nothing, or whose
/// update does not fit what the target is; and anything that the changed
/// document gets wrong, as [`Document::from_value`] says.
pub fn apply(document: Document, overlays: &[Overlay]) -> Result<(Document, Vec<Applied>), Error> {
    fitting(document, overlays, Document::from_value)
}

/// Applies `overlays` as [`apply`] does, whatever the references of the document are.
pub(crate) fn apply_unresolved(
    document: Document,
    overlays: &[Overlay],
) -> Result<(Document, Vec<Applied>), Error> {
    fitting(document, overlays, Document::unresolved)
}

fn fitting(
    document: Document,
    overlays: &[Overlay],
    check: fn(String, Value) -> Result<Document, Error>,
) -> Result<(Document, Vec<Applied>), Error> {
    let name = document.name().to_owned();
    let (value, applied, misfits) = change(document, overlays);
    if misfits.is_empty() {
        return Ok((check(name, value)?, applied));
    }
    let problems: Vec<_> = misfits.into_iter().map(Problem::from).collect();
    Err(Error::new(name, problems))
}

/// Applies the actions of `overlays` that fit `document`, and lists the others.
pub fn fit(document: Document, overlays: &[Overlay]) -> Fitted {
    let name = document.name().to_owned();
    let (value, applied, misfits) = change(document, overlays);
    Fitted { document: Document::from_value(name, value), applied, misfits }
}

fn change(document: Document, overlays: &[Overlay]) -> (Value, Vec<Applied>, Vec<Misfit>) {
    let (name, mut value) = document.into_parts();
    let (mut applied, mut misfits) = (Vec::new(), Vec::new());
    for overlay in overlays {
        for (index, action) in overlay.actions.iter().enumerate() {
            let (target, reason) = (action.target.clone(), action.reason.clone());
            match action.apply(&mut value) {
                Ok(places) => applied.push(Applied {
                    overlay: overlay.name.clone(),
                    change: action.change.name(),
                    target,
                    places,
                    reason,
                }),
                Err((message, remedy)) => misfits.push(Misfit {
                    overlay: overlay.name.clone(),
                    index,
                    message: format!("{message} in {name}: target {target}"),
                    target,
                    reason,
                    remedy,
                }),
            }
        }
    }
    (value, applied, misfits)
}

impl Applied {
    /// Returns whether the document does not have the target of this conditional action.
    pub fn is_skipped(&self) -> bool {
        self.places.is_empty()
    }
}

impl From<Misfit> for Problem {
    fn from(misfit: Misfit) -> Self {
        let at = pointer::child("/actions", misfit.index.to_string());
        let reason = misfit.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let message = format!("{}; it is there because: {reason}", misfit.message);
        Problem::new(at, message).remedy(misfit.remedy).document(misfit.overlay)
    }
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
    /// Changes `document`, or leaves it as it is and says why.
    fn apply(&self, document: &mut Value) -> Result<Vec<String>, (String, &'static str)> {
        let places = locate(document, &self.path);
        if places.is_empty() && !self.conditional {
            let remedy = "the document changed: correct the target, remove the action, \
                          or mark it with `x-if-present`";
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
            Change::Remove if places.iter().any(String::is_empty) => {
                return Err((
                    "the document itself cannot be removed".into(),
                    "target a part of it",
                ));
            }
            // From the last place to the first, so that positions in lists hold.
            Change::Remove => places.iter().rev().for_each(|place| remove(document, place)),
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
    let fits = |target: &Value| match (target, update) {
        (Value::Object(_), update) => update.is_object(),
        (Value::Array(_), _) => true,
        (_, update) => !update.is_object() && !update.is_array(),
    };
    // All places before any is changed.
    if let Some(place) = places.iter().find(|place| !document.pointer(place).is_none_or(fits)) {
        let message = format!("the update does not fit what is at {place}");
        return Err((message, "give an object for an object, a scalar for a scalar"));
    }
    for place in places {
        match (document.pointer_mut(place), update) {
            (Some(Value::Array(list)), entry) if !entry.is_array() => list.push(entry.clone()),
            (Some(target), update) => merge(target, update),
            (None, _) => {}
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

fn remove(document: &mut Value, place: &str) {
    let Some((parent, _)) = place.rsplit_once('/') else { return };
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
}

#[cfg(test)]
mod tests;
