//! From a client to its services.

#[allow(unused_imports)]
use crate::Client;

#[cfg(feature = "identity")]
impl Client {
    /// The Identity service.
    #[must_use]
    pub fn identity(&self) -> crate::identity::Identity {
        crate::identity::Identity::new(&self.for_service("iam_identity"))
    }
}

#[cfg(feature = "policy_management")]
impl Client {
    /// The Policy Management service.
    #[must_use]
    pub fn policy_management(&self) -> crate::policy_management::PolicyManagement {
        crate::policy_management::PolicyManagement::new(&self.for_service("iam_policy_management"))
    }
}

#[cfg(feature = "access_groups")]
impl Client {
    /// The Access Groups service.
    #[must_use]
    pub fn access_groups(&self) -> crate::access_groups::AccessGroups {
        crate::access_groups::AccessGroups::new(&self.for_service("iam_access_groups"))
    }
}
