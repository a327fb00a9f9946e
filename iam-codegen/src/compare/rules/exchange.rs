//! What a call consists of: parameters, bodies, media types, responses, headers.

use super::{Kind, both, changed, entry, narrowed, ruling, widened};
use crate::compare::{
    Rust::{Additive, Breaking, None as Same},
    Wire,
};

pub(super) const KINDS: &[Kind] = &[
    entry(
        "parameter",
        "optional-parameter-added",
        "an optional parameter was added",
        both(Wire::Compatible, Additive, "calls without it mean what they meant"),
    ),
    entry(
        "parameter",
        "required-parameter-added",
        "a required parameter was added",
        both(Wire::Breaking, Breaking, "calls without it are refused"),
    ),
    entry(
        "parameter",
        "parameter-removed",
        "a parameter was removed",
        both(Wire::Risky, Breaking, "calls with it may be refused, or it is passed over"),
    ),
    entry(
        "parameter",
        "parameter-renamed",
        "a parameter has another name",
        both(Wire::Breaking, Breaking, "what is sent under the old name is not found"),
    ),
    entry(
        "parameter",
        "parameter-moved",
        "a parameter is sent at another place",
        both(Wire::Breaking, Breaking, "what is sent at the old place is not found"),
    ),
    entry(
        "parameter",
        "parameter-became-required",
        "a parameter became required",
        both(Wire::Breaking, Breaking, "calls without it are refused"),
    ),
    entry(
        "parameter",
        "parameter-became-optional",
        "a parameter became optional",
        both(Wire::Compatible, Breaking, "calls with it mean what they meant"),
    ),
    entry(
        "parameter",
        "ignored-parameter-changed",
        "a header parameter that OpenAPI ignores changed",
        both(Wire::Documentation, Same, "credentials and media types say what these headers hold"),
    ),
    entry(
        "parameter",
        "style-changed",
        "lists or objects are written in another way",
        both(Wire::Breaking, Same, "what is written the old way is read as something else"),
    ),
    entry(
        "parameter",
        "reserved-characters-changed",
        "reserved characters are escaped otherwise",
        both(Wire::Risky, Same, "values with reserved characters may be read as something else"),
    ),
    entry("parameter", "empty-value-allowed", "an empty value is now allowed", widened(Same)),
    entry(
        "parameter",
        "empty-value-refused",
        "an empty value is no longer allowed",
        narrowed(Same),
    ),
    entry(
        "parameter",
        "serialization-changed",
        "`schema` and `content` took each other's place",
        both(Wire::Breaking, Breaking, "what is written the old way is read as something else"),
    ),
    entry(
        "body",
        "optional-body-added",
        "an optional request body was added",
        both(Wire::Compatible, Additive, "calls without it mean what they meant"),
    ),
    entry(
        "body",
        "required-body-added",
        "a required request body was added",
        both(Wire::Breaking, Breaking, "calls without it are refused"),
    ),
    entry(
        "body",
        "body-removed",
        "the request body was removed",
        both(Wire::Breaking, Breaking, "what it said is no longer taken"),
    ),
    entry(
        "body",
        "body-became-required",
        "the request body became required",
        both(Wire::Breaking, Breaking, "calls without it are refused"),
    ),
    entry(
        "body",
        "body-became-optional",
        "the request body became optional",
        both(Wire::Compatible, Breaking, "calls with it mean what they meant"),
    ),
    entry(
        "content",
        "media-type-added",
        "a media type was added",
        both(
            Wire::Compatible,
            Same,
            "the others are still there, and a client names what it wants",
        ),
    ),
    entry(
        "content",
        "media-type-removed",
        "a media type was removed",
        (
            ruling(Wire::Breaking, Breaking, "bodies of this type are refused"),
            ruling(Wire::Breaking, Breaking, "who asks for it or reads it gets something else"),
        ),
    ),
    entry(
        "content",
        "media-type-parameters-changed",
        "a media type has other parameters",
        both(
            Wire::Compatible,
            Breaking,
            "parameters such as `charset` leave the format what it is",
        ),
    ),
    entry("content", "media-type-schema-added", "content got a schema", narrowed(Breaking)),
    entry("content", "media-type-schema-removed", "content lost its schema", widened(Breaking)),
    entry(
        "content",
        "encoding-changed",
        "how a part of the body is encoded changed",
        (changed(Same).0, ruling(Wire::Breaking, Same, "readers of the old encoding fail")),
    ),
    entry(
        "response",
        "success-added",
        "a status of success was added",
        both(Wire::Risky, Breaking, "who knows only the other statuses may take it for a failure"),
    ),
    entry(
        "response",
        "success-removed",
        "a status of success was removed",
        both(Wire::Breaking, Breaking, "who waits for this status does not see it"),
    ),
    entry(
        "response",
        "failure-added",
        "a status of failure was added",
        both(Wire::Compatible, Same, "a failure may always come"),
    ),
    entry(
        "response",
        "failure-removed",
        "a status of failure was removed",
        both(Wire::Compatible, Same, "who handles it is not called upon"),
    ),
    entry(
        "response",
        "link-changed",
        "a link to a further operation changed",
        both(Wire::Risky, Same, "who follows the link goes elsewhere"),
    ),
    entry(
        "header",
        "header-added",
        "a header was added",
        both(Wire::Compatible, Same, "who does not know it passes it over"),
    ),
    entry(
        "header",
        "required-header-removed",
        "a header that was always there was removed",
        both(Wire::Breaking, Same, "who relies on it fails"),
    ),
    entry(
        "header",
        "optional-header-removed",
        "a header was removed that was there at times",
        both(Wire::Risky, Same, "who reads it must do without"),
    ),
    entry(
        "header",
        "header-became-required",
        "a header became required",
        (
            ruling(Wire::Breaking, Same, "parts without it are refused"),
            ruling(Wire::Compatible, Same, "who could do without it still can"),
        ),
    ),
    entry(
        "header",
        "header-became-optional",
        "a header became optional",
        (
            ruling(Wire::Compatible, Same, "parts with it mean what they meant"),
            ruling(Wire::Breaking, Same, "who relies on it fails"),
        ),
    ),
];
