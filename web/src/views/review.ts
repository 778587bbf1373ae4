import type { ReviewableDeal } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { busy, empty, failed, waiting } from "../parts.js";
import { moment, say } from "../words.js";

/** What one may review now; the first hundred. */
export async function reviewable(pane: Pane): Promise<ReviewableDeal[]> {
  return (await pane.madang.api.request("GET /me/reviewable", { query: { limit: 100 } })).items;
}

/** Stars and text about the other side of a deal. */
export function reviewForm(pane: Pane, one: ReviewableDeal, done: () => void): HTMLElement {
  let stars = 0;
  const row = h("div", { class: "stars", role: "radiogroup", label: say("review") });
  const faces = [1, 2, 3, 4, 5].map((n) =>
    h(
      "button",
      {
        class: "star", type: "button", role: "radio", "aria-checked": "false", label: say("starsOf", { n }), "data-stars": n,
        on: {
          click: () => {
            stars = n;
            faces.forEach((face, place) => {
              face.classList.toggle("lit", place < n);
              face.setAttribute("aria-checked", String(place === n - 1));
            });
          },
        },
      },
      icon("star"),
    ),
  );
  row.append(...faces);
  const text = h("textarea", { rows: 3, required: true, minlength: 10, maxlength: 300, name: "text" });
  const button = h("button", { class: "button primary", type: "submit" }, say("reviewSend"));
  const send = async () => {
    if (stars === 0) return pane.tell(say("starsFirst"));
    await pane.madang.api.request("POST /deals/{dealId}/review", { path: { dealId: one.deal }, body: { stars, text: text.value.trim() } });
    pane.toast(say("reviewSent"));
    done();
  };
  return h(
    "form",
    { class: "form block", "data-review": one.deal, on: { submit: (event) => (event.preventDefault(), void busy(button, send, pane.tell)) } },
    h("h3", {}, icon("star"), say("reviewHow", { name: one.with.nickname })),
    h("p", { class: "quiet" }, one.about, " · ", say("reviewUntil", { time: moment(one.closesAt) })),
    row,
    h("label", {}, say("reviewText"), text),
    button,
  );
}

/** The review of one deal. */
export function review(pane: Pane, [id = ""]: string[]): View {
  const element = h("div", { class: "scroll deals" }, waiting());
  const load = () =>
    void reviewable(pane)
      .then((all) => {
        const one = all.find(({ deal }) => deal === id);
        fill(element, one ? reviewForm(pane, one, () => pane.back()) : empty("reviewNone"));
      })
      .catch((error: unknown) => fill(element, failed(error, load)));
  load();
  return { title: say("review"), element, deep: true };
}
