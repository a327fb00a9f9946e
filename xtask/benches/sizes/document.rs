//! A document of any size, made to resemble those of large services.

use serde_json::{Map, Value, json};

/// The number of operations of a resource.
const PER_RESOURCE: usize = 5;

/// The number of resources between two that an event can be about.
const EVENTFUL: usize = 20;

/// A document of `operations` operations. Resources refer to others in a tree, and all of
/// them to events, each of which holds one of many resources: most types lead to most others,
/// as they do in real documents.
pub(super) fn document(operations: usize) -> Value {
    let resources = operations.div_ceil(PER_RESOURCE);
    let mut paths = Map::new();
    let mut schemas = shared(resources);
    for number in 0..resources {
        let name = format!("Resource{number}");
        schemas.insert(format!("{name}Config"), config(&name));
        schemas.insert(format!("{name}Rule"), rule());
        schemas.insert(format!("{name}Create"), resource(number, None));
        schemas.insert(name, resource(number, Some(resources)));
        let wanted = operations - number * PER_RESOURCE;
        add_paths(number, wanted.min(PER_RESOURCE), &mut paths);
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Resources", "version": "1.0", "description": text("All resources.")},
        "servers": [{"url": "https://api.example.com/v1"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                "Limit": {
                    "name": "limit", "in": "query", "description": text("The size of a page."),
                    "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
                },
                "Trace": {"name": "X-Trace-Id", "in": "header", "schema": {"type": "string"}},
            },
            "responses": {"Failed": {
                "description": text("The request is not valid."),
                "content": {"application/json": {"schema": reference("Problem")}},
            }},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    })
}

