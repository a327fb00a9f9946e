//! Lists that come in pages.

use std::{
    future::{Future as _, poll_fn, ready},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_core::Stream;
use iam_client::runtime::{
    Client, Items, NextPage, Operation, PageCall, PageToken, Paged, Pages, Response, Started,
    next_in_url, next_token,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::Notify,
};

use super::support::{Answer, LIST_THINGS, Seen, Server, answer, failed, get};

/// How long a test waits for what should happen at once.
const LONG: Duration = Duration::from_secs(20);

/// The shape of what the generator makes of a list operation.
#[derive(Clone)]
struct List {
    client: Client,
    start: Option<String>,
}

fn list(client: &Client) -> List {
    List { client: client.clone(), start: None }
}

impl Paged for List {
    type Page = Value;
    type Item = u64;
    const OPERATION: &'static Operation = &LIST_THINGS;

    fn call(self) -> PageCall<Value> {
        Box::pin(async move {
            let url = format!("{}/v1/things", self.client.endpoint());
            let query = [("size", Some("2")), ("start", self.start.as_deref())];
            let request = self.client.http().get(url).query(&query).build().unwrap();
            self.client.execute(&LIST_THINGS, request).await?.json()
        })
    }

    fn start(&self) -> Option<PageToken> {
        self.start.as_ref().map(PageToken::new)
    }

    fn start_at(&mut self, token: &PageToken) -> Started {
        token.set(&mut self.start)
    }

    fn next(&self, page: &Value) -> NextPage {
        match page.get("url") {
            Some(url) => next_in_url(url.as_str(), "start"),
            None => next_token(page["next"].as_str()),
        }
    }

    fn items(page: Value) -> Vec<u64> {
        page["items"].as_array().unwrap().iter().map(|item| item.as_u64().unwrap()).collect()
    }
}

fn page(items: &[u64], next: Value) -> Answer {
    let body = json!({"items": items, "next": next});
    answer(200, &[("content-type", "application/json")], body.to_string())
}

/// Three pages: 1 2, 3 4, 5.
fn three(seen: &Seen) -> Answer {
    match seen.target.as_str() {
        "/v1/things?size=2" => page(&[1, 2], json!("b")),
        "/v1/things?size=2&start=b" => page(&[3, 4], json!("c")),
        "/v1/things?size=2&start=c" => page(&[5], Value::Null),
        other => answer(400, &[], other.to_owned()),
    }
}

/// Where requests began, one letter each; `-` for no token.
fn starts(server: &Server) -> String {
    let seen = server.seen();
    let start = |seen: &Seen| match seen.target.split_once("&start=") {
        Some((_, start)) => start.to_owned(),
        None => "-".to_owned(),
    };
    seen.iter().map(start).collect()
}

async fn rest(items: &mut Items<u64>) -> Vec<u64> {
    let mut list = Vec::new();
    while let Some(item) = items.try_next().await.unwrap() {
        list.push(item);
    }
    list
}

fn token(items: &Items<u64>) -> Option<String> {
    items.resume_token().map(ToString::to_string)
}

#[tokio::test]
async fn items_come_in_order_with_no_request_too_many() {
    let server = Server::start(three).await;
    let mut items = Items::new(list(&server.client()));
    assert_eq!(format!("{items:?}"), "Items { operation: \"list_things\", .. }");
    assert!(server.seen().is_empty());
    assert_eq!(rest(&mut items).await, [1, 2, 3, 4, 5]);
    assert_eq!(items.try_next().await.unwrap(), None);
    assert_eq!(starts(&server), "-bc");
}

#[tokio::test]
async fn a_page_is_asked_for_when_the_one_before_is_used_up() {
    let server = Server::start(three).await;
    let mut items = Items::new(list(&server.client()));
    for expected in [1, 2] {
        assert_eq!(items.try_next().await.unwrap(), Some(expected));
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        assert_eq!(starts(&server), "-");
    }
    assert_eq!(items.try_next().await.unwrap(), Some(3));
    assert_eq!(starts(&server), "-b");
}

#[tokio::test]
async fn both_are_streams_that_move_freely() {
    fn fits<S: Stream + Send + Unpin + 'static>(stream: S) -> S {
        stream
    }
    async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
        poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
    }
    // What they hold need not be Unpin.
    let _ = fits::<Items<std::marker::PhantomPinned>>;
    let server = Server::start(three).await;
    let mut items = fits(Items::new(list(&server.client())));
    let mut pages = fits(Pages::new(list(&server.client())));
    let task = tokio::spawn(async move {
        let first = next(&mut items).await.unwrap().unwrap();
        let page = next(&mut pages).await.unwrap().unwrap();
        assert_eq!(page["items"], json!([1, 2]));
        let page = pages.try_next().await.unwrap().unwrap();
        assert_eq!((page["items"].clone(), page.status().as_u16()), (json!([3, 4]), 200));
        assert_eq!(pages.resume_token().unwrap().to_string(), "c");
        assert!(next(&mut pages).await.unwrap().is_ok());
        assert_eq!(pages.resume_token(), None);
        assert!(next(&mut pages).await.is_none());
        first
    });
    assert_eq!(task.await.unwrap(), 1);
}

