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

/// From `ibm-style/published.yaml`, a document of our own in IBM's style.
#[deny(warnings)]
#[allow(clippy::all)]
pub mod lockers {
    include!(concat!(env!("OUT_DIR"), "/lockers.rs"));
}

/// Each generated type: its JSON Schema, and how it prints.
#[cfg(feature = "schemars")]
pub mod schemas {
    use std::fmt::Debug;

    use schemars::JsonSchema;
    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::Value;

    /// The types of a generated module.
    pub struct Module {
        /// The document that it is generated from: a name in `sources.toml`, or a path.
        pub document: &'static str,
        /// All of them.
        pub types: Vec<Type>,
    }

    /// A generated type.
    pub struct Type {
        /// Its name.
        pub name: &'static str,
        /// Makes its schema.
        pub schema: fn() -> Value,
        /// Reads a value as it; gives how it prints, and what it would send.
        pub show: fn(Value) -> serde_json::Result<(String, Value)>,
    }

    impl Type {
        fn of<T: JsonSchema + DeserializeOwned + Serialize + Debug>(name: &'static str) -> Self {
            Self {
                name,
                schema: || schemars::schema_for!(T).to_value(),
                show: |value| {
                    let value: T = serde_json::from_value(value)?;
                    Ok((format!("{value:#?} {value:?}"), serde_json::to_value(&value)?))
                },
            }
        }
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

/// The example of the guide to errors, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../docs/troubleshooting.md")]
struct Troubleshooting;
