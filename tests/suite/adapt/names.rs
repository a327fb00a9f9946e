//! Names that Rust has for itself, and names that become equal.

use iam_tests::corpus::{
    equal_names, equal_operations, given_names, ibm_style, operation_ids, reserved_names,
    rust_names, server_variables,
};
use serde_json::{Value, json};

use super::{output, owned, pairs, recorded, round_trip};
use crate::server::{Server, answer};

#[tokio::test]
async fn reserved_names_are_set_apart() {
    let parameters = "/paths/~1parameters~1{type}~1{self}/get";
    let put = "/paths/~1things~1{name}/put";
    recorded(
        "reserved_names",
        &[
            ("names", "/paths/~1all/get"),
            ("names", "/paths/~1client/get"),
            ("names", "/paths/~1new/get"),
            // body, client, send
            ("names", parameters),
            ("names", parameters),
            ("names", parameters),
            // name, send
            ("names", put),
            ("names", put),
            ("names", &format!("{put}/requestBody/content/application~1json/schema")),
        ],
    );
    let server = Server::answering(204, "").await;
    let api = reserved_names::Api::new(&server.client());
    api.new_operation().send().await.unwrap();
    api.send().send().await.unwrap();
    api.client_operation().send().await.unwrap();
    api.all_operation().send().await.unwrap();
    api.clone().send().await.unwrap();
    api.match_().send().await.unwrap();
    let call = api.reserved_parameters("t", "s", "w").body2("b").client2("c").request("q");
    call.reply("p").send2("h").send().await.unwrap();
    let call = api.put_thing("path", "body").body_send("s").new2("n").type_("t");
    call.clone("c").default("d").send().await.unwrap();
    let body = reserved_names::types::PutThingRequest::new("whole");
    api.put_thing_with_body("path", body).send().await.unwrap();

    let seen = server.seen();
    let targets: Vec<_> = seen.iter().map(|seen| seen.target.as_str()).collect();
    assert_eq!(targets[..6], ["/new", "/send", "/client", "/all", "/clone", "/match"]);
    let (path, query) = targets[6].split_once('?').unwrap();
    assert_eq!(path, "/parameters/t/s");
    let expected =
        [("body", "b"), ("client", "c"), ("reply", "p"), ("request", "q"), ("wire", "w")];
    assert_eq!(pairs(query), owned(&expected));
    assert_eq!(seen[6].header("send").as_deref(), Some("h"));
    assert_eq!(targets[7..], ["/things/path", "/things/path"]);
    let body = |index: usize| serde_json::from_slice::<Value>(&seen[index].body).unwrap();
    assert_eq!(
        body(7),
        json!({"name": "body", "send": "s", "new": "n", "type": "t", "clone": "c", "default": "d"})
    );
    assert_eq!(body(8), json!({"name": "whole"}));
    assert_eq!(reserved_names::operation::ALL.len(), 8);
}

#[tokio::test]
async fn operations_of_one_name_have_their_paths_in_it() {
    let changed =
        ["a", "b", "c", "d", "e-f", "e~1f", "g", "h", "Rooms", "v1~1Rooms", "keys", "keys"];
    let methods = ["get", "get", "get", "get", "get", "get", "get", "get", "post", "post", "get"];
    let methods = methods.into_iter().chain(["delete"]);
    let places: Vec<_> = changed
        .iter()
        .zip(methods)
        .map(|(path, method)| format!("/paths/~1{path}/{method}"))
        .collect();
    let places: Vec<_> = places.iter().map(|place| ("names", place.as_str())).collect();
    recorded("equal_operations", &places);
    let server = Server::answering(204, "").await;
    let api = equal_operations::Api::new(&server.client());
    api.create_room_rooms().send().await.unwrap();
    api.create_room_v1_rooms().send().await.unwrap();
    api.keys_get_keys().send().await.unwrap();
    api.keys_delete_keys().send().await.unwrap();
    api.get_2fa_a().send().await.unwrap();
    api.get2fa_b().send().await.unwrap();
    api.new_c().send().await.unwrap();
    api.new_operation_d().send().await.unwrap();
    api.signs_get_e_f2().send().await.unwrap();
    api.signs_get_e_f3().send().await.unwrap();
    api.given().send().await.unwrap();
    api.given_h().send().await.unwrap();
    let seen = server.seen();
    let targets: Vec<_> =
        seen.iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect();
    assert_eq!(
        targets,
        [
            "POST /Rooms",
            "POST /v1/Rooms",
            "GET /keys",
            "DELETE /keys",
            "GET /a",
            "GET /b",
            "GET /c",
            "GET /d",
            "GET /e-f",
            "GET /e/f",
            "GET /g",
            "GET /h",
        ]
    );
}

