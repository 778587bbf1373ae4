//! The gateway: behaves as API Gateway's HTTP API does (payload format 2.0, JWT authorizer, CORS, limits), and sends what
//! is meant for the table, the bucket, the user pool or Lambda there.

use std::{
    collections::{BTreeMap, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use edge::{Access, Invocation, Method as RowMethod, Row, Trigger};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{
    cloud::{BUCKET, Inner, POOL_ID},
    control, docs,
    faults::{self, TableFault},
    functions::failure_payload,
    mail, people,
    privileges::{Caller, Denied, Need, needs_of_table},
    sockets, web,
};

/// API Gateway's limit of a request's body.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// Lambda's limit of an event that nobody waits for.
const MAX_LATER: usize = 1024 * 1024;
/// API Gateway's limit of the request line and headers together.
const MAX_HEADERS: usize = 10_240;
/// API Gateway's limit of an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The routes of the HTTP API by method.
pub(crate) struct Routes(HashMap<Method, matchit::Router<&'static Row>>);

impl Routes {
    pub(crate) fn of(rows: impl Iterator<Item = &'static Row>) -> Self {
        let mut routers: HashMap<Method, matchit::Router<&'static Row>> = HashMap::new();
        for row in rows {
            if let Trigger::Http { method, path } = row.trigger {
                // Two routes alike would not get through the generators' check.
                let _ = routers.entry(http_method(method)).or_default().insert(path, row);
            }
        }
        Self(routers)
    }

    fn find(&self, method: &Method, path: &str) -> Option<(&'static Row, Map<String, Value>)> {
        let found = self.0.get(method)?.at(path).ok()?;
        let decoded = |value: &str| percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned();
        let parameters = found.params.iter().map(|(name, value)| (name.to_owned(), Value::from(decoded(value))));
        Some((*found.value, parameters.collect()))
    }
}

fn http_method(method: RowMethod) -> Method {
    match method {
        RowMethod::Get => Method::GET,
        RowMethod::Post => Method::POST,
        RowMethod::Put => Method::PUT,
        RowMethod::Patch => Method::PATCH,
        RowMethod::Delete => Method::DELETE,
    }
}

/// Everything behind the one port.
pub(crate) fn router(inner: Arc<Inner>) -> Router {
    let pool = inner.pool.get().map(user_pool::Pool::router).unwrap_or_default();
    Router::new()
        .merge(control::router(Arc::clone(&inner)))
        .merge(sockets::control(Arc::clone(&inner)))
        .merge(faults::control(Arc::clone(&inner)))
        .merge(people::control(Arc::clone(&inner)))
        .merge(docs::router())
        .merge(web::router())
        .fallback(move |request: Request| dispatch(Arc::clone(&inner), pool.clone(), request))
}

async fn dispatch(inner: Arc<Inner>, pool: Router, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).map(str::to_owned);
    match target.as_deref() {
        Some(target) if target.starts_with("DynamoDB") => return table(&inner, target, request).await,
        Some(target) if target.starts_with("AWSCognitoIdentityProviderService.") => {
            return user_pool_api(&inner, target, request).await;
        }
        _ => {}
    }
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match first {
        // AWS's clients post to the root; a person who opens it wants the page.
        "" if request.method() == Method::GET => axum::response::Redirect::temporary("/docs").into_response(),
        BUCKET => match inner.bucket.get() {
            Some(bucket) => bucket.call(request).await,
            None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        },
        "_cdn" => rendition(&inner, path.trim_start_matches("/_cdn/")).await,
        sockets::STAGE => sockets::serve(&inner, request).await,
        "v2" if path == mail::PATH => mail::send(&inner, request).await,
        "2015-03-31" => lambda(&inner, &path, request).await,
        "oauth2" | "login" | "logout" | "_idp" | POOL_ID => {
            pool.oneshot(request).await.unwrap_or_else(|never| match never {})
        }
        _ => api(&inner, request).await,
    }
}

async fn table(inner: &Inner, target: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match to_bytes(body, 16 * 1024 * 1024).await {
        Ok(body) => {
            let operation = target.split_once('.').map_or(target, |(_, operation)| operation);
            let needs = || needs_of_table(operation, &body);
            let caller = inner.guard.caller(&parts.headers);
            let fault = match caller {
                Caller::Function { itself: true, .. } => inner.faults.of_table(),
                _ => None,
            };
            let answer = match inner.guard.check(caller, needs) {
                Ok(()) if fault == Some(TableFault::Before) => crate::tables::throttled(),
                Ok(()) => {
                    let answer = inner.tables.call(target, body, &parts.headers).await;
                    if fault == Some(TableFault::After) { crate::tables::broken() } else { answer }
                }
                Err(Denied(sentence)) => crate::tables::denied(&sentence),
            };
            answer.map(Body::from)
        }
        Err(_) => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    }
}

async fn user_pool_api(inner: &Inner, target: &str, request: Request) -> Response {
    let (Some(pool), Some((_, operation))) = (inner.pool.get(), target.split_once('.')) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let caller = inner.guard.caller(request.headers());
    let Ok(body) = to_bytes(request.into_body(), 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let reply = match inner.guard.check(caller, || vec![Need::pool(operation)]) {
        Ok(()) => pool.api(operation, &body).await,
        Err(Denied(sentence)) => {
            let kind = "AccessDeniedException";
            let body = json!({"__type": kind, "Message": sentence});
            user_pool::ApiReply { status: 400, error_type: Some(kind.to_owned()), body }
        }
    };
    let mut response = (
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        [(header::CONTENT_TYPE, "application/x-amz-json-1.1")],
        reply.body.to_string(),
    )
        .into_response();
    if let Some(value) = reply.error_type.and_then(|error| HeaderValue::from_str(&error).ok()) {
        response.headers_mut().insert("x-amzn-errortype", value);
    }
    response
}

/// Renditions, as the CDN shows them: no signature, and nothing but renditions.
async fn rendition(inner: &Inner, key: &str) -> Response {
    if !key.starts_with("renditions/") || key.contains("..") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(bucket) = inner.bucket.get() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    match bucket.read(key).await {
        None => StatusCode::FORBIDDEN.into_response(),
        Some((bytes, content_type, cache_control)) => {
            let mut response = ([(header::CONTENT_TYPE, content_type)], bytes).into_response();
            if let Some(value) = cache_control.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.headers_mut().insert(header::CACHE_CONTROL, value);
            }
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            response
        }
    }
}

/// `POST /2015-03-31/functions/{name}/invocations`, as the AWS CLI and `cargo lambda invoke` send it.
async fn lambda(inner: &Arc<Inner>, path: &str, request: Request) -> Response {
    let mut parts = path.trim_start_matches('/').split('/');
    let (_, Some("functions"), Some(name), Some("invocations")) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned();
    let Some(name) = inner.functions.named(&name) else {
        let message = format!("Function not found: {name}");
        let headers = [("x-amzn-errortype", "ResourceNotFoundException")];
        return (StatusCode::NOT_FOUND, headers, json!({"Type": "User", "Message": message}).to_string())
            .into_response();
    };
    let caller = inner.guard.caller(request.headers());
    if let Err(Denied(sentence)) = inner.guard.check(caller, || vec![Need::invoke(name)]) {
        let headers = [("x-amzn-errortype", "AccessDeniedException")];
        return (StatusCode::FORBIDDEN, headers, json!({"Message": sentence}).to_string()).into_response();
    }
    let asynchronous = request.headers().get("x-amz-invocation-type").is_some_and(|value| value.as_bytes() == b"Event");
    let Ok(body) = to_bytes(request.into_body(), 6 * 1024 * 1024).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let size = body.len();
    let event = match body {
        body if body.is_empty() => json!({}),
        body => match serde_json::from_slice(&body) {
            Ok(event) => event,
            Err(_) => {
                let headers = [("x-amzn-errortype", "InvalidRequestContentException")];
                let message = json!({"Type": "User", "Message": "Could not parse request body into json"});
                return (StatusCode::BAD_REQUEST, headers, message.to_string()).into_response();
            }
        },
    };
    if asynchronous {
        if size > MAX_LATER {
            let headers = [("x-amzn-errortype", "RequestTooLargeException")];
            let said =
                format!("{size} byte payload is too large for the Event invocation type (limit {MAX_LATER} bytes)");
            let message = json!({"Type": "User", "Message": said});
            return (StatusCode::PAYLOAD_TOO_LARGE, headers, message.to_string()).into_response();
        }
        inner.enqueue(name, event);
        return StatusCode::ACCEPTED.into_response();
    }
    match inner.invoke(name, event).await {
        Ok(reply) => (StatusCode::OK, reply.to_string()).into_response(),
        Err(failed) => (StatusCode::OK, [("x-amz-function-error", "Unhandled")], failure_payload(&failed).to_string())
            .into_response(),
    }
}

async fn api(inner: &Arc<Inner>, request: Request) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let allowed = origin.filter(|origin| {
        let origin = origin.to_str().unwrap_or_default();
        origin == inner.base_url || inner.options.origins.iter().any(|allowed| allowed == origin)
    });
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key("access-control-request-method");
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { route(inner, request).await };
    if let Some(origin) = allowed {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        if preflight {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET,POST,PUT,PATCH,DELETE"));
            headers.insert(
                header::ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static("authorization,content-type,idempotency-key,if-none-match,accept-language"),
            );
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("3600"));
        } else {
            headers.insert(
                header::ACCESS_CONTROL_EXPOSE_HEADERS,
                HeaderValue::from_static("etag,location,retry-after,idempotency-replayed"),
            );
        }
    }
    response
}

