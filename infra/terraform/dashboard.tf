locals {
  # SEARCH finds the functions by their names' beginning, so that a new one is on the dashboard without being named.
  by_function = { for metric, statistic in { Invocations = "Sum", Errors = "Sum", Throttles = "Sum", Duration = "p99", ConcurrentExecutions = "Maximum" } :
    metric => "SEARCH('{AWS/Lambda,FunctionName} MetricName=\"${metric}\" FunctionName=\"${local.prefix}-\"', '${statistic}', 300)"
  }

  api_dimensions = ["ApiId", aws_apigatewayv2_api.http.id, "Stage", aws_apigatewayv2_stage.http.name]

  widgets = concat(
    [
      { title = "Requests", metrics = [
        concat(["AWS/ApiGateway", "Count"], local.api_dimensions, [{ stat = "Sum" }]),
        concat(["AWS/ApiGateway", "4xx"], local.api_dimensions, [{ stat = "Sum" }]),
        concat(["AWS/ApiGateway", "5xx"], local.api_dimensions, [{ stat = "Sum" }]),
      ] },
      { title = "Latency of requests, ms", metrics = [for statistic in ["p50", "p90", "p99"] :
        concat(["AWS/ApiGateway", "Latency"], local.api_dimensions, [{ stat = statistic, label = statistic }])
      ] },
      { title = "Table, units consumed", metrics = [for metric in ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"] :
        ["AWS/DynamoDB", metric, "TableName", aws_dynamodb_table.this.name, { stat = "Sum" }]
      ] },
      { title = "Given up", metrics = [for queue in aws_sqs_queue.failures :
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", queue.name, { stat = "Maximum" }]
      ] },
      { title = "Behind the table, ms", metrics = [for name in keys(local.streams) :
        ["AWS/Lambda", "IteratorAge", "FunctionName", local.names[name], { stat = "Maximum" }]
      ] },
    ],
    [for metric, expression in local.by_function : { title = "Functions: ${metric}", metrics = [[{ expression = expression, label = "" }]] }],
    [for api in aws_apigatewayv2_api.socket : { title = "Sockets", metrics = [for metric in ["ConnectCount", "MessageCount", "IntegrationError"] :
      ["AWS/ApiGateway", metric, "ApiId", api.id, { stat = "Sum" }]
    ] }],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = local.prefix
  dashboard_body = jsonencode({
    widgets = [for index, widget in local.widgets : {
      type       = "metric"
      x          = (index % 2) * 12
      y          = floor(index / 2) * 6
      width      = 12
      height     = 6
      properties = { title = widget.title, region = var.region, view = "timeSeries", period = 300, metrics = widget.metrics }
    }]
  })
}
