//! DELETE /rooms/{roomId}/messages/{seq}/reactions/{reaction}: a reaction is taken back.

use edge::{Route, Row, Setting};

use crate::{
    Rooms,
    change::{MAY, PUSHES},
    react::{PROBLEMS, handle},
    views::OneMessage,
};

pub(crate) const ROUTE: Route<Rooms> =
    Row::delete("rooms.unreact", "/rooms/{roomId}/messages/{seq}/reactions/{reaction}")
        .summary("Take a reaction back")
        .description("Again is no fault.")
        .features(&["C11"])
        .needs(&[Setting::MediaUrl])
        .may(MAY)
        .replies::<OneMessage>(200)
        .problems(PROBLEMS)
        .pushes(PUSHES)
        .budget(4, 30.0, 50.0)
        .http(|app, call| Box::pin(handle(app, call, false)));