fn message(status: StatusCode, message: &str) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], json!({"message": message}).to_string()).into_response()
}

async fn route(inner: &Arc<Inner>, request: Request) -> Response {
    let head = request.uri().to_string().len()
        + request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    if head > MAX_HEADERS {
        return message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
    }
    let Some((row, parameters)) = inner.routes.find(request.method(), request.uri().path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let claims = match row.access {
        Access::Member | Access::Admin => match authorized(inner, request.headers()).await {
            Some(claims) => Some(claims),
            None => {
                let mut refused = message(StatusCode::UNAUTHORIZED, "Unauthorized");
                refused.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
                return refused;
            }
        },
        _ => None,
    };
    let source = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let request_id = Uuid::new_v4().to_string();
    let now = inner.clock.now();
    let event = event(&Incoming {
        row,
        parts: &parts,
        body: &body,
        parameters,
        claims,
        source: source.as_deref().unwrap_or("127.0.0.1"),
        request_id: &request_id,
        now,
    });
    let time_limit = inner.functions.time_limit(row.name);
    let invocation = Invocation { request_id, now, time_limit };
    match tokio::time::timeout(PATIENCE, inner.functions.invoke(row.name, event, invocation)).await {
        Err(_) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Ok(Err(_)) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        Ok(Ok(reply)) => answer(&reply),
    }
}

/// What the JWT authorizer finds: the claims, all as texts, lists in brackets.
async fn authorized(inner: &Inner, headers: &HeaderMap) -> Option<Map<String, Value>> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let token = value.strip_prefix("Bearer ").or_else(|| value.strip_prefix("bearer ")).unwrap_or(value);
    let claims = inner.verifier.get()?.verify(token.trim(), inner.clock.now()).await.ok()?;
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Array(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|e| e.as_str().map_or(e.to_string(), str::to_owned)).collect();
            format!("[{}]", entries.join(" "))
        }
        other => other.to_string(),
    };
    Some(claims.into_iter().map(|(name, value)| (name, Value::from(text(value)))).collect())
}

