//! Descriptions as rustdoc. Every text of a document passes through here.
//!
//! A description keeps its paragraphs, headings, lists, emphasis, inline code and
//! fenced blocks. Nothing in it can become a test, HTML, a link that it did not
//! spell out as an address, a quotation, a table or an indented code block.

use std::collections::HashMap;

/// The lines of `text` (CommonMark) as rustdoc lines.
pub(super) fn rustdoc(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fences = Fences::default();
    let text = printable(text);
    for line in text.trim_matches('\n').lines() {
        let line = line.trim_end();
        lines.push(match fences.read(line) {
            // Without a language rustdoc takes a block for a test.
            Line::Opens(marker) => format!("{marker}text"),
            Line::Code => line.to_owned(),
            Line::Closes => line.trim_start().to_owned(),
            Line::Text => text_line(line),
        });
    }
    lines.extend(fences.open);
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// `text` with its last fenced block closed, so that more can follow.
pub(super) fn closed(text: &str) -> String {
    let mut fences = Fences::default();
    for line in printable(text).lines() {
        fences.read(line.trim_end());
    }
    match fences.open {
        Some(marker) => format!("{}\n{marker}", text.trim_end()),
        None => text.to_owned(),
    }
}

/// `text` as inline code on one line, whatever it contains.
pub(super) fn code(text: &str) -> String {
    let text = one_line(&printable(text));
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    // A backtick at either end would join the ticks; spaces keep code from being empty.
    let pad = if text.trim().is_empty() || text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// `text` on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `text` without what a comment cannot hold: a carriage return in a line,
/// other control characters, and those that turn the direction of writing.
pub(super) fn printable(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let plain = |c: char| match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c if c.is_control() && c != '\n' && c != '\t' => '\u{FFFD}',
        c => c,
    };
    text.chars().map(plain).collect()
}

/// The fenced block that a line is in.
#[derive(Default)]
struct Fences {
    /// The marker that closes it.
    open: Option<String>,
}

enum Line {
    Opens(String),
    Code,
    Closes,
    Text,
}

impl Fences {
    fn read(&mut self, line: &str) -> Line {
        let bare = line.trim_start();
        let marker: String = bare.chars().take_while(|&c| c == '`' || c == '~').collect();
        let is_fence = marker.len() >= 3 && marker.bytes().all(|b| b == marker.as_bytes()[0]);
        // Behind backticks, more of them on the line are inline code.
        let inline = marker.starts_with('`') && bare[marker.len()..].contains('`');
        match &self.open {
            Some(open) if is_fence && marker.starts_with(open.as_str()) && bare == marker => {
                self.open = None;
                Line::Closes
            }
            Some(_) => Line::Code,
            None if is_fence && !inline => {
                self.open = Some(marker.clone());
                Line::Opens(marker)
            }
            None => Line::Text,
        }
    }
}

/// A line outside of fenced blocks.
fn text_line(line: &str) -> String {
    let mut rest = line.trim_start();
    // Four spaces make a code block, which is a test; a list item below another
    // keeps two.
    let indent = match list_marker(rest) {
        Some(_) => (line.len() - rest.len()).min(2),
        None => 0,
    };
    let mut out = " ".repeat(indent);
    while let Some((marker, item)) = list_marker(rest) {
        out.push_str(marker);
        out.push(' ');
        rest = item.trim_start();
    }
    // A line of such signs alone would be a rule, underline a heading, or begin a table.
    if let Some(sign) = rest.chars().next()
        && "-=_*+:".contains(sign)
        && rest.chars().all(|c| "-=_*+:| \t".contains(c))
    {
        out.push('\\');
        out.push(sign);
        rest = &rest[sign.len_utf8()..];
    }
    escape(rest, &mut out);
    out
}

/// The sign or number that `line` begins a list item with, and the item.
fn list_marker(line: &str) -> Option<(&str, &str)> {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let end = match line[digits..].bytes().next()? {
        b'-' | b'*' | b'+' if digits == 0 => 1,
        b'.' | b')' if (1..=9).contains(&digits) => digits + 1,
        _ => return None,
    };
    let (marker, item) = line.split_at(end);
    (item.starts_with(char::is_whitespace) && !item.trim().is_empty()).then_some((marker, item))
}

/// Escapes what rustdoc would take for links, HTML or blocks outside of inline
/// code, and marks addresses.
fn escape(line: &str, out: &mut String) {
    let mut runs = Backticks::of(line);
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let at = line.len() - rest.len();
        if c == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            match runs.next(ticks, at) {
                Some(close) => {
                    let end = close + ticks;
                    out.push_str(&line[at..end]);
                    rest = &line[end..];
                }
                // Never closed: no code, and nothing that swallows what follows.
                None => {
                    out.extend(std::iter::repeat_n("\\`", ticks));
                    rest = &rest[ticks..];
                }
            }
        } else if c == '\\' {
            // An escaped sign stays escaped; any other backslash is one.
            let sign = rest[1..].chars().next().filter(char::is_ascii_punctuation);
            out.push('\\');
            out.push(sign.unwrap_or('\\'));
            rest = &rest[1 + sign.map_or(0, char::len_utf8)..];
        } else if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = rest.find(|c: char| c.is_whitespace() || "<>\"`)]|\\".contains(c));
            let end = end.unwrap_or(rest.len());
            let address =
                rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
            out.push_str(&format!("<{address}>"));
            rest = &rest[address.len()..];
        } else {
            if matches!(c, '[' | ']' | '<' | '>' | '|' | '~') {
                out.push('\\');
            }
            let length =
                if c.is_whitespace() { rest.len() - rest.trim_start().len() } else { c.len_utf8() };
            out.push(if c.is_whitespace() { ' ' } else { c });
            rest = &rest[length..];
        }
    }
}

