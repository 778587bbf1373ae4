# The WebSocket API: there when routes.json has rows for it.

locals {
  has_sockets = length(local.sockets) > 0
  socket_api  = toset(local.has_sockets ? ["this"] : [])

  # Functions post to connections here whatever name clients connect by.
  connections_urls = { for name in local.socket_api : name => (
    local.emulated
    ? "${var.emulator.endpoint}/_aws/execute-api/${aws_apigatewayv2_api.socket[name].id}/live"
    : "https://${aws_apigatewayv2_api.socket[name].id}.execute-api.${var.region}.${data.aws_partition.this.dns_suffix}/live"
  ) }
  socket_urls = { for name in local.socket_api : name => (
    var.domains.sockets != null ? "wss://${var.domains.sockets.name}"
    : local.emulated ? replace(local.connections_urls[name], "http://", "ws://")
    : replace(local.connections_urls[name], "https://", "wss://")
  ) }
}

resource "aws_apigatewayv2_api" "socket" {
  for_each = local.socket_api

  name                       = "${local.prefix}-socket"
  description                = "Madang's WebSocket API, stage ${var.stage}"
  protocol_type              = "WEBSOCKET"
  route_selection_expression = "$request.body.action"
}

resource "aws_apigatewayv2_authorizer" "socket" {
  for_each = local.has_sockets ? local.authorizers : {}

  api_id          = aws_apigatewayv2_api.socket["this"].id
  name            = "door"
  authorizer_type = "REQUEST"
  authorizer_uri  = module.function[each.key].invoke_arn
  # No identity sources: the token comes in Sec-WebSocket-Protocol or in the query string, and each source named here
  # would be demanded of every caller.
}

resource "aws_apigatewayv2_integration" "socket" {
  for_each = local.sockets

  api_id             = aws_apigatewayv2_api.socket["this"].id
  integration_type   = "AWS_PROXY"
  integration_method = "POST"
  integration_uri    = module.function[each.key].invoke_arn
}

resource "aws_apigatewayv2_route" "socket" {
  #checkov:skip=CKV_AWS_309: who may connect is asked once, at $connect; frames come over the connection that was let in
  for_each = local.sockets

  api_id    = aws_apigatewayv2_api.socket["this"].id
  route_key = each.value.trigger.route
  target    = "integrations/${aws_apigatewayv2_integration.socket[each.key].id}"

  authorization_type = each.value.trigger.route == "$connect" ? "CUSTOM" : "NONE"
  authorizer_id      = each.value.trigger.route == "$connect" ? one(values(aws_apigatewayv2_authorizer.socket)[*].id) : null
}

resource "aws_cloudwatch_log_group" "socket_api" {
  #checkov:skip=CKV_AWS_158: CloudWatch's own key; a line says which route, not what was sent
  #checkov:skip=CKV_AWS_338: how long lines are kept is a variable; they name addresses of people
  for_each = local.socket_api

  name              = "/aws/vendedlogs/${local.prefix}-socket"
  retention_in_days = var.retention_days
}

resource "aws_apigatewayv2_stage" "socket" {
  #checkov:skip=CKV_AWS_76: it has an access log wherever the account has the role for one (socket_access_log)
  #checkov:skip=CKV2_AWS_51: people sign in; a client certificate would have to be in every browser
  for_each = local.socket_api

  api_id      = aws_apigatewayv2_api.socket["this"].id
  name        = "live"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit  = var.throttling.rate
    throttling_burst_limit = var.throttling.burst
  }

  dynamic "access_log_settings" {
    for_each = var.socket_access_log ? ["this"] : []
    content {
      destination_arn = aws_cloudwatch_log_group.socket_api["this"].arn
      format = jsonencode({
        requestId  = "$context.requestId"
        time       = "$context.requestTime"
        ip         = "$context.identity.sourceIp"
        connection = "$context.connectionId"
        event      = "$context.eventType"
        route      = "$context.routeKey"
        status     = "$context.status"
        latency    = "$context.integrationLatency"
        error      = "$context.error.message"
        authorizer = "$context.authorizer.error"
      })
    }
  }

  depends_on = [aws_api_gateway_account.this]
}

resource "aws_apigatewayv2_domain_name" "socket" {
  for_each = { for name, domain in { this = var.domains.sockets } : name => domain if domain != null && local.has_sockets }

  domain_name = each.value.name

  domain_name_configuration {
    certificate_arn = each.value.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "socket" {
  for_each = aws_apigatewayv2_domain_name.socket

  api_id      = aws_apigatewayv2_api.socket["this"].id
  domain_name = each.value.domain_name
  stage       = aws_apigatewayv2_stage.socket["this"].name
}

# An HTTP API's log is delivered by CloudWatch; a WebSocket API writes its own, by a role that the account names.
resource "aws_iam_role" "gateway_logs" {
  for_each = toset(local.has_sockets && var.gateway_log_role ? ["this"] : [])

  name = "${local.prefix}-gateway-logs"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "apigateway.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "gateway_logs" {
  for_each = aws_iam_role.gateway_logs

  role       = each.value.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_account" "this" {
  for_each = aws_iam_role.gateway_logs

  cloudwatch_role_arn = each.value.arn

  depends_on = [aws_iam_role_policy_attachment.gateway_logs]
}
