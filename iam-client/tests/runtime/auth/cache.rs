//! One exchange for all, and who waits for it.

use std::{
    error::Error as _,
    future::pending,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use iam_client::{
    Error, Transport,
    auth::{AccessToken, Cached, TokenSource},
    runtime::BoxFuture,
};
use tokio::{
    runtime::Builder,
    sync::{Notify, Semaphore},
    task::JoinSet,
};

use super::support::*;

/// Starts so many callers, waits until each has asked, lets the exchange end,
/// and gives what they got.
async fn crowd(
    callers: usize,
    respond: fn(usize) -> Answer,
) -> (Server, Vec<Result<String, Error>>) {
    let gate = Arc::new(Semaphore::new(0));
    let issuer = gated(&gate, respond).await;
    let client = client(&issuer, api_key(&issuer), &TestClock::new(0.5));
    let asking = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..callers {
        let (client, asking) = (client.clone(), Arc::clone(&asking));
        tasks.spawn(async move {
            asking.fetch_add(1, Ordering::SeqCst);
            ask(&client).await
        });
    }
    until("callers", || asking.load(Ordering::SeqCst) == callers).await;
    seen(&issuer, 1).await;
    gate.add_permits(callers);
    (issuer, tasks.join_all().await)
}

#[tokio::test]
async fn ten_thousand_first_calls_make_one_exchange() {
    let (issuer, results) = crowd(10_000, |number| token(&format!("token-{number}"))).await;
    assert_eq!(results.len(), 10_000);
    for result in results {
        assert_eq!(result.unwrap(), "token-1");
    }
    issuer.only();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_first_calls_on_four_threads_make_one_exchange() {
    let (issuer, results) = crowd(10_000, |number| token(&format!("token-{number}"))).await;
    assert!(results.into_iter().all(|result| result.unwrap() == "token-1"));
    issuer.only();
}

/// Whole calls, over connections of their own.
#[tokio::test]
async fn one_503_of_the_token_endpoint_harms_none_of_200_calls() {
    let issuer = {
        let count = AtomicUsize::new(0);
        Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
            0 => answer(503, &[("retry-after", "30")], ""),
            _ => token("token-1"),
        })
    };
    let (issuer, service) = (issuer.await, Server::answering(200, "{}").await);
    let client = client(&service, api_key(&issuer), &TestClock::new(0.5));
    call_200_times(&client).await;
    assert_eq!(issuer.seen().len(), 2);
    let calls = service.seen();
    assert_eq!(calls.len(), 200);
    assert!(calls.iter().all(|call| call.header("authorization").unwrap() == "Bearer token-1"));
}

const REFUSAL: &str = r#"{"errorCode": "BXNIM0415E", "errorMessage": "Key not found",
    "context": {"requestId": "r1"}}"#;

/// All fail with one error, and it is not kept.
#[tokio::test]
async fn a_failed_first_exchange_reaches_all_who_wait_and_is_not_kept() {
    let (issuer, results) = crowd(200, |_| answer(400, &[], REFUSAL)).await;
    issuer.only();
    let errors: Vec<_> = results.into_iter().map(failed).collect();
    let exchange = |error: &Error| {
        std::ptr::from_ref(error.source().unwrap().downcast_ref::<Error>().unwrap())
    };
    for error in &errors {
        assert!(error.is_authentication() && !error.is_transient());
        assert_eq!((error.status().unwrap().as_u16(), error.trace()), (400, Some("r1")));
        assert_eq!(error.code(), Some("BXNIM0415E"));
        assert_eq!(error.to_string(), "cannot authenticate");
        assert_eq!(exchange(error), exchange(&errors[0]), "one error for all");
    }
    let text = errors[0].source().unwrap().to_string();
    assert!(text.starts_with("exchange_api_key: 400 bad request: BXNIM0415E: Key not found (tra"));
}

#[tokio::test]
async fn the_call_after_a_failed_exchange_makes_another() {
    let count = AtomicUsize::new(0);
    let issuer = Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => answer(400, &[], REFUSAL),
        _ => token("token-1"),
    })
    .await;
    let service = Server::answering(200, "{}").await;
    let client = client(&service, api_key(&issuer), &TestClock::new(0.5));
    let error = failed(get(&client).await);
    assert_eq!(error.to_string(), "get_thing: cannot authenticate");
    // The exchange's error stands right behind, and nothing behind that.
    let exchange = error.source().unwrap();
    assert!(exchange.to_string().starts_with("exchange_api_key: 400"), "{exchange}");
    assert!(exchange.source().is_none());
    assert_eq!(service.seen().len(), 0);
    get(&client).await.unwrap();
    assert_eq!(issuer.seen().len(), 2);
}

#[tokio::test]
async fn authenticators_do_not_wait_for_each_other() {
    let gate = Arc::new(Semaphore::new(0));
    let (slow, quick) = (gated(&gate, |_| token("slow")).await, issuer().await);
    let clock = TestClock::new(0.5);
    let waiting = client(&slow, api_key(&slow), &clock);
    let waiting = tokio::spawn(async move { ask(&waiting).await });
    seen(&slow, 1).await;
    assert_eq!(ask(&client(&quick, api_key(&quick), &clock)).await.unwrap(), "token-1");
    gate.add_permits(1);
    assert_eq!(waiting.await.unwrap().unwrap(), "slow");
}

/// Clients share the tokens of one authenticator.
#[tokio::test]
async fn clones_share_a_token() {
    let issuer = issuer().await;
    let (caller, clock) = (api_key(&issuer), TestClock::new(0.5));
    let shared: Arc<dyn iam_client::auth::Authenticator> = Arc::new(caller.clone());
    assert_eq!(ask(&client(&issuer, caller, &clock)).await.unwrap(), "token-1");
    assert_eq!(ask(&client(&issuer, shared, &clock)).await.unwrap(), "token-1");
    issuer.only();
}

