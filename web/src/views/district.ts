import { h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { busy, inWords } from "../parts.js";
import { fillRegions } from "../regions.js";
import { say } from "../words.js";

/** One's home district, to be chosen: without one nobody joins a room. */
export function district(pane: Pane): HTMLElement {
  const { api } = pane.madang;
  const known = pane.me?.region?.id ?? "";
  const list = h("select", { label: say("home"), "data-district": "" }, h("option", { value: "", disabled: true, selected: true }, say("homeChoose")));
  fillRegions(api, list, false)
    .then(() => void (list.value = known))
    .catch((error: unknown) => pane.tell(inWords(error)));
  const change = async () => {
    const { version } = await api.request("GET /me");
    api.learn(await api.request("PATCH /me", { body: { version, region: list.value } }));
    pane.toast(say("saved"));
    pane.show();
  };
  const fail = (words: string) => {
    list.value = known;
    pane.tell(words);
  };
  list.addEventListener("change", () => void busy(list, change, fail));
  return h("section", { class: "block" }, h("h3", {}, icon("place"), say("home")), known === "" && h("p", { class: "quiet" }, say("homeHint")), h("span", { class: "choose" }, list, icon("chevron")));
}
