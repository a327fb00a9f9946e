//! Every list that comes in pages, paged over a server that serves three pages
//! in the way that the facts have of it.

use std::sync::Arc;

use iam_tests::calls::List;
use serde_json::{Value, json};

use super::{
    facts::Pager,
    stage::{Everything, Subject},
    values::{Fill, Maker, Style, given},
    wire::{Wire, json_differences, to_call},
};
use crate::server::{Answer, Seen, Server, answer};

/// How a last page says that it is the last.
#[derive(Clone, Copy)]
enum End {
    Missing,
    Null,
    Empty,
}

/// The one list that has no pager in the facts: it tells how many items there are.
const COUNTED: &str = "list_assignments";

/// Three pages, as a server has them.
struct Pages {
    /// The parameter that says where a page begins, and its value for each.
    parameter: String,
    tokens: [Option<Value>; 3],
    size: String,
    items: String,
    bodies: [Value; 3],
}

impl Pages {
    /// The pages of a list; `None` if the operation is none.
    fn of(subject: &Subject<'_>, end: End) -> Option<Self> {
        let maker = Maker { models: subject.models, style: Style::received(Fill::All) };
        let page = || subject.success(maker).1;
        if subject.operation.id == COUNTED {
            let tokens = [None, Some(json!(2)), Some(json!(3))];
            let bodies = [0, 1, 2].map(|at| {
                let mut page = with_items(page(), "assignments", at);
                page["total_count"] = json!(5);
                page
            });
            let name = str::to_owned;
            let (parameter, size, items) = (name("offset"), name("limit"), name("assignments"));
            return Some(Self { parameter, tokens, size, items, bodies });
        }
        let pager = subject.operation.pager.as_ref()?;
        // Numbers that no size leads to: where pages begin is the service's affair.
        let tokens = match pager.kind.as_str() {
            "offset" => [None, Some(json!(7)), Some(json!(70_000_000_000_u64))],
            _ => [None, Some(json!("2 ä/b&c=d+e%20\"#?")), Some(json!("3"))],
        };
        let bodies = [0, 1, 2].map(|at| {
            let mut page = with_items(page(), &pager.items, at);
            lead_on(&mut page, pager, tokens.get(at + 1).and_then(Option::as_ref), end);
            page
        });
        Some(Self {
            parameter: pager.token_param.clone(),
            tokens,
            size: pager.size_param.clone(),
            items: pager.items.clone(),
            bodies,
        })
    }

    /// The page that a request asks for.
    fn answer(&self, seen: &Seen) -> Answer {
        let Wire { query, .. } = Wire::seen(seen);
        let asked = query.into_iter().find(|(name, _)| *name == self.parameter);
        let asked = asked.map(|(_, value)| value);
        let mut tokens = self.tokens.iter().map(|token| token.as_ref().map(text));
        match tokens.position(|token| token == asked) {
            Some(at) => answer(200, &[], self.bodies[at].to_string()),
            None => answer(500, &[], ""),
        }
    }
}

fn text(token: &Value) -> String {
    token.as_str().map_or_else(|| token.to_string(), str::to_owned)
}

/// The page at `at`: with two items, one, and the two turned around.
fn with_items(mut page: Value, field: &str, at: usize) -> Value {
    let items = page[field].as_array_mut().expect("a list of items");
    assert!(items.len() == 2 && items[0] != items[1], "{items:?}");
    match at {
        1 => items.truncate(1),
        2 => items.reverse(),
        _ => {}
    }
    page
}

/// Makes `page` name the token of the next one, if there is one.
fn lead_on(page: &mut Value, pager: &Pager, next: Option<&Value>, end: End) {
    let told = match (next, pager.url_query_name.as_deref()) {
        (None, _) => None,
        (Some(token), None) => Some(token.clone()),
        (Some(token), Some(name)) => {
            // Nobody is there.
            let mut url = reqwest::Url::parse("https://elsewhere.invalid/v9?pagesize=1").unwrap();
            url.query_pairs_mut().append_pair(name, &text(token));
            Some(json!(url.as_str()))
        }
    };
    let (field, inner) = match pager.from.split_once('.') {
        Some((field, inner)) => (field, Some(inner)),
        None => (pager.from.as_str(), None),
    };
    match (told, inner, end) {
        (Some(told), Some(inner), _) => page[field][inner] = told,
        (Some(told), None, _) => page[field] = told,
        (None, _, End::Missing) => drop(page.as_object_mut().unwrap().remove(field)),
        (None, _, End::Null) => page[field] = Value::Null,
        (None, Some(inner), End::Empty) => page[field][inner] = json!(""),
        (None, None, End::Empty) => page[field] = json!(""),
    }
}

/// Lists everything with everything set, and compares what comes with
/// `expected` of the pages. Gives how many lists there are.
async fn all(
    end: End,
    how: impl Fn(&Subject<'_>) -> Option<List>,
    expected: impl Fn(&Pages) -> Vec<Value>,
) -> usize {
    let everything = Everything::load();
    let mut failures = Vec::new();
    let mut count = 0;
    for subject in everything.subjects() {
        let pages = Pages::of(&subject, end).map(Arc::new);
        let (pages, list) = match (pages, how(&subject)) {
            (Some(pages), Some(list)) => (pages, list),
            (None, None) => continue,
            (pages, _) => {
                let who = if pages.is_some() { "the facts" } else { "the client" };
                failures.push(format!("{}: only {who} can page", subject.operation.id));
                continue;
            }
        };
        count += 1;
        let mut fail = |problem: String| {
            failures.push(format!("{} {}: {problem}", subject.service, subject.operation.id));
        };
        let mut given = given(subject.operation, subject.models, Fill::All);
        given.query.remove(&pages.parameter);
        assert!(given.query.contains_key(&pages.size), "{}", subject.operation.id);
        let served = Arc::clone(&pages);
        let server = Server::start(move |seen| served.answer(seen)).await;
        match list(&server.client(), &to_call(&given)).await {
            Err(error) => fail(error.to_string()),
            Ok(found) => {
                let expected = json!(expected(&pages));
                json_differences("found", &json!(found), &expected).into_iter().for_each(&mut fail);
            }
        }
        let seen = server.seen();
        if seen.len() != 3 {
            fail(format!("{} requests", seen.len()));
        }
        for (seen, token) in seen.iter().zip(&pages.tokens) {
            let mut given = given.clone();
            given.query.extend(token.clone().map(|token| (pages.parameter.clone(), token)));
            let expected = Wire::expected(subject.operation, &given);
            Wire::seen(seen).differences(&expected).into_iter().for_each(&mut fail);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    count
}

/// Those of the facts, and [`COUNTED`].
const LISTS: usize = 9 + 11 + 4 + 1;

#[tokio::test]
async fn items_of_all_pages_in_order() {
    let items = |pages: &Pages| {
        let items = pages.bodies.iter().map(|body| body[&pages.items].as_array().unwrap());
        items.flatten().cloned().collect()
    };
    for end in [End::Missing, End::Null, End::Empty] {
        assert_eq!(all(end, |subject| subject.call.items, items).await, LISTS);
    }
}

#[tokio::test]
async fn pages_as_they_came() {
    let pages = |pages: &Pages| pages.bodies.to_vec();
    assert_eq!(all(End::Missing, |subject| subject.call.pages, pages).await, LISTS);
}
