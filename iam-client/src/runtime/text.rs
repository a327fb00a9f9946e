//! Text from outside, made fit to be shown: one line, bounded, without the
//! caller's credentials.

use std::fmt::Write as _;

use super::Secret;

/// Takes the credentials of one call out of any text.
///
/// Its `Debug` shows nothing, because [`Secret`]'s does not.
#[derive(Debug, Clone, Default)]
pub(super) struct Redactor(Vec<Secret>);

impl Redactor {
    /// Adds a credential to look for. An empty one is passed over.
    pub(super) fn hide(&mut self, secret: &str) {
        if !secret.is_empty() && !self.0.iter().any(|known| known.expose() == secret) {
            self.0.push(Secret::from(secret));
            // Longest first: one may begin with another.
            self.0.sort_by_key(|known| std::cmp::Reverse(known.expose().len()));
        }
    }

    /// `text` without the credentials, on one line, and at most `limit`
    /// characters long (an ellipsis marks a cut). `None` if nothing is left.
    pub(super) fn clean(&self, text: &str, limit: usize) -> Option<String> {
        let mut text = text.trim().to_owned();
        for secret in &self.0 {
            // Before the cut, so that no half of a credential survives it.
            text = text.replace(secret.expose(), "***");
        }
        let text = one_line(&text, limit);
        (!text.is_empty()).then_some(text)
    }
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
