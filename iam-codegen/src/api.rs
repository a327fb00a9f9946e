//! The model that a document is adapted to: what the client consists of, every
//! name already a Rust name and every type one that can be generated.

use std::collections::BTreeMap;

use serde_json::Value;

/// A service: its operations and the types they use.
#[derive(Debug, Clone, PartialEq)]
pub struct Api {
    /// `info.title`.
    pub title: String,
    /// `info.version`.
    pub version: String,
    /// `info.description`.
    pub description: Option<String>,
    /// The first server.
    pub server: Server,
    /// The security schemes that the client applies, by name.
    pub security_schemes: BTreeMap<String, SecurityScheme>,
    /// Sorted by name.
    pub operations: Vec<Operation>,
    /// By Rust name.
    pub types: BTreeMap<String, TypeDefinition>,
}

/// The address of a service, as far as its document gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Its address: absolute, each variable with its default.
    pub endpoint: Option<String>,
    /// The path that follows the endpoint of the caller where the document names no host:
    /// empty, or with a leading and without a trailing slash.
    pub base_path: String,
}

/// One operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// The operationId as the document spells it.
    pub id: String,
    /// The method of the client: `id` in snake case.
    pub name: String,
    /// The name of its request builder: `id` in Pascal case.
    pub type_name: String,
    /// In capitals.
    pub method: String,
    /// The key among the document's paths, verbatim. What follows a `?` is sent
    /// with every request; what follows a `#` only tells operations apart.
    pub path: String,
    /// JSON pointer in the adapted document.
    pub pointer: String,
    /// The first tag, or `default`.
    pub tag: String,
    /// One line.
    pub summary: Option<String>,
    /// What a caller must know.
    pub description: Option<String>,
    /// Marked so in the document.
    pub deprecated: bool,
    /// Needs no credentials.
    pub anonymous: bool,
    /// The combinations of security schemes, by name, of which a call needs one;
    /// the first for which the client has credentials is used. Empty if the
    /// document does not say.
    pub security: Vec<Vec<String>>,
    /// Can be sent twice with the effect of once.
    pub idempotent: bool,
    /// In the order of arguments: path (as in the template), then query, then
    /// headers, each sorted by wire name, so that a reordered document never
    /// silently swaps two arguments of one type.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<Body>,
    /// What a success returns.
    pub success: Success,
    /// How the pages of what it lists follow each other (`x-paging`).
    pub paging: Option<Paging>,
    /// Status and description of each documented error.
    pub errors: Vec<(String, Option<String>)>,
    /// IAM actions that a caller needs (`x-ibm-permissions`).
    pub actions: Vec<RequiredAction>,
    /// Audit events that the operation causes (`x-ibm-events`).
    pub events: Vec<AuditEvent>,
}

/// The place of a credential in a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecurityScheme {
    /// `Authorization: Bearer`.
    Bearer,
    /// `Authorization: Basic`.
    Basic,
    /// A header of this name, which holds the credential alone.
    Header(String),
    /// A query parameter of this name.
    Query(String),
    /// A cookie of this name.
    Cookie(String),
}

impl SecurityScheme {
    /// Returns whether the credential is the value of `Authorization`.
    pub fn is_authorization(&self) -> bool {
        match self {
            Self::Bearer | Self::Basic => true,
            Self::Header(name) => name.eq_ignore_ascii_case("authorization"),
            Self::Query(_) | Self::Cookie(_) => false,
        }
    }
}

/// How the pages of a list follow each other. Names are Rust names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// The parameter that says where a page begins.
    pub start: String,
    /// The parameter that says how many items a page has.
    pub size: String,
    /// How many it may have at most.
    pub size_maximum: Option<u64>,
    /// The type of a page.
    pub page: Type,
    /// The field of a page that holds its items.
    pub items: Step,
    /// The type of an item.
    pub item: Type,
    /// What says where the next page begins.
    pub next: Next,
}

/// What says where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The text at this place in the page.
    Token(Vec<Step>),
    /// A parameter in the query of the URL at this place in the page.
    Url {
        /// The place.
        from: Vec<Step>,
        /// The parameter's name on the wire.
        query: String,
    },
    /// The offset of this page and the number of its items.
    Offset {
        /// The field of the page that says how many items there are in all.
        total: Step,
    },
}

