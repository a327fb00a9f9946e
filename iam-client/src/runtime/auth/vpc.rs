//! Instances of a virtual private cloud, whose metadata service says who they
//! are.

use std::{fmt, str::FromStr};

use http::{
    HeaderName, HeaderValue, Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE},
};
use reqwest::{Request, Url};
use serde::Deserialize;

use super::{
    AccessToken, Authorization, Cached, METADATA_ENDPOINT, TokenSource,
    iam::{Seconds, access_token, below, check_token, decode, exchange},
    settings::check_name,
};
use crate::runtime::{
    BoxFuture, Error, Operation, RawResponse, Secret, Timestamp, Transport,
    endpoint::Endpoint,
    retry_after::service_time,
    text::{Redactor, Typed},
};

/// What the metadata service tells requests of programs by.
const FLAVOR: (HeaderName, HeaderValue) =
    (HeaderName::from_static("metadata-flavor"), HeaderValue::from_static("ibm"));
/// How long the instance's own token is to live: it is used at once.
const INSTANCE_TOKEN_REQUEST: &str = r#"{"expires_in":300}"#;

/// A version of the metadata service's interface.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetadataVersion {
    /// `2022-03-01`, the default.
    #[default]
    V2022_03_01,
    /// `2025-08-26`, with other paths.
    V2025_08_26,
}

impl MetadataVersion {
    /// The version's date.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2022_03_01 => "2022-03-01",
            Self::V2025_08_26 => "2025-08-26",
        }
    }

    fn operations(self) -> (&'static Operation, &'static Operation) {
        match self {
            Self::V2022_03_01 => (&INSTANCE_2022, &IAM_2022),
            Self::V2025_08_26 => (&INSTANCE_2025, &IAM_2025),
        }
    }
}

/// Reads a version's date.
impl FromStr for MetadataVersion {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        [Self::V2022_03_01, Self::V2025_08_26]
            .into_iter()
            .find(|version| version.as_str() == text)
            .ok_or_else(|| {
                let problem = "is not known; use 2022-03-01 or 2025-08-26";
                Error::configuration("api_version", problem)
            })
    }
}

const BASE: Operation = Operation {
    method: "PUT",
    path: "/instance_identity/v1/token",
    tag: "Instance identity",
    content_type: Some("application/json"),
    ..exchange("create_instance_identity_token")
};
static INSTANCE_2022: Operation = BASE;
static INSTANCE_2025: Operation = Operation { path: "/identity/v1/token", ..BASE };
static IAM_2022: Operation = Operation {
    id: "exchange_instance_identity_token",
    method: "POST",
    path: "/instance_identity/v1/iam_token",
    ..BASE
};
static IAM_2025: Operation = Operation { path: "/identity/v1/iam_tokens", ..IAM_2022 };

/// Calls as a trusted profile that a VPC instance is linked to, with tokens of
/// its metadata service. Without one, as the profile that the instance has by
/// default.
///
/// ```
/// use iam_client::{Client, auth::VpcInstance};
///
/// # fn main() -> Result<(), iam_client::Error> {
/// let caller = VpcInstance::new().profile_id("Profile-…").build()?;
/// let client = Client::builder().authenticator(caller).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct VpcInstance {
    endpoint: Option<String>,
    version: MetadataVersion,
    profile_id: Option<String>,
    profile_crn: Option<String>,
    profile_name: Option<String>,
}

impl VpcInstance {
    /// With the profile that the instance has by default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the metadata service is: `https`, or `http` to a link-local
    /// address or this machine. [`METADATA_ENDPOINT`] by default; instances whose
    /// metadata service is set to secure access reach it at
    /// `https://api.metadata.cloud.ibm.com`.
    pub fn endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.endpoint = Some(endpoint.into());
        self
    }

    /// The version of the metadata service's interface.
    /// [`V2022_03_01`](MetadataVersion::V2022_03_01) by default.
    pub fn api_version(mut self, version: MetadataVersion) -> Self {
        self.version = version;
        self
    }

    /// The identifier of the profile. Excludes the two others.
    pub fn profile_id(mut self, id: impl Into<String>) -> Self {
        self.profile_id = Some(id.into());
        self
    }

    /// The CRN of the profile. Excludes the two others.
    pub fn profile_crn(mut self, crn: impl Into<String>) -> Self {
        self.profile_crn = Some(crn.into());
        self
    }

    /// The name of the profile, in the instance's account. Excludes the two
    /// others.
    pub fn profile_name(mut self, name: impl Into<String>) -> Self {
        self.profile_name = Some(name.into());
        self
    }

    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) that names the setting:
    /// more than one profile or an empty one; an unusable endpoint.
    pub fn build(self) -> Result<Cached, Error> {
        let mut profile = None;
        for (setting, field, value) in [
            ("profile_id", "id", self.profile_id),
            ("profile_crn", "crn", self.profile_crn),
            ("profile_name", "name", self.profile_name),
        ] {
            let Some(value) = value else { continue };
            check_name(setting, &value)?;
            if profile.replace((field, value)).is_some() {
                let problem = "cannot be combined with another profile; leave one of them out";
                return Err(Error::configuration(setting, problem));
            }
        }
        let endpoint = self.endpoint.as_deref().unwrap_or(METADATA_ENDPOINT);
        let endpoint = Endpoint::parse_metadata(endpoint)?;
        Ok(Cached::new(Source { endpoint, version: self.version, profile }))
    }
}

