# What AWS would answer, as far as the configuration looks at it.
mock_data "aws_caller_identity" {
  defaults = { account_id = "123456789012" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_ssm_parameter" {
  defaults = { value = "secret" }
}

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    id            = "a1b2c3d4e5"
    api_endpoint  = "https://a1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com"
    execution_arn = "arn:aws:execute-api:ap-northeast-2:123456789012:a1b2c3d4e5"
  }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = {
    arn         = "arn:aws:cloudfront::123456789012:distribution/E1ABCDEFGHIJKL"
    domain_name = "d1abcdefghijkl.cloudfront.net"
  }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:ap-northeast-2:123456789012:rule/mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:mock" }
}

mock_resource "aws_cognito_user_pool" {
  defaults = {
    id       = "ap-northeast-2_ABCdef123"
    arn      = "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/ap-northeast-2_ABCdef123"
    endpoint = "cognito-idp.ap-northeast-2.amazonaws.com/ap-northeast-2_ABCdef123"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = {
    arn        = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/mock"
    stream_arn = "arn:aws:dynamodb:ap-northeast-2:123456789012:table/mock/stream/2026-11-21T00:00:00.000"
  }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn        = "arn:aws:lambda:ap-northeast-2:123456789012:function:mock"
    invoke_arn = "arn:aws:apigateway:ap-northeast-2:lambda:path/2015-03-31/functions/arn:aws:lambda:ap-northeast-2:123456789012:function:mock/invocations"
  }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn                         = "arn:aws:s3:::mock"
    bucket_regional_domain_name = "mock.s3.ap-northeast-2.amazonaws.com"
  }
}

mock_resource "aws_sesv2_email_identity" {
  defaults = { arn = "arn:aws:ses:ap-northeast-2:123456789012:identity/madang.example" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:ap-northeast-2:123456789012:mock" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:ap-northeast-2:123456789012:mock"
    url = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/mock"
  }
}
