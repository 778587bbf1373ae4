//! `docs/openapi.json`: OpenAPI 3.1, made from the rows and the types they name.

use std::collections::BTreeMap;

use edge::{Access, Code, Method, Row, Trigger};
use serde_json::{Map, Value, json};

use crate::schemas::{Schemas, problem};

/// The document, and its schemas by name.
pub(crate) fn document(rows: &[&'static Row]) -> (Value, Map<String, Value>) {
    let mut schemas = Schemas::openapi();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    let mut queries = vec![];
    for row in rows {
        let Trigger::Http { method, path } = row.trigger else { continue };
        let mut operation = operation(row, method, path);
        if let Some(query) = row.query {
            let reference = schemas.asked(query);
            queries.push((row.name, reference));
        }
        if let Some(body) = row.body {
            operation["requestBody"] = json!({
                "required": body_is_required(row),
                "content": {"application/json": {"schema": schemas.asked(body)}},
            });
        }
        let (status, reply) = row.reply;
        let mut usual = json!({"description": description_of(status)});
        if let Some(reply) = reply {
            // A parameter of the type, such as a character set, is none of the document's.
            let content_type = row.content_type.split(';').next().unwrap_or_default();
            usual["content"] = json!({content_type: {"schema": schemas.told(reply)}});
        }
        let headers = headers_of(row, status);
        if !headers.is_empty() {
            usual["headers"] = Value::from(headers);
        }
        operation["responses"][status.to_string()] = usual;
        if status == 204 && row.sets_cookie {
            operation["responses"]["204"]["description"] = "Done; the cookie is cleared.".into();
        }
        let word = method.word().to_ascii_lowercase();
        paths.entry(path).or_default().insert(word, operation);
    }
    let mut definitions = schemas.definitions();
    // Query parameters are listed one by one; the types that gather them are nobody else's business.
    for (name, reference) in &queries {
        let parameters = parameters_of(reference, &definitions);
        for operation in paths.values_mut().flat_map(Map::values_mut) {
            if operation["operationId"] == *name
                && let Some(known) = operation["parameters"].as_array_mut()
            {
                known.extend(parameters.clone());
            }
        }
    }
    // Several routes may share one.
    for (_, reference) in &queries {
        type_of(reference).and_then(|name| definitions.remove(name));
    }
    definitions.insert("Problem".into(), problem());
    definitions.insert(
        "GatewayMessage".into(),
        json!({
            "type": "object", "description": "What API Gateway itself answers.",
            "properties": {"message": {"type": "string"}}, "required": ["message"],
        }),
    );
    let document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Madang",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "accounts", "description": "Signing up, signing in, who somebody is, districts."},
            {"name": "errands", "description": "Journeys that people ask of others, makers and their quotes."},
            {"name": "listings", "description": "What is put up for barter or rent; feeds, search, bookmarks, categories."},
            {"name": "deals", "description": "Barter, rental and errands, from the first word to the last coin."},
            {"name": "media", "description": "Pictures."},
            {"name": "notifications", "description": "What people are told, and what they want to be told."},
            {"name": "trust", "description": "Who follows whom, reviews, the manner score, reports, suspension, feedback."},
            {"name": "wallet", "description": "Coins."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "The `accessToken` of `POST /auth/session`.",
            }},
            "schemas": definitions,
        },
    });
    (document, definitions)
}

const DESCRIPTION: &str = "\
Times are RFC 3339 in UTC, money is whole KRW, identifiers say what they are by their prefix. Unknown fields are refused. \
What is wrong is said in a problem document (RFC 9457) with a stable `code`, in Korean or English by `Accept-Language`, \
every bad field at once. A `POST` that creates takes an `Idempotency-Key`: the same key and body within 24 hours get the \
first reply again. Lists take `limit` and `cursor`.";

fn operation(row: &Row, method: Method, path: &str) -> Value {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": path_schema(name)}))
        .collect();
    if row.idempotent {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "Makes it safe to send the request again.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
        }));
    }
    if row.etag {
        parameters.push(json!({
            "name": "If-None-Match", "in": "header", "description": "An `ETag` that was seen.",
            "schema": {"type": "string", "pattern": "^[ -~]*$"},
        }));
    }
    let mut operation = json!({
        "operationId": row.name,
        "tags": [row.context()],
        "summary": row.summary,
        "parameters": parameters,
        "responses": problems(row),
        "x-features": row.features,
    });
    if !row.description.is_empty() {
        operation["description"] = row.description.into();
    }
    operation["security"] = match row.access {
        Access::Anyone | Access::Machine => json!([]),
        Access::Maybe => json!([{}, {"bearer": []}]),
        Access::Member | Access::Admin => json!([{"bearer": []}]),
    };
    if row.etag {
        operation["responses"]["304"] = json!({"description": "Not changed since."});
    }
    if method == Method::Delete {
        // A body of a DELETE means nothing.
        operation["x-no-body"] = true.into();
    }
    operation
}

