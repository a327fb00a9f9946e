//! What the suite exercises: the corpus, generated and compiled, the JSON
//! Schema of every generated type, and a call of every operation.

pub mod calls;

/// Where generated code looks for its runtime.
pub mod runtime {
    pub use iam_client::runtime::*;
}

/// A module for each document in `corpus/`.
pub mod corpus {
    include!(concat!(env!("OUT_DIR"), "/corpus.rs"));
}

/// The JSON Schema of each generated type.
#[cfg(feature = "schemars")]
pub mod schemas {
    /// Makes the schema of a type.
    pub type Make = fn() -> serde_json::Value;

    /// The types of a generated module.
    pub struct Module {
        /// The document that it is generated from: a name in `sources.toml`, or a path.
        pub document: &'static str,
        /// The name of each type, and what makes its schema.
        pub types: Vec<(&'static str, Make)>,
    }

    fn schema<T: schemars::JsonSchema>() -> serde_json::Value {
        schemars::schema_for!(T).to_value()
    }

    include!(concat!(env!("OUT_DIR"), "/schemas.rs"));
}

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The examples of the guide to authentication, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/authentication.md")]
struct Authentication;
