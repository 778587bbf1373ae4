import { backoff, Signal } from "./environment.js";
import type { Environment } from "./environment.js";
import type { Api } from "./http.js";
import type { Live } from "./live.js";
import type { Outbox, Unsent } from "./outbox.js";
import { Refusal } from "./problem.js";
import { type Ask, EMPTY_LOG, lacks, type LogEvent, type RoomLog, step } from "./room-log.js";
import type { Draft, Member, Message, MessagePage, Person, Reaction, Room, Told } from "./wire.js";

/** What a room needs of its client. */
export interface Surroundings {
  env: Environment;
  api: Api;
  live: Live;
  outbox: Outbox;
  /** The account that is signed in. */
  me: string;
  /** The rooms list hears what this room learns of itself. */
  learned(room: Partial<Room> & { id: string }): void;
}

/** Step 5 waits so long for what is known to exist to be told. */
const OVERDUE = 2_000;
/** Somebody who types tells so again before this has passed. */
const TYPING_LASTS = 6_000;
const TYPING_EVERY = 3_000;
/** Read pointers are told when the reader has come to rest. */
const READ_AFTER = 600;

/** A room on the screen: its messages, who is there, what is being written. */
export class LiveRoom {
  /** Something of it changed. */
  readonly changed = new Signal();
  readonly id: string;
  /** The room itself; null until it was asked for. */
  info: Room | null = null;
  /** Why it cannot be shown: it is not there, or not for this person. */
  refused: Refusal | null = null;
  readonly members = new Map<string, Member>();
  /** Everybody who is or was here, as far as it is known: those who left are still read. */
  readonly people = new Map<string, Person>();
  /** Whether older messages are being fetched. */
  fetchingOlder = false;
  readonly #with: Surroundings;
  #log: RoomLog = EMPTY_LOG;
  readonly #asked = new Set<string>();
  #typing = new Map<string, () => void>();
  #typedAt = -Infinity;
  #asking = false;
  #stuck = 0;
  #overdue: (() => void) | null = null;
  #retry: (() => void) | null = null;
  #read = 0;
  #readTold = 0;
  #readSoon: (() => void) | null = null;
  #closed = false;

  constructor(id: string, surroundings: Surroundings) {
    this.id = id;
    this.#with = surroundings;
  }

  /** Messages in order, without a gap. */
  get messages(): readonly Message[] {
    return this.#log.messages;
  }

  /** What was written here and is not among the messages yet. */
  get unsent(): readonly Unsent[] {
    return this.#with.outbox.of(this.id);
  }

  /** Whether there are older messages than those. */
  get older(): boolean {
    return this.#log.older;
  }

  /** Whether the messages are all there are, as far as one knows. */
  get current(): boolean {
    return this.#log.state === "current";
  }

  /** Whether anything is known at all. */
  get known(): boolean {
    return this.#log.state !== "new";
  }

