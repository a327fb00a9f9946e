//! Comparisons with other people's tools, and crates from their documents. Each test fails
//! where a package cannot be installed. `.ci/compare-tools` runs them.

// IBM's Python SDK sends the same requests.
mod python;
// Two tools that compare documents: what breaks for them breaks for us.
mod others;
// A third one, whose judgement was recorded.
mod judged;

// Other people's documents become crates.
mod documents;

// What the comparisons share with the suite; its tests are left out by name.
#[path = "../suite/drift/mod.rs"]
#[allow(dead_code)]
mod drift;
#[path = "../suite/openapi.rs"]
#[allow(dead_code)]
mod openapi;
#[path = "../suite/operations/mod.rs"]
#[allow(dead_code)]
mod operations;
#[path = "../../iam-client/tests/runtime/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "../suite/workspace.rs"]
#[allow(dead_code)]
mod workspace;
