//! The proxies that the environment names.

use std::ffi::OsString;

use http::Uri;

use super::Error;

/// The variables that name a proxy; of each pair, the first that is set counts.
const VARIABLES: [[&str; 2]; 3] =
    [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"], ["HTTP_PROXY", "http_proxy"]];

/// Checks the variables that name a proxy. The HTTP stack ignores one that it
/// cannot read, and connects directly.
///
/// # Errors
/// A configuration error that names the variable. It does not quote the value,
/// which can hold a password.
pub(super) fn check(variable: impl Fn(&str) -> Option<OsString>) -> Result<(), Error> {
    // The HTTP stack uses no proxy for programs that a web server starts (CGI).
    if variable("REQUEST_METHOD").is_some() {
        return Ok(());
    }
    for names in VARIABLES {
        let mut set = names.into_iter().filter_map(|name| Some((name, variable(name)?)));
        let Some((name, value)) = set.next() else { continue };
        let is_proxy = value.is_empty() || value.to_str().is_some_and(is_proxy);
        if !is_proxy {
            let setting = format!("{name} (in the environment)");
            let problem = "must be the http or https URL of a proxy, such as \
                           http://proxy.example.com:8080; correct it, or unset it";
            return Err(Error::configuration(&setting, problem));
        }
    }
    Ok(())
}

/// Returns whether the HTTP stack can use it, which takes `host:port` for an http URL.
fn is_proxy(value: &str) -> bool {
    let Ok(uri) = value.parse::<Uri>() else { return false };
    let Some(authority) = uri.authority() else { return false };
    let address = authority.as_str().rsplit('@').next().unwrap_or_default();
    matches!(uri.scheme_str(), None | Some("http" | "https"))
        && !authority.host().is_empty()
        && (authority.port_u16().is_some() || address == authority.host())
}

#[cfg(test)]
mod tests {
    use super::check;

    fn refusal(set: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        };
        check(variable).err().map(|error| error.to_string())
    }

    #[test]
    fn what_the_http_stack_can_use_is_accepted() {
        for value in [
            "",
            "http://proxy.example.com",
            "http://proxy.example.com:8080/",
            "https://me:s3cret@proxy.example.com:8080",
            "proxy.example.com:8080",
            "127.0.0.1:3128",
            "http://[::1]:3128",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"] {
                assert_eq!(refusal(&[(name, value)]), None, "{name}={value}");
            }
        }
        // The second of a pair does not count, and none does in a CGI program.
        let other = ("https_proxy", "http://");
        assert_eq!(refusal(&[("HTTPS_PROXY", "http://p:1"), other]), None);
        assert_eq!(refusal(&[("REQUEST_METHOD", "GET"), other]), None);
    }

    #[test]
    fn what_it_would_ignore_is_refused_by_the_name_of_the_variable() {
        for value in [
            "http://",
            "http:// s3cret",
            "http://me:s3cret@",
            "://s3cret",
            "/s3cret",
            "s3cret:s3cret:80",
            "ftp://s3cret.example.com",
            "socks5://s3cret.example.com",
            "http://s3cret.example.com:port",
        ] {
            for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY"] {
                let expected = format!(
                    "{name} (in the environment): must be the http or https URL of a proxy, such \
                     as http://proxy.example.com:8080; correct it, or unset it"
                );
                assert_eq!(refusal(&[(name, value)]), Some(expected), "{value}");
            }
        }
    }
}
