//! The names of properties, without the service's prefix.

/// Those of the connection.
const CONNECTION: [&str; 6] =
    ["URL", "DISABLE_SSL", "ENABLE_GZIP", "ENABLE_RETRIES", "MAX_RETRIES", "RETRY_INTERVAL"];

/// How credentials are traded for a token; no credentials by themselves.
const EXCHANGE: [&str; 5] = ["AUTH_URL", "AUTH_DISABLE_SSL", "CLIENT_ID", "CLIENT_SECRET", "SCOPE"];

/// Those that say who calls.
const CREDENTIALS: [&str; 14] = [
    "AUTH_TYPE",
    "AUTHTYPE",
    "APIKEY",
    "IAM_APIKEY",
    "REFRESH_TOKEN",
    "USERNAME",
    "PASSWORD",
    "BEARER_TOKEN",
    "IAM_PROFILE_ID",
    "IAM_PROFILE_CRN",
    "IAM_PROFILE_NAME",
    "IAM_ACCOUNT_ID",
    "CR_TOKEN_FILENAME",
    "VPC_IMS_VERSION",
];

/// The variables that belong to no service.
pub(super) const VARIABLES: [&str; 4] =
    ["IBM_CREDENTIALS_FILE", "VCAP_SERVICES", "IBMCLOUD_API_KEY", "IBMCLOUD_TOKEN"];

fn all() -> impl Iterator<Item = &'static str> {
    CREDENTIALS.into_iter().chain(EXCHANGE).chain(CONNECTION)
}

/// Whether there is a property of this name.
pub(super) fn is_known(name: &str) -> bool {
    all().any(|known| known == name)
}

/// Whether the property of this name says who calls.
pub(super) fn is_credential(name: &str) -> bool {
    CREDENTIALS.contains(&name)
}

/// The property that is meant by a name that is nearly its own.
pub(super) fn suggestion(name: &str) -> Option<&'static str> {
    // Longer than all of them: nothing to compare.
    if name.len() > 40 {
        return None;
    }
    let plain = |name: &str| name.to_uppercase().replace(['_', '-', '.'], "");
    let name = plain(name);
    let near = all().map(|known| (distance(&name, &plain(known)), known));
    near.filter(|(distance, known)| *distance <= (known.len() / 4).min(2))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// How many characters have to be put in, taken out or replaced (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, is_known, suggestion};

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (a, b, expected) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn what_is_nearly_a_name_is_taken_for_it() {
        for (name, expected) in [
            ("APIKY", Some("APIKEY")),
            ("API_KEY", Some("APIKEY")),
            ("apikey", Some("APIKEY")),
            ("PROFILE_ID", None),
            ("IAM_PROFIL_ID", Some("IAM_PROFILE_ID")),
            ("BEARERTOKEN", Some("BEARER_TOKEN")),
            ("URI", None),
            ("ACCOUNT_ID", None),
            ("LOG_LEVEL", None),
            (&"A".repeat(5000), None),
        ] {
            assert_eq!(suggestion(name), expected, "{name}");
            assert!(!is_known(name), "{name}");
        }
    }
}
