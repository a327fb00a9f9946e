//! Certificates, with a server that has one of its own making.

use iam_client::{Environment, runtime::Client};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use super::{
    clock::TestClock,
    faults::{Fault, FaultServer},
    secure::{identity, trusted},
    support::{TOKEN, failed, get, once},
};

/// Answers 200 to every request, over TLS as `localhost`.
struct TlsServer {
    url: String,
    certificate: String,
    task: JoinHandle<()>,
}

impl TlsServer {
    async fn start() -> Self {
        let (certificate, acceptor) = identity(None);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                // A client that does not trust us leaves.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let text = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        });
        Self { url, certificate, task }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_at_once() {
    let server = TlsServer::start().await;
    let clock = TestClock::new(0.5);
    let builder = Client::builder().endpoint(&server.url).bearer_token(TOKEN);
    let error = failed(get(&builder.clock(clock.clone()).build().unwrap()).await);
    assert!(error.is_connect() && !error.is_transient(), "{error:?}");
    assert_eq!((error.attempts(), clock.waits().len()), (1, 0));
}

#[tokio::test]
async fn an_own_root_certificate_is_trusted() {
    let server = TlsServer::start().await;
    let certificate = trusted(&server.certificate);
    let builder = Client::builder().endpoint(&server.url).bearer_token(TOKEN);
    let client = builder.root_certificate(certificate).build().unwrap();
    assert_eq!(get(&client).await.unwrap().status(), 200);
}

/// A proxy sees where a call goes and nothing of it.
#[tokio::test]
async fn calls_go_through_the_proxy() {
    let refused = Fault::Answer("HTTP/1.1 407 Who\r\ncontent-length: 0\r\n\r\n".to_owned());
    let proxy = FaultServer::start([refused]).await;
    let builder = Client::builder().endpoint("https://iam.example.com").bearer_token(TOKEN);
    let client = once(builder.proxy(reqwest::Proxy::all(proxy.url()).unwrap()));
    let error = failed(get(&client).await);
    assert!(error.is_connect(), "{error:?}");
    let seen = proxy.processed();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("CONNECT iam.example.com:443 HTTP/1.1\r\n"), "{}", seen[0]);
    assert!(!seen[0].contains(TOKEN) && !seen[0].contains("things"), "{}", seen[0]);
}

/// IBM's property for it, which says less than it does: TLS stays, only the
/// certificate is taken as it comes.
#[tokio::test]
async fn an_environment_can_do_without_certificates() {
    let server = TlsServer::start().await;
    let environment = |trust: &str| {
        Environment::new()
            .variable("IAM_IDENTITY_URL", &server.url)
            .variable("IAM_IDENTITY_AUTH_TYPE", "noAuth")
            .variable("IAM_IDENTITY_DISABLE_SSL", trust)
    };
    let client = |trust| {
        let builder = Client::builder().from_environment(&environment(trust)).unwrap();
        builder.build().unwrap().for_service("iam_identity")
    };
    assert_eq!(get(&client("true")).await.unwrap().status(), 200);
    assert!(failed(get(&client("false")).await).is_connect());
}
