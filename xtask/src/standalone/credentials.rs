//! The section on credentials in the README of a standalone crate.

use std::collections::BTreeMap;

use iam_codegen::api::{Api, SecurityScheme};

use super::text::plain;

/// The security schemes of a document, and those that its operations take.
#[derive(Debug)]
pub(super) struct Credentials {
    schemes: BTreeMap<String, SecurityScheme>,
    /// The combination that most operations take.
    usual: Vec<String>,
}

impl Credentials {
    pub(super) fn of(api: &Api) -> Self {
        let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
        for combination in api.operations.iter().filter_map(|operation| operation.security.first())
        {
            *counts.entry(combination).or_default() += 1;
        }
        let usual = counts.into_iter().max_by_key(|(_, count)| *count);
        let usual = usual.map(|(combination, _)| combination.to_vec()).unwrap_or_default();
        Self { schemes: api.security_schemes.clone(), usual }
    }

    /// The lines of the builder that give the usual credentials.
    pub(super) fn setters(&self, library: &str) -> String {
        let schemes = self.usual.iter().filter_map(|name| Some((name, self.schemes.get(name)?)));
        let setters =
            schemes.map(|(name, scheme)| format!("        {}\n", setter(name, scheme, library)));
        setters.collect()
    }

    /// A table of the setters of credentials; nothing if the document has no schemes.
    pub(super) fn table(&self) -> String {
        if self.schemes.is_empty() {
            return String::new();
        }
        let rows = self.schemes.iter().map(|(name, scheme)| {
            let place = match scheme {
                SecurityScheme::Bearer => "`Authorization: Bearer`".to_owned(),
                SecurityScheme::Basic => "`Authorization: Basic`".to_owned(),
                SecurityScheme::Header(header) => format!("header `{}`", plain(header)),
                SecurityScheme::Query(parameter) => format!("query `{}`", plain(parameter)),
                SecurityScheme::Cookie(cookie) => format!("cookie `{}`", plain(cookie)),
            };
            let setter = setter(name, scheme, "").replace(['|', '`'], " ");
            format!("| {} | {place} | `{setter}` |\n", plain(name))
        });
        let rows: String = rows.collect();
        format!("| credential | sent in | given by |\n|---|---|---|\n{rows}\n")
    }
}

/// The call of the builder that gives a credential.
fn setter(name: &str, scheme: &SecurityScheme, library: &str) -> String {
    let auth = if library.is_empty() { "auth".to_owned() } else { format!("{library}::auth") };
    match scheme {
        SecurityScheme::Bearer => ".bearer_token(\"…\")".to_owned(),
        SecurityScheme::Basic => format!(".authenticator({auth}::Basic::new(\"…\", \"…\")?)"),
        _ => format!(".credential({name:?}, \"…\")"),
    }
}

#[cfg(test)]
mod tests {
    use iam_codegen::{Document, Limits, Settings};

    use super::Credentials;

    fn credentials(schemes: &str, security: &str) -> Credentials {
        let text = format!(
            r#"{{"openapi": "3.0.3", "info": {{"title": "t", "version": "1"}}, "security": {security},
                "paths": {{"/a": {{"get": {{"operationId": "a", "responses": {{}}}}}}}},
                "components": {{"securitySchemes": {{{schemes}}}}}}}"#
        );
        let document = Document::parse("d.json", text.as_bytes(), &Limits::default()).unwrap();
        let output = iam_codegen::run(document, &[], &Settings::new("Api")).unwrap();
        Credentials::of(&output.api)
    }

    #[test]
    fn the_example_gives_what_the_operations_take() {
        let schemes = r#""key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "login": {"type": "http", "scheme": "basic"},
            "token": {"type": "http", "scheme": "bearer"}"#;
        for (security, expected) in [
            (r#"[{"token": []}]"#, "        .bearer_token(\"…\")\n"),
            (r#"[{"key": []}]"#, "        .credential(\"key\", \"…\")\n"),
            (
                r#"[{"key": [], "login": []}]"#,
                "        .credential(\"key\", \"…\")\n        \
                 .authenticator(pets::auth::Basic::new(\"…\", \"…\")?)\n",
            ),
            ("[]", ""),
        ] {
            assert_eq!(credentials(schemes, security).setters("pets"), expected, "{security}");
        }
        let table = credentials(schemes, "[]").table();
        let row = "| key | header `X-Key` | `.credential(\"key\", \"…\")` |\n";
        assert!(table.contains(row), "{table}");
        let login = "| login | `Authorization: Basic` | `.authenticator(auth::Basic::new(\"…\", \"…\")?)` |";
        assert!(table.contains(login), "{table}");
        assert_eq!(credentials("", "[]").table(), "");
    }
}
