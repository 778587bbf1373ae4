//! The pages: one layout in two languages, light and dark, without a script.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// The languages the pages speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Korean,
    English,
}

impl Lang {
    /// What `lang` asks for, else what the browser prefers.
    pub(crate) fn of(wished: Option<&str>, headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let known = |tag: &str| match tag.trim().split(['-', ';']).next().unwrap_or_default().to_lowercase().as_str() {
            "ko" => Some(Self::Korean),
            "en" => Some(Self::English),
            _ => None,
        };
        wished.and_then(known).or_else(|| accepted.split(',').find_map(known)).unwrap_or(Self::Korean)
    }

    pub(crate) fn pick(self, korean: &'static str, english: &'static str) -> &'static str {
        match self {
            Self::Korean => korean,
            Self::English => english,
        }
    }

    fn tag(self) -> &'static str {
        self.pick("ko", "en")
    }
}

/// Makes text harmless inside HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

const STYLE: &str = "\
:root{color-scheme:light dark;--page:#f4f2ec;--card:#fff;--ink:#1f2421;--soft:#667069;--line:#d9d6cc;--accent:#1f6b4f;\
--on-accent:#fff;--bad:#a3261d;--bad-page:#fbeae8}\
@media (prefers-color-scheme:dark){:root{--page:#151816;--card:#1e2320;--ink:#ecefe9;--soft:#9aa59e;--line:#363d38;\
--accent:#6cc79d;--on-accent:#0d1a13;--bad:#ffb4ab;--bad-page:#3a1a17}}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;padding:24px 16px;\
background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Apple SD Gothic Neo','Noto Sans KR',sans-serif}\
main{width:100%;max-width:400px;background:var(--card);border:1px solid var(--line);border-radius:20px;padding:32px 28px}\
h1{margin:0 0 4px;font-size:1.5rem;letter-spacing:-.02em}p.lead{margin:0 0 24px;color:var(--soft)}\
label{display:block;margin:0 0 14px;font-size:.875rem;font-weight:600}\
input[type=email],input[type=password],input[type=text]{display:block;width:100%;margin-top:6px;padding:12px 14px;\
font:inherit;font-weight:400;color:inherit;background:transparent;border:1px solid var(--line);border-radius:12px}\
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}\
label.box{display:flex;gap:10px;align-items:center;font-weight:400}\
button,a.button{display:block;width:100%;padding:12px 16px;font:inherit;font-weight:600;text-align:center;cursor:pointer;\
text-decoration:none;border-radius:12px;border:1px solid var(--line);background:transparent;color:inherit;margin:0 0 10px}\
button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent);margin-top:6px}\
a.google{background:#fff;color:#1f1f1f;border-color:#c9ccd1}a.kakao{background:#fee500;color:#191600;border-color:#fee500}\
a.naver{background:#03a94d;color:#fff;border-color:#03a94d}\
.or{display:flex;align-items:center;gap:12px;margin:20px 0;color:var(--soft);font-size:.875rem}\
.or:before,.or:after{content:'';flex:1;border-top:1px solid var(--line)}\
.error{margin:0 0 20px;padding:12px 14px;border-radius:12px;background:var(--bad-page);color:var(--bad)}\
button.person{text-align:left}button.person small{display:block;font-weight:400;color:var(--soft);overflow-wrap:anywhere}\
nav{margin-top:20px;text-align:center;font-size:.875rem}nav a{color:var(--soft)}";

/// A whole page. `body` is HTML already.
pub(crate) fn page(status: StatusCode, lang: Lang, title: &str, body: &str) -> Response {
    let (tag, title) = (lang.tag(), escape(title));
    let html = format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    );
    let headers = [
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, Html(html)).into_response()
}

/// A page that only says what went wrong.
pub(crate) fn refusal(lang: Lang, message: &str) -> Response {
    let title = lang.pick("로그인할 수 없습니다", "Sign-in is not possible");
    let body = format!("<h1>{title}</h1><p class=\"error\" role=\"alert\">{}</p>", escape(message));
    page(StatusCode::BAD_REQUEST, lang, title, &body)
}

/// What the sign-in page shows.
pub(crate) struct SignIn<'a> {
    pub(crate) lang: Lang,
    /// The request's query string, as it goes on to every link.
    pub(crate) query: &'a str,
    pub(crate) csrf: &'a str,
    pub(crate) email: &'a str,
    pub(crate) error: Option<&'a str>,
    pub(crate) providers: &'a [&'static str],
}

pub(crate) fn sign_in(shown: &SignIn<'_>) -> Response {
    let SignIn { lang, query, csrf, email, error, providers } = shown;
    let (query, csrf, email) = (escape(query), escape(csrf), escape(email));
    let title = lang.pick("마당에 로그인", "Sign in to Madang");
    let lead = lang.pick("이웃과 나누는 곳, 어서 오세요.", "Where neighbours share. Welcome.");
    let error = error.map(|text| format!("<p class=\"error\" role=\"alert\">{}</p>", escape(text))).unwrap_or_default();
    let buttons: String = providers
        .iter()
        .map(|name| {
            let class = name.to_lowercase();
            let label = match (*lang, *name) {
                (Lang::Korean, "Google") => "Google로 계속하기",
                (Lang::Korean, "Kakao") => "카카오로 계속하기",
                (Lang::Korean, "Naver") => "네이버로 계속하기",
                (_, "Google") => "Continue with Google",
                (_, "Kakao") => "Continue with Kakao",
                (_, "Naver") => "Continue with Naver",
                (_, other) => other,
            };
            format!("<a class=\"button {class}\" href=\"/oauth2/authorize?{query}&amp;identity_provider={name}\">{label}</a>")
        })
        .collect();
    let or = if buttons.is_empty() {
        String::new()
    } else {
        format!("<div class=\"or\">{}</div>", lang.pick("또는", "or"))
    };
    let (other, other_name) = match lang {
        Lang::Korean => ("en", "English"),
        Lang::English => ("ko", "한국어"),
    };
    let body = format!(
        "<h1>{title}</h1><p class=\"lead\">{lead}</p>{error}\
         <form method=\"post\" action=\"/login?{query}\">\
         <input type=\"hidden\" name=\"_csrf\" value=\"{csrf}\">\
         <label>{}<input type=\"email\" name=\"username\" value=\"{email}\" autocomplete=\"username\" required></label>\
         <label>{}<input type=\"password\" name=\"password\" autocomplete=\"current-password\" required></label>\
         <button class=\"main\" type=\"submit\">{}</button></form>{or}{buttons}\
         <nav><a href=\"/login?{query}&amp;lang={other}\" lang=\"{other}\">{other_name}</a></nav>",
        lang.pick("이메일", "E-mail"),
        lang.pick("비밀번호", "Password"),
        lang.pick("로그인", "Sign in"),
    );
    page(StatusCode::OK, *lang, title, &body)
}
