//! `VCAP_SERVICES`: what Cloud Foundry tells a program of its services.

use std::fmt;

use serde_json::{Map, Value};

use super::{
    Environment,
    place::Place,
    properties::{Entries, Property},
};
use crate::runtime::Error;

const VARIABLE: &str = "VCAP_SERVICES";

/// Keys of credentials, and the properties that they are.
const KEYS: [(&str, &str); 6] = [
    ("url", "URL"),
    ("iam_url", "AUTH_URL"),
    ("apikey", "APIKEY"),
    ("iam_apikey", "IAM_APIKEY"),
    ("username", "USERNAME"),
    ("password", "PASSWORD"),
];

/// An entry, by what it was found by; other names in the variable are not
/// shown, since they may be misplaced values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// The first entry under the service's name.
    First(String),
    /// The entry named as the service.
    Named(String),
}

impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First(service) => write!(formatter, "{service}[0]"),
            Self::Named(service) => write!(formatter, "the entry named {service}"),
        }
    }
}

/// The properties of `service`: of the entry with this name, wherever it stands,
/// or else of the first entry under a key of this name.
///
/// An API key means `iam`, and without one a user name or password `basic`.
///
/// # Errors
/// A variable that is no JSON, or an entry of another shape.
pub(super) fn read(environment: &Environment, service: &str) -> Result<Entries, Error> {
    let mut entries = Entries::new();
    let refuse = |problem: &str| Error::configuration(VARIABLE, problem);
    let Some(text) = environment.get(VARIABLE) else { return Ok(entries) };
    let text = text.ok_or_else(|| refuse("is no Unicode; correct it, or unset it"))?;
    let text = text.expose().trim();
    if text.is_empty() {
        return Ok(entries);
    }
    let Ok(services) = serde_json::from_str::<Map<String, Value>>(text) else {
        return Err(refuse("must be a JSON object; correct it, or unset it"));
    };
    let named = services
        .values()
        .filter_map(Value::as_array)
        .find_map(|list| list.iter().find(|entry| entry["name"] == service))
        .map(|entry| (Entry::Named(service.to_owned()), entry));
    let first = || Some((Entry::First(service.to_owned()), services.get(service)?.get(0)?));
    let Some((at, entry)) = named.or_else(first) else { return Ok(entries) };
    let credentials = match &entry["credentials"] {
        Value::Null => return Ok(entries),
        Value::Object(credentials) => credentials,
        _ => {
            let problem = format!("the credentials of {at} must be an object; correct them");
            return Err(refuse(&problem));
        }
    };
    for (key, name) in KEYS {
        let value = match credentials.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::String(value)) => value.trim(),
            Some(_) => {
                let problem = format!("{key} of {at} must be a string; correct it");
                return Err(refuse(&problem));
            }
        };
        let place = Place::Vcap(at.clone());
        let property = Property { label: key.to_owned(), value: Some(value.into()), place };
        entries.insert(name.to_owned(), property);
    }
    let is_set = |name: &str| entries.get(name).is_some_and(|property| !property.is_blank());
    let auth_type = if is_set("APIKEY") || is_set("IAM_APIKEY") {
        Some("iam")
    } else if is_set("USERNAME") || is_set("PASSWORD") {
        Some("basic")
    } else {
        None
    };
    if let Some(auth_type) = auth_type {
        let (label, value) = ("credentials".to_owned(), Some(auth_type.into()));
        let property = Property { label, value, place: Place::Vcap(at) };
        entries.insert("AUTH_TYPE".to_owned(), property);
    }
    Ok(entries)
}
