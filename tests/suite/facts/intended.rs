//! Where documents differ from the facts on purpose.

use super::Difference;

/// Since when it is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// In the document as vendored, and so with its overlays.
    Vendored,
    /// Only with its overlays.
    Overlaid,
}

/// An intended difference.
#[derive(Debug)]
pub(super) struct Intended {
    pub(super) document: &'static str,
    pub(super) since: Stage,
    /// A `*` stands for anything.
    pub(super) place: &'static str,
    /// In how many places, exactly.
    pub(super) places: usize,
    /// What the facts say; `None` for nothing. A `*` stands for anything.
    pub(super) facts: Option<&'static str>,
    /// What the document says.
    pub(super) says: Option<&'static str>,
    pub(super) reason: &'static str,
}

impl Intended {
    pub(super) fn covers(&self, difference: &Difference) -> bool {
        let fits = |pattern: Option<&str>, text: &Option<String>| match (pattern, text) {
            (Some(pattern), Some(text)) => matches(pattern, text),
            (None, None) => true,
            _ => false,
        };
        matches(self.place, &difference.place)
            && fits(self.facts, &difference.facts)
            && fits(self.says, &difference.document)
    }
}

/// Whether `text` is `pattern`, each `*` in it standing for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|text| {
            (0..=text.len())
                .filter(|&start| text.is_char_boundary(start))
                .any(|start| matches(rest, &text[start..]))
        }),
    }
}

