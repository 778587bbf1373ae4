// Madang's HTTP API and live connection.

export type * from "./api.js";
export { Madang, Notifications, Rooms, type Addresses } from "./client.js";
export { browser, memoryStore, Signal, type Environment, type Socket, type Store } from "./environment.js";
export { Api, type Input, type Reply, type Route } from "./http.js";
export { Live, type LiveState } from "./live.js";
export { LiveRoom } from "./live-room.js";
export { Outbox, type Unsent } from "./outbox.js";
export { NoAnswer, Refusal, SignedOut } from "./problem.js";
export { at, EMPTY_LOG, lacks, step, type Ask, type LogEvent, type RoomLog } from "./room-log.js";
export * from "./wire.js";
// Entities are the same in frames as in replies.
export type { Message, Notification, Preview, Room, SystemEvent } from "./wire.js";
export type { Routes } from "./wire.js";
