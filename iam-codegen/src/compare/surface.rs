//! What a change does to the generated client: both sides are generated, their
//! listings compared, and each line that differs is put down to the change that
//! explains it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Direction, Judged, Rust, SurfaceLine, Wire, rules};
use crate::{Document, Settings, api::Api, surface::surface};

/// What a listing says of one method or type.
#[derive(Default)]
struct Item {
    lines: BTreeMap<String, usize>,
    /// Of a method: the operation. Of a type: where its schema stands.
    operation: Option<String>,
    pointers: BTreeSet<String>,
}

/// Area and name.
type Items = BTreeMap<(String, String), Item>;

/// The listings of both sides.
pub(super) struct Surfaces {
    old: Items,
    new: Items,
}

impl Surfaces {
    pub(super) fn generate(
        old: &[Document],
        new: &[Document],
        settings: &Settings,
    ) -> Result<Self, String> {
        let side = |documents: &[Document]| -> Result<Items, String> {
            let mut items = Items::new();
            for document in documents {
                let output = crate::run(document.clone(), &[], settings);
                let output = output.map_err(|error| error.to_string())?;
                let areas = surface(&output.source).map_err(|error| error.to_string())?;
                for area in areas {
                    let kind = area.name.split('/').next().unwrap_or_default();
                    for listing in area.listing.split("\n\n") {
                        add(&mut items, kind, listing, &output.api);
                    }
                }
            }
            Ok(items)
        };
        Ok(Self { old: side(old)?, new: side(new)? })
    }

    /// Gives each change its lines, and its verdict by them; says why not where
    /// there are too many.
    pub(super) fn attribute(self, judged: &mut Vec<Judged>) -> Result<(), String> {
        let words: Vec<Words> = judged.iter().map(Words::of).collect();
        let mut scored = 0;
        let mut explained: Vec<Vec<SurfaceLine>> = judged.iter().map(|_| Vec::new()).collect();
        let mut left: BTreeMap<(String, String), Vec<SurfaceLine>> = BTreeMap::new();
        let keys: BTreeSet<_> = self.old.keys().chain(self.new.keys()).cloned().collect();
        for key in keys {
            let (old, new) = (self.old.get(&key), self.new.get(&key));
            for line in lines(&key, old, new) {
                scored += judged.len();
                if scored > SCORES {
                    return Err("too many lines of the surface differ".to_owned());
                }
                let told = Told::of(&line);
                let scores: Vec<usize> = judged
                    .iter()
                    .zip(&words)
                    .map(|(one, words)| score(one, words, &told, old, new))
                    .collect();
                let best = scores.iter().copied().max().unwrap_or(0);
                if best == 0 {
                    left.entry(key.clone()).or_default().push(line);
                    continue;
                }
                for (index, _) in scores.iter().enumerate().filter(|(_, score)| **score == best) {
                    explained[index].push(line.clone());
                }
            }
        }
        for (one, lines) in judged.iter_mut().zip(explained) {
            one.change.rust = verdict(&lines);
            one.change.predicted = false;
            one.change.lines = lines;
        }
        judged.extend(left.into_iter().map(|((_, item), lines)| unexplained(item, lines)));
        Ok(())
    }
}

fn add(items: &mut Items, kind: &str, listing: &str, api: &Api) {
    let mut lines = listing.lines();
    let Some(head) = lines.next() else { return };
    let (area, name) = match kind {
        "types" => ("types", head.split([' ', ',']).nth(1).unwrap_or_default()),
        _ => ("operations", head.split('(').next().unwrap_or_default()),
    };
    let item = items.entry((area.to_owned(), name.to_owned())).or_default();
    // Of two items of one name the last counts.
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for line in listing.lines() {
        *counts.entry(line.to_owned()).or_default() += 1;
    }
    item.lines.extend(counts);
    if area == "types" {
        if let Some(definition) = api.types.get(name) {
            item.pointers.insert(definition.pointer.clone());
        }
    } else {
        let base = name.strip_suffix("_with_body").unwrap_or(name);
        let found = [name, base]
            .into_iter()
            .find_map(|name| api.operations.iter().find(|operation| operation.name == name));
        item.operation = found.map(|operation| operation.id.clone());
    }
}

