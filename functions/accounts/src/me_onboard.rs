//! PUT /me/onboarding: whoever came by a provider finishes signing up.

use deserr::Deserr;
use domain::{
    account::{Account, Address, TERMS_VERSION},
    input::{Invalid, Wrong},
    region::Region,
    text::{Nickname, Phone},
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::AccountRecord;

use crate::{Accounts, agreed::Agreed, me_edit::saved, views::MeView};

pub(crate) const ROUTE: Route<Accounts> = Row::put("accounts.me_onboard", "/me/onboarding")
    .summary("Finish signing up after a first sign-in by a provider")
    .features(&["A14", "A23", "A24", "P3", "P4"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"]),
        Grant::Table("DeleteItem", &["NICKNAME#"]),
    ])
    .takes::<Body>()
    .replies::<MeView>(200)
    .problems(&[Code::AlreadyOnboarded, Code::NicknameTaken, Code::VersionConflict, Code::BadToken])
    .budget(2, 2.0, 12.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "Onboarding", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    nickname: Nickname,
    agrees_to_terms: Agreed,
    #[deserr(default)]
    #[schemars(default)]
    phone: Option<Phone>,
    /// The home district.
    #[deserr(default)]
    #[schemars(default)]
    region: Option<Region>,
    #[deserr(default)]
    #[schemars(default)]
    address: Option<Address>,
}

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let Body { nickname, agrees_to_terms: Agreed, phone, region, address } = call.body()?;
    let accounts = store::Accounts(call.table()?);
    let before = accounts.by_id_now(&caller.id).await?.and_then(AccountRecord::active).ok_or(Code::BadToken)?;
    if before.onboarded {
        return Err(Code::AlreadyOnboarded.into());
    }
    let of_address = address.as_ref().map(Address::region);
    if region.is_none() && of_address == Some(None) {
        return Err(Invalid::one("/address/line", Wrong::Malformed("서울 강남구 …")).into());
    }
    let after = Account {
        nickname,
        onboarded: true,
        terms: Some(TERMS_VERSION.to_owned()),
        phone: phone.or_else(|| before.phone.clone()),
        region: region.or(of_address.flatten()).or(before.region),
        address: address.or_else(|| before.address.clone()),
        updated_at: call.now,
        version: before.version + 1,
        ..before.clone()
    };
    saved(accounts.save(&before, &after, call.now).await)?;
    Reply::ok(&MeView::of(after, caller.is_admin(), call)?)
}
