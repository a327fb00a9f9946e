//! What `update` needs besides `pull` and `drift`.

pub(crate) mod changelog;
pub(crate) mod copy;
