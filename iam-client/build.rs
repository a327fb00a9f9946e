//! Generates the service modules from the vendored OpenAPI documents, and the
//! table of roles.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
};

use iam_codegen::{
    Settings, roles,
    sources::{Source, Sources},
};

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
    let mut chosen = Vec::new();
    for (service, source) in sources.client() {
        for file in source.overlays.iter().chain([&source.file]) {
            println!("cargo::rerun-if-changed={}", directory.join(file).display());
        }
        // A service that is not compiled need not be generated.
        if env::var_os(format!("CARGO_FEATURE_{}", service.to_uppercase())).is_some() {
            chosen.push((service, source));
        }
    }
    // One thread each: a build waits for this.
    let generated = thread::scope(|scope| {
        let threads: Vec<_> = chosen
            .into_iter()
            .map(|(service, source)| (service, scope.spawn(|| module(&sources, service, source))))
            .collect();
        threads.into_iter().map(|(service, thread)| (service, thread.join())).collect::<Vec<_>>()
    });
    for (service, source) in generated {
        let source = source.map_err(|_| format!("{service}: the generator panicked"))??;
        fs::write(out.join(format!("{service}.rs")), source)?;
    }
    let table = directory.join(roles::FILE);
    println!("cargo::rerun-if-changed={}", table.display());
    let json = fs::read(&table).map_err(|error| format!("{}: {error}", table.display()))?;
    let source = roles::generate(&table.display().to_string(), &json)?;
    fs::write(out.join("roles.rs"), source)?;
    Ok(())
}

/// The source of the module `service`.
fn module(sources: &Sources, service: &str, source: &Source) -> Result<String, iam_codegen::Error> {
    let document = sources.document(source)?;
    let overlays = sources.overlays(source)?;
    Ok(iam_codegen::run(document, &overlays, &Settings::for_service(service))?.source)
}

/// `openapi` is a link to the directory beside this package. A package made by
/// `cargo package` holds the files themselves; a checkout without symbolic
/// links holds a file, and then the directory itself is used.
fn documents(package: &Path) -> PathBuf {
    let own = package.join("openapi");
    if own.is_dir() { own } else { package.join("../openapi") }
}
