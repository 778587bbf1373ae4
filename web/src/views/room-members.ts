import type { LiveRoom, Member } from "@madang/client";
import { h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { avatar, busy, iconButton, sureButton } from "../parts.js";
import { say } from "../words.js";

const ORDER = { online: 0, away: 1, offline: 2 } as const;

/** Who is in the room, what the host may do, and the ways out of it. */
export function members(pane: Pane, live: LiveRoom, close: () => void): HTMLElement {
  const { info } = live;
  const me = pane.me?.id ?? "";
  const list = [...live.members.values()].sort(
    (one, other) => Number(other.role === "host") - Number(one.role === "host") || ORDER[one.presence] - ORDER[other.presence] || one.account.nickname.localeCompare(other.account.nickname),
  );
  const mute = h("button", { class: "button small", type: "button" }, icon(info?.muted ? "notifications" : "mute"), say(info?.muted ? "unmute" : "mute"));
  mute.addEventListener("click", () =>
    void busy(
      mute,
      async () => {
        await pane.madang.rooms.mute(live.id, !info?.muted);
        const now = pane.madang.rooms.get(live.id);
        if (now) live.learn(now);
      },
      pane.tell,
    ),
  );
  const listing = info?.listing;
  return h(
    "div",
    { class: "members", on: { keydown: (event) => event.key === "Escape" && close() } },
    h("div", { class: "line" }, h("h3", { class: "grow" }, say("membersCount", { n: Math.max(list.length, list.length < 500 ? 0 : (info?.members ?? 0)) })), iconButton("close", say("close"), close)),
    h("ul", { class: "member-list" }, ...list.map((member) => row(pane, live, member, me))),
    h(
      "div",
      { class: "line wrap" },
      listing && h("button", { class: "button small", type: "button", on: { click: () => pane.go(`listing/${listing}`) } }, say("seeListing")),
      mute,
      sureButton("leave", "leaveSure", "button small danger", (button) => void busy(button, () => pane.madang.rooms.leave(live.id), pane.tell)),
    ),
  );
}

function row(pane: Pane, live: LiveRoom, { account, role, presence }: Member, me: string): HTMLElement {
  const talk = h("button", { class: "button small", type: "button" }, say("talkAlone"));
  talk.addEventListener("click", () => void busy(talk, () => talkAlone(pane, live, account.id), pane.tell));
  const host = live.info?.role === "host" && live.info.kind === "listing";
  const path = { roomId: live.id, accountId: account.id };
  return h(
    "li",
    { class: "member" },
    h("button", { class: "with-state", type: "button", label: account.nickname, on: { click: () => pane.go(`person/${account.id}`) } }, avatar(account), h("span", { class: `state ${presence}` })),
    h(
      "span",
      { class: "grow" },
      h("strong", {}, account.nickname),
      account.id === me && h("span", { class: "mark dim" }, say("you")),
      role === "host" && h("span", { class: "mark" }, say("host")),
      h("br"),
      h("span", { class: "quiet" }, say(presence)),
    ),
    account.id !== me &&
      h(
        "span",
        { class: "line wrap end" },
        live.info?.kind !== "direct" && talk,
        host &&
          sureButton("kick", "kickSure", "button small danger", (button) =>
            void busy(button, () => pane.madang.api.request("DELETE /rooms/{roomId}/members/{accountId}", { path }), pane.tell),
          ),
      ),
  );
}

async function talkAlone(pane: Pane, live: LiveRoom, account: string): Promise<void> {
  const found = await pane.madang.api.request("POST /accounts/{accountId}/room", { path: { accountId: account } });
  pane.madang.rooms.learn(found);
  if (found.id !== live.id) pane.go(`room/${found.id}`);
}
