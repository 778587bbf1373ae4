// A Madang in memory, for tests and for work on the page: the requests and frames of docs/realtime.md, with switches for
// what goes wrong in the world. It is no twin of the real one: rules that the client does not depend on are not here.

import type { Me, Picture } from "../../src/api.js";
import type { Frame, Member, Message, Notification, NotificationPreferences, Preview, Reaction, Room, SystemEvent, Told } from "../../src/wire.js";

/** What a reply is. */
export interface FakeReply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Somebody's connection. */
export interface FakeConnection {
  account: string;
  /** Until when its token is good. */
  until: number;
  rooms: string[];
  send(frame: Frame): void;
  close(code: number): void;
}

/** What is to go wrong; each is asked every time. */
export interface Faults {
  /** The message is stored, and the answer is lost with the connection. */
  loseAnswer?: () => boolean;
  /** A told frame is lost. */
  loseTold?: () => boolean;
  /** A told frame comes twice. */
  doubleTold?: () => boolean;
  /** A request is answered with 503. */
  unavailable?: () => boolean;
  /** Told frames wait, and come one in another's place. */
  shuffle?: () => boolean;
}

interface Fields {
  room: string;
  seq: number;
  version: number;
  text: string;
  reaction: Reaction;
  on: boolean;
  choice: string;
}

interface Someone {
  me: Me;
  password: string;
}

interface Place {
  id: string;
  kind: Room["kind"];
  title: string;
  listing: string | null;
  host: string | null;
  status: Room["status"];
  log: Message[];
  /** The moment of each change, for `changedSince`. */
  changedAt: Map<number, number>;
  nonces: Map<string, { seq: number; said: string }>;
  members: Map<string, { role: Member["role"]; read: number; since: number; muted: boolean; joinedAt: string }>;
  shownOut: Set<string>;
  activeAt: string;
  createdAt: string;
}

const GANGNAM = { id: "seoul/gangnam-gu", nameKo: "서울 강남구", nameEn: "Gangnam-gu, Seoul" };
const HAEUNDAE = { id: "busan/haeundae-gu", nameKo: "부산 해운대구", nameEn: "Haeundae-gu, Busan" };
const PEOPLE = [
  ["6f1c2a34-5b6d-4e7f-8a90-b1c2d3e4f506", "minji@example.com", "민지", GANGNAM],
  ["0b2d4f68-1a3c-4e5d-9f70-8192a3b4c5d6", "junho@example.com", "준호", GANGNAM],
  ["c3a1e5f7-2b4d-4c6e-8f01-23456789abcd", "haru@example.com", "하루", HAEUNDAE],
] as const;
const PASSWORD = "madang-2026!";
const THINGS = [
  ["AB", 0, "자전거 21단, 거의 새것", "작년에 사서 열 번쯤 탔습니다. 자물쇠도 같이 드려요.", "sports", "#347ab8", "캠핑 의자 두 개"],
  ["AD", 1, "그림책 스무 권", "아이가 커서 내놓습니다. 낙서는 없어요.", "kids", "#d67c40", "보드게임"],
  ["AE", 1, "전동 드릴 빌려드려요", "비트 열 개 포함. 당일 반납도 좋습니다.", "household", "#568c5c", 5000],
  ["AF", 0, "주말에 쓸 텐트 찾아요", "4인용이면 좋겠습니다. 값은 이야기해요.", "sports", null, null],
  ["AG", 2, "서핑보드 무료로 빌려드려요", "초보용 소프트 보드. 해운대에서만.", "sports", "#2c9eaa", 0],
  ["AH", 2, "다육이 화분 세 개", "햇빛만 있으면 잘 자랍니다.", "plants", "#78a848", "커피 원두"],
] as const;
const CATEGORIES = [
  ["sports", "스포츠/레저", "Sports and leisure"],
  ["kids", "유아동", "Children"],
  ["household", "생활용품", "Household"],
  ["plants", "식물", "Plants"],
] as const;
const TITLES: Record<string, [number, string, string]> = {
  wrong_credentials: [401, "이메일 또는 비밀번호가 맞지 않습니다.", "The e-mail address or the password is wrong."],
  bad_token: [401, "로그인이 만료되었거나 올바르지 않습니다.", "The token is expired or not valid here."],
  token_expired: [401, "로그인이 만료되었습니다. 새 토큰으로 다시 연결해 주세요.", "The token has expired; connect again with a new one."],
  not_found: [404, "찾을 수 없습니다.", "Not found."],
  banned: [403, "이 물품에서 강퇴되어 들어갈 수 없습니다.", "You are banned from this listing."],
  not_author: [403, "쓴 사람만 할 수 있습니다.", "Only its author may do this."],
  too_late: [403, "5분이 지나 지울 수 없습니다.", "Five minutes have passed."],
  room_closed: [409, "닫힌 대화방입니다.", "The room is closed."],
  version_conflict: [409, "그사이 바뀌었습니다.", "It was changed meanwhile."],
  nonce_reused: [422, "같은 nonce로 다른 내용을 보낼 수 없습니다.", "The nonce was used for another message."],
  too_long: [422, "150자까지 쓸 수 있습니다.", "150 characters at the most."],
  own_listing: [409, "내가 올린 물품입니다.", "It is your own listing."],
  unavailable: [503, "지금은 이용할 수 없습니다. 잠시 뒤 다시 시도해 주세요.", "Not available right now; try again later."],
  too_many_requests: [429, "요청이 너무 많습니다. 잠시 뒤 다시 시도해 주세요.", "Too many requests; try again later."],
};

