//! Time and chance, as one thing that tests can take the place of.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    time::{Duration, Instant, SystemTime},
};

/// A future that can be kept and sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the runtime takes time and chance from.
///
/// Waits between attempts, lifetimes of tokens and jitter all come from here,
/// so that a test can let an hour pass at once. Limits of connections and
/// attempts do not: they are measured by the network stack.
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// A clock that never goes back. Lifetimes are measured by it.
    fn now(&self) -> Instant;

    /// The time of day, for headers that hold dates. It may be wrong.
    fn wall(&self) -> SystemTime;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A random number from 0 (inclusive) to 1 (exclusive).
    fn random(&self) -> f64;
}

/// The system's clocks, tokio's timer and a pseudo-random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn random(&self) -> f64 {
        fastrand::f64()
    }
}