/// Shows an endpoint only if it is valid (another may hold a password).
impl fmt::Debug for VpcInstance {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint.as_deref().unwrap_or(METADATA_ENDPOINT);
        let endpoint = Endpoint::parse_metadata(endpoint);
        formatter
            .debug_struct("VpcInstance")
            .field("endpoint", &endpoint.as_ref().map_or("(invalid)", Endpoint::as_str))
            .field("version", &self.version)
            .field("profile_id", &self.profile_id.as_deref().map(Typed))
            .field("profile_crn", &self.profile_crn.as_deref().map(Typed))
            .field("profile_name", &self.profile_name.as_deref().map(Typed))
            .finish()
    }
}

struct Source {
    endpoint: Endpoint,
    version: MetadataVersion,
    /// What it is named by, and the name.
    profile: Option<(&'static str, String)>,
}

/// An answer of the metadata service.
#[derive(Deserialize)]
#[serde(expecting = "an object with a token")]
struct Answer {
    access_token: Secret,
    expires_in: Option<Seconds>,
    created_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
}

impl Source {
    fn request(&self, operation: &'static Operation, body: Option<String>) -> Option<Request> {
        let mut url: Url = below(&self.endpoint, operation.path);
        url.query_pairs_mut().append_pair("version", self.version.as_str());
        let method = Method::from_bytes(operation.method.as_bytes()).ok()?;
        let mut request = Request::new(method, url);
        let headers = request.headers_mut();
        headers.insert(FLAVOR.0, FLAVOR.1);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        match body {
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                *request.body_mut() = Some(body.into());
            }
            None => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            }
        }
        Some(request)
    }

    async fn send(
        &self,
        transport: &Transport,
        operation: &'static Operation,
        body: Option<String>,
        instance: Option<&Authorization>,
    ) -> Result<RawResponse, Error> {
        let Some(mut request) = self.request(operation, body) else {
            let problem = "the request cannot be written in HTTP".to_owned();
            return Err(Error::invalid_request(operation, problem));
        };
        let redactor = Redactor::default();
        if let Some(instance) = instance {
            instance.secrets().iter().for_each(|secret| redactor.hide(secret.expose()));
            let header = instance.header().cloned();
            header.and_then(|header| request.headers_mut().insert(AUTHORIZATION, header));
        }
        transport.exchange(operation, request, "vpc-instance-authenticator", redactor).await
    }

    async fn tokens(&self, transport: &Transport) -> Result<AccessToken, Error> {
        let (first, second) = self.version.operations();
        let body = Some(INSTANCE_TOKEN_REQUEST.to_owned());
        let reply = self.send(transport, first, body, None).await?;
        let instance = decode(first, reply, |answer: Answer, _| {
            check_token(&answer.access_token).map(|()| answer.access_token)
        })?;
        let instance = Authorization::bearer("access_token", instance)?;
        let body = self.profile.as_ref().map(|(field, value)| {
            serde_json::json!({"trusted_profile": {*field: value}}).to_string()
        });
        let reply = self.send(transport, second, body, Some(&instance)).await?;
        decode(second, reply, |answer: Answer, headers| {
            let time = |timestamp: &Option<Timestamp>| timestamp.as_ref()?.to_system_time();
            // A time of the same clock as the end, which is not ours.
            let now = time(&answer.created_at).or_else(|| service_time(headers));
            let now = now.unwrap_or_else(|| transport.clock().wall());
            let expires_at = time(&answer.expires_at);
            access_token(answer.access_token, answer.expires_in, expires_at, now)
        })
    }
}

impl TokenSource for Source {
    fn fetch<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(self.tokens(transport))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VpcInstance")
            .field("endpoint", &self.endpoint.as_str())
            .field("version", &self.version)
            .field("profile", &self.profile.as_ref().map(|(field, name)| (field, Typed(name))))
            .finish()
    }
}
