import { CREATING, type Me, type Problem, type Session as SessionReply, type SignIn } from "./api.js";
import { backoff, draw, type Environment, Signal } from "./environment.js";
import { NoAnswer, Refusal, SignedOut } from "./problem.js";
import type { Routes } from "./wire.js";

/** A request, such as `GET /listings`. */
export type Route = keyof Routes & string;
type Part<R extends Route, Name extends string> = Name extends keyof Routes[R] ? Pick<Routes[R], Name> : unknown;
/** What a request takes: `path`, `query`, `body`, as far as it has them. */
export type Input<R extends Route> = Part<R, "path"> & Part<R, "query"> & Part<R, "body"> & { signal?: AbortSignal };
/** What it gives. */
export type Reply<R extends Route> = Routes[R] extends { reply: infer Given } ? Given : undefined;
type Arguments<R extends Route> = object extends Input<R> ? [route: R, input?: Input<R>] : [route: R, input: Input<R>];

interface Loose {
  path?: Record<string, string | number>;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  signal?: AbortSignal;
}

interface Tokens {
  access: string;
  refresh: string;
  /** By the device's clock. */
  until: number;
  account: Me;
}

const KEY = "madang.session";
/** A refused request is sent again this often, when the server says that it may pass. */
const TRIES = 3;
/** Nobody waits longer than this without being told. */
const PATIENCE = 30_000;
/** API Gateway gives up on a function after this. */
const ANSWER_WITHIN = 30_000;

/** Madang over HTTP, by one person or by nobody. */
export class Api {
  /** Somebody signed in or out, or the tokens are new. */
  readonly changed = new Signal();
  readonly #env: Environment;
  readonly #base: string;
  readonly #key: string;
  #tokens: Tokens | null;
  #refreshing: Promise<void> | null = null;

  constructor(
    env: Environment,
    /** Where the API is: `https://…` or, beside the page, the empty string. */
    base: string,
    /** The language problems are worded in. */
    public language: string,
    /** Tells sessions of one tab apart. */
    name = "",
  ) {
    this.#env = env;
    this.#base = base.replace(/\/$/, "");
    this.#key = name ? `${KEY}.${name}` : KEY;
    this.#tokens = parsed(env.session.get(this.#key));
  }

  /** Who is signed in. */
  get account(): Me | null {
    return this.#tokens?.account ?? null;
  }

  /** Signs in by e-mail and password. */
  async signIn(email: SignIn["email"], password: string): Promise<Me> {
    const body: SignIn = { email, password, refreshTokenIn: "body" };
    const reply = await this.#send("POST /auth/session", { body }, undefined);
    this.#keep(reply as SessionReply);
    return (reply as SessionReply).account;
  }

  /** Ends the session, here at once and there as soon as it can be said. */
  async signOut(): Promise<void> {
    const tokens = this.#tokens;
    this.#forget();
    if (!tokens) return;
    await this.#send("POST /auth/session/end", { body: { refreshToken: tokens.refresh } }, undefined).catch(() => undefined);
  }

