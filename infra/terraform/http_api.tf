locals {
  http_api_endpoint = local.emulated ? "${var.emulator.endpoint}/_aws/execute-api/${aws_apigatewayv2_api.http.id}/$default" : aws_apigatewayv2_api.http.api_endpoint
  api_url           = var.domains.api == null ? local.http_api_endpoint : "https://${var.domains.api.name}"
}

resource "aws_apigatewayv2_api" "http" {
  name          = "${local.prefix}-http"
  description   = "Madang's HTTP API, stage ${var.stage}"
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = length(local.origins) > 0 ? ["this"] : []
    content {
      # The laptop's gateway says the same.
      allow_origins     = local.origins
      allow_credentials = true
      allow_methods     = ["DELETE", "GET", "PATCH", "POST", "PUT"]
      allow_headers     = ["accept-language", "authorization", "content-type", "idempotency-key", "if-none-match"]
      expose_headers    = ["etag", "idempotency-replayed", "location", "retry-after"]
      max_age           = 3600
    }
  }
}

resource "aws_apigatewayv2_authorizer" "member" {
  api_id           = aws_apigatewayv2_api.http.id
  name             = "member"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = local.token_issuer
    audience = [aws_cognito_user_pool_client.this.id]
  }
}

resource "aws_apigatewayv2_integration" "http" {
  for_each = local.http

  api_id                 = aws_apigatewayv2_api.http.id
  integration_type       = "AWS_PROXY"
  integration_uri        = module.function[each.key].invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "http" {
  #checkov:skip=CKV_AWS_309: routes that are open to anybody are declared so in their row, and tests hold each row to it
  for_each = local.http

  api_id    = aws_apigatewayv2_api.http.id
  route_key = "${each.value.trigger.method} ${each.value.trigger.path}"
  target    = "integrations/${aws_apigatewayv2_integration.http[each.key].id}"

  # A JWT authorizer cannot be optional: rows that are open but know their caller ("maybe") check the token themselves.
  authorization_type = contains(["member", "admin"], each.value.access) ? "JWT" : "NONE"
  authorizer_id      = contains(["member", "admin"], each.value.access) ? aws_apigatewayv2_authorizer.member.id : null
}

resource "aws_cloudwatch_log_group" "http_api" {
  #checkov:skip=CKV_AWS_158: CloudWatch's own key; a line says which route, not what was sent
  #checkov:skip=CKV_AWS_338: how long lines are kept is a variable; they name addresses of people
  # Below /aws/vendedlogs no policy of the account's few grows with each log.
  name              = "/aws/vendedlogs/${local.prefix}-http"
  retention_in_days = var.retention_days
}

resource "aws_apigatewayv2_stage" "http" {
  api_id      = aws_apigatewayv2_api.http.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.throttling.rate
    throttling_burst_limit = var.throttling.burst
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.http_api.arn
    format = jsonencode({
      requestId          = "$context.requestId"
      time               = "$context.requestTime"
      ip                 = "$context.identity.sourceIp"
      userAgent          = "$context.identity.userAgent"
      route              = "$context.routeKey"
      status             = "$context.status"
      bytes              = "$context.responseLength"
      latency            = "$context.responseLatency"
      integrationLatency = "$context.integrationLatency"
      integrationStatus  = "$context.integrationStatus"
      error              = "$context.integrationErrorMessage"
      authorizerError    = "$context.authorizer.error"
    })
  }
}

resource "aws_apigatewayv2_domain_name" "http" {
  for_each = { for name, domain in { this = var.domains.api } : name => domain if domain != null }

  domain_name = each.value.name

  domain_name_configuration {
    certificate_arn = each.value.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "http" {
  for_each = aws_apigatewayv2_domain_name.http

  api_id      = aws_apigatewayv2_api.http.id
  domain_name = each.value.domain_name
  stage       = aws_apigatewayv2_stage.http.name
}
