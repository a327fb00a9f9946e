//! Compare: what a changed document breaks.
//!
//! Both sides are sets of documents, since one document may be split into
//! several. They are compared as they are loaded, before adaptation, so that
//! nothing is hidden by it.
//!
//! | step | file | gives |
//! |---|---|---|
//! | follow | `side`, `view` | what an object says, references and empty wrappers followed |
//! | walk | `walk` | pairs of places, each compared once, and what differs in them |
//! | judge | `rules` | verdicts, by kind and direction |
//! | reach | `pairs` | the operations that a change reaches, and how |
//! | place | `location` | line and column |
//! | generate | `surface` | what the change does to the generated client |
//!
//! Equivalent rewritings are no change: a reference against what it leads to,
//! `allOf` of one, `nullable` against the type `null`, order, keys that say what
//! holds anyway, several documents against one.

mod fingerprint;
mod location;
mod pairs;
mod rules;
mod side;
mod surface;
mod value;
mod view;
mod walk;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

pub use rules::{Kind, Ruling, kinds};

use self::{
    pairs::{Difference, Pair, Spot},
    side::Side,
    walk::Walk,
};
use crate::{
    document::Document,
    error::{Error, Problem},
    generate::Settings,
    pointer,
    stack::guarded,
};

/// How to compare.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Options {
    /// Generate both sides and compare their surfaces, with these settings; or
    /// else predict the Rust verdict by rule. Default: `None`.
    pub surface: Option<Settings>,
}

impl Options {
    /// Options under which both sides are generated.
    pub fn with_surface(settings: Settings) -> Self {
        Self { surface: Some(settings) }
    }
}

/// What a comparison gives.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// What changed: the worst first, then by place.
    pub changes: Vec<Change>,
    /// Why the Rust verdicts are predicted, if both sides should have been
    /// generated and one could not be.
    pub not_generated: Option<String>,
}

impl Comparison {
    /// The worst verdict on what is sent; `None` if nothing changed.
    pub fn wire(&self) -> Option<Wire> {
        self.changes.iter().map(|change| change.wire).max()
    }

    /// The worst verdict on the generated surface; `None` if nothing changed.
    pub fn rust(&self) -> Option<Rust> {
        self.changes.iter().map(|change| change.rust).max()
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The id of its [`Kind`].
    pub kind: &'static str,
    /// Where it stands in the old documents; `None` if it does not.
    pub old: Option<Place>,
    /// Where it stands in the new documents; `None` if it does not.
    pub new: Option<Place>,
    /// On the side that lacks it: where it would stand.
    pub missing: Option<Place>,
    /// The way to it: operation or component, and on from there.
    pub subject: String,
    /// What of it: a property, a parameter, a status, a value. May be empty.
    pub name: String,
    /// The operations it reaches: operationId, or method and path. Sorted.
    pub operations: Vec<String>,
    /// The way it goes, as seen from those who call.
    pub direction: Direction,
    /// What it does to what is sent.
    pub wire: Wire,
    /// Why.
    pub reason: &'static str,
    /// What it does to the generated surface.
    pub rust: Rust,
    /// Whether `rust` was predicted by rule, not read off `lines`.
    pub predicted: bool,
    /// The lines of the surface that it adds and removes.
    pub lines: Vec<SurfaceLine>,
    /// In plain words.
    pub explanation: String,
    /// The same for the same change, whatever it is explained in: 32 hexadecimal
    /// digits over kind, subject, name and values.
    pub fingerprint: String,
    /// What stood there.
    pub old_value: Option<Value>,
    /// What stands there.
    pub new_value: Option<Value>,
    /// Further places that change with it.
    pub also: Vec<Edit>,
}

/// A further place that changes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Edit {
    /// Where it stands in the old documents.
    pub old: Option<Place>,
    /// Where it stands in the new documents.
    pub new: Option<Place>,
    /// On the side that lacks it: where it would stand.
    pub missing: Option<Place>,
    /// What stood there.
    pub old_value: Option<Value>,
    /// What stands there.
    pub new_value: Option<Value>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The name the document was loaded under.
    pub document: String,
    /// JSON pointer (RFC 6901). Where something is missing, `-` stands for the
    /// end of a list.
    pub pointer: String,
    /// From 1. `None` if the document was not parsed from text. Of what is
    /// missing in the text: where the nearest object around it begins.
    pub line: Option<usize>,
    /// From 1, in characters.
    pub column: Option<usize>,
}