class Refused {
  constructor(
    readonly code: string,
    readonly more: object = {},
  ) {}
}

/** What can be told of, without what every notification has. */
type Happened = Notification extends infer One ? (One extends { type: infer Type; payload: infer Payload } ? { type: Type; payload: Payload } : never) : never;

const BOTH = { inApp: true, push: true };
const EVERY_WAY: NotificationPreferences["types"] = { "listing.expired": BOTH, "listing.inquiry": BOTH, "room.message": BOTH, "room.reply": BOTH, "room.kicked": BOTH };

function inShort({ seq, kind, author, text, system }: Message): Preview {
  return { seq, kind, author, text: text?.slice(0, 80) ?? null, system };
}

/** A Madang in memory. */
export class FakeMadang {
  faults: Faults = {};
  /** How long an access token is good, in seconds. */
  tokenLasts = 3600;
  /** Messages to one room that a person may write in ten seconds. */
  messagesInTenSeconds = Infinity;
  readonly connections = new Set<FakeConnection>();
  readonly places = new Map<string, Place>();
  readonly requests: string[] = [];
  readonly #now: () => number;
  readonly #people = new Map<string, Someone>();
  readonly #tokens = new Map<string, { account: string; until: number }>();
  readonly #refresh = new Map<string, string>();
  readonly #notifications = new Map<string, Notification[]>();
  readonly #preferences = new Map<string, NotificationPreferences>();
  readonly #choices = new Map<string, string>();
  readonly #bookmarks = new Set<string>();
  readonly #written = new Map<string, number[]>();
  readonly #uploads = new Map<string, { type: string; bytes: Uint8Array; size: number; owner: string }>();
  #late: { to: FakeConnection; frame: Told }[] = [];
  #count = 0;

  constructor(now: () => number) {
    this.#now = now;
    for (const [id, email, nickname, region] of PEOPLE) {
      const me = {
        id, email, nickname, image: null, phone: null, region, address: null, signInBy: ["email"], hasPassword: true,
        onboarded: true, needs: [], admin: false, createdAt: this.#iso(), updatedAt: this.#iso(), version: 1,
      } as unknown as Me;
      this.#people.set(id, { me, password: PASSWORD });
      this.#notifications.set(id, []);
    }
  }

