// What goes over the wire, put together from what is generated: entities and requests from docs/openapi.json (src/api.ts),
// frames from docs/asyncapi.json (src/live-api.ts). By hand is only what neither says.

import type { Attachment, FileAddresses, Messages, NewMessage } from "./api.js";
import type { LiveMessages, Message, Problem as ProblemOfFrame, Reaction } from "./live-api.js";

export type { Reaction } from "./live-api.js";
export type { Choice, Member, NotificationPreferences, Person, Presence, Routes } from "./api.js";
export type { Message, Notification, Preview, Room, SystemEvent } from "./live-api.js";

/** A page of a room's log; of people only what is there is taken. */
export type MessagePage = Omit<Messages, "people" | "items"> & { items: Message[] } & Partial<Pick<Messages, "people">>;
/** The file of a message; its addresses are asked for when it is shown. */
export type MessageMedia = Attachment;
/** Where a message's file is, for an hour. */
export type MediaAddresses = FileAddresses;
/** What a person writes. */
export type Draft = Omit<NewMessage, "nonce">;

/** What can be said with one tap: every `Reaction`, in the order they are offered. */
export const REACTIONS = ["like", "heart", "laugh", "wow", "sad", "thanks", "party", "fire", "eyes", "check"] as const satisfies readonly Reaction[];

type Named<Start extends string> = Extract<keyof LiveMessages, `${Start}.${string}`>;
type AfterDot<Name, Start extends string> = Name extends `${Start}.${infer Rest}` ? Rest : never;

/** The names of the frames that a client sends. */
export type FrameAction = Exclude<AfterDot<Named<"in">, "in">, "default">;
/** What a client sends, besides its `ref`, and what is answered to it. */
export type Actions = {
  [A in FrameAction]: {
    fields: Omit<LiveMessages[`in.${A}`], "action" | "ref">;
    answer: `answer.${A}` extends keyof LiveMessages ? Omit<LiveMessages[`answer.${A}`], "type" | "ref"> : never;
  };
};

/** What the server tells unasked. */
export type Told = LiveMessages[Exclude<Named<"out">, "out.gateway">];
/** A problem, as a frame carries it. */
export type LiveProblem = ProblemOfFrame;
/** What the server answers. */
export type Answer =
  | { type: "ack"; ref?: string }
  | LiveMessages["answer.ping"]
  | { type: "error"; ref?: string; problem: LiveProblem };
/** Several that were told within one moment. docs/realtime.md says so; AsyncAPI has no word for frames within frames. */
export type Batch = { type: "batch"; frames: Told[] };
/** Every frame that the server sends. Unknown types and fields are to be ignored: more will come. */
export type Frame = Told | Answer | Batch;
