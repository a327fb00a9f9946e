//! A server that answers as told, the client of it, and every operation as
//! its document has it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use iam_client::{Client, Response};
use iam_tests::calls::{self, Call, Failure, Send, Values};
use serde_json::Value;

use super::{
    document::{self, Operation, Service},
    values::{Maker, XML},
};
use crate::server::{Answer, Seen, Server, answer};

/// The value of each header that a document has of a response.
pub(crate) const HEADER: &str = "\"1-0\"";

/// What a call came to, and the request that the server saw.
pub(crate) struct Outcome {
    pub(crate) result: Result<Response<Value>, Failure>,
    pub(crate) seen: Option<Seen>,
}

pub(crate) struct Stage {
    client: Client,
    next: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Vec<Seen>>>,
    _server: Server,
}

impl Stage {
    pub(crate) async fn new() -> Self {
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
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Calls, with `answer` for the request.
    pub(crate) async fn call(&self, send: Send, values: &Values, answer: Answer) -> Outcome {
        self.answer_with(answer);
        let result = send(&self.client, values).await;
        Outcome { result, seen: self.only() }
    }

    /// The answer to what comes next.
    pub(crate) fn answer_with(&self, answer: Answer) {
        *self.next.lock().unwrap() = answer;
        self.seen.lock().unwrap().clear();
    }

    /// The request since then, if there was one.
    pub(crate) fn only(&self) -> Option<Seen> {
        let mut seen = self.seen.lock().unwrap();
        assert!(seen.len() <= 1, "more than one request: {seen:?}");
        seen.pop()
    }
}

/// An operation of a service.
#[derive(Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) service: &'a str,
    pub(crate) operation: &'a Operation,
    pub(crate) document: &'a Value,
    pub(crate) call: &'a Call,
}

impl Subject<'_> {
    /// The success, with a body made by `maker`.
    pub(crate) fn success(&self, maker: Maker<'_>) -> (Answer, Value) {
        let status = self.operation.status;
        let named = self.operation.response_headers.iter();
        let mut headers: Vec<_> = named.map(|name| (name.as_str(), HEADER)).collect();
        let Some(reply) = &self.operation.reply else {
            return (answer(status, &headers, ""), Value::Null);
        };
        headers.push(("content-type", &reply.content_type));
        if reply.is_json() {
            let body = maker.value(&reply.schema);
            (answer(status, &headers, body.to_string()), body)
        } else {
            (answer(status, &headers, XML), XML.into())
        }
    }
}

/// The documents and the calls.
pub(crate) struct Everything {
    services: &'static BTreeMap<String, Service>,
    calls: BTreeMap<(&'static str, &'static str), Call>,
}

impl Everything {
    /// Those of the client.
    pub(crate) fn load() -> Self {
        Self::of(document::services())
    }

    /// Those of a document of our own in the style of IBM's.
    pub(crate) fn in_ibm_style() -> Self {
        Self::of(document::ibm_style())
    }

    fn of(services: &'static BTreeMap<String, Service>) -> Self {
        let calls = calls::all().into_iter().filter(|call| services.contains_key(call.service));
        Self { services, calls: calls.map(|call| ((call.service, call.id), call)).collect() }
    }

    /// Calls of operations that no document has.
    pub(crate) fn not_in_documents(&self) -> Vec<String> {
        let has = |service: &str, id: &str| {
            self.services[service].operations.iter().any(|operation| operation.id == id)
        };
        let extra = self.calls.keys().filter(|(service, id)| !has(service, id));
        extra.map(|(service, id)| format!("{service} {id}")).collect()
    }

    /// Every operation of the documents, with its call.
    pub(crate) fn subjects(&self) -> Vec<Subject<'_>> {
        let all = self.services.iter().flat_map(|(service, said)| {
            said.operations.iter().map(move |operation| {
                let call = self.calls.iter().find(|(key, _)| **key == (service, &operation.id));
                let (_, call) = call.unwrap_or_else(|| panic!("{service} has no {}", operation.id));
                Subject { service, operation, document: &said.document, call }
            })
        });
        let all: Vec<_> = all.collect();
        assert!(!all.is_empty());
        all
    }

    /// One operation, by its name in snake case.
    pub(crate) fn subject(&self, service: &str, name: &str) -> Subject<'_> {
        let mut subjects = self.subjects().into_iter();
        subjects
            .find(|subject| subject.service == service && subject.operation.name == name)
            .unwrap_or_else(|| panic!("the document has no {name}"))
    }
}
