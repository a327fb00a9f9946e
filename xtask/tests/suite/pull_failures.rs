//! Whatever goes wrong leaves documents and lock as they were, byte by byte,
//! and says what went wrong.

use std::fs;

use crate::{
    server::{Reply, Server, nobody},
    support::{Bench, OTHERS, PETS, pets_2},
};

/// A server that gives [`PETS`] once and then whatever `second` is.
fn then(second: Reply) -> (Server, Bench) {
    let first = std::cell::Cell::new(true);
    let server =
        Server::start(move |_| if first.take() { Reply::ok(PETS) } else { second.clone() });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    (server, bench)
}

#[test]
fn a_service_that_fails() {
    let (_server, bench) = then(Reply::new("503 Service Unavailable", &[], PETS));
    bench.fails(&["pull", "pets"], "answered 503 Service Unavailable");
    bench.fails(&["pull", "pets"], "no address gave a document; check the network");
}

#[test]
fn an_answer_that_was_not_asked_for() {
    // Nothing conditional was sent: there is no ETag.
    let (_server, bench) = then(Reply::new("304 Not Modified", &[], ""));
    bench.fails(&["pull", "pets"], "answered 304 Not Modified to a request without a condition");
}

#[test]
fn nobody_listens() {
    let bench = Bench::with_pets();
    bench.fails(&["pull", "pets", "--from", &nobody()], "error sending request");
}

#[test]
fn a_redirect_that_never_ends() {
    let (server, bench) = then(Reply::redirect("/pets.json"));
    bench.fails(&["pull", "pets"], "more than 5 redirects");
    // The first pull, then the address itself and five redirects.
    assert_eq!(server.requests().len(), 1 + 6);
}

#[test]
fn a_redirect_to_where_we_do_not_go() {
    for (location, expected) in [
        ("http://192.0.2.1/pets.json", "is plain http beyond this machine"),
        ("https://me:hunter2@192.0.2.1/", "holds credentials"),
        ("file:///etc/hostname", "has the scheme `file`"),
    ] {
        let (_server, bench) = then(Reply::redirect(location));
        bench.fails(&["pull", "pets"], expected);
        bench.fails(&["pull", "pets"], "the redirect from http://127.0.0.1:");
        assert!(!bench.run(&["pull", "pets"]).text.contains("hunter2"));
    }
    let (_server, bench) = then(Reply::new("307 Temporary Redirect", &[], ""));
    bench.fails(&["pull", "pets"], "a redirect to nowhere");
}

#[test]
fn a_document_that_says_it_is_too_large() {
    let (_server, bench) = then(Reply::beginning((32 << 20) + 1, "", true));
    bench.fails(&["pull", "pets"], "has 33554433 bytes; at most 33554432 are read");
}

#[test]
fn a_document_that_is_too_large_without_saying_so() {
    let (_server, bench) = then(Reply::chunked(33 << 20));
    bench.fails(&["pull", "pets"], "more than the 33554432 bytes that are read at most");
}

#[test]
fn a_document_that_stops_in_the_middle() {
    let (_server, bench) = then(Reply::beginning(PETS.len() as u64, &PETS[..20], false));
    bench.fails(&["pull", "pets"], "error decoding response body");
}

#[test]
fn a_server_that_stalls() {
    let (_server, bench) = then(Reply::beginning(PETS.len() as u64, &PETS[..20], true));
    let arguments = ["pull", "pets", "--timeout", "200ms"];
    bench.fails(&arguments, "no complete answer within 200ms; allow more with --timeout");
}

#[test]
fn a_document_that_is_none() {
    for (body, expected) in [
        ("{\"openapi\": \"3.0.3\", }", "line 1, column"),
        ("", "pets.json: "),
        ("{\"swagger\": \"2.0\"}", "this is Swagger 2.0"),
    ] {
        let (_server, bench) = then(Reply::ok(body));
        bench.fails(&["pull", "pets"], expected);
        bench.fails(&["pull", "pets"], "/pets.json is refused\n    caused by: ");
    }
}

#[test]
fn broken_yaml() {
    let bench = Bench::with_pets();
    bench.write("new.yml", "openapi: 3.1.0\ninfo: [\n");
    let file = bench.path("new.yml");
    bench.fails(&["pull", "others", "--from", file.to_str().unwrap()], "others.yml: line ");
}

