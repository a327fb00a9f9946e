//! A server that answers as told, the client of it, and every operation with
//! its facts.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use iam_client::{Client, Response};
use iam_tests::calls::{self, Call, Failure, Send, Values};
use serde_json::Value;

use super::{
    facts::{self, Models, Operation, Service},
    values::Maker,
};
use crate::server::{Answer, Seen, Server, answer};

/// The value of each header that the facts have of a response.
pub(super) const HEADER: &str = "\"1-0\"";

/// What a call came to, and the request that the server saw.
pub(super) struct Outcome {
    pub(super) result: Result<Response<Value>, Failure>,
    pub(super) seen: Option<Seen>,
}

pub(super) struct Stage {
    client: Client,
    next: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    _server: Server,
}

impl Stage {
    pub(super) async fn new() -> Self {
        let next = Arc::new(Mutex::new(answer(500, &[], "")));
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (answers, log) = (Arc::clone(&next), Arc::clone(&seen));
        let server = Server::start(move |request| {
            log.lock().unwrap().push(request.clone());
            answers.lock().unwrap().clone()
        })
        .await;
        Self { client: server.client(), next, seen, _server: server }
    }

    /// A client of the server.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Calls, with `answer` for the request.
    pub(super) async fn call(&self, send: Send, values: &Values, answer: Answer) -> Outcome {
        self.answer_with(answer);
        let result = send(&self.client, values).await;
        Outcome { result, seen: self.only() }
    }

    /// The answer to what comes next.
    pub(super) fn answer_with(&self, answer: Answer) {
        *self.next.lock().unwrap() = answer;
        self.seen.lock().unwrap().clear();
    }

    /// The request since then, if there was one.
    pub(super) fn only(&self) -> Option<Seen> {
        let mut seen = self.seen.lock().unwrap();
        assert!(seen.len() <= 1, "more than one request: {seen:?}");
        seen.pop()
    }
}

/// An operation of a service.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) service: &'static str,
    pub(super) operation: &'a Operation,
    pub(super) models: &'a Models,
    pub(super) call: &'a Call,
}

impl Subject<'_> {
    /// The success that the facts know, with a body made by `maker`.
    pub(super) fn success(&self, maker: Maker<'_>) -> (Answer, Value) {
        let (status, reply) = self.operation.success();
        let content_type = reply.content_type.as_deref().unwrap_or("application/json");
        let named = self.operation.response_headers.iter();
        let mut headers: Vec<_> = named.map(|name| (name.as_str(), HEADER)).collect();
        if reply.type_.is_some() {
            headers.push(("content-type", content_type));
        }
        match reply.type_.as_deref() {
            None => (answer(status, &headers, ""), Value::Null),
            Some("string") => {
                let text = "<md:Entity a=\"ä\">&amp;\n</md:Entity>";
                (answer(status, &headers, text), text.into())
            }
            Some(model) => {
                let body = maker.model(model);
                (answer(status, &headers, body.to_string()), body)
            }
        }
    }
}

/// The facts and the calls.
pub(super) struct Everything {
    services: BTreeMap<&'static str, Service>,
    calls: BTreeMap<(&'static str, &'static str), Call>,
}

impl Everything {
    pub(super) fn load() -> Self {
        let calls = calls::all().into_iter().map(|call| ((call.service, call.id), call));
        Self { services: facts::services(), calls: calls.collect() }
    }

    /// Calls of operations that the facts do not have.
    pub(super) fn not_in_facts(&self) -> Vec<String> {
        let has = |service: &str, id: &str| {
            self.services[service].operations.iter().any(|o| o.document_id() == id)
        };
        let extra = self.calls.keys().filter(|(service, id)| !has(service, id));
        extra.map(|(service, id)| format!("{service} {id}")).collect()
    }

    /// Every operation of the facts, with its call.
    pub(super) fn subjects(&self) -> Vec<Subject<'_>> {
        let all = self.services.iter().flat_map(|(&service, facts)| {
            facts.operations.iter().map(move |operation| {
                let id = operation.document_id();
                let call = self.calls.iter().find(|(key, _)| **key == (service, id));
                let (_, call) = call.unwrap_or_else(|| panic!("{service} has no {id}"));
                Subject { service, operation, models: &facts.models, call }
            })
        });
        all.collect()
    }

    /// One operation, by the id of the facts.
    pub(super) fn subject(&self, service: &str, id: &str) -> Subject<'_> {
        let mut subjects = self.subjects().into_iter();
        subjects
            .find(|subject| subject.service == service && subject.operation.id == id)
            .unwrap_or_else(|| panic!("the facts have no {id}"))
    }
}
