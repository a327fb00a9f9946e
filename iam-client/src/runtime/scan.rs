//! A look at JSON text that did not decode: what can be mended in it, and
//! which field is at a position.
//!
//! Both take one pass and never build values, so that a large response costs
//! no more than a copy of its bytes.

use std::{borrow::Cow, collections::HashMap, fmt::Write as _, ops::Range};

/// Values that lie deeper are passed over. serde_json decodes none of them.
const MAX_DEPTH: usize = 128;
/// A name up to this length may have letters, digits, `_`, `-` and `$`.
const NAME_LIMIT: usize = 40;
/// A longer one is shown if it consists of lower-case words. No credential does.
const WORDS_LIMIT: usize = 80;

/// A piece of JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    /// `{` or `[`.
    Open {
        object: bool,
    },
    /// `}` or `]`.
    Close,
    Comma,
    Colon,
    /// With its quotes.
    Text,
    /// A number, `true`, `false` or `null`; or what is not JSON.
    Other,
}

/// The tokens of a text, each with its place.
struct Tokens<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn of(body: &'a [u8]) -> Self {
        Self { body, at: 0 }
    }

    /// The end of what begins at the current place and goes on while `inside`.
    fn end(&self, inside: impl Fn(u8) -> bool) -> usize {
        let rest = self.body.get(self.at..).unwrap_or_default();
        self.at + rest.iter().position(|byte| !inside(*byte)).unwrap_or(rest.len())
    }

    /// The end of the text whose quote is at the current place.
    fn end_of_text(&self) -> usize {
        let mut at = self.at + 1;
        while let Some(byte) = self.body.get(at) {
            match byte {
                b'"' => return at + 1,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.body.len()
    }
}

impl Iterator for Tokens<'_> {
    type Item = (Token, Range<usize>);

    fn next(&mut self) -> Option<Self::Item> {
        self.at = self.end(|byte| byte.is_ascii_whitespace());
        let start = self.at;
        let (token, end) = match self.body.get(start)? {
            b'{' => (Token::Open { object: true }, start + 1),
            b'[' => (Token::Open { object: false }, start + 1),
            b'}' | b']' => (Token::Close, start + 1),
            b',' => (Token::Comma, start + 1),
            b':' => (Token::Colon, start + 1),
            b'"' => (Token::Text, self.end_of_text()),
            _ => {
                let delimits = |byte: u8| byte.is_ascii_whitespace() || b"{}[],:\"".contains(&byte);
                (Token::Other, self.end(|byte| !delimits(byte)))
            }
        };
        self.at = end;
        Some((token, start..end))
    }
}

/// Counts the objects in a text.
pub(super) fn objects(body: &[u8]) -> usize {
    Tokens::of(body).filter(|(token, _)| *token == Token::Open { object: true }).count()
}

/// The text with what other readers forgive made valid, or `None` if there is
/// nothing of it: half of a surrogate pair becomes U+FFFD, and of a field that
/// is given more than once the last remains. Every other byte keeps its place.
pub(super) fn mended(body: &[u8]) -> Option<Vec<u8>> {
    let mut copy = None;
    let mut open: Vec<Option<Members<'_>>> = Vec::new();
    let mut deeper = 0_usize;
    let mut before = Token::Comma;
    for (token, place) in Tokens::of(body) {
        match token {
            Token::Open { .. } if open.len() >= MAX_DEPTH => deeper += 1,
            Token::Open { object } => open.push(object.then(Members::default)),
            Token::Close if deeper > 0 => deeper -= 1,
            Token::Close => drop(open.pop()),
            Token::Comma if deeper == 0 => {
                if let Some(Some(members)) = open.last_mut() {
                    members.end(place.end);
                }
            }
            Token::Text => {
                replace_half_pairs(body, place.clone(), &mut copy);
                let is_key = deeper == 0 && matches!(before, Token::Comma | Token::Open { .. });
                if let (true, Some(Some(members))) = (is_key, open.last_mut())
                    && let Some(earlier) = members.start(key(body, &place), place.start)
                {
                    let copy = copy.get_or_insert_with(|| body.to_vec());
                    for byte in copy.get_mut(earlier).into_iter().flatten() {
                        // Lines keep their numbers.
                        if *byte != b'\n' {
                            *byte = b' ';
                        }
                    }
                }
            }
            Token::Comma | Token::Colon | Token::Other => {}
        }
        before = token;
    }
    copy
}

