#!/usr/bin/env python3
"""Writes the tables of docs/cost.md: what Madang costs a month, by the units each route was counted to take.

    infra/cost/cost.py            write them
    infra/cost/cost.py --check    fail when they are stale, or when the example done by hand there says something else

Reads routes.json (memory of each function), the replies recorded beside the event files (units of the table), usage.json
(what a person does in a month) and prices.json. Needs Python 3.9 and nothing else.
"""

import argparse
import json
import math
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DOCUMENT = ROOT / "docs" / "cost.md"
BEGIN, END = "<!-- begin cost: infra/cost/cost.py writes this -->", "<!-- end cost -->"
PEOPLE = [0, 1_000, 100_000, 10_000_000]
HOURS = 720
SECONDS = HOURS * 3600
GB = 2**30
# Lambda gives one whole processor at this memory.
ONE_PROCESSOR_MB = 1769
# How often a function's process is still there when the next call comes: AWS does not say; ten minutes is usual.
KEPT_WARM_HOURS = 1 / 6


def complain(sentence):
    sys.exit(f"cost: {sentence}")


def read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        complain(f"{path.relative_to(ROOT)}: {error}")


def counted_units():
    """What one call of each function took of the table: recorded beside its event file."""
    units = {}
    for path in sorted(ROOT.glob("events/*/*.reply.json")):
        reply = read(path)
        name, took = reply["function"], reply["took"]
        # A function's first event; `create.rental.reply.json` is a second one of `listings.create`.
        if path.name != name.split(".", 1)[1] + ".reply.json" or took.get("readUnits") is None:
            continue
        body = reply["reply"].get("body") if isinstance(reply["reply"], dict) else None
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        units[name] = dict(took, body=len(text.encode()) if body is not None else 0)
    return units


def dollars(price, amount):
    if "usd" in price:
        return amount / price["per"] * price["usd"]
    total, below = 0.0, 0.0
    for upto, usd in price["tiers"]:
        part = max(0.0, min(amount, upto if upto is not None else amount) - below)
        total += part / price["per"] * usd
        below = upto if upto is not None else below
    return total


def merged(calls, people):
    """Calls of one kind: (entry of usage.json, how many a month)."""
    return [(call, call["times"] * people) for call in calls["calls"]] + [(call, call["times"]) for call in calls["fixed_calls"]]


