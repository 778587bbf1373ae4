//! A call: who is calling and what they sent; and the reply.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use deserr::Deserr;
use domain::{
    id::AccountId,
    input::{Invalid, Wrong},
    lang::Lang,
    region::Region,
    text::Reason,
    time::Time,
};
use http::HeaderMap;
use lambda_http::{Body, RequestExt, request::RequestContext};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use store::{Receipt, Suspended, Table};

use crate::{
    cursor::Bound,
    dispatch::Invocation,
    env::Env,
    frame::Connected,
    page::{Cursor, Paged},
    problem::{Code, Fault},
    row::{Access, Row},
    settings::Setting,
};

/// Most bytes of a request's body. Nothing that Madang takes comes near; files go to the bucket.
pub(crate) const MAX_BODY: usize = 256 * 1024;

/// Somebody who is signed in, as the checked token says. Nothing else says who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub id: AccountId,
    /// The name in the user pool.
    pub username: String,
    /// The groups the caller is in.
    pub groups: Vec<String>,
    /// The home district, as it was when the token was made.
    pub region: Option<Region>,
    /// The tier that is paid for, `free` where nothing is.
    pub tier: String,
    /// What the token says of a suspension.
    pub suspended: Option<Suspended>,
}

impl Caller {
    /// The caller in an access token's claims. API Gateway hands lists over as `[a b]`.
    ///
    /// # Errors
    /// [`Code::NotAnAccessToken`] for an ID token, [`Code::BadToken`] for claims that name nobody.
    pub fn from_claims(claims: &Map<String, Value>) -> Result<Self, Fault> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("token_use") != Some("access") {
            return Err(Code::NotAnAccessToken.into());
        }
        let id = text("sub").and_then(|sub| AccountId::parse(sub).ok()).ok_or(Code::BadToken)?;
        let groups = match claims.get("cognito:groups") {
            Some(Value::Array(groups)) => groups.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Some(Value::String(groups)) => {
                groups.trim_matches(['[', ']']).split([' ', ',']).filter(|g| !g.is_empty()).map(str::to_owned).collect()
            }
            _ => vec![],
        };
        let username = text("username").unwrap_or(id.as_str()).to_owned();
        let region = text("region").and_then(Region::parse);
        let tier = text("tier").unwrap_or("free").to_owned();
        let until = text("suspendedUntil").and_then(|until| Time::parse(until).ok());
        let reason = text("suspendedFor").and_then(|reason| Reason::parse(reason).ok());
        let suspended = until.map(|until| Suspended { until, reason });
        Ok(Self { id, username, groups, region, tier, suspended })
    }

    /// Whether the caller is an administrator (row A22).
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.groups.iter().any(|group| group == "admin")
    }
}

/// A request to a route.
pub struct Call<'a> {
    /// The function's surroundings.
    pub env: &'a Env,
    /// The route.
    pub row: &'static Row,
    /// When API Gateway received the request: the time of everything it does.
    pub now: Time,
    /// What the caller reads best.
    pub lang: Lang,
    /// The request's identifier, in every problem and log line.
    pub request_id: String,
    pub(crate) caller: Option<Caller>,
    pub(crate) request: lambda_http::Request,
    pub(crate) receipt: Option<PendingReceipt>,
    started: Instant,
    time_limit: Duration,
}

/// What a receipt will say of the request.
#[derive(Debug, Clone)]
pub(crate) struct PendingReceipt {
    pub(crate) caller: String,
    pub(crate) key_hash: String,
    pub(crate) request_hash: String,
}

