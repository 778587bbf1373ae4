import type { NotificationPreferences } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { failed, waiting } from "../parts.js";
import { say, word } from "../words.js";

type Types = NotificationPreferences["types"];
type Name = keyof Types;
type Way = "inApp" | "push";

/** What quiet hours are at first: 22:00 to 7:00. */
const NIGHT = { from: 22 * 60, until: 7 * 60 };

/** What one wants to be told, and how: two switches a type that the server names, and quiet hours. */
export function preferences(pane: Pane): HTMLElement {
  const { api } = pane.madang;
  const body = h("div", {}, waiting());
  let now: NotificationPreferences | null = null;

  /** Saves a change; should that fail, what is there is shown again. */
  const save = (change: Partial<Pick<NotificationPreferences, "types" | "quietHours">>) =>
    void pane.attempt(async () => {
      if (!now) return;
      body.setAttribute("aria-busy", "true");
      try {
        const { version, types, quietHours } = { ...now, ...change };
        now = await api.request("PUT /me/notification-preferences", { body: { version, types, quietHours } });
        pane.toast(say("saved"));
      } catch (error) {
        now = await api.request("GET /me/notification-preferences").catch(() => now);
        throw error;
      } finally {
        body.removeAttribute("aria-busy");
        draw();
      }
    });

  const toggle = (name: Name, way: Way, types: Types) => {
    const ways = types[name] ?? { inApp: false, push: false };
    const label = say(way === "inApp" ? "inListOf" : "atOnceOf", { name: nameOf(name) });
    const box = h("input", { type: "checkbox", role: "switch", label, title: label, checked: ways[way], "data-way": `${name} ${way}` });
    box.addEventListener("change", () => save({ types: { ...types, [name]: { ...ways, [way]: box.checked } } }));
    return box;
  };

  const quiet = (hours: NotificationPreferences["quietHours"]) => {
    const box = h("input", { type: "checkbox", role: "switch", checked: hours !== null, "data-quiet": "" });
    const utcOffset = -new Date().getTimezoneOffset();
    box.addEventListener("change", () => save({ quietHours: box.checked ? { ...NIGHT, utcOffset } : null }));
    const time = (end: "from" | "until") => {
      const field = h("input", { type: "time", required: true, value: clockOf(hours?.[end] ?? NIGHT[end]) });
      field.addEventListener("change", () => {
        const [hour = 0, minute = 0] = field.value.split(":").map(Number);
        if (hours && field.value) save({ quietHours: { ...hours, utcOffset, [end]: hour * 60 + minute } });
      });
      return h("label", { class: "time" }, say(end === "from" ? "quietFrom" : "quietUntil"), field);
    };
    return [
      h("label", { class: "setting" }, h("span", { class: "grow" }, say("quietHours"), h("br"), h("span", { class: "quiet" }, say("quietHint"))), box),
      hours && h("div", { class: "line wrap times" }, time("from"), time("until")),
    ];
  };

  const draw = () => {
    if (!now) return;
    const { types, quietHours } = now;
    fill(
      body,
      h("div", { class: "ways", "aria-hidden": "true" }, h("span", {}, say("inList")), h("span", {}, say("atOnce"))),
      ...(Object.keys(types) as Name[]).map((name) => h("div", { class: "setting", role: "group", label: nameOf(name) }, h("span", { class: "grow" }, nameOf(name)), toggle(name, "inApp", types), toggle(name, "push", types))),
      ...quiet(quietHours),
    );
  };
  const load = () =>
    void api
      .request("GET /me/notification-preferences")
      .then((value) => {
        now = value;
        draw();
      })
      .catch((error: unknown) => fill(body, failed(error, load)));
  load();
  return h("section", { class: "block" }, h("h3", {}, icon("choices"), say("preferences")), body);
}

function nameOf(type: string): string {
  const known = word(`type_${type}`);
  return known ? say(known) : type;
}

function clockOf(minutes: number): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
