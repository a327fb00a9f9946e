//! Text from outside, made fit to be shown: one line, bounded, without the
//! secrets of the call.

use std::{
    borrow::Cow,
    fmt::{self, Write as _},
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};

use super::Secret;

/// The text that is shown in place of a secret.
const MASK: &str = "***";
/// Shortest secret that is hidden inside a word. A shorter one is hidden only
/// as a word of its own: `a` as a password must not mask every `a`.
const INSIDE_WORDS: usize = 8;
/// Shortest secret whose Base64 form is looked for inside longer Base64 text.
const INSIDE_BASE64: usize = 5;

/// Takes the secrets of one call out of any text.
///
/// Each is found as it is, escaped as in JSON, percent-encoded, and in Base64,
/// also as a part of a longer text in Base64. Clones share the secrets, so that
/// every credential a call has used stays hidden to its end.
#[derive(Clone, Default)]
pub(super) struct Redactor(Arc<Mutex<Vec<Secret>>>);

impl Redactor {
    /// Adds a secret to look for. An empty one is ignored.
    pub(super) fn hide(&self, secret: &str) {
        let mut secrets = self.secrets();
        if !secret.is_empty() && !secrets.iter().any(|known| known.expose() == secret) {
            secrets.push(Secret::from(secret));
        }
    }

    /// `text` without the secrets, on one line, and at most `limit` characters
    /// long (an ellipsis marks a cut). `None` if nothing is left.
    pub(super) fn clean(&self, text: &str, limit: usize) -> Option<String> {
        // Before the cut, so that no half of a secret survives it.
        let text = self.redact(text);
        let text = one_line(text.trim(), limit);
        (!text.is_empty()).then_some(text)
    }

    /// `text` without the secrets.
    pub(super) fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let needles: Vec<_> =
            self.secrets().iter().flat_map(|secret| Needle::all(secret.expose())).collect();
        let mut found: Vec<_> = View::all(text)
            .iter()
            .flat_map(|view| needles.iter().flat_map(|needle| needle.find(view)))
            .collect();
        if found.is_empty() {
            return text.into();
        }
        found.sort_by_key(|range| range.start);
        let (mut shown, mut end) = (String::with_capacity(text.len()), 0);
        for range in found {
            if shown.is_empty() || range.start > end {
                shown.push_str(text.get(end..range.start).unwrap_or_default());
                shown.push_str(MASK);
            }
            end = end.max(range.end);
        }
        shown.push_str(text.get(end..).unwrap_or_default());
        shown.into()
    }

    fn secrets(&self) -> MutexGuard<'_, Vec<Secret>> {
        // A panic elsewhere cannot leave the list half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Redactor")
    }
}

/// A form of a secret.
struct Needle {
    text: Secret,
    /// `true` if the character before or after it holds bits of the secret too.
    shares: (bool, bool),
    /// `true` if it counts only as a word of its own.
    alone: bool,
}

impl Needle {
    fn all(secret: &str) -> Vec<Self> {
        let plain = Self {
            text: secret.into(),
            shares: (false, false),
            alone: secret.len() < INSIDE_WORDS,
        };
        let mut all = vec![plain];
        // Base64 writes three bytes as four characters, so that a secret has
        // three forms, by the number of bytes before it.
        let inside = secret.len() >= INSIDE_BASE64;
        for before in 0..if inside { 3 } else { 1 } {
            let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
            let code = STANDARD_NO_PAD.encode(&bytes);
            let whole = (before * 8).div_ceil(6)..bytes.len() * 8 / 6;
            let (shares, text) = if inside {
                let shares = (before > 0, bytes.len() * 8 % 6 != 0);
                (shares, code.get(whole).unwrap_or_default())
            } else {
                ((false, false), code.as_str())
            };
            let url_safe = text.replace('+', "-").replace('/', "_");
            for text in [text, &url_safe] {
                all.push(Self { text: text.into(), shares, alone: !inside });
            }
        }
        all
    }

    /// Finds it in the text that the view is of.
    fn find(&self, view: &View<'_>) -> Vec<Range<usize>> {
        let text = &*view.text;
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_code =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "+/-_".contains(c));
        let found = text.match_indices(self.text.expose()).filter_map(|(start, needle)| {
            let (before, after) = (&text[..start], &text[start + needle.len()..]);
            let neighbours = (before.chars().next_back(), after.chars().next());
            if self.alone && (is_word(neighbours.0) || is_word(neighbours.1)) {
                return None;
            }
            let start = start - usize::from(self.shares.0 && is_code(neighbours.0));
            let end = text.len() - after.len();
            let end = end + usize::from(self.shares.1 && is_code(neighbours.1));
            Some(view.place(start..end))
        });
        found.collect()
    }
}