/// A field on the way through a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its Rust name.
    pub name: String,
    /// Whether it is an `Option`.
    pub optional: bool,
}

/// An IAM action that an operation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredAction {
    /// For instance `iam-identity.apikey.list`.
    pub name: String,
    /// When it is needed; always, if nothing is said.
    pub when: Option<String>,
    /// Read off its name, not documented for this operation.
    pub inferred: bool,
}

/// An audit event that an operation causes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// For instance `iam-identity.user-apikey.create`.
    pub name: String,
    /// When the operation causes it, if that is described.
    pub when: Option<String>,
    /// Read off its name, not documented for this operation.
    pub inferred: bool,
}

/// Where a parameter stands in the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In the header `Cookie`.
    Cookie,
}

/// A style of OpenAPI, or `content: application/json`. The runtime has an enum of the same
/// variants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `form`.
    Form,
    /// `spaceDelimited`.
    SpaceDelimited,
    /// `pipeDelimited`.
    PipeDelimited,
    /// `deepObject`.
    DeepObject,
    /// `simple`.
    Simple,
    /// `label`.
    Label,
    /// `matrix`.
    Matrix,
    /// As JSON.
    Json,
}

/// A style, and whether each item or field is sent as a value of its own.
pub type Styled = (Style, bool);

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name on the wire.
    pub wire: String,
    /// Its name as argument or setter, unique in its operation.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// An argument if so, a setter if not.
    pub required: bool,
    /// Its type.
    pub type_: Type,
    /// The style in which the runtime adds it to the request. Without a style, progenitor's core does: a
    /// scalar, an enum, or a list of these, which has a value for each item in the query and is
    /// joined by commas elsewhere.
    pub style: Option<Styled>,
    /// The only value it has (`x-constant`): neither an argument nor a setter.
    pub constant: Option<String>,
    /// What it means.
    pub docs: Docs,
}

/// A request body.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// The media type that is sent.
    pub media_type: String,
    /// How the value becomes bytes.
    pub encoding: Encoding,
    /// Whether there always is one.
    pub required: bool,
    /// Its type. A struct is flattened into arguments and setters.
    pub type_: Type,
    /// What it means.
    pub description: Option<String>,
    /// Argument or setter name of each field of a flattened struct, by wire name;
    /// constants have none.
    pub flattened: Option<BTreeMap<String, String>>,
    /// The setter of the request that sends null, for each field of a flattened
    /// struct that has one, by wire name.
    pub clear_setters: BTreeMap<String, String>,
    /// The style of each field of a form that has another than its type's, by wire name.
    pub styles: BTreeMap<String, Styled>,
    /// The media type of each field of a multipart body for which the document has one, by
    /// wire name.
    pub media_types: BTreeMap<String, String>,
}

/// How a body becomes bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As JSON.
    Json,
    /// As `application/x-www-form-urlencoded`.
    Form,
    /// As `multipart/form-data`.
    Multipart,
    /// Text as it is.
    Text,
    /// Bytes as they are.
    Bytes,
}

/// What a success returns.
#[derive(Debug, Clone, PartialEq)]
pub struct Success {
    /// The documented statuses in 200..=299, each with its content. A range
    /// (`2XX`) or `default` is the status 0.
    pub replies: Vec<(u16, Option<Content>)>,
    /// Text or bytes that the service can send in place of JSON.
    pub alternative: Option<Content>,
    /// What the description of the first of them says.
    pub description: Option<String>,
}

/// The content of a response.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// The media type that is asked for.
    pub media_type: String,
    /// The encoding of its bytes: any but `Form` and `Multipart`.
    pub encoding: Encoding,
    /// The type of a JSON value.
    pub type_: Type,
}

