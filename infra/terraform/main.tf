# Functions, routes, schedules, triggers and roles come from routes.json, which is generated from the code.

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  prefix   = "${var.stage}-madang"
  account  = data.aws_caller_identity.this.account_id
  emulated = var.emulator != null

  routes = { for row in jsondecode(file("${path.module}/${var.routes_file}")) : row.name => row }
  names  = { for name, row in local.routes : name => "${local.prefix}-${replace(name, ".", "-")}" }

  http      = { for name, row in local.routes : name => row if row.trigger.type == "http" }
  schedules = { for name, row in local.routes : name => row if row.trigger.type == "schedule" }
  uploads   = { for name, row in local.routes : name => row if row.trigger.type == "bucket" }
  streams   = { for name, row in local.routes : name => row if row.trigger.type == "stream" }
  triggers  = { for name, row in local.routes : name => row if row.trigger.type == "pool" }
  called    = { for name, row in local.routes : name => row if row.trigger.type == "call" }
  sockets   = { for name, row in local.routes : name => row if row.trigger.type == "socket" }
  # At most one: a socket API has one door.
  authorizers = { for name, row in local.routes : name => row if row.trigger.type == "authorizer" }

  invoked = distinct(flatten([for row in local.routes : [for grant in row.may : grant.name if grant.on == "function"]]))
  # Nobody waits for these: what they fail on three times goes to a queue.
  asynchronous = setunion(keys(local.schedules), keys(local.uploads), keys(local.called), local.invoked)

  contexts = { for context in distinct([for row in local.routes : row.context]) : context => "${var.artifacts}/${context}.zip" }

  # Settings that are known before there is a user pool: its triggers may need these and no others.
  early_settings = merge(
    {
      API_URL            = local.api_url
      CURSOR_KEY         = terraform_data.cursor_key.output
      FUNCTION_PREFIX    = local.prefix
      MAIL_FROM          = local.mail_from
      MEDIA_BUCKET       = aws_s3_bucket.media.id
      MEDIA_URL          = local.media_url
      NAVER_USERINFO_URL = local.emulated ? "${var.emulator.endpoint}/nobody" : "https://openapi.naver.com/v1/nid/me"
      RETURN_URLS        = join(",", local.return_urls)
      TABLE_NAME         = aws_dynamodb_table.this.name
    },
    { for name, url in local.connections_urls : "CONNECTIONS_URL" => url },
    { for name, url in local.socket_urls : "SOCKET_URL" => url },
  )
  settings = merge(local.early_settings, {
    CLIENT_ID    = aws_cognito_user_pool_client.this.id
    HOSTED_URL   = local.hosted_url
    JWKS_URL     = local.jwks_url
    TOKEN_ISSUER = local.token_issuer
    USER_POOL_ID = aws_cognito_user_pool.this.id
  })
  early_setting_names = concat([
    "API_URL", "CURSOR_KEY", "FUNCTION_PREFIX", "MAIL_FROM", "MEDIA_BUCKET", "MEDIA_URL", "NAVER_USERINFO_URL", "RETURN_URLS", "TABLE_NAME",
  ], local.has_sockets ? ["CONNECTIONS_URL", "SOCKET_URL"] : [])
  setting_names = concat(local.early_setting_names, ["CLIENT_ID", "HOSTED_URL", "JWKS_URL", "TOKEN_ISSUER", "USER_POOL_ID"])

  pool_trigger_names = [
    "create_auth_challenge", "custom_message", "define_auth_challenge", "post_authentication", "post_confirmation",
    "pre_authentication", "pre_sign_up", "pre_token_generation_config", "user_migration",
    "verify_auth_challenge_response",
  ]
}

# The key that cursors are signed with: made once, kept in the state. Another one:
# `terraform apply -replace=terraform_data.cursor_key`; cursors that are out then answer 400.
resource "terraform_data" "cursor_key" {
  input = sha256("${uuid()}${uuid()}${uuid()}")

  lifecycle {
    ignore_changes = [input]
  }
}

# What routes.json must hold to, said before anything is made.
resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition     = length([for path in values(local.contexts) : path if !fileexists(path)]) == 0
      error_message = "No artifact for ${join(", ", [for context, path in local.contexts : "context ${context} (${path})" if !fileexists(path)])}: run make package, or set the variable artifacts to the folder that has them."
    }

    precondition {
      condition     = length([for name in values(local.names) : name if length(name) > 64]) == 0
      error_message = "A function's name has at most 64 characters: ${join(", ", [for name in values(local.names) : name if length(name) > 64])}. Shorten the stage or the route's name."
    }

    precondition {
      condition     = length(flatten([for row in local.routes : setsubtract(row.settings, local.setting_names)])) == 0
      error_message = "The deployment knows no value for ${join(", ", [for name, row in local.routes : "${join(" and ", setsubtract(row.settings, local.setting_names))} of ${name}" if length(setsubtract(row.settings, local.setting_names)) > 0])}: add it to local.settings in main.tf."
    }

    precondition {
      condition     = length(flatten([for row in local.triggers : setsubtract(row.settings, local.early_setting_names)])) == 0
      error_message = "A trigger of the user pool is made before the pool and cannot be told ${join(", ", distinct(flatten([for row in local.triggers : setsubtract(row.settings, local.early_setting_names)])))}: take the pool's id from the event."
    }

    precondition {
      condition     = length([for row in local.triggers : row if !contains(local.pool_trigger_names, row.trigger.name)]) == 0
      error_message = "The user pool has no trigger named ${join(", ", [for row in local.triggers : row.trigger.name if !contains(local.pool_trigger_names, row.trigger.name)])}."
    }

    precondition {
      condition     = alltrue([for row in local.routes : contains(["authorizer", "bucket", "call", "http", "pool", "schedule", "socket", "stream"], row.trigger.type)])
      error_message = "routes.json has a trigger of a type that the deployment does not know: ${join(", ", distinct([for row in local.routes : row.trigger.type]))}."
    }

    precondition {
      condition     = alltrue(flatten([for row in local.routes : [for grant in row.may : contains(["bucket", "connections", "function", "index", "mail", "pool", "table"], grant.on)]]))
      error_message = "routes.json grants something on a thing that the deployment does not know: ${join(", ", distinct(flatten([for row in local.routes : row.may[*].on])))}."
    }

    precondition {
      condition     = length(setsubtract(local.invoked, keys(local.routes))) == 0
      error_message = "routes.json lets a function invoke ${join(", ", setsubtract(local.invoked, keys(local.routes)))}, which is no row of it."
    }

    precondition {
      condition     = length(setsubtract(keys(local.called), local.invoked)) == 0
      error_message = "Nobody may invoke ${join(", ", setsubtract(keys(local.called), local.invoked))}, which waits for other functions to: grant it to the row that does."
    }

    precondition {
      condition     = length(local.http) <= 300 && length(local.sockets) <= 300
      error_message = "API Gateway takes at most 300 routes and integrations an API; there are ${length(local.http)} HTTP and ${length(local.sockets)} socket routes. Have the limit raised, or make a second API."
    }

    precondition {
      condition     = !local.has_sockets || (length(local.authorizers) == 1 && contains([for row in local.sockets : row.trigger.route], "$connect"))
      error_message = "The WebSocket API needs exactly one authorizer row and a row for $connect."
    }
  }
}
