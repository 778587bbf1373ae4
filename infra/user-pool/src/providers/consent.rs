//! The stand-ins' consent page: a demo person, or anybody one likes to be.

use std::sync::Arc;

use axum::extract::RawQuery;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::{Person, Provider};
use crate::Inner;
use crate::api::is_email;
use crate::crypto::random_text;
use crate::flight::{CODE_MS, Consent};
use crate::hosted::redirect;
use crate::pages::{self, Lang, escape};
use crate::params::{Params, with_query};

pub(super) async fn ask(inner: Arc<Inner>, provider: Provider, query: RawQuery, headers: HeaderMap) -> Response {
    let params = Params::parse(query.0.as_deref().unwrap_or_default());
    let lang = Lang::of(params.get("lang"), &headers);
    if let Err(message) = check(&inner, provider, &params) {
        return pages::refusal(lang, message);
    }
    let hint = params.text("login_hint");
    let hinted = provider.people().into_iter().enumerate().find(|(at, person)| {
        person.id == hint || person.email.as_deref() == Some(hint) || (at + 1).to_string() == hint
    });
    match hinted {
        Some((_, person)) => agree(&inner, provider, &params, person),
        None => show(provider, &params, lang, None),
    }
}

pub(super) async fn answer(
    inner: Arc<Inner>,
    provider: Provider,
    query: RawQuery,
    headers: HeaderMap,
    body: String,
) -> Response {
    let params = Params::parse(query.0.as_deref().unwrap_or_default());
    let form = Params::parse(&body);
    let lang = Lang::of(params.get("lang"), &headers);
    if let Err(message) = check(&inner, provider, &params) {
        return pages::refusal(lang, message);
    }
    if form.get("refuse").is_some() {
        let refused = [("error", "access_denied"), ("state", params.text("state"))];
        return redirect(&with_query(params.text("redirect_uri"), refused));
    }
    let listed = form.get("person").and_then(|id| provider.people().into_iter().find(|person| person.id == id));
    match listed.map_or_else(|| own(provider, &form), Ok) {
        Ok(person) => agree(&inner, provider, &params, person),
        Err(()) => {
            let message = lang.pick("ID, 이메일, 이름을 확인해 주세요.", "Please check the id, e-mail and name.");
            show(provider, &params, lang, Some(message))
        }
    }
}

/// The person of the free form.
fn own(provider: Provider, form: &Params) -> Result<Person, ()> {
    let id = form.text("id");
    let plain = match provider {
        Provider::Google | Provider::Kakao => id.bytes().all(|byte| byte.is_ascii_digit()) && id.len() <= 21,
        Provider::Naver => {
            id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) && id.len() <= 64
        }
    };
    let (email, name) = (form.owned("email"), form.text("name"));
    let known = plain && !id.is_empty() && !name.is_empty() && name.chars().count() <= 100;
    if !known || email.as_deref().is_some_and(|email| !is_email(email)) {
        return Err(());
    }
    Ok(Person {
        id: id.to_owned(),
        email,
        email_verified: form.get("email_verified").is_some(),
        name: name.to_owned(),
        picture: form.owned("picture"),
    })
}

/// Only the pool is a client of the stand-ins, and only its own page is returned to.
fn check(inner: &Inner, provider: Provider, params: &Params) -> Result<(), &'static str> {
    if params.text("client_id") != provider.client_id() {
        return Err("invalid_client");
    }
    if params.text("redirect_uri") != format!("{}/oauth2/idpresponse", inner.settings.base_url) {
        return Err("redirect_uri_mismatch");
    }
    if params.text("response_type") != "code" || params.get("state").is_none() {
        return Err("invalid_request");
    }
    if !params.text("scope").split(' ').any(|scope| scope == "openid") {
        return Err("invalid_scope");
    }
    Ok(())
}

fn agree(inner: &Inner, provider: Provider, params: &Params, person: Person) -> Response {
    let code = random_text(32);
    let consent = Consent {
        provider,
        person,
        client_id: params.text("client_id").to_owned(),
        redirect_uri: params.text("redirect_uri").to_owned(),
        nonce: params.owned("nonce"),
        code_challenge: params.owned("code_challenge"),
    };
    inner.flight().provider_codes.put(code.clone(), inner.now_ms(), CODE_MS, consent);
    let granted = [("code", code.as_str()), ("state", params.text("state"))];
    redirect(&with_query(params.text("redirect_uri"), granted))
}

fn show(provider: Provider, params: &Params, lang: Lang, error: Option<&str>) -> Response {
    let query = escape(&params.without(&["login_hint", "lang"]));
    let action = format!("/_idp/{}{}?{query}", provider.slug(), provider.paths().authorize);
    let people: String = provider
        .people()
        .iter()
        .map(|person| {
            let email = person.email.as_deref().unwrap_or(lang.pick("이메일 제공 안 함", "e-mail not shared"));
            let note = if provider == Provider::Google && !person.email_verified {
                lang.pick(" (인증 안 됨)", " (not verified)")
            } else {
                ""
            };
            format!(
                "<button class=\"person\" name=\"person\" value=\"{}\">{}<small>{}{note}</small></button>",
                escape(&person.id),
                escape(&person.name),
                escape(email)
            )
        })
        .collect();
    let title = match (lang, provider) {
        (Lang::English, provider) => format!("{} (stand-in)", provider.name()),
        (Lang::Korean, Provider::Google) => "Google (대역)".to_owned(),
        (Lang::Korean, Provider::Kakao) => "카카오 (대역)".to_owned(),
        (Lang::Korean, Provider::Naver) => "네이버 (대역)".to_owned(),
    };
    let error = error.map(|text| format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text))).unwrap_or_default();
    let body = format!(
        "<h1>{title}</h1><p class=\"lead\">{}</p>{error}<form method=\"post\" action=\"{action}\">{people}</form>\
         <div class=\"or\">{}</div><form method=\"post\" action=\"{action}\">\
         <label>ID<input type=\"text\" name=\"id\" required></label>\
         <label>{}<input type=\"email\" name=\"email\"></label>\
         <label>{}<input type=\"text\" name=\"name\" required></label>\
         <label class=\"box\"><input type=\"checkbox\" name=\"email_verified\" value=\"true\">{}</label>\
         <button class=\"main\" type=\"submit\">{}</button></form>\
         <form method=\"post\" action=\"{action}\"><button name=\"refuse\" value=\"true\">{}</button></form>",
        lang.pick("누구로 로그인할까요?", "Who would you like to be?"),
        lang.pick("다른 사람", "somebody else"),
        lang.pick("이메일", "E-mail"),
        lang.pick("이름", "Name"),
        lang.pick("이메일 인증됨", "E-mail is verified"),
        lang.pick("계속", "Continue"),
        lang.pick("거절", "Refuse"),
    );
    pages::page(if error.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }, lang, &title, &body)
}
