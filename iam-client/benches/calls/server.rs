//! A server of API keys and tokens, in a process of its own.

use std::{
    convert::Infallible,
    env,
    io::{BufRead as _, BufReader},
    process::{self, Command, Stdio},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// How many keys there are.
pub(crate) const KEYS: usize = 100_000;
/// Issued in 2026 and good until 2100, since IBM's SDK reads that of the token.
pub(crate) const TOKEN: &str =
    "eyJhbGciOiJub25lIn0.eyJpYXQiOjE3NjcyMjU2MDAsImV4cCI6NDEwMjQ0NDgwMH0.c2ln";
const PAGE: usize = 100;

/// The server's process; ends when dropped.
pub(crate) struct Child {
    process: process::Child,
    pub(crate) url: String,
}

impl Child {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(env::current_exe().expect("this program"))
            .env("IAM_BENCH_SERVE", "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let output = process.stdout.take().expect("its output");
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url).expect("its address");
        Self { process, url: url.trim().to_owned() }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Prints its address and serves until killed.
pub(crate) fn serve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        println!("{url}");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("an option");
            let url = url.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let body = answer(&url, &request);
                async move {
                    let answer = Response::builder().header("content-type", "application/json");
                    Ok::<_, Infallible>(answer.body(Full::new(body)).expect("an answer"))
                }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
}

fn answer(url: &str, request: &Request<Incoming>) -> Bytes {
    let body = match request.uri().path() {
        "/identity/token" => json!({
            "access_token": TOKEN, "refresh_token": "not_supported", "token_type": "Bearer",
            "expires_in": 3600, "expiration": 4_102_444_800_u64, "scope": "ibm openid"
        }),
        "/v1/apikeys" => page(url, request.uri().query().unwrap_or_default()),
        _ => key(1),
    };
    body.to_string().into()
}

/// The page whose number is its token.
fn page(url: &str, query: &str) -> Value {
    let token = query.split('&').find_map(|part| part.strip_prefix("pagetoken="));
    let number: usize = token.map_or(0, |token| token.parse().unwrap_or(0));
    let keys: Vec<_> = (number * PAGE..(number + 1) * PAGE).map(key).collect();
    let mut page = json!({"limit": PAGE, "apikeys": keys});
    if (number + 1) * PAGE < KEYS {
        let next = format!("{url}/v1/apikeys?account_id=a&pagesize=100&pagetoken={}", number + 1);
        page["next"] = next.into();
    }
    page
}

fn key(number: usize) -> Value {
    json!({
        "id": format!("ApiKey-{number:08}"),
        "entity_tag": "3-6832591baefd9a21a3ae7a6e1b5a6d8f",
        "crn": format!("crn:v1:bluemix:public:iam-identity::a/acc::apikey:ApiKey-{number:08}"),
        "locked": false,
        "disabled": false,
        "created_at": "2024-01-09T17:49+0000",
        "created_by": "IBMid-100000000B",
        "modified_at": "2024-02-09T17:49+0000",
        "name": format!("key {number}"),
        "description": "A key for the nightly job, rotated every ninety days.",
        "iam_id": "iam-ServiceId-00000000-0000-0000-0000-000000000000",
        "account_id": "100abcde100a41abc100aza678abc0zz",
        "apikey": ""
    })
}
