import type { Manner, NewReport, Profile, Review, ReviewsOfSomebody } from "@madang/client";
import { fill, h, icon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, busy, failed, waiting } from "../parts.js";
import { named, say, when } from "../words.js";

const WRONG: readonly NewReport["category"][] = ["prohibited", "offTopic", "professional", "fraud", "other"];

/** Somebody: what others say of them, and why their manner score is what it is. */
export function person(pane: Pane, [which = ""]: string[]): View {
  const { api } = pane.madang;
  const id = which === "me" ? (pane.me?.id ?? "") : which;
  const own = id === pane.me?.id;
  const path = { accountId: id };
  const element = h("div", { class: "scroll me" }, waiting());
  let left = false;
  const load = async () => {
    const [profile, manner, reviews, following] = await Promise.all([
      api.request("GET /accounts/{accountId}", { path }),
      api.request("GET /accounts/{accountId}/manner", { path }),
      api.request("GET /accounts/{accountId}/reviews", { path }),
      // Whether one follows somebody is said by the list of those one follows alone.
      own ? null : api.request("GET /me/following", { query: { limit: 100 } }).catch(() => null),
    ]);
    if (left) return;
    fill(
      element,
      headOf(pane, profile, own, following?.items.some((one) => one.id === id) ?? false),
      mannerOf(manner),
      reviewsOf(pane, id, reviews),
      !own && reportOf(pane, id),
    );
  };
  const reload = () => void load().catch((error: unknown) => left || fill(element, failed(error, reload)));
  reload();
  return { title: say("person"), element, deep: true, leave: () => void (left = true) };
}

function headOf(pane: Pane, profile: Profile, own: boolean, follows: boolean): HTMLElement {
  const { api } = pane.madang;
  const path = { accountId: profile.id };
  const followers = h("span", {});
  const button = h("button", { class: "button small", type: "button", "data-follow": "" });
  const show = (on: boolean, count: number) => {
    button.setAttribute("aria-pressed", String(on));
    fill(button, icon(on ? "check" : "heart"), say(on ? "unfollow" : "follow"));
    followers.textContent = say("followers", { n: count });
  };
  show(follows, profile.followers);
  button.addEventListener("click", () =>
    void busy(
      button,
      async () => {
        const on = button.getAttribute("aria-pressed") === "true";
        const now = await api.request(on ? "DELETE /accounts/{accountId}/follow" : "PUT /accounts/{accountId}/follow", { path });
        show(now.following, now.followers);
      },
      pane.tell,
    ),
  );
  return h(
    "div",
    { class: "line who-am-i" },
    avatar({ id: profile.id, nickname: profile.nickname, picture: profile.image }, "huge"),
    h("span", { class: "grow" }, h("strong", {}, profile.nickname), h("br"), h("span", { class: "quiet" }, profile.region && named(profile.region), profile.region && h("br"), followers)),
    !own && !profile.withdrawn && button,
  );
}

function mannerOf({ score, band, base, reviews, off, penalties }: Manner): HTMLElement {
  const part = (words: string, points: string) => h("div", { class: "line part" }, h("span", { class: "grow" }, words), h("span", {}, points));
  const points = (n: number) => say("points", { n: Math.round(n * 100) / 100 });
  return h(
    "section",
    { class: "block manner" },
    h("h3", {}, icon("heart"), say("manner")),
    score === null
      ? h("p", { class: "quiet" }, say("mannerNone"))
      : h("div", { class: "line" }, h("strong", { class: "amount" }, String(score)), band && h("span", { class: band === "poor" ? "mark hot" : "mark" }, say(`b_${band}`))),
    score !== null && h("progress", { max: 100, value: score, label: say("manner") }),
    score !== null && base !== null && part(say("mannerBase", { n: reviews }), points(base)),
    off > 0 && part(say("mannerOff"), `−${points(off)}`),
    ...penalties.map(({ cause, at, left }) => h("div", { class: "line part quiet" }, h("span", { class: "grow" }, `${say(`c_${cause}`)} · ${when(at)}`), h("span", {}, `−${points(left)}`))),
  );
}