/// The starts of the runs of backticks in a line, by their length, the last first.
struct Backticks(HashMap<usize, Vec<usize>>);

impl Backticks {
    fn of(line: &str) -> Self {
        let mut runs: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut at = 0;
        while let Some(found) = line[at..].find('`') {
            let start = at + found;
            let length = line[start..].bytes().take_while(|&b| b == b'`').count();
            runs.entry(length).or_default().push(start);
            at = start + length;
        }
        runs.values_mut().for_each(|starts| starts.reverse());
        Self(runs)
    }

    /// The next run of exactly `ticks` backticks behind `at`.
    fn next(&mut self, ticks: usize, at: usize) -> Option<usize> {
        let starts = self.0.get_mut(&ticks)?;
        while starts.last().is_some_and(|start| *start <= at) {
            starts.pop();
        }
        starts.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::{closed, code, rustdoc};

    #[test]
    fn links_html_and_addresses_are_made_harmless() {
        assert_eq!(
            rustdoc("See [here], <b> and https://a.example/x(y). `Vec<[u8]>` stays."),
            ["See \\[here\\], \\<b\\> and <https://a.example/x(y>). `Vec<[u8]>` stays."]
        );
        assert_eq!(rustdoc("an `open tick [a]"), ["an \\`open tick \\[a\\]"]);
    }

    #[test]
    fn a_backslash_frees_nothing() {
        assert_eq!(rustdoc(r"\[a\](b) \\[c] \<d> e\f"), [r"\[a\](b) \\\[c\] \<d\> e\\f"]);
        assert_eq!(rustdoc(r"\`[a]` `b\` [c]"), [r"\`\[a\]` `b\` \[c\]"]);
    }

    #[test]
    fn nothing_becomes_a_test() {
        assert_eq!(
            rustdoc("Call:\n\n    let x = 1;\n\n```\nrun me\n```\n~~~json\n{}"),
            ["Call:", "", "let x = 1;", "", "```text", "run me", "```", "~~~text", "{}", "~~~"]
        );
        assert_eq!(
            rustdoc("- ~~~rust\n- ```rust\n> ~~~\n~~"),
            ["- \\~\\~\\~rust", "- \\`\\`\\`rust", "\\> \\~\\~\\~", "\\~\\~"]
        );
    }

    #[test]
    fn no_list_item_begins_with_code() {
        assert_eq!(
            rustdoc("-     let x;\n1.  \t  let y;\n* +     let `a  b`;"),
            ["- let x;", "1. let y;", "* + let `a  b`;"]
        );
    }

    #[test]
    fn no_line_of_signs_is_a_block() {
        assert_eq!(
            rustdoc("a | b\n--|--\n===\n- - -\n:-:\n*"),
            ["a \\| b", "\\--\\|--", "\\===", "- - \\-", "\\:-:", "\\*"]
        );
    }

    #[test]
    fn what_a_comment_cannot_hold_is_replaced() {
        assert_eq!(rustdoc("a\r\nb\rc\u{202e}d\u{0}"), ["a", "b", "c\u{fffd}d\u{fffd}"]);
    }

    #[test]
    fn formatting_survives() {
        let text = "# A\n\n*b* **c** `d`\n\n- e\n  - f\n1. g\n2) h";
        assert_eq!(rustdoc(text), text.lines().collect::<Vec<_>>());
        assert_eq!(rustdoc("- a\n    - b\n      c"), ["- a", "  - b", "c"]);
    }

    #[test]
    fn a_block_left_open_swallows_nothing() {
        assert_eq!(closed("a\n````\nb\n```\n"), "a\n````\nb\n```\n````");
        assert_eq!(closed("a\n```\nb\n```"), "a\n```\nb\n```");
    }

    #[test]
    fn code_holds_anything() {
        for (text, expected) in [
            ("a", "`a`"),
            ("a\n~~~ b", "`a ~~~ b`"),
            ("a``b`c", "```a``b`c```"),
            ("`a", "`` `a ``"),
            ("", "`  `"),
        ] {
            assert_eq!(code(text), expected);
            assert_eq!(rustdoc(&code(text)), [expected]);
        }
    }
}
