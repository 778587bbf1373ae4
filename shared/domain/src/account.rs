//! Accounts: who somebody is to the others (rows A1–A26, P1–P5).

use deserr::Deserr;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    id::AccountId,
    input::Invalid,
    media::Picture,
    region::{self, Region},
    text::{AddressLine, Email, Nickname, Phone},
    time::Time,
};

/// What stands in the place of somebody who has left (rows A20, P19).
pub const WITHDRAWN_NAME: &str = "탈퇴유저";

/// The terms in force; the answer to them is stored with the account (row A23).
pub const TERMS_VERSION: &str = "2026-11";

/// How somebody proves who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
pub enum Provider {
    /// E-mail and password.
    Email,
    /// Google.
    Google,
    /// Kakao.
    Kakao,
    /// Naver.
    Naver,
}

impl Provider {
    /// The providers other than one's own e-mail.
    pub const SOCIAL: [Self; 3] = [Self::Google, Self::Kakao, Self::Naver];

    /// Its name in the user pool.
    #[must_use]
    pub fn pool_name(self) -> &'static str {
        match self {
            Self::Email => "Cognito",
            Self::Google => "Google",
            Self::Kakao => "Kakao",
            Self::Naver => "Naver",
        }
    }

    /// The provider with this name in the user pool.
    #[must_use]
    pub fn from_pool_name(name: &str) -> Option<Self> {
        [Self::Email, Self::Google, Self::Kakao, Self::Naver].into_iter().find(|p| p.pool_name() == name)
    }

    /// Whether an address that the provider calls verified may be believed: enough to link accounts by it. Kakao's and
    /// Naver's are not (`protocols`: "Never auto-link on an unverified e-mail").
    #[must_use]
    pub fn vouches_for_email(self) -> bool {
        matches!(self, Self::Email | Self::Google)
    }
}

/// A postal address (row P5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Deserr, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
pub struct Address {
    /// Five digits.
    #[deserr(default)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<Postcode>,
    /// From the province on.
    pub line: AddressLine,
    /// Floor, flat, whatever helps to find the door.
    #[deserr(default)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<AddressLine>,
}

/// A Korean postcode: five digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Postcode(String);

impl Deserr<Invalid> for Postcode {
    fn deserialize_from_value<V: deserr::IntoValue>(
        value: deserr::Value<V>,
        at: deserr::ValuePointerRef<'_>,
    ) -> Result<Self, Invalid> {
        let text = crate::input::text_value(value, at)?;
        if text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            Err(crate::input::wrong_at(crate::input::Wrong::Malformed("^[0-9]{5}$"), at))
        }
    }
}

impl JsonSchema for Postcode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Postcode".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[0-9]{5}$", "examples": ["06234"]})
    }
}

impl Address {
    /// The district the address lies in, by its first words.
    #[must_use]
    pub fn region(&self) -> Option<Region> {
        region::from_address(self.line.as_str()).map(Region::from)
    }
}

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The pool's `sub`.
    pub id: AccountId,
    /// The user name in the pool: the `sub` of whoever signed up by e-mail, `Kakao_123` of whoever came by Kakao.
    pub username: String,
    /// A verified address. Kakao's and Naver's are not: absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// The name others see.
    pub nickname: Nickname,
    /// Whether the person has finished signing up: chosen a nickname and agreed to the terms (row A14).
    pub onboarded: bool,
    /// How the person can sign in.
    pub sign_in_by: Vec<Provider>,
    /// The person's picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Picture>,
    /// The person's mobile number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The home district, which listings are put up in (row P4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
    /// The postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The terms that were agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    /// When the account was made.
    pub created_at: Time,
    /// When it was last edited.
    pub updated_at: Time,
    /// Rises with every edit.
    pub version: u64,
}

/// Why somebody may not act yet (row A24).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Signing up is not finished.
    OnboardingNeeded,
    /// No home district is stored.
    RegionNeeded,
}

impl Account {
    /// The region the person acts in: listings and rooms need one (row A24).
    ///
    /// # Errors
    /// What is missing first.
    pub fn acting_region(&self) -> Result<&Region, Gate> {
        if !self.onboarded {
            return Err(Gate::OnboardingNeeded);
        }
        self.region.as_ref().ok_or(Gate::RegionNeeded)
    }

    /// Whether a password exists to be changed (row A16).
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.sign_in_by.contains(&Provider::Email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn account() -> Account {
        Account {
            id: AccountId::parse("6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506").unwrap(),
            username: "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506".into(),
            email: None,
            nickname: Nickname::parse("민지").unwrap(),
            onboarded: true,
            sign_in_by: vec![Provider::Kakao],
            image: None,
            phone: None,
            region: None,
            address: None,
            terms: None,
            created_at: Time::from_ms(0),
            updated_at: Time::from_ms(0),
            version: 1,
        }
    }

    #[test]
    fn nobody_acts_before_signing_up_is_finished_and_a_district_is_stored() {
        let mut account = Account { onboarded: false, ..account() };
        assert_eq!(account.acting_region(), Err(Gate::OnboardingNeeded));
        account.onboarded = true;
        assert_eq!(account.acting_region(), Err(Gate::RegionNeeded));
        account.region = region::district("seoul/gangnam-gu").map(Region::from);
        assert!(account.acting_region().is_ok());
    }

    #[test]
    fn only_who_signed_up_by_email_has_a_password() {
        assert!(!account().has_password());
    }

    #[test]
    fn kakao_and_naver_do_not_vouch_for_an_address() {
        assert!(Provider::Google.vouches_for_email());
        assert!(!Provider::Kakao.vouches_for_email());
        assert!(!Provider::Naver.vouches_for_email());
    }
}
