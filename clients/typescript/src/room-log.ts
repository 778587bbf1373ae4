// What is known of a room's log, what is kept aside, what must be asked for: docs/realtime.md, "Resuming", as a pure
// reducer. `step` takes what happened, `wants` tells what to ask for next.

import type { Message, MessagePage } from "./wire.js";

/** What is known of a room's log. */
export interface RoomLog {
  /** What is known without a gap, oldest first: the numbers `floor + 1` to `have`. */
  readonly messages: readonly Message[];
  /** Nothing up to this number has been asked for. */
  readonly floor: number;
  /** Nothing between `floor` and this number is missing. */
  readonly have: number;
  /** The highest number that is known to exist. */
  readonly last: number;
  /** Whether there is more at or below `floor`. */
  readonly older: boolean;
  /** What was told and cannot be put in yet, by number: beyond a gap, or at and below `floor`. */
  readonly aside: ReadonlyMap<number, Message>;
  /** `new`: nothing is known. `behind`: something may be missing. `current`: nothing is, as far as one knows. */
  readonly state: "new" | "behind" | "current";
  /** What is being asked for; null when nothing is. */
  readonly ask: Ask | null;
  /** Changes up to this moment of the server are known. */
  readonly changesUntil: string | null;
  /** The latest moment of the server that was heard of. */
  readonly heard: string | null;
  /** The moment heard of when the asking began: what is asked later holds all changes up to it. */
  readonly mark: string | null;
  /** Counts the askings, so that a late reply is not taken for the reply to a later question. */
  readonly round: number;
}

/** A question to `GET /rooms/{roomId}/messages`. */
export type Ask = { readonly round: number; readonly cursor?: string } & (
  | { readonly kind: "latest" }
  | { readonly kind: "after"; readonly after: number }
  | { readonly kind: "changed"; readonly since: string }
);

/** What happens to a log. */
export type LogEvent =
  /** A connection has just been told to tell of the room: step 1. What was missed before is to be asked for. */
  | { type: "resume" }
  /** An answer to what was asked. */
  | { type: "page"; ask: Ask; page: MessagePage }
  /** Older messages were asked for, by `?before={floor + 1}`. */
  | { type: "older"; before: number; page: MessagePage }
  /** A message was told: by a frame, by an answer to one's own request. */
  | { type: "told"; message: Message }
  /** The room is known to have come to this number, at this moment. */
  | { type: "activity"; seq: number; at?: string }
  /** Two seconds have passed and what is known to exist was not told: step 5. */
  | { type: "overdue" }
  /** A moment of the server was heard of. */
  | { type: "heard"; at: string };

const MINUTE = 60_000;

/** Nothing is known. */
export const EMPTY_LOG: RoomLog = {
  messages: [],
  floor: 0,
  have: 0,
  last: 0,
  older: false,
  aside: new Map(),
  state: "new",
  ask: null,
  changesUntil: null,
  heard: null,
  mark: null,
  round: 0,
};

/** What is known after something happened. */
export function step(log: RoomLog, event: LogEvent): RoomLog {
  switch (event.type) {
    case "resume":
      return begin(log);
    case "overdue":
      return log.state === "current" && log.last > log.have ? begin(log) : log;
    case "heard":
      return { ...log, heard: later(log.heard, event.at) };
    case "activity":
      return { ...log, last: Math.max(log.last, event.seq), heard: later(log.heard, event.at ?? null) };
    case "told":
      return told(log, event.message);
    case "older":
      return older(log, event.before, event.page);
    case "page":
      return page(log, event.ask, event.page);
  }
}

/** Whether something exists that is neither known nor being asked for: if it lasts two seconds, it is `overdue`. */
export function lacks(log: RoomLog): boolean {
  return log.state === "current" && log.last > log.have;
}

/** The message of this number, if it is known. */
export function at(log: RoomLog, seq: number): Message | undefined {
  return log.messages[seq - log.floor - 1];
}

function begin(log: RoomLog): RoomLog {
  const round = log.round + 1;
  const ask: Ask = log.state === "new" ? { kind: "latest", round } : { kind: "after", after: log.have, round };
  return { ...log, state: log.state === "new" ? "new" : "behind", ask, round, mark: log.heard };
}

function told(log: RoomLog, message: Message): RoomLog {
  const heard = { ...log, heard: momentsOf([message], log.heard), last: Math.max(log.last, message.seq) };
  const kept = setAside(replace(heard, [message]), [message]);
  return log.state === "current" ? settle(kept) : kept;
}

