// node measure.mjs --program target/release/local [--seconds 8] [--parts load,fanout,idle]: prints tables in Markdown.

import { parseArgs } from "node:util";
import { pause, digits, quantile, row, sideBySide } from "./figures.mjs";
import { HEAD, line, Load, sustains } from "./load.mjs";
import { Madang } from "./madang.mjs";
import { SocketIo } from "./socket-io.mjs";

const { values } = parseArgs({
  options: {
    program: { type: "string" },
    seconds: { type: "string", default: "8" },
    parts: { type: "string", default: "load,fanout,idle" },
    idle: { type: "string", default: "5000" },
    // How large the large room is.
    crowd: { type: "string", default: "1000" },
  },
});
const seconds = Number(values.seconds);
const crowd = Number(values.crowd);
const note = (line) => console.error(line);
const parts = values.parts.split(",");
if (parts.includes("load")) await load();
if (parts.includes("fanout")) await fanOut();
if (parts.includes("idle")) await idle();
process.exit(0);

async function load() {
  console.log(`Each rate for ${seconds} s, open loop; a delivery is timed from when its send was due to its receipt.\n`);
  for (const text of HEAD) console.log(text);
  for (const [rooms, members, rates] of [
    [50, 20, [5, 10, 20]],
    [1, crowd, [0.5, 1, 2]],
  ]) {
    for (const start of [() => Madang.start(values.program), () => SocketIo.start()]) {
      const server = await start();
      const generator = new Load();
      note(`${server.name}: ${rooms} rooms of ${members}`);
      await server.fill(rooms, members, generator.heard);
      await generator.at(server, rates[0], 2);
      const shape = `${rooms} × ${members}`;
      let rate = rates.at(-1);
      let last;
      for (const one of rates) {
        last = await generator.at(server, one, seconds);
        console.log(line(server, shape, last));
      }
      // Up from there by halves until it does not keep up: the last that did is the highest sustainable.
      let best = sustains(last) ? last : null;
      while (best === last && best !== null) {
        rate *= 1.5;
        last = await generator.at(server, rate, seconds);
        note(`${rate}/s: p99 ${digits(last.p99)} ms, ${last.missing} missing`);
        if (sustains(last)) best = last;
      }
      if (best !== null && !rates.includes(best.rate)) console.log(line(server, `${shape}, highest`, best));
      await server.stop();
    }
  }
  console.log();
}

/** One message to a crowd, with posts that take their time and some that go wrong. */
async function fanOut() {
  const server = await Madang.start(values.program);
  const times = new Map();
  let at = 0;
  await server.fill(1, crowd, (text, socket) => {
    if (text.startsWith("fan out")) times.set(socket, [...(times.get(socket) ?? []), performance.now() - at]);
  });
  const { cloud } = server;
  console.log(row(["posts", "connections", "reached", "gone", "told twice", "last receipt after ms", "p50 ms", "CPU ms, all functions and gateway", "slowest `rooms.deliver` ms"]));
  console.log(row(["---", ...Array(8).fill("--:")]));
  for (const [what, wishes] of [
    ["as they are", {}],
    ["5 ms each", { delayMs: 5 }],
    ["5 ms each, 5 % gone, 2 % too many", { delayMs: 5, gone: 0.05, limit: 0.02, seed: 7 }],
  ]) {
    times.clear();
    await cloud.settle();
    const open = await cloud.sockets();
    const before = new Map(open.map(({ connectionId, posts }) => [connectionId, posts]));
    const delivered = new Set((await lines(cloud)).map(({ requestId }) => requestId));
    await cloud.faults(wishes);
    const weight = cloud.weight();
    at = performance.now();
    server.send(0, 0, `fan out ${what}`.replace(/[^a-z0-9 ]/gi, ""));
    await pause(200);
    await cloud.settle();
    await pause(500);
    const cpu = (cloud.weight().cpu - weight.cpu) * 1000;
    await cloud.faults({});
    const after = await cloud.sockets();
    const posted = after.map(({ connectionId, posts }) => posts - before.get(connectionId));
    const sorted = Float64Array.from([...times.values()].flat()).sort();
    const twice = posted.filter((count) => count > 1).length + [...times.values()].filter((all) => all.length > 1).length;
    const slowest = Math.max(...(await lines(cloud)).filter(({ requestId }) => !delivered.has(requestId)).map(({ ms }) => ms ?? 0));
    console.log(row([what, open.length, times.size, open.length - after.length, twice, digits(sorted.at(-1)), digits(quantile(sorted, 0.5)), digits(cpu), digits(slowest)]));
  }
  console.log();
  await server.stop();
}

async function lines(cloud) {
  return (await cloud.ask("GET", "/_local/log")).items.filter(({ route }) => route === "rooms.deliver");
}

/** Connections that do nothing. */
async function idle() {
  const count = Number(values.idle);
  const server = await Madang.start(values.program);
  const people = await server.cloud.people(Math.ceil(count / 10));
  await server.cloud.settle();
  const before = server.weight();
  const sockets = await sideBySide(Array.from({ length: count }), 32, (_, n) => server.connect(people[n % people.length]));
  await server.cloud.settle();
  await pause(2_000);
  const after = server.weight();
  const open = (await server.cloud.sockets()).length;
  console.log(row(["connections", "open", "resident MB before", "after", "kB a connection", "CPU ms to open one"]));
  console.log(row(["--:", "--:", "--:", "--:", "--:", "--:"]));
  console.log(row([count, open, digits(before.rss, 1), digits(after.rss, 1), digits(((after.rss - before.rss) * 1000) / count, 1), digits(((after.cpu - before.cpu) * 1000) / count, 1)]));
  for (const socket of sockets) socket.terminate();
  await server.stop();
}
