//! Tests that cross crates. Those that compile a crate or take long are ignored;
//! CI runs them. Where a new one goes:

// What the vendored documents come out as, pinned: surface, adaptations, overlays.
mod snapshots;
// The smallest document for each step of `adapt`, exercised.
mod adapt;
// The smallest document for each step of `downconvert`, exercised.
mod downconvert;
// Documents that must be refused, and how they are.
mod rejected;
// Operations that cannot be generated, left out beside others; references to nothing.
mod left_out;
// No text of a document is read as more than text; what is deprecated warns.
mod injections;
// JSON Schema of every generated type against the schema it came from.
mod json_schema;
// A value of any variant of a union is read and sent unchanged.
mod unions;
// No generated type prints a secret.
mod leaks;
// Any mutation of a document ends in code that compiles or in an error.
mod mutations;
// From a server by `pull` to a compiled client that is called.
mod end_to_end;
// Each operation on the wire, against what its document says.
mod operations;
// What holds for every document that the client is generated from.
mod documents;
// Every example of them against its schema.
mod examples;
// IBM's documents of 2023 over ours, and every example against the types.
mod published;
// A document published anew, in another form, gives the same client.
mod republished;
// After an update to what IBM published, every test passes.
mod update;
// What is said of changed documents, rule by rule and on real ones.
mod drift;
// What is said of the Rust surface is what the compiler says.
mod verdicts;
// The package that `cargo package` makes builds alone.
mod package;

// A real HTTP server, shared with the tests of iam-client.
#[path = "../../iam-client/tests/runtime/server.rs"]
#[allow(dead_code)]
mod server;

// Reads a document as it stands, without the generator.
mod openapi;

// Values and calls made up from a model.
mod samples;

// Paths of the workspace, and crates compiled in it.
mod workspace;
