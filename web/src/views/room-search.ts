import type { LiveRoom, Message } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { busy, empty, failed, iconButton, waiting } from "../parts.js";
import { say, when } from "../words.js";

/** Somebody has stopped typing. */
const REST = 350;

/** Looks for words in a room; what is found leads to its message. */
export function roomSearch(pane: Pane, live: LiveRoom, name: (account: string | null) => string, go: (seq: number) => Promise<void>, close: () => void): HTMLElement {
  const { api } = pane.madang;
  const found = h("div", { class: "found", "aria-live": "polite" }, empty("searchRoomHint"));
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function look(q: string, cursor?: string): Promise<void> {
    const mine = (turn += 1);
    if (cursor === undefined) fill(found, q === "" ? empty("searchRoomHint") : waiting());
    if (q === "") return;
    const page = await api.request("GET /rooms/{roomId}/messages", { path: { roomId: live.id }, query: cursor === undefined ? { q, limit: 30 } : { q, limit: 30, cursor } });
    if (mine !== turn) return;
    const { nextCursor } = page;
    const more = h("button", { class: "button small", type: "button" }, say("more"));
    more.addEventListener("click", () => void busy(more, () => look(q, nextCursor ?? undefined), pane.tell));
    const rows = page.items.map((message) => row(message, q));
    if (cursor === undefined) fill(found, ...(rows.length > 0 || nextCursor ? rows : [empty("foundNone")]));
    else {
      found.querySelector(".rest")?.remove();
      found.append(...rows);
    }
    if (nextCursor) found.append(h("div", { class: "rest" }, more));
  }

  function row(message: Message, q: string): HTMLElement {
    const button = h(
      "button",
      { class: "row hit", type: "button", "data-hit": message.seq },
      h("span", { class: "row-words" }, h("span", { class: "line" }, h("strong", { class: "grow cut" }, name(message.author)), h("span", { class: "quiet" }, when(message.createdAt))), h("span", { class: "hit-text" }, ...marked(message.text ?? "", q))),
    );
    button.addEventListener("click", () => void busy(button, () => go(message.seq), pane.tell));
    return button;
  }

  const field = h("input", {
    type: "search", placeholder: say("searchRoom"), label: say("searchRoom"), maxlength: 50, enterkeyhint: "search",
    on: {
      input: () => {
        clearTimeout(timer);
        const ask = () => void look(field.value.trim()).catch((error: unknown) => fill(found, failed(error, ask)));
        timer = setTimeout(ask, REST);
      },
    },
  });
  return h(
    "div",
    { class: "room-search", on: { keydown: (event) => event.key === "Escape" && close() } },
    h("div", { class: "line" }, h("div", { class: "field grow" }, icon("search"), field), iconButton("close", say("close"), close)),
    found,
  );
}

/** The text with what was looked for marked. */
function marked(text: string, q: string): (string | HTMLElement)[] {
  const at = text.toLowerCase().indexOf(q.toLowerCase());
  return at < 0 ? [text] : [text.slice(0, at), h("mark", {}, text.slice(at, at + q.length)), text.slice(at + q.length)];
}
