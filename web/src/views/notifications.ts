import type { Notification } from "@madang/client";
import { fill, h, icon, type Icon, rowsOf, soon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, iconButton, waiting } from "../parts.js";
import { say, spoken, when } from "../words.js";

const SHAPES: Readonly<Record<string, Icon>> = {
  "listing.expired": "clock", "listing.inquiry": "rooms", "room.message": "rooms", "room.reply": "reply", "room.kicked": "leave",
  "deal.proposed": "deals", "deal.accepted": "deals", "deal.ended": "deals", "deal.moved": "deals", "deal.done": "deals", "deal.broken": "deals", "deal.reminder": "clock",
  "report.decided": "flag", "account.warned": "flag", "account.suspended": "flag", "content.hidden": "flag", "review.visible": "star",
};

/** What a notification says, in the server's words, and where it leads. New types will come: they are said all the same. */
export function wordsOf(one: Notification): { title: string; text: string; path: string | null } {
  const { title, body } = one.text[spoken()];
  const { room, listing, deal, errand } = one.payload as { room?: string; listing?: string; deal?: string; errand?: string };
  // Whoever was shown out may see the listing, and the room no more.
  const path = one.type === "review.visible" ? "person/me" : deal ? `deal/${deal}` : errand ? `errand/${errand}` : room && one.type !== "room.kicked" ? `room/${room}` : listing ? `listing/${listing}` : null;
  return { title, text: body, path };
}

/** What happened, the latest first. */
export function notifications(pane: Pane): View {
  const { notifications: mine } = pane.madang;
  const rows = h("div", { class: "rows" });
  const rest = h("div", { class: "rest" });
  const readAll = h("button", { class: "button small", type: "button", "data-read-all": "" }, say("markAllRead"));
  readAll.addEventListener("click", () => void busy(readAll, () => mine.readAll(), pane.tell));
  const more = h("button", { class: "button", type: "button" }, say("more"));
  more.addEventListener("click", () => void busy(more, () => mine.loadMore(), pane.tell));
  const draw = () => {
    rowsOf(rows, mine.list, ({ id }) => id, (one) => JSON.stringify([one, spoken(), when(one.updatedAt)]), (one) => row(pane, one));
    readAll.hidden = mine.unread === 0;
    fill(rest, !mine.loaded ? waiting() : mine.list.length === 0 ? empty("noNotifications", "noNotificationsHint") : mine.more && more);
  };
  const load = () => void mine.load().catch((error: unknown) => mine.loaded || fill(rest, failed(error, load)));
  if (!mine.loaded) load();
  const ends = mine.changed.on(soon(draw));
  draw();
  return { title: say("notifications"), tools: [readAll], element: h("div", { class: "scroll" }, rows, rest), leave: ends };
}

function row(pane: Pane, one: Notification): HTMLElement {
  const { notifications: mine } = pane.madang;
  const { title, text, path } = wordsOf(one);
  const open = () => {
    if (!one.read) void pane.attempt(() => mine.read(one.id));
    if (path) pane.go(path);
  };
  return h(
    "div",
    { class: one.read ? "row notification" : "row notification fresh", "data-notification": one.id, "data-type": one.type },
    h(
      "button",
      { class: "row-main", type: "button", "data-focus": one.id, on: { click: open } },
      h("span", { class: "sort" }, icon(SHAPES[one.type] ?? "notifications"), !one.read && h("span", { class: "dot", label: say("new"), role: "img" })),
      h("span", { class: "row-words" }, h("strong", {}, title), text !== "" && h("span", { class: "row-preview" }, text), h("span", { class: "quiet" }, when(one.updatedAt))),
    ),
    !one.read && iconButton("check", say("readOne"), () => void pane.attempt(() => mine.read(one.id)), { "data-read": "" }),
    iconButton("close", say("deleteOne"), () => void pane.attempt(() => mine.delete(one.id)), { "data-delete": "" }),
  );
}
