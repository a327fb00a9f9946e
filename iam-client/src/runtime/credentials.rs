//! The credentials that a call is made with, and where they go.

use std::{fmt, sync::Arc};

use http::{HeaderName, HeaderValue, header::COOKIE};
use reqwest::{Request, Url};

use super::{
    Error, Operation, Secret, SecurityKind, SecurityScheme,
    auth::{Authenticator, Bearer},
    client::Settings,
    text::Redactor,
};

/// A credential for a security scheme: a text, or an [`Authenticator`].
///
/// A text is an API key, or a bearer token where the scheme takes one. `Debug`
/// never shows it. See [`ClientBuilder::credential`](super::ClientBuilder::credential).
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Text(Secret),
    Authenticator(Arc<dyn Authenticator>),
}

impl Credential {
    pub(super) fn secrets(&self) -> Vec<Secret> {
        match &self.0 {
            Kind::Text(text) => vec![text.clone()],
            Kind::Authenticator(authenticator) => authenticator.secrets(),
        }
    }
}

impl From<Secret> for Credential {
    fn from(text: Secret) -> Self {
        Self(Kind::Text(text))
    }
}

impl From<String> for Credential {
    fn from(text: String) -> Self {
        Secret::from(text).into()
    }
}

impl From<&str> for Credential {
    fn from(text: &str) -> Self {
        Secret::from(text).into()
    }
}

impl<A: Authenticator> From<A> for Credential {
    fn from(authenticator: A) -> Self {
        Self(Kind::Authenticator(Arc::new(authenticator)))
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Text(text) => formatter.debug_tuple("Credential").field(text).finish(),
            Kind::Authenticator(authenticator) => {
                formatter.debug_tuple("Credential").field(authenticator).finish()
            }
        }
    }
}

/// The credentials of a call.
#[derive(Default)]
pub(super) struct Chosen {
    authenticator: Option<Arc<dyn Authenticator>>,
    /// The credential sent beside or in place of `Authorization`.
    keys: Vec<(SecurityScheme, Secret)>,
}

/// Chooses the first combination of credentials that the operation takes and the
/// client has. `authorized` says that the request has, or will get, an
/// `Authorization` of its own.
///
/// # Errors
/// An [authentication error](Error::is_authentication) if there is no such
/// combination; a configuration error if a credential does not fit its scheme.
pub(super) fn choose(
    operation: &'static Operation,
    settings: &Settings,
    request: &Request,
    authorized: bool,
) -> Result<Chosen, Error> {
    let default = || Chosen {
        authenticator: (!authorized).then(|| Arc::clone(&settings.authenticator)),
        keys: Vec::new(),
    };
    if operation.anonymous {
        return Ok(Chosen::default());
    }
    if operation.security.is_empty() {
        return Ok(default());
    }
    let available = Available { settings, request, authorized };
    for combination in operation.security {
        if combination.is_empty() {
            return Ok(default());
        }
        if let Some(chosen) = available.combination(combination)? {
            return Ok(chosen);
        }
    }
    // A client without credentials asks the service, whose refusal says more.
    let has_none = settings.credentials.is_empty() && settings.authenticator.scheme() == "none";
    let is_token = |scheme: &SecurityScheme| match scheme.kind {
        SecurityKind::Bearer => true,
        kind => is_authorization_header(kind),
    };
    let takes_token = operation.security.iter().any(|all| all.iter().all(is_token));
    if authorized || (has_none && takes_token) {
        return Ok(default());
    }
    Err(Error::without_credentials(operation, problem(operation)))
}

/// The credentials that there are for a request.
struct Available<'a> {
    settings: &'a Settings,
    request: &'a Request,
    authorized: bool,
}

impl Available<'_> {
    fn combination(&self, schemes: &[SecurityScheme]) -> Result<Option<Chosen>, Error> {
        let mut chosen = Chosen::default();
        for scheme in schemes {
            let is_authorization = is_authorization(scheme.kind);
            if self.is_sent(scheme.kind) || (is_authorization && self.authorized) {
                continue;
            }
            match self.settings.credentials.get(scheme.name).map(|credential| &credential.0) {
                Some(Kind::Text(token)) if scheme.kind == SecurityKind::Bearer => {
                    chosen.authenticator = Some(Arc::new(Bearer::new(token.clone())?));
                }
                Some(Kind::Text(key)) if scheme.kind != SecurityKind::Basic => {
                    chosen.keys.push((*scheme, key.clone()));
                }
                Some(Kind::Authenticator(own)) if gives(&**own, scheme.kind) => {
                    chosen.authenticator = Some(Arc::clone(own));
                }
                Some(_) => return Err(misfit(scheme)),
                None if gives(&*self.settings.authenticator, scheme.kind) => {
                    chosen.authenticator = Some(Arc::clone(&self.settings.authenticator));
                }
                None => return Ok(None),
            }
        }
        Ok(Some(chosen))
    }

    /// Returns whether the request has the credential already, as a parameter or by
    /// an option of the call.
    fn is_sent(&self, kind: SecurityKind) -> bool {
        match kind {
            SecurityKind::Header(name) => self.request.headers().contains_key(name),
            SecurityKind::Query(name) => {
                self.request.url().query_pairs().any(|(other, _)| other == name)
            }
            _ => false,
        }
    }
}

