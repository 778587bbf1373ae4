import { browser, Madang, type Notification } from "@madang/client";
import type { Config } from "./config.js";
import { fill, h, icon, type Icon, refill, soon } from "./dom.js";
import { avatar, badge, iconButton, inWords } from "./parts.js";
import { say, spoken, type Word } from "./words.js";
import { GUESTS, MAKERS } from "./views/index.js";
import { hasErrands } from "./views/errand-parts.js";
import { wordsOf } from "./views/notifications.js";

/** What a pane shows at a time. */
export interface View {
  /** Shown in the pane's head. */
  title: string | HTMLElement;
  element: HTMLElement;
  /** Buttons of the head. */
  tools?: HTMLElement[];
  /** A view of its own, with a way back and without the tabs. */
  deep?: boolean;
  /** It is not shown any more. */
  leave?: () => void;
  /** The pane came onto the screen or left it. */
  seen?: (shown: boolean) => void;
}

const TABS: readonly { path: string; word: Word; icon: Icon }[] = [
  { path: "feed", word: "feed", icon: "feed" },
  { path: "errands", word: "errands", icon: "errands" },
  { path: "mine", word: "deals", icon: "deals" },
  { path: "rooms", word: "rooms", icon: "rooms" },
  { path: "notifications", word: "notifications", icon: "notifications" },
  { path: "me", word: "me", icon: "me" },
];
const HOVER = matchMedia("(hover: hover)");
/** Toasts stay this long, and longer while they are looked at. */
const TOAST = 4000;

/** One person's half of the page. */
export class Pane {
  readonly element: HTMLElement;
  readonly madang: Madang;
  path: string;
  readonly #head = h("header", { class: "pane-head" });
  readonly #banner = h("div", { class: "banner", role: "status" });
  readonly #body = h("div", { class: "pane-body" });
  readonly #tabs = h("nav", { class: "tabs" });
  readonly #toasts = h("div", { class: "toasts", role: "status", "aria-live": "polite" });
  readonly #moved: (pane: Pane) => void;
  #account: string | null = null;
  #leaving = false;
  #view: View | null = null;
  #back: string[] = [];
  #shown = true;
  /** Whether this Madang has errands: their tab is hidden where it has none. */
  #errands = false;
  #told: { id: string; end: () => void } | null = null;
  /** Counts the views, so that each has a head of its own. */
  #turn = 0;

