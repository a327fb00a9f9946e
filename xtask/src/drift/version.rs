//! Which version comes next, by what changes in the Rust surface.

use iam_codegen::compare::Rust;
use serde::Serialize;

use crate::{files, workspace::Workspace};

/// The version that a release with these changes should have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Suggestion {
    /// What the changes are.
    pub(crate) change: Rust,
    /// The version of the workspace; `null` if it is not known.
    pub(crate) current: Option<String>,
    /// The next one; `null` if the current one is unknown or a pre-release.
    pub(crate) next: Option<String>,
}

impl Suggestion {
    /// The version after `current`, as cargo reads versions: the first number
    /// that is not zero says what breaks.
    pub(crate) fn new(current: Option<&str>, change: Rust) -> Self {
        let next =
            current.and_then(numbers).map(|[major, minor, patch]| match (change, major, minor) {
                (Rust::Breaking, 0, 0) => format!("0.0.{}", patch + 1),
                (Rust::Breaking, 0, _) => format!("0.{}.0", minor + 1),
                (Rust::Breaking, ..) => format!("{}.0.0", major + 1),
                (Rust::Additive, 1.., _) => format!("{major}.{}.0", minor + 1),
                (Rust::Additive | Rust::None, ..) => format!("{major}.{minor}.{}", patch + 1),
            });
        Self { change, current: current.map(str::to_owned), next }
    }
}

/// The three numbers of a version that is no pre-release.
fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split('.').map(|part| part.parse().ok().filter(|n| *n < u32::MAX));
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

/// The version in the manifest of the workspace, if it has one.
pub(crate) fn current(workspace: &Workspace) -> Option<String> {
    // Only a suggestion depends on it, which says when there is none.
    let text = files::read_text(&workspace.root.join("Cargo.toml")).ok()?;
    let manifest: toml::Table = toml::from_str(&text).ok()?;
    let package = manifest.get("workspace")?.get("package")?;
    Some(package.get("version")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use iam_codegen::compare::Rust;

    use super::Suggestion;

    #[test]
    fn the_first_number_that_is_not_zero_says_what_breaks() {
        for (now, breaking, additive, none) in [
            ("0.0.3", "0.0.4", "0.0.4", "0.0.4"),
            ("0.1.0", "0.2.0", "0.1.1", "0.1.1"),
            ("0.9.9", "0.10.0", "0.9.10", "0.9.10"),
            ("1.2.3", "2.0.0", "1.3.0", "1.2.4"),
        ] {
            let next = |change| Suggestion::new(Some(now), change).next.unwrap();
            let all = [Rust::Breaking, Rust::Additive, Rust::None].map(next);
            assert_eq!(all, [breaking, additive, none], "{now}");
        }
        for odd in ["1.0.0-rc.1", "1.0", "1.2.3.4", "x", "4294967295.0.0"] {
            assert_eq!(Suggestion::new(Some(odd), Rust::Breaking).next, None, "{odd}");
        }
    }
}
