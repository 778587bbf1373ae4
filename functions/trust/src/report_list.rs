//! GET /admin/reports: the reports of a status, the oldest first.

use deserr::Deserr;
use domain::{input::Invalid, trust::ReportStatus};
use edge::{Call, Code, Cursor, Grant, Limit, Outcome, Paged, Reply, Route, Row, Setting};
use schemars::JsonSchema;
use store::Reports;

use crate::{Trust, views::AdminReportView};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.report_list", "/admin/reports")
    .summary("Reports, the oldest first (administrators)")
    .description("Those that are open unless another status is asked for.")
    .features(&["X1", "X3"])
    .admin()
    .needs(&[Setting::CursorKey])
    .may(&[Grant::Index("gsi1", &["REPORTS#"]), Grant::Table("BatchGetItem", &["REPORT#"])])
    .query::<Query>()
    .replies::<Paged<AdminReportView>>(200)
    .problems(&[Code::BadCursor])
    .budget(2, 110.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

#[derive(Deserr, JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[deserr(error = Invalid, rename_all = camelCase, deny_unknown_fields)]
struct Query {
    #[deserr(default)]
    status: Option<ReportStatus>,
    #[deserr(default)]
    #[schemars(default)]
    limit: Limit,
    #[deserr(default)]
    cursor: Option<Cursor>,
}

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let Query { status, limit, cursor } = call.query()?;
    let after = call.position(cursor.as_ref())?;
    let status = status.unwrap_or(ReportStatus::Open);
    let (mut reports, next) = Reports(call.table()?).page(status, after.as_deref(), limit.0).await?;
    // Decided a moment ago, and still in the index.
    reports.retain(|report| report.status == status);
    Reply::ok(&call.paged(reports.into_iter().map(AdminReportView::from).collect(), next)?)
}