/// A line of the surface that a change adds or removes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct SurfaceLine {
    /// `operations` or `types`.
    pub area: String,
    /// The method or type it belongs to.
    pub item: String,
    /// Whether it is new, or gone.
    pub added: bool,
    /// As the listing has it.
    pub text: String,
}

/// The way something goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// No operation reaches it.
    Neither,
    /// Clients send it.
    Request,
    /// Clients receive it.
    Response,
    /// Clients send and receive it, or it is about the whole operation.
    Both,
}

/// What a change does to what is sent; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// Nothing.
    Documentation,
    /// Clients that worked still do.
    Compatible,
    /// Some clients may fail.
    Risky,
    /// Clients that worked fail.
    Breaking,
}

/// What a change does to the generated surface; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rust {
    /// Nothing.
    None,
    /// Something is added; code that compiled still does.
    Additive,
    /// Code that compiled may no longer do so.
    Breaking,
}

/// Says what differs between `old` and `new`.
///
/// ```
/// use iam_codegen::{Document, compare::{Options, Wire, compare}};
/// use serde_json::json;
///
/// let document = |type_: &str| Document::from_value("clock.json", json!({
///     "openapi": "3.0.3", "info": {"title": "Clock", "version": "1"},
///     "paths": {"/time": {"get": {"operationId": "getTime", "responses": {"200": {
///         "description": "Now.",
///         "content": {"application/json": {"schema": {"type": type_}}}
///     }}}}}
/// }));
/// let comparison = compare(&[document("string")?], &[document("integer")?], &Options::default())?;
/// let [change] = comparison.changes.as_slice() else { panic!() };
/// assert_eq!((change.kind, change.wire), ("type-changed", Wire::Breaking));
/// assert_eq!(change.operations, ["getTime"]);
/// # Ok::<(), iam_codegen::Error>(())
/// ```
///
/// # Errors
/// Documents with more to compare, or more to report, than in bounded time and
/// space.
pub fn compare(old: &[Document], new: &[Document], options: &Options) -> Result<Comparison, Error> {
    let compared = guarded(|| compare_documents(old, new, options));
    let problem = match compared {
        Ok(Ok(comparison)) => return Ok(comparison),
        Ok(Err(problem)) => problem,
        Err(message) => Problem::new("", format!("internal error: {message}")),
    };
    Err(Error::new(new.first().map_or("documents", Document::name), [problem]))
}

