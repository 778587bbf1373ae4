//! GET /auth/hosted: a browser goes to the hosted sign-in, and comes back by the callback.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deserr::Deserr;
use domain::{
    account::Provider,
    input::{Invalid, Wrong},
    text::Secret,
};
use edge::{Call, Code, Fault, Outcome, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use schemars::JsonSchema;
use sha2::{Digest, Sha256};

use crate::Accounts;

pub(crate) const ROUTE: Route<Accounts> = Row::get("accounts.hosted_start", "/auth/hosted")
    .summary("Sign in on the hosted page or at Google, Kakao or Naver")
    .description(
        "For browsers: redirects to the hosted sign-in (straight to a provider, if one is named), which comes back to \
         `GET /auth/hosted/callback`, which sets the refresh cookie and sends the browser to `returnTo`. \
         The page then calls `POST /auth/session/refresh`.",
    )
    .features(&["A11", "A12", "A13", "A14"])
    .anyone()
    .needs(&[Setting::ClientId, Setting::HostedUrl, Setting::ApiUrl, Setting::ReturnUrls])
    .query::<Query>()
    .replies_nothing(302)
    .sets_cookie()
    .problems(&[Code::SignInFailed])
    .budget(0, 0.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Google, Kakao or Naver; without, the page asks.
    #[deserr(default)]
    provider: Option<Provider>,
    /// Where to be sent afterwards: one of the addresses the deployment allows, or below one.
    return_to: Secret,
}

/// What the browser keeps while it is away: the state, the verifier, where to go afterwards, whether this is the second
/// try. Nobody else can read it, and it is good for ten minutes.
pub(crate) struct Away {
    pub(crate) state: String,
    pub(crate) verifier: String,
    pub(crate) return_to: String,
    pub(crate) provider: Option<Provider>,
    pub(crate) again: bool,
}

pub(crate) const COOKIE: &str = "hostedSignIn";

impl Away {
    fn fresh(call: &Call<'_>, provider: Option<Provider>, return_to: &str) -> Self {
        // Eighty random bits each, hashed together: none can be guessed from another.
        let seed = |what: &str| {
            let random = format!("{what}{}{}{}", fresh_ulid(call.now), fresh_ulid(call.now), fresh_ulid(call.now));
            URL_SAFE_NO_PAD.encode(Sha256::digest(random))
        };
        Self { state: seed("state"), verifier: seed("verifier"), return_to: return_to.into(), provider, again: false }
    }

    pub(crate) fn read(cookie: &str) -> Option<Self> {
        let mut parts = cookie.split('.');
        let (state, verifier) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let return_to = String::from_utf8(URL_SAFE_NO_PAD.decode(parts.next()?).ok()?).ok()?;
        let provider = Provider::from_pool_name(parts.next()?);
        let again = parts.next()? == "again";
        (state.len() == 43 && verifier.len() == 43).then_some(Self { state, verifier, return_to, provider, again })
    }

    fn spelled(&self) -> String {
        format!(
            "{}.{}.{}.{}.{}",
            self.state,
            self.verifier,
            URL_SAFE_NO_PAD.encode(&self.return_to),
            self.provider.map_or("-", Provider::pool_name),
            if self.again { "again" } else { "first" },
        )
    }

    /// Sends the browser off.
    pub(crate) fn depart(&self, call: &Call<'_>) -> Outcome {
        let api = call.setting(Setting::ApiUrl)?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier));
        let mut pairs = vec![
            ("response_type", "code".to_owned()),
            ("client_id", call.setting(Setting::ClientId)?.to_owned()),
            ("redirect_uri", format!("{api}/auth/hosted/callback")),
            ("scope", "openid email profile aws.cognito.signin.user.admin".to_owned()),
            ("state", self.state.clone()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ];
        if let Some(provider) = self.provider {
            pairs.push(("identity_provider", provider.pool_name().to_owned()));
        }
        let url =
            reqwest::Url::parse_with_params(&format!("{}/oauth2/authorize", call.setting(Setting::HostedUrl)?), &pairs)
                .map_err(Fault::internal)?;
        Ok(Reply::elsewhere(url.into()).with_cookie(cookie(api, &self.spelled(), 600)))
    }
}

pub(crate) fn cookie(api: &str, value: &str, life: i64) -> String {
    let secure = if api.starts_with("https:") { "; Secure" } else { "" };
    // Lax: the browser comes back by a redirect from another site.
    format!("{COOKIE}={value}; Path=/auth/hosted; Max-Age={life}; HttpOnly; SameSite=Lax{secure}")
}

/// Whether an address is one of the allowed ones or below one: same scheme, host and port, path within.
fn allowed(return_to: &str, allowed: &str) -> bool {
    let Ok(wanted) = reqwest::Url::parse(return_to) else { return false };
    if !wanted.username().is_empty() || wanted.password().is_some() {
        return false;
    }
    allowed.split(',').filter_map(|one| reqwest::Url::parse(one.trim()).ok()).any(|one| {
        let below = one.path().trim_end_matches('/');
        wanted.origin() == one.origin()
            && (wanted.path() == one.path() || wanted.path().starts_with(&format!("{below}/")))
    })
}

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let Query { provider, return_to } = call.query()?;
    if !allowed(return_to.reveal(), call.setting(Setting::ReturnUrls)?) {
        return Err(Invalid::one("returnTo", Wrong::Malformed("an address the deployment allows")).into());
    }
    let provider = provider.filter(|provider| *provider != Provider::Email);
    Away::fresh(call, provider, return_to.reveal()).depart(call)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_where_the_deployment_does_not_allow() {
        let list = "https://madang.example/app, http://localhost:5173";
        for good in ["https://madang.example/app", "https://madang.example/app/x?y=1", "http://localhost:5173/a"] {
            assert!(allowed(good, list), "{good}");
        }
        for bad in [
            "https://madang.example/application",
            "https://madang.example.evil.example/app",
            "https://madang.example@evil.example/app",
            "https://u:p@madang.example/app",
            "http://madang.example/app",
            "http://localhost:5174/",
            "javascript:alert(1)",
            "//evil.example",
            "",
            "https://madang.example/app/../x",
        ] {
            assert!(!allowed(bad, list), "{bad}");
        }
    }

    #[test]
    fn what_a_browser_keeps_is_read_back() {
        let away = Away {
            state: "s".repeat(43),
            verifier: "v".repeat(43),
            return_to: "http://localhost/한".into(),
            provider: Some(Provider::Kakao),
            again: true,
        };
        let read = Away::read(&away.spelled()).unwrap();
        assert_eq!(
            (read.state, read.verifier, read.return_to, read.provider, read.again),
            (away.state, away.verifier, away.return_to, away.provider, true)
        );
        assert!(Away::read("a.b.c.d.e").is_none());
        assert!(Away::read("").is_none());
    }
}
