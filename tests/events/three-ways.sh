#!/bin/sh
# Tries every event file by the three ways that need no Docker, and compares each reply with the recorded one:
#   a  `local invoke`: in process, a cloud of its own for each
#   b  `cargo lambda invoke --data-file`, on a cloud that stands at the seed's moment
#   c  curl to Lambda's API, on such a cloud whose functions are processes of their own, fed by the Runtime API
# Usage: tests/events/three-ways.sh <cargo-lambda>, after `cargo build` of the bootstraps and of `local`.
set -eu
CARGO_LAMBDA=${1:?the cargo-lambda program}
cd "$(dirname "$0")/../.."
BUILT=${CARGO_TARGET_DIR:-target}/debug
LOCAL=$BUILT/local
WORK=$(mktemp -d)
CLOUDS=
# Only what was started here is ended here.
trap 'for pid in $CLOUDS; do kill "$pid" 2>/dev/null || :; done; wait; rm -rf "$WORK"' EXIT INT TERM

FILES=$(find events -name '*.json' ! -name '*.reply.json' | LC_ALL=C sort)
COUNT=$(echo "$FILES" | wc -l)

# Starts a cloud on a free port; says where it is.
cloud() { # its name, further arguments
  name=$1
  shift
  "$LOCAL" --memory --demo-time --quiet --port 0 "$@" >"$WORK/$name.said" 2>&1 &
  CLOUDS="$CLOUDS $!"
  tries=0
  until grep -q 'API  ' "$WORK/$name.said"; do
    tries=$((tries + 1))
    [ "$tries" -lt 300 ] || { cat "$WORK/$name.said" >&2; return 1; }
    sleep 0.1
  done
  URL=$(sed -n 's/^ *API  *\(http[^ ]*\)$/\1/p' "$WORK/$name.said" | head -1)
}

by_cargo_lambda() { # function, file
  "$CARGO_LAMBDA" lambda invoke "$1" --data-file "$2" --invoke-address 127.0.0.1 --invoke-port "${URL##*:}"
}

by_curl() { # function, file
  curl -s --noproxy '*' "$URL/2015-03-31/functions/$1/invocations" --data-binary "@$2"
}

# Every file by one of these, each on the seed as it was.
each() { # name, command
  name=$1
  command=$2
  failed=0
  for file in $FILES; do
    path=${file#events/}
    base=${path##*/}
    function=${path%%/*}.${base%%.*}
    curl -s -f --noproxy '*' -X POST "$URL/_local/reset" || { echo "no reset"; return 1; }
    if $command "$function" "$file" >"$WORK/$name.reply" 2>"$WORK/$name.error" &&
      "$LOCAL" compare "$file" --api "$URL" <"$WORK/$name.reply" >"$WORK/$name.found" 2>&1; then
      echo "ok   $name $file"
    else
      failed=$((failed + 1))
      echo "FAIL $name $file"
      cat "$WORK/$name.error" "$WORK/$name.found" 2>/dev/null | head -20
      head -c 300 "$WORK/$name.reply"
    fi
  done
  echo "$name: $((COUNT - failed)) passed, $failed failed" >"$WORK/$name.sum"
}

# shellcheck disable=SC2086
"$LOCAL" invoke --check $FILES >"$WORK/a.out" || :
echo "in process: $(tail -1 "$WORK/a.out")" >"$WORK/a.sum"
# These two side by side: each has a cloud of its own.
cloud cargo-lambda
each cargo-lambda by_cargo_lambda >"$WORK/b.out" &
SECOND=$!
cloud processes --processes "$BUILT"
each processes by_curl >"$WORK/c.out"
wait $SECOND || :

sed '/^ok /d; /passed, [0-9]* failed$/d' "$WORK/a.out" "$WORK/b.out" "$WORK/c.out" || :
cat "$WORK/a.sum" "$WORK/cargo-lambda.sum" "$WORK/processes.sum"
failed=$(grep -h -c '^FAIL' "$WORK/a.out" "$WORK/b.out" "$WORK/c.out" | awk '{ n += $1 } END { print n }')
passed=$(cat "$WORK/a.out" "$WORK/b.out" "$WORK/c.out" | grep -c '^ok ')
echo "$passed passed, $failed failed"
[ "$passed" -eq $((3 * COUNT)) ] && [ "$failed" -eq 0 ]
