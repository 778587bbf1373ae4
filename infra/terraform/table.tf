# The one table. docs/table.md has the chart of its keys.

resource "aws_dynamodb_table" "this" {
  #checkov:skip=CKV_AWS_119: encrypted by DynamoDB's own key; a key of one's own costs a dollar a month and three cents each 10,000 requests
  #checkov:skip=CKV2_AWS_16: on demand: there is nothing to scale
  name         = coalesce(var.table, "${local.prefix}-table")
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk", "gsi3pk", "gsi3sk"]
    content {
      name = attribute.value
      type = "S"
    }
  }

  # hash_key and range_key: later releases of provider 6 would rather have key_schema here, which 5.100 does not know.
  # Keys only: a page reads its items by BatchGetItem, and an edit rewrites no index.
  dynamic "global_secondary_index" {
    for_each = ["gsi1", "gsi2", "gsi3"]
    content {
      name            = global_secondary_index.value
      hash_key        = "${global_secondary_index.value}pk"
      range_key       = "${global_secondary_index.value}sk"
      projection_type = "KEYS_ONLY"
    }
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }
}
