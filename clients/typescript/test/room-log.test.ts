import assert from "node:assert/strict";
import { test } from "node:test";
import { type Ask, at, EMPTY_LOG, lacks, type LogEvent, type RoomLog, step } from "../src/room-log.js";
import type { Message, MessagePage } from "../src/wire.js";
import { seeded } from "./fake/world.js";

const START = Date.parse("2026-11-21T03:00:00.000Z");
const moment = (second: number) => new Date(START + second * 1000).toISOString();

function message(seq: number, version = 1, second = seq): Message {
  return {
    room: "room_1", seq, version, kind: "text", author: "a", nonce: null, text: `${seq}.${version}`, replyTo: null, reactions: {}, media: null,
    system: null, createdAt: moment(seq), editedAt: version > 1 ? moment(second) : null, deletedAt: null,
  };
}

const messages = (...seqs: number[]) => seqs.map((seq) => message(seq));
const run = (log: RoomLog, ...events: LogEvent[]) => events.reduce(step, log);
const told = (seq: number, version = 1): LogEvent => ({ type: "told", message: message(seq, version) });
const seqs = (log: RoomLog) => log.messages.map(({ seq }) => seq);

function answer(log: RoomLog, items: Message[], seq: number, nextCursor: string | null = null): RoomLog {
  assert.ok(log.ask);
  return step(log, { type: "page", ask: log.ask, page: { items, seq, nextCursor } });
}

/** A log that knows 8, 9 and 10. */
function current(): RoomLog {
  return answer(run(EMPTY_LOG, { type: "resume" }), messages(10, 9, 8), 10, "more");
}

test("at first the end of the log is asked for", () => {
  const asked = run(EMPTY_LOG, { type: "resume" });
  assert.equal(asked.ask?.kind, "latest");
  const log = current();
  assert.deepEqual(seqs(log), [8, 9, 10]);
  assert.deepEqual([log.floor, log.have, log.state, log.older, log.ask], [7, 10, "current", true, null]);
});

test("a room where nothing was said since one joined begins at its last number", () => {
  const log = answer(run(EMPTY_LOG, { type: "resume" }), [], 41);
  assert.deepEqual([log.have, log.floor, log.older], [41, 41, false]);
  assert.deepEqual(seqs(step(log, told(42))), [42]);
});

test("what is told before the first page is kept aside and put in after it", () => {
  const before = run(EMPTY_LOG, { type: "resume" }, told(11), told(9, 3));
  assert.deepEqual(seqs(before), []);
  const log = answer(before, messages(10, 9, 8), 10);
  assert.deepEqual(seqs(log), [8, 9, 10, 11]);
  assert.equal(at(log, 9)?.version, 3);
});

test("the next one is put in, a known one is not put in again", () => {
  const log = run(current(), told(11), told(11), told(9));
  assert.deepEqual(seqs(log), [8, 9, 10, 11]);
});

test("of two states of a message the higher version stays", () => {
  const log = run(current(), told(9, 3), told(9, 2));
  assert.equal(at(log, 9)?.text, "9.3");
});

test("one beyond a gap is kept aside and the rest is asked for", () => {
  const gap = run(current(), told(13));
  assert.deepEqual(seqs(gap), [8, 9, 10]);
  assert.deepEqual(gap.ask, { kind: "after", after: 10, round: 2 });
  const filled = answer(gap, messages(11, 12), 13);
  assert.equal(filled.ask?.kind, "changed");
  const log = answer(filled, [], 13);
  assert.deepEqual(seqs(log), [8, 9, 10, 11, 12, 13]);
  assert.equal(log.aside.size, 0);
});

test("while something is asked for, what is told waits aside", () => {
  const behind = run(current(), { type: "resume" }, told(11), told(12));
  assert.deepEqual(seqs(behind), [8, 9, 10]);
  const log = answer(answer(behind, messages(11), 11), [], 12);
  assert.deepEqual(seqs(log), [8, 9, 10, 11, 12]);
});

