//! Responses that lack what their documents promise, and that IBM's SDKs read.

use serde_json::{Value, json};

use super::{
    stage::{Everything, Stage},
    values::{Fill, Maker, Style, given},
    wire::{json_differences, to_call},
};
use crate::server::answer;

const ALL: Style = Style::received(Fill::All);

/// Takes out whatever is a list; gives how many there were.
fn without_lists(value: &mut Value) -> usize {
    match value {
        Value::Object(fields) => {
            let before = fields.len();
            fields.retain(|_, value| !value.is_array());
            let removed = before - fields.len();
            removed + fields.values_mut().map(without_lists).sum::<usize>()
        }
        _ => 0,
    }
}

/// Takes out whatever is an empty list.
fn without_empty_lists(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, value| *value != json!([]));
        fields.values_mut().for_each(without_empty_lists);
    }
}

#[tokio::test]
async fn every_response_is_read_without_its_lists() {
    let everything = Everything::load();
    let stage = Stage::new().await;
    let (mut failures, mut removed) = (Vec::new(), 0);
    for subject in everything.subjects() {
        let values = to_call(&given(subject.operation, subject.document, Fill::Required));
        let (full, mut body) = subject.success(Maker { document: subject.document, style: ALL });
        let count = without_lists(&mut body);
        if count == 0 {
            continue;
        }
        removed += count;
        let sent = answer(full.status().as_u16(), &[], body.to_string());
        let mut fail = |problem: String| {
            failures.push(format!("{} {}: {problem}", subject.service, subject.call.id));
        };
        match stage.call(subject.call.send, &values, sent).await.result {
            Err(error) => fail(error.to_string()),
            Ok(response) => {
                let mut read = response.into_inner();
                without_empty_lists(&mut read);
                json_differences("response", &read, &body).into_iter().for_each(&mut fail);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(removed > 100, "{removed}");
}

/// As the mocks of IBM's SDKs have pages: without `offset`, `first` and the like.
#[tokio::test]
async fn a_page_is_read_that_has_nothing_but_its_items() {
    let everything = Everything::load();
    let stage = Stage::new().await;
    let mut failures = Vec::new();
    let mut lists = everything.subjects();
    lists.retain(|subject| subject.operation.paging.is_some());
    assert!(!lists.is_empty());
    for subject in lists {
        let list = subject.call.pages.expect("it comes in pages");
        let values = to_call(&given(subject.operation, subject.document, Fill::Required));
        let (_, mut page) = subject.success(Maker { document: subject.document, style: ALL });
        page.as_object_mut().unwrap().retain(|_, value| value.is_array());
        // Where there is no next page to be told, an empty one ends the list.
        let mut end = page.clone();
        end.as_object_mut().unwrap().values_mut().for_each(|items| *items = json!([]));
        stage.answer_with(answer(200, &[], page.to_string()));
        let counted = page.get("assignments").is_some() && subject.call.id == "list_assignments";
        if counted {
            stage.answer_with(answer(200, &[], end.to_string()));
            page = end;
        }
        match list(stage.client(), &values).await {
            Err(error) => failures.push(format!("{}: {error}", subject.call.id)),
            Ok(pages) => {
                failures.extend(json_differences(subject.call.id, &json!(pages), &json!([page])))
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
