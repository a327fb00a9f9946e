//! Path parameters, and the check that a request goes where its operation says.

use reqwest::Url;

use super::{Error, Operation, text::percent_decode};

/// Checks a value that is about to become one segment of a path.
///
/// For generated code. URLs give some segments a meaning that no encoding
/// takes away: an empty one, `.` and `..` name other resources, and a backslash
/// is read as a slash by the URL standard (the generated core leaves it as it
/// is). `DELETE /v1/apikeys/{id}/lock` with `..` would otherwise reach
/// `/v1/lock`.
///
/// # Errors
///
/// An invalid-request error that names the parameter and the operation, not
/// the value.
pub fn path_segment(
    operation: &'static Operation,
    name: &'static str,
    value: &str,
) -> Result<(), Error> {
    let problem = match value {
        "" => "must not be empty",
        "." | ".." => "must not be `.` or `..`, which name another path",
        _ if value.contains('\\') => "must not contain a backslash, which acts as a slash in a URL",
        _ => return Ok(()),
    };
    Err(Error::invalid_request(operation, format!("path parameter `{name}` {problem}")))
}

/// Whether `url` is the operation's template below `base`, with exactly one
/// segment in each parameter's place.
///
/// The last guard before a credential is sent: whatever the values were, the
/// request goes to the configured endpoint and to this operation's path.
pub(super) fn fits(operation: &Operation, base: &Url, url: &Url) -> bool {
    let same_origin = (url.scheme(), url.host_str(), url.port_or_known_default())
        == (base.scheme(), base.host_str(), base.port_or_known_default());
    let no_user = url.username().is_empty() && url.password().is_none();
    let prefix = base.path().trim_end_matches('/');
    let Some(path) = url.path().strip_prefix(prefix) else {
        return false;
    };
    let mut segments = path.split('/');
    let template = operation.path.split(['?', '#']).next().unwrap_or_default();
    let mut template = template.split('/');
    same_origin
        && no_user
        && loop {
            match (template.next(), segments.next()) {
                (None, None) => break true,
                (Some(expected), Some(segment)) if segment_fits(expected, segment) => {}
                _ => break false,
            }
        }
}

/// Whether one segment of a URL's path stands for one of the template.
fn segment_fits(template: &str, segment: &str) -> bool {
    if template.contains('{') {
        return !segment.is_empty();
    }
    template == segment || encode_literal(template).as_deref() == Some(segment)
}

/// A literal of a template as the URL parser writes it.
fn encode_literal(template: &str) -> Option<String> {
    let mut url = Url::parse("http://localhost").ok()?;
    url.path_segments_mut().ok()?.clear().push(template);
    Some(url.path().trim_start_matches('/').to_owned())
}

/// The arguments in the path of a request, by their names in the template.
pub(super) fn arguments(
    operation: &Operation,
    base: &Url,
    url: &Url,
) -> Vec<(&'static str, String)> {
    let template: &'static str = operation.path;
    let prefix = base.path().trim_end_matches('/');
    let path = url.path().strip_prefix(prefix).unwrap_or_default();
    let segments = template.split('/').zip(path.split('/'));
    let arguments = segments.filter_map(|(template, segment)| {
        let name = template.strip_prefix('{')?.strip_suffix('}')?;
        Some((name, percent_decode(segment)))
    });
    arguments.collect()
}
