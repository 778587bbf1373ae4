resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.schedules

  name                = local.names[each.key]
  description         = each.value.summary
  schedule_expression = each.value.trigger.expression
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.schedules

  rule      = aws_cloudwatch_event_rule.schedule[each.key].name
  target_id = "function"
  arn       = module.function[each.key].permitted_arn
}
