//! A pool with surroundings a test can steer, and a browser with cookies.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tower::ServiceExt;
use user_pool::{ApiReply, AppClient, Mail, Pool, Settings, Surroundings, Trigger};

pub(crate) const BASE: &str = "http://pool.test";
pub(crate) const POOL: &str = "ap-northeast-2_Madang001";
pub(crate) const BACK: &str = "http://app.test/back";
pub(crate) const PASSWORD: &str = "correct-horse-1";

type Answered = BoxFuture<'static, Result<Option<Value>, String>>;
type Function = Box<dyn Fn(Value) -> Answered + Send>;

/// The laptop cloud, as far as a pool sees it.
pub(crate) struct Around {
    now_ms: AtomicI64,
    pub(crate) mails: Mutex<Vec<Mail>>,
    pub(crate) events: Mutex<Vec<Value>>,
    functions: Mutex<HashMap<Trigger, Function>>,
}

impl Around {
    pub(crate) fn pass(&self, seconds: i64) {
        self.now_ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    pub(crate) fn on(
        &self,
        trigger: Trigger,
        function: impl Fn(Value) -> Result<Option<Value>, String> + Send + 'static,
    ) {
        self.on_later(trigger, move |event| {
            let answer = function(event);
            Box::pin(async move { answer })
        });
    }

    /// As `on`, for a function that calls the pool itself.
    pub(crate) fn on_later(&self, trigger: Trigger, function: impl Fn(Value) -> Answered + Send + 'static) {
        self.functions.lock().unwrap().insert(trigger, Box::new(function));
    }

    /// Answers a trigger with this `response`.
    pub(crate) fn respond(&self, trigger: Trigger, response: Value) {
        self.on(trigger, move |mut event| {
            event["response"] = response.clone();
            Ok(Some(event))
        });
    }

    pub(crate) fn last_mail(&self) -> Mail {
        self.mails.lock().unwrap().last().unwrap().clone()
    }

    pub(crate) fn last_code(&self) -> String {
        self.last_mail().code.unwrap()
    }

    /// The events of this source, oldest first.
    pub(crate) fn events_of(&self, source: &str) -> Vec<Value> {
        self.events.lock().unwrap().iter().filter(|event| event["triggerSource"] == source).cloned().collect()
    }
}

impl Surroundings for Around {
    fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    fn mail(&self, mail: Mail) {
        self.mails.lock().unwrap().push(mail);
    }

    fn trigger(&self, trigger: Trigger, event: Value) -> Answered {
        self.events.lock().unwrap().push(event.clone());
        match self.functions.lock().unwrap().get(&trigger) {
            Some(function) => function(event),
            None => Box::pin(async { Ok(None) }),
        }
    }
}

pub(crate) struct World {
    pub(crate) pool: Pool,
    pub(crate) around: Arc<Around>,
}

fn client(id: &str) -> AppClient {
    AppClient {
        id: id.to_owned(),
        secret: None,
        redirect_uris: vec![BACK.to_owned()],
        logout_uris: vec!["http://app.test/bye".to_owned()],
        scopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"].map(str::to_owned).to_vec(),
        providers: ["COGNITO", "Google", "Kakao", "Naver"].map(str::to_owned).to_vec(),
        refresh_rotation: false,
    }
}

/// `web` without a secret, `secret` with one, `rotating` with rotation.
pub(crate) fn settings() -> Settings {
    Settings {
        region: "ap-northeast-2".to_owned(),
        pool_id: POOL.to_owned(),
        base_url: BASE.to_owned(),
        clients: vec![
            client("web"),
            AppClient { secret: Some("hush-hush".to_owned()), ..client("secret") },
            AppClient { refresh_rotation: true, ..client("rotating") },
        ],
        naver_userinfo_url: "http://127.0.0.1:9/unset".to_owned(),
        state_file: None,
        fixed_code: None,
    }
}

pub(crate) fn around() -> Arc<Around> {
    Arc::new(Around {
        now_ms: AtomicI64::new(1_780_000_000_000),
        mails: Mutex::default(),
        events: Mutex::default(),
        functions: Mutex::default(),
    })
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(settings()).await
    }

    pub(crate) async fn with(settings: Settings) -> Self {
        let around = around();
        Self { pool: Pool::open(settings, around.clone()).await.unwrap(), around }
    }

