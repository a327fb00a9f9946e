//! The life of a token, moment by moment.

use std::time::{Duration, Instant};

use super::{Cache, Exchange, Step};

/// An hour, as IAM's tokens live.
const HOUR: Duration = Duration::from_secs(3600);
/// How long an exchange may take.
const LIMIT: Duration = Duration::from_secs(180);

/// A cache, and moments in seconds from a start.
struct Life {
    cache: Cache<&'static str, u8>,
    start: Instant,
}

impl Life {
    fn new() -> Self {
        Self { cache: Cache::default(), start: Instant::now() }
    }

    fn at(&self, seconds: f64) -> Instant {
        self.start + Duration::from_secs_f64(seconds)
    }

    fn ask(&mut self, seconds: f64) -> Step<&'static str> {
        self.ask_on(0, seconds)
    }

    /// Asks on another runtime than the first.
    fn ask_on(&mut self, runtime: u8, seconds: f64) -> Step<&'static str> {
        let now = self.at(seconds);
        self.cache.ask(now, LIMIT, runtime)
    }

    fn waits(&mut self, seconds: f64) -> bool {
        matches!(self.ask(seconds), Step::Wait(_))
    }

    /// Begins the exchange that nothing but waiting can avoid.
    fn start(&mut self, seconds: f64) -> Exchange {
        match self.ask(seconds) {
            Step::Start(id) => id,
            step => panic!("{step:?}"),
        }
    }

    /// Begins a refresh of `token`.
    fn refresh(&mut self, seconds: f64, token: &str) -> Exchange {
        match self.ask(seconds) {
            Step::Refresh(used, id) if used == token => id,
            step => panic!("{step:?}"),
        }
    }

    fn succeed(&mut self, id: Exchange, token: &'static str, asked: f64, now: f64) -> bool {
        let (asked, now) = (self.at(asked), self.at(now));
        self.cache.succeeded(id, token, asked, HOUR, now, 0.0)
    }

    fn fail(&mut self, id: Exchange, seconds: f64, random: f64) {
        let now = self.at(seconds);
        self.cache.failed(id, now, random);
    }
}

#[test]
fn one_starts_and_the_others_wait() {
    let mut life = Life::new();
    let id = life.start(0.0);
    assert!(life.waits(0.0));
    assert!(life.waits(50.0));
    assert!(life.succeed(id, "a", 0.0, 60.0));
    assert_eq!(life.ask(60.0), Step::Use("a"));
    assert_eq!(life.cache.token(), Some(&"a"));
}

/// 80 % of an hour are 2880 s, and 10 s before its end are 3590 s; both count
/// from when the token was asked for, here at 100 s.
#[test]
fn a_token_is_refreshed_by_one_and_used_by_all_until_its_end() {
    let mut life = Life::new();
    let id = life.start(100.0);
    life.succeed(id, "a", 100.0, 130.0);
    assert_eq!(life.ask(2979.9), Step::Use("a"));
    let id = life.refresh(2980.0, "a");
    assert_eq!(life.ask(2980.0), Step::Use("a"));
    life.cache.abandoned(id);
    let id = life.refresh(3600.0, "a");
    assert_eq!(life.ask(3689.9), Step::Use("a"));
    assert!(life.waits(3690.0));
    assert_eq!(life.cache.token(), None);
    assert!(life.succeed(id, "b", 3600.0, 3700.0));
    assert_eq!(life.ask(3700.0), Step::Use("b"));
}

/// The limit of 180 s, and 10 s more.
#[test]
fn an_exchange_that_is_stuck_is_replaced() {
    let mut life = Life::new();
    let stuck = life.start(0.0);
    assert!(life.waits(190.0));
    let id = life.start(190.1);
    assert!(life.waits(190.1));
    // Those who wait for it ask again should it end after all.
    assert!(!life.succeed(stuck, "stuck", 0.0, 191.0));
    assert!(life.succeed(id, "a", 190.0, 192.0));
    let stuck = life.refresh(3070.0, "a");
    assert_eq!(life.ask(3260.0), Step::Use("a"));
    let id = life.refresh(3260.1, "a");
    life.fail(stuck, 3261.0, 1.0);
    assert!(life.succeed(id, "b", 3260.1, 3262.0));
    assert_eq!(life.ask(3262.0), Step::Use("b"));
}

