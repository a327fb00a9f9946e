//! Descriptions as rustdoc: no link that leads nowhere, no HTML, and nothing
//! that would be run as a test.

/// The lines of `text` (CommonMark) as rustdoc lines.
pub(super) fn rustdoc(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut fence: Option<String> = None;
    let text = printable(text);
    for line in text.trim_matches('\n').lines() {
        let line = line.trim_end();
        let bare = line.trim_start();
        let marker: String = bare.chars().take_while(|&c| c == '`' || c == '~').collect();
        let is_fence = marker.len() >= 3 && marker.bytes().all(|b| b == marker.as_bytes()[0]);
        match &fence {
            Some(open) if is_fence && marker.starts_with(open.as_str()) && bare == marker => {
                lines.push(bare.to_owned());
                fence = None;
            }
            Some(_) => lines.push(line.to_owned()),
            None if is_fence => {
                // Without a language rustdoc takes a block for a test.
                lines.push(format!("{marker}text"));
                fence = Some(marker);
            }
            // Four spaces make a code block, which is a test; a list item below
            // another keeps two.
            None => {
                let indent = line.len() - bare.len();
                let indent = if is_list_item(bare) { indent.min(2) } else { 0 };
                lines.push(format!("{}{}", &"  "[..indent], escape(bare)));
            }
        }
    }
    lines.extend(fence);
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// `text` without what a comment cannot hold: a carriage return in a line,
/// other control characters, and those that turn the direction of writing.
fn printable(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let plain = |c: char| match c {
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '\u{FFFD}',
        c if c.is_control() && c != '\n' && c != '\t' => '\u{FFFD}',
        c => c,
    };
    text.chars().map(plain).collect()
}

fn is_list_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

/// Escapes what rustdoc would take for links or HTML outside of inline code,
/// and marks addresses.
fn escape(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if c == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let close = closing(&rest[ticks..], ticks);
            match close {
                Some(length) => {
                    let end = ticks + length + ticks;
                    out.push_str(&rest[..end]);
                    rest = &rest[end..];
                }
                // Never closed: no code, and nothing that swallows what follows.
                None => {
                    out.extend(std::iter::repeat_n("\\`", ticks));
                    rest = &rest[ticks..];
                }
            }
        } else if rest.starts_with("http://") || rest.starts_with("https://") {
            let end = rest.find(|c: char| c.is_whitespace() || "<>\"`)]|\\".contains(c));
            let end = end.unwrap_or(rest.len());
            let address =
                rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
            out.push_str(&format!("<{address}>"));
            rest = &rest[address.len()..];
        } else {
            if matches!(c, '[' | ']' | '<' | '>') {
                out.push('\\');
            }
            // Five spaces after the mark of a list item make a code block.
            let length =
                if c.is_whitespace() { rest.len() - rest.trim_start().len() } else { c.len_utf8() };
            out.push(if c.is_whitespace() { ' ' } else { c });
            rest = &rest[length..];
        }
    }
    out
}

/// How far it is to the next run of exactly `ticks` backticks.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(start) = text[at..].find('`').map(|found| at + found) {
        let run = text[start..].len() - text[start..].trim_start_matches('`').len();
        if run == ticks {
            return Some(start);
        }
        at = start + run;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::rustdoc;

    #[test]
    fn links_html_and_addresses_are_made_harmless() {
        assert_eq!(
            rustdoc("See [here], <b> and https://a.example/x(y). `Vec<[u8]>` stays."),
            ["See \\[here\\], \\<b\\> and <https://a.example/x(y>). `Vec<[u8]>` stays."]
        );
        assert_eq!(rustdoc("an `open tick [a]"), ["an \\`open tick \\[a\\]"]);
    }

    #[test]
    fn nothing_becomes_a_test() {
        assert_eq!(
            rustdoc("Call:\n\n    let x = 1;\n\n```\nrun me\n```\n~~~json\n{}"),
            ["Call:", "", "let x = 1;", "", "```text", "run me", "```", "~~~text", "{}", "~~~"]
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
    fn what_a_comment_cannot_hold_is_replaced() {
        assert_eq!(rustdoc("a\r\nb\rc\u{202e}d\u{0}"), ["a", "b", "c\u{fffd}d\u{fffd}"]);
    }

    #[test]
    fn lists_keep_their_levels() {
        assert_eq!(rustdoc("- a\n    - b\n      c"), ["- a", "  - b", "c"]);
    }
}
