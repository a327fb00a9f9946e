//! What a change is known by: so that one that was looked at is known again,
//! whatever words it is put in and wherever in the file it stands.

use serde_json::Value;

use super::value::Hash;

pub(super) fn fingerprint(
    kind: &str,
    subject: &str,
    name: &str,
    old: Option<&Value>,
    new: Option<&Value>,
) -> String {
    let mut hash = Hash::new();
    for part in [kind, subject, name] {
        hash.text(part);
    }
    for value in [old, new] {
        match value {
            Some(value) => hash.value(value),
            None => hash.bytes(b"-"),
        }
    }
    format!("{:032x}", hash.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fingerprint;

    #[test]
    fn only_what_is_compared_counts() {
        let one = fingerprint("k", "GET /a", "n", Some(&json!({"a": 1, "b": 2})), None);
        assert_eq!(one, fingerprint("k", "GET /a", "n", Some(&json!({"b": 2, "a": 1})), None));
        assert_eq!(one.len(), 32);
        let null = Some(&json!(null));
        for other in [
            fingerprint("l", "GET /a", "n", Some(&json!({"a": 1, "b": 2})), None),
            fingerprint("k", "GET /b", "n", Some(&json!({"a": 1, "b": 2})), None),
            fingerprint("k", "GET /a", "m", Some(&json!({"a": 1, "b": 2})), None),
            fingerprint("k", "GET /a", "n", Some(&json!({"a": 1, "b": 3})), None),
            fingerprint("k", "GET /a", "n", Some(&json!({"a": 1, "b": 2})), null),
        ] {
            assert_ne!(one, other);
        }
    }
}
