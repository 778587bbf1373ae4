import type { Deal, DealCounts, ReviewableDeal } from "@madang/client";
import { fill, h, icon, rowsOf } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, inWords, waiting } from "../parts.js";
import { coins, moment, say, spoken } from "../words.js";
import { dealCard, watch } from "./deal-parts.js";
import { reviewable } from "./review.js";

const TABS = ["proposed", "ongoing", "done", "failed"] as const;
type Tab = keyof DealCounts;

/** Which tab each pane was at, so that the way back leads there. */
const chosen = new WeakMap<Pane, Tab>();

/** My page: one's deals by how they stand, the wallet, what waits for a review. */
export function mine(pane: Pane): View {
  const { api } = pane.madang;
  let tab: Tab = chosen.get(pane) ?? "proposed";
  let list: Deal[] = [];
  let turn = 0;
  const cards = h("div", { class: "deal-list" });
  const rest = h("div", { class: "rest" });
  const reviewing = h("div", {});
  const purse = h("button", { class: "button small", type: "button", "data-wallet": "", on: { click: () => pane.go("wallet") } }, icon("wallet"), say("wallet"));
  const counts = new Map(TABS.map((name) => [name, h("span", { class: "count-of" })]));
  const chips = TABS.map((name) =>
    h(
      "button",
      {
        class: "chip", type: "button", "data-tab": name, "aria-pressed": String(name === tab),
        on: {
          click: () => {
            tab = name;
            chosen.set(pane, tab);
            chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset["tab"] === name)));
            load(true);
          },
        },
      },
      say(`tab_${name}`),
      " ",
      counts.get(name),
    ),
  );

  const draw = () => rowsOf(cards, list, ({ id }) => id, (deal) => JSON.stringify([deal, spoken()]), (deal) => dealCard(pane, deal, () => load()));
  const page = async (cursor?: string) => {
    const own = (turn += 1);
    const [found, waits] = await Promise.all([api.request("GET /me/page", { query: { tab, ...(cursor && { cursor }) } }), cursor ? null : reviewable(pane)]);
    if (own !== turn) return;
    for (const name of TABS) fill(counts.get(name) as HTMLElement, found.counts[name] > 99 ? "99+" : String(found.counts[name]));
    fill(purse, icon("wallet"), coins(found.coins));
    list = cursor ? [...list, ...found.deals.items] : found.deals.items;
    draw();
    const { nextCursor } = found.deals;
    const more = h("button", { class: "button", type: "button" }, say("more"));
    more.addEventListener("click", () => void busy(more, () => page(nextCursor ?? undefined), pane.tell));
    fill(rest, list.length === 0 ? empty("noDeals", "noDealsHint") : nextCursor && more);
    if (waits) fill(reviewing, waits.length > 0 && toReview(pane, waits));
  };
  function load(anew = false): void {
    if (anew) {
      list = [];
      draw();
      fill(rest, waiting());
    }
    page().catch((error: unknown) => (list.length > 0 ? pane.tell(inWords(error)) : fill(rest, failed(error, () => load(true)))));
  }
  load(true);
  const end = watch(pane, () => list.map(({ roomId }) => roomId), () => load());
  return {
    title: say("deals"),
    tools: [purse],
    element: h("div", { class: "scroll mine" }, h("div", { class: "narrowing" }, h("div", { class: "chips" }, ...chips)), reviewing, cards, rest),
    leave: () => ((turn += 1), end()),
  };
}

function toReview(pane: Pane, waits: ReviewableDeal[]): HTMLElement {
  return h(
    "section",
    { class: "block to-review" },
    h("h3", {}, icon("star"), say("toReview")),
    ...waits.map((one) =>
      h(
        "button",
        { class: "row", type: "button", "data-to-review": one.deal, on: { click: () => pane.go(`review/${one.deal}`) } },
        h("span", { class: "row-words" }, h("strong", { class: "row-title" }, one.about), h("span", { class: "quiet" }, say("dealWith", { name: one.with.nickname }), " · ", say("reviewUntil", { time: moment(one.closesAt) }))),
      ),
    ),
  );
}
