//! Who a token speaks for.

use std::fmt;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, de::DeserializeOwned};

use super::{Secret, text::one_line};

/// Longest claim that is kept.
const MAX_CLAIM: usize = 128;

/// With or without padding: issuers differ.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whom IAM takes a caller for, by the claims of the token.
///
/// The claims are read and not verified: good for explaining, not for deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Caller {
    /// The IAM identifier, such as `IBMid-…`, `iam-ServiceId-…` or
    /// `iam-Profile-…`, which audit events name as their initiator.
    pub iam_id: String,
    /// The account that the token is for.
    pub account: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iam_id: Option<String>,
    id: Option<String>,
    sub: Option<String>,
    account: Option<Account>,
}

#[derive(Deserialize)]
struct Account {
    bss: Option<String>,
}

impl Caller {
    /// Reads the payload of a JSON web token; `None` if it is none or names
    /// nobody.
    #[must_use]
    pub fn of(token: &Secret) -> Option<Self> {
        let claims: Claims = claims(token)?;
        let iam_id = claims.iam_id.or(claims.id).or(claims.sub)?;
        let account = claims.account.and_then(|account| account.bss);
        Some(Self {
            iam_id: one_line(&iam_id, MAX_CLAIM),
            account: account.map(|account| one_line(&account, MAX_CLAIM)),
        })
    }
}

/// The payload of a JSON web token, not verified; `None` if it is none.
pub(super) fn claims<T: DeserializeOwned>(token: &Secret) -> Option<T> {
    let payload = token.expose().split('.').nth(1)?;
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

impl fmt::Display for Caller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.iam_id)?;
        match &self.account {
            Some(account) => write!(formatter, " in account {account}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Caller, Secret};

    #[test]
    fn claims_are_read_with_and_without_padding() {
        // {"iam_id":"IBMid-1","account":{"bss":"acc1"}}
        let bare = "eyJpYW1faWQiOiJJQk1pZC0xIiwiYWNjb3VudCI6eyJic3MiOiJhY2MxIn19";
        for payload in [bare.to_owned(), format!("{bare}==")] {
            let caller = Caller::of(&Secret::from(format!("e30.{payload}.c2ln")));
            // 60 characters need no padding, so any is too much.
            assert_eq!(caller.is_some(), payload == bare, "{payload}");
        }
        // {"sub":"x"}
        for payload in ["eyJzdWIiOiJ4In0", "eyJzdWIiOiJ4In0="] {
            let caller = Caller::of(&Secret::from(format!("e30.{payload}.c2ln"))).unwrap();
            assert_eq!(caller.to_string(), "x");
        }
    }

    #[test]
    fn what_is_no_token_names_nobody() {
        for token in ["", "opaque", "a.b.c", "e30.e30.e30", "e30.bnVsbA.x"] {
            assert_eq!(Caller::of(&Secret::from(token)), None, "{token}");
        }
    }
}
