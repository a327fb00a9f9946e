//! The manifest of a standalone crate: dependencies as iam-client has them, so
//! that the two cannot diverge.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use toml::{Table, Value};

use crate::files;

/// Where this command recognises its own crates, in `[package.metadata]`.
pub(super) const MARKER: &str = "iam-codegen";

/// What the manifests of the workspace say.
#[derive(Debug)]
pub(super) struct Manifests {
    workspace: Table,
    client: Table,
}

/// What is special to one crate.
#[derive(Debug)]
pub(super) struct Package<'a> {
    pub(super) name: &'a str,
    pub(super) description: &'a str,
    /// File name of the document.
    pub(super) document: &'a str,
    /// SHA-256 of the document.
    pub(super) sha256: &'a str,
    /// File names of the overlays on the document.
    pub(super) overlays: &'a [String],
}

impl Manifests {
    /// Reads the manifests of the workspace in `root` and of its iam-client.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let read = |path: &Path| -> Result<Table> {
            let text = files::read_text(path)?;
            toml::from_str(&text).with_context(|| format!("{} is no manifest", path.display()))
        };
        let workspace = read(&root.join("Cargo.toml"))?;
        Ok(Self { workspace, client: read(&root.join("iam-client/Cargo.toml"))? })
    }

    /// The names of the dependencies.
    pub(super) fn dependency_names(&self) -> impl Iterator<Item = &str> {
        self.client.get("dependencies").and_then(Value::as_table).into_iter().flatten().map(
            // `http = …` or `"http" = …`.
            |(name, _)| name.as_str(),
        )
    }

    /// The manifest of a crate. `services` are the features of iam-client that
    /// choose its modules; a crate of one document has none of them.
    pub(super) fn render(&self, package: &Package<'_>, services: &[&str]) -> Result<String> {
        let mut text = String::from("[package]\n");
        let mut line = |key: &str, value: &Value| text.push_str(&format!("{key} = {value}\n"));
        line("name", &Value::from(package.name));
        line("version", &Value::from("0.1.0"));
        line("description", &Value::from(package.description));
        for key in ["edition", "rust-version"] {
            line(key, self.inherited(key).with_context(|| format!("iam-client has no {key}"))?);
        }
        text.push_str(&format!(
            "\n# Made by `cargo xtask generate --spec`, which replaces it with --force.\n\
             [package.metadata.{MARKER}]\ndocument = {}\nsha256 = {}\n",
            Value::from(package.document),
            Value::from(package.sha256)
        ));
        if !package.overlays.is_empty() {
            text.push_str(&format!("overlays = {}\n", Value::from(package.overlays.to_vec())));
        }

        text.push_str("\n[features]\n");
        for (name, parts) in self.table("features") {
            if !services.contains(&name.as_str()) {
                text.push_str(&format!("{name} = {}\n", self.feature(parts, services)));
            }
        }
        text.push_str("\n[dependencies]\n");
        for (name, dependency) in self.table("dependencies") {
            let dependency = self.dependency(name, dependency)?;
            text.push_str(&format!("{name} = {dependency}\n"));
        }
        text.push_str("\n# A workspace of its own, wherever it lies.\n[workspace]\n");
        Ok(text)
    }

    fn table(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.client.get(name).and_then(Value::as_table).into_iter().flatten()
    }

    /// A field of iam-client's `[package]`, its own or the workspace's.
    fn inherited(&self, key: &str) -> Option<&Value> {
        let own = self.client.get("package")?.get(key)?;
        if own.get("workspace").is_some() {
            return self.workspace.get("workspace")?.get("package")?.get(key);
        }
        Some(own)
    }

    /// The parts of a feature that still mean something.
    fn feature(&self, parts: &Value, services: &[&str]) -> Value {
        let parts = parts.as_array().into_iter().flatten().filter(|part| {
            let part = part.as_str().unwrap_or_default();
            let dependency = match part.split_once('/') {
                Some((dependency, _)) => Some(dependency.trim_end_matches('?')),
                None => part.strip_prefix("dep:"),
            };
            match dependency {
                Some(dependency) => self.dependency_names().any(|name| name == dependency),
                None => !services.contains(&part),
            }
        });
        Value::Array(parts.cloned().collect())
    }

    /// A dependency of iam-client as TOML, with what it inherits from the workspace.
    fn dependency(&self, name: &str, own: &Value) -> Result<String> {
        let own = details(own);
        let mut result = own.clone();
        if result.remove("workspace").is_some() {
            let shared = self
                .workspace
                .get("workspace")
                .and_then(|workspace| workspace.get("dependencies")?.get(name))
                .with_context(|| format!("the workspace has no dependency `{name}`"))?;
            result = details(shared);
            if own.get("default-features") == Some(&Value::Boolean(true)) {
                result.remove("default-features");
            }
            let mut features = Vec::<Value>::new();
            for feature in [result.get("features"), own.get("features")].into_iter().flatten() {
                for feature in feature.as_array().into_iter().flatten() {
                    if !features.contains(feature) {
                        features.push(feature.clone());
                    }
                }
            }
            if !features.is_empty() {
                result.insert("features".into(), Value::Array(features));
            }
            if let Some(optional) = own.get("optional") {
                result.insert("optional".into(), optional.clone());
            }
        }
        if result.contains_key("path") {
            bail!("iam-client depends on the path of `{name}`, which a standalone crate cannot");
        }
        let version = result.remove("version");
        let version = version
            .with_context(|| format!("the dependency `{name}` of iam-client has no version"))?;
        if result.is_empty() {
            return Ok(version.to_string());
        }
        let others: String =
            result.iter().map(|(key, value)| format!(", {key} = {value}")).collect();
        Ok(format!("{{ version = {version}{others} }}"))
    }
}

