//! Why something that breaks for another tool does not break for us.

use iam_codegen::compare::{Rust, Wire};

/// A tool that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    Redocly,
    Drift,
}

/// A reason, and the pairs that it holds for.
pub(super) struct Excuse {
    #[allow(dead_code, reason = "it is there to be read")]
    why: &'static str,
    /// What we say there: changes of one of these kinds, and nothing worse; if
    /// `None`, nothing at all.
    pub(super) ours: Option<(&'static [&'static str], Wire)>,
    /// At least this is what we say of the generated surface.
    pub(super) rust: Rust,
    /// By tool and rule of the tool's.
    by: &'static [(Tool, &'static str, &'static [&'static str])],
}

impl Excuse {
    /// What is excused, by rule and pair.
    pub(super) fn all_of(&self, tool: Tool) -> impl Iterator<Item = (&'static str, &'static str)> {
        let of_tool = self.by.iter().filter(move |(one, ..)| *one == tool);
        of_tool.flat_map(|(_, rule, pairs)| pairs.iter().map(|pair| (*rule, *pair)))
    }

    /// The pairs in which a rule is excused.
    pub(super) fn pairs_of(&self, tool: Tool, rule: &str) -> impl Iterator<Item = &'static str> {
        self.all_of(tool).filter_map(move |(one, pair)| (one == rule).then_some(pair))
    }
}

use Tool::{Drift, Redocly};

