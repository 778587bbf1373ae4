import type { Problem } from "./api.js";
import { backoff, draw, type Environment, Signal } from "./environment.js";
import { Refusal } from "./problem.js";
import type { Draft, Message } from "./wire.js";

/** A message that was written here and is not in the log yet. */
export interface Unsent {
  readonly room: string;
  /** Makes however many sends one message. */
  readonly nonce: string;
  readonly draft: Draft;
  /** When it was written, by the device's clock. */
  readonly at: number;
  /** The order it was written in. */
  readonly order: number;
  /** `waiting` for its turn or the network, `sending`, `sent` and not in the log yet, `failed`: the server refused it. */
  readonly state: "waiting" | "sending" | "sent" | "failed";
  /** Why it failed. */
  readonly problem?: Problem;
  /** Its number, once it is sent. */
  readonly seq?: number;
}

/** The server knows a nonce for seven days. A day before that it is not sent by itself any more. */
const NONCE_DAYS = 6 * 24 * 3600 * 1000;

/**
 * What was written and is not answered yet. It outlives the page. In each room one is sent at a time, in the order they
 * were written, again and again until it is answered.
 */
export class Outbox {
  readonly changed = new Signal<string>();
  readonly #env: Environment;
  readonly #prefix: string;
  readonly #deliver: (unsent: Unsent) => Promise<Message>;
  readonly #settled: (unsent: Unsent, message: Message) => void;
  #items: Unsent[] = [];
  #order = 0;
  /** Rooms that wait after a failure, with what ends the wait. */
  readonly #waits = new Map<string, () => void>();
  /** How often in a row there was no answer, by room. */
  readonly #failures = new Map<string, number>();

  constructor(
    env: Environment,
    account: string,
    /** Sends it once. */
    deliver: (unsent: Unsent) => Promise<Message>,
    /** Told of each answer. */
    settled: (unsent: Unsent, message: Message) => void,
  ) {
    this.#env = env;
    this.#prefix = `madang.unsent.${account}.`;
    this.#deliver = deliver;
    this.#settled = settled;
    for (const key of env.durable.keys(this.#prefix)) this.#restore(key);
    this.#items.sort((one, other) => one.order - other.order);
    this.#order = this.#items.at(-1)?.order ?? 0;
  }

  /** What is not in the log of a room yet, in the order it was written. */
  of(room: string): readonly Unsent[] {
    return this.#items.filter((unsent) => unsent.room === room);
  }

  /** Writes a message; it is stored before it is sent. */
  add(room: string, draft: Draft): Unsent {
    this.#order += 1;
    const nonce = draw(this.#env.random);
    const unsent: Unsent = { room, nonce, draft, at: this.#env.now(), order: this.#order, state: "waiting" };
    this.#items.push(unsent);
    this.#store(unsent);
    this.changed.tell(room);
    this.#next(room);
    return unsent;
  }

  /** Sends again what was refused, as a new message: the old nonce stands for the old answer. */
  retry(nonce: string): void {
    const failed = this.#find(nonce);
    if (failed?.state !== "failed") return;
    this.discard(nonce);
    this.add(failed.room, failed.draft);
  }

  /** Gives up what was refused. */
  discard(nonce: string): void {
    const unsent = this.#find(nonce);
    if (unsent) this.#remove(unsent);
  }

  /** Sends what waits, at once: the network is back. */
  pump(): void {
    for (const end of this.#waits.values()) end();
    this.#waits.clear();
    for (const room of new Set(this.#items.map((unsent) => unsent.room))) this.#next(room);
  }

  /** Sends nothing more by itself. */
  stop(): void {
    for (const end of this.#waits.values()) end();
    this.#items = [];
  }

  /** Messages that the log holds are not to be shown twice. */
  logged(room: string, messages: readonly Message[], have: number): void {
    const mine = this.of(room);
    if (mine.length === 0) return;
    const nonces = new Set(messages.map((message) => message.nonce));
    for (const unsent of mine) {
      if (nonces.has(unsent.nonce) || (unsent.seq !== undefined && unsent.seq <= have)) this.#remove(unsent);
    }
  }

  #next(room: string): void {
    if (this.#waits.has(room)) return;
    const mine = this.of(room);
    const next = mine.find((unsent) => unsent.state === "waiting");
    if (next && !mine.some((unsent) => unsent.state === "sending")) void this.#send(next);
  }

  async #send(unsent: Unsent): Promise<void> {
    const { room, nonce } = unsent;
    this.#change(unsent, { state: "sending" });
    try {
      const message = await this.#deliver(unsent);
      this.#env.durable.remove(this.#prefix + nonce);
      this.#failures.delete(room);
      this.#change(unsent, { state: "sent", seq: message.seq });
      this.#settled(unsent, message);
    } catch (error) {
      const passing = !(error instanceof Refusal) || error.passing || error.status === 401;
      if (passing) {
        const failures = this.#failures.get(room) ?? 0;
        this.#failures.set(room, failures + 1);
        const asked = error instanceof Refusal ? error.retryAfter : undefined;
        const random = this.#env.random;
        const wait = asked === undefined ? backoff(random, failures) : asked * 1000 * (1 + random() / 4);
        this.#change(unsent, { state: "waiting" });
        const end = this.#env.after(wait, () => {
          this.#waits.delete(room);
          this.#next(room);
        });
        if (this.#find(nonce)) this.#waits.set(room, end);
        else end();
        return;
      }
      this.#change(unsent, { state: "failed", problem: error.problem });
      this.#persist(nonce);
    }
    this.#next(room);
  }

  #find(nonce: string): Unsent | undefined {
    return this.#items.find((unsent) => unsent.nonce === nonce);
  }

  #change(unsent: Unsent, change: Partial<Unsent>): void {
    const place = this.#items.findIndex((one) => one.nonce === unsent.nonce);
    const old = this.#items[place];
    // The log may have had it before the answer came.
    if (!old) return;
    this.#items[place] = { ...old, ...change };
    this.changed.tell(unsent.room);
  }

  #remove(unsent: Unsent): void {
    this.#items = this.#items.filter((one) => one.nonce !== unsent.nonce);
    this.#env.durable.remove(this.#prefix + unsent.nonce);
    this.changed.tell(unsent.room);
    this.#next(unsent.room);
  }

  #store(unsent: Unsent): void {
    try {
      this.#env.durable.set(this.#prefix + unsent.nonce, JSON.stringify(unsent));
    } catch {
      // The store is full: it is sent all the same, only a closed page would lose it.
    }
  }

  #persist(nonce: string): void {
    const unsent = this.#find(nonce);
    if (unsent) this.#store(unsent);
  }

  #restore(key: string): void {
    try {
      const unsent = JSON.parse(this.#env.durable.get(key) ?? "") as Unsent;
      const old = unsent.state !== "failed" && this.#env.now() - unsent.at > NONCE_DAYS;
      this.#items.push({ ...unsent, state: old || unsent.state === "failed" ? "failed" : "waiting" });
    } catch {
      this.#env.durable.remove(key);
    }
  }
}
