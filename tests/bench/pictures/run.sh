#!/bin/sh
# Compares `picture::optimize` with sharp and prints a table of medians.
#
# Needs nasm, Node.js with npm, and nothing else running. Everything lands in target/bench/pictures.
set -eu
cd "$(dirname "$0")/../../.."
here=tests/bench/pictures
target=${CARGO_TARGET_DIR:-target}
work=$target/bench/pictures
rounds=5

cargo build --release --package media --features nasm --examples >&2
mkdir -p "$work/node"
"$target/release/examples/make_pictures" "$work"
# Node looks for packages next to the program, and none belong in the tree.
cp "$here/package.json" "$here/sharp.mjs" "$work/node"
npm install --prefix "$work/node" --no-audit --no-fund --no-package-lock --silent >&2

results=$work/results.jsonl
: >"$results"
measure() {
    name=$1 file=$2
    shift 2
    line=$("$@" "$work/$file")
    printf '{"name":"%s","file":"%s","result":%s}\n' "$name" "$file" "$line" >>"$results"
}

# Interleaved, so that a slow minute of the machine hits all alike.
round=0
while [ "$round" -lt "$rounds" ]; do
    for file in photo-12mp.jpg cutout-2mp.png photo-5mp.webp; do
        measure 'this' "$file" "$target/release/examples/pictures_bench"
        measure 'sharp, cascade' "$file" node "$work/node/sharp.mjs" cascade
        measure 'sharp, usual' "$file" node "$work/node/sharp.mjs" usual
    done
    round=$((round + 1))
done

RESULTS=$results node --input-type=module <<'EOF'
import { readFileSync } from 'node:fs';

const rows = new Map();
for (const line of readFileSync(process.env.RESULTS, 'utf8').trim().split('\n')) {
  const { name, file, result } = JSON.parse(line);
  const key = `${file} | ${name}`;
  rows.set(key, [...(rows.get(key) ?? []), result]);
}
const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const bytes = ({ files }) => files.reduce((sum, file) => sum + Number(file.split(': ')[1]), 0);

console.log('| file | program | CPU ms | wall ms | peak MB | output kB |');
console.log('|---|---|--:|--:|--:|--:|');
for (const [key, results] of rows) {
  const of = (pick) => median(results.map(pick)).toFixed(0);
  const cells = [of((r) => r.cpu_ms), of((r) => r.wall_ms), of((r) => r.peak_mb), of((r) => bytes(r) / 1000)];
  console.log(`| ${key} | ${cells.join(' | ')} |`);
}
EOF
