import type { LiveRoom, MediaAddresses, Message, NewUpload } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane } from "../pane.js";
import { busy, inWords } from "../parts.js";
import { say } from "../words.js";

const TYPES = ["image/jpeg", "image/png", "image/webp", "image/gif"] as const;
/** Renditions are made within seconds. */
const ASK_EVERY = 700;
const ASK_TIMES = 40;

/** Addresses are good for an hour: they are asked for once and kept for less. */
const known = new Map<string, Promise<MediaAddresses>>();

/** The picture or video of a message. */
export function media(pane: Pane, live: LiveRoom, message: Message): HTMLElement {
  const { seq } = message;
  const about = message.media;
  const frame = h("span", { class: "media" });
  if (about?.width && about.height) frame.style.aspectRatio = `${about.width} / ${about.height}`;
  const load = () => {
    fill(frame, h("span", { class: "spinner", role: "img", label: say("loading") }));
    const key = about?.id ?? `${live.id} ${seq}`;
    const asked = known.get(key) ?? pane.madang.api.request("GET /rooms/{roomId}/messages/{seq}/media", { path: { roomId: live.id, seq: String(seq) } });
    known.set(key, asked);
    asked
      .then(({ url, thumbnailUrl, expiresAt }) => {
        setTimeout(() => known.delete(key), Math.max(0, Math.min(Date.parse(expiresAt) - Date.now() - 60_000, 50 * 60_000)));
        if (message.kind === "video") {
          fill(frame, h("video", { src: url, poster: thumbnailUrl ?? undefined, controls: true, preload: "none", label: say("video") }));
          return;
        }
        fill(frame, h("a", { href: url, target: "_blank", rel: "noopener" }, h("img", { src: thumbnailUrl ?? url, alt: say("picture"), decoding: "async" })));
      })
      .catch((error: unknown) => {
        known.delete(key);
        fill(frame, h("button", { class: "button small", type: "button", on: { click: load } }, inWords(error)));
      });
  };
  load();
  return frame;
}

/** The button that sends a picture. */
export function attach(pane: Pane, live: LiveRoom, replying: () => number | null, sent: () => void): HTMLElement {
  const { api } = pane.madang;
  const input = h("input", { type: "file", accept: TYPES.join(","), hidden: true, tabindex: -1, "aria-hidden": "true" });
  const button = h("button", { class: "icon-button", type: "button", title: say("attach"), label: say("attach"), on: { click: () => input.click() } }, icon("image"));
  input.addEventListener("change", () => {
    const file = input.files?.[0];
    input.value = "";
    if (!file) return;
    const end = pane.toast(say("uploading"), { icon: "image" });
    void busy(
      button,
      async () => {
        const body: NewUpload = { purpose: "message", contentType: file.type as NewUpload["contentType"], size: file.size };
        const { id, upload } = await api.request("POST /media", { body });
        const put = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: file });
        if (!put.ok) throw new Error(`upload: HTTP ${put.status}`);
        for (let asked = 0; asked < ASK_TIMES; asked += 1) {
          const { status } = await api.request("GET /media/{mediaId}", { path: { mediaId: id } });
          if (status !== "waiting") break;
          await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
        }
        const replyTo = replying();
        live.send(replyTo === null ? { media: id } : { media: id, replyTo });
        sent();
      },
      pane.tell,
    ).then(end);
  });
  return h("span", { class: "attach" }, button, input);
}
