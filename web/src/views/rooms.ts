import type { Room } from "@madang/client";
import { fill, h, icon, rowsOf, soon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, badge, empty, failed, previewOf, titleOf, waiting } from "../parts.js";
import { say, spoken, when } from "../words.js";

/** One's rooms, the latest activity first. */
export function rooms(pane: Pane): View {
  const { rooms: mine } = pane.madang;
  const rows = h("div", { class: "rows" });
  const rest = h("div", {});
  const draw = () => {
    const list = mine.list;
    rowsOf(rows, list, ({ id }) => id, (room) => JSON.stringify([room, spoken(), when(room.activeAt)]), (room) => row(pane, room));
    fill(rest, !mine.loaded ? waiting() : list.length === 0 ? empty("noRooms", "noRoomsHint") : null);
  };
  const load = () => void mine.load().catch((error: unknown) => mine.loaded || fill(rest, failed(error, load)));
  if (!mine.loaded) load();
  const ends = mine.changed.on(soon(draw));
  draw();
  return { title: say("rooms"), element: h("div", { class: "scroll" }, rows, rest), leave: ends };
}

function row(pane: Pane, room: Room): HTMLElement {
  const title = titleOf(room);
  const me = pane.me?.id ?? "";
  const sub = room.kind === "listing" ? say("membersCount", { n: room.members }) : room.kind === "inquiry" ? (room.partner?.nickname ?? say("gone")) : "";
  return h(
    "button",
    { class: "row", type: "button", "data-room": room.id, "data-focus": room.id, on: { click: () => pane.go(`room/${room.id}`) } },
    avatar(room.partner ?? { id: room.id, nickname: title }, room.partner ? "large" : "large tile"),
    h(
      "span",
      { class: "row-words" },
      h(
        "span",
        { class: "line" },
        h("strong", { class: "row-title" }, title),
        room.kind === "direct" ? null : h("span", { class: "mark dim" }, say(`kind${room.kind}`)),
        room.status === "closed" && h("span", { class: "mark dim" }, say("closed")),
        room.muted && h("span", { class: "quiet", title: say("mutedRoom") }, icon("mute")),
      ),
      sub && h("span", { class: "quiet" }, sub),
      h("span", { class: "row-preview" }, previewOf(room.preview, me)),
    ),
    h("span", { class: "row-end" }, h("span", { class: "quiet" }, when(room.activeAt)), badge(room.unread)),
  );
}
