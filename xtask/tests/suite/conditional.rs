//! A 304 is believed only for the address, the overlays and the file that the
//! entity tag was recorded for. Each server here replies 304 where it must not
//! be asked with a condition, so that a condition too many hides the change.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    server::{Reply, Request, Server},
    support::{Bench, PETS, pets_2},
};

/// 304 for any condition, else `document` with a tag that all documents have.
fn careless(request: &Request, document: &str) -> Reply {
    let conditional =
        ["if-none-match", "if-modified-since"].iter().any(|name| request.header(name).is_some());
    if conditional {
        return Reply::new("304 Not Modified", &[], "");
    }
    let date = "Sun, 22 Nov 2026 08:21:02 GMT";
    Reply::new("200 OK", &[("etag", "\"1\""), ("last-modified", date)], document)
}

/// Both commands see that something else is published now.
fn finds_the_change(bench: &Bench) {
    let ran = bench.run(&["drift", "pets", "--fail-on", "any"]);
    assert_eq!(ran.code, 2, "{}", ran.text);
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("openapi/pets.json"), pets_2());
}

/// The lock has a tag, without which these tests show nothing.
fn has_tag(bench: &Bench) {
    assert!(bench.lock().contains("etag = '\"1\"'"), "{}", bench.lock());
}

#[test]
fn another_address_in_the_manifest() {
    let server = Server::start(|request| match &*request.target {
        "/pets.json" | "/pets.json?version=1" => careless(request, PETS),
        _ => careless(request, &pets_2()),
    });
    for (before, after) in
        [("/pets.json", "/next.json"), ("/pets.json?version=1", "/pets.json?version=2")]
    {
        let [before, after] = [before, after].map(|target| server.url(target));
        let bench = Bench::pulled(&[&before]);
        let manifest = bench.read("openapi/sources.toml");
        bench.write("openapi/sources.toml", manifest.replace(&before, &after));
        finds_the_change(&bench);
    }
}

/// A server whose `/pets.json` redirects to what `changed` chooses.
fn redirecting(changed: &Arc<AtomicBool>) -> Server {
    let changed = Arc::clone(changed);
    Server::start(move |request| match &*request.target {
        "/pets.json" if changed.load(Ordering::SeqCst) => Reply::redirect("/2.json"),
        "/pets.json" => Reply::redirect("/1.json"),
        "/1.json" => careless(request, PETS),
        _ => careless(request, &pets_2()),
    })
}

#[test]
fn a_redirect_to_another_file() {
    let changed = Arc::<AtomicBool>::default();
    let server = redirecting(&changed);
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    has_tag(&bench);
    // The tag belongs to where the redirect leads, and is sent there only.
    assert_eq!(bench.run(&["drift", "pets"]).code, 0);
    assert_eq!(bench.run(&["pull", "pets"]).code, 0);
    let asked = server.requests();
    let conditional = asked.iter().filter(|request| request.header("if-none-match").is_some());
    let conditional: Vec<_> = conditional.map(|request| &*request.target).collect();
    assert_eq!(conditional, ["/1.json", "/1.json"]);
    changed.store(true, Ordering::SeqCst);
    finds_the_change(&bench);
}

