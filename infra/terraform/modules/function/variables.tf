variable "name" {
  description = "Name of the function and of its role."
  type        = string
}

variable "handler" {
  description = "The row it serves; reaches the process as _HANDLER."
  type        = string
}

variable "description" {
  description = "One line for a person."
  type        = string
}

variable "memory_mb" {
  description = "Megabytes of memory."
  type        = number
}

variable "ephemeral_mb" {
  description = "Megabytes of /tmp; null for the 512 that cost nothing."
  type        = number
  default     = null
}

variable "timeout_s" {
  description = "Seconds until it is stopped."
  type        = number
}

variable "concurrency" {
  description = "How many may run at once, reserved for it; null for no limit."
  type        = number
  default     = null
}

variable "environment" {
  description = "Its settings."
  type        = map(string)
  default     = {}
}

variable "artifact" {
  description = "Its code."
  type        = object({ bucket = string, key = string, version = string, hash = string })
}

variable "architecture" {
  description = "arm64 or x86_64."
  type        = string
}

variable "retention_days" {
  description = "Days its log is kept."
  type        = number
}

variable "may" {
  description = "What its row lets it do."
  type = list(object({
    on       = string
    action   = optional(string)
    actions  = optional(list(string))
    prefixes = optional(list(string))
    index    = optional(string)
    prefix   = optional(string)
    name     = optional(string)
    methods  = optional(list(string))
  }))
}

variable "resources" {
  description = "ARNs of what rows may be granted something on."
  type = object({
    table           = string
    bucket          = string
    connections     = string
    mail            = string
    function_prefix = string
  })
}

variable "user_pool_arn" {
  description = "The user pool, for rows that may do something with it; the pool's own triggers are granted theirs outside."
  type        = string
  default     = null
}

variable "is_asynchronous" {
  description = "Whether it is invoked without anybody waiting."
  type        = bool
}

variable "failures_to" {
  description = "Queue for events an asynchronous function failed on."
  type        = string
  default     = null
}

variable "invoked_by" {
  description = "Who may set it off: the statement's name, the service, and the one route, rule, pool or bucket."
  type        = map(object({ principal = string, source_arn = string, source_account = optional(string) }))
  default     = {}
}

variable "stream" {
  description = "The table's stream, for whoever reads it, and the queue for what it gives up on."
  type        = object({ table_arn = string, arn = string, failures_to = string })
  default     = null
}

variable "may_use_pool" {
  description = "Whether the row may do something with the user pool: said apart, since the pool's ARN is not known at plan."
  type        = bool
  default     = false
}
