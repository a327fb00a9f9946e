//! The operations, by the first word of their path.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use syn::{Expr, ExprStruct, Item, ItemEnum, ItemStruct, ReturnType, Visibility};

use super::{
    Area,
    tidy::{self, Methods},
};

pub(super) fn areas(
    items: &[Item],
    request: &[Item],
    operation: &[Item],
) -> Result<Vec<Area>, String> {
    let service = structs(items).next().ok_or("has no service struct")?;
    let entries = entries(operation);
    let mut areas: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let own = Methods::of(items);
    let request = Requests::of(request);
    for method in
        own.of_type(&service.ident.to_string()).iter().filter(|method| method.sig.ident != "new")
    {
        let name = method.sig.ident.to_string();
        let operation = name.rsplit_once("_with_body").map_or(&*name, |(operation, _)| operation);
        let entry = entries.get(&name.to_uppercase()).or(entries.get(&operation.to_uppercase()));
        let entry = entry.ok_or_else(|| format!("has no entry for `{name}`"))?;
        let builder = match &method.sig.output {
            ReturnType::Type(_, type_) => tidy::type_(type_).replace("request::", ""),
            ReturnType::Default => String::new(),
        };
        let whole = !entries.contains_key(&name.to_uppercase());
        let listing = if whole {
            let arguments = signature(method);
            format!("{name}({arguments})\n")
        } else {
            describe(method, entry, &request, &builder)?
        };
        let path = field(entry, "path").unwrap_or_default();
        areas.entry(collection(&path)).or_default().insert(name, listing);
    }
    let area = |(collection, methods): (String, BTreeMap<String, String>)| Area {
        name: format!("operations/{collection}"),
        listing: methods.into_values().collect::<Vec<_>>().join("\n"),
    };
    Ok(areas.into_iter().map(area).collect())
}

/// The first segment of a path that names something, as a file name: neither a
/// version nor a parameter. Unlike the tags of an operation, its path lasts.
pub(super) fn collection(path: &str) -> String {
    let path = path.split(['#', '?']).next().unwrap_or_default();
    let literals = path.split('/').filter_map(|segment| segment.split('{').next());
    let mut names = literals.filter(|literal| !literal.is_empty() && !is_version(literal));
    tidy::slug(names.next().unwrap_or_default())
}

/// Returns whether a segment of a path is a version, such as `v2` or `v1beta1`.
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
}

/// The items in the module of requests, by name.
struct Requests<'a> {
    structs: BTreeMap<String, &'a ItemStruct>,
    enums: BTreeMap<String, &'a ItemEnum>,
    methods: Methods<'a>,
}

impl<'a> Requests<'a> {
    fn of(items: &'a [Item]) -> Self {
        let enums = items.iter().filter_map(|item| match item {
            Item::Enum(item) => Some((item.ident.to_string(), item)),
            _ => None,
        });
        Self {
            structs: structs(items).map(|item| (item.ident.to_string(), item)).collect(),
            enums: enums.collect(),
            methods: Methods::of(items),
        }
    }
}

fn structs(items: &[Item]) -> impl Iterator<Item = &ItemStruct> {
    items.iter().filter_map(|item| match item {
        Item::Struct(item) if matches!(item.vis, Visibility::Public(_)) => Some(item),
        _ => None,
    })
}

/// The statics of the table, by name.
fn entries(operation: &[Item]) -> BTreeMap<String, &ExprStruct> {
    let statics = operation.iter().filter_map(|item| match item {
        Item::Static(item) => match &*item.expr {
            Expr::Struct(fields) => Some((item.ident.to_string(), fields)),
            _ => None,
        },
        _ => None,
    });
    statics.collect()
}

fn value<'a>(entry: &'a ExprStruct, name: &str) -> Option<&'a Expr> {
    let field = entry
        .fields
        .iter()
        .find(|field| matches!(&field.member, syn::Member::Named(member) if member == name));
    field.map(|field| &field.expr)
}

fn field(entry: &ExprStruct, name: &str) -> Option<String> {
    let value = value(entry, name)?;
    Some(tidy::string(value).unwrap_or_else(|| match value {
        Expr::Call(call) => call.args.first().and_then(tidy::string).unwrap_or_default(),
        other => tidy::type_(other).replace("&[", "[").replace("[]", ""),
    }))
}

/// The entries of a list of structs, one line each.
fn list(entry: &ExprStruct, name: &str) -> Vec<String> {
    let Some(Expr::Reference(reference)) = value(entry, name) else { return Vec::new() };
    let Expr::Array(array) = &*reference.expr else { return Vec::new() };
    let lines = array.elems.iter().filter_map(|element| match element {
        Expr::Struct(element) => {
            let mut line = field(element, "name")?;
            // When an event is caused is prose, which nobody depends on.
            let condition = (name == "actions").then(|| field(element, "when")).flatten();
            if let Some(when) = condition.filter(|when| !when.contains("None")) {
                let _ = write!(line, " when {when}");
            }
            if field(element, "inferred").as_deref() == Some("true") {
                line.push_str(" (inferred)");
            }
            Some(line)
        }
        _ => None,
    });
    lines.collect()
}

