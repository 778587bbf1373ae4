// What the views of errands and makers have in common.

import { type Api, type ErrandCard, type Journey, type MakerCard, Refusal } from "@madang/client";
import { type Child, h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { avatar } from "../parts.js";
import { provincesOf } from "../regions.js";
import { date, named, say } from "../words.js";

export const JOURNEYS: readonly Journey[] = ["foodTour", "shopping", "relaxation", "culture", "activity", "festival"];

let offered: Promise<boolean> | null = null;

/** Whether this Madang has errands: one of before them knows no such address. */
export function hasErrands(api: Api): Promise<boolean> {
  offered ??= api.request("GET /errands/demand").then(
    () => true,
    (error: unknown) => {
      if (error instanceof Refusal && error.status === 404) return false;
      offered = null;
      return false;
    },
  );
  return offered;
}

/** What provinces are called; by their identifiers where that cannot be found out. */
export async function provinceNames(api: Api): Promise<(id: string) => string> {
  const all = await provincesOf(api).catch(() => []);
  return (id) => {
    const found = all.find((one) => one.id === id);
    return found ? named(found) : id;
  };
}

/** A list of provinces to choose from. */
export function provinceChoice(api: Api, chosen = "", name = "province"): HTMLSelectElement {
  const list = h("select", { name });
  void provincesOf(api)
    .then((all) => {
      list.append(...all.map((one) => h("option", { value: one.id, selected: one.id === chosen }, named(one))));
    })
    .catch(() => undefined);
  return list;
}

/** Several of a few, to be tapped. */
export function several<Value extends string>(values: readonly Value[], chosen: readonly Value[], words: (value: Value) => string): { element: HTMLElement; values: () => Value[] } {
  const chips = values.map((value) => {
    const chip = h("button", { class: "chip", type: "button", "aria-pressed": String(chosen.includes(value)), "data-value": value }, words(value));
    chip.addEventListener("click", () => chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true")));
    return chip;
  });
  return { element: h("div", { class: "chips" }, ...chips), values: () => values.filter((_, place) => chips[place]?.getAttribute("aria-pressed") === "true") };
}

/** How an errand stands, in a mark. */
export function errandMark({ status, readyToComplete }: Pick<ErrandCard, "status" | "readyToComplete">): HTMLElement {
  const look = readyToComplete ? "hot" : status === "open" || status === "reserved" ? "" : "dim";
  return h("span", { class: `mark ${look}`, "data-status": status }, say(readyToComplete ? "es_readyToComplete" : `est_${status}`));
}

/** An errand in a list. */
export function errandRow(pane: Pane, one: ErrandCard, province: (id: string) => string, ...more: Child[]): HTMLElement {
  return h(
    "button",
    { class: "row", type: "button", "data-errand": one.id, on: { click: () => pane.go(`errand/${one.id}`) } },
    h("span", { class: "sort" }, icon("errands")),
    h(
      "span",
      { class: "row-words" },
      h("strong", { class: "row-title" }, one.title),
      h("span", { class: "quiet" }, `${province(one.province)} · ${say(`j_${one.journey}`)} · ${date(one.date)}`),
      h("span", { class: "line wrap" }, errandMark(one), ...more),
    ),
  );
}

/** A maker in a list. */
export function makerRow(pane: Pane, one: MakerCard, ...more: Child[]): HTMLElement {
  return h(
    "div",
    { class: "row maker-row", "data-maker": one.id },
    h(
      "button",
      { class: "line grow who-with", type: "button", on: { click: () => pane.go(`maker/${one.id}`) } },
      avatar(one, "large"),
      h(
        "span",
        { class: "row-words" },
        h("strong", { class: "row-title" }, one.nickname),
        one.line && h("span", { class: "row-preview" }, one.line),
        h("span", { class: "line wrap quiet" }, one.averageRating !== null && h("span", { class: "line rated" }, icon("star"), String(one.averageRating)), say("reviewsCount", { n: one.totalReviews }), " · ", say("confirmedCount", { n: one.totalConfirms })),
      ),
    ),
    ...more,
  );
}
