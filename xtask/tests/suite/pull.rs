//! Documents that are taken in, and those that are already there.

use std::thread;

use crate::{
    server::{Reply, Request, Server, nobody},
    support::{Bench, OTHERS, PETS, pets_2},
};

#[test]
fn a_document_replaces_the_file_together_with_its_lock_entry() {
    let server = Server::start(|_| Reply::new("200 OK", &[("etag", "\"one\"")], PETS));
    let address = server.url("/pets.json");
    let bench = Bench::new(&[&address]);
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert!(ran.text.starts_with("pets  changed    nothing -> "), "{}", ran.text);
    assert!(ran.text.contains(", 1 operations, "), "{}", ran.text);
    assert!(ran.text.ends_with(&format!("\n  taken from {address}\n")), "{}", ran.text);

    assert_eq!(bench.read("openapi/pets.json"), PETS);
    let lock = bench.lock();
    for line in [
        "# Written by `cargo xtask pull`: what each vendored file is.",
        "name = \"pets\"",
        &format!("bytes = {}", PETS.len()),
        &format!("origin = \"{address}\""),
        "how = \"cargo xtask pull\"",
        "etag = '\"one\"'",
    ] {
        assert!(lock.lines().any(|found| found == line), "no {line} in:\n{lock}");
    }
    let retrieved = lock.lines().find_map(|line| line.strip_prefix("retrieved = ")).unwrap();
    // 2026-11-22T08:21:02Z, in quotes.
    assert_eq!((retrieved.len(), &retrieved[20..]), (22, "Z\""), "{retrieved}");
    assert!(bench.run(&["check"]).text.ends_with(" 0 failed\n"));
}

#[test]
fn the_etag_comes_back_and_304_changes_nothing() {
    let server = Server::start(|request| match request.header("if-none-match") {
        Some("\"one\"") => Reply::new("304 Not Modified", &[], ""),
        Some(_) => Reply::new("500 Oops", &[], ""),
        None => {
            let headers = [("etag", "\"one\""), ("last-modified", "Sun, 22 Nov 2026 08:21:02 GMT")];
            Reply::new("200 OK", &headers, PETS)
        }
    });
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    let before = bench.state("openapi");
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.starts_with("pets  unchanged  "), "{}", ran.text);
    assert!(ran.text.ends_with(" (304 Not Modified)\n"), "{}", ran.text);
    assert_eq!(bench.state("openapi"), before);
    let [first, second] = server.requests().try_into().unwrap();
    let validators = |request: &Request| {
        ["if-none-match", "if-modified-since"].map(|name| request.header(name).map(str::to_owned))
    };
    assert_eq!(validators(&first), [None, None]);
    // A date does not tell two versions apart.
    assert_eq!(validators(&second), [Some("\"one\"".to_owned()), None]);
}

#[test]
fn a_304_is_an_answer_and_no_failure() {
    let server =
        Server::start(|request| match (&*request.target, request.header("if-none-match")) {
            ("/pets.json", None) => Reply::new("200 OK", &[("etag", "\"one\"")], PETS),
            ("/pets.json", _) => Reply::new("304 Not Modified", &[], ""),
            _ => Reply::ok(pets_2()),
        });
    let bench = Bench::pulled(&[&server.url("/pets.json"), &server.url("/mirror.json")]);
    assert_eq!(bench.run(&["pull", "pets"]).code, 0);
    assert!(server.requests().iter().all(|request| request.target == "/pets.json"));
}

#[test]
fn validators_are_for_the_file_and_the_address_they_came_with() {
    let server = Server::start(|request| match &*request.target {
        "/gone.json" => Reply::new("404 Not Found", &[], ""),
        _ => Reply::new("200 OK", &[("etag", "\"one\"")], PETS),
    });
    // An edited file is not what the lock stands for.
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    bench.write("openapi/pets.json", PETS.replace("Pets", "Cats"));
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!((ran.code, bench.read("openapi/pets.json").as_str()), (10, PETS));
    // Nor does a mirror know the tags of the first address.
    let bench = Bench::pulled(&[&server.url("/gone.json"), &server.url("/mirror.json")]);
    assert_eq!(bench.run(&["pull", "pets"]).code, 0);
    let requests = server.requests();
    let conditional = requests.iter().filter(|request| request.header("if-none-match").is_some());
    let conditional: Vec<_> = conditional.map(|request| request.target.as_str()).collect();
    assert_eq!(conditional, ["/mirror.json"]);
}

