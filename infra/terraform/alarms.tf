# docs/operations.md says what to do for each. All go to one topic; the first ten of an account are free, each further
# one is ten cents a month, so that requests share alarms and only what nobody waits for has its own.

locals {
  unattended = { for name, row in local.routes : name => row if row.trigger.type != "pool" && (row.access == "machine" || var.alarm_each_function) }
  limited    = { for name, row in local.routes : name => row if try(row.concurrency, null) != null }

  function_alarms = merge(
    # A trigger of the user pool says no by failing: only what it did not mean to is an error.
    { for name, row in local.triggers : "errors-${replace(name, ".", "-")}" => {
      description = "${name} failed (${row.summary})."
      namespace   = local.prefix, metric = aws_cloudwatch_log_metric_filter.trigger_faults[name].metric_transformation[0].name, dimensions = null
      statistic   = "Sum", threshold = 0, periods = 1
    } },
    { for name, row in local.unattended : "errors-${replace(name, ".", "-")}" => {
      description = "${name} failed (${row.summary})."
      namespace   = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = local.names[name] }
      statistic   = "Sum", threshold = 0, periods = 1
    } },
    { for name, row in local.limited : "throttles-${replace(name, ".", "-")}" => {
      description = "${name} was called more often at once than the ${row.concurrency} reserved for it."
      namespace   = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = local.names[name] }
      statistic   = "Sum", threshold = 0, periods = 1
    } },
    { for name, row in local.streams : "iterator-age-${replace(name, ".", "-")}" => {
      description = "${name} is more than five minutes behind the table: feeds, search and notifications are late. After six hours changes are lost to the queue."
      namespace   = "AWS/Lambda", metric = "IteratorAge", dimensions = { FunctionName = local.names[name] }
      statistic   = "Maximum", threshold = 300000, periods = 2
    } },
  )

  queue_alarms = { for name, what in { async = "an asynchronous function failed on three times", stream = "the stream's reader gave up on" } : "dead-letters-${name}" => {
    description = "Something lies in ${local.prefix}-${name}-failures: what ${what}."
    namespace   = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", dimensions = { QueueName = aws_sqs_queue.failures[name].name }
    statistic   = "Maximum", threshold = 0, periods = 1
  } }

  shared_alarms = {
    "http-5xx" = {
      description = "The HTTP API answered more than five requests in five minutes with 5xx."
      namespace   = "AWS/ApiGateway", metric = "5xx", dimensions = { ApiId = aws_apigatewayv2_api.http.id, Stage = aws_apigatewayv2_stage.http.name }
      statistic   = "Sum", threshold = 5, periods = 1
    }
    "http-p99" = {
      description = "One request in a hundred took longer than three seconds, for a quarter of an hour."
      namespace   = "AWS/ApiGateway", metric = "Latency", dimensions = { ApiId = aws_apigatewayv2_api.http.id, Stage = aws_apigatewayv2_stage.http.name }
      statistic   = "p99", threshold = 3000, periods = 3
    }
    # Without dimensions: the region's functions share one limit, whoever's they are.
    "throttles" = {
      description = "Functions of this account and region were turned away: more ran at once than the account may."
      namespace   = "AWS/Lambda", metric = "Throttles", dimensions = {}
      statistic   = "Sum", threshold = 0, periods = 1
    }
    "table-reads" = {
      description = "Reads of the table were throttled (an index has metrics of its own: look at these too): a partition is hot, or the table grew faster than twofold in half an hour."
      namespace   = "AWS/DynamoDB", metric = "ReadThrottleEvents", dimensions = { TableName = aws_dynamodb_table.this.name }
      statistic   = "Sum", threshold = 0, periods = 2
    }
    "table-writes" = {
      description = "Writes to the table were throttled: a partition is hot, or the table grew faster than twofold in half an hour."
      namespace   = "AWS/DynamoDB", metric = "WriteThrottleEvents", dimensions = { TableName = aws_dynamodb_table.this.name }
      statistic   = "Sum", threshold = 0, periods = 2
    }
  }

  socket_alarms = { for name, api in aws_apigatewayv2_api.socket : "socket-errors" => {
    description = "The WebSocket API could not hand more than five frames in five minutes to their functions, or these failed."
    namespace   = "AWS/ApiGateway", metric = "IntegrationError", dimensions = { ApiId = api.id, Stage = "live" }
    statistic   = "Sum", threshold = 5, periods = 1
  } }

  # A frame is answered by a frame, also when all went wrong: API Gateway counts no error then.
  frame_alarms = { for name in length(local.sockets) > 0 ? ["frame-faults"] : [] : name => {
    description = "More than five frames in five minutes were answered with a fault of ours, or not at all."
    namespace   = local.prefix, metric = "faults-frames", dimensions = null
    statistic   = "Sum", threshold = 5, periods = 1
  } }

  alarms = merge(local.function_alarms, local.queue_alarms, local.shared_alarms, local.socket_alarms, local.frame_alarms)
}

resource "aws_cloudwatch_log_metric_filter" "trigger_faults" {
  for_each = local.triggers

  name           = "faults"
  log_group_name = module.trigger[each.key].log_group
  pattern        = "?\"\\\"status\\\":5\" ?\"Task timed out\" ?\"Runtime.\""

  metric_transformation {
    namespace = local.prefix
    name      = "faults-${replace(each.key, ".", "-")}"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "frame_faults" {
  for_each = local.sockets

  name           = "faults"
  log_group_name = module.function[each.key].log_group
  pattern        = "?\"\\\"status\\\":5\" ?\"Task timed out\" ?\"Runtime.\""

  metric_transformation {
    namespace = local.prefix
    name      = "faults-frames"
    value     = "1"
  }
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26: CloudWatch cannot publish to a topic under SNS's own key, and a key of one's own costs a dollar a month; an alarm says no secret
  name = "${local.prefix}-alarms"
}

resource "aws_sns_topic_subscription" "alarms" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.prefix}-${each.key}"
  alarm_description   = "${each.value.description} docs/operations.md#${each.key}"
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
