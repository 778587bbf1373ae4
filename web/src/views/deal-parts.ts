// What the views of deals have in common: a deal as a card, and a button for each thing its reader may do now.

import type { Deal } from "@madang/client";
import { type Child, h, icon, soon } from "../dom.js";
import type { Pane } from "../pane.js";
import { avatar, busy, image, inWords, movedWords, sureButton } from "../parts.js";
import { coins, date, moment, say, until, type Word, won, word } from "../words.js";

export type DealAction = Deal["actions"][number];

/** Needs a reason, as docs/deals.md says. */
const REASONED: readonly DealAction[] = ["break", "dispute"];
/** Cannot be taken back: a second tap is asked for. */
const FINAL: readonly DealAction[] = ["withdraw", "decline"];
const FIRST: readonly DealAction[] = ["accept", "confirm", "handOver", "return", "end", "complete", "allowExtension"];
/** Where somebody's silence counts as an answer. */
const SILENT: readonly Deal["state"][] = ["proposed", "hostConfirmed", "guestConfirmed", "returned"];
const HOUR = 3_600_000;

/** Whoever is on the other side; nobody once they have left. */
export function otherSide(deal: Deal, me: string): Deal["host"] {
  return deal.hostId === me ? deal.guest : deal.host;
}

/** What one of the two is called; nothing of time. */
export function nameIn(deal: Deal, account: string | null): string {
  if (account === null) return "";
  return (account === deal.hostId ? deal.host : deal.guest)?.nickname ?? say("gone");
}

/** Where a deal stands, in a mark. */
export function stateMark(deal: Pick<Deal, "state">): HTMLElement {
  const look = ["late", "disputed", "broken"].includes(deal.state) ? "hot" : ["proposed", "agreed", "hostConfirmed", "guestConfirmed", "running", "returned"].includes(deal.state) ? "" : "dim";
  return h("span", { class: `mark ${look}`, "data-state": deal.state }, say(`s_${deal.state}`));
}

/** A name and what it is. */
export function fact(name: Word, ...children: Child[]): HTMLElement {
  return h("div", { class: "fact" }, h("dt", {}, say(name)), h("dd", {}, ...children));
}

/** What a deal costs. */
export function priceWords(price: number | null): string {
  return price === null ? say("toAgree") : price === 0 ? say("free") : won(price);
}

/** What is agreed on. */
export function termsOf(pane: Pane, { terms, held }: Deal): HTMLElement {
  const facts: Child[] = [];
  if (terms.kind === "barter") {
    const { offeredListingId: offered } = terms;
    facts.push(fact("givesThis", terms.offer));
    if (terms.pictures.length > 0) facts.push(h("div", { class: "offer-pictures" }, ...terms.pictures.map((one, place) => image(one, say("pictureOf", { title: say("givesThis"), n: place + 1 }), 160))));
    if (offered) facts.push(h("button", { class: "link", type: "button", on: { click: () => pane.go(`listing/${offered}`) } }, say("offeredListing")));
  } else if (terms.kind === "rental") {
    facts.push(fact("time", `${moment(terms.start)} – ${moment(terms.end)}`), fact("cost", priceWords(terms.price)));
    if (terms.deposit > 0) facts.push(fact("deposit", coins(terms.deposit)));
    if (terms.extension) facts.push(fact("extensionAsked", moment(terms.extension)));
  } else {
    facts.push(fact("errandDate", date(terms.date)), fact("cost", coins(terms.coins)), fact("quote", terms.content));
  }
  if (held > 0 && terms.kind !== "barter") facts.push(fact("held", coins(held)));
  return h("dl", { class: "facts" }, ...facts);
}

/** Why the last thing was done, and when time does the next. */
export function lastWords(deal: Deal): Child[] {
  const name = nameIn(deal, deal.by);
  return [
    h("p", { class: "quiet" }, movedWords({ dealKind: deal.kind, action: deal.lastAction, state: deal.state, account: deal.by }, name)),
    deal.reason && h("blockquote", { class: "reason", label: say("reasonWas") }, deal.reason),
    deal.dueAt && SILENT.includes(deal.state) && until(deal.dueAt) && h("p", { class: "line quiet" }, icon("clock"), say("dueBy", { time: moment(deal.dueAt) })),
  ];
}

