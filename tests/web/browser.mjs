// Headless Chromium, and what is held against every page it shows: a silent console, no request that fails, nothing wider
// than its place, text that can be read.

import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";
import { Off } from "./cloud.mjs";

const TYPES = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", json: "application/json", svg: "image/svg+xml" };

/** Where Chromium is, or what to do about it. */
function chromiumPath() {
  const places = [process.env.CHROMIUM, "/usr/bin/chromium"];
  const path = places.find((one) => one && existsSync(one));
  if (path) return path;
  throw new Off("Chromium is missing (on Debian: apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji), or CHROMIUM names it");
}

export class Browser {
  #browser;
  #url;
  #dist;
  #folder;
  /** What went wrong on any page: sentences. */
  faults = [];
  /** What went over the live connections, the latest: for whoever looks into what was off. */
  #frames = [];
  #lines = 0;
  /** What this Madang does not have, and may be asked for: the ends of addresses. */
  lacking = [];
  /** Statuses that a step causes on purpose. */
  #meant = [];

  static async start({ url, folder, dist }) {
    const browser = new Browser();
    const args = ["--no-sandbox"];
    // A page that came from no address may not open connections to this machine.
    if (dist) args.push("--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets");
    browser.#browser = await chromium.launch({ executablePath: chromiumPath(), args });
    browser.#url = url;
    browser.#dist = dist;
    browser.#folder = folder;
    return browser;
  }

