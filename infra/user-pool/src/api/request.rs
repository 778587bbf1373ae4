//! A request's members, checked as Cognito checks them, and who sent it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Fault;
use crate::crypto::{base64, hmac_sha256, same};
use crate::state::User;
use crate::triggers::Metadata;
use crate::{AppClient, Inner};

/// A request's JSON object.
pub(super) struct Request(Map<String, Value>);

fn violated(name: &str, constraint: &str) -> Fault {
    let mut letters = name.chars();
    let name: String = letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect();
    Fault::invalid(format!(
        "1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must {constraint}"
    ))
}

/// The attributes of OpenID Connect a user may have besides `custom:` ones.
const STANDARD: &[&str] = &[
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

impl Request {
    pub(super) fn parse(body: &[u8]) -> Result<Self, Fault> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(map)) => Ok(Self(map)),
            _ => Err(Fault::new("SerializationException", "The request is not a JSON object.")),
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn optional(&self, name: &str, min: usize, max: usize) -> Result<Option<String>, Fault> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        let text = value.as_str().ok_or_else(|| violated(name, "be a string"))?;
        let length = text.chars().count();
        if length < min {
            return Err(violated(name, &format!("have length greater than or equal to {min}")));
        }
        if length > max {
            return Err(violated(name, &format!("have length less than or equal to {max}")));
        }
        Ok(Some(text.to_owned()))
    }

    pub(super) fn text(&self, name: &str, min: usize, max: usize) -> Result<String, Fault> {
        self.optional(name, min, max)?.ok_or_else(|| violated(name, "not be null"))
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Fault> {
        self.member(name).map_or(Ok(false), |value| value.as_bool().ok_or_else(|| violated(name, "be a boolean")))
    }

    pub(super) fn number(&self, name: &str, max: u64) -> Result<Option<u64>, Fault> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        let number = value.as_u64().ok_or_else(|| violated(name, "be a number"))?;
        if number > max {
            return Err(violated(name, &format!("have value less than or equal to {max}")));
        }
        Ok(Some(number))
    }

    /// A map of strings to strings.
    pub(super) fn map(&self, name: &str) -> Result<Metadata, Fault> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        let map = value.as_object().ok_or_else(|| violated(name, "be a map"))?;
        let text = |value: &Value| {
            let text = value.as_str().ok_or_else(|| violated(name, "hold strings"))?;
            if text.len() > 131_072 {
                return Err(violated(name, "hold values of length less than or equal to 131072"));
            }
            Ok(text.to_owned())
        };
        map.iter().map(|(key, value)| Ok((key.clone(), text(value)?))).collect::<Result<_, Fault>>().map(Some)
    }

    /// A map as it lies inside a structure, e.g. `SourceUser`.
    pub(super) fn structure(&self, name: &str) -> Result<Self, Fault> {
        let value = self.member(name).ok_or_else(|| violated(name, "not be null"))?;
        value.as_object().cloned().map(Self).ok_or_else(|| violated(name, "be a structure"))
    }

    pub(super) fn names(&self, name: &str) -> Result<Vec<String>, Fault> {
        let Some(value) = self.member(name) else {
            return Ok(Vec::new());
        };
        let list = value.as_array().ok_or_else(|| violated(name, "be a list"))?;
        list.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| violated(name, "hold strings"))).collect()
    }

    /// A list of `{Name, Value}`, as it stands.
    pub(super) fn pairs(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Fault> {
        let Some(value) = self.member(name) else {
            return Ok(None);
        };
        let list = value.as_array().ok_or_else(|| violated(name, "be a list"))?;
        let mut pairs = BTreeMap::new();
        for item in list {
            let item = Self(item.as_object().cloned().ok_or_else(|| violated(name, "hold structures"))?);
            let key = item.text("Name", 1, 32)?;
            pairs.insert(key, item.optional("Value", 0, 2048)?.unwrap_or_default());
        }
        Ok(Some(pairs))
    }

    /// `UserAttributes`, each of them one the pool knows; `trusted` callers may also set what is verified.
    pub(super) fn attributes(&self, trusted: bool) -> Result<BTreeMap<String, String>, Fault> {
        let pairs = self.pairs("UserAttributes")?.unwrap_or_default();
        for (name, value) in &pairs {
            match name.as_str() {
                "email_verified" | "phone_number_verified" if trusted && matches!(value.as_str(), "true" | "false") => {
                }
                "email_verified" | "phone_number_verified" if trusted => {
                    return Err(Fault::invalid(format!("Attribute value for {name} must be true or false.")));
                }
                "email_verified" | "phone_number_verified" | "sub" | "identities" => {
                    return Err(Fault::not_authorized("A client attempted to write unauthorized attribute"));
                }
                "email" if !is_email(value) => {
                    return Err(Fault::invalid("Invalid email address format."));
                }
                name if STANDARD.contains(&name) || name.starts_with("custom:") => {}
                name => {
                    return Err(Fault::invalid(format!(
                        "Attributes did not conform to the schema: Type for attribute {{{name}}} could not be determined"
                    )));
                }
            }
        }
        Ok(pairs)
    }

    /// The client that calls.
    pub(super) fn client<'a>(&self, inner: &'a Inner) -> Result<&'a AppClient, Fault> {
        let id = self.text("ClientId", 1, 128)?;
        inner.client(&id).ok_or_else(|| Fault::not_found(format!("User pool client {id} does not exist.")))
    }

    pub(super) fn username(&self) -> Result<String, Fault> {
        self.text("Username", 1, 128)
    }

    pub(super) fn metadata(&self) -> Result<Metadata, Fault> {
        self.map("ClientMetadata")
    }

    /// Checks that an administrator's call is for this pool.
    pub(super) fn pool(&self, inner: &Inner) -> Result<(), Fault> {
        let id = self.text("UserPoolId", 1, 55)?;
        if id != inner.settings.pool_id {
            return Err(Fault::not_found(format!("User pool {id} does not exist.")));
        }
        Ok(())
    }

    /// The user an administrator's call is about.
    pub(super) fn administered(&self, inner: &Inner) -> Result<User, Fault> {
        self.pool(inner)?;
        let username = self.username()?;
        inner.read(|state| state.user(&username).cloned()).ok_or_else(Fault::no_user)
    }

    /// The user whose access token came along.
    pub(super) fn bearer(&self, inner: &Inner) -> Result<User, Fault> {
        inner.bearer_of_self(&self.text("AccessToken", 1, 16_384)?)
    }
}

/// Checks `SECRET_HASH`, computed over any of the names the user goes by.
pub(super) fn check_secret(client: &AppClient, hash: Option<&str>, names: &[&str]) -> Result<(), Fault> {
    let Some(secret) = &client.secret else {
        return Ok(());
    };
    let id = &client.id;
    let hash = hash.ok_or_else(|| {
        Fault::not_authorized(format!("Client {id} is configured with secret but SECRET_HASH was not received"))
    })?;
    let right = names.iter().any(|name| {
        let wanted = base64(&hmac_sha256(secret.as_bytes(), format!("{name}{id}").as_bytes()));
        same(wanted.as_bytes(), hash.as_bytes())
    });
    if right { Ok(()) } else { Err(Fault::not_authorized(format!("Unable to verify secret hash for client {id}"))) }
}

/// Whether this can be an e-mail address: a local part, an `@`, and a domain with a dot.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"()<>,;:\\\"[]".contains(c);
    !local.is_empty()
        && !local.contains('@')
        && text.chars().all(plain)
        && text.len() <= 254
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty())
}
