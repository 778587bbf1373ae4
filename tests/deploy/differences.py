#!/usr/bin/env python3
"""Compares what a second plan would change (`terraform show -json`, on standard input) with the list of what is known to
differ on the emulator. What is new fails, and so does what is listed and differs no more: the list may only shrink.

    terraform show -json plan | differences.py known-differences.json

The list: resource address => attribute path => why. An address or a path may have * for any key or index. What is listed
of a resource that routes.json does not ask for is passed over.
"""

import fnmatch
import json
import sys


def differing(before, after, unknown, path=""):
    """The paths of attributes that would change."""
    if unknown is True:
        yield f"{path} (known after apply)"
    elif isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after, *(unknown or {})}):
            below = f"{path}.{key}" if path else key
            yield from differing(before.get(key), after.get(key), (unknown or {}).get(key), below)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after)):
            nested = unknown[index] if isinstance(unknown, list) and index < len(unknown) else None
            yield from differing(old, new, nested, f"{path}[{index}]")
    elif before != after:
        yield path


def changes(plan):
    for resource in plan.get("resource_changes", []):
        change = resource["change"]
        if change["actions"] in (["no-op"], ["read"]):
            continue
        if change["actions"] != ["update"]:
            yield resource["address"], "+".join(change["actions"])
            continue
        for path in differing(change["before"], change["after"], change.get("after_unknown")):
            yield resource["address"], path
    for name, change in plan.get("output_changes", {}).items():
        if change["actions"] != ["no-op"]:
            yield f"output.{name}", "+".join(change["actions"])


def pattern(text):
    """* is the one character with a meaning."""
    return text.replace("[", "[[]")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        listed = json.load(file)
    known = {(address, path) for address, paths in listed.items() for path in paths}
    plan = json.load(sys.stdin)
    addresses = [resource["address"] for resource in plan.get("resource_changes", [])]
    known = {pair for pair in known if any(fnmatch.fnmatchcase(address, pattern(pair[0])) for address in addresses)}
    found = sorted(set(changes(plan)))
    used = set()
    fresh = []
    for address, path in found:
        fitting = {
            pair for pair in known if fnmatch.fnmatchcase(address, pattern(pair[0])) and fnmatch.fnmatchcase(path, pattern(pair[1]))
        }
        used |= fitting
        if not fitting:
            fresh.append((address, path))
    for address, path in fresh:
        print(f"a second plan would change {address}: {path}", file=sys.stderr)
    for address, path in sorted(known - used):
        print(f"listed in {sys.argv[1]} and different no more, take it out: {address}: {path}", file=sys.stderr)
    if fresh or known - used:
        sys.exit(1)
    print(f"   {len(found)} attributes differ, all known: the emulator's")


if __name__ == "__main__":
    main()
