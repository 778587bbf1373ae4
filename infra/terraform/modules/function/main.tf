# A function: its role, its log group, itself, who may set it off, and where goes what it fails on.

locals {
  own_table = [for grant in var.may : {
    Effect   = "Allow"
    Action   = ["dynamodb:${grant.action}"]
    Resource = [grant.on == "index" ? "${var.resources.table}/index/${grant.index}" : var.resources.table]
    # Keys are the only way in: whatever does not begin so is refused.
    Condition = { "ForAllValues:StringLike" = { "dynamodb:LeadingKeys" = [for prefix in grant.prefixes : "${prefix}*"] } }
  } if contains(["table", "index"], grant.on)]

  own_bucket = [for grant in var.may : {
    Effect = "Allow"
    Action = ["s3:${grant.action}"]
    # Without ListBucket S3 answers a missing object with 403; it has no use for a prefix there.
    Resource = [grant.action == "ListBucket" ? var.resources.bucket : "${var.resources.bucket}/${grant.prefix}*"]
  } if grant.on == "bucket"]

  own_functions = [for grant in var.may : {
    Effect   = "Allow"
    Action   = ["lambda:${grant.action}"]
    Resource = ["${var.resources.function_prefix}${replace(grant.name, ".", "-")}"]
  } if grant.on == "function"]

  own_connections = [for grant in var.may : {
    Effect   = "Allow"
    Action   = ["execute-api:${grant.action}"]
    Resource = [for method in coalesce(grant.methods, ["DELETE", "GET", "POST"]) : "${var.resources.connections}/${method}/@connections/*"]
  } if grant.on == "connections"]

  own_mail = [for grant in var.may : {
    Effect   = "Allow"
    Action   = ["ses:${grant.action}"]
    Resource = [var.resources.mail]
  } if grant.on == "mail" && var.resources.mail != null]

  own_stream = var.stream == null ? [] : [
    {
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]
      Resource = [var.stream.arn]
    },
    {
      Effect   = "Allow"
      Action   = ["dynamodb:ListStreams"]
      Resource = ["${var.stream.table_arn}/stream/*"]
    },
    {
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [var.stream.failures_to]
    },
  ]

  own_failures = var.is_asynchronous ? [{
    Effect   = "Allow"
    Action   = ["sqs:SendMessage"]
    Resource = [var.failures_to]
  }] : []

  every_function = [
    {
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
    },
    {
      # X-Ray knows no resources: these two actions can be granted on "*" only.
      Effect   = "Allow"
      Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    },
  ]

  environment_bytes = sum(concat([0], [for name, value in var.environment : length(name) + length(value)]))

  own_pool = [for grant in var.may : {
    Effect   = "Allow"
    Action   = [for action in grant.actions : "cognito-idp:${action}"]
    Resource = [var.user_pool_arn]
  } if grant.on == "pool" && var.user_pool_arn != null]
}

resource "aws_iam_role" "this" {
  name = var.name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "row"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      local.every_function, local.own_table, local.own_bucket, local.own_functions, local.own_connections,
      local.own_mail, local.own_stream, local.own_failures,
    )
  })
}

resource "aws_iam_role_policy" "pool" {
  count = var.may_use_pool ? 1 : 0

  name = "user-pool"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.own_pool
  })
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158: CloudWatch's own key; lines hold no bodies, tokens or addresses
  #checkov:skip=CKV_AWS_338: how long lines are kept is a variable; less is better where people are named by id
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.retention_days
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115: a limit a function would only turn away what the account could serve; rows set one where it is meant
  #checkov:skip=CKV_AWS_116: what is invoked asynchronously has an on-failure destination, which also says why; the others have a caller
  #checkov:skip=CKV_AWS_117: all it speaks to are AWS's public endpoints; a VPC would add a NAT's price and its outages
  #checkov:skip=CKV_AWS_173: encrypted by Lambda's own key; the one secret among the settings signs cursors
  #checkov:skip=CKV_AWS_272: what is deployed is named by its version and hash, from a bucket that only deployments write to, from a bucket that only deployments write to
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  runtime           = "provided.al2023"
  handler           = var.handler
  architectures     = [var.architecture]
  s3_bucket         = var.artifact.bucket
  s3_key            = var.artifact.key
  s3_object_version = var.artifact.version
  source_code_hash  = var.artifact.hash

  memory_size                    = var.memory_mb
  timeout                        = var.timeout_s
  reserved_concurrent_executions = coalesce(var.concurrency, -1)

  dynamic "environment" {
    for_each = length(var.environment) > 0 ? ["this"] : []
    content {
      variables = var.environment
    }
  }

  dynamic "ephemeral_storage" {
    for_each = var.ephemeral_mb == null ? [] : ["this"]
    content {
      size = var.ephemeral_mb
    }
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  lifecycle {
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The settings of ${var.handler} are longer than the 4 KB that Lambda takes."
    }
  }

  # Its first call may come at once.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_lambda_permission" "this" {
  for_each = var.invoked_by

  statement_id   = each.key
  function_name  = aws_lambda_function.this.function_name
  action         = "lambda:InvokeFunction"
  principal      = each.value.principal
  source_arn     = each.value.source_arn
  source_account = each.value.source_account
}

resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.is_asynchronous ? 1 : 0

  function_name                = aws_lambda_function.this.function_name
  maximum_event_age_in_seconds = 3600
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = var.failures_to
    }
  }
}
