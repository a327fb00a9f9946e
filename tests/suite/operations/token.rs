//! The token operation, which is in no SDK's service classes, in the form of
//! the facts.
//!
//! Grants and their fields are those of IBM's SDK cores (`apikey`,
//! `refresh_token`, `assume`, `cr-token`) and of IBM's public documentation of
//! the endpoint (the others).

use serde_json::{Value, json};

use super::facts::{Model, Operation};

/// The operationId, here and in the document.
pub(super) const ID: &str = "create_access_token";
/// The name of what it returns.
pub(super) const RESPONSE: &str = "TokenResponse";

const TEXTS: [&str; 16] = [
    "access_token",
    "account",
    "apikey",
    "cookie",
    "cr_token",
    "desired_iam_id",
    "passcode",
    "password",
    "profile_crn",
    "profile_id",
    "profile_name",
    "receiver_client_ids",
    "refresh_token",
    "response_type",
    "scope",
    "username",
];

/// The operation and the model of its response.
pub(super) fn facts() -> (Operation, Model) {
    let field = |name: &str, type_: &str| json!({"name": name, "type": type_, "required": false});
    let mut fields: Vec<Value> = TEXTS.iter().map(|name| field(name, "string")).collect();
    fields.push(field("delegated_refresh_token_expiry", "integer"));
    fields.push(json!({
        "name": "grant_type",
        "type": "string",
        "required": true,
        "enum": ["urn:ibm:params:oauth:grant-type:apikey"],
    }));
    let operation = json!({
        "id": ID,
        "method": "POST",
        "path": "/identity/token",
        "params": [
            {"name": "IBM-Cloud-Tenant", "in": "header", "type": "string", "required": false},
        ],
        "body": {
            "content_type": "application/x-www-form-urlencoded",
            "required": true,
            "fields": fields,
        },
        "responses": {"200": {"type": RESPONSE}},
        "pager": null,
    });
    let response = json!({"fields": [
        field("access_token", "string"),
        field("delegated_refresh_token", "string"),
        field("expiration", "integer"),
        field("expires_in", "integer"),
        field("ims_user_id", "integer"),
        field("refresh_token", "string"),
        field("scope", "string"),
        field("token_type", "string"),
    ]});
    (serde_json::from_value(operation).unwrap(), serde_json::from_value(response).unwrap())
}