#[tokio::test]
async fn a_cancelled_caller_does_not_end_the_exchange_for_others() {
    let gate = Arc::new(Semaphore::new(0));
    let issuer = gated(&gate, |number| token(&format!("token-{number}"))).await;
    let client = client(&issuer, api_key(&issuer), &TestClock::new(0.5));
    let spawn = || {
        let client = client.clone();
        tokio::spawn(async move { ask(&client).await })
    };
    let first = spawn();
    seen(&issuer, 1).await;
    let others = [spawn(), spawn()];
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    for other in others {
        assert_eq!(other.await.unwrap().unwrap(), "token-1");
    }
    issuer.only();
}

#[tokio::test]
async fn an_exchange_that_nobody_waits_for_any_more_is_not_lost() {
    let gate = Arc::new(Semaphore::new(0));
    let issuer = gated(&gate, |number| token(&format!("token-{number}"))).await;
    let client = client(&issuer, api_key(&issuer), &TestClock::new(0.5));
    let only = {
        let client = client.clone();
        tokio::spawn(async move { ask(&client).await })
    };
    seen(&issuer, 1).await;
    only.abort();
    assert!(only.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    assert_eq!(ask(&client).await.unwrap(), "token-1");
    issuer.only();
}

/// What a test's own source does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Panic,
    Hang,
}

/// Does something the first time, and gives a token from the second on.
#[derive(Debug)]
struct Odd {
    first: Deed,
    fetches: AtomicUsize,
    begun: Arc<Notify>,
}

impl Odd {
    fn new(first: Deed) -> Self {
        Self { first, fetches: AtomicUsize::new(0), begun: Arc::default() }
    }
}

impl TokenSource for Odd {
    fn fetch<'a>(&'a self, _: &'a Transport) -> BoxFuture<'a, Result<AccessToken, Error>> {
        Box::pin(async {
            let number = self.fetches.fetch_add(1, Ordering::SeqCst);
            self.begun.notify_one();
            tokio::task::yield_now().await;
            match (number, self.first) {
                (0, Deed::Panic) => panic!("s3cret"),
                (0, Deed::Hang) => pending().await,
                _ => Ok(AccessToken::new("good", Duration::from_secs(3600))),
            }
        })
    }
}

#[tokio::test]
async fn a_source_that_panics_is_an_error_for_those_who_wait() {
    let server = Server::answering(200, "{}").await;
    let client = client(&server, Cached::new(Odd::new(Deed::Panic)), &TestClock::new(0.5));
    let (one, two) = tokio::join!(ask(&client), ask(&client));
    for error in [failed(one), failed(two)] {
        assert!(error.is_authentication());
        assert_eq!(error.source().unwrap().to_string(), "the token source panicked");
        assert!(!all_texts(&error).contains("s3cret"));
    }
    assert_eq!(ask(&client).await.unwrap(), "good");
}

/// The limit is the client's; a source that ignores it cannot block later calls.
#[tokio::test]
async fn a_source_that_never_ends_is_given_up() {
    let server = Server::answering(200, "{}").await;
    let builder = builder(&server, Cached::new(Odd::new(Deed::Hang)));
    let client = builder.timeout(Duration::from_millis(20)).build().unwrap();
    let error = failed(ask(&client).await);
    let text = error.source().unwrap().to_string();
    assert_eq!(text, "timed out after 20ms while getting a token");
    assert_eq!(ask(&client).await.unwrap(), "good");
}

/// The runtime of the first call is not driven any more. Its exchange would keep
/// the second call waiting until it counts as stuck.
#[test]
fn calls_do_not_wait_for_an_exchange_of_another_runtime() {
    let runtime = || Builder::new_current_thread().enable_all().build().unwrap();
    let (idle, running) = (runtime(), runtime());
    let source = Odd::new(Deed::Hang);
    let begun = Arc::clone(&source.begun);
    let client = iam_client::Client::builder().authenticator(Cached::new(source)).build().unwrap();
    idle.block_on(async {
        tokio::select! {
            _ = ask(&client) => panic!("it hangs"),
            () = begun.notified() => {}
        }
    });
    let limit = Duration::from_secs(60);
    let asked = running.block_on(async { tokio::time::timeout(limit, ask(&client)).await });
    assert_eq!(asked.unwrap().unwrap(), "good");
}

/// A task that waits keeps its runtime from ending, and must not spin.
#[test]
fn an_exchange_whose_runtime_stops_fails_for_those_who_wait() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let source = Odd::new(Deed::Hang);
    let begun = Arc::clone(&source.begun);
    let client = iam_client::Client::builder().authenticator(Cached::new(source)).build().unwrap();
    let handle = runtime.handle().clone();
    let (sender, result) = std::sync::mpsc::channel();
    runtime.spawn_blocking(move || sender.send(handle.block_on(ask(&client))));
    runtime.block_on(begun.notified());
    std::thread::spawn(move || drop(runtime));
    let error = failed(result.recv_timeout(Duration::from_secs(60)).expect("it hangs"));
    assert!(error.to_string().contains("the runtime is shutting down"), "{error}");
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let caller = Cached::new(Odd::new(Deed::Hang));
    let client = iam_client::Client::builder().authenticator(caller).build().unwrap();
    let mut asked = pin!(ask(&client));
    let Poll::Ready(Err(error)) = asked.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    else {
        panic!("no error");
    };
    assert!(error.is_configuration() && error.to_string().contains("no runtime on this thread"));
}
