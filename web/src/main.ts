import { configured } from "./config.js";
import { fill, h, icon, refill } from "./dom.js";
import { badge, failed } from "./parts.js";
import { Pane } from "./pane.js";
import { type Language, say, speak, spoken } from "./words.js";

type Theme = "light" | "dark";

/** From this width on both people are on the screen. */
const WIDE = matchMedia("(min-width: 820px)");
const DARK = matchMedia("(prefers-color-scheme: dark)");

const top = h("header", { class: "top" });
const stage = h("main", { class: "stage" });
let panes: Pane[] = [];
let side = 0;

function stored<Value extends string>(key: string, values: readonly Value[]): Value | null {
  const value = localStorage.getItem(`madang.${key}`);
  return values.find((one) => one === value) ?? null;
}

function theme(): Theme {
  return stored<Theme>("theme", ["light", "dark"]) ?? (DARK.matches ? "dark" : "light");
}

function paint(): void {
  document.documentElement.dataset["theme"] = theme();
  document.documentElement.lang = spoken();
  document.title = spoken() === "ko" ? "마당 Madang" : "Madang 마당";
}

function choose(language: Language): void {
  localStorage.setItem("madang.language", language);
  speak(language);
  paint();
  for (const pane of panes) {
    pane.hush();
    pane.show();
  }
  frame();
}

function frame(): void {
  const both = WIDE.matches;
  document.documentElement.classList.toggle("narrow", !both);
  panes.forEach((pane, place) => {
    const shown = both || place === side;
    if (pane.element.hidden === shown) {
      pane.element.hidden = !shown;
      pane.seen(shown);
    }
  });
  const dark = theme() === "dark";
  const people = panes.map((pane) => [pane.me?.nickname, pane.waiting]);
  refill(top, JSON.stringify([both, dark, spoken(), side, people]), () => [
    h("h1", { class: "brand" }, h("img", { src: "icon.svg", alt: "", width: 26, height: 26 }), say("brand")),
    both
      ? h("p", { class: "tagline" }, say("tagline"))
      : h(
          "div",
          { class: "switch", role: "group", label: say("signInAs") },
          ...panes.map((pane, place) =>
            h(
              "button",
              {
                type: "button", "aria-pressed": String(place === side), "data-focus": `side${place}`,
                on: { click: () => ((side = place), sessionStorage.setItem("madang.side", String(place)), frame()) },
              },
              h("span", {}, pane.me?.nickname ?? say(pane.number === 1 ? "person1" : "person2")),
              place === side ? null : badge(pane.waiting),
            ),
          ),
        ),
    h(
      "button",
      {
        class: "icon-button", type: "button", title: say(dark ? "light" : "dark"), label: say(dark ? "light" : "dark"), "data-focus": "theme",
        on: { click: () => (localStorage.setItem("madang.theme", dark ? "light" : "dark"), paint(), frame()) },
      },
      icon(dark ? "sun" : "moon"),
    ),
    h(
      "button",
      {
        class: "button small", type: "button", label: say("languageLabel"), "data-focus": "language",
        on: { click: () => choose(spoken() === "ko" ? "en" : "ko") },
      },
      both ? say("language") : spoken() === "ko" ? "EN" : "한",
    ),
  ]);
}

/** What both panes show is in the address, so that a reload and the browser's own way back work. */
const paths = () => decodeURIComponent(location.hash.slice(1)).split("~");

function moved(): void {
  if (panes.length < 2) return;
  const hash = `#${panes.map(({ path }) => path).join("~")}`;
  if (hash !== location.hash) history.pushState(null, "", hash);
  frame();
}

async function start(): Promise<void> {
  const config = await configured();
  const [left = "feed", right = "feed"] = paths();
  panes = [new Pane(1, config, left, moved), new Pane(2, config, right, moved)];
  fill(stage, ...panes.map(({ element }) => element));
  for (const pane of panes) pane.show();
  frame();
}

speak(stored<Language>("language", ["ko", "en"]) ?? (navigator.language.startsWith("ko") ? "ko" : "en"));
side = Number(sessionStorage.getItem("madang.side") ?? 0) === 1 ? 1 : 0;
paint();
document.body.append(top, stage);
frame();
WIDE.addEventListener("change", frame);
DARK.addEventListener("change", () => (paint(), frame()));
addEventListener("popstate", () => panes.forEach((pane, place) => pane.follow(paths()[place] ?? "feed")));
addEventListener("online", () => panes.forEach(({ madang }) => madang.nudge()));
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") for (const { madang } of panes) madang.nudge();
  panes.forEach((pane) => pane.seen(document.visibilityState === "visible" && !pane.element.hidden));
});
const begin = () => start().catch((error: unknown) => fill(stage, failed(error, begin)));
void begin();
