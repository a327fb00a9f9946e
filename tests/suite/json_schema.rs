//! The JSON Schema of every generated type against the schema that it came
//! from. The comparison reads both by rules of its own, so that it notices what
//! the adaptation gets wrong.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use iam_codegen::{
    Adaptations, Document, Limits, Settings,
    adapt::inline_references,
    api::{Api, TypeDefinition},
    downconvert::downconvert,
    overlay,
    sources::Sources,
};
use iam_tests::schemas;
use serde_json::Value;

use crate::workspace;

/// What a document and its client are compared by.
struct Source {
    /// The document in 3.0.3, references to all but schemas put in place.
    document: Value,
    api: Api,
    adaptations: Vec<iam_codegen::Adaptation>,
}

fn source(document: Document, overlays: &[overlay::Overlay]) -> Source {
    let output = iam_codegen::run(document.clone(), overlays, &Settings::new("Api")).unwrap();
    let (document, _) = overlay::apply(document, overlays).unwrap();
    let (_, mut document) = document.into_parts();
    let mut record = Adaptations::new();
    downconvert(&mut document, &mut record);
    inline_references(&mut document, &mut record);
    Source { document, api: output.api, adaptations: output.adaptations }
}

impl Source {
    fn at(&self, pointer: &str) -> &Value {
        self.document.pointer(pointer).unwrap_or_else(|| panic!("no schema at {pointer}"))
    }

    /// Returns whether a type is of several schemas, at least one of them a component, or
    /// in one that is. It has no place of its own to be compared with.
    fn is_composed(&self, pointer: &str) -> bool {
        let Some(schema) = self.document.pointer(pointer) else { return true };
        let members = schema["allOf"].as_array().map_or(&[][..], Vec::as_slice);
        members.len() + usize::from(schema["properties"].is_object()) > 1
            && members.iter().any(|member| member["$ref"].is_string())
    }

    fn is_adapted(&self, pass: &str, pointer: &str) -> bool {
        self.adaptations.iter().any(|a| a.pass == pass && a.pointer == pointer)
    }

    /// Returns whether the type at this place is a struct made of several variants.
    fn is_merged(&self, pointer: &str) -> bool {
        self.adaptations
            .iter()
            .any(|a| a.pass == "unions" && a.pointer == pointer && a.what.starts_with("one struct"))
    }

    /// The tag that the variant at this place was given since it does not
    /// describe it, and whether the place is that of the tag itself.
    fn added_tag(&self, pointer: &str) -> Option<(&str, bool)> {
        self.adaptations.iter().filter(|a| a.pass == "unions").find_map(|adaptation| {
            let tag = adaptation.what.strip_prefix("a variant has `")?.split('`').next()?;
            let rest = pointer.strip_prefix(&adaptation.pointer)?;
            let below: Vec<&str> = rest.split('/').skip(1).collect();
            match below.as_slice() {
                ["oneOf" | "anyOf", _] => Some((tag, false)),
                ["oneOf" | "anyOf", _, "properties", name] if *name == tag => Some((tag, true)),
                _ => None,
            }
        })
    }

