import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore } from "../src/environment.js";
import { Api } from "../src/http.js";
import { NoAnswer, Refusal, SignedOut } from "../src/problem.js";
import { Clock, seeded } from "./fake/world.js";

interface Sent {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}
type Script = (sent: Sent) => { status: number; body?: unknown; headers?: Record<string, string> } | "broken";

function world(script: Script) {
  const clock = new Clock();
  const sent: (Sent & { at: number })[] = [];
  const session = memoryStore();
  const env = {
    fetch: async (url: string, init: RequestInit) => {
      const one = { url, method: init.method ?? "", headers: init.headers as Record<string, string>, body: init.body as string | undefined };
      sent.push({ ...one, at: clock.now });
      const reply = script(one);
      if (reply === "broken") throw new TypeError("fetch failed");
      const text = reply.body === undefined ? null : JSON.stringify(reply.body);
      return new Response(text, { status: reply.status, headers: reply.headers ?? {} });
    },
    WebSocket: undefined as never,
    now: () => clock.now,
    random: seeded(7),
    after: (ms: number, run: () => void) => clock.after(ms, run),
    durable: memoryStore(),
    session,
  };
  const api = new Api(env, "https://api.example", "ko");
  return { clock, sent, api, env, session };
}

const account = { id: "me" };
const refusal = (status: number, code: string) => ({ status, body: { type: "t", code, title: "제목", status, requestId: "r" } });

/** A server whose access tokens are `access1`, `access2`, …, of which the last is good. */
function pool(then: Script): Script & { made: number } {
  const script = ((sent: Sent) => {
    if (sent.url.endsWith("/auth/session") || sent.url.endsWith("/auth/session/refresh")) {
      script.made += 1;
      const body = { accessToken: `access${script.made}`, refreshToken: `refresh${script.made}`, idToken: "", expiresIn: 3600, expiresAt: "", account };
      return { status: 200, body };
    }
    if (sent.headers["authorization"] !== `Bearer access${script.made}`) return refusal(401, "bad_token");
    return then(sent);
  }) as Script & { made: number };
  script.made = 0;
  return script;
}

test("a problem document becomes an error with its title", async () => {
  const { api } = world(() => refusal(404, "not_found"));
  await assert.rejects(api.request("GET /listings/{listingId}", { path: { listingId: "lst_1" } }), (error: Refusal) => {
    assert.deepEqual([error.code, error.status, error.message], ["not_found", 404, "제목"]);
    return true;
  });
});

test("what a gateway says by itself becomes an error too", async () => {
  const { api } = world(() => ({ status: 400, body: { message: "Bad Request" } }));
  await assert.rejects(api.request("GET /categories"), (error: Refusal) => error.code === "http_400" && error.message === "Bad Request");
});

test("path and query are put in and escaped", async () => {
  const { api, sent } = world(() => ({ status: 200, body: {} }));
  await api.request("GET /listings", { query: { q: "자전거", region: "seoul/gangnam-gu" } });
  await api.request("GET /listings/{listingId}", { path: { listingId: "a/b" } });
  assert.equal(sent[0]?.url, "https://api.example/listings?q=%EC%9E%90%EC%A0%84%EA%B1%B0&region=seoul%2Fgangnam-gu");
  assert.equal(sent[1]?.url, "https://api.example/listings/a%2Fb");
  assert.equal(sent[0]?.headers["accept-language"], "ko");
});

test("a session survives the page, in its own tab", async () => {
  const { api, env } = world(pool(() => ({ status: 200, body: account })));
  await api.signIn("minji@example.com", "madang-2026!");
  assert.equal(new Api(env, "https://api.example", "ko").account?.id, "me");
  await api.signOut();
  assert.equal(new Api(env, "https://api.example", "ko").account, null);
});

test("an expired token is refreshed once, however many find out, and the requests are sent again", async () => {
  const script = pool(() => ({ status: 200, body: { items: [] } }));
  const { api, sent } = world(script);
  await api.signIn("minji@example.com", "madang-2026!");
  script.made = 5;
  await Promise.all([api.request("GET /rooms"), api.request("GET /rooms"), api.request("GET /rooms")]);
  assert.equal(sent.filter(({ url }) => url.endsWith("/refresh")).length, 1);
  assert.equal(sent.filter(({ url }) => url.endsWith("/rooms")).length, 6);
});

test("a token that is about to expire is refreshed before it is used", async () => {
  const { api, sent, clock } = world(pool(() => ({ status: 200, body: { items: [] } })));
  await api.signIn("minji@example.com", "madang-2026!");
  clock.now += 3_590_000;
  await api.request("GET /rooms");
  assert.deepEqual(sent.map(({ url }) => url.split("/").at(-1)), ["session", "refresh", "rooms"]);
});

test("a refused refresh ends the session, a broken network does not", async () => {
  let broken = true;
  const good = pool(() => ({ status: 200, body: {} }));
  const { api, clock } = world((sent) => (sent.url.endsWith("/refresh") ? (broken ? "broken" : refusal(401, "bad_token")) : good(sent)));
  await api.signIn("minji@example.com", "madang-2026!");
  clock.now += 3_600_000;
  await assert.rejects(api.request("GET /me"), NoAnswer);
  assert.ok(api.account);
  broken = false;
  await assert.rejects(api.request("GET /me"), SignedOut);
  assert.equal(api.account, null);
});

test("a wrong password is an error and no reason to refresh", async () => {
  const { api, sent } = world(() => refusal(401, "wrong_credentials"));
  await assert.rejects(api.signIn("minji@example.com", "no"), Refusal);
  assert.equal(sent.length, 1);
});

test("too many requests: it waits as long as it was asked to, and a little more", async () => {
  let refused = 0;
  const { api, sent, clock } = world(() => ((refused += 1) <= 2 ? { ...refusal(429, "too_many_requests"), headers: { "retry-after": "4" } } : { status: 200, body: {} }));
  const reply = api.request("GET /categories");
  await clock.pass(20_000);
  await reply;
  const [first, second, third] = sent.map(({ at }) => at) as [number, number, number];
  for (const wait of [second - first, third - second]) assert.ok(wait >= 4000 && wait <= 5000, String(wait));
});

test("nobody waits for minutes without being told", async () => {
  const { api } = world(() => ({ ...refusal(429, "too_many_requests"), headers: { "retry-after": "600" } }));
  await assert.rejects(api.request("GET /categories"), (error: Refusal) => error.retryAfter === 600);
});

test("what creates carries one key through all its tries", async () => {
  let calls = 0;
  const script = pool(() => ((calls += 1) === 1 ? "broken" : { status: 201, body: {} }));
  const { api, sent, clock } = world(script);
  await api.signIn("minji@example.com", "madang-2026!");
  const reply = api.request("POST /media", { body: { purpose: "listing", contentType: "image/jpeg", size: 1 } });
  await clock.pass(10_000);
  await reply;
  const keys = sent.filter(({ url }) => url.endsWith("/media")).map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.match(String(keys[0]), /^[\w-]{21}$/);
});

test("a request that may not be repeated is not", async () => {
  const { api, sent } = world(() => "broken");
  await assert.rejects(api.request("POST /auth/password/forgot", { body: { email: "minji@example.com" } }), NoAnswer);
  assert.equal(sent.length, 1);
});
