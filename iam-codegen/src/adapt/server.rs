//! The first server: where calls go unless the caller says otherwise.

use serde_json::Value;

use crate::{adaptation::Adaptations, api::Server, pointer};

/// The value that the pointer of a record leads to.
const AT: &str = "/servers/0/url";

/// The first server of `document`, its variables replaced by their defaults.
pub(super) fn server(document: &Value, record: &mut Adaptations) -> Server {
    let server = document.pointer("/servers/0");
    let Some(written) = server.and_then(|server| server.get("url")?.as_str()) else {
        return Server::default();
    };
    let filled = fill(written, server.and_then(|server| server.get("variables")));
    let server = read(&filled);
    match &server.endpoint {
        Some(endpoint) if endpoint == written => {}
        Some(endpoint) => {
            let what = format!("`{written}` taken as `{endpoint}`");
            record.record("servers", AT, what, "a client has one endpoint by default");
        }
        None => {
            let what = match server.base_path.as_str() {
                "" => format!("the caller gives the endpoint, not `{written}`"),
                path => {
                    format!("`{path}` of `{written}` follows an endpoint that the caller gives")
                }
            };
            record.record("servers", AT, what, "the document does not say which host it is");
        }
    }
    server
}

/// `url` with the default of each variable that has one.
fn fill(url: &str, variables: Option<&Value>) -> String {
    let mut filled = String::new();
    let mut rest = url.trim();
    while let Some((before, name, after)) = variable(rest) {
        filled.push_str(before);
        let at = pointer::child(&pointer::child("", name), "default");
        match variables.and_then(|variables| variables.pointer(&at)) {
            Some(Value::String(default)) => filled.push_str(default),
            Some(default @ (Value::Number(_) | Value::Bool(_))) => {
                filled.push_str(&default.to_string());
            }
            _ => filled.push_str(&format!("{{{name}}}")),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The text before the first variable, its name, and the text behind it.
fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// The parts of a URL that may be relative.
fn read(url: &str) -> Server {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (scheme, Some(rest)),
        // Relative to the scheme alone, or a host without one.
        None if url.starts_with("//") => ("https", url.strip_prefix("//")),
        None => ("https", Some(url).filter(|url| begins_with_host(url))),
    };
    let Some(rest) = rest else {
        return Server { endpoint: None, base_path: base_path(url) };
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    let known = |text: &str| !text.contains(['{', '}']) && !text.contains(char::is_whitespace);
    let is_http = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if is_http && !host.is_empty() && known(rest) {
        let endpoint = format!("{}://{rest}", scheme.to_ascii_lowercase());
        return Server { endpoint: Some(endpoint), base_path: String::new() };
    }
    Server { endpoint: None, base_path: base_path(path) }
}

/// Returns whether `url`, which names no scheme, begins with a domain or a port.
fn begins_with_host(url: &str) -> bool {
    let first = url.split('/').next().unwrap_or_default();
    !first.starts_with('.') && first.contains(['.', ':']) && !first.contains(['{', '}'])
}

/// `path` in normal form: with a leading and without a trailing slash. Empty where there is
/// none, and where it has variables without a value.
fn base_path(path: &str) -> String {
    if path.contains(['{', '}']) || path.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return String::new();
    }
    let segments = path.split('/').filter(|segment| !["", ".", ".."].contains(segment));
    segments.map(|segment| format!("/{segment}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Server, fill, read};

    #[test]
    fn a_server_is_an_endpoint_or_a_base_path() {
        for (url, endpoint, base_path) in [
            ("https://a.example/v1", Some("https://a.example/v1"), ""),
            ("HTTP://a.example", Some("http://a.example"), ""),
            ("//a.example/v1", Some("https://a.example/v1"), ""),
            ("a.example/v1", Some("https://a.example/v1"), ""),
            ("localhost:80", Some("https://localhost:80"), ""),
            ("/api/v3", None, "/api/v3"),
            ("api/v3/", None, "/api/v3"),
            ("./v3?x=1", None, "/v3"),
            ("/", None, ""),
            ("", None, ""),
            ("https://{host}/v1", None, "/v1"),
            ("https://a.example/{version}", None, ""),
            ("https:///v1", None, "/v1"),
            ("wss://a.example/v1", None, "/v1"),
            ("/a b", None, ""),
        ] {
            let endpoint = endpoint.map(str::to_owned);
            let expected = Server { endpoint, base_path: base_path.to_owned() };
            assert_eq!(read(url), expected, "{url}");
        }
    }

    #[test]
    fn variables_have_their_defaults() {
        let variables = json!({"region": {"default": "eu"}, "port": {"default": 8443}, "a": {}});
        let fill = |url| fill(url, Some(&variables));
        assert_eq!(fill("https://{region}.example:{port}/v1"), "https://eu.example:8443/v1");
        assert_eq!(fill("https://{a}.{b}/{"), "https://{a}.{b}/{");
    }
}
