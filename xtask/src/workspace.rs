//! Where things are.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use iam_codegen::sources::Sources;

/// The directories and programs that commands work with.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The directory of the root manifest.
    pub root: PathBuf,
    /// The directory of `sources.toml`.
    pub openapi: PathBuf,
    /// Cargo's target directory.
    pub target: PathBuf,
    /// The cargo to compile with.
    pub cargo: OsString,
}

impl Workspace {
    /// The workspace that this command belongs to, as cargo's environment says.
    ///
    /// # Errors
    /// The directory of xtask is not in a workspace.
    pub fn discover() -> Result<Self> {
        let own = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = own.parent().with_context(|| format!("{} has no parent", own.display()))?;
        let mut workspace = Self::at(root);
        if let Some(target) = env::var_os("CARGO_TARGET_DIR") {
            // Cargo takes it relative to the directory that it was called in.
            workspace.target = std::path::absolute(target)?;
        }
        if let Some(cargo) = env::var_os("CARGO") {
            workspace.cargo = cargo;
        }
        Ok(workspace)
    }

    /// A workspace in `root`, laid out as usual.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self {
            openapi: root.join("openapi"),
            target: root.join("target"),
            cargo: OsString::from("cargo"),
            root,
        }
    }

    /// Reads the manifest of sources.
    pub(crate) fn sources(&self) -> Result<Sources> {
        Ok(Sources::load(&self.openapi)?)
    }

    /// `path` as a user would write it: relative to the workspace if it is inside.
    pub(crate) fn shown<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}
