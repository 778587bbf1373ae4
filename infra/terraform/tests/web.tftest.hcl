# The client in a browser: there when it is wanted, and nothing of it otherwise.
mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  stage       = "dev"
  region      = "ap-northeast-2"
  return_urls = ["https://madang.example/"]
  routes_file = "tests/routes/one.json"
  web_dist    = "tests/web"
}

run "unwanted" {
  command = apply

  assert {
    condition     = length(aws_s3_object.web) == 0 && length(aws_s3_object.web_config) == 0 && length(aws_cloudfront_distribution.web) == 0 && output.web_url == null
    error_message = "Nothing of the client is made where it is not wanted."
  }

  assert {
    condition     = length(aws_apigatewayv2_api.http.cors_configuration) == 0 && length(jsondecode(aws_s3_bucket_policy.artifacts.policy).Statement) == 1
    error_message = "No origin may call, and nobody but deployments reads the artifacts."
  }
}

run "wanted" {
  command = apply
  variables {
    web             = true
    allowed_origins = ["https://madang.example"]
  }

  assert {
    condition = { for name, file in aws_s3_object.web : name => [file.key, file.content_type] } == {
      "app.js"         = ["web/app.js", "text/javascript; charset=utf-8"]
      "icons/mark.svg" = ["web/icons/mark.svg", "image/svg+xml"]
      "index.html"     = ["web/index.html", "text/html; charset=utf-8"]
    }
    error_message = "The files go up by their names, with their types; what begins with a dot and the laptop's configuration do not."
  }

  assert {
    condition     = alltrue([for name, file in aws_s3_object.web : file.etag == filemd5("tests/web/${name}") && file.cache_control == "no-cache"])
    error_message = "A file that changed goes up again, and is asked for each time."
  }

  assert {
    condition     = jsondecode(aws_s3_object.web_config["this"].content) == { api = local.api_url, live = null }
    error_message = "The client is told where the APIs are."
  }

  assert {
    condition     = output.web_url == "https://d1abcdefghijkl.cloudfront.net"
    error_message = "The client is where CloudFront says."
  }

  assert {
    condition     = aws_apigatewayv2_api.http.cors_configuration[0].allow_origins == toset(["https://madang.example", output.web_url]) && tolist(aws_s3_bucket_cors_configuration.media[0].cors_rule)[0].allowed_origins == toset(["https://madang.example", output.web_url])
    error_message = "The client may call the API and upload, beside the origins that are named."
  }

  assert {
    condition     = contains(aws_cognito_user_pool_client.this.callback_urls, "${output.web_url}/") && endswith(local.settings["RETURN_URLS"], ",${output.web_url}/")
    error_message = "The client may be returned to after the hosted sign-in."
  }

  assert {
    condition = [for statement in jsondecode(aws_s3_bucket_policy.artifacts.policy).Statement : [statement.Resource, statement.Condition.StringEquals["aws:SourceArn"]] if statement.Effect == "Allow"] == [
      ["${aws_s3_bucket.artifacts.arn}/web/*", aws_cloudfront_distribution.web["this"].arn]
    ]
    error_message = "The one distribution reads the client, and none of the code beside it."
  }

  assert {
    condition = alltrue([for policy in aws_cloudfront_response_headers_policy.web : (
      startswith(policy.security_headers_config[0].content_security_policy[0].content_security_policy, "default-src 'self'; connect-src 'self' https://*.execute-api.ap-northeast-2.amazonaws.com wss://*.execute-api.ap-northeast-2.amazonaws.com https://")
      && strcontains(policy.security_headers_config[0].content_security_policy[0].content_security_policy, "img-src 'self' data: blob: https://d1abcdefghijkl.cloudfront.net https://")
      && policy.security_headers_config[0].strict_transport_security[0].access_control_max_age_sec == 31536000
    )])
    error_message = "A page loads nothing of others, speaks to the stage's APIs and bucket alone, and is encrypted."
  }
}

run "wanted_at_a_name" {
  command = apply
  variables {
    web     = true
    domains = { web = { name = "madang.example", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" } }
  }

  assert {
    condition     = output.web_url == "https://madang.example" && output.dns["madang.example"] == "d1abcdefghijkl.cloudfront.net"
    error_message = "A name of one's own is where the client is, and its record is told."
  }
}

run "a_file_of_no_known_type" {
  command = plan
  variables {
    web      = true
    web_dist = "tests/routes/.."
  }
  expect_failures = [aws_s3_object.web]
}