/// The lines that only one side has.
fn lines(key: &(String, String), old: Option<&Item>, new: Option<&Item>) -> Vec<SurfaceLine> {
    let none = BTreeMap::new();
    let (before, after) =
        (old.map_or(&none, |item| &item.lines), new.map_or(&none, |item| &item.lines));
    let line = |added: bool, text: &String| SurfaceLine {
        area: key.0.clone(),
        item: key.1.clone(),
        added,
        text: text.clone(),
    };
    let gone = before.iter().filter(|(text, count)| after.get(*text) != Some(count));
    let come = after.iter().filter(|(text, count)| before.get(*text) != Some(count));
    gone.map(|(text, _)| line(false, text)).chain(come.map(|(text, _)| line(true, text))).collect()
}

/// A line, read once for all changes that may explain it.
struct Told<'a> {
    line: &'a SurfaceLine,
    /// The method or type it belongs to, plain.
    item: String,
    text: String,
    tokens: Vec<String>,
}

impl<'a> Told<'a> {
    fn of(line: &'a SurfaceLine) -> Self {
        let tokens = line
            .text
            .split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-' && c != '.')
            .flat_map(|token| [plain(token), plain(token.trim_start_matches('.'))])
            .collect();
        Self { line, item: plain(&line.item), text: plain(&line.text), tokens }
    }
}

/// The number of comparisons of changes with lines before the lines are given up:
/// enough for documents that have changed in every second place.
const SCORES: usize = 20_000_000;

/// The words that identify the lines of a change, read once for all lines.
struct Words {
    /// Those of the change and the last step of the way there.
    said: Vec<String>,
    /// The words that may be the name of a method or type.
    names: Vec<String>,
}

impl Words {
    fn of(one: &Judged) -> Self {
        let mut said: Vec<String> =
            one.words.iter().flat_map(|text| text.split(' ')).map(plain).collect();
        // The last step of the way there, for changes inside a property or parameter.
        said.extend(one.change.subject.rsplit(['.', ' ']).next().map(plain));
        said.retain(|word| word.len() > 1);
        Self { said, names: one.words.iter().map(|word| plain(word)).collect() }
    }
}

/// How well a change explains a line; 0 if it does not.
fn score(
    one: &Judged,
    words: &Words,
    told: &Told<'_>,
    old: Option<&Item>,
    new: Option<&Item>,
) -> usize {
    let Told { line, item, text, tokens } = told;
    let change = &one.change;
    // A component is listed as a type or not at all, and comes or goes with it.
    let component = match change.kind {
        "component-added" => Some(true),
        "component-removed" => Some(false),
        _ => None,
    };
    if component.is_some_and(|added| line.added != added || line.area != "types") {
        return 0;
    }
    let sides = [old, new].into_iter().flatten();
    let mut near = 0;
    for side in sides {
        for pointer in &side.pointers {
            let within = |at: &str| {
                at == pointer
                    || at.strip_prefix(pointer.as_str()).is_some_and(|r| r.starts_with('/'))
            };
            let places = [&change.old, &change.new, &change.missing];
            if places.into_iter().flatten().any(|place| within(&place.pointer)) {
                near = near.max(pointer.len());
            }
            // A type of its own for a part of what came, went or moved.
            let around = |at: &str| {
                !at.is_empty() && pointer.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'))
            };
            if places.into_iter().flatten().any(|place| around(&place.pointer)) {
                near = near.max(1);
            }
        }
        if let Some(operation) = &side.operation
            && (change.operations.contains(operation) || one.words.contains(operation))
        {
            near = near.max(1);
        }
    }
    let said = words.said.iter().filter(|word| tokens.contains(word)).count();
    let part = words.said.iter().any(|word| text.contains(word.as_str()));
    let names_type = matches!(
        change.kind,
        "schema-renamed"
            | "reference-changed"
            | "operation-renamed"
            | "operation-moved"
            | "component-added"
            | "component-removed"
            | "operation-added"
            | "operation-removed"
    );
    let whole = names_type && words.names.contains(item);
    let tells = tells(change, line);
    match (near, said, part) {
        // Texts change no line.
        _ if change.wire == Wire::Documentation && !names_type && !tells => 0,
        (0, 0, _) if !whole => usize::from(names_type && part && said > 0),
        (0, _, _) if !(whole || names_type) => 0,
        (near, said, part) => {
            near.min(3) * 4
                + said.min(3) * 8
                + usize::from(part) * 2
                + usize::from(whole) * 16
                + usize::from(tells) * 24
        }
    }
}

