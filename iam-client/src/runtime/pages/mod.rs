//! Lists that come in pages, as streams of pages and of items.

mod driver;

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
    vec,
};

use futures_core::Stream;

use self::driver::{Driver, Fetched};
use super::{Error, NextPage, Operation, PageToken, Response, Started};

/// A call on its way.
#[doc(hidden)]
pub type PageCall<T> = Pin<Box<dyn Future<Output = Result<Response<T>, Error>> + Send>>;

/// A request for one page of a list. For generated code.
#[doc(hidden)]
pub trait Paged: Clone + Send + 'static {
    /// What an answer holds.
    type Page: Send + 'static;
    /// What a page holds.
    type Item: Send + 'static;
    /// The operation.
    const OPERATION: &'static Operation;

    /// Sends it.
    fn call(self) -> PageCall<Self::Page>;

    /// Where its page begins; `None` for the first page.
    fn start(&self) -> Option<PageToken>;

    /// Makes its page begin elsewhere.
    ///
    /// # Errors
    /// If it cannot begin there.
    fn start_at(&mut self, token: &PageToken) -> Started;

    /// Where the page after `page`, its own, begins.
    ///
    /// # Errors
    /// What is wrong with `page`.
    fn next(&self, page: &Self::Page) -> NextPage;

    /// The items of a page.
    fn items(page: Self::Page) -> Vec<Self::Item>;
}

/// Fetches a page; a page that does not tell what comes next is an error.
async fn fetch<R: Paged>(mut request: R, at: Option<PageToken>) -> Fetched<R::Page> {
    if let Some(token) = &at {
        let refuse = |problem| Error::invalid_request(R::OPERATION, problem);
        request.start_at(token).map_err(refuse)?;
    }
    let page = request.clone().call().await?;
    let next = request.next(&page).and_then(|next| {
        // One that cannot be sent is a fault of this page, not of the next.
        next.iter().try_for_each(|token| request.start_at(token))?;
        Ok(next)
    });
    match next {
        Ok(next) => Ok((page, next)),
        Err(problem) => Err(Error::decode(R::OPERATION, page.status(), page.headers(), problem)),
    }
}

/// The pages of a list, one after the other: a [`Stream`], or without one,
/// [`try_next`](Self::try_next).
///
/// Nothing is sent before the first page is asked for. Each request is the
/// first one with another token; all else that was set of it stays. One page is
/// held at a time, and with [`prefetch`](Self::prefetch) one more.
///
/// The list ends with the page that names no next one; an empty page does not
/// end it. An error ends it too: from then on there are no pages, and
/// [`resume_token`](Self::resume_token) tells where to go on. It is an error if
/// a page leads back to one that has been before.
#[must_use = "nothing is sent before a page is asked for"]
pub struct Pages<P>(Driver<P>);

impl<P: Send + 'static> Pages<P> {
    /// The pages that `request` leads to. For generated code.
    #[doc(hidden)]
    pub fn new<R: Paged<Page = P>>(request: R) -> Self {
        let first = request.start();
        Self(Driver::new(R::OPERATION, first, move |at| Box::pin(fetch(request.clone(), at))))
    }

    /// Begins (or begins anew) with the page at `token`.
    pub fn starting_at(mut self, token: PageToken) -> Self {
        self.0.start_at(Some(token));
        self
    }

    /// Fetches each page while the one before it is used, in a task of the
    /// tokio runtime that is aborted when this is dropped. The first page is
    /// fetched when it is asked for.
    pub fn prefetch(mut self) -> Self {
        self.0.prefetch();
        self
    }

    /// Where the page begins that comes next, or that failed; `None` if that is
    /// the first one, and after the last.
    #[must_use]
    pub fn resume_token(&self) -> Option<&PageToken> {
        self.0.next()
    }

    /// The next page; `None` after the last one and after an error. Nothing is
    /// lost if the future is dropped.
    ///
    /// # Errors
    ///
    /// As the operation itself; [decode](Error::is_decode) also if the page
    /// does not lead on as it should; [invalid request](Error::is_invalid_request)
    /// if it cannot begin at the token given to [`starting_at`](Self::starting_at).
    pub async fn try_next(&mut self) -> Result<Option<Response<P>>, Error> {
        poll_fn(|context| self.0.poll(context)).await.transpose()
    }
}

impl<P: Send + 'static> Stream for Pages<P> {
    type Item = Result<Response<P>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().0.poll(context)
    }
}

/// The items of a list, whatever page they come with: a [`Stream`], or without
/// one, [`try_next`](Self::try_next).
///
/// Everything said of [`Pages`] holds.
#[must_use = "nothing is sent before an item is asked for"]
pub struct Items<T> {
    pages: Driver<Vec<T>>,
    page: vec::IntoIter<T>,
}

// Items are moved, never pinned.
impl<T> Unpin for Items<T> {}

impl<T: Send + 'static> Items<T> {
    /// The items that `request` leads to. For generated code.
    #[doc(hidden)]
    pub fn new<R: Paged<Item = T>>(request: R) -> Self {
        let first = request.start();
        let pages = Driver::new(R::OPERATION, first, move |at| {
            let page = fetch(request.clone(), at);
            Box::pin(async move {
                let (page, next) = page.await?;
                Ok((page.map(R::items), next))
            })
        });
        Self { pages, page: Vec::new().into_iter() }
    }

    /// Begins (or begins anew) with the page at `token`.
    pub fn starting_at(mut self, token: PageToken) -> Self {
        self.pages.start_at(Some(token));
        self.page = Vec::new().into_iter();
        self
    }

    /// Fetches each page while the items of the one before it are used, in a
    /// task of the tokio runtime that is aborted when this is dropped. The
    /// first page is fetched when it is asked for.
    pub fn prefetch(mut self) -> Self {
        self.pages.prefetch();
        self
    }

    /// Where to go on so that no item is missed: the page that comes next or
    /// that failed, but as long as there are items left of a page, that page,
    /// whose earlier items then come again. `None` stands for the first page,
    /// and is what there is after the last item.
    #[must_use]
    pub fn resume_token(&self) -> Option<&PageToken> {
        if self.page.as_slice().is_empty() { self.pages.next() } else { self.pages.given() }
    }

    /// The next item; `None` after the last one and after an error. Nothing is
    /// lost if the future is dropped.
    ///
    /// # Errors
    ///
    /// As [`Pages::try_next`].
    pub async fn try_next(&mut self) -> Result<Option<T>, Error> {
        poll_fn(|context| self.poll(context)).await.transpose()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, Error>>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll(context)) {
                Some(Ok(page)) => self.page = page.into_inner().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<T: Send + 'static> Stream for Items<T> {
    type Item = Result<T, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll(context)
    }
}

/// Shows the operation; what pages hold can be anything.
impl<P: Send + 'static> fmt::Debug for Pages<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.0.operation().id;
        formatter.debug_struct("Pages").field("operation", &operation).finish_non_exhaustive()
    }
}

/// Shows the operation; what pages hold can be anything.
impl<T: Send + 'static> fmt::Debug for Items<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.pages.operation().id;
        formatter.debug_struct("Items").field("operation", &operation).finish_non_exhaustive()
    }
}
