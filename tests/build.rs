//! Generates a module for each document of the corpus and of `left_out`, so that what the
//! suite exercises has been compiled; lists the types of all modules; and writes a
//! call of every operation of the client.

#[path = "build/calls.rs"]
mod calls;

use std::{
    env, error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use iam_codegen::{
    Document, Limits, Output, Overlay, Settings, Unsupported, api::Api, sources::Sources,
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

fn generate() -> Result<(), Box<dyn error::Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut corpus = String::new();
    let mut schemas = String::from(
        "/// The types of each module.\n#[allow(deprecated)]\npub fn all() -> Vec<Module> {\n    vec![\n",
    );
    for file in files(Path::new("corpus"))? {
        let name = file.file_stem().and_then(|stem| stem.to_str()).ok_or("a name is not UTF-8")?;
        let path = file.display().to_string();
        let document = Document::parse(&path, &fs::read(&file)?, &Limits::default())?;
        let output = iam_codegen::run(document, &[], &Settings::new("Api"))?;
        fs::write(out.join(format!("{name}.rs")), output.source)?;
        include(&mut corpus, &path, name, name)?;
        list(&mut schemas, &path, &format!("crate::corpus::{name}"), &output.api)?;
    }
    for file in files(Path::new("left_out"))? {
        let name = file.file_stem().and_then(|stem| stem.to_str()).ok_or("a name is not UTF-8")?;
        let path = file.display().to_string();
        let document = Document::parse_unresolved(&path, &fs::read(&file)?, &Limits::default())?;
        let mut settings = Settings::new("Api");
        settings.unsupported = Unsupported::LeaveOut;
        let output = iam_codegen::run(document, &[], &settings)?;
        fs::write(out.join(format!("left_out_{name}.rs")), output.source)?;
        include(&mut corpus, &path, &format!("without_{name}"), &format!("left_out_{name}"))?;
    }
    let mut all_calls = String::from(
        "/// Each operation, once.\n#[allow(deprecated)]\npub fn all() -> Vec<Call> {\n    vec![\n",
    );
    let sources = Sources::load("../openapi")?;
    println!("cargo::rerun-if-changed=../openapi");
    for (service, source) in sources.client() {
        let (document, overlays) = (sources.document(source)?, sources.overlays(source)?);
        let output = iam_codegen::run(document, &overlays, &Settings::for_service(service))?;
        let module = format!("iam_client::{service}");
        list(&mut schemas, &source.name, &module, &output.api)?;
        let start = format!("client.{service}()");
        calls::list(&mut all_calls, (service, &module, &start), &output.api)?;
    }
    let output = ibm_style()?;
    fs::write(out.join("lockers.rs"), output.source)?;
    let (module, start) = ("crate::lockers", "crate::lockers::Lockers::new(client)");
    calls::list(&mut all_calls, ("lockers", module, start), &output.api)?;
    schemas.push_str("    ]\n}\n");
    all_calls.push_str("    ]\n}\n");
    fs::write(out.join("calls.rs"), all_calls)?;
    fs::write(out.join("corpus.rs"), corpus)?;
    fs::write(out.join("schemas.rs"), schemas)?;
    Ok(())
}

/// The document of our own in IBM's style, with its overlay.
fn ibm_style() -> Result<Output, Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=ibm-style");
    let (published, overlay) = ("ibm-style/published.yaml", "ibm-style/overlay.yaml");
    let document = Document::parse(published, &fs::read(published)?, &Limits::default())?;
    let overlay = Overlay::parse(overlay, &fs::read(overlay)?)?;
    Ok(iam_codegen::run(document, &[overlay], &Settings::new("Lockers"))?)
}

/// Adds a module of the source in `file`.
fn include(
    out: &mut String,
    document: &str,
    module: &str,
    file: &str,
) -> Result<(), std::fmt::Error> {
    writeln!(
        out,
        "/// From `{document}`.\n#[deny(warnings)]\n#[allow(clippy::all)]\npub mod {module} {{"
    )?;
    writeln!(out, "    include!(concat!(env!(\"OUT_DIR\"), \"/{file}.rs\"));\n}}")
}

/// The documents, sorted; each directory is watched.
fn files(directory: &Path) -> Result<Vec<PathBuf>, Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Each type of a module: its JSON Schema and how it prints, made when asked for.
fn list(out: &mut String, document: &str, module: &str, api: &Api) -> Result<(), std::fmt::Error> {
    writeln!(out, "        Module {{ document: {document:?}, types: vec![")?;
    // Files are neither JSON nor described by a JSON Schema.
    for (name, _) in api.types.iter().filter(|(_, definition)| !definition.has_files()) {
        writeln!(out, "            Type::of::<{module}::types::{name}>({name:?}),")?;
    }
    writeln!(out, "        ] }},")
}