fn signature(method: &syn::ImplItemFn) -> String {
    let arguments = tidy::arguments(method);
    arguments.iter().map(|(name, type_)| format!("{name}: {type_}")).collect::<Vec<_>>().join(", ")
}

/// The variants of an enum that stands beside the requests: of what a success
/// returns, where its statuses return different things.
fn variants(request: &Requests<'_>, name: &str) -> Vec<String> {
    let shown = |variant: &syn::Variant| match variant.fields.iter().next() {
        Some(content) => format!("{}({})", variant.ident, tidy::type_(&content.ty)),
        None => variant.ident.to_string(),
    };
    request.enums.get(name).into_iter().flat_map(|item| &item.variants).map(shown).collect()
}

/// What the stream that `name` returns gives.
fn stream(methods: &[&syn::ImplItemFn], name: &str) -> Option<String> {
    let method = methods.iter().find(|method| method.sig.ident == name)?;
    let ReturnType::Type(_, output) = &method.sig.output else { return None };
    let output = tidy::type_(output);
    let (_, value) = output.strip_suffix('>')?.split_once('<')?;
    Some(value.to_owned())
}

fn describe(
    method: &syn::ImplItemFn,
    entry: &ExprStruct,
    request: &Requests<'_>,
    builder: &str,
) -> Result<String, String> {
    let holder = request.structs.get(builder);
    let holder = holder.ok_or_else(|| format!("has no request `{builder}`"))?;
    let place = |attributes: &[syn::Attribute]| {
        let docs = tidy::docs(attributes);
        let (place, name) = docs.split_once(' ')?;
        Some(format!("{place} {}", name.trim_matches('`').trim()))
    };
    let on_wire = |name: &str| {
        let field = holder.fields.iter().find(|f| f.ident.as_ref().is_some_and(|i| i == name));
        place(&field?.attrs)
    };
    let get = |name: &str| field(entry, name).unwrap_or_default();
    let mut out = format!("{}({})\n", method.sig.ident, signature(method));
    let setters = request.methods.of_type(builder);
    if let Some(send) = setters.iter().find(|setter| setter.sig.ident == "send")
        && let ReturnType::Type(_, output) = &send.sig.output
    {
        let output = tidy::type_(output);
        let value =
            output.strip_prefix("Result<Response<").and_then(|o| o.strip_suffix(">, Error>"));
        let value = value.unwrap_or(&output);
        let _ = writeln!(out, "  -> {value}");
        for variant in variants(request, value) {
            let _ = writeln!(out, "     {variant}");
        }
    }
    let _ = writeln!(out, "  {} {}", get("method"), get("path"));
    for (name, skip) in [("content_type", "None"), ("accept", "None"), ("success", "")] {
        let text = get(name);
        if !text.is_empty() && !text.ends_with("Option::None") && text != skip {
            let _ = writeln!(out, "  {} {text}", name.replace('_', "-"));
        }
    }
    if let [Some(page), Some(item)] = ["pages", "items"].map(|name| stream(setters, name)) {
        let _ = writeln!(out, "  pages {page}, items {item}");
    }
    for name in ["send_text", "send_bytes"] {
        if setters.iter().any(|setter| setter.sig.ident == name) {
            let _ = writeln!(out, "  or {name}");
        }
    }
    for (flag, shown) in [
        ("idempotent", "idempotent"),
        // Whoever reviews a change must see it.
        ("anonymous", "ANONYMOUS: sent without credentials"),
        ("deprecated", "deprecated"),
    ] {
        if get(flag) == "true" {
            let _ = writeln!(out, "  {shown}");
        }
    }
    for (label, name) in [("needs", "actions"), ("causes", "events")] {
        for line in list(entry, name) {
            let _ = writeln!(out, "  {label} {line}");
        }
    }
    for (name, _) in tidy::arguments(method) {
        let place = on_wire(&name).unwrap_or_else(|| "body".to_owned());
        let _ = writeln!(out, "  {name} = {place}");
    }
    for (name, constant) in request.methods.constants(builder) {
        let place = place(&constant.attrs).unwrap_or_default();
        let _ = writeln!(out, "  {name} = {place}, always {}", tidy::type_(&constant.expr));
    }
    let mut lines = Vec::new();
    // What they do is listed above, or the same for all (`with`).
    let own = ["send", "send_raw", "send_text", "send_bytes", "with", "pages", "items"];
    for setter in setters.iter().filter(|setter| own.iter().all(|name| setter.sig.ident != name)) {
        let name = setter.sig.ident.to_string();
        let place = on_wire(&name).unwrap_or_else(|| "body".to_owned());
        let deprecated = if tidy::is_deprecated(&setter.attrs) { ", deprecated" } else { "" };
        let type_ = tidy::arguments(setter).pop().map(|(_, type_)| type_).unwrap_or_default();
        lines.push(format!("  .{name}({type_}) = {place}{deprecated}\n"));
    }
    lines.sort();
    out.extend(lines);
    Ok(out)
}