/// 1 s doubles to 60 s, and chance adds up to half.
#[test]
fn failed_refreshes_wait_longer_each_time() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "a", 0.0, 0.0);
    let mut now = 2880.0;
    for (wait, random) in [
        (1.0, 0.0),
        (3.0, 1.0),
        (5.0, 0.5),
        (8.0, 0.0),
        (16.0, 0.0),
        (48.0, 1.0),
        (60.0, 0.0),
        (90.0, 1.0),
        (60.0, 0.0),
    ] {
        let id = life.refresh(now, "a");
        life.fail(id, now, random);
        assert_eq!(life.ask(now), Step::Use("a"));
        assert_eq!(life.ask(now + wait - 0.01), Step::Use("a"));
        now += wait;
    }
    // A success forgets them.
    let id = life.refresh(now, "a");
    life.succeed(id, "b", now, now);
    now += 2880.0;
    let id = life.refresh(now, "b");
    life.fail(id, now, 0.0);
    assert_eq!(life.ask(now + 0.99), Step::Use("b"));
    life.refresh(now + 1.0, "b");
}

#[test]
fn a_failure_without_a_token_delays_nobody() {
    let mut life = Life::new();
    let first = life.start(0.0);
    life.fail(first, 0.0, 1.0);
    let second = life.start(0.0);
    assert_ne!(first, second);
    // Neither does a delay of refreshes once the token has ended.
    life.succeed(second, "a", 0.0, 0.0);
    let id = life.refresh(3589.0, "a");
    life.fail(id, 3589.0, 1.0);
    assert_eq!(life.ask(3589.9), Step::Use("a"));
    life.start(3590.0);
}

#[test]
fn short_lives_are_for_those_who_wait_and_never_kept() {
    for lifetime in [0, 1, 10] {
        let mut life = Life::new();
        let id = life.start(0.0);
        let (asked, now) = (life.at(0.0), life.at(0.0));
        assert!(life.cache.succeeded(id, "a", asked, Duration::from_secs(lifetime), now, 0.0));
        assert_eq!(life.cache.token(), None);
        life.start(0.0);
    }
    // 11 s are used for one.
    let mut life = Life::new();
    let id = life.start(0.0);
    let (asked, now) = (life.at(0.0), life.at(0.5));
    life.cache.succeeded(id, "a", asked, Duration::from_secs(11), now, 0.0);
    assert_eq!(life.ask(0.9), Step::Use("a"));
    life.start(1.0);
}

/// The exchange took longer than the token lives.
#[test]
fn what_has_ended_on_arrival_is_not_kept() {
    let mut life = Life::new();
    let id = life.start(0.0);
    assert!(life.succeed(id, "a", 0.0, 3590.0));
    assert_eq!(life.cache.token(), None);
}

/// 24 h are 86,400 s: refreshed from 69,120 s, ended at 86,390 s.
#[test]
fn absurd_lifetimes_count_as_a_day() {
    let mut life = Life::new();
    let id = life.start(0.0);
    let now = life.at(0.0);
    assert!(life.cache.succeeded(id, "a", now, Duration::MAX, now, 0.0));
    assert_eq!(life.ask(69_119.9), Step::Use("a"));
    let id = life.refresh(69_120.0, "a");
    life.cache.abandoned(id);
    life.start(86_390.0);
}

#[test]
fn only_the_token_that_was_refused_is_dropped() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "a", 0.0, 0.0);
    life.cache.refused(&"older");
    assert_eq!(life.ask(1.0), Step::Use("a"));
    life.cache.refused(&"a");
    let id = life.start(1.0);
    assert_eq!(life.cache.token(), None);
    // Who comes late with the old one does not harm the new one.
    life.succeed(id, "b", 1.0, 1.0);
    life.cache.refused(&"a");
    assert_eq!(life.ask(1.0), Step::Use("b"));
}

