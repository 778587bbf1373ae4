import { type Deal, type Designation, type Errand, type Journey, type MakerEdit, type NewErrand, type Quote, Refusal } from "@madang/client";
import { type Child, fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, busy, failed, inWords, sureButton, waiting } from "../parts.js";
import { provincesOf } from "../regions.js";
import { coins, date, named, say } from "../words.js";
import { actionsOf, fact, stateMark, watch } from "./deal-parts.js";
import { errandMark, JOURNEYS, makerRow, provinceChoice, provinceNames, several } from "./errand-parts.js";

/** An errand: what is asked for, its quotes and the makers who were asked, or the form to quote. */
export function errand(pane: Pane, [id = ""]: string[]): View {
  const { api } = pane.madang;
  const path = { errandId: id };
  const element = h("div", { class: "scroll deals" }, waiting());
  const quoting = h("div", {});
  const asking = h("div", {});
  let known = false;
  let left = false;

  const get = async () => {
    const [one, province] = await Promise.all([api.request("GET /errands/{errandId}", { path }), provinceNames(api)]);
    const [quotes, asked] = one.mine
      ? await Promise.all([api.request("GET /errands/{errandId}/quotes", { path }), api.request("GET /errands/{errandId}/designations", { path })])
      : [null, null];
    if (left) return;
    known = true;
    if (one.actions.includes("quote")) quoting.hasChildNodes() || fill(quoting, quoteForm(pane, one, load));
    else fill(quoting);
    const waits = asked?.items ?? [];
    fill(
      element,
      h(
        "section",
        { class: "block" },
        h("div", { class: "line wrap" }, errandMark(one), h("span", { class: "mark dim" }, say(`j_${one.journey}`))),
        h("h3", {}, one.title),
        one.host && !one.mine && h("button", { class: "line who-with", type: "button", on: { click: () => pane.go(`person/${one.host?.id ?? ""}`) } }, avatar(one.host), h("strong", {}, one.host.nickname)),
        h("dl", { class: "facts" }, fact("errandDate", date(one.date)), fact("errandProvince", province(one.province)), one.address && fact("errandSendTo", one.address)),
        h("p", { class: "description" }, one.details),
        waysOn(pane, one, load),
      ),
      quotes && h("section", { class: "block" }, h("h3", {}, icon("deals"), say("quotes")), ...(quotes.items.length > 0 ? quotes.items.map((quote) => quoteRow(pane, quote, load)) : [h("p", { class: "quiet" }, say("quoteNone"))])),
      waits.length > 0 && h("section", { class: "block" }, h("h3", {}, icon("members"), say("designatedAll")), ...waits.map((each) => askedRow(pane, each))),
      quoting,
      asking,
    );
    if (one.actions.includes("designate")) {
      const { items } = await api.request("GET /makers", { query: { province: one.province as never } });
      const free = items.filter((each) => each.id !== one.hostId && !waits.some((other) => other.maker?.id === each.id));
      if (!left) fill(asking, free.length > 0 && h("section", { class: "block" }, h("h3", {}, icon("search"), say("chooseMaker")), ...free.map((each) => makerRow(pane, each, designate(each.id)))));
    } else fill(asking);
  };
  const designate = (makerId: string) => {
    const button = h("button", { class: "button small", type: "button", "data-designate": makerId }, say("designate"));
    const send = async () => {
      await api.request("POST /errands/{errandId}/designations", { path, body: { makerId } });
      pane.toast(say("askedForQuote"));
      load();
    };
    button.addEventListener("click", () => void busy(button, send, pane.tell));
    return button;
  };
  function load(): void {
    get().catch((error: unknown) => left || (known ? pane.tell(inWords(error)) : fill(element, failed(error, load))));
  }
  load();
  const end = watch(pane, () => [], load);
  const told = pane.madang.notifications.arrived.on(({ payload }) => "errand" in payload && load());
  return { title: say("errand"), element, deep: true, leave: () => ((left = true), end(), told()) };
}

/** What else may be done about it. */
function waysOn(pane: Pane, one: Errand, again: () => void): HTMLElement {
  const { api } = pane.madang;
  const path = { errandId: one.id };
  const deal = one.deal ?? one.quote;
  return h(
    "div",
    { class: "line wrap" },
    deal && h("button", { class: "button small primary", type: "button", "data-to-deal": "", on: { click: () => pane.go(`deal/${deal}`) } }, icon("deals"), say(one.deal ? "deal" : "quoteMine")),
    one.actions.includes("decline") && sureButton("designateNo", "sure", "button small danger", (button) => void busy(button, async () => (await api.request("DELETE /errands/{errandId}/designations/me", { path }), again()), pane.tell)),
    one.actions.includes("delete") && sureButton("errandDelete", "sure", "button small danger", (button) => void busy(button, async () => (await api.request("DELETE /errands/{errandId}", { path }), pane.back()), pane.tell)),
  );
}

function quoteRow(pane: Pane, quote: Quote, again: () => void): HTMLElement {
  const { deal: id, maker, actions } = quote;
  // A quote is a deal: the same buttons do the same.
  const buttons = id && actionsOf(pane, { id, actions, state: quote.state, terms: { kind: "errand" } } as unknown as Deal, again);
  return h(
    "div",
    { class: "review quote-of", "data-quote": id ?? "" },
    maker && makerRow(pane, maker),
    h("div", { class: "line wrap" }, h("strong", {}, coins(quote.price)), stateMark(quote), quote.designated && h("span", { class: "mark dim" }, say("designated"))),
    h("p", { class: "description" }, quote.content),
    buttons,
  );
}