fn text(begin: &str) -> String {
    let rest = "It applies to the account of the caller. See the [guide](https://example.com/docs) \
                for `limits`, and for what *else* depends on it.";
    format!("{begin}\n\n{rest}\n\n- {rest}\n- {rest}")
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn shared(resources: usize) -> Map<String, Value> {
    let subjects: Vec<_> = (0..resources).step_by(EVENTFUL).collect();
    let mapping: Map<_, _> = subjects
        .iter()
        .map(|number| {
            let target = format!("#/components/schemas/Resource{number}");
            (format!("resource_{number}"), json!(target))
        })
        .collect();
    let subjects: Vec<_> =
        subjects.iter().map(|number| reference(&format!("Resource{number}"))).collect();
    let Value::Object(shared) = json!({
        "Owner": {
            "type": "object", "required": ["id"],
            "properties": {
                "id": {"type": "string"}, "email": {"type": "string", "format": "email"},
                "manager": reference("Owner"),
            },
        },
        "Problem": {
            "type": "object", "required": ["code"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        },
        "Event": {
            "type": "object", "required": ["at", "subject"],
            "properties": {
                "at": {"type": "string", "format": "date-time"},
                "subject": {
                    "oneOf": subjects,
                    "discriminator": {"propertyName": "kind", "mapping": mapping},
                },
            },
        },
    }) else {
        return Map::new();
    };
    shared
}

/// The body that creates a resource, or the response that describes it.
fn resource(number: usize, returned: Option<usize>) -> Value {
    let name = format!("Resource{number}");
    let mut properties = json!({
        "name": {"type": "string", "maxLength": 80, "description": text("The name.")},
        "kind": {"type": "string", "description": "The kind."},
        "description": {"type": ["string", "null"], "description": text("The purpose.")},
        "state": {
            "type": "string", "enum": ["active", "paused", "deleted", "in-review"],
            "description": text("The state."),
        },
        "labels": {"type": "array", "items": {"type": "string"}, "maxItems": 10},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "weight": {"type": "number"},
        "size": {"type": "integer", "format": "int32", "description": text("The size.")},
        "settings": {
            "type": "object", "description": "The settings.",
            "properties": {
                "enabled": {"type": "boolean"},
                "mode": {"enum": ["fast", "safe"], "type": "string"},
                "window": {
                    "type": "object", "required": ["start"],
                    "properties": {
                        "start": {"type": "string", "format": "date-time"},
                        "minutes": {"type": "integer"},
                    },
                },
            },
        },
        "config": reference(&format!("{name}Config")),
        "rules": {"type": "array", "items": reference(&format!("{name}Rule"))},
        "owner": reference("Owner"),
    });
    let mut required = vec!["name"];
    if let Some(resources) = returned {
        required.extend(["id", "kind", "created_at"]);
        properties["id"] = json!({"type": "string", "description": text("The identifier.")});
        properties["created_at"] = json!({"type": "string", "format": "date-time"});
        properties["events"] = json!({"type": "array", "items": reference("Event")});
        let children = [2 * number + 1, 2 * number + 2];
        for (side, child) in children.iter().enumerate().filter(|(_, child)| **child < resources) {
            let child = reference(&format!("Resource{child}"));
            properties[format!("children_{side}")] = json!({"type": "array", "items": child});
        }
    }
    json!({
        "type": "object", "description": text("A resource."),
        "required": required, "properties": properties,
    })
}

/// A union with a tag.
fn config(name: &str) -> Value {
    let variant = |tag: &str, field: &str| {
        json!({
            "title": format!("{name} {tag}"), "type": "object", "required": ["type", field],
            "properties": {
                "type": {"type": "string", "enum": [tag]},
                field: {"type": "string"},
                "region": {"type": "string"},
                "replicas": {"type": "integer"},
            },
        })
    };
    json!({"oneOf": [variant("disk", "path"), variant("network", "address")]})
}

/// A union without a tag, and a type that contains itself.
fn rule() -> Value {
    json!({"oneOf": [
        {
            "title": "Comparison", "type": "object", "required": ["field", "value"],
            "properties": {
                "field": {"type": "string"},
                "value": {"oneOf": [{"type": "string"}, {"type": "number"}]},
                "operator": {"type": "string", "enum": ["=", "!=", "<", ">"]},
            },
        },
        {
            "title": "Group", "type": "object", "required": ["rules"],
            "properties": {
                "all": {"type": "boolean"},
                "rules": {"type": "array", "items": {"type": "string"}},
            },
        },
    ]})
}

fn add_paths(number: usize, wanted: usize, paths: &mut Map<String, Value>) {
    let (name, tag) = (format!("Resource{number}"), format!("Group {}", number / 10));
    let at = format!("/groups/{{group_id}}/resources_{number}");
    let id = json!({
        "name": "id", "in": "path", "required": true, "schema": {"type": "string"},
        "description": text("The identifier of the resource."),
    });
    let group = json!({
        "name": "group_id", "in": "path", "required": true, "schema": {"type": "string"},
    });
    let filters = ["name", "state", "owner", "created_after"].map(|filter| {
        json!({
            "name": filter, "in": "query", "schema": {"type": "string"},
            "description": text("Only resources with this value."),
        })
    });
    let shared = |name: &str| json!({"$ref": format!("#/components/parameters/{name}")});
    let labels = json!({
        "name": "labels", "in": "query", "schema": {"type": "array", "items": {"type": "string"}},
    });
    let mut listing = vec![shared("Limit"), shared("Trace"), labels];
    listing.extend(filters);
    let json_of = |schema: Value| json!({"application/json": {"schema": schema}});
    let page = json!({
        "type": "object", "required": ["resources", "total"],
        "properties": {
            "resources": {"type": "array", "items": reference(&name)},
            "total": {"type": "integer"}, "next": {"type": "string"},
        },
    });
    let create = reference(&format!("{name}Create"));
    let patch = json!({"type": "object", "properties": resource(number, None)["properties"]});
    let operations = [
        (false, "get", "list", json!({"parameters": listing}), Some(page)),
        (
            false,
            "post",
            "create",
            json!({"requestBody": {
                "required": true, "content": json_of(create),
            }}),
            Some(reference(&name)),
        ),
        (true, "get", "get", json!({"parameters": [shared("Trace")]}), Some(reference(&name))),
        (
            true,
            "patch",
            "update",
            json!({"requestBody": {
                "required": true, "content": json_of(patch),
            }}),
            Some(reference(&name)),
        ),
        (true, "delete", "delete", json!({}), None),
    ];
    for (single, method, verb, mut operation, returned) in operations.into_iter().take(wanted) {
        operation["operationId"] = json!(format!("{verb}_resource_{number}"));
        operation["summary"] = json!(format!("{verb} resources {number}"));
        operation["description"] = json!(text("What this does."));
        operation["tags"] = json!([tag]);
        let (status, success) = match returned {
            Some(schema) => ("200", json!({"description": "Done.", "content": json_of(schema)})),
            None => ("204", json!({"description": "Done."})),
        };
        let failed = json!({"$ref": "#/components/responses/Failed"});
        operation["responses"] = json!({status: success, "400": failed, "404": failed});
        let (path, shared) = if single {
            (format!("{at}/{{id}}"), json!([group, id]))
        } else {
            (at.clone(), json!([group]))
        };
        let item = paths.entry(path).or_insert_with(|| json!({"parameters": shared}));
        item[method] = operation;
    }
}
