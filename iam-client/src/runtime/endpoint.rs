//! Where a service is called.

use std::net::Ipv4Addr;

use reqwest::Url;

use super::Error;

/// The setting that errors name.
const SETTING: &str = "endpoint";

/// A checked endpoint.
#[derive(Clone)]
pub(super) struct Endpoint {
    /// In normal form and without trailing slashes: the generated core appends
    /// paths that begin with one.
    text: String,
    url: Url,
}

impl Endpoint {
    /// Reads an endpoint.
    ///
    /// # Errors
    ///
    /// A configuration error that does not quote the text: it may hold a
    /// password or a token.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        Self::check(text).map_err(|problem| Error::configuration(SETTING, problem))
    }

    /// Reads where an instance's metadata service is: plain `http` may go to
    /// link-local addresses, too, which no router forwards.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub(super) fn parse_metadata(text: &str) -> Result<Self, Error> {
        Self::check_metadata(text).map_err(|problem| Error::configuration(SETTING, problem))
    }

    /// [`parse`](Self::parse), for a setting of another name.
    ///
    /// # Errors
    ///
    /// What is wrong and what to do, without the text.
    pub(super) fn check(text: &str) -> Result<Self, &'static str> {
        Self::read(text, is_loopback, "must use https, except on this machine (localhost)")
    }

    /// [`parse_metadata`](Self::parse_metadata), for a setting of another name.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub(super) fn check_metadata(text: &str) -> Result<Self, &'static str> {
        let is_near = |url: &Url| is_loopback(url) || is_link_local(url);
        Self::read(text, is_near, "must use https, except on link-local addresses")
    }

    fn read(
        text: &str,
        is_near: impl Fn(&Url) -> bool,
        insecure: &'static str,
    ) -> Result<Self, &'static str> {
        // The URL parser would drop tabs and line breaks without a word.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return refuse("must not contain spaces or control characters; remove them");
        }
        let Ok(url) = Url::parse(text) else {
            return refuse("must be an absolute URL, such as https://iam.example.com");
        };
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("must not contain a user name or password; remove what precedes the @");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse("must not have a query or fragment; end it before the ? or #");
        }
        match url.scheme() {
            "https" => {}
            "http" if is_near(&url) => {}
            "http" => return refuse(insecure),
            _ => return refuse("must be an http or https URL"),
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        match Url::parse(&text) {
            Ok(url) => Ok(Self { text, url }),
            Err(_) => refuse("must be an absolute URL, such as https://iam.example.com"),
        }
    }

    /// This endpoint with `path` behind it, unless it ends so already.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse).
    pub(super) fn followed_by(self, path: &str) -> Result<Self, Error> {
        if self.text.ends_with(path) {
            return Ok(self);
        }
        Self::parse(&format!("{}{path}", self.text))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }
}

fn refuse(problem: &'static str) -> Result<Endpoint, &'static str> {
    Err(problem)
}

fn is_loopback(url: &Url) -> bool {
    // The parser has brought all spellings of an address into one form.
    url.host_str().is_some_and(|host| {
        matches!(host, "localhost" | "[::1]")
            || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    })
}

fn is_link_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_link_local())
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn a_base_path_follows_once() {
        for (endpoint, path, expected) in [
            ("https://a.example", "", "https://a.example"),
            ("https://a.example", "/api/v3", "https://a.example/api/v3"),
            ("https://a.example/x/", "/api/v3", "https://a.example/x/api/v3"),
            ("https://a.example/api/v3/", "/api/v3", "https://a.example/api/v3"),
            ("https://a.example/my-api/v3", "/api/v3", "https://a.example/my-api/v3/api/v3"),
        ] {
            let joined = Endpoint::parse(endpoint).unwrap().followed_by(path).unwrap();
            assert_eq!(joined.as_str(), expected, "{endpoint} {path}");
        }
    }
}
