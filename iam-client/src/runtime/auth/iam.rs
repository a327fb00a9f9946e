//! Exchanges with IAM's token endpoint.

use std::{fmt, time::Duration};

use http::{
    HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::{Request, Url};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Unexpected, Visitor},
};

use super::{AccessToken, Authorization};
use crate::runtime::{
    Error, Operation, RawResponse, Secret, Transport, endpoint::Endpoint, text::Redactor,
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

    /// Asks for a token with a form, of whose fields `secret` is one that is
    /// hidden in errors.
    pub(super) async fn ask(
        &self,
        transport: &Transport,
        operation: &'static Operation,
        component: &str,
        mut fields: Vec<(&str, &str)>,
        secret: &Secret,
    ) -> Result<Answer, Error> {
        if let Some(scope) = &self.scope {
            fields.push(("scope", scope));
        }
        let mut redactor = Redactor::default();
        redactor.hide(secret.expose());
        redactor.hide(form(&[("", secret.expose())]).trim_start_matches('='));
        for secret in self.secrets() {
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
        decode(operation, reply, |answer: &Answer| token_problem(&answer.access_token))
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
            .field("scope", &self.scope)
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

/// IAM's answer to an exchange. `expiration`, which is a time of IAM's clock,
/// is not read.
#[derive(Deserialize)]
#[serde(expecting = "an object with a token")]
pub(super) struct Answer {
    access_token: Secret,
    expires_in: Seconds,
    /// To get the next token with; not in all answers.
    pub(super) refresh_token: Option<Secret>,
}

impl Answer {
    pub(super) fn token(self) -> AccessToken {
        AccessToken::new(self.access_token, self.expires_in.0)
    }
}

/// Reads an answer in which `problem` finds none.
pub(super) fn decode<T: DeserializeOwned>(
    operation: &'static Operation,
    reply: RawResponse,
    problem: impl Fn(&T) -> Option<&'static str>,
) -> Result<T, Error> {
    let (status, headers, answer) =
        reply.json::<T>().map_err(Error::without_response)?.into_parts();
    match problem(&answer) {
        None => Ok(answer),
        Some(problem) => {
            let problem = format!("cannot decode the response: {problem}");
            Err(Error::decode(operation, status, &headers, problem))
        }
    }
}

/// Why a token cannot be used.
pub(super) fn token_problem(token: &Secret) -> Option<&'static str> {
    if token.expose().is_empty() {
        return Some("access_token is empty");
    }
    let is_bad = Authorization::bearer("access_token", token.clone()).is_err();
    is_bad.then_some("access_token cannot stand in a header")
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
