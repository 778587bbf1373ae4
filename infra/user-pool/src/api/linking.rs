//! AdminLinkProviderForUser, AdminDisableProviderForUser.

use serde_json::json;

use super::request::Request;
use super::{Fault, Outcome};
use crate::Inner;
use crate::providers::Provider;
use crate::state::{Identity, Status};

/// The most identities one user may have.
const MOST: usize = 5;

struct Named {
    provider: String,
    attribute: Option<String>,
    value: String,
}

fn named(request: &Request, name: &str) -> Result<Named, Fault> {
    let structure = request.structure(name)?;
    Ok(Named {
        provider: structure.text("ProviderName", 1, 32)?,
        attribute: structure.optional("ProviderAttributeName", 0, 131_072)?,
        value: structure.text("ProviderAttributeValue", 1, 131_072)?,
    })
}

fn provider(source: &Named) -> Result<Provider, Fault> {
    if source.attribute.as_deref() != Some("Cognito_Subject") {
        return Err(Fault::invalid("Invalid ProviderAttributeName: it must be Cognito_Subject."));
    }
    Provider::named(&source.provider)
        .ok_or_else(|| Fault::not_found(format!("Identity provider {} does not exist.", source.provider)))
}

pub(super) fn link(inner: &Inner, request: &Request) -> Outcome {
    request.pool(inner)?;
    let destination = named(request, "DestinationUser")?;
    let source = named(request, "SourceUser")?;
    if source.provider == "Cognito" {
        return Err(Fault::invalid(
            "Invalid SourceUser: Cognito users with a username/password may not be passed in as a SourceUser, only as a DestinationUser",
        ));
    }
    let provider = provider(&source)?;
    let now_ms = inner.now_ms();
    inner.change(|state| {
        let wanted = if destination.provider == "Cognito" {
            state.user(&destination.value)
        } else {
            state.user_with_identity(&destination.provider, &destination.value)
        };
        let username = wanted.map(|user| user.username.clone()).ok_or_else(Fault::no_user)?;
        if let Some(holder) = state.user_with_identity(provider.name(), &source.value) {
            let why = if holder.username == username && holder.status != Status::ExternalProvider {
                "SourceUser is already linked to DestinationUser"
            } else {
                "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"
            };
            return Err(Fault::invalid(why));
        }
        let user = state.users.get_mut(&username).ok_or_else(Fault::no_user)?;
        if user.identities.len() >= MOST {
            return Err(Fault::invalid(format!("A user can have at most {MOST} linked identities.")));
        }
        user.identities.push(Identity {
            user_id: source.value.clone(),
            provider_name: provider.name().to_owned(),
            provider_type: provider.kind().to_owned(),
            primary: false,
            created_ms: now_ms,
        });
        user.modified_ms = now_ms;
        Ok(json!({}))
    })
}

pub(super) fn unlink(inner: &Inner, request: &Request) -> Outcome {
    request.pool(inner)?;
    let named = named(request, "User")?;
    let now_ms = inner.now_ms();
    inner.change(|state| {
        if named.provider == "Cognito" {
            return Err(Fault::invalid("A user with a password is disabled with AdminDisableUser."));
        }
        let provider = provider(&named)?;
        let holder = state.user_with_identity(provider.name(), &named.value).map(|user| user.username.clone());
        let user = holder.and_then(|name| state.users.get_mut(&name)).ok_or_else(Fault::no_user)?;
        let of_its_own = user.identities.iter().any(|identity| {
            identity.primary && identity.provider_name == provider.name() && identity.user_id == named.value
        });
        if of_its_own {
            user.enabled = false;
        } else {
            user.identities
                .retain(|identity| identity.provider_name != provider.name() || identity.user_id != named.value);
        }
        user.modified_ms = now_ms;
        Ok(json!({}))
    })
}
