//! GET /admin/reports/{reportId}: one report, with what came of it.

use domain::id::ReportId;
use edge::{Call, Code, Grant, Outcome, Reply, Route, Row};
use store::Reports;

use crate::{Trust, views::AdminReportView};

pub(crate) const ROUTE: Route<Trust> = Row::get("trust.report_show", "/admin/reports/{reportId}")
    .summary("A report (administrators)")
    .features(&["X1", "X3"])
    .admin()
    .may(&[Grant::Table("GetItem", &["REPORT#"])])
    .replies::<AdminReportView>(200)
    .etag()
    .budget(1, 2.0, 0.0)
    .http(|app, call| Box::pin(handle(app, call)));

async fn handle(_: &Trust, call: &Call<'_>) -> Outcome {
    let id = call.path("reportId", ReportId::parse)?;
    let report = Reports(call.table()?).by_id(&id).await?.ok_or(Code::NotFound)?;
    Reply::ok(&AdminReportView::from(report))
}
