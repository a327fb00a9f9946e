//! Time that passes at once.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use iam_client::runtime::{BoxFuture, Clock};

/// A clock that stands still but for the waits asked of it, which it makes pass
/// at once, and for what a test adds.
#[derive(Debug)]
pub(crate) struct TestClock {
    start: Instant,
    wall: SystemTime,
    /// What `random` gives.
    random: f64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    passed: Duration,
    waits: Vec<Duration>,
}

impl TestClock {
    /// Always draws `random`.
    pub(crate) fn new(random: f64) -> Arc<Self> {
        Self::at(random, SystemTime::now())
    }

    /// With a time of day that may be wrong.
    pub(crate) fn at(random: f64, wall: SystemTime) -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), wall, random, state: Mutex::default() })
    }

    pub(crate) fn advance(&self, seconds: f64) {
        self.state.lock().unwrap().passed += Duration::from_secs_f64(seconds);
    }

    /// All waits so far.
    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.state.lock().unwrap().waits.clone()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        self.start + self.state.lock().unwrap().passed
    }

    fn wall(&self) -> SystemTime {
        self.wall + self.state.lock().unwrap().passed
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let mut state = self.state.lock().unwrap();
        state.waits.push(duration);
        state.passed += duration;
        Box::pin(tokio::task::yield_now())
    }

    fn random(&self) -> f64 {
        self.random
    }
}