impl<'a> Call<'a> {
    pub(crate) fn new(env: &'a Env, row: &'static Row, request: lambda_http::Request, invocation: &Invocation) -> Self {
        let now = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) if context.time_epoch > 0 => Time::from_ms(context.time_epoch),
            _ => invocation.now,
        };
        let lang = request
            .headers()
            .get(http::header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .map_or(Lang::Ko, Lang::accepted);
        Self {
            env,
            row,
            now,
            lang,
            request_id: invocation.request_id.clone(),
            caller: None,
            request,
            receipt: None,
            started: Instant::now(),
            time_limit: invocation.time_limit,
        }
    }

    /// Finds out who is calling, as the route's access wants it.
    pub(crate) async fn identify(&mut self) -> Result<(), Fault> {
        match self.row.access {
            Access::Anyone | Access::Machine => {}
            Access::Member | Access::Admin => {
                let caller = self.gateway_claims().ok_or(Code::NotSignedIn)?;
                let caller = Caller::from_claims(&caller)?;
                if self.row.access == Access::Admin && !caller.is_admin() {
                    self.caller = Some(caller);
                    return Err(Code::AdminOnly.into());
                }
                self.caller = Some(caller);
            }
            Access::Maybe => {
                if self.request.headers().contains_key(http::header::AUTHORIZATION) {
                    let token = self.bearer()?;
                    let claims = self.env.verifier()?.verify(token, self.now).await.map_err(|fault| match fault {
                        crate::TokenFault::Bad => Fault::from(Code::BadToken),
                        crate::TokenFault::KeysUnavailable => Code::Unavailable.into(),
                    })?;
                    self.caller = Some(Caller::from_claims(&claims)?);
                }
            }
        }
        Ok(())
    }

    /// Lets in whoever may act: nobody who is suspended, but on the routes that are theirs even so.
    ///
    /// # Errors
    /// [`Code::Suspended`].
    pub(crate) async fn admitted(&self) -> Result<(), Fault> {
        self.env.door.admit(self.table()?, self.caller()?, self.now).await
    }

    fn gateway_claims(&self) -> Option<Map<String, Value>> {
        let RequestContext::ApiGatewayV2(context) = self.request.request_context_ref()? else { return None };
        let claims = &context.authorizer.as_ref()?.jwt.as_ref()?.claims;
        Some(claims.iter().map(|(name, value)| (name.clone(), Value::from(value.clone()))).collect())
    }

    /// Who is calling.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`].
    pub fn caller(&self) -> Result<&Caller, Fault> {
        self.caller.as_ref().ok_or_else(|| Code::NotSignedIn.into())
    }

    /// Who is calling, if somebody known.
    #[must_use]
    pub fn reader(&self) -> Option<&Caller> {
        self.caller.as_ref()
    }

    /// The table.
    ///
    /// # Errors
    /// When the row does not declare it.
    pub fn table(&self) -> Result<&'a Table, Fault> {
        self.env.table()
    }

    /// A setting.
    ///
    /// # Errors
    /// When the row does not declare it.
    pub fn setting(&self, setting: Setting) -> Result<&'a str, Fault> {
        self.env.settings.get(setting)
    }

    /// Hands something over to another function (`Row::call`, or the caller itself), with the time of this request, and
    /// does not wait for it.
    ///
    /// # Errors
    /// When the row does not declare that it invokes, what is handed over is no object, or Lambda does not take it.
    pub async fn hand_over<T: Serialize>(&self, row: &str, what: &T) -> Result<(), Fault> {
        self.env.hand_over(row, what, self.now).await
    }

    /// A header that is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The bearer token.
    ///
    /// # Errors
    /// [`Code::BadToken`] when the header holds none.
    pub fn bearer(&self) -> Result<&str, Fault> {
        let value = self.header("authorization").ok_or(Code::NotSignedIn)?;
        let (scheme, token) = value.split_once(' ').ok_or(Code::BadToken)?;
        if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Code::BadToken.into()) }
    }

    /// A cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        cookie_in(self.request.headers(), name)
    }

    /// The address the request came from, for buckets alone; it is neither stored nor logged as it is.
    #[must_use]
    pub fn origin(&self) -> String {
        let address = match self.request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone().unwrap_or_default(),
            _ => String::new(),
        };
        hashed(&address)
    }

    /// A path parameter. What is not a well-formed identifier names nothing.
    ///
    /// # Errors
    /// [`Code::NotFound`].
    pub fn path<T>(&self, name: &str, parse: impl FnOnce(&str) -> Result<T, Wrong>) -> Result<T, Fault> {
        let parameters = self.request.path_parameters_ref().ok_or(Code::NotFound)?;
        let value = parameters.first(name).ok_or(Code::NotFound)?;
        // API Gateway decodes parameters already, but some stand-ins do not.
        parse(value).map_err(|_| Code::NotFound.into())
    }

    /// The body, read strictly: JSON in UTF-8 with the content type to match, no unknown fields, every bad field at once.
    ///
    /// # Errors
    /// 400, 413, 415, 422.
    pub fn body<T: Deserr<Invalid>>(&self) -> Result<T, Fault> {
        let value = self.json()?;
        if !value.is_object() {
            return Err(Invalid::one("", Wrong::WrongType("object".into())).into());
        }
        Ok(deserr::deserialize::<T, _, Invalid>(value)?)
    }

    fn json(&self) -> Result<Value, Fault> {
        let bytes = self.bytes();
        if bytes.len() > MAX_BODY {
            return Err(Code::TooLarge.into());
        }
        let content_type = self.header("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/json") {
            return Err(Code::UnsupportedType.into());
        }
        serde_json::from_slice(bytes).map_err(|_| Code::Malformed.into())
    }

    fn bytes(&self) -> &[u8] {
        match self.request.body() {
            Body::Text(text) => text.as_bytes(),
            Body::Binary(bytes) => bytes,
            _ => &[],
        }
    }

    /// Whether a body came along.
    #[must_use]
    pub fn has_body(&self) -> bool {
        !self.bytes().is_empty()
    }

    /// The query parameters, read strictly: none unknown, none twice.
    ///
    /// # Errors
    /// 400, 422.
    pub fn query<T: Deserr<Invalid>>(&self) -> Result<T, Fault> {
        let mut parameters = Map::new();
        let mut invalid = Invalid::default();
        for (name, value) in self.pairs() {
            if parameters.insert(name.clone(), Value::from(value)).is_some() {
                invalid.add(name, Wrong::Duplicate);
            }
        }
        invalid.none()?;
        Ok(deserr::deserialize::<T, _, Invalid>(Value::from(parameters)).map_err(Invalid::as_parameters)?)
    }

    fn pairs(&self) -> Vec<(String, String)> {
        let raw = self.request.uri().query().unwrap_or_default();
        raw.split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decoded(name), decoded(value))
            })
            .collect()
    }

    /// What cursors of this list are bound to: the route, the reader, what is asked.
    fn bound(&self) -> Result<Bound<'a>, Fault> {
        let mut pairs = self.pairs();
        pairs.retain(|(name, _)| name != "cursor" && name != "limit");
        pairs.sort();
        let reader = self.caller.as_ref().map_or("", |caller| caller.id.as_str());
        let path = self.request.uri().path();
        let to = format!("{}\n{path}\n{reader}\n{pairs:?}", self.row.name);
        Ok(Bound { key: self.setting(Setting::CursorKey)?, to })
    }

    /// The position a cursor stands for.
    ///
    /// # Errors
    /// [`Code::BadCursor`].
    pub fn position(&self, cursor: Option<&Cursor>) -> Result<Option<String>, Fault> {
        let Some(cursor) = cursor else { return Ok(None) };
        self.bound()?.open(&cursor.0).map(Some)
    }

    /// A page with the cursor of the next one.
    ///
    /// # Errors
    /// When the row does not declare the cursor key.
    pub fn paged<T>(&self, items: Vec<T>, next: Option<String>) -> Result<Paged<T>, Fault> {
        let next_cursor = match next {
            None => None,
            Some(position) => Some(self.bound()?.seal(&position)),
        };
        Ok(Paged { items, next_cursor })
    }

    /// The receipt to write along with the effect, if the request carries an `Idempotency-Key`.
    #[must_use]
    pub fn receipt(&self, reply: &Reply) -> Option<Receipt> {
        let pending = self.receipt.as_ref()?;
        Some(Receipt {
            route: self.row.name.to_owned(),
            caller: pending.caller.clone(),
            key_hash: pending.key_hash.clone(),
            request_hash: pending.request_hash.clone(),
            status: reply.status,
            location: reply.location(),
            body: reply.body.clone().unwrap_or_default(),
            until: self.now.plus(Receipt::LIFE),
        })
    }

    /// What the request would be noted under, if it carries an `Idempotency-Key`.
    pub(crate) fn pending_receipt(&self) -> Result<Option<PendingReceipt>, Fault> {
        let Some(key) = self.request.headers().get("idempotency-key") else { return Ok(None) };
        let fits = |key: &&str| (1..=255).contains(&key.len()) && key.bytes().all(|b| (0x20..0x7f).contains(&b));
        let key = key.to_str().ok().filter(fits).ok_or(Code::BadKey)?;
        let caller = self.caller.as_ref().map_or("-", |caller| caller.id.as_str()).to_owned();
        let mut request = Sha256::new();
        request.update(self.request.uri().path());
        request.update([0]);
        request.update(self.bytes());
        Ok(Some(PendingReceipt { caller, key_hash: hashed(key), request_hash: STANDARD.encode(request.finalize()) }))
    }

    /// How long the call may still take, a second kept for the reply.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.time_limit.saturating_sub(self.started.elapsed() + Duration::from_secs(1))
    }
}