#[test]
fn a_redirect_that_was_none_before() {
    let changed = Arc::<AtomicBool>::default();
    let server = Server::start({
        let changed = Arc::clone(&changed);
        move |request| match (&*request.target, changed.load(Ordering::SeqCst)) {
            ("/pets.json", false) => careless(request, PETS),
            ("/pets.json", true) => Reply::redirect("/2.json"),
            _ => careless(request, &pets_2()),
        }
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    has_tag(&bench);
    changed.store(true, Ordering::SeqCst);
    finds_the_change(&bench);
}

/// A server that knows dates only, as many do: 304 unless its document is newer
/// than the one asked about. `second` is the date of the second document.
fn dated(second: &'static str) -> (Server, Bench) {
    let changed = Arc::<AtomicBool>::default();
    let server = Server::start({
        let changed = Arc::clone(&changed);
        move |request| {
            let second_now = changed.load(Ordering::SeqCst);
            let date = if second_now { second } else { "Sun, 22 Nov 2026 08:21:02 GMT" };
            // All dates of a test differ in the time of the day only.
            match request.header("if-modified-since") {
                Some(since) if date <= since => Reply::new("304 Not Modified", &[], ""),
                _ => {
                    let document = if second_now { pets_2() } else { PETS.to_owned() };
                    Reply::new("200 OK", &[("last-modified", date)], document)
                }
            }
        }
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    changed.store(true, Ordering::SeqCst);
    (server, bench)
}

#[test]
fn a_roll_back_to_an_older_date() {
    let (_server, bench) = dated("Sun, 22 Nov 2026 07:00:00 GMT");
    finds_the_change(&bench);
}

#[test]
fn a_change_within_the_same_second() {
    let (_server, bench) = dated("Sun, 22 Nov 2026 08:21:02 GMT");
    finds_the_change(&bench);
}

#[test]
fn a_weak_tag_tells_no_two_versions_of_a_second_apart() {
    let first = AtomicBool::new(true);
    let server = Server::start(move |request| match request.header("if-none-match") {
        Some(_) => Reply::new("304 Not Modified", &[], ""),
        None => {
            let document =
                if first.swap(false, Ordering::SeqCst) { PETS.to_owned() } else { pets_2() };
            Reply::new("200 OK", &[("etag", "W/\"1\"")], document)
        }
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    finds_the_change(&bench);
}

#[test]
fn lock_and_file_edited_together() {
    let server = Server::start(|request| careless(request, PETS));
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    has_tag(&bench);
    // Another bench tells the hash and the size of the edited document.
    let edited = Bench::with_pets();
    edited.pull_from_file("pets", "new/pets.json", &pets_2());
    let line = |bench: &Bench, key: &str| {
        bench.lock().lines().find(|line| line.starts_with(key)).unwrap().to_owned()
    };
    let mut lock = bench.lock();
    for key in ["sha256 = ", "bytes = "] {
        lock = lock.replace(&line(&bench, key), &line(&edited, key));
    }
    bench.write("openapi/sources.lock.toml", lock);
    bench.write("openapi/pets.json", pets_2());
    assert_eq!(bench.run(&["check"]).code, 0);
    let ran = bench.run(&["drift", "pets", "--fail-on", "any"]);
    assert_eq!(ran.code, 2, "{}", ran.text);
    assert_eq!(bench.run(&["pull", "pets"]).code, 10);
    assert_eq!(bench.read("openapi/pets.json"), PETS);
}

#[test]
fn other_overlays() {
    let server = Server::start(|request| careless(request, PETS));
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    has_tag(&bench);
    let overlay = "openapi/overlays/pets.yaml";
    bench.write(overlay, bench.read(overlay) + "# More.\n");
    for command in ["drift", "pull"] {
        assert_eq!(bench.run(&[command, "pets"]).code, 0);
    }
    let asked = server.requests();
    assert!(asked.iter().all(|request| request.header("if-none-match").is_none()));
}

#[test]
fn a_304_that_was_not_asked_for_or_is_for_another_tag() {
    let first = AtomicBool::new(true);
    let server = Server::start(move |_| match first.swap(false, Ordering::SeqCst) {
        true => Reply::new("200 OK", &[("etag", "\"1\"")], PETS),
        false => Reply::new("304 Not Modified", &[("etag", "\"2\"")], ""),
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    has_tag(&bench);
    for (sent, expected) in [
        (true, "answered 304 Not Modified for another entity tag"),
        (false, "answered 304 Not Modified to a request without a condition"),
    ] {
        let ran = bench.run(&["drift", "pets", "--fail-on", "none"]);
        assert_eq!(ran.code, 3, "{}", ran.text);
        assert!(ran.text.contains(expected), "{}", ran.text);
        let last = server.requests().pop().unwrap();
        assert_eq!(last.header("if-none-match").is_some(), sent);
        // An edited file has no tag.
        bench.write("openapi/pets.json", pets_2());
    }
}
