//! The generated section of `openapi/README.md`: the operations for which no
//! action or no event is known, and the actions for which no role is.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result, ensure};
use iam_codegen::{
    api::{Api, Operation},
    roles,
    sources::Sources,
};

use crate::{files, pipeline};

/// The line before the section.
const START: &str = "<!-- What follows is written by `cargo xtask generate`. -->";
/// The line after it.
const END: &str = "<!-- What precedes is written by `cargo xtask generate`. -->";
/// The width of lines, in characters.
const WIDTH: usize = 100;

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
    let granted = granted(sources)?;
    let mut section = String::new();
    for (_, source) in sources.client() {
        let api = pipeline::generate(sources, source, sources.document(source)?)?.api;
        section += &format!("### {}\n\n", source.name);
        section += &operations(&api, "action", |operation| operation.actions.is_empty());
        section += &operations(&api, "event", |operation| operation.events.is_empty());
        if let Some(granted) = &granted {
            section += &actions(&api, granted);
        }
    }
    Ok(section)
}

/// The actions that the table of roles has a role for; `None` without a table.
fn granted(sources: &Sources) -> Result<Option<BTreeSet<String>>> {
    let path = sources.directory().join(roles::FILE);
    let Some(table) = files::read_if_any(&path, u64::MAX - 1)? else { return Ok(None) };
    Ok(Some(roles::granted(&path.display().to_string(), &table)?))
}

/// A paragraph with the operations that lack a fact of this `kind`.
fn operations(api: &Api, kind: &str, lack: impl Fn(&Operation) -> bool) -> String {
    let lacking = api.operations.iter().filter(|operation| lack(operation));
    let lacking: Vec<_> = lacking.map(|operation| operation.id.as_str()).collect();
    let count = format!("No {kind} known ({} of {})", lacking.len(), api.operations.len());
    paragraph(count, &lacking)
}

/// A paragraph with the actions that no role grants.
fn actions(api: &Api, granted: &BTreeSet<String>) -> String {
    let actions = api.operations.iter().flat_map(|operation| &operation.actions);
    let actions: BTreeSet<_> = actions.map(|action| action.name.as_str()).collect();
    let lacking = actions.iter().copied().filter(|action| !granted.contains(*action));
    let lacking: Vec<_> = lacking.collect();
    paragraph(format!("No role known ({} of {} actions)", lacking.len(), actions.len()), &lacking)
}

/// The `names` as code in lines, after a `heading`.
fn paragraph(heading: String, names: &[&str]) -> String {
    if names.is_empty() {
        return format!("{heading}.\n\n");
    }
    let mut lines = format!("{heading}:\n");
    let mut width = 0;
    for (index, name) in names.iter().enumerate() {
        let end = if index + 1 == names.len() { "." } else { "," };
        let name = format!("`{name}`{end}");
        if width > 0 && width + 1 + name.len() > WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines += &name;
        width += name.len();
    }
    lines + "\n\n"
}