/// Pairs are called by their key in the corpus; by kind, as what they are
/// judged and the way, if they are of `tests/drift`; or by kind of mutation.
pub(super) const EXCUSED: &[Excuse] = &[
    Excuse {
        why: "OpenAPI has header parameters named Accept, Authorization and Content-Type ignored",
        ours: Some((&["ignored-parameter-changed"], Wire::Documentation)),
        rust: Rust::None,
        by: &[
            (Redocly, "parameter-became-required", &["ignored-parameter-changed wire"]),
            (Redocly, "parameter-removed", &["ignored-parameter-changed wire back"]),
            (Drift, "AddedRequired", &["ignored-parameter-changed wire"]),
            (
                Drift,
                "Removed",
                &["ignored-parameter-changed wire", "ignored-parameter-changed wire back"],
            ),
        ],
    },
    Excuse {
        why: "a schema with properties describes objects whether it states the type or not",
        ours: Some((&["type-implied"], Wire::Documentation)),
        rust: Rust::None,
        by: &[
            (
                Redocly,
                "schema-type-changed",
                &["type-implied request back", "type-implied response"],
            ),
            (
                Drift,
                "Datatype",
                &[
                    "type-implied request",
                    "type-implied request back",
                    "type-implied response",
                    "type-implied response back",
                ],
            ),
        ],
    },
    Excuse {
        why: "a document without `security` does not say that no credentials are needed",
        ours: Some((&["security-stated"], Wire::Risky)),
        rust: Rust::None,
        by: &[(Redocly, "security-requirement-changed", &["5b255ccad2", "security-stated wire"])],
    },
    Excuse {
        why: "an operationId is not sent; what breaks is the name of the Rust method",
        ours: Some((&["operation-renamed"], Wire::Documentation)),
        rust: Rust::Breaking,
        by: &[(
            Redocly,
            "operation-id-changed",
            &[
                "0fe7ff43b7",
                "70055329bb",
                "operation-renamed wire",
                "operation-renamed wire back",
                "mutation operation-renamed",
            ],
        )],
    },
    Excuse {
        why: "a webhook of another name is another one; the old one is gone, which breaks there",
        ours: Some((&["webhook-added"], Wire::Compatible)),
        rust: Rust::None,
        by: &[(Redocly, "operation-id-changed", &["783a7df79c"])],
    },
    Excuse {
        why: "most servers ignore parameters they do not know, so calls may still work; Rust breaks",
        ours: Some((&["parameter-removed"], Wire::Risky)),
        rust: Rust::Breaking,
        by: &[
            (
                Redocly,
                "parameter-removed",
                &[
                    "3805bbd220",
                    "4454b0a791",
                    "6003c2d837",
                    "6795b78ca5",
                    "6c1f2381b1",
                    "7c03539125",
                    "optional-parameter-added wire back",
                    "required-parameter-added wire back",
                    "mutation parameter-removed",
                ],
            ),
            (
                Drift,
                "Removed",
                &[
                    "3805bbd220",
                    "4454b0a791",
                    "6795b78ca5",
                    "6c1f2381b1",
                    "7c03539125",
                    "optional-parameter-added wire back",
                    "required-parameter-added wire back",
                    "mutation parameter-removed",
                ],
            ),
        ],
    },
    Excuse {
        why: "who takes any success still works; who tells them apart, as in Rust, may not",
        ours: Some((&["success-added"], Wire::Risky)),
        rust: Rust::Breaking,
        by: &[(Drift, "Added", &["322db7e7b2", "success-added wire", "mutation success-added"])],
    },
    Excuse {
        why: "a call may always fail, with statuses that nobody documented too",
        ours: Some((&["failure-added", "failure-removed"], Wire::Compatible)),
        rust: Rust::None,
        by: &[
            (Drift, "Added", &["62ff0c934b", "failure-added wire"]),
            (Redocly, "response-removed", &["failure-added wire back"]),
        ],
    },
    Excuse {
        why: "more may be sent, or less is received: whatever worked still does",
        ours: Some((
            &[
                "alternative-added",
                "alternative-removed",
                "became-nullable",
                "became-not-nullable",
                "enum-value-added",
                "enum-value-removed",
                "format-narrowed",
                "format-widened",
                "items-constrained",
                "items-freed",
                "became-union",
                "negation-added",
                "negation-removed",
                "no-longer-union",
                "pattern-added",
                "pattern-removed",
                "type-narrowed",
                "type-widened",
            ],
            Wire::Compatible,
        )),
        rust: Rust::None,
        by: &[
            (
                Redocly,
                "schema-combinator-changed",
                &[
                    "0141329f03",
                    "195b8f56ce",
                    "46f2660062",
                    "4a8ada4aae",
                    "5352d00625",
                    "7943b7884d",
                    "alternative-added request",
                    "alternative-added response back",
                    "became-nullable request",
                    "became-nullable response back",
                ],
            ),
            (
                Redocly,
                "schema-constraint-changed",
                &[
                    "675ce4e450",
                    "format-widened request",
                    "format-widened response back",
                    "pattern-removed request",
                    "pattern-removed response back",
                ],
            ),
            (
                Redocly,
                "schema-type-changed",
                &["4ffaa18d74", "type-widened wire", "type-widened wire back"],
            ),
            (Redocly, "enum-values-removed", &["enum-value-added request"]),
            (Redocly, "enum-values-added", &["enum-value-added response back"]),
            (
                Drift,
                "Datatype",
                &[
                    "0141329f03",
                    "46f2660062",
                    "4a8ada4aae",
                    "5352d00625",
                    "6f5c25e193",
                    "alternative-added request",
                    "alternative-added response back",
                    "became-nullable request",
                    "became-nullable response back",
                    "became-union request back",
                    "became-union response",
                    "items-constrained request back",
                    "items-constrained response",
                    "negation-added request back",
                    "negation-added response",
                    "type-widened request",
                    "type-widened response back",
                ],
            ),
            (
                Drift,
                "UnknownDifference",
                &[
                    "086042a0d8",
                    "3161ac1dab",
                    "3408978ed7",
                    "type-widened request",
                    "type-widened response back",
                    "type-widened wire",
                ],
            ),
        ],
    },
    Excuse {
        why: "`allOf` of nothing but texts demands nothing",
        ours: Some((&["all-of-text-added", "all-of-text-removed"], Wire::Documentation)),
        rust: Rust::None,
        by: &[
            (
                Redocly,
                "schema-combinator-changed",
                &["all-of-text-added request", "all-of-text-added response back"],
            ),
            (
                Drift,
                "Datatype",
                &[
                    "3ee4b865a5",
                    "all-of-text-added request",
                    "all-of-text-added request back",
                    "all-of-text-added response",
                    "all-of-text-added response back",
                ],
            ),
        ],
    },
    Excuse {
        why: "`anyOf` and `oneOf` differ only for values that fit several alternatives",
        ours: Some((&["union-keyword-changed"], Wire::Risky)),
        rust: Rust::None,
        by: &[
            (
                Redocly,
                "schema-combinator-changed",
                &[
                    "union-keyword-changed request",
                    "union-keyword-changed request back",
                    "union-keyword-changed response",
                    "union-keyword-changed response back",
                ],
            ),
            (
                Drift,
                "Datatype",
                &[
                    "union-keyword-changed request",
                    "union-keyword-changed request back",
                    "union-keyword-changed response",
                    "union-keyword-changed response back",
                ],
            ),
        ],
    },
    Excuse {
        why: "a limit where none was written mostly writes down what was refused before",
        ours: Some((
            &[
                "max-items-set",
                "max-length-set",
                "max-properties-set",
                "maximum-set",
                "minimum-set",
            ],
            Wire::Risky,
        )),
        rust: Rust::None,
        by: &[(
            Redocly,
            "schema-constraint-changed",
            &[
                "0a24ddbe62",
                "1543f9a527",
                "max-items-set request",
                "max-length-set request",
                "max-properties-set request",
                "maximum-set request",
                "minimum-set request",
            ],
        )],
    },
    Excuse {
        why: "whether texts that fit the one pattern fit the other cannot be told",
        ours: Some((&["pattern-changed"], Wire::Risky)),
        rust: Rust::None,
        by: &[(
            Redocly,
            "schema-constraint-changed",
            &[
                "3428527c95",
                "pattern-changed request",
                "pattern-changed request back",
                "pattern-changed response",
                "pattern-changed response back",
            ],
        )],
    },
    Excuse {
        why: "a pattern that is a number means nothing that could break",
        ours: Some((&["unclassified"], Wire::Risky)),
        rust: Rust::None,
        by: &[(
            Redocly,
            "schema-constraint-changed",
            &[
                "unclassified request",
                "unclassified request back",
                "unclassified response",
                "unclassified response back",
            ],
        )],
    },
    Excuse {
        why: "who reads an optional property has to do without it at any time; Rust breaks",
        ours: Some((&["optional-property-removed"], Wire::Risky)),
        rust: Rust::Breaking,
        by: &[(
            Redocly,
            "property-removed",
            &[
                "51d251417c",
                "optional-property-added response back",
                "reference-changed response",
                "reference-changed response back",
                "mutation optional-property-removed",
            ],
        )],
    },
    Excuse {
        why: "who reads an optional header has to do without it at any time",
        ours: Some((&["optional-header-removed"], Wire::Risky)),
        rust: Rust::None,
        by: &[(
            Redocly,
            "response-header-removed",
            &["2cd10fcf99", "6795b78ca5", "header-added wire back"],
        )],
    },
    Excuse {
        why: "the path has no operation",
        ours: Some((&["path-removed"], Wire::Documentation)),
        rust: Rust::None,
        by: &[(Redocly, "path-removed", &["path-added wire back"])],
    },
    Excuse {
        why: "the media type is the same, with another `charset`",
        ours: Some((&["media-type-parameters-changed"], Wire::Compatible)),
        rust: Rust::None,
        by: &[(
            Redocly,
            "media-type-removed",
            &["media-type-parameters-changed wire", "media-type-parameters-changed wire back"],
        )],
    },
    Excuse {
        why: "a parameter may be empty now, but need not",
        ours: Some((&["empty-value-allowed"], Wire::Compatible)),
        rust: Rust::None,
        by: &[(Redocly, "parameter-serialization-changed", &["empty-value-allowed wire"])],
    },
    Excuse {
        why: "servers decode what is encoded and what need not be alike, save where they do not",
        ours: Some((&["reserved-characters-changed"], Wire::Risky)),
        rust: Rust::None,
        by: &[(
            Redocly,
            "parameter-serialization-changed",
            &["reserved-characters-changed wire", "reserved-characters-changed wire back"],
        )],
    },
    Excuse {
        why: "tokens come from another address; those from before may still do",
        ours: Some((&["security-flow-changed"], Wire::Risky)),
        rust: Rust::None,
        by: &[(
            Redocly,
            "security-scheme-changed",
            &["security-flow-changed wire", "security-flow-changed wire back"],
        )],
    },
    Excuse {
        why: "one of two servers is gone: who uses the other one notices nothing",
        ours: Some((&["server-removed"], Wire::Risky)),
        rust: Rust::None,
        by: &[(Redocly, "server-removed", &["server-added wire back"])],
    },
    Excuse {
        why: "the response has a property that is only sent, so it is never received",
        ours: None,
        rust: Rust::None,
        by: &[(Redocly, "enum-values-removed", &["68cbd0e774"])],
    },
];