fn details(dependency: &Value) -> Table {
    match dependency {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    }
}

/// Whether `manifest` is that of a crate which this command made.
pub(super) fn is_ours(manifest: &str) -> bool {
    let manifest: Option<Table> = toml::from_str(manifest).ok();
    manifest.is_some_and(|manifest| {
        let metadata = manifest.get("package").and_then(|package| package.get("metadata"));
        metadata.is_some_and(|metadata| metadata.get(MARKER).is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::{Manifests, Package, is_ours};

    const WORKSPACE: &str = r#"
        [workspace.package]
        edition = "2024"
        [workspace.dependencies]
        http = "1"
        codegen = { path = "codegen", version = "1" }
        reqwest = { version = "0.13", default-features = false, features = ["json"] }
        schemars = { version = "1" }
    "#;

    fn manifests(client: &str) -> Manifests {
        let client = format!(
            "[package]\nname = \"iam-client\"\nedition.workspace = true\nrust-version = \"1.90\"\n{client}"
        );
        Manifests {
            workspace: toml::from_str(WORKSPACE).unwrap(),
            client: toml::from_str(&client).unwrap(),
        }
    }

    const PACKAGE: Package<'_> = Package {
        name: "pets",
        description: "a \"pet\"",
        document: "pets.json",
        sha256: "00",
        overlays: &[],
    };

    #[test]
    fn what_is_inherited_is_written_out() {
        let manifests = manifests(
            r#"
            [features]
            default = ["identity", "tls"]
            identity = ["codegen/identity"]
            schemars = ["dep:schemars", "dep:syn", "other?/x"]
            tls = ["reqwest/rustls"]
            [dependencies]
            http.workspace = true
            reqwest = { workspace = true, features = ["json", "stream"] }
            schemars = { workspace = true, optional = true }
            own = { version = "2", features = ["a"] }
            [build-dependencies]
            codegen.workspace = true
            "#,
        );
        let text = manifests.render(&PACKAGE, &["identity"]).unwrap();
        let expected = r#"[package]
name = "pets"
version = "0.1.0"
description = 'a "pet"'
edition = "2024"
rust-version = "1.90"

# Made by `cargo xtask generate --spec`, which replaces it with --force.
[package.metadata.iam-codegen]
document = "pets.json"
sha256 = "00"

[features]
default = ["tls"]
schemars = ["dep:schemars"]
tls = ["reqwest/rustls"]

[dependencies]
http = "1"
own = { version = "2", features = ["a"] }
reqwest = { version = "0.13", default-features = false, features = ["json", "stream"] }
schemars = { version = "1", optional = true }

# A workspace of its own, wherever it lies.
[workspace]
"#;
        assert_eq!(text, expected);
        assert!(is_ours(&text));
        assert!(!is_ours("[package]\nname = \"pets\"\n"));
        assert!(!is_ours("# iam-codegen"));
    }

    #[test]
    fn what_cannot_stand_alone_is_refused() {
        for (dependency, expected) in [
            ("codegen.workspace = true", "depends on the path of `codegen`"),
            ("unknown.workspace = true", "no dependency `unknown`"),
            ("git = { git = \"https://example.com/a\" }", "has no version"),
        ] {
            let manifests = manifests(&format!("[dependencies]\n{dependency}\n"));
            let error = manifests.render(&PACKAGE, &[]).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
