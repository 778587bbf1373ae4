# One zip a context, uploaded once. The bucket keeps the versions before, to go back to.
locals {
  hashes = { for context, path in local.contexts : context => fileexists(path) ? filesha256(path) : "" }
  artifacts = { for context, path in local.contexts : context => {
    bucket  = aws_s3_bucket.artifacts.id
    key     = aws_s3_object.artifact[context].key
    version = aws_s3_object.artifact[context].version_id
    hash    = fileexists(path) ? filebase64sha256(path) : ""
  } }

  # What rows may be granted something on.
  grantable = {
    table           = aws_dynamodb_table.this.arn
    bucket          = aws_s3_bucket.media.arn
    connections     = try("${aws_apigatewayv2_api.socket["this"].execution_arn}/live", "")
    mail            = try(aws_sesv2_email_identity.this["this"].arn, null)
    function_prefix = "arn:${data.aws_partition.this.partition}:lambda:${var.region}:${local.account}:function:${local.prefix}-"
  }

  functions = merge(module.trigger, module.function)
}

# The user pool's triggers: made before the pool, and told nothing of it.
module "trigger" {
  source   = "./modules/function"
  for_each = local.triggers

  name            = local.names[each.key]
  handler         = each.key
  description     = each.value.summary
  memory_mb       = each.value.memory
  timeout_s       = each.value.timeout
  ephemeral_mb    = try(each.value.ephemeral, null)
  concurrency     = try(each.value.concurrency, null)
  environment     = { for name in each.value.settings : name => lookup(local.early_settings, name, "") }
  artifact        = local.artifacts[each.value.context]
  architecture    = var.architecture
  retention_days  = var.retention_days
  may             = each.value.may
  resources       = local.grantable
  failures_to     = contains(local.asynchronous, each.key) ? aws_sqs_queue.failures["async"].arn : null
  is_asynchronous = contains(local.asynchronous, each.key)

  depends_on = [terraform_data.checks]
}

# What ties a trigger to the pool comes after both.
resource "aws_iam_role_policy" "trigger_pool" {
  for_each = { for name, row in local.triggers : name => row if contains(row.may[*].on, "pool") }

  name = "user-pool"
  role = module.trigger[each.key].role
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for grant in each.value.may : {
      Effect   = "Allow"
      Action   = [for action in grant.actions : "cognito-idp:${action}"]
      Resource = [aws_cognito_user_pool.this.arn]
    } if grant.on == "pool"]
  })
}

resource "aws_lambda_permission" "trigger_pool" {
  for_each = local.triggers

  statement_id  = "pool"
  function_name = module.trigger[each.key].name
  action        = "lambda:InvokeFunction"
  principal     = "cognito-idp.amazonaws.com"
  source_arn    = aws_cognito_user_pool.this.arn
}

module "function" {
  source   = "./modules/function"
  for_each = { for name, row in local.routes : name => row if row.trigger.type != "pool" }

  name            = local.names[each.key]
  handler         = each.key
  description     = each.value.summary
  memory_mb       = each.value.memory
  timeout_s       = each.value.timeout
  ephemeral_mb    = try(each.value.ephemeral, null)
  concurrency     = try(each.value.concurrency, null)
  environment     = { for name in each.value.settings : name => lookup(local.settings, name, "") }
  artifact        = local.artifacts[each.value.context]
  architecture    = var.architecture
  retention_days  = var.retention_days
  may             = each.value.may
  resources       = local.grantable
  user_pool_arn   = aws_cognito_user_pool.this.arn
  may_use_pool    = contains(each.value.may[*].on, "pool")
  failures_to     = contains(local.asynchronous, each.key) ? aws_sqs_queue.failures["async"].arn : null
  is_asynchronous = contains(local.asynchronous, each.key)
  invoked_by      = lookup(local.invokers, each.key, {})

  stream = each.value.trigger.type == "stream" ? {
    table_arn   = aws_dynamodb_table.this.arn
    arn         = aws_dynamodb_table.this.stream_arn
    failures_to = aws_sqs_queue.failures["stream"].arn
  } : null

  depends_on = [terraform_data.checks]
}

locals {
  # Whoever may set a function off, each narrowed to its own route, rule or bucket.
  invokers = merge(
    { for name, row in local.http : name => {
      http = {
        principal  = "apigateway.amazonaws.com"
        source_arn = "${aws_apigatewayv2_api.http.execution_arn}/*/${row.trigger.method}${row.trigger.path}"
      }
    } },
    { for name, row in local.sockets : name => {
      socket = {
        principal  = "apigateway.amazonaws.com"
        source_arn = "${aws_apigatewayv2_api.socket["this"].execution_arn}/live/${row.trigger.route}"
      }
    } },
    { for name, row in local.authorizers : name => {
      authorizer = {
        principal  = "apigateway.amazonaws.com"
        source_arn = "${aws_apigatewayv2_api.socket["this"].execution_arn}/authorizers/*"
      }
    } if local.has_sockets },
    { for name, row in local.schedules : name => {
      schedule = { principal = "events.amazonaws.com", source_arn = aws_cloudwatch_event_rule.schedule[name].arn }
    } },
    { for name, row in local.uploads : name => {
      bucket = { principal = "s3.amazonaws.com", source_arn = aws_s3_bucket.media.arn, source_account = local.account }
    } },
  )
}

resource "aws_s3_bucket" "artifacts" {
  #checkov:skip=CKV_AWS_144: made again from the commit by make package; another region needs its own deployment anyway
  #checkov:skip=CKV_AWS_145: encrypted by S3's own key; the code is no secret, and a key of one's own costs a dollar a month
  #checkov:skip=CKV_AWS_18: only deployments read and write it, which CloudTrail records
  #checkov:skip=CKV2_AWS_62: nothing follows from an upload
  bucket        = "${local.prefix}-artifacts-${local.account}"
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  bucket                  = aws_s3_bucket.artifacts.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  rule {
    id     = "what-was-replaced"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days = 90
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
  depends_on = [aws_s3_bucket_versioning.artifacts]
}

resource "aws_s3_bucket_policy" "artifacts" {
  bucket = aws_s3_bucket.artifacts.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([local.tls_only["artifacts"]], [for distribution in aws_cloudfront_distribution.web : {
      Sid       = "TheClientToItsDistribution"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Resource  = "${aws_s3_bucket.artifacts.arn}/web/*"
      Condition = { StringEquals = { "aws:SourceArn" = distribution.arn } }
    }])
  })
  depends_on = [aws_s3_bucket_public_access_block.artifacts]
}

resource "aws_s3_object" "artifact" {
  #checkov:skip=CKV_AWS_186: see the bucket: S3's own key
  for_each = local.contexts

  bucket      = aws_s3_bucket.artifacts.id
  key         = "${each.key}.zip"
  source      = each.value
  source_hash = local.hashes[each.key]

  lifecycle {
    precondition {
      condition     = fileexists(each.value)
      error_message = "Context ${each.key} has no artifact at ${each.value}: run make package, or set the variable artifacts."
    }
  }

  depends_on = [aws_s3_bucket_versioning.artifacts, aws_s3_bucket_ownership_controls.artifacts]
}