#[tokio::test]
async fn an_empty_page_goes_on_and_an_empty_next_ends() {
    let server = Server::start(|seen| match seen.target.as_str() {
        "/v1/things?size=2" => page(&[], json!("b")),
        "/v1/things?size=2&start=b" => page(&[], json!("c")),
        _ => page(&[7], json!("")),
    })
    .await;
    assert_eq!(rest(&mut Items::new(list(&server.client()))).await, [7]);
    assert_eq!(starts(&server), "-bc");

    let server = Server::answering(200, r#"{"items":[]}"#).await;
    assert_eq!(rest(&mut Items::new(list(&server.client()))).await, [0; 0]);
    assert_eq!(starts(&server), "-");
}

#[tokio::test]
async fn an_error_ends_the_list_which_can_go_on_from_there() {
    let broken = Server::start(|seen| match seen.target.as_str() {
        "/v1/things?size=2&start=c" => answer(400, &[], ""),
        _ => three(seen),
    })
    .await;
    for ahead in [false, true] {
        let items = Items::new(list(&broken.client()));
        let mut items = if ahead { items.prefetch() } else { items };
        for expected in 1..=4 {
            assert_eq!(items.try_next().await.unwrap(), Some(expected));
        }
        let error = failed(items.try_next().await);
        assert_eq!(
            (error.status().unwrap().as_u16(), error.operation_id()),
            (400, Some("list_things"))
        );
        for _ in 0..3 {
            assert_eq!(items.try_next().await.unwrap(), None);
        }
        assert_eq!(starts(&broken), if ahead { "-bc-bc" } else { "-bc" });

        let kept = serde_json::to_string(items.resume_token().unwrap()).unwrap();
        let whole = Server::start(three).await;
        let kept = serde_json::from_str(&kept).unwrap();
        let mut items = Items::new(list(&whole.client())).starting_at(kept);
        assert_eq!(rest(&mut items).await, [5]);
        assert_eq!(starts(&whole), "c");
    }
}

#[tokio::test]
async fn the_token_to_go_on_from_misses_no_item() {
    let server = Server::start(three).await;
    let mut items = Items::new(list(&server.client()));
    let mut found = vec![(0, token(&items))];
    while let Some(item) = items.try_next().await.unwrap() {
        found.push((item, token(&items)));
    }
    let of = |page: &str| Some(page.to_owned());
    let expected = [(0, None), (1, None), (2, of("b")), (3, of("b")), (4, of("c")), (5, None)];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_list_begins_where_the_request_or_the_caller_says() {
    let server = Server::start(three).await;
    let mut request = list(&server.client());
    request.start = Some("b".to_owned());
    let mut items = Items::new(request.clone());
    assert_eq!(token(&items).as_deref(), Some("b"));
    assert_eq!(items.try_next().await.unwrap(), Some(3));
    // Anew, with nothing left of what was.
    let mut items = items.starting_at("c".parse().unwrap());
    assert_eq!(rest(&mut items).await, [5]);
    assert_eq!(rest(&mut items.starting_at("b".parse().unwrap())).await, [3, 4, 5]);
    let mut pages = Pages::new(request).starting_at("c".parse().unwrap());
    assert_eq!(pages.try_next().await.unwrap().unwrap()["items"], json!([5]));
    assert_eq!(starts(&server), "bcbcc");
}

#[tokio::test]
async fn a_page_that_leads_back_is_an_error() {
    // To itself, to the one before, and to where the list began.
    for (first, pages, requests) in [
        (None, [("-", "b"), ("b", "b"), ("", "")], "-b"),
        (None, [("-", "b"), ("b", "c"), ("c", "b")], "-bc"),
        (Some("a"), [("a", "b"), ("b", "a"), ("", "")], "ab"),
    ] {
        let server = Server::start(move |seen| {
            let start = seen.target.split_once("&start=").map_or("-", |(_, start)| start);
            let (_, next) = pages.iter().find(|(page, _)| *page == start).unwrap();
            answer(
                200,
                &[("transaction-id", "t1")],
                json!({"items": [1], "next": next}).to_string(),
            )
        })
        .await;
        let mut request = list(&server.client());
        request.start = first.map(str::to_owned);
        let mut items = Items::new(request);
        for _ in 1..requests.len() {
            assert_eq!(items.try_next().await.unwrap(), Some(1));
        }
        let error = failed(items.try_next().await);
        assert!(error.is_decode(), "{error:?}");
        assert_eq!(
            error.to_string(),
            "list_things: the page leads back to one that has been before (transaction t1)"
        );
        assert_eq!(error.status().unwrap(), 200);
        // The page that failed.
        assert_eq!(token(&items).as_deref(), requests.chars().last().map(String::from).as_deref());
        assert_eq!(items.try_next().await.unwrap(), None);
        assert_eq!(starts(&server), requests);
    }
}

#[tokio::test]
async fn of_a_url_only_the_query_counts() {
    let elsewhere = Server::answering(200, r#"{"items":[9]}"#).await;
    let url = format!("{}/v1/other?start=c%2B&size=1", elsewhere.url());
    let server = Server::start(move |seen| {
        let body = match seen.target.as_str() {
            "/v1/things?size=2" => json!({"items": [1], "url": url}),
            "/v1/things?size=2&start=c%2B" => json!({"items": [2], "url": "/v1/things?size=2"}),
            other => panic!("{other}"),
        };
        answer(200, &[], body.to_string())
    })
    .await;
    let mut items = Items::new(list(&server.client()));
    assert_eq!(items.try_next().await.unwrap(), Some(1));
    let error = failed(items.try_next().await);
    let said = "list_things: the address of the next page has no `start`";
    assert_eq!((error.to_string().as_str(), error.is_decode()), (said, true));
    assert_eq!(items.try_next().await.unwrap(), None);
    assert_eq!(server.seen().len(), 2);
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn nothing_is_lost_when_a_caller_stops_waiting() {
    let server = Server::start(three).await;
    let mut items = Items::new(list(&server.client()));
    let mut waiting = Box::pin(items.try_next());
    let poll = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending())).await;
    assert!(poll);
    drop(waiting);
    assert_eq!(rest(&mut items).await, [1, 2, 3, 4, 5]);
    assert_eq!(starts(&server), "-bc");
}

#[tokio::test]
async fn a_prefetched_page_is_asked_for_before_the_one_before_is_used_up() {
    let arrived = Arc::new(Notify::new());
    let signal = Arc::clone(&arrived);
    let server = Server::start(move |seen| {
        signal.notify_one();
        three(seen)
    })
    .await;
    let mut items = Items::new(list(&server.client())).prefetch();
    let second = async || tokio::time::timeout(LONG, arrived.notified()).await.unwrap();
    assert_eq!(items.try_next().await.unwrap(), Some(1));
    second().await;
    // 2 is not yet used.
    second().await;
    assert_eq!(items.try_next().await.unwrap(), Some(2));
    assert_eq!(starts(&server).len(), 2, "one page ahead and no more");
    assert_eq!(items.try_next().await.unwrap(), Some(3));
    second().await;
    assert_eq!(rest(&mut items).await, [4, 5]);
    assert_eq!(starts(&server), "-bc");
}

#[tokio::test]
async fn dropping_the_list_aborts_what_is_fetched_ahead() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let arrived = Arc::new(Notify::new());
    let signal = Arc::clone(&arrived);
    // Answers the first request, and reads on after the second.
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for request in 1..=2 {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            if request == 1 {
                let body = r#"{"items":[1,2],"next":"b"}"#;
                let answer =
                    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
        signal.notify_one();
        stream.read(&mut [0]).await
    });
    let client = Client::builder().endpoint(url).timeout(LONG * 100).build().unwrap();
    let mut items = Items::new(list(&client)).prefetch();
    assert_eq!(items.try_next().await.unwrap(), Some(1));
    tokio::time::timeout(LONG, arrived.notified()).await.unwrap();
    assert!(!server.is_finished());
    drop(items);
    let closed = tokio::time::timeout(LONG, server).await.expect("the request goes on");
    assert!(matches!(closed.unwrap(), Ok(0) | Err(_)));
}

/// A list of equal pages that needs no network.
#[derive(Clone)]
struct Ready {
    page: Response<Value>,
    calls: Arc<AtomicUsize>,
    start: Option<u64>,
    panics: bool,
}

impl Ready {
    async fn new() -> Self {
        let server = Server::answering(200, "[1]").await;
        let page = get(&server.client()).await.unwrap().json().unwrap();
        Self { page, calls: Arc::default(), start: None, panics: false }
    }
}

impl Paged for Ready {
    type Page = Value;
    type Item = u64;
    const OPERATION: &'static Operation = &LIST_THINGS;

    fn call(self) -> PageCall<Value> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        assert!(call == 0 || !self.panics, "as told");
        Box::pin(ready(Ok(self.page)))
    }

    fn start(&self) -> Option<PageToken> {
        None
    }

    fn start_at(&mut self, token: &PageToken) -> Started {
        token.set(&mut self.start)
    }

    fn next(&self, _: &Value) -> NextPage {
        Ok(Some(PageToken::new(&(self.start.unwrap_or(0) + 1))))
    }

    fn items(_: Value) -> Vec<u64> {
        vec![1]
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_before_sending() {
    let list = Ready::new().await;
    let calls = Arc::clone(&list.calls);
    let mut items = Items::new(list).starting_at("s3cret".parse().unwrap());
    let error = failed(items.try_next().await);
    assert!(error.is_invalid_request() && !error.to_string().contains("s3cret"), "{error}");
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    assert_eq!(items.try_next().await.unwrap(), None);
}

#[test]
fn without_a_runtime_nothing_is_fetched_ahead() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let list = runtime.block_on(Ready::new());
    let calls = Arc::clone(&list.calls);
    let mut items = Items::new(list).prefetch();
    let mut context = Context::from_waker(Waker::noop());
    for expected in 1..=3 {
        let next = Pin::new(&mut items).poll_next(&mut context);
        assert!(matches!(next, Poll::Ready(Some(Ok(1)))), "{next:?}");
        assert_eq!(calls.load(Ordering::SeqCst), expected);
    }
}

#[test]
fn a_runtime_that_ends_takes_no_page_with_it() {
    let one = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = one();
    let mut items = first.block_on(async {
        let mut items = Items::new(Ready::new().await).prefetch();
        assert_eq!(items.try_next().await.unwrap(), Some(1));
        items
    });
    drop(first);
    assert_eq!(one().block_on(items.try_next()).unwrap(), Some(1));
    assert_eq!(token(&items).as_deref(), Some("2"));
}

#[tokio::test]
async fn a_panic_in_a_task_reaches_the_caller() {
    let list = Ready { panics: true, ..Ready::new().await };
    let mut items = Items::new(list).prefetch();
    assert_eq!(items.try_next().await.unwrap(), Some(1));
    let outcome = tokio::spawn(async move { items.try_next().await }).await;
    assert!(outcome.unwrap_err().is_panic());
}
