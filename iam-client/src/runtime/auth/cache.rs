//! What is known of a token at any moment, and who has to do something about
//! it: a state machine without clock, lock or network.

use std::time::{Duration, Instant};

#[cfg(test)]
mod tests;

/// How long before its end a token is no longer used: it has to reach the
/// service and be checked there.
const MARGIN: Duration = Duration::from_secs(10);
/// Longest lifetime that is believed.
const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
/// Shortest waits before a failed refresh is tried again, or a refused token is
/// replaced once more: the first, and the longest that doubling leads to. Chance
/// adds up to half of it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// A token that was good for so long has nothing to do with refusals before it.
const FORGIVEN_AFTER: Duration = Duration::from_secs(120);

/// A token, or none, and the exchanges that are under way: at most one for each
/// runtime `R`, since only that runtime drives it.
#[derive(Debug)]
pub(super) struct Cache<T, R> {
    kept: Option<Kept<T>>,
    exchanges: Vec<Running<T, R>>,
    /// Number of the exchange begun last.
    last: u64,
    /// Failed exchanges since the last success.
    failures: u32,
    /// No refresh begins earlier.
    not_before: Option<Instant>,
    /// Tokens replaced in a row because services refused them.
    refusals: u32,
}

#[derive(Debug)]
struct Kept<T> {
    token: T,
    since: Instant,
    refresh_at: Instant,
    unusable_at: Instant,
    /// A service has refused it.
    refused: bool,
    /// Before, no other token takes its place even if it is refused.
    replaceable_at: Instant,
}

#[derive(Debug)]
struct Running<T, R> {
    id: Exchange,
    runtime: R,
    begun: Instant,
    /// Tokens that a service has refused since it began.
    refused: Vec<T>,
}

/// An exchange, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exchange(u64);

/// What the one who needs a token does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<T> {
    /// Uses this one.
    Use(T),
    /// Uses this one, and starts an exchange that nobody waits for.
    Refresh(T, Exchange),
    /// Starts an exchange and waits for it.
    Start(Exchange),
    /// Waits for this exchange, which is under way.
    Wait(Exchange),
}

impl<T, R> Default for Cache<T, R> {
    fn default() -> Self {
        Self {
            kept: None,
            exchanges: Vec::new(),
            last: 0,
            failures: 0,
            not_before: None,
            refusals: 0,
        }
    }
}

impl<T: Clone + PartialEq, R: PartialEq> Cache<T, R> {
    /// Someone on `runtime` needs a token. `limit` is how long an exchange may
    /// take: one that took longer is stuck, as on a runtime that nobody drives
    /// any more, and forgotten.
    pub(super) fn ask(&mut self, now: Instant, limit: Duration, runtime: R) -> Step<T> {
        let limit = limit.saturating_add(MARGIN);
        self.exchanges.retain(|running| now.saturating_duration_since(running.begun) <= limit);
        self.kept.take_if(|kept| now >= kept.unusable_at);
        if let Some(kept) = self.kept.take_if(|kept| kept.refused && now >= kept.replaceable_at) {
            let was_good = now.saturating_duration_since(kept.since) > FORGIVEN_AFTER;
            self.refusals = if was_good { 1 } else { self.refusals.saturating_add(1) };
        }
        let Some(kept) = &self.kept else {
            let running = self.exchanges.iter().find(|running| running.runtime == runtime);
            return match running {
                Some(running) => Step::Wait(running.id),
                None => Step::Start(self.begin(now, runtime)),
            };
        };
        let token = kept.token.clone();
        let is_early = now < kept.refresh_at || self.not_before.is_some_and(|time| now < time);
        if is_early || !self.exchanges.is_empty() {
            Step::Use(token)
        } else {
            Step::Refresh(token, self.begin(now, runtime))
        }
    }

    fn begin(&mut self, now: Instant, runtime: R) -> Exchange {
        self.last += 1;
        let id = Exchange(self.last);
        self.exchanges.push(Running { id, runtime, begun: now, refused: Vec::new() });
        id
    }

    /// Returns whether a token request is under way.
    pub(super) fn is_running(&self, id: Exchange) -> bool {
        self.exchanges.iter().any(|running| running.id == id)
    }

    /// Ends an exchange; gives what services have refused while it ran. An
    /// exchange that is not under way is none of ours.
    fn end(&mut self, id: Exchange) -> Option<Vec<T>> {
        let index = self.exchanges.iter().position(|running| running.id == id)?;
        Some(self.exchanges.swap_remove(index).refused)
    }

    /// An exchange that was begun at `asked` gave a token for `lifetime`.
    /// `random` is from 0 to 1.
    ///
    /// `false` if those who wait must ask again: the token was refused while
    /// the exchange ran.
    pub(super) fn succeeded(
        &mut self,
        id: Exchange,
        token: T,
        asked: Instant,
        lifetime: Duration,
        now: Instant,
        random: f64,
    ) -> bool {
        let Some(refused) = self.end(id) else { return false };
        if refused.contains(&token) {
            return false;
        }
        (self.failures, self.not_before) = (0, None);
        // The first refusal is answered with another token at once.
        let wait = match self.refusals {
            0 => Duration::ZERO,
            refusals => backoff(refusals - 1, random),
        };
        // In the worst case it was issued when it was asked for.
        let lifetime = lifetime.min(MAX_LIFETIME);
        let unusable_at = asked + lifetime.saturating_sub(MARGIN);
        // What is never usable is for those who wait for it now.
        self.kept = (now < unusable_at).then(|| Kept {
            token,
            since: now,
            refresh_at: asked + lifetime.mul_f64(0.8),
            unusable_at,
            refused: false,
            replaceable_at: now + wait,
        });
        true
    }

    /// An exchange failed. `random` is from 0 to 1.
    pub(super) fn failed(&mut self, id: Exchange, now: Instant, random: f64) {
        if self.end(id).is_none() {
            return;
        }
        self.not_before = Some(now + backoff(self.failures, random));
        self.failures = self.failures.saturating_add(1);
    }

    /// An exchange ended without result, for reasons not its own.
    pub(super) fn abandoned(&mut self, id: Exchange) {
        self.end(id);
    }

    /// A service did not accept a token. The next who asks gets another one, or
    /// the same one if this token was a replacement itself and is younger than
    /// the wait that its row of refusals has led to.
    pub(super) fn refused(&mut self, token: &T) {
        if let Some(kept) = self.kept.as_mut().filter(|kept| kept.token == *token) {
            kept.refused = true;
        }
        for running in &mut self.exchanges {
            if !running.refused.contains(token) {
                running.refused.push(token.clone());
            }
        }
    }

    /// The token that is kept, usable or not.
    pub(super) fn token(&self) -> Option<&T> {
        self.kept.as_ref().map(|kept| &kept.token)
    }
}

/// The wait after so many failures before.
fn backoff(failures: u32, random: f64) -> Duration {
    let factor = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
    let wait = FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
    wait.mul_f64(1.0 + random.clamp(0.0, 1.0) / 2.0)
}
