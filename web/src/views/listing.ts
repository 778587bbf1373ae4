import type { Listing } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, busy, failed, image, waiting } from "../parts.js";
import { named, say, when } from "../words.js";
import { marks, terms } from "./feed.js";

/** One listing, with its pictures and the ways to its room. */
export function listing(pane: Pane, [id = ""]: string[]): View {
  const element = h("div", { class: "scroll listing" });
  let left = false;
  const load = async () => {
    fill(element, waiting());
    const item = await pane.madang.api.request("GET /listings/{listingId}", { path: { listingId: id } });
    if (!left) fill(element, ...shown(pane, item));
  };
  const reload = () => void load().catch((error: unknown) => left || fill(element, failed(error, reload)));
  reload();
  return { title: say("listing"), element, deep: true, leave: () => void (left = true) };
}

function shown(pane: Pane, item: Listing): HTMLElement[] {
  const { api, rooms } = pane.madang;
  const path = { listingId: item.id };
  const enter = (look: string, words: string, route: "POST /listings/{listingId}/room" | "POST /listings/{listingId}/inquiry", name: string) => {
    const button = h("button", { class: look, type: "button", "data-enter": name }, words);
    button.addEventListener("click", () =>
      void busy(
        button,
        async () => {
          const room = await api.request(route, { path });
          rooms.learn(room);
          pane.go(`room/${room.id}`);
        },
        pane.tell,
      ),
    );
    return button;
  };
  const barter = item.kind === "barter";
  const mark = h("button", { class: "button mark-it", type: "button", "aria-pressed": String(item.bookmarked) });
  const markWords = (on: boolean) => {
    mark.setAttribute("aria-pressed", String(on));
    fill(mark, icon("heart"), say(on ? "bookmarked" : "bookmark"));
  };
  markWords(item.bookmarked);
  mark.addEventListener("click", () =>
    void busy(
      mark,
      async () => {
        const on = mark.getAttribute("aria-pressed") === "true";
        const { bookmarked } = await api.request(on ? "DELETE /listings/{listingId}/bookmark" : "PUT /listings/{listingId}/bookmark", { path });
        markWords(bookmarked);
      },
      pane.tell,
    ),
  );
  const pictures = item.pictures.map((picture, place) => image(picture, say("pictureOf", { title: item.title, n: place + 1 }), 640));
  return [
    h(
      "div",
      { class: pictures.length > 0 ? "pictures" : "pictures none", tabindex: pictures.length > 1 ? 0 : undefined },
      ...(pictures.length > 0 ? pictures : [icon(barter ? "swap" : "search")]),
    ),
    h(
      "div",
      { class: "listing-words" },
      h("div", { class: "line wrap" }, ...marks(item)),
      h("h3", {}, item.title),
      terms(item),
      h("p", { class: "description" }, item.description),
      h(
        "div",
        { class: "line owner" },
        h(
          "button",
          { class: "line grow who-with", type: "button", "data-person": item.owner.id, on: { click: () => pane.go(`person/${item.owner.id}`) } },
          avatar({ id: item.owner.id, nickname: item.owner.nickname, picture: item.owner.image }),
          h("span", { class: "grow" }, h("strong", {}, item.owner.nickname), h("br"), h("span", { class: "quiet" }, named(item.region), " · ", when(item.listedAt))),
        ),
        !item.mine && mark,
      ),
    ),
    h(
      "div",
      { class: "actions" },
      h("button", { class: "button primary", type: "button", "data-deals": "", on: { click: () => pane.go(`deals/${item.id}`) } }, icon("deals"), say(item.mine ? "seeOffers" : barter ? "offerSwap" : item.section === "borrow" ? "offerToLend" : "askRental")),
      barter && enter("button", say(item.mine ? "openOwnRoom" : "joinRoom"), "POST /listings/{listingId}/room", "room"),
      !item.mine && enter("button", say(barter ? "inquire" : "inquireRental"), "POST /listings/{listingId}/inquiry", "inquiry"),
    ),
  ];
}
