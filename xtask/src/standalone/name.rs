//! The name of a standalone crate.

/// Names that cargo or rustc refuse, or that hide a crate which every program has.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc-macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
];

/// A valid crate name near `stem`; not one of `taken`, its dependencies.
pub(super) fn from_stem<'a>(stem: &str, taken: impl IntoIterator<Item = &'a str>) -> String {
    let words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if name.is_empty() {
        "api".clone_into(&mut name);
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "api-");
    }
    name.truncate(60);
    let name = name.trim_end_matches('-').to_owned();
    if fault(&name, taken).is_some() { format!("{name}-client") } else { name }
}

/// What is wrong with `name` as a crate name.
pub(super) fn fault<'a>(
    name: &str,
    taken: impl IntoIterator<Item = &'a str>,
) -> Option<&'static str> {
    let normal = name.replace('_', "-");
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Some("it must start with a letter")
    } else if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
        Some("it may hold letters, digits, `-` and `_`")
    } else if name.len() > 64 {
        Some("it may have 64 characters")
    } else if RESERVED.contains(&normal.as_str()) {
        Some("Rust or cargo reserve it")
    } else if taken.into_iter().any(|taken| taken.replace('_', "-") == normal) {
        Some("the crate depends on another of this name")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{fault, from_stem};

    #[test]
    fn every_stem_has_a_name() {
        for (stem, name) in [
            ("ibm-cloud-iam", "ibm-cloud-iam"),
            ("Pet Store (v2)", "pet-store-v2"),
            ("2024_api", "api-2024-api"),
            ("…", "api"),
            ("http", "http-client"),
            ("type", "type-client"),
            ("serde_json", "serde-json-client"),
        ] {
            assert_eq!(from_stem(stem, ["http", "serde_json"]), name);
        }
        assert_eq!(fault(&from_stem(&"long ".repeat(40), []), []), None);
    }

    #[test]
    fn names_that_cargo_refuses_are_refused() {
        for name in ["", "-a", "1a", "a b", "é", "../a", "fn", "Http", &"a".repeat(65)] {
            let taken = ["Http"];
            assert!(fault(name, taken).is_some(), "{name}");
        }
        assert_eq!(fault("pet_store-2", ["http"]), None);
    }
}