/// A request as it came in.
struct Incoming<'a> {
    row: &'static Row,
    parts: &'a http::request::Parts,
    body: &'a Bytes,
    parameters: Map<String, Value>,
    claims: Option<Map<String, Value>>,
    source: &'a str,
    request_id: &'a str,
    now: domain::time::Time,
}

/// The event of payload format 2.0.
fn event(incoming: &Incoming<'_>) -> Value {
    let Incoming { row, parts, body, parameters, claims, source, request_id, now } = incoming;
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    let mut cookies: Vec<String> = vec![];
    for (name, value) in &parts.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if name == header::COOKIE {
            cookies.extend(value.split(';').map(|cookie| cookie.trim().to_owned()));
            continue;
        }
        headers.entry(name.as_str().to_owned()).and_modify(|all| *all = format!("{all},{value}")).or_insert(value);
    }
    let host = headers.get("host").cloned().unwrap_or_default();
    headers.insert("x-forwarded-for".into(), (*source).to_owned());
    headers.insert("x-forwarded-proto".into(), "http".into());
    headers.insert(
        "x-amzn-trace-id".into(),
        format!("Root=1-{:08x}-{}", now.seconds(), &request_id.replace('-', "")[..24]),
    );
    let raw_query = parts.uri.query().unwrap_or_default();
    let path = parts.uri.path();
    let text = headers.get("content-type").is_none_or(|content_type| {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence.starts_with("text/")
            || essence.contains("json")
            || essence.contains("xml")
            || essence.contains("javascript")
    });
    let as_text = std::str::from_utf8(body).ok().filter(|_| text);
    let (Trigger::Http { method, path: template }, user_agent) =
        (row.trigger, headers.get("user-agent").cloned().unwrap_or_default())
    else {
        return Value::Null;
    };
    let route_key = format!("{} {template}", method.word());
    let mut context = json!({
        "accountId": "000000000000",
        "apiId": "local",
        "domainName": host,
        "domainPrefix": "local",
        "http": {
            "method": parts.method.as_str(),
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": source,
            "userAgent": user_agent,
        },
        "requestId": request_id,
        "routeKey": route_key,
        "stage": "$default",
        "time": clf(*now),
        "timeEpoch": now.ms(),
    });
    if let Some(claims) = claims {
        context["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
    }
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": raw_query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": false,
    });
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    let query = joined_query(raw_query);
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !parameters.is_empty() {
        event["pathParameters"] = Value::from(parameters.clone());
    }
    if !body.is_empty() {
        match as_text {
            Some(text) => event["body"] = text.into(),
            None => {
                event["body"] = STANDARD.encode(body).into();
                event["isBase64Encoded"] = true.into();
            }
        }
    }
    event
}

