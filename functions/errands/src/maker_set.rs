//! PUT /me/maker: the caller says what they make as a maker.

use deserr::Deserr;
use domain::{
    errand::Journey,
    input::{Few, Invalid, Wrong},
    maker::{GalleryUrl, Maker},
    region::ProvinceId,
    text::{MakerDescription, MakerLine},
};
use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::{Error, Makers};

use crate::{Errands, views::MakerView};

pub(crate) const ROUTE: Route<Errands> = Row::put("errands.maker_set", "/me/maker")
    .summary("Become a maker, or edit one's profile as one")
    .description(
        "Any account may make for others, and ask others. Name and picture are the account's. `version` is the one that was \
         seen, 0 for the first time.",
    )
    .features(&["P7"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("ConditionCheckItem", &["ACCOUNT#"]),
        Grant::Table("PutItem", &["ACCOUNT#"]),
    ])
    .takes::<Body>()
    .replies::<MakerView>(200)
    .problems(&[Code::VersionConflict, Code::OnboardingNeeded, Code::BadToken])
    .budget(2, 4.0, 8.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "MakerEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// The version that was seen; 0 for the first time.
    version: u64,
    /// Where one shows what one has made: an https address.
    #[deserr(default)]
    gallery: Option<GalleryUrl>,
    line: MakerLine,
    description: MakerDescription,
    /// One at least.
    #[schemars(length(min = 1))]
    journeys: Few<Journey, 6>,
    /// One at least.
    #[schemars(length(min = 1))]
    provinces: Few<ProvinceId, 17>,
}

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let Body { version, gallery, line, description, journeys, provinces } = call.body()?;
    let mut invalid = Invalid::default();
    if journeys.0.is_empty() {
        invalid.add("/journeys", Wrong::TooShort(1));
    }
    if provinces.0.is_empty() {
        invalid.add("/provinces", Wrong::TooShort(1));
    }
    invalid.none()?;
    let store = Makers(call.table()?);
    let card = store.cards(std::slice::from_ref(me), None).await?.into_iter().next().ok_or(Code::BadToken)?;
    if !card.account.onboarded {
        return Err(Code::OnboardingNeeded.into());
    }
    let current = card.maker.as_ref().map_or(0, |maker| maker.version);
    if current != version {
        return Err(Problem::new(Code::VersionConflict).with("version", current).into());
    }
    let maker = Maker {
        account: me.clone(),
        gallery,
        line,
        description,
        journeys: journeys.0,
        provinces: provinces.0,
        created_at: card.maker.as_ref().map_or(call.now, |maker| maker.created_at),
        updated_at: call.now,
        version: version + 1,
    };
    match store.save(&maker, version).await {
        Ok(()) => {
            let card = store::Card { maker: Some(maker.clone()), ..card };
            Reply::ok(&MakerView::of(card, &maker, call)?)
        }
        Err(Error::Clash(_)) => Err(Problem::new(Code::VersionConflict).into()),
        Err(other) => Err(other.into()),
    }
}
