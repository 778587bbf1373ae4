// Writes web/dist, which is kept with the sources so that serving it needs no Node. With --check it writes nothing and
// fails when it is stale: the build gives the same bytes from the same sources.

import { build } from "esbuild";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const DIST = here("../dist/");
const STATIC = ["index.html", "config.json", "icon.svg"];

const { outputFiles } = await build({
  absWorkingDir: here(".."),
  entryPoints: { app: "src/main.ts", "app.style": "src/app.css" },
  alias: { "@madang/client": here("../../clients/typescript/src/index.ts") },
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox121", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
  outdir: "dist",
  write: false,
  logLevel: "warning",
});
const made = new Map(outputFiles.map(({ path, contents }) => [path.split("/").at(-1).replace(".style", ""), Buffer.from(contents)]));
for (const file of STATIC) made.set(file, await readFile(here(`../src/${file}`)));

if (process.argv.includes("--check")) {
  const there = await readdir(DIST).catch(() => []);
  const stale = there.filter((file) => !made.has(file));
  for (const [file, bytes] of made) {
    const old = await readFile(DIST + file).catch(() => Buffer.alloc(0));
    if (!old.equals(bytes)) stale.push(file);
  }
  if (stale.length > 0) {
    console.error(`web/dist is stale (${stale.join(", ")}): npm run build --workspace web`);
    process.exitCode = 1;
  }
} else {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  for (const [file, bytes] of made) await writeFile(DIST + file, bytes);
}
