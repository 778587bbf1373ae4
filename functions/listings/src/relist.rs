//! POST /listings/{listingId}/relist: the owner puts an ended listing up again.

use deserr::Deserr;
use domain::{
    id::ListingId,
    input::{Invalid, Wrong},
    listing::{Listing, Status, Step, Terms, check_deadline},
    time::Time,
};
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::AccountRecord;

use crate::{Listings, edit::saved, views::ListingView};

pub(crate) const ROUTE: Route<Listings> = Row::post("listings.relist", "/listings/{listingId}/relist")
    .summary("Put an ended listing up again")
    .description(
        "It goes to the top of the feeds. A barter whose deadline has passed needs a new one. A listing that is open \
         already is answered as it is: asking twice is no fault.",
    )
    .features(&["L8", "L10"])
    .needs(&[Setting::MediaUrl])
    .may(&[Grant::Table("GetItem", &["ACCOUNT#", "LISTING#"]), Grant::Table("UpdateItem", &["LISTING#"])])
    .takes::<Body>()
    .replies::<ListingView>(200)
    .problems(&[
        Code::NotOwner,
        Code::VersionConflict,
        Code::WrongStatus,
        Code::Hidden,
        Code::OnboardingNeeded,
        Code::RegionNeeded,
    ])
    .budget(2, 3.0, 16.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Default, Deserr, JsonSchema)]
#[schemars(rename = "Relist", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// Of a barter: the new deadline.
    #[deserr(default)]
    deadline: Option<Time>,
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("listingId", ListingId::parse)?;
    let Body { deadline } = if call.has_body() { call.body()? } else { Body::default() };
    let (store, accounts) = (store::Listings(call.table()?), store::Accounts(call.table()?));
    let (before, account) = futures::try_join!(store.by_id_now(&id), accounts.by_id(&caller.id))?;
    let before = before.ok_or(Code::NotFound)?;
    before.owned_by(&caller.id)?;
    let account = account.and_then(AccountRecord::active).ok_or(Code::NotFound)?;
    account.acting_region()?;
    if before.status_at(call.now) == Status::Open {
        return Reply::ok(&ListingView::of(before, Some(account), false, call)?);
    }

    let terms = match (&before.terms, deadline) {
        (Terms::Rental { .. }, Some(_)) => {
            return Err(Invalid::one("/deadline", Wrong::NotTogether("kind rental")).into());
        }
        (Terms::Barter { deadline: passed, .. }, None) if *passed <= call.now => {
            return Err(Invalid::one("/deadline", Wrong::Missing).into());
        }
        (Terms::Barter { wants, .. }, Some(deadline)) => {
            check_deadline(deadline, call.now).map_err(|wrong| Invalid::one("/deadline", wrong))?;
            Terms::Barter { wants: wants.clone(), deadline }
        }
        (terms, None) => terms.clone(),
    };
    // The old deadline decides whether it has ended; the new one counts from here on.
    let relisted = before.clone().step(Step::Relist, call.now)?;
    let after = Listing { terms, ..relisted };
    saved(store.save(&before, &after, call.now).await)?;
    Reply::ok(&ListingView::of(after, Some(account), false, call)?)
}
