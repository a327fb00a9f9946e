//! Adapt: an OpenAPI 3.0.3 document to the [`Api`] that the client is made of.
//!
//! Each rule is a small function that either keeps what the document says or
//! records what it made of it. The record names these steps:
//!
//! | step | what it does |
//! |---|---|
//! | `callbacks` | leaves out callbacks and links: a client serves nothing |
//! | `security` | leaves out security schemes that the client cannot apply, and how a token is got |
//! | `servers` | takes the first server alone, its variables as their defaults |
//! | `operation-ids` | makes up an operationId from method and path where there is none |
//! | `parameters` | drops, adds or retypes parameters that cannot be sent as described |
//! | `media-types` | chooses one of several media types; plain text beside JSON is an operation of its own |
//! | `responses` | reads an undescribed success as bytes, and no body where there can be none |
//! | `names` | gives a Rust name that differs more than in case |
//! | `all-of` | merges schemas that contradict each other |
//! | `unions` | makes one struct or one enum of `oneOf` and `anyOf` |
//! | `open-enums` | keeps unknown values of an enum |
//! | `open-objects` | accepts unknown fields where the schema forbids them |
//! | `formats` | keeps a string format as text |
//! | `constraints` | leaves bounds, lengths, patterns and `not` to the service |
//! | `defaults` | leaves default values to the service |
//! | `null-lists` | reads null and nothing as empty where a list or map is required |
//! | `page-fields` | does not demand of a page more than its items |
//! | `left-out` | does not demand of a response what a request may leave out |
//! | `required` | does not demand a field that is nowhere described |
//! | `read-only` | does not demand of a request what is only ever received |
//! | `write-only` | does not demand of a response what is only ever sent |
//! | `cycles` | reads a list or map that consists only of itself as any value |
//! | `unused` | leaves out components that no request and no success uses |
//!
//! A document of more than 20,000 operations, or an operation of more than 1,000
//! parameters, is refused.

mod body;
mod clear;
mod demands;
mod form;
mod inline;
mod names;
mod operation;
mod paging;
mod parameter;
mod schema;
mod security;
mod server;

use serde_json::Value;

pub use inline::inline_references;
pub(crate) use inline::name_schemas_elsewhere;
pub(crate) use names::pascal;
pub(crate) use parameter::IGNORED_HEADERS;

use crate::{
    adaptation::Adaptations,
    api::Api,
    error::{Error, Problem},
    stack::guarded,
};

/// Adapts an OpenAPI 3.0.3 `document`, called `name` in errors.
///
/// # Errors
/// Every operation that cannot be generated, with its operationId, place and
/// reason, and what to do about it.
pub fn adapt(name: &str, document: Value, record: &mut Adaptations) -> Result<Api, Error> {
    let adapted = guarded(|| adapt_document(document, record)).unwrap_or_else(|message| {
        Err(vec![Problem::new("", format!("internal error: {message}"))])
    });
    adapted.map_err(|problems| Error::new(name, problems))
}

fn adapt_document(mut document: Value, record: &mut Adaptations) -> Result<Api, Vec<Problem>> {
    inline::inline_references(&mut document, record);
    record.settle()?;
    let mut schemas = schema::Schemas::new(&document, record);
    let security = security::Security::read(&document, schemas.record);
    let mut operations = operation::operations(&document, &security, &mut schemas);
    schemas.record.settle()?;
    let mut types = schemas.finish(&operations);
    let pages = paging::pages(&document, &operations);
    demands::relax_pages(pages, &mut types, record);
    demands::relax_left_out(&operations, &mut types, record);
    // Whether a field is optional is known only now.
    paging::resolve(&document, &mut operations, &types, record);
    clear::add_setters(&mut operations, &mut types);
    record.settle()?;
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    Ok(Api {
        title: text("/info/title").unwrap_or_else(|| "API".to_owned()),
        version: text("/info/version").unwrap_or_default(),
        description: text("/info/description"),
        server: server::server(&document, record),
        security_schemes: security.into_schemes(),
        operations,
        types,
    })
}

#[cfg(test)]
mod tests;
