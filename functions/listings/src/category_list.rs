//! GET /categories: the categories of listings.

use edge::{Call, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use serde::Serialize;
use store::Categories;

use crate::{Listings, views::CategoryView};

pub(crate) const ROUTE: Route<Listings> = Row::get("listings.category_list", "/categories")
    .summary("The categories, in their order")
    .description("Hidden ones are listed too, for the listings that still are in them; they take no new ones.")
    .features(&["L5"])
    .anyone()
    .may(&[Grant::Table("Query", &["CATEGORIES"])])
    .replies::<View>(200)
    .etag()
    .budget(1, 2.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Categories")]
struct View {
    items: Vec<CategoryView>,
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    let all = Categories(call.table()?).all().await?;
    let view = View { items: all.into_iter().map(CategoryView::from).collect() };
    Ok(Reply::ok(&view)?.with("cache-control", "public, max-age=60".to_owned()))
}
