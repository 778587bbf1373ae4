// The whole client against a fake Madang, on a clock and a network that the test moves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Madang } from "../src/client.js";
import type { LiveRoom } from "../src/live-room.js";
import type { Message, Notification } from "../src/wire.js";
import { FakeMadang } from "./fake/madang.js";
import { Clock, device, page, seeded } from "./fake/world.js";

const MINJI = "6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506";
const JUNHO = "0b2d4f68-1a3c-4e5d-9f70-8192a3b4c5d6";
const BIKE = "lst_01K9ZX3V5M8QJ4T0N2R6W7Y1AB";
const HERE = { api: "", live: "ws://madang/live" };

function world(seed = 1) {
  const clock = new Clock();
  const server = new FakeMadang(() => clock.now);
  const random = seeded(seed);
  const network = { up: true, delay: () => 10 + random() * 40 };
  const start = (on = device(), name = "") => {
    const env = page(clock, server, random, network, on);
    return { env, on, madang: new Madang(env, HERE, "ko", name) };
  };
  const signedIn = async (who: "minji" | "junho", on = device()) => {
    const person = start(on);
    const done = person.madang.api.signIn(`${who}@example.com`, "madang-2026!");
    await clock.pass(1000);
    await done;
    await clock.pass(500);
    return person;
  };
  const within = async <T>(promise: Promise<T>, ms = 1000) => {
    await clock.pass(ms);
    return promise;
  };
  return { clock, server, network, random, start, signedIn, within };
}

async function two() {
  const all = world();
  const minji = await all.signedIn("minji");
  const junho = await all.signedIn("junho");
  const { id } = await all.within(junho.madang.api.request("POST /listings/{listingId}/room", { path: { listingId: BIKE } }));
  const hers = minji.madang.open(id);
  const his = junho.madang.open(id);
  await all.clock.pass(1000);
  return { ...all, minji, junho, id, hers, his };
}

const texts = (room: LiveRoom) => room.messages.filter(({ kind }) => kind === "text").map(({ text }) => text);

test("a room that is closed and opened at once is opened after its closing was answered", async () => {
  const { junho, id, his, hers, clock } = await two();
  const { live } = junho.madang;
  const order: string[] = [];
  const request = live.request.bind(live);
  live.request = ((...given: Parameters<typeof request>) => {
    order.push(given[0]);
    return request(...given).finally(() => order.push(`${given[0]} answered`));
  }) as typeof live.request;
  junho.madang.close(his);
  const again = junho.madang.open(id);
  await clock.pass(1000);
  assert.deepEqual(order.filter((one) => one.startsWith("room.")), ["room.close", "room.close answered", "room.open", "room.open answered"]);
  hers.send({ text: "아직 거기 계세요?" });
  await clock.pass(1000);
  assert.deepEqual(texts(again), ["아직 거기 계세요?"]);
});

test("what one writes the other reads, each once and in order", async () => {
  const { hers, his, clock } = await two();
  his.send({ text: "안녕하세요" });
  his.send({ text: "자전거 아직 있나요?" });
  assert.equal(his.unsent.length, 2, "shown before anybody was asked");
  await clock.pass(1000);
  hers.send({ text: "네!" });
  await clock.pass(1000);
  assert.deepEqual(texts(hers), ["안녕하세요", "자전거 아직 있나요?", "네!"]);
  assert.deepEqual(texts(his), texts(hers));
  assert.equal(his.unsent.length, 0);
});

test("an answer that is lost with its connection: one message, and it is not shown twice", async () => {
  const { hers, his, clock, server } = await two();
  let lose = 1;
  server.faults.loseAnswer = () => lose-- > 0;
  his.send({ text: "하나" });
  his.send({ text: "둘" });
  await clock.pass(5000);
  assert.deepEqual(texts(his), ["하나", "둘"]);
  assert.deepEqual(texts(hers), ["하나", "둘"]);
  assert.equal(his.unsent.length, 0);
});

test("what was written before the page was closed is sent by the next one", async () => {
  const { id, junho, hers, his, clock, network, start } = await two();
  network.up = false;
  his.send({ text: "지하철이에요" });
  his.send({ text: "곧 가요" });
  await clock.pass(2000);
  junho.env.gone();
  network.up = true;
  const again = start(junho.on);
  const room = again.madang.open(id);
  await clock.pass(100_000);
  assert.deepEqual(texts(room), ["지하철이에요", "곧 가요"]);
  assert.deepEqual(texts(hers), ["지하철이에요", "곧 가요"]);
  assert.deepEqual(junho.on.durable.keys(""), []);
});

