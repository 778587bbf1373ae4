#!/bin/sh
# Measures everything in docs/performance.md and puts the new tables there; `run.sh starts expiry` measures those alone.
#
# Parts: starts, tables, expiry, cloud, realtime, pictures. Needs Rust, a C compiler, nasm, wrk, strace, Node.js 20 with npm and
# Python 3.11, and is best left alone meanwhile. Everything lands in target/bench.
set -eu
cd "$(dirname "$0")/../.."
here=$PWD/tests/bench
target=${CARGO_TARGET_DIR:-$PWD/target}
work=$target/bench
parts=${*:-starts tables expiry cloud realtime pictures}
mkdir -p "$work"

for tool in nasm wrk strace node npm python3; do
    command -v "$tool" >/dev/null || {
        echo "missing: $tool (on Debian: apt-get install nasm wrk strace nodejs npm python3-venv)" >&2
        exit 1
    }
done
cargo build --release --package accounts --package listings --package media --package rooms --package notifications --package realtime --package changes \
    --package local --package bench --features media/nasm >&2

bench() {
    "$target/release/bench" --programs "$target/release" --work "$work" "$@"
}

# The zip that a deployment would make: one file called bootstrap, the same bytes for the same binary.
zipped() {
    python3 - "$@" <<'PYTHON'
import pathlib, sys, zipfile

target, *sources = sys.argv[1:]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for source in sources:
        root = pathlib.Path(source)
        files = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file() and "__pycache__" not in p.parts)
        for file in files:
            name = "bootstrap" if root.is_file() and not root.suffix else str(file.relative_to(root.parent if root.is_file() else root))
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o755 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read_bytes(), compresslevel=9)
PYTHON
}

starts() {
    for context in accounts listings media changes; do
        zipped "$work/$context.zip" "$target/release/$context"
    done
    # Node looks for packages next to the program, and none belong in the tree.
    mkdir -p "$work/node" "$work/python"
    cp "$here/node/package.json" "$work/node"
    npm install --prefix "$work/node" --no-audit --no-fund --no-package-lock --silent >&2
    cp "$here/node/app.mjs" "$work/node/handler.mjs"
    "$work/node/node_modules/.bin/esbuild" "$work/node/handler.mjs" --bundle --minify --platform=node --target=node20 \
        --format=cjs --outfile="$work/node/app.cjs" --log-level=warning
    mv "$work/node/app.cjs" "$work/node/app.js"
    printf '{"private":true}' >"$work/node/package.json"
    zipped "$work/node.zip" "$work/node/app.js"

    cp "$here/python/app.py" "$here/python/requirements.txt" "$work/python"
    [ -x "$work/python/venv/bin/python" ] || python3 -m venv "$work/python/venv"
    "$work/python/venv/bin/pip" install --quiet --disable-pip-version-check -r "$work/python/requirements.txt" >&2
    "$work/python/venv/bin/pip" install --quiet --disable-pip-version-check --upgrade --target "$work/python/package" \
        boto3=="$(sed -n 's/^boto3==//p' "$work/python/requirements.txt")" >&2
    zipped "$work/python.zip" "$work/python/app.py" "$work/python/package"
    bench starts
}

tables() { bench tables --listings "${LISTINGS:-100000}"; }

# Writes to a disk would measure the disk: the file is put into memory where there is a place for it.
expiry() {
    place=$work
    [ ! -w /dev/shm ] || place=$(mktemp -d /dev/shm/bench.XXXXXX)
    for due in ${DUE:-1000 5000}; do
        "$target/release/bench" --programs "$target/release" --work "$place" expiry --listings "$due"
        echo
    done
    [ "$place" = "$work" ] || rm -r "$place"
}

cloud() {
    bench cloud --load
    # What `make run` starts.
    cargo build --package local >&2
    echo
    bench cloud --name dev --local "$target/debug/local"
}

# Node looks for packages next to the program or above it, and none belong in the tree.
realtime() {
    mkdir -p "$work/tests/bench" "$work/tests/chaos"
    cp -r "$here/realtime" "$work/tests/bench"
    cp tests/chaos/cloud.mjs "$work/tests/chaos"
    cp "$here/realtime/package.json" "$work/tests"
    npm install --prefix "$work/tests" --no-audit --no-fund --no-package-lock --silent >&2
    node "$work/tests/bench/realtime/measure.mjs" --program "$target/release/local"
}

pictures() { CARGO_TARGET_DIR=$target "$here/pictures/run.sh"; }

for part in $parts; do
    "$part" >"$work/$part.md"
    cat "$work/$part.md"
    python3 - "$part" "$work/$part.md" docs/performance.md <<'PYTHON'
import re, sys
from pathlib import Path

part, report, document = sys.argv[1], Path(sys.argv[2]).read_text().strip(), Path(sys.argv[3])
marked = re.compile(rf"(<!-- begin {part} -->\n).*?(<!-- end {part} -->)", re.S)
document.write_text(marked.sub(lambda m: f"{m[1]}\n{report}\n\n{m[2]}", document.read_text()))
PYTHON
done
