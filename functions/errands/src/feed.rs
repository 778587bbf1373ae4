//! GET /errands/feed: what a maker could quote on.

use deserr::Deserr;
use domain::{errand::Journey, input::Invalid, listing::Status};
use edge::{Call, Code, Grant, ListQuery, Outcome, PersonView, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use serde::Serialize;
use store::{Makers, Order, Wanted};

use crate::{
    Errands,
    queries::{Journeys, Sought, YesNo},
    views::{CardView, FeedView, JourneyCount},
};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.feed", "/errands/feed")
    .summary("Open errands that a maker could quote on")
    .description(
        "Those in one's provinces, or, with `designated=true`, wherever they are, those whose owners asked one and wait. One's \
         own, and those one has a quote on, are left out. `q` finds any part of a title, also by initial consonants. A page \
         may be short and still have a `nextCursor`. `counts` says how many are open in one's provinces, by kind of journey.",
    )
    .features(&["D10"])
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Table("Query", &["DEMAND"]),
        Grant::Index("gsi1", &["DESIGNATED#", "ERRAND_FEED#", "ERRAND_TERM#"]),
        Grant::Index("gsi2", &["DESIGNATED#", "ERRAND_FEED#", "ERRAND_TERM#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#", "ERRAND#"]),
    ])
    .query::<ListQuery<Query>>()
    .replies::<Feed>(200)
    .problems(&[Code::BadCursor, Code::NotMaker])
    .budget(4, 340.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// In what order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserr, JsonSchema)]
#[schemars(rename = "ErrandSort", rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
enum Sort {
    /// The newest first; of those one was asked for, the last that was asked.
    #[default]
    Recent,
    /// The soonest day first.
    Soonest,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "ErrandFeedQuery", rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Only of these kinds, with commas between them.
    #[deserr(default)]
    #[schemars(default)]
    journey: Journeys,
    /// Only what one was asked for.
    #[deserr(default)]
    #[schemars(default)]
    designated: YesNo,
    /// Part of a title, two or more characters, or its initial consonants.
    #[deserr(default)]
    q: Option<Sought>,
    #[deserr(default)]
    #[schemars(default)]
    sort: Sort,
}

/// A page of the feed.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ErrandFeed")]
struct Feed {
    /// The errands, in order.
    items: Vec<FeedView>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
    /// How many errands are open in one's provinces, by kind of journey.
    counts: Vec<JourneyCount>,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let ListQuery::<Query> { limit, cursor, rest: query } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let table = call.table()?;
    let (errands, makers) = (store::Errands(table), Makers(table));
    let (maker, demand) = futures::try_join!(makers.by_id_now(me), errands.demand())?;
    let maker = maker.ok_or(Code::NotMaker)?;
    let wanted = Wanted {
        provinces: &maker.provinces,
        journeys: &query.journey.0,
        query: query.q.as_ref().map(|sought| &sought.0),
        asked: (query.designated == YesNo::True).then_some(me),
    };
    let order = match query.sort {
        Sort::Recent => Order::Newest,
        Sort::Soonest => Order::Soonest,
    };
    let (ids, next) = errands.feed(&wanted, order, after.as_deref(), limit.0, call.now).await?;
    let mut seen = errands.seen(&ids, me).await?;
    // An entry follows its errand a moment late; what the errand says counts, and its day is a fact.
    seen.retain(|seen| seen.errand.status_at(call.now) == Status::Open && !seen.quoted && seen.errand.host != *me);
    let mut hosts: Vec<_> = seen.iter().map(|seen| seen.errand.host.clone()).collect();
    hosts.sort();
    hosts.dedup();
    let people = store::Accounts(table).by_ids(&hosts).await?;
    let media_url = call.setting(Setting::MediaUrl)?;
    let items = seen.iter().map(|seen| FeedView {
        card: CardView::of(&seen.errand, call),
        host: people.get(&seen.errand.host).map(|account| PersonView::of(account, media_url)),
        designated: seen.designated,
    });
    let paged = call.paged(items.collect(), next)?;
    let open = |journey: Journey| maker.provinces.iter().filter_map(|province| demand.get(&(*province, journey))).sum();
    let counts = Journey::ALL.map(|journey| JourneyCount { journey, open: open(journey) }).into();
    Reply::ok(&Feed { items: paged.items, next_cursor: paged.next_cursor, counts })
}
