//! Tokio runtimes: several, none, and those that cannot be used.

use std::{
    pin::pin,
    sync::mpsc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use iam_client::Client;
use tokio::runtime::{Builder, Runtime};

use super::support::{Server, TOKEN, failed, get, once};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A connection belongs to the runtime that it was made on, which does not run
/// while another one does.
#[test]
fn a_client_can_be_used_on_one_runtime_after_another() {
    let background = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = background.block_on(Server::answering(200, "{}"));
    let builder = Client::builder().endpoint(server.url()).bearer_token(TOKEN);
    let client = once(builder.attempt_timeout(Duration::from_secs(5)));
    let runtimes: Vec<_> = (0..3).map(|_| runtime()).collect();
    for runtime in runtimes.iter().chain(&runtimes) {
        runtime.block_on(get(&client)).unwrap();
    }
    for _ in 0..3 {
        runtime().block_on(get(&client)).unwrap();
    }
    assert_eq!(server.seen().len(), 9);
}

#[test]
fn without_a_runtime_a_call_says_so() {
    let client = once(Client::builder().bearer_token(TOKEN));
    let mut call = pin!(get(&client));
    let Poll::Ready(result) = call.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("it waits");
    };
    let error = failed(result);
    assert!(error.is_configuration() && !error.is_transient(), "{error:?}");
    assert_eq!(error.attempts(), 0);
    let expected =
        "tokio: there is no runtime on this thread; make the call inside a tokio runtime";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_runtime_without_a_timer_is_named() {
    let client = once(Client::builder().bearer_token(TOKEN));
    let runtime = Builder::new_current_thread().enable_io().build().unwrap();
    let error = failed(runtime.block_on(get(&client)));
    assert!(error.is_configuration(), "{error:?}");
    assert_eq!(error.to_string(), "tokio: the runtime has no timer; build it with enable_all()");
}

/// In a thread of its own, so that a call that never ends fails the test.
#[test]
fn a_runtime_that_is_shut_down_is_named() {
    let client = once(Client::builder().bearer_token(TOKEN));
    let runtime = runtime();
    let handle = runtime.handle().clone();
    drop(runtime);
    let (sender, result) = mpsc::channel();
    std::thread::spawn(move || sender.send(handle.block_on(get(&client)).map(drop)));
    let error = failed(result.recv_timeout(Duration::from_secs(60)).expect("it hangs"));
    assert!(error.is_configuration(), "{error:?}");
    let expected = "tokio: the runtime is shutting down; make the call before that";
    assert_eq!(error.to_string(), expected);
}