#[tokio::test]
async fn a_server_has_the_defaults_of_its_variables() {
    recorded("server_variables", &[("servers", "/servers/0/url")]);
    let endpoint = output("server_variables").api.server.endpoint;
    assert_eq!(endpoint.as_deref(), Some("https://eu.example.com:8443/v1"));
    let server = Server::answering(204, "").await;
    server_variables::Api::new(&server.client()).a().send().await.unwrap();
    assert_eq!(server.only().target, "/a");
}

#[tokio::test]
async fn equal_names_are_told_apart() {
    let answer_at = "/paths/~1names/get/responses/200/content/application~1json/schema/properties";
    recorded(
        "equal_names",
        &[
            ("names", "/paths/~1names/get"),
            ("names", "/paths/~1names/get"),
            ("names", "/components/schemas/ApiKey"),
            ("names", "/components/schemas/ApiKey"),
            ("names", "/components/schemas/api_key"),
            ("open-enums", &format!("{answer_at}/kind")),
            ("open-enums", &format!("{answer_at}/operator")),
            ("open-enums", &format!("{answer_at}/state")),
        ],
    );
    use equal_names::types::{
        GetNamesResponseKind as Kind, GetNamesResponseOperator as Operator,
        GetNamesResponseState as State, GetThingResponse, GetThingResponse2, GetTitlesResponse,
    };
    let server = Server::start(|_| {
        super::json(
            r#"{"first": {"foo-bar": "1", "fooBar": "2", "foo_bar": "3", "größe": "4"},
                "second": {"id": 5}, "kind": "foo", "operator": "<=", "state": "Unknown"}"#,
        )
    })
    .await;
    let api = equal_names::Api::new(&server.client());
    // In the order of places and then of names on the wire.
    let call = api.get_names().page_size(1).page_size2(2).page_size3(3);
    let names = call.send().await.unwrap().into_inner();
    let first = names.first.unwrap();
    assert_eq!(
        [first.foo_bar, first.foo_bar2, first.foo_bar3, first.gr_e].map(Option::unwrap),
        ["1", "2", "3", "4"]
    );
    assert_eq!(names.second.unwrap().id, Some(5));
    assert_eq!(names.kind, Some(Kind::Foo3));
    assert_eq!(names.operator, Some(Operator::LessEqual));
    assert_eq!(names.state, Some(State::Unknown2));
    let seen = server.only();
    let query = seen.target.strip_prefix("/names?").unwrap();
    assert_eq!(pairs(query), owned(&[("page-size", "1"), ("page_size", "2")]));
    assert_eq!(seen.header("pagesize").as_deref(), Some("3"));

    assert_eq!([Kind::from("FOO"), Kind::from("Foo")], [Kind::Foo, Kind::Foo2]);
    assert_eq!([Operator::from(""), Operator::from("!=")], [Operator::Empty, Operator::NotEqual]);
    assert_eq!([Operator::from("<"), Operator::from("=")], [Operator::Less, Operator::Equal]);
    assert_eq!([State::from("1"), State::from("Self")], [State::X1, State::Self_]);
    assert_eq!([State::from("a b"), State::from("a-b")], [State::AB, State::AB2]);
    assert_eq!(State::from("unknown"), State::Unknown("unknown".into()));

    // The component keeps its name.
    assert_eq!(round_trip::<GetThingResponse>(&json!({"id": "a"})), json!({"id": "a"}));
    let nested = json!({"component": {"id": "a"}});
    assert_eq!(round_trip::<GetThingResponse2>(&nested), nested);
    let titles = json!({"a": {"x": "1"}, "b": {"y": 2}});
    assert_eq!(round_trip::<GetTitlesResponse>(&titles), titles);
}

#[tokio::test]
async fn operations_get_names_that_are_free() {
    recorded(
        "operation_ids",
        &[
            ("operation-ids", "/paths/~1v1~1keys~1{id}/delete"),
            ("operation-ids", "/paths/~1v1~1keys~1{id}/get"),
        ],
    );
    assert_eq!(
        output("operation_ids").api.server.endpoint.as_deref(),
        Some("https://example.com/base")
    );
    let server = Server::start(|seen| match seen.target.as_str() {
        "/c" => answer(202, &[], "\"later\""),
        _ => answer(204, &[], ""),
    })
    .await;
    let api = operation_ids::Api::new(&server.client());
    api.get_v1_keys_id("a").send().await.unwrap();
    api.delete_v1_keys_id("a").send().await.unwrap();
    let checked = api.check().send().await.unwrap().into_inner();
    let expected = operation_ids::request::CheckSuccessValue::Status202("later".to_owned());
    assert_eq!(checked, expected);
    api.check_success().send().await.unwrap();
    api.touch().send().await.unwrap();
    api.touch().body("b").send().await.unwrap();
    api.touch_bodyless().send().await.unwrap();
    api.make("a").send().await.unwrap();
    api.make_with_body().send().await.unwrap();
    let body = operation_ids::types::MakeRequest::new("b");
    api.make_with_body2(body).send().await.unwrap();
    let seen = server.seen();
    let calls: Vec<_> = seen
        .iter()
        .map(|seen| {
            format!("{} {} {}", seen.method, seen.target, String::from_utf8_lossy(&seen.body))
        })
        .collect();
    assert_eq!(
        calls,
        [
            "GET /v1/keys/a ",
            "DELETE /v1/keys/a ",
            "GET /c ",
            "GET /d ",
            "POST /e ",
            "POST /e b",
            "POST /f ",
            "POST /g {\"a\":\"a\"}",
            "POST /h ",
            "POST /g {\"a\":\"b\"}",
        ]
    );
}

