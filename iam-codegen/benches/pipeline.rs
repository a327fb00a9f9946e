//! How long each stage takes on the vendored documents.

use std::{fs, hint::black_box, path::Path};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use iam_codegen::{
    Adaptations, Document, Limits, Settings, adapt, downconvert, generate, overlay,
    sources::Sources, surface,
};

fn stages(criterion: &mut Criterion) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    let sources = Sources::load(&directory).expect("the manifest is part of the checkout");
    for (service, source) in sources.client() {
        let mut group = criterion.benchmark_group(service);
        group.sample_size(20);
        let bytes = fs::read(directory.join(&source.file)).expect("so are the documents");
        let name = source.file.display().to_string();
        let load = || Document::parse(&*name, &bytes, &Limits::default()).expect("it parses");
        let overlays = sources.overlays(source).expect("overlays parse");
        group.bench_function("load", |b| b.iter(|| black_box(load())));
        let document = load();
        group.bench_function("overlay", |b| {
            let apply = |document| overlay::apply(document, &overlays).expect("overlays apply");
            b.iter_batched(|| document.clone(), apply, BatchSize::LargeInput);
        });
        let (document, _) = overlay::apply(document, &overlays).expect("overlays apply");
        let (_, value) = document.into_parts();
        let convert = |mut value| {
            let mut record = Adaptations::new();
            downconvert::downconvert(&mut value, &mut record);
            adapt::adapt(&name, value, &mut record).expect("it can be generated")
        };
        group.bench_function("downconvert and adapt", |b| {
            b.iter_batched(|| value.clone(), convert, BatchSize::LargeInput);
        });
        let api = convert(value);
        let settings = Settings::for_service(service);
        let generate = || generate::generate(&name, &api, &settings).expect("it generates");
        group.bench_function("generate", |b| b.iter(|| black_box(generate())));
        let module = generate();
        group.bench_function("surface", |b| b.iter(|| black_box(surface::surface(&module))));
        group.finish();
    }
}

/// A 3.1 document, so that there is something to convert.
fn real_document(criterion: &mut Criterion) {
    let Some(directory) = std::env::var_os("IAM_EXTRA_DOCUMENTS") else {
        eprintln!("skipped: IAM_EXTRA_DOCUMENTS is not set, so there is no ibm-cloud-iam.yml");
        return;
    };
    // Benches run in the directory of the package, the variable is of the workspace's.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path = root.join(directory).join("ibm-cloud-iam.yml");
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    criterion.bench_function("upstream 3.1 YAML, whole", |b| {
        b.iter(|| {
            let document = Document::parse("upstream.yml", &bytes, &Limits::default());
            iam_codegen::run(document.expect("it parses"), &[], &Settings::new("Api"))
        });
    });
}

fn whole(criterion: &mut Criterion) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi");
    let sources = Sources::load(directory).expect("the manifest is part of the checkout");
    let mut group = criterion.benchmark_group("all services");
    group.sample_size(10);
    let one = |service: &str, source| {
        let document = sources.document(source).expect("it parses");
        let overlays = sources.overlays(source).expect("overlays parse");
        iam_codegen::run(document, &overlays, &Settings::for_service(service)).expect("it runs")
    };
    group.bench_function("one after the other", |b| {
        b.iter(|| {
            for (service, source) in sources.client() {
                black_box(one(service, source));
            }
        });
    });
    // As the build script of iam-client does it.
    group.bench_function("a thread each", |b| {
        b.iter(|| {
            std::thread::scope(|scope| {
                for (service, source) in sources.client() {
                    scope.spawn(move || black_box(one(service, source)));
                }
            })
        });
    });
    group.finish();
}

criterion_group!(benches, stages, real_document, whole);
criterion_main!(benches);
