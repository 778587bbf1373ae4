output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "arn" {
  description = "The function."
  value       = aws_lambda_function.this.arn
}

output "permitted_arn" {
  description = "The function, once whoever sets it off may: S3 asks when it is told."
  value       = aws_lambda_function.this.arn
  depends_on  = [aws_lambda_permission.this]
}

output "invoke_arn" {
  description = "The function as API Gateway names it."
  value       = aws_lambda_function.this.invoke_arn
}

output "log_group" {
  description = "Its log group."
  value       = aws_cloudwatch_log_group.this.name
}

output "role" {
  description = "Its role."
  value       = aws_iam_role.this.name
}

output "policies" {
  description = "What its role may do; what ties a trigger to the user pool is added outside."
  value       = concat([aws_iam_role_policy.this.policy], aws_iam_role_policy.pool[*].policy)
}

output "invoked_by" {
  description = "Which routes, rules and buckets may set it off."
  value       = { for name, permission in aws_lambda_permission.this : name => permission.source_arn }
}

output "environment_bytes" {
  description = "How much of Lambda's 4 KB its settings take."
  value       = local.environment_bytes
}
