# The table's stream is the outbox. What its readers give up on, and what asynchronous functions fail on, lies in these
# queues for two weeks; an alarm watches each.

resource "aws_sqs_queue" "failures" {
  for_each = toset(["async", "stream"])

  name                      = "${local.prefix}-${each.key}-failures"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_lambda_event_source_mapping" "stream" {
  for_each = local.streams

  event_source_arn  = aws_dynamodb_table.this.stream_arn
  function_name     = module.function[each.key].arn
  starting_position = "TRIM_HORIZON"
  batch_size        = 100
  # Items of one partition stay in order; partitions go side by side.
  parallelization_factor = 4

  # A batch that fails is cut in half until the record that fails is alone, and the function names it besides. An outage
  # of six hours loses nothing; the stream itself forgets after twenty-four.
  function_response_types            = ["ReportBatchItemFailures"]
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 100
  maximum_record_age_in_seconds      = 21600
  maximum_batching_window_in_seconds = 0

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failures["stream"].arn
    }
  }
}
