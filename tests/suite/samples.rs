//! Values and calls made up from a model, for clients that did not exist when
//! the test was written.

use std::fmt::Write as _;

use http_body_util::Full;
use iam_codegen::{
    Settings,
    api::{Api, Encoding, Field, Operation, Shape, Type},
};
use serde_json::{Map, Value, json};

use crate::server::{Answer, Seen, answer};

/// A value of `type_` with its required fields.
pub(crate) fn value(api: &Api, type_: &Type) -> Value {
    match type_ {
        Type::Named(name) => match &api.types[name].shape {
            Shape::Struct { fields, .. } => {
                let required = fields.iter().filter(|field| field.required && !field.nullable);
                let fields = required.map(|field| (field.wire.clone(), value(api, &field.type_)));
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Shape::Enum { values } => json!(values[0].0),
            Shape::Union { variants, .. } => value(api, &variants[0].type_),
        },
        Type::String => json!("text"),
        Type::Timestamp => json!("2020-09-28T17:49+0000"),
        Type::Secret => json!("secret"),
        Type::SecretJson => json!({"key": "secret"}),
        Type::ETag => json!("\"1\""),
        Type::Boolean => json!(true),
        Type::Integer(_) => json!(7),
        Type::Number => json!(0.5),
        Type::List(item) => json!([value(api, item)]),
        Type::Map(item) => json!({"key": value(api, item)}),
        Type::Any => json!({"any": 1}),
        Type::File => json!("file"),
        Type::Nullable(_) => Value::Null,
        Type::Boxed(inner) => value(api, inner),
    }
}

/// A Rust expression for an argument of `type_`.
fn argument(api: &Api, type_: &Type) -> String {
    match type_ {
        Type::String | Type::Timestamp | Type::Secret | Type::ETag | Type::File => {
            "\"text\"".to_owned()
        }
        Type::Boolean => "true".to_owned(),
        Type::Integer(_) => "7".to_owned(),
        Type::Number => "0.5".to_owned(),
        Type::List(item) => format!("[{}]", argument(api, item)),
        Type::Nullable(_) => "None".to_owned(),
        Type::Named(name) if matches!(api.types[name].shape, Shape::Enum { .. }) => {
            "\"text\"".to_owned()
        }
        Type::Named(name) => {
            let text = value(api, type_).to_string();
            format!("serde_json::from_str::<api::types::{name}>({text:?}).unwrap()")
        }
        Type::Map(_) | Type::SecretJson | Type::Any | Type::Boxed(_) => {
            format!("serde_json::from_str({:?}).unwrap()", value(api, type_).to_string())
        }
    }
}

/// The required fields of a body that is flattened.
fn flattened<'a>(api: &'a Api, operation: &'a Operation) -> Option<Vec<&'a Field>> {
    let body = operation.body.as_ref()?;
    let (Some(_), Type::Named(name)) = (&body.flattened, &body.type_) else { return None };
    let Shape::Struct { fields, .. } = &api.types[name].shape else { return None };
    let given = |field: &&Field| field.required && field.constant.is_none();
    Some(fields.iter().filter(given).collect())
}

/// A call of `operation` with what it requires, up to and without `.send()`.
pub(crate) fn call(api: &Api, operation: &Operation) -> String {
    let required = operation.parameters.iter().filter(|parameter| parameter.is_argument());
    let mut arguments: Vec<_> = required.map(|p| argument(api, &p.type_)).collect();
    if let Some(body) = operation.body.as_ref().filter(|body| body.required) {
        match flattened(api, operation) {
            Some(fields) => arguments.extend(fields.iter().map(|f| argument(api, &f.type_))),
            None if matches!(body.encoding, Encoding::Text | Encoding::Bytes) => {
                arguments.push("\"text\"".to_owned());
            }
            None => arguments.push(argument(api, &body.type_)),
        }
    }
    format!("{}({})", operation.name, arguments.join(", "))
}

/// A program that calls every operation of the crate `name` at the address it
/// is given, and prints `ok` or `failed` with the name of each.
pub(crate) fn program(api: &Api, name: &str) -> String {
    let service = Settings::for_service(name).client;
    let mut text = format!(
        "use {name}::{{Client, api}};\n\n#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {{\n    \
         let endpoint = std::env::args().nth(1).unwrap();\n    \
         let client = Client::builder().endpoint(endpoint).bearer_token(\"token\").build().unwrap();\n    \
         let service = api::{service}::new(&client);\n"
    );
    for operation in &api.operations {
        let (call, name) = (call(api, operation), &operation.name);
        writeln!(text, "    match service.{call}.send().await {{").unwrap();
        writeln!(text, "        Ok(_) => println!(\"ok {name}\"),").unwrap();
        writeln!(text, "        Err(error) => println!(\"failed {name}: {{error}}\"),\n    }}")
            .unwrap();
    }
    text.push_str("}\n");
    text
}

/// The operation that a request is for: fixed segments before variables.
pub(crate) fn operation<'a>(api: &'a Api, seen: &Seen) -> Option<&'a Operation> {
    let path = seen.target.split('?').next().unwrap();
    let candidates = api.operations.iter().filter(|operation| {
        let mut given = path.split('/');
        operation.method == seen.method
            && operation.template().split('/').all(|segment| {
                given.next().is_some_and(|given| segment.starts_with('{') || segment == given)
            })
            && given.next().is_none()
    });
    candidates.min_by_key(|operation| operation.path.matches('{').count())
}

/// What a service would answer: the first documented success.
pub(crate) fn reply(api: &Api, seen: &Seen) -> Answer {
    let Some(operation) = operation(api, seen) else { return answer(404, &[], "") };
    let (status, content) = &operation.success.replies[0];
    let status = if *status == 0 { 200 } else { *status };
    let Some(content) = content else { return answer(status, &[], "") };
    let body = match content.encoding {
        Encoding::Json => value(api, &content.type_).to_string(),
        _ => "text".to_owned(),
    };
    let mut reply = answer(status, &[("content-type", &content.media_type)], "");
    *reply.body_mut() = Full::new(body.into());
    reply
}
