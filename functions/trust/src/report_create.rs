//! POST /reports: a member reports a listing, a person, a message or a review.

use deserr::Deserr;
use domain::{
    id::ReportId,
    input::{Invalid, Wrong},
    text::ReportText,
    time::MINUTE,
    trust::{Category, Report, ReportStatus, Subject},
};
use edge::{Call, Code, Grant, Outcome, Problem, Reply, Route, Row};
use ports::fresh_ulid;
use schemars::JsonSchema;
use store::{Rate, Rates, Reports};

use crate::{Trust, views::ReportView};

pub(crate) const ROUTE: Route<Trust> = Row::post("trust.report_create", "/reports")
    .summary("Report something that should not be")
    .description(
        "A listing, a person, a message of a room one is in, a review; nothing of one's own. `other` needs a text. Once a \
         person and subject: again is answered with the first report.",
    )
    .features(&["X1"])
    .may(&[
        Grant::Table("BatchGetItem", &["ROOM#"]),
        Grant::Table("GetItem", &["ACCOUNT#", "LISTING#", "REPORT#"]),
        Grant::Table("PutItem", &["ACCOUNT#", "REPORT#"]),
        Grant::Table("UpdateItem", &["RATE#report#"]),
    ])
    .takes::<Body>()
    .replies::<ReportView>(200)
    .problems(&[Code::NotFound, Code::Oneself, Code::TooMany])
    .budget(4, 3.0, 10.0)
    .http(|app, call| Box::pin(handle(app, call)));

/// Reports in a row, and how soon another.
const RATE: Rate = Rate { what: "report", burst: 20, refill: 10 * MINUTE };

#[derive(Deserr, JsonSchema)]
#[schemars(rename = "NewReport", rename_all = "camelCase", deny_unknown_fields)]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Body {
    subject: Subject,
    category: Category,
    /// Needed for `other`.
    #[deserr(default)]
    text: Option<ReportText>,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let me = &call.caller()?.id;
    let Body { subject, category, text } = call.body()?;
    if category == Category::Other && text.is_none() {
        return Err(Invalid::one("/text", Wrong::Missing).into());
    }
    let reports = Reports(call.table()?);
    let found = reports.subject(&subject, me, call.now).await?.ok_or(Code::NotFound)?;
    if found.account == *me {
        return Err(Code::Oneself.into());
    }
    if let Err(seconds) = Rates(call.table()?).take(&RATE, me.as_str(), call.now).await? {
        return Err(Problem::too_many(seconds).into());
    }
    let report = Report {
        id: ReportId::from_ulid(&fresh_ulid(call.now)),
        reporter: me.clone(),
        subject,
        account: found.account,
        excerpt: found.excerpt,
        category,
        text,
        status: ReportStatus::Open,
        created_at: call.now,
        decision: None,
    };
    match reports.create(&report).await? {
        None => Reply::ok(&ReportView::from(report)),
        Some(first) => {
            let first = reports.by_id(&first).await?.ok_or(Code::NotFound)?;
            Reply::ok(&ReportView::from(first))
        }
    }
}
