//! Keeping a token for all who need it.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Handle, Id},
    sync::watch,
};
use tracing::{Instrument as _, Span};

use super::{
    Authenticator, Authorization, TokenSource,
    cache::{Cache, Exchange, Step},
};
use crate::runtime::{BoxFuture, Clock, Error, Secret, Transport, context};

/// An authenticator that gets tokens from a [`TokenSource`] and keeps each as
/// long as it is good.
///
/// - However many calls need a token at once, one exchange gets it. Each
///   authenticator has its own; clones share one. Calls on another tokio runtime
///   do not wait for it, since that runtime may not be running.
/// - From 80 % of the token's lifetime the next call has it renewed in the
///   background, and no call waits for that. If renewing fails, it is tried
///   again after 1 s at the earliest, then 2 s and so on up to 60 s, while the
///   token is used on.
/// - A token is used until 10 s before its end. Then calls wait for a new one.
/// - If an exchange fails, all who wait for it fail at once, with the same
///   error, and the next call tries anew.
/// - Who gives up waiting does not end the exchange for others.
/// - Lifetimes are counted from when the token was asked for, on a clock that is
///   never set. Longer ones than 24 hours count as 24 hours. A token that lives
///   for 10 s or less is for those who waited for it, and not kept.
/// - A token that a service refuses is replaced. If its replacement is refused as
///   well, the next one is got after 1 s at the earliest, then 2 s and so on up
///   to 60 s; until then, calls use the refused one and fail with 401.
///
/// `Debug` shows the source, and whether there is a token.
#[derive(Clone)]
pub struct Cached(Arc<Shared>);

struct Shared {
    source: Box<dyn TokenSource>,
    /// Never held while waiting.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    cache: Cache<Authorization, Id>,
    /// The outcomes of the token requests under way.
    outcomes: Vec<(Exchange, watch::Receiver<Outcome>)>,
}

/// How an exchange ended; `None` until it has.
type Outcome = Option<Ended>;

#[derive(Clone)]
enum Ended {
    Token(Authorization),
    Failed(Arc<Error>),
    /// Its token was refused meanwhile.
    Void,
}

/// What a call that needs a token gets at once.
enum Asked {
    Token(Authorization),
    Later(watch::Receiver<Outcome>),
}

impl Cached {
    /// Keeps the tokens of this source.
    #[must_use]
    pub fn new(source: impl TokenSource) -> Self {
        Self(Arc::new(Shared { source: Box::new(source), state: Mutex::default() }))
    }

    /// A token to use, or where to wait for one. Starts an exchange on `runtime`
    /// if there has to be one.
    fn ask(&self, transport: &Transport, runtime: &Handle) -> Result<Asked, Error> {
        let now = transport.clock().now();
        let mut state = self.0.state();
        let (token, id) = match state.cache.ask(now, transport.limits().timeout, runtime.id()) {
            Step::Use(token) => return Ok(Asked::Token(token)),
            Step::Wait(id) => {
                // An exchange is only ever begun together with its channel.
                let outcome = state.outcomes.iter().find(|(begun, _)| *begun == id);
                let outcome = outcome.map(|(_, outcome)| Asked::Later(outcome.clone()));
                return outcome.ok_or_else(|| Error::authentication("no exchange to wait for"));
            }
            Step::Refresh(token, id) => (Some(token), id),
            Step::Start(id) => (None, id),
        };
        let (sender, receiver) = watch::channel(None);
        let State { cache, outcomes } = &mut *state;
        outcomes.retain(|(id, _)| cache.is_running(*id));
        outcomes.push((id, receiver.clone()));
        // The guard below takes the lock when it is dropped.
        drop(state);
        let landing = Landing {
            shared: Arc::clone(&self.0),
            id,
            clock: Arc::clone(transport.clock()),
            sender,
            landed: false,
        };
        // What nobody waits for is no part of the call that happens to start it.
        let span = if token.is_some() { Span::none() } else { Span::current() };
        // In a task of its own, so that it survives the call that starts it.
        runtime.spawn(exchange(landing, transport.clone()).instrument(span));
        Ok(token.map_or(Asked::Later(receiver), Asked::Token))
    }
}

