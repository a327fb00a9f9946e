//! What a caller lacks who was refused.

use std::fmt;

use crate::runtime::{AuditEvent, Caller, Error, Operation, RequiredAction, Role};

/// What it takes to be allowed an operation, and where to look for the refusal.
///
/// From the operation's document (`x-ibm-permissions`, `x-ibm-events`), the
/// table of platform and service roles, and the caller's token. `Display` is
/// one line of all of it.
#[derive(Debug, Clone)]
pub struct PermissionHint {
    operation: &'static Operation,
    caller: Option<Caller>,
}

impl Error {
    /// Who needs what to be allowed the operation; `None` unless it was refused
    /// with 403 and the documents know something about it.
    #[must_use]
    pub fn permission_hint(&self) -> Option<PermissionHint> {
        let operation = self.0.operation.filter(|_| self.is_permission())?;
        let known = !(operation.actions.is_empty() && operation.events.is_empty());
        known.then(|| PermissionHint { operation, caller: self.0.caller.clone() })
    }
}

impl PermissionHint {
    /// The actions that the caller must be allowed.
    #[must_use]
    pub fn actions(&self) -> &'static [RequiredAction] {
        self.operation.actions
    }

    /// The roles that grant `action`.
    pub fn roles(&self, action: &RequiredAction) -> impl Iterator<Item = &'static Role> {
        let name = action.name;
        crate::ROLES.iter().filter(move |role| role.actions.contains(&name))
    }

    /// The audit events under which the refusal is recorded, with the caller as
    /// initiator.
    #[must_use]
    pub fn events(&self) -> &'static [AuditEvent] {
        self.operation.events
    }

    /// Who called, by the claims of the token that was sent.
    #[must_use]
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }
}

impl fmt::Display for PermissionHint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, action) in self.actions().iter().enumerate() {
            formatter.write_str(if index == 0 { "needs " } else { " and " })?;
            formatter.write_str(action.name)?;
            if let Some(when) = action.when {
                write!(formatter, " ({})", when.trim_end_matches('.'))?;
            }
            self.fmt_roles(action, formatter)?;
        }
        if let Some((first, others)) = self.events().split_first() {
            let lead = if self.actions().is_empty() { "" } else { "; " };
            write!(formatter, "{lead}recorded as audit event {}", first.name)?;
            for event in others {
                write!(formatter, " or {}", event.name)?;
            }
        }
        match &self.caller {
            Some(caller) => write!(formatter, "; called by {caller}"),
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
        let mut service = None;
        for role in self.roles(action) {
            match service {
                None => formatter.write_str(" (granted by ")?,
                Some(service) if service != role.service => {
                    write!(formatter, " on {service}; ")?;
                }
                Some(_) => formatter.write_str(", ")?,
            }
            formatter.write_str(role.name)?;
            service = Some(role.service);
        }
        match service {
            Some(service) => write!(formatter, " on {service})"),
            None => Ok(()),
        }
    }
}