/** Stars that cannot be changed. */
export function starsOf(count: number): HTMLElement {
  return h("span", { class: "stars given", role: "img", label: say("starsOf", { n: count }) }, ...[1, 2, 3, 4, 5].map((n) => h("span", { class: n <= count ? "star lit" : "star" }, icon("star"))));
}

function reviewsOf(pane: Pane, id: string, first: ReviewsOfSomebody): HTMLElement {
  const { count, average, histogram } = first.ratings;
  const most = Math.max(1, ...histogram);
  const list = h("div", { class: "review-list" });
  const rest = h("div", { class: "rest" });
  const add = ({ items, nextCursor }: Pick<ReviewsOfSomebody, "items" | "nextCursor">) => {
    list.append(...items.map(reviewRow));
    const more = h("button", { class: "button small", type: "button" }, say("more"));
    const next = async () => add(await pane.madang.api.request("GET /accounts/{accountId}/reviews", { path: { accountId: id }, query: { cursor: nextCursor ?? "" } }));
    more.addEventListener("click", () => void busy(more, next, pane.tell));
    fill(rest, nextCursor && more);
  };
  add(first);
  return h(
    "section",
    { class: "block" },
    h("h3", {}, icon("star"), say("reviews")),
    count === 0
      ? h("p", { class: "quiet" }, say("reviewsNone"))
      : h(
          "div",
          { class: "ratings" },
          h("div", { class: "average" }, h("strong", { class: "amount" }, String(average)), h("span", { class: "quiet" }, say("reviewsCount", { n: count }))),
          h(
            "div",
            { class: "histogram" },
            ...[5, 4, 3, 2, 1].map((n) => {
              const many = histogram[n - 1] ?? 0;
              return h("div", { class: "line" }, h("span", {}, String(n)), icon("star"), h("progress", { max: most, value: many, label: say("starsOf", { n }) }), h("span", { class: "many" }, String(many)));
            }),
          ),
        ),
    list,
    rest,
  );
}

function reviewRow({ author, stars, text, about, createdAt }: Review): HTMLElement {
  return h(
    "div",
    { class: "review" },
    h("div", { class: "line" }, avatar(author), h("span", { class: "grow" }, h("strong", {}, author.nickname), h("br"), h("span", { class: "quiet" }, about, " · ", when(createdAt))), starsOf(stars)),
    h("p", {}, text),
  );
}

function reportOf(pane: Pane, id: string): HTMLElement {
  const body = h("div", {});
  const open = h("button", { class: "button small danger", type: "button", "data-report": "" }, icon("flag"), say("report"));
  const closed = () => fill(body, open);
  open.addEventListener("click", () => {
    const category = h("select", { name: "category", label: say("reportWhat") }, ...WRONG.map((one) => h("option", { value: one }, say(`rc_${one}`))));
    const text = h("textarea", { rows: 2, maxlength: 512, name: "text" });
    const send = h("button", { class: "button small danger", type: "submit" }, say("reportSend"));
    const go = async () => {
      const written = text.value.trim();
      const report = { subject: { type: "account", id }, category: category.value as NewReport["category"], ...(written && { text: written }) } as const;
      await pane.madang.api.request("POST /reports", { body: report });
      pane.toast(say("reported"));
      closed();
    };
    category.addEventListener("change", () => void (text.required = category.value === "other"));
    fill(
      body,
      h(
        "form",
        { class: "form block", on: { submit: (event) => (event.preventDefault(), void busy(send, go, pane.tell)) } },
        h("label", {}, say("reportWhat"), h("span", { class: "choose" }, category, icon("chevron"))),
        h("label", {}, say("reportText"), text),
        h("div", { class: "line end" }, h("button", { class: "button small", type: "button", on: { click: closed } }, say("cancel")), send),
      ),
    );
    category.focus();
  });
  closed();
  return body;
}
