fn main() {
    let a: Vec<String> = std::env::args().collect();
    let t = std::time::Instant::now();
    let d = match iam_codegen::Document::parse(
        &a[1],
        &std::fs::read(&a[1]).unwrap(),
        &Default::default(),
    ) {
        Ok(d) => d,
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    };
    eprintln!("load {:?}", t.elapsed());
    let overlays: Vec<_> = a[4..]
        .iter()
        .map(|f| iam_codegen::Overlay::parse(f, &std::fs::read(f).unwrap()).unwrap())
        .collect();
    let t = std::time::Instant::now();
    match iam_codegen::run(d, &overlays, &iam_codegen::Settings::new(&a[2])) {
        Ok(o) => {
            eprintln!(
                "{:?} ops {} types {} adaptations {} lines {}",
                t.elapsed(),
                o.operations,
                o.types,
                o.adaptations.len(),
                o.source.lines().count()
            );
            let t = std::time::Instant::now();
            let areas = iam_codegen::surface::surface(&o.source).unwrap();
            eprintln!("surface {:?}", t.elapsed());
            std::fs::write(&a[3], &o.source).unwrap();
            let mut s = String::new();
            for x in areas {
                s += &format!("==== {}\n{}\n", x.name, x.listing);
            }
            std::fs::write(format!("{}.surface", a[3]), s).unwrap();
            std::fs::write(
                format!("{}.adapt", a[3]),
                o.adaptations.iter().map(|a| format!("{a}\n")).collect::<String>(),
            )
            .unwrap();
        }
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    }
}
