//! Errors as text.

use std::{error::Error as StdError, fmt};

use http::StatusCode;

use super::{Error, Inner, Kind, Source};
use crate::runtime::text::one_line;

/// Longest text of a source that is shown.
const CAUSE_LIMIT: usize = 1024;

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, operation, problem, status, attempts, elapsed, .. } = &*self.0;
        if let Some(operation) = operation {
            write!(formatter, "{}: ", operation.id)?;
        }
        match (kind, status) {
            (Kind::Service, Some(status)) => self.fmt_answer(*status, formatter)?,
            _ => formatter.write_str(problem)?,
        }
        if *attempts > 1 {
            write!(formatter, ", after {attempts} attempts in {:.1} s", elapsed.as_secs_f64())?;
        }
        // An exchange says under which identifiers it ran itself.
        let transaction = self.0.transaction.as_deref();
        match (self.0.report.trace.as_deref(), transaction) {
            (Some(trace), Some(id)) if trace != id => {
                write!(formatter, " (trace {trace}, transaction {id})")?;
            }
            (Some(trace), _) => write!(formatter, " (trace {trace})")?,
            (None, Some(id)) => write!(formatter, " (transaction {id})")?,
            (None, None) => {}
        }
        match self.permission_hint() {
            Some(hint) => write!(formatter, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl Error {
    fn fmt_answer(&self, status: StatusCode, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", status.as_u16())?;
        if let Some(reason) = status.canonical_reason() {
            write!(formatter, " {}", reason.to_lowercase())?;
        }
        let first = self.errors().first();
        // The message's code says more than `not_found` beside a 404.
        let code = first.and_then(|first| first.message_code().or(first.code()));
        // Beside a message, a code that repeats the status says nothing.
        let says_more = |code: &&str| {
            let reason = status.canonical_reason().unwrap_or_default();
            self.message().is_none() || !code.replace('_', " ").eq_ignore_ascii_case(reason)
        };
        if let Some(code) = code.filter(says_more) {
            write!(formatter, ": {code}")?;
        }
        if let Some(message) = self.message() {
            write!(formatter, ": {}", message.trim_end_matches('.'))?;
        } else if matches!(status.as_u16(), 301..=303 | 307 | 308) && code.is_none() {
            formatter.write_str(": redirects are not followed")?;
        }
        Ok(())
    }
}

/// The error and the chain of its sources, a line for each, as `main` prints
/// it.
impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")?;
        let mut source = StdError::source(self);
        while let Some(cause) = source {
            let text = one_line(&cause.to_string(), CAUSE_LIMIT);
            write!(formatter, "\n  caused by: {text}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_ref().map(|source| match source {
            Source::Http(source) => source as &(dyn StdError + 'static),
            Source::Exchange(source) => source.as_ref(),
            Source::Other(source) => source.as_ref(),
        })
    }
}