/// `21/Nov/2026:03:00:00 +0000`.
pub(crate) fn clf(now: domain::time::Time) -> String {
    chrono::DateTime::from_timestamp_millis(now.ms())
        .map(|time| time.format("%d/%b/%Y:%H:%M:%S +0000").to_string())
        .unwrap_or_default()
}

/// Query parameters, those that come twice joined by commas.
fn joined_query(raw: &str) -> BTreeMap<String, String> {
    let mut query: BTreeMap<String, String> = BTreeMap::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded =
            |text: &str| percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let value = decoded(value);
        query.entry(decoded(name)).and_modify(|all| *all = format!("{all},{value}")).or_insert(value);
    }
    query
}

/// A function's reply as a response.
fn answer(reply: &Value) -> Response {
    let Some(status) = reply["statusCode"].as_u64().and_then(|code| u16::try_from(code).ok()) else {
        return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    };
    let body = reply["body"].as_str().unwrap_or_default();
    let body = if reply["isBase64Encoded"] == true {
        STANDARD.decode(body).unwrap_or_default()
    } else {
        body.as_bytes().to_vec()
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in reply["headers"].as_object().into_iter().flatten() {
        let pair = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value.as_str().unwrap_or_default()));
        if let (Ok(name), Ok(value)) = pair {
            headers.insert(name, value);
        }
    }
    for cookie in reply["cookies"].as_array().into_iter().flatten() {
        if let Ok(value) = HeaderValue::from_str(cookie.as_str().unwrap_or_default()) {
            headers.append(header::SET_COOKIE, value);
        }
    }
    response
}