/// A type as it stands in a field, argument or return type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// A [`TypeDefinition`], by its Rust name.
    Named(String),
    /// Text.
    String,
    /// A point in time, kept as sent.
    Timestamp,
    /// Text that must not be shown.
    Secret,
    /// An object that must not be shown.
    SecretJson,
    /// The version of a thing, for a header alone.
    ETag,
    /// `true` or `false`.
    Boolean,
    /// A whole number, as the Rust type of this name.
    Integer(&'static str),
    /// A number with a fraction: `f64`.
    Number,
    /// A list.
    List(Box<Type>),
    /// A map with text keys.
    Map(Box<Type>),
    /// Any JSON value.
    Any,
    /// A file, for a field of a multipart body or a list in one.
    File,
    /// An element that may be null. (A field says so itself.)
    Nullable(Box<Type>),
    /// A type that contains itself here.
    Boxed(Box<Type>),
}

/// A type that is generated.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeDefinition {
    /// The name of its component in the document, if it is one.
    pub component: Option<String>,
    /// JSON pointer of its schema in the document before adaptation.
    pub pointer: String,
    /// What it is.
    pub docs: Docs,
    /// Fields, values or variants.
    pub shape: Shape,
    /// Reachable from a request.
    pub in_request: bool,
    /// Reachable from a response.
    pub in_response: bool,
}

/// What a generated type consists of.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// An object with known fields.
    Struct {
        /// Required ones first, then by wire name.
        fields: Vec<Field>,
        /// The type of further fields, kept in a map.
        extra: Option<Type>,
    },
    /// Text with known values; others are kept.
    Enum {
        /// Wire value and variant name, in the order of the document.
        values: Vec<(String, String)>,
    },
    /// One of several types.
    Union {
        /// The field whose value says which variant an object is.
        tag: Option<String>,
        /// Stricter ones first: among equals the first is taken.
        variants: Vec<Variant>,
    },
}

/// A variant of a union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its Rust name, unique in its union.
    pub name: String,
    /// Its type.
    pub type_: Type,
    /// The values of the tag that stand for it.
    pub tags: Vec<String>,
}

/// A field of a struct.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name on the wire.
    pub wire: String,
    /// Its Rust name, unique in its struct.
    pub name: String,
    /// Its type, when present and not null.
    pub type_: Type,
    /// Always there.
    pub required: bool,
    /// May be null.
    pub nullable: bool,
    /// Only ever received.
    pub read_only: bool,
    /// Only ever sent.
    pub write_only: bool,
    /// The only value that requests give it (`x-constant`): a text, number or
    /// boolean, as `type_` has it.
    pub constant: Option<Value>,
    /// The setter that sends null, if null and absent differ: in what a `PUT` or
    /// `PATCH` sends. The Rust field is an `Option<Option<T>>` then.
    pub clear_setter: Option<String>,
    /// What it means.
    pub docs: Docs,
}

/// Text for rustdoc, not yet escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Docs {
    /// The description.
    pub text: Option<String>,
    /// What the document demands of values and the client leaves to the service.
    pub constraints: Vec<String>,
    /// Marked deprecated in the document.
    pub deprecated: bool,
}

impl TypeDefinition {
    /// Returns whether it is a multipart body with files, which is never JSON.
    pub fn has_files(&self) -> bool {
        match &self.shape {
            Shape::Struct { fields, .. } => fields.iter().any(Field::is_file),
            Shape::Enum { .. } | Shape::Union { .. } => false,
        }
    }
}

impl Operation {
    /// The part of [`path`](Self::path) that names a resource.
    pub fn template(&self) -> &str {
        template(&self.path)
    }
}

impl Parameter {
    /// Returns whether a call must give it.
    pub fn is_argument(&self) -> bool {
        self.required && self.constant.is_none()
    }
}

/// The part of a path key before its query and fragment.
pub(crate) fn template(path: &str) -> &str {
    path.split(['?', '#']).next().unwrap_or_default()
}

impl Field {
    /// Returns whether it holds a file or a list of files.
    pub fn is_file(&self) -> bool {
        match &self.type_ {
            Type::List(item) => **item == Type::File,
            type_ => *type_ == Type::File,
        }
    }

    /// Returns whether it is a required list or map, which reads as empty where a
    /// response has null or nothing.
    pub fn may_be_empty(&self) -> bool {
        self.required && !self.nullable && matches!(self.type_, Type::List(_) | Type::Map(_))
    }
}
