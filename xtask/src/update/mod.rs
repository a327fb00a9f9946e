//! Parts of `update`: what it may have to put back, and the note in CHANGELOG.md.

pub(crate) mod changelog;
pub(crate) mod kept;
