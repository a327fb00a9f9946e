//! Rust names for what documents name freely.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToPascalCase, ToSnakeCase};

/// `name` as a function, field or argument.
pub(crate) fn snake(name: &str) -> String {
    identifier(clean(name).to_snake_case(), "x")
}

/// `name` as a type or variant.
pub(crate) fn pascal(name: &str) -> String {
    identifier(clean(name).to_pascal_case(), "X")
}

/// The variant of an enum value. A value of signs alone is spelled out.
pub(crate) fn variant(value: &str) -> String {
    let plain = pascal(value);
    if plain != "X" || value.eq_ignore_ascii_case("x") {
        return plain;
    }
    let spelled: String = value.chars().map(sign).collect();
    if spelled.is_empty() { "Empty".to_owned() } else { spelled }
}

fn sign(sign: char) -> String {
    match sign {
        '=' => "Equal".into(),
        '!' => "Not".into(),
        '<' => "Less".into(),
        '>' => "Greater".into(),
        '*' => "Star".into(),
        '+' => "Plus".into(),
        '-' => "Minus".into(),
        '/' => "Slash".into(),
        '.' => "Dot".into(),
        '_' => "Underscore".into(),
        ' ' => "Space".into(),
        other => format!("U{:04X}", u32::from(other)),
    }
}

/// Names that are taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    names: BTreeSet<String>,
    /// The last number given to a name, so that none is tried twice.
    numbers: BTreeMap<String, usize>,
}

impl Taken {
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Returns whether the name was free; it no longer is.
    pub(crate) fn insert(&mut self, name: String) -> bool {
        self.names.insert(name)
    }
}

impl<const N: usize> From<[&str; N]> for Taken {
    fn from(names: [&str; N]) -> Self {
        names.into_iter().map(str::to_owned).collect()
    }
}

impl FromIterator<String> for Taken {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        Self { names: names.into_iter().collect(), numbers: BTreeMap::new() }
    }
}

/// The name closest to `wanted` that is not in `taken`, which it joins.
pub(crate) fn unique(wanted: String, taken: &mut Taken) -> String {
    let mut name = wanted.clone();
    while taken.names.contains(&name) {
        let number = taken.numbers.entry(wanted.clone()).or_insert(1);
        *number += 1;
        name = format!("{wanted}{number}");
    }
    taken.names.insert(name.clone());
    name
}

/// Everything but ASCII letters and digits separates words.
fn clean(name: &str) -> String {
    // A leading sign tells `-name` from `name`.
    let name = match name.strip_prefix('-') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            format!("minus-{rest}")
        }
        _ => name.replace('\'', ""),
    };
    name.replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

fn identifier(name: String, empty: &str) -> String {
    match name.chars().next() {
        None => empty.to_owned(),
        Some(first) if first.is_ascii_digit() => format!("{empty}{name}"),
        Some(_) if is_keyword(&name) => format!("{name}_"),
        Some(_) => name,
    }
}

/// Strict and reserved words of every edition.
fn is_keyword(name: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
        "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
        "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
        "pub", "ref", "return", "self", "static", "struct", "super", "trait", "true", "try",
        "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    KEYWORDS.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_rust_names() {
        for (from, to) in [
            ("getIdPSetting", "get_id_p_setting"),
            ("profile-id", "profile_id"),
            ("IAM-ApiKey", "iam_api_key"),
            ("type", "type_"),
            ("2fa", "x2fa"),
            ("", "x"),
            ("größe", "gr_e"),
            ("$ref", "ref_"),
        ] {
            assert_eq!(snake(from), to, "{from}");
        }
        for (from, to) in
            [("api_key", "ApiKey"), ("Self", "Self_"), ("3.0", "X30"), ("V2Policy", "V2Policy")]
        {
            assert_eq!(pascal(from), to, "{from}");
        }
    }

    #[test]
    fn every_enum_value_has_a_variant() {
        for (from, to) in [
            ("asc", "Asc"),
            ("-created_at", "MinusCreatedAt"),
            ("!=", "NotEqual"),
            ("*", "Star"),
            ("", "Empty"),
            ("x", "X"),
            ("é", "U00E9"),
            ("urn:ibm:params:oauth:grant-type:apikey", "UrnIbmParamsOauthGrantTypeApikey"),
        ] {
            assert_eq!(variant(from), to, "{from}");
        }
    }

    #[test]
    fn a_taken_name_gets_a_number() {
        let mut taken = Taken::from(["a", "a2"]);
        assert_eq!(unique("a".into(), &mut taken), "a3");
        assert!(taken.contains("a3"));
        assert_eq!(unique("a".into(), &mut taken), "a4");
    }
}
