#!/usr/bin/env python3
"""What run.sh asks of the emulator and of other programs' JSON.

    emulator.py prepare PROCESS       waits until it answers; makes the state's bucket and the providers' secrets
    emulator.py outputs ENDPOINT      `terraform output -json` as the file that MADANG_DEPLOYMENT names
    emulator.py program NAME          the test program NAME in cargo's messages
    emulator.py leftovers             complains of what is still there after destroy
"""

import json
import os
import sys
import time

# Made before Terraform, by hand on AWS: the bucket of the state, and what the providers gave.
STATE_BUCKET = "madang-state"
SECRETS = ["/madang/test/google", "/madang/test/kakao", "/madang/test/naver"]


def client(service):
    import botocore.config  # of the emulator's own venv
    import botocore.session

    config = botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return botocore.session.get_session().create_client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=config)


def prepare(process):
    from botocore.exceptions import BotoCoreError

    s3, ssm = client("s3"), client("ssm")
    until = time.monotonic() + 120
    while True:
        try:
            s3.create_bucket(Bucket=STATE_BUCKET)
            break
        except BotoCoreError as error:
            os.kill(int(process), 0)
            if time.monotonic() > until:
                sys.exit(f"emulator: {error}")
            time.sleep(0.2)
    for name in SECRETS:
        ssm.put_parameter(Name=name, Value=f"secret of {name}", Type="SecureString")


def outputs(endpoint):
    values = {name: output["value"] for name, output in json.load(sys.stdin).items()}
    values.update(
        endpoint_url=endpoint,
        access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
        secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    )
    print(json.dumps(values, indent=2))


def program(name):
    messages = (json.loads(line) for line in sys.stdin if line.startswith("{"))
    found = [
        message["executable"]
        for message in messages
        if message.get("executable") and message["target"]["name"] == name and message["profile"]["test"]
    ]
    if len(found) != 1:
        sys.exit(f"emulator: cargo made {len(found)} test programs named {name}")
    print(found[0])


# What a deployment makes, as each service lists it.
LISTS = [
    ("lambda", "list_functions", "Functions", "FunctionName"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("iam", "list_roles", "Roles", "RoleName"),
    ("dynamodb", "list_tables", "TableNames", None),
    ("s3", "list_buckets", "Buckets", "Name"),
    ("apigatewayv2", "get_apis", "Items", "Name"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("events", "list_rules", "Rules", "Name"),
    ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    ("sesv2", "list_email_identities", "EmailIdentities", "IdentityName"),
    ("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items", "Name"),
    ("cloudfront", "list_distributions", "DistributionList.Items", "Comment"),
]


def leftovers():
    left = []
    for service, operation, path, name in LISTS:
        found = getattr(client(service), operation)()
        for step in path.split("."):
            found = (found or {}).get(step)
        left += [f"{service}: {item[name] if name else item}" for item in found or []]
    pools = client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    left += [f"cognito-idp: {pool['Name']}" for pool in pools]
    account = client("sts").get_caller_identity()["Account"]
    left += [f"budgets: {budget['BudgetName']}" for budget in client("budgets").describe_budgets(AccountId=account).get("Budgets", [])]
    left = [thing for thing in left if thing != f"s3: {STATE_BUCKET}"]
    if left:
        sys.exit("emulator: still there after destroy:\n  " + "\n  ".join(left))
    print(f"   nothing is left: {len(LISTS) + 2} kinds of things were asked for")


if __name__ == "__main__":
    commands = {"prepare": prepare, "outputs": outputs, "program": program, "leftovers": leftovers}
    commands[sys.argv[1]](*sys.argv[2:])
