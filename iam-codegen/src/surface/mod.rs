//! Surface: every public item of a generated module as text, so that a review
//! shows what a changed document changes for those who use the client.
//!
//! It is read off the source, not off the model: what is listed is what
//! compiles. One listing for the operations of each collection
//! (the first word of their path), one for the types.

mod operations;
mod tidy;
mod types;

use syn::{Item, ItemMod};

use crate::error::{Error, Problem};

/// The listing of one area.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Area {
    /// `operations/<collection>` or `types`; letters, digits, `-` and `/` only.
    pub name: String,
    /// One item after the other, sorted by name; ends with a line break.
    pub listing: String,
}

/// Lists the public items of a module that [`crate::generate::generate`] made.
///
/// # Errors
/// Source that is no such module.
pub fn surface(source: &str) -> Result<Vec<Area>, Error> {
    let fail = |message: String| Error::new("generated source", [Problem::new("", message)]);
    let file = syn::parse_file(source).map_err(|error| fail(format!("is not Rust: {error}")))?;
    let module = |name: &str| {
        let modules = file.items.iter().filter_map(|item| match item {
            Item::Mod(module) if module.ident == name => contents(module),
            _ => None,
        });
        modules.into_iter().next().ok_or_else(|| fail(format!("has no module `{name}`")))
    };
    let (request, operation, definitions) =
        (module("request")?, module("operation")?, module("types")?);
    let mut areas = operations::areas(&file.items, request, operation).map_err(fail)?;
    areas.push(Area { name: "types".to_owned(), listing: types::listing(definitions) });
    Ok(areas)
}

fn contents(module: &ItemMod) -> Option<&[Item]> {
    module.content.as_ref().map(|(_, items)| items.as_slice())
}

#[cfg(test)]
mod tests;