/// Carries out an exchange.
async fn exchange(landing: Landing, transport: Transport) {
    let asked = transport.clock().now();
    let limit = transport.limits().timeout;
    // A source must not keep all later calls waiting, whatever it does.
    let fetched = tokio::time::timeout(limit, landing.shared.source.fetch(&transport)).await;
    let result = match fetched {
        Ok(Ok(token)) => {
            Authorization::bearer("access_token", token.token).map(|it| (it, token.lifetime))
        }
        Ok(Err(error)) => Err(error),
        Err(_) => {
            Err(Error::authentication(format!("timed out after {limit:?} while getting a token")))
        }
    };
    landing.land(asked, result);
}

/// Ends an exchange, also one that is given up because its source panics or
/// its runtime stops.
struct Landing {
    shared: Arc<Shared>,
    id: Exchange,
    clock: Arc<dyn Clock>,
    sender: watch::Sender<Outcome>,
    landed: bool,
}

impl Landing {
    fn land(mut self, asked: Instant, result: Result<(Authorization, Duration), Error>) {
        self.landed = true;
        match result {
            Ok((token, lifetime)) => {
                let (now, random) = (self.clock.now(), self.clock.random());
                let mut state = self.shared.state();
                let good =
                    state.cache.succeeded(self.id, token.clone(), asked, lifetime, now, random);
                drop(state);
                let ended = if good { Ended::Token(token) } else { Ended::Void };
                self.sender.send_replace(Some(ended));
            }
            Err(error) => self.fail(error.into_shared()),
        }
    }

    fn fail(&self, error: Arc<Error>) {
        let mut state = self.shared.state();
        state.cache.failed(self.id, self.clock.now(), self.clock.random());
        let is_needed = state.cache.token().is_none();
        drop(state);
        if !is_needed {
            tracing::warn!(%error, "token not renewed, the old one is still good");
        }
        self.sender.send_replace(Some(Ended::Failed(error)));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        if std::thread::panicking() {
            self.fail(Arc::new(Error::authentication("the token source panicked")));
        } else {
            // The runtime is shutting down. Dropping the sender tells those who wait.
            self.shared.state().cache.abandoned(self.id);
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is one assignment after another that cannot panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authenticator for Cached {
    fn authenticate<'a>(
        &'a self,
        transport: &'a Transport,
    ) -> BoxFuture<'a, Result<Authorization, Error>> {
        Box::pin(async move {
            loop {
                // Ends the loop if the runtime drops all exchanges.
                let runtime = context::current()?;
                let mut outcome = match self.ask(transport, &runtime)? {
                    Asked::Token(token) => return Ok(token),
                    Asked::Later(outcome) => outcome,
                };
                let ended = outcome.wait_for(Option::is_some).await;
                match ended.ok().and_then(|outcome| outcome.clone()) {
                    Some(Ended::Token(token)) => return Ok(token),
                    Some(Ended::Failed(error)) => return Err(Error::shared(error)),
                    Some(Ended::Void) | None => {}
                }
            }
        })
    }

    fn invalidate(&self, refused: &Authorization) {
        self.0.state().cache.refused(refused);
    }

    fn secrets(&self) -> Vec<Secret> {
        let mut secrets = self.0.source.secrets();
        let state = self.0.state();
        secrets.extend(state.cache.token().into_iter().flat_map(Authorization::secrets));
        secrets
    }
}

impl fmt::Debug for Cached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_token = self.0.state().cache.token().is_some();
        formatter
            .debug_struct("Cached")
            .field("source", &self.0.source)
            .field("has_token", &has_token)
            .finish()
    }
}