class Month:
    """What a month with so many people uses: amounts by the names in prices.json."""

    def __init__(self, people, routes, units, usage):
        self.people = people
        self.amount = amount = {}
        calls = merged(usage, people)
        unknown = sorted({call["route"] for call, _ in calls} - set(routes))
        if unknown:
            complain(f"usage.json names what routes.json has not: {', '.join(unknown)}")
        uncounted = sorted({call["route"] for call, _ in calls if call["route"] not in units and "writeUnits" not in call})
        if uncounted:
            complain(f"nobody has counted the units of {', '.join(uncounted)}")

        by_route = {}
        for call, times in calls:
            by_route[call["route"]] = by_route.get(call["route"], 0) + times
        # By the clock, not at random: every five minutes is never cold and is seen each hour.
        fixed = {call["route"]: call["times"] for call in usage["fixed_calls"]}
        kept_warm = {route for route, times in fixed.items() if times / HOURS * KEPT_WARM_HOURS >= 1}
        each_hour = {route for route, times in fixed.items() if times >= HOURS}
        cold = {
            route: 0.005 if route in kept_warm else max(0.005, math.exp(-times / HOURS * KEPT_WARM_HOURS))
            for route, times in by_route.items()
            if times > 0
        }

        written = usage["written_by_schedules"]
        self.invocations = sum(by_route.values())
        self.cold = sum(cold[route] * times for route, times in by_route.items() if times > 0) / self.invocations
        reads, writes = written["readUnits"] * people, written["writeUnits"] * people
        gb_seconds = out = requests = frames = connections = 0.0
        for call, times in calls:
            if times == 0:
                continue
            row = routes[call["route"]]
            took = units.get(call["route"], {})
            reads += times * call.get("readUnits", took.get("readUnits", 0))
            writes += times * call.get("writeUnits", took.get("writeUnits", 0))
            milliseconds = self.milliseconds(call, row, took, usage["duration"])
            milliseconds += cold[call["route"]] * usage["duration"]["cold_ms"]
            gb_seconds += times * math.ceil(milliseconds) / 1000 * row["memory"] / 1024
            if row["trigger"]["type"] == "http":
                reply = usage["bytes_a_reply"]
                size = call.get("bytes", took.get("body", reply["body"]) + reply["headers"])
                requests += times * max(1, math.ceil(size / (512 * 1024)))
                out += times * size / GB
            if row["trigger"]["type"] == "socket":
                connects = row["trigger"]["route"] in ("$connect", "$disconnect")
                connections, frames = connections + times * connects, frames + times * (not connects)
        live = usage["live"]
        out += live["frames_out"] * live["bytes_out"] * people / GB
        preflights = requests * usage["preflights_per_request"]["value"]
        self.requests = requests
        self.frames_in = frames

        log, kept = usage["log"], usage["kept"]
        lines = len((log["sample_line"] + "\n" + log["sample_platform"]).encode()) * self.invocations / GB
        access = len((log["sample_access"] + "\n").encode()) * (requests + preflights) / GB
        access += len((log["sample_frame"] + "\n").encode()) * (frames + connections) / GB
        hours_seen = sum(1 if route in each_hour else 1 - math.exp(-times / HOURS) for route, times in by_route.items())
        uploads = sum(times for call, times in calls if call["route"] == "media.create")
        table = (kept["listings"] * kept["kilobytes_a_listing"] + kept["kilobytes_of_a_person"]) * people * 1024 / GB
        pictures = kept["listings"] * kept["pictures_each"] * kept["kilobytes_a_picture"] * people * 1000 / GB
        waiting = uploads * usage["uploads"]["megabytes"] * 1e6 / GB * usage["uploads"]["kept_days"] / 30
        looked_at = usage["pictures"]["requests"] * people
        # X-Ray: the first of each second, and one in twenty of the others.
        seconds_seen = SECONDS * (1 - math.exp(-self.invocations / SECONDS))

        amount["people"] = people
        amount["pictures_out"] = usage["pictures"]["megabytes"] * 1e6 * people / GB
        amount["pictures_requests"] = looked_at
        amount["table_writes"] = writes
        amount["table_reads"] = reads
        amount["table_storage"] = table
        amount["table_recovery"] = table * kept["share_in_table"]
        amount["http_requests"] = requests + preflights
        amount["socket_messages"] = frames + live["frames_out"] * people
        amount["socket_minutes"] = live["minutes"] * people
        amount["data_out"] = out
        amount["lambda_requests"] = self.invocations
        amount["lambda_gb_seconds"] = gb_seconds
        amount["log_lines"] = lines
        amount["log_access"] = access
        amount["log_storage"] = (lines + access) * log["retention_months"] * log["compressed_to"]
        amount["metrics"] = log["metrics_a_route"] * hours_seen
        amount["alarms"] = alarms(routes)
        amount["dashboards"] = 1
        amount["traces"] = seconds_seen + 0.05 * (self.invocations - seconds_seen)
        amount["bucket_storage"] = pictures + waiting
        amount["bucket_puts"] = uploads * usage["uploads"]["puts_each"]
        amount["bucket_gets"] = uploads + looked_at * usage["pictures"]["missed"]
        amount["mails"] = usage["mails"]["value"] * people

    @staticmethod
    def milliseconds(call, row, took, how):
        """How long a warm call is assumed to take."""
        if "ms" in call:
            return call["ms"]
        name = call["route"]
        cpu = how["cpu_ms"] + how["cpu_ms_each_table_call"] * took.get("calls", 0) + how["extra_cpu_ms"].get(name, 0)
        waiting = how["ms_a_round_trip"] * took.get("roundTrips", 0) + how["extra_ms"].get(name, 0)
        waiting += how["pool_ms"] if name in how["pool_routes"] else 0
        return cpu * max(1, ONE_PROCESSOR_MB / row["memory"]) + waiting


def alarms(routes):
    """As alarms.tf makes them, with alarm_each_function left false."""
    unattended = sum(row["access"] == "machine" for row in routes.values())
    limited = sum(row.get("concurrency") is not None for row in routes.values())
    streams = sum(row["trigger"]["type"] == "stream" for row in routes.values())
    sockets = any(row["trigger"]["type"] == "socket" for row in routes.values())
    return unattended + limited + streams + 2 + 5 + 2 * sockets


