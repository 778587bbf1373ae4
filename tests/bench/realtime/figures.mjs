// What all measurements share.

import { readFileSync } from "node:fs";

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does it for each, so many at a time, and gives what came of it in order. */
export async function sideBySide(list, most, run) {
  const results = new Array(list.length);
  let next = 0;
  const worker = async () => {
    while (next < list.length) {
      const place = next++;
      results[place] = await run(list[place], place);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, list.length) }, worker));
  return results;
}

/** Memory in MB, and processor seconds so far, of a process. */
export function weightOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return {
    rss: (Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6,
    // The kernel counts in hundredths of a second.
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
  };
}

export function quantile(sorted, part) {
  return sorted.length === 0 ? Number.NaN : sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export const row = (cells) => `| ${cells.join(" | ")} |`;
export const digits = (value, count = 0) => (Number.isFinite(value) ? value.toFixed(count) : "–");
