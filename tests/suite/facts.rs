//! The three documents against the facts that they were transcribed from, both
//! ways: whatever one side states and the other does not, or states otherwise,
//! fails unless [`intended`] lists it with its reason.
//!
//! Two readers that know nothing of each other turn the facts ([`stated`]) and a
//! document ([`document`]) into [`Statements`]; neither uses the generator.

mod document;
mod intended;
mod stated;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use intended::{INTENDED, Intended, Stage};

use crate::openapi::{Vendored, elements, entries, follow, operations, vendored};

/// What kind of thing a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Address and version.
    Service,
    /// Method and path, and what is said of the operation as a whole.
    Operation,
    /// Of a path, query or header.
    Parameter,
    /// Media type of what is sent, and its type unless it has fields.
    Body,
    /// A field of a request body.
    BodyField,
    /// Media type and type of what comes with a status in 200..=299.
    Success,
    /// A header of a success.
    ResponseHeader,
    /// Media type and type of what comes with any other status.
    Failure,
    /// How to get from page to page.
    Pager,
    /// The largest page.
    PageMaximum,
    /// An object, or one of several models.
    Model,
    /// A field of a model.
    Field,
    /// A model that is one of several.
    Variant,
}

/// Kind and place to what stands there.
type Statements = BTreeMap<(Kind, String), String>;

/// A place where facts and document differ.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    place: String,
    facts: Option<String>,
    document: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(
            f,
            "{}: facts {}, document {}",
            self.place,
            shown(&self.facts),
            shown(&self.document)
        )
    }
}

fn differences(facts: &Statements, document: &Statements) -> Vec<Difference> {
    let places: BTreeSet<_> = facts.keys().chain(document.keys()).collect();
    let differing = places.into_iter().filter(|place| facts.get(*place) != document.get(*place));
    differing
        .map(|place| Difference {
            place: place.1.clone(),
            facts: facts.get(place).cloned(),
            document: document.get(place).cloned(),
        })
        .collect()
}

/// A type with what is said of it: `string (date-time, required)`.
struct Described {
    base: String,
    marks: BTreeSet<String>,
}

impl Described {
    fn new(base: impl Into<String>) -> Self {
        Self { base: base.into(), marks: BTreeSet::new() }
    }

    fn mark(mut self, mark: impl Into<String>) -> Self {
        self.marks.insert(mark.into());
        self
    }

    fn mark_if(self, condition: bool, mark: &str) -> Self {
        if condition { self.mark(mark) } else { self }
    }

    /// Values that are known, in no order.
    fn of(self, mut values: Vec<String>) -> Self {
        values.sort();
        self.mark(format!("of {}", values.join(" | ")))
    }
}

impl fmt::Display for Described {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let marks: Vec<_> = self.marks.iter().map(String::as_str).collect();
        match marks.as_slice() {
            [] => f.write_str(&self.base),
            marks => write!(f, "{} ({})", self.base, marks.join(", ")),
        }
    }
}

/// What is wrong at `stage`: differences that are not intended, and intended
/// ones that are not there.
fn unintended(subject: &Vendored, stage: Stage) -> Vec<String> {
    let mut facts = stated::statements(&subject.name);
    let document = match stage {
        Stage::Vendored => {
            // Paging stands in an overlay, and nowhere else.
            facts.retain(|(kind, _), _| *kind != Kind::Pager);
            &subject.document
        }
        Stage::Overlaid => &subject.overlaid,
    };
    let mut differences = differences(&facts, &document::statements(document));
    let mut wrong = Vec::new();
    let applies = |entry: &&Intended| {
        entry.document == subject.name && (entry.since == Stage::Vendored || entry.since == stage)
    };
    for entry in INTENDED.iter().filter(applies) {
        let before = differences.len();
        differences.retain(|difference| !entry.covers(difference));
        let covered = before - differences.len();
        if covered != entry.places {
            wrong.push(format!(
                "{}: intended in {} places, found in {covered}: {}",
                entry.place, entry.places, entry.reason
            ));
        }
    }
    wrong.extend(differences.iter().map(ToString::to_string));
    wrong
}

