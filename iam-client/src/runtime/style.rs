//! Values in the styles that OpenAPI has for parameters and fields of forms.
//!
//! Follows the Parameter and Encoding Objects of OpenAPI 3.0.4 and 3.1.1, and RFC 6570
//! for `label` and `matrix`. Where these say nothing:
//!
//! - A list in an exploded object is sent as a parameter of its own. Any other value inside of
//!   a value is sent as JSON.
//! - `deepObject` nests further brackets; items of lists have their index: `a[b][0]=c`.
//! - Null, and an empty list or object, is not sent.
//! - Each item of an exploded list in a cookie is a cookie of its own. A cookie's value keeps
//!   all characters that a cookie can hold, so that a value from `Set-Cookie` returns unchanged.

use serde_json::{Map, Number, Value};

/// A style of OpenAPI, or `content: application/json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `color=blue,black`, or exploded `color=blue&color=black`.
    Form,
    /// `color=blue%20black`.
    SpaceDelimited,
    /// `color=blue%7Cblack`.
    PipeDelimited,
    /// `color[R]=100&color[G]=200`.
    DeepObject,
    /// `blue,black`.
    Simple,
    /// `.blue,black`, or exploded `.blue.black`.
    Label,
    /// `;color=blue,black`, or exploded `;color=blue;color=black`.
    Matrix,
    /// The value as JSON.
    Json,
}

/// Makes a text fit for its place.
pub(super) type Escape = fn(&str) -> String;

/// The pairs of a query, form or cookie, `name=value` each.
pub(super) fn pairs(
    name: &str,
    style: Style,
    explode: bool,
    value: &Value,
    escape: Escape,
) -> Vec<String> {
    let pair = |name: &str, text: &str| format!("{}={text}", escape(name));
    match (style, value) {
        (_, Value::Null) => Vec::new(),
        (Style::Json, value) => vec![pair(name, &escape(&value.to_string()))],
        (Style::DeepObject, value) => {
            let mut pairs = Vec::new();
            deep(name, value, &mut |name, value| pairs.push(pair(name, &escape(value))));
            pairs
        }
        (_, Value::Array(items)) if explode => {
            present(items).map(|item| pair(name, &escape(&text(item)))).collect()
        }
        (_, Value::Object(fields)) if explode => {
            let field = |(name, value): (&String, &Value)| match value {
                Value::Array(_) => pairs(name, Style::Form, true, value, escape),
                Value::Null => Vec::new(),
                value => vec![pair(name, &escape(&text(value)))],
            };
            fields.iter().flat_map(field).collect()
        }
        (_, Value::Array(_) | Value::Object(_)) => {
            let delimiter = match style {
                Style::SpaceDelimited => escape(" "),
                Style::PipeDelimited => escape("|"),
                _ => ",".to_owned(),
            };
            let parts = parts(value, false, escape);
            if parts.is_empty() { Vec::new() } else { vec![pair(name, &parts.join(&delimiter))] }
        }
        (_, value) => vec![pair(name, &escape(&text(value)))],
    }
}

/// The text of a path or header parameter.
pub(super) fn expansion(
    name: &str,
    style: Style,
    explode: bool,
    value: &Value,
    escape: Escape,
) -> String {
    if style == Style::Json {
        return escape(&value.to_string());
    }
    let parts = parts(value, explode, escape);
    match style {
        Style::Label if parts.is_empty() => String::new(),
        Style::Label => format!(".{}", parts.join(if explode { "." } else { "," })),
        Style::Matrix => {
            let name = escape(name);
            let named = |part: &str| match part {
                "" => format!(";{name}"),
                part => format!(";{name}={part}"),
            };
            match value {
                Value::Object(_) if explode => {
                    parts.iter().map(|part| format!(";{part}")).collect()
                }
                _ if explode => parts.iter().map(|part| named(part)).collect(),
                _ if parts.is_empty() => String::new(),
                _ => named(&parts.join(",")),
            }
        }
        _ => parts.join(","),
    }
}

/// The parts that a delimiter separates: items, names and values in turn, or (exploded) `name=value`.
fn parts(value: &Value, explode: bool, escape: Escape) -> Vec<String> {
    let text = |value: &Value| escape(&text(value));
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => present(items).map(text).collect(),
        Value::Object(fields) if explode => {
            known(fields).map(|(name, value)| format!("{}={}", escape(name), text(value))).collect()
        }
        Value::Object(fields) => {
            known(fields).flat_map(|(name, value)| [escape(name), text(value)]).collect()
        }
        value => vec![text(value)],
    }
}

fn deep(name: &str, value: &Value, add: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Null => {}
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                deep(&format!("{name}[{index}]"), item, add);
            }
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                deep(&format!("{name}[{field}]"), value, add);
            }
        }
        value => add(name, &text(value)),
    }
}

fn present(items: &[Value]) -> impl Iterator<Item = &Value> {
    items.iter().filter(|item| !item.is_null())
}

fn known(fields: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    fields.iter().filter(|(_, value)| !value.is_null())
}

/// A scalar as text; anything else as JSON.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => self::number(number),
        value => value.to_string(),
    }
}

/// A number without the `.0` of whole ones.
fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() => float.to_string(),
        _ => number.to_string(),
    }
}

