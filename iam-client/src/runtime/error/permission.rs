//! What a caller lacks who was refused.

use std::fmt;

use reqwest::{Request, Url};
use serde_json::Value;

use crate::runtime::{
    AuditEvent, Caller, Error, Operation, RequiredAction, Role, path,
    text::{Redactor, Typed},
};

/// Longest value of a path argument that is kept.
const TARGET_LIMIT: usize = 500;
/// Begins the actions on policies, which a role on the service of the policy
/// grants.
const POLICY_ACTIONS: &str = "iam.policy.";

/// The permissions that a refused call needs, and where the refusal is recorded.
///
/// From the operation's document (`x-ibm-permissions`, `x-ibm-events`), the
/// table of platform and service roles, the request and the caller's token.
/// `Display` is one line of all of it.
#[derive(Debug, Clone)]
pub struct PermissionHint {
    operation: &'static Operation,
    refused: Refused,
    caller: Option<Caller>,
}

/// The facts about a refused request.
#[derive(Clone)]
pub(super) struct Refused {
    /// The actions it needs, and the condition of each that cannot be judged.
    actions: Vec<(&'static RequiredAction, Option<&'static str>)>,
    /// The arguments in its path.
    target: Vec<(&'static str, String)>,
    /// The service that its policy gives access to.
    service: Option<String>,
}

impl Refused {
    pub(super) fn new(
        operation: &'static Operation,
        base: &Url,
        request: &Request,
        redactor: &Redactor,
    ) -> Self {
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = body.and_then(|body| serde_json::from_slice::<Value>(body).ok());
        let actions = operation.actions.iter().filter_map(|action| {
            let condition = action.when.map(condition);
            match condition.and_then(|condition| applies(condition, request.url(), body.as_ref())) {
                Some(false) => None,
                Some(true) => Some((action, None)),
                None => Some((action, condition)),
            }
        });
        let target = path::arguments(operation, base, request.url()).into_iter();
        let target = target
            .map(|(name, value)| (name, redactor.clean(&value, TARGET_LIMIT).unwrap_or_default()));
        Self {
            actions: actions.collect(),
            target: target.collect(),
            service: body.as_ref().and_then(policy_service),
        }
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target: Vec<_> = self.target.iter().map(|(name, value)| (name, Shown(value))).collect();
        formatter
            .debug_struct("Refused")
            .field("actions", &self.actions)
            .field("target", &target)
            .field("service", &self.service)
            .finish()
    }
}

impl Error {
    /// Who needs what to be allowed the operation; `None` unless it was refused
    /// with 403 and the documents know something about it.
    #[must_use]
    pub fn permission_hint(&self) -> Option<PermissionHint> {
        let operation = self.0.operation.filter(|_| self.is_permission())?;
        let refused = self.0.refused.clone().filter(|_| operation.is_documented())?;
        Some(PermissionHint { operation, refused, caller: self.0.caller.clone() })
    }
}

impl PermissionHint {
    /// The actions that the caller must be allowed. One whose
    /// [condition](RequiredAction::when) does not hold for this request is left
    /// out.
    pub fn actions(&self) -> impl Iterator<Item = &'static RequiredAction> {
        self.refused.actions.iter().map(|(action, _)| *action)
    }

    /// The roles that grant `action`.
    pub fn roles(&self, action: &RequiredAction) -> impl Iterator<Item = &'static Role> {
        let name = action.name;
        crate::ROLES.iter().filter(move |role| role.actions.contains(&name))
    }

    /// The target of the call: the arguments in its path, by name. `Display`
    /// shows those that look like identifiers of IAM, and only the length of
    /// others.
    pub fn target(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.refused.target.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The service that the policy in the request gives access to, such as
    /// `cloud-object-storage`. A role on that service allows the call.
    #[must_use]
    pub fn policy_service(&self) -> Option<&str> {
        self.refused.service.as_deref()
    }

    /// The audit events under which the refusal is recorded, with the caller as
    /// initiator.
    #[must_use]
    pub fn events(&self) -> &'static [AuditEvent] {
        self.operation.events
    }

    /// The caller, by the claims of the token that was sent.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }
}

impl fmt::Display for PermissionHint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lead = "";
        for (index, (action, condition)) in self.refused.actions.iter().enumerate() {
            formatter.write_str(match (index, action.inferred) {
                (0, false) => "needs ",
                (0, true) => "probably needs ",
                (_, false) => " and ",
                (_, true) => " and probably ",
            })?;
            formatter.write_str(action.name)?;
            if let Some(condition) = condition {
                write!(formatter, " (if {condition})")?;
            }
            self.fmt_roles(action, formatter)?;
            lead = "; ";
        }
        for (index, (name, value)) in self.refused.target.iter().enumerate() {
            let lead = if index == 0 { format!("{lead}target: ") } else { ", ".to_owned() };
            write!(formatter, "{lead}{name} {}", Shown(value))?;
        }
        if !self.refused.target.is_empty() {
            lead = "; ";
        }
        for (index, event) in self.events().iter().enumerate() {
            match index {
                0 => formatter.write_str(lead)?,
                _ => formatter.write_str(" or ")?,
            }
            formatter.write_str(match (index, event.inferred) {
                (0, false) => "recorded as audit event ",
                (0, true) => "probably recorded as audit event ",
                (_, false) => "",
                (_, true) => "probably ",
            })?;
            formatter.write_str(event.name)?;
            lead = "; ";
        }
        match &self.caller {
            Some(caller) => write!(formatter, "{lead}called by {caller}"),
            None => Ok(()),
        }
    }
}

