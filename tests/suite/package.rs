//! A published iam-client has no `../openapi`: it must build from its package.

use std::fs;

use crate::workspace;

#[test]
#[ignore = "compiles a crate; CI runs it"]
fn the_packages_build_alone() {
    let root = workspace::root();
    let target = root.join("target/standalone");
    workspace::cargo(
        &root,
        &["package", "--allow-dirty", "--no-verify", "-p", "iam-codegen", "-p", "iam-client"],
    )
    .unwrap_or_else(|text| panic!("{text}"));
    let directory = tempfile::tempdir().unwrap();
    let version = env!("CARGO_PKG_VERSION");
    for name in ["iam-codegen", "iam-client"] {
        let package = target.join(format!("package/{name}-{version}.crate"));
        // With times of now: packages all have the same one, by which cargo would
        // take this one for the one of an earlier run.
        let status = std::process::Command::new("tar")
            .arg("xzmf")
            .arg(&package)
            .arg("-C")
            .arg(directory.path())
            .status();
        assert!(status.unwrap().success(), "{}", package.display());
    }
    let client = directory.path().join(format!("iam-client-{version}"));
    assert!(client.join("openapi/iam-identity.json").is_file(), "the documents are in the package");
    assert!(!directory.path().join("openapi").exists());
    fs::write(
        directory.path().join("Cargo.toml"),
        format!(
            "[workspace]\nresolver = \"3\"\nmembers = [\"iam-client-{version}\", \"iam-codegen-{version}\"]\n\
             [patch.crates-io]\niam-codegen = {{ path = \"iam-codegen-{version}\" }}\n"
        ),
    )
    .unwrap();
    fs::copy(root.join("Cargo.lock"), directory.path().join("Cargo.lock")).unwrap();
    let check = |arguments: &[&str]| {
        workspace::cargo(directory.path(), &[&["check", "-p", "iam-client"], arguments].concat())
            .unwrap_or_else(|text| panic!("{text}"))
    };
    check(&[]);
    // Nothing changed, so the build step must not run again.
    let again = check(&["--verbose"]);
    assert!(again.contains("Fresh iam-client"), "{again}");
    assert!(!again.contains("Running"), "{again}");
}
