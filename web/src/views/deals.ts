import type { Calendar, Deal, Listing, NewDeal } from "@madang/client";
import { type Child, fill, h, icon, rowsOf } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, inWords, waiting } from "../parts.js";
import { coins, moment, say, spoken } from "../words.js";
import { dealCard, fact, localValue, priceWords, watch } from "./deal-parts.js";
import { terms } from "./feed.js";
import { picked } from "./upload.js";

const HOUR = 3_600_000;

/** The deals about a listing: its owner sees all that wait or go on, everybody else their own, and a form to begin one. */
export function deals(pane: Pane, [id = ""]: string[]): View {
  const { api } = pane.madang;
  const path = { listingId: id };
  const head = h("div", { class: "about-listing" }, waiting());
  const list = h("div", { class: "deal-list" });
  const rest = h("div", {});
  const proposing = h("div", {});
  let item: Listing | null = null;
  let now: Deal[] = [];
  let formed = false;

  const draw = () => {
    if (!item) return;
    const listing = item;
    rowsOf(list, now, (deal) => deal.id, (deal) => JSON.stringify([deal.version, deal.state, deal.actions, spoken()]), (deal) => dealCard(pane, deal, load));
    const offered = listing.kind === "barter" ? listing.status === "open" : listing.status === "open" || listing.status === "reserved";
    fill(rest, listing.mine ? now.length === 0 && empty("noOffers", "noOffersHint") : !offered && now.length === 0 && empty("notOpenNow"));
    const offering = !listing.mine && offered && now.length === 0;
    if (offering && !formed) fill(proposing, listing.kind === "barter" ? barterForm(pane, listing, begun) : rentalForm(pane, listing, begun));
    formed = offering;
    if (!offering) fill(proposing);
  };
  const begun = (deal: Deal) => {
    pane.toast(say("offerSent"));
    now = [deal];
    draw();
  };
  const get = async () => {
    const [listing, about] = await Promise.all([api.request("GET /listings/{listingId}", { path }), api.request("GET /listings/{listingId}/deals", { path })]);
    item = listing;
    now = about.items;
    fill(head, h("button", { class: "link", type: "button", on: { click: () => pane.go(`listing/${id}`) } }, listing.title), terms(listing));
    draw();
  };
  function load(): void {
    get().catch((error: unknown) => (item ? pane.tell(inWords(error)) : fill(head, failed(error, load))));
  }
  load();
  const end = watch(pane, () => now.map(({ roomId }) => roomId), load);
  return { title: say("dealsAbout"), element: h("div", { class: "scroll deals" }, head, list, rest, proposing), deep: true, leave: end };
}

/** What one gives for it. */
function barterForm(pane: Pane, listing: Listing, begun: (deal: Deal) => void): HTMLElement {
  const { api, rooms } = pane.madang;
  const path = { listingId: listing.id };
  const offer = h("textarea", { name: "offer", rows: 3, required: true, maxlength: 500, "data-first": "" });
  const own = h("select", { name: "offered" }, h("option", { value: "" }, say("ownListingNone")));
  // Without them one still offers in words.
  void api
    .request("GET /me/listings", { query: { status: "open", limit: 100 } })
    .then(({ items }) => own.append(...items.map(({ id, title }) => h("option", { value: id }, title))))
    .catch(() => undefined);
  const pictures = picked(pane);
  const button = h("button", { class: "button primary", type: "submit" }, say("sendOffer"));
  const send = async () => {
    // Whoever offers is in the listing's room.
    rooms.learn(await api.request("POST /listings/{listingId}/room", { path }));
    const body: NewDeal = { offer: offer.value.trim(), pictures: pictures.ids(), ...(own.value && { offeredListingId: own.value }) };
    begun(await api.request("POST /listings/{listingId}/deals", { path, body }));
  };
  return h(
    "form",
    { class: "form block", "data-propose": "barter", on: { submit: (event) => (event.preventDefault(), void busy(button, send, pane.tell)) } },
    h("h3", {}, icon("swap"), say("offerSwap")),
    h("label", {}, say("whatYouGive"), offer, h("span", { class: "hint" }, say("whatYouGiveHint"))),
    pictures.element,
    h("label", {}, say("ownListing"), h("span", { class: "choose" }, own, icon("chevron"))),
    button,
  );
}