fn assert_only_intended(stage: Stage) {
    let mut wrong = Vec::new();
    for subject in vendored() {
        let found = unintended(&subject, stage);
        wrong.extend(found.into_iter().map(|text| format!("{}: {text}", subject.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_documents_state_the_facts() {
    assert_only_intended(Stage::Vendored);
}

#[test]
fn overlays_change_of_them_what_is_intended() {
    assert_only_intended(Stage::Overlaid);
}

#[test]
fn every_intended_difference_has_a_document_and_a_reason() {
    let names: BTreeSet<_> = vendored().into_iter().map(|subject| subject.name).collect();
    for entry in INTENDED {
        assert!(names.contains(entry.document), "{} is no document", entry.document);
        assert!(entry.places > 0, "{} is intended nowhere", entry.place);
        assert!(entry.reason.split(' ').count() > 3, "{}: {}", entry.place, entry.reason);
    }
}

/// How many statements of each kind both sides make: all that the facts have.
#[test]
fn all_facts_are_compared() {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for subject in vendored() {
        let document = document::statements(&subject.overlaid);
        let facts = stated::statements(&subject.name);
        for place in facts.keys().filter(|place| document.contains_key(*place)) {
            *counts.entry(place.0).or_default() += 1;
        }
    }
    let expected = BTreeMap::from([
        (Kind::Service, 6),
        (Kind::Operation, 200),
        (Kind::Parameter, 536),
        (Kind::Body, 68),
        (Kind::BodyField, 263),
        (Kind::Success, 200),
        (Kind::ResponseHeader, 49),
        (Kind::Pager, 24),
        (Kind::Model, 252),
        (Kind::Field, 1185),
        (Kind::Variant, 10),
    ]);
    assert_eq!(counts, expected);
}

/// A pager names parameters and fields that its operation has.
#[test]
fn every_pager_fits_its_operation() {
    let mut pagers = 0;
    for Vendored { name, overlaid, .. } in &vendored() {
        for operation in operations(overlaid) {
            let Some(paging) = operation.value.get("x-paging") else { continue };
            pagers += 1;
            let at = format!("{name}: {}", operation.id);
            let text = |key: &str| paging[key].as_str();
            let named =
                ["token_parameter", "size_parameter", "offset_parameter", "limit_parameter"];
            for name in named.into_iter().filter_map(text) {
                let mut query = operation.parameters().filter(|p| p["in"] == "query");
                assert!(query.any(|parameter| parameter["name"] == name), "{at}: {name}");
            }
            let (_, page) = operation.successes().next().unwrap();
            let page = &page["content"]["application/json"]["schema"];
            // The schema of the field, or of the field of a field.
            let field = |pointer: &str| {
                let steps = pointer.split('/').filter(|step| !step.is_empty());
                steps.fold(page, |schema, step| {
                    let field = &follow(overlaid, schema)["properties"][step];
                    elements(&field["allOf"]).next().unwrap_or(field)
                })
            };
            assert_eq!(field(text("items").unwrap())["type"], "array", "{at}");
            match (text("token_from"), text("total")) {
                (Some(from), None) => assert_eq!(field(from)["type"], "string", "{at}"),
                (None, Some(total)) => assert_eq!(field(total)["type"], "integer", "{at}"),
                other => panic!("{at}: {other:?}"),
            }
        }
    }
    // Those of the facts, and `list_assignments`.
    assert_eq!(pagers, 24 + 1);
}

/// The facts do not have the token operation; what it takes and returns is
/// public, and stands here a second time.
#[test]
fn the_token_operation_has_all_grants_and_tokens() {
    let vendored = vendored();
    let schemas = &vendored[0].overlaid["components"]["schemas"];
    let names = |schema: &str| -> BTreeSet<String> {
        entries(&schemas[schema]["properties"]).map(|(name, _)| name.to_owned()).collect()
    };
    let set =
        |names: &[&str]| -> BTreeSet<String> { names.iter().map(|&n| n.to_owned()).collect() };
    let tokens = [
        "access_token",
        "refresh_token",
        "delegated_refresh_token",
        "ims_user_id",
        "token_type",
        "expires_in",
        "expiration",
        "scope",
    ];
    assert_eq!(names("TokenResponse"), set(&tokens));
    let grants = &schemas["CreateAccessTokenRequest"]["properties"]["grant_type"]["enum"];
    let grants: BTreeSet<_> =
        elements(grants).map(|grant| grant.as_str().unwrap().to_owned()).collect();
    let expected = [
        "password",
        "refresh_token",
        "urn:ibm:params:oauth:grant-type:apikey",
        "urn:ibm:params:oauth:grant-type:assume",
        "urn:ibm:params:oauth:grant-type:cr-token",
        "urn:ibm:params:oauth:grant-type:delegated-refresh-token",
        "urn:ibm:params:oauth:grant-type:iam-authz",
        "urn:ibm:params:oauth:grant-type:passcode",
    ];
    assert_eq!(grants, set(&expected));
}
