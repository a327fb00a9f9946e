//! `acknowledged.toml`: findings that somebody looked at and accepted until a
//! date. They are told by fingerprint, so that new words do not lose them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    path::Path,
};

use anyhow::{Context as _, Result};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::report::{Acknowledged, SourceReport};
use crate::files::{self, cannot};

/// The file name, beside the manifest of sources.
pub(crate) const FILE: &str = "acknowledged.toml";
/// An entry is a few lines.
const MAX_BYTES: u64 = 1 << 20;

/// What is wrong with the file, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    file: String,
    line: usize,
    message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

impl std::error::Error for Fault {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    acknowledged: Vec<Spanned<Raw>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    fingerprint: String,
    reason: String,
    until: String,
    /// For readers: what the fingerprint stands for.
    #[serde(default)]
    kind: String,
    #[serde(default)]
    subject: String,
}

/// One entry of the file.
#[derive(Debug, Clone)]
struct Entry {
    line: usize,
    reason: String,
    until: Date,
    about: String,
}

/// An acknowledgement that does nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Stale {
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(crate) fingerprint: String,
    pub(crate) why: Why,
    pub(crate) until: String,
    pub(crate) reason: String,
    /// What the entry says it is about.
    pub(crate) about: String,
}

/// Why it does nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Why {
    /// Its date is past: what it is about counts again.
    Expired,
    /// Nothing that was found has its fingerprint.
    Unused,
}

/// The content of the file.
#[derive(Debug, Default)]
pub(crate) struct Acknowledgements {
    file: String,
    entries: BTreeMap<String, Entry>,
}

impl Acknowledgements {
    /// Reads the file in `directory`, which errors call `shown`; one that is
    /// not there is empty.
    pub(crate) fn load(directory: &Path, shown: &str) -> Result<Self> {
        let path = directory.join(FILE);
        let content = files::read_if_any(&path, MAX_BYTES)?.unwrap_or_default();
        let text = String::from_utf8(content).with_context(|| cannot("read", &path))?;
        Ok(Self::parse(shown, &text)?)
    }

    fn parse(file: &str, text: &str) -> Result<Self, Fault> {
        let line = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let fault = |line, message: String| Fault { file: file.to_owned(), line, message };
        let content: Content = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            fault(line(at), error.message().to_owned())
        })?;
        let mut entries = BTreeMap::new();
        for entry in content.acknowledged {
            let line = line(entry.span().start);
            let entry = entry.into_inner();
            let is_hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
            if entry.fingerprint.len() != 32 || !entry.fingerprint.chars().all(is_hex) {
                let message = "`fingerprint` is not 32 hexadecimal digits in lower case; copy it from the report";
                return Err(fault(line, message.to_owned()));
            }
            if entry.reason.trim().is_empty() {
                let message = "`reason` is empty; say why the finding is accepted";
                return Err(fault(line, message.to_owned()));
            }
            let until = parse_date(&entry.until).ok_or_else(|| {
                let message = format!("`until` is {:?}; write a day as YYYY-MM-DD", entry.until);
                fault(line, message)
            })?;
            let about = [entry.kind, entry.subject].join(" ").trim().to_owned();
            let parsed = Entry { line, reason: entry.reason, until, about };
            if let Some(earlier) = entries.insert(entry.fingerprint, parsed) {
                let message =
                    format!("the fingerprint stands in line {} already; keep one", earlier.line);
                return Err(fault(line, message));
            }
        }
        Ok(Self { file: file.to_owned(), entries })
    }

    /// Marks the entries of `sources` that are acknowledged on the day `today`,
    /// and gives the acknowledgements that do nothing. Unused ones are not told
    /// if `partial`: what they are about may be in what was not looked at.
    pub(crate) fn apply(
        &self,
        sources: &mut [SourceReport],
        today: Date,
        partial: bool,
    ) -> Vec<Stale> {
        let mut used = BTreeSet::new();
        for entry in sources.iter_mut().flat_map(|source| &mut source.entries) {
            let Some((fingerprint, found)) = self.entries.get_key_value(&entry.fingerprint) else {
                continue;
            };
            used.insert(fingerprint);
            if found.until >= today {
                let until = found.until.to_string();
                entry.acknowledged = Some(Acknowledged { reason: found.reason.clone(), until });
            }
        }
        let stale = self.entries.iter().filter_map(|(fingerprint, entry)| {
            let why = match () {
                () if entry.until < today => Why::Expired,
                () if !partial && !used.contains(fingerprint) => Why::Unused,
                () => return None,
            };
            Some(Stale {
                file: self.file.clone(),
                line: entry.line,
                fingerprint: fingerprint.clone(),
                why,
                until: entry.until.to_string(),
                reason: entry.reason.clone(),
                about: entry.about.clone(),
            })
        });
        let mut stale: Vec<_> = stale.collect();
        stale.sort_by_key(|entry| (entry.why, entry.line));
        stale
    }
}

/// A day as YYYY-MM-DD, and in no other spelling.
fn parse_date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}

/// The day it is, in UTC.
pub(crate) fn today() -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date()
}

#[cfg(test)]
mod tests {
    use super::Acknowledgements;

    fn refusal(text: &str) -> String {
        Acknowledgements::parse("a.toml", text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let good = "[[acknowledged]]\nfingerprint = \"0123456789abcdef0123456789abcdef\"\n\
                    reason = \"seen\"\nuntil = \"2027-01-31\"\n";
        assert_eq!(Acknowledgements::parse("a.toml", good).unwrap().entries.len(), 1);
        assert!(Acknowledgements::parse("a.toml", "# nothing yet\n").unwrap().entries.is_empty());
        for (text, expected) in [
            (good.replace("0123456789abcdef\"", "\""), "a.toml:1: `fingerprint` is not 32"),
            (good.replace("cdef\"", "cdeF\""), "a.toml:1: `fingerprint` is not 32"),
            (good.replace("seen", " "), "a.toml:1: `reason` is empty"),
            (good.replace("01-31", "02-30"), "a.toml:1: `until` is \"2027-02-30\""),
            (good.replace("2027-01-31", "20270131"), "a.toml:1: `until` is \"20270131\""),
            (good.replace("until = \"2027-01-31\"\n", ""), "a.toml:1: missing field `until`"),
            (format!("\n{good}colour = 1\n"), "a.toml:6: unknown field `colour`"),
            (format!("{good}{good}"), "a.toml:5: the fingerprint stands in line 1 already"),
            (format!("{good}?"), "a.toml:5: "),
        ] {
            let refusal = refusal(&text);
            assert!(refusal.starts_with(expected), "{refusal}\nfor {text}");
        }
    }
}