/// A text hashed, to stand in a key.
fn hashed(text: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..18])
}

fn cookie_in<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(http::header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().split_once('=').filter(|(n, _)| *n == name).map(|(_, value)| value))
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// An event of AWS that is no request.
pub struct Event<'a> {
    /// The function's surroundings.
    pub env: &'a Env,
    /// The route.
    pub row: &'static Row,
    /// The event.
    pub payload: Value,
    /// When it happened, by its own word, or now.
    pub now: Time,
    pub(crate) started: Instant,
    pub(crate) time_limit: Duration,
}

impl Event<'_> {
    /// The table.
    ///
    /// # Errors
    /// When the row does not declare it.
    pub fn table(&self) -> Result<&Table, Fault> {
        self.env.table()
    }

    /// A setting.
    ///
    /// # Errors
    /// When the row does not declare it.
    pub fn setting(&self, setting: Setting) -> Result<&str, Fault> {
        self.env.settings.get(setting)
    }

    /// Hands something over to another function (`Row::call`, or the caller itself), with the time of this event, and
    /// does not wait for it.
    ///
    /// # Errors
    /// When the row does not declare that it invokes, what is handed over is no object, or Lambda does not take it.
    pub async fn hand_over<T: Serialize>(&self, row: &str, what: &T) -> Result<(), Fault> {
        self.env.hand_over(row, what, self.now).await
    }

    /// The connection that an event of the WebSocket API is about.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`] when no authorizer vouches for anybody; a fault of ours when it is another event.
    pub fn connection(&self) -> Result<Connected, Fault> {
        Connected::of(&serde_json::from_value(self.payload["requestContext"].clone()).map_err(Fault::internal)?)
    }

    /// A header of an event of the WebSocket API: API Gateway leaves the names as they were sent, others do not.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let headers = self.payload["headers"].as_object()?;
        headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
    }

    /// A query parameter of an event of the WebSocket API.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.payload["queryStringParameters"][name].as_str()
    }

    /// How long the call may still take, two seconds kept to hand over.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.time_limit.saturating_sub(self.started.elapsed() + Duration::from_secs(2))
    }
}