test("pages are asked for until one has no cursor", () => {
  let log = run(current(), { type: "resume" });
  log = answer(log, messages(11, 12), 14, "c2");
  assert.deepEqual(log.ask, { kind: "after", after: 10, cursor: "c2", round: 2 });
  log = answer(log, messages(13, 14), 14);
  assert.equal(log.ask?.kind, "changed");
  log = answer(log, [message(9, 2)], 14, "d2");
  assert.equal(log.ask?.cursor, "d2");
  log = answer(log, [message(12, 5)], 14);
  assert.deepEqual(log.messages.map(({ text }) => text), ["8.1", "9.2", "10.1", "11.1", "12.5", "13.1", "14.1"]);
});

test("changes are asked for from the last moment that all of them were known, less a minute", () => {
  const log = run(current(), { type: "heard", at: moment(500) }, { type: "resume" });
  const first = answer(log, [], 10);
  assert.deepEqual(first.ask, { kind: "changed", since: moment(10 - 60), round: 2 });
  const again = answer(run(answer(first, [], 10), { type: "heard", at: moment(900) }, { type: "resume" }), [], 10);
  assert.deepEqual(again.ask, { kind: "changed", since: moment(500 - 60), round: 3 });
});

test("a told message does not stand for the changes that were not told before it", () => {
  // Message 9 was edited in second 20, nobody was told; 11 was written in second 300 and told.
  const told11: LogEvent = { type: "told", message: { ...message(11), createdAt: moment(300) } };
  const log = answer(run(current(), told11, { type: "resume" }), [], 11);
  assert.ok(log.ask?.kind === "changed" && Date.parse(log.ask.since) <= START + 20_000);
});

test("an answer to an earlier question is used, and leads nowhere", () => {
  const first = run(current(), { type: "resume" });
  const asked = first.ask as Ask;
  const second = step(first, { type: "resume" });
  const page: MessagePage = { items: messages(11, 12), seq: 12, nextCursor: null };
  const late = step(second, { type: "page", ask: asked, page });
  assert.deepEqual(late.ask, second.ask);
  assert.deepEqual(seqs(answer(answer(late, [], 12), [], 12)), [8, 9, 10, 11, 12]);
});

test("what exists and is not told is asked for once it is overdue", () => {
  const log = run(current(), { type: "activity", seq: 11 });
  assert.ok(lacks(log));
  assert.equal(log.ask, null);
  assert.equal(step(log, { type: "overdue" }).ask?.kind, "after");
  const arrived = step(log, told(11));
  assert.ok(!lacks(arrived));
  assert.equal(step(arrived, { type: "overdue" }).ask, null);
});

test("older messages are put before those that are known", () => {
  const older = step(current(), { type: "older", before: 8, page: { items: messages(7, 6, 5), seq: 10, nextCursor: "m" } });
  assert.deepEqual(seqs(older), [5, 6, 7, 8, 9, 10]);
  assert.ok(older.older);
  const all = step(older, { type: "older", before: 5, page: { items: messages(4, 3), seq: 10, nextCursor: null } });
  assert.deepEqual([all.floor, all.older], [2, false]);
});

test("an older page that came twice is put in once", () => {
  const page: MessagePage = { items: messages(7, 6), seq: 10, nextCursor: "m" };
  const log = run(current(), { type: "older", before: 8, page }, { type: "older", before: 8, page });
  assert.deepEqual(seqs(log), [6, 7, 8, 9, 10]);
});

test("a change of an older message that overtakes its page is not lost", () => {
  const log = run(current(), told(7, 2), { type: "older", before: 8, page: { items: messages(7, 6), seq: 10, nextCursor: null } });
  assert.equal(at(log, 7)?.version, 2);
});

test("a gap that asking does not fill is asked for again", () => {
  const gap = run(current(), told(12));
  const after = answer(answer(gap, [], 12), [], 12);
  assert.deepEqual(seqs(after), [8, 9, 10]);
  assert.deepEqual(after.ask, { kind: "after", after: 10, round: 3 });
});

// The server's log grows and changes; frames and pages are lost, doubled, late; connections and pages crash. Whatever
// happens, what is shown has no gap and goes back to no earlier state; and once it is quiet, it is the server's.
test("whatever happens on the way, the log comes to be the server's", () => {
  for (let seed = 1; seed <= 400; seed += 1) simulate(seed);
});