/// A text with its escapes resolved, and where each byte comes from.
struct View<'a> {
    text: Cow<'a, str>,
    /// `None` for the text itself.
    origin: Option<Vec<usize>>,
}

impl<'a> View<'a> {
    fn all(text: &'a str) -> Vec<Self> {
        let mut all = vec![Self { text: text.into(), origin: None }];
        if text.contains('\\') {
            all.push(Self::decode(text, json_escape));
        }
        if text.contains('%') {
            all.push(Self::decode(text, percent_escape));
        }
        if text.contains('+') {
            all.push(Self::decode(text, form_escape));
        }
        all
    }

    /// Resolves the escapes that `escape` recognizes: it writes the bytes that
    /// the text begins with and returns how long their escape is, or 0.
    fn decode(text: &str, escape: impl Fn(&[u8], &mut Vec<u8>) -> usize) -> Self {
        let mut rest = text.as_bytes();
        let (mut bytes, mut origin) = (Vec::with_capacity(rest.len()), Vec::new());
        while let [first, ..] = rest {
            let start = text.len() - rest.len();
            let length = match escape(rest, &mut bytes) {
                0 => {
                    bytes.push(*first);
                    1
                }
                length => length,
            };
            origin.resize(bytes.len(), start);
            rest = rest.get(length..).unwrap_or_default();
        }
        origin.push(text.len());
        let mut decoded = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            decoded.push_str(chunk.valid());
            // Byte by byte, so that places stay right.
            decoded.extend(chunk.invalid().iter().map(|_| '\u{1a}'));
        }
        Self { text: decoded.into(), origin: Some(origin) }
    }

    /// The place of a part of this view in the text.
    fn place(&self, range: Range<usize>) -> Range<usize> {
        let Some(origin) = &self.origin else { return range };
        let place = |at: usize| origin.get(at).or(origin.last()).copied().unwrap_or_default();
        place(range.start)..place(range.end)
    }
}

fn json_escape(text: &[u8], bytes: &mut Vec<u8>) -> usize {
    let [b'\\', kind, rest @ ..] = text else { return 0 };
    let plain = match kind {
        b'"' | b'\\' | b'/' => *kind,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => {
            let Some(high) = hex(rest, 4) else { return 0 };
            let low = match rest.get(4..) {
                Some([b'\\', b'u', rest @ ..]) => hex(rest, 4),
                _ => None,
            };
            let (code, length) = match (high, low) {
                (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
                    (0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00), 12)
                }
                _ => (high, 6),
            };
            let Some(character) = char::from_u32(code) else { return 0 };
            bytes.extend(character.encode_utf8(&mut [0; 4]).bytes());
            return length;
        }
        _ => return 0,
    };
    bytes.push(plain);
    2
}

/// The text that is percent-encoded.
pub(super) fn percent_decode(text: &str) -> String {
    View::decode(text, percent_escape).text.into_owned()
}

fn percent_escape(text: &[u8], bytes: &mut Vec<u8>) -> usize {
    let [b'%', rest @ ..] = text else { return 0 };
    match hex(rest, 2).map(u8::try_from) {
        Some(Ok(byte)) => {
            bytes.push(byte);
            3
        }
        _ => 0,
    }
}

/// As in the media type of HTML forms, where a plus is a space.
fn form_escape(text: &[u8], bytes: &mut Vec<u8>) -> usize {
    if text.starts_with(b"+") {
        bytes.push(b' ');
        return 1;
    }
    percent_escape(text, bytes)
}

fn hex(text: &[u8], length: usize) -> Option<u32> {
    let mut digits = text.get(..length)?.iter().map(|digit| char::from(*digit).to_digit(16));
    digits.try_fold(0, |number, digit| Some(number * 16 + digit?))
}

/// `text` with everything escaped that could break a line or reorder it, and
/// cut to `limit` characters.
pub(super) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit));
    let mut length = 0;
    for character in text.chars() {
        let width = if is_disruptive(character) { character.escape_default().count() } else { 1 };
        if length + width > limit {
            line.push('…');
            break;
        }
        length += width;
        if width == 1 {
            line.push(character);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(line, "{}", character.escape_default());
        }
    }
    line
}

/// Whether a character acts on the text around it: control characters, line
/// and paragraph separators, and the marks that change reading direction.
fn is_disruptive(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

/// Text that a user typed and that may be a misplaced secret: its `Debug` and
/// `Display` tell its length only.
pub(super) struct Typed<'a>(pub(super) &'a str);

impl fmt::Display for Typed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.chars().count() {
            1 => formatter.write_str("(1 character)"),
            length => write!(formatter, "({length} characters)"),
        }
    }
}

impl fmt::Debug for Typed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests;
