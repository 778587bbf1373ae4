import type { Choice } from "@madang/client";
import { h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, busy } from "../parts.js";
import { named, say } from "../words.js";
import { district } from "./district.js";
import { preferences } from "./preferences.js";

const CHOICES: readonly Choice[] = ["automatic", "away", "invisible"];

/** Oneself: how one is seen, what one wants to be told. */
export function me(pane: Pane): View {
  const { api } = pane.madang;
  const account = pane.me;
  const chips = CHOICES.map((choice) => {
    const chip = h("button", { class: "chip", type: "button", "aria-pressed": "false" }, say(`p_${choice}`));
    chip.addEventListener("click", () => void busy(chip, async () => press((await api.request("PUT /me/presence", { body: { choice } })).choice), pane.tell));
    return chip;
  });
  const press = (chosen: Choice) => chips.forEach((chip, place) => chip.setAttribute("aria-pressed", String(CHOICES[place] === chosen)));
  void pane.attempt(async () => press((await api.request("GET /me/presence")).choice));
  const out = h("button", { class: "button", type: "button" }, say("signOut"));
  out.addEventListener("click", () => void busy(out, () => pane.signOut(), pane.tell));
  const element = h(
    "div",
    { class: "scroll me" },
    account &&
      h(
        "div",
        { class: "line who-am-i" },
        avatar({ id: account.id, nickname: account.nickname, picture: account.image }, "huge"),
        h("span", { class: "grow" }, h("strong", {}, account.nickname), h("br"), h("span", { class: "quiet" }, [account.region && named(account.region), account.email].filter(Boolean).join(" · "))),
      ),
    h(
      "div",
      { class: "line wrap ways-on" },
      h("button", { class: "button small", type: "button", "data-wallet": "", on: { click: () => pane.go("wallet") } }, icon("wallet"), say("wallet")),
      h("button", { class: "button small", type: "button", "data-person": "me", on: { click: () => pane.go("person/me") } }, icon("star"), say("reviews")),
    ),
    h("section", { class: "block" }, h("h3", {}, say("presence")), h("div", { class: "chips" }, ...chips)),
    district(pane),
    preferences(pane),
    out,
  );
  return { title: say("me"), element };
}
