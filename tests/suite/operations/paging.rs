//! Every list that comes in pages, paged over a server that serves three pages
//! in the way that `x-paging` has of it.

use std::sync::Arc;

use iam_tests::calls::List;
use serde_json::{Value, json};

use super::{
    document::resolved,
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
        let paging = subject.operation.paging.as_ref()?;
        let text = |key: &str| paging[key].as_str();
        let expect = |key: &str| text(key).unwrap_or_else(|| panic!("no {key}: {paging}"));
        let maker = Maker { document: subject.document, style: Style::received(Fill::All) };
        let items = expect("items").trim_start_matches('/').to_owned();
        let page = |at| with_items(subject.success(maker).1, &items, at);
        if let Some(total) = text("total") {
            // The next page begins where the items so far end: 2, then 1, then 2.
            let tokens = [None, Some(json!(2)), Some(json!(3))];
            let bodies = [0, 1, 2].map(|at| {
                let mut page = page(at);
                page[total.trim_start_matches('/')] = json!(5);
                page
            });
            let parameter = expect("offset_parameter").to_owned();
            let size = expect("limit_parameter").to_owned();
            return Some(Self { parameter, tokens, size, items, bodies });
        }
        let parameter = expect("token_parameter").to_owned();
        let described = subject.operation.parameters.iter().find(|p| p.field.name == parameter);
        let schema = &described.expect("the parameter is there").field.schema;
        // Numbers that no size leads to: where pages begin is the service's affair.
        let tokens = match resolved(subject.document, schema).get("type").and_then(Value::as_str) {
            Some("integer") => [None, Some(json!(7)), Some(json!(70_000_000_000_u64))],
            _ => [None, Some(json!("2 ä/b&c=d+e%20\"#?")), Some(json!("3"))],
        };
        let from: Vec<_> = expect("token_from").split('/').skip(1).collect();
        let bodies = [0, 1, 2].map(|at| {
            let mut page = page(at);
            let next = tokens.get(at + 1).and_then(Option::as_ref);
            lead_on(&mut page, &from, text("url_query_name"), next, end);
            page
        });
        let size = expect("size_parameter").to_owned();
        Some(Self { parameter, tokens, size, items, bodies })
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

/// Makes `page` name the token of the next one at `from`, if there is one.
fn lead_on(
    page: &mut Value,
    from: &[&str],
    in_query: Option<&str>,
    next: Option<&Value>,
    end: End,
) {
    let told = match (next, in_query) {
        (None, _) => None,
        (Some(token), None) => Some(token.clone()),
        (Some(token), Some(name)) => {
            // Nobody is there.
            let mut url = reqwest::Url::parse("https://elsewhere.invalid/v9?pagesize=1").unwrap();
            url.query_pairs_mut().append_pair(name, &text(token));
            Some(json!(url.as_str()))
        }
    };
    let place = |page: &mut Value, told| {
        *from.iter().fold(page, |value, field| &mut value[*field]) = told;
    };
    match (told, end) {
        (Some(told), _) => place(page, told),
        (None, End::Missing) => drop(page.as_object_mut().unwrap().remove(from[0])),
        (None, End::Null) => page[from[0]] = Value::Null,
        (None, End::Empty) => place(page, json!("")),
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
                let who = if pages.is_some() { "the document" } else { "the client" };
                failures.push(format!("{}: only {who} can page", subject.operation.name));
                continue;
            }
        };
        count += 1;
        let mut fail = |problem: String| {
            failures.push(format!("{} {}: {problem}", subject.service, subject.operation.name));
        };
        let mut given = given(subject.operation, subject.document, Fill::All);
        given.query.remove(&pages.parameter);
        assert!(given.query.contains_key(&pages.size), "{}", subject.operation.name);
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

/// The operations with `x-paging`.
fn lists() -> usize {
    let everything = Everything::load();
    let lists = everything.subjects().iter().filter(|s| s.operation.paging.is_some()).count();
    assert!(lists > 0);
    lists
}

#[tokio::test]
async fn items_of_all_pages_in_order() {
    let items = |pages: &Pages| {
        let items = pages.bodies.iter().map(|body| body[&pages.items].as_array().unwrap());
        items.flatten().cloned().collect()
    };
    for end in [End::Missing, End::Null, End::Empty] {
        assert_eq!(all(end, |subject| subject.call.items, items).await, lists());
    }
}

#[tokio::test]
async fn pages_as_they_came() {
    let pages = |pages: &Pages| pages.bodies.to_vec();
    assert_eq!(all(End::Missing, |subject| subject.call.pages, pages).await, lists());
}
