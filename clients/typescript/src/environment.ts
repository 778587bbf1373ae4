// All that is not pure. Tests bring their own; a page takes `browser()`.

/** A socket, as browsers and `ws` have it. */
export interface Socket {
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** A place that outlives the page. */
export interface Store {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** All keys that begin so. */
  keys(prefix: string): string[];
}

/** The world outside. */
export interface Environment {
  fetch(url: string, init: RequestInit): Promise<Response>;
  WebSocket: new (url: string, protocols: string[]) => Socket;
  /** Milliseconds since 1970, by the device. */
  now(): number;
  /** From 0 to just below 1. */
  random(): number;
  /** Runs it once, later; the function it gives forgets it. */
  after(ms: number, run: () => void): () => void;
  /** For what must outlive the page: messages that were not answered yet. */
  durable: Store;
  /** For the session. */
  session: Store;
}

/** The browser as it is. The session stays in its tab. */
export function browser(): Environment {
  return {
    fetch: (url, init) => fetch(url, init),
    WebSocket: WebSocket as unknown as Environment["WebSocket"],
    now: () => Date.now(),
    random: () => Math.random(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    durable: webStore(localStorage),
    session: webStore(sessionStorage),
  };
}

function webStore(storage: Storage): Store {
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => storage.setItem(key, value),
    remove: (key) => storage.removeItem(key),
    keys: (prefix) => Object.keys(storage).filter((key) => key.startsWith(prefix)),
  };
}

/** A place that outlives nothing. */
export function memoryStore(): Store {
  const entries = new Map<string, string>();
  return {
    get: (key) => entries.get(key) ?? null,
    set: (key, value) => void entries.set(key, value),
    remove: (key) => void entries.delete(key),
    keys: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
  };
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/** A name that nobody drew before: 21 letters, 126 bits. */
export function draw(random: () => number, length = 21): string {
  return Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("");
}

/** How long to wait after the `attempt`th failure (from 0): doubling, drawn between half of it and the whole. */
export function backoff(random: () => number, attempt: number, first = 500, most = 30_000): number {
  const whole = Math.min(first * 2 ** attempt, most);
  return whole / 2 + random() * (whole / 2);
}

/** Tells listeners that something changed. */
export class Signal<Event = void> {
  readonly #listeners = new Set<(event: Event) => void>();

  /** Calls it each time; the function it gives ends that. */
  on(listener: (event: Event) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(event: Event): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}
