# Each variable refuses what cannot be, before anything is made.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  stage       = "dev"
  region      = "ap-northeast-2"
  return_urls = ["https://madang.example/"]
  routes_file = "tests/routes/one.json"
}

run "what_is_named_well_is_taken" {
  command = plan
  variables {
    domains = {
      api     = { name = "api.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/a" }
      sockets = { name = "live.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/b" }
      media   = { name = "media.madang.example", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/c" }
      sign_in = { name = "in.madang.example", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/d" }
    }
    oauth           = { naver = { client_id = "naver", client_secret_parameter = "/madang/dev/naver" } }
    allowed_origins = ["https://madang.example", "http://localhost:5173"]
    alarm_email     = "operations@madang.example"
    mail            = { identity = "no-reply@madang.example", from = "=?UTF-8?B?66eI64u5?= <no-reply@madang.example>" }
    monthly_budget  = 20
  }

  assert {
    condition     = output.api_url == "https://api.madang.example" && output.media_url == "https://media.madang.example" && output.hosted_url == "https://in.madang.example"
    error_message = "Names of one's own are what the outputs say."
  }

  assert {
    condition     = toset(keys(output.dns)) == toset(["api.madang.example", "media.madang.example", "in.madang.example"])
    error_message = "Each name of one's own has a DNS record to make."
  }
}

run "a_stage_has_no_capitals" {
  command = plan
  variables {
    stage = "Dev"
  }
  expect_failures = [var.stage]
}

run "a_stage_has_at_most_12_characters" {
  command = plan
  variables {
    stage = "thirteenchars"
  }
  expect_failures = [var.stage]
}

run "a_stage_does_not_end_with_a_hyphen" {
  command = plan
  variables {
    stage = "dev-"
  }
  expect_failures = [var.stage]
}

run "a_stage_does_not_begin_with_a_digit" {
  command = plan
  variables {
    stage = "1dev"
  }
  expect_failures = [var.stage]
}

run "a_stage_is_not_named_after_aws" {
  command = plan
  variables {
    stage = "my-aws"
  }
  expect_failures = [var.stage]
}

run "a_region_is_spelled_like_one" {
  command = plan
  variables {
    region = "seoul"
  }
  expect_failures = [var.region]
}

run "a_region_is_no_zone" {
  command = plan
  variables {
    region = "ap-northeast-2a"
  }
  expect_failures = [var.region]
}

run "a_domain_has_no_scheme" {
  command = plan
  variables {
    domains = { api = { name = "https://api.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/a" } }
  }
  expect_failures = [var.domains]
}

run "a_certificate_is_an_arn" {
  command = plan
  variables {
    domains = { api = { name = "api.madang.example", certificate_arn = "a" } }
  }
  expect_failures = [var.domains]
}

run "the_pictures_certificate_is_cloudfronts" {
  command = plan
  variables {
    domains = { media = { name = "media.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/a" } }
  }
  expect_failures = [var.domains]
}

run "the_sign_ins_certificate_is_cloudfronts" {
  command = plan
  variables {
    domains = { sign_in = { name = "in.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:123456789012:certificate/a" } }
  }
  expect_failures = [var.domains]
}

run "the_apis_certificate_is_the_regions" {
  command = plan
  variables {
    domains = { api = { name = "api.madang.example", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/a" } }
  }
  expect_failures = [var.domains]
}

run "a_client_secret_is_a_parameters_name" {
  command = plan
  variables {
    oauth = { kakao = { client_id = "kakao", client_secret_parameter = "the secret itself" } }
  }
  expect_failures = [var.oauth]
}

run "a_provider_has_a_client" {
  command = plan
  variables {
    oauth = { google = { client_id = "", client_secret_parameter = "/madang/dev/google" } }
  }
  expect_failures = [var.oauth]
}

run "an_origin_is_encrypted" {
  command = plan
  variables {
    allowed_origins = ["http://madang.example"]
  }
  expect_failures = [var.allowed_origins]
}

run "an_origin_has_no_path" {
  command = plan
  variables {
    allowed_origins = ["https://madang.example/"]
  }
  expect_failures = [var.allowed_origins]
}

run "an_origin_is_not_every_origin" {
  command = plan
  variables {
    allowed_origins = ["*"]
  }
  expect_failures = [var.allowed_origins]
}

run "somewhere_is_returned_to" {
  command = plan
  variables {
    return_urls = []
  }
  expect_failures = [var.return_urls]
}

run "a_return_is_encrypted" {
  command = plan
  variables {
    return_urls = ["http://madang.example/"]
  }
  expect_failures = [var.return_urls]
}

run "a_return_has_no_fragment" {
  command = plan
  variables {
    return_urls = ["https://madang.example/#in"]
  }
  expect_failures = [var.return_urls]
}

run "an_alarm_goes_to_an_address" {
  command = plan
  variables {
    alarm_email = "operations"
  }
  expect_failures = [var.alarm_email]
}

run "mail_comes_from_a_domain_or_an_address" {
  command = plan
  variables {
    mail = { identity = "madang", from = "no-reply@madang" }
  }
  expect_failures = [var.mail]
}

run "a_sender_belongs_to_the_identity" {
  command = plan
  variables {
    mail = { identity = "madang.example", from = "no-reply@elsewhere.example" }
  }
  expect_failures = [var.mail]
}

run "a_sender_belongs_to_no_longer_domain" {
  command = plan
  variables {
    mail = { identity = "madang.example", from = "no-reply@not-madang.example" }
  }
  expect_failures = [var.mail]
}

run "a_sender_is_the_address_that_is_verified" {
  command = plan
  variables {
    mail = { identity = "no-reply@madang.example", from = "also-no-reply@madang.example" }
  }
  expect_failures = [var.mail]
}

run "logs_are_kept_for_a_term_there_is" {
  command = plan
  variables {
    retention_days = 31
  }
  expect_failures = [var.retention_days]
}

run "a_processor_is_one_of_two" {
  command = plan
  variables {
    architecture = "arm"
  }
  expect_failures = [var.architecture]
}

run "throttling_is_not_nothing" {
  command = plan
  variables {
    throttling = { rate = 0, burst = 100 }
  }
  expect_failures = [var.throttling]
}

run "throttling_is_what_an_account_has" {
  command = plan
  variables {
    throttling = { rate = 500, burst = 5001 }
  }
  expect_failures = [var.throttling]
}

run "a_sender_is_spelled_in_ascii" {
  command = plan
  variables {
    mail = { identity = "madang.example", from = "마당 <no-reply@madang.example>" }
  }
  expect_failures = [var.mail]
}

run "a_table_is_named_like_one" {
  command = plan
  variables {
    table = "prod table"
  }
  expect_failures = [var.table]
}

run "a_budget_is_money" {
  command = plan
  variables {
    monthly_budget = 0
  }
  expect_failures = [var.monthly_budget]
}

run "an_emulator_is_on_this_machine" {
  command = plan
  variables {
    emulator = { endpoint = "https://sqs.ap-northeast-2.amazonaws.com" }
  }
  expect_failures = [var.emulator]
}
