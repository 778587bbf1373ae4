//! PATCH /admin/categories/{categoryId}: an administrator renames, moves or hides a category.

use deserr::Deserr;
use domain::{category::Category, id::CategoryId, input::Invalid, text::CategoryName};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row};
use schemars::JsonSchema;
use store::{Categories, Error};

use crate::{Listings, views::CategoryView};

pub(crate) const ROUTE: Route<Listings> = Row::patch("listings.category_edit", "/admin/categories/{categoryId}")
    .summary("Rename, move or hide a category (administrators)")
    .features(&["L5", "A22"])
    .admin()
    .may(&[Grant::Table("GetItem", &["CATEGORIES"]), Grant::Table("PutItem", &["CATEGORIES"])])
    .takes::<Body>()
    .replies::<CategoryView>(200)
    .problems(&[Code::VersionConflict])
    .budget(2, 1.0, 2.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "CategoryEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// The version that was seen.
    version: u64,
    #[deserr(default)]
    name_ko: Option<CategoryName>,
    #[deserr(default)]
    name_en: Option<CategoryName>,
    #[deserr(default)]
    place: Option<u16>,
    #[deserr(default)]
    hidden: Option<bool>,
}

async fn handle(_: &Listings, call: &Call<'_>) -> Outcome {
    call.caller()?;
    let id = call.path("categoryId", CategoryId::parse)?;
    let body: Body = call.body()?;
    let categories = Categories(call.table()?);
    let before = categories.by_id(&id).await?.ok_or(Code::NotFound)?;
    if before.version != body.version {
        return Err(Problem::new(Code::VersionConflict).with("version", before.version).into());
    }
    let after = Category {
        name_ko: body.name_ko.map_or(before.name_ko, |name| name.as_str().to_owned()),
        name_en: body.name_en.map_or(before.name_en, |name| name.as_str().to_owned()),
        place: body.place.map_or(before.place, u32::from),
        hidden: body.hidden.unwrap_or(before.hidden),
        version: before.version + 1,
        id,
    };
    categories.save(&after, before.version).await.map_err(|error| match error {
        Error::Clash(_) => Fault::from(Problem::new(Code::VersionConflict)),
        other => other.into(),
    })?;
    Reply::ok(&CategoryView::from(after))
}