/// What a handler comes to.
pub type Outcome = Result<Reply, Fault>;

/// A reply.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers beyond the usual.
    pub headers: Vec<(&'static str, String)>,
    /// `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// JSON unless a header says otherwise, or nothing.
    pub body: Option<String>,
}

impl Reply {
    fn json<T: Serialize>(status: u16, view: &T) -> Result<Self, Fault> {
        let body = serde_json::to_string(view).map_err(Fault::internal)?;
        Ok(Self { status, headers: vec![], cookies: vec![], body: Some(body) })
    }

    /// 200 with a body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON, which is a fault of ours.
    pub fn ok<T: Serialize>(view: &T) -> Outcome {
        Self::json(200, view)
    }

    /// 200 with a text that is no JSON.
    #[must_use]
    pub fn text(body: String, content_type: &'static str) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status: 200, headers, cookies: vec![], body: Some(body) }
    }

    /// 201 with a body and the place of what was made.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn created<T: Serialize>(location: String, view: &T) -> Outcome {
        Ok(Self::json(201, view)?.with("location", location))
    }

    /// 202: it will be done, or there is nothing to do; it is not said which.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn accepted<T: Serialize>(view: &T) -> Outcome {
        Self::json(202, view)
    }

    /// 204.
    #[must_use]
    pub fn nothing() -> Self {
        Self { status: 204, headers: vec![], cookies: vec![], body: None }
    }

    /// 302 to another address.
    #[must_use]
    pub fn elsewhere(url: String) -> Self {
        Self { status: 302, headers: vec![("location", url)], cookies: vec![], body: None }
    }

    /// With a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With a cookie.
    #[must_use]
    pub fn with_cookie(mut self, cookie: String) -> Self {
        self.cookies.push(cookie);
        self
    }

    fn location(&self) -> Option<String> {
        self.headers.iter().find(|(name, _)| *name == "location").map(|(_, value)| value.clone())
    }

    pub(crate) fn again(receipt: Receipt) -> Self {
        let mut reply = Self {
            status: receipt.status,
            headers: vec![("idempotency-replayed", "true".to_owned())],
            cookies: vec![],
            body: Some(receipt.body).filter(|body| !body.is_empty()),
        };
        if let Some(location) = receipt.location {
            reply = reply.with("location", location);
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    const SUB: &str = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";

    #[test]
    fn groups_are_read_as_api_gateway_and_as_a_token_spell_them() {
        for groups in [json!("[admin makers]"), json!(["admin", "makers"]), json!("[admin,makers]")] {
            let caller =
                Caller::from_claims(&claims(json!({"sub": SUB, "token_use": "access", "cognito:groups": groups})))
                    .unwrap();
            assert!(caller.is_admin(), "{groups}");
            assert_eq!(caller.groups.len(), 2);
        }
    }

    #[test]
    fn an_id_token_is_not_an_access_token() {
        let fault = Caller::from_claims(&claims(json!({"sub": SUB, "token_use": "id"}))).unwrap_err();
        assert!(matches!(fault, Fault::Problem(p) if p.code == Code::NotAnAccessToken));
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", "a=1; refreshToken=x=y".parse().unwrap());
        headers.append("cookie", "b=2".parse().unwrap());
        assert_eq!(cookie_in(&headers, "refreshToken"), Some("x=y"));
        assert_eq!(cookie_in(&headers, "b"), Some("2"));
        assert_eq!(cookie_in(&headers, "c"), None);
    }
}
