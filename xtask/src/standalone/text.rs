//! The handwritten part of a standalone crate: the runtime as iam-client has
//! it, and the few files around it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use iam_codegen::{LeftOut, api::Server};
use syn::{Item, UseTree, Visibility};

use super::credentials::Credentials;
use crate::files::{self, cannot};

/// The Rust files of the runtime in `directory`, without their tests: path
/// within it, and content.
pub(super) fn runtime(directory: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut copied = Vec::new();
    for path in files::walk(directory)? {
        let inner = path.strip_prefix(directory).unwrap_or(&path);
        let is_test = inner.components().any(|part| {
            Path::new(part.as_os_str()).file_stem().is_some_and(|name| name == "tests")
        });
        if !is_test && inner.extension().is_some_and(|extension| extension == "rs") {
            let content = fs::read_to_string(&path).with_context(|| cannot("read", &path))?;
            copied.push((inner.to_path_buf(), without_tests(&content)));
        }
    }
    if !copied.iter().any(|(path, _)| path == Path::new("mod.rs")) {
        bail!("{} has no runtime to copy", directory.display());
    }
    Ok(copied)
}

/// `source` without the test module that rustfmt would leave at its end.
fn without_tests(source: &str) -> String {
    let mut kept = Vec::<&str>::new();
    let mut lines = source.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("mod tests") && kept.last() == Some(&"#[cfg(test)]") {
            kept.pop();
            if line.ends_with('{') {
                lines.by_ref().find(|&line| line == "}");
            }
        } else {
            kept.push(line);
        }
    }
    format!("{}\n", kept.join("\n").trim_end())
}

/// What iam-client re-exports of its runtime, as Rust.
pub(super) fn reexports(library: &str) -> Result<String> {
    let file = syn::parse_file(library).context("cannot parse src/lib.rs of iam-client")?;
    let items = file.items.into_iter().filter(|item| match item {
        Item::Use(item) => {
            let root = match &item.tree {
                UseTree::Path(path) if path.ident == "crate" || path.ident == "self" => &path.tree,
                tree => tree,
            };
            let of_runtime = matches!(root, UseTree::Path(path) if path.ident == "runtime");
            of_runtime && matches!(item.vis, Visibility::Public(_))
        }
        _ => false,
    });
    let items: Vec<_> = items.collect();
    if items.is_empty() {
        bail!("src/lib.rs of iam-client re-exports nothing of its runtime");
    }
    Ok(prettyplease::unparse(&syn::File { shebang: None, attrs: Vec::new(), items }))
}

/// What the files around the generated code tell of it.
#[derive(Debug)]
pub(super) struct About<'a> {
    /// The crate's name.
    pub(super) name: &'a str,
    /// The name of the generated client.
    pub(super) client: &'a str,
    /// File name of the document.
    pub(super) document: &'a str,
    /// File names of the overlays on it.
    pub(super) overlays: &'a [String],
    /// `info.title` and `info.version` of the document.
    pub(super) title: &'a str,
    /// The address of the service, as far as the document gives it.
    pub(super) server: &'a Server,
    pub(super) operations: usize,
    /// The operations of the document that the crate lacks.
    pub(super) left_out: &'a [LeftOut],
    pub(super) credentials: Credentials,
}

