//! `/try/`: the web client, as it was built into this program from `web/dist`.

use std::{collections::BTreeMap, sync::LazyLock};

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use sha2::{Digest, Sha256};

/// Names below `web/dist`, and what they hold.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/web.rs"));

/// Where the client finds the API from here, instead of what `config.json` says elsewhere.
const CONFIG: &str = r#"{"api": "", "live": "/live"}"#;

/// What a page may do: all its own, and speak to an API and show pictures wherever these are. On AWS the same is said by
/// CloudFront (`infra/terraform/web.tf`).
const POLICY: &str = "default-src 'self'; connect-src 'self' ws: wss: http: https:; img-src 'self' data: blob: http: \
                      https:; media-src 'self' blob: http: https:; object-src 'none'; base-uri 'none'; form-action \
                      'self'; frame-ancestors 'none'";

struct File {
    content_type: &'static str,
    etag: String,
    bytes: &'static [u8],
}

static SERVED: LazyLock<BTreeMap<&'static str, File>> = LazyLock::new(|| {
    let config = ("config.json", CONFIG.as_bytes());
    let others = FILES.iter().copied().filter(|(name, _)| *name != config.0);
    others.chain([config]).map(|(name, bytes)| (name, File::new(name, bytes))).collect()
});

impl File {
    fn new(name: &str, bytes: &'static [u8]) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(bytes)[..12]));
        Self { content_type: content_type(name), etag, bytes }
    }
}

/// By the ending. Terraform has the same table for S3.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "mp3" => "audio/mpeg",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

pub(crate) fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/try", get(|| async { Redirect::permanent("/try/") }))
        .route("/try/", get(|headers: HeaderMap| async move { file("", &headers) }))
        .route("/try/{*name}", get(|Path(name): Path<String>, headers: HeaderMap| async move { file(&name, &headers) }))
}

fn file(name: &str, headers: &HeaderMap) -> Response {
    // A folder shows its page.
    let name = if name.is_empty() || name.ends_with('/') { format!("{name}index.html") } else { name.to_owned() };
    let Some(file) = SERVED.get(name.as_str()) else { return StatusCode::NOT_FOUND.into_response() };
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_known = known == "*" || known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == file.etag);
    let kept = [(header::ETAG, file.etag.as_str()), (header::CACHE_CONTROL, "no-cache")];
    if is_known {
        return (StatusCode::NOT_MODIFIED, kept).into_response();
    }
    let told = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (kept, told, file.bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_the_folder_is_served_by_its_name_and_the_config_is_the_clouds() {
        assert!(SERVED.contains_key("index.html"));
        assert_eq!(SERVED["config.json"].bytes, CONFIG.as_bytes());
        for (name, bytes) in FILES {
            assert!(!name.starts_with('/') && !name.contains(".."), "{name}");
            assert!(*name == "config.json" || SERVED[name].bytes == *bytes, "{name}");
            assert_ne!(content_type(name), "application/octet-stream", "{name}: no content type is known");
        }
    }
}
