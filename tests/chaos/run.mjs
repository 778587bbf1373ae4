// The chaos run: simulated people write on a laptop cloud in which things go wrong by a seed; then nothing goes wrong any
// more, everything settles, and the checker holds what they saw against the server's log.
//
//     node tests/chaos/run.mjs --program target/debug/local --clients 24 --rooms 4 --messages 2000 --seed 1

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Cloud } from "./cloud.mjs";
import { dice } from "./dice.mjs";
import { Simulated } from "./simulated.mjs";

const { values } = parseArgs({
  options: {
    program: { type: "string" },
    seed: { type: "string", default: "1" },
    clients: { type: "string", default: "24" },
    rooms: { type: "string", default: "4" },
    messages: { type: "string", default: "2000" },
    // Killed connections for a thousand messages.
    kills: { type: "string", default: "15" },
    // Of a hundred table requests, deliveries to functions and posts, how many go wrong in each way.
    percent: { type: "string", default: "1" },
    // Seconds until everything has to be settled once nothing goes wrong any more.
    patience: { type: "string", default: "90" },
    keep: { type: "boolean", default: false },
  },
});
if (!values.program) throw new Error("--program: where the laptop cloud was built");
const [seed, clients, roomCount, messages, kills, percent, patience] = [
  values.seed,
  values.clients,
  values.rooms,
  values.messages,
  values.kills,
  values.percent,
  values.patience,
].map(Number);

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const say = (line) => console.error(`${((Date.now() - began) / 1000).toFixed(1)}s ${line}`);
const began = Date.now();
const folder = mkdtempSync(`${tmpdir()}/madang-chaos-`);
mkdirSync(folder, { recursive: true });
const cloud = await Cloud.start(values.program);
const main = dice(seed);
let outcome;
try {
  outcome = await run();
} finally {
  await cloud.stop();
  if (!values.keep) rmSync(folder, { recursive: true });
  else say(`the histories are in ${folder}`);
}
console.log(JSON.stringify(outcome));
process.exit(outcome.faults === 0 ? 0 : 1);

async function run() {
  const people = await cloud.people(clients);
  const rooms = [];
  const seats = people.map(() => []);
  for (let n = 0; n < roomCount; n += 1) {
    const room = await cloud.room(people[n % clients]);
    rooms.push(room);
    seats[n % clients].push(room.id);
  }
  // Everybody has one room, every other one two.
  for (const [n, person] of people.entries()) {
    const wanted = 1 + (n % 2);
    for (let turn = 0; seats[n].length < wanted && turn < 20; turn += 1) {
      const room = main.pick(rooms);
      if (seats[n].includes(room.id)) continue;
      await cloud.join(room, person);
      seats[n].push(room.id);
    }
  }
  await cloud.settle();
  const all = people.map((person, n) => {
    const name = `c${String(n).padStart(4, "0")}`;
    return new Simulated({ name, cloud, person, rooms: seats[n], dice: dice(seed * 7919 + n), folder });
  });
  for (const one of all) one.start();
  await until(() => all.every((one) => one.rests), 60, "the first pages");
  say(`${clients} clients in ${roomCount} rooms`);

  const start = { at: Date.now(), ...cloud.weight() };
  const often = percent / 100;
  await cloud.faults({ seed, table: often, twice: often * 2, ends: often / 4, gone: often / 10, limit: often, fail: often / 4 });
  const count = { cutByCloud: 0, cutByClient: 0, pagesClosed: 0 };
  let going = true;
  const killing = kill(all, count, () => going);
  await writing(all);
  going = false;
  await killing;
  const faulted = await cloud.faulted();
  await cloud.faults({});
  await cloud.loseDisconnects(false);
  const done = Date.now();
  say("nothing goes wrong any more");

  await until(() => all.every((one) => one.rests), patience, "answers to everything");
  // Whoever was not told of a change learns of it with the next connection; here everybody gets one.
  for (const one of all) one.kill();
  await pause(1_500);
  await until(() => all.every((one) => one.rests && one.madang.live.state === "open"), patience, "everybody's next connection");
  for (const one of all) await one.fetchAll();
  for (const one of all) {
    // Most have read everything, some have not.
    for (const room of one.rooms.values()) room.shows(room.messages.at(-1).seq - (main.falls(0.7) ? 0 : main.below(30)));
  }
  await pause(1_500);
  await cloud.settle();
  await pause(1_000);
  await cloud.settle();
  const settled = Date.now();
  const weight = cloud.weight();
  for (const one of all) await one.end();
  say("settled; the checker reads");
  const report = await checked();
  const seconds = (done - start.at) / 1000;
  return {
    seed,
    clients,
    rooms: roomCount,
    ...report,
    ...count,
    ...faulted,
    seconds: Math.round(seconds),
    settledAfter: Math.round((settled - done) / 1000),
    messagesASecond: Math.round(report.counts.sent / seconds),
    cloudCpuSeconds: Math.round(weight.cpu - start.cpu),
    cloudMegabytes: Math.round(weight.rss),
  };
}

/** Everybody acts until all is written. */
async function writing(all) {
  let told = Date.now();
  for (;;) {
    for (const one of all) one.act();
    const written = writtenBy(all);
    if (written >= messages) return;
    if (Date.now() - told > 10_000) {
      told = Date.now();
      say(`${written} of ${messages} written`);
    }
    await pause(20);
  }
}

function writtenBy(all) {
  return all.reduce((sum, one) => sum + one.written, 0);
}

/** Lines are cut at one end or the other and pages closed, so many for a thousand messages; ends are lost half the time. */
async function kill(all, count, going) {
  let killed = 0;
  let losing = false;
  while (going()) {
    const due = (writtenBy(all) / 1000) * kills;
    if (killed >= due) {
      await pause(50);
      continue;
    }
    killed += 1;
    if (main.falls(0.2)) {
      losing = !losing;
      await cloud.loseDisconnects(losing);
    }
    const turn = main.random();
    if (turn < 0.4) {
      count.cutByClient += 1;
      main.pick(all).kill();
    } else if (turn < 0.8) {
      const sockets = await cloud.sockets();
      if (sockets.length === 0) continue;
      count.cutByCloud += 1;
      await cloud.cut(main.pick(sockets).connectionId);
    } else {
      count.pagesClosed += 1;
      main.pick(all).restart();
    }
  }
}

async function until(is, seconds, what) {
  const end = Date.now() + seconds * 1000;
  while (!is()) {
    // What has not come by then the checker finds missing.
    if (Date.now() > end) return say(`waited ${seconds} s in vain for ${what}`);
    await pause(100);
  }
}

function checked() {
  const checker = fileURLToPath(new URL("checker/main.mjs", import.meta.url));
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 1 << 26 };
    execFile(process.execPath, ["--max-old-space-size=6000", checker, folder, cloud.url], options, (error, out, err) => {
      process.stderr.write(err);
      try {
        resolve(JSON.parse(out));
      } catch {
        reject(error ?? new Error("the checker said nothing"));
      }
    });
  });
}
