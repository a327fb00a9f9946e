//! What is known to go wrong with these services, each in a test of its own.

use iam_client::{
    Error,
    policy_management::types::{
        Control, Grant, Roles, V2PolicyResource, V2PolicyResourceAttribute,
    },
};
use serde_json::{Value, json};

use super::{
    stage::{Everything, Stage, Subject},
    values::{Fill, IBM_TIME, Maker, Style, given},
    wire::to_call,
};
use crate::server::{Seen, answer};

impl Stage {
    fn answer_json(&self, status: u16, body: &Value) {
        let headers = [("content-type", "application/json")];
        self.answer_with(answer(status, &headers, body.to_string()));
    }

    fn sent(&self) -> Seen {
        self.only().expect("a request was sent")
    }

    fn sent_json(&self) -> Value {
        serde_json::from_slice(&self.sent().body).unwrap()
    }
}

/// A policy as `get_v2_policy` returns it.
fn policy(role: Value) -> Value {
    json!({"type": "access", "state": "active", "control": {"grant": {"roles": [role]}}})
}

#[tokio::test]
async fn roles_with_actions_keep_them() {
    let stage = Stage::new().await;
    let service = stage.client().policy_management();
    let action = json!({"id": "iam.policy.read", "display_name": "Read", "description": "Reads."});
    let role = json!({"role_id": "crn:v1:bluemix:public:iam::::role:Viewer", "actions": [action]});
    stage.answer_json(200, &policy(role));
    let enriched = service.get_v2_policy("id").format("display").send().await.unwrap();
    let roles = &enriched.control.grant.roles;
    assert_eq!(roles[0].actions.as_ref().unwrap()[0].id, "iam.policy.read");

    stage.answer_json(200, &policy(json!({"role_id": "crn"})));
    let plain = service.get_v2_policy("id").send().await.unwrap();
    let roles = &plain.control.grant.roles;
    assert_eq!((roles[0].role_id.as_str(), &roles[0].actions), ("crn", &None));
}

/// Each form that `value` has been seen in.
fn any_values() -> [Value; 4] {
    [json!("text"), json!(true), json!(false), json!(["a", "b"])]
}

#[tokio::test]
async fn the_value_of_an_attribute_is_sent_as_it_is() {
    let stage = Stage::new().await;
    let service = stage.client().policy_management();
    for value in any_values() {
        stage.answer_json(201, &policy(json!({"role_id": "crn"})));
        let control = Control::new(Grant::new([Roles::new("crn")]));
        let attribute = V2PolicyResourceAttribute::new("key", "stringExists", value.clone());
        let resource = V2PolicyResource::new([attribute]);
        service.create_v2_policy(control, "access").resource(resource).send().await.unwrap();
        assert_eq!(stage.sent_json()["resource"]["attributes"][0]["value"], value);
    }
}

#[tokio::test]
async fn the_value_of_an_attribute_is_received_as_it_is() {
    let stage = Stage::new().await;
    let service = stage.client().policy_management();
    for value in any_values() {
        let attribute = json!({"key": "k", "operator": "stringEquals", "value": value});
        let mut body = policy(json!({"role_id": "crn"}));
        body["resource"] = json!({"attributes": [attribute]});
        stage.answer_json(200, &body);
        let policy = service.get_v2_policy("id").send().await.unwrap();
        assert_eq!(policy.resource.as_ref().unwrap().attributes[0].value, value);
    }
}

/// They are accepted, and the body tells what has gone wrong so far.
#[tokio::test]
async fn an_exception_in_a_202_is_a_success() {
    let stage = Stage::new().await;
    let service = stage.client().identity();
    let body = json!({
        "context": {"transaction_id": "t-1"},
        "status_code": "202",
        "errors": [{"code": "BXNIM0000I", "message_code": "m", "message": "Accepted."}],
    });
    stage.answer_json(202, &body);
    let answer = service.delete_trusted_profile_assignment("a").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &*answer.errors[0].code), (202, "BXNIM0000I"));
    stage.answer_json(202, &body);
    let answer = service.delete_account_settings_assignment("a").send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &*answer.status_code), (202, "202"));
}