function simulate(seed: number): void {
  const random = seeded(seed);
  const upTo = (most: number) => Math.floor(random() * most);
  const server: Message[] = [];
  const changedAt: number[] = [];
  let second = 0;
  let log = EMPTY_LOG;
  let wire: LogEvent[] = [];
  const shown = new Map<number, number>();

  const take = (event: LogEvent) => {
    log = step(log, event);
    log.messages.forEach((one, place) => {
      assert.equal(one.seq, log.floor + 1 + place, `seed ${seed}: a gap`);
      assert.ok(one.version >= (shown.get(one.seq) ?? 0), `seed ${seed}: an earlier state`);
      shown.set(one.seq, one.version);
    });
    assert.equal(log.have, log.floor + log.messages.length);
  };
  const tell = (event: LogEvent) => {
    if (random() < 0.2) return;
    wire.splice(random() < 0.7 ? wire.length : upTo(wire.length + 1), 0, event);
    if (random() < 0.1) wire.push(event);
  };
  const paged = (items: Message[], size: number, skip: number): MessagePage => ({
    items: items.slice(skip, skip + size), seq: server.length, nextCursor: skip + size < items.length ? String(skip + size) : null,
  });
  const reply = (ask: Ask): MessagePage => {
    const skip = Number(ask.cursor ?? 0);
    if (ask.kind === "latest") return paged([...server].reverse(), 3, skip);
    if (ask.kind === "after") return paged(server.slice(ask.after), 3, skip);
    return paged(server.filter((one) => (changedAt[one.seq] ?? 0) * 1000 + START >= Date.parse(ask.since)), 3, skip);
  };

  take({ type: "resume" });
  for (let turn = 0; turn < 150; turn += 1) {
    second += upTo(40);
    const chance = random();
    if (chance < 0.25) {
      const written = message(server.length + 1, 1);
      written.createdAt = moment(second);
      changedAt[written.seq] = second;
      server.push(written);
      tell({ type: "told", message: written });
      tell({ type: "activity", seq: written.seq, at: moment(second) });
    } else if (chance < 0.4 && server.length > 0) {
      const old = server[upTo(server.length)] as Message;
      // A reaction has no moment of its own in the message.
      const changed = { ...old, version: old.version + 1, editedAt: random() < 0.5 ? moment(second) : old.editedAt };
      changedAt[old.seq] = second;
      server[old.seq - 1] = changed;
      tell({ type: "told", message: changed });
    } else if (chance < 0.65 && wire.length > 0) take(wire.shift() as LogEvent);
    else if (chance < 0.85 && log.ask) {
      const event: LogEvent = { type: "page", ask: log.ask, page: reply(log.ask) };
      if (random() < 0.8) take(event);
      else wire.push(event);
    } else if (chance < 0.9 && log.older) {
      const before = log.floor + 1;
      const event: LogEvent = { type: "older", before, page: paged(server.slice(0, before - 1).reverse(), 3, 0) };
      if (random() < 0.5) take(event);
      else wire.push(event);
    } else if (chance < 0.93) take({ type: "heard", at: moment(second) });
    else if (chance < 0.96) take({ type: "overdue" });
    else if (chance < 0.99) {
      // The connection breaks: what was on its way is gone.
      if (random() < 0.7) wire = [];
      take({ type: "resume" });
    } else {
      // The page is closed and opened again.
      wire = [];
      log = EMPTY_LOG;
      shown.clear();
      take({ type: "resume" });
    }
  }
  while (wire.length > 0) take(wire.shift() as LogEvent);
  take({ type: "resume" });
  for (let asked = 0; log.ask; asked += 1) {
    assert.ok(asked < 500, `seed ${seed}: it never ends`);
    take({ type: "page", ask: log.ask, page: reply(log.ask) });
  }
  assert.equal(log.have, server.length, `seed ${seed}`);
  assert.deepEqual(log.messages, server.slice(log.floor), `seed ${seed}`);
  assert.deepEqual([...log.aside.keys()].filter((seq) => seq > log.floor), [], `seed ${seed}`);
}
