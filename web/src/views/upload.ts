// Pictures that go along with something: chosen, uploaded at once, and named by their identifiers.

import type { NewUpload } from "@madang/client";
import { h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { busy } from "../parts.js";
import { say } from "../words.js";

const TYPES = "image/jpeg,image/png,image/webp,image/gif";
const MOST = 10;
/** Renditions are made within seconds. */
const ASK_EVERY = 700;
const ASK_TIMES = 40;

/** A button that takes pictures, and the uploads it made. */
export function picked(pane: Pane): { element: HTMLElement; ids: () => string[] } {
  const { api } = pane.madang;
  const made: string[] = [];
  const input = h("input", { type: "file", accept: TYPES, multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true" });
  const words = h("span", {}, say("offerPictures"));
  const button = h("button", { class: "button small", type: "button", on: { click: () => input.click() } }, icon("image"), words);
  const upload = async (file: File) => {
    const body: NewUpload = { purpose: "listing", contentType: file.type as NewUpload["contentType"], size: file.size };
    const { id, upload: to } = await api.request("POST /media", { body });
    const put = await fetch(to.url, { method: to.method, headers: to.headers, body: file });
    if (!put.ok) throw new Error(`upload: HTTP ${put.status}`);
    for (let asked = 0; asked < ASK_TIMES; asked += 1) {
      const { status } = await api.request("GET /media/{mediaId}", { path: { mediaId: id } });
      if (status !== "waiting") break;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    }
    made.push(id);
    words.textContent = say("picturesAdded", { n: made.length });
  };
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])].slice(0, MOST - made.length);
    input.value = "";
    void busy(button, async () => void (await Promise.all(files.map(upload))), pane.tell);
  });
  return { element: h("span", { class: "line" }, button, input), ids: () => [...made] };
}
