import { type ErrandCard, type ErrandState, type Journey, type Maker, type MakerSort, Refusal } from "@madang/client";
import { type Child, fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, waiting } from "../parts.js";
import { say } from "../words.js";
import { errandRow, JOURNEYS, makerRow, provinceChoice, provinceNames } from "./errand-parts.js";

const PARTS = ["errandsMine", "errandsFind", "makers"] as const;
const STATES: readonly ErrandState[] = ["ongoing", "readyToComplete", "completed", "overdue"];
const SORTS: readonly MakerSort[] = ["reviews", "rating", "confirmed"];

interface Chosen {
  part: (typeof PARTS)[number];
  state: ErrandState;
  sort: MakerSort;
  province: string;
  journey: string;
}

/** What each pane looked at, so that the way back leads there. */
const chosen = new WeakMap<Pane, Chosen>();

/** Errands: one's own, those one could quote on as a maker, and the makers. */
export function errands(pane: Pane): View {
  const { api } = pane.madang;
  const choice: Chosen = chosen.get(pane) ?? { part: "errandsMine", state: "ongoing", sort: "reviews", province: "", journey: "" };
  chosen.set(pane, choice);
  const demand = h("p", { class: "quiet demand" });
  const narrowing = h("div", { class: "narrowing narrower" });
  const rows = h("div", { class: "rows" });
  const rest = h("div", { class: "rest" });
  let turn = 0;

  /** Fills the list page by page. */
  const list = <Item>(ask: (cursor?: string) => Promise<{ items: Item[]; nextCursor: string | null }>, make: (item: Item) => HTMLElement, none: () => HTMLElement) => {
    const own = (turn += 1);
    fill(rows);
    fill(rest, waiting());
    const page = async (cursor?: string): Promise<void> => {
      const { items, nextCursor } = await ask(cursor);
      if (own !== turn) return;
      rows.append(...items.map(make));
      const more = h("button", { class: "button", type: "button" }, say("more"));
      more.addEventListener("click", () => void busy(more, () => page(nextCursor ?? undefined), pane.tell));
      fill(rest, nextCursor ? more : rows.childElementCount === 0 && none());
    };
    page().catch((error: unknown) => own === turn && fill(rest, failed(error, show)));
  };
  const chips = <Value extends string>(values: readonly Value[], now: Value, words: (value: Value) => string, change: (value: Value) => void): HTMLElement => {
    const made = values.map((value) => {
      const chip = h("button", { class: "chip", type: "button", "aria-pressed": String(value === now), "data-value": value }, words(value));
      chip.addEventListener("click", () => {
        made.forEach((one) => one.setAttribute("aria-pressed", String(one === chip)));
        change(value);
      });
      return chip;
    });
    return h("div", { class: "chips" }, ...made);
  };
  const choose = (label: string, select: HTMLElement) => h("span", { class: "choose", title: label }, select, icon("chevron"));

  const mine = async (own: number) => {
    fill(narrowing);
    const province = await provinceNames(api);
    if (own !== turn) return;
    const ask = (cursor?: string) => api.request("GET /me/errands", { query: { state: choice.state, ...(cursor && { cursor }) } });
    const begin = () => list(ask, (one: ErrandCard) => errandRow(pane, one, province), () => empty("errandNone", "errandNoneHint"));
    fill(narrowing, chips(STATES, choice.state, (state) => say(`es_${state}`), (state) => ((choice.state = state), begin())));
    begin();
  };
  const find = async (own: number) => {
    fill(narrowing);
    fill(rows);
    fill(rest, waiting());
    const names = provinceNames(api);
    // Whoever is no maker is told how to become one.
    const maker = await api.request("GET /me/maker").catch((error: unknown) => {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    });
    const province = await names;
    if (own !== turn) return;
    const profile = h("button", { class: "button small", type: "button", "data-maker-me": "", on: { click: () => pane.go("maker-me") } }, icon("edit"), say(maker ? "makerEdit" : "makerBe"));
    if (!maker) return fill(rest, h("div", { class: "empty" }, h("p", {}, say("makerNeeded")), profile));
    const kind = (): Journey | undefined => JOURNEYS.find((one) => one === choice.journey);
    const ask = (cursor?: string) => {
      const journey = kind();
      return api.request("GET /errands/feed", { query: { ...(journey && { journey }), ...(cursor && { cursor }) } });
    };
    const begin = () => list(ask, (one) => errandRow(pane, one, province, one.designated && h("span", { class: "mark hot" }, say("designated"))), () => empty("errandNone", "errandNoneHint"));
    fill(narrowing, chips(["", ...JOURNEYS] as const, kind() ?? "", (one) => (one === "" ? say("all") : say(`j_${one}`)), (one) => ((choice.journey = one), begin())), profile);
    begin();
  };
  const makers = () => {
    const where = provinceChoice(api, choice.province);
    where.prepend(h("option", { value: "", selected: choice.province === "" }, say("everywhere")));
    where.setAttribute("aria-label", say("errandProvince"));
    const what = h("select", { name: "journey", label: say("errandJourney") }, h("option", { value: "" }, say("all")), ...JOURNEYS.map((one) => h("option", { value: one, selected: one === choice.journey }, say(`j_${one}`))));
    const ask = (cursor?: string) => {
      const { sort, province, journey } = choice;
      return api.request("GET /makers", { query: { sort, ...(province && { province: province as never }), ...(journey && { journey: journey as Journey }), ...(cursor && { cursor }) } });
    };
    const begin = () => list(ask, (one) => makerRow(pane, one), () => empty("noMakers"));
    where.addEventListener("change", () => ((choice.province = where.value), begin()));
    what.addEventListener("change", () => ((choice.journey = what.value), begin()));
    fill(narrowing, choose(say("errandProvince"), where), choose(say("errandJourney"), what), chips(SORTS, choice.sort, (sort) => say(`sort${sort}`), (sort) => ((choice.sort = sort), begin())));
    begin();
  };
  function show(): void {
    turn += 1;
    const own = turn;
    if (choice.part === "makers") return makers();
    (choice.part === "errandsMine" ? mine(own) : find(own)).catch((error: unknown) => turn === own && fill(rest, failed(error, show)));
  }
  void api
    .request("GET /errands/demand")
    .then(({ total }) => void (demand.textContent = say("errandOpenIn", { n: total })))
    .catch(() => undefined);
  show();
  const ask = h("button", { class: "button small primary", type: "button", "data-errand-new": "", on: { click: () => pane.go("errand-new") } }, say("errandNew"));
  const parts = chips(PARTS, choice.part, (part) => say(part), (part) => ((choice.part = part), show()));
  return { title: say("errands"), tools: [ask], element: h("div", { class: "scroll errands" }, h("div", { class: "narrowing" }, parts, demand), narrowing, rows, rest), leave: () => void (turn += 1) };
}

