# The client in a browser, where it is wanted (`web`): the files of web/dist, which only CloudFront reads.

locals {
  web = toset(var.web ? ["this"] : [])

  web_files = toset([for file in fileset(var.web_dist, "**") : file if var.web && file != "config.json" && !can(regex("(^|/)\\.", file))])
  web_types = {
    css         = "text/css; charset=utf-8"
    gif         = "image/gif"
    html        = "text/html; charset=utf-8"
    ico         = "image/x-icon"
    jpeg        = "image/jpeg"
    jpg         = "image/jpeg"
    js          = "text/javascript; charset=utf-8"
    json        = "application/json"
    map         = "application/json"
    mjs         = "text/javascript; charset=utf-8"
    mp3         = "audio/mpeg"
    png         = "image/png"
    svg         = "image/svg+xml"
    txt         = "text/plain; charset=utf-8"
    wasm        = "application/wasm"
    webmanifest = "application/manifest+json"
    webp        = "image/webp"
    woff2       = "font/woff2"
  }

  web_urls = { for name in local.web : name => "https://${var.domains.web != null ? var.domains.web.name : aws_cloudfront_distribution.web[name].domain_name}" }

  # Whoever may call from a browser and be returned to after the hosted sign-in: the pages named, and this one.
  origins     = concat(var.allowed_origins, values(local.web_urls))
  return_urls = concat(var.return_urls, [for url in values(local.web_urls) : "${url}/"])

  # What the page may speak to. The APIs stand here by their pattern: the HTTP API itself is told of the distribution.
  web_speaks_to = concat(
    [for scheme in ["https", "wss"] : "${scheme}://*.execute-api.${var.region}.${data.aws_partition.this.dns_suffix}"],
    [for scheme, domain in { https = var.domains.api, wss = var.domains.sockets } : "${scheme}://${domain.name}" if domain != null],
    ["https://${aws_s3_bucket.media.bucket_regional_domain_name}"],
  )
  web_shows = [local.media_url, "https://${aws_s3_bucket.media.bucket_regional_domain_name}"]

  # The laptop cloud says the same of any address (infra/local/src/web.rs).
  web_policy = join("; ", [
    "default-src 'self'",
    "connect-src 'self' ${join(" ", local.web_speaks_to)}",
    "img-src 'self' data: blob: ${join(" ", local.web_shows)}",
    "media-src 'self' blob: ${join(" ", local.web_shows)}",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ])
}

resource "aws_s3_object" "web" {
  #checkov:skip=CKV_AWS_186: see the bucket: S3's own key
  for_each = local.web_files

  bucket       = aws_s3_bucket.artifacts.id
  key          = "web/${each.value}"
  source       = "${var.web_dist}/${each.value}"
  etag         = filemd5("${var.web_dist}/${each.value}")
  content_type = local.web_types[lower(reverse(split(".", each.value))[0])]
  # Names stay the same from one deployment to the next: asked for each time, answered by 304.
  cache_control = "no-cache"

  lifecycle {
    precondition {
      condition     = contains(keys(local.web_types), lower(reverse(split(".", each.value))[0]))
      error_message = "No content type is known for ${each.value}: add it to local.web_types in web.tf and to infra/local/src/web.rs."
    }
  }

  depends_on = [aws_s3_bucket_versioning.artifacts, aws_s3_bucket_ownership_controls.artifacts]
}

# Where the client finds the APIs of this stage.
resource "aws_s3_object" "web_config" {
  #checkov:skip=CKV_AWS_186: see the bucket: S3's own key
  for_each = local.web

  bucket        = aws_s3_bucket.artifacts.id
  key           = "web/config.json"
  content       = jsonencode({ api = local.api_url, live = one(values(local.socket_urls)) })
  content_type  = "application/json"
  cache_control = "no-cache"

  depends_on = [aws_s3_bucket_versioning.artifacts, aws_s3_bucket_ownership_controls.artifacts]
}

resource "aws_cloudfront_origin_access_control" "web" {
  for_each = local.web

  name                              = "${local.prefix}-web"
  description                       = "Reads the client for ${local.prefix}"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_response_headers_policy" "web" {
  #checkov:skip=CKV_AWS_259: it is strict; subdomains and browsers' preload lists are for the domain's owner to promise
  for_each = local.web

  name    = "${local.prefix}-web"
  comment = "The client in a browser"

  security_headers_config {
    content_security_policy {
      content_security_policy = local.web_policy
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
}

resource "aws_cloudfront_distribution" "web" {
  #checkov:skip=CKV_AWS_68: there is nothing behind it but objects; a firewall costs more than all of it
  #checkov:skip=CKV_AWS_86: who looked at the page is not recorded
  #checkov:skip=CKV_AWS_174: a certificate of one's own comes with TLS 1.2; CloudFront's own sets its minimum itself
  #checkov:skip=CKV_AWS_310: the origin is one bucket
  #checkov:skip=CKV_AWS_374: the page may be looked at from anywhere
  #checkov:skip=CKV2_AWS_42: a certificate of one's own is a variable
  #checkov:skip=CKV2_AWS_47: there is nothing behind it but objects
  for_each = local.web

  comment             = "${local.prefix} client"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = "PriceClass_200"
  default_root_object = "index.html"
  aliases             = var.domains.web == null ? [] : [var.domains.web.name]

  origin {
    origin_id                = "web"
    domain_name              = aws_s3_bucket.artifacts.bucket_regional_domain_name
    origin_path              = "/web"
    origin_access_control_id = aws_cloudfront_origin_access_control.web[each.key].id
  }

  default_cache_behavior {
    target_origin_id       = "web"
    allowed_methods        = ["GET", "HEAD"]
    cached_methods         = ["GET", "HEAD"]
    viewer_protocol_policy = "redirect-to-https"
    compress               = true
    # AWS's own policy "CachingOptimized"; what says no-cache is kept for its minimum of one second.
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = aws_cloudfront_response_headers_policy.web[each.key].id
  }

  # Who may not list a bucket is not told that something is missing.
  custom_error_response {
    error_code            = 403
    response_code         = 404
    response_page_path    = "/index.html"
    error_caching_min_ttl = 10
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = var.domains.web == null
    acm_certificate_arn            = try(var.domains.web.certificate_arn, null)
    minimum_protocol_version       = var.domains.web == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.domains.web == null ? null : "sni-only"
  }
}
