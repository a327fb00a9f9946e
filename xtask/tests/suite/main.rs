//! What a user of `cargo xtask` sees and gets, command by command.
//!
//! - `cli`: command line, help, exit codes of the program itself
//! - `pull`: documents that are taken in or are already there
//! - `pull_failures`: whatever goes wrong leaves everything as it was
//! - `conditional`: when a 304 is believed
//! - `overlays`: overlays that no longer fit, or need not
//! - `drift`: what is published, or was, against what is vendored
//! - `generate`: readable copies, and the layout of standalone crates
//! - `check`, `surface`: these commands
//! - `update`: everything that goes with a new document, or nothing
//! - `update_ibm`: the same with a document in IBM's style
//! - `update_tree`: what `update` does to the work tree, and what the user does meanwhile
//! - `workflow`: the scripts of `.github/workflows/drift.yml`
//! - `support`, `server`: a workspace to break, and a server to answer badly

mod check;
mod cli;
mod conditional;
mod drift;
mod generate;
mod overlays;
mod pull;
mod pull_failures;
mod server;
mod support;
mod surface;
mod update;
mod update_ibm;
mod update_tree;
mod workflow;
