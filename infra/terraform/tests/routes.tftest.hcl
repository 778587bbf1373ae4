# What routes.json cannot ask for, said at plan. check.sh names the folder of artifacts and makes too-many.json.
mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  stage       = "dev"
  region      = "ap-northeast-2"
  return_urls = ["https://madang.example/"]
}

run "no_artifact" {
  command = plan
  variables {
    routes_file = "tests/routes/no-artifact.json"
  }
  expect_failures = [terraform_data.checks, aws_s3_object.artifact]
}

run "long_name" {
  command = plan
  variables {
    routes_file = "tests/routes/long-name.json"
  }
  expect_failures = [terraform_data.checks]
}

run "unknown_setting" {
  command = plan
  variables {
    routes_file = "tests/routes/unknown-setting.json"
  }
  expect_failures = [terraform_data.checks]
}

run "early_setting" {
  command = plan
  variables {
    routes_file = "tests/routes/early-setting.json"
  }
  expect_failures = [terraform_data.checks]
}

run "unknown_pool_trigger" {
  command = plan
  variables {
    routes_file = "tests/routes/unknown-pool-trigger.json"
  }
  expect_failures = [terraform_data.checks]
}

run "unknown_trigger" {
  command = plan
  variables {
    routes_file = "tests/routes/unknown-trigger.json"
  }
  expect_failures = [terraform_data.checks]
}

run "unknown_grant" {
  command = plan
  variables {
    routes_file = "tests/routes/unknown-grant.json"
  }
  expect_failures = [terraform_data.checks]
}

run "invokes_nobody" {
  command = plan
  variables {
    routes_file = "tests/routes/invokes-nobody.json"
  }
  expect_failures = [terraform_data.checks]
}

run "invoked_by_nobody" {
  command = plan
  variables {
    routes_file = "tests/routes/invoked-by-nobody.json"
  }
  expect_failures = [terraform_data.checks]
}

run "a_called_function" {
  command = plan
  variables {
    routes_file = "tests/routes/called.json"
  }

  assert {
    condition     = length(module.function["accounts.follow"].invoked_by) == 0
    error_message = "Nothing outside may set off a function that others call."
  }

  assert {
    condition     = contains(local.asynchronous, "accounts.follow") && !contains(local.asynchronous, "accounts.me_show")
    error_message = "What a called function fails on goes to the queue of failures."
  }

  assert {
    condition     = local.settings["FUNCTION_PREFIX"] == local.prefix && local.names["accounts.follow"] == "${local.prefix}-accounts-follow"
    error_message = "A function is named <prefix>-<context>-<name>, and whoever calls it is told the prefix."
  }
}

run "sockets_without_door" {
  command = plan
  variables {
    routes_file = "tests/routes/sockets-without-door.json"
  }
  expect_failures = [terraform_data.checks]
}

run "sockets_without_connect" {
  command = plan
  variables {
    routes_file = "tests/routes/sockets-without-connect.json"
  }
  expect_failures = [terraform_data.checks]
}

run "mail_from_nobody" {
  command = plan
  variables {
    routes_file = "tests/routes/mail.json"
  }

  assert {
    condition     = local.settings["MAIL_FROM"] == "none" && !strcontains(join(" ", module.function["accounts.me_show"].policies), "ses:")
    error_message = "Where nobody is named to send mail, functions are told so and may send none."
  }
}

run "mail_from_somebody" {
  command = plan
  variables {
    routes_file = "tests/routes/mail.json"
    mail        = { identity = "madang.example", from = "no-reply@madang.example", verified = true }
  }

  assert {
    condition     = local.settings["MAIL_FROM"] == "no-reply@madang.example" && strcontains(join(" ", module.function["accounts.me_show"].policies), "ses:SendEmail")
    error_message = "Once SES knows the sender, mails come from there."
  }
}

run "mail_from_somebody_unknown" {
  command = plan
  variables {
    routes_file = "tests/routes/mail.json"
    mail        = { identity = "madang.example", from = "no-reply@madang.example" }
  }

  assert {
    condition     = local.settings["MAIL_FROM"] == "none"
    error_message = "Until SES has verified the sender, no mail comes from there."
  }
}

run "too_many" {
  command = plan
  variables {
    routes_file = "../../target/deploy/check/too-many.json"
  }
  expect_failures = [terraform_data.checks]
}

run "no_package" {
  command = plan
  variables {
    artifacts = "nowhere"
  }
  expect_failures = [terraform_data.checks, aws_s3_object.artifact]
}
