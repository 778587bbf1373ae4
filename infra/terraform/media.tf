# Files: uploads/ holds what members send, for as long as it takes to make of it what is kept. renditions/ are pictures that
# everybody sees, by CloudFront. private/ are pictures and videos of messages, which nobody sees but by an address that a
# function signed for them, good for an hour: no policy here opens it.

locals {
  # The emulator's CloudFront reads no bucket: there anybody may read renditions/ itself.
  media_url = (
    local.emulated ? "${var.emulator.endpoint}/${aws_s3_bucket.media.id}"
    : var.domains.media != null ? "https://${var.domains.media.name}"
    : "https://${aws_cloudfront_distribution.media.domain_name}"
  )

  tls_only = { for name, bucket in { media = aws_s3_bucket.media, artifacts = aws_s3_bucket.artifacts } : name => {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Action    = "s3:*"
    Principal = "*"
    Resource  = [bucket.arn, "${bucket.arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
}

# Versioned for the renditions' sake: originals are not kept, so that a rendition deleted by mistake could not be made
# again, and a table restored to an earlier hour needs the pictures of that hour. For uploads it is undone at once: a
# photograph as it left the camera says where it was taken.
resource "aws_s3_bucket" "media" {
  #checkov:skip=CKV_AWS_144: a copy in another region would double the price of pictures; the table is not there either
  #checkov:skip=CKV_AWS_145: encrypted by S3's own key: most of it is shown to anybody
  #checkov:skip=CKV2_AWS_6: closed on AWS, which tests/stage.tftest.hcl holds it to; open in the emulator alone
  #checkov:skip=CKV_AWS_18: readers come by CloudFront, writers by addresses that our own log knows
  bucket        = "${local.prefix}-media-${local.account}"
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "media" {
  #checkov:skip=CKV_AWS_54: open in the emulator alone
  #checkov:skip=CKV_AWS_56: open in the emulator alone
  bucket                  = aws_s3_bucket.media.id
  block_public_acls       = true
  ignore_public_acls      = true
  block_public_policy     = !local.emulated
  restrict_public_buckets = !local.emulated
}

resource "aws_s3_bucket_ownership_controls" "media" {
  bucket = aws_s3_bucket.media.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "media" {
  bucket = aws_s3_bucket.media.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "media" {
  bucket = aws_s3_bucket.media.id

  rule {
    id     = "uploads-are-temporary"
    status = "Enabled"
    filter {
      prefix = "uploads/"
    }
    # What the hourly sweep missed; it takes what is a day old.
    expiration {
      days = 2
    }
    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  rule {
    id     = "renditions-as-long-as-the-table-can-be-restored"
    status = "Enabled"
    filter {
      prefix = "renditions/"
    }
    noncurrent_version_expiration {
      noncurrent_days = 35
    }
  }

  # What somebody took out of a conversation is not to lie about for a month; a week undoes a mistake of ours.
  rule {
    id     = "private-files-a-week-longer"
    status = "Enabled"
    filter {
      prefix = "private/"
    }
    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }

  rule {
    id     = "remains-of-nothing"
    status = "Enabled"
    filter {}
    expiration {
      expired_object_delete_marker = true
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.media]
}

resource "aws_s3_bucket_cors_configuration" "media" {
  count = length(local.origins) > 0 ? 1 : 0

  bucket = aws_s3_bucket.media.id
  # A browser puts a file by a presigned address, and gets a message's by one.
  cors_rule {
    allowed_origins = local.origins
    allowed_methods = ["GET", "PUT"]
    allowed_headers = ["content-type"]
    expose_headers  = ["etag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_policy" "media" {
  #checkov:skip=CKV_AWS_70: only the emulator lets anybody read renditions/
  bucket = aws_s3_bucket.media.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.emulated ? [] : [local.tls_only["media"]], [{
      Sid       = "RenditionsToTheDistribution"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = { Service = "cloudfront.amazonaws.com" }
      Resource  = "${aws_s3_bucket.media.arn}/renditions/*"
      Condition = { StringEquals = { "aws:SourceArn" = aws_cloudfront_distribution.media.arn } }
      }], local.emulated ? [{
      Sid       = "RenditionsToAnybody"
      Effect    = "Allow"
      Action    = "s3:GetObject"
      Principal = "*"
      Resource  = "${aws_s3_bucket.media.arn}/renditions/*"
    }] : [])
  })

  depends_on = [aws_s3_bucket_public_access_block.media]
}

resource "aws_s3_bucket_notification" "media" {
  bucket = aws_s3_bucket.media.id

  dynamic "lambda_function" {
    for_each = local.uploads
    content {
      id                  = lambda_function.key
      events              = ["s3:ObjectCreated:*"]
      filter_prefix       = lambda_function.value.trigger.prefix
      lambda_function_arn = module.function[lambda_function.key].permitted_arn
    }
  }
}

resource "aws_cloudfront_origin_access_control" "media" {
  name                              = "${local.prefix}-media"
  description                       = "Reads renditions for ${local.prefix}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "media" {
  #checkov:skip=CKV_AWS_259: it is strict; subdomains and browsers' preload lists are for the domain's owner to promise, not for a host of pictures
  name    = "${local.prefix}-media"
  comment = "Pictures and nothing else"

  security_headers_config {
    content_security_policy {
      content_security_policy = "default-src 'none'"
      override                = true
    }
    content_type_options {
      override = true
    }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = false
      override                   = true
    }
  }

  custom_headers_config {
    # Pages of any origin show them.
    items {
      header   = "cross-origin-resource-policy"
      value    = "cross-origin"
      override = true
    }
  }
}

resource "aws_cloudfront_distribution" "media" {
  #checkov:skip=CKV_AWS_68: there is nothing behind it but objects; a firewall costs more than all of it
  #checkov:skip=CKV_AWS_86: who looked at which picture is not recorded
  #checkov:skip=CKV_AWS_174: a certificate of one's own comes with TLS 1.2; CloudFront's own sets its minimum itself
  #checkov:skip=CKV_AWS_305: there is no page at its root
  #checkov:skip=CKV_AWS_310: the origin is one bucket
  #checkov:skip=CKV_AWS_374: pictures may be looked at from anywhere
  #checkov:skip=CKV2_AWS_42: a certificate of one's own is a variable
  #checkov:skip=CKV2_AWS_47: there is nothing behind it but objects
  comment         = "${local.prefix} pictures"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_200"
  aliases         = var.domains.media == null ? [] : [var.domains.media.name]

  origin {
    origin_id                = "media"
    domain_name              = aws_s3_bucket.media.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.media.id
  }

  default_cache_behavior {
    target_origin_id       = "media"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    viewer_protocol_policy = "redirect-to-https"
    compress               = false
    # AWS's own policy "CachingOptimized": no query, no cookie, no header makes another copy.
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.media.id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domains.media == null
    acm_certificate_arn            = try(var.domains.media.certificate_arn, null)
    minimum_protocol_version       = var.domains.media == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.domains.media == null ? null : "sni-only"
  }
}
