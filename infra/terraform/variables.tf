variable "stage" {
  description = "Name of this deployment; everything is named after it, so that several live in one account and region."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$", var.stage))
    error_message = "The stage is 1 to 12 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen."
  }

  validation {
    condition     = !can(regex("aws|amazon|cognito", var.stage))
    error_message = "The stage must not contain \"aws\", \"amazon\" or \"cognito\": Cognito refuses a sign-in domain with them."
  }
}

variable "region" {
  description = "AWS region of everything but CloudFront, which has none."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "The region is spelled like ap-northeast-2."
  }
}

variable "domains" {
  description = "Names of one's own, each with the ARN of an issued certificate. Without one the address that AWS gives is used. The outputs say where their DNS records must point."
  type = object({
    api     = optional(object({ name = string, certificate_arn = string }))
    sockets = optional(object({ name = string, certificate_arn = string }))
    media   = optional(object({ name = string, certificate_arn = string }))
    web     = optional(object({ name = string, certificate_arn = string }))
    sign_in = optional(object({ name = string, certificate_arn = string }))
  })
  default = {}

  validation {
    condition     = alltrue([for domain in values(var.domains) : domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", domain.name))])
    error_message = "A domain name is spelled like api.madang.example: lower case, no scheme, no path."
  }

  validation {
    condition     = alltrue([for domain in values(var.domains) : domain == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/", domain.certificate_arn))])
    error_message = "A certificate is named by its ACM ARN: arn:aws:acm:REGION:ACCOUNT:certificate/ID."
  }

  validation {
    condition     = alltrue([for domain in [var.domains.media, var.domains.sign_in, var.domains.web] : domain == null || can(regex(":acm:us-east-1:", domain.certificate_arn))])
    error_message = "The certificates of the media, sign_in and web domains must be in us-east-1, where CloudFront looks for them."
  }

  validation {
    condition     = alltrue([for domain in [var.domains.api, var.domains.sockets] : domain == null || can(regex(":acm:${var.region}:", domain.certificate_arn))])
    error_message = "The certificates of the api and sockets domains must be in the region of the deployment."
  }
}

variable "oauth" {
  description = "Providers to sign in by: the client's id, and the name of the SSM parameter (SecureString) with its secret. One that is left out is not offered."
  type = object({
    google = optional(object({ client_id = string, client_secret_parameter = string }))
    kakao  = optional(object({ client_id = string, client_secret_parameter = string }))
    naver  = optional(object({ client_id = string, client_secret_parameter = string }))
  })
  default = {}

  validation {
    condition     = alltrue([for client in values(var.oauth) : client == null || can(regex("^/[a-zA-Z0-9_./-]+$", client.client_secret_parameter))])
    error_message = "A client secret is given as the name of an SSM parameter, like /madang/dev/kakao; never the secret itself."
  }

  validation {
    condition     = alltrue([for client in values(var.oauth) : client == null || try(length(client.client_id), 0) > 0])
    error_message = "A provider needs the client_id that it gave to this application."
  }
}

variable "web" {
  description = "Whether the client in a browser (web/dist) is put up too, at the output web_url. It may call and be returned to without being named in allowed_origins and return_urls."
  type        = bool
  default     = false
}

variable "web_dist" {
  description = "Folder with the files of the client. Only tests name another."
  type        = string
  default     = "../../web/dist"
}

variable "allowed_origins" {
  description = "Origins of web pages that may call the API and upload pictures from a browser."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for origin in var.allowed_origins : can(regex("^(https://[a-z0-9.-]+(:[0-9]+)?|http://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?)$", origin))])
    error_message = "An origin is https://name, no path and no slash at the end (or http://localhost:PORT for development). \"*\" cannot be: cookies travel."
  }
}

variable "return_urls" {
  description = "Pages a browser may be sent back to after the hosted sign-in; also below them."
  type        = list(string)

  validation {
    condition     = length(var.return_urls) > 0
    error_message = "At least one page to return to must be named: the hosted sign-in cannot work without."
  }

  validation {
    condition     = alltrue([for url in var.return_urls : can(regex("^(https://[a-z0-9.-]+(:[0-9]+)?/|http://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?/)[^,#\\s]*$", url))])
    error_message = "A page to return to is https://name/… (or http://localhost:PORT/… for development), without comma, blank or fragment."
  }
}

variable "alarm_email" {
  description = "Address that alarms and the budget are mailed to; it must confirm the subscription. Without it they only show in the console."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.alarm_email))
    error_message = "The alarm e-mail must be an address like operations@madang.example."
  }
}

