//! The table of IAM's roles, as Rust.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::quote;
use serde::Deserialize;

use crate::{
    error::{Error, Problem},
    pointer,
};

/// The file name of the table in the directory of the manifest.
pub const FILE: &str = "roles.json";

/// The platform roles that come first, by what they allow.
const RANKS: [&str; 4] = ["Administrator", "Editor", "Operator", "Viewer"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "source")]
    _source: String,
    services: BTreeMap<String, Service>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Service {
    roles: BTreeMap<String, Role>,
    /// The roles that grant an action: the same from the other side, and more,
    /// for IBM lists the actions of some roles with the actions only.
    actions: BTreeMap<String, BTreeSet<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Role {
    kind: Kind,
    actions: BTreeSet<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Platform,
    Service,
}

/// The roles in `json` as an expression of type `&[Role]`, where `Role` is the
/// runtime's: sorted by service; within one, platform roles by rank, then the
/// others by name. A role has what either side of the table gives it.
///
/// # Errors
/// No JSON, or JSON of another form (with line and column); an action that is
/// granted by a role which is not there.
pub fn generate(name: &str, json: &[u8]) -> Result<String, Error> {
    let table = read(name, json)?;
    let entries = table.services.iter().flat_map(|(service, Service { roles, .. })| {
        let mut roles: Vec<_> = roles.iter().collect();
        roles.sort_by_key(|(name, role)| (role.kind, rank(name), name.as_str()));
        roles.into_iter().map(move |(name, role)| entry(service, name, role))
    });
    Ok(quote!(&[#(#entries),*]).to_string())
}

/// The actions that at least one of the roles in `json` grants.
///
/// # Errors
/// As [`generate`].
pub fn granted(name: &str, json: &[u8]) -> Result<BTreeSet<String>, Error> {
    let services = read(name, json)?.services.into_values();
    let roles = services.flat_map(|service| service.roles.into_values());
    Ok(roles.flat_map(|role| role.actions).collect())
}

/// Reads the table, and gives each role what either side says that it grants.
fn read(name: &str, json: &[u8]) -> Result<Table, Error> {
    let mut table: Table = serde_json::from_slice(json).map_err(|error| {
        let text = error.to_string();
        // The place is given by the problem itself.
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        Error::new(name, [Problem::at(error.line(), error.column(), message)])
    })?;
    let mut problems = Vec::new();
    for (name, Service { roles, actions }) in &mut table.services {
        for (action, granting) in actions {
            for role in granting.iter() {
                if let Some(role) = roles.get_mut(role) {
                    role.actions.insert(action.clone());
                    continue;
                }
                let at = pointer::child(&pointer::child("/services", name), "actions");
                let message = format!("there is no role `{role}` among those of the service");
                let problem = Problem::new(pointer::child(&at, action), message);
                problems.push(problem.remedy("add it, or correct the name"));
            }
        }
    }
    if problems.is_empty() { Ok(table) } else { Err(Error::new(name, problems)) }
}

fn rank(name: &str) -> usize {
    RANKS.iter().position(|ranked| *ranked == name).unwrap_or(RANKS.len())
}

fn entry(service: &str, name: &str, role: &Role) -> TokenStream {
    let (platform, actions) = (role.kind == Kind::Platform, role.actions.iter());
    quote! {
        Role { service: #service, name: #name, platform: #platform, actions: &[#(#actions),*] }
    }
}

#[cfg(test)]
mod tests {
    use super::{generate, granted};

    fn made(json: &str) -> Result<String, String> {
        generate("roles.json", json.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn roles_are_sorted_by_service_kind_rank_and_name() {
        let json = r#"{"source": "a test", "services": {
            "b": {"roles": {
                "Zero": {"kind": "service", "actions": ["b.x"]},
                "Administrator": {"kind": "service", "actions": []},
                "Viewer": {"kind": "platform", "actions": ["b.y", "b.x"]},
                "Auditor": {"kind": "platform", "actions": []},
                "Editor": {"kind": "platform", "actions": []}
            }, "actions": {"b.x": ["Viewer", "Zero"], "b.z": ["Zero"]}},
            "a": {"roles": {"Say \"hi\"": {"kind": "service", "actions": []}}, "actions": {}}
        }}"#;
        let role = |service: &str, name: &str, platform: bool, actions: &str| {
            format!(
                "Role{{service:{service:?},name:{name:?},platform:{platform},actions:&[{actions}]}}"
            )
        };
        let expected = [
            role("a", "Say \"hi\"", false, ""),
            role("b", "Editor", true, ""),
            role("b", "Viewer", true, "\"b.x\",\"b.y\""),
            role("b", "Auditor", true, ""),
            role("b", "Administrator", false, ""),
            role("b", "Zero", false, "\"b.x\",\"b.z\""),
        ];
        let expected = format!("&[{}]", expected.join(","));
        let spaceless = |text: &str| text.replace(' ', "");
        assert_eq!(spaceless(&made(json).unwrap()), spaceless(&expected));
    }

    #[test]
    fn an_action_is_granted_by_a_role_from_either_side() {
        let json = r#"{"source": "a test", "services": {"a": {
            "roles": {"R": {"kind": "service", "actions": ["a.x"]}},
            "actions": {"a.y": ["R"], "a.z": []}
        }}}"#;
        let granted = granted("roles.json", json.as_bytes()).unwrap();
        assert_eq!(granted.into_iter().collect::<Vec<_>>(), ["a.x", "a.y"]);
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_place() {
        let one =
            |service: &str| format!("{{\"source\": \"\", \"services\": {{\"a/b\": {service}}}}}");
        for (json, expected) in [
            ("{", "roles.json: line 1, column 1: EOF while parsing an object"),
            ("[]", "roles.json: line 1, column 2: "),
            ("{\"source\": \"\"}", "missing field `services`"),
            (
                &one("{\"roles\": {\"R\": {\"kind\": \"x\", \"actions\": []}}, \"actions\": {}}"),
                "unknown variant `x`",
            ),
            (&one("{\"roles\": {}, \"actions\": {}, \"more\": 1}"), "unknown field `more`"),
            (
                &one("{\"roles\": {}, \"actions\": {\"x.y\": [\"R\"]}}"),
                "roles.json: /services/a~1b/actions/x.y: there is no role `R` among those of the \
                 service; add it, or correct the name",
            ),
        ] {
            let error = made(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }
}
