//! Fetches one page after the other: what `Pages` and `Items` share.

use std::{
    collections::HashSet,
    hash::{BuildHasher as _, RandomState},
    mem,
    panic::resume_unwind,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::{runtime::Handle, task::JoinHandle};

use super::super::{Error, Operation, PageToken, Response};

/// A page and the token of the next.
pub(super) type Fetched<V> = Result<(Response<V>, Option<PageToken>), Error>;

/// They, on the way.
pub(super) type Fetch<V> = Pin<Box<dyn Future<Output = Fetched<V>> + Send>>;

/// Begins to fetch the page at a token.
type Start<V> = Box<dyn Fn(Option<PageToken>) -> Fetch<V> + Send>;

/// One page at a time, each a `V`, and at most one more ahead of it.
pub(super) struct Driver<V> {
    operation: &'static Operation,
    start: Start<V>,
    state: State<V>,
    /// Where the page began that was given last.
    given: Option<PageToken>,
    /// Where the page begins that is given next; `None` for the first page of
    /// all, and after the last.
    next: Option<PageToken>,
    seen: Seen,
    prefetch: bool,
}

enum State<V> {
    /// The next page is fetched when it is asked for.
    Idle,
    /// It is being fetched by whoever asks for it.
    Asked(Fetch<V>),
    /// It is being fetched by a task.
    Ahead(Task<V>),
    /// There is none.
    Over,
}

impl<V: Send + 'static> Driver<V> {
    /// Begins with the page at `first`.
    pub(super) fn new(
        operation: &'static Operation,
        first: Option<PageToken>,
        start: impl Fn(Option<PageToken>) -> Fetch<V> + Send + 'static,
    ) -> Self {
        let (start, seen) = (Box::new(start), Seen::default());
        let mut driver = Self {
            operation,
            start,
            state: State::Idle,
            given: None,
            next: None,
            seen,
            prefetch: false,
        };
        driver.start_at(first);
        driver
    }

    /// Begins anew, with the page at `first`.
    pub(super) fn start_at(&mut self, first: Option<PageToken>) {
        self.state = State::Idle;
        self.given = None;
        self.seen = Seen::default();
        if let Some(first) = &first {
            self.seen.insert(first);
        }
        self.next = first;
    }

    /// From now on, fetches a page while the one before it is used.
    pub(super) fn prefetch(&mut self) {
        self.prefetch = true;
    }

    pub(super) fn operation(&self) -> &'static Operation {
        self.operation
    }

    pub(super) fn given(&self) -> Option<&PageToken> {
        self.given.as_ref()
    }

    pub(super) fn next(&self) -> Option<&PageToken> {
        self.next.as_ref()
    }

    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Response<V>, Error>>> {
        loop {
            let outcome = match &mut self.state {
                State::Idle => {
                    self.state = State::Asked((self.start)(self.next.clone()));
                    continue;
                }
                State::Asked(fetch) => ready!(fetch.as_mut().poll(context)),
                State::Ahead(Task(task)) => match ready!(Pin::new(task).poll(context)) {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        // Else its runtime ended, and the page is fetched here.
                        self.state = State::Idle;
                        if let Ok(panic) = error.try_into_panic() {
                            self.state = State::Over;
                            resume_unwind(panic);
                        }
                        continue;
                    }
                },
                State::Over => return Poll::Ready(None),
            };
            self.state = State::Over;
            return Poll::Ready(Some(outcome.and_then(|(page, next)| self.take(page, next))));
        }
    }

    /// Moves on from `page` to the one at `next`.
    fn take(&mut self, page: Response<V>, next: Option<PageToken>) -> Result<Response<V>, Error> {
        if let Some(next) = &next {
            if !self.seen.insert(next) {
                let problem = "the page leads back to one that has been before".to_owned();
                return Err(Error::decode(self.operation, page.status(), page.headers(), problem));
            }
            self.state = State::Idle;
            // Without a runtime nothing can be fetched ahead.
            if let (true, Ok(runtime)) = (self.prefetch, Handle::try_current()) {
                let fetch = (self.start)(Some(next.clone()));
                self.state = State::Ahead(Task(runtime.spawn(fetch)));
            }
        }
        self.given = mem::replace(&mut self.next, next);
        Ok(page)
    }
}

/// A task that ends when nobody waits for it any more.
struct Task<V>(JoinHandle<Fetched<V>>);

impl<V> Drop for Task<V> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The tokens that have been, as 8 bytes each: that two of a million have the
/// same hash is as likely as one in 37 million.
#[derive(Default)]
struct Seen {
    hasher: RandomState,
    hashes: HashSet<u64>,
}

impl Seen {
    /// Whether it is new.
    fn insert(&mut self, token: &PageToken) -> bool {
        self.hashes.insert(self.hasher.hash_one(token))
    }
}
