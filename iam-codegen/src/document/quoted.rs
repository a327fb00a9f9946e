//! Quoted text in YAML whose next lines are not indented.
//!
//! YAML demands that they are; libyaml, and with it most tools, reads them all the same.
//! Spaces at the beginning of such a line are no part of the text, so adding some changes
//! nothing but the verdict of the parser, which names the first line at fault.

use super::Limits;

/// The number of times that the text is parsed again.
const ATTEMPTS: usize = 64;

/// More than the indentation of any line.
const WIDEST: usize = 256;

/// A text whose continuation lines become indented as the parser finds them.
pub(super) struct Quoted<'a> {
    original: &'a str,
    limit: usize,
    /// The indented lines, from 0 and ascending, each with its number of spaces.
    indented: Vec<(usize, usize)>,
    attempts: usize,
}

impl<'a> Quoted<'a> {
    pub(super) fn new(original: &'a str, limits: &Limits) -> Self {
        Self { original, limit: limits.bytes, indented: Vec::new(), attempts: 0 }
    }

    /// Indents `line`, from 1, and the lines behind it that belong to the same text for
    /// certain: no quote stands between. Returns the whole text; `None` if that cannot help.
    pub(super) fn indent(&mut self, line: usize) -> Option<String> {
        let first = line.checked_sub(1)?;
        self.attempts += 1;
        if self.attempts > ATTEMPTS || self.indented.last().is_some_and(|(last, _)| *last >= first)
        {
            return None;
        }
        let lead = |line: &str| line.bytes().take_while(|byte| b" -?".contains(byte)).count();
        let before = self.original.lines().take(first).map(lead);
        let spaces = before.max().unwrap_or_default().min(WIDEST - 1) + 1;
        for (index, line) in self.original.lines().enumerate().skip(first) {
            self.indented.push((index, spaces));
            if line.contains(['"', '\'']) {
                break;
            }
        }
        let added: usize = self.indented.iter().map(|(_, spaces)| spaces).sum();
        (self.original.len() + added <= self.limit).then(|| self.text())
    }

    /// The column in the original text of a place in the indented one, both from 1.
    pub(super) fn column(&self, line: usize, column: usize) -> usize {
        let found = self.indented.iter().find(|(index, _)| index + 1 == line);
        found.map_or(column, |(_, spaces)| column.saturating_sub(*spaces).max(1))
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.original.len());
        let mut indented = self.indented.iter().peekable();
        for (index, line) in self.original.split_inclusive('\n').enumerate() {
            if let Some((_, spaces)) = indented.next_if(|(at, _)| *at == index) {
                text.extend(std::iter::repeat_n(' ', *spaces));
            }
            text.push_str(line);
        }
        text
    }
}
