//! Where a property was found.

use std::fmt;

use crate::runtime::text::one_line;

/// Longest part of a path or name that errors show.
const MAX: usize = 200;

/// Where a property stands, as errors name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A credential file, and its line (from 1).
    File(String, usize),
    /// A variable.
    Environment,
    /// The credentials of one service in `VCAP_SERVICES`.
    Vcap(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(formatter, "{}, line {line}", one_line(path, MAX)),
            Self::Environment => formatter.write_str("the environment"),
            Self::Vcap(entry) => {
                write!(formatter, "VCAP_SERVICES, credentials of {}", one_line(entry, MAX))
            }
        }
    }
}
