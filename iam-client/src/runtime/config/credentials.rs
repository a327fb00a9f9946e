//! Who calls, as properties describe it.

use super::{Environment, properties::Properties};
use crate::runtime::{
    Error, Secret,
    auth::{MetadataVersion, settings::credential_fault},
};

/// Checked credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    /// Nobody: calls are sent without authorization.
    NoAuth,
    Basic {
        username: String,
        password: Secret,
    },
    Bearer {
        token: Secret,
    },
    ApiKey {
        apikey: Secret,
        exchange: Exchange,
    },
    RefreshToken {
        refresh_token: Secret,
        exchange: Exchange,
    },
    /// A trusted profile that an API key's owner takes on.
    Assume {
        apikey: Secret,
        profile: Profile,
        exchange: Exchange,
    },
    /// The token of a container, in a file.
    Container {
        profile_id: Option<String>,
        profile_name: Option<String>,
        token_file: Option<String>,
        exchange: Exchange,
    },
    /// The metadata service of a virtual server.
    Vpc {
        profile: Option<Profile>,
        endpoint: Option<String>,
        version: Option<MetadataVersion>,
    },
}

/// Where and for whom a token is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Exchange {
    pub(super) endpoint: Option<String>,
    pub(super) client: Option<(String, Secret)>,
    pub(super) scope: Option<String>,
}

/// Which trusted profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Profile {
    Id(String),
    Crn(String),
    /// The account is given where a name alone does not say which one.
    Name {
        name: String,
        account: Option<String>,
    },
}

/// What a user of IBM's SDKs can write into `AUTH_TYPE`, in lower case.
const FOR_OTHERS: [&str; 5] = ["cp4d", "mcsp", "mcspv2", "cp4dservice", "cp4dserviceinstance"];
const ALLOWED: &str = "iam, iamAssume, container, vpc, basic, bearerToken or noAuth";

impl Credentials {
    /// Those of a service; `None` if there are none at all.
    ///
    /// # Errors
    /// Credentials that are incomplete, contradict each other or cannot be used.
    pub(super) fn read(properties: &Properties) -> Result<Option<Self>, Error> {
        let name = if properties.has("AUTH_TYPE") { "AUTH_TYPE" } else { "AUTHTYPE" };
        let given = properties.text(name)?.map(str::to_ascii_lowercase);
        let why = match &given {
            Some(_) => format!("and {} needs it; set it", properties.named(name)),
            None => "and is needed for what else is set; set it".to_owned(),
        };
        let kind = match given {
            Some(kind) => kind,
            None => match implied(properties)? {
                Some(kind) => kind.to_owned(),
                None => return Ok(None),
            },
        };
        let read = Reading { properties, why };
        Ok(Some(match kind.as_str() {
            "noauth" => Self::NoAuth,
            "basic" => read.basic()?,
            "bearertoken" => {
                let token = properties.token("BEARER_TOKEN")?;
                Self::Bearer { token: read.needed("BEARER_TOKEN", token)? }
            }
            "iam" => read.iam()?,
            "iamassume" => Self::Assume {
                apikey: read.needed("APIKEY", read.apikey()?)?,
                profile: read.assumed_profile()?,
                exchange: Exchange::read(properties)?,
            },
            "container" => read.container()?,
            "vpc" => read.vpc()?,
            other if FOR_OTHERS.contains(&other) => {
                let problem = format!("is for other services than IAM; set it to {ALLOWED}");
                return Err(properties.error(name, &problem));
            }
            _ => {
                let problem = format!("is of no known type; set it to {ALLOWED}");
                return Err(properties.error(name, &problem));
            }
        }))
    }

    /// Those that the ibmcloud tool uses, for a service that has none of its
    /// own; an API key before a token, which would expire. What the service's
    /// properties say of token exchanges holds for the API key.
    ///
    /// # Errors
    /// A value that cannot be used.
    pub(super) fn of_ibmcloud(
        environment: &Environment,
        properties: &Properties,
    ) -> Result<Option<Self>, Error> {
        if let Some(apikey) = variable(environment, "IBMCLOUD_API_KEY")? {
            return Ok(Some(Self::ApiKey { apikey, exchange: Exchange::read(properties)? }));
        }
        let token = variable(environment, "IBMCLOUD_TOKEN")?;
        Ok(token.map(|token| Self::Bearer { token }))
    }
}