impl PermissionHint {
    /// ` (granted by Administrator, Editor on iam-identity)`.
    fn fmt_roles(
        &self,
        action: &RequiredAction,
        formatter: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let mut grants: Vec<(&str, Vec<&str>)> = Vec::new();
        let policy_service = match self.policy_service() {
            Some(service) => format!("{service}, the service of the policy"),
            None => "the service that the policy gives access to".to_owned(),
        };
        for role in self.roles(action) {
            let is_about_policy = action.name.starts_with(POLICY_ACTIONS);
            let service = if is_about_policy { policy_service.as_str() } else { role.service };
            match grants.iter_mut().find(|(known, _)| *known == service) {
                None => grants.push((service, vec![role.name])),
                Some((_, roles)) if roles.contains(&role.name) => {}
                Some((_, roles)) => roles.push(role.name),
            }
        }
        if grants.is_empty() {
            return Ok(());
        }
        let grants: Vec<_> = grants
            .iter()
            .map(|(service, roles)| format!("{} on {service}", roles.join(", ")))
            .collect();
        write!(formatter, " (granted by {})", grants.join("; "))
    }
}

/// A condition without the words around it.
fn condition(when: &'static str) -> &'static str {
    let when = when.trim().trim_end_matches('.');
    let lead = ["if ", "If ", "when ", "When "].into_iter();
    lead.filter_map(|lead| when.strip_prefix(lead)).next().unwrap_or(when)
}

/// Returns whether a condition holds for a request; `None` if that cannot be told.
///
/// Conditions are prose, of which three forms are read: `scope=account` and
/// `account_id given`, of query parameters, and `the body has apikey`.
fn applies(condition: &str, url: &Url, body: Option<&Value>) -> Option<bool> {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_-.".contains(&c))
    };
    if let Some((name, value)) = condition.split_once('=') {
        let (name, value) = (name.trim(), value.trim_matches([' ', '\'', '"', '`', '=']));
        let holds = || url.query_pairs().any(|pair| pair.0 == name && pair.1 == value);
        return (is_name(name) && is_name(value)).then(holds);
    }
    if let Some(name) = condition.strip_suffix(" given") {
        return is_name(name).then(|| url.query_pairs().any(|pair| pair.0 == name));
    }
    let name = condition.strip_prefix("the body has ").filter(|name| is_name(name))?;
    Some(body?.get(name).is_some_and(|value| !value.is_null()))
}

/// The service that the policy in a body gives access to, if it is one.
fn policy_service(body: &Value) -> Option<String> {
    let mut services = Vec::new();
    collect_services(body, &mut services);
    services.dedup();
    let is_name = |name: &str| {
        name.len() <= 64
            && name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    match services.as_slice() {
        [service] if is_name(service) => Some((*service).to_owned()),
        _ => None,
    }
}

/// Collects the attributes `serviceName` of resources: `{"name": …, "value": …}`
/// in policies, with `key` for the name in those of version 2.
fn collect_services<'a>(value: &'a Value, services: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => {
            for item in items {
                collect_services(item, services);
            }
        }
        Value::Object(fields) => {
            let name = fields.get("name").or_else(|| fields.get("key")).and_then(Value::as_str);
            let value = fields.get("value").and_then(Value::as_str);
            if let (Some("serviceName"), Some(value)) = (name, value) {
                services.push(value);
            }
            // The subject of an authorization is a service, too.
            for (name, value) in fields {
                if !matches!(name.as_str(), "subject" | "subjects") {
                    collect_services(value, services);
                }
            }
        }
        _ => {}
    }
}

/// An argument as text shows it: an identifier in full, and of anything else,
/// which may be a misplaced secret, the length.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_identifier(self.0) {
            formatter.write_str(self.0)
        } else {
            fmt::Display::fmt(&Typed(self.0), formatter)
        }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Returns whether a text has the form of IAM's identifiers: a version, an account's 32
/// digits, a UUID behind a kind (`ApiKey-…`) or alone, a user's IAM ID, a CRN.
fn is_identifier(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_uuid = |text: &str| {
        let groups: Vec<_> = text.split('-').collect();
        groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
            && groups.iter().all(|group| digits(group))
    };
    let is_version =
        (1..=4).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    let is_account = text.len() == 32 && digits(text);
    let is_of_kind = text.len() >= 36 && text.is_char_boundary(text.len() - 36) && {
        let (kind, id) = text.split_at(text.len() - 36);
        let kind = kind.strip_suffix('-').unwrap_or(kind);
        is_uuid(id)
            && kind.len() <= 40
            && kind.bytes().all(|c| c.is_ascii_alphabetic() || c == b'-')
    };
    let is_user = text
        .strip_prefix("IBMid-")
        .is_some_and(|id| id.len() <= 12 && id.bytes().all(|c| c.is_ascii_alphanumeric()));
    let is_crn = text.starts_with("crn:v1:")
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b":-_./".contains(&c));
    is_version || is_account || is_of_kind || is_user || is_crn
}
