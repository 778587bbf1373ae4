// What is generated is what the documents say now; entities are the same in frames as in replies, which `tsc` finds out.
// The generator itself is tried on a small document.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type * as Http from "../src/api.js";
import type * as Live from "../src/live-api.js";
import { type FrameAction, REACTIONS, type Reaction } from "../src/wire.js";

interface Generator {
  api(document: object): string;
  liveApi(document: object): string;
  typeOf(schema: object): string;
}

const generator = async () => (await import(new URL("../../scripts/types.mjs", import.meta.url).href)) as Generator;
const here = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
const yes = <_True extends true>() => undefined;

test("entities in frames are those in replies", () => {
  yes<Same<Http.Message, Live.Message>>();
  yes<Same<Http.Room, Live.Room>>();
  yes<Same<Http.Notification, Live.Notification>>();
  yes<Same<Http.Presence, Live.Presence>>();
  // What is offered with one tap is all there is, and all actions that the library sends are in the document.
  yes<Same<(typeof REACTIONS)[number], Reaction>>();
  yes<Same<Extract<FrameAction, "ping" | "room.open" | "room.close" | "message.send" | "message.read" | "typing">, "ping" | "room.open" | "room.close" | "message.send" | "message.read" | "typing">>();
});

test("what is generated is not stale", async () => {
  const { api, liveApi } = await generator();
  const fresh = (file: string, document: string, make: (document: object) => string) =>
    assert.ok(here(file) === make(JSON.parse(here(`../../docs/${document}`)) as object), `${file} is stale: npm run generate -w clients/typescript`);
  fresh("src/api.ts", "openapi.json", api);
  fresh("src/live-api.ts", "asyncapi.json", liveApi);
});

test("the generator writes types from schemas", async () => {
  const { liveApi, typeOf } = await generator();
  assert.equal(typeOf({ type: ["string", "null"] }), "string | null");
  assert.equal(typeOf({ type: "array", items: { oneOf: [{ const: "a" }, { const: "b" }] } }), '("a" | "b")[]');
  assert.equal(typeOf({ type: "object", additionalProperties: { type: "array", items: { $ref: "#/components/schemas/Id" } } }), "Record<string, Id[]>");
  const kinds = { type: "object", properties: { id: { type: "string" } }, required: ["id"], oneOf: [{ const: "a" }, { const: "b" }] };
  assert.equal(typeOf(kinds), '{\n  id: string;\n} & ("a" | "b")');
  const text = liveApi({
    components: {
      schemas: { Id: { type: "string" } },
      messages: {
        Typing: {
          summary: "Somebody types.",
          payload: { schema: { type: "object", properties: { type: { const: "typing" }, account: { $ref: "#/components/schemas/Id" } }, required: ["type"] } },
        },
      },
    },
  });
  assert.ok(text.includes("export type Id = string;"));
  assert.ok(text.includes('  /** Somebody types. */\n  Typing: {\n    type: "typing";\n    account?: Id;\n  };'), text);
});
