//! How long it takes to compare the vendored documents with themselves and with
//! a changed version, and how long to generate both sides besides.

use std::{fs, hint::black_box, path::Path};

use criterion::{Criterion, criterion_group, criterion_main};
use iam_codegen::{
    Document, Limits, Settings,
    compare::{Options, compare},
    sources::Sources,
};
use serde_json::{Value, json};

/// One property more in every schema that has some.
fn grow(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(grow);
            if let Some(Value::Object(properties)) = map.get_mut("properties")
                && properties.values().all(Value::is_object)
            {
                properties.insert("added_by_bench".into(), json!({"type": "string"}));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(grow),
        _ => {}
    }
}

fn documents(criterion: &mut Criterion) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    let sources = Sources::load(&directory).expect("the manifest is part of the checkout");
    let load = |name: &str, bytes: &[u8]| {
        Document::parse(name, bytes, &Limits::default()).expect("it parses")
    };
    let mut pairs = Vec::new();
    for (service, source) in sources.client() {
        let bytes = fs::read(directory.join(&source.file)).expect("so are the documents");
        let old = load("old.json", &bytes);
        let mut value = old.value().clone();
        grow(&mut value);
        let new = load("new.json", value.to_string().as_bytes());
        pairs.push((service.to_owned(), old, new));
    }
    let mut group = criterion.benchmark_group("compare all services");
    group.sample_size(20);
    group.bench_function("with themselves", |b| {
        b.iter(|| {
            for (_, old, _) in &pairs {
                let sides = (std::slice::from_ref(old), std::slice::from_ref(old));
                black_box(compare(sides.0, sides.1, &Options::default()).expect("it compares"));
            }
        });
    });
    group.bench_function("with a property more in every schema", |b| {
        b.iter(|| {
            for (_, old, new) in &pairs {
                let sides = (std::slice::from_ref(old), std::slice::from_ref(new));
                black_box(compare(sides.0, sides.1, &Options::default()).expect("it compares"));
            }
        });
    });
    group.sample_size(10);
    group.bench_function("so changed, and generated", |b| {
        b.iter(|| {
            for (service, old, new) in &pairs {
                let options = Options::with_surface(Settings::for_service(service));
                let sides = (std::slice::from_ref(old), std::slice::from_ref(new));
                black_box(compare(sides.0, sides.1, &options).expect("it compares"));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, documents);
criterion_main!(benches);
