//! One file per command. Each has its arguments as `Args`, and a `run` that
//! writes what the user sees to a `Write`.

pub mod check;
pub mod drift;
pub mod generate;
pub mod pull;
pub mod surface;
pub mod update;