fn variable(environment: &Environment, name: &str) -> Result<Option<Secret>, Error> {
    let Some(value) = environment.get(name) else { return Ok(None) };
    let refuse =
        |problem| Err(Error::configuration(&format!("{name} (in the environment)"), problem));
    let Some(value) = value else { return refuse("is no Unicode; set it again") };
    let value = value.expose().trim();
    if value.is_empty() {
        return Ok(None);
    }
    match credential_fault(value) {
        Some(problem) => refuse(problem),
        None => Ok(Some(value.into())),
    }
}

/// The type where none is given: that of an API key or of a container's
/// profile, as with IBM's SDKs; `None` if nothing says who calls.
///
/// # Errors
/// Credentials of a type that has to be given.
fn implied(properties: &Properties) -> Result<Option<&'static str>, Error> {
    let has = |name: &&str| properties.has(name);
    if ["APIKEY", "IAM_APIKEY"].iter().any(has) {
        return Ok(Some("iam"));
    }
    if ["IAM_PROFILE_ID", "IAM_PROFILE_NAME", "CR_TOKEN_FILENAME"].iter().any(has) {
        return Ok(Some("container"));
    }
    let types = [
        ("USERNAME", "basic"),
        ("PASSWORD", "basic"),
        ("BEARER_TOKEN", "bearerToken"),
        ("REFRESH_TOKEN", "iam"),
        ("IAM_PROFILE_CRN", "iamAssume or vpc"),
        ("IAM_ACCOUNT_ID", "iamAssume"),
        ("VPC_IMS_VERSION", "vpc"),
    ];
    match types.iter().find(|(name, _)| has(name)) {
        None => Ok(None),
        Some((name, kind)) => {
            let why = format!("but {} is; set it to {kind}", properties.named(name));
            Err(properties.missing("AUTH_TYPE", &why))
        }
    }
}

/// Credentials of a known type.
struct Reading<'a> {
    properties: &'a Properties,
    /// Why something is needed, for errors.
    why: String,
}

