//! The properties of one service, and what each must look like.

use std::{collections::BTreeMap, time::Duration};

use super::{Environment, file::Line, names, place::Place, vcap};
use crate::runtime::{
    Error, Secret,
    auth::settings::{CONTROL, WRAPPED, credential_fault},
    endpoint::Endpoint,
};

/// Properties by name, without the service's prefix.
pub(super) type Entries = BTreeMap<String, Property>;

/// One property.
#[derive(Clone)]
pub(super) struct Property {
    /// What its source calls it.
    pub(super) label: String,
    /// Without spaces around it; `None` if it is no Unicode.
    pub(super) value: Option<Secret>,
    pub(super) place: Place,
}

impl Property {
    /// Whether it says nothing, which counts as not being there.
    pub(super) fn is_blank(&self) -> bool {
        self.value.as_ref().is_some_and(|value| value.expose().is_empty())
    }
}

/// What the first source that knows the service says of it.
pub(super) struct Properties {
    prefix: String,
    entries: Entries,
}

/// What precedes a service's properties: `IAM_IDENTITY_`.
pub(super) fn prefix(service: &str) -> String {
    format!("{}_", service.to_uppercase().replace(['-', ' '], "_"))
}

/// Returns whether a variable of this name is read for one of `services`.
pub(super) fn is_known(variable: &str, services: &[&str]) -> bool {
    let of_service =
        |service: &&str| variable.strip_prefix(&prefix(service)).is_some_and(names::is_known);
    names::VARIABLES.contains(&variable) || services.iter().any(of_service)
}

impl Properties {
    /// Those of `service` from the credential file, the environment or
    /// `VCAP_SERVICES`: all from the first of them that has any.
    ///
    /// # Errors
    /// A property that stands twice in the file with different values, and a
    /// `VCAP_SERVICES` that cannot be read, if it is its turn.
    pub(super) fn find(
        environment: &Environment,
        file: &[Line],
        service: &str,
    ) -> Result<Self, Error> {
        let prefix = prefix(service);
        let is_any = |entries: &Entries| entries.values().any(|property| !property.is_blank());
        let mut entries = from_file(file, &prefix)?;
        if !is_any(&entries) {
            let variables = environment.variables().filter_map(|(label, value)| {
                let name = label.strip_prefix(&prefix)?.to_owned();
                let value = value.map(|value| value.expose().trim().into());
                let label = label.to_owned();
                Some((name, Property { label, value, place: Place::Environment }))
            });
            let variables: Entries = variables.collect();
            if is_any(&variables) {
                entries = variables;
            } else {
                let bound = vcap::read(environment, service)?;
                if is_any(&bound) {
                    entries = bound;
                }
            }
        }
        Ok(Self { prefix, entries })
    }