test("a message that nobody told is found through the room's activity", async () => {
  const { hers, his, clock, server } = await two();
  let lose = 0;
  server.faults.loseTold = () => (lose += 1) === 1;
  his.send({ text: "들리나요" });
  await clock.pass(500);
  assert.deepEqual(texts(hers), []);
  await clock.pass(3000);
  assert.deepEqual(texts(hers), ["들리나요"]);
});

test("a refused message is shown with its reason, and does not hold up the next", async () => {
  const { his, clock } = await two();
  const failed = his.send({ text: "가".repeat(151) });
  his.send({ text: "짧게" });
  await clock.pass(2000);
  assert.deepEqual(texts(his), ["짧게"]);
  assert.equal(his.unsent[0]?.state, "failed");
  assert.equal(his.unsent[0]?.problem?.code, "too_long");
  his.discard(failed.nonce);
  assert.equal(his.unsent.length, 0);
});

test("too many messages: the rest is sent when it is time, in order", async () => {
  const { hers, his, clock, server } = await two();
  server.messagesInTenSeconds = 5;
  for (let count = 1; count <= 12; count += 1) his.send({ text: String(count) });
  await clock.pass(5000);
  assert.equal(texts(hers).length, 5);
  await clock.pass(40_000);
  assert.deepEqual(texts(hers), Array.from({ length: 12 }, (_, place) => String(place + 1)));
});

test("a token that runs out is replaced and nothing is lost", async () => {
  const { hers, his, clock, server } = await two();
  server.tokenLasts = 300;
  for (let minute = 1; minute <= 130; minute += 1) {
    his.send({ text: String(minute) });
    await clock.pass(60_000);
  }
  assert.equal(texts(hers).length, 130);
  assert.deepEqual(texts(hers), texts(his));
});

test("a token that the server finds expired before the device does", async () => {
  const { hers, his, clock, server } = await two();
  for (const connection of server.connections) connection.until = clock.now;
  his.send({ text: "시계가 달라요" });
  await clock.pass(5000);
  assert.deepEqual(texts(his), ["시계가 달라요"]);
  hers.send({ text: "그러네요" });
  await clock.pass(5000);
  assert.deepEqual(texts(hers), ["시계가 달라요", "그러네요"]);
});

test("attempts to connect grow apart to half a minute at the most", async () => {
  const { clock, junho, network, id } = await two();
  network.up = false;
  for (const socket of junho.env.sockets) socket.end(1006);
  const tries: number[] = [];
  junho.madang.live.changed.on((state) => state === "connecting" && tries.push(clock.now));
  await clock.pass(300_000);
  const waits = tries.slice(1).map((at, place) => at - (tries[place] as number));
  assert.ok((waits[0] as number) < 2_000);
  assert.ok(waits.slice(7).every((wait) => wait >= 15_000 && wait <= 31_000), String(waits));
  network.up = true;
  junho.madang.nudge();
  await clock.pass(1000);
  assert.equal(junho.madang.live.state, "open");
  assert.ok(junho.madang.open(id).current);
});

test("a silent connection is kept by a ping every five minutes", async () => {
  const { clock, junho } = await two();
  let opened = 0;
  junho.madang.live.changed.on((state) => void (opened += state === "open" ? 1 : 0));
  await clock.pass(30 * 60_000);
  assert.equal(opened, 0, "it never ended");
});

test("edits, deletions and reactions reach the other one", async () => {
  const { hers, his, clock, within } = await two();
  his.send({ text: "오타" });
  his.send({ text: "지울 말" });
  await clock.pass(1000);
  const [one, other] = his.messages.filter(({ kind }) => kind === "text");
  await within(his.edit(one!.seq, one!.version, "고침"));
  await within(his.delete(other!.seq));
  await within(hers.react(one!.seq, "heart", true));
  await clock.pass(1000);
  for (const room of [hers, his]) {
    const [first, second] = room.messages.filter(({ kind }) => kind === "text");
    assert.equal(first?.text, "고침");
    assert.deepEqual(first?.reactions, { heart: [MINJI] });
    assert.ok(second?.deletedAt);
  }
});

