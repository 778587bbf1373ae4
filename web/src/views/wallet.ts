import type { WalletEntry } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, waiting } from "../parts.js";
import { coins, moment, say, won } from "../words.js";

/** One's coins, and each line of what came and went, the latest first. */
export function wallet(pane: Pane): View {
  const { api } = pane.madang;
  const balance = h("section", { class: "block purse" }, waiting());
  const rows = h("div", { class: "rows entries" });
  const rest = h("div", { class: "rest" }, waiting());
  let left = false;
  let turn = 0;

  const page = async (cursor?: string) => {
    const own = cursor ? turn : (turn += 1);
    const [now, { items, nextCursor }] = await Promise.all([api.request("GET /me/wallet"), api.request("GET /me/wallet/entries", { query: { ...(cursor && { cursor }) } })]);
    if (left || own !== turn) return;
    fill(balance, h("span", { class: "quiet" }, say("balance")), h("strong", { class: "amount" }, coins(now.balance)), h("span", { class: "quiet" }, say("worth", { won: won(now.balance * now.krwPerCoin) })));
    const made = items.map((one) => line(pane, one));
    if (cursor) rows.append(...made);
    else fill(rows, ...made);
    const more = h("button", { class: "button", type: "button" }, say("more"));
    more.addEventListener("click", () => void busy(more, () => page(nextCursor ?? undefined), pane.tell));
    fill(rest, rows.childElementCount === 0 ? empty("noLines") : nextCursor && more);
  };
  const load = () => void page().catch((error: unknown) => left || fill(rest, failed(error, load)));
  load();
  const end = pane.madang.notifications.arrived.on(({ payload }) => "deal" in payload && load());
  return { title: say("wallet"), element: h("div", { class: "scroll wallet" }, balance, h("h3", { class: "list-head" }, say("lines")), rows, rest), deep: true, leave: () => ((left = true), end()) };
}

function line(pane: Pane, { id, coins: amount, reason, about, dealId, at }: WalletEntry): HTMLElement {
  const words = [
    h("span", { class: "sort" }, icon(reason === "hold" ? "clock" : "wallet")),
    h("span", { class: "row-words" }, h("strong", { class: "row-title" }, about), h("span", { class: "quiet" }, say(`why_${reason}`), " · ", moment(at))),
    h("span", { class: amount < 0 ? "change" : "change came" }, `${amount > 0 ? "+" : amount < 0 ? "−" : ""}${coins(Math.abs(amount))}`),
  ];
  return dealId
    ? h("button", { class: "row", type: "button", "data-entry": id, "data-reason": reason, on: { click: () => pane.go(`deal/${dealId}`) } }, ...words)
    : h("div", { class: "row", "data-entry": id, "data-reason": reason }, ...words);
}
