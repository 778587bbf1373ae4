locals {
  # The emulator's pool answers on its one address; its tokens name AWS's as their issuer.
  hosted_url = (
    local.emulated ? var.emulator.endpoint
    : var.domains.sign_in != null ? "https://${var.domains.sign_in.name}"
    : "https://${aws_cognito_user_pool_domain.this.domain}.auth.${var.region}.amazoncognito.com"
  )
  token_issuer = "https://${aws_cognito_user_pool.this.endpoint}"
  jwks_url     = "${local.emulated ? "${var.emulator.endpoint}/${aws_cognito_user_pool.this.id}" : local.token_issuer}/.well-known/jwks.json"

  trigger_arns = { for name, row in local.triggers : row.trigger.name => module.trigger[name].arn }

  # Only Google vouches for an address, so only Google's is mapped: the pool writes mapped attributes anew at each
  # sign-in, and an unverified address would take the place of a verified one (DECISIONS.md).
  providers = { for name, provider in {
    Google = {
      client  = var.oauth.google
      type    = "Google"
      mapping = { username = "sub", email = "email", email_verified = "email_verified", name = "name", nickname = "name", picture = "picture" }
      details = {
        authorize_scopes              = "openid email profile"
        attributes_url                = "https://people.googleapis.com/v1/people/me?personFields="
        attributes_url_add_attributes = "true"
        authorize_url                 = "https://accounts.google.com/o/oauth2/v2/auth"
        oidc_issuer                   = "https://accounts.google.com"
        token_request_method          = "POST"
        token_url                     = "https://www.googleapis.com/oauth2/v4/token"
      }
    }
    Kakao = {
      client  = var.oauth.kakao
      type    = "OIDC"
      mapping = { username = "sub", name = "nickname", nickname = "nickname", picture = "picture" }
      details = {
        authorize_scopes              = "openid profile_nickname profile_image"
        oidc_issuer                   = "https://kauth.kakao.com"
        authorize_url                 = "https://kauth.kakao.com/oauth/authorize"
        token_url                     = "https://kauth.kakao.com/oauth/token"
        jwks_uri                      = "https://kauth.kakao.com/.well-known/jwks.json"
        attributes_url                = "https://kapi.kakao.com/v1/oidc/userinfo"
        attributes_request_method     = "GET"
        attributes_url_add_attributes = "false"
      }
    }
    Naver = {
      client  = var.oauth.naver
      type    = "OIDC"
      mapping = { username = "sub", name = "name", nickname = "nickname", picture = "picture" }
      details = {
        authorize_scopes = "openid profile"
        oidc_issuer      = "https://nid.naver.com"
        authorize_url    = "https://nid.naver.com/oauth2/authorize"
        token_url        = "https://nid.naver.com/oauth2/token"
        jwks_uri         = "https://nid.naver.com/oauth2/jwks"
        # Naver nests the person's data, which the pool cannot read: a route of ours flattens it.
        attributes_url                = "${local.api_url}/oidc/naver/userinfo"
        attributes_request_method     = "GET"
        attributes_url_add_attributes = "false"
      }
    }
  } : name => provider if provider.client != null }
}

