//! Security schemes and requirements: which credentials a call carries, and where.

use std::collections::BTreeMap;

use serde_json::Value;

use super::parameter::is_token;
use crate::{adaptation::Adaptations, api::SecurityScheme, pointer};

const PASS: &str = "security";

/// Schemes of HTTP whose credential is made anew for each request.
const COMPUTED: [&str; 8] =
    ["digest", "dpop", "hoba", "mutual", "negotiate", "oauth", "scram-sha-1", "scram-sha-256"];

/// The number of references that may lead to a scheme.
const REFERENCES: usize = 16;

/// The credentials that a document describes.
pub(super) struct Security<'d> {
    /// The schemes that the client applies.
    schemes: BTreeMap<String, SecurityScheme>,
    /// The default for operations without `security`.
    default: Option<&'d Value>,
}

impl<'d> Security<'d> {
    pub(super) fn read(document: &'d Value, record: &mut Adaptations) -> Self {
        let mut schemes = BTreeMap::new();
        let declared = document.pointer("/components/securitySchemes").and_then(Value::as_object);
        for (name, declared) in declared.into_iter().flatten() {
            let at = pointer::child("/components/securitySchemes", name);
            match scheme(behind_references(document, declared), &at, record) {
                Ok(scheme) => {
                    schemes.insert(name.clone(), scheme);
                }
                Err(why) => record.record(PASS, at, "not applied", why),
            }
        }
        Self { schemes, default: document.get("security") }
    }

    pub(super) fn into_schemes(self) -> BTreeMap<String, SecurityScheme> {
        self.schemes
    }

    /// Returns whether an operation needs no credentials, and which combinations
    /// of schemes it takes otherwise.
    pub(super) fn of(
        &self,
        operation: &Value,
        at: &str,
        record: &mut Adaptations,
    ) -> (bool, Vec<Vec<String>>) {
        let own = operation.get("security");
        let at =
            if own.is_some() { pointer::child(at, "security") } else { "/security".to_owned() };
        let Some(stated) = own.or(self.default).and_then(Value::as_array) else {
            // Any scheme may be meant, and none may be needed.
            let mut any: Vec<_> = self.schemes.keys().map(|name| vec![name.clone()]).collect();
            if !any.is_empty() {
                any.push(Vec::new());
            }
            return (false, any);
        };
        let is_empty = |combination: &Value| combination.as_object().is_some_and(|c| c.is_empty());
        if stated.iter().all(is_empty) {
            return (true, Vec::new());
        }
        let mut combinations = Vec::new();
        for (index, combination) in stated.iter().enumerate() {
            let at = pointer::child(&at, index.to_string());
            let named = combination.as_object().into_iter().flatten();
            let mut names: Vec<_> = named.map(|(name, _)| name.clone()).collect();
            names.retain(|name| {
                let is_applied = self.schemes.contains_key(name);
                if !is_applied {
                    let what = format!("`{name}` left out");
                    let why = "the client applies no scheme of that name";
                    record.record(PASS, &at, what, why);
                }
                is_applied
            });
            let authorization = |name: &&String| self.schemes[*name].is_authorization();
            if names.iter().filter(authorization).count() > 1 {
                let why = "a request has one `Authorization`";
                record.record(PASS, &at, "combination left out", why);
                continue;
            }
            names.sort();
            if (!names.is_empty() || is_empty(combination)) && !combinations.contains(&names) {
                combinations.push(names);
            }
        }
        // Where credentials are optional, they are sent.
        combinations.sort_by_key(Vec::is_empty);
        (false, combinations)
    }
}

/// The place of a scheme's credential, or why the client cannot send it.
fn scheme(
    declared: &Value,
    at: &str,
    record: &mut Adaptations,
) -> Result<SecurityScheme, &'static str> {
    let text = |key: &str| declared.get(key).and_then(Value::as_str).unwrap_or_default();
    match (text("type"), text("in"), text("name")) {
        ("apiKey", _, "") => Err("it has no name"),
        ("apiKey", "header", name) if !name.bytes().all(is_token) => {
            Err("its name cannot be that of a header")
        }
        ("apiKey", "header", name) => Ok(SecurityScheme::Header(name.to_owned())),
        ("apiKey", "query", name) => Ok(SecurityScheme::Query(name.to_owned())),
        ("apiKey", "cookie", name) if !name.bytes().all(is_token) => {
            Err("its name cannot be that of a cookie")
        }
        ("apiKey", "cookie", name) => Ok(SecurityScheme::Cookie(name.to_owned())),
        ("apiKey", ..) => Err("an API key is in a header, the query or a cookie"),
        ("oauth2" | "openIdConnect", ..) => {
            let why = "flows and discovery are left to an authenticator";
            record.record(PASS, at, "a bearer token", why);
            Ok(SecurityScheme::Bearer)
        }
        ("http", ..) => match text("scheme").to_ascii_lowercase().as_str() {
            "bearer" => Ok(SecurityScheme::Bearer),
            "basic" => Ok(SecurityScheme::Basic),
            "" => Err("it has no HTTP scheme"),
            computed if COMPUTED.contains(&computed) => {
                Err("its credential is computed for each request")
            }
            _ => {
                let what = "the value of `Authorization` is given whole";
                record.record(PASS, at, what, "the HTTP scheme is neither `bearer` nor `basic`");
                Ok(SecurityScheme::Header("Authorization".to_owned()))
            }
        },
        ("mutualTLS", ..) => Err("client certificates belong to the connection (`http_client`)"),
        _ => Err("its type is unknown"),
    }
}

fn behind_references<'d>(document: &'d Value, declared: &'d Value) -> &'d Value {
    let mut declared = declared;
    for _ in 0..REFERENCES {
        let target = pointer::reference(declared).and_then(pointer::of_reference);
        match target.and_then(|target| document.pointer(&target)) {
            Some(target) => declared = target,
            None => break,
        }
    }
    declared
}
