//! GET /makers: the directory of makers.

use deserr::Deserr;
use domain::{errand::Journey, input::Invalid, maker::Sort, region::ProvinceId};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::Makers;

use crate::{Errands, queries::Sought, views::MakerCardView};

pub(crate) const ROUTE: Route<Errands> = Row::get("errands.makers", "/makers")
    .summary("Makers")
    .description(
        "The highest first. `q` finds any part of a nickname of two or more characters, also by initial consonants; such a \
         page may be short and still have a `nextCursor`. The order follows a moment after what it is made of; the numbers \
         are exact.",
    )
    .features(&["P13", "P8"])
    .maybe()
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Index("gsi1", &["MAKERS#", "MAKER_TERM#"]),
        Grant::Index("gsi2", &["MAKERS#", "MAKER_TERM#"]),
        Grant::Index("gsi3", &["MAKERS#", "MAKER_TERM#"]),
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
    ])
    .query::<ListQuery<Query>>()
    .replies::<Paged<MakerCardView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 320.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "MakersQuery", rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    #[deserr(default)]
    #[schemars(default)]
    sort: Sort,
    /// Only of those who make journeys in this province.
    #[deserr(default)]
    province: Option<ProvinceId>,
    /// Only of those who make this kind of journey.
    #[deserr(default)]
    journey: Option<Journey>,
    /// Part of a nickname, two or more characters, or its initial consonants.
    #[deserr(default)]
    q: Option<Sought>,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let ListQuery::<Query> { limit, cursor, rest: Query { sort, province, journey, q } } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let makers = Makers(call.table()?);
    let query = q.as_ref().map(|sought| &sought.0);
    let (ids, next) = makers.page(sort, (province, journey), query, after.as_deref(), limit.0).await?;
    let mut cards = makers.cards(&ids, call.reader().map(|reader| &reader.id)).await?;
    // An entry follows its maker a moment late; what the maker says counts.
    cards.retain(|card| {
        card.maker.as_ref().is_some_and(|maker| {
            province.is_none_or(|province| maker.serves(province))
                && journey.is_none_or(|journey| maker.journeys.contains(&journey))
        })
    });
    let cards = cards.into_iter().map(|card| MakerCardView::of(card, call)).collect::<Result<_, _>>()?;
    Reply::ok(&call.paged(cards, next)?)
}
