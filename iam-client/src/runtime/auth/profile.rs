//! Trusted profiles, assumed with the token of another authenticator.

use std::{fmt, sync::Arc};

use http::StatusCode;

use super::{
    AccessToken, Authenticator, Authorization, Cached, TokenSource,
    iam::{TokenEndpoint, exchange},
    settings::{Settings, check_name, exchange_setters},
};
use crate::runtime::{BoxFuture, Error, Operation, Secret, Transport, text::Typed};

static EXCHANGE: Operation = exchange("assume_trusted_profile");

/// Calls as a trusted profile that another authenticator's caller may assume.
///
/// The other one can be any that gives bearer tokens, a trusted profile
/// included.
///
/// ```
/// use iam_client::{Client, auth::{ApiKey, TrustedProfile}};
///
/// # fn main() -> Result<(), iam_client::Error> {
/// let operator = ApiKey::new("my-api-key").build()?;
/// let profile = TrustedProfile::by_name("reader", "account-id", operator).build()?;
/// let client = Client::builder().authenticator(profile).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct TrustedProfile {
    profile: Profile,
    over: Arc<dyn Authenticator>,
    settings: Settings,
}

#[derive(Clone)]
enum Profile {
    Id(String),
    Crn(String),
    Name { name: String, account: String },
}

impl fmt::Debug for Profile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => formatter.debug_tuple("Id").field(&Typed(id)).finish(),
            Self::Crn(crn) => formatter.debug_tuple("Crn").field(&Typed(crn)).finish(),
            Self::Name { name, account } => formatter
                .debug_struct("Name")
                .field("name", &Typed(name))
                .field("account", &Typed(account))
                .finish(),
        }
    }
}

impl TrustedProfile {
    /// The profile of this identifier (`Profile-…`).
    pub fn by_id(id: impl Into<String>, over: impl Authenticator) -> Self {
        Self::new(Profile::Id(id.into()), over)
    }

    /// The profile of this CRN.
    pub fn by_crn(crn: impl Into<String>, over: impl Authenticator) -> Self {
        Self::new(Profile::Crn(crn.into()), over)
    }

    /// The profile of this name in the account of this identifier.
    pub fn by_name(
        name: impl Into<String>,
        account: impl Into<String>,
        over: impl Authenticator,
    ) -> Self {
        Self::new(Profile::Name { name: name.into(), account: account.into() }, over)
    }

    fn new(profile: Profile, over: impl Authenticator) -> Self {
        Self { profile, over: Arc::new(over), settings: Settings::default() }
    }

    exchange_setters!(endpoint);

    /// Checks the settings. Nothing is sent.
    ///
    /// # Errors
    /// A [configuration error](Error::is_configuration) that names the setting:
    /// an empty identifier, CRN, name or account; an unusable endpoint.
    pub fn build(self) -> Result<Cached, Error> {
        match &self.profile {
            Profile::Id(id) => check_name("profile_id", id)?,
            Profile::Crn(crn) => check_name("profile_crn", crn)?,
            Profile::Name { name, account } => {
                check_name("profile_name", name)?;
                check_name("account", account)?;
            }
        }
        let endpoint = self.settings.check()?;
        Ok(Cached::new(Source { profile: self.profile, over: self.over, endpoint }))
    }
}

#[derive(Debug)]
struct Source {
    profile: Profile,
    over: Arc<dyn Authenticator>,
    endpoint: TokenEndpoint,
}

impl Source {
    async fn assume(
        &self,
        transport: &Transport,
        caller: &Authorization,
        refused: Option<&Authorization>,
    ) -> Result<AccessToken, Error> {
        let Some(token) = caller.token() else {
            let problem = "the authenticator that assumes it gives no bearer token; use one that \
                           does";
            return Err(Error::configuration("trusted profile", problem));
        };
        let mut fields = vec![
            ("grant_type", "urn:ibm:params:oauth:grant-type:assume"),
            ("access_token", token.expose()),
        ];
        match &self.profile {
            Profile::Id(id) => fields.push(("profile_id", id)),
            Profile::Crn(crn) => fields.push(("profile_crn", crn)),
            Profile::Name { name, account } => {
                fields.extend([("profile_name", name.as_str()), ("account", account)]);
            }
        }
        let component = "iam-assume-authenticator";
        let refused = refused.and_then(Authorization::token);
        let secrets = refused.into_iter().chain([token]).collect();
        let asked = self.endpoint.ask(transport, &EXCHANGE, component, fields, secrets);
        Ok(asked.await?.token)
    }
}

impl TokenSource for Source {
    fn fetch<'a>(&'a self, transport: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(async {
            let caller = self.over.authenticate(transport).await?;
            let refusal = match self.assume(transport, &caller, None).await {
                Err(error) if error.status() == Some(StatusCode::UNAUTHORIZED) => error,
                result => return result,
            };
            // The caller's token may have been revoked, as in any other call.
            self.over.invalidate(&caller);
            let other = self.over.authenticate(transport).await?;
            if other == caller {
                return Err(refusal);
            }
            self.assume(transport, &other, Some(&caller)).await
        })
    }

    fn secrets(&self) -> Vec<Secret> {
        self.over.secrets()
    }
}
