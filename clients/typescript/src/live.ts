import { backoff, type Environment, Signal, type Socket } from "./environment.js";
import { NoAnswer, Refusal, SignedOut } from "./problem.js";
import type { Actions, Frame, Told } from "./wire.js";

/** How the connection stands. */
export type LiveState = "closed" | "connecting" | "open" | "waiting";

type Action = keyof Actions & string;
type Fields<A extends Action> = Actions[A]["fields"];

/** What a connection needs to know of the session. */
export interface Tokens {
  token(fresh?: boolean): Promise<string>;
  readonly until: number;
}

const PROTOCOL = "madang.v1";
const OPEN = 1;
const POLICY = 1008;
/** The server ends a silent connection after ten minutes. */
const HEARTBEAT = 5 * 60_000;
/** Without an answer for so long the connection is taken for broken. */
const ANSWER_WITHIN = 15_000;
const OPEN_WITHIN = 20_000;
/** The server takes this many frames at once, and so many a second after that; a little less is sent. */
const BURST = 18;
const A_SECOND = 9;

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
  forget: () => void;
}

/** A connection that is opened again whenever it ends, until it is stopped. */
export class Live {
  /** The state changed. */
  readonly changed = new Signal<LiveState>();
  /** Each frame that was told, in order; what came in a `batch` comes one by one. */
  readonly told = new Signal<Told>();
  /** A moment of the server's clock. */
  readonly heard = new Signal<string>();
  readonly #env: Environment;
  readonly #tokens: Tokens;
  readonly #url: () => string;
  #state: LiveState = "closed";
  #socket: Socket | null = null;
  #attempt = 0;
  #fresh = false;
  #forcedAt = -Infinity;
  #ref = 0;
  #active = false;
  readonly #waiting = new Map<string, Waiting>();
  #timers = new Set<() => void>();
  #queue: string[] = [];
  #credit = BURST;
  #creditAt = 0;
  #draining = false;
  /** Names the connection that callbacks belong to. */
  #turn = 0;

