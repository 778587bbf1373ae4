//! /login: the sign-in page, and what it sends.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::authorize::{check, failed, grant};
use super::{cookie, set_cookie, shown_providers};
use crate::crypto::{fingerprint, random_text, same};
use crate::pages::{self, Lang, SignIn};
use crate::params::Params;
use crate::passwords::may_enter;
use crate::state::{BrowserSession, Status};
use crate::{AppClient, Inner};

/// How long a browser stays signed in on the hosted page.
const SESSION_S: i64 = 3600;

pub(super) async fn show(State(inner): State<Arc<Inner>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Response {
    let params = Params::parse(raw.as_deref().unwrap_or_default());
    match check(&inner, &params) {
        Ok((client, _)) => page(&inner, client, &params, &headers, params.text("login_hint"), None),
        Err(refusal) => refusal.response(Lang::of(params.get("lang"), &headers)),
    }
}

fn page(
    inner: &Inner,
    client: &AppClient,
    params: &Params,
    headers: &HeaderMap,
    email: &str,
    error: Option<&str>,
) -> Response {
    let csrf = cookie(headers, "XSRF-TOKEN").map_or_else(|| random_text(24), str::to_owned);
    let mut response = pages::sign_in(&SignIn {
        lang: Lang::of(params.get("lang"), headers),
        query: &params.without(&["lang", "login_hint"]),
        csrf: &csrf,
        email,
        error,
        providers: &shown_providers(client),
    });
    set_cookie(inner, &mut response, "XSRF-TOKEN", &csrf, SESSION_S);
    response
}

pub(super) async fn submit(
    State(inner): State<Arc<Inner>>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let params = Params::parse(raw.as_deref().unwrap_or_default());
    let form = Params::parse(&body);
    let lang = Lang::of(params.get("lang"), &headers);
    let (client, request) = match check(&inner, &params) {
        Ok(checked) => checked,
        Err(refusal) => return refusal.response(lang),
    };
    let email = form.text("username");
    let again = |message: &str| page(&inner, client, &params, &headers, email, Some(message));
    let meant =
        cookie(&headers, "XSRF-TOKEN").is_some_and(|token| same(token.as_bytes(), form.text("_csrf").as_bytes()));
    if !meant {
        return again(
            lang.pick("페이지가 만료되었습니다. 다시 시도해 주세요.", "The page has expired. Please try again."),
        );
    }
    let wrong = lang.pick("이메일 또는 비밀번호가 올바르지 않습니다.", "Incorrect e-mail or password.");
    let password = form.text("password");
    if email.chars().count() > 128 || password.chars().count() > 256 {
        return again(wrong);
    }
    let checked = inner.check_password(client, email, password, &None).await;
    let user = match checked.and_then(|user| may_enter(&user).map(|()| user)) {
        Ok(user) => user,
        Err(fault) => {
            return again(match (fault.kind, fault.message.as_str()) {
                ("UserNotConfirmedException", _) => {
                    lang.pick("이메일 인증을 먼저 마쳐 주세요.", "Please confirm your e-mail first.")
                }
                (_, "User is disabled.") => lang.pick("사용이 중지된 계정입니다.", "This account is disabled."),
                (_, "Password attempts exceeded") => lang.pick(
                    "시도가 너무 많습니다. 잠시 후 다시 시도해 주세요.",
                    "Too many attempts. Please try again later.",
                ),
                ("UserLambdaValidationException", message) => message,
                _ => wrong,
            });
        }
    };
    if user.status == Status::ForceChangePassword {
        return again(
            lang.pick("앱에서 새 비밀번호를 먼저 정해 주세요.", "Please choose a new password in the app first."),
        );
    }
    if let Err(fault) = inner.post_authentication(&client.id, &user, &None).await {
        return failed(&request, "invalid_request", Some(format!("{} ", fault.message))).response(lang);
    }
    let auth_time_s = inner.now_ms() / 1000;
    let mut response = grant(&inner, request, &user.username, auth_time_s);
    remember(&inner, &mut response, &user.username, auth_time_s);
    response
}

/// Gives the browser its session cookie.
pub(super) fn remember(inner: &Inner, response: &mut Response, username: &str, auth_time_s: i64) {
    let value = random_text(32);
    let session =
        BrowserSession { username: username.to_owned(), auth_time_s, expires_ms: inner.now_ms() + SESSION_S * 1000 };
    let kept = inner.change(|state| {
        state.browser_sessions.insert(fingerprint(&value), session);
        Ok(())
    });
    if kept.is_ok() {
        set_cookie(inner, response, "cognito", &value, SESSION_S);
    }
}
