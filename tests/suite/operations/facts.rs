//! The facts, read strictly: whatever they say and this does not know is an error.

use std::{collections::BTreeMap, fs};

use serde::Deserialize;

use super::token;
use crate::workspace;

/// Each service: the module of iam-client, its facts, and its operations.
const SERVICES: [(&str, &str, usize); 3] = [
    ("identity", "iam-identity", 103),
    ("policy_management", "iam-policy-management", 63),
    ("access_groups", "iam-access-groups", 34),
];

/// What is known of a service.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    #[serde(rename = "service")]
    _title: String,
    #[serde(rename = "source")]
    _source: String,
    #[serde(rename = "default_url")]
    _url: String,
    #[serde(rename = "api_version")]
    _version: String,
    pub(super) operations: Vec<Operation>,
    pub(super) models: Models,
}

pub(super) type Models = BTreeMap<String, Model>;

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Operation {
    /// In snake case, as in the Python SDK.
    pub(super) id: String,
    /// Where IBM's operationId is spelled otherwise.
    openapi_id: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) params: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) responses: BTreeMap<u16, Reply>,
    #[serde(default)]
    pub(super) response_headers: Vec<String>,
    pub(super) pager: Option<Pager>,
}

impl Operation {
    /// The operationId of the document.
    pub(super) fn document_id(&self) -> &str {
        self.openapi_id.as_deref().unwrap_or(&self.id)
    }

    /// The one success that the facts know, and what it returns.
    pub(super) fn success(&self) -> (u16, &Reply) {
        assert_eq!(self.responses.len(), 1, "{}", self.id);
        let (status, reply) = self.responses.first_key_value().unwrap();
        (*status, reply)
    }
}

/// How the pages of a list follow each other.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pager {
    pub(super) token_param: String,
    /// The field, or the field of a field, that leads on.
    pub(super) from: String,
    pub(super) items: String,
    /// `token`, `url-query`, or `offset`: a number in a URL's query.
    pub(super) kind: String,
    pub(super) url_query_name: Option<String>,
    pub(super) size_param: String,
    #[serde(rename = "sdk_pager")]
    _sdk_pager: bool,
}

#[derive(Clone, Deserialize)]
pub(super) struct Parameter {
    /// `path`, `query` or `header`.
    #[serde(rename = "in")]
    pub(super) place: String,
    #[serde(flatten)]
    pub(super) field: Field,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    pub(super) content_type: String,
    #[serde(rename = "required")]
    _required: bool,
    /// None where the body is one value, of `type`.
    pub(super) fields: Option<Vec<Field>>,
    #[serde(rename = "type")]
    _type: Option<String>,
    /// The Python SDK's name for it.
    pub(super) sdk_arg: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reply {
    /// A model, `string`, or nothing.
    #[serde(rename = "type")]
    pub(super) type_: Option<String>,
    /// JSON, if nothing is said.
    pub(super) content_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Model {
    #[serde(default)]
    pub(super) fields: Vec<Field>,
    #[serde(default)]
    one_of: Vec<String>,
    #[serde(default)]
    any_of: Vec<String>,
    #[serde(rename = "extends")]
    _extends: Option<String>,
}

impl Model {
    /// What a union is one of.
    pub(super) fn variants(&self) -> &[String] {
        if self.one_of.is_empty() { &self.any_of } else { &self.one_of }
    }
}

/// A parameter, or a field of a body or model.
#[derive(Clone, Deserialize)]
pub(super) struct Field {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) type_: Type,
    pub(super) items: Option<Type>,
    pub(super) additional_properties: Option<Type>,
    pub(super) required: bool,
    #[serde(default, rename = "enum")]
    pub(super) values: Vec<String>,
    /// `DateTime`, or nothing.
    go: Option<String>,
    #[serde(default)]
    pub(super) read_only: bool,
}

impl Field {
    pub(super) fn is_date_time(&self) -> bool {
        self.go.is_some()
    }
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Type {
    /// `string`, `integer`, `boolean`, `any`, `array` or `object`.
    Plain(String),
    Reference {
        #[serde(rename = "ref")]
        model: String,
    },
    /// A map as the item of a list.
    Nested {
        #[serde(rename = "type")]
        kind: String,
        additional_properties: Box<Type>,
    },
}

/// The services, by module; the token operation, which no SDK has, among those
/// of identity.
pub(super) fn services() -> BTreeMap<&'static str, Service> {
    let read = |(module, name, count)| {
        let path = workspace::root().join("tests/facts").join(format!("{name}.json"));
        let text = fs::read(&path).unwrap();
        let mut service: Service =
            serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(service.operations.len(), count, "{name}");
        if module == "identity" {
            let (operation, response) = token::facts();
            service.operations.push(operation);
            service.models.insert(token::RESPONSE.to_owned(), response);
        }
        (module, service)
    };
    SERVICES.into_iter().map(read).collect()
}
