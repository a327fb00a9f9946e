//! Line and column of a JSON pointer in the text of a document.

use std::{
    collections::{HashMap, HashSet},
    fmt,
};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Change, Place};
use crate::{document::Document, pointer, stack::guarded};

/// Line and column, both from 1.
type Position = (usize, usize);

/// Fills in line and column of every place.
pub(super) fn locate(changes: &mut [Change], old: &[Document], new: &[Document]) {
    for (is_old, documents) in [(true, old), (false, new)] {
        for document in documents {
            let mut places: Vec<&mut Place> = changes
                .iter_mut()
                .flat_map(|change| of_side(change, is_old))
                .filter(|place| place.document == document.name())
                .collect();
            let Some(text) = document.text().filter(|_| !places.is_empty()) else { continue };
            let wanted = places.iter().flat_map(|place| ancestors(&place.pointer)).collect();
            let found = positions(document.name(), text, &wanted);
            for place in &mut places {
                let nearest = ancestors(&place.pointer).find_map(|at| found.get(&at));
                if let Some(&(line, column)) = nearest {
                    (place.line, place.column) = (Some(line), Some(column));
                }
            }
        }
    }
}

/// The places of a change on one side: what is missing there included.
fn of_side(change: &mut Change, old: bool) -> Vec<&mut Place> {
    let mut places = Vec::new();
    let sides = [(&mut change.old, &mut change.new, &mut change.missing)].into_iter().chain(
        change.also.iter_mut().map(|edit| (&mut edit.old, &mut edit.new, &mut edit.missing)),
    );
    for (before, after, missing) in sides {
        let there = if old { before.is_some() } else { after.is_some() };
        let here = if old { before } else { after };
        places.extend(if there { here.as_mut() } else { missing.as_mut() });
    }
    places
}

/// A pointer, and the places it leads through, the nearest first.
fn ancestors(pointer: &str) -> impl Iterator<Item = String> + use<> {
    let mut next = Some(pointer.to_owned());
    std::iter::from_fn(move || {
        let here = next.take()?;
        next = here.rsplit_once('/').map(|(parent, _)| parent.to_owned());
        Some(here)
    })
}

/// Where each of the wanted pointers stands: a member of an object at its key.
fn positions(name: &str, text: &str, wanted: &HashSet<String>) -> HashMap<String, Position> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if crate::document::is_json(name, text) {
        let mut scanner =
            Json { text, at: 0, line: 1, counted: (0, 0), wanted, found: HashMap::new() };
        scanner.value(&mut String::new(), None);
        return scanner.found;
    }
    // The text was parsed before, so this can fail only where it is not its
    // document's; then there are no positions.
    let parsed = guarded(|| serde_saphyr::from_str::<serde_saphyr::Spanned<Node>>(text).ok());
    let mut found = HashMap::new();
    if let Ok(Some(root)) = parsed {
        let at = (root.referenced.line() as usize, root.referenced.column() as usize);
        collect(&root.value, String::new(), at, wanted, &mut found);
    }
    found
}

fn collect(
    node: &Node,
    at: String,
    position: Position,
    wanted: &HashSet<String>,
    found: &mut HashMap<String, Position>,
) {
    if !wanted.contains(&at) {
        return;
    }
    for (token, position, child) in &node.children {
        collect(child, pointer::child(&at, token), *position, wanted, found);
    }
    found.insert(at, position);
}

/// What stands where in a YAML document.
#[derive(Default)]
struct Node {
    children: Vec<(String, Position, Node)>,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_str<E>(self, _: &str) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut children = Vec::new();
        while let Some(item) = access.next_element::<serde_saphyr::Spanned<Node>>()? {
            let at = (item.referenced.line() as usize, item.referenced.column() as usize);
            children.push((children.len().to_string(), at, item.value));
        }
        Ok(Node { children })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut children = Vec::new();
        while let Some(key) = access.next_key::<serde_saphyr::Spanned<String>>()? {
            let at = (key.referenced.line() as usize, key.referenced.column() as usize);
            children.push((key.value, at, access.next_value()?));
        }
        Ok(Node { children })
    }
}

/// A reader of JSON that is known to be well-formed and not deep.
struct Json<'t> {
    text: &'t str,
    /// The next byte.
    at: usize,
    line: usize,
    /// Up to where the characters of the line were counted, and how many they
    /// are: a document may be one long line.
    counted: (usize, usize),
    wanted: &'t HashSet<String>,
    found: HashMap<String, Position>,
}

impl Json<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(byte) = self.peek().filter(u8::is_ascii_whitespace) {
            self.at += 1;
            if byte == b'\n' {
                self.line += 1;
                self.counted = (self.at, 0);
            }
        }
    }

    fn position(&mut self) -> Position {
        let (from, before) = self.counted;
        let more = self.text.get(from..self.at).map_or(0, |text| text.chars().count());
        self.counted = (self.at, before + more);
        (self.line, before + more + 1)
    }

    /// Reads a value that stands at `pointer`, whose key, if any, is at `key`.
    fn value(&mut self, pointer: &mut String, key: Option<Position>) {
        self.space();
        // What nobody wants has nothing in it that somebody wants.
        let wanted = self.wanted.contains(pointer.as_str());
        if wanted {
            let position = key.unwrap_or_else(|| self.position());
            self.found.insert(pointer.clone(), position);
        }
        match self.peek() {
            Some(b'{') => self.members(pointer, b'}'),
            Some(b'[') => self.members(pointer, b']'),
            Some(b'"') => drop(self.string()),
            _ => {
                while self.peek().is_some_and(|byte| !matches!(byte, b',' | b'}' | b']')) {
                    self.at += 1;
                    if self.text.as_bytes()[self.at - 1] == b'\n' {
                        self.line += 1;
                        self.counted = (self.at, 0);
                    }
                }
            }
        }
    }

    fn members(&mut self, pointer: &mut String, close: u8) {
        self.at += 1;
        let length = pointer.len();
        for index in 0.. {
            self.space();
            match self.peek() {
                None => return,
                Some(byte) if byte == close => {
                    self.at += 1;
                    return;
                }
                Some(b',') => self.at += 1,
                Some(_) => {}
            }
            self.space();
            let mut key = None;
            let token = if close == b'}' {
                key = Some(self.position());
                let token = self.string();
                self.space();
                // The colon.
                self.at += 1;
                token
            } else {
                index.to_string()
            };
            *pointer = pointer::child(&pointer[..length], token);
            self.value(pointer, key);
            pointer.truncate(length);
        }
    }

    /// Reads a string, and gives what it says.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
        }
        let text = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(text).unwrap_or_default()
    }
}
