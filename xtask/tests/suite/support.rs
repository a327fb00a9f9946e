//! A small workspace in a temporary directory, and running commands in it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Parser;
use tempfile::TempDir;
use xtask::{Cli, Workspace};

/// A document of one operation, which the overlay of the workspace fits.
pub(crate) const PETS: &str = r##"{
  "openapi": "3.0.3",
  "info": {"title": "Pets", "version": "1.0"},
  "servers": [{"url": "https://pets.example.com"}],
  "paths": {
    "/pets/{id}": {
      "get": {
        "operationId": "get_pet",
        "tags": ["Pets"],
        "summary": "Get a pet",
        "parameters": [
          {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}
        ],
        "responses": {
          "200": {
            "description": "The pet",
            "content": {
              "application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}
            }
          }
        }
      }
    }
  },
  "components": {
    "schemas": {
      "Pet": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}}
      }
    }
  }
}
"##;

/// The next version of [`PETS`].
pub(crate) fn pets_2() -> String {
    PETS.replace("\"version\": \"1.0\"", "\"version\": \"2.0\"")
}

/// The watched document.
pub(crate) const OTHERS: &str = "\
openapi: 3.1.0
info: {title: Others, version: '1'}
paths:
  /others:
    get:
      operationId: list_others
      responses:
        '200':
          description: All of them
          content:
            application/json:
              schema: {type: array, items: {type: string}}
";

const OVERLAY: &str = "\
overlay: 1.0.0
info: {title: Corrections, version: '1'}
actions:
  - target: $.components.schemas.Pet.properties.name
    description: The document does not say what it is.
    update: {description: What the pet is called.}
";

/// SHA-256 of a file that never was.
pub(crate) const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A workspace: client document `pets`, watched document `others`.
#[derive(Debug)]
pub(crate) struct Bench {
    directory: TempDir,
    pub(crate) workspace: Workspace,
}

/// What became of a command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ran {
    pub(crate) code: u8,
    /// What the user sees, standard error included.
    pub(crate) text: String,
}

impl Bench {
    /// Without any document; `pets` is published at `upstream`.
    pub(crate) fn new(upstream: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(directory.path());
        let bench = Self { directory, workspace };
        bench.write(
            "openapi/sources.toml",
            format!(
                "[[source]]\nname = \"pets\"\nrole = \"client\"\nservice = \"pets\"\n\
                 format = \"json\"\nfile = \"pets.json\"\nupstream = {upstream:?}\n\
                 overlays = [\"overlays/pets.yaml\"]\n\
                 [[source]]\nname = \"others\"\nrole = \"watch\"\nformat = \"yaml\"\n\
                 file = \"watch/others.yml\"\nupstream = [\"https://example.com/others.yml\"]\n"
            ),
        );
        bench.write("openapi/overlays/pets.yaml", OVERLAY);
        bench
    }

    /// With [`PETS`] pulled from the first of `upstream`, which gives it.
    pub(crate) fn pulled(upstream: &[&str]) -> Self {
        let bench = Self::new(upstream);
        let ran = bench.run(&["pull", "pets"]);
        assert_eq!(ran.code, 10, "{}", ran.text);
        bench
    }

    /// With [`PETS`] taken from a file.
    pub(crate) fn with_pets() -> Self {
        let bench = Self::new(&["https://example.com/pets.json"]);
        let ran = bench.pull_from_file("pets", "new/pets.json", PETS);
        assert_eq!(ran.code, 10, "{}", ran.text);
        bench
    }

    /// `pull NAME --from` a new file of that content.
    pub(crate) fn pull_from_file(&self, name: &str, file: &str, content: &str) -> Ran {
        self.write(file, content);
        self.run(&["pull", name, "--from", self.path(file).to_str().unwrap()])
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let cli = Cli::try_parse_from(["xtask"].iter().chain(arguments)).unwrap();
        let mut out = Vec::new();
        let code = match cli.command.run(&self.workspace, &mut out) {
            Ok(outcome) => outcome.exit_code(),
            Err(error) => {
                xtask::report(&error, &mut out);
                xtask::exit_code(&error)
            }
        };
        Ran { code, text: String::from_utf8(out).unwrap() }
    }

    /// Runs git in the workspace.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let settings = ["user.name=t", "user.email=t@example.com", "commit.gpgsign=false"];
        let output = Command::new("git")
            .current_dir(self.directory.path())
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Commits everything that is not ignored.
    pub(crate) fn commit(&self) {
        self.git(&["init", "-q", "-b", "main"]);
        self.git(&["add", "."]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "all"]);
    }

    /// A command of the program in this workspace.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(arguments);
        command.env("CARGO_MANIFEST_DIR", self.path("xtask")).env_remove("CARGO_TARGET_DIR");
        command
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.directory.path().join(file)
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    pub(crate) fn lock(&self) -> String {
        self.read("openapi/sources.lock.toml")
    }

    /// Every file and directory below `directory`, with its content.
    pub(crate) fn state(&self, directory: &str) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
        let mut state = BTreeMap::new();
        collect(&self.path(directory), &mut state);
        state
    }

    /// Runs a command that fails, and must leave `openapi/` as it was.
    pub(crate) fn fails(&self, arguments: &[&str], expected: &str) {
        let before = self.state("openapi");
        let ran = self.run(arguments);
        assert_eq!(ran.code, 1, "{}", ran.text);
        assert!(ran.text.contains(expected), "not {expected:?} in:\n{}", ran.text);
        assert_eq!(self.state("openapi"), before);
    }
}

fn collect(directory: &Path, state: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, state);
            state.insert(path, None);
        } else {
            let content = fs::read(&path).unwrap();
            state.insert(path, Some(content));
        }
    }
}
