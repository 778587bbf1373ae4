//! GET /notifications: what somebody was told, the latest first; or what they have missed.

use deserr::{Deserr, IntoValue, Value, ValuePointerRef};
use domain::{
    input::{Invalid, Wrong, text_value, wrong_at},
    notification::LIFE,
    time::Time,
};
use edge::{Call, Code, Grant, ListQuery, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use store::{Listed, Notifications, Which, unread_since};

use crate::{Notices, views::NotificationView};

pub(crate) const ROUTE: Route<Notices> = Row::get("notifications.list", "/notifications")
    .summary("What one was told, the latest first")
    .description(
        "With `after`, what came or changed since that moment, the oldest first, for a client that was away: ask with the \
         latest `updatedAt` it has, less a minute, and take what it knows by `id` for the newer. They are kept for ninety \
         days after their last change.",
    )
    .features(&["N1", "N3"])
    .needs(&[Setting::CursorKey])
    .may(&[
        Grant::Table("BatchGetItem", &["ACCOUNT#"]),
        Grant::Table("GetItem", &["ACCOUNT#"]),
        Grant::Index("gsi1", &["NOTIFICATIONS#"]),
        Grant::Index("gsi2", &["UNREAD#"]),
    ])
    .query::<ListQuery<Query>>()
    .replies::<Paged<NotificationView>>(200)
    .even_suspended()
    .problems(&[Code::BadCursor])
    // A hundred of the longest, half a unit each.
    .budget(3, 60.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    /// Those alone that were not read.
    #[deserr(default)]
    unread: Option<Truth>,
    /// What came or changed after this moment.
    #[deserr(default)]
    after: Option<Time>,
}

/// `true` or `false`, in a query.
struct Truth(bool);

impl Deserr<Invalid> for Truth {
    fn deserialize_from_value<V: IntoValue>(value: Value<V>, at: ValuePointerRef<'_>) -> Result<Self, Invalid> {
        match text_value(value, at)?.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(wrong_at(Wrong::UnknownValue("true, false".into()), at)),
        }
    }
}

impl JsonSchema for Truth {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Truth".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "boolean"})
    }
}

async fn handle(_: &Notices, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let ListQuery { limit, cursor, rest: Query { unread, after } } = call.query()?;
    let only_unread = unread.is_some_and(|unread| unread.0);
    let cursor = call.position(cursor.as_ref())?;
    let notifications = Notifications(call.table()?);
    let listed = |which, since: Time| Listed {
        which,
        since: after.map_or(since, |after| after.max(since)),
        forward: after.is_some(),
        cursor: cursor.as_deref(),
        limit: limit.0,
    };
    let (settings, (mut found, next)) = if only_unread {
        // From when on something can be unread has to be known first.
        let settings = notifications.settings(me).await?;
        let page = notifications.page(me, &listed(Which::Unread, unread_since(&settings, call.now))).await?;
        (settings, page)
    } else {
        let all = listed(Which::All, call.now.plus(-LIFE));
        futures::try_join!(notifications.settings(me), notifications.page(me, &all))?
    };
    if only_unread {
        // Read at this moment, and still in the index.
        found.retain(|notification| !notification.is_read(settings.read_until));
    }
    let views = found.into_iter().map(|one| NotificationView::of(one, settings.read_until)).collect();
    Reply::ok(&call.paged(views, next)?)
}
