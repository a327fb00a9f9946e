//! The generated section of `openapi/README.md`: the operations for which no
//! action or no event is known.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use iam_codegen::{overlay, sources::Sources};
use serde_json::Value;

use crate::files;

/// The line before the section.
const START: &str = "<!-- What follows is written by `cargo xtask generate`. -->";
/// The line after it.
const END: &str = "<!-- What precedes is written by `cargo xtask generate`. -->";
/// The width of lines, in characters.
const WIDTH: usize = 100;
/// The kinds of facts on an operation: the name and the place of each.
const KINDS: [(&str, &str); 2] =
    [("action", "/x-ibm-permissions/actions"), ("event", "/x-ibm-events/events")];

/// Writes the section anew; tells whether that changed it.
///
/// # Errors
/// As [`current`]; and the file cannot be written.
pub(crate) fn write(sources: &Sources) -> Result<bool> {
    let path = sources.directory().join("README.md");
    match current(&path, sources)? {
        Some((old, new)) if old != new => {
            files::write(&path, new.as_bytes())?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Checks the section; tells what it was checked against.
///
/// # Errors
/// As [`current`]; and the section is not what it has to be.
pub(crate) fn check(sources: &Sources) -> Result<String> {
    let path = sources.directory().join("README.md");
    let Some((old, new)) = current(&path, sources)? else {
        return Ok("no generated section".to_owned());
    };
    ensure!(
        old == new,
        "the generated section of {} is out of date; run: cargo xtask generate --no-build",
        path.display()
    );
    Ok("as generated".to_owned())
}

/// The text of the file as it is and as it has to be; `None` if there is no
/// file or no generated section in it.
///
/// # Errors
/// The section has a start and no end, or the documents cannot be read.
fn current(path: &Path, sources: &Sources) -> Result<Option<(String, String)>> {
    if !path.exists() {
        return Ok(None);
    }
    let text = files::read_text(path)?;
    let Some((before, rest)) = text.split_once(START) else { return Ok(None) };
    let (_, after) = rest.split_once(END).with_context(|| {
        format!("{} has the line `{START}` and not the line `{END}`; add it", path.display())
    })?;
    let new = format!("{before}{START}\n\n{}{END}{after}", section(sources)?);
    Ok(Some((text, new)))
}

/// The lists of all documents of the client.
fn section(sources: &Sources) -> Result<String> {
    let mut section = String::new();
    for (_, source) in sources.client() {
        let overlays = sources.overlays(source)?;
        let (document, _) = overlay::apply(sources.document(source)?, &overlays)?;
        section += &format!("### {}\n\n", source.name);
        for (kind, pointer) in KINDS {
            section += &list(document.value(), kind, pointer);
        }
    }
    Ok(section)
}

/// A paragraph with the operations that have nothing at `pointer`.
fn list(document: &Value, kind: &str, pointer: &str) -> String {
    let items = document["paths"].as_object().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object().into_iter().flatten());
    let operations: Vec<_> = operations
        .filter_map(|(_, operation)| Some((operation["operationId"].as_str()?, operation)))
        .collect();
    let unknown = operations.iter().filter(|(_, operation)| {
        operation.pointer(pointer).and_then(Value::as_array).is_none_or(Vec::is_empty)
    });
    let unknown: Vec<_> = unknown.map(|(id, _)| format!("`{id}`")).collect();
    let counts = format!("No {kind} known ({} of {})", unknown.len(), operations.len());
    if unknown.is_empty() {
        return format!("{counts}.\n\n");
    }
    let mut lines = format!("{counts}:\n");
    let mut width = 0;
    for (index, id) in unknown.iter().enumerate() {
        let end = if index + 1 == unknown.len() { "." } else { "," };
        if width > 0 && width + 1 + id.len() + end.len() > WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines += id;
        lines += end;
        width += id.len() + end.len();
    }
    lines + "\n\n"
}
