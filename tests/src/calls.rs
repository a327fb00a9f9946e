//! One call of each operation through the fluent client, generated from the
//! model (`tests/build/calls.rs`); what it sends is decided when it is made.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    pin::Pin,
    sync::Mutex,
};

use iam_client::{Client, Error, Items, Pages, Response};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

/// An operation, and how to call it.
pub struct Call {
    /// The module of iam-client.
    pub service: &'static str,
    /// The operationId, as the document spells it.
    pub id: &'static str,
    /// Calls it with arguments and setters.
    pub send: Send,
    /// Calls it with its body as one value, where that is another way.
    pub send_whole: Option<Send>,
    /// Gets all pages, where there are pages.
    pub pages: Option<List>,
    /// Gets the items of all pages, where there are pages.
    pub items: Option<List>,
}

/// Calls an operation with what it finds among the values.
pub type Send = for<'a> fn(&'a Client, &'a Values) -> Pending<'a>;

/// Gets a whole list with what it finds among the values.
pub type List = for<'a> fn(&'a Client, &'a Values) -> PendingList<'a>;

/// A list on its way.
pub type PendingList<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<Value>, Failure>> + std::marker::Send + 'a>>;

/// A call on its way.
pub type Pending<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Value>, Failure>> + std::marker::Send + 'a>>;

/// Why a call came to nothing.
#[derive(Debug)]
pub enum Failure {
    /// The client does not take the values.
    Values(String),
    /// The client says so.
    Call(Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Values(problem) => formatter.write_str(problem),
            Self::Call(error) => error.fmt(formatter),
        }
    }
}

/// What to send: values by place (`path`, `query`, `header`, `body`) and name
/// on the wire.
#[derive(Default)]
pub struct Values {
    given: BTreeMap<(String, String), Value>,
    whole: Option<Value>,
    asked: Mutex<BTreeSet<(String, String)>>,
}

impl Values {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter or a field of the body.
    pub fn set(&mut self, place: &str, name: &str, value: Value) {
        self.given.insert((place.to_owned(), name.to_owned()), value);
    }

    /// Sets a body that has no fields.
    pub fn set_body(&mut self, body: Value) {
        self.whole = Some(body);
    }

    /// What the call asked for in vain: the client has it, and it was not given.
    pub fn not_given(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let missing = asked.iter().filter(|name| !self.given.contains_key(*name));
        missing.map(|(place, name)| format!("{place} {name}")).collect()
    }

    fn optional<T: DeserializeOwned>(&self, place: &str, name: &str) -> Result<Option<T>, Failure> {
        let key = (place.to_owned(), name.to_owned());
        let value = self.given.get(&key).cloned();
        self.asked.lock().unwrap().insert(key);
        value.map(|value| convert(value, &format!("{place} {name}"))).transpose()
    }

    fn required<T: DeserializeOwned>(&self, place: &str, name: &str) -> Result<T, Failure> {
        self.optional(place, name)?.ok_or_else(|| {
            Failure::Values(format!("{place} {name}: the client demands it, and it is not given"))
        })
    }

    fn body<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let fields = self.given.iter().filter(|((place, _), _)| place == "body");
        let fields = || fields.map(|((_, name), value)| (name.clone(), value.clone()));
        let body = self.whole.clone();
        convert(body.unwrap_or_else(|| Value::Object(fields().collect::<Map<_, _>>())), "body")
    }
}

fn convert<T: DeserializeOwned>(value: Value, what: &str) -> Result<T, Failure> {
    serde_json::from_value(value)
        .map_err(|error| Failure::Values(format!("{what}: the client does not take it: {error}")))
}

/// The value as JSON again, for comparison with what was sent.
fn answer<T: Serialize>(result: Result<Response<T>, Error>) -> Result<Response<Value>, Failure> {
    let response = result.map_err(Failure::Call)?;
    Ok(response.map(|value| serde_json::to_value(value).expect("it is made of JSON")))
}

/// All pages as JSON again.
async fn all_pages<T>(mut pages: Pages<T>) -> Result<Vec<Value>, Failure>
where
    T: Serialize + std::marker::Send + 'static,
{
    let mut list = Vec::new();
    while let Some(page) = pages.try_next().await.map_err(Failure::Call)? {
        list.push(answer(Ok(page))?.into_inner());
    }
    Ok(list)
}

/// All items as JSON again.
async fn all_items<T>(mut items: Items<T>) -> Result<Vec<Value>, Failure>
where
    T: Serialize + std::marker::Send + 'static,
{
    let mut list = Vec::new();
    while let Some(item) = items.try_next().await.map_err(Failure::Call)? {
        list.push(serde_json::to_value(&item).expect("it is made of JSON"));
    }
    Ok(list)
}

include!(concat!(env!("OUT_DIR"), "/calls.rs"));