    /// The variants of a union, each with its place.
    fn variants<'a>(&'a self, schema: &'a Value, pointer: &str) -> Vec<(&'a Value, String)> {
        let (schema, pointer, _) = self.follow(schema, pointer);
        let key = if schema["oneOf"].is_array() { "oneOf" } else { "anyOf" };
        let members = schema[key].as_array().into_iter().flatten().enumerate();
        members.map(|(index, member)| (member, format!("{pointer}/{key}/{index}"))).collect()
    }

    /// The components that a chain of `allOf` leads from to the one at `pointer`.
    fn extended_by(&self, pointer: &str) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let components = self.document["components"]["schemas"].as_object().into_iter().flatten();
        for (name, schema) in components {
            let at = format!("/components/schemas/{name}");
            for parent in schema["allOf"].as_array().into_iter().flatten() {
                if parent["$ref"].as_str().is_some_and(|parent| &parent[1..] == pointer) {
                    found.extend(self.extended_by(&at));
                    found.extend(self.named(|definition| definition.pointer == at));
                }
            }
        }
        found
    }

    fn named(&self, is: impl Fn(&TypeDefinition) -> bool) -> Option<String> {
        let found = self.api.types.iter().find(|(_, definition)| is(definition));
        found.map(|(name, _)| format!("ref {name}"))
    }

    /// Follows references and lone `allOf`s, gathering `nullable`.
    fn follow<'a>(&'a self, schema: &'a Value, pointer: &str) -> (&'a Value, String, bool) {
        let (mut schema, mut pointer) = (schema, pointer.to_owned());
        let mut nullable = false;
        loop {
            nullable |= schema["nullable"] == true
                || schema["enum"].as_array().is_some_and(|values| values.contains(&Value::Null));
            let alone = schema["allOf"].as_array().filter(|members| members.len() == 1);
            let own_says_more = schema.get("properties").is_some();
            if let Some(reference) = schema["$ref"].as_str() {
                pointer = reference.trim_start_matches('#').to_owned();
                schema = self.at(&pointer);
            } else if let (Some(members), false) = (alone, own_says_more) {
                pointer = format!("{pointer}/allOf/0");
                schema = &members[0];
            } else {
                return (schema, pointer, nullable);
            }
        }
    }

    /// The fields of an object, its `allOf` members' included: schema and place.
    fn fields<'a>(
        &'a self,
        schema: &'a Value,
        pointer: &str,
    ) -> BTreeMap<&'a str, (&'a Value, String)> {
        let (schema, pointer, _) = self.follow(schema, pointer);
        let mut fields = BTreeMap::new();
        for (index, member) in schema["allOf"].as_array().into_iter().flatten().enumerate() {
            fields.extend(self.fields(member, &format!("{pointer}/allOf/{index}")));
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            let token = name.replace('~', "~0").replace('/', "~1");
            fields.insert(name.as_str(), (schema, format!("{pointer}/properties/{token}")));
        }
        fields
    }

    fn required<'a>(&'a self, schema: &'a Value, pointer: &str) -> BTreeSet<&'a str> {
        let (schema, pointer, _) = self.follow(schema, pointer);
        let members = schema["allOf"].as_array().into_iter().flatten();
        let mut required: BTreeSet<&str> =
            members.flat_map(|member| self.required(member, &pointer)).collect();
        let own = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        required.extend(own);
        required
    }

    /// The kind of value of a schema that does not name its type: read off its
    /// values, its parts or its variants.
    fn untyped_signature(
        &self,
        schema: &Value,
        pointer: &str,
        open: &mut Vec<String>,
    ) -> (String, bool) {
        let any = || ("any".to_owned(), false);
        if let Some(values) = schema["enum"].as_array() {
            let all = |is: fn(&Value) -> bool| values.iter().all(|v| v.is_null() || is(v));
            return match () {
                () if values.iter().all(Value::is_null) => any(),
                () if all(Value::is_boolean) => ("boolean".to_owned(), false),
                () if all(|v| v.is_i64() || v.is_u64()) => ("integer int64".to_owned(), false),
                () if all(Value::is_number) => ("number".to_owned(), false),
                () => any(),
            };
        }
        let key = ["allOf", "oneOf", "anyOf"].into_iter().find(|key| schema[*key].is_array());
        let Some((key, members)) = key.and_then(|key| Some((key, schema[key].as_array()?))) else {
            return any();
        };
        let is_null = |member: &Value| {
            member["type"] == "null" || member["enum"] == serde_json::json!([null])
        };
        let null = key != "allOf" && members.iter().any(is_null);
        let mut signatures = BTreeSet::new();
        let mut nullable = false;
        for (index, member) in members.iter().enumerate().filter(|(_, member)| !is_null(member)) {
            let (text, null) =
                self.signature_below(member, &format!("{pointer}/{key}/{index}"), open);
            nullable |= null && key != "allOf";
            // What says nothing of its own takes nothing from the others.
            if text != "any" || key != "allOf" {
                signatures.insert(text);
            }
        }
        let list: Vec<_> = signatures.iter().map(String::as_str).collect();
        match list.as_slice() {
            [only] => ((*only).to_owned(), null || nullable),
            ["integer int64", "number"] if key == "allOf" => ("integer int64".to_owned(), null),
            [_, _, ..] if list.iter().all(|text| text.starts_with("string")) => {
                ("string".to_owned(), null || nullable)
            }
            _ => ("any".to_owned(), null),
        }
    }

    /// The values of an enum: those of all variants, or those that all parts share.
    fn values<'a>(&'a self, schema: &'a Value, pointer: &str) -> BTreeSet<&'a str> {
        let (schema, pointer, _) = self.follow(schema, pointer);
        let mut values = strings(&schema["enum"]);
        for key in ["oneOf", "anyOf"] {
            for member in schema[key].as_array().into_iter().flatten() {
                values.extend(self.values(member, &pointer));
            }
        }
        let parts: Vec<_> = schema["allOf"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|member| self.values(member, &pointer))
            .filter(|values| !values.is_empty())
            .collect();
        let shared = parts.iter().skip(1).fold(parts.first().cloned(), |shared, part| {
            shared.map(|shared| shared.intersection(part).copied().collect())
        });
        match shared {
            Some(shared) if shared.is_empty() => values.extend(parts.iter().flatten()),
            shared => values.extend(shared.unwrap_or_default()),
        }
        values
    }

    /// What kind of value a schema is for, in a word or two.
    fn signature(&self, schema: &Value, pointer: &str) -> (String, bool) {
        self.signature_below(schema, pointer, &mut Vec::new())
    }

    /// As [`Self::signature`], below the lists and maps in `open`.
    fn signature_below(
        &self,
        schema: &Value,
        pointer: &str,
        open: &mut Vec<String>,
    ) -> (String, bool) {
        let direct = self.named(|definition| definition.pointer == pointer);
        let (schema, pointer, nullable) = self.follow(schema, pointer);
        if let Some(name) =
            direct.or_else(|| self.named(|definition| definition.pointer == pointer))
        {
            return (name, nullable);
        }
        // A list or map of nothing but itself.
        if open.contains(&pointer) {
            return ("any".to_owned(), true);
        }
        open.push(pointer.clone());
        let format = schema["format"].as_str();
        let text = match schema["type"].as_str() {
            Some("string") => match format {
                Some(format @ ("date-time" | "password")) => format!("string {format}"),
                _ => "string".to_owned(),
            },
            Some("integer") => {
                let known = format.filter(|format| ["int32", "uint32", "uint64"].contains(format));
                format!("integer {}", known.unwrap_or("int64"))
            }
            Some("number") => "number".to_owned(),
            Some("boolean") => "boolean".to_owned(),
            Some("array") => {
                let own = schema.get("items").filter(|items| **items != serde_json::json!({}));
                let items = own.or_else(|| schema["anyOf"][0].get("items"));
                let (item, null) = match items {
                    Some(items) => self.signature_below(items, &format!("{pointer}/items"), open),
                    None => ("any".to_owned(), false),
                };
                format!("list of {item}{}", if null && item != "any" { "?" } else { "" })
            }
            Some("object") => {
                let values = schema.get("additionalProperties").filter(|values| values.is_object());
                let (value, null) = match values {
                    Some(values) => self.signature_below(
                        values,
                        &format!("{pointer}/additionalProperties"),
                        open,
                    ),
                    None => ("any".to_owned(), false),
                };
                format!("map of {value}{}", if null && value != "any" { "?" } else { "" })
            }
            _ => {
                let (text, null) = self.untyped_signature(schema, &pointer, open);
                open.pop();
                return (text, nullable || null);
            }
        };
        open.pop();
        (text, nullable)
    }
}