  /** Up to where one has read, as shown here: ahead of the server for a moment. */
  get read(): number {
    return Math.max(this.#read, this.info?.read ?? 0);
  }

  /** How many are not read. */
  get unread(): number {
    return Math.max(0, Math.max(this.#log.last, this.info?.seq ?? 0) - this.read);
  }

  /** Who is typing. */
  get typing(): string[] {
    return [...this.#typing.keys()];
  }

  /** Whether a message of mine was read by anybody else, by what is known of their pointers. */
  readBy(seq: number): number {
    return [...this.members.values()].filter((member) => member.account.id !== this.#with.me && member.read >= seq).length;
  }

  /** Steps 1 to 3: after a connection opened, and at first. */
  async resume(): Promise<void> {
    if (this.#closed) return;
    const { live, api } = this.#with;
    try {
      const info =
        live.state === "open"
          ? (await live.request("room.open", { room: this.id })).room
          : await api.request("GET /rooms/{roomId}", { path: { roomId: this.id } });
      if (this.#closed) return;
      this.refused = null;
      this.learn(info);
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof Refusal && !error.passing && error.status !== 401) {
        this.refused = error;
        this.changed.tell();
        return;
      }
      this.#again(() => void this.resume());
      return;
    }
    this.#step({ type: "resume" });
    if (this.#read > this.#readTold) this.#tellRead();
    await Promise.all([this.#catchUp(), this.fetchMembers()]);
  }

  /** What the room is now. */
  learn(info: Room): void {
    this.info = info;
    this.#read = Math.max(this.#read, info.read);
    this.#readTold = Math.max(this.#readTold, info.read);
    this.#step({ type: "activity", seq: info.seq });
    this.#with.learned({ ...info, read: this.read, unread: this.unread });
  }

  /** Takes what was told of the room. */
  take(frame: Told): void {
    switch (frame.type) {
      case "message.created":
      case "message.changed":
        this.#put(frame.message);
        break;
      case "room.activity":
        this.#step({ type: "activity", seq: frame.seq, at: frame.at });
        break;
      case "read.moved":
        this.#moved(frame.account, frame.seq);
        break;
      case "typing":
        this.#types(frame.account);
        break;
      case "room.changed":
        this.learn(frame.room);
        break;
      case "presence.changed": {
        const member = this.members.get(frame.account);
        if (member) this.members.set(frame.account, { ...member, presence: frame.presence });
        this.changed.tell();
        break;
      }
      default:
    }
  }

  /** Takes a message from an answer to one's own request. */
  answered(message: Message): void {
    this.#put(message);
    this.#with.outbox.logged(this.id, [], this.#log.have);
  }

  /** A moment of the server was heard of. */
  heard(at: string): void {
    this.#log = step(this.#log, { type: "heard", at });
  }

  /** The outbox changed. */
  outboxChanged(): void {
    this.changed.tell();
  }

  /** Writes a message: it is shown at once, and sent until it is answered. */
  send(draft: Draft): Unsent {
    this.#typedAt = -Infinity;
    return this.#with.outbox.add(this.id, draft);
  }

  /** Sends a refused message again. */
  retry(nonce: string): void {
    this.#with.outbox.retry(nonce);
  }

  /** Gives a refused message up. */
  discard(nonce: string): void {
    this.#with.outbox.discard(nonce);
  }

  async edit(seq: number, version: number, text: string): Promise<void> {
    const { live, api } = this.#with;
    const path = { roomId: this.id, seq: String(seq) };
    await this.#act(
      () => live.request("message.edit", { room: this.id, seq, version, text }),
      async () => (await api.request("PATCH /rooms/{roomId}/messages/{seq}", { path, body: { text, version } })).message,
    );
  }

  async delete(seq: number): Promise<void> {
    const { live, api } = this.#with;
    await this.#act(
      () => live.request("message.delete", { room: this.id, seq }),
      async () => (await api.request("DELETE /rooms/{roomId}/messages/{seq}", { path: { roomId: this.id, seq: String(seq) } })).message,
    );
  }

  async react(seq: number, reaction: Reaction, on: boolean): Promise<void> {
    const { message } = await this.#with.live.request("message.react", { room: this.id, seq, reaction, on });
    this.#put(message);
  }

  /** The person is typing: told at most every three seconds. */
  types(): void {
    const now = this.#with.env.now();
    if (now - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = now;
    this.#with.live.typing(this.id);
  }

  /** Fetches older messages until this one is there; false when it is not to be had. */
  async fetchBackTo(seq: number): Promise<boolean> {
    while (!this.#closed && this.#log.floor >= seq && this.#log.older && !this.fetchingOlder) await this.fetchOlder();
    return this.#log.messages.some((message) => message.seq === seq);
  }

  /** The person sees messages up to this number; told once they have come to rest. Also what they wrote themselves. */
  shows(seq: number): void {
    if (seq <= this.read || seq > this.#log.have) return;
    this.#read = seq;
    this.#with.learned({ id: this.id, read: this.read, unread: this.unread });
    this.changed.tell();
    this.#readSoon?.();
    this.#readSoon = this.#with.env.after(READ_AFTER, () => this.#tellRead());
  }

  /** Fetches a page of older messages. */
  async fetchOlder(): Promise<void> {
    if (this.fetchingOlder || !this.#log.older) return;
    this.fetchingOlder = true;
    this.changed.tell();
    const before = this.#log.floor + 1;
    try {
      const path = { roomId: this.id };
      const page = await this.#with.api.request("GET /rooms/{roomId}/messages", { path, query: { before, limit: 50 } });
      this.#step({ type: "older", before, page });
    } finally {
      this.fetchingOlder = false;
      this.changed.tell();
    }
  }

  async fetchMembers(): Promise<void> {
    const path = { roomId: this.id };
    const members: Member[] = [];
    let cursor: string | undefined;
    try {
      do {
        const query = cursor === undefined ? { limit: 100 } : { limit: 100, cursor };
        const page = await this.#with.api.request("GET /rooms/{roomId}/members", { path, query });
        members.push(...page.items);
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && members.length < 500 && !this.#closed);
    } catch {
      // The next resume asks again; the messages do not wait for it.
      return;
    }
    const moved = new Map([...this.members].map(([id, member]) => [id, member.read]));
    this.members.clear();
    for (const member of members) {
      const read = Math.max(member.read, moved.get(member.account.id) ?? 0);
      this.members.set(member.account.id, { ...member, read });
      this.people.set(member.account.id, member.account);
    }
    this.changed.tell();
    this.#meet();
  }

  /** It leaves the screen. */
  async close(): Promise<void> {
    if (this.#read > this.#readTold) this.#tellRead();
    this.#closed = true;
    for (const forget of [this.#overdue, this.#retry, this.#readSoon, ...this.#typing.values()]) forget?.();
    await this.#with.live.request("room.close", { room: this.id }).catch(() => undefined);
  }

  /** Asks who those are that wrote here and are members no more. */
  #meet(): void {
    const authors = new Set(this.#log.messages.map(({ author }) => author));
    for (const id of authors) {
      if (!id || this.people.has(id) || this.#asked.has(id) || this.members.size === 0) continue;
      this.#asked.add(id);
      this.#with.api
        .request("GET /accounts/{accountId}", { path: { accountId: id } })
        .then(({ nickname, image }) => {
          this.people.set(id, { id, nickname, picture: image });
          this.changed.tell();
        })
        .catch(() => this.#asked.delete(id));
    }
  }

  async #act(live: () => Promise<{ message: Message }>, http: () => Promise<Message>): Promise<void> {
    if (this.#with.live.state === "open") {
      this.#put((await live()).message);
      return;
    }
    this.#put(await http());
    void this.#catchUp();
  }

  #put(message: Message): void {
    if (message.author) this.#stopsTyping(message.author);
    const members = message.system !== null && message.seq > this.#log.have;
    this.#step({ type: "told", message });
    if (members) void this.fetchMembers();
  }

  #step(event: LogEvent): void {
    const old = this.#log;
    this.#log = step(old, event);
    if (this.#log.messages !== old.messages) {
      this.#meet();
      this.#with.outbox.logged(this.id, this.#log.messages.slice(-200), this.#log.have);
      if (this.info && this.#log.last > this.info.seq) this.info = { ...this.info, seq: this.#log.last };
    }
    if (lacks(this.#log)) {
      this.#overdue ??= this.#with.env.after(OVERDUE, () => {
        this.#overdue = null;
        this.#step({ type: "overdue" });
      });
    } else {
      this.#overdue?.();
      this.#overdue = null;
    }
    if (this.#log.ask && !this.#asking) void this.#catchUp();
    this.changed.tell();
  }

  /** Asks what is to be asked, until nothing is. */
  async #catchUp(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      for (let ask = this.#log.ask; ask && !this.#closed; ask = this.#log.ask) {
        const { have, round } = this.#log;
        const page = await this.#ask(ask);
        this.#step({ type: "page", ask, page });
        // A gap that asking does not fill is not asked for in a hurry.
        if (this.#log.have > have || !this.#log.ask) this.#stuck = 0;
        else if (this.#log.round !== round) {
          const wait = backoff(this.#with.env.random, this.#stuck, 250);
          this.#stuck += 1;
          await new Promise<void>((resolve) => this.#with.env.after(wait, resolve));
        }
      }
    } catch (error) {
      if (error instanceof Refusal && !error.passing && error.status !== 401) {
        this.refused = error;
        this.changed.tell();
      } else this.#again(() => void this.#catchUp());
    } finally {
      this.#asking = false;
    }
  }

  async #ask(ask: Ask): Promise<MessagePage> {
    const cursor = ask.cursor === undefined ? {} : { cursor: ask.cursor };
    const query =
      ask.kind === "latest"
        ? { limit: 50, ...cursor }
        : ask.kind === "after"
          ? { after: ask.after, limit: 100, ...cursor }
          : { changedSince: ask.since, limit: 100, ...cursor };
    return this.#with.api.request("GET /rooms/{roomId}/messages", { path: { roomId: this.id }, query });
  }

  #again(run: () => void): void {
    this.#retry?.();
    const wait = backoff(this.#with.env.random, this.#stuck);
    this.#stuck += 1;
    this.#retry = this.#with.env.after(wait, () => {
      this.#retry = null;
      if (!this.#closed) run();
    });
  }

  #tellRead(): void {
    this.#readSoon?.();
    this.#readSoon = null;
    const seq = this.#read;
    const { live, api } = this.#with;
    const told =
      live.state === "open"
        ? live.request("message.read", { room: this.id, seq })
        : api.request("PUT /rooms/{roomId}/read", { path: { roomId: this.id }, body: { seq } });
    // Unanswered it is told again by the next resume.
    told
      .then(({ read }) => void (this.#readTold = Math.max(this.#readTold, read)))
      .catch((error: unknown) => {
        if (this.#closed || !(error instanceof Refusal) || !error.passing) return;
        const wait = Math.max((error.retryAfter ?? 0) * 1000, backoff(this.#with.env.random, 1));
        this.#readSoon ??= this.#with.env.after(wait, () => this.#tellRead());
      });
  }

  #moved(account: string, seq: number): void {
    const member = this.members.get(account);
    if (member && member.read < seq) this.members.set(account, { ...member, read: seq });
    if (account === this.#with.me && seq > this.#read) {
      // Read on another device.
      this.#read = seq;
      this.#readTold = Math.max(this.#readTold, seq);
      this.#with.learned({ id: this.id, read: this.read, unread: this.unread });
    }
    this.changed.tell();
  }

  #types(account: string): void {
    if (account === this.#with.me) return;
    this.#typing.get(account)?.();
    this.#typing.set(account, this.#with.env.after(TYPING_LASTS, () => this.#stopsTyping(account)));
    this.changed.tell();
  }

  #stopsTyping(account: string): void {
    const forget = this.#typing.get(account);
    if (!forget) return;
    forget();
    this.#typing.delete(account);
    this.changed.tell();
  }
}
