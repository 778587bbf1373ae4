// One person with the reference client: writes, reads, edits, reacts, loses connections, closes the page and comes again.

import { Madang, memoryStore } from "@madang/client";
import { Record } from "./record.mjs";

const REACTIONS = ["like", "heart", "laugh", "thanks", "check"];
/** Whoever writes on without an answer would only fill the outbox. */
const MOST_UNSENT = 4;
/** How often all of a room is looked through for messages that changed. */
const LOOK_EVERY = 2_000;

export class Simulated {
  rooms = new Map();
  written = 0;
  restarts = 0;
  #shown = new Map();
  #open = new Set();
  #page = { alive: false };
  #looking;

  constructor({ name, cloud, person, rooms, dice, folder }) {
    this.name = name;
    this.person = person;
    this.ids = rooms;
    this.dice = dice;
    this.record = new Record(`${folder}/${name}.jsonl`);
    this.record.note({ e: "person", name, account: person.id, token: person.accessToken, rooms });
    this.addresses = { api: cloud.url, live: cloud.live };
    // The one thing that outlives a page.
    this.durable = memoryStore();
    this.session = memoryStore();
    const account = { id: person.id, nickname: person.nickname };
    this.session.set(
      "madang.session",
      JSON.stringify({
        access: person.accessToken,
        refresh: person.refreshToken,
        until: Date.now() + person.expiresIn * 1000,
        account,
      }),
    );
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY * (0.75 + dice.random() / 2));
  }

  /** Opens the page. */
  start() {
    this.record.note({ e: "start" });
    this.#shown.clear();
    const page = { alive: true };
    this.#page = page;
    // Nothing that comes after its end reaches a page, and it does nothing any more.
    const env = {
      fetch: async (url, init) => {
        if (!page.alive) return new Promise(() => undefined);
        const response = await this.record.fetch(url, init);
        return page.alive ? response : new Promise(() => undefined);
      },
      WebSocket: this.record.socket(this.#open),
      now: () => Date.now(),
      random: () => this.dice.random(),
      after: (ms, run) => {
        const timer = setTimeout(() => page.alive && run(), ms);
        return () => clearTimeout(timer);
      },
      durable: ofPage(this.durable, page),
      session: this.session,
    };
    this.madang = new Madang(env, this.addresses, "ko");
    for (const id of this.ids) {
      const room = this.madang.open(id);
      this.rooms.set(id, room);
      room.changed.on(() => this.#tail(id, room));
    }
  }

  /** The page is gone at once, as if its process had been killed: timers and lines with it. */
  vanish() {
    this.#page.alive = false;
    for (const socket of this.#open) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.terminate();
    }
    this.rooms.clear();
    this.madang = null;
  }

  restart() {
    this.restarts += 1;
    this.vanish();
    this.start();
  }

  /** Kills the line at this end. */
  kill() {
    for (const socket of this.#open) socket.terminate();
  }

  /** Whether everything that was written is answered and shown, and nothing is known to be missing. */
  get rests() {
    return [...this.rooms.values()].every((room) => room.unsent.length === 0 && room.current);
  }

  /** One thing that a person does. */
  act() {
    const { dice } = this;
    const room = this.rooms.get(dice.pick(this.ids));
    // Whoever waits for answers does nothing else meanwhile.
    if (!room?.known || room.unsent.length >= MOST_UNSENT) return;
    const turn = dice.random();
    if (turn < 0.86) {
      this.written += 1;
      const text = `${this.name}:${this.written}`;
      const { nonce } = room.send({ text });
      this.record.note({ e: "sent", room: room.id, nonce, text });
      return;
    }
    const seen = room.messages;
    if (seen.length === 0) return;
    if (turn < 0.94) {
      const last = seen[seen.length - 1];
      room.shows(last.seq - dice.below(3));
      return;
    }
    const message = seen[seen.length - 1 - dice.below(Math.min(20, seen.length))];
    if (message.kind !== "text") return;
    if (turn < 0.97 && message.author === this.person.id) {
      const words = message.text.split(" ")[0];
      room.edit(message.seq, message.version, `${words} edited ${message.version}`).catch(() => undefined);
    } else if (this.madang.live.state === "open") {
      room.react(message.seq, dice.pick(REACTIONS), dice.falls(0.7)).catch(() => undefined);
    }
  }

  /** What was put in at the end since the last look. */
  #tail(id, room) {
    if (this.rooms.get(id) !== room) return;
    const messages = room.messages;
    const shown = this.#shown.get(id) ?? { count: 0, first: undefined, list: null };
    if (messages === shown.list) return;
    if (shown.count > 0 && messages[0]?.seq !== shown.first) {
      // Older ones were put in before the first: all is told anew.
      this.record.note({ e: "older", room: id });
      shown.count = 0;
      shown.looked = undefined;
    }
    for (const message of messages.slice(shown.count)) this.#note(id, message);
    this.#shown.set(id, {
      count: messages.length,
      first: messages[0]?.seq,
      list: messages,
      looked: shown.looked ?? messages,
    });
  }

  #note(room, { seq, version, author, text, nonce }) {
    this.record.note({ e: "shown", room, seq, version, author, text, nonce });
  }

  /** Everything that is shown: what has changed since the last look. */
  #look() {
    for (const [id, room] of this.rooms) {
      this.#tail(id, room);
      const shown = this.#shown.get(id);
      if (!shown || shown.looked === room.messages) continue;
      const before = new Map(shown.looked.map((message) => [message.seq, message]));
      for (const message of room.messages) {
        const known = before.get(message.seq);
        if (known && known !== message) this.record.note({ e: "changed", room: id, seq: message.seq, version: message.version });
      }
      shown.looked = room.messages;
    }
  }

  /** The page fetches everything there is. */
  async fetchAll() {
    for (const room of this.rooms.values()) {
      for (let tries = 0; room.older && tries < 1_000; tries += 1) await room.fetchOlder().catch(() => undefined);
    }
  }

  /** What the screen shows at the end. */
  async end() {
    clearInterval(this.#looking);
    this.#look();
    for (const [id, room] of this.rooms) {
      const display = room.messages.map(({ seq, version, author, text, reactions }) => [seq, version, author, text, reactions]);
      const listed = this.madang.rooms.get(id)?.unread;
      this.record.note({ e: "end", room: id, unread: room.unread, listed, read: room.read, unsent: room.unsent.length, display });
    }
    this.vanish();
    await this.record.end();
  }
}

function ofPage(store, page) {
  return {
    get: (key) => store.get(key),
    set: (key, value) => page.alive && store.set(key, value),
    remove: (key) => page.alive && store.remove(key),
    keys: (prefix) => store.keys(prefix),
  };
}