/// A type's references to itself by name, as those to it from elsewhere.
fn with_own_name(made: &Value, name: &str) -> Value {
    match made {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::String(text) if key == "$ref" && text == "#" => {
                    (key.clone(), Value::String(format!("#/$defs/{name}")))
                }
                value => (key.clone(), with_own_name(value, name)),
            })
            .collect(),
        Value::Array(list) => list.iter().map(|value| with_own_name(value, name)).collect(),
        other => other.clone(),
    }
}

/// As [`Source::signature`], of a schema that schemars made.
fn made_signature(schema: &Value) -> (String, bool) {
    if let Some(reference) = schema["$ref"].as_str() {
        return (format!("ref {}", reference.rsplit('/').next().unwrap()), false);
    }
    if let Some(members) = schema["anyOf"].as_array() {
        let (nulls, rest): (Vec<_>, Vec<_>) = members.iter().partition(|m| m["type"] == "null");
        if let ([_], [only]) = (nulls.as_slice(), rest.as_slice()) {
            return (made_signature(only).0, true);
        }
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(only) => vec![only],
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => return ("any".to_owned(), false),
    };
    let null = types.contains(&"null");
    let element = |key: &str| match schema.get(key) {
        Some(element) if element.is_object() => {
            let (text, null) = made_signature(element);
            if null { format!("{text}?") } else { text }
        }
        _ => "any".to_owned(),
    };
    let format = schema["format"].as_str();
    let text = match types.iter().find(|t| **t != "null") {
        Some(&"string") => format.map_or("string".to_owned(), |format| format!("string {format}")),
        Some(&"integer") => format!("integer {}", format.unwrap_or("?")),
        Some(&"array") => format!("list of {}", element("items")),
        Some(&"object") => format!("map of {}", element("additionalProperties")),
        Some(other) => (*other).to_owned(),
        None => "any".to_owned(),
    };
    (text, null)
}