#[tokio::test]
async fn types_may_have_the_names_of_the_standard_library() {
    recorded(
        "rust_names",
        &[("open-enums", "/components/schemas/Error"), ("unions", "/components/schemas/Into")],
    );
    use rust_names::types;
    let server =
        Server::start(|_| super::json(r#"{"box": {"a": "1", "b": [2]}, "error": "None"}"#)).await;
    let api = rust_names::Api::new(&server.client());
    let call =
        api.option(types::Box::default()).error(types::Error::Ok).into(types::Into::from("x"));
    let call = call.option(types::Option::new().clone("c").eq("e").fmt("f").into("i"));
    let result: types::Result = call.send().await.unwrap().into_inner();
    assert_eq!(result.box_.extra["b"], json!([2]));
    assert_eq!(result.error, Some(types::Error::None));
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({
            "box": {}, "error": "Ok", "into": "x",
            "option": {"clone": "c", "eq": "e", "fmt": "f", "into": "i"},
        })
    );
    let all = json!({
        "box": {}, "default": {"a": "1"}, "secret": {"a": "2"}, "some": {"a": "3"},
        "string": {"a": "4"}, "value": {"a": 5}, "vec": [{"a": ["6"]}], "self": {"a": "7"},
        "json_schema": {"a": "8"},
    });
    assert_eq!(round_trip::<types::Result>(&all), all);
}

#[tokio::test]
async fn a_document_can_give_names() {
    let schema = "/paths/~1things/put/requestBody/content/application~1json/schema/properties";
    recorded(
        "given_names",
        &[
            ("names", "/components/schemas/RetrictActions"),
            ("names", "/paths/~1things/put"),
            ("open-enums", "/components/schemas/RetrictActions"),
            ("open-enums", &format!("{schema}/list")),
            ("open-enums", &format!("{schema}/read")),
        ],
    );
    use given_names::types::{Owner, RestrictActions, RestrictThingsRequestWhole, Visibility};
    let server = Server::answering(204, "").await;
    let api = given_names::Api::new(&server.client());
    let call = api.restrict_things().create(RestrictActions::NotSet).read(Visibility::All);
    let call = call.list(Visibility::None).owner(Owner::new().id("o"));
    call.whole(RestrictThingsRequestWhole::new().a("a").b("b")).send().await.unwrap();
    assert_eq!(
        serde_json::from_slice::<Value>(&server.only().body).unwrap(),
        json!({
            "create": "NOT_SET", "read": "ALL", "list": "NONE", "owner": {"id": "o"},
            "whole": {"a": "a", "b": "b"},
        })
    );
    assert_eq!(given_names::operation::RESTRICT_THINGS.id, "RetrictThings");
}

#[tokio::test]
async fn what_ibm_adds_to_openapi_does_no_harm() {
    recorded("ibm_style", &[("callbacks", "/paths/~1v2~1policies~1{id}/put/responses/204/links")]);
    let server = Server::answering(204, "").await;
    let api = ibm_style::Api::new(&server.client());
    api.replace_v2_policy("p").name("n").send().await.unwrap();
    assert_eq!(server.only().target, "/v2/policies/p");
    let operation = &ibm_style::operation::REPLACE_V2_POLICY;
    assert_eq!(operation.tag, "v2/Policies");
    let actions: Vec<_> = operation.actions.iter().map(|a| (a.name, a.when)).collect();
    assert_eq!(
        actions,
        [
            ("things.policy.update", None),
            ("things.policy.manage", Some("scope='account'")),
            ("things.policy.own", Some("for your own")),
            ("things.policy.assign", Some("it is assigned")),
            ("(odd", None),
        ]
    );
    // What is inferred does not count beside what is stated.
    let events: Vec<_> = operation.events.iter().map(|e| (e.name, e.when, e.inferred)).collect();
    assert_eq!(
        events,
        [("things.policy.update", Some("Which one depends on the policy."), false),]
    );
    let read = ibm_style::operation::GET_V2_POLICY.actions[0];
    assert_eq!((read.name, read.when), ("things.policy.read", Some("Only for others.")));
}
