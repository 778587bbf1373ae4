// The checker finds what it is there to find: each test plants one fault in a history that is good without it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.mjs";

const ROOM = "room_1";

const text = (seq, author, words, version = 1) => ({ seq, version, kind: "text", author, text: words, reactions: {} });

/** Two people, five messages, one edited; the log begins with somebody's arrival. */
function good() {
  const joined = { seq: 1, version: 1, kind: "system", author: null, text: null, reactions: {} };
  const messages = [
    joined,
    text(2, "ann", "a:1"),
    text(3, "bob", "b:1"),
    text(4, "ann", "a:2 edited 1", 2),
    text(5, "bob", "b:2"),
    text(6, "ann", "a:3"),
  ];
  const members = [
    { account: "ann", seq: 6, read: 6, unread: 0, since: 0 },
    { account: "bob", seq: 6, read: 4, unread: 2, since: 0 },
  ];
  const log = { room: ROOM, messages, members };
  const history = (name, account, written, read) => [
    { e: "person", name, account, rooms: [ROOM] },
    { e: "start" },
    ...written.flatMap(([words, seq]) => [
      { e: "sent", room: ROOM, nonce: `n-${words}`, text: words },
      { e: "acked", room: ROOM, nonce: `n-${words}`, seq },
    ]),
    ...messages.map((message) => {
      const { seq, author } = message;
      const words = message.text?.split(" ")[0] ?? null;
      return { e: "shown", room: ROOM, seq, version: 1, author, text: words };
    }),
    { e: "changed", room: ROOM, seq: 4, version: 2 },
    { e: "unread", room: ROOM, seq: 5, unread: 5 - Math.min(read, 2) },
    {
      e: "end",
      room: ROOM,
      unread: 6 - read,
      listed: 6 - read,
      read,
      unsent: 0,
      display: messages.map(({ seq, version, author, text, reactions }) => [seq, version, author, text, reactions]),
    },
  ];
  const ann = history("a", "ann", [["a:1", 2], ["a:2", 4], ["a:3", 6]], 6);
  const bob = history("b", "bob", [["b:1", 3], ["b:2", 5]], 4);
  return { ann, bob, log, end: bob.at(-1) };
}

/** The kinds of what is found once `plant` has spoiled it. */
function found(plant) {
  const world = good();
  plant(world);
  return check([world.ann, world.bob], [world.log]).faults.map(([kind]) => kind);
}

const spoil = (name, kind, plant) =>
  test(name, () => {
    const kinds = found(plant);
    assert.ok(kinds.includes(kind), `found ${kinds}`);
  });

test("a good history has no fault", () => assert.deepEqual(found(() => undefined), []));

const of = (events, e, seq) => events.findIndex((event) => event.e === e && (seq === undefined || event.seq === seq));
const swap = (list, one, other) => ([list[one], list[other]] = [list[other], list[one]]);

spoil("a message that was written and is in no log", "lost", ({ ann }) =>
  ann.splice(2, 0, { e: "sent", room: ROOM, nonce: "n-lost", text: "a:9" }),
);
spoil("a message that nobody answered", "unanswered", ({ ann }) => ann.splice(of(ann, "acked", 6), 1));
spoil("a message that still waits", "lost", ({ end }) => (end.unsent = 1));
spoil("a message that is in the log twice", "doubled", ({ log }) => log.messages.push(text(7, "bob", "b:2")));
spoil("a nonce that was answered with two numbers", "doubled", ({ ann }) =>
  ann.splice(4, 0, { e: "acked", room: ROOM, nonce: "n-a:1", seq: 6 }),
);
spoil("an answer that names another's place", "moved", ({ bob }) => (bob[of(bob, "acked", 5)].seq = 4));
spoil("a message that nobody wrote", "invented", ({ log }) => log.messages.push(text(7, "bob", "b:9")));
spoil("two messages of one author that changed places in the log", "reordered", ({ log }) => {
  swap(log.messages, 1, 5);
  [log.messages[1].seq, log.messages[5].seq] = [2, 6];
});
spoil("a number that is missing in the log", "gap", ({ log }) => log.messages.splice(2, 1));
spoil("a message that was shown twice", "doubled", ({ bob }) => {
  const place = of(bob, "shown", 3);
  bob.splice(place + 1, 0, { ...bob[place] });
});
spoil("a message that was not shown", "gap", ({ bob }) => bob.splice(of(bob, "shown", 3), 1));
spoil("two messages that were shown in the wrong order", "reordered", ({ bob }) =>
  swap(bob, of(bob, "shown", 3), of(bob, "shown", 4)),
);
spoil("a message that was shown with another's words", "other", ({ bob }) => (bob[of(bob, "shown", 3)].text = "a:1"));
spoil("a message that went back to an earlier version", "wentBack", ({ bob }) => (bob[of(bob, "changed", 4)].version = 1));
spoil("two messages that stand in the wrong order at the end", "reordered", ({ end }) => swap(end.display, 2, 3));
spoil("a message that is missing at the end", "gap", ({ end }) => end.display.pop());
spoil("an edit that was missed", "version", ({ end }) => (end.display[3][1] = 1));
spoil("a reaction that was missed", "other", ({ log }) => (log.messages[4].reactions = { heart: ["ann"] }));
spoil("a wrong unread on the screen", "unread", ({ end }) => (end.unread = 3));
spoil("a wrong unread in the list", "unread", ({ end }) => (end.listed = 1));
spoil("a wrong unread of the server's", "unread", ({ log }) => (log.members[1].unread = 1));
spoil("a wrong unread that was told", "unread", ({ bob }) => (bob[of(bob, "unread")].unread = 0));
spoil("a room that knows less than its log", "behind", ({ log }) => (log.members[0].seq = 5));
spoil("an end that is missing", "history", ({ bob }) => bob.pop());
