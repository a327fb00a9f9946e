//! `surface` prints areas, or writes a file for each.

use std::fs;

use crate::support::Bench;

#[test]
fn areas_are_printed_under_their_names() {
    let bench = Bench::with_pets();
    let ran = bench.run(&["surface"]);
    assert_eq!(ran.code, 0, "{}", ran.text);
    assert!(ran.text.starts_with("==== pets/"), "{}", ran.text);
    assert!(ran.text.contains("get_pet"), "{}", ran.text);
}

#[test]
fn areas_are_files_and_what_is_none_of_them_is_told() {
    let bench = Bench::with_pets();
    let out = bench.path("surface");
    let arguments = ["surface", "--out", out.to_str().unwrap()];
    let first = bench.run(&arguments);
    assert_eq!(first.code, 0, "{}", first.text);
    let files = bench.state("surface");
    let listing: Vec<u8> = files.values().flatten().flatten().copied().collect();
    assert!(String::from_utf8(listing).unwrap().contains("get_pet"));
    assert_eq!(bench.run(&arguments), first);
    assert_eq!(bench.state("surface"), files);

    fs::write(out.join("pets/gone.txt"), "").unwrap();
    let ran = bench.run(&arguments);
    assert!(ran.text.contains("gone.txt is none of them; remove it"), "{}", ran.text);
}
