//! One operation: its body, its responses, and what is said of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    super::{
        pairs::{Difference, REQUEST, RESPONSE, Spot},
        side::Loc,
        value::same_set,
    },
    Sort, Task, Walk, spot,
};

const KEYS: &[&str] = &[
    "operationId",
    "tags",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "security",
    "servers",
    "$ref",
];

impl<'a> Walk<'_, 'a> {
    pub(super) fn operation(&mut self, task: &Task<'a>) {
        // The service sends what a client would, and the other way round.
        let incoming = task.sort == Sort::Incoming;
        let (request, response) = if incoming { (RESPONSE, REQUEST) } else { (REQUEST, RESPONSE) };
        self.request_body(task, request);
        self.responses(task, response);
        self.operation_tags(task);
        let (old, new) = (task.old.base.clone(), task.new.base.clone());
        self.callbacks(task.pair, &old, &new);
        let mut looked_at = KEYS.to_vec();
        if incoming {
            // Only what a client calls is secured and found as others are.
            looked_at.retain(|key| !matches!(*key, "operationId" | "security" | "servers"));
            let (old, new) = (spot(&task.old, "operationId"), spot(&task.new, "operationId"));
            self.leaf(task.pair, "operation-renamed", "", old, new);
            looked_at.push("operationId");
        }
        self.rest(task, &looked_at);
    }

    fn request_body(&mut self, task: &Task<'a>, mask: u8) {
        let (old, new) = (spot(&task.old, "requestBody"), spot(&task.new, "requestBody"));
        let required = |loc: &Loc<'a>, old: bool| {
            let side = if old { self.old } else { self.new };
            side.object(loc).flag("required")
        };
        let kind = match (&old, &new) {
            (Spot::Here(old), Spot::Here(new)) => {
                self.meet(Sort::Body, task.pair, mask, " body", old, new);
                return;
            }
            (Spot::Here(_), _) => "body-removed",
            (_, Spot::Here(loc)) if required(loc, false) => "required-body-added",
            (_, Spot::Here(_)) => "optional-body-added",
            _ => return,
        };
        self.differ(task.pair, Difference::new(kind, "body", old, new).mask(mask));
    }

    fn responses(&mut self, task: &Task<'a>, mask: u8) {
        let all = |view: &super::View<'a>| -> BTreeMap<&'a str, Loc<'a>> {
            view.get("responses").into_iter().flat_map(|map| map.entries()).collect()
        };
        let (before, after) = (all(&task.old), all(&task.new));
        let statuses: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
        for status in statuses {
            let place = |loc: Option<&Loc<'a>>, view: &super::View<'a>| {
                Spot::of(loc.cloned(), &view.at, &["responses", status])
            };
            let old = place(before.get(status), &task.old);
            let new = place(after.get(status), &task.new);
            if status.starts_with("x-") {
                self.other(task.pair, status, old, new);
                continue;
            }
            let success = status.starts_with('2') || status.starts_with('1');
            let kind = match (before.get(status), after.get(status), success) {
                (Some(old), Some(new), _) => {
                    let segment = format!(" {status}");
                    self.meet(Sort::Response, task.pair, mask, &segment, old, new);
                    continue;
                }
                (None, _, true) => "success-added",
                (None, _, false) => "failure-added",
                (_, None, true) => "success-removed",
                (_, None, false) => "failure-removed",
            };
            self.differ(task.pair, Difference::new(kind, status, old, new).mask(mask));
        }
    }

    fn operation_tags(&mut self, task: &Task<'a>) {
        let (old, new) = (spot(&task.old, "tags"), spot(&task.new, "tags"));
        let list = |spot: &Spot<'a>| -> Vec<Value> {
            spot.value().and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let (before, after) = (list(&old), list(&new));
        // The first one says where the operation is listed.
        let equal = same_set(&before, &after) && before.first() == after.first();
        let odd = |spot: &Spot<'a>| spot.value().is_some_and(|value| !value.is_array());
        if !equal || odd(&old) || odd(&new) {
            self.leaf(task.pair, "operation-tags-changed", "", old, new);
        }
    }
}