function askedRow(pane: Pane, { maker, state }: Designation): Child {
  return maker && makerRow(pane, maker, h("span", { class: state === "declined" ? "mark hot" : "mark dim" }, say(`d_${state}`)));
}

function quoteForm(pane: Pane, one: Errand, again: () => void): HTMLElement {
  const price = h("input", { type: "number", name: "price", min: 1, max: 1_000_000, step: 1, required: true, inputmode: "numeric" });
  const content = h("textarea", { name: "content", rows: 3, required: true, minlength: 10, maxlength: 1000 });
  const button = h("button", { class: "button primary", type: "submit" }, say("quoteSend"));
  const send = async () => {
    await pane.madang.api.request("POST /errands/{errandId}/quotes", { path: { errandId: one.id }, body: { price: Number(price.value), content: content.value.trim() } });
    pane.toast(say("offerSent"));
    again();
  };
  return h(
    "form",
    { class: "form block", "data-quoting": "", on: { submit: (event) => (event.preventDefault(), void busy(button, send, pane.tell)) } },
    h("label", {}, say("quotePrice"), price),
    h("label", {}, say("quoteText"), content),
    button,
  );
}

/** Asking for an errand. */
export function errandNew(pane: Pane): View {
  const { api } = pane.madang;
  const title = h("input", { name: "title", required: true, maxlength: 25, "data-first": "" });
  const today = new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 10);
  const on = h("input", { type: "date", name: "date", required: true, min: today, value: today });
  const journey = h("select", { name: "journey" }, ...JOURNEYS.map((one) => h("option", { value: one }, say(`j_${one}`))));
  const province = provinceChoice(api);
  const details = h("textarea", { name: "details", rows: 4, required: true, maxlength: 1000 });
  const address = h("input", { name: "address", minlength: 2, maxlength: 256, autocomplete: "street-address" });
  const where = h("label", {}, say("errandAddress"), address, h("span", { class: "hint" }, say("errandAddressHint")));
  const shopping = () => {
    const on = journey.value === "shopping";
    where.hidden = !on;
    address.required = on;
  };
  journey.addEventListener("change", shopping);
  shopping();
  const button = h("button", { class: "button primary", type: "submit" }, say("errandSend"));
  const send = async () => {
    const body = {
      title: title.value.trim(), date: on.value, journey: journey.value as Journey, province: province.value, details: details.value.trim(),
      ...(journey.value === "shopping" && { address: address.value.trim() }),
    } as NewErrand;
    const made = await api.request("POST /errands", { body });
    pane.back();
    pane.go(`errand/${made.id}`);
  };
  const choose = (select: HTMLElement) => h("span", { class: "choose" }, select, icon("chevron"));
  const form = h(
    "form",
    { class: "form block", on: { submit: (event) => (event.preventDefault(), void busy(button, send, pane.tell)) } },
    h("label", {}, say("errandTitle"), title),
    h("div", { class: "two" }, h("label", {}, say("errandJourney"), choose(journey)), h("label", {}, say("errandProvince"), choose(province))),
    h("label", {}, say("errandDate"), on),
    h("label", {}, say("errandDetails"), details),
    where,
    button,
  );
  return { title: say("errandNew"), element: h("div", { class: "scroll deals" }, form), deep: true };
}

/** Oneself as a maker: to become one, or to say it better. */
export function makerMe(pane: Pane): View {
  const { api } = pane.madang;
  const element = h("div", { class: "scroll deals" }, waiting());
  const load = async () => {
    const none = (error: unknown) => {
      if (error instanceof Refusal && error.status === 404) return null;
      throw error;
    };
    const [now, all] = await Promise.all([api.request("GET /me/maker").catch(none), provincesOf(api)]);
    const line = h("input", { name: "line", required: true, maxlength: 50, value: now?.line, "data-first": "" });
    const about = h("textarea", { name: "description", rows: 4, required: true, maxlength: 1000 }, now?.description);
    const journeys = several(JOURNEYS, now?.journeys ?? [], (one) => say(`j_${one}`));
    const provinces = several(all.map(({ id }) => id), now?.provinces ?? [], (id) => named(all.find((one) => one.id === id) ?? { nameKo: id, nameEn: id }));
    const button = h("button", { class: "button primary", type: "submit" }, say("makerSave"));
    const send = async () => {
      const body = { version: now?.version ?? 0, line: line.value.trim(), description: about.value.trim(), journeys: journeys.values(), provinces: provinces.values(), gallery: now?.gallery ?? null } as MakerEdit;
      await api.request("PUT /me/maker", { body });
      pane.toast(say("saved"));
      pane.back();
    };
    fill(
      element,
      h(
        "form",
        { class: "form block", "data-maker-form": "", on: { submit: (event) => (event.preventDefault(), void busy(button, send, pane.tell)) } },
        h("label", {}, say("makerLine"), line),
        h("label", {}, say("makerAbout"), about),
        h("div", { class: "group" }, h("span", { class: "hint" }, say("makerJourneys")), journeys.element),
        h("div", { class: "group" }, h("span", { class: "hint" }, say("makerProvinces")), provinces.element),
        button,
      ),
    );
  };
  const reload = () => void load().catch((error: unknown) => fill(element, failed(error, reload)));
  reload();
  return { title: say("maker"), element, deep: true };
}
