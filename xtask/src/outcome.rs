//! How a command ends: its exit code, and how an error is shown.

use std::{fmt, io::Write};

/// How a command ended that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All is well, and for `pull`: nothing changed.
    Done,
    /// `pull` replaced at least one document.
    Changed,
    /// Something failed that the command has listed.
    Failed,
    /// `drift` found something, and nothing at its threshold.
    Drift,
    /// `drift` found something at or above its threshold.
    AtThreshold,
    /// `drift` could not look at everything.
    Undetermined,
    /// `generate --spec` made a crate that lacks at least one operation.
    LeftOut,
}

impl Outcome {
    /// The exit code, which scripts may rely on.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed | Self::Drift => 1,
            Self::AtThreshold => 2,
            Self::Undetermined => 3,
            Self::LeftOut => 4,
            Self::Changed => 10,
        }
    }
}

/// The exit code of a command line that is wrong: `EX_USAGE` of sysexits.h. Not
/// clap's own 2, which is an answer of `drift`.
pub const USAGE: u8 = 64;

/// The command line asks for something that cannot be; exit code [`USAGE`].
#[derive(Debug)]
pub struct Usage(String);

impl Usage {
    pub(crate) fn error(message: impl Into<String>) -> anyhow::Error {
        Self(message.into()).into()
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

/// `drift` could not do its work: neither "no drift" nor a small one.
#[derive(Debug)]
pub(crate) struct CannotTell;

impl fmt::Display for CannotTell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("whether there is drift could not be determined")
    }
}

/// The exit code of a command that ended in `error`.
pub fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<Usage>() {
        USAGE
    } else if error.is::<CannotTell>() {
        Outcome::Undetermined.exit_code()
    } else if is_closed_pipe(error) {
        // `cargo xtask surface | head`: the reader has seen what it wanted.
        0
    } else {
        1
    }
}

/// Writes `error` and everything that caused it to `err`.
pub fn report(error: &anyhow::Error, err: &mut dyn Write) {
    if is_closed_pipe(error) {
        return;
    }
    // If standard error is closed as well, nobody is left to be told.
    let _ = writeln!(err, "error: {}", chain(error));
}

/// `error` and its causes, one a line.
pub(crate) fn chain(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    causes.join("\n  caused by: ")
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<std::io::Error>();
    error.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use anyhow::{Context as _, anyhow};

    use super::{CannotTell, Outcome, Usage, exit_code, report};

    #[test]
    fn a_report_has_the_whole_chain() {
        let error = anyhow!("connection refused").context("cannot reach it").context("no answer");
        let mut shown = Vec::new();
        report(&error, &mut shown);
        assert_eq!(
            String::from_utf8(shown).unwrap(),
            "error: no answer\n  caused by: cannot reach it\n  caused by: connection refused\n"
        );
        assert_eq!(exit_code(&error), 1);
    }

    #[test]
    fn exit_codes_are_stable() {
        let codes = [Outcome::Done, Outcome::Failed, Outcome::Changed].map(Outcome::exit_code);
        assert_eq!(codes, [0, 1, 10]);
        assert_eq!(Outcome::LeftOut.exit_code(), 4);
        let drift = [Outcome::Done, Outcome::Drift, Outcome::AtThreshold, Outcome::Undetermined];
        assert_eq!(drift.map(Outcome::exit_code), [0, 1, 2, 3]);
        assert_eq!(exit_code(&Usage::error("no")), 64);
        let usage: anyhow::Result<()> = Err(Usage::error("no"));
        assert_eq!(exit_code(&usage.context("while choosing").unwrap_err()), 64);
        let closed = || std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        assert_eq!(exit_code(&closed().into()), 0);
        // Who closes the pipe on `drift` has not been told that there is none.
        assert_eq!(exit_code(&anyhow::Error::new(closed()).context(CannotTell)), 3);
        let usage: anyhow::Result<()> = Err(Usage::error("no"));
        assert_eq!(exit_code(&usage.context(CannotTell).unwrap_err()), 64);
    }
}