#[test]
fn a_refresh_does_not_bring_back_what_was_refused_meanwhile() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "a", 0.0, 0.0);
    let id = life.refresh(2880.0, "a");
    life.cache.refused(&"a");
    assert!(life.waits(2880.0));
    assert!(!life.succeed(id, "a", 2880.0, 2881.0));
    assert_eq!(life.cache.token(), None);
    // Those who ask again begin another one, and take what that gives.
    let id = life.start(2881.0);
    assert!(life.succeed(id, "a", 2881.0, 2881.0));
    assert_eq!(life.ask(2881.0), Step::Use("a"));
}

#[test]
fn a_refresh_that_gives_another_token_is_good_although_one_was_refused() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "a", 0.0, 0.0);
    let id = life.refresh(2880.0, "a");
    life.cache.refused(&"a");
    assert!(life.succeed(id, "b", 2880.0, 2881.0));
    assert_eq!(life.ask(2881.0), Step::Use("b"));
}

#[test]
fn what_is_not_under_way_cannot_end() {
    let mut life = Life::new();
    let old = life.start(0.0);
    life.cache.abandoned(old);
    let id = life.start(0.0);
    assert!(!life.succeed(old, "old", 0.0, 0.0));
    life.fail(old, 0.0, 0.0);
    life.cache.abandoned(old);
    assert!(life.waits(0.0));
    assert!(life.succeed(id, "a", 0.0, 0.0));
}

/// `a` is replaced at once. `b` is a replacement that is refused as well: it is
/// used for 1 s more, then `c` for 2 s, and so on up to 60 s.
#[test]
fn replacements_that_are_refused_are_replaced_ever_later() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "0", 0.0, 0.0);
    let mut now = 0.0;
    let waits = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0];
    let tokens = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    for (number, wait) in waits.into_iter().enumerate() {
        let token = tokens[number];
        life.cache.refused(&token);
        if wait > 0.0 {
            // Every call until then is refused, and gets the same token.
            assert_eq!(life.ask(now), Step::Use(token));
            life.cache.refused(&token);
            assert_eq!(life.ask(now + wait - 0.01), Step::Use(token));
        }
        now += wait;
        let id = life.start(now);
        assert!(life.succeed(id, tokens[number + 1], now, now));
    }
}

/// Chance adds up to half: 1.5 s.
#[test]
fn chance_keeps_programs_from_replacing_at_once() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "a", 0.0, 0.0);
    life.cache.refused(&"a");
    let id = life.start(0.0);
    let now = life.at(0.0);
    life.cache.succeeded(id, "b", now, HOUR, now, 1.0);
    life.cache.refused(&"b");
    assert_eq!(life.ask(1.49), Step::Use("b"));
    life.start(1.5);
}

#[test]
fn a_token_that_was_good_for_long_ends_a_row_of_refusals() {
    let mut life = Life::new();
    let id = life.start(0.0);
    life.succeed(id, "a", 0.0, 0.0);
    life.cache.refused(&"a");
    let id = life.start(0.0);
    life.succeed(id, "b", 0.0, 0.0);
    life.cache.refused(&"b");
    let id = life.start(1.0);
    life.succeed(id, "c", 1.0, 1.0);
    // Good for more than 120 s. Its replacement waits for 1 s as the first did.
    life.cache.refused(&"c");
    let id = life.start(121.1);
    life.succeed(id, "d", 121.1, 121.1);
    life.cache.refused(&"d");
    assert_eq!(life.ask(122.0), Step::Use("d"));
    life.start(122.1);
}

/// Only a runtime itself drives what was begun on it.
#[test]
fn each_runtime_has_an_exchange_of_its_own() {
    let mut life = Life::new();
    let first = life.start(0.0);
    let Step::Start(second) = life.ask_on(1, 0.0) else { panic!("it waits") };
    assert_eq!(life.ask(1.0), Step::Wait(first));
    assert_eq!(life.ask_on(1, 1.0), Step::Wait(second));
    assert!(life.succeed(second, "b", 0.0, 2.0));
    // All use what was got, and the other one may still come.
    assert_eq!(life.ask(2.0), Step::Use("b"));
    assert!(life.succeed(first, "a", 0.0, 3.0));
    assert_eq!(life.ask_on(1, 3.0), Step::Use("a"));
    // A refresh is for all.
    let id = life.refresh(2880.0, "a");
    assert_eq!(life.ask_on(1, 2880.0), Step::Use("a"));
    life.cache.abandoned(id);
    assert!(!life.cache.is_running(id));
}
