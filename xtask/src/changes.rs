//! What a document changes for those who use the client: two surfaces compared,
//! in few enough lines to read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use crate::table::count;

/// How many lines of detail are shown, of all areas together.
const SHOWN: usize = 20;

/// The items of an area: the lines of each, by name.
type Items<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// How many items came, went, and became others.
#[derive(Default)]
struct Counts {
    added: usize,
    removed: usize,
    changed: usize,
}

/// The changes from `before` to `after`, both areas with their listings; `None`
/// if there are none.
pub(crate) fn summary<'a>(
    before: impl IntoIterator<Item = (&'a str, &'a str)>,
    after: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<String> {
    let (before, after) = (by_area(before), by_area(after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let mut total = Counts::default();
    let (mut text, mut lines) = (String::new(), 0);
    for name in names {
        let mut counts = Counts::default();
        let changes = changes(before.get(name), after.get(name), &mut counts);
        if changes.is_empty() {
            continue;
        }
        total.added += counts.added;
        total.removed += counts.removed;
        total.changed += counts.changed;
        // Writing to a string cannot fail.
        let _ = write!(text, "\n  {name}: {}", counts.shown());
        for line in changes.iter().take(SHOWN.saturating_sub(lines)) {
            let _ = write!(text, "\n    {line}");
        }
        lines += changes.len();
    }
    if lines == 0 {
        return None;
    }
    if lines > SHOWN {
        let more = count(lines - SHOWN);
        let _ = write!(text, "\n  {more} more lines; `cargo xtask surface` has all there is now");
    }
    Some(format!("surface: {}{text}", total.shown()))
}

impl Counts {
    fn shown(&self) -> String {
        let Self { added, removed, changed } = self;
        format!("{} added, {} removed, {} changed", count(*added), count(*removed), count(*changed))
    }
}

fn by_area<'a>(
    areas: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> BTreeMap<&'a str, Items<'a>> {
    areas.into_iter().map(|(name, listing)| (name, items(listing))).collect()
}

/// The items of a listing; what stands before the arguments is the name.
fn items(listing: &str) -> Items<'_> {
    let items = listing.split("\n\n").filter_map(|item| {
        let lines: Vec<_> = item.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let name = lines.first()?.split('(').next()?;
        Some((name, lines))
    });
    items.collect()
}

/// A line for each item that came or went, and the lines of the others that
/// differ, once for all items that differ in the same.
fn changes(
    before: Option<&Items<'_>>,
    after: Option<&Items<'_>>,
    counts: &mut Counts,
) -> Vec<String> {
    let none = Items::new();
    let (before, after) = (before.unwrap_or(&none), after.unwrap_or(&none));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let mut lines = Vec::new();
    let mut differing: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for name in names {
        match (before.get(name), after.get(name)) {
            (None, Some(after)) => {
                counts.added += 1;
                lines.extend(after.first().map(|first| format!("+ {first}")));
            }
            (Some(before), None) => {
                counts.removed += 1;
                lines.extend(before.first().map(|first| format!("- {first}")));
            }
            (Some(before), Some(after)) if before != after => {
                counts.changed += 1;
                differing.entry(difference(before, after)).or_default().push(name);
            }
            _ => {}
        }
    }
    for (difference, names) in differing {
        let who = match names.as_slice() {
            [first, second, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second} and {} more", count(rest.len()))
            }
            names => names.join(", "),
        };
        lines.extend(difference.iter().map(|line| format!("~ {who}: {line}")));
    }
    lines
}

/// The lines that are gone and those that are new.
fn difference(before: &[&str], after: &[&str]) -> Vec<String> {
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    let difference: Vec<_> = gone.chain(new).collect();
    if difference.is_empty() { vec!["in another order".to_owned()] } else { difference }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, summary};

    const PETS: &str = "\
get_pet(id: impl Into<String>)
  -> types::Pet
  GET /pets/{id}
  id = path id

list_pets()
  -> Vec<types::Pet>
  GET /pets
";

    #[test]
    fn what_is_the_same_is_not_told() {
        assert_eq!(summary([("a", PETS)], [("a", PETS)]), None);
        assert_eq!(summary([], [("a", "")]), None);
    }

    #[test]
    fn each_area_has_its_counts_and_lines() {
        let after = PETS
            .replace("id: impl Into<String>", "id: i64")
            .replace("list_pets()", "list_all_pets()");
        let summary = summary(
            [("operations/pets", PETS), ("types", "struct Pet\n  name: String\n")],
            [("operations/pets", &*after), ("types", "struct Pet\n  name: String\n\nenum Kind\n")],
        );
        assert_eq!(
            summary.as_deref(),
            Some(
                "surface: 2 added, 1 removed, 1 changed\
                 \n  operations/pets: 1 added, 1 removed, 1 changed\
                 \n    + list_all_pets()\
                 \n    - list_pets()\
                 \n    ~ get_pet: - get_pet(id: impl Into<String>)\
                 \n    ~ get_pet: + get_pet(id: i64)\
                 \n  types: 1 added, 0 removed, 0 changed\
                 \n    + enum Kind"
            )
        );
    }

    #[test]
    fn a_long_summary_is_cut_but_counts_everything() {
        let many: Vec<_> = (0..SHOWN + 5).map(|n| format!("struct A{n}\n")).collect();
        let many = many.join("\n");
        let summary = summary([], [("a", &*many), ("b", PETS)]).unwrap();
        assert!(summary.starts_with("surface: 27 added, 0 removed, 0 changed\n  a: 25 added"));
        let expected = "\n  b: 2 added, 0 removed, 0 changed\
                        \n  7 more lines; `cargo xtask surface` has all there is now";
        assert!(summary.ends_with(expected), "{summary}");
        assert_eq!(summary.lines().count(), 1 + 2 + SHOWN + 1);
    }

    #[test]
    fn what_several_items_have_in_common_is_told_once() {
        let before: Vec<_> =
            "abcd".chars().map(|n| format!("{n}()\n  GET /{n}\n  old\n")).collect();
        let after = before.join("\n").replace("old", "new");
        let summary = summary([("a", &*before.join("\n"))], [("a", &*after)]).unwrap();
        let told = "\n    ~ a, b and 2 more: - old\n    ~ a, b and 2 more: + new";
        assert!(summary.ends_with(&format!("4 changed{told}")), "{summary}");
    }

    #[test]
    fn an_item_whose_lines_moved_is_told() {
        let summary = summary([("a", "x()\n  b\n  c\n")], [("a", "x()\n  c\n  b\n")]);
        assert!(summary.unwrap().ends_with("\n    ~ x: in another order"));
    }
}
