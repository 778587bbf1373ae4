//! GET /oauth2/idpresponse: back from a provider, with a person to sign in.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::authorize::{failed, grant};
use super::cookie;
use super::login::remember;
use crate::Inner;
use crate::api::Fault;
use crate::crypto::{same, uuid};
use crate::flight::Visit;
use crate::pages::{self, Lang};
use crate::params::Params;
use crate::providers::{CLIENT_SECRET, Presented, Provider, redeem};
use crate::state::{Group, Identity, State as PoolState, Status, User};
use crate::triggers::About;

/// How long Naver's userinfo may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// A person as the pool maps their claims.
struct Arrival {
    id: String,
    attributes: BTreeMap<String, String>,
}

pub(super) async fn arrive(State(inner): State<Arc<Inner>>, RawQuery(raw): RawQuery, headers: HeaderMap) -> Response {
    let params = Params::parse(raw.as_deref().unwrap_or_default());
    let lang = Lang::of(params.get("lang"), &headers);
    let visit = inner.flight().visits.take(params.text("state"), inner.now_ms());
    let browser = cookie(&headers, "csrf-state").unwrap_or_default();
    let Some(visit) = visit.filter(|visit| same(visit.browser.as_bytes(), browser.as_bytes())) else {
        return pages::refusal(lang, "Invalid state parameter");
    };
    if let Some(error) = params.get("error") {
        let error = if error == "access_denied" { "access_denied" } else { "invalid_request" };
        return failed(&visit.request, error, None).response(lang);
    }
    let entered = match claims(&inner, &visit, params.text("code")).await {
        Ok(arrival) => Box::pin(enter(&inner, &visit, arrival)).await.map_err(|fault| fault.message),
        Err(message) => Err(message),
    };
    match entered {
        Ok(username) => {
            let auth_time_s = inner.now_ms() / 1000;
            let mut response = grant(&inner, visit.request, &username, auth_time_s);
            remember(&inner, &mut response, &username, auth_time_s);
            response
        }
        Err(message) => failed(&visit.request, "invalid_request", Some(format!("{message} "))).response(lang),
    }
}

/// Exchanges the code and reads who it stands for.
async fn claims(inner: &Inner, visit: &Visit, code: &str) -> Result<Arrival, String> {
    let provider = visit.provider;
    let back = format!("{}/oauth2/idpresponse", inner.settings.base_url);
    let presented = Presented {
        client_id: provider.client_id(),
        client_secret: CLIENT_SECRET,
        code,
        redirect_uri: Some(&back),
        code_verifier: None,
    };
    let tokens =
        redeem(inner, provider, &presented).map_err(|error| format!("{} Error - 400 {error}", provider.name()))?;
    let claims = inner.key.verify(tokens["id_token"].as_str().unwrap_or_default()).unwrap_or_default();
    if claims["iss"] != provider.issuer(inner).as_str()
        || claims["aud"] != provider.client_id()
        || claims["nonce"] != visit.nonce.as_str()
        || claims["exp"].as_i64().unwrap_or_default() * 1000 <= inner.now_ms()
    {
        return Err("Invalid id_token".to_owned());
    }
    let access_token = tokens["access_token"].as_str().unwrap_or_default();
    let profile = match provider {
        Provider::Google => claims.clone(),
        Provider::Kakao => {
            let now_ms = inner.now_ms();
            let consent = inner.flight().provider_tokens.get(access_token, now_ms);
            consent.map(|consent| provider.userinfo(&consent.person)).ok_or("Invalid access token")?
        }
        Provider::Naver => flat_profile(&inner.settings.naver_userinfo_url, access_token).await?,
    };
    if profile["sub"].as_str().is_none_or(str::is_empty) || profile["sub"] != claims["sub"] {
        return Err("The subject of the userinfo is not that of the id_token".to_owned());
    }
    Ok(mapped(provider, &profile))
}

/// Naver's userinfo, flattened by a function on the gateway.
async fn flat_profile(url: &str, access_token: &str) -> Result<Value, String> {
    let failed = |error: reqwest::Error| format!("Error while calling the userinfo endpoint: {}", error.without_url());
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().map_err(failed)?;
    let response = client.get(url).bearer_auth(access_token).send().await.map_err(failed)?;
    response.error_for_status().map_err(failed)?.json().await.map_err(failed)
}

