//! The parts of a request that generated cores cannot build.

use http::{
    HeaderName, HeaderValue,
    header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE},
};
use reqwest::{Body, Request};
use serde::Serialize;
use serde_json::Value;

use super::{
    Error, Operation, Parts, Style,
    multipart::Encoded,
    path::path_segment,
    style::{self, expansion, pairs},
};

/// Additions to a request after the core has built it.
#[derive(Default)]
pub(super) struct Additions {
    path: Vec<Variable>,
    query: Vec<String>,
    headers: Vec<(&'static str, String)>,
    cookies: Vec<String>,
    body: Option<Encoded>,
    /// The first thing that cannot be sent.
    problem: Option<String>,
}

/// A path parameter and the text that stands for it until the path is built.
struct Variable {
    name: &'static str,
    placeholder: String,
    text: String,
}

impl Additions {
    pub(super) fn path(
        &mut self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &impl Serialize,
    ) -> String {
        let text = self.value(name, value);
        let text = text.map(|value| expansion(name, style, explode, &value, style::percent));
        // No value of another parameter can be it.
        let placeholder = format!("{:032x}", fastrand::u128(..));
        let variable =
            Variable { name, placeholder: placeholder.clone(), text: text.unwrap_or_default() };
        self.path.push(variable);
        placeholder
    }

    pub(super) fn query(
        &mut self,
        name: &str,
        style: Style,
        explode: bool,
        value: &impl Serialize,
    ) {
        if let Some(value) = self.value(name, value) {
            self.query.extend(pairs(name, style, explode, &value, style::percent));
        }
    }

    pub(super) fn header(
        &mut self,
        name: &'static str,
        style: Style,
        explode: bool,
        value: &impl Serialize,
    ) {
        if let Some(value) = self.value(name, value).filter(|value| !value.is_null()) {
            self.headers.push((name, expansion(name, style, explode, &value, style::verbatim)));
        }
    }

    pub(super) fn cookie(
        &mut self,
        name: &str,
        style: Style,
        explode: bool,
        value: &impl Serialize,
    ) {
        if let Some(value) = self.value(name, value) {
            self.cookies.extend(pairs(name, style, explode, &value, style::cookie));
        }
    }

    pub(super) fn form(&mut self, body: &impl Serialize, styles: &[(&str, Style, bool)]) {
        let Ok(body) = serde_json::to_value(body) else {
            return self.fail("the body cannot be encoded");
        };
        let Value::Object(fields) = body else { return self.fail("the body is not an object") };
        let mut form = Vec::new();
        for (name, value) in &fields {
            let default = if value.is_object() { Style::Json } else { Style::Form };
            let stated = styles.iter().find(|(of, _, _)| of == name);
            let (style, explode) =
                stated.map_or((default, true), |(_, style, explode)| (*style, *explode));
            form.extend(pairs(name, style, explode, value, style::form));
        }
        let media_type = "application/x-www-form-urlencoded".to_owned();
        self.body = Some(Encoded { media_type, body: Body::from(form.join("&")), length: None });
    }

    pub(super) fn multipart(&mut self, parts: Parts) {
        match parts.encode() {
            Ok(encoded) => self.body = Some(encoded),
            Err(problem) => self.fail(problem),
        }
    }

    fn value(&mut self, name: &str, value: &impl Serialize) -> Option<Value> {
        let value = serde_json::to_value(value).ok();
        if value.is_none() {
            self.fail(format!("the parameter `{name}` cannot be encoded"));
        }
        value
    }

    fn fail(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert(problem.into());
    }

    /// Puts everything into `request`.
    pub(super) fn apply(
        self,
        operation: &'static Operation,
        request: &mut Request,
    ) -> Result<(), Error> {
        let refuse = |problem: String| Err(Error::invalid_request(operation, problem));
        if let Some(problem) = self.problem {
            return refuse(problem);
        }
        if !self.path.is_empty() {
            let mut path = request.url().path().to_owned();
            for variable in &self.path {
                path_segment(operation, variable.name, &variable.text)?;
                path = path.replace(&variable.placeholder, &variable.text);
            }
            request.url_mut().set_path(&path);
        }
        if !self.query.is_empty() {
            let earlier = request.url().query().filter(|query| !query.is_empty());
            let pairs = earlier.into_iter().chain(self.query.iter().map(String::as_str));
            let query = pairs.collect::<Vec<_>>().join("&");
            request.url_mut().set_query(Some(&query));
        }
        let cookies = (!self.cookies.is_empty()).then(|| self.cookies.join("; "));
        let headers = self.headers.into_iter().chain(cookies.map(|text| (COOKIE.as_str(), text)));
        for (name, text) in headers {
            let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&text))
            else {
                return refuse(
                    "a header parameter contains characters that a header cannot hold".to_owned(),
                );
            };
            request.headers_mut().append(name, value);
        }
        if let Some(Encoded { media_type, body, length }) = self.body {
            *request.body_mut() = Some(body);
            let headers = request.headers_mut();
            headers.remove(CONTENT_LENGTH);
            if let Ok(media_type) = HeaderValue::from_str(&media_type) {
                headers.insert(CONTENT_TYPE, media_type);
            }
            if let Some(length) = length {
                headers.insert(CONTENT_LENGTH, length.into());
            }
        }
        Ok(())
    }
}