/** A maker, as others see them. */
export function maker(pane: Pane, [id = ""]: string[]): View {
  const { api } = pane.madang;
  const element = h("div", { class: "scroll deals" }, waiting());
  const load = async () => {
    const [one, province] = await Promise.all([api.request("GET /makers/{accountId}", { path: { accountId: id } }), provinceNames(api)]);
    fill(element, ...shown(pane, one, province));
  };
  const reload = () => void load().catch((error: unknown) => fill(element, failed(error, reload)));
  reload();
  return { title: say("maker"), element, deep: true };
}

function shown(pane: Pane, one: Maker, province: (id: string) => string): Child[] {
  return [
    h(
      "section",
      { class: "block" },
      makerRow(pane, one),
      h("div", { class: "line wrap" }, ...one.journeys.map((journey) => h("span", { class: "mark" }, say(`j_${journey}`))), ...one.provinces.map((where) => h("span", { class: "mark dim" }, province(where)))),
      h("p", { class: "description" }, one.description),
      one.gallery && h("a", { class: "link", href: one.gallery, target: "_blank", rel: "noopener noreferrer" }, one.gallery),
    ),
    h("button", { class: "button", type: "button", "data-person": one.id, on: { click: () => pane.go(`person/${one.id}`) } }, icon("star"), say("reviews")),
  ];
}