fn compare(source: &Source, name: &str, all: &Made, faults: &mut Vec<String>) {
    let made = &all[name];
    let definition = &source.api.types[name];
    if source.added_tag(&definition.pointer).is_some_and(|(_, field)| field) {
        return;
    }
    if source.is_composed(&definition.pointer) {
        return;
    }
    let (schema, pointer) = (source.at(&definition.pointer), definition.pointer.as_str());
    let mut fault = |text: String| faults.push(format!("{name} ({pointer}): {text}"));
    let (flat, flat_pointer, _) = source.follow(schema, pointer);
    let members = flat["oneOf"].as_array().or(flat["anyOf"].as_array());
    if source.is_merged(pointer) {
        // What lies in it is compared with it.
        if members.is_some() {
            let variants = source.variants(schema, pointer);
            compare_merged(source, name, variants, all, faults);
        }
        return;
    }
    let is_open = made["anyOf"][0]["enum"].is_array() && made["type"] == "string";
    if is_open {
        let made: BTreeSet<_> = strings(&made["anyOf"][0]["enum"]);
        let documented = source.values(flat, &flat_pointer);
        if made != documented {
            fault(format!("values {made:?}, not {documented:?}"));
        }
    } else if let (Some(members), true) = (members, made["anyOf"].is_array()) {
        let key = if flat["oneOf"].is_array() { "oneOf" } else { "anyOf" };
        let documented: BTreeSet<String> = members
            .iter()
            .enumerate()
            .filter(|(_, member)| member["type"] != "null")
            .map(|(index, member)| {
                source.signature(member, &format!("{flat_pointer}/{key}/{index}")).0
            })
            .collect();
        // `Unknown` takes any value.
        let made: BTreeSet<String> = made["anyOf"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| made_signature(member).0)
            .filter(|signature| signature != "any" || documented.contains("any"))
            .collect();
        if made != documented {
            fault(format!("variants {made:?}, not {documented:?}"));
        }
    } else if made["anyOf"].is_array() && flat["discriminator"].is_object() {
        // A discriminator without a list: what extends the schema is a variant of it.
        let documented = source.extended_by(pointer);
        let own = source.named(|other| other.pointer == pointer && other != definition);
        let documented: BTreeSet<String> = documented.into_iter().chain(own).collect();
        let made = made["anyOf"].as_array().unwrap().iter().map(|member| made_signature(member).0);
        let made: BTreeSet<String> = made.filter(|signature| signature != "any").collect();
        if made != documented {
            fault(format!("variants {made:?}, not {documented:?}"));
        }
    } else {
        compare_fields(source, schema, pointer, made, &mut fault);
    }
}

/// Each type of a module with its schema.
type Made<'a> = BTreeMap<&'a str, Value>;

/// A struct that is merged of `variants`, and those that lie in it: it has the
/// fields of all of them, and demands what each of them demands.
fn compare_merged(
    source: &Source,
    name: &str,
    variants: Vec<(&Value, String)>,
    all: &Made,
    faults: &mut Vec<String>,
) {
    let made = &all[name];
    let fields: Vec<_> = variants.iter().map(|(schema, at)| source.fields(schema, at)).collect();
    let required = variants.iter().map(|(schema, at)| source.required(schema, at));
    let mut required: BTreeSet<&str> =
        required.reduce(|a, b| a.intersection(&b).copied().collect()).unwrap();
    // A list that is absent reads as empty.
    required.retain(|wire| {
        let found = fields.iter().filter_map(|fields| fields.get(wire));
        !found.clone().all(|(schema, at)| source.signature(schema, at).0.starts_with("list of "))
    });
    let names: BTreeSet<&str> = fields.iter().flat_map(|fields| fields.keys().copied()).collect();
    let empty = serde_json::Map::new();
    let properties = made["properties"].as_object().unwrap_or(&empty);
    let made_names: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    if made_names != names {
        faults.push(format!("{name}: fields {made_names:?}, not {names:?}"));
    }
    if strings(&made["required"]) != required {
        faults.push(format!("{name}: {:?} required, not {required:?}", made["required"]));
    }
    for (wire, property) in properties {
        let found: Vec<_> = fields.iter().filter_map(|fields| fields.get(wire.as_str())).collect();
        let signatures: BTreeSet<String> =
            found.iter().map(|(schema, at)| source.signature(schema, at).0).collect();
        let (made_type, _) = made_signature(property);
        if signatures.contains(&made_type) && signatures.len() == 1 {
            continue;
        }
        // Merged again, in lists too.
        let mut inner: Vec<(&Value, String)> =
            found.iter().map(|(schema, at)| (*schema, at.clone())).collect();
        let mut rest = made_type.as_str();
        while let Some(item) = rest.strip_prefix("list of ") {
            rest = item;
            for (schema, at) in &mut inner {
                let (list, pointer, _) = source.follow(schema, at);
                (*schema, *at) = (&list["items"], format!("{pointer}/items"));
            }
        }
        match rest.strip_prefix("ref ") {
            // The struct in itself, by way of its own fields.
            Some(target) if target == name => {}
            Some(target) => compare_merged(source, target, inner, all, faults),
            None => faults.push(format!("{name}: `{wire}` is {made_type}, not {signatures:?}")),
        }
    }
}