/// Whether a line is of the sort that a kind of change makes.
fn tells(change: &Change, line: &SurfaceLine) -> bool {
    let text = line.text.trim();
    match change.kind {
        "deprecated" | "reactivated" => text.contains("deprecated"),
        "permission-added" | "permission-removed" | "permission-changed" => {
            text.starts_with("needs")
        }
        "event-added" | "event-removed" | "event-changed" => text.starts_with("causes"),
        "paging-added" | "paging-removed" | "paging-changed" => text.starts_with("pag"),
        "security-became-required" | "security-became-optional" => text.starts_with("ANONYMOUS"),
        "success-added" | "success-removed" => {
            text.starts_with("success") || text.starts_with("->") || text.starts_with("accept")
        }
        "media-type-added" | "media-type-removed" | "media-type-parameters-changed" => {
            text.starts_with("content-type") || text.starts_with("accept") || text.starts_with("->")
        }
        "operation-moved" | "path-parameter-renamed" => {
            ["GET ", "PUT ", "POST ", "DELETE ", "PATCH ", "HEAD ", "OPTIONS ", "TRACE "]
                .iter()
                .any(|method| text.starts_with(method))
        }
        "type-changed"
        | "type-narrowed"
        | "type-widened"
        | "media-type-schema-added"
        | "media-type-schema-removed" => {
            text.starts_with("->") && change.direction != Direction::Request
        }
        _ => false,
    }
}

/// Letters and digits in lower case.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The verdict by lines. That something is marked deprecated breaks nobody.
fn verdict(lines: &[SurfaceLine]) -> Rust {
    let bare = |line: &SurfaceLine| line.text.replace(", deprecated", "");
    let added: BTreeSet<String> = lines.iter().filter(|line| line.added).map(bare).collect();
    let gone = lines.iter().filter(|line| !line.added && line.text.trim() != "deprecated");
    let gone = gone.filter(|line| !is_sent(line));
    if gone.map(bare).any(|text| !added.contains(&text)) {
        Rust::Breaking
    } else if lines.iter().all(is_sent) {
        Rust::None
    } else {
        Rust::Additive
    }
}

/// Returns whether a line describes what is sent, and nothing that code refers to.
fn is_sent(line: &SurfaceLine) -> bool {
    let text = line.text.trim();
    let sent = ["accept ", "content-type ", "success "];
    line.area == "operations" && sent.iter().any(|start| text.starts_with(start))
}

fn unexplained(item: String, lines: Vec<SurfaceLine>) -> Judged {
    let kind = rules::kind("surface-changed");
    let value = |added: bool| {
        let lines = lines.iter().filter(|line| line.added == added);
        let texts: Vec<_> = lines.map(|line| line.text.clone()).collect();
        (!texts.is_empty()).then(|| serde_json::Value::from(texts))
    };
    let (old_value, new_value) = (value(false), value(true));
    let subject = format!("surface {item}");
    let fingerprint = super::fingerprint::fingerprint(
        kind.id,
        &subject,
        &item,
        old_value.as_ref(),
        new_value.as_ref(),
    );
    let change = Change {
        kind: kind.id,
        old: None,
        new: None,
        missing: None,
        name: item,
        operations: Vec::new(),
        direction: Direction::Neither,
        wire: kind.request.wire,
        reason: kind.request.reason,
        rust: verdict(&lines),
        predicted: false,
        explanation: format!("{subject}: {}", kind.meaning),
        fingerprint,
        subject,
        lines,
        old_value,
        new_value,
        also: Vec::new(),
    };
    Judged { change, words: Vec::new() }
}
