//! No generated type prints a secret that it holds.

use iam_codegen::{
    Settings,
    api::{Api, Shape, Type},
    sources::Sources,
};
use iam_tests::schemas;
use serde_json::{Map, Value, json};

use crate::workspace;

/// Stands in every secret.
const SECRET: &str = "s3cret-of-tests";
/// How deep samples go; types may hold themselves.
const DEPTH: usize = 6;

/// A value with all fields, and a secret wherever there can be one.
fn sample(api: &Api, type_: &Type, depth: usize) -> Value {
    match type_ {
        Type::Named(name) => match &api.types[name].shape {
            Shape::Struct { fields, .. } => {
                let fields = fields.iter().filter(|field| field.required || depth > 0);
                let fields = fields.map(|field| {
                    (field.wire.clone(), sample(api, &field.type_, depth.saturating_sub(1)))
                });
                Value::Object(fields.collect::<Map<_, _>>())
            }
            Shape::Enum { values } => json!(values[0].0),
            Shape::Union { variants, .. } => sample(api, &variants[0].type_, depth),
        },
        Type::Secret => json!(SECRET),
        Type::SecretJson => json!({"keys": [{"value": SECRET}]}),
        Type::String => json!("text"),
        Type::Timestamp => json!("2020-09-28T17:49+0000"),
        Type::ETag => json!("\"1\""),
        Type::Boolean => json!(true),
        Type::Integer(_) => json!(7),
        Type::Number => json!(0.5),
        Type::List(_) if depth == 0 => json!([]),
        Type::List(item) => json!([sample(api, item, depth - 1)]),
        Type::Map(_) if depth == 0 => json!({}),
        Type::Map(item) => json!({"key": sample(api, item, depth - 1)}),
        Type::Any => json!({"any": 1}),
        Type::File => json!("file"),
        Type::Nullable(inner) | Type::Boxed(inner) => sample(api, inner, depth),
    }
}

#[test]
fn generated_types_do_not_print_their_secrets() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let modules = schemas::all();
    let mut holding = 0;
    for (service, source) in sources.client() {
        let (document, overlays) =
            (sources.document(source).unwrap(), sources.overlays(source).unwrap());
        let api =
            iam_codegen::run(document, &overlays, &Settings::for_service(service)).unwrap().api;
        let module = modules.iter().find(|module| module.document == source.name).unwrap();
        assert_eq!(module.types.len(), api.types.len());
        for type_ in &module.types {
            let sample = sample(&api, &Type::Named(type_.name.to_owned()), DEPTH);
            let (shown, sent) = (type_.show)(sample)
                .unwrap_or_else(|error| panic!("{service} {}: {error}", type_.name));
            assert!(!shown.contains(SECRET), "{service} {}: {shown}", type_.name);
            // It was there to be shown.
            holding += usize::from(sent.to_string().contains(SECRET));
        }
    }
    assert!(holding > 0);
}