impl About<'_> {
    /// `src/lib.rs`.
    pub(super) fn library(&self, reexports: &str) -> String {
        let Self { name, title, document, .. } = self;
        let Server { endpoint, base_path } = self.server;
        let endpoint_note = self.endpoint_note();
        let (title, document) = (plain(title), plain(document));
        let left_out = match self.left_out.len() {
            0 => String::new(),
            number => format!(
                "//!\n//! {number} of its operations could not be generated. The README lists them.\n"
            ),
        };
        let service = name.replace('-', "_").to_lowercase();
        format!(
            "//! Client of {title}, generated from `{document}`.\n\
             //!\n\
             //! [`Client`] holds endpoint and credentials, [`api`] has everything the\n\
             //! document describes.\n\
             {endpoint_note}\
             {left_out}\
             \n\
             /// Where the service is, as the document says.\n\
             pub(crate) const DEFAULT_ENDPOINT: Option<&str> = {endpoint:?};\n\
             \n\
             /// The path that the document appends to an endpoint of the caller.\n\
             pub(crate) const BASE_PATH: &str = {base_path:?};\n\
             \n\
             /// What the service is called in the environment.\n\
             pub(crate) const SERVICES: &[&str] = &[{service:?}];\n\
             \n\
             /// Nothing is known about roles of other services than IAM.\n\
             pub(crate) const ROLES: &[runtime::Role] = &[];\n\
             \n\
             #[rustfmt::skip]\n\
             pub mod api;\n\
             // Not every document needs all of it.\n\
             #[allow(dead_code, unused_imports)]\n\
             mod runtime;\n\
             \n\
             {reexports}\n\
             /// Compiles the example of the README with the other tests.\n\
             #[cfg(doctest)]\n\
             #[doc = include_str!(\"../README.md\")]\n\
             struct Readme;\n"
        )
    }

    /// `README.md`.
    pub(super) fn readme(&self) -> String {
        let Self { name, client, document, overlays, title, operations, credentials, .. } = self;
        let left_out = self.left_out_section();
        let (title, document) = (plain(title), plain(document));
        let overlays: String =
            overlays.iter().map(|overlay| format!(", corrected by `{}`", plain(overlay))).collect();
        let library = name.replace('-', "_");
        let (setter, endpoint_note) = match &self.server.endpoint {
            Some(_) => ("", String::new()),
            None => {
                let note = match plain(&self.server.base_path).as_str() {
                    "" => String::new(),
                    path => format!(", without {path}, which is appended to it"),
                };
                let setter = "        .endpoint(\"https://service.example.com\")\n";
                (setter, format!("\nGive the endpoint of the service{note}.\n"))
            }
        };
        let about_credentials = credentials.table();
        let credentials = credentials.setters(&library);
        format!(
            "# {name}\n\
             \n\
             A Rust client of {title}: {operations} operations, generated from `{document}`{overlays}.\n\
             \n\
             ```rust\n\
             fn client() -> Result<{library}::api::{client}, {library}::Error> {{\n    \
                 let client = {library}::Client::builder()\n\
             {setter}{credentials}        .build()?;\n    \
                 Ok({library}::api::{client}::new(&client))\n\
             }}\n\
             ```\n\
             {endpoint_note}\
             \n\
             {about_credentials}\
             - `src/api.rs`: generated from the document.\n\
             - `src/runtime/`: connection, answers and errors.\n\
             - `adaptations.txt`: every place where the client differs from what the document says.\n\
             - Feature `schemars`: `schemars::JsonSchema` for the public types.\n\
             \n\
             `cargo xtask generate --spec … --out … --force` replaces all of it.\n{left_out}"
        )
    }

    /// The paragraph on the endpoint in the documentation of the crate.
    fn endpoint_note(&self) -> String {
        let Server { endpoint, base_path } = self.server;
        let text = match (endpoint, plain(base_path).as_str()) {
            (Some(_), _) => return String::new(),
            (None, "") => "The document names no host: the client needs an endpoint.".to_owned(),
            (None, path) => format!(
                "The document names no host: the client needs an endpoint, which {path} is\n\
                 //! appended to unless it ends so already."
            ),
        };
        format!("//!\n//! {text}\n")
    }

    /// The section of the README about the operations that the crate lacks.
    fn left_out_section(&self) -> String {
        if self.left_out.is_empty() {
            return String::new();
        }
        let mut section = String::from(
            "\n## Operations left out\n\n\
             These operations of the document could not be generated:\n\n",
        );
        for LeftOut { operation, pointer, problems, .. } in self.left_out {
            let reasons = problems.iter().map(|problem| match &problem.remedy {
                Some(remedy) => format!("{}; {remedy}", problem.message),
                None => problem.message.clone(),
            });
            let reasons: Vec<_> = reasons.map(|reason| plain(&reason)).collect();
            let (operation, pointer) = (plain(operation), plain(pointer));
            section.push_str(&format!("- {operation} ({pointer}): {}\n", reasons.join(". ")));
        }
        section
    }
}

/// One line that neither Markdown nor rustdoc reads anything into.
pub(super) fn plain(text: &str) -> String {
    let text = text.chars().map(|c| match c {
        '[' | '{' => '(',
        ']' | '}' => ')',
        '<' | '>' | '`' | '*' | '_' | '\\' | '#' | '|' => ' ',
        c if c.is_control() => ' ',
        c => c,
    });
    let text: String = text.take(200).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{plain, reexports, without_tests};

    #[test]
    fn tests_are_left_behind() {
        let source = "fn a() {}\n\n#[cfg(test)]\nmod tests;\n";
        assert_eq!(without_tests(source), "fn a() {}\n");
        let source =
            "fn a() {}\n\n#[cfg(test)]\nmod tests {\n    fn b() {\n    }\n}\n\nfn c() {}\n";
        assert_eq!(without_tests(source), "fn a() {}\n\n\nfn c() {}\n");
        let source = "#[cfg(feature = \"x\")]\nmod tests_of_it;\n";
        assert_eq!(without_tests(source), source);
    }

    #[test]
    fn only_the_runtime_is_re_exported() {
        let library = "//! Docs.\nmod runtime;\npub mod identity;\nuse runtime::Reply;\n\
            pub use identity::Identity;\n/// The client.\npub use runtime::Client;\n\
            pub use crate::runtime::{Error, Secret};\n";
        let expected =
            "/// The client.\npub use runtime::Client;\npub use crate::runtime::{Error, Secret};\n";
        assert_eq!(reexports(library).unwrap(), expected);
        assert!(reexports("pub mod runtime;").is_err());
    }

    #[test]
    fn titles_stay_text() {
        assert_eq!(plain("A [link](x)\n# <b>*B*</b> `c`"), "A (link)(x) b B /b c");
    }
}