    pub(crate) async fn api(&self, operation: &str, body: Value) -> ApiReply {
        self.pool.api(operation, body.to_string().as_bytes()).await
    }

    /// The body of a call that must succeed.
    pub(crate) async fn ok(&self, operation: &str, body: Value) -> Value {
        let reply = self.api(operation, body).await;
        assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
        assert_eq!(reply.error_type, None);
        reply.body
    }

    /// Name and message of a call that must fail.
    pub(crate) async fn err(&self, operation: &str, body: Value) -> (String, String) {
        let reply = self.api(operation, body).await;
        assert_eq!(reply.status, 400, "{operation}: {}", reply.body);
        let kind = reply.error_type.unwrap();
        assert_eq!(reply.body["__type"], kind.as_str());
        (kind, reply.body["message"].as_str().unwrap().to_owned())
    }

    pub(crate) async fn sign_up(&self, email: &str) -> String {
        let body = json!({ "ClientId": "web", "Username": email, "Password": PASSWORD });
        self.ok("SignUp", body).await["UserSub"].as_str().unwrap().to_owned()
    }

    /// A confirmed user; answers with the sub.
    pub(crate) async fn member(&self, email: &str) -> String {
        let sub = self.sign_up(email).await;
        let code = self.around.last_code();
        self.ok("ConfirmSignUp", json!({ "ClientId": "web", "Username": email, "ConfirmationCode": code })).await;
        sub
    }

    pub(crate) fn password_auth(client: &str, email: &str, password: &str) -> Value {
        json!({
            "AuthFlow": "USER_PASSWORD_AUTH", "ClientId": client,
            "AuthParameters": { "USERNAME": email, "PASSWORD": password },
        })
    }

    /// `AuthenticationResult` of a sign-in by password.
    pub(crate) async fn sign_in(&self, client: &str, email: &str) -> Value {
        let mut reply = self.ok("InitiateAuth", Self::password_auth(client, email, PASSWORD)).await;
        reply["AuthenticationResult"].take()
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { router: self.pool.router(), cookies: BTreeMap::new() }
    }

    /// The claims of a token, checked against the published keys by another implementation.
    pub(crate) fn claims(&self, token: &Value) -> Value {
        let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(self.pool.jwks()).unwrap();
        let token = token.as_str().unwrap();
        let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
        let key = jsonwebtoken::DecodingKey::from_jwk(set.find(&kid).unwrap()).unwrap();
        let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
        rules.validate_exp = false;
        rules.validate_aud = false;
        jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap().claims
    }
}

/// What a page or endpoint answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// A decoded member of the location's query string.
    pub(crate) fn member(&self, name: &str) -> Option<String> {
        let (_, query) = self.location.split_once('?')?;
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
        Some(percent_encoding::percent_decode_str(&pair.replace('+', " ")).decode_utf8().unwrap().into_owned())
    }
}

/// A browser that does not follow redirects by itself.
pub(crate) struct Browser {
    router: axum::Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path.strip_prefix(BASE).unwrap_or(path)), String::new()).await
    }

    pub(crate) async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let request = Request::post(path.strip_prefix(BASE).unwrap_or(path))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, form(pairs)).await
    }

    pub(crate) async fn with_header(&mut self, path: &str, name: &str, value: &str) -> Answer {
        self.send(Request::get(path).header(name, value), String::new()).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Answer { status, location: location.unwrap_or_default(), text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// The whole way through a provider: what the pool finally redirects to.
    pub(crate) async fn through(&mut self, provider: &str, hint: &str) -> Answer {
        let query = form(&[
            ("response_type", "code"),
            ("client_id", "web"),
            ("redirect_uri", BACK),
            ("state", "s1"),
            ("scope", "openid email profile"),
            ("identity_provider", provider),
            ("login_hint", hint),
        ]);
        let to_provider = self.get(&format!("/oauth2/authorize?{query}")).await;
        let back = self.get(&to_provider.location).await;
        assert_eq!(back.status, StatusCode::FOUND, "{}", back.text);
        self.get(&back.location).await
    }

    /// The tokens of a code.
    pub(crate) async fn redeem(&mut self, code: &str) -> Answer {
        let pairs =
            [("grant_type", "authorization_code"), ("client_id", "web"), ("redirect_uri", BACK), ("code", code)];
        self.post("/oauth2/token", &pairs).await
    }
}
