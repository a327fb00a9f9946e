//! Which addresses a document may come from: HTTPS anywhere, plain HTTP on
//! this machine only, and never with credentials in the address.

use std::fmt;

use anyhow::{Context as _, Result, bail};
use url::{Host, Url};

/// An address that may be fetched.
///
/// `Display` and `Debug` leave out its query, which can hold a signature.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Takes an address that a person gave.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        // The text is not repeated: it may hold a password.
        Self::check(Url::parse(text).context("not an address (URL)")?)
    }

    /// The address that a redirect from here to `location` leads to.
    pub(crate) fn redirect(&self, location: &str) -> Result<Self> {
        let context = || format!("the redirect from {self} is refused");
        let url = self.0.join(location).with_context(context)?;
        let next = Self::check(url).with_context(context)?;
        if self.is_https() && !next.is_https() {
            return Err(anyhow::anyhow!("it leads from https to plain http")).with_context(context);
        }
        Ok(next)
    }

    fn check(mut url: Url) -> Result<Self> {
        url.set_fragment(None);
        if !url.username().is_empty() || url.password().is_some() {
            let host = url.host_str().unwrap_or_default();
            bail!("the address at {host} holds credentials; give it without user and password");
        }
        let address = Self(url);
        match address.0.scheme() {
            "https" => Ok(address),
            "http" if address.is_loopback() => Ok(address),
            "http" => bail!("{address} is plain http beyond this machine; use https"),
            scheme => bail!("{address} has the scheme `{scheme}`; use https"),
        }
    }

    /// Whether it is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// What a person would call the document there: the end of the path.
    pub(crate) fn file_name(&self) -> String {
        let last = self.0.path_segments().and_then(|mut segments| segments.next_back());
        last.unwrap_or_default().to_owned()
    }

    /// The address in full, to be fetched and not to be shown.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0[..url::Position::AfterPath])
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    fn refusal(text: &str) -> String {
        format!("{:#}", Address::parse(text).unwrap_err())
    }

    #[test]
    fn https_anywhere_and_http_on_this_machine() {
        for text in [
            "https://cloud.ibm.com/a.json",
            "HTTPS://cloud.ibm.com/a.json",
            "https://10.0.0.1/a",
            "http://localhost:8080/a",
            "http://LOCALHOST/a",
            "http://127.0.0.1/a",
            "http://127.9.9.9/a",
            "http://127.1/a",
            "http://[::1]:1/a",
        ] {
            assert!(Address::parse(text).is_ok(), "{text}");
        }
        for text in [
            "http://example.com/a",
            "http://localhost.example.com/a",
            "http://127.0.0.1.example.com/a",
            "http://[::ffff:10.0.0.1]/a",
            "http://0.0.0.0/a",
            "ftp://localhost/a",
            "file:///etc/passwd",
            "data:text/plain,a",
        ] {
            assert!(refusal(text).contains("use https"), "{text}");
        }
        assert!(refusal("openapi/a.json").contains("not an address"));
    }

    #[test]
    fn credentials_are_refused_and_not_repeated() {
        for text in ["https://user:hunter2@example.com/a", "https://hunter2@example.com/"] {
            let refusal = refusal(text);
            assert!(refusal.contains("example.com holds credentials"), "{refusal}");
            assert!(!refusal.contains("hunter2"), "{refusal}");
        }
        // Not even when the rest of the address is no address.
        assert!(!refusal("https://user:hunter2@exa mple.com:x/").contains("hunter2"));
        let signed = Address::parse("https://example.com/a.json?signature=hunter2#top").unwrap();
        assert_eq!(signed.to_string(), "https://example.com/a.json");
        assert_eq!(format!("{signed:?}"), "https://example.com/a.json");
        assert_eq!(signed.file_name(), "a.json");
        assert_eq!(signed.url().as_str(), "https://example.com/a.json?signature=hunter2");
    }

    #[test]
    fn redirects_never_leave_https_nor_this_machine_for_http() {
        let https = Address::parse("https://a.example/x/y?q").unwrap();
        let http = Address::parse("http://127.0.0.1:9/x").unwrap();
        let to = |from: &Address, location| {
            from.redirect(location)
                .map(|address| address.to_string())
                .map_err(|error| format!("{error:#}"))
        };
        assert_eq!(to(&https, "../z").unwrap(), "https://a.example/z");
        assert_eq!(to(&https, "//b.example/z").unwrap(), "https://b.example/z");
        assert_eq!(to(&http, "https://b.example/z").unwrap(), "https://b.example/z");
        assert_eq!(to(&http, "http://localhost/z").unwrap(), "http://localhost/z");
        for (from, location, why) in [
            (&https, "http://a.example/x", "use https"),
            (&https, "http://localhost/x", "from https to plain http"),
            (&http, "http://a.example/x", "use https"),
            (&https, "https://me:pw@a.example/", "holds credentials"),
            (&https, "file:///etc/passwd", "use https"),
            (&https, "http://", "refused"),
        ] {
            let refusal = to(from, location).unwrap_err();
            assert!(refusal.contains(why), "{location}: {refusal}");
            assert!(refusal.starts_with(&format!("the redirect from {from} is")), "{refusal}");
        }
    }
}
