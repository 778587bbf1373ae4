// What rooms and notifications look like on the wire, as docs/realtime.md has it. Requests that docs/openapi.json has
// come from there (src/api.ts); test/types.test.ts holds the two against each other.

import type { AccountId, ListingId, MediaId, Picture, Problem, Routes as Generated } from "./api.js";

/** Where the list goes on. */
export interface Page<Item> {
  items: Item[];
  /** Null on the last page. */
  nextCursor?: string | null;
}

/** What can be said with one tap. */
export const REACTIONS = ["like", "heart", "laugh", "wow", "sad", "thanks", "party", "fire", "eyes", "check"] as const;
export type Reaction = (typeof REACTIONS)[number];

/** Whether somebody is there. */
export type Presence = "online" | "away" | "offline";
/** What a person chose to be seen as. */
export type PresenceChoice = "automatic" | "away" | "invisible";

/** Somebody, as rooms show them. */
export interface Person {
  id: AccountId;
  nickname: string;
  picture: Picture | null;
}

/** A room, as its member sees it. */
export interface Room {
  id: string;
  kind: "listing" | "inquiry" | "direct";
  title: string;
  listing: ListingId | null;
  /** The other one, in a conversation of two; null elsewhere and when they have left Madang. */
  partner: Person | null;
  host: AccountId | null;
  status: "open" | "closed";
  members: number;
  /** The number of the last message. */
  seq: number;
  unread: number;
  /** Up to where one has read. */
  read: number;
  /** The last message before one joined: what came up to it is not shown. */
  since: number;
  muted: boolean;
  role: "host" | "member";
  preview: Preview | null;
  activeAt: string;
  createdAt: string;
}

/** The last message, as lists show it. */
export interface Preview {
  seq: number;
  kind: Message["kind"];
  author: AccountId | null;
  text: string | null;
}

/** A member of a room. */
export interface Member {
  account: Person;
  role: "host" | "member";
  presence: Presence;
  /** Up to where they have read. */
  read: number;
  joinedAt: string;
}

/** A message of a room's log. */
export interface Message {
  room: string;
  /** 1, 2, 3 … without a gap; never changes. */
  seq: number;
  /** 1 at first, one more with each edit, deletion or reaction. */
  version: number;
  kind: "text" | "image" | "video" | "system";
  author: AccountId | null;
  /** Shown to its author alone. */
  nonce?: string | null;
  text: string | null;
  replyTo: ReplyTo | null;
  reactions: Partial<Record<Reaction, AccountId[]>>;
  media: MessageMedia | null;
  system: SystemEvent | null;
  createdAt: string;
  editedAt: string | null;
  deletedAt: string | null;
}

/** What a message answers. */
export interface ReplyTo {
  seq: number;
  author: AccountId | null;
  /** The first 80 characters. */
  text: string | null;
}

/** The file of a message; its addresses are asked for when it is shown. */
export interface MessageMedia {
  id: MediaId;
  contentType: string;
  size: number;
  width: number | null;
  height: number | null;
  placeholder: string | null;
}

/** Where a message's file is, for an hour. */
export interface MediaAddresses {
  url: string;
  thumbnailUrl: string | null;
  expiresAt: string;
}

/** What a system message says; unknown events are shown by no words. */
export interface SystemEvent {
  event: string;
  account?: AccountId | null;
  nickname?: string | null;
  reason?: string | null;
}

/** A page of a room's log. */
export interface MessagePage extends Page<Message> {
  /** The number of the room's last message. */
  seq: number;
}

/** What a person writes. */
export interface Draft {
  text?: string;
  media?: MediaId;
  /** The number of the message it answers. */
  replyTo?: number;
}

/** Something that happened, as the notification centre keeps it. */
export interface Notification {
  id: string;
  kind: string;
  /** In the reader's language. */
  title?: string;
  text?: string | null;
  room?: string | null;
  listing?: ListingId | null;
  read: boolean;
  createdAt: string;
}

/** Which notifications a person wants. */
export type NotificationPreferences = Record<string, unknown>;

/** A problem, as a frame carries it. */
export type LiveProblem = Problem & {
  /** Seconds. */
  retryAfter?: number;
};

