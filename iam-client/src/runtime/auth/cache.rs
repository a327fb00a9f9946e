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
/// Shortest waits before a failed refresh is tried again: the first, and the
/// longest that doubling leads to. Chance adds up to half of it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// A token, or none, and the exchange that is under way.
#[derive(Debug)]
pub(super) struct Cache<T> {
    kept: Option<Kept<T>>,
    exchange: Option<Running<T>>,
    /// Number of the exchange begun last.
    last: u64,
    /// Failed exchanges since the last success.
    failures: u32,
    /// No refresh begins earlier.
    not_before: Option<Instant>,
}

#[derive(Debug)]
struct Kept<T> {
    token: T,
    refresh_at: Instant,
    unusable_at: Instant,
}

#[derive(Debug)]
struct Running<T> {
    id: Exchange,
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
    /// Waits for the exchange that is under way.
    Wait,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { kept: None, exchange: None, last: 0, failures: 0, not_before: None }
    }
}

impl<T: Clone + PartialEq> Cache<T> {
    /// Someone needs a token. `limit` is how long an exchange may take: one
    /// that took longer is stuck, as on a runtime that nobody drives any more,
    /// and replaced.
    pub(super) fn ask(&mut self, now: Instant, limit: Duration) -> Step<T> {
        let limit = limit.saturating_add(MARGIN);
        self.exchange.take_if(|running| now.saturating_duration_since(running.begun) > limit);
        if self.kept.as_ref().is_some_and(|kept| now >= kept.unusable_at) {
            self.kept = None;
        }
        let Some(kept) = &self.kept else {
            return if self.exchange.is_some() { Step::Wait } else { Step::Start(self.begin(now)) };
        };
        let token = kept.token.clone();
        let is_early = now < kept.refresh_at || self.not_before.is_some_and(|time| now < time);
        if is_early || self.exchange.is_some() {
            Step::Use(token)
        } else {
            Step::Refresh(token, self.begin(now))
        }
    }

    fn begin(&mut self, now: Instant) -> Exchange {
        self.last += 1;
        let id = Exchange(self.last);
        self.exchange = Some(Running { id, begun: now, refused: Vec::new() });
        id
    }

    /// Ends an exchange; gives what services have refused while it ran. An
    /// exchange that is not the one under way is none of ours.
    fn end(&mut self, id: Exchange) -> Option<Vec<T>> {
        let running = self.exchange.take_if(|running| running.id == id)?;
        Some(running.refused)
    }

    /// An exchange that was begun at `asked` gave a token for `lifetime`.
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
    ) -> bool {
        let Some(refused) = self.end(id) else { return false };
        if refused.contains(&token) {
            return false;
        }
        (self.failures, self.not_before) = (0, None);
        // In the worst case it was issued when it was asked for.
        let lifetime = lifetime.min(MAX_LIFETIME);
        let unusable_at = asked + lifetime.saturating_sub(MARGIN);
        // What is never usable is for those who wait for it now.
        self.kept = (now < unusable_at).then(|| Kept {
            token,
            refresh_at: asked + lifetime.mul_f64(0.8),
            unusable_at,
        });
        true
    }

    /// An exchange failed. `random` is from 0 to 1.
    pub(super) fn failed(&mut self, id: Exchange, now: Instant, random: f64) {
        if self.end(id).is_none() {
            return;
        }
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let wait = FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + wait.mul_f64(1.0 + random.clamp(0.0, 1.0) / 2.0));
    }

    /// An exchange ended without result, for reasons not its own.
    pub(super) fn abandoned(&mut self, id: Exchange) {
        self.end(id);
    }

    /// A service did not accept a token.
    pub(super) fn refused(&mut self, token: &T) {
        self.kept.take_if(|kept| kept.token == *token);
        if let Some(running) = &mut self.exchange
            && !running.refused.contains(token)
        {
            running.refused.push(token.clone());
        }
    }

    /// The token that is kept, usable or not.
    pub(super) fn token(&self) -> Option<&T> {
        self.kept.as_ref().map(|kept| &kept.token)
    }
}