fn compare_fields(
    source: &Source,
    schema: &Value,
    pointer: &str,
    made: &Value,
    fault: &mut impl FnMut(String),
) {
    let mut documented = source.fields(schema, pointer);
    let mut required = source.required(schema, pointer);
    // A variant has the fields that stand beside the list of variants.
    if let [_, "oneOf" | "anyOf", holder] = pointer.rsplitn(3, '/').collect::<Vec<_>>()[..] {
        documented.extend(source.fields(source.at(holder), holder));
        required.extend(source.required(source.at(holder), holder));
    }
    let empty = serde_json::Map::new();
    let properties = made["properties"].as_object().unwrap_or(&empty);
    let made_required = strings(&made["required"]);
    let names: BTreeSet<&str> =
        documented.keys().copied().chain(properties.keys().map(String::as_str)).collect();
    let added = source.added_tag(pointer).map(|(tag, _)| tag);
    for name in names {
        if added == Some(name) && !documented.contains_key(name) {
            continue;
        }
        let (Some((schema, at)), Some(made)) = (documented.get(name), properties.get(name)) else {
            fault(format!("`{name}` is in one of them only"));
            continue;
        };
        let (documented_type, nullable) = source.signature(schema, at);
        let (made_type, made_nullable) = made_signature(made);
        // A type with a given name may be that of another place.
        let given = schema.get("x-rust-name").is_some() && made_type.starts_with("ref ");
        if made_type != documented_type && !given {
            fault(format!("`{name}` is {made_type}, not {documented_type}"));
        }
        let optional = ["read-only", "write-only", "page-fields", "left-out"];
        let forgiven = optional.iter().any(|pass| source.is_adapted(pass, at));
        let constant = schema.get("x-constant").is_some();
        let must = (required.contains(name) || constant) && !forgiven;
        let may_be_absent = source.is_adapted("null-lists", at);
        if made_required.contains(name) != (must && !nullable && !may_be_absent) {
            fault(format!("`{name}` required: {}", made_required.contains(name)));
        }
        // What may be absent may be null: services send either.
        if made_type != "any" && made_nullable != (nullable || !must) {
            fault(format!("`{name}` nullable: {made_nullable}"));
        }
    }
}

fn strings(list: &Value) -> BTreeSet<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn every_type_is_what_its_schema_says() {
    let sources = Sources::load(workspace::root().join("openapi")).unwrap();
    let mut faults = Vec::new();
    let mut compared = 0;
    for module in schemas::all() {
        let vendored = sources.list().iter().find(|source| source.name == module.document);
        let source = match vendored {
            Some(vendored) => {
                source(sources.document(vendored).unwrap(), &sources.overlays(vendored).unwrap())
            }
            None => {
                let path = workspace::root().join("tests").join(module.document);
                let bytes = fs::read(path).unwrap();
                let document = Document::parse(module.document, &bytes, &Limits::default());
                source(document.unwrap(), &[])
            }
        };
        let before = faults.len();
        let made = module.types.iter();
        let made: Made =
            made.map(|type_| (type_.name, with_own_name(&(type_.schema)(), type_.name))).collect();
        for name in made.keys() {
            compare(&source, name, &made, &mut faults);
            compared += 1;
        }
        for fault in &mut faults[before..] {
            fault.insert_str(0, &format!("{}: ", module.document));
        }
    }
    assert!(faults.is_empty(), "{} of {compared} types:\n{}", faults.len(), faults.join("\n"));
    assert!(compared > 100, "only {compared} types were compared");
}