/// The fields of an object that is being read.
#[derive(Default)]
struct Members<'a> {
    places: Vec<Range<usize>>,
    latest: HashMap<Cow<'a, [u8]>, usize>,
}

impl<'a> Members<'a> {
    /// Begins a field; gives the place of an earlier one of the same name.
    fn start(&mut self, key: Cow<'a, [u8]>, at: usize) -> Option<Range<usize>> {
        let earlier = self.latest.insert(key, self.places.len());
        self.places.push(at..at);
        earlier.and_then(|index| self.places.get(index).cloned())
    }

    /// Ends the latest field, behind its comma.
    fn end(&mut self, at: usize) {
        if let Some(place) = self.places.last_mut() {
            place.end = at;
        }
    }
}

/// The bytes of a key, escapes undone.
fn key<'a>(body: &'a [u8], place: &Range<usize>) -> Cow<'a, [u8]> {
    let text = body.get(place.clone()).unwrap_or_default();
    let inner = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\""));
    let inner = inner.unwrap_or(text);
    if inner.contains(&b'\\')
        && let Ok(key) = serde_json::from_slice::<String>(text)
    {
        return Cow::Owned(key.into_bytes());
    }
    Cow::Borrowed(inner)
}

/// Writes U+FFFD in place of each half of a surrogate pair in a text.
fn replace_half_pairs(body: &[u8], place: Range<usize>, copy: &mut Option<Vec<u8>>) {
    let unit = |at: usize| {
        let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut at = place.start;
    while at < place.end {
        if body.get(at) != Some(&b'\\') {
            at += 1;
            continue;
        }
        at += match (unit(at), unit(at + 6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                let copy = copy.get_or_insert_with(|| body.to_vec());
                if let Some(digits) = copy.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                6
            }
            _ => 2,
        };
    }
}

/// A value that is being read.
enum Frame {
    /// The index of the item.
    Array(usize),
    /// The place of the field's name.
    Object(Range<usize>),
}

/// The path to the value that ends or begins at `offset`, or else to the
/// innermost around it; empty for the text as a whole. Names that may be
/// content are shown as `?`.
pub(super) fn path_at(body: &[u8], offset: usize) -> String {
    let mut open: Vec<Frame> = Vec::new();
    let mut deeper = 0_usize;
    let mut before = Token::Comma;
    for (token, place) in Tokens::of(body) {
        if place.start > offset {
            break;
        }
        match token {
            Token::Open { .. } if open.len() >= MAX_DEPTH => deeper += 1,
            // Of an array in place of a text serde_json gives the beginning.
            Token::Open { .. } if place.start == offset => break,
            Token::Open { object: true } => open.push(Frame::Object(0..0)),
            Token::Open { object: false } => open.push(Frame::Array(0)),
            Token::Close if deeper > 0 => deeper -= 1,
            Token::Close => {
                open.pop();
                if place.end >= offset {
                    break;
                }
            }
            Token::Comma if deeper == 0 => {
                if let Some(Frame::Array(index)) = open.last_mut() {
                    *index += 1;
                }
            }
            Token::Text | Token::Other if place.end >= offset => {
                if matches!(before, Token::Comma | Token::Open { .. })
                    && let Some(Frame::Object(key)) = open.last_mut()
                {
                    *key = place;
                }
                break;
            }
            Token::Text if deeper == 0 && before != Token::Colon => {
                if let Some(Frame::Object(key)) = open.last_mut() {
                    *key = place;
                }
            }
            Token::Comma | Token::Colon | Token::Text | Token::Other => {}
        }
        before = token;
    }
    path(body, &open)
}

fn path(body: &[u8], open: &[Frame]) -> String {
    let mut path = String::new();
    for frame in open {
        match frame {
            Frame::Array(index) => {
                // Writing to a String cannot fail.
                let _ = write!(path, "[{index}]");
            }
            Frame::Object(place) if place.is_empty() => {}
            Frame::Object(place) => {
                if !path.is_empty() {
                    path.push('.');
                }
                let key = key(body, place);
                match std::str::from_utf8(&key) {
                    Ok(key) if is_name(key) => path.push_str(key),
                    _ => path.push('?'),
                }
            }
        }
    }
    path
}

/// Returns whether a key looks like a field's name. Keys of maps are content.
pub(super) fn is_name(key: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte);
    let is_word_byte = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    key.len() <= NAME_LIMIT && key.bytes().all(is_name_byte)
        || key.len() <= WORDS_LIMIT && key.bytes().all(is_word_byte)
}
