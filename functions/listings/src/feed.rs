//! GET /listings: the feed, narrowed and searched.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    id::CategoryId,
    input::{Invalid, Wrong, text_value, wrong_at},
    listing::{Kind, PriceClass, Section, Status},
    region::Scope,
    search,
};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use store::{FeedFilter, Feeds, Order};

use crate::{Listings, views::CardView};

pub(crate) const ROUTE: Route<Listings> = Row::get("listings.feed", "/listings")
    .summary("Listings of a region, newest or soonest deadline first, narrowed, or searched by title")
    .description(
        "Without `region` a member sees their home district and everybody else the whole country; `region=all` is the \
         whole country for everybody. Only open listings unless `status` says otherwise. `q` finds any part of a title \
         of two or more characters, also by initial consonants (`ㅈㅈㄱ` finds 자전거); it goes with `sort=newest` and \
         open listings. A page of a search may be short and still have a `nextCursor`.",
    )
    .features(&["L11", "L12", "L13", "L14", "L15", "L19", "Z10"])
    .maybe()
    .needs(&[Setting::MediaUrl, Setting::CursorKey])
    .may(&[
        Grant::Table("Query", &["FEED#", "TERM#"]),
        Grant::Index("gsi1", &["FEED#", "TERM#"]),
        Grant::Index("gsi2", &["FEED#", "TERM#"]),
        Grant::Table("BatchGetItem", &["LISTING#"]),
    ])
    .query::<ListQuery<Query>>()
    .replies::<Paged<CardView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 130.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// In what order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserr, JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[deserr(error = Invalid, rename_all = lowercase)]
enum Sort {
    /// The newest first.
    #[default]
    Newest,
    /// The soonest deadline first; only what has a deadline.
    Deadline,
}

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// `all`, a province (`seoul`), a city (`gyeonggi/suwon-si`) or a district (`seoul/gangnam-gu`).
    #[deserr(default)]
    region: Option<Region>,
    /// Where the listings stand; `withdrawn` ones are in no feed.
    #[deserr(default)]
    status: Option<Status>,
    /// Barter or rental.
    #[deserr(default)]
    kind: Option<Kind>,
    /// Lent or sought; rentals only.
    #[deserr(default)]
    section: Option<Section>,
    /// Free, to be agreed on, or with a price; rentals only.
    #[deserr(default)]
    price: Option<PriceClass>,
    /// A category.
    #[deserr(default)]
    category: Option<CategoryId>,
    /// Part of a title, two or more characters, or its initial consonants.
    #[deserr(default)]
    q: Option<Sought>,
    #[deserr(default)]
    #[schemars(default)]
    sort: Sort,
}

/// A place to look at.
struct Region(Scope);

impl Deserr<Invalid> for Region {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        let scope = if text == "all" { Some(Scope::All) } else { Scope::parse(&text) };
        scope.map(Self).ok_or_else(|| wrong_at(Wrong::Malformed("all, seoul, gyeonggi/suwon-si, seoul/gangnam-gu"), at))
    }
}

impl JsonSchema for Region {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RegionScope".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "pattern": "^[a-z]+(/[a-z-]+)?$", "maxLength": 64,
            "examples": ["all", "seoul", "gyeonggi/suwon-si", "seoul/gangnam-gu"],
        })
    }
}

/// What is searched for.
struct Sought(search::Query);

impl Deserr<Invalid> for Sought {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        let text = text_value(value, at)?;
        if text.len() > 2_000 {
            return Err(wrong_at(Wrong::TooLong(31), at));
        }
        search::Query::parse(&text).map(Self).map_err(|error| {
            let wrong = match error {
                search::QueryError::TooShort => Wrong::TooShort(2),
                search::QueryError::TooLong => Wrong::TooLong(31),
            };
            wrong_at(wrong, at)
        })
    }
}

impl JsonSchema for Sought {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Sought".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 2, "maxLength": 31, "examples": ["자전", "ㅈㅈㄱ"]})
    }
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let ListQuery::<Query> { limit, cursor, rest: query } = call.query()?;
    let mut invalid = Invalid::default();
    let rental_only = query.section.is_some() || query.price.is_some();
    if query.kind == Some(Kind::Barter) && rental_only {
        invalid.add("kind", Wrong::NotTogether("section, price"));
    }
    if query.status == Some(Status::Withdrawn) {
        invalid.add("status", Wrong::UnknownValue("open, reserved, closed, expired".into()));
    }
    let status = query.status.unwrap_or(Status::Open);
    if query.sort == Sort::Deadline && status != Status::Open {
        invalid.add("sort", Wrong::NotTogether("status"));
    }
    if query.q.is_some() && (query.sort == Sort::Deadline || status != Status::Open) {
        invalid.add("q", Wrong::NotTogether("sort, status"));
    }
    invalid.none()?;

    let home = call.reader().and_then(|reader| reader.region).map(|region| Scope::District(region.district()));
    let filter = FeedFilter {
        scope: query.region.map(|region| region.0).or(home).unwrap_or(Scope::All),
        status,
        kind: query.kind,
        section: query.section,
        price: query.price,
        category: query.category,
    };
    let after = call.position(cursor.as_ref())?;
    let (feeds, limit) = (Feeds(call.table()?), limit.0);
    let found = match (&query.q, query.sort) {
        (Some(sought), _) => feeds.search(&sought.0, &filter, after.as_deref(), limit).await?,
        (None, Sort::Newest) => feeds.page(&filter, Order::Newest, after.as_deref(), limit, call.now).await?,
        (None, Sort::Deadline) => feeds.page(&filter, Order::Soonest, after.as_deref(), limit, call.now).await?,
    };
    let mut listings = store::Listings(call.table()?).by_ids(&found.ids).await?;
    // An entry follows its listing a moment late; what the listing says counts, and its deadline is a fact.
    listings.retain(|listing| listing.status_at(call.now) == filter.status);
    Reply::ok(&call.paged(CardView::all(listings, call)?, found.next)?)
}