#[test]
fn a_star_stands_for_anything() {
    for (pattern, text) in [("a*c", "abc"), ("a*c", "ac"), ("*", ""), ("a*b*c", "a-b-b-c")] {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a*c", "abd"), ("a", "ab"), ("a*b*c", "a-c-b"), ("", "a")] {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}

/// What the facts do not have.
const fn added(
    document: &'static str,
    place: &'static str,
    places: usize,
    says: &'static str,
    reason: &'static str,
) -> Intended {
    let says = Some(says);
    Intended { document, since: Stage::Vendored, place, places, facts: None, says, reason }
}

/// One place where the document says something else.
const fn changed(
    document: &'static str,
    place: &'static str,
    facts: &'static str,
    says: &'static str,
    reason: &'static str,
) -> Intended {
    let (facts, says) = (Some(facts), Some(says));
    Intended { document, since: Stage::Vendored, place, places: 1, facts, says, reason }
}

impl Intended {
    const fn by_overlay(self) -> Self {
        Self { since: Stage::Overlaid, ..self }
    }

    const fn in_places(self, places: usize) -> Self {
        Self { places, ..self }
    }
}

const IDENTITY: &str = "iam-identity";
const POLICY: &str = "iam-policy-management";
const GROUPS: &str = "iam-access-groups";

const TOKEN: &str = "the SDKs have the token operation in their authenticators, not in the service";
const FAILURE: &str =
    "the SDKs state no failures; these are those that the kind of operation can give";
const ERROR_BODY: &str = "the body of a failure, which the SDKs do not model in this form";
const ALWAYS_SENT: &str = "a body whose fields are all optional is still sent, as {}";
const SECRET: &str = "whoever has it acts as its owner, so it must not be shown";
const KEYS: &str = "it holds keys, and has no schema";
const PRIVATE_KEY: &str = "a private key, which must not be shown";
const NOT_READY: &str = "the report is not ready yet; only prose says that it is 204 then";
const MAXIMUM: &str = "the SDKs state no maximum; the service's documentation does";
const NOT_ALWAYS: &str = "marked required in the SDKs, but it does not always come";

pub(super) const INTENDED: &[Intended] = &[
    // The token operation.
    added(IDENTITY, "operation create_access_token", 1, "POST /identity/token", TOKEN),
    added(IDENTITY, "operation create_access_token header IBM-Cloud-Tenant", 1, "string", TOKEN),
    added(
        IDENTITY,
        "operation create_access_token body",
        1,
        "application/x-www-form-urlencoded (required)",
        TOKEN,
    ),
    added(IDENTITY, "operation create_access_token body *", 18, "*", TOKEN),
    added(
        IDENTITY,
        "operation create_access_token status 200",
        1,
        "application/json TokenResponse",
        TOKEN,
    ),
    added(
        IDENTITY,
        "operation create_access_token status *",
        5,
        "application/json TokenError",
        "the token operation has an error body of its own",
    ),
    added(IDENTITY, "model TokenResponse*", 9, "*", TOKEN),
    added(IDENTITY, "model TokenError*", 18, "*", TOKEN),
    // Failures.
    added(IDENTITY, "operation * status 4*", 520, "application/json ExceptionResponse", FAILURE),
    added(IDENTITY, "operation * status 5*", 103, "application/json ExceptionResponse", FAILURE),
    added(POLICY, "operation * status 4*", 342, "application/json ErrorResponse", FAILURE),
    added(POLICY, "operation * status 5*", 63, "application/json ErrorResponse", FAILURE),
    added(POLICY, "model ErrorResponse*", 4, "*", ERROR_BODY),
    added(GROUPS, "operation * status 4*", 170, "application/json ErrorResponse", FAILURE),
    added(GROUPS, "operation * status 5*", 34, "application/json ErrorResponse", FAILURE),
    added(GROUPS, "model ErrorResponse*", 9, "*", ERROR_BODY),
    // Bodies.
    changed(
        IDENTITY,
        "operation * body",
        "application/json",
        "application/json (required)",
        ALWAYS_SENT,
    )
    .in_places(16),
    changed(
        POLICY,
        "operation * body",
        "application/json",
        "application/json (required)",
        ALWAYS_SENT,
    )
    .in_places(6),
    changed(
        GROUPS,
        "operation * body",
        "application/json",
        "application/json (required)",
        ALWAYS_SENT,
    )
    .in_places(7),
    // iam-*.corrections.yaml.
    changed(
        IDENTITY,
        "operation get_api_keys_details header IAM-ApiKey",
        "string",
        "string (password)",
        SECRET,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "operation create_api_key body apikey",
        "string",
        "string (password)",
        SECRET,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model ApiKeyInsideCreateServiceIdRequest field apikey",
        "string",
        "string (password)",
        SECRET,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model ApiKey field apikey",
        "string (required)",
        "string (password)",
        "a secret, and it comes only with a key that was just created or is kept readable",
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model CreateIdpRequestSecretsSpSigningItem field key_value",
        "string",
        "string (password)",
        PRIVATE_KEY,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model UpdateIdPRequestSecretsSpSigningItem field key_value",
        "string",
        "string (password)",
        PRIVATE_KEY,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model Idp field secrets",
        "map of any",
        "map of any (password)",
        KEYS,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model SamlMetadataImportResponse field secrets",
        "map of any (required)",
        "map of any (password, required)",
        KEYS,
    )
    .by_overlay(),
    changed(
        IDENTITY,
        "model ProfileClaimRule field expiration",
        "integer (int64, required)",
        "integer (int64)",
        NOT_ALWAYS,
    )
    .by_overlay(),
    added(IDENTITY, "operation get_report status 204", 1, "no content", NOT_READY).by_overlay(),
    added(IDENTITY, "operation get_mfa_report status 204", 1, "no content", NOT_READY).by_overlay(),
    changed(
        POLICY,
        "model RoleTemplate field description",
        "string (required)",
        "string",
        "a template can be made without one, and the Python SDK has it optional",
    )
    .by_overlay(),
    changed(
        POLICY,
        "model ActionControlTemplate field description",
        "string (required)",
        "string",
        "a template can be made without one, just as a role template can",
    )
    .by_overlay(),
    changed(
        GROUPS,
        "model AssignmentResourceEntry field error",
        "string (required)",
        "string",
        NOT_ALWAYS,
    )
    .by_overlay(),
    // iam-*.paging.yaml.
    added(IDENTITY, "operation * largest page", 5, "100", MAXIMUM).by_overlay(),
    added(GROUPS, "operation * largest page", 5, "100", MAXIMUM).by_overlay(),
    added(
        GROUPS,
        "operation list_assignments paging",
        1,
        r#"{"items":"assignments","limit_parameter":"limit","offset_parameter":"offset","size_maximum":100,"total":"total_count"}"#,
        "its answer does not point to the next page, but tells how many entries there are",
    )
    .by_overlay(),
];