variable "mail" {
  description = "Who mails come from: `identity` is the domain or address to verify with SES, `from` the sender below it; `verified` once SES has verified it, from when on mails come from there. Until then, and without it, Cognito sends the mails itself, at most 50 a day."
  type        = object({ identity = string, from = string, verified = optional(bool, false) })
  default     = null

  validation {
    condition     = var.mail == null || can(regex("^[ -~]+$", var.mail.from))
    error_message = "The sender is spelled in ASCII; a name in other letters as an encoded word, like =?UTF-8?B?66eI64u5?= for 마당."
  }

  validation {
    condition     = var.mail == null || can(regex("^([^@\\s]+@)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.mail.identity))
    error_message = "The mail identity is a domain (madang.example) or one address (no-reply@madang.example)."
  }

  validation {
    condition = var.mail == null || try(
      strcontains(var.mail.identity, "@")
      ? contains([var.mail.identity, "<${var.mail.identity}>"], reverse(split(" ", var.mail.from))[0])
      : can(regex("[@.]${replace(var.mail.identity, ".", "\\.")}>?$", var.mail.from)),
      false,
    )
    error_message = "The sender must belong to the mail identity: with identity madang.example, an address that ends with @madang.example."
  }
}

variable "table" {
  description = "The table's name where it is not <stage>-madang-table: after a restore, which makes a table of another name (docs/operations.md)."
  type        = string
  default     = null

  validation {
    condition     = var.table == null || can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table))
    error_message = "A table's name has 3 to 255 letters, digits, hyphens, underscores and dots."
  }
}

variable "retention_days" {
  description = "Days that logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.retention_days)
    error_message = "CloudWatch keeps logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days."
  }
}

variable "deletion_protection" {
  description = "Whether the table, the user pool and the buckets refuse to be destroyed while they hold something."
  type        = bool
  default     = true
}

variable "architecture" {
  description = "Processor of the functions: arm64 (a fifth cheaper) or x86_64. The artifacts must be built for it."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "The architecture is arm64 or x86_64."
  }
}

variable "artifacts" {
  description = "Folder with one <context>.zip a context, as `make package` writes it."
  type        = string
  default     = "../../target/package"
}

variable "routes_file" {
  description = "The generated table of routes, in this folder. Only tests name another."
  type        = string
  default     = "routes.json"
}

variable "throttling" {
  description = "Requests a second and at once that each of the two APIs takes before it answers 429."
  type        = object({ rate = number, burst = number })
  default     = { rate = 500, burst = 1000 }

  validation {
    condition     = var.throttling.rate >= 1 && var.throttling.burst >= 1 && var.throttling.rate <= 10000 && var.throttling.burst <= 5000
    error_message = "Throttling: a rate of 1 to 10000 and a burst of 1 to 5000, which is what an account has a region."
  }
}

variable "alarm_each_function" {
  description = "Whether every function has an alarm of its own for errors ($0.10 a month each). Otherwise only those nobody waits for; a request that fails shows in the API's 5xx."
  type        = bool
  default     = false
}

variable "gateway_log_role" {
  description = "Whether this deployment sets the account's role for API Gateway's logs, without which a WebSocket API has no access log. An account has one a region: exactly one stage may."
  type        = bool
  default     = true
}

variable "socket_access_log" {
  description = "Whether the WebSocket API has an access log; needs the account's role (gateway_log_role, here or in another stage)."
  type        = bool
  default     = true
}

variable "monthly_budget" {
  description = "Dollars a month for the whole account; at 80 % of it, and when the forecast exceeds it, the alarm e-mail is told. Without it there is no budget."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget == null || try(var.monthly_budget > 0, false)
    error_message = "The monthly budget is a number of dollars above 0."
  }
}

variable "emulator" {
  description = "Where an emulator of AWS answers, for tests; AWS_ENDPOINT_URL must say the same. Null on AWS. docs/emulator.md lists what it changes."
  type        = object({ endpoint = string })
  default     = null

  validation {
    condition     = var.emulator == null || can(regex("^http://(localhost|127\\.0\\.0\\.1):[0-9]+$", var.emulator.endpoint))
    error_message = "The emulator's endpoint is http://127.0.0.1:PORT; a deployment to AWS leaves it out."
  }
}
