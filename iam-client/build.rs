//! Generates the service modules from the vendored OpenAPI documents.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use iam_codegen::{Settings, sources::Sources};

fn main() -> ExitCode {
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let directory = documents(Path::new(&env::var("CARGO_MANIFEST_DIR")?));
    let manifest = directory.join(iam_codegen::sources::MANIFEST);
    println!("cargo::rerun-if-changed={}", manifest.display());
    let sources = Sources::load(&directory)?;
    for (service, source) in sources.client() {
        let files = source.overlays.iter().chain([&source.file]);
        for file in files {
            println!("cargo::rerun-if-changed={}", directory.join(file).display());
        }
        // A service that is not compiled need not be generated.
        if env::var_os(format!("CARGO_FEATURE_{}", service.to_uppercase())).is_none() {
            continue;
        }
        let document = sources.document(source)?;
        let overlays = sources.overlays(source)?;
        let output = iam_codegen::run(document, &overlays, &Settings::for_service(service))?;
        fs::write(out.join(format!("{service}.rs")), output.source)?;
    }
    Ok(())
}

/// `openapi` is a link to the directory beside this package. A package made by
/// `cargo package` holds the files themselves; a checkout without symbolic
/// links holds a file, and then the directory itself is used.
fn documents(package: &Path) -> PathBuf {
    let own = package.join("openapi");
    if own.is_dir() { own } else { package.join("../openapi") }
}
