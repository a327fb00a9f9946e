//! Runs what others wrote recursively, where it cannot hurt.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

/// Enough for a document at the greatest nesting in an unoptimised build.
const STACK: usize = 256 << 20;

/// Runs `work` on a thread with a large stack; a panic in it comes back as
/// its message.
pub(crate) fn guarded<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread {
            Ok(thread) => thread.join().map_err(|payload| message(&*payload)),
            Err(error) => Err(format!("cannot start a thread: {error}")),
        }
    })
}

/// Runs `work` here; a panic in it comes back as its message.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| message(&*payload))
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_comes_back_as_its_message() {
        assert_eq!(guarded(|| 7), Ok(7));
        assert_eq!(guarded(|| -> u8 { panic!("no {}", "type") }), Err("no type".to_owned()));
    }
}
