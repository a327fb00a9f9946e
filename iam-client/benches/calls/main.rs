//! What a call costs beside its HTTP, what a cached token costs, and a long list.
//!
//! The server runs in a process of its own, started from this very program, so
//! that what is measured is the client alone.
//!
//! - `cargo bench -p iam-client --bench calls` measures.
//! - `iam-client/benches/python.sh` lists by IBM's Python SDK, too, and compares.

mod cpu;
mod server;

use std::{
    env,
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use criterion::{Criterion, Throughput, measurement::Measurement};
use iam_client::{Client, auth::ApiKey, identity};
use tokio::runtime::{Builder, Runtime};

fn main() {
    if env::var_os("IAM_BENCH_SERVE").is_some() {
        return server::serve();
    }
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    if let Ok(url) = env::var("IAM_BENCH_LIST") {
        let started = Instant::now();
        let keys = runtime.block_on(list(&client(&url)));
        println!("{keys} {:.3}", started.elapsed().as_secs_f64());
        return;
    }
    let server = server::Child::start();
    let mut time = Criterion::default().configure_from_args();
    calls(&mut time, "time", &runtime, &server.url);
    tokens(&mut time, &server.url);
    paging(&mut time, &runtime, &server.url);
    let mut cpu = Criterion::default().with_measurement(cpu::CpuTime).configure_from_args();
    calls(&mut cpu, "cpu", &runtime, &server.url);
    memory(&runtime, &server.url);
    time.final_summary();
}

/// With a token that it fetches once.
fn client(url: &str) -> Client {
    let key = ApiKey::new("k3y").endpoint(url).build().expect("an authenticator");
    Client::builder().endpoint(url).authenticator(key).build().expect("a client")
}

/// The same operation, by reqwest alone and by the client.
fn calls<M: Measurement + 'static>(
    criterion: &mut Criterion<M>,
    measured: &str,
    runtime: &Runtime,
    url: &str,
) {
    let mut group = criterion.benchmark_group(format!("call, {measured}"));
    group.measurement_time(Duration::from_secs(10));
    let http = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
    let address = format!("{url}/v1/apikeys/ApiKey-1");
    group.bench_function("reqwest", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                let sent = http.get(&address).bearer_auth(server::TOKEN).send().await;
                let body = sent.expect("an answer").bytes().await.expect("a body");
                black_box(serde_json::from_slice::<identity::types::ApiKey>(&body).expect("a key"))
            })
        });
    });
    let iam = client(url).identity();
    group.bench_function("iam-client", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                black_box(iam.get_api_key("ApiKey-1").send().await.expect("a key"))
            })
        });
    });
    group.finish();
}

/// What it takes to ask for a token that is there.
fn tokens(criterion: &mut Criterion, url: &str) {
    const THREADS: u32 = 16;
    let client = client(url);
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(client.authorization()).expect("a token");
    let mut group = criterion.benchmark_group("cached token");
    for threads in [1, THREADS] {
        group.bench_function(format!("{threads} threads"), |bencher| {
            bencher.iter_custom(|times| {
                let started = Instant::now();
                thread::scope(|scope| {
                    for _ in 0..threads {
                        scope.spawn(|| {
                            let runtime = Builder::new_current_thread().build().expect("a runtime");
                            runtime.block_on(async {
                                for _ in 0..times {
                                    black_box(client.authorization().await.expect("a token"));
                                }
                            });
                        });
                    }
                });
                started.elapsed() / threads
            });
        });
    }
    group.finish();
}

async fn list(client: &Client) -> usize {
    let mut keys = client.identity().list_api_keys().account_id("a").pagesize(100).items();
    let mut count = 0;
    while let Some(key) = keys.try_next().await.expect("a key") {
        black_box(key);
        count += 1;
    }
    count
}

fn paging(criterion: &mut Criterion, runtime: &Runtime, url: &str) {
    let mut group = criterion.benchmark_group("list");
    group.throughput(Throughput::Elements(server::KEYS as u64)).sample_size(10);
    let client = client(url);
    group.bench_function(format!("{} keys", server::KEYS), |bencher| {
        bencher.iter(|| assert_eq!(runtime.block_on(list(&client)), server::KEYS));
    });
    group.finish();
}

/// Most memory that the process holds while a list is read, of two lengths.
/// Linux only.
fn memory(runtime: &Runtime, url: &str) {
    let client = client(url);
    for keys in [server::KEYS / 100, server::KEYS] {
        let mut items = client.identity().list_api_keys().account_id("a").pagesize(100).items();
        let mut most = resident();
        runtime.block_on(async {
            for number in 0..keys {
                black_box(items.try_next().await.expect("a key").expect("one more key"));
                if number % 100 == 0 {
                    most = most.max(resident());
                }
            }
        });
        if let Some(most) = most {
            println!("memory of the process over {keys} keys: {most} KiB");
        }
    }
}

/// How much memory of this process is in use, in KiB.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