/// The provider's claims as the pool's attributes. Only Google's address is mapped: the pool writes mapped attributes anew
/// at each sign-in, also of linked users, and an unverified address would take the place of a verified one.
fn mapped(provider: Provider, profile: &Value) -> Arrival {
    let text = |name: &str| profile[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut attributes = BTreeMap::new();
    if let Some(email) = text("email").filter(|_| provider == Provider::Google) {
        let said = &profile["email_verified"];
        let verified = said == &json!(true) || said == "true";
        attributes.insert("email".to_owned(), email);
        attributes.insert("email_verified".to_owned(), verified.to_string());
    }
    if let Some(name) = text("name").or_else(|| text("nickname")) {
        attributes.insert("name".to_owned(), name.clone());
        attributes.insert("nickname".to_owned(), text("nickname").unwrap_or(name));
    }
    attributes.extend(text("picture").map(|picture| ("picture".to_owned(), picture)));
    Arrival { id: text("sub").unwrap_or_default(), attributes }
}

/// Signs the person in: as the user they are linked to, as their own user, or as a new one.
async fn enter(inner: &Inner, visit: &Visit, arrival: Arrival) -> Result<String, Fault> {
    let client_id = &visit.request.client_id;
    let known = inner.read(|state| state.user_with_identity(visit.provider.name(), &arrival.id).cloned());
    let user = match known {
        Some(user) if !user.enabled => return Err(Fault::not_authorized("User is disabled.")),
        Some(user) => refreshed(inner, &user.username, arrival)?,
        None => sign_up(inner, visit, arrival).await?,
    };
    inner.post_authentication(client_id, &user, &None).await?;
    Ok(user.username)
}

/// Every sign-in through a provider writes the mapped attributes anew, on a linked user too.
fn refreshed(inner: &Inner, username: &str, arrival: Arrival) -> Result<User, Fault> {
    let now_ms = inner.now_ms();
    inner.change(|state| {
        let native = state.users.get(username).is_some_and(|user| user.status != Status::ExternalProvider);
        let taken = arrival.attributes.get("email").and_then(|email| state.owner_of(email));
        if native && taken.is_some_and(|owner| owner.username != username) {
            return Err(Fault::invalid("user.email: Attribute cannot be updated."));
        }
        let user = state.users.get_mut(username).ok_or_else(Fault::no_user)?;
        user.attributes.extend(arrival.attributes);
        user.modified_ms = now_ms;
        Ok(user.clone())
    })
}

async fn sign_up(inner: &Inner, visit: &Visit, arrival: Arrival) -> Result<User, Fault> {
    let provider = visit.provider;
    let client_id = &visit.request.client_id;
    let username = format!("{}_{}", provider.name(), arrival.id);
    let about = About { source: "PreSignUp_ExternalProvider", username: &username, client_id };
    let mut shown = arrival.attributes.clone();
    shown.insert("cognito:email_alias".to_owned(), String::new());
    shown.insert("cognito:phone_number_alias".to_owned(), String::new());
    inner.pre_sign_up(about, &shown, json!({}), &None).await?;

    let now_ms = inner.now_ms();
    let user = inner.change(|state| {
        // The function has just linked this identity: Cognito trips over that once, and the next sign-in goes through.
        if state.user_with_identity(provider.name(), &arrival.id).is_some() || state.users.contains_key(&username) {
            return Err(Fault::invalid(format!("Already found an entry for username {username}")));
        }
        let group = provider_group(state, inner, provider, now_ms);
        let mut attributes = arrival.attributes;
        attributes.insert("sub".to_owned(), uuid());
        let identity = Identity {
            user_id: arrival.id,
            provider_name: provider.name().to_owned(),
            provider_type: provider.kind().to_owned(),
            primary: true,
            created_ms: now_ms,
        };
        let user = User {
            username: username.clone(),
            attributes,
            status: Status::ExternalProvider,
            enabled: true,
            created_ms: now_ms,
            modified_ms: now_ms,
            password: None,
            identities: vec![identity],
            groups: [group].into(),
            codes: BTreeMap::new(),
        };
        state.users.insert(username.clone(), user.clone());
        Ok(user)
    })?;
    inner.post_confirmation("PostConfirmation_ConfirmSignUp", client_id, &user, &None).await?;
    Ok(user)
}

/// The group Cognito puts every user of a provider into.
pub(crate) fn provider_group(state: &mut PoolState, inner: &Inner, provider: Provider, now_ms: i64) -> String {
    let name = format!("{}_{}", inner.settings.pool_id, provider.name());
    let description = format!("Autogenerated group for users who sign in using {}", provider.name());
    let group = Group { description: Some(description), precedence: None, created_ms: now_ms };
    state.groups.entry(name.clone()).or_insert(group);
    name
}