#[tokio::test]
async fn membership_is_a_status_without_a_body() {
    let stage = Stage::new().await;
    let service = stage.client().access_groups();
    stage.answer_with(answer(204, &[], ""));
    service.is_member_of_access_group("group", "IBMid-1").send().await.unwrap();
    let sent = stage.sent();
    assert_eq!(
        (sent.method.as_str(), sent.target.as_str()),
        ("HEAD", "/v2/groups/group/members/IBMid-1")
    );

    // Its headers announce a body, which an answer to HEAD never has.
    let error = json!({"errors": [{"code": "not_found", "message": "Not found."}]});
    stage.answer_json(404, &error);
    let error: Error = service.is_member_of_access_group("group", "x").send().await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

/// The operations that `is` picks, called with what they require.
async fn called(is: impl Fn(&Subject<'_>) -> bool) -> Vec<(String, String, Seen)> {
    let everything = Everything::load();
    let stage = Stage::new().await;
    let mut seen = Vec::new();
    for subject in everything.subjects().into_iter().filter(is) {
        let values = to_call(&given(subject.operation, subject.document, Fill::Required));
        let maker = Maker { document: subject.document, style: Style::received(Fill::All) };
        let outcome = stage.call(subject.call.send, &values, subject.success(maker).0).await;
        if let Err(error) = outcome.result {
            panic!("{} {}: {error}", subject.service, subject.operation.name);
        }
        let names = (subject.service.to_owned(), subject.operation.name.clone());
        seen.push((names.0, names.1, outcome.seen.unwrap()));
    }
    seen
}

#[tokio::test]
async fn operations_without_a_body_send_none() {
    let writes = ["POST", "PUT", "PATCH"];
    let called = called(|subject| {
        subject.operation.body.is_none() && writes.contains(&subject.operation.method.as_str())
    });
    let called = called.await;
    assert!(!called.is_empty());
    for (service, id, seen) in called {
        assert!(seen.body.is_empty(), "{service} {id}: {:?}", seen.body);
        assert_eq!(seen.header("content-type"), None, "{service} {id}");
        assert_eq!(seen.header("transfer-encoding"), None, "{service} {id}");
        // Proxies answer 411 to a POST that does not say so.
        assert_eq!(seen.header("content-length").as_deref(), Some("0"), "{service} {id}");
    }
}

#[tokio::test]
async fn bodies_of_which_nothing_is_set_are_an_empty_object() {
    let called = called(|subject| {
        let body = subject.operation.body.as_ref().filter(|body| body.required);
        let fields = body.and_then(|body| body.fields.as_ref());
        fields.is_some_and(|fields| fields.iter().all(|field| !field.required))
    });
    let called = called.await;
    assert!(!called.is_empty());
    for (service, id, seen) in called {
        assert_eq!(seen.body, "{}", "{service} {id}");
        assert_eq!(
            seen.header("content-type").as_deref(),
            Some("application/json"),
            "{service} {id}"
        );
    }
}

#[tokio::test]
async fn empty_text_is_sent_and_clears() {
    let everything = Everything::load();
    let subject = everything.subject("identity", "update_service_id");
    let stage = Stage::new().await;
    let maker = Maker { document: subject.document, style: Style::received(Fill::Required) };
    stage.answer_with(subject.success(maker).0);
    let service = stage.client().identity();
    let update = service.update_service_id("ServiceId-1", "*").description("");
    update.unique_instance_crns([""; 0]).send().await.unwrap();
    assert_eq!(stage.sent_json(), json!({"description": "", "unique_instance_crns": []}));

    let subject = everything.subject("identity", "list_service_ids");
    stage.answer_with(subject.success(maker).0);
    service.list_service_ids().name("").send().await.unwrap();
    assert_eq!(stage.sent().target, "/v1/serviceids/?name=");
}

#[tokio::test]
async fn a_report_that_is_not_ready_is_none() {
    let everything = Everything::load();
    let stage = Stage::new().await;
    let service = stage.client().identity();
    stage.answer_with(answer(204, &[], ""));
    let report = service.get_report("account", "latest").send().await.unwrap();
    assert_eq!((report.status().as_u16(), report.is_none()), (204, true));
    stage.answer_with(answer(204, &[], ""));
    let report = service.get_mfa_report("account", "latest").send().await.unwrap();
    assert_eq!((report.status().as_u16(), report.is_none()), (204, true));

    let subject = everything.subject("identity", "get_report");
    let maker = Maker { document: subject.document, style: Style::received(Fill::Required) };
    stage.answer_with(subject.success(maker).0);
    let report = service.get_report("account", "latest").send().await.unwrap();
    assert!(report.is_some());
}

#[tokio::test]
async fn ibm_times_are_points_in_time() {
    let everything = Everything::load();
    let subject = everything.subject("identity", "get_api_key");
    let stage = Stage::new().await;
    let maker = Maker { document: subject.document, style: Style::received(Fill::All) };
    stage.answer_with(subject.success(maker).0);
    let key = stage.client().identity().get_api_key("ApiKey-1").send().await.unwrap();
    let created = key.created_at.as_ref().unwrap();
    // 2020-09-28T17:49:00Z.
    assert_eq!((created.as_ref(), created.unix_seconds()), (IBM_TIME, Some(1_601_315_340)));
}
