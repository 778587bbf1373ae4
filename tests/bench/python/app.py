"""GET /accounts/{accountId}, as functions/accounts/src/account_show.rs does it."""

import hashlib
import json
import os
import re
import time

import boto3

client = boto3.client("dynamodb")
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
cold = True


def handler(event, context):
    global cold
    started = time.perf_counter()
    account_id = (event.get("pathParameters") or {}).get("accountId", "")
    status, body, read_units = 404, json.dumps({"code": "not_found", "status": 404}), 0
    if ID.fullmatch(account_id):
        reply = client.get_item(
            TableName=os.environ["TABLE_NAME"],
            Key={"pk": {"S": f"ACCOUNT#{account_id}"}, "sk": {"S": "ACCOUNT"}},
            ReturnConsumedCapacity="TOTAL",
        )
        read_units = reply.get("ConsumedCapacity", {}).get("CapacityUnits", 0)
        if item := reply.get("Item"):
            status = 200
            body = json.dumps(
                {
                    "id": account_id,
                    "nickname": item["nickname"]["S"],
                    "withdrawn": False,
                    "image": None,
                    "region": item.get("region", {}).get("S"),
                    "createdAt": next(iter(item["createdAt"].values())),
                }
            )
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:24]}"'
    print(
        json.dumps(
            {
                "route": "account_show",
                "requestId": context.aws_request_id,
                "status": status,
                "ms": (time.perf_counter() - started) * 1000,
                "readUnits": read_units,
                "cold": cold,
            }
        )
    )
    cold = False
    if event.get("headers", {}).get("if-none-match") == etag:
        return {"statusCode": 304, "headers": {"etag": etag}}
    headers = {"content-type": "application/json", "cache-control": "no-store", "etag": etag}
    return {"statusCode": status, "headers": headers, "body": body}