    /// Whether there is a value.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.get(name).is_some_and(|property| !property.is_blank())
    }

    /// The property as errors name it: with its place, if it has one.
    pub(super) fn named(&self, name: &str) -> String {
        match self.entries.get(name) {
            Some(Property { label, place, .. }) => format!("{label} (in {place})"),
            None => self.full_name(name),
        }
    }

    /// The property as its source calls it, or would call it.
    pub(super) fn full_name(&self, name: &str) -> String {
        let place = self.entries.values().map(|property| &property.place).next();
        match place {
            Some(place @ Place::Vcap(_)) => format!("{} (in {place})", name.to_lowercase()),
            _ => format!("{}{name}", self.prefix),
        }
    }

    /// That a property cannot be used.
    pub(super) fn error(&self, name: &str, problem: &str) -> Error {
        Error::configuration(&self.named(name), problem)
    }

    /// That a property is needed, and why.
    pub(super) fn missing(&self, name: &str, why: &str) -> Error {
        let state = if self.entries.contains_key(name) { "is empty" } else { "is not set" };
        self.error(name, &format!("{state}, {why}{}", self.unknown()))
    }

    /// The unknown names with the prefix, to be said when something is missing:
    /// `; IAM_IDENTITY_ and 5 more characters (in …) is not a property, …`. The name
    /// may be a misplaced value.
    pub(super) fn unknown(&self) -> String {
        let unknown = self.entries.iter().filter(|(name, _)| !names::is_known(name));
        unknown
            .map(|(name, Property { place, .. })| {
                let meant = names::suggestion(name).map(|meant| self.full_name(meant));
                let meant = meant.map(|meant| format!(", did you mean {meant}?"));
                let (shown, meant) = (shown(&self.prefix, name), meant.unwrap_or_default());
                format!("; {shown} (in {place}) is not a property{meant}")
            })
            .collect()
    }

    /// Whether a credential seems to be there under a name that is misspelt.
    pub(super) fn has_misspelt(&self) -> bool {
        self.entries
            .keys()
            .filter(|name| !names::is_known(name))
            .filter_map(|name| names::suggestion(name))
            .any(names::is_credential)
    }

    fn value(&self, name: &str) -> Result<Option<&str>, Error> {
        let Some(property) = self.entries.get(name) else { return Ok(None) };
        let Some(value) = &property.value else {
            return Err(self.error(name, "is no Unicode; set it again"));
        };
        let value = value.expose();
        if value.contains(char::is_control) {
            return Err(self.error(name, CONTROL));
        }
        Ok((!value.is_empty()).then_some(value))
    }

    /// Any text that does not stand in braces or quotes.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Error> {
        let value = self.value(name)?;
        let pairs = [('{', '}'), ('"', '"'), ('\'', '\'')];
        let is_wrapped = |value: &str| {
            value.len() > 1
                && pairs.iter().any(|(a, b)| value.starts_with(*a) && value.ends_with(*b))
        };
        match value {
            Some(value) if is_wrapped(value) => Err(self.error(name, WRAPPED)),
            value => Ok(value),
        }
    }

    /// Text that neither begins nor ends with a brace or double quote, as IBM's
    /// SDKs want it of addresses and credentials.
    pub(super) fn plain(&self, name: &str) -> Result<Option<&str>, Error> {
        match self.text(name)? {
            Some(value) if value.starts_with(['{', '"']) || value.ends_with(['}', '"']) => {
                Err(self.error(name, WRAPPED))
            }
            value => Ok(value),
        }
    }

    /// A key or token: plain, of printable ASCII characters without spaces.
    pub(super) fn token(&self, name: &str) -> Result<Option<Secret>, Error> {
        let Some(value) = self.plain(name)? else { return Ok(None) };
        match credential_fault(value) {
            Some(problem) => Err(self.error(name, problem)),
            None => Ok(Some(value.into())),
        }
    }

    /// Yes or no, in one of the spellings that an SDK of IBM's reads so.
    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Error> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        match value.to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(Some(true)),
            "false" | "f" | "0" => Ok(Some(false)),
            _ => Err(self.error(name, "must be true or false; correct it")),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u32>, Error> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        // `parse` takes a plus, too.
        let digits = value.bytes().all(|byte| byte.is_ascii_digit());
        match value.parse() {
            Ok(number) if digits => Ok(Some(number)),
            _ => Err(self.error(name, "must be a whole number, such as 4; correct it")),
        }
    }

    /// A time in seconds, more than zero.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Duration>, Error> {
        let Some(value) = self.text(name)? else { return Ok(None) };
        // Neither `inf` nor `1e3`.
        let plain = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let seconds = value.parse().ok().filter(|_| plain);
        match seconds.map(Duration::try_from_secs_f64) {
            Some(Ok(time)) if !time.is_zero() => Ok(Some(time)),
            _ => {
                let problem = "must be a number of seconds above zero, such as 30; correct it";
                Err(self.error(name, problem))
            }
        }
    }

    /// The URL of a service.
    pub(super) fn endpoint(&self, name: &str) -> Result<Option<&str>, Error> {
        self.url(name, Endpoint::check)
    }

    /// The URL of a virtual server's metadata service.
    pub(super) fn metadata_endpoint(&self, name: &str) -> Result<Option<&str>, Error> {
        self.url(name, Endpoint::check_metadata)
    }

    fn url(
        &self,
        name: &str,
        check: impl Fn(&str) -> Result<Endpoint, &'static str>,
    ) -> Result<Option<&str>, Error> {
        let Some(value) = self.plain(name)? else { return Ok(None) };
        match check(value) {
            Ok(_) => Ok(Some(value)),
            Err(problem) => Err(self.error(name, problem)),
        }
    }
}

/// A name behind the prefix: in full if it is known, or else its length, since
/// it may be a misplaced value.
fn shown(prefix: &str, name: &str) -> String {
    if names::is_known(name) {
        format!("{prefix}{name}")
    } else {
        match name.chars().count() {
            1 => format!("{prefix} and 1 more character"),
            length => format!("{prefix} and {length} more characters"),
        }
    }
}

fn from_file(file: &[Line], prefix: &str) -> Result<Entries, Error> {
    let mut entries = Entries::new();
    for Line { name: label, value, place } in file {
        let Some(name) = label.strip_prefix(prefix) else { continue };
        let property =
            Property { label: label.clone(), value: Some(value.clone()), place: place.clone() };
        let Some(earlier) = entries.insert(name.to_owned(), property) else { continue };
        if earlier.value.as_ref() != Some(value) {
            let setting = format!("{} (in {place})", shown(prefix, name));
            let problem = format!("has another value in {}; remove one of them", earlier.place);
            return Err(Error::configuration(&setting, &problem));
        }
    }
    Ok(entries)
}
