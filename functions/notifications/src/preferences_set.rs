//! PUT /me/notification-preferences: somebody says what they want to be told, and how.

use deserr::Deserr;
use domain::{
    input::Invalid,
    notification::{Chosen, Preferences, Quiet, Settings},
};
use edge::{Call, Code, Fault, Grant, Lang, Outcome, Problem, Reply, Route, Row};
use schemars::JsonSchema;
use store::{Error, Notifications};

use crate::{Notices, views::PreferencesView};

pub(crate) const ROUTE: Route<Notices> = Row::put("notifications.preferences_set", "/me/notification-preferences")
    .summary("Say what one wants to be told, and how")
    .description(
        "The whole: a type that is left out is listed and pushed, and not mailed, as at first. What is not listed (`inApp`) \
         may still be pushed or mailed. In quiet hours notifications are listed, and neither pushed nor mailed, nor \
         afterwards. Mails (`email`) go to the account's verified address: one when a notification is new, none for \
         what gathers in it while it is unread; some twenty a day at the most.",
    )
    .features(&["N3", "N12"])
    .may(&[Grant::Table("UpdateItem", &["ACCOUNT#"])])
    .takes::<Body>()
    .replies::<PreferencesView>(200)
    .problems(&[Code::VersionConflict])
    .budget(1, 0.0, 2.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NotificationPreferencesEdit", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    /// The version that was seen; 0 for the first time.
    version: u64,
    /// By which ways one is told of which types.
    types: Chosen,
    /// When one is told nothing at once; null, or left out, for never.
    #[deserr(default)]
    quiet_hours: Option<Quiet>,
    /// In which language one is mailed; left out, that of this request (`Accept-Language`).
    #[deserr(default)]
    language: Option<Lang>,
}

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let Body { version, types, quiet_hours, language } = call.body()?;
    let preferences = Preferences { types, quiet_hours, language: language.unwrap_or(call.lang) };
    match Notifications(call.table()?).prefer(me, &preferences, version).await {
        Ok(()) => {
            let saved = Settings { preferences, version: version.saturating_add(1), read_until: None };
            Reply::ok(&PreferencesView::from(saved))
        }
        Err(Error::Clash(_)) => Err(Problem::new(Code::VersionConflict).into()),
        Err(other) => Err(Fault::from(other)),
    }
}
