output "api_url" {
  description = "The HTTP API."
  value       = local.api_url
}

output "socket_url" {
  description = "Where clients connect to the WebSocket API; null without rows for it."
  value       = one(values(local.socket_urls))
}

output "connections_url" {
  description = "Where functions post to connections."
  value       = one(values(local.connections_urls))
}

output "hosted_url" {
  description = "The hosted sign-in."
  value       = local.hosted_url
}

output "media_url" {
  description = "Where renditions are shown from."
  value       = local.media_url
}

output "web_url" {
  description = "The client in a browser; null where it is not wanted (web)."
  value       = one(values(local.web_urls))
}

output "media_bucket" {
  description = "The bucket of uploads, renditions and files of messages."
  value       = aws_s3_bucket.media.id
}

output "table_name" {
  description = "The table."
  value       = aws_dynamodb_table.this.name
}

output "user_pool_id" {
  description = "The user pool."
  value       = aws_cognito_user_pool.this.id
}

output "client_id" {
  description = "The user pool's app client."
  value       = aws_cognito_user_pool_client.this.id
}

output "jwks_url" {
  description = "The user pool's keys."
  value       = local.jwks_url
}

output "token_issuer" {
  description = "Who issues tokens."
  value       = local.token_issuer
}

output "region" {
  description = "The region."
  value       = var.region
}

output "function_prefix" {
  description = "What the functions' names begin with; listings.create is <prefix>listings-create."
  value       = "${local.prefix}-"
}

output "failure_queues" {
  description = "Queues of what was given up on."
  value       = { for name, queue in aws_sqs_queue.failures : name => queue.url }
}

output "dashboard" {
  description = "The dashboard's name."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "dns" {
  description = "DNS records to make: name => what it must point to (CNAME or alias)."
  value = merge(
    { for domain in aws_apigatewayv2_domain_name.http : domain.domain_name => domain.domain_name_configuration[0].target_domain_name },
    { for domain in aws_apigatewayv2_domain_name.socket : domain.domain_name => domain.domain_name_configuration[0].target_domain_name },
    { for domain in [var.domains.media] : domain.name => aws_cloudfront_distribution.media.domain_name if domain != null },
    { for distribution in aws_cloudfront_distribution.web : var.domains.web.name => distribution.domain_name if var.domains.web != null },
    { for domain in [var.domains.sign_in] : domain.name => aws_cognito_user_pool_domain.this.cloudfront_distribution if domain != null },
  )
}

output "mail_dns" {
  description = "DNS records (CNAME) by which SES knows that the domain of the mails is yours."
  value = {
    for token in flatten([for identity in aws_sesv2_email_identity.this : [for signing in identity.dkim_signing_attributes : signing.tokens]]) :
    "${token}._domainkey.${try(var.mail.identity, "")}" => "${token}.dkim.amazonses.com" if !strcontains(try(var.mail.identity, "@"), "@")
  }
}
