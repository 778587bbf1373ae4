#!/bin/sh
# Requests made from the OpenAPI document, well-formed and hostile, against a laptop cloud: none may get a 5xx, and every
# reply must be one that the document names. Usage: run.sh <schemathesis> <cases an operation>
set -eu
cd "$(dirname "$0")/../.."
schemathesis=$1
cases=$2
port=${FUZZ_PORT:-3917}
url=http://127.0.0.1:$port
log=target/fuzz.log
program=${CARGO_TARGET_DIR:-target}/debug/local

"$program" --memory --quiet --port "$port" >"$log" 2>&1 &
cloud=$!
trap 'kill $cloud 2>/dev/null || true' EXIT INT TERM

# Whoever leaves, or signs out, cannot go on testing: those are for the round without a token.
tries=0
until session=$(curl --silent --fail "$url/auth/session" --header 'content-type: application/json' \
    --data '{"email":"admin@example.com","password":"madang-2026!"}'); do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { echo "the laptop cloud did not start:" >&2; cat "$log" >&2; exit 1; }
    sleep 0.1
done
token=$(printf '%s' "$session" | sed -E 's/.*"accessToken":"([^"]+)".*/\1/')

fuzz() {
    PYTHONWARNINGS=ignore "$schemathesis" --config-file tests/fuzz/schemathesis.toml run docs/openapi.json --url "$url" --max-examples "$cases" \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --workers 2 --no-color --seed 20261121 "$@"
}

echo "as an administrator:"
fuzz --header "Authorization: Bearer $token" --exclude-operation-id accounts.me_delete
echo "as nobody:"
fuzz
