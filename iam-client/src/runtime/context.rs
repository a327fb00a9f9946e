//! The tokio runtime that a call runs on.

use std::{future::pending, panic::catch_unwind, time::Duration};

use tokio::runtime::Handle;

use super::Error;

/// The runtime of this thread, ready to run a call.
///
/// # Errors
/// A configuration error if there is none, if it has no timer, or if it is
/// shutting down: tokio would panic in all three cases.
pub(super) fn current() -> Result<Handle, Error> {
    let refuse = |problem| Err(Error::configuration("tokio", problem));
    let Ok(handle) = Handle::try_current() else {
        return refuse("there is no runtime on this thread; make the call inside a tokio runtime");
    };
    // Tokio has no other way to ask.
    if catch_unwind(|| drop(tokio::time::sleep(Duration::ZERO))).is_err() {
        return refuse("the runtime has no timer; build it with enable_all()");
    }
    if is_shut_down(&handle) {
        return refuse("the runtime is shutting down; make the call before that");
    }
    Ok(handle)
}

/// Returns whether a runtime takes no tasks any more: it drops them as soon as they are
/// spawned.
pub(super) fn is_shut_down(handle: &Handle) -> bool {
    let task = handle.spawn(pending::<()>());
    let is_dropped = task.is_finished();
    task.abort();
    is_dropped
}
