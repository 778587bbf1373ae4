//! POST /admin/categories: an administrator adds a category.

use deserr::Deserr;
use domain::{
    category::{Category, built_in_by_id},
    id::CategoryId,
    input::Invalid,
    text::CategoryName,
};
use edge::{Call, Code, Fault, Grant, Outcome, Reply, Route, Row};
use schemars::JsonSchema;
use store::{Categories, Error};

use crate::{Listings, views::CategoryView};

pub(crate) const ROUTE: Route<Listings> = Row::post("listings.category_create", "/admin/categories")
    .summary("Add a category (administrators)")
    .features(&["L5", "A22"])
    .admin()
    .idempotent()
    .may(&[
        Grant::Table("GetItem", &["RECEIPT#listings.category_create#"]),
        Grant::Table("PutItem", &["CATEGORIES", "RECEIPT#listings.category_create#"]),
    ])
    .takes::<Body>()
    .replies::<CategoryView>(201)
    .problems(&[Code::CategoryExists])
    .budget(2, 1.0, 6.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewCategory", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    id: CategoryId,
    name_ko: CategoryName,
    name_en: CategoryName,
    /// Where it stands among the others; the fifteen that come along stand at 10, 20 … 150.
    place: u16,
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    call.caller()?;
    let Body { id, name_ko, name_en, place } = call.body()?;
    if built_in_by_id(&id).is_some() {
        return Err(Code::CategoryExists.into());
    }
    let category = Category {
        id,
        name_ko: name_ko.as_str().to_owned(),
        name_en: name_en.as_str().to_owned(),
        place: u32::from(place),
        hidden: false,
        version: 1,
    };
    let reply = Reply::created("/categories".to_owned(), &CategoryView::from(category.clone()))?;
    Categories(call.table()?).create(&category, call.receipt(&reply)).await.map_err(|error| match error {
        Error::Clash(_) => Fault::from(Code::CategoryExists),
        other => other.into(),
    })?;
    Ok(reply)
}
