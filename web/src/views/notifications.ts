import type { Notification, NotificationPreferences } from "@madang/client";
import { fill, h, icon, rowsOf, soon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, iconButton, waiting } from "../parts.js";
import { say, spoken, when, word } from "../words.js";

/** What a notification says, and where it leads. Unknown kinds are said as the server words them. */
export function wordsOf(notification: Notification): { title: string; text: string; path: string | null } {
  const name = notification.kind.split(/[._]/).at(-1) ?? "";
  const own = say(word(`n_${name}`) ?? "n_other");
  const path = notification.room ? `room/${notification.room}` : notification.listing ? `listing/${notification.listing}` : null;
  return { title: notification.title ?? own, text: notification.text ?? own, path };
}

/** What happened, the latest first. */
export function notifications(pane: Pane): View {
  const { notifications: mine } = pane.madang;
  const rows = h("div", { class: "rows" });
  const rest = h("div", { class: "rest" });
  const readAll = h("button", { class: "button small", type: "button" }, say("markAllRead"));
  readAll.addEventListener("click", () => void busy(readAll, () => mine.readAll(), pane.tell));
  const more = h("button", { class: "button", type: "button" }, say("more"));
  more.addEventListener("click", () => void busy(more, () => mine.loadMore(), pane.tell));
  const draw = () => {
    rowsOf(rows, mine.list, ({ id }) => id, (one) => JSON.stringify([one, spoken()]), (one) => row(pane, one));
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
  const { title, text, path } = wordsOf(one);
  const open = () => {
    if (!one.read) void pane.attempt(() => pane.madang.notifications.read(one.id));
    if (path) pane.go(path);
  };
  return h(
    "div",
    { class: one.read ? "row notification" : "row notification fresh" },
    h(
      "button",
      { class: "row-main", type: "button", "data-focus": one.id, on: { click: open } },
      h("span", { class: "dot", label: one.read ? undefined : say("new"), role: one.read ? undefined : "img" }),
      h("span", { class: "row-words" }, h("strong", {}, title), title !== text && h("span", { class: "row-preview" }, text), h("span", { class: "quiet" }, when(one.createdAt))),
    ),
    iconButton("close", say("deleteOne"), () => void pane.attempt(() => pane.madang.notifications.delete(one.id))),
  );
}

/** Which notifications one wants: a switch for each that the server names. */
export function preferences(pane: Pane): HTMLElement {
  const body = h("div", {}, waiting());
  const { api } = pane.madang;
  let now: NotificationPreferences = {};
  const draw = () => {
    const names = Object.keys(now).filter((name) => typeof now[name] === "boolean");
    fill(body, ...(names.length > 0 ? names.map(toggle) : [h("p", { class: "quiet" }, say("noPreferences"))]));
  };
  const toggle = (name: string) => {
    const known = word(`p_${name}`);
    const box = h("input", { type: "checkbox", role: "switch", checked: now[name] === true });
    box.addEventListener("change", () =>
      void pane.attempt(async () => {
        const on = box.checked;
        // Should it fail it goes back by itself.
        box.checked = !on;
        box.setAttribute("aria-busy", "true");
        try {
          now = await api.request("PUT /me/notification-preferences", { body: { ...now, [name]: on } });
          box.checked = now[name] === true;
          pane.toast(say("saved"));
        } finally {
          box.removeAttribute("aria-busy");
        }
      }),
    );
    return h("label", { class: "setting" }, h("span", { class: "grow" }, known ? say(known) : name), box);
  };
  const load = () =>
    void api
      .request("GET /me/notification-preferences")
      .then((value) => {
        now = value;
        draw();
      })
      .catch((error: unknown) => fill(body, failed(error, load)));
  load();
  return h("section", { class: "block" }, h("h3", {}, icon("choices"), say("preferences")), body);
}