fn compare_documents(
    old: &[Document],
    new: &[Document],
    options: &Options,
) -> Result<Comparison, Problem> {
    let sides = (Side::new(old), Side::new(new));
    let Some(pairs) = Walk::run(&sides.0, &sides.1) else {
        return Err(Problem::new("", "there is too much to compare")
            .remedy("compare the documents one by one"));
    };
    let mut judged = Vec::new();
    let mut bytes = 0;
    for (id, pair) in pairs.iter().enumerate() {
        let mut reached = BTreeMap::new();
        for difference in &pair.differences {
            let mask = difference.mask;
            let (operations, direction) =
                reached.entry(mask).or_insert_with(|| pairs::reach(&pairs, id, mask));
            bytes += difference.size() + operations.len() * size_of::<String>();
            if bytes > REPORT {
                return Err(Problem::new("", "there are too many changes to report")
                    .remedy("compare the documents one by one, or an older state of them"));
            }
            let reached = (operations.keys().cloned().collect(), *direction);
            judged.push(judge(&pairs, id, difference, reached, (old, new)));
        }
    }
    let mut not_generated = None;
    if let Some(settings) = &options.surface {
        match surface::Surfaces::generate(old, new, settings) {
            Ok(surfaces) => not_generated = surfaces.attribute(&mut judged).err(),
            Err(error) => not_generated = Some(error),
        }
    }
    let mut changes: Vec<Change> = judged.into_iter().map(|judged| judged.change).collect();
    location::locate(&mut changes, old, new);
    changes.sort_by(|a, b| {
        let key = |change: &Change| {
            (
                std::cmp::Reverse(change.wire),
                change.subject.clone(),
                change.kind,
                change.name.clone(),
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    Ok(Comparison { changes, not_generated })
}

/// The bytes of the documents that all changes may repeat: far more than anybody
/// reads, and little enough to hold.
const REPORT: usize = 256 << 20;

/// A change, and what tells its lines in the surface.
struct Judged {
    change: Change,
    words: Vec<String>,
}

fn judge(
    pairs: &[Pair<'_>],
    id: usize,
    difference: &Difference<'_>,
    (operations, direction): (Vec<String>, Direction),
    (old, new): (&[Document], &[Document]),
) -> Judged {
    let kind = rules::kind(difference.kind);
    let ruling = match direction {
        Direction::Request => kind.request,
        Direction::Response => kind.response,
        Direction::Both => worse(kind.request, kind.response),
        Direction::Neither if !about_api(kind) => {
            let rust = worse(kind.request, kind.response).rust;
            Ruling { wire: Wire::Documentation, reason: "no operation uses it", rust }
        }
        Direction::Neither => kind.request,
    };
    let subject = pairs::trail(pairs, id);
    let (spots, missing) = places(&difference.old, &difference.new, old, new);
    let edit = |(from, to): &(Spot<'_>, Spot<'_>)| {
        let ((old_place, new_place), missing) = places(from, to, old, new);
        Edit {
            old: old_place,
            new: new_place,
            missing,
            old_value: from.value().cloned(),
            new_value: to.value().cloned(),
        }
    };
    let also = difference.also.iter().map(edit).filter(|edit| edit.old_value != edit.new_value);
    let (old_value, new_value) = (difference.old.value(), difference.new.value());
    let mut words = difference.words.clone();
    words.push(difference.name.clone());
    let change = Change {
        kind: kind.id,
        old: spots.0,
        new: spots.1,
        missing,
        name: difference.name.clone(),
        operations,
        direction,
        wire: ruling.wire,
        reason: ruling.reason,
        rust: ruling.rust,
        predicted: true,
        lines: Vec::new(),
        explanation: explain(&subject, kind, difference, ruling.reason),
        fingerprint: fingerprint::fingerprint(
            kind.id,
            &subject,
            &difference.name,
            old_value,
            new_value,
        ),
        subject,
        old_value: old_value.cloned(),
        new_value: new_value.cloned(),
        also: also.collect(),
    };
    Judged { change, words }
}

/// Whether a kind is about what stands outside of all operations.
fn about_api(kind: &Kind) -> bool {
    matches!(kind.area, "document" | "extension" | "component" | "surface" | "path")
}

fn worse(a: Ruling, b: Ruling) -> Ruling {
    let rust = a.rust.max(b.rust);
    let worse = if b.wire > a.wire { b } else { a };
    Ruling { rust, ..worse }
}

/// The places of both sides, and where the one that lacks it would have it.
fn places(
    from: &Spot<'_>,
    to: &Spot<'_>,
    old: &[Document],
    new: &[Document],
) -> ((Option<Place>, Option<Place>), Option<Place>) {
    let (from_there, from) = place(from, old);
    let (to_there, to) = place(to, new);
    match (from_there, to_there) {
        (true, true) => ((from, to), None),
        (true, false) => ((from, None), to),
        (false, true) => ((None, to), from),
        (false, false) => ((None, None), None),
    }
}

/// Whether it is there, and where.
fn place(spot: &Spot<'_>, documents: &[Document]) -> (bool, Option<Place>) {
    let (there, loc, rest) = match spot {
        Spot::Here(loc) => (true, loc, &[][..]),
        Spot::Missing(loc, rest) => (false, loc, rest.as_slice()),
        Spot::Nowhere => return (false, None),
    };
    let pointer = rest.iter().fold(loc.pointer(), |at, token| pointer::child(&at, token));
    let document = documents.get(loc.document).map(Document::name).unwrap_or_default().to_owned();
    (there, Some(Place { document, pointer, line: None, column: None }))
}

fn explain(subject: &str, kind: &Kind, difference: &Difference<'_>, reason: &str) -> String {
    let mut text = format!("{}: {}", subject.trim(), kind.meaning);
    if !difference.name.is_empty() {
        text.push_str(&format!(" (`{}`)", difference.name));
    }
    let short = |value: Option<&Value>| -> Option<String> {
        let value = value?;
        let text = value.to_string();
        (text.chars().count() <= 60).then_some(text)
    };
    match (difference.old.value(), difference.new.value()) {
        (Some(old), Some(new)) => {
            if let (Some(old), Some(new)) = (short(Some(old)), short(Some(new))) {
                text.push_str(&format!(", from {old} to {new}"));
            }
        }
        (Some(value), None) | (None, Some(value)) => {
            if let Some(value) = short(Some(value)).filter(|text| *text != difference.name) {
                text.push_str(&format!(": {value}"));
            }
        }
        (None, None) => {}
    }
    format!("{text}; {reason}")
}

/// How often each verdict was given.
pub fn tally(changes: &[Change]) -> BTreeMap<Wire, usize> {
    let mut tally = BTreeMap::new();
    for change in changes {
        *tally.entry(change.wire).or_default() += 1;
    }
    tally
}
