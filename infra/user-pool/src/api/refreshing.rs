//! GetTokensFromRefreshToken, REFRESH_TOKEN_AUTH, RevokeToken, GlobalSignOut.

use serde_json::json;

use super::request::{Request, check_secret};
use super::{Fault, Outcome};
use crate::crypto::{fingerprint, same};
use crate::tokens::Stale;
use crate::triggers::Metadata;
use crate::{AppClient, Inner};

/// What REFRESH_TOKEN_AUTH meets at a client whose refresh tokens rotate.
pub(super) fn rotation_refused() -> Fault {
    Fault::new(
        "UnsupportedOperationException",
        "REFRESH_TOKEN_AUTH is not supported for clients with refresh token rotation; use GetTokensFromRefreshToken.",
    )
}

fn refused(stale: Stale) -> Fault {
    match stale {
        Stale::Unknown | Stale::OtherClient => Fault::not_authorized("Invalid Refresh Token"),
        Stale::Expired => Fault::not_authorized("Refresh Token has expired"),
        Stale::Revoked => Fault::not_authorized("Refresh Token has been revoked"),
        Stale::Reused => Fault::new("RefreshTokenReuseException", "Refresh token has been invalidated by rotation"),
    }
}

pub(super) async fn by_refresh_token(
    inner: &Inner,
    client: &AppClient,
    token: &str,
    secret_hash: Option<&str>,
    metadata: &Metadata,
) -> Outcome {
    let names = inner.read(|state| {
        let sign_in =
            state.refresh_tokens.get(&fingerprint(token)).and_then(|kept| state.sign_ins.get(&kept.origin_jti));
        let user = sign_in.and_then(|sign_in| state.users.get(&sign_in.username));
        user.map(|user| [user.username.clone(), user.sub().to_owned(), user.email().unwrap_or_default().to_owned()])
    });
    if let Some(names) = names {
        check_secret(client, secret_hash, &names.each_ref().map(String::as_str))?;
    }
    let issued = inner.refresh(client, token, metadata).await?.map_err(refused)?;
    Ok(json!({ "AuthenticationResult": issued.authentication_result(), "ChallengeParameters": {} }))
}

fn check_plain_secret(client: &AppClient, request: &Request) -> Result<(), Fault> {
    let Some(secret) = &client.secret else {
        return Ok(());
    };
    let given = request.optional("ClientSecret", 1, 64)?.unwrap_or_default();
    if same(secret.as_bytes(), given.as_bytes()) {
        return Ok(());
    }
    Err(Fault::not_authorized(format!("Unable to verify secret for client {}", client.id)))
}

pub(super) async fn get_tokens(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    check_plain_secret(client, request)?;
    let token = request.text("RefreshToken", 1, 16_384)?;
    let metadata = request.metadata()?;
    let issued = inner.refresh(client, &token, &metadata).await?.map_err(refused)?;
    Ok(json!({ "AuthenticationResult": issued.authentication_result() }))
}

pub(super) fn revoke(inner: &Inner, request: &Request) -> Outcome {
    let client = request.client(inner)?;
    let token = request.text("Token", 1, 16_384)?;
    if request.optional("ClientSecret", 1, 64)?.is_some() || client.secret.is_some() {
        check_plain_secret(client, request).map_err(|fault| Fault::new("UnauthorizedException", fault.message))?;
    }
    if inner.key.verify(&token).is_some() {
        return Err(Fault::new("UnsupportedTokenTypeException", "Only refresh tokens can be revoked."));
    }
    if !inner.revoke(client, &token)? {
        return Err(Fault::new("UnauthorizedException", "The token was issued to another client."));
    }
    Ok(json!({}))
}

pub(super) fn global_sign_out(inner: &Inner, request: &Request) -> Outcome {
    let user = request.bearer(inner)?;
    inner.change(|state| {
        state.sign_out(&user.username);
        Ok(json!({}))
    })
}
