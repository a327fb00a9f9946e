//! Security schemes and the requirements that name them.

use serde_json::{Value, json};

use super::{
    context::{Context, SecuritySchemes, resolve},
    document::is_reference,
    object::{Object, drop_key, each},
};
use crate::pointer::{child, of_reference, tokens};

const SCHEMES: &str = "downconvert/security-schemes";
const REQUIREMENTS: &str = "downconvert/security";

/// Which schemes of `document` need to be known by type.
pub(super) fn survey(document: &Value) -> SecuritySchemes {
    let mut found = SecuritySchemes::default();
    let schemes = document.pointer("/components/securitySchemes").and_then(Value::as_object);
    for (name, scheme) in schemes.into_iter().flatten() {
        let resolved = resolve(document, scheme);
        let scheme = resolved.as_ref().map_or(scheme, |(_, scheme)| scheme);
        match scheme.get("type").and_then(Value::as_str) {
            Some("mutualTLS") => found.mutual_tls.insert(name.clone()),
            Some("apiKey" | "http") => found.unscoped.insert(name.clone()),
            _ => false,
        };
    }
    found
}

/// The security schemes among `components`.
pub(super) fn schemes(components: &mut Object, context: &mut Context<'_>) {
    let Some(schemes) = components.get_mut("securitySchemes").and_then(Value::as_object_mut) else {
        return;
    };
    let at = "/components/securitySchemes";
    for name in context.security.mutual_tls.clone() {
        let why = "3.0 has no mutual TLS; it is up to the connection, not to the requests";
        drop_key(schemes, &name, at, SCHEMES, why, context);
    }
    each(components, "securitySchemes", "/components", |scheme, at| {
        if !is_reference(scheme, at, context) {
            self::scheme(scheme, at, context);
        }
    });
}

fn scheme(scheme: &mut Value, at: &str, context: &mut Context<'_>) {
    let Some(scheme) = scheme.as_object_mut() else {
        return;
    };
    for key in ["deprecated", "oauth2MetadataUrl"] {
        drop_key(scheme, key, at, SCHEMES, "3.0 has no such field", context);
    }
    if let Some(flows) = scheme.get_mut("flows").and_then(Value::as_object_mut) {
        let at = child(at, "flows");
        drop_key(flows, "deviceAuthorization", &at, SCHEMES, "3.0 has no such flow", context);
    }
}

/// The security requirements of `owner`, the document or an operation.
pub(super) fn requirements(owner: &mut Object, at: &str, context: &mut Context<'_>) {
    let Some(Value::Array(alternatives)) = owner.get_mut("security") else {
        return;
    };
    let at = child(at, "security");
    let mut index = 0;
    alternatives.retain_mut(|alternative| {
        let at = child(&at, index.to_string());
        index += 1;
        match alternative.as_object_mut() {
            Some(alternative) => requirement(alternative, &at, context),
            None => true,
        }
    });
}

/// `false` if nothing of the requirement is left. (An empty one that was
/// written so means that none of the others is needed.)
fn requirement(requirement: &mut Object, at: &str, context: &mut Context<'_>) -> bool {
    let written_empty = requirement.is_empty();
    for (written, mut scopes) in std::mem::take(requirement) {
        let at = child(at, &written);
        let name = scheme_name(&written);
        if context.security.mutual_tls.contains(&name) {
            let what = format!("requirement of `{name}` left out");
            context.record(REQUIREMENTS, at, what, "3.0 has no mutual TLS");
            continue;
        }
        let roles = scopes.as_array().is_some_and(|roles| !roles.is_empty());
        if roles && context.security.unscoped.contains(&name) {
            scopes = json!([]);
            let why = "3.0 lists scopes for OAuth 2 and OpenID Connect only";
            context.record(REQUIREMENTS, at, format!("roles of `{name}` left out"), why);
        }
        requirement.insert(name, scopes);
    }
    written_empty || !requirement.is_empty()
}

/// The name of the scheme, which 3.2 allows to be written as a reference.
fn scheme_name(written: &str) -> String {
    let target = of_reference(written).unwrap_or_default();
    let mut tokens = tokens(&target);
    let section = (tokens.next(), tokens.next());
    let name = tokens.next();
    match (section, name) {
        ((Some(components), Some(section)), Some(name))
            if components == "components" && section == "securitySchemes" =>
        {
            name
        }
        _ => written.to_owned(),
    }
}
