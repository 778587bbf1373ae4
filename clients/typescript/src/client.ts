import { type Environment, Signal } from "./environment.js";
import { Api } from "./http.js";
import { Live } from "./live.js";
import { LiveRoom } from "./live-room.js";
import { Outbox, type Unsent } from "./outbox.js";
import type { Message, Notification, Preview, Room, Told } from "./wire.js";

/** Where Madang is. */
export interface Addresses {
  /** The HTTP API; the empty string when it is where the page is. */
  api: string;
  /** The live connection: `wss://…`. */
  live: string;
}

/** One person's Madang: requests, the live connection, rooms, notifications. */
export class Madang {
  readonly api: Api;
  readonly live: Live;
  readonly rooms: Rooms;
  readonly notifications: Notifications;
  /** Somebody signed in or out. */
  readonly changed = new Signal();
  readonly #env: Environment;
  readonly #onScreen = new Map<string, LiveRoom>();
  /** Rooms that were closed and whose closing was not answered yet. */
  readonly #closing = new Map<string, Promise<void>>();
  #outbox: Outbox | null = null;
  #account: string | null = null;

  constructor(env: Environment, addresses: Addresses, language: string, name = "") {
    this.#env = env;
    this.api = new Api(env, addresses.api, language, name);
    this.live = new Live(env, this.api, () => {
      const joint = addresses.live.includes("?") ? "&" : "?";
      return `${addresses.live}${joint}lang=${encodeURIComponent(this.api.language)}`;
    });
    this.rooms = new Rooms(this.api);
    this.notifications = new Notifications(this.api);
    this.live.changed.on((state) => {
      if (state === "open") void this.#resume();
    });
    this.live.told.on((frame) => this.#take(frame));
    this.live.heard.on((at) => {
      for (const room of this.#onScreen.values()) room.heard(at);
    });
    this.api.changed.on(() => this.#sessionChanged());
    this.#sessionChanged();
  }

  /** A room on the screen; to be closed by `close` when it leaves it. */
  open(id: string): LiveRoom {
    const known = this.#onScreen.get(id);
    if (known) return known;
    const outbox = this.#outbox;
    const me = this.#account;
    if (!outbox || !me) throw new Error("nobody is signed in");
    const { api, live } = this;
    const room = new LiveRoom(id, { env: this.#env, api, live, outbox, me, learned: (info) => this.rooms.learn(info) });
    this.#onScreen.set(id, room);
    // Two frames at once are answered in either order: what was closed last would stay closed.
    void (this.#closing.get(id) ?? Promise.resolve()).then(() => room.resume());
    return room;
  }

  /** The room leaves the screen. */
  close(room: LiveRoom): void {
    if (this.#onScreen.get(room.id) !== room) return;
    this.#onScreen.delete(room.id);
    const closing = room.close().finally(() => this.#closing.get(room.id) === closing && this.#closing.delete(room.id));
    this.#closing.set(room.id, closing);
  }

  /** The network came back, or the page is looked at again. */
  nudge(): void {
    this.live.nudge();
    this.#outbox?.pump();
  }

  async signOut(): Promise<void> {
    await this.api.signOut();
  }

  #sessionChanged(): void {
    const account = this.api.account?.id ?? null;
    if (account === this.#account) return;
    this.#account = account;
    for (const room of [...this.#onScreen.values()]) this.close(room);
    this.live.stop();
    this.#outbox?.stop();
    this.#outbox = null;
    this.rooms.clear();
    this.notifications.clear();
    if (account) {
      const outbox = new Outbox(
        this.#env,
        account,
        (unsent) => this.#deliver(unsent),
        (unsent, message) => this.#delivered(unsent, message),
      );
      outbox.changed.on((room) => this.#onScreen.get(room)?.outboxChanged());
      this.#outbox = outbox;
      this.live.start();
    }
    this.changed.tell();
  }

  /** After a connection opened: rooms on the screen, the lists, and then what was not answered. */
  async #resume(): Promise<void> {
    const outbox = this.#outbox;
    const rooms = [...this.#onScreen.values()].map((room) => room.resume());
    void this.rooms.load().catch(() => undefined);
    void this.notifications.load().catch(() => undefined);
    await Promise.allSettled(rooms);
    if (outbox === this.#outbox) outbox?.pump();
  }

  async #deliver({ room, nonce, draft }: Unsent): Promise<Message> {
    if (this.live.state === "open") return (await this.live.request("message.send", { room, nonce, ...draft })).message;
    const input = { path: { roomId: room }, body: { nonce, ...draft } };
    return (await this.api.request("POST /rooms/{roomId}/messages", input)).message;
  }

  #delivered({ room }: Unsent, message: Message): void {
    const shown = this.#onScreen.get(room);
    if (shown) shown.answered(message);
    else this.#outbox?.logged(room, [], message.seq);
    this.rooms.written(room, message);
  }

  #take(frame: Told): void {
    if (frame.type === "notification" || frame.type === "notification.read" || frame.type === "notification.removed") {
      this.notifications.take(frame);
    } else if (frame.type === "presence.changed") for (const room of this.#onScreen.values()) room.take(frame);
    else {
      const id = typeof frame.room === "string" ? frame.room : frame.room?.id;
      const room = this.#onScreen.get(id);
      this.rooms.take(frame);
      room?.take(frame);
    }
  }
}

/** One's rooms, the latest activity first. */
export class Rooms {
  readonly changed = new Signal();
  /** One is in a room no more. */
  readonly removed = new Signal<{ room: string; reason: string }>();
  /** Whether the list was fetched. */
  loaded = false;
  readonly #api: Api;
  #rooms = new Map<string, Room>();
  /** What was heard of while the list was being fetched is newer than the list. */
  #meanwhile = new Set<string>();

  constructor(api: Api) {
    this.#api = api;
  }

  get list(): Room[] {
    return [...this.#rooms.values()].sort((one, other) => Date.parse(other.activeAt) - Date.parse(one.activeAt));
  }

  get(id: string): Room | undefined {
    return this.#rooms.get(id);
  }

  /** Messages that wait to be read, but for muted rooms. */
  get unread(): number {
    return this.list.reduce((sum, room) => sum + (room.muted ? 0 : room.unread), 0);
  }

  /** Fetches the list. */
  async load(): Promise<void> {
    const rooms = new Map<string, Room>();
    const meanwhile = new Set<string>();
    this.#meanwhile = meanwhile;
    let cursor: string | undefined;
    do {
      const page = await this.#api.request("GET /rooms", { query: cursor === undefined ? { limit: 100 } : { limit: 100, cursor } });
      for (const room of page.items) rooms.set(room.id, this.#merged(room));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    if (this.#meanwhile !== meanwhile) return;
    for (const id of meanwhile) {
      const now = this.#rooms.get(id);
      if (now) rooms.set(id, now);
      else rooms.delete(id);
    }
    this.#rooms = rooms;
    this.loaded = true;
    this.changed.tell();
  }

  /** Takes what a room on the screen or an answer says. */
  learn(info: Partial<Room> & { id: string }): void {
    const known = this.#rooms.get(info.id);
    if (!known && info.kind === undefined) return;
    this.#rooms.set(info.id, { ...known, ...info } as Room);
    this.#meanwhile.add(info.id);
    this.changed.tell();
  }

  /** One's own message is the room's latest, unless there is a later one. */
  written(id: string, message: Message): void {
    const room = this.#rooms.get(id);
    if (!room || message.seq <= room.seq) return;
    this.learn({ id, seq: message.seq, preview: inShort(message), activeAt: message.createdAt });
  }

  /** Mutes a room, or not. */
  async mute(id: string, muted: boolean): Promise<void> {
    this.learn(await this.#api.request("PATCH /rooms/{roomId}", { path: { roomId: id }, body: { muted } }));
  }

  /** Leaves a room. */
  async leave(id: string): Promise<void> {
    await this.#api.request("DELETE /rooms/{roomId}/members/me", { path: { roomId: id } });
    this.#remove(id, "left");
  }

  clear(): void {
    this.#rooms = new Map();
    this.#meanwhile = new Set();
    this.loaded = false;
    this.changed.tell();
  }

  /** Takes what was told. */
  take(frame: Told): void {
    if (frame.type === "room.changed") this.learn(this.#merged(frame.room));
    else if (frame.type === "room.removed") this.#remove(frame.room, frame.reason);
    else if (frame.type === "room.activity") {
      const room = this.#rooms.get(frame.room);
      if (!room) void this.#fetch(frame.room);
      else if (frame.seq >= room.seq) {
        const unread = Math.min(frame.unread, Math.max(0, frame.seq - room.read));
        const status = frame.status ?? room.status;
        this.learn({ id: room.id, seq: frame.seq, unread, preview: frame.preview ?? room.preview, status, activeAt: frame.at });
      }
    } else if (frame.type === "message.created") {
      const { seq, createdAt } = frame.message;
      const room = this.#rooms.get(frame.room);
      if (room && seq > room.seq) {
        this.learn({ id: room.id, seq, unread: Math.max(0, seq - room.read), preview: inShort(frame.message), activeAt: createdAt });
      }
    }
  }

  /** Read pointers only rise, whatever order answers come in. */
  #merged(room: Room): Room {
    const known = this.#rooms.get(room.id);
    const read = Math.max(known?.read ?? 0, room.read);
    const seq = Math.max(known?.seq ?? 0, room.seq);
    return { ...room, read, seq, unread: Math.min(room.unread, Math.max(0, seq - read)) };
  }

  #remove(room: string, reason: string): void {
    this.#meanwhile.add(room);
    if (!this.#rooms.delete(room)) return;
    this.changed.tell();
    this.removed.tell({ room, reason });
  }

  async #fetch(id: string): Promise<void> {
    try {
      this.learn(this.#merged(await this.#api.request("GET /rooms/{roomId}", { path: { roomId: id } })));
    } catch {
      // It is told again with the next message, and the next connection loads the list.
    }
  }
}

/** A message as lists show it. */
function inShort({ seq, kind, author, text, system }: Message): Preview {
  return { seq, kind, author, text: text === null ? null : [...text].slice(0, 80).join(""), system };
}

type OfNotifications = Extract<Told, { type: "notification" | "notification.read" | "notification.removed" }>;

const PAGE = 30;

/** What happened, the latest first. */
export class Notifications {
  readonly changed = new Signal();
  /** Something has just happened, or more of it: for a toast. */
  readonly arrived = new Signal<Notification>();
  list: Notification[] = [];
  /** How many are not read; a hundred means a hundred or more. */
  unread = 0;
  loaded = false;
  more = false;
  readonly #api: Api;
  #cursor: string | undefined;
  /** What was told while the list was being fetched is newer than the list. */
  #meanwhile: OfNotifications[] | null = null;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Fetches the first page and the count. */
  async load(): Promise<void> {
    const meanwhile: OfNotifications[] = [];
    this.#meanwhile = meanwhile;
    try {
      const [page, count] = await Promise.all([
        this.#api.request("GET /notifications", { query: { limit: PAGE } }),
        this.#api.request("GET /notifications/count"),
      ]);
      if (this.#meanwhile !== meanwhile) return;
      this.list = page.items;
      this.unread = count.unread;
      this.#goesOn(page.nextCursor);
      this.loaded = true;
      for (const frame of meanwhile) this.#apply(frame);
      this.changed.tell();
    } finally {
      if (this.#meanwhile === meanwhile) this.#meanwhile = null;
    }
  }

  /** Fetches the next page. */
  async loadMore(): Promise<void> {
    const cursor = this.#cursor;
    if (cursor === undefined) return;
    const page = await this.#api.request("GET /notifications", { query: { limit: PAGE, cursor } });
    if (this.#cursor !== cursor) return;
    const known = new Set(this.list.map(({ id }) => id));
    this.list = [...this.list, ...page.items.filter(({ id }) => !known.has(id))];
    this.#goesOn(page.nextCursor);
    this.changed.tell();
  }

  async read(id: string): Promise<void> {
    await this.#api.request("PUT /notifications/{notificationId}/read", { path: { notificationId: id } });
    // The connection tells the count as well, if it lives.
    const one = this.list.find((notification) => notification.id === id);
    if (one && !one.read) this.#counted(-1);
    this.#mark((notification) => notification.id === id);
    this.changed.tell();
  }

  /** Reads all up to the latest that is shown: what comes meanwhile stays unread. */
  async readAll(): Promise<void> {
    const until = this.list[0]?.updatedAt;
    if (until === undefined) return;
    await this.#api.request("PUT /notifications/read", { body: { until } });
    this.#mark((notification) => notification.updatedAt <= until);
    this.unread = this.list.filter(({ read }) => !read).length;
    this.changed.tell();
  }

  async delete(id: string): Promise<void> {
    await this.#api.request("DELETE /notifications/{notificationId}", { path: { notificationId: id } });
    const one = this.list.find((notification) => notification.id === id);
    if (one && !one.read) this.#counted(-1);
    this.list = this.list.filter((notification) => notification.id !== id);
    this.changed.tell();
  }

  clear(): void {
    this.list = [];
    this.unread = 0;
    this.loaded = false;
    this.#meanwhile = null;
    this.#goesOn(null);
    this.changed.tell();
  }

  /** Takes what was told. */
  take(frame: OfNotifications): void {
    this.#meanwhile?.push(frame);
    const news = this.#apply(frame);
    this.changed.tell();
    if (news) this.arrived.tell(news);
  }

  #apply(frame: OfNotifications): Notification | null {
    let news: Notification | null = null;
    if (frame.type === "notification") {
      if (this.#put(frame.notification)) news = frame.notification;
    } else if (frame.type === "notification.removed") {
      this.list = this.list.filter(({ id }) => id !== frame.id);
    } else {
      const { ids, until } = frame;
      this.#mark(({ id, updatedAt }) => ids?.includes(id) === true || (typeof until === "string" && updatedAt <= until));
    }
    this.unread = frame.unread;
    return news;
  }

  /** Puts it in its place, unless what is known of it is newer. */
  #put(one: Notification): boolean {
    const known = this.list.find(({ id }) => id === one.id);
    if (known && !isNewer(one, known)) return false;
    const rest = this.list.filter(({ id }) => id !== one.id);
    const place = rest.findIndex(({ updatedAt }) => updatedAt < one.updatedAt);
    this.list = place < 0 ? [...rest, one] : [...rest.slice(0, place), one, ...rest.slice(place)];
    return true;
  }

  #mark(those: (notification: Notification) => boolean): void {
    this.list = this.list.map((one) => (!one.read && those(one) ? { ...one, read: true } : one));
  }

  #counted(by: number): void {
    this.unread = Math.max(0, this.unread + by);
  }

  #goesOn(cursor: string | null | undefined): void {
    this.#cursor = cursor ?? undefined;
    this.more = this.#cursor !== undefined;
  }
}

/** Of two states of one the later is the newer, and of those of one moment the one that tells of more, or was read. */
function isNewer(one: Notification, known: Notification): boolean {
  if (one.updatedAt !== known.updatedAt) return one.updatedAt > known.updatedAt;
  const count = ({ payload }: Notification) => ("count" in payload ? payload.count : 0);
  if (count(one) !== count(known)) return count(one) > count(known);
  return one.read && !known.read;
}
