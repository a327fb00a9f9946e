//! The parts of `update` besides `pull` and `drift`.

pub(crate) mod changelog;
pub(crate) mod copy;
