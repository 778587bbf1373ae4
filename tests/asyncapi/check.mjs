// Whether docs/asyncapi.json is AsyncAPI 3, by AsyncAPI's own parser: its schema, its rules, references that lead nowhere,
// examples that are not as their schema says.
//
//   node tests/asyncapi/check.mjs target/asyncapi/node_modules docs/asyncapi.json
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, file] = process.argv.slice(2);
const { Parser } = createRequire(resolve(modules, "here.js"))("@asyncapi/parser");
const { document, diagnostics } = await new Parser().parse(readFileSync(file, "utf8"));

// 0 is an error, 1 a warning; what is below is advice, like that of a newer version of the specification.
const wrong = diagnostics.filter(({ severity }) => severity <= 1);
for (const { message, path, code } of wrong) console.error(`${file}: ${path.join("/")}: ${message} (${code})`);
if (!document || wrong.length > 0) process.exit(1);
const { length: operations } = document.operations().all();
const { length: messages } = document.messages().all();
console.log(`${file} is AsyncAPI ${document.version()}: ${operations} operations, ${messages} messages`);
