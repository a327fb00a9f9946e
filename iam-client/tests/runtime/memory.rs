//! The memory that large responses take.

use iam_client::Client;
use serde::Deserialize;
use serde_json::Value;

use super::support::{Server, answer, failed, get, once};

const MIB: usize = 1024 * 1024;

/// A client that takes bodies of 16 MiB, and so 262,144 objects.
async fn answered(body: String) -> Result<iam_client::RawResponse, iam_client::Error> {
    let server = Server::start(move |_| answer(200, &[], body.clone())).await;
    let builder = Client::builder().endpoint(server.url());
    get(&once(builder.max_response_bytes(16 * MIB))).await
}

#[tokio::test]
async fn a_response_has_a_limit_of_objects() {
    let list = |count: usize| format!("[{}{{}}]", "{},".repeat(count - 1));
    let allowed = answered(list(262_144)).await.unwrap().json::<Vec<Value>>().unwrap();
    assert_eq!(allowed.len(), 262_144);
    let error = failed(answered(list(262_145)).await.unwrap().json::<Vec<Value>>());
    let text = error.to_string();
    let expected = "it has more than 262144 objects; ask for smaller pages, or raise \
                    max_response_bytes";
    assert!(error.is_decode() && text.contains(expected), "{text}");
    assert!(error.response().is_some());
    // Text is not taken for objects.
    let text = format!("\"{}\"", "{".repeat(600_000));
    assert_eq!(answered(text).await.unwrap().json::<String>().unwrap().len(), 600_000);
}

/// Run by the test below, in a process of its own.
#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "measures the memory of its process"]
async fn decodes_a_large_response_with_one_wrong_type() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "decoded for its errors alone")]
    struct Thing {
        id: Option<String>,
    }
    let things = r#"{"id": null, "a": 1, "b": 2},"#.repeat(250_000);
    let body = format!(r#"[{things}{{"id": 4711}}]"#);
    let before = peak();
    let text = failed(answered(body).await.unwrap().json::<Vec<Thing>>()).to_string();
    assert!(text.contains("[250000].id: expected a string, found an integer"), "{text}");
    println!("\npeak {}", peak() - before);
}

/// The most memory that this process has had, in bytes.
#[cfg(target_os = "linux")]
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() * 1024
}

/// 250,000 objects in 7 MiB, and a wrong type in the last. They are in memory three
/// times as text (the server's, the client's, what was received) and once as 24
/// bytes each. As values, they would take a kilobyte each.
#[cfg(target_os = "linux")]
#[test]
fn the_place_of_a_wrong_type_is_found_without_a_copy() {
    let test = "memory::decodes_a_large_response_with_one_wrong_type";
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let peak = text.lines().find_map(|line| line.strip_prefix("peak ")).unwrap();
    let peak: usize = peak.parse().unwrap();
    assert!(peak < 64 * MIB, "{} MiB", peak / MIB);
}
