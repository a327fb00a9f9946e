//! What a user of `cargo xtask` sees and gets, command by command.
//!
//! - `cli`: command line, help, exit codes of the program itself
//! - `pull`: documents that are taken in or are already there
//! - `pull_failures`: whatever goes wrong leaves everything as it was
//! - `generate`: readable copies, and the layout of standalone crates
//! - `check`, `surface`: these commands
//! - `support`, `server`: a workspace to break, and a server to answer badly

mod check;
mod cli;
mod generate;
mod pull;
mod pull_failures;
mod server;
mod support;
mod surface;
