//! POST /errands: a member asks for a journey.

use deserr::Deserr;
use domain::{
    errand::{Errand, Journey},
    id::ErrandId,
    input::Invalid,
    listing::Status,
    region::ProvinceId,
    text::{AddressLine, ErrandDetails, ErrandTitle},
    time::Date,
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use ports::fresh_ulid;
use schemars::JsonSchema;
use store::{AccountRecord, Error, ForReader};

use crate::{Errands, views::ErrandView};

pub(crate) const ROUTE: Route<Errands> = Row::post("errands.create", "/errands")
    .summary("Ask for a journey")
    .description(
        "For a day from today on by Korea's clock, at most 366 days off. Shopping needs an address, which only its owner \
         sees and, while it is promised to them, the maker; no other kind has one.",
    )
    .features(&["D9", "D11"])
    .idempotent()
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#", "RECEIPT#errands.create#"]),
        Grant::Table("PutItem", &["ERRAND#", "RECEIPT#errands.create#"]),
    ])
    .takes::<Body>()
    .replies::<ErrandView>(201)
    .problems(&[Code::OnboardingNeeded, Code::BadToken])
    .budget(3, 2.0, 24.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewErrand", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    title: ErrandTitle,
    /// On which day.
    date: Date,
    journey: Journey,
    province: ProvinceId,
    details: ErrandDetails,
    /// Where things are sent to: of shopping, and of nothing else.
    #[deserr(default)]
    address: Option<AddressLine>,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let Body { title, date, journey, province, details, address } = call.body()?;
    Errand::check(date, journey, address.as_ref(), call.now)?;
    let account = store::Accounts(call.table()?).by_id(&caller.id).await?.and_then(AccountRecord::active);
    let account = account.ok_or(Code::BadToken)?;
    if !account.onboarded {
        return Err(Code::OnboardingNeeded.into());
    }
    let errand = Errand {
        id: ErrandId::from_ulid(&fresh_ulid(call.now)),
        host: caller.id.clone(),
        title,
        date,
        journey,
        province,
        details,
        address,
        status: Status::Open,
        maker: None,
        deal: None,
        created_at: call.now,
        updated_at: call.now,
        version: 1,
    };
    let found = ForReader { errand, maker: None, quote: None, designation: None, asking: 0 };
    let people = [(account.id.clone(), account)].into();
    let view = ErrandView::of(&found, &people, call)?;
    let reply = Reply::created(format!("/errands/{}", found.errand.id), &view)?;
    match store::Errands(call.table()?).create(&found.errand, call.receipt(&reply)).await {
        Ok(()) => Ok(reply),
        Err(Error::Clash(_)) => Err(Code::InProgress.into()),
        Err(other) => Err(other.into()),
    }
}
