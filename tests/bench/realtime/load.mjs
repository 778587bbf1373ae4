// Sends at a steady rate, whatever comes of it (open loop), and times each delivery from its send to its receipt.

import { digits, pause, quantile, row } from "./figures.mjs";

/** How long a delivery may be on its way before it counts as missing. */
const PATIENCE = 10_000;

export const HEAD = [
  row(["server", "rooms × connections", "sends/s", "deliveries/s wanted", "deliveries/s", "p50 ms", "p99 ms", "missing", "CPU ms a delivery, server", "CPU % of the generator"]),
  row(["---", "---", ...Array(8).fill("--:")]),
];

export class Load {
  #sent = new Map();
  #latencies = [];
  #last = 0;
  #run = 0;
  heard = (text) => {
    const at = this.#sent.get(text);
    if (at === undefined) return;
    this.#last = performance.now();
    this.#latencies.push(this.#last - at);
  };

  async at(server, rate, seconds) {
    this.#run += 1;
    this.#sent.clear();
    this.#latencies = [];
    const { seats } = server;
    const count = Math.max(1, Math.round(rate * seconds));
    const before = server.weight();
    const own = process.cpuUsage();
    const start = performance.now();
    for (let n = 0; n < count; n += 1) {
      const due = start + (n * 1000) / rate;
      const wait = due - performance.now();
      if (wait > 1) await pause(wait);
      const text = `${this.#run}-${n}-${server.name}`;
      // From when it was due: a generator that is late has made the person wait too.
      this.#sent.set(text, due);
      server.send(n % seats.length, Math.floor(n / seats.length), text);
    }
    const wanted = count * (seats[0].sockets.length - 1);
    const end = performance.now() + PATIENCE;
    while (this.#latencies.length < wanted && performance.now() < end) await pause(20);
    const elapsed = (this.#last - start) / 1000;
    const ownCpu = process.cpuUsage(own);
    const cpu = server.weight().cpu - before.cpu;
    const sorted = Float64Array.from(this.#latencies).sort();
    return {
      rate,
      wanted: (wanted / count) * rate,
      rated: sorted.length / elapsed,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      missing: wanted - sorted.length,
      cpu: (cpu * 1000) / Math.max(1, sorted.length),
      generator: ((ownCpu.user + ownCpu.system) / 1e4) / elapsed,
    };
  }
}

export function line(server, shape, got) {
  return row([
    server.name,
    shape,
    digits(got.rate, 1),
    digits(got.wanted),
    digits(got.rated),
    digits(got.p50, 1),
    digits(got.p99, 1),
    got.missing,
    digits(got.cpu, 3),
    digits(got.generator),
  ]);
}

/** Whether whoever waits is served: all arrives, and 99 of 100 within a second. */
export const sustains = (got) => got.missing === 0 && got.p99 < 1000;