#[test]
fn the_same_bytes_change_nothing() {
    let server = Server::start(|_| Reply::ok(PETS));
    let bench = Bench::pulled(&[&server.url("/pets.json")]);
    let before = bench.state("openapi");
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(!ran.text.contains("304"), "{}", ran.text);
    assert_eq!(bench.state("openapi"), before);
}

#[test]
fn the_next_address_is_asked_and_every_failure_reported() {
    let server = Server::start(|request| match &*request.target {
        "/missing.json" => Reply::new("404 Not Found", &[], "nothing here"),
        "/page" => Reply::new("200 OK", &[("content-type", "text/html; charset=utf-8")], "<html>"),
        "/packed" => Reply::new("200 OK", &[("content-encoding", "gzip")], "?"),
        _ => Reply::ok(PETS),
    });
    let refused = nobody();
    let [missing, page, packed, good, last] =
        ["/missing.json", "/page", "/packed", "/pets.json", "/last.json"].map(|t| server.url(t));
    let bench = Bench::new(&[
        &refused,
        "http://192.0.2.1/pets.json",
        &missing,
        &page,
        &packed,
        &good,
        &last,
    ]);
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    for expected in [
        format!("\n  address 1: {refused}: "),
        "\n  address 2: http://192.0.2.1/pets.json is plain http beyond this machine".to_owned(),
        format!("\n  address 3: {missing}: answered 404 Not Found\n"),
        format!("\n  address 4: {page}: answered with a web page"),
        format!("\n  address 5: {packed}: answered in the encoding `gzip`"),
        format!("\n  taken from {good}\n"),
    ] {
        assert!(ran.text.contains(&expected), "no {expected:?} in:\n{}", ran.text);
    }
    assert!(server.requests().iter().all(|request| request.target != "/last.json"));
}

#[test]
fn redirects_are_followed_and_the_lock_names_the_published_address() {
    let server = Server::start(|request| match &*request.target {
        "/pets.json" => Reply::redirect("/1"),
        "/1" => Reply::redirect("2"),
        "/2" => Reply::redirect("/3"),
        "/3" => Reply::redirect("./4"),
        "/4" => Reply::redirect("/5?signature=hunter2"),
        _ => Reply::new("200 OK", &[("etag", "\"e\""), ("last-modified", "today")], PETS),
    });
    let address = server.url("/pets.json");
    let bench = Bench::pulled(&[&address]);
    let lock = bench.lock();
    assert!(lock.contains(&format!("origin = \"{address}\"\n")), "{lock}");
    // Its tag would have to be locked with the address that it is for.
    assert!(!lock.contains("etag"), "{lock}");
    assert!(!lock.contains("hunter2"), "{lock}");
}

#[test]
fn queries_are_sent_and_neither_locked_nor_shown() {
    let server = Server::start(|request| match &*request.target {
        "/pets.json?key=hunter2" => Reply::ok(PETS),
        _ => Reply::new("404 Not Found", &[], ""),
    });
    let [wrong, right] = ["/x?key=hunter2", "/pets.json?key=hunter2"].map(|t| server.url(t));
    let bench = Bench::new(&[&nobody().replace(".json", "?key=hunter2"), &wrong, &right]);
    let ran = bench.run(&["pull", "pets"]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert!(!ran.text.contains("hunter2"), "{}", ran.text);
    assert!(!bench.lock().contains("hunter2"), "{}", bench.lock());
}

#[test]
fn a_file_is_taken_by_its_name_and_no_directory_is_told() {
    let bench = Bench::new(&["https://example.com/pets.json"]);
    let ran = bench.pull_from_file("pets", "secret-place/new.json", PETS);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("openapi/pets.json"), PETS);
    let lock = bench.lock();
    assert!(lock.contains("origin = \"file new.json\"\n"), "{lock}");
    assert!(!lock.contains("secret-place"), "{lock}");
    let ran = bench.pull_from_file("pets", "secret-place/new.json", PETS);
    assert_eq!(ran.code, 0, "{}", ran.text);
}

