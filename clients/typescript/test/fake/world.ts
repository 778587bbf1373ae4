// A clock that tests move, and a network between clients and a fake Madang on it: nobody sleeps.

import { memoryStore, type Environment, type Socket, type Store } from "../../src/environment.js";
import type { FakeConnection, FakeMadang } from "./madang.js";

/** Random numbers that come again: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A clock that stands until it is moved. */
export class Clock {
  now = Date.parse("2026-11-21T03:00:00.000Z");
  #order = 0;
  #timers: { at: number; order: number; run: () => void }[] = [];

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.now + Math.max(0, ms), order: (this.#order += 1), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  /** Moves on, and runs what falls due on the way, each in its moment. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (;;) {
      const next = this.#timers.filter((one) => one.at <= end).sort((one, other) => one.at - other.at || one.order - other.order)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
    this.now = end;
  }
}

/** All that was under way has come to rest. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** How the network is. */
export interface Network {
  up: boolean;
  /** Milliseconds that a thing takes, drawn anew each time. */
  delay: () => number;
}

/** A device: its storage outlives its pages. */
export interface Device {
  durable: Store;
  session: Store;
}

export function device(): Device {
  return { durable: memoryStore(), session: memoryStore() };
}

/** A page on a device. When `gone()`, nothing of it runs any more. */
export function page(
  clock: Clock,
  server: FakeMadang,
  random: () => number,
  network: Network,
  on: Device = device(),
): Environment & { gone(): void; sockets: Set<Line> } {
  let alive = true;
  const sockets = new Set<Line>();
  const after = (ms: number, run: () => void) => clock.after(ms, () => void (alive && run()));

  class FakeSocket implements Line {
    readyState = 0;
    onopen: ((event: never) => void) | null = null;
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    #connection: FakeConnection | null = null;
    /** A connection keeps the order of what goes over it. */
    #in = 0;
    #out = 0;

    constructor(_url: string, protocols: string[]) {
      sockets.add(this);
      after(network.delay(), () => {
        if (this.readyState !== 0) return;
        const token = protocols[1] ?? "";
        this.#connection = network.up ? server.connect(token, (frame) => this.#arrive(JSON.stringify(frame)), (code) => this.end(code)) : null;
        if (!this.#connection) return this.end(1006);
        this.readyState = 1;
        this.onopen?.({} as never);
      });
    }

    #arrive(data: string): void {
      this.#in = Math.max(this.#in, clock.now + network.delay());
      after(this.#in - clock.now, () => {
        if (this.readyState === 1 && network.up) this.onmessage?.({ data } as never);
      });
    }

    send(data: string): void {
      this.#out = Math.max(this.#out, clock.now + network.delay());
      after(this.#out - clock.now, () => {
        if (this.#connection && this.readyState === 1 && network.up) server.frame(this.#connection, data);
      });
    }

    close(): void {
      this.end(1000);
    }

    /** The connection ends, for whatever reason. */
    end(code: number): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      sockets.delete(this);
      if (this.#connection) server.disconnect(this.#connection);
      if (alive) this.onclose?.({ code } as never);
    }
  }

  return {
    async fetch(url, init) {
      await new Promise<void>((resolve) => after(network.delay(), resolve));
      if (!network.up) throw new TypeError("fetch failed");
      const reply = server.handle(init.method ?? "GET", url, init.headers as Record<string, string>, (init.body as string | undefined) ?? "");
      await new Promise<void>((resolve) => after(network.delay(), resolve));
      if (!network.up) throw new TypeError("fetch failed");
      const text = reply.body === undefined ? null : JSON.stringify(reply.body);
      return new Response(text, { status: reply.status, headers: reply.headers ?? {} });
    },
    WebSocket: FakeSocket as unknown as Environment["WebSocket"],
    now: () => clock.now,
    random,
    after,
    ...on,
    gone() {
      alive = false;
      for (const socket of [...sockets]) socket.end(1001);
    },
    sockets,
  };
}

/** A socket that a test can end. */
export interface Line extends Socket {
  end(code: number): void;
}