  constructor(env: Environment, tokens: Tokens, url: () => string) {
    this.#env = env;
    this.#tokens = tokens;
    this.#url = url;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Opens the connection, and again whenever it ends. */
  start(): void {
    if (this.#state !== "closed") return;
    // Whoever opens a page is there.
    this.#active = true;
    void this.#open();
  }

  /** Ends the connection for good. */
  stop(): void {
    this.#drop();
    this.#become("closed");
  }

  /** The network came back or the page is looked at again: do not wait, and find out whether the connection is alive. */
  nudge(): void {
    if (this.#state === "waiting") {
      this.#attempt = 0;
      void this.#open();
    } else if (this.#state === "open") this.#ping(5_000);
  }

  /** The person did something: the next ping says so. */
  active(): void {
    this.#active = true;
  }

  /** Sends a frame and waits for its answer. */
  request<A extends Exclude<Action, "typing">>(action: A, fields: Fields<A>, within = ANSWER_WITHIN): Promise<Actions[A]["answer"]> {
    if (this.#state !== "open") return Promise.reject(new NoAnswer());
    const ref = `c${(this.#ref += 1)}`;
    const turn = this.#turn;
    return new Promise((resolve, reject) => {
      const forget = this.#env.after(within, () => {
        this.#waiting.delete(ref);
        reject(new NoAnswer());
        // It may be that one answer was lost; more likely all are.
        if (turn === this.#turn) this.#ended(turn, 0);
      });
      this.#waiting.set(ref, { resolve, reject, forget });
      this.#send(JSON.stringify({ action, ref, ...fields }));
    });
  }

  /** Tells that the person is typing; nobody answers. */
  typing(room: string): void {
    if (this.#state === "open" && this.#queue.length === 0) this.#send(JSON.stringify({ action: "typing", room }));
  }

  async #open(): Promise<void> {
    this.#drop();
    const turn = this.#turn;
    this.#become("connecting");
    let token: string;
    try {
      token = await this.#tokens.token(this.#fresh);
      if (this.#fresh) this.#forcedAt = this.#env.now();
      this.#fresh = false;
    } catch (error) {
      if (turn !== this.#turn) return;
      if (error instanceof SignedOut) this.stop();
      else this.#ended(turn, 0);
      return;
    }
    if (turn !== this.#turn) return;

    let opened = false;
    const socket = new this.#env.WebSocket(this.#url(), [PROTOCOL, token]);
    this.#socket = socket;
    const late = this.#later(OPEN_WITHIN, () => this.#ended(turn, 0));
    socket.onopen = () => {
      if (turn !== this.#turn) return;
      opened = true;
      late();
      this.#credit = BURST;
      this.#creditAt = this.#env.now();
      this.#become("open");
      this.#ping();
      this.#beat();
      // Just before the token runs out another connection is opened, with a new one.
      this.#later(Math.max(this.#tokens.until - this.#env.now() - 30_000, 10_000), () => void this.#open());
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (turn === this.#turn) this.#receive(String(event.data));
    };
    socket.onerror = () => undefined;
    socket.onclose = (event: { code: number }) => {
      if (turn !== this.#turn) return;
      // A browser does not say why a handshake was refused; that the token was the reason is tried once a minute.
      if (event.code === POLICY || (!opened && this.#env.now() - this.#forcedAt > 60_000)) this.#fresh = true;
      this.#ended(turn, event.code);
    };
  }

  #receive(data: string): void {
    let frame: Frame;
    try {
      frame = JSON.parse(data) as Frame;
    } catch {
      return;
    }
    if (typeof frame !== "object" || frame === null) return;
    this.#take(frame);
  }

  #take(frame: Frame): void {
    // Only a connection that says something sensible counts as one that works.
    if (frame.type !== "error") this.#attempt = 0;
    switch (frame.type) {
      case "batch":
        for (const one of frame.frames ?? []) this.#take(one);
        return;
      case "pong":
        this.heard.tell(frame.at);
        this.#answer(frame.ref)?.resolve(frame as never);
        return;
      case "ack":
        this.#answer(frame.ref)?.resolve(frame as never);
        return;
      case "error":
        if (frame.problem?.code === "token_expired") {
          this.#fresh = true;
          // A new token that is refused as well is not replaced in a hurry.
          if (this.#env.now() - this.#forcedAt < 30_000) this.#ended(this.#turn, 0);
          else void this.#open();
        } else this.#answer(frame.ref)?.reject(new Refusal(frame.problem));
        return;
      default:
        if (typeof frame.type === "string") this.told.tell(frame);
    }
  }

  #answer(ref: string | undefined): Waiting | undefined {
    const waiting = ref === undefined ? undefined : this.#waiting.get(ref);
    if (ref !== undefined) this.#waiting.delete(ref);
    waiting?.forget();
    return waiting;
  }

  #ping(within = ANSWER_WITHIN): void {
    const active = this.#active;
    this.#active = false;
    this.request("ping", active ? { active } : {}, within).catch(() => undefined);
  }

  #beat(): void {
    this.#later(HEARTBEAT, () => {
      this.#ping();
      this.#beat();
    });
  }

  #ended(turn: number, code: number): void {
    if (turn !== this.#turn) return;
    this.#drop();
    const wait = this.#fresh && code === POLICY && this.#attempt === 0 ? 0 : backoff(this.#env.random, this.#attempt);
    this.#attempt += 1;
    this.#become("waiting");
    this.#later(wait, () => void this.#open());
  }

  /** Lets go of the connection: whoever waits for an answer gets none. */
  #drop(): void {
    this.#turn += 1;
    for (const forget of this.#timers) forget();
    this.#timers.clear();
    this.#queue = [];
    this.#draining = false;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      // An error without a listener would end a Node process.
      socket.onerror = () => undefined;
      socket.close();
    }
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      one.forget();
      one.reject(new NoAnswer());
    }
  }

  #send(text: string): void {
    this.#queue.push(text);
    this.#drain();
  }

  /** Sends no faster than the server takes. */
  #drain(): void {
    if (this.#draining) return;
    const now = this.#env.now();
    this.#credit = Math.min(BURST, this.#credit + ((now - this.#creditAt) / 1000) * A_SECOND);
    this.#creditAt = now;
    while (this.#queue.length > 0 && this.#credit >= 1) {
      if (this.#socket?.readyState !== OPEN) return;
      this.#credit -= 1;
      this.#socket.send(this.#queue.shift() as string);
    }
    if (this.#queue.length === 0) return;
    this.#draining = true;
    this.#later(1000 / A_SECOND, () => {
      this.#draining = false;
      this.#drain();
    });
  }

  #later(ms: number, run: () => void): () => void {
    const forget = this.#env.after(ms, () => {
      this.#timers.delete(forget);
      run();
    });
    this.#timers.add(forget);
    return () => {
      this.#timers.delete(forget);
      forget();
    };
  }

  #become(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.changed.tell(state);
  }
}
