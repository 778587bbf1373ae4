import type { Deal, Message } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, failed, inWords, movedWords, waiting } from "../parts.js";
import { moment, say } from "../words.js";
import { actionsOf, lastWords, nameIn, otherSide, stateMark, termsOf, watch } from "./deal-parts.js";
import { reviewable, reviewForm } from "./review.js";

type Moved = Pick<Deal, "lastAction" | "state" | "by"> & { at: string };

/** A deal: what is agreed on, what was done so far, what may be done, and the review once it is over. */
export function deal(pane: Pane, [id = ""]: string[]): View {
  const { api, rooms } = pane.madang;
  const element = h("div", { class: "scroll deals" }, waiting());
  const reviewing = h("div", {});
  let known: Deal | null = null;
  let left = false;

  /** What its room was told, where one is in it; else what the deal itself remembers. */
  const soFar = async (one: Deal): Promise<Moved[]> => {
    const own: Moved[] = [{ lastAction: "propose", state: "proposed", by: one.guestId, at: one.proposedAt }];
    if (one.agreedAt) own.push({ lastAction: "accept", state: "agreed", by: one.hostId, at: one.agreedAt });
    if (one.lastAction !== "propose" && one.lastAction !== "accept") own.push({ lastAction: one.lastAction, state: one.state, by: one.by, at: one.endedAt ?? one.movedAt });
    if (!one.roomId || !rooms.get(one.roomId)) return own;
    const { items } = await api.request("GET /rooms/{roomId}/messages", { path: { roomId: one.roomId }, query: { limit: 100 } });
    const told = (items as Message[]).flatMap(({ system, createdAt }): Moved[] =>
      system?.event === "deal.moved" && system.deal === id ? [{ lastAction: system.action, state: system.state, by: system.account, at: createdAt }] : [],
    );
    return told.length >= own.length ? told.sort((first, second) => first.at.localeCompare(second.at)) : own;
  };
  const show = (one: Deal, steps: Moved[]) => {
    known = one;
    const other = otherSide(one, pane.me?.id ?? "");
    const { listingId, errandId, roomId } = one;
    fill(
      element,
      h(
        "section",
        { class: "block", "data-deal": one.id },
        h("div", { class: "line wrap" }, stateMark(one), h("span", { class: "quiet" }, say(`proposedAs_${one.kind as Deal["terms"]["kind"]}`))),
        h("h3", {}, one.title),
        other &&
          h(
            "button",
            { class: "line who-with", type: "button", on: { click: () => pane.go(`person/${other.id}`) } },
            avatar(other),
            h("span", {}, h("strong", {}, other.nickname)),
          ),
        termsOf(pane, one),
        ...lastWords(one),
        actionsOf(pane, one, load),
      ),
      h(
        "div",
        { class: "line wrap ways-on" },
        roomId && rooms.get(roomId) && h("button", { class: "button small", type: "button", "data-room-of": "", on: { click: () => pane.go(`room/${roomId}`) } }, icon("rooms"), say("openDealRoom")),
        listingId && h("button", { class: "button small", type: "button", on: { click: () => pane.go(`listing/${listingId}`) } }, say("seeListing")),
        errandId && h("button", { class: "button small", type: "button", on: { click: () => pane.go(`errand/${errandId}`) } }, icon("errands"), say("errand")),
      ),
      reviewing,
      h(
        "section",
        { class: "block" },
        h("h3", {}, icon("clock"), say("timeline")),
        h(
          "ol",
          { class: "timeline" },
          ...steps.map((step) =>
            h(
              "li",
              {},
              h("span", {}, movedWords({ dealKind: one.kind, action: step.lastAction, state: step.state, account: step.by }, nameIn(one, step.by))),
              h("span", { class: "quiet" }, moment(step.at)),
            ),
          ),
        ),
      ),
    );
  };
  const get = async () => {
    const one = await api.request("GET /deals/{dealId}", { path: { dealId: id } });
    const steps = await soFar(one).catch(() => []);
    if (left) return;
    show(one, steps);
    if (!one.endedAt) return;
    // Whether it may be reviewed is not said by the deal.
    const open = (await reviewable(pane)).find((waits) => waits.deal === id);
    if (left) return;
    if (!open) fill(reviewing);
    else if (!reviewing.hasChildNodes()) fill(reviewing, reviewForm(pane, open, load));
  };
  function load(): void {
    get().catch((error: unknown) => left || (known ? pane.tell(inWords(error)) : fill(element, failed(error, load))));
  }
  load();
  const end = watch(pane, () => [known?.roomId ?? null], load);
  return { title: say("deal"), element, deep: true, leave: () => ((left = true), end()) };
}