function page(log: RoomLog, ask: Ask, { items, seq, nextCursor }: MessagePage): RoomLog {
  const heard = { ...log, heard: momentsOf(items, log.heard), last: Math.max(log.last, seq) };
  const asked = log.ask?.round === ask.round && log.ask.kind === ask.kind && log.ask.cursor === ask.cursor;
  // A late answer is as true as any other, but leads to no next question.
  if (!asked) return log.state === "new" ? heard : setAside(replace(heard, items), items);

  if (ask.kind === "latest") {
    const messages = unbroken(items);
    const have = messages.at(-1)?.seq ?? seq;
    const floor = have - messages.length;
    const until = momentsOf(messages, log.mark);
    const first = { ...heard, messages, have, floor, older: nextCursor != null, changesUntil: until };
    return settle({ ...first, state: "current", ask: null });
  }
  const next: Ask | null = nextCursor == null ? null : { ...ask, cursor: nextCursor };
  if (ask.kind === "after") {
    const put = append(replace(heard, items), items);
    if (next) return { ...put, ask: next };
    // Nothing that is known changed before the first of it was written.
    const from = put.changesUntil ?? put.messages[0]?.createdAt;
    if (from === undefined) return settle({ ...put, state: "current", ask: null, changesUntil: log.mark });
    const since = new Date(Date.parse(from) - MINUTE).toISOString();
    return { ...put, ask: { kind: "changed", since, round: ask.round } };
  }
  // Changes of what is not put in yet are kept aside like anything told.
  const changed = setAside(replace(heard, items), items);
  return next ? { ...changed, ask: next } : settle({ ...changed, state: "current", ask: null, changesUntil: later(log.changesUntil, log.mark) });
}

function older(log: RoomLog, before: number, { items, nextCursor }: MessagePage): RoomLog {
  if (before !== log.floor + 1 || log.state === "new") return log;
  const messages = unbroken(items.filter((message) => message.seq <= log.floor));
  const joins = messages.length === 0 || messages.at(-1)?.seq === log.floor;
  if (!joins) return log;
  const more = nextCursor != null && messages.length > 0;
  const known = messages.map((message) => newer(log.aside.get(message.seq), message));
  const floor = log.floor - messages.length;
  const aside = new Map([...log.aside].filter(([seq]) => seq <= floor || seq > log.have));
  return { ...log, messages: [...known, ...log.messages], floor, aside, older: more };
}

/** Step 3: puts in what was kept aside. What lies beyond a gap begins step 2 again. */
function settle(log: RoomLog): RoomLog {
  const put = append(log, [...log.aside.values()]);
  const aside = new Map([...put.aside].filter(([seq]) => seq <= put.floor || seq > put.have));
  const settled = { ...put, aside };
  return [...aside.keys()].some((seq) => seq > put.have) ? begin(settled) : settled;
}

/** Puts in what comes next and has no gap before it. */
function append(log: RoomLog, items: readonly Message[]): RoomLog {
  const messages = [...log.messages];
  let have = log.have;
  for (const item of [...items].sort((one, other) => one.seq - other.seq)) {
    if (item.seq === have + 1) {
      messages.push(newer(log.aside.get(item.seq), item));
      have = item.seq;
    }
  }
  const known = { ...log, messages, have, last: Math.max(log.last, have) };
  // What was kept aside may hold later states of what was known already.
  return replace(known, items.filter((item) => item.seq <= have));
}

/** Takes the later states of what is known. */
function replace(log: RoomLog, items: readonly Message[]): RoomLog {
  let messages: Message[] | null = null;
  for (const item of items) {
    const place = item.seq - log.floor - 1;
    const known = (messages ?? log.messages)[place];
    if (!known || item.version <= known.version) continue;
    messages ??= [...log.messages];
    messages[place] = newer(known, item);
  }
  return messages ? { ...log, messages } : log;
}

function setAside(log: RoomLog, items: readonly Message[]): RoomLog {
  const unplaced = items.filter(({ seq }) => log.state === "new" || seq <= log.floor || seq > log.have);
  if (unplaced.length === 0) return log;
  const aside = new Map(log.aside);
  for (const item of unplaced) aside.set(item.seq, newer(aside.get(item.seq), item));
  return { ...log, aside };
}

function newer(known: Message | undefined, item: Message): Message {
  return known && known.version >= item.version ? known : item;
}

/** The newest of them that have no gap between them, oldest first. */
function unbroken(items: readonly Message[]): Message[] {
  const sorted = [...items].sort((one, other) => one.seq - other.seq);
  let from = sorted.length - 1;
  while (from > 0 && sorted[from - 1]?.seq === (sorted[from]?.seq ?? 0) - 1) from -= 1;
  return sorted.slice(Math.max(from, 0));
}

function momentsOf(items: readonly Message[], heard: string | null): string | null {
  let latest = heard;
  for (const { createdAt, editedAt, deletedAt } of items) {
    latest = later(later(later(latest, createdAt), editedAt), deletedAt);
  }
  return latest;
}

function later(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return Date.parse(other) > Date.parse(one) ? other : one;
}