test("unread falls when the messages are seen, and the other one learns that they were read", async () => {
  const { hers, his, minji, id, clock } = await two();
  his.send({ text: "하나" });
  his.send({ text: "둘" });
  await clock.pass(1000);
  assert.equal(hers.unread, 3, "with the one that says that he came");
  const last = hers.messages.at(-1)!.seq;
  for (let seq = 1; seq <= last; seq += 1) hers.shows(seq);
  assert.equal(hers.unread, 0);
  assert.equal(minji.madang.rooms.get(id)?.unread, 0);
  await clock.pass(2000);
  assert.equal(his.readBy(last), 1);
});

test("one's own messages are not unread to oneself", async () => {
  const { his, junho, id, clock } = await two();
  his.send({ text: "하나" });
  await clock.pass(300);
  his.shows(his.messages.at(-1)!.seq);
  await clock.pass(2000);
  assert.equal(junho.madang.rooms.get(id)?.unread, 0);
});

test("typing is seen, and ends with the message or by itself", async () => {
  const { hers, his, clock } = await two();
  his.types();
  await clock.pass(300);
  assert.deepEqual(hers.typing, [JUNHO]);
  his.send({ text: "다 썼다" });
  await clock.pass(300);
  assert.deepEqual(hers.typing, []);
  his.types();
  await clock.pass(300);
  assert.deepEqual(hers.typing, [JUNHO]);
  await clock.pass(7000);
  assert.deepEqual(hers.typing, []);
});

test("whoever looks elsewhere is told by the list of rooms, and of an answer by a notification", async () => {
  const { his, hers, minji, id, clock } = await two();
  hers.send({ text: "언제 올까요?" });
  await clock.pass(500);
  minji.madang.close(hers);
  await clock.pass(500);
  const arrived: Notification[] = [];
  minji.madang.notifications.arrived.on((one) => arrived.push(one));
  his.send({ text: "거기 계세요?" });
  await clock.pass(1000);
  assert.equal(minji.madang.rooms.get(id)?.preview?.text, "거기 계세요?");
  assert.ok((minji.madang.rooms.get(id)?.unread ?? 0) > 0);
  assert.equal(arrived.length, 0);
  const asked = his.messages.find(({ text }) => text === "언제 올까요?") as Message;
  his.send({ text: "지금요", replyTo: asked.seq });
  await clock.pass(1000);
  assert.deepEqual(arrived.map(({ type, text }) => [type, text.ko.body]), [["room.reply", "준호: 지금요"]]);
  his.send({ text: "아니 내일요", replyTo: asked.seq });
  await clock.pass(1000);
  const { list, unread } = minji.madang.notifications;
  assert.deepEqual(list.map(({ text }) => text.en), [{ title: "Messages 2", body: "준호: 아니 내일요" }], "what is alike is one");
  assert.equal(unread, 1);
});

test("notifications are read and deleted on every device, and what comes meanwhile stays unread", async () => {
  const { server, minji, clock, within, signedIn } = await two();
  const laptop = await signedIn("minji");
  const happen = (title: string) => {
    server.notify(MINJI, { type: "listing.expired", payload: { listing: "lst_1", title } }, ["기한이 지났어요", title], ["Expired", title]);
    return clock.pass(500);
  };
  for (const title of ["하나", "둘", "셋"]) await happen(title);
  const mine = minji.madang.notifications;
  const there = laptop.madang.notifications;
  const seen = () => there.list.map(({ text, read }) => [text.ko.body, read]);
  assert.deepEqual(seen(), [["셋", false], ["둘", false], ["하나", false]]);
  await within(mine.read(mine.list[2]!.id));
  await clock.pass(500);
  assert.deepEqual([there.unread, mine.unread], [2, 2]);
  await within(there.delete(there.list[1]!.id));
  await clock.pass(500);
  assert.deepEqual([there.unread, mine.unread, mine.list.length], [1, 1, 2]);
  const all = mine.readAll();
  await happen("넷");
  await within(all);
  await clock.pass(500);
  assert.deepEqual(seen(), [["넷", false], ["셋", true], ["하나", true]]);
  assert.deepEqual([there.unread, mine.unread], [1, 1]);
  await within(there.load());
  assert.deepEqual(seen(), [["넷", false], ["셋", true], ["하나", true]]);
});

