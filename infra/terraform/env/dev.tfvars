stage               = "dev"
region              = "ap-northeast-2"
deletion_protection = false
retention_days      = 14
monthly_budget      = 20

# Pages in development. Put your own beside them.
allowed_origins = ["http://localhost:5173"]
return_urls     = ["http://localhost:5173/"]

# An account names one role a region for the logs of WebSocket APIs; where prod is in the same, set this to false.
gateway_log_role = true

# The client in a browser, from web/dist.
# web = true

# alarm_email = "operations@madang.example"

# Sign-in by providers, once their secrets are in SSM (SecureString):
# oauth = {
#   google = { client_id = "…", client_secret_parameter = "/madang/dev/google" }
#   kakao  = { client_id = "…", client_secret_parameter = "/madang/dev/kakao" }
#   naver  = { client_id = "…", client_secret_parameter = "/madang/dev/naver" }
# }
