# The module by itself: what a row's grants become.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  name            = "dev-madang-media-optimize"
  handler         = "media.optimize"
  description     = "Make renditions of an uploaded picture"
  memory_mb       = 1769
  timeout_s       = 60
  architecture    = "arm64"
  retention_days  = 30
  is_asynchronous = false
  artifact        = { bucket = "artifacts", key = "media.zip", version = "1", hash = "hash" }
  resources = {
    table           = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/madang"
    bucket          = "arn:aws:s3:::madang"
    connections     = "arn:aws:execute-api:ap-northeast-2:123456789012:a1b2c3d4e5/live"
    mail            = "arn:aws:ses:ap-northeast-2:123456789012:identity/madang.example"
    function_prefix = "arn:aws:lambda:ap-northeast-2:123456789012:function:dev-madang-"
  }
  may = []
}

run "a_row_without_grants_may_log_and_trace" {
  command = plan
  module {
    source = "./modules/function"
  }

  assert {
    condition     = toset(flatten(jsondecode(aws_iam_role_policy.this.policy).Statement[*].Action)) == toset(["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"])
    error_message = "Every function may write its own log and its traces, and nothing else."
  }

  assert {
    condition     = aws_lambda_function.this.memory_size == 1769 && aws_lambda_function.this.timeout == 60 && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "Memory and time are the row's; nothing is reserved unless it says so."
  }

  assert {
    condition     = length(aws_lambda_function.this.ephemeral_storage) == 0 && length(aws_lambda_function_event_invoke_config.this) == 0
    error_message = "What a row does not ask for is left to Lambda."
  }
}

run "a_row_has_the_storage_and_the_concurrency_it_asks_for" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    ephemeral_mb = 1024
    concurrency  = 5
  }

  assert {
    condition     = aws_lambda_function.this.ephemeral_storage[0].size == 1024 && aws_lambda_function.this.reserved_concurrent_executions == 5
    error_message = "Storage and concurrency are the row's."
  }
}

run "a_table_is_granted_by_its_keys_beginnings" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    may = [
      { on = "table", action = "GetItem", prefixes = ["MEDIA#"] },
      { on = "index", index = "gsi1", action = "Query", prefixes = ["OWNER#", "UPLOADER#"] },
    ]
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if startswith(statement.Action[0], "dynamodb:")] == [
      {
        Effect    = "Allow"
        Action    = ["dynamodb:GetItem"]
        Resource  = ["arn:aws:dynamodb:ap-northeast-2:123456789012:table/madang"]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["MEDIA#*"] } }
      },
      {
        Effect    = "Allow"
        Action    = ["dynamodb:Query"]
        Resource  = ["arn:aws:dynamodb:ap-northeast-2:123456789012:table/madang/index/gsi1"]
        Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = ["OWNER#*", "UPLOADER#*"] } }
      },
    ]
    error_message = "A table and an index are granted one action and some beginnings of keys."
  }
}

run "a_bucket_is_granted_below_a_prefix_and_listed_as_a_whole" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    may = [
      { on = "bucket", action = "GetObject", prefix = "uploads/" },
      { on = "bucket", action = "ListBucket", prefix = "" },
    ]
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement if startswith(statement.Action[0], "s3:")] == [
      { Effect = "Allow", Action = ["s3:GetObject"], Resource = ["arn:aws:s3:::madang/uploads/*"] },
      { Effect = "Allow", Action = ["s3:ListBucket"], Resource = ["arn:aws:s3:::madang"] },
    ]
    error_message = "Objects are granted below a prefix; ListBucket is the bucket's own, without a condition: it makes S3 say 404."
  }
}

run "connections_are_granted_by_method" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    may = [{ on = "connections", action = "ManageConnections", methods = ["POST"] }]
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Action == ["execute-api:ManageConnections"]] == [
      ["arn:aws:execute-api:ap-northeast-2:123456789012:a1b2c3d4e5/live/POST/@connections/*"]
    ]
    error_message = "Connections are granted on the one stage, by method."
  }
}

run "a_function_is_granted_by_name" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    may = [{ on = "function", action = "InvokeFunction", name = "listings.expire" }]
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Resource if statement.Action == ["lambda:InvokeFunction"]] == [
      ["arn:aws:lambda:ap-northeast-2:123456789012:function:dev-madang-listings-expire"]
    ]
    error_message = "A function may invoke the ones its row names."
  }
}

run "what_nobody_waits_for_leaves_its_failures_somewhere" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    is_asynchronous = true
    failures_to     = "arn:aws:sqs:ap-northeast-2:123456789012:failures"
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this[0].destination_config[0].on_failure[0].destination == "arn:aws:sqs:ap-northeast-2:123456789012:failures"
    error_message = "An asynchronous function has a destination for what it fails on."
  }
}

run "settings_fit_into_4_kb" {
  command = plan
  module {
    source = "./modules/function"
  }
  variables {
    environment = { LONG = join("", [for n in range(410) : "0123456789"]) }
  }
  expect_failures = [aws_lambda_function.this]
}
