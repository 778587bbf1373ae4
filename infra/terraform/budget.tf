# Of the whole account: costs can be told apart by a tag only once the tag was activated for billing, and until then a
# budget that filters by it sees nothing.
resource "aws_budgets_budget" "this" {
  count = var.monthly_budget == null ? 0 : 1

  name         = "${local.prefix}-monthly"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.1f", var.monthly_budget)
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = { for type, threshold in { ACTUAL = 80, FORECASTED = 100 } : type => threshold if var.alarm_email != null }
    content {
      notification_type          = notification.key
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      comparison_operator        = "GREATER_THAN"
      subscriber_email_addresses = [var.alarm_email]
    }
  }
}