  constructor(
    readonly number: 1 | 2,
    readonly config: Config,
    path: string,
    /** Told when another view is shown or the person is another. */
    moved: (pane: Pane) => void,
  ) {
    this.path = path || "feed";
    this.#moved = moved;
    const live = new URL(config.live, location.href);
    live.protocol = live.protocol.replace("http", "ws");
    this.madang = new Madang(browser(), { api: config.api, live: live.href }, spoken(), `pane${number}`);
    this.element = h("section", { class: "pane" }, this.#head, this.#banner, this.#body, this.#tabs, this.#toasts);
    const refresh = soon(() => this.#frame());
    this.madang.changed.on(() => {
      this.#back = [];
      if (!this.me || (this.path.split("/")[0] ?? "") in GUESTS) this.path = "feed";
      this.show();
      if (!this.me && this.#account !== null && !this.#leaving) this.toast(say("signedOutNow"));
      this.#account = this.me?.id ?? null;
      this.#leaving = false;
      this.#ask();
      this.#moved(this);
    });
    this.#ask();
    this.#account = this.me?.id ?? null;
    this.madang.rooms.changed.on(refresh);
    this.madang.notifications.changed.on(refresh);
    this.madang.live.changed.on(refresh);
    this.madang.notifications.arrived.on((notification) => this.#arrived(notification));
    for (const kind of ["pointerdown", "keydown"] as const) this.element.addEventListener(kind, () => this.madang.live.active());
  }

  /** Who is signed in here. */
  get me() {
    return this.madang.api.account;
  }

  /** What waits to be looked at here. */
  get waiting(): number {
    return this.madang.rooms.unread + this.madang.notifications.unread;
  }

  /** Goes to another view. */
  go(path: string): void {
    if (path === this.path) return;
    const tab = TABS.some((one) => one.path === path);
    this.#back = tab ? [] : [...this.#back, this.path];
    this.path = path;
    if (path === "notifications") this.hush();
    this.show();
    this.#moved(this);
    // On a phone the keyboard would come up; there, and where nothing is to be written, the title has the focus.
    const first = HOVER.matches ? this.#body.querySelector<HTMLElement>("[data-first]") : null;
    (first ?? this.#head.querySelector<HTMLElement>(".pane-title"))?.focus({ preventScroll: true });
  }

  /** Goes back to where one came from. */
  back(): void {
    this.path = this.#back.pop() ?? "feed";
    this.show();
    this.#moved(this);
  }

  /** Goes where the address says, if it is elsewhere. */
  follow(path: string): void {
    if (path === this.path) return;
    this.#back = [];
    this.path = path || "feed";
    this.show();
  }

  /** Makes the view anew: another path, person or language. */
  show(): void {
    this.madang.api.language = spoken();
    this.#view?.leave?.();
    const [name = "", ...parameters] = this.path.split("/");
    const make = this.me ? (MAKERS[name] ?? MAKERS["feed"]) : (GUESTS[name] ?? GUESTS["sign-in"]);
    this.#view = make ? make(this, parameters) : null;
    this.#turn += 1;
    if (this.#view) fill(this.#body, this.#view.element);
    this.#view?.seen?.(this.#shown);
    this.#frame();
  }

  /** The pane came onto the screen, or left it. */
  seen(shown: boolean): void {
    this.#shown = shown;
    this.#view?.seen?.(shown);
  }

  /** Ends the session. */
  async signOut(): Promise<void> {
    this.#leaving = true;
    await this.madang.signOut();
  }

  /** Says something for some seconds; the function it gives ends that. */
  toast(words: string, then?: { icon?: Icon; title?: string; go?: () => void }): () => void {
    const body = [then?.icon && icon(then.icon), h("span", {}, then?.title && h("strong", {}, then.title), words)];
    const toast = then?.go
      ? h("button", { class: "toast", type: "button", on: { click: () => (then.go?.(), end()) } }, ...body)
      : h("div", { class: "toast" }, ...body);
    let timer = setTimeout(() => end(), TOAST);
    const end = () => {
      clearTimeout(timer);
      toast.remove();
    };
    const stay = () => clearTimeout(timer);
    const pass = () => void (timer = setTimeout(end, TOAST));
    toast.addEventListener("pointerenter", stay);
    toast.addEventListener("focus", stay);
    toast.addEventListener("pointerleave", pass);
    toast.addEventListener("blur", pass);
    this.#toasts.append(toast);
    // What is said again takes the place of what was said.
    for (const one of [...this.#toasts.children]) if (one !== toast && one.textContent === toast.textContent) one.remove();
    while (this.#toasts.children.length > 3) this.#toasts.firstElementChild?.remove();
    return end;
  }

  /** Takes back what is being said: it was in another language, or is on the screen now. */
  hush(): void {
    this.#toasts.replaceChildren();
  }

  /** Says what went wrong. */
  readonly tell = (words: string): void => void this.toast(words);

  /** Does it, and says what went wrong. */
  async attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.tell(inWords(error));
    }
  }

  #ask(): void {
    if (!this.me || this.#errands) return;
    void hasErrands(this.madang.api).then((has) => {
      this.#errands = has;
      if (has) this.#frame();
    });
  }

  /** Head, banner and tabs: what is around the view. */
  #frame(): void {
    const { me, madang } = this;
    const view = this.#view;
    this.element.setAttribute("aria-label", me ? me.nickname : say(`person${this.number}`));
    const state = madang.live.state;
    const word: Word = state === "open" ? "connected" : state === "waiting" ? "reconnecting" : "connecting";
    refill(this.#head, JSON.stringify([this.#turn, state, me]), () => [
      view?.deep ? iconButton("back", say("back"), () => this.back(), { "data-focus": "back" }) : null,
      h("h2", { class: "pane-title", tabindex: -1 }, view?.title ?? ""),
      ...(view?.tools ?? []),
      me &&
        h(
          "button",
          { class: "who", type: "button", "data-focus": "who", title: `${me.nickname} · ${say(word)}`, label: `${me.nickname} · ${say(word)}`, on: { click: () => this.go("me") } },
          avatar({ id: me.id, nickname: me.nickname, picture: me.image }),
          h("span", { class: `state ${state === "open" ? "online" : "away"}` }),
        ),
    ]);
    this.#banner.hidden = !me || state !== "waiting";
    const words = this.#banner.hidden ? "" : say("reconnecting");
    refill(this.#banner, words, () => [words && h("span", { class: "spinner" }), words]);
    this.#tabs.hidden = !me || view?.deep === true;
    this.#tabs.setAttribute("aria-label", say("brand"));
    const counts: Record<string, number> = { rooms: madang.rooms.unread, notifications: madang.notifications.unread };
    refill(this.#tabs, JSON.stringify([counts, this.path, spoken(), this.#errands]), () =>
      TABS.filter(({ path }) => path !== "errands" || this.#errands).map(({ path, word: name, icon: shape }) => {
        const current = this.path.split("/")[0] === path ? "page" : undefined;
        return h(
          "button",
          { class: "tab", type: "button", "aria-current": current, "data-focus": path, on: { click: () => this.go(path) } },
          h("span", { class: "tab-icon" }, icon(shape), badge(counts[path] ?? 0)),
          say(name),
        );
      }),
    );
    this.#moved(this);
  }

  /** One toast a notification: more of the same takes its place. */
  #arrived(notification: Notification): void {
    const { title, text, path } = wordsOf(notification);
    if (this.#told?.id === notification.id) this.#told.end();
    // Whoever looks at the room, or at the notifications, sees it there.
    if (notification.read || (this.#shown && (this.path === path || this.path === "notifications"))) return;
    const end = this.toast(text, {
      icon: "notifications",
      title,
      go: () => {
        void this.attempt(() => this.madang.notifications.read(notification.id));
        this.go(path ?? "notifications");
      },
    });
    this.#told = { id: notification.id, end };
  }
}
