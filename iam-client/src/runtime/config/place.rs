//! Where a property was found.

use std::fmt;

use super::vcap;

/// Where a property stands, as errors name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// A credential file, and its line (from 1).
    File(&'static str, usize),
    /// A variable.
    Environment,
    /// The credentials of one service in `VCAP_SERVICES`.
    Vcap(vcap::Entry),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, line) => write!(formatter, "{path}, line {line}"),
            Self::Environment => formatter.write_str("the environment"),
            Self::Vcap(entry) => {
                write!(formatter, "VCAP_SERVICES, credentials of {entry}")
            }
        }
    }
}
