//! JSON pointers (RFC 6901).

use serde_json::Value;

/// `pointer` with one more reference token.
pub fn child(pointer: &str, token: impl AsRef<str>) -> String {
    let token = token.as_ref();
    let mut out = String::with_capacity(pointer.len() + token.len() + 1);
    out.push_str(pointer);
    out.push('/');
    for c in token.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            c => out.push(c),
        }
    }
    out
}

/// The reference tokens of `pointer`, unescaped.
pub fn tokens(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"))
}

/// The pointer of a local reference such as `#/components/schemas/ApiKey`,
/// its percent-encoding undone; `None` if `reference` leads out of the document.
pub fn of_reference(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    let pointer = String::from_utf8(bytes).ok()?;
    (pointer.is_empty() || pointer.starts_with('/')).then_some(pointer)
}

/// The `$ref` of `value`, if it is a reference object.
pub fn reference(value: &Value) -> Option<&str> {
    value.get("$ref")?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_escaped_and_read_back() {
        let pointer = child("/paths", "/v1/a~b");
        assert_eq!(pointer, "/paths/~1v1~1a~0b");
        assert_eq!(tokens(&pointer).collect::<Vec<_>>(), ["paths", "/v1/a~b"]);
    }

    #[test]
    fn a_reference_is_percent_decoded() {
        assert_eq!(of_reference("#/paths/~1v1~1%7Bid%7D").as_deref(), Some("/paths/~1v1~1{id}"));
        assert_eq!(of_reference("#").as_deref(), Some(""));
        for outside in ["other.yml#/a", "#anchor", "#/a%G1", "#/a%4"] {
            assert_eq!(of_reference(outside), None, "{outside}");
        }
    }
}
