//! Tokens: what they claim, how long they live, and what takes them back.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::Fault;
use crate::crypto::{base64url, fingerprint, random_text, sha256, uuid};
use crate::state::{RefreshToken, SignIn, State, User};
use crate::triggers::{About, Metadata};
use crate::{AppClient, Inner};

/// Seconds an access or ID token lives.
pub(crate) const TOKEN_S: i64 = 3600;
/// Milliseconds a refresh token lives.
pub(crate) const REFRESH_MS: i64 = 30 * 86_400_000;
/// The scope of tokens that did not come through OAuth, and what the user's own operations ask for.
pub(crate) const SELF_SCOPE: &str = "aws.cognito.signin.user.admin";

/// Claims no function may set or take away.
const RESERVED: &[&str] = &[
    "acr",
    "amr",
    "at_hash",
    "auth_time",
    "azp",
    "client_id",
    "cognito:username",
    "device_key",
    "event_id",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "nonce",
    "origin_jti",
    "scope",
    "sub",
    "token_use",
    "username",
    "version",
];

/// A sign-in that has just succeeded.
pub(crate) struct Entry<'a> {
    pub(crate) client: &'a AppClient,
    pub(crate) username: &'a str,
    pub(crate) scopes: Vec<String>,
    pub(crate) auth_time_s: i64,
    /// Through the hosted pages.
    pub(crate) hosted: bool,
    pub(crate) nonce: Option<String>,
    pub(crate) metadata: Metadata,
}

/// What a client receives.
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) id: String,
    pub(crate) refresh: Option<String>,
    pub(crate) scopes: Vec<String>,
}

impl Issued {
    /// `AuthenticationResult` of the API.
    pub(crate) fn authentication_result(&self) -> Value {
        let mut result = json!({
            "AccessToken": self.access, "ExpiresIn": TOKEN_S, "IdToken": self.id, "TokenType": "Bearer",
        });
        if let Some(refresh) = &self.refresh {
            result["RefreshToken"] = json!(refresh);
        }
        result
    }
}

/// The refusals a refresh token can meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    Unknown,
    OtherClient,
    Expired,
    Revoked,
    /// Rotated out before: the sign-in has just been revoked.
    Reused,
}

impl Inner {
    /// Begins a sign-in and issues its first tokens.
    pub(crate) async fn enter(&self, entry: Entry<'_>) -> Result<Issued, Fault> {
        let now_ms = self.now_ms();
        let origin_jti = uuid();
        let sign_in = SignIn {
            username: entry.username.to_owned(),
            client_id: entry.client.id.clone(),
            scopes: entry.scopes,
            auth_time_s: entry.auth_time_s,
            expires_ms: now_ms + REFRESH_MS,
            revoked: false,
            hosted: entry.hosted,
        };
        let source = if entry.hosted { "TokenGeneration_HostedAuth" } else { "TokenGeneration_Authentication" };
        let mut issued = self.issue(source, &origin_jti, &sign_in, entry.nonce.as_deref(), &entry.metadata).await?;
        let refresh = random_text(96);
        self.change(|state| {
            state.prune(now_ms);
            if !state.users.contains_key(&sign_in.username) {
                return Err(Fault::no_user());
            }
            let token = RefreshToken { origin_jti: origin_jti.clone(), retired: false };
            state.refresh_tokens.insert(fingerprint(&refresh), token);
            state.sign_ins.insert(origin_jti, sign_in);
            Ok(())
        })?;
        issued.refresh = Some(refresh);
        Ok(issued)
    }

    /// New tokens for a refresh token; with rotation on, a new refresh token too, and the old one is gone.
    pub(crate) async fn refresh(
        &self,
        client: &AppClient,
        token: &str,
        metadata: &Metadata,
    ) -> Result<Result<Issued, Stale>, Fault> {
        let now_ms = self.now_ms();
        let held = self.change(|state| Ok(take_up(state, client, token, None, now_ms)))?;
        let (origin_jti, sign_in) = match held {
            Ok(held) => held,
            Err(stale) => return Ok(Err(stale)),
        };
        let mut issued = self.issue("TokenGeneration_RefreshTokens", &origin_jti, &sign_in, None, metadata).await?;
        // Replaced only now: a function that fails must not cost the client its token.
        let replacement = client.refresh_rotation.then(|| random_text(96));
        if let Err(stale) = self.change(|state| Ok(take_up(state, client, token, replacement.as_deref(), now_ms)))? {
            return Ok(Err(stale));
        }
        issued.refresh = replacement;
        Ok(Ok(issued))
    }

