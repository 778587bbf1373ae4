# For tests/deploy/run.sh, which adds `emulator` with the port it found, and `artifacts`.
stage               = "test"
region              = "us-east-1"
architecture        = "x86_64"
deletion_protection = false
retention_days      = 1
monthly_budget      = 10
alarm_email         = "operations@madang.example"
mail                = { identity = "madang.example", from = "no-reply@madang.example", verified = true }
allowed_origins     = ["https://madang.example"]
return_urls         = ["https://madang.example/"]

oauth = {
  google = { client_id = "google-client", client_secret_parameter = "/madang/test/google" }
  kakao  = { client_id = "kakao-client", client_secret_parameter = "/madang/test/kakao" }
  naver  = { client_id = "naver-client", client_secret_parameter = "/madang/test/naver" }
}
