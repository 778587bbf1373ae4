//! PATCH /listings/{listingId}: the owner edits, takes back, or closes a listing.

use deserr::Deserr;
use domain::{
    coins::Coins,
    id::{CategoryId, ListingId, MediaId},
    input::{Change, Few, Invalid, Wrong},
    listing::{Listing, MAX_PICTURES, Price, PriceUnit, Refused, Section, Status, Step, Terms, check_deadline},
    text::{Description, Title, Wish},
    time::Time,
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::Error;

use crate::{Listings, pictures::chosen, views::ListingView};

pub(crate) const ROUTE: Route<Listings> = Row::patch("listings.edit", "/listings/{listingId}")
    .summary("Edit one's listing")
    .description(
        "What is left out stays. `pictures` is the whole new list, in order. `status` `withdrawn` takes the listing back, \
         `closed` says it is done; `POST …/relist` puts it up again. What is promised or done cannot be edited.",
    )
    .features(&["L2", "L6", "L8", "M5"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("GetItem", &["LISTING#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "CATEGORIES", "MEDIA#"]),
        Grant::Table("UpdateItem", &["LISTING#", "MEDIA#"]),
    ])
    .takes::<Body>()
    .replies::<ListingView>(200)
    .problems(&[Code::NotOwner, Code::VersionConflict, Code::WrongStatus])
    .budget(2, 6.0, 48.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Where an owner may take a listing by an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserr, JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
enum Target {
    /// Taken back.
    Withdrawn,
    /// Done.
    Closed,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "ListingEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// The version that was seen.
    version: u64,
    #[deserr(default)]
    title: Option<Title>,
    #[deserr(default)]
    description: Option<Description>,
    #[deserr(default)]
    category: Option<CategoryId>,
    /// The whole new list of uploads, in order.
    #[deserr(default)]
    pictures: Option<Few<MediaId, MAX_PICTURES>>,
    #[deserr(default)]
    status: Option<Target>,
    /// Of a barter.
    #[deserr(default)]
    wants: Option<Wish>,
    /// Of a barter.
    #[deserr(default)]
    deadline: Option<Time>,
    /// Of a rental.
    #[deserr(default)]
    section: Option<Section>,
    /// Of a rental; null is to be agreed on.
    #[deserr(default)]
    #[schemars(default)]
    price: Change<Price>,
    /// Of a rental.
    #[deserr(default)]
    #[schemars(default)]
    unit: Change<PriceUnit>,
    /// Of what is lent; null is none.
    #[deserr(default)]
    #[schemars(default)]
    deposit: Change<Coins>,
}

impl Body {
    fn edits_content(&self) -> bool {
        self.title.is_some()
            || self.description.is_some()
            || self.category.is_some()
            || self.pictures.is_some()
            || self.wants.is_some()
            || self.deadline.is_some()
            || self.section.is_some()
            || !self.price.is_keep()
            || !self.unit.is_keep()
            || !self.deposit.is_keep()
    }

    /// The terms after the edit; what belongs to the other kind is refused.
    fn terms(&self, before: &Terms, now: Time, invalid: &mut Invalid) -> Terms {
        let mut foreign = |field: &str, sent: bool, kind: &'static str| {
            if sent {
                invalid.add(field, Wrong::NotTogether(kind));
            }
        };
        match before {
            Terms::Barter { wants, deadline } => {
                foreign("/section", self.section.is_some(), "kind barter");
                foreign("/price", !self.price.is_keep(), "kind barter");
                foreign("/unit", !self.unit.is_keep(), "kind barter");
                foreign("/deposit", !self.deposit.is_keep(), "kind barter");
                if let Some(Err(wrong)) = self.deadline.map(|deadline| check_deadline(deadline, now)) {
                    invalid.add("/deadline", wrong);
                }
                Terms::Barter {
                    wants: self.wants.clone().unwrap_or_else(|| wants.clone()),
                    deadline: self.deadline.unwrap_or(*deadline),
                }
            }
            Terms::Rental { section, price, unit, deposit } => {
                foreign("/wants", self.wants.is_some(), "kind rental");
                foreign("/deadline", self.deadline.is_some(), "kind rental");
                let section = self.section.unwrap_or(*section);
                let (price, unit) = (self.price.clone().apply(*price), self.unit.clone().apply(*unit));
                let deposit = self.deposit.clone().apply((*deposit > 0).then_some(Coins(*deposit)));
                Terms::rental(section, price, unit, deposit).unwrap_or_else(|bad| {
                    invalid.0.extend(bad.0);
                    before.clone()
                })
            }
        }
    }
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let id = call.path("listingId", ListingId::parse)?;
    let body: Body = call.body()?;
    let store = store::Listings(call.table()?);
    let media = body.pictures.as_ref().map_or(&[][..], |pictures| &pictures.0);
    let (before, context) =
        futures::try_join!(store.by_id_now(&id), store.context(&caller.id, body.category.as_ref(), media))?;
    let before = before.ok_or(Code::NotFound)?;
    before.owned_by(&caller.id)?;
    if before.version != body.version {
        return Err(conflict(&before));
    }
    if body.edits_content() {
        before.editable(call.now)?;
    }
    // What is promised is the deal's to end.
    if body.status.is_some() && before.status == Status::Reserved {
        return Err(Refused::Status(Status::Reserved).into());
    }

    let mut invalid = Invalid::default();
    if body.category.is_some() && context.category.is_none_or(|category| category.hidden) {
        invalid.add("/category", Wrong::NotFound);
    }
    let terms = body.terms(&before.terms, call.now, &mut invalid);
    let pictures = match &body.pictures {
        None => before.pictures.clone(),
        Some(ids) => chosen(&ids.0, &context.media, &caller.id, &id, &mut invalid),
    };
    invalid.none()?;

    let edited = Listing {
        terms,
        title: body.title.unwrap_or_else(|| before.title.clone()),
        description: body.description.unwrap_or_else(|| before.description.clone()),
        category: body.category.unwrap_or_else(|| before.category.clone()),
        pictures,
        // What has expired stays so, written down or not: a new deadline alone does not put it up again.
        status: before.status_at(call.now),
        ..before.clone()
    };
    let after = match body.status {
        None => edited.edited(call.now),
        Some(Target::Withdrawn) => edited.step(Step::Withdraw, call.now)?,
        Some(Target::Closed) => edited.step(Step::Close, call.now)?,
    };
    saved(store.save(&before, &after, call.now).await)?;
    Reply::ok(&ListingView::of(after, context.account, false, call)?)
}

fn conflict(current: &Listing) -> Fault {
    Problem::new(Code::VersionConflict).with("version", current.version).into()
}

/// What a clash of [`store::Listings::save`] means.
pub(crate) fn saved(result: Result<(), Error>) -> Result<(), Fault> {
    let clash = match result {
        Ok(()) => return Ok(()),
        Err(Error::Clash(clash)) => clash,
        Err(other) => return Err(other.into()),
    };
    if !clash.at(0) {
        return Err(Invalid::one("/pictures", Wrong::InUse).into());
    }
    let version = clash.standing().and_then(|item| item.get("version")?.as_n().ok()?.parse::<u64>().ok());
    match version {
        None => Err(Code::NotFound.into()),
        Some(version) => Err(Problem::new(Code::VersionConflict).with("version", version).into()),
    }
}
