//! What is published, or was at some time, against what is vendored; nothing is
//! changed.
//!
//! | file | does |
//! |---|---|
//! | `look` | obtains both sides of each source and compares them |
//! | `git` | running git, and the vendored files as they were |
//! | `pair` | two states of a document: changes, and what overlays do to them |
//! | `taken` | a document that is taken in, against the vendored one |
//! | `overlaid` | overlays on a document that they were not written for |
//! | `coverage` | a watched document against those that generate the client |
//! | `acknowledged` | findings that are accepted until a date |
//! | `report`, `version` | the model of all that, the verdict, the next version |
//! | `cause` | entries grouped by what they have in common |
//! | `format` | the model as text, JSON, Markdown, annotations |

pub(crate) mod acknowledged;
pub(crate) mod cause;
mod coverage;
pub(crate) mod format;
pub(crate) mod git;
pub(crate) mod look;
mod overlaid;
pub(crate) mod pair;
pub(crate) mod report;
pub(crate) mod taken;
pub(crate) mod version;
