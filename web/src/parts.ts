// Small pieces that several views are made of.

import { NoAnswer, type Picture, Refusal, type Person, type Preview, type Room, SignedOut, type SystemEvent } from "@madang/client";
import { type Child, h, icon, type Icon } from "./dom.js";
import { say, type Word, word } from "./words.js";

type DealMoved = Extract<SystemEvent, { event: "deal.moved" }>;

/** What went wrong, in words. */
export function inWords(error: unknown): string {
  if (error instanceof Refusal) {
    const fields = error.problem.errors?.map(({ message }) => message).join(" ");
    return fields ? `${error.message} ${fields}` : error.message;
  }
  if (error instanceof NoAnswer) return say("noAnswer");
  if (error instanceof SignedOut) return say("signedOutNow");
  console.error(error);
  return say("odd");
}

/** Something is being waited for. */
export function waiting(): HTMLElement {
  return h("div", { class: "waiting", role: "status", label: say("loading") }, h("span", { class: "spinner" }), say("loading"));
}

/** It did not work out; and, where another time may be better, how to try again. */
export function failed(error: unknown, retry?: () => void): HTMLElement {
  const again = error instanceof Refusal && !error.passing ? undefined : retry;
  return h(
    "div",
    { class: "empty", role: "alert" },
    h("p", { class: "empty-title" }, inWords(error)),
    again && h("button", { class: "button", on: { click: again } }, say("tryAgain")),
  );
}

/** Nothing is there; and what could be done. */
export function empty(title: Word, hint?: Word): HTMLElement {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, say(title)), hint && h("p", {}, say(hint)));
}

/** A button that shows a picture of what it does. */
export function iconButton(name: Icon, label: string, click: (event: MouseEvent) => void, more: Record<string, unknown> = {}): HTMLButtonElement {
  return h("button", { class: "icon-button", type: "button", title: label, label, on: { click }, ...more }, icon(name));
}

/** Shows that it works while it does, and says in words what went wrong. */
export async function busy(button: HTMLElement, work: () => Promise<unknown>, tell: (words: string) => void): Promise<void> {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    await work();
  } catch (error) {
    tell(inWords(error));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** A button that asks once more before it does what cannot be undone. */
export function sureButton(words: Word, sure: Word, look: string, act: (button: HTMLButtonElement) => void): HTMLButtonElement {
  const button = h("button", { class: look, type: "button" }, say(words));
  let asked = false;
  const calm = () => {
    asked = false;
    button.textContent = say(words);
    button.classList.remove("sure");
  };
  button.addEventListener("click", () => {
    if (asked) return act(button);
    asked = true;
    button.textContent = say(sure);
    button.classList.add("sure");
    setTimeout(calm, 4000);
  });
  button.addEventListener("blur", calm);
  return button;
}

const TONES = 8;

/** Somebody's picture, or the first letter of their name in a colour of their own. */
export function avatar(person: Pick<Person, "id" | "nickname"> & { picture?: Picture | null }, size = ""): HTMLElement {
  if (person.picture) return h("span", { class: `avatar ${size}` }, image(person.picture, "", 96));
  let sum = 0;
  for (const letter of person.nickname) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0;
  return h("span", { class: `avatar tone-${sum % TONES} ${size}`, "aria-hidden": "true" }, [...person.nickname][0] ?? "·");
}

/** A picture in the narrowest rendition that is wide enough. */
export function image(picture: Picture, alt: string, width: number): HTMLElement {
  const wanted = width * Math.min(window.devicePixelRatio || 1, 2);
  const fits = [...picture.renditions].reverse().find((one) => one.width >= wanted) ?? picture.renditions[0];
  const { width: across, height: down } = picture;
  const shown = h("img", { alt, width: across, height: down, loading: "lazy", decoding: "async", src: fits?.jpeg });
  return h("picture", {}, fits && h("source", { srcset: fits.webp }), shown);
}

/** How many, where there are any. */
export function badge(count: number, label = say("unreadCount", { n: count })): HTMLElement | null {
  return count > 0 ? h("span", { class: "badge", label, role: "img" }, count > 99 ? "99+" : String(count)) : null;
}

/** What a room is called. */
export function titleOf(room: Room): string {
  return room.kind === "direct" ? (room.partner?.nickname ?? say("gone")) : (room.title ?? say("gone"));
}

/** The last thing said, in a line. */
export function previewOf(preview: Preview | null, me: string): string {
  if (!preview) return say("nothingSaid");
  const text = preview.kind === "image" ? say("picture") : preview.kind === "video" ? say("video") : preview.text;
  if (preview.kind === "system") return systemWords(preview.system);
  return preview.author === me ? say("youSaid", { text: text ?? say("removed") }) : (text ?? say("removed"));
}

/** A heading over a list. */
export function line(...children: Child[]): HTMLElement {
  return h("div", { class: "line" }, ...children);
}

/** What a system message says; nothing where this page does not know the event. */
export function systemWords(system: SystemEvent | null, name: (account: string) => string = () => say("someone")): string {
  switch (system?.event) {
    case "member.joined":
      return say("joined", { name: system.nickname ?? name(system.account) });
    case "member.left":
      return say("left", { name: system.nickname ?? name(system.account) });
    case "member.kicked":
      return say("kicked", { name: system.nickname ?? name(system.account) });
    case "room.closed":
      return say(word(`closed_${system.reason}`) ?? "closed_room");
    case "room.opened":
      return say("opened");
    case "deal.moved":
      return movedWords(system, system.account ? name(system.account) : "");
    default:
      return "";
  }
}

/** What was done to a deal, in a sentence. */
export function movedWords({ dealKind, action, state, account }: Omit<DealMoved, "event" | "deal">, name: string): string {
  const names = account === null ? [`timed_${action}`, `moved_${action}`] : [`moved_${action}_${dealKind}`, `moved_${action}_${state}`, `moved_${action}`];
  const known = names.map(word).find((one) => one !== undefined);
  return known ? say(known, { name }) : "";
}
