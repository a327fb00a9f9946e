//! Credential files: which one, and what is in it.

use std::{io, path::Path};

use super::{Environment, place::Place};
use crate::runtime::{Error, Secret, file::shown_fault, text::Typed};

/// The variable that names the file.
const VARIABLE: &str = "IBM_CREDENTIALS_FILE";
/// The name of the file where nothing names one.
const NAME: &str = "ibm-credentials.env";
/// Far more than any has; what is larger is some other file.
pub(super) const MAX_BYTES: usize = 1024 * 1024;

/// The file that the variable names, in errors: the name itself may be a
/// misplaced value.
const FILE_NAMED: &str = "the file that IBM_CREDENTIALS_FILE names";

/// One property of a file.
pub(super) struct Line {
    pub(super) name: String,
    /// Without spaces around it.
    pub(super) value: Secret,
    pub(super) place: Place,
}

/// The properties of the credential file, in its order; none if there is no
/// file: that of `IBM_CREDENTIALS_FILE`, or else the first that exists of
/// those in the current and the home directory.
///
/// # Errors
/// A file that is named and not there, that cannot be read, or that has a line
/// which is no property.
pub(super) fn read(environment: &Environment) -> Result<Vec<Line>, Error> {
    if let Some(named) = environment.get(VARIABLE) {
        let refuse = |problem: &str| Err(Error::configuration(VARIABLE, problem));
        let Some(named) = named.map(|named| named.expose().trim()) else {
            return refuse("is no Unicode; name the file otherwise");
        };
        if !named.is_empty() {
            let path = environment.current().unwrap_or(Path::new("")).join(named);
            return match environment.read(&path) {
                Ok(bytes) => parse(FILE_NAMED, &bytes),
                Err(error) => refuse(&format!(
                    "the file that it names {} {}; correct the name, or unset it",
                    Typed(named),
                    shown_fault(&error)
                )),
            };
        }
    }
    let current = environment.current().map(|path| (path.join(NAME), "./ibm-credentials.env"));
    let home = environment.home().map(|path| (path.join(NAME), "~/ibm-credentials.env"));
    for (path, shown) in [current, home].into_iter().flatten() {
        match environment.read(&path) {
            Ok(bytes) => return parse(shown, &bytes),
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                let problem = format!("{}; make it readable, or remove it", shown_fault(&error));
                return Err(Error::configuration(shown, &problem));
            }
        }
    }
    Ok(Vec::new())
}

/// Whether there is no such file. Nor is there one below a file.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// Reads `NAME=value` lines. Empty lines and those that begin with `#` are
/// passed over, and a shell's `export` before a name.
fn parse(file: &'static str, bytes: &[u8]) -> Result<Vec<Line>, Error> {
    if bytes.len() > MAX_BYTES {
        return Err(Error::configuration(file, "is larger than 1 MiB; name a credential file"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Err(Error::configuration(file, "is not UTF-8; save it so"));
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = Place::File(file, index + 1);
        // The line is not quoted: it can be the rest of a secret.
        let refuse = |problem: &str| Err(Error::configuration(&place.to_string(), problem));
        let Some((name, value)) = line.split_once('=') else {
            return refuse("must be NAME=value; correct it, or begin it with #");
        };
        let name = name.trim();
        let name = match name.split_once(char::is_whitespace) {
            Some(("export", name)) => name.trim_start(),
            _ => name,
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return refuse("must have a name without spaces before the =; correct it");
        }
        lines.push(Line { name: name.to_owned(), value: value.trim().into(), place });
    }
    Ok(lines)
}
