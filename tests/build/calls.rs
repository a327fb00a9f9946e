//! One call of each operation, for the values to be decided when it is made.
//!
//! Only names, types of arguments and their order come from the model; what is
//! sent, and under which name on the wire, the suite takes from the documents.

use std::fmt::{Error, Write as _};

use iam_codegen::api::{Api, Body, Encoding, Field, Operation, Parameter, Place, Shape, Type};

/// Appends an entry to the table for each operation of a `service`: generated as `module`,
/// and of a `client` made by `start`.
pub(crate) fn list(
    out: &mut String,
    (service, module, start): (&str, &str, &str),
    api: &Api,
) -> Result<(), Error> {
    for operation in &api.operations {
        let call = Call { module, start, api, operation };
        writeln!(out, "        Call {{")?;
        writeln!(out, "            service: {service:?}, id: {:?},", operation.id)?;
        writeln!(out, "            send: |client, values| Box::pin(async move {{")?;
        call.body(out, call.in_fields(), SEND)?;
        writeln!(out, "            }}),")?;
        if call.fields().is_some() {
            writeln!(out, "            send_whole: Some(|client, values| Box::pin(async move {{")?;
            call.body(out, call.as_a_whole(), SEND)?;
            writeln!(out, "            }})),")?;
        } else {
            writeln!(out, "            send_whole: None,")?;
        }
        for (name, end) in [("pages", PAGES), ("items", ITEMS)] {
            if operation.paging.is_some() {
                writeln!(out, "            {name}: Some(|client, values| Box::pin(async move {{")?;
                call.body(out, call.in_fields(), end)?;
                writeln!(out, "            }})),")?;
            } else {
                writeln!(out, "            {name}: None,")?;
            }
        }
        writeln!(out, "        }},")?;
    }
    Ok(())
}

/// What is done with a request.
const SEND: &str = "answer(request.send().await)";
const PAGES: &str = "all_pages(request.pages()).await";
const ITEMS: &str = "all_items(request.items()).await";

struct Call<'a> {
    module: &'a str,
    start: &'a str,
    api: &'a Api,
    operation: &'a Operation,
}

impl Call<'_> {
    /// The expression of a request with what is required, and the setters of
    /// its body as statements.
    fn in_fields(&self) -> (String, String) {
        let mut arguments = self.required();
        let mut setters = String::new();
        match (self.fields(), &self.operation.body) {
            (Some(fields), _) => {
                for (field, name) in fields {
                    let type_ = self.argument(&field.type_);
                    if field.required {
                        arguments.push(format!(
                            "values.required::<{type_}>(\"body\", {:?})?",
                            field.wire
                        ));
                    } else if !field.read_only {
                        setters += &setter("body", &field.wire, name, &type_);
                    }
                }
            }
            (None, Some(body)) if body.required => arguments.push(self.whole(body)),
            (None, Some(body)) => {
                setters += &format!("request = request.body({});", self.whole(body))
            }
            (None, None) => {}
        }
        (format!("{}({})", self.operation.name, arguments.join(", ")), setters)
    }

    /// The same with the body given as one value.
    fn as_a_whole(&self) -> (String, String) {
        let body = self.operation.body.as_ref().map(|body| self.whole(body)).unwrap_or_default();
        let mut arguments = self.required();
        let name = &self.operation.name;
        if self.fields().is_some_and(|fields| fields.iter().any(|(field, _)| field.required)) {
            arguments.push(body);
            (format!("{name}_with_body({})", arguments.join(", ")), String::new())
        } else {
            let set = format!("request = request.body({body});");
            (format!("{name}({})", arguments.join(", ")), set)
        }
    }

    /// Statements that make a request, complete it and end with `end`.
    fn body(
        &self,
        out: &mut String,
        (request, setters): (String, String),
        end: &str,
    ) -> Result<(), Error> {
        let optional = self.operation.parameters.iter().filter(|parameter| !parameter.required);
        let optional: String = optional
            .map(|p| setter(place(p), &p.wire, &p.name, &self.argument(&p.type_)))
            .collect();
        let mutable = if optional.is_empty() && setters.is_empty() { "" } else { "mut " };
        writeln!(out, "let {mutable}request = {}.{request};", self.start)?;
        writeln!(out, "{optional}{setters}\n{end}")
    }

    /// The required parameters, as arguments.
    fn required(&self) -> Vec<String> {
        let required = self.operation.parameters.iter().filter(|p| p.is_argument());
        let argument = |p: &Parameter| {
            format!("values.required::<{}>({:?}, {:?})?", self.argument(&p.type_), place(p), p.wire)
        };
        required.map(argument).collect()
    }

    /// The fields of a flattened body, each with its name as argument or setter.
    fn fields(&self) -> Option<Vec<(&Field, &str)>> {
        let body = self.operation.body.as_ref()?;
        let (Some(names), Type::Named(name)) = (&body.flattened, &body.type_) else { return None };
        let Shape::Struct { fields, .. } = &self.api.types.get(name)?.shape else { return None };
        Some(fields.iter().filter_map(|f| Some((f, names.get(&f.wire)?.as_str()))).collect())
    }

    /// The expression of a whole body.
    fn whole(&self, body: &Body) -> String {
        let type_ = match body.encoding {
            Encoding::Json | Encoding::Form | Encoding::Multipart => self.owned(&body.type_),
            Encoding::Text | Encoding::Bytes => "String".to_owned(),
        };
        format!("values.body::<{type_}>()?")
    }

    /// The type of what is given for an argument: text as text, for methods
    /// take whatever becomes a secret, a point in time or an enum.
    fn argument(&self, type_: &Type) -> String {
        match type_ {
            Type::Named(name) if self.is_enum(name) => "String".to_owned(),
            Type::Timestamp | Type::Secret | Type::ETag => "String".to_owned(),
            Type::List(item) => format!("Vec<{}>", self.argument(item)),
            Type::Boxed(inner) => self.argument(inner),
            _ => self.owned(type_),
        }
    }

    fn is_enum(&self, name: &str) -> bool {
        self.api.types.get(name).is_some_and(|type_| matches!(type_.shape, Shape::Enum { .. }))
    }

    fn owned(&self, type_: &Type) -> String {
        match type_ {
            Type::Named(name) => format!("{}::types::{name}", self.module),
            Type::String => "String".to_owned(),
            Type::Timestamp => "iam_client::Timestamp".to_owned(),
            Type::Secret => "iam_client::Secret".to_owned(),
            Type::SecretJson => "iam_client::SecretJson".to_owned(),
            Type::ETag => "iam_client::ETag".to_owned(),
            Type::Boolean => "bool".to_owned(),
            Type::Integer(name) => (*name).to_owned(),
            Type::Number => "f64".to_owned(),
            Type::List(item) => format!("Vec<{}>", self.owned(item)),
            Type::Map(value) => format!("BTreeMap<String, {}>", self.owned(value)),
            Type::Any => "serde_json::Value".to_owned(),
            Type::File => "iam_client::FilePart".to_owned(),
            Type::Nullable(inner) => format!("Option<{}>", self.owned(inner)),
            Type::Boxed(inner) => format!("Box<{}>", self.owned(inner)),
        }
    }
}

/// A statement that sets what is given, and leaves alone what is not.
fn setter(place: &str, wire: &str, name: &str, type_: &str) -> String {
    format!(
        "if let Some(value) = values.optional::<{type_}>({place:?}, {wire:?})? \
         {{ request = request.{name}(value); }}\n"
    )
}

/// As the documents name it.
fn place(parameter: &Parameter) -> &'static str {
    match parameter.place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
    }
}
