// What is written by hand in src/wire.ts against what docs/openapi.json and docs/asyncapi.json say, as far as they do:
// these are types, so it is `tsc` that finds a difference. The generator itself is tried on a small document.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Routes as Generated } from "../src/api.js";
import type { LiveMessages } from "../src/live-api.js";
import type { Actions, Frame, RoomRoutes } from "../src/wire.js";

/** Fields that are there and are null are to a client as those that are not there. */
type Loose<T> = T extends (infer Item)[] ? Loose<Item>[] : T extends object ? { [Key in keyof T]?: Loose<T[Key]> | null } : T;
type Fits<Real, Mine> = [Loose<Real>] extends [Loose<Mine>] ? true : false;

// Requests that are in both: what the server gives is what the client reads, what the client sends is what the server takes.
type Shared = keyof RoomRoutes & keyof Generated;
type Part<T, Name extends string> = Name extends keyof T ? T[Name] : never;
type Misfits = {
  [R in Shared]: Fits<Part<Generated[R], "reply">, Part<RoomRoutes[R], "reply">> extends true
    ? Fits<Part<RoomRoutes[R], "body">, Part<Generated[R], "body">> extends true
      ? never
      : R
    : R;
}[Shared];

// Frames that the document tells of, by their `type`.
type Documented = LiveMessages[keyof LiveMessages];
type FrameMisfits = Documented extends infer One
  ? One extends { type: infer Type extends Frame["type"] }
    ? Type extends "ack"
      ? never
      : Fits<One, Extract<Frame, { type: Type }>> extends true
        ? never
        : Type
    : never
  : never;

// And those that are sent, by their `action`.
type ActionMisfits = Documented extends infer One
  ? One extends { action: infer Action extends keyof Actions }
    ? Fits<Actions[Action]["fields"], One> extends true
      ? never
      : Action
    : never
  : never;

const none = <_Misfits extends never>() => undefined;

test("what is written by hand is what the documents say", () => {
  none<Misfits>();
  none<FrameMisfits>();
  none<ActionMisfits>();
});

test("the generator writes types from schemas", async () => {
  const path = "../../scripts/types.mjs";
  const { liveApi, typeOf } = (await import(path)) as { liveApi(document: object): string; typeOf(schema: object): string };
  assert.equal(typeOf({ type: ["string", "null"] }), "string | null");
  assert.equal(typeOf({ type: "array", items: { oneOf: [{ const: "a" }, { const: "b" }] } }), '("a" | "b")[]');
  assert.equal(typeOf({ type: "object", additionalProperties: { type: "array", items: { $ref: "#/components/schemas/Id" } } }), "Record<string, Id[]>");
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
