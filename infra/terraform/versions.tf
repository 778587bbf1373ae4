terraform {
  # 1.11: the S3 backend's own lock file, and mocks that are known at plan.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }

  # Where the state lives is said at init: `terraform init -backend-config=env/dev.s3.tfbackend`.
  backend "s3" {
    use_lockfile = true
  }
}

provider "aws" {
  region            = var.region
  s3_use_path_style = local.emulated

  default_tags {
    tags = {
      project    = "madang"
      stage      = var.stage
      managed-by = "terraform"
    }
  }
}
