stage               = "prod"
region              = "ap-northeast-2"
deletion_protection = true
retention_days      = 90
monthly_budget      = 200

# An account names one role a region for the logs of WebSocket APIs: false in every stage of the account but one.
gateway_log_role = true
throttling       = { rate = 2000, burst = 2000 }

# Replace every madang.example by your own.
alarm_email     = "operations@madang.example"
mail            = { identity = "madang.example", from = "=?UTF-8?B?66eI64u5?= <no-reply@madang.example>" } # verified = true, once it is
allowed_origins = ["https://madang.example"]
return_urls     = ["https://madang.example/"]

# The client in a browser, from web/dist.
# web = true

# domains = {
#   api     = { name = "api.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:…:certificate/…" }
#   sockets = { name = "live.madang.example", certificate_arn = "arn:aws:acm:ap-northeast-2:…:certificate/…" }
#   media   = { name = "media.madang.example", certificate_arn = "arn:aws:acm:us-east-1:…:certificate/…" }
#   web     = { name = "madang.example", certificate_arn = "arn:aws:acm:us-east-1:…:certificate/…" }
#   sign_in = { name = "sign-in.madang.example", certificate_arn = "arn:aws:acm:us-east-1:…:certificate/…" }
# }

# oauth = {
#   google = { client_id = "…", client_secret_parameter = "/madang/prod/google" }
#   kakao  = { client_id = "…", client_secret_parameter = "/madang/prod/kakao" }
#   naver  = { client_id = "…", client_secret_parameter = "/madang/prod/naver" }
# }
