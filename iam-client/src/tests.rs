//! The table of roles against the file that it is made from.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ROLES;

/// The roles that grant each action, on each service that has it, by the file.
fn granted() -> BTreeMap<String, BTreeSet<(String, String)>> {
    let own = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/roles.json"));
    let table: Value = serde_json::from_str(own).unwrap();
    let mut granted = BTreeMap::<String, BTreeSet<_>>::new();
    for (service, entry) in table["services"].as_object().unwrap() {
        let mut grant = |action: &str, role: &str| {
            let roles = granted.entry(action.to_owned()).or_default();
            roles.insert((service.clone(), role.to_owned()));
        };
        for (role, entry) in entry["roles"].as_object().unwrap() {
            for action in entry["actions"].as_array().unwrap() {
                grant(action.as_str().unwrap(), role);
            }
        }
        for (action, roles) in entry["actions"].as_object().unwrap() {
            for role in roles.as_array().unwrap() {
                grant(action, role.as_str().unwrap());
            }
        }
    }
    granted
}

/// The roles that grant an action, by the table.
fn roles(action: &str) -> Vec<(String, String)> {
    let granting = ROLES.iter().filter(|role| role.actions.contains(&action));
    granting.map(|role| (role.service.to_owned(), role.name.to_owned())).collect()
}

#[test]
fn the_table_is_that_of_the_file() {
    let expected = granted();
    let actions: BTreeSet<_> = ROLES.iter().flat_map(|role| role.actions).copied().collect();
    assert_eq!(actions, expected.keys().map(String::as_str).collect());
    for (action, expected) in &expected {
        let found = roles(action);
        assert_eq!(found.len(), expected.len(), "{action}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), *expected, "{action}");
    }
}

#[test]
fn roles_stand_in_the_order_they_are_shown_in() {
    let on_identity = |names: &[&str]| -> Vec<(String, String)> {
        names.iter().map(|name| ("iam-identity".to_owned(), (*name).to_owned())).collect()
    };
    // Platform roles by rank, then the service's own by name.
    for (action, expected) in [
        ("iam-identity.serviceid.create", &["Service ID creator"][..]),
        ("iam-identity.serviceid.delete", &["Administrator", "Operator"]),
        ("iam-identity.apikey.get", &["Administrator", "Editor", "Operator"]),
        ("iam-identity.serviceid.get", &["Administrator", "Editor", "Operator", "Viewer"]),
        (
            "iam-identity.profile-template.read",
            &["Assignment Administrator", "Template Administrator"],
        ),
    ] {
        assert_eq!(roles(action), on_identity(expected), "{action}");
    }
    let services: Vec<_> = ROLES.iter().map(|role| role.service).collect();
    assert!(services.is_sorted());
    let platform = |name: &str| {
        let role = ROLES.iter().find(|role| role.service == "iam-identity" && role.name == name);
        role.unwrap().platform
    };
    assert!(platform("Viewer") && !platform("Service ID creator"));
}