ROWS = [
    ("Cognito: monthly people", "people"),
    ("CloudFront: pictures out", "pictures_out"),
    ("CloudFront: requests", "pictures_requests"),
    ("DynamoDB: writes", "table_writes"),
    ("DynamoDB: reads", "table_reads"),
    ("DynamoDB: storage", "table_storage"),
    ("DynamoDB: recovery to any second", "table_recovery"),
    ("API Gateway: requests", "http_requests"),
    ("API Gateway: frames in and out", "socket_messages"),
    ("API Gateway: minutes connected", "socket_minutes"),
    ("data out of the APIs", "data_out"),
    ("Lambda: invocations", "lambda_requests"),
    ("Lambda: time", "lambda_gb_seconds"),
    ("CloudWatch: lines of functions", "log_lines"),
    ("CloudWatch: lines of the APIs", "log_access"),
    ("CloudWatch: lines kept", "log_storage"),
    ("CloudWatch: metrics", "metrics"),
    ("CloudWatch: alarms", "alarms"),
    ("CloudWatch: dashboard", "dashboards"),
    ("X-Ray: traces", "traces"),
    ("S3: storage", "bucket_storage"),
    ("S3: writes", "bucket_puts"),
    ("S3: reads", "bucket_gets"),
    ("SES: mails", "mails"),
]


def free(month, prices, usage):
    """What the allowances that AWS gives every month for ever are worth."""
    allowed, total = usage["free"], 0.0
    for name, limit in allowed.items():
        if name in month.amount:
            used = month.amount[name]
            total += dollars(prices[name], used) - dollars(prices[name], max(0, used - limit))
    oidc = month.people * usage["by_oidc"]["value"]
    free_people = min(oidc, allowed["people_oidc"]) + min(month.people - oidc, allowed["people_direct"])
    return total + dollars(prices["people"], free_people)


def money(value):
    if value == 0:
        return "0"
    if value < 0.005:
        return "< 0.01"
    return f"{value:,.2f}" if value < 1000 else f"{value:,.0f}"


def many(value):
    if value == 0:
        return "0"
    for size, word in ((1e9, " bn"), (1e6, " m"), (1e3, " k")):
        if value >= size * 0.9995:
            return f"{value / size:,.3g}{word}" if value < size * 1000 else f"{value / size:,.0f}{word}"
    return f"{value:,.3g}"


