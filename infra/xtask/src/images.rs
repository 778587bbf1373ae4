//! What the table's stream shows of the seed: images as the store writes them, before and after.

use domain::time::{HOUR, Time};
use local::{Cloud, Options, seed, talk};
use serde_json::{Value, json};

/// One change of an item.
pub(crate) struct Change {
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    pub(crate) at: Time,
}

/// A change of each kind that something follows from.
pub(crate) struct Images {
    pub(crate) listed: Change,
    pub(crate) expired: Change,
    pub(crate) removed: Change,
    pub(crate) withdrawn: Change,
    pub(crate) discarded: Change,
    pub(crate) joined: Change,
    pub(crate) written: Change,
}

/// Lets the changes happen on a seeded cloud. `request` makes the event of a call of somebody.
pub(crate) async fn gathered(request: impl Fn(&str, &seed::Person) -> Option<Value>) -> Result<Images, String> {
    let cloud = Cloud::start(Options::demo()).await?;
    let (minji, haru) = (&seed::PEOPLE[0], &seed::PEOPLE[2]);
    let now = cloud.clock().now();
    let look = async |pk: String, sk: &str| cloud.item(&pk, sk).await;
    let call = async |name: &str, who: &seed::Person| {
        let event = request(name, who).ok_or_else(|| format!("there is no function {name}"))?;
        let reply = cloud.invoke(name, event).await?;
        match reply["statusCode"].as_u64() {
            Some(200..300) => Ok(()),
            _ => Err(format!("{name} answers {reply}")),
        }
    };
    let bicycle = || look(format!("LISTING#{}", crate::events::LISTING), "LISTING");
    let books = || look("LISTING#lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AD".to_owned(), "LISTING");
    let spare = || look(format!("MEDIA#med_{}", seed::SPARE_PICTURE), "MEDIA");
    let account = || look(format!("ACCOUNT#{}", haru.sub), "ACCOUNT");

    let room = || format!("ROOM#room_{}", talk::TALKED_ABOUT);
    let member = look(room(), &format!("MEMBER#{}", seed::PEOPLE[1].sub)).await;
    let message = look(room(), &format!("MESSAGE#{:012}", talk::WITH_PICTURE + 2)).await;
    let (listing, picture, open, there) = (bicycle().await, spare().await, books().await, account().await);
    call("media.delete", minji).await?;
    call("listings.delete", minji).await?;
    call("accounts.me_delete", haru).await?;
    let gone = account().await;
    let later = now.plus(5 * HOUR);
    cloud.move_clock(later).await;
    let expired = books().await;
    cloud.stop().await;
    for (what, image) in [
        ("listing", &listing),
        ("upload", &picture),
        ("barter", &open),
        ("account", &there),
        ("member", &member),
        ("message", &message),
    ] {
        if image.is_none() {
            return Err(format!("the seed's {what} is not where it was looked for"));
        }
    }
    if expired.as_ref().is_none_or(|image| image["status"] != json!({"S": "expired"})) {
        return Err("the seed's barter does not expire".to_owned());
    }
    Ok(Images {
        listed: Change { before: None, after: listing.clone(), at: now },
        expired: Change { before: open, after: expired, at: later },
        removed: Change { before: listing, after: None, at: now },
        withdrawn: Change { before: there, after: gone, at: now },
        discarded: Change { before: picture, after: None, at: now },
        joined: Change { before: None, after: member, at: now },
        written: Change { before: None, after: message, at: now },
    })
}
