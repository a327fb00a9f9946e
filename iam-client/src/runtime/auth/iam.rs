//! Exchanges with IAM's token endpoint.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{
    HeaderMap, HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::{Request, Url};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Unexpected, Visitor},
};

use super::{AccessToken, Authorization};
use crate::runtime::{
    Error, Operation, RawResponse, Secret, Transport, caller::claims, endpoint::Endpoint,
    retry_after::service_time, text::Redactor,
};

/// An exchange of this identifier. Doing it twice gives two tokens, of which
/// one is forgotten.
pub(super) const fn exchange(id: &'static str) -> Operation {
    Operation {
        id,
        method: "POST",
        path: "/identity/token",
        tag: "Token Operations",
        content_type: Some("application/x-www-form-urlencoded"),
        accept: Some("application/json"),
        success: &[200],
        idempotent: true,
        anonymous: true,
        security: &[],
        deprecated: false,
        actions: &[],
        events: &[],
    }
}

/// Where tokens are asked for, by whom and for what.
#[derive(Clone)]
pub(super) struct TokenEndpoint {
    url: Url,
    client: Option<Authorization>,
    scope: Option<String>,
}

impl TokenEndpoint {
    pub(super) fn new(
        endpoint: &Endpoint,
        client: Option<Authorization>,
        scope: Option<String>,
    ) -> Self {
        Self { url: below(endpoint, "/identity/token"), client, scope }
    }

    /// Asks for a token with a form. Errors hide `secrets`: those among its
    /// fields, and others that the token service may know from before.
    pub(super) async fn ask(
        &self,
        transport: &Transport,
        operation: &'static Operation,
        component: &str,
        mut fields: Vec<(&str, &str)>,
        secrets: Vec<&Secret>,
    ) -> Result<Answer, Error> {
        if let Some(scope) = &self.scope {
            fields.push(("scope", scope));
        }
        let redactor = Redactor::default();
        for secret in secrets.into_iter().chain(&self.secrets()) {
            redactor.hide(secret.expose());
        }
        let mut request = Request::new(Method::POST, self.url.clone());
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        if let Some(client) = self.client.as_ref().and_then(Authorization::header) {
            headers.insert(AUTHORIZATION, client.clone());
        }
        *request.body_mut() = Some(form(&fields).into());
        let reply = transport.exchange(operation, request, component, redactor).await?;
        decode(operation, reply, |body: Body, headers| {
            let now = service_time(headers).unwrap_or_else(|| transport.clock().wall());
            let expires_at = body.expiration.and_then(|Seconds(time)| UNIX_EPOCH.checked_add(time));
            let token = access_token(body.access_token, body.expires_in, expires_at, now)?;
            Ok(Answer { token, refresh_token: body.refresh_token })
        })
    }

    /// What identifies the program.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        self.client.as_ref().map(Authorization::secrets).unwrap_or_default()
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("TokenEndpoint")
            .field("url", &self.url.as_str())
            .field("has_client_credentials", &self.client.is_some())
            .field("has_scope", &self.scope.is_some())
            .finish()
    }
}

/// A path at an endpoint, behind the endpoint's own.
pub(super) fn below(endpoint: &Endpoint, path: &str) -> Url {
    let mut url = endpoint.url().clone();
    let own = url.path().trim_end_matches('/').to_owned();
    url.set_path(&(own + path));
    url
}

/// Fields in the media type of HTML forms.
fn form(fields: &[(&str, &str)]) -> String {
    // A query has the same form, and the URL parser is the one who knows it.
    let Ok(mut url) = Url::parse("form:") else { return String::new() };
    url.query_pairs_mut().extend_pairs(fields);
    url.query().unwrap_or_default().to_owned()
}

/// IAM's response to a token request.
#[derive(Deserialize)]
#[serde(expecting = "an object with a token")]
struct Body {
    access_token: Secret,
    expires_in: Option<Seconds>,
    /// Since 1970, by IAM's clock.
    expiration: Option<Seconds>,
    refresh_token: Option<Secret>,
}

/// The result of a token request.
pub(super) struct Answer {
    pub(super) token: AccessToken,
    /// To get the next token with; not in all responses.
    pub(super) refresh_token: Option<Secret>,
}

/// Decodes a response, of which `read` takes what is needed or says what is
/// wrong.
pub(super) fn decode<T: DeserializeOwned, U>(
    operation: &'static Operation,
    reply: RawResponse,
    read: impl FnOnce(T, &HeaderMap) -> Result<U, &'static str>,
) -> Result<U, Error> {
    let (status, headers, body) = reply.json::<T>().map_err(Error::without_response)?.into_parts();
    read(body, &headers).map_err(|problem| {
        let problem = format!("cannot decode the response: {problem}");
        Error::decode(operation, status, &headers, problem)
    })
}

/// A token with its lifetime: `expires_in`, or what is left at `now` until
/// `expires_at` or the token's own claim `exp`, all by the issuer's clock.
pub(super) fn access_token(
    token: Secret,
    expires_in: Option<Seconds>,
    expires_at: Option<SystemTime>,
    now: SystemTime,
) -> Result<AccessToken, &'static str> {
    #[derive(Deserialize)]
    struct Claims {
        exp: Seconds,
    }
    check_token(&token)?;
    if let Some(Seconds(lifetime)) = expires_in {
        return Ok(AccessToken::new(token, lifetime));
    }
    let claim = || UNIX_EPOCH.checked_add(claims::<Claims>(&token)?.exp.0);
    let Some(end) = expires_at.or_else(claim) else {
        return Err("no lifetime: there is neither expires_in nor an expiration time, and \
                    access_token has no claim exp");
    };
    Ok(AccessToken::new(token, end.duration_since(now).unwrap_or_default()))
}

/// Refuses a token that cannot be used.
pub(super) fn check_token(token: &Secret) -> Result<(), &'static str> {
    if token.expose().is_empty() {
        return Err("access_token is empty");
    }
    match Authorization::bearer("access_token", token.clone()) {
        Ok(_) => Ok(()),
        Err(_) => Err("access_token cannot stand in a header"),
    }
}

/// A duration in seconds, as a number or its text.
#[derive(Clone, Copy)]
pub(super) struct Seconds(pub(super) Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Seconds;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a number of seconds")
            }

            fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Seconds, E> {
                Ok(Seconds(Duration::from_secs(seconds)))
            }

            fn visit_f64<E: serde::de::Error>(self, seconds: f64) -> Result<Seconds, E> {
                let duration = Duration::try_from_secs_f64(seconds);
                duration
                    .map(Seconds)
                    .map_err(|_| E::invalid_value(Unexpected::Float(seconds), &self))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Seconds, E> {
                match text.trim().parse() {
                    Ok(seconds) => self.visit_u64(seconds),
                    Err(_) => Err(E::invalid_value(Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