#[test]
fn an_edited_file_is_locked_as_it_stands_and_stays_from_where_it_was() {
    let bench = Bench::with_pets();
    for _ in 0..2 {
        let edited = bench.read("openapi/pets.json") + "\n";
        let ran = bench.pull_from_file("pets", "openapi/pets.json", &edited);
        assert_eq!(ran.code, 10, "{}", ran.text);
        assert!(ran.text.contains("(the lock entry only)"), "{}", ran.text);
        assert!(ran.text.ends_with("\n  locked as it stands\n"), "{}", ran.text);
        assert_eq!(bench.read("openapi/pets.json"), edited);
    }
    let lock = bench.lock();
    assert!(lock.contains("origin = \"file pets.json\"\n"), "{lock}");
    assert!(
        lock.contains("how = \"cargo xtask pull --from, then locked as it stood\"\n"),
        "{lock}"
    );
}

#[test]
fn from_takes_an_address_too() {
    let server = Server::start(|_| Reply::ok(PETS));
    let bench = Bench::new(&["https://example.com/pets.json"]);
    let address = server.url("/elsewhere.json");
    let ran = bench.run(&["pull", "pets", "--from", &address]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert!(bench.lock().contains(&address));
}

#[test]
fn a_watched_document_needs_no_overlay_and_makes_its_directory() {
    let bench = Bench::with_pets();
    assert!(!bench.path("openapi/watch").exists());
    let ran = bench.pull_from_file("others", "new/others.yml", OTHERS);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert_eq!(bench.read("openapi/watch/others.yml"), OTHERS);
    // The entry of the other document is still there, before this one.
    let lock = bench.lock();
    let [pets, others] = ["name = \"pets\"", "name = \"others\""].map(|name| lock.find(name));
    assert!(pets.is_some() && pets < others, "{lock}");
}

#[test]
fn each_source_is_taken_or_not_on_its_own() {
    let server = Server::start(|request| match &*request.target {
        "/pets.json" => Reply::ok(PETS),
        _ => Reply::ok("openapi: [broken"),
    });
    let bench = Bench::new(&[&server.url("/pets.json")]);
    let manifest = bench.read("openapi/sources.toml");
    bench.write(
        "openapi/sources.toml",
        manifest.replace("https://example.com/others.yml", &server.url("/others.yml")),
    );
    // In the order given, and a failure outweighs the change after it.
    let ran = bench.run(&["pull", "others", "pets"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.starts_with("others  failed\n"), "{}", ran.text);
    assert!(ran.text.contains("\npets    changed  "), "{}", ran.text);
    assert!(ran.text.ends_with("\n1 changed, 0 unchanged, 1 failed\n"), "{}", ran.text);
    assert_eq!(bench.read("openapi/pets.json"), PETS);
    assert!(!bench.path("openapi/watch").exists());
    // Without names, all of them.
    let ran = bench.run(&["pull"]);
    assert_eq!(ran.code, 1, "{}", ran.text);
    assert!(ran.text.starts_with("pets    unchanged  "), "{}", ran.text);
    assert!(ran.text.ends_with("\n0 changed, 1 unchanged, 1 failed\n"), "{}", ran.text);
}

#[test]
fn another_directory_can_be_pulled_into() {
    let bench = Bench::new(&["https://example.com/pets.json"]);
    bench.write("new.json", PETS);
    let elsewhere = Bench::new(&["https://example.com/pets.json"]);
    let [directory, file] = [elsewhere.path("openapi"), bench.path("new.json")];
    let [directory, file] = [directory.to_str().unwrap(), file.to_str().unwrap()];
    let ran = bench.run(&["pull", "pets", "--dir", directory, "--from", file]);
    assert_eq!(ran.code, 10, "{}", ran.text);
    assert!(elsewhere.path("openapi/pets.json").exists());
    assert!(!bench.path("openapi/pets.json").exists());
}

#[test]
fn two_pulls_at_once_lose_no_entry() {
    let bench = Bench::new(&["https://example.com/pets.json"]);
    thread::scope(|scope| {
        for (name, file, content) in
            [("pets", "new/pets.json", PETS), ("others", "new/others.yml", OTHERS)]
        {
            let bench = &bench;
            scope.spawn(move || {
                let ran = bench.pull_from_file(name, file, content);
                assert_eq!(ran.code, 10, "{}", ran.text);
            });
        }
    });
    assert!(bench.run(&["check"]).text.ends_with(" 0 failed\n"));
    let lock = bench.lock();
    assert!(lock.contains("name = \"pets\"") && lock.contains("name = \"others\""), "{lock}");
}

#[test]
fn a_pull_tells_what_changes_for_users() {
    let bench = Bench::with_pets();
    let pull = |content: &str| {
        let ran = bench.pull_from_file("pets", "new/pets.json", content);
        assert_eq!(ran.code, 10, "{}", ran.text);
        ran.text
    };
    let renamed = PETS.replace("get_pet", "find_pet");
    let text = pull(&renamed);
    for told in [
        "\n  taken from file pets.json\n  drift that breaks callers or users of the client: 1 breaking\n",
        "\n    BREAKING\n",
        "[operation-renamed]\n",
        "\n        - get_pet: get_pet(id: impl Into<String>)\n",
        "\n    `cargo xtask drift pets --against HEAD` has all of it\n",
    ] {
        assert!(text.contains(told), "no {told:?} in {text}");
    }

    let text = pull(&renamed.replace(": {", ":  {"));
    assert!(text.ends_with("\n  taken from file pets.json\n  no drift\n"), "{text}");

    let text = pull(&renamed.replace("The pet", "The pet, if it is there"));
    let told = "\n  drift, and none of it breaks anything: 1 other\n";
    assert!(text.contains(told), "{text}");
}

#[test]
fn a_refused_vendored_document_can_be_replaced() {
    let bench = Bench::with_pets();
    for (refused, why) in [
        ("{}", "openapi/pets.json"),
        (&*PETS.replace("\"name\": {", "\"title\": {"), "matches nothing"),
        (&*PETS.replace("#/components/schemas/Pet\"", "#/components/schemas/Cat\""), "Cat"),
    ] {
        bench.write("openapi/pets.json", refused);
        let ran = bench.pull_from_file("pets", "new/pets.json", PETS);
        assert_eq!(ran.code, 10, "{}", ran.text);
        let told = "\n      not compared; the vendored document is refused: ";
        let (_, reason) = ran.text.split_once(told).unwrap_or_else(|| panic!("{}", ran.text));
        assert!(reason.lines().next().unwrap().contains(why), "{why} in {}", ran.text);
        assert_eq!(bench.read("openapi/pets.json"), PETS);
    }
}

#[test]
fn changed_credentials_are_told_before_anything_else() {
    let bench = Bench::with_pets();
    let pull = |content: &str| {
        let ran = bench.pull_from_file("pets", "new/pets.json", content);
        assert_eq!(ran.code, 10, "{}", ran.text);
        let told = ran.text.split_once("taken from file pets.json\n").unwrap().1.to_owned();
        told.lines().nth(1).unwrap_or_default().to_owned()
    };
    let anonymous = PETS.replace("\"summary\"", "\"security\": [], \"summary\"");
    let gone = "    pets: CREDENTIALS ARE NO LONGER SENT with 1 operation: get_pet";
    assert_eq!(pull(&anonymous), gone);
    let sent = "    pets: CREDENTIALS ARE NOW SENT with 1 operation: get_pet";
    assert_eq!(pull(PETS), sent);
}