fn path_schema(name: &str) -> Value {
    match name {
        "accountId" => json!({"$ref": "#/components/schemas/AccountId"}),
        "dealId" => json!({"$ref": "#/components/schemas/DealId"}),
        "reportId" => json!({"$ref": "#/components/schemas/ReportId"}),
        "errandId" => json!({"$ref": "#/components/schemas/ErrandId"}),
        "listingId" => json!({"$ref": "#/components/schemas/ListingId"}),
        "notificationId" => json!({"$ref": "#/components/schemas/NotificationId"}),
        "mediaId" => json!({"$ref": "#/components/schemas/MediaId"}),
        "categoryId" => json!({"$ref": "#/components/schemas/CategoryId"}),
        "provider" => json!({"type": "string", "enum": ["google", "kakao", "naver"]}),
        _ => json!({"type": "string"}),
    }
}

/// The bodies that may be left out altogether.
fn body_is_required(row: &Row) -> bool {
    !matches!(row.name, "accounts.session_refresh" | "accounts.session_end" | "listings.relist")
}

fn headers_of(row: &Row, status: u16) -> Map<String, Value> {
    let mut headers = Map::new();
    let mut add = |name: &str, description: &str| {
        headers.insert(name.to_owned(), json!({"description": description, "schema": {"type": "string"}}));
    };
    if matches!(status, 201 | 302) {
        add("Location", "Where it is.");
    }
    if row.sets_cookie {
        add("Set-Cookie", "The session's cookie: httpOnly, limited to its path.");
    }
    if row.etag {
        add("ETag", "Names this version of the reply.");
    }
    if row.idempotent {
        add("Idempotency-Replayed", "`true` when this is the first reply again.");
    }
    headers
}

/// The problems of a route, by status.
fn problems(row: &Row) -> Value {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in row.all_problems() {
        by_status.entry(code.status()).or_default().push(code);
    }
    let mut responses = Map::new();
    for (status, codes) in by_status {
        let titles: Vec<String> =
            codes.iter().map(|code| format!("`{}`: {}", code.slug(), code.title(domain_lang()))).collect();
        let slugs: Vec<&str> = codes.iter().map(|code| code.slug()).collect();
        let schema = json!({
            "allOf": [
                {"$ref": "#/components/schemas/Problem"},
                {"properties": {"code": {"enum": slugs}}},
            ],
        });
        let mut response = json!({
            "description": titles.join(" "),
            "content": {"application/problem+json": {"schema": schema}},
        });
        if matches!(status, 409 | 429 | 503) {
            response["headers"] = json!({"Retry-After": {"description": "Seconds.", "schema": {"type": "string"}}});
        }
        // These the gateway may answer before the function is asked.
        let gateway = matches!(status, 401) && matches!(row.access, Access::Member | Access::Admin)
            || matches!(status, 413 | 500 | 503);
        if gateway {
            response["content"]["application/json"] =
                json!({"schema": {"$ref": "#/components/schemas/GatewayMessage"}});
        }
        responses.insert(status.to_string(), response);
    }
    responses.insert("414".into(), json!({"description": "The address is far too long."}));
    responses.insert(
        "431".into(),
        json!({
            "description": "The request line and headers together are longer than 10,240 bytes.",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}},
        }),
    );
    Value::from(responses)
}

fn domain_lang() -> edge::Lang {
    edge::Lang::En
}

fn description_of(status: u16) -> &'static str {
    match status {
        200 => "Here it is.",
        201 => "Made.",
        202 => "It will be done, if there is something to do.",
        204 => "Done.",
        302 => "Go there.",
        _ => "",
    }
}

/// The name of the type that is referred to.
fn type_of(reference: &Value) -> Option<&str> {
    reference["$ref"].as_str().and_then(|path| path.rsplit('/').next())
}

/// The properties of a query type as parameters.
fn parameters_of(reference: &Value, definitions: &Map<String, Value>) -> Vec<Value> {
    let Some(schema) = type_of(reference).and_then(|name| definitions.get(name)) else { return vec![] };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    properties
        .into_iter()
        .map(|(name, property)| {
            let mut property = without_null(property);
            let description = property.as_object_mut().and_then(|schema| schema.remove("description"));
            let mut parameter =
                json!({"name": name, "in": "query", "required": required.contains(&name.as_str()), "schema": property});
            if let Some(description) = description {
                parameter["description"] = description;
            }
            parameter
        })
        .collect()
}

/// A parameter is there or not; it is never null.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema["type"].as_array().cloned() {
        let kept: Vec<Value> = types.into_iter().filter(|kind| kind != "null").collect();
        if let [only] = kept.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(options) = schema["anyOf"].as_array().cloned() {
        let kept: Vec<Value> = options.into_iter().filter(|option| option["type"] != "null").collect();
        if let ([only], Some(object)) = (kept.as_slice(), schema.as_object_mut()) {
            object.remove("anyOf");
            for (name, value) in only.as_object().into_iter().flatten() {
                object.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    if let Some(object) = schema.as_object_mut() {
        for name in ["anyOf", "type"] {
            if object.get(name) == Some(&Value::Null) {
                object.remove(name);
            }
        }
    }
    schema
}