  /** One's own account was changed: this is what it is now. */
  learn(account: Me): void {
    if (this.#tokens?.account.id !== account.id) return;
    this.#tokens = { ...this.#tokens, account };
    this.#env.session.set(this.#key, JSON.stringify(this.#tokens));
    this.changed.tell();
  }

  /** An access token that is good for a minute at least, or a new one. */
  async token(fresh = false): Promise<string> {
    if (!this.#tokens) throw new SignedOut();
    if (fresh || this.#tokens.until - this.#env.now() < 60_000) await this.#refresh();
    if (!this.#tokens) throw new SignedOut();
    return this.#tokens.access;
  }

  /** When the access token runs out, by the device's clock. */
  get until(): number {
    return this.#tokens?.until ?? 0;
  }

  /** Sends a request. An expired token is refreshed and the request sent again, once. */
  async request<R extends Route>(...[route, input]: Arguments<R>): Promise<Reply<R>> {
    const loose = (input ?? {}) as Loose;
    // One key for all tries of one intent.
    const key = CREATING.includes(route) ? draw(this.#env.random) : undefined;
    if (!this.#tokens) return (await this.#send(route, loose, undefined, key)) as Reply<R>;
    const token = await this.token();
    try {
      return (await this.#send(route, loose, token, key)) as Reply<R>;
    } catch (error) {
      if (!(error instanceof Refusal && error.status === 401)) throw error;
      return (await this.#send(route, loose, await this.token(this.#tokens?.access === token), key)) as Reply<R>;
    }
  }

  async #send(route: string, input: Loose, token: string | undefined, key?: string): Promise<unknown> {
    const [method, path] = route.split(" ") as [string, string];
    const url = this.#base + filled(path, input);
    const headers: Record<string, string> = { accept: "application/json", "accept-language": this.language };
    if (token) headers["authorization"] = `Bearer ${token}`;
    if (key) headers["idempotency-key"] = key;
    const init: RequestInit = { method, headers, credentials: "omit", signal: input.signal ?? null };
    if (input.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(input.body);
    }
    const repeatable = method !== "POST" || key !== undefined || hasNonce(input.body);
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#once(url, init);
      } catch (error) {
        if (input.signal?.aborted) throw error;
        const again =
          error instanceof Refusal
            ? error.status === 429 || (error.status === 503 && repeatable)
            : error instanceof NoAnswer && repeatable;
        const asked = error instanceof Refusal ? error.retryAfter : undefined;
        // What was asked for and a little more, so that those who were refused together do not return together.
        const wait = asked === undefined ? backoff(this.#env.random, attempt) : asked * 1000 * (1 + this.#env.random() / 4);
        if (!again || attempt + 1 >= TRIES || wait > PATIENCE) throw error;
        await new Promise<void>((resolve) => this.#env.after(wait, resolve));
      }
    }
  }

  async #once(url: string, init: RequestInit): Promise<unknown> {
    let response: Response;
    let text: string;
    const stop = new AbortController();
    const abort = () => stop.abort();
    init.signal?.addEventListener("abort", abort);
    const forget = this.#env.after(ANSWER_WITHIN, abort);
    try {
      response = await this.#env.fetch(url, { ...init, signal: stop.signal });
      text = await response.text();
    } catch (error) {
      throw new NoAnswer(error);
    } finally {
      forget();
      init.signal?.removeEventListener("abort", abort);
    }
    const value = json(text);
    if (response.ok) return value;
    const after = Number(response.headers.get("retry-after") ?? Number.NaN);
    throw new Refusal(problem(value, response.status), Number.isFinite(after) ? after : undefined);
  }

  /** However many ask at once, one refreshes. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#renew().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #renew(): Promise<void> {
    const tokens = this.#tokens;
    if (!tokens) throw new SignedOut();
    try {
      const reply = await this.#send("POST /auth/session/refresh", { body: { refreshToken: tokens.refresh } }, undefined);
      if (this.#tokens === tokens) this.#keep(reply as SessionReply, tokens.refresh);
    } catch (error) {
      if (!(error instanceof Refusal) || error.passing) throw error;
      if (this.#tokens === tokens) this.#forget();
      throw new SignedOut();
    }
  }

  #keep(reply: SessionReply, refresh = ""): void {
    this.#tokens = {
      access: reply.accessToken,
      refresh: reply.refreshToken ?? refresh,
      // By the seconds that are left: the device's clock may be off.
      until: this.#env.now() + reply.expiresIn * 1000,
      account: reply.account,
    };
    this.#env.session.set(this.#key, JSON.stringify(this.#tokens));
    this.changed.tell();
  }

  #forget(): void {
    this.#tokens = null;
    this.#env.session.remove(this.#key);
    this.changed.tell();
  }
}

function filled(path: string, input: Loose): string {
  const place = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(input.path?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const tail = query.toString();
  return tail ? `${place}?${tail}` : place;
}

function hasNonce(body: unknown): boolean {
  return typeof body === "object" && body !== null && "nonce" in body;
}

function json(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parsed(text: string | null): Tokens | null {
  return (text === null ? null : (json(text) as Tokens | undefined)) ?? null;
}

/** The document, or one in its place: gateways answer by themselves at times. */
function problem(value: unknown, status: number): Problem {
  if (typeof value === "object" && value !== null && "code" in value && "title" in value) return value as Problem;
  const title = (value as { message?: string } | undefined)?.message ?? `HTTP ${status}`;
  return { type: "about:blank", code: `http_${status}`, title, status, requestId: "" };
}