/** From when until when; what it costs is asked for as soon as the times can be. */
function rentalForm(pane: Pane, listing: Listing, begun: (deal: Deal) => void): HTMLElement {
  const { api } = pane.madang;
  const path = { listingId: listing.id };
  const tomorrow = new Date();
  tomorrow.setDate(tomorrow.getDate() + 1);
  tomorrow.setHours(10, 0, 0, 0);
  const earliest = localValue(new Date(Date.now() + HOUR));
  const field = (name: string, at: Date) => h("input", { type: "datetime-local", name, step: 3600, required: true, min: earliest, value: localValue(at) });
  const start = field("start", tomorrow);
  const end = field("end", new Date(tomorrow.getTime() + 24 * HOUR));
  const price = listing.price === null ? h("input", { type: "number", name: "price", min: 0, max: 100_000_000, step: 1, inputmode: "numeric" }) : null;
  const taken = h("div", { class: "taken" }, waiting());
  const cost = h("dl", { class: "facts cost", role: "status" });
  const button = h("button", { class: "button primary", type: "submit" }, say(listing.section === "borrow" ? "offerToLend" : "askRental"));
  let calendar: Calendar["taken"] = [];
  let turn = 0;

  const body = (): NewDeal => ({ start: new Date(start.value).toISOString(), end: new Date(end.value).toISOString(), ...(price?.value && { price: Number(price.value) }) });
  const tell = (...children: Child[]) => fill(cost, ...children);
  const ask = async () => {
    const mine = (turn += 1);
    if (!start.value || !end.value) return tell();
    const [from, to] = [Date.parse(start.value), Date.parse(end.value)];
    if (to - from < HOUR) return tell(h("p", { class: "problem" }, say("endAfterStart")));
    if (calendar.some((one) => from < Date.parse(one.end) && Date.parse(one.start) < to)) return tell(h("p", { class: "problem" }, say("takenThen")));
    try {
      const would = (await api.request("POST /listings/{listingId}/deals", { path, query: { dryRun: true }, body: body() })).terms;
      if (mine !== turn || would.kind !== "rental") return;
      tell(fact("cost", priceWords(would.price)), fact("deposit", would.deposit > 0 ? `${coins(would.deposit)} · ${say("depositHint")}` : say("noDeposit")));
    } catch (error) {
      if (mine === turn) tell(h("p", { class: "problem" }, inWords(error)));
    }
  };
  for (const one of [start, end, price]) one?.addEventListener("change", () => void ask());
  void api
    .request("GET /listings/{listingId}/calendar", { path })
    .then((found) => {
      calendar = found.taken;
      fill(taken, ...(calendar.length > 0 ? calendar.map((one) => h("p", {}, `${moment(one.start)} – ${moment(one.end)}`)) : [h("p", { class: "quiet" }, say("takenNone"))]));
      return ask();
    })
    .catch((error: unknown) => fill(taken, failed(error)));
  const send = async () => begun(await api.request("POST /listings/{listingId}/deals", { path, body: body() }));
  return h(
    "form",
    { class: "form block", "data-propose": "rental", on: { submit: (event) => (event.preventDefault(), void busy(button, send, pane.tell)) } },
    h("h3", {}, icon("clock"), say("takenTimes")),
    taken,
    h("div", { class: "two" }, h("label", {}, say("from"), start), h("label", {}, say("until"), end)),
    price && h("label", {}, say("wouldPay"), price),
    cost,
    button,
  );
}