  /** A page of its own: no storage of others. */
  async open({ viewport, locale, colorScheme, phone = false }) {
    const context = await this.#browser.newContext({
      viewport, locale, colorScheme, hasTouch: phone, isMobile: phone, deviceScaleFactor: phone ? 2 : 1, timezoneId: "Asia/Seoul",
    });
    context.setDefaultTimeout(10_000);
    if (this.#dist) await this.#serve(context);
    const page = await context.newPage();
    // Connections that the test can break.
    await page.addInitScript(() => {
      window.lines = [];
      const Real = window.WebSocket;
      window.WebSocket = class extends Real {
        constructor(...given) {
          super(...given);
          window.lines.push(this);
        }
      };
    });
    this.#watch(page);
    await page.goto(`${this.#url}/try/`);
    return { page, panes: [page.locator(".pane").nth(0), page.locator(".pane").nth(1)], close: () => context.close() };
  }

  /** One request has to be refused with this status while this is done; the console tells of it once. */
  async meaning(status, work) {
    const meant = { status, refused: false, said: false };
    this.#meant.push(meant);
    await work();
    for (let tries = 0; tries < 200 && !(meant.refused && meant.said); tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
    if (!meant.refused) throw new Off(`no request was refused with ${status}, and one should have been`);
  }

  #watch(page) {
    const note = (sentence) => this.faults.push(sentence);
    page.on("pageerror", (error) => note(`the page threw: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      const text = message.text();
      if (this.#isLacking(message.location().url)) return;
      const status = Number(/responded with a status of (\d+)/.exec(text)?.[1]);
      const meant = this.#meant.find((one) => one.status === status && !one.said);
      if (meant) meant.said = true;
      else note(`the console said: ${text} (${message.location().url})`);
    });
    page.on("requestfailed", (request) => {
      const why = request.failure()?.errorText ?? "";
      // A reload and the end of a page cut off what is under way.
      if (why !== "net::ERR_ABORTED") note(`a request failed: ${request.method()} ${request.url()}: ${why}`);
    });
    page.on("websocket", (line) => {
      const which = (this.#lines += 1);
      const keep = (way, payload) => {
        this.#frames.push(`${new Date().toISOString()} ${which} ${way} ${payload}`);
        if (this.#frames.length > 2000) this.#frames.shift();
      };
      line.on("framesent", ({ payload }) => keep(">", payload));
      line.on("framereceived", ({ payload }) => keep("<", payload));
      line.on("close", () => keep("closed", ""));
    });
    page.on("response", (response) => {
      const status = response.status();
      if (status < 400 || (status === 404 && this.#isLacking(response.url()))) return;
      const meant = this.#meant.find((one) => one.status === status && !one.refused);
      if (meant) meant.refused = true;
      else note(`a request was refused: ${response.request().method()} ${response.url()}: ${status}`);
    });
  }

  #isLacking(url) {
    return this.lacking.some((end) => url.endsWith(end));
  }

  /** Gives the page from a folder in the place of what the program was built with; its config and headers stay the server's. */
  async #serve(context) {
    const files = new Set(await readdir(this.#dist));
    await context.route(`${this.#url}/try/**`, async (route) => {
      const name = new URL(route.request().url()).pathname.slice("/try/".length) || "index.html";
      if (name === "config.json" || !files.has(name)) return route.continue();
      const served = await fetch(`${this.#url}/try/`);
      const policy = served.headers.get("content-security-policy") ?? "";
      const headers = { "content-type": TYPES[name.split(".").at(-1)], "cache-control": "no-cache", "content-security-policy": policy };
      await route.fulfill({ status: 200, headers, body: await readFile(`${this.#dist}/${name}`) });
    });
  }

  /** A picture of what is shown, which is looked over as it is taken. */
  async picture(page, name) {
    await page.waitForTimeout(400);
    await page.screenshot({ path: `${this.#folder}/${name}.png` });
    for (const sentence of await page.evaluate(lookOver)) this.faults.push(`${name}: ${sentence}`);
  }

  /** Pictures of what is shown when something is off. */
  async failed() {
    let number = 0;
    const made = [];
    for (const context of this.#browser.contexts()) {
      for (const page of context.pages()) {
        const path = `${this.#folder}/failed-${(number += 1)}.png`;
        await page.screenshot({ path }).then(() => made.push(path), () => undefined);
      }
    }
    await writeFile(`${this.#folder}/frames.txt`, this.#frames.join("\n"));
    return [...made, `${this.#folder}/frames.txt`];
  }

  stop() {
    return this.#browser.close();
  }
}

/** In the page: what is wider than its place, what is cut without saying so, what can hardly be read. */
function lookOver() {
  const found = new Set();
  const nameOf = (element) => {
    const words = (element.textContent ?? "").trim().slice(0, 30);
    return `<${element.tagName.toLowerCase()} class="${element.className.baseVal ?? element.className}"> “${words}”`;
  };
  const shown = (element) => element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && element.getClientRects().length > 0;
  if (document.documentElement.scrollWidth > innerWidth) found.add(`the page is ${document.documentElement.scrollWidth - innerWidth} px wider than the window`);

  const channels = (colour) => {
    const parts = colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    // color(srgb …) has channels of 0 to 1.
    const scale = colour.startsWith("color(") ? 255 : 1;
    return [parts[0] * scale, parts[1] * scale, parts[2] * scale, parts[3] ?? 1];
  };
  const over = (top, below, alpha = top[3]) => [0, 1, 2].map((at) => top[at] * alpha + below[at] * (1 - alpha));
  const light = (rgb) => {
    const [r, g, b] = rgb.slice(0, 3).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.backgroundImage !== "none") return null;
      const colour = channels(style.backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };

  for (const element of document.querySelectorAll("body *")) {
    if (element.namespaceURI !== "http://www.w3.org/1999/xhtml" || !shown(element)) continue;
    const style = getComputedStyle(element);
    const wide = element.scrollWidth - element.clientWidth;
    if (style.overflowX === "auto" && wide > 1 && !element.matches(".pictures")) found.add(`${nameOf(element)} scrolls sideways by ${wide} px`);
    if (element.matches("button, .button, .chip, .badge, .mark, .tab, h2, h3") && style.textOverflow !== "ellipsis" && wide > 1) found.add(`${nameOf(element)} holds ${wide} px more than fit`);
    const box = element.getBoundingClientRect();
    if (element.matches("button, a, input, select, textarea") && (box.left < -1 || box.right > innerWidth + 1)) found.add(`${nameOf(element)} is partly outside of the window`);
    const words = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== "");
    if (!words || element.matches("option, optgroup, .face, .face-button") || element.closest("[aria-busy]")) continue;
    const below = ground(element);
    if (!below) continue;
    let seen = 1;
    for (let one = element; one; one = one.parentElement) seen *= Number(getComputedStyle(one).opacity);
    const above = over(channels(style.color), below, channels(style.color)[3] * seen);
    const [more, less] = [light(above), light(below)].sort((one, other) => other - one);
    const ratio = (more + 0.05) / (less + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.add(`${nameOf(element)} has a contrast of ${ratio.toFixed(2)}`);
  }
  return [...found];
}