/// Escapes all but unreserved characters (RFC 3986, 2.3), for a URL.
pub(super) fn percent(text: &str) -> String {
    escape(text, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

/// As [`percent`], with `+` for a space: for a form.
pub(super) fn form(text: &str) -> String {
    percent(text).replace("%20", "+")
}

/// Escapes what a cookie cannot hold (RFC 6265, 4.1.1).
pub(super) fn cookie(text: &str) -> String {
    escape(text, |byte| byte.is_ascii_graphic() && !b"\",;\\".contains(&byte))
}

/// Leaves a header's text as it is.
pub(super) fn verbatim(text: &str) -> String {
    text.to_owned()
}

fn escape(text: &str, keep: impl Fn(u8) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keep(byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Style, cookie, expansion, form, pairs, percent, verbatim};

    /// The values of the specification's "Style Examples".
    fn examples() -> [Value; 4] {
        [
            json!(""),
            json!("blue"),
            json!(["blue", "black", "brown"]),
            json!({"R": 100, "G": 200, "B": 150}),
        ]
    }

    #[test]
    fn paths_and_headers_follow_the_style_examples() {
        let color = |style, explode| {
            examples().map(|value| expansion("color", style, explode, &value, percent))
        };
        let matrix =
            [";color", ";color=blue", ";color=blue,black,brown", ";color=B,150,G,200,R,100"];
        assert_eq!(color(Style::Matrix, false), matrix);
        let matrix =
            [";color", ";color=blue", ";color=blue;color=black;color=brown", ";B=150;G=200;R=100"];
        assert_eq!(color(Style::Matrix, true), matrix);
        let label = [".", ".blue", ".blue,black,brown", ".B,150,G,200,R,100"];
        assert_eq!(color(Style::Label, false), label);
        let label = [".", ".blue", ".blue.black.brown", ".B=150.G=200.R=100"];
        assert_eq!(color(Style::Label, true), label);
        let simple = ["", "blue", "blue,black,brown", "B,150,G,200,R,100"];
        assert_eq!(color(Style::Simple, false), simple);
        let simple = ["", "blue", "blue,black,brown", "B=150,G=200,R=100"];
        assert_eq!(color(Style::Simple, true), simple);
    }

    #[test]
    fn queries_follow_the_style_examples() {
        let color = |style, explode| {
            examples().map(|value| pairs("color", style, explode, &value, percent).join("&"))
        };
        let form = ["color=", "color=blue", "color=blue,black,brown", "color=B,150,G,200,R,100"];
        assert_eq!(color(Style::Form, false), form);
        let form =
            ["color=", "color=blue", "color=blue&color=black&color=brown", "B=150&G=200&R=100"];
        assert_eq!(color(Style::Form, true), form);
        let [_, _, list, object] = color(Style::SpaceDelimited, false);
        assert_eq!(list, "color=blue%20black%20brown");
        assert_eq!(object, "color=B%20150%20G%20200%20R%20100");
        let [_, _, list, object] = color(Style::PipeDelimited, false);
        assert_eq!(list, "color=blue%7Cblack%7Cbrown");
        assert_eq!(object, "color=B%7C150%7CG%7C200%7CR%7C100");
        let [_, _, _, object] = color(Style::DeepObject, true);
        assert_eq!(object, "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100");
    }

    #[test]
    fn what_the_specification_leaves_open_is_sent_in_one_way() {
        let value =
            json!({"a": {"b": ["c", {"d": null, "e": true}]}, "f": null, "g": [], "h": [1]});
        assert_eq!(
            pairs("p", Style::DeepObject, true, &value, verbatim),
            ["p[a][b][0]=c", "p[a][b][1][e]=true", "p[h][0]=1"]
        );
        assert_eq!(
            pairs("p", Style::Form, true, &value, verbatim),
            [r#"a={"b":["c",{"d":null,"e":true}]}"#, "h=1"]
        );
        for empty in [json!(null), json!([]), json!({}), json!([null]), json!({"a": null})] {
            for style in [Style::Form, Style::PipeDelimited, Style::DeepObject] {
                assert!(pairs("p", style, false, &empty, percent).is_empty(), "{style:?} {empty}");
                assert!(pairs("p", style, true, &empty, percent).is_empty(), "{style:?} {empty}");
            }
            for style in [Style::Simple, Style::Label, Style::Matrix] {
                assert_eq!(expansion("p", style, false, &empty, percent), "", "{style:?} {empty}");
                assert_eq!(expansion("p", style, true, &empty, percent), "", "{style:?} {empty}");
            }
        }
    }

    #[test]
    fn values_never_act_as_delimiters() {
        let values = json!(["a,b", "c&d=e", "f|g h", "ü/%"]);
        assert_eq!(
            pairs("p", Style::Form, false, &values, percent),
            ["p=a%2Cb,c%26d%3De,f%7Cg%20h,%C3%BC%2F%25"]
        );
        assert_eq!(
            pairs("p", Style::PipeDelimited, false, &values, form),
            ["p=a%2Cb%7Cc%26d%3De%7Cf%7Cg+h%7C%C3%BC%2F%25"]
        );
        let text = json!("a=b/c+d%20 \"e\";\r\nf,\\");
        assert_eq!(
            pairs("p", Style::Form, true, &text, cookie),
            ["p=a=b/c+d%20%20%22e%22%3B%0D%0Af%2C%5C"]
        );
    }

    #[test]
    fn whole_numbers_have_no_fraction() {
        let numbers = json!([1_343_641_500.0, 0.5, -2.0, 3, u64::MAX]);
        assert_eq!(
            pairs("n", Style::Form, false, &numbers, percent),
            [format!("n=1343641500,0.5,-2,3,{}", u64::MAX)]
        );
    }
}