  /** Answers a request. */
  handle(method: string, url: string, headers: Record<string, string>, body: string): FakeReply {
    const language = headers["accept-language"]?.startsWith("en") ? 2 : 1;
    const { pathname, searchParams } = new URL(url, "http://madang");
    this.requests.push(`${method} ${pathname}`);
    try {
      if (this.faults.unavailable?.()) throw new Refused("unavailable");
      const token = headers["authorization"]?.replace("Bearer ", "");
      const known = token === undefined ? undefined : this.#tokens.get(token);
      if (token !== undefined && (!known || known.until <= this.#now())) throw new Refused("bad_token");
      const input = body ? (JSON.parse(body) as Record<string, unknown>) : {};
      const reply = this.#route(method, pathname, searchParams, input, known?.account);
      if (this.faults.loseAnswer?.() && method !== "GET") throw new Refused("unavailable");
      return reply;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const problem = this.problem(error, language);
      const after = error.code === "unavailable" ? "0.2" : (problem as { retryAfter?: number }).retryAfter;
      return { status: problem.status, body: problem, ...(after ? { headers: { "retry-after": String(after) } } : {}) };
    }
  }

  private problem({ code, more }: Refused, language: number) {
    const titles = TITLES[code] as [number, string, string];
    const title = titles[language] as string;
    return { type: `urn:madang:problem:${code}`, code, title, status: titles[0], requestId: "fake", ...more };
  }

  /** Whether a token is good. */
  knows(token: string): boolean {
    return (this.#tokens.get(token)?.until ?? 0) > this.#now();
  }

  /** Opens a connection; null when the token is refused. */
  connect(token: string, send: (frame: Frame) => void, close: (code: number) => void): FakeConnection | null {
    const known = this.#tokens.get(token);
    if (!known || !this.knows(token)) return null;
    const connection = { account: known.account, until: known.until, rooms: [], send, close };
    this.connections.add(connection);
    this.#presence(known.account);
    return connection;
  }

  disconnect(connection: FakeConnection): void {
    if (this.connections.delete(connection)) this.#presence(connection.account);
  }

  /** Takes a frame. */
  frame(connection: FakeConnection, text: string): void {
    const { action, ref, ...fields } = JSON.parse(text) as { action: string; ref?: string } & Fields;
    const named = ref === undefined ? {} : { ref };
    let answer: object;
    try {
      if (connection.until <= this.#now()) throw new Refused("token_expired");
      if (action === "ping") answer = { type: "pong", ...named, at: this.#iso() };
      else {
        const held = this.#action(connection, action, fields);
        if (!held) return;
        answer = { type: "ack", ...named, ...held };
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer = { type: "error", ...named, problem: this.problem(error, 1) };
    }
    if (action !== "ping" && this.faults.loseAnswer?.()) {
      this.disconnect(connection);
      connection.close(1006);
      return;
    }
    connection.send(answer as Frame);
  }

  #action(connection: FakeConnection, action: string, fields: Fields): object | null {
    const me = connection.account;
    const room = fields.room;
    switch (action) {
      case "room.open":
        this.#member(room, me);
        connection.rooms = [...connection.rooms.filter((one) => one !== room), room].slice(-5);
        return { room: this.#room(room, me) };
      case "room.close":
        connection.rooms = connection.rooms.filter((one) => one !== room);
        return {};
      case "message.send":
        return { message: this.send(room, me, { ...fields }, connection) };
      case "message.edit":
        return { message: this.#edit(room, me, fields.seq, fields.version, fields.text, connection) };
      case "message.delete":
        return { message: this.#delete(room, me, fields.seq, connection) };
      case "message.react":
        return { message: this.#react(room, me, fields.seq, fields.reaction, fields.on, connection) };
      case "message.read":
        return this.#read(room, me, fields.seq, connection);
      case "typing":
        this.#member(room, me);
        this.#tell(room, { type: "typing", room, account: me }, connection);
        return null;
      case "presence.choose":
        this.#choices.set(me, fields.choice);
        this.#presence(me);
        return { presence: this.#present(me), choice: fields.choice };
      default:
        throw new Refused("not_found");
    }
  }

  #route(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>, me: string | undefined): FakeReply {
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    const [first, second, third, fourth, fifth] = parts;
    const is = (pattern: string) => {
      const [wanted, ...rest] = pattern.split(" ");
      const wants = (rest[0] as string).split("/").slice(1);
      return wanted === method && wants.length === parts.length && wants.every((one, at) => one === "*" || one === parts[at]);
    };
    const ok = (value?: unknown, status = 200): FakeReply => ({ status, body: value });

    if (is("POST /auth/session")) {
      const someone = [...this.#people.values()].find(({ me }) => me.email === body["email"]);
      if (!someone || someone.password !== body["password"]) throw new Refused("wrong_credentials");
      return ok(this.#session(someone.me));
    }
    if (is("POST /auth/session/refresh")) {
      const account = this.#refresh.get(String(body["refreshToken"]));
      if (!account) throw new Refused("bad_token");
      return ok(this.#session((this.#people.get(account) as Someone).me));
    }
    if (is("POST /auth/session/end")) {
      this.#refresh.delete(String(body["refreshToken"]));
      return ok(undefined, 204);
    }
    if (is("GET /categories")) {
      return ok({ items: CATEGORIES.map(([id, nameKo, nameEn], place) => ({ id, nameKo, nameEn, place, hidden: false, version: 1 })) });
    }
    if (is("GET /regions")) {
      const of = (id: string, nameKo: string, nameEn: string, district: string, ko: string, en: string) => ({
        id, nameKo, nameEn, districts: [{ id: district, nameKo: ko, nameEn: en, lat: 0, lng: 0 }],
      });
      return ok({
        provinces: [
          of("seoul", "서울", "Seoul", "seoul/gangnam-gu", "강남구", "Gangnam-gu"),
          of("busan", "부산", "Busan", "busan/haeundae-gu", "해운대구", "Haeundae-gu"),
        ],
      });
    }
    if (is("GET /accounts/*")) {
      const { id, nickname, image, region, createdAt } = this.#people.get(second as string)?.me ?? {};
      if (!id) throw new Refused("not_found");
      return ok({ id, nickname, image, region, createdAt, withdrawn: false });
    }
    if (is("GET /listings")) {
      const region = query.get("region") ?? "all";
      const items = THINGS.map((thing) => this.#listing(thing[0], me)).filter(
        (one) => (region === "all" || one.region.id.startsWith(region)) && one.title.includes(query.get("q") ?? ""),
      );
      return ok({ items, nextCursor: null });
    }
    if (is("GET /listings/*")) return ok(this.#listing((second as string).slice(-2), me));
    if (first === "_local" && second === "upload") return ok();

    if (!me) throw new Refused("bad_token");
    if (is("PUT /listings/*/bookmark") || is("DELETE /listings/*/bookmark")) {
      const key = `${me} ${second}`;
      if (method === "PUT") this.#bookmarks.add(key);
      else this.#bookmarks.delete(key);
      return ok({ bookmarked: method === "PUT", bookmarks: this.#bookmarks.size });
    }
    if (is("GET /me/presence")) return ok({ presence: this.#present(me), choice: this.#choices.get(me) ?? "automatic" });
    if (is("PUT /me/presence")) {
      this.#choices.set(me, String(body["choice"]));
      this.#presence(me);
      return ok({ presence: this.#present(me), choice: body["choice"] });
    }
    if (is("GET /me")) return ok(this.#people.get(me)?.me);
    if (is("POST /listings/*/room")) return ok(this.#join((second as string), me));
    if (is("POST /listings/*/inquiry")) return ok(this.#inquire(second as string, me));
    if (is("POST /accounts/*/room")) return ok(this.#direct(second as string, me));
    if (is("GET /rooms")) {
      const mine = [...this.places.values()].filter((place) => place.members.has(me));
      mine.sort((one, other) => other.activeAt.localeCompare(one.activeAt));
      return ok({ items: mine.map((place) => this.#room(place.id, me)), nextCursor: null });
    }
    if (first === "rooms" && second !== undefined) {
      if (is("GET /rooms/*")) return ok(this.#room(second, me));
      if (is("PATCH /rooms/*")) {
        this.#member(second, me).muted = Boolean(body["muted"]);
        return ok(this.#changed(second, me));
      }
      if (is("GET /rooms/*/members")) return ok({ items: this.#members(second, me), nextCursor: null });
      if (is("DELETE /rooms/*/members/me")) return this.#leave(second, me, "left");
      if (is("DELETE /rooms/*/members/*")) {
        if (this.#member(second, me).role !== "host") throw new Refused("not_author");
        return this.#leave(second, fourth as string, "kicked");
      }
      if (is("GET /rooms/*/messages")) return ok(this.#page(second, me, query));
      if (is("POST /rooms/*/messages")) return ok({ message: this.send(second, me, body) }, 201);
      const seq = Number(fourth);
      if (is("PATCH /rooms/*/messages/*")) return ok({ message: this.#edit(second, me, seq, Number(body["version"]), String(body["text"])) });
      if (is("DELETE /rooms/*/messages/*")) return ok({ message: this.#delete(second, me, seq) });
      if (third === "messages" && fifth === "media") {
        const media = this.#message(second, seq).media;
        const url = `/_fake/media/${media?.id}`;
        return ok({ url, thumbnailUrl: url, expiresAt: new Date(this.#now() + 3_600_000).toISOString() });
      }
      if (is("PUT /rooms/*/read")) return ok(this.#read(second, me, Number(body["seq"])));
    }
    const happened = this.#notifications.get(me) ?? [];
    if (is("GET /notifications")) return ok({ items: happened, nextCursor: null });
    if (is("GET /notifications/count")) return ok({ unread: this.#unread(me) });
    if (is("PUT /notifications/read")) {
      const until = String(body["until"]);
      this.#notifications.set(me, happened.map((one) => (one.updatedAt <= until ? { ...one, read: true } : one)));
      this.#toAll(me, { type: "notification.read", until, unread: this.#unread(me) });
      return ok(undefined, 204);
    }
    if (is("PUT /notifications/*/read")) {
      this.#notifications.set(me, happened.map((one) => (one.id === second ? { ...one, read: true } : one)));
      this.#toAll(me, { type: "notification.read", ids: [second as string], unread: this.#unread(me) });
      return ok(undefined, 204);
    }
    if (is("DELETE /notifications/*")) {
      this.#notifications.set(me, happened.filter((one) => one.id !== second));
      this.#toAll(me, { type: "notification.removed", id: second as string, unread: this.#unread(me) });
      return ok(undefined, 204);
    }
    if (is("GET /me/notification-preferences")) return ok(this.#preferences.get(me) ?? { version: 0, types: EVERY_WAY, quietHours: null, language: "ko" });
    if (is("PUT /me/notification-preferences")) {
      const { version, types, quietHours, language } = body as unknown as NotificationPreferences;
      const now: NotificationPreferences = { version: version + 1, types: { ...EVERY_WAY, ...types }, quietHours: quietHours ?? null, language: language ?? "ko" };
      this.#preferences.set(me, now);
      return ok(now);
    }
    if (is("POST /media")) {
      const id = this.#id("med");
      this.#uploads.set(id, { type: String(body["contentType"]), bytes: new Uint8Array(), size: Number(body["size"]), owner: me });
      const upload = { method: "PUT", url: `/_fake/media/${id}`, headers: { "content-type": String(body["contentType"]) }, expiresAt: this.#iso() };
      return ok({ id, status: "waiting", upload }, 201);
    }
    if (is("GET /media/*")) return ok({ id: second, purpose: "message", status: "ready", rejection: null, picture: null, used: false, createdAt: this.#iso() });
    throw new Refused("not_found");
  }

  /** A file that was put up. */
  file(id: string): { type: string; bytes: Uint8Array } | undefined {
    return this.#uploads.get(id);
  }

  putFile(id: string, bytes: Uint8Array): void {
    const upload = this.#uploads.get(id);
    if (upload) upload.bytes = bytes;
  }

  /** Writes a message. */
  send(room: string, me: string, draft: Record<string, unknown>, by?: FakeConnection): Message {
    this.#member(room, me);
    const place = this.#place(room);
    const nonce = String(draft["nonce"]);
    const said = JSON.stringify([draft["text"] ?? null, draft["media"] ?? null, draft["replyTo"] ?? null]);
    const known = place.nonces.get(`${me} ${nonce}`);
    if (known) {
      if (known.said !== said) throw new Refused("nonce_reused");
      return this.#message(room, known.seq);
    }
    if (place.status === "closed") throw new Refused("room_closed");
    const text = draft["text"] === undefined ? null : String(draft["text"]);
    if ((text ?? "").length > 150) throw new Refused("too_long");
    const lately = (this.#written.get(me) ?? []).filter((at) => at > this.#now() - 10_000);
    if (lately.length >= this.messagesInTenSeconds) {
      throw new Refused("too_many_requests", { retryAfter: ((lately[0] as number) + 10_000 - this.#now()) / 1000 });
    }
    this.#written.set(me, [...lately, this.#now()]);
    const answered = draft["replyTo"] === undefined ? undefined : this.#message(room, Number(draft["replyTo"]));
    const media = draft["media"] === undefined ? null : String(draft["media"]);
    const file = media === null ? undefined : this.#uploads.get(media);
    const message = this.#write(
      place,
      {
        kind: media === null ? "text" : "image",
        author: me,
        nonce,
        text,
        replyTo: answered ? { seq: answered.seq, author: answered.author, text: answered.text?.slice(0, 80) ?? null } : null,
        media: media === null ? null : { id: media, contentType: file?.type ?? "", size: file?.size ?? 0, width: null, height: null, placeholder: null },
      },
      by,
    );
    place.nonces.set(`${me} ${nonce}`, { seq: message.seq, said });
    this.#notify(place, message);
    return message;
  }

  /** As the server does: what was said in a conversation of two, and answers to one's messages elsewhere. */
  #notify(place: Place, message: Message): void {
    const nickname = this.#people.get(message.author ?? "")?.me.nickname ?? null;
    for (const [account, member] of place.members) {
      if (account === message.author || member.muted) continue;
      if (place.kind === "listing" && message.replyTo?.author !== account) continue;
      if ([...this.connections].some((one) => one.account === account && one.rooms.includes(place.id))) continue;
      const type = place.kind === "listing" ? "room.reply" : "room.message";
      const known = this.#notifications.get(account)?.find((one) => !one.read && one.type === type && one.payload.room === place.id);
      const count = known && "count" in known.payload ? known.payload.count + 1 : 1;
      const payload = { room: place.id, kind: place.kind, title: place.title, nickname, preview: inShort(message), count };
      const body = `${nickname}: ${message.text ?? "사진"}`;
      this.notify(account, { ...(known ? { id: known.id, createdAt: known.createdAt } : {}), type, payload }, [`새 메시지 ${count}`, body], [`Messages ${count}`, body]);
    }
  }

  /** Tells somebody of something; of what is alike, again. */
  notify(account: string, what: Happened & { id?: string; createdAt?: string }, ko: [string, string], en: [string, string]): void {
    const text = { ko: { title: ko[0], body: ko[1] }, en: { title: en[0], body: en[1] } };
    const notification = { id: this.#id("ntf"), read: false, createdAt: this.#iso(), updatedAt: this.#iso(), text, ...what } as Notification;
    const list = [notification, ...(this.#notifications.get(account) ?? []).filter(({ id }) => id !== notification.id)];
    this.#notifications.set(account, list);
    this.#toAll(account, { type: "notification", notification, unread: this.#unread(account) });
  }

  #unread(account: string): number {
    return Math.min(100, (this.#notifications.get(account) ?? []).filter((one) => !one.read).length);
  }

  #toAll(account: string, frame: Told): void {
    for (const one of [...this.connections]) if (one.account === account) this.#told(one, frame);
  }

  #write(place: Place, what: Partial<Message>, by?: FakeConnection): Message {
    const message: Message = {
      nonce: null, room: place.id, seq: place.log.length + 1, version: 1, kind: "text", author: null, text: null, replyTo: null, reactions: {},
      media: null, system: null, createdAt: this.#iso(), editedAt: null, deletedAt: null, ...what,
    };
    place.log.push(message);
    place.activeAt = message.createdAt;
    place.changedAt.set(message.seq, this.#now());
    this.#tell(place.id, { type: "message.created", room: place.id, message }, by);
    const { seq, createdAt } = message;
    for (const one of [...this.connections]) {
      const member = place.members.get(one.account);
      if (!member) continue;
      const { status } = place;
      this.#told(one, { type: "room.activity", room: place.id, seq, unread: seq - member.read, preview: inShort(message), status, at: createdAt });
    }
    return message;
  }

  #change(room: string, seq: number, change: Partial<Message>, by?: FakeConnection): Message {
    const place = this.#place(room);
    const old = this.#message(room, seq);
    const message = { ...old, ...change, version: old.version + 1 };
    place.log[seq - 1] = message;
    place.changedAt.set(seq, this.#now());
    this.#tell(room, { type: "message.changed", room, message }, by);
    return message;
  }

  #edit(room: string, me: string, seq: number, version: number, text: string, by?: FakeConnection): Message {
    this.#member(room, me);
    const old = this.#message(room, seq);
    if (old.author !== me) throw new Refused("not_author");
    if (old.text === text) return old;
    if (old.version !== version) throw new Refused("version_conflict", { version: old.version });
    return this.#change(room, seq, { text, editedAt: this.#iso() }, by);
  }

  #delete(room: string, me: string, seq: number, by?: FakeConnection): Message {
    const member = this.#member(room, me);
    const old = this.#message(room, seq);
    if (old.deletedAt) return old;
    if (member.role !== "host" && old.author !== me) throw new Refused("not_author");
    if (member.role !== "host" && this.#now() - Date.parse(old.createdAt) > 300_000) throw new Refused("too_late");
    return this.#change(room, seq, { text: null, media: null, reactions: {}, deletedAt: this.#iso() }, by);
  }

  #react(room: string, me: string, seq: number, reaction: Reaction, on: boolean, by?: FakeConnection): Message {
    this.#member(room, me);
    const old = this.#message(room, seq);
    const those = old.reactions[reaction] ?? [];
    if (those.includes(me) === on) return old;
    const { [reaction]: _, ...rest } = old.reactions;
    const now = on ? [...those, me] : those.filter((one) => one !== me);
    return this.#change(room, seq, { reactions: now.length ? { ...rest, [reaction]: now } : rest }, by);
  }

  #read(room: string, me: string, seq: number, by?: FakeConnection): { room: string; read: number } {
    const member = this.#member(room, me);
    const place = this.#place(room);
    const to = Math.min(seq, place.log.length);
    if (to > member.read) {
      member.read = to;
      this.#tell(room, { type: "read.moved", room, account: me, seq: to }, by);
    }
    return { room, read: member.read };
  }

  #page(room: string, me: string, query: URLSearchParams) {
    const { since } = this.#member(room, me);
    const place = this.#place(room);
    const limit = Number(query.get("limit") ?? 20);
    const skip = Number(query.get("cursor") ?? 0);
    let items = place.log.filter((message) => message.seq > since);
    if (query.has("after")) items = items.filter((message) => message.seq > Number(query.get("after")));
    else if (query.has("changedSince")) {
      items = items.filter((message) => (place.changedAt.get(message.seq) ?? 0) >= Date.parse(query.get("changedSince") as string));
    } else {
      items = items.filter((message) => message.seq < Number(query.get("before") ?? Infinity)).reverse();
    }
    const rest = items.slice(skip);
    return {
      items: rest.slice(0, limit).map((message) => this.#seenBy(message, me)),
      seq: place.log.length,
      nextCursor: rest.length > limit ? String(skip + limit) : null,
    };
  }

  #seenBy(message: Message, account: string): Message {
    return message.author === account ? message : { ...message, nonce: null };
  }

  /** A room that a test makes as it needs it. */
  makeRoom(id: string, members: string[], kind: Room["kind"] = "direct", title = "", listing: string | null = null, host: string | null = null): Place {
    const place: Place = {
      id, kind, title, listing, host, status: "open", log: [], changedAt: new Map(), nonces: new Map(), members: new Map(),
      shownOut: new Set(), activeAt: this.#iso(), createdAt: this.#iso(),
    };
    this.places.set(id, place);
    for (const account of members) this.#enter(place, account);
    return place;
  }

  #enter(place: Place, account: string): void {
    const role = place.host === account ? "host" : "member";
    const seq = place.log.length;
    place.members.set(account, { role, read: seq, since: place.kind === "listing" ? seq : 0, muted: false, joinedAt: this.#iso() });
  }

  #join(listing: string, me: string): Room {
    const thing = this.#listing(listing.slice(-2), me);
    const id = `room_${listing.slice(4)}`;
    const place = this.places.get(id) ?? this.makeRoom(id, [thing.ownerId], "listing", thing.title, thing.id, thing.ownerId);
    if (place.shownOut.has(me)) throw new Refused("banned");
    if (!place.members.has(me)) {
      this.#enter(place, me);
      const nickname = this.#people.get(me)?.me.nickname ?? "";
      const member = place.members.get(me);
      const message = this.#write(place, { kind: "system", system: { event: "member.joined", account: me, nickname } });
      if (member) member.read = message.seq;
      for (const account of place.members.keys()) this.#changed(id, account);
    }
    return this.#room(id, me);
  }

  #inquire(listing: string, me: string): Room {
    const thing = this.#listing(listing.slice(-2), me);
    if (thing.ownerId === me) throw new Refused("own_listing");
    const id = `room_${listing.slice(4)}_${me.slice(0, 4)}`;
    if (!this.places.has(id)) {
      this.makeRoom(id, [thing.ownerId, me], "inquiry", thing.title, thing.id, thing.ownerId);
      for (const account of [thing.ownerId, me]) this.#changed(id, account);
      const nickname = this.#people.get(me)?.me.nickname ?? null;
      const payload = { listing: thing.id, title: thing.title, room: id, account: me, nickname };
      this.notify(thing.ownerId, { type: "listing.inquiry", payload }, [`${nickname} 님이 문의했어요`, thing.title], [`${nickname} asked`, thing.title]);
    }
    return this.#room(id, me);
  }

  #direct(other: string, me: string): Room {
    const id = `room_${[me, other].sort().map((one) => one.slice(0, 4)).join("_")}`;
    if (!this.places.has(id)) {
      this.makeRoom(id, [other, me]);
      for (const account of [other, me]) this.#changed(id, account);
    }
    return this.#room(id, me);
  }

  #leave(room: string, account: string, reason: "left" | "kicked"): FakeReply {
    const place = this.#place(room);
    this.#member(room, account);
    place.members.delete(account);
    if (reason === "kicked") place.shownOut.add(account);
    for (const one of this.connections) {
      if (one.account !== account) continue;
      one.rooms = one.rooms.filter((id) => id !== room);
      this.#told(one, { type: "room.removed", room, reason });
    }
    if (reason === "kicked" && place.listing) {
      const payload = { room, listing: place.listing, title: place.title };
      this.notify(account, { type: "room.kicked", payload }, ["대화방에서 내보내졌어요", place.title], ["You were shown out", place.title]);
    }
    const nickname = this.#people.get(account)?.me.nickname ?? "";
    this.#write(place, { kind: "system", system: { event: `member.${reason}`, account, nickname } as SystemEvent });
    return { status: 204 };
  }

  #members(room: string, me: string): Member[] {
    this.#member(room, me);
    return [...this.#place(room).members].map(([account, { role, read, joinedAt }]) => ({
      account: this.#person(account), role, presence: this.#present(account), read, joinedAt,
    }));
  }

  #person(account: string) {
    return { id: account, nickname: this.#people.get(account)?.me.nickname ?? account.slice(0, 6), picture: null };
  }

  #present(account: string): Member["presence"] {
    const choice = this.#choices.get(account);
    const here = [...this.connections].some((one) => one.account === account);
    if (!here || choice === "invisible") return "offline";
    return choice === "away" ? "away" : "online";
  }

  #presence(account: string): void {
    const presence = this.#present(account);
    for (const one of this.connections) {
      if (one.account !== account && one.rooms.some((room) => this.places.get(room)?.members.has(account))) {
        this.#told(one, { type: "presence.changed", account, presence });
      }
    }
  }

  #changed(room: string, account: string): Room {
    const seen = this.#room(room, account);
    for (const one of this.connections) if (one.account === account) this.#told(one, { type: "room.changed", room: seen });
    return seen;
  }

  #room(room: string, me: string): Room {
    const place = this.#place(room);
    const { read, since, muted, role } = this.#member(room, me);
    const last = place.log.at(-1);
    const partner = place.kind === "listing" ? null : [...place.members.keys()].find((account) => account !== me);
    return {
      id: room, kind: place.kind, title: place.title, listing: place.listing, partner: partner ? this.#person(partner) : null,
      host: place.host, status: place.status, members: place.members.size, seq: place.log.length, unread: place.log.length - read,
      read, since, muted, role, activeAt: place.activeAt, createdAt: place.createdAt,
      preview: last && last.seq > since ? inShort(last) : null,
    };
  }

  #place(room: string): Place {
    const place = this.places.get(room);
    if (!place) throw new Refused("not_found");
    return place;
  }

  #member(room: string, account: string) {
    const member = this.#place(room).members.get(account);
    if (!member) throw new Refused("not_found");
    return member;
  }

  #message(room: string, seq: number): Message {
    const message = this.#place(room).log[seq - 1];
    if (!message) throw new Refused("not_found");
    return message;
  }

  #tell(room: string, frame: Told, by?: FakeConnection): void {
    for (const one of [...this.connections]) {
      if (one === by || !one.rooms.includes(room)) continue;
      if (frame.type === "presence.changed" || !this.places.get(room)?.members.has(one.account)) continue;
      const seen = "message" in frame ? { ...frame, message: this.#seenBy(frame.message, one.account) } : frame;
      this.#told(one, seen);
    }
  }

  #told(to: FakeConnection, frame: Told): void {
    if (this.faults.loseTold?.()) return;
    if (this.faults.shuffle?.()) {
      this.#late.push({ to, frame });
      return;
    }
    const frames = [frame];
    if (this.faults.doubleTold?.()) frames.push(frame);
    const late = this.#late.filter((one) => one.to === to).map((one) => one.frame);
    this.#late = this.#late.filter((one) => one.to !== to);
    frames.push(...late);
    to.send(frames.length === 1 ? frame : { type: "batch", frames });
  }

  #session(me: Me) {
    const access = this.#id("access");
    const refresh = this.#id("refresh");
    this.#tokens.set(access, { account: me.id, until: this.#now() + this.tokenLasts * 1000 });
    this.#refresh.set(refresh, me.id);
    const expiresAt = new Date(this.#now() + this.tokenLasts * 1000).toISOString();
    return { accessToken: access, idToken: "-", expiresIn: this.tokenLasts, expiresAt, refreshToken: refresh, account: me };
  }

  #listing(end: string, me: string | undefined) {
    const thing = THINGS.find((one) => one[0] === end);
    if (!thing) throw new Refused("not_found");
    const [ulid, owner, title, description, category, colour, what] = thing;
    const [ownerId, , nickname, region] = PEOPLE[owner];
    const id = `lst_01K9ZX3V5M8QJ4T0N2R6W7Y1${ulid}`;
    const barter = typeof what === "string";
    const cover: Picture | null = colour === null ? null : this.#picture(colour);
    const at = new Date(this.#now() - (THINGS.indexOf(thing) + 1) * 3_600_000).toISOString();
    return {
      id, ownerId, kind: barter ? "barter" : "rental", title, category, wants: barter ? what : null,
      deadline: barter ? new Date(this.#now() + (ulid === "AD" ? 4 : 40) * 3_600_000).toISOString() : null, closingSoon: ulid === "AD",
      section: barter ? null : what === null ? "borrow" : "lend", price: barter ? null : what, unit: what === 5000 ? "day" : null,
      region, cover, status: "open", bookmarks: 0, inquiries: 0, createdAt: at, listedAt: at, description,
      pictures: cover ? [cover] : [], owner: { id: ownerId, nickname, image: null, region, mannerScore: null }, mine: ownerId === me,
      bookmarked: this.#bookmarks.has(`${me} ${id}`), updatedAt: at, version: 1,
    };
  }

  #picture(colour: string): Picture {
    const url = `/_fake/picture/${colour.slice(1)}.svg`;
    return { id: "med_01K9ZX3V5M8QJ4T0N2R6W7Y1AB", width: 480, height: 360, placeholder: "", renditions: [{ width: 480, webp: url, jpeg: url }] } as Picture;
  }

  #id(prefix: string): string {
    this.#count += 1;
    return `${prefix}_${String(this.#count).padStart(8, "0")}`;
  }

  #iso(): string {
    return new Date(this.#now()).toISOString();
  }
}