test("members come and go", async () => {
  const { his, hers, junho, minji, id, clock, within } = await two();
  assert.deepEqual([...hers.members.values()].map(({ presence }) => presence), ["online", "online"]);
  junho.env.gone();
  await clock.pass(500);
  assert.equal(hers.members.get(JUNHO)?.presence, "offline");
  await within(minji.madang.api.request("DELETE /rooms/{roomId}/members/{accountId}", { path: { roomId: id, accountId: JUNHO } }));
  await clock.pass(500);
  assert.equal(hers.members.size, 1);
  assert.equal(hers.messages.at(-1)?.system?.event, "member.kicked");
  assert.ok(his);
});

test("whoever is shown out loses the room", async () => {
  const { junho, minji, id, within } = await two();
  const removed: string[] = [];
  junho.madang.rooms.removed.on(({ reason }) => removed.push(reason));
  await within(minji.madang.api.request("DELETE /rooms/{roomId}/members/{accountId}", { path: { roomId: id, accountId: JUNHO } }));
  assert.deepEqual(removed, ["kicked"]);
  assert.equal(junho.madang.rooms.get(id), undefined);
});

test("a room one is not in is refused, in words", async () => {
  const { junho, clock } = await two();
  const room = junho.madang.open("room_nowhere");
  await clock.pass(1000);
  assert.equal(room.refused?.code, "not_found");
});

// Two people write, edit and react while frames are lost, doubled and late, answers are lost, requests fail, connections
// break and pages crash. Once it is quiet everybody has what the server has, and every message is there once, in the
// order in which it was written.
test("whatever breaks, nothing is lost, doubled or reordered", async () => {
  for (let seed = 1; seed <= 12; seed += 1) await storm(seed);
});

async function storm(seed: number): Promise<void> {
  const { clock, server, network, random, start, signedIn, within } = world(seed);
  network.delay = () => random() * 300;
  const people = [await signedIn("minji"), await signedIn("junho")];
  await clock.pass(3000);
  const { id } = await within(people[1]!.madang.api.request("POST /listings/{listingId}/room", { path: { listingId: BIKE } }), 5000);
  const rooms = people.map(({ madang }) => madang.open(id));
  await clock.pass(3000);
  const chance = (share: number) => () => random() < share;
  server.faults = {
    loseAnswer: chance(0.05), loseTold: chance(0.1), doubleTold: chance(0.1), unavailable: chance(0.05), shuffle: chance(0.1),
  };
  const written: string[][] = [[], []];
  for (let turn = 0; turn < 60; turn += 1) {
    const who = random() < 0.5 ? 0 : 1;
    const what = random();
    const room = rooms[who]!;
    if (what < 0.5) {
      const text = `${who}-${turn}`;
      written[who]!.push(text);
      room.send({ text });
    } else if (what < 0.65) {
      const mine = room.messages.filter((one) => one.kind === "text" && one.author === [MINJI, JUNHO][who]);
      const one = mine[Math.floor(random() * mine.length)];
      if (one) room.react(one.seq, "like", random() < 0.7).catch(() => undefined);
    } else if (what < 0.72) for (const socket of [...people[who]!.env.sockets]) socket.end(1006);
    else if (what < 0.76) {
      network.up = false;
      await clock.pass(random() * 5000);
      network.up = true;
    } else if (what < 0.8) {
      people[who]!.env.gone();
      people[who] = start(people[who]!.on);
      rooms[who] = people[who]!.madang.open(id);
    }
    await clock.pass(random() * 1500);
    for (const shown of rooms) shown.messages.forEach((one, place) => assert.equal(one.seq, shown.messages[0]!.seq + place, `seed ${seed}: a gap`));
  }
  server.faults = {};
  await clock.pass(120_000);
  for (const { env } of people) for (const socket of [...env.sockets]) socket.end(1006);
  await clock.pass(30_000);
  const log = server.places.get(id)!.log;
  for (const who of [0, 1]) {
    const author = [MINJI, JUNHO][who];
    assert.deepEqual(log.filter((one) => one.author === author).map(({ text }) => text), written[who], `seed ${seed}: lost, doubled or reordered`);
    const room = rooms[who]!;
    assert.equal(room.unsent.length, 0, `seed ${seed}`);
    const own = (one: (typeof log)[number]) => ({ ...one, nonce: null });
    assert.deepEqual(room.messages.map(own), log.slice(room.messages[0]!.seq - 1).map(own), `seed ${seed}`);
  }
}