#[test]
fn a_document_that_an_overlay_no_longer_matches() {
    let (_server, bench) = then(Reply::ok(PETS.replace("\"name\"", "\"nickname\"")));
    bench.fails(&["pull", "pets"], "the action matches nothing");
    bench.fails(&["pull", "pets"], "target $.components.schemas.Pet.properties.name");
}

#[test]
fn an_older_document_from_the_next_address_hides_nothing() {
    let server = Server::start(|request| match &*request.target {
        "/pets.json" => Reply::ok(PETS.replace("\"name\"", "\"nickname\"")),
        _ => Reply::ok(PETS),
    });
    let bench = Bench::new(&[&server.url("/pets.json"), &server.url("/old.json")]);
    bench.fails(&["pull", "pets"], "the action matches nothing");
}

#[test]
fn a_document_of_the_other_format() {
    // The file is JSON by its name, and whoever reads it next takes it as such.
    let bench = Bench::with_pets();
    bench.write("new.json", OTHERS);
    let file = bench.path("new.json");
    bench.fails(&["pull", "pets", "--from", file.to_str().unwrap()], "line 1, column");
}

#[test]
fn a_file_that_is_not_there() {
    let bench = Bench::with_pets();
    bench.fails(&["pull", "pets", "--from", "/nowhere/pets.json"], "there is no file /nowhere/");
    let directory = bench.path("openapi");
    let directory = directory.to_str().unwrap();
    bench.fails(&["pull", "pets", "--from", directory], "cannot read ");
}

#[test]
fn an_address_that_is_refused() {
    let bench = Bench::with_pets();
    for (address, expected) in [
        ("http://192.0.2.1/pets.json", "is plain http beyond this machine; use https"),
        ("https://me:hunter2@example.com/", "the address at example.com holds credentials"),
        ("file:///etc/hostname", "use https"),
        ("https://:80:80", "not an address (URL)"),
    ] {
        bench.fails(&["pull", "pets", "--from", address], expected);
        assert!(!bench.run(&["pull", "pets", "--from", address]).text.contains("hunter2"));
    }
}

#[test]
fn a_lock_that_cannot_be_read() {
    let bench = Bench::with_pets();
    let file = bench.path("new.json");
    bench.write("new.json", pets_2());
    let arguments = ["pull", "pets", "--from", file.to_str().unwrap()];
    bench.write("openapi/sources.lock.toml", "document = 3");
    bench.fails(&arguments, "is not a lock; restore it from version control");
    fs::remove_file(bench.path("openapi/sources.lock.toml")).unwrap();
    bench.write("openapi/sources.lock.toml/in-the-way", "");
    bench.fails(&arguments, "sources.lock.toml");
}

#[test]
fn a_lock_that_cannot_be_replaced_takes_the_document_back() {
    let (lock, document) = ("openapi/sources.lock.toml", "openapi/pets.json");
    let bench = Bench::with_pets();
    // While the new document is on its way, the lock becomes a directory,
    // which no file can be renamed to.
    let server = Server::start({
        let lock = bench.path(lock);
        move |_| {
            fs::remove_file(&lock).unwrap();
            fs::create_dir(&lock).unwrap();
            Reply::ok(pets_2())
        }
    });
    let ran = bench.run(&["pull", "pets", "--from", &server.url("/pets.json")]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.contains("error: nothing was replaced"), "{}", ran.text);
    assert_eq!(bench.read(document), PETS);
    fs::remove_dir(bench.path(lock)).unwrap();
    let mut left: Vec<_> = bench.state("openapi").into_keys().collect();
    left.retain(|path| path.is_file());
    let expected = ["openapi/overlays/pets.yaml", document, "openapi/sources.toml"];
    assert_eq!(left, expected.map(|file| bench.path(file)));
}

#[test]
fn a_document_that_cannot_be_replaced_keeps_its_lock() {
    let bench = Bench::with_pets();
    bench.write("openapi/watch", "a file where the directory should be");
    bench.write("new.yml", OTHERS);
    let file = bench.path("new.yml");
    bench.fails(&["pull", "others", "--from", file.to_str().unwrap()], "cannot ");
}