/** What a client sends, besides its `ref`. */
export interface Actions {
  ping: { fields: { active?: boolean }; answer: { at: string } };
  "room.open": { fields: { room: string }; answer: { room: Room } };
  "room.close": { fields: { room: string }; answer: object };
  "message.send": { fields: { room: string; nonce: string } & Draft; answer: { message: Message } };
  "message.edit": { fields: { room: string; seq: number; version: number; text: string }; answer: { message: Message } };
  "message.delete": { fields: { room: string; seq: number }; answer: { message: Message } };
  "message.react": { fields: { room: string; seq: number; reaction: Reaction; on: boolean }; answer: { message: Message } };
  "message.read": { fields: { room: string; seq: number }; answer: { room: string; read: number } };
  typing: { fields: { room: string }; answer: never };
  "presence.choose": { fields: { choice: PresenceChoice }; answer: { presence: Presence; choice: PresenceChoice } };
}

/** What the server tells unasked. */
export type Told =
  | { type: "message.created"; room: string; message: Message }
  | { type: "message.changed"; room: string; message: Message }
  | { type: "read.moved"; room: string; account: AccountId; seq: number }
  | { type: "typing"; room: string; account: AccountId }
  | { type: "presence.changed"; account: AccountId; presence: Presence }
  | { type: "room.activity"; room: string; seq: number; unread: number; preview: Preview | null; at: string }
  | { type: "room.changed"; room: Room }
  | { type: "room.removed"; room: string; reason: "left" | "kicked" | "deleted" }
  | { type: "notification"; notification: Notification; unread: number };

/** What the server answers. */
export type Answer =
  | { type: "ack"; ref: string }
  | { type: "pong"; ref?: string; at: string }
  | { type: "error"; ref?: string; problem: LiveProblem };

/** Every frame that the server sends. Unknown types and fields are to be ignored: more will come. */
export type Frame = Told | Answer | { type: "batch"; frames: Told[] };

type InRoom = { path: { roomId: string } };
type OfMessage = { path: { roomId: string; seq: number } };

/** The requests of rooms and notifications. */
export interface RoomRoutes {
  "POST /listings/{listingId}/room": { path: { listingId: ListingId }; reply: Room };
  "POST /listings/{listingId}/inquiry": { path: { listingId: ListingId }; reply: Room };
  "POST /accounts/{accountId}/room": { path: { accountId: AccountId }; reply: Room };
  "GET /rooms": { query?: { limit?: number; cursor?: string }; reply: Page<Room> };
  "GET /rooms/{roomId}": InRoom & { reply: Room };
  "PATCH /rooms/{roomId}": InRoom & { body: { muted: boolean }; reply: Room };
  "DELETE /rooms/{roomId}/members/me": InRoom & { reply: undefined };
  "GET /rooms/{roomId}/members": InRoom & { query?: { limit?: number; cursor?: string }; reply: Page<Member> };
  "DELETE /rooms/{roomId}/members/{accountId}": { path: { roomId: string; accountId: AccountId }; reply: undefined };
  "GET /rooms/{roomId}/messages": InRoom & {
    query?: { after?: number; before?: number; changedSince?: string; q?: string; limit?: number; cursor?: string };
    reply: MessagePage;
  };
  "POST /rooms/{roomId}/messages": InRoom & { body: Draft & { nonce: string }; reply: { message: Message } };
  "PATCH /rooms/{roomId}/messages/{seq}": OfMessage & { body: { text: string; version: number }; reply: { message: Message } };
  "DELETE /rooms/{roomId}/messages/{seq}": OfMessage & { reply: { message: Message } };
  "GET /rooms/{roomId}/messages/{seq}/media": OfMessage & { reply: MediaAddresses };
  "PUT /rooms/{roomId}/read": InRoom & { body: { seq: number }; reply: { room: string; read: number } };
  "GET /me/presence": { reply: { presence: Presence; choice: PresenceChoice } };
  "PUT /me/presence": { body: { choice: PresenceChoice }; reply: { presence: Presence; choice: PresenceChoice } };
  "GET /notifications": { query?: { limit?: number; cursor?: string }; reply: Page<Notification> };
  "GET /notifications/count": { reply: { unread: number } };
  "PUT /notifications/{id}/read": { path: { id: string }; reply: unknown };
  "PUT /notifications/read": { reply: unknown };
  "DELETE /notifications/{id}": { path: { id: string }; reply: undefined };
  "GET /me/notification-preferences": { reply: NotificationPreferences };
  "PUT /me/notification-preferences": { body: NotificationPreferences; reply: NotificationPreferences };
}

/** Every request; what docs/openapi.json says goes before what is written here. */
export type Routes = Generated & Omit<RoomRoutes, keyof Generated>;