# Attributes: the standard ones, all optional and mutable, which is how every pool has them; the code uses email, name,
# nickname and picture; and the version of the terms that somebody agreed to. The address is not required, or people from Kakao and Naver could not come in.
resource "aws_cognito_user_pool" "this" {
  #checkov:skip=CKV_AWS_390: the plan with threat protection costs more a person than the rest of Madang
  name                     = "${local.prefix}-users"
  user_pool_tier           = "ESSENTIALS" # the access token is customised, which Lite does not do
  username_attributes      = ["email"]
  auto_verified_attributes = ["email"]
  mfa_configuration        = "OFF"
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"

  username_configuration {
    case_sensitive = false
  }

  # A new address takes the place of the old one once it is confirmed, not before.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  # The pool cannot ask for "a letter": that rule is the API's (domain::text::Password).
  password_policy {
    minimum_length                   = 8
    require_lowercase                = false
    require_uppercase                = false
    require_numbers                  = true
    require_symbols                  = true
    temporary_password_validity_days = 7
  }

  schema {
    name                = "terms"
    attribute_data_type = "String"
    mutable             = true

    string_attribute_constraints {
      min_length = "1"
      max_length = "32"
    }
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = false
  }

  verification_message_template {
    default_email_option = "CONFIRM_WITH_CODE"
  }

  email_configuration {
    # The pool refuses an identity that SES has not verified yet.
    email_sending_account = local.sends_mail ? "DEVELOPER" : "COGNITO_DEFAULT"
    source_arn            = local.sends_mail ? aws_sesv2_email_identity.this["this"].arn : null
    from_email_address    = local.sends_mail ? var.mail.from : null
  }

  lambda_config {
    create_auth_challenge          = lookup(local.trigger_arns, "create_auth_challenge", null)
    custom_message                 = lookup(local.trigger_arns, "custom_message", null)
    define_auth_challenge          = lookup(local.trigger_arns, "define_auth_challenge", null)
    post_authentication            = lookup(local.trigger_arns, "post_authentication", null)
    post_confirmation              = lookup(local.trigger_arns, "post_confirmation", null)
    pre_authentication             = lookup(local.trigger_arns, "pre_authentication", null)
    pre_sign_up                    = lookup(local.trigger_arns, "pre_sign_up", null)
    user_migration                 = lookup(local.trigger_arns, "user_migration", null)
    verify_auth_challenge_response = lookup(local.trigger_arns, "verify_auth_challenge_response", null)

    dynamic "pre_token_generation_config" {
      for_each = { for name, arn in local.trigger_arns : name => arn if name == "pre_token_generation_config" }
      content {
        lambda_arn     = pre_token_generation_config.value
        lambda_version = "V2_0"
      }
    }
  }
}

resource "aws_cognito_user_group" "admin" {
  name         = "admin"
  description  = "May use the routes of administrators"
  user_pool_id = aws_cognito_user_pool.this.id
}

# A domain of Cognito's is unique in the region, over all accounts: the account's number makes it so.
resource "aws_cognito_user_pool_domain" "this" {
  domain                = var.domains.sign_in == null ? "${local.prefix}-${local.account}" : var.domains.sign_in.name
  certificate_arn       = try(var.domains.sign_in.certificate_arn, null)
  managed_login_version = 1
  user_pool_id          = aws_cognito_user_pool.this.id
}

data "aws_ssm_parameter" "client_secret" {
  for_each = { for name, provider in local.providers : name => provider.client.client_secret_parameter }

  name            = each.value
  with_decryption = true
}

resource "aws_cognito_identity_provider" "this" {
  for_each = local.providers

  user_pool_id      = aws_cognito_user_pool.this.id
  provider_name     = each.key
  provider_type     = each.value.type
  attribute_mapping = each.value.mapping
  provider_details = merge(each.value.details, {
    client_id     = each.value.client.client_id
    client_secret = data.aws_ssm_parameter.client_secret[each.key].value
  })
}

resource "aws_cognito_user_pool_client" "this" {
  name         = "${local.prefix}-client"
  user_pool_id = aws_cognito_user_pool.this.id

  # Public: browsers and phones cannot keep a secret.
  generate_secret               = false
  prevent_user_existence_errors = "ENABLED"
  enable_token_revocation       = true

  # No ALLOW_REFRESH_TOKEN_AUTH: refresh tokens rotate, by GetTokensFromRefreshToken alone.
  explicit_auth_flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"]
  dynamic "refresh_token_rotation" {
    # The emulator forgets that it was told.
    for_each = local.emulated ? [] : ["this"]
    content {
      feature = "ENABLED"
      # A reply that was lost on the way can be asked for once more.
      retry_grace_period_seconds = 10
    }
  }

  access_token_validity  = 60
  id_token_validity      = 60
  refresh_token_validity = 30
  token_validity_units {
    access_token  = "minutes"
    id_token      = "minutes"
    refresh_token = "days"
  }

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["code"]
  allowed_oauth_scopes                 = ["aws.cognito.signin.user.admin", "email", "openid", "profile"]
  callback_urls                        = concat(["${local.api_url}/auth/hosted/callback"], local.return_urls)
  logout_urls                          = local.return_urls
  supported_identity_providers         = concat(["COGNITO"], [for provider in aws_cognito_identity_provider.this : provider.provider_name])

  # What providers map must be writable; nothing else is.
  read_attributes  = ["custom:terms", "email", "email_verified", "name", "nickname", "picture"]
  write_attributes = ["custom:terms", "email", "name", "nickname", "picture"]
}
