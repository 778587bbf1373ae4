//! What the person at the keyboard, and tests, can ask the cloud itself: the mail box, the clock, a reset, the log.

use std::sync::{Arc, PoisonError};

use axum::{
    Json, Router,
    extract::{Query, State},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use domain::time::Time;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{cloud::Inner, mail::Posted};

pub(crate) fn router(inner: Arc<Inner>) -> Router {
    Router::new()
        .route("/_local", get(overview))
        .route("/_local/mail", get(mails).delete(clear_mails))
        .route("/_local/clock", get(clock).post(move_clock))
        .route("/_local/reset", post(reset))
        .route("/_local/settle", post(settle))
        .route("/_local/log", get(log))
        .with_state(inner)
}

async fn overview(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let mut functions: Vec<&str> = inner.functions.rows().map(|row| row.name).collect();
    functions.sort_unstable();
    Json(json!({
        "api": inner.base_url,
        "docs": format!("{}/docs", inner.base_url),
        "frames": format!("{}/docs/realtime", inner.base_url),
        "try": format!("{}/try/", inner.base_url),
        "mail": format!("{}/_local/mail", inner.base_url),
        "clock": inner.clock.now(),
        "functions": functions,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailQuery {
    to: Option<String>,
}

async fn mails(State(inner): State<Arc<Inner>>, Query(query): Query<MailQuery>, headers: HeaderMap) -> Response {
    let mut mails = inner.mailed();
    mails.reverse();
    mails.retain(|(_, mail)| query.to.as_ref().is_none_or(|to| mail.to == *to));
    let wants_page = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_page {
        return Html(page(&mails)).into_response();
    }
    let mails: Vec<Value> = mails
        .iter()
        .map(|(at, mail)| {
            json!({
                "from": mail.from, "to": mail.to, "subject": mail.subject, "code": mail.code, "at": at,
                "body": mail.body, "text": mail.text, "headers": mail.headers,
            })
        })
        .collect();
    Json(json!({"items": mails})).into_response()
}

fn page(mails: &[(Time, Posted)]) -> String {
    let escape =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let mut rows = String::new();
    for (at, mail) in mails {
        // The body is HTML of our own making, shown in a frame that can run nothing.
        rows.push_str(&format!(
            "<article><h2>{}</h2><p>{} · {at}</p><iframe sandbox srcdoc=\"{}\"></iframe></article>",
            escape(&mail.subject),
            escape(&mail.to),
            escape(&mail.body),
        ));
    }
    if rows.is_empty() {
        rows.push_str("<p>No mail yet. 아직 온 메일이 없습니다.</p>");
    }
    format!(
        "<!doctype html><html lang=\"ko\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>마당 · mail</title><style>\
         :root{{color-scheme:light dark;font-family:system-ui,sans-serif}}\
         body{{max-width:44rem;margin:2rem auto;padding:0 1rem}}\
         article{{border:1px solid #8884;border-radius:.75rem;padding:1rem;margin:1rem 0}}\
         h2{{font-size:1.1rem;margin:0}}p{{margin:.25rem 0;color:#888}}\
         iframe{{border:0;width:100%;height:11rem;background:#fff;border-radius:.5rem}}</style>\
         <h1>우편함 · Mail</h1>{rows}</html>"
    )
}

async fn clear_mails(State(inner): State<Arc<Inner>>) -> StatusCode {
    inner.mails.lock().unwrap_or_else(PoisonError::into_inner).clear();
    StatusCode::NO_CONTENT
}

async fn clock(State(inner): State<Arc<Inner>>) -> Json<Value> {
    Json(json!({"now": inner.clock.now()}))
}

/// `{"now": "2026-12-24T09:00:00Z"}` or `{"advanceSeconds": 3600}`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Move {
    now: Option<Time>,
    advance_seconds: Option<i64>,
}

async fn move_clock(State(inner): State<Arc<Inner>>, Json(to): Json<Move>) -> Response {
    let time = match to {
        Move { now: Some(now), advance_seconds: None } => now,
        Move { now: None, advance_seconds: Some(seconds) } => inner.clock.now().plus(seconds.saturating_mul(1000)),
        _ => {
            let message = json!({"message": "send either now or advanceSeconds"});
            return (StatusCode::BAD_REQUEST, Json(message)).into_response();
        }
    };
    inner.move_clock(time).await;
    Json(json!({"now": inner.clock.now()})).into_response()
}

async fn reset(State(inner): State<Arc<Inner>>) -> Response {
    match inner.reset().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(message) => (StatusCode::INTERNAL_SERVER_ERROR, Json(json!({"message": message}))).into_response(),
    }
}

async fn settle(State(inner): State<Arc<Inner>>) -> StatusCode {
    inner.settled().await;
    StatusCode::NO_CONTENT
}

async fn log(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let log = inner.log.lock().unwrap_or_else(PoisonError::into_inner);
    let lines: Vec<Value> = log.iter().rev().take(200).filter_map(|line| serde_json::from_str(line).ok()).collect();
    Json(json!({"items": lines}))
}
