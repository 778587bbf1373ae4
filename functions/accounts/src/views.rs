//! Accounts as they are shown: to oneself, to others, to an administrator.

use domain::{
    account::{Account, Address, Provider, WITHDRAWN_NAME},
    id::AccountId,
    text::{Email, Nickname, Phone},
    time::Time,
};
use edge::{Call, Fault, PictureView, RegionView, SuspensionView};
use schemars::JsonSchema;
use serde::Serialize;

/// What a client needs to ask of its user before they can act (rows A14, A24, A25).
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Needed {
    /// `PUT /me/onboarding`.
    Onboarding,
    /// `PATCH /me` with a region or an address.
    Region,
}

/// One's own account (row A10).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Me")]
pub(crate) struct MeView {
    pub(crate) id: AccountId,
    /// The verified address; null where a provider does not vouch for one.
    pub(crate) email: Option<Email>,
    pub(crate) nickname: Nickname,
    /// Null means the client's default picture (row M7).
    pub(crate) image: Option<PictureView>,
    pub(crate) phone: Option<Phone>,
    /// The home district.
    pub(crate) region: Option<RegionView>,
    pub(crate) address: Option<Address>,
    /// How this person can sign in.
    pub(crate) sign_in_by: Vec<Provider>,
    /// Whether there is a password to change.
    pub(crate) has_password: bool,
    /// Whether signing up is finished.
    pub(crate) onboarded: bool,
    /// What is missing before this person can act, most urgent first.
    pub(crate) needs: Vec<Needed>,
    /// Whether this person is an administrator.
    pub(crate) admin: bool,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// To be named by an edit.
    pub(crate) version: u64,
}

impl MeView {
    pub(crate) fn of(account: Account, admin: bool, call: &Call<'_>) -> Result<Self, Fault> {
        let image = account.image.as_ref().map(|picture| PictureView::of(picture, call)).transpose()?;
        let mut needs = vec![];
        if !account.onboarded {
            needs.push(Needed::Onboarding);
        }
        if account.region.is_none() {
            needs.push(Needed::Region);
        }
        Ok(Self {
            image,
            needs,
            admin,
            has_password: account.has_password(),
            region: account.region.map(RegionView::from),
            id: account.id,
            email: account.email,
            nickname: account.nickname,
            phone: account.phone,
            address: account.address,
            sign_in_by: account.sign_in_by,
            onboarded: account.onboarded,
            created_at: account.created_at,
            updated_at: account.updated_at,
            version: account.version,
        })
    }
}

/// An account with what keeps its person from acting.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AccountNow")]
pub(crate) struct AccountNowView {
    #[serde(flatten)]
    pub(crate) account: MeView,
    /// Until when and why the person is suspended; null where they are not.
    pub(crate) suspension: Option<SuspensionView>,
}

/// Somebody as everybody may see them (row P1). Of whoever has left only the placeholder is shown (row P19).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Profile")]
pub(crate) struct ProfileView {
    pub(crate) id: AccountId,
    /// `탈퇴유저` of whoever has left.
    pub(crate) nickname: String,
    pub(crate) withdrawn: bool,
    pub(crate) image: Option<PictureView>,
    pub(crate) region: Option<RegionView>,
    pub(crate) created_at: Option<Time>,
    /// How many follow them (row P12).
    pub(crate) followers: u64,
}

impl ProfileView {
    pub(crate) fn of(account: Account, followers: u64, call: &Call<'_>) -> Result<Self, Fault> {
        Ok(Self {
            followers,
            image: account.image.as_ref().map(|picture| PictureView::of(picture, call)).transpose()?,
            region: account.region.map(RegionView::from),
            nickname: account.nickname.as_str().to_owned(),
            withdrawn: false,
            created_at: Some(account.created_at),
            id: account.id,
        })
    }

    pub(crate) fn withdrawn(id: AccountId) -> Self {
        Self {
            id,
            nickname: WITHDRAWN_NAME.to_owned(),
            withdrawn: true,
            image: None,
            region: None,
            created_at: None,
            followers: 0,
        }
    }
}