/** A button for each thing the reader may do now; where it wants a reason or a time, that is asked for first. */
export function actionsOf(pane: Pane, deal: Deal, done: (deal: Deal) => void): HTMLElement | null {
  if (deal.actions.length === 0) return null;
  const asking = h("div", { class: "asking" });
  const act = async (action: DealAction, more: { reason?: string; until?: string } = {}) => {
    try {
      done(await pane.madang.api.request("POST /deals/{dealId}/actions", { path: { dealId: deal.id }, body: { action, ...more } }));
    } catch (error) {
      // Somebody else was first: what is so now is shown.
      pane.tell(inWords(error));
      done(await pane.madang.api.request("GET /deals/{dealId}", { path: { dealId: deal.id } }));
    }
  };
  const ask = (action: DealAction, button: HTMLElement) => {
    const shut = () => {
      asking.replaceChildren();
      button.focus();
    };
    const terms = deal.terms;
    const field =
      action === "askExtension"
        ? h("input", { type: "datetime-local", step: 3600, required: true, name: "until", value: localValue(new Date(Date.parse(terms.kind === "rental" ? terms.end : deal.movedAt) + 24 * HOUR)) })
        : h("textarea", { rows: 2, required: true, minlength: 2, maxlength: 300, name: "reason" });
    const go = h("button", { class: action === "askExtension" ? "button small primary" : "button small danger", type: "submit" }, say(`a_${action}` as Word));
    const submit = () => act(action, action === "askExtension" ? { until: new Date(field.value).toISOString() } : { reason: field.value.trim() });
    const form = h(
      "form",
      { class: "form", on: { submit: (event) => (event.preventDefault(), void busy(go, submit, pane.tell)) } },
      h("label", {}, say(action === "askExtension" ? "newEnd" : "why"), field, action !== "askExtension" && h("span", { class: "hint" }, say("whyHint"))),
      h("div", { class: "line end" }, h("button", { class: "button small", type: "button", on: { click: shut } }, say("cancel")), go),
    );
    asking.replaceChildren(form);
    field.focus();
  };
  const buttons = deal.actions.map((action) => {
    const words = word(`a_${action}`);
    if (!words) return null;
    if (FINAL.includes(action)) {
      const button = sureButton(words, "sure", "button small danger", (one) => void busy(one, () => act(action), pane.tell));
      button.dataset["act"] = action;
      return button;
    }
    const asks = REASONED.includes(action) || action === "askExtension";
    const look = FIRST.includes(action) ? "button small primary" : REASONED.includes(action) ? "button small danger" : "button small";
    const button = h("button", { class: look, type: "button", "data-act": action, "data-focus": `${deal.id} ${action}` }, say(words));
    button.addEventListener("click", () => (asks ? ask(action, button) : void busy(button, () => act(action), pane.tell)));
    return button;
  });
  return h("div", { class: "deal-actions" }, h("div", { class: "line wrap" }, ...buttons), asking);
}

/** A deal in a list. */
export function dealCard(pane: Pane, deal: Deal, done: (deal: Deal) => void): HTMLElement {
  const me = pane.me?.id ?? "";
  const other = otherSide(deal, me);
  return h(
    "article",
    { class: "deal", "data-deal": deal.id },
    h(
      "button",
      { class: "deal-head", type: "button", "data-focus": deal.id, on: { click: () => pane.go(`deal/${deal.id}`) } },
      avatar(other ?? { id: deal.id, nickname: say("gone") }),
      h("span", { class: "grow deal-title" }, h("strong", {}, deal.title), h("span", { class: "quiet" }, say(`proposedAs_${deal.kind as Deal["terms"]["kind"]}`), " · ", say("dealWith", { name: other?.nickname ?? say("gone") }))),
      stateMark(deal),
    ),
    termsOf(pane, deal),
    ...lastWords(deal),
    actionsOf(pane, deal, done),
  );
}

/** Calls when something may have happened to a deal: one was told of it, or its room said something. Gives what ends that. */
export function watch(pane: Pane, rooms: () => readonly (string | null)[], again: () => void): () => void {
  const last = () => rooms().map((id) => (id ? (pane.madang.rooms.get(id)?.seq ?? 0) : 0)).join();
  const later = soon(again);
  let seen: string | null = null;
  const ends = [
    pane.madang.notifications.arrived.on(({ payload }) => "deal" in payload && later()),
    pane.madang.rooms.changed.on(() => {
      const now = last();
      if (seen !== null && seen !== now) later();
      seen = now;
    }),
  ];
  return () => ends.forEach((end) => end());
}

/** As a field for local time takes it: 2026-11-25T10:00. */
export function localValue(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:00`;
}
