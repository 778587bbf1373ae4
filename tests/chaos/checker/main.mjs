// node main.mjs <folder of histories> <address of the API>: prints what is wrong, and ends with 1 if anything is.

import { check } from "./check.mjs";
import { histories, logs } from "./read.mjs";

const [folder, api] = process.argv.slice(2);
const all = await histories(folder);
const { faults, counts } = check(all, await logs(api, all));
const kinds = {};
for (const [kind] of faults) kinds[kind] = (kinds[kind] ?? 0) + 1;
for (const [kind, sentence] of faults.slice(0, 40)) console.error(`${kind}: ${sentence}`);
if (faults.length > 40) console.error(`and ${faults.length - 40} more`);
console.log(JSON.stringify({ counts, faults: faults.length, kinds }));
process.exitCode = faults.length === 0 ? 0 : 1;
