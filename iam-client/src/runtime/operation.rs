//! What generated code knows about each operation.

/// One operation of a service, as its OpenAPI document describes it.
///
/// Generated code holds one constant of it per operation; it can be printed,
/// compared and searched, for instance for all operations that need an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The operation's identifier in the document, such as `get_api_key`.
    pub id: &'static str,
    /// The HTTP method, in capitals.
    pub method: &'static str,
    /// The path template below the endpoint, such as `/v1/apikeys/{id}`.
    ///
    /// As the document has it: a query after `?` is sent with every request, and
    /// a fragment after `#` only tells operations of one path apart.
    pub path: &'static str,
    /// The group of operations that this one belongs to.
    pub tag: &'static str,
    /// The media type of the request body; `None` if there is no body or if
    /// what the body's encoder sets is right.
    pub content_type: Option<&'static str>,
    /// The media type asked for; `None` leaves the header as built.
    pub accept: Option<&'static str>,
    /// The documented statuses of success. Any other 2xx is taken as success,
    /// too.
    pub success: &'static [u16],
    /// Whether doing it twice has the effect of doing it once, so that it may
    /// be sent again when it is not known whether it arrived.
    pub idempotent: bool,
    /// Set if the operation is called without credentials.
    pub anonymous: bool,
    /// The combinations of credentials that it takes. A call uses the first
    /// that the client has; an empty one means that none are needed. Without any
    /// combination, the document does not say, and the client's authenticator
    /// decides.
    pub security: &'static [&'static [SecurityScheme]],
    /// Whether the service advises against it.
    pub deprecated: bool,
    /// The actions that the caller must be allowed.
    pub actions: &'static [RequiredAction],
    /// The audit events that it causes.
    pub events: &'static [AuditEvent],
}

impl Operation {
    /// Returns whether the actions that it needs are known, or the event in which a refusal
    /// is recorded.
    pub(super) fn is_documented(&self) -> bool {
        !(self.actions.is_empty() && self.events.is_empty())
    }
}

/// A credential that an [`Operation`] takes, as its document describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecurityScheme {
    /// The name in the document, for [`ClientBuilder::credential`](super::ClientBuilder::credential).
    pub name: &'static str,
    /// The place of the credential in a request.
    pub kind: SecurityKind,
}

/// The place of a credential in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SecurityKind {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// A header of this name.
    Header(&'static str),
    /// A query parameter of this name.
    Query(&'static str),
    /// A cookie of this name.
    Cookie(&'static str),
}

/// An action that the caller of an [`Operation`] must be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequiredAction {
    /// The action's name, as roles list it.
    pub name: &'static str,
    /// When it is needed; `None` means always.
    pub when: Option<&'static str>,
    /// Whether it was concluded from names and not stated by the service.
    pub inferred: bool,
}

/// An audit event that an [`Operation`] causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditEvent {
    /// The event's name, as audit records carry it.
    pub name: &'static str,
    /// When it is caused; `None` means always.
    pub when: Option<&'static str>,
    /// Whether it was concluded from names and not stated by the service.
    pub inferred: bool,
}

/// A role that IAM defines, and what it allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Role {
    /// The service that the role is given on, such as `iam-identity`.
    pub service: &'static str,
    /// The role's name, such as `Editor`.
    pub name: &'static str,
    /// Whether it is a platform role or one of the service's own.
    pub platform: bool,
    /// The actions that it allows.
    pub actions: &'static [&'static str],
}