def table(head, rows):
    aligned = ["---"] + ["--:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, aligned] + rows)


def lite(people, prices, usage):
    """What the pool would cost on the plan Lite: people by OIDC cost the same there."""
    oidc = people * usage["by_oidc"]["value"]
    return dollars(prices["people"], oidc) + dollars(prices["people_lite"], people - oidc)


def block(months, prices, usage, units, routes):
    costs = {month.people: {name: dollars(prices[name], month.amount[name]) for _, name in ROWS} for month in months}
    totals = {people: sum(cost.values()) for people, cost in costs.items()}
    head = ["dollars a month"] + [f"{people:,} people" for people in PEOPLE]
    rows = [[label] + [money(costs[people][name]) for people in PEOPLE] for label, name in ROWS]
    rows.append(["**all of it**"] + [f"**{money(totals[people])}**" for people in PEOPLE])
    rows.append(["a person"] + ["–" if people == 0 else f"{totals[people] / people:.4f}" for people in PEOPLE])
    rest = {people: totals[people] - costs[people]["people"] for people in PEOPLE}
    rows.append(["a person, without Cognito"] + ["–" if people == 0 else f"{rest[people] / people:.4f}" for people in PEOPLE])
    gifts = {month.people: free(month, prices, usage) for month in months}
    rows.append(["allowances that never end, not taken off above"] + [money(gifts[people]) for people in PEOPLE])
    rows.append(["all of it less these"] + [money(max(0.0, totals[people] - gifts[people])) for people in PEOPLE])

    peak = usage["peak"]["value"]
    load = [
        ["requests a month"] + [many(month.requests) for month in months],
        ["requests a second, mean"] + [f"{month.requests / SECONDS:,.2f}" for month in months],
        [f"requests a second, peak (× {peak})"] + [f"{month.requests / SECONDS * peak:,.1f}" for month in months],
        ["frames in a month"] + [many(month.frames_in) for month in months],
        ["frames out a month"] + [many(month.amount["socket_messages"] - month.frames_in) for month in months],
        [f"frames in and out a second, peak (× {peak})"] + [f"{month.amount['socket_messages'] / SECONDS * peak:,.1f}" for month in months],
        ["connections open, mean"] + [many(month.amount["socket_minutes"] / SECONDS * 60) for month in months],
        ["invocations a month"] + [many(month.invocations) for month in months],
        ["of these on a cold start"] + [f"{month.cold:.1%}" for month in months],
        ["GB-seconds a month"] + [many(month.amount["lambda_gb_seconds"]) for month in months],
        ["read units a month"] + [many(month.amount["table_reads"]) for month in months],
        ["write units a month"] + [many(month.amount["table_writes"]) for month in months],
        [f"write units a second, peak (× {peak})"] + [f"{month.amount['table_writes'] / SECONDS * peak:,.1f}" for month in months],
        ["table, GB"] + [many(month.amount["table_storage"]) for month in months],
        ["pictures kept, GB"] + [many(month.amount["bucket_storage"]) for month in months],
        ["metrics, by the hours they are seen"] + [f"{month.amount['metrics']:.1f}" for month in months],
    ]

    one = months[2]
    amounts = [
        [label, many(one.amount[name]), prices[name]["unit"], price_of(prices[name]), prices[name]["where"], money(costs[one.people][name])]
        for label, name in ROWS
    ]
    shares = sorted(((costs[PEOPLE[-1]][name] / totals[PEOPLE[-1]], label) for label, name in ROWS), reverse=True)[:6]
    lines = [f"{label} {share:.0%}" for share, label in shares]

    called = {call["route"] for call in usage["calls"] + usage["fixed_calls"]}
    recorded = called & set(units)
    said = sorted({call["route"] for call in usage["calls"] + usage["fixed_calls"] if "writeUnits" in call or "readUnits" in call})
    uncalled = sorted(set(routes) - called)
    notes = [
        f"Units: of {len(recorded)} functions as recorded beside their event file; "
        f"usage.json says its own for {', '.join(f'`{name}`' for name in said)}, which depend on how much there is.",
        f"Not called in this model: {', '.join(f'`{name}`' for name in uncalled) or 'none'}.",
        f"At {PEOPLE[-1]:,} people: {', '.join(lines)}.",
        f"The pool on the plan Lite: {', '.join(f'{money(lite(people, prices, usage))} for {people:,}' for people in PEOPLE[1:])}.",
    ]
    return "\n\n".join([
        BEGIN,
        table(head, rows),
        "What it is made of:",
        table(["a month"] + head[1:], load),
        f"One column in full, {one.people:,} people:",
        table(["", "amount", "of", "dollars", "price of", "dollars a month"], amounts),
        "\n".join(f"- {note}" for note in notes),
        END,
    ])


def price_of(price):
    per = {1: "", 1000: " / 1,000", 10000: " / 10,000", 1000000: " / m"}[price["per"]]
    first = price["usd"] if "usd" in price else price["tiers"][0][1]
    return f"{first:.10f}".rstrip("0").rstrip(".") + per + ("" if "usd" in price else ", then less")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when docs/cost.md is stale")
    arguments = parser.parse_args()

    routes = {row["name"]: row for row in read(ROOT / "infra/terraform/routes.json")}
    prices, usage, units = read(HERE / "prices.json")["prices"], read(HERE / "usage.json"), counted_units()
    months = [Month(people, routes, units, usage) for people in PEOPLE]
    new = block(months, prices, usage, units, routes)

    text = DOCUMENT.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        complain(f"docs/cost.md must have each of the lines {BEGIN} and {END} once")
    before, rest = text.split(BEGIN)
    wanted = before + new + rest.split(END)[1]

    faults = []
    # <!-- by hand: table_reads 100000 12.34 -->
    for name, people, value in re.findall(r"<!-- by hand: (\w+) (\d+) ([\d.]+) -->", text):
        month = months[PEOPLE.index(int(people))]
        computed = dollars(prices[name], month.amount[name])
        if abs(computed - float(value)) > 0.01 * computed:
            faults.append(f"the example by hand in docs/cost.md says {value} dollars for {name}, the script {computed:.2f}")
    if arguments.check and wanted != text:
        faults.append("docs/cost.md is stale: run infra/cost/cost.py")
    if not arguments.check and wanted != text:
        DOCUMENT.write_text(wanted)
    if faults:
        complain("; ".join(faults))


if __name__ == "__main__":
    main()
