//! Points in time as services write them.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time, kept in the text that it came in.
///
/// Services do not agree on how to write one: IBM Cloud's identity service
/// sends `2020-09-28T17:49+0000`, others RFC 3339. The text is therefore kept
/// as sent: displaying or serializing a value gives it back to the letter, and
/// reading one never fails because of its form. [`to_system_time`] and
/// [`unix_seconds`] interpret it.
///
/// Two values are equal if their **texts** are, and they are ordered by text,
/// which is the order in time only among values of the same form and offset.
/// Compare [`to_system_time`] where that matters.
///
/// [`to_system_time`]: Timestamp::to_system_time
/// [`unix_seconds`]: Timestamp::unix_seconds
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    /// The text as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The point in time, or `None` if the text is not understood.
    ///
    /// Understood are RFC 3339 (with `T` or a space; `Z` or an offset; any
    /// fraction of a second, of which nanoseconds are kept) and the same
    /// without seconds or without the colon of the offset, and
    /// `2023-03-07T13:55:33:428+0000`, with a colon before the milliseconds. An
    /// offset is required: a time without one is not a point in time.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let time = parse(&self.0)?;
        let since = time.as_duration();
        let distance: Duration = since.unsigned_abs();
        if since.is_negative() {
            UNIX_EPOCH.checked_sub(distance)
        } else {
            UNIX_EPOCH.checked_add(distance)
        }
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down, or `None` if
    /// the text is not understood (see [`to_system_time`](Self::to_system_time)).
    #[must_use]
    pub fn unix_seconds(&self) -> Option<i64> {
        let nanoseconds = parse(&self.0)?.as_nanosecond();
        i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()
    }
}

/// Reads every form that [`Timestamp::to_system_time`] promises.
fn parse(text: &str) -> Option<jiff::Timestamp> {
    // jiff also takes forms that are no date-time of RFC 3339, such as
    // `20200928T174900Z` or a time zone's name in brackets.
    let extended = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', ..]);
    if !extended || text.contains(['[', ',']) {
        return None;
    }
    text.parse().ok().or_else(|| with_fraction(text)?.parse().ok())
}

/// The text with the colon between seconds and their fraction made a point.
fn with_fraction(text: &str) -> Option<String> {
    let (start, rest) = text.split_at_checked("2023-03-07T13:55:33".len())?;
    Some(format!("{start}.{}", rest.strip_prefix(':')?))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// Takes the text as it is, understood or not; parse it to be strict.
impl From<String> for Timestamp {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Takes the text as it is, understood or not; parse it to be strict.
impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Writes RFC 3339 in UTC, with as many digits of a fraction as are needed.
///
/// A time outside the years 0 to 9999, which RFC 3339 cannot write, becomes
/// the nearest that it can.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        /// 0000-01-01T00:00:00Z.
        const FIRST_SECOND: i64 = -62_167_219_200;
        let first = jiff::Timestamp::from_second(FIRST_SECOND).unwrap_or(jiff::Timestamp::MIN);
        let last = jiff::Timestamp::MAX;
        let time =
            jiff::Timestamp::try_from(time).unwrap_or(if time < UNIX_EPOCH { first } else { last });
        Self(time.clamp(first, last).to_string())
    }
}

/// Takes only text that [`Timestamp::to_system_time`] understands.
impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parse(text) {
            Some(_) => Ok(Self::from(text)),
            None => Err(ParseTimestampError(())),
        }
    }
}

impl AsRef<str> for Timestamp {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        concat!(module_path!(), "::Timestamp").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "date-time"})
    }
}

/// The error of parsing a [`Timestamp`] from text that is not a date-time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseTimestampError(());

impl fmt::Display for ParseTimestampError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .write_str("not a date-time with an offset, such as `2020-09-28T17:49:00Z` in RFC 3339")
    }
}

impl std::error::Error for ParseTimestampError {}