/// Returns whether an authenticator gives what belongs there.
fn gives(authenticator: &dyn Authenticator, kind: SecurityKind) -> bool {
    match (kind, authenticator.scheme()) {
        (SecurityKind::Bearer, scheme) => scheme == "Bearer",
        (SecurityKind::Basic, scheme) => scheme == "Basic",
        (kind, scheme) => is_authorization_header(kind) && scheme != "none",
    }
}

fn is_authorization(kind: SecurityKind) -> bool {
    matches!(kind, SecurityKind::Bearer | SecurityKind::Basic) || is_authorization_header(kind)
}

fn is_authorization_header(kind: SecurityKind) -> bool {
    matches!(kind, SecurityKind::Header(name) if name.eq_ignore_ascii_case("authorization"))
}

impl Chosen {
    /// Adds the keys to the request, and returns who gives `Authorization`.
    ///
    /// # Errors
    /// A configuration error if a key cannot be sent where it belongs.
    pub(super) fn apply(
        self,
        operation: &'static Operation,
        request: &mut Request,
        redactor: &Redactor,
    ) -> Result<Option<Arc<dyn Authenticator>>, Error> {
        for scheme in operation.security.iter().copied().flatten() {
            // A key that the call brings itself is hidden like the client's.
            if let SecurityKind::Header(name) = scheme.kind
                && let Some(value) = request.headers_mut().get_mut(name)
            {
                value.set_sensitive(true);
                redactor.hide(value.to_str().unwrap_or_default());
            }
        }
        for (scheme, key) in &self.keys {
            redactor.hide(key.expose());
            add(scheme, key, request)?;
        }
        Ok(self.authenticator)
    }
}

fn add(scheme: &SecurityScheme, key: &Secret, request: &mut Request) -> Result<(), Error> {
    let refuse = |problem: &str| {
        Err(Error::configuration("credential", &format!("that of {:?} {problem}", scheme.name)))
    };
    if key.expose().is_empty() {
        return refuse("must not be empty");
    }
    let header = |name: &str, value: &str| {
        let name = HeaderName::try_from(name).ok()?;
        let mut value = HeaderValue::from_str(value).ok()?;
        // Neither printed nor kept in a connection's header table.
        value.set_sensitive(true);
        Some((name, value))
    };
    let (name, value) = match scheme.kind {
        SecurityKind::Query(name) => {
            add_to_query(request.url_mut(), name, key.expose());
            return Ok(());
        }
        SecurityKind::Cookie(name) => {
            // RFC 6265, 4.1.1.
            let is_allowed = |c: u8| c.is_ascii_graphic() && !b"\",;\\".contains(&c);
            if !key.expose().bytes().all(is_allowed) {
                return refuse("has characters that a cookie cannot hold; copy it again");
            }
            let others = request.headers().get(COOKIE).and_then(|others| others.to_str().ok());
            let others = others.map(|others| format!("{others}; ")).unwrap_or_default();
            (COOKIE.as_str(), format!("{others}{name}={}", key.expose()))
        }
        SecurityKind::Header(name) => (name, key.expose().to_owned()),
        SecurityKind::Bearer | SecurityKind::Basic => return refuse("needs an authenticator"),
    };
    match header(name, &value) {
        Some((name, value)) => {
            request.headers_mut().insert(name, value);
            Ok(())
        }
        None => refuse("has characters that a header cannot hold; copy it again"),
    }
}

fn add_to_query(url: &mut Url, name: &str, key: &str) {
    url.query_pairs_mut().append_pair(name, key);
}

/// A credential of another kind than its scheme takes.
fn misfit(scheme: &SecurityScheme) -> Error {
    let takes = match scheme.kind {
        SecurityKind::Bearer => "takes a token as text, or an authenticator that gives one",
        SecurityKind::Basic => "takes a user name and a password; give `auth::Basic`",
        _ => "takes an API key; give it as text",
    };
    Error::configuration("credential", &format!("the scheme {:?} {takes}", scheme.name))
}

/// The credentials that an operation takes, and how to give them.
fn problem(operation: &Operation) -> String {
    let combinations = operation.security.iter().filter(|schemes| !schemes.is_empty());
    let described: Vec<String> = combinations
        .map(|schemes| schemes.iter().map(describe).collect::<Vec<_>>().join(" and "))
        .collect();
    let calls = operation.security.iter().find(|schemes| !schemes.is_empty());
    let calls = calls.into_iter().copied().flatten().map(call).collect::<Vec<_>>();
    format!(
        "the client does not have the credentials for this operation, which takes {}; \
         build the client with {}",
        described.join(", or "),
        calls.join(" and ")
    )
}

fn describe(scheme: &SecurityScheme) -> String {
    let what = match scheme.kind {
        SecurityKind::Bearer => "a bearer token".to_owned(),
        SecurityKind::Basic => "a user name and a password".to_owned(),
        SecurityKind::Header(name) => format!("an API key in the header {name:?}"),
        SecurityKind::Query(name) => format!("an API key in the query parameter {name:?}"),
        SecurityKind::Cookie(name) => format!("an API key in the cookie {name:?}"),
    };
    format!("{:?} ({what})", scheme.name)
}

fn call(scheme: &SecurityScheme) -> String {
    let value = match scheme.kind {
        SecurityKind::Basic => "auth::Basic::new(\"…\", \"…\")?",
        _ => "\"…\"",
    };
    format!("`.credential({:?}, {value})`", scheme.name)
}