    async fn issue(
        &self,
        source: &str,
        origin_jti: &str,
        sign_in: &SignIn,
        nonce: Option<&str>,
        metadata: &Metadata,
    ) -> Result<Issued, Fault> {
        let user = self.read(|state| state.users.get(&sign_in.username).cloned()).ok_or_else(Fault::no_user)?;
        if !user.enabled {
            return Err(Fault::not_authorized("User is disabled."));
        }
        let about = About { source, username: &user.username, client_id: &sign_in.client_id };
        let said = self.pre_token_generation(about, &user, &sign_in.scopes, metadata).await?;
        let groups = said["groupOverrideDetails"]["groupsToOverride"]
            .as_array()
            .map_or_else(|| user.groups.iter().cloned().collect(), |groups| texts(groups));

        let now_s = self.now_ms() / 1000;
        let common = json!({
            "sub": user.sub(), "iss": self.issuer(), "origin_jti": origin_jti, "event_id": uuid(),
            "auth_time": sign_in.auth_time_s, "iat": now_s, "exp": now_s + TOKEN_S,
        });

        let wished = &said["accessTokenGeneration"];
        let scopes = scopes_after(&sign_in.scopes, wished);
        let mut access = claims_of(&common);
        access.insert("client_id".to_owned(), json!(sign_in.client_id));
        access.insert("token_use".to_owned(), json!("access"));
        access.insert("scope".to_owned(), json!(scopes.join(" ")));
        access.insert("jti".to_owned(), json!(uuid()));
        access.insert("username".to_owned(), json!(user.username));
        if sign_in.hosted {
            access.insert("version".to_owned(), json!(2));
        }
        add_groups(&mut access, &groups);
        override_claims(&mut access, wished, &sign_in.client_id);
        let access = self.signed(access)?;

        let mut id = claims_of(&common);
        id.extend(profile_claims(&user, sign_in));
        id.insert("aud".to_owned(), json!(sign_in.client_id));
        id.insert("token_use".to_owned(), json!("id"));
        id.insert("jti".to_owned(), json!(uuid()));
        id.insert("cognito:username".to_owned(), json!(user.username));
        if sign_in.hosted {
            id.insert("at_hash".to_owned(), json!(base64url(&sha256(access.as_bytes())[..16])));
        }
        if let Some(nonce) = nonce {
            id.insert("nonce".to_owned(), json!(nonce));
        }
        add_groups(&mut id, &groups);
        override_claims(&mut id, &said["idTokenGeneration"], &sign_in.client_id);
        let id = self.signed(id)?;
        Ok(Issued { access, id, refresh: None, scopes })
    }

    fn signed(&self, claims: Map<String, Value>) -> Result<String, Fault> {
        self.key.sign(&Value::Object(claims)).ok_or_else(|| Fault::internal("A token could not be signed."))
    }

    /// Whose access token this is, if it still counts; with the claims it makes.
    pub(crate) fn bearer(&self, token: &str) -> Result<(User, Value), Fault> {
        let given = self.flight().given_tokens.get(token, self.now_ms());
        let claims = given.or_else(|| self.key.verify(token));
        let claims = claims.ok_or_else(|| Fault::not_authorized("Invalid Access Token"))?;
        if claims["token_use"] != "access" || claims["iss"] != self.issuer().as_str() {
            return Err(Fault::not_authorized("Invalid Access Token"));
        }
        if claims["exp"].as_i64().unwrap_or_default() * 1000 <= self.now_ms() {
            return Err(Fault::not_authorized("Access Token has expired"));
        }
        let user = self.read(|state| {
            let sign_in = claims["origin_jti"].as_str().and_then(|jti| state.sign_ins.get(jti));
            if sign_in.is_none_or(|sign_in| sign_in.revoked) {
                return Err(Fault::not_authorized("Access Token has been revoked"));
            }
            let username = claims["username"].as_str().unwrap_or_default();
            state.users.get(username).cloned().ok_or_else(Fault::no_user)
        })?;
        if !user.enabled {
            return Err(Fault::not_authorized("User is disabled."));
        }
        Ok((user, claims))
    }

    /// Whose access token this is, if it may be used on the user's own account.
    pub(crate) fn bearer_of_self(&self, token: &str) -> Result<User, Fault> {
        let (user, claims) = self.bearer(token)?;
        let scope = claims["scope"].as_str().unwrap_or_default();
        if !scope.split(' ').any(|scope| scope == SELF_SCOPE) {
            return Err(Fault::not_authorized("Access Token does not have required scopes"));
        }
        Ok(user)
    }

