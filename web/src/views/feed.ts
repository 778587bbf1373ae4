import type { Kind, ListingCard } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, image, waiting } from "../parts.js";
import { fillRegions } from "../regions.js";
import { named, say, until, won } from "../words.js";
import { district } from "./district.js";

interface Chosen {
  region: string;
  kind: Kind | "";
  q: string;
}

/** What each pane's feed was narrowed to, so that the way back leads where one was. */
const chosen = new WeakMap<Pane, Chosen>();

/** Listings nearby. */
export function feed(pane: Pane): View {
  const choice: Chosen = chosen.get(pane) ?? { region: pane.me?.region?.id ?? "all", kind: "", q: "" };
  chosen.set(pane, choice);
  const cards = h("div", { class: "cards" });
  const rest = h("div", { class: "rest" });
  let turn = 0;

  async function load(cursor?: string): Promise<void> {
    const mine = (turn += cursor === undefined ? 1 : 0);
    if (cursor === undefined) {
      fill(cards, waiting());
      fill(rest);
    }
    const { region, kind, q } = choice;
    const query = { region, ...(kind && { kind }), ...(q.length > 1 && { q }), ...(cursor !== undefined && { cursor }) };
    const page = await pane.madang.api.request("GET /listings", { query });
    if (mine !== turn) return;
    const made = page.items.map((item) => card(pane, item));
    if (cursor === undefined) fill(cards, ...(made.length > 0 ? made : [empty("nothingHere", "nothingHereHint")]));
    else cards.append(...made);
    const next = page.nextCursor;
    const more = h("button", { class: "button", type: "button" }, say("more"));
    more.addEventListener("click", () => void busy(more, () => load(next ?? undefined), pane.tell));
    fill(rest, next && more);
  }
  const reload = () => void load().catch((error: unknown) => fill(cards, failed(error, reload)));

  const area = h("select", { label: say("region"), on: { change: () => ((choice.region = area.value), reload()) } });
  const home = pane.me?.region;
  fill(area, h("option", { value: "all" }, say("everywhere")), home && h("option", { value: home.id }, named(home)));
  area.value = choice.region;
  // Without them there is still everywhere and one's own.
  fillRegions(pane.madang.api, area, true).then(() => void (area.value = choice.region)).catch(() => undefined);

  let typed: ReturnType<typeof setTimeout> | undefined;
  const field = h("input", {
    type: "search", placeholder: say("search"), label: say("search"), maxlength: 31, value: choice.q,
    on: {
      input: () => {
        clearTimeout(typed);
        typed = setTimeout(() => {
          if (choice.q === field.value.trim()) return;
          choice.q = field.value.trim();
          reload();
        }, 350);
      },
    },
  });
  const kinds = (["", "barter", "rental"] as const).map((kind) =>
    h(
      "button",
      {
        class: "chip", type: "button", "aria-pressed": String(choice.kind === kind),
        on: {
          click: (event) => {
            choice.kind = kind;
            for (const one of kinds) one.setAttribute("aria-pressed", String(one === event.currentTarget));
            reload();
          },
        },
      },
      say(kind || "all"),
    ),
  );

  reload();
  const element = h(
    "div",
    { class: "scroll feed" },
    h(
      "div",
      { class: "narrowing" },
      h("div", { class: "field" }, icon("search"), field),
      h("div", { class: "chips" }, ...kinds),
    ),
    pane.me?.needs.includes("region") === true && h("div", { class: "first-of-all" }, district(pane)),
    cards,
    rest,
  );
  const title = h("span", { class: "area" }, icon("place"), area, icon("chevron"));
  return { title, element, leave: () => (clearTimeout(typed), void (turn += 1)) };
}

/** What is wanted in return or what it costs. */
export function terms(item: ListingCard): HTMLElement {
  if (item.kind === "barter") return h("span", { class: "terms" }, icon("swap"), item.wants ?? "");
  const price =
    item.price === null || item.price === undefined
      ? say("toAgree")
      : item.price === 0
        ? say("free")
        : item.unit
          ? `${won(item.price)} / ${say(`per${item.unit}`)}`
          : won(item.price);
  return h("span", { class: "terms" }, price);
}

/** What kind of offer it is, and how it stands. */
export function marks(item: ListingCard): HTMLElement[] {
  const made = [h("span", { class: "mark" }, item.kind === "barter" ? say("barter") : say(item.section ?? "rental"))];
  if (item.status !== "open") made.push(h("span", { class: "mark dim" }, say(item.status)));
  else if (item.deadline) {
    const left = until(item.deadline);
    made.push(h("span", { class: `mark ${item.closingSoon ? "hot" : "dim"}` }, icon("clock"), left ? say("deadlineLeft", { time: left }) : say("expired")));
  }
  return made;
}

function card(pane: Pane, item: ListingCard): HTMLElement {
  return h(
    "button",
    { class: "card", type: "button", "data-listing": item.id, on: { click: () => pane.go(`listing/${item.id}`) } },
    h("span", { class: "cover" }, item.cover ? image(item.cover, "", 200) : h("span", { class: "no-cover" }, icon(item.kind === "barter" ? "swap" : "search"))),
    h(
      "span",
      { class: "card-words" },
      h("span", { class: "card-title" }, item.title),
      terms(item),
      h("span", { class: "line wrap" }, ...marks(item)),
      h("span", { class: "quiet" }, named(item.region)),
    ),
  );
}
