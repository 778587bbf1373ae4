# A whole stage, by the variables file that check.sh names: dev.tfvars and prod.tfvars.
mock_provider "aws" {
  source = "./tests/mocks"
}

run "stage" {
  command = apply

  assert {
    condition     = length(local.functions) == length(local.routes)
    error_message = "Each row is a function."
  }

  assert {
    condition     = alltrue([for name, row in local.http : aws_apigatewayv2_route.http[name].route_key == "${row.trigger.method} ${row.trigger.path}"])
    error_message = "Each HTTP row is a route."
  }

  assert {
    condition = alltrue([for name, row in local.http :
      join(" ", values(module.function[name].invoked_by)) == "${aws_apigatewayv2_api.http.execution_arn}/*/${row.trigger.method}${row.trigger.path}"
    ])
    error_message = "Each HTTP row's function may be set off by its own route, and by nothing else."
  }

  assert {
    condition = alltrue([for name, row in local.http :
      aws_apigatewayv2_route.http[name].authorization_type == (contains(["member", "admin"], row.access) ? "JWT" : "NONE")
    ])
    error_message = "Routes of members and administrators ask for a token, the others do not."
  }

  assert {
    condition = alltrue([for name, row in local.sockets :
      join(" ", values(module.function[name].invoked_by)) == "${aws_apigatewayv2_api.socket["this"].execution_arn}/live/${row.trigger.route}"
    ])
    error_message = "Each socket row's function may be set off by its own route, and by nothing else."
  }

  assert {
    condition     = alltrue([for name in keys(local.schedules) : aws_cloudwatch_event_target.schedule[name].arn != ""])
    error_message = "Each schedule sets off its function."
  }

  assert {
    condition = length(flatten([for function in local.functions : [for policy in function.policies : [for statement in jsondecode(policy).Statement :
      [for action in statement.Action : action if strcontains(action, "*")]
    ]]])) == 0
    error_message = "No role has a * in an action."
  }

  assert {
    condition = alltrue(flatten([for function in local.functions : [for policy in function.policies : [for statement in jsondecode(policy).Statement :
      !contains(statement.Resource, "*") || alltrue([for action in statement.Action : startswith(action, "xray:")])
    ]]]))
    error_message = "Only X-Ray, which knows no resources, is granted on all of them."
  }

  assert {
    condition     = length(aws_apigatewayv2_route.http) <= 300 && length(aws_apigatewayv2_integration.http) <= 300
    error_message = "API Gateway takes 300 routes and 300 integrations an API."
  }

  assert {
    condition     = alltrue([for name in values(local.names) : length(name) <= 64])
    error_message = "A function's name has at most 64 characters."
  }

  assert {
    condition     = alltrue([for function in local.functions : function.environment_bytes <= 4096])
    error_message = "Lambda takes 4 KB of settings."
  }

  # The emulator's answers do not show these.
  assert {
    condition = alltrue([for name, alarm in aws_cloudwatch_metric_alarm.this :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && alarm.ok_actions == toset([aws_sns_topic.alarms.arn]) &&
      alarm.period == 300 && alarm.treat_missing_data == "notBreaching" && (alarm.statistic == null) != (alarm.extended_statistic == null) &&
      endswith(alarm.alarm_description, "docs/operations.md#${name}")
    ])
    error_message = "Each alarm goes to the one topic and says where to read what to do."
  }

  assert {
    condition     = aws_cognito_user_pool_client.this.refresh_token_rotation[0].feature == "ENABLED"
    error_message = "Refresh tokens rotate."
  }

  assert {
    condition = alltrue([for name, mapping in aws_lambda_event_source_mapping.stream :
      mapping.bisect_batch_on_function_error && mapping.function_response_types == toset(["ReportBatchItemFailures"]) &&
      mapping.maximum_retry_attempts == 100 && mapping.destination_config[0].on_failure[0].destination_arn == aws_sqs_queue.failures["stream"].arn
    ])
    error_message = "The stream's reader gives up on one record at a time, into a queue."
  }

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled == (var.stage == "prod") && aws_s3_bucket.media.force_destroy == (var.stage != "prod")
    error_message = "What people made is protected where it is real."
  }

  assert {
    condition     = aws_s3_bucket_public_access_block.media.restrict_public_buckets && length(jsondecode(aws_s3_bucket_policy.media.policy).Statement) == 2
    error_message = "What is opened for the emulator is closed on AWS."
  }

  assert {
    condition = alltrue([for statement in jsondecode(aws_s3_bucket_policy.media.policy).Statement :
      statement.Effect == "Deny" || statement.Resource == "${aws_s3_bucket.media.arn}/renditions/*"
    ])
    error_message = "Nothing but renditions is opened to CloudFront: files of messages are reached by a signature alone."
  }
}
