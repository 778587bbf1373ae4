//! DELETE /me/maker: the caller is a maker no more.

use edge::{Call, Grant, Outcome, Reply, Route, Row};
use store::Makers;

use crate::Errands;

pub(crate) const ROUTE: Route<Errands> = Row::delete("errands.maker_delete", "/me/maker")
    .summary("Be a maker no more")
    .description(
        "Quotes that were sent and errands that were promised go on; nobody waits for a quote any more, and the directory \
         lists one no more. What was counted stays for when one becomes a maker again. Again is no fault.",
    )
    .features(&["P7"])
    .may(&[Grant::Table("DeleteItem", &["ACCOUNT#"])])
    .replies_nothing(204)
    .budget(1, 0.0, 6.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Errands, call: &Call<'_>) -> Outcome {
    Makers(call.table()?).delete(&call.caller()?.id).await?;
    Ok(Reply::nothing())
}
