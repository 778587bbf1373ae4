locals {
  sends_mail = try(var.mail.verified, false)
  # Until there is a sender that SES knows, functions send none: a stage works without.
  mail_from = local.sends_mail ? var.mail.from : "none"
}

# Who mails come from. A domain is verified by the DNS records in the output mail_dns, an address by the mail it gets.
resource "aws_sesv2_email_identity" "this" {
  for_each = { for name, mail in { this = var.mail } : name => mail if mail != null }

  email_identity = each.value.identity
}
