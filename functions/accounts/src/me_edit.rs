//! PATCH /me: the caller edits their account.

use deserr::Deserr;
use domain::{
    account::{Account, Address},
    id::MediaId,
    input::{Change, Invalid, Wrong},
    media::{MediaStatus, Picture, Purpose},
    region::Region,
    text::{Nickname, Phone},
};
use edge::{Call, Code, Fault, Grant, Outcome, Problem, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::{AccountRecord, Error, Listings};

use crate::{Accounts, views::MeView};

pub(crate) const ROUTE: Route<Accounts> = Row::patch("accounts.me_edit", "/me")
    .summary("Edit one's account")
    .description(
        "What is left out stays; null clears. `version` names the one that was seen. An address brings its district \
         along unless a region is named too; a picture is an upload (`POST /media`, purpose `profile`) that is ready.",
    )
    .features(&["P1", "P2", "P3", "P4", "P5", "A5", "M7"])
    .needs(&[Setting::MediaUrl])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#", "MEDIA#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "NICKNAME#"]),
        Grant::Table("DeleteItem", &["NICKNAME#"]),
        Grant::Table("UpdateItem", &["MEDIA#"]),
    ])
    .takes::<Body>()
    .replies::<MeView>(200)
    .problems(&[Code::NicknameTaken, Code::VersionConflict, Code::BadToken, Code::OnboardingNeeded])
    .budget(2, 2.0, 16.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "MeEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// The version that was seen.
    version: u64,
    #[deserr(default)]
    #[schemars(default)]
    nickname: Option<Nickname>,
    #[deserr(default)]
    #[schemars(default)]
    phone: Change<Phone>,
    /// The home district.
    #[deserr(default)]
    #[schemars(default)]
    region: Option<Region>,
    #[deserr(default)]
    #[schemars(default)]
    address: Change<Address>,
    /// An upload that is ready.
    #[deserr(default)]
    #[schemars(default)]
    image: Change<MediaId>,
}

async fn handle(_: &Accounts, call: &Call<'_>) -> Outcome {
    let caller = call.caller()?;
    let body: Body = call.body()?;
    let table = call.table()?;
    let wanted: Vec<MediaId> = body.image.set().cloned().into_iter().collect();
    let context = Listings(table).context(&caller.id, None, &wanted).await?;
    let before = context.account.ok_or(Code::BadToken)?;
    if !before.onboarded {
        return Err(Code::OnboardingNeeded.into());
    }
    if before.version != body.version {
        return Err(conflict(&before));
    }

    let mut invalid = Invalid::default();
    let image = match &body.image {
        Change::Keep => before.image.clone(),
        Change::Clear => None,
        Change::Set(id) => match context.media.get(id).filter(|media| media.owner == caller.id) {
            None => {
                invalid.add("/image", Wrong::NotFound);
                None
            }
            Some(media) if media.purpose != Purpose::Profile => {
                invalid.add("/image", Wrong::NotTogether(media.purpose.named()));
                None
            }
            Some(media) => ready(media.status, media.picture.clone(), &mut invalid),
        },
    };
    let of_address = body.address.set().map(|address| address.region());
    if body.region.is_none() && of_address == Some(None) {
        invalid.add("/address/line", Wrong::Malformed("서울 강남구 …"));
    }
    invalid.none()?;

    let after = Account {
        nickname: body.nickname.unwrap_or_else(|| before.nickname.clone()),
        phone: body.phone.apply(before.phone.clone()),
        region: body.region.or(of_address.flatten()).or(before.region),
        address: body.address.apply(before.address.clone()),
        image,
        updated_at: call.now,
        version: before.version + 1,
        ..before.clone()
    };
    saved(store::Accounts(table).save(&before, &after, call.now).await)?;
    Reply::ok(&MeView::of(after, caller.is_admin(), call)?)
}

fn ready(status: MediaStatus, picture: Option<Picture>, invalid: &mut Invalid) -> Option<Picture> {
    match (status, picture) {
        (MediaStatus::Ready, Some(picture)) => return Some(picture),
        (MediaStatus::Rejected, _) => invalid.add("/image", Wrong::Malformed("a picture that was not rejected")),
        _ => invalid.add("/image", Wrong::NotReady),
    }
    None
}

fn conflict(current: &Account) -> Fault {
    Problem::new(Code::VersionConflict).with("version", current.version).into()
}

/// What a clash of [`store::Accounts::save`] means.
pub(crate) fn saved(result: Result<(), Error>) -> Result<(), Fault> {
    match result {
        Err(Error::Clash(clash)) if clash.at(0) => {
            // Somebody was a moment faster: the caller looks again.
            let current = clash.standing().cloned().and_then(|item| AccountRecord::read(item).ok()?.active());
            Err(current.map_or_else(|| Code::BadToken.into(), |current| conflict(&current)))
        }
        Err(Error::Clash(clash)) if clash.at(1) && clash.standing().is_some_and(is_nickname) => {
            Err(Code::NicknameTaken.into())
        }
        Err(Error::Clash(_)) => Err(Invalid::one("/image", Wrong::InUse).into()),
        other => Ok(other?),
    }
}

fn is_nickname(item: &store::Item) -> bool {
    item.get("kind").and_then(|kind| kind.as_s().ok()).is_some_and(|kind| kind == "nickname")
}