impl Reading<'_> {
    fn needed<T>(&self, name: &str, value: Option<T>) -> Result<T, Error> {
        value.ok_or_else(|| self.properties.missing(name, &self.why))
    }

    /// Under either of its names.
    fn apikey(&self) -> Result<Option<Secret>, Error> {
        let (short, long) =
            (self.properties.token("APIKEY")?, self.properties.token("IAM_APIKEY")?);
        if let (Some(short), Some(long)) = (&short, &long)
            && short != long
        {
            let other = self.properties.named("APIKEY");
            let problem = format!("differs from {other}; remove one of them");
            return Err(self.properties.error("IAM_APIKEY", &problem));
        }
        Ok(short.or(long))
    }

    fn basic(&self) -> Result<Credentials, Error> {
        let username = self.needed("USERNAME", self.properties.plain("USERNAME")?)?;
        let password = self.needed("PASSWORD", self.properties.plain("PASSWORD")?)?;
        if username.contains(':') {
            return Err(self.properties.error("USERNAME", "must not contain a colon; correct it"));
        }
        Ok(Credentials::Basic { username: username.to_owned(), password: password.into() })
    }

    fn iam(&self) -> Result<Credentials, Error> {
        let exchange = Exchange::read(self.properties)?;
        let refresh_token = self.properties.token("REFRESH_TOKEN")?;
        match (self.apikey()?, refresh_token) {
            (Some(_), Some(_)) => Err(self.excess("REFRESH_TOKEN", self.apikey_name())),
            (Some(apikey), None) => Ok(Credentials::ApiKey { apikey, exchange }),
            (None, Some(refresh_token)) => {
                Ok(Credentials::RefreshToken { refresh_token, exchange })
            }
            (None, None) => Err(self.properties.missing("APIKEY", &self.why)),
        }
    }

    fn apikey_name(&self) -> &'static str {
        if self.properties.has("APIKEY") { "APIKEY" } else { "IAM_APIKEY" }
    }

    fn container(&self) -> Result<Credentials, Error> {
        let text = |name| Ok(self.properties.text(name)?.map(str::to_owned));
        let (profile_id, profile_name) = (text("IAM_PROFILE_ID")?, text("IAM_PROFILE_NAME")?);
        if profile_id.is_none() && profile_name.is_none() {
            let other = self.properties.full_name("IAM_PROFILE_NAME");
            let why = format!("nor is {other}; set one of them to the trusted profile to take on");
            return Err(self.properties.missing("IAM_PROFILE_ID", &why));
        }
        let token_file = text("CR_TOKEN_FILENAME")?;
        let exchange = Exchange::read(self.properties)?;
        Ok(Credentials::Container { profile_id, profile_name, token_file, exchange })
    }

    /// The one profile of those given; `None` if there is none.
    fn profile(&self) -> Result<Option<Profile>, Error> {
        let mut found: Option<(&str, Profile)> = None;
        for name in ["IAM_PROFILE_ID", "IAM_PROFILE_CRN", "IAM_PROFILE_NAME"] {
            let Some(value) = self.properties.text(name)? else { continue };
            if let Some((earlier, _)) = found {
                return Err(self.excess(name, earlier));
            }
            let value = value.to_owned();
            let profile = match name {
                "IAM_PROFILE_ID" => Profile::Id(value),
                "IAM_PROFILE_CRN" => Profile::Crn(value),
                _ => Profile::Name { name: value, account: None },
            };
            found = Some((name, profile));
        }
        Ok(found.map(|(_, profile)| profile))
    }

    fn assumed_profile(&self) -> Result<Profile, Error> {
        let account = self.properties.text("IAM_ACCOUNT_ID")?.map(str::to_owned);
        match (self.profile()?, account) {
            (None, _) => {
                let why = "nor is a CRN or name; set IAM_PROFILE_ID, IAM_PROFILE_CRN, or \
                           IAM_PROFILE_NAME with IAM_ACCOUNT_ID";
                Err(self.properties.missing("IAM_PROFILE_ID", why))
            }
            (Some(Profile::Name { name, .. }), Some(account)) => {
                Ok(Profile::Name { name, account: Some(account) })
            }
            (Some(Profile::Name { .. }), None) => {
                let name = self.properties.named("IAM_PROFILE_NAME");
                let why = format!("and {name} needs it; set it to the profile's account");
                Err(self.properties.missing("IAM_ACCOUNT_ID", &why))
            }
            (Some(_), Some(_)) => {
                let problem = "goes with IAM_PROFILE_NAME only; remove it";
                Err(self.properties.error("IAM_ACCOUNT_ID", problem))
            }
            (Some(profile), None) => Ok(profile),
        }
    }

    fn vpc(&self) -> Result<Credentials, Error> {
        let version = match self.properties.text("VPC_IMS_VERSION")?.map(str::parse) {
            None => None,
            Some(Ok(version)) => Some(version),
            Some(Err(_)) => {
                let problem = "must be 2022-03-01 or 2025-08-26; correct it";
                return Err(self.properties.error("VPC_IMS_VERSION", problem));
            }
        };
        let endpoint = self.properties.metadata_endpoint("AUTH_URL")?.map(str::to_owned);
        Ok(Credentials::Vpc { profile: self.profile()?, endpoint, version })
    }

    /// That a property cannot stand beside another.
    fn excess(&self, name: &str, other: &str) -> Error {
        let other = self.properties.named(other);
        self.properties.error(name, &format!("cannot be combined with {other}; remove one of them"))
    }
}

impl Exchange {
    fn read(properties: &Properties) -> Result<Self, Error> {
        let id = properties.text("CLIENT_ID")?;
        let secret = properties.text("CLIENT_SECRET")?;
        let client = match (id, secret) {
            (Some(id), Some(secret)) => Some((id.to_owned(), secret.into())),
            (None, None) => None,
            (Some(_), None) => return Err(Self::alone(properties, "CLIENT_SECRET", "CLIENT_ID")),
            (None, Some(_)) => return Err(Self::alone(properties, "CLIENT_ID", "CLIENT_SECRET")),
        };
        if id.is_some_and(|id| id.contains(':')) {
            return Err(properties.error("CLIENT_ID", "must not contain a colon; correct it"));
        }
        let endpoint = properties.endpoint("AUTH_URL")?.map(str::to_owned);
        let scope = properties.text("SCOPE")?.map(str::to_owned);
        Ok(Self { endpoint, client, scope })
    }

    fn alone(properties: &Properties, missing: &str, given: &str) -> Error {
        let why = format!("but {} is; set both or neither", properties.named(given));
        properties.missing(missing, &why)
    }
}