    /// Revokes the sign-in of a refresh token. `Ok(false)` when the token belongs to another client.
    pub(crate) fn revoke(&self, client: &AppClient, token: &str) -> Result<bool, Fault> {
        self.change(|state| {
            let jti = state.refresh_tokens.get(&fingerprint(token)).map(|token| token.origin_jti.clone());
            let Some(sign_in) = jti.and_then(|jti| state.sign_ins.get_mut(&jti)) else {
                return Ok(true);
            };
            if sign_in.client_id != client.id {
                return Ok(false);
            }
            sign_in.revoked = true;
            Ok(true)
        })
    }
}

/// Checks a refresh token and, when it is to be replaced, retires it in the same step.
fn take_up(
    state: &mut State,
    client: &AppClient,
    token: &str,
    replacement: Option<&str>,
    now_ms: i64,
) -> Result<(String, SignIn), Stale> {
    let kept = state.refresh_tokens.get_mut(&fingerprint(token)).ok_or(Stale::Unknown)?;
    let sign_in = state.sign_ins.get_mut(&kept.origin_jti).ok_or(Stale::Unknown)?;
    if sign_in.client_id != client.id {
        return Err(Stale::OtherClient);
    }
    if kept.retired {
        sign_in.revoked = true;
        return Err(Stale::Reused);
    }
    if sign_in.revoked {
        return Err(Stale::Revoked);
    }
    if sign_in.expires_ms <= now_ms {
        return Err(Stale::Expired);
    }
    let held = (kept.origin_jti.clone(), sign_in.clone());
    if let Some(replacement) = replacement {
        kept.retired = true;
        let token = RefreshToken { origin_jti: held.0.clone(), retired: false };
        state.refresh_tokens.insert(fingerprint(replacement), token);
    }
    Ok(held)
}

fn claims_of(common: &Value) -> Map<String, Value> {
    common.as_object().cloned().unwrap_or_default()
}

fn texts(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn add_groups(claims: &mut Map<String, Value>, groups: &[String]) {
    if !groups.is_empty() {
        claims.insert("cognito:groups".to_owned(), json!(groups));
    }
}

fn scopes_after(scopes: &[String], wished: &Value) -> Vec<String> {
    let listed = |name: &str| wished[name].as_array().map(|list| texts(list)).unwrap_or_default();
    let suppressed = listed("scopesToSuppress");
    let mut scopes: Vec<String> = scopes.iter().filter(|scope| !suppressed.contains(scope)).cloned().collect();
    for scope in listed("scopesToAdd") {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Does what the function asked for; suppression wins over addition, and reserved claims stay as they are.
fn override_claims(claims: &mut Map<String, Value>, wished: &Value, client_id: &str) {
    let mine = |name: &str, value: Option<&Value>| {
        RESERVED.contains(&name) || (name == "aud" && value.is_none_or(|value| value != client_id))
    };
    for (name, value) in wished["claimsToAddOrOverride"].as_object().into_iter().flatten() {
        if !mine(name, Some(value)) {
            claims.insert(name.clone(), value.clone());
        }
    }
    for name in texts(wished["claimsToSuppress"].as_array().map_or(&[][..], Vec::as_slice)) {
        if !mine(&name, None) {
            claims.remove(&name);
        }
    }
}

/// The attributes an ID token shows: all of them, unless OAuth scopes ask for less.
fn profile_claims(user: &User, sign_in: &SignIn) -> BTreeMap<String, Value> {
    let mut claims = BTreeMap::new();
    for (name, value) in &user.attributes {
        if !sign_in.hosted || shows(&sign_in.scopes, name) {
            let flag = name.ends_with("_verified");
            claims.insert(name.clone(), if flag { json!(value == "true") } else { json!(value) });
        }
    }
    let identities: Vec<Value> = user
        .identities
        .iter()
        .map(|identity| {
            json!({
                "userId": identity.user_id, "providerName": identity.provider_name,
                "providerType": identity.provider_type, "issuer": null,
                "primary": identity.primary.to_string(), "dateCreated": identity.created_ms.to_string(),
            })
        })
        .collect();
    if !identities.is_empty() {
        claims.insert("identities".to_owned(), Value::Array(identities));
    }
    claims
}

/// Whether these scopes show this attribute: `openid` alone and `profile` show all, `email` the address.
pub(crate) fn shows(scopes: &[String], attribute: &str) -> bool {
    let has = |name: &str| scopes.iter().any(|scope| scope == name);
    match attribute {
        "sub" => true,
        "email" | "email_verified" => has("email") || has("profile") || !has("phone"),
        "phone_number" | "phone_number_verified" => has("phone") || has("profile") || !has("email"),
        _ => has("profile") || !(has("email") || has("phone")),
    }
}
