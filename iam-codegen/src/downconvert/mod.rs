//! Down-convert: a document of OpenAPI 3.1 or 3.2 to one of 3.0.3.
//!
//! A conversion is exact, or it is recorded, or the document is rejected. What a
//! record says is left out or wider than it was; no value that was valid before
//! is invalid after. Pointers are those of the document that came in.
//!
//! | pass | what it records |
//! |---|---|
//! | `downconvert/boolean-schema` | the schema `false`, written as `not: {}` |
//! | `downconvert/comment` | `$comment` |
//! | `downconvert/conditional` | `if`, `then`, `else` |
//! | `downconvert/contains` | `contains`, `minContains`, `maxContains` |
//! | `downconvert/content` | what a string holds, other than `format: byte` or `binary` |
//! | `downconvert/dependent` | `dependentSchemas`, `dependentRequired`, `dependencies` |
//! | `downconvert/dialect` | a `jsonSchemaDialect` other than that of OpenAPI |
//! | `downconvert/discriminator` | a discriminator with `defaultMapping` |
//! | `downconvert/dynamic-reference` | a `$dynamicRef` that was rejected |
//! | `downconvert/encoding` | nested encodings, and styles of multipart bodies |
//! | `downconvert/examples` | all examples but one, and values of 3.2 |
//! | `downconvert/identity` | `$id`, `$schema`, `$vocabulary`, anchors that nothing uses |
//! | `downconvert/info` | `summary` (moved), `license.identifier` |
//! | `downconvert/malformed` | keywords of 3.1 whose value has the wrong form |
//! | `downconvert/media-types` | media type components that nothing uses |
//! | `downconvert/methods` | methods of callbacks that 3.0 does not know |
//! | `downconvert/not` | `not` of what cannot be expressed |
//! | `downconvert/null` | null let in where keywords disagree, `nullable` in 3.1 |
//! | `downconvert/one-of` | `oneOf` that became `anyOf`, since a member became wider |
//! | `downconvert/parameters` | the style `cookie`, `allowReserved` outside the query |
//! | `downconvert/path-items` | fields hidden by one beside `$ref`, unused components |
//! | `downconvert/pattern-properties` | `patternProperties` merged into one schema |
//! | `downconvert/prefix-items` | tuples whose positions were merged |
//! | `downconvert/property-names` | `propertyNames` |
//! | `downconvert/query-string` | a query string written out as parameters |
//! | `downconvert/references` | `summary` and `description` beside `$ref` |
//! | `downconvert/responses` | missing responses, `summary` (moved) |
//! | `downconvert/security` | mutual TLS and roles in requirements |
//! | `downconvert/security-schemes` | mutual TLS, the device flow, metadata |
//! | `downconvert/self` | `$self` |
//! | `downconvert/sequential-media` | schemas of items one after another |
//! | `downconvert/servers` | the name of a server |
//! | `downconvert/tags` | `summary`, `parent`, `kind` |
//! | `downconvert/types` | a format that applies to none of several types |
//! | `downconvert/unevaluated` | `unevaluatedItems`, `unevaluatedProperties` |
//! | `downconvert/webhooks` | webhooks |
//! | `downconvert/xml` | a `nodeType` that 3.0 does not know |

mod context;
mod document;
mod media;
mod object;
mod parameters;
mod paths;
mod query_string;
mod references;
mod schema;
mod security;

use serde_json::Value;

use self::context::Context;
use crate::adaptation::Adaptations;

/// The version that [`downconvert`] writes.
const VERSION: &str = "3.0.3";

/// Makes `document`, of OpenAPI 3.0, 3.1 or 3.2, one of 3.0.3, in place.
///
/// Its local references have to lead somewhere, and its nesting to be bounded:
/// [`Document`](crate::document::Document) sees to both. What has the wrong
/// shape is left as it is. If `adaptations` has a problem afterwards, the
/// document is of no further use.
pub fn downconvert(document: &mut Value, adaptations: &mut Adaptations) {
    let Some(root) = document.as_object_mut() else {
        return;
    };
    let version = root.insert("openapi".to_owned(), VERSION.into());
    if version.as_ref().and_then(Value::as_str).is_some_and(|version| version.starts_with("3.0.")) {
        return;
    }
    let security = security::survey(document);
    let settled = references::settle(document, adaptations);
    let source = if settled.inlines { document.clone() } else { Value::Null };
    let mut context = Context::new(adaptations, source, security);
    if let Some(root) = document.as_object_mut() {
        document::convert(root, &settled, &mut context);
    }
}

#[cfg(test)]
mod tests;
