//! What a user of `cargo xtask` sees and gets, command by command.
//!
//! - `cli`: command line, help, exit codes of the program itself
//! - `pull`: documents that are taken in or are already there
//! - `pull_failures`: whatever goes wrong leaves everything as it was
//! - `drift`: what is published, or was, against what is vendored
//! - `generate`: readable copies, and the layout of standalone crates
//! - `check`, `surface`: these commands
//! - `update`: everything that goes with a new document, or nothing
//! - `workflow`: the scripts of `.github/workflows/drift.yml`
//! - `support`, `server`: a workspace to break, and a server to answer badly

mod check;
mod cli;
mod drift;
mod generate;
mod pull;
mod pull_failures;
mod server;
mod support;
mod surface;
mod update;
mod workflow;
