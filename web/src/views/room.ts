import { type Message, REACTIONS, type Reaction, type Unsent } from "@madang/client";
import { fill, h, icon, refill, rowsOf, soon } from "../dom.js";
import type { Pane, View } from "../pane.js";
import { avatar, busy, failed, iconButton, systemWords, titleOf, waiting } from "../parts.js";
import { clock, day, say, spoken, word } from "../words.js";
import { attach, media } from "./room-media.js";
import { members } from "./room-members.js";
import { roomSearch } from "./room-search.js";

export const FACES: Readonly<Record<Reaction, string>> = {
  like: "👍", heart: "❤️", laugh: "😄", wow: "😮", sad: "😢", thanks: "🙏", party: "🎉", fire: "🔥", eyes: "👀", check: "✅",
};
/** Messages of one person within this time stand together. */
const TOGETHER = 5 * 60_000;
const NEAR_END = 80;
/** Members are asked for again while they are shown. */
const ASK_EVERY = 15_000;
const LONG = 120;

type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string }
  | { kind: "message"; key: string; message: Message; first: boolean; last: boolean }
  | { kind: "unsent"; key: string; unsent: Unsent; first: boolean };

/** A room: its messages, who is there, what is being written. */
export function room(pane: Pane, [id = ""]: string[]): View {
  const live = pane.madang.open(id);
  const me = pane.me?.id ?? "";
  /** The messages whose actions are open, answered or edited. */
  let open: number | null = null;
  let replying: number | null = null;
  let editing: number | null = null;
  let unreadFrom: number | null = null;
  let shown = true;
  let atEnd = true;
  let drawn = false;
  let lost = false;
  let asking: ReturnType<typeof setInterval> | undefined;

  const title = h("span", { class: "room-title" });
  const people = iconButton("members", say("members"), () => togglePeople(), { "aria-expanded": "false", "data-members": "" });
  const seeking = iconButton("search", say("searchRoom"), () => toggleSearch(), { "aria-expanded": "false", "data-search": "" });
  const older = h("div", { class: "older" });
  const rows = h("div", { class: "messages", role: "log", "aria-live": "polite", "aria-relevant": "additions", label: say("rooms") });
  const typing = h("div", { class: "typing", "aria-live": "polite" });
  const scroll = h("div", { class: "scroll room-scroll", tabindex: 0, label: say("rooms"), on: { scroll: () => scrolled() } }, older, rows, typing);
  const down = h("button", { class: "button down", type: "button", hidden: true, on: { click: () => toEnd(true) } }, icon("down"), say("newMessages"));
  const about = h("div", { class: "about" });
  const field = h("textarea", { rows: 1, maxlength: 1000, placeholder: say("write"), label: say("write"), "data-first": "" });
  const count = h("span", { class: "count", "aria-hidden": "true" });
  const button = h("button", { class: "icon-button send", type: "submit", title: say("send"), label: say("send") }, icon("send"));
  const form = h("form", { class: "composer" }, attach(pane, live, () => replying, () => (settleReply(), toEnd())), h("div", { class: "writing" }, field, count), button);
  const note = h("div", { class: "note", hidden: true });
  const side = h("aside", { class: "side", hidden: true, label: say("members") });
  const main = h("div", { class: "room-main" }, scroll, down, about, note, form);
  const search = h("aside", { class: "side", hidden: true, label: say("searchRoom") });
  const element = h("div", { class: "room" }, main, side, search);

  const name = (account: string | null | undefined): string => {
    if (!account) return say("gone");
    const { partner } = live.info ?? {};
    return account === me ? (pane.me?.nickname ?? "") : (live.people.get(account)?.nickname ?? (partner?.id === account ? partner.nickname : say("someone")));
  };

  function toggleSearch(): void {
    if (search.hidden && !side.hidden) togglePeople();
    search.hidden = !search.hidden;
    seeking.setAttribute("aria-expanded", String(!search.hidden));
    fill(search, search.hidden ? null : roomSearch(pane, live, name, find, toggleSearch));
    if (search.hidden) seeking.focus();
    else search.querySelector("input")?.focus();
  }

  /** Shows a message that was found, however far back it is. */
  async function find(seq: number): Promise<void> {
    const there = await live.fetchBackTo(seq);
    if (!there) return pane.tell(say("foundGone"));
    // In a narrow pane what was found lies over the messages.
    if (getComputedStyle(search).position === "absolute") toggleSearch();
    atEnd = false;
    draw();
    jump(seq);
  }

  function togglePeople(): void {
    if (side.hidden && !search.hidden) toggleSearch();
    side.hidden = !side.hidden;
    people.setAttribute("aria-expanded", String(!side.hidden));
    clearInterval(asking);
    if (!side.hidden) {
      // Who is there is told, and not told when there is too much to tell: it is asked for as well.
      const ask = () => void live.fetchMembers();
      asking = setInterval(ask, ASK_EVERY);
      ask();
    }
    draw();
    if (!side.hidden) side.querySelector<HTMLElement>("button")?.focus();
    else people.focus();
  }

  function draw(): void {
    if (lost) return;
    const info = live.info ?? pane.madang.rooms.get(id) ?? null;
    if (live.refused) {
      fill(element, failed(live.refused));
      return;
    }
    const count = live.members.size || (info?.members ?? 0);
    if (info) {
      const sub = info.kind === "direct" ? "" : `${say(`kind${info.kind}`)} · ${info.kind === "inquiry" ? (info.partner?.nickname ?? say("gone")) : say("membersCount", { n: count })}`;
      refill(title, JSON.stringify([titleOf(info), sub]), () => [h("span", { class: "cut" }, titleOf(info)), sub && h("span", { class: "cut quiet" }, sub)]);
    }
    people.title = say("membersCount", { n: count });
    people.setAttribute("aria-label", people.title);
    if (!side.hidden) refill(side, JSON.stringify([[...live.members.values()].map((one) => ({ ...one, read: 0 })), info?.role, info?.muted, spoken()]), () => [members(pane, live, () => togglePeople())]);
    if (!live.known) {
      refill(older, "waiting", () => [waiting()]);
      return;
    }
    if (unreadFrom === null) unreadFrom = live.unread > 0 ? live.read : -1;
    const height = scroll.scrollHeight;
    const top = scroll.scrollTop;
    const first = rows.firstElementChild;
    refill(older, JSON.stringify([live.fetchingOlder, live.older, spoken()]), () => [
      live.fetchingOlder ? waiting() : live.older ? h("button", { class: "button small", type: "button", on: { click: () => fetchOlder() } }, say("older")) : h("p", { class: "quiet" }, say("roomStart")),
    ]);
    rowsOf(rows, rowsIn(), ({ key }) => key, sign, make);
    const names = live.typing.map(name);
    const words = names.length === 1 ? say("typingOne", { name: names[0] ?? "" }) : names.length > 1 ? say("typingMany", { n: names.length }) : "";
    refill(typing, words, () => [words && h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")), words]);
    drawAbout();
    const closed = info?.status === "closed";
    form.hidden = closed;
    note.hidden = !closed;
    note.textContent = closed ? say("roomClosed") : "";
    // What is put in above does not move what is read.
    if (drawn && !atEnd && first !== rows.firstElementChild) scroll.scrollTop = top + scroll.scrollHeight - height;
    else if (atEnd) toEnd();
    drawn = true;
    look();
  }

  function rowsIn(): Row[] {
    const made: Row[] = [];
    let date = "";
    let before: Message | null = null;
    const list = live.messages;
    list.forEach((message, place) => {
      const today = day(message.createdAt);
      const newDay = today !== date;
      if (newDay) made.push({ kind: "day", key: `day ${today}`, at: message.createdAt });
      date = today;
      const mark = unreadFrom !== null && unreadFrom >= 0 && message.seq === unreadFrom + 1 && message.author !== me;
      if (mark) made.push({ kind: "unread", key: "unread" });
      const after = list[place + 1];
      const first = newDay || mark || !together(before, message);
      const last = !after || !together(message, after) || clock(after.createdAt) !== clock(message.createdAt);
      made.push({ kind: "message", key: `${message.seq}`, message, first, last });
      before = message;
    });
    for (const unsent of live.unsent) {
      made.push({ kind: "unsent", key: `unsent ${unsent.nonce}`, unsent, first: before === null || (before as Message).author !== me });
    }
    return made;
  }

  function together(one: Message | null, other: Message): boolean {
    return one !== null && one.kind !== "system" && other.kind !== "system" && one.author === other.author && Date.parse(other.createdAt) - Date.parse(one.createdAt) < TOGETHER;
  }

  function sign(row: Row): string {
    if (row.kind !== "message") return JSON.stringify([row, spoken()]);
    const { message } = row;
    const others = Math.max(0, live.members.size - 1);
    const read = message.author === me && row.last ? Math.max(0, others - live.readBy(message.seq)) : 0;
    return JSON.stringify([message.version, row.first, row.last, open === message.seq, editing === message.seq, read, others, name(message.author), name(message.replyTo?.author), live.info?.role, spoken()]);
  }

  function make(row: Row): HTMLElement {
    switch (row.kind) {
      case "day":
        return h("div", { class: "divider" }, h("span", {}, day(row.at)));
      case "unread":
        return h("div", { class: "divider unread" }, h("span", {}, say("readHere")));
      case "unsent":
        return unsentRow(row.unsent, row.first);
      case "message":
        return row.message.kind === "system" ? systemRow(row.message) : messageRow(row.message, row.first, row.last);
    }
  }

  function systemRow({ system }: Message): HTMLElement {
    const words = systemWords(system, name);
    if (system?.event !== "deal.moved") return h("div", { class: "system" }, words);
    const { deal } = system;
    return h("button", { class: "system", type: "button", "data-deal": deal, on: { click: () => openDeal(deal) } }, icon("deals"), h("span", {}, words));
  }

  /** Only its two sides see a deal; the room of a barter has others in it. */
  function openDeal(deal: string): void {
    void pane.attempt(async () => {
      await pane.madang.api.request("GET /deals/{dealId}", { path: { dealId: deal } });
      pane.go(`deal/${deal}`);
    });
  }

  function messageRow(message: Message, first: boolean, last: boolean): HTMLElement {
    const { seq, author } = message;
    const mine = author === me;
    const others = Math.max(0, live.members.size - 1);
    const unread = Math.max(0, others - live.readBy(seq));
    const opened = open === seq && !message.deletedAt;
    const meta = h(
      "span",
      { class: "meta" },
      mine && last && others > 0 && (unread === 0 ? h("span", { class: "read" }, say("readAll")) : h("span", { class: "unread-by", label: say("notReadBy", { n: unread }), role: "img" }, String(unread))),
      last && h("time", { datetime: message.createdAt }, clock(message.createdAt)),
    );
    const dots = message.deletedAt
      ? null
      : iconButton("dots", say("actions"), () => toggle(seq), { class: "icon-button more", "aria-expanded": String(opened), "data-focus": `dots ${seq}` });
    const bubble = h(
      "div",
      { class: message.deletedAt ? "bubble deleted" : message.media ? "bubble with-media" : "bubble" },
      message.replyTo && quote(message.replyTo.seq, name(message.replyTo.author), message.replyTo.text ?? say("picture")),
      message.deletedAt ? say("removed") : message.media ? media(pane, live, message) : null,
      !message.deletedAt && message.text,
      message.editedAt && !message.deletedAt && h("span", { class: "edited" }, ` (${say("edited")})`),
    );
    const person = live.people.get(author ?? "") ?? { id: author ?? "", nickname: name(author), picture: null };
    return h(
      "div",
      { class: `message ${mine ? "mine" : "theirs"}${first ? " first" : ""}${editing === seq ? " being-edited" : ""}`, "data-seq": seq },
      !mine && (first ? avatar(person) : h("span", { class: "avatar-space" })),
      h(
        "div",
        { class: "said" },
        !mine && first && h("span", { class: "author" }, name(author)),
        h("div", { class: "bubble-line" }, bubble, meta, dots),
        reactions(message),
        opened && actions(message),
      ),
    );
  }

  function quote(seq: number, who: string, text: string): HTMLElement {
    return h("button", { class: "quote", type: "button", on: { click: () => jump(seq) } }, h("strong", {}, who), h("span", {}, text));
  }

  function jump(seq: number): void {
    const there = rows.querySelector<HTMLElement>(`[data-seq="${seq}"]`);
    there?.scrollIntoView({ block: "center", behavior: "smooth" });
    there?.classList.add("pointed");
    setTimeout(() => there?.classList.remove("pointed"), 1500);
  }

  function reactions(message: Message): HTMLElement | null {
    const given = REACTIONS.filter((reaction) => (message.reactions[reaction]?.length ?? 0) > 0);
    if (given.length === 0) return null;
    return h(
      "div",
      { class: "reactions" },
      ...given.map((reaction) => {
        const who = message.reactions[reaction] ?? [];
        const label = `${say(`r_${reaction}`)}: ${who.map(name).join(", ")}`;
        return h(
          "button",
          { class: "reaction", type: "button", title: label, label, "aria-pressed": String(who.includes(me)), "data-focus": `${reaction} ${message.seq}`, on: { click: (event) => react(event, message.seq, reaction, !who.includes(me)) } },
          h("span", { class: "face" }, FACES[reaction]),
          String(who.length),
        );
      }),
    );
  }

  function react(event: MouseEvent, seq: number, reaction: Reaction, on: boolean): void {
    void busy(event.currentTarget as HTMLButtonElement, () => live.react(seq, reaction, on), pane.tell).then(() => {
      if (open === seq) toggle(seq);
    });
  }

  function actions(message: Message): HTMLElement {
    const { seq } = message;
    const mine = message.author === me;
    const may = mine || live.info?.role === "host";
    const remove = h("button", { class: "button small danger", type: "button" }, icon("remove"), say("remove"));
    let sure = false;
    remove.addEventListener("click", () => {
      if (sure) return void busy(remove, () => live.delete(seq), pane.tell);
      sure = true;
      fill(remove, icon("remove"), say("removeSure"));
    });
    return h(
      "div",
      { class: "message-actions", role: "group", label: say("actions"), on: { keydown: (event) => event.key === "Escape" && toggle(seq) } },
      h(
        "div",
        { class: "faces" },
        ...REACTIONS.map((reaction) => {
          const on = message.reactions[reaction]?.includes(me) === true;
          const label = say(`r_${reaction}`);
          return h("button", { class: "face-button", type: "button", title: label, label, "aria-pressed": String(on), on: { click: (event) => react(event, seq, reaction, !on) } }, FACES[reaction]);
        }),
      ),
      h(
        "div",
        { class: "line wrap" },
        h("button", { class: "button small", type: "button", on: { click: () => startReply(seq) } }, icon("reply"), say("reply")),
        mine && message.kind === "text" && h("button", { class: "button small", type: "button", on: { click: () => startEdit(message) } }, icon("edit"), say("edit")),
        may && remove,
      ),
    );
  }

  function toggle(seq: number): void {
    open = open === seq ? null : seq;
    const wasEnd = atEnd;
    draw();
    if (wasEnd && open !== null) toEnd();
    rows.querySelector<HTMLElement>(`[data-focus="dots ${seq}"]`)?.focus({ preventScroll: true });
  }

  function unsentRow(unsent: Unsent, first: boolean): HTMLElement {
    const { nonce, draft, state, problem } = unsent;
    const bad = state === "failed";
    return h(
      "div",
      { class: `message mine${first ? " first" : ""} ${bad ? "failed" : "pending"}` },
      h(
        "div",
        { class: "said" },
        h("div", { class: "bubble-line" }, h("div", { class: "bubble" }, draft.text ?? say("picture")), h("span", { class: "meta" }, bad ? null : h("span", { class: "spinner", role: "img", label: say(state === "waiting" ? "waiting" : "sending") }))),
        bad &&
          h(
            "div",
            { class: "line wrap failure", role: "alert" },
            h("span", {}, `${say("failed")}. ${problem?.title ?? ""}`),
            h("button", { class: "button small", type: "button", on: { click: () => live.retry(nonce) } }, say("tryAgain")),
            h("button", { class: "button small", type: "button", on: { click: () => live.discard(nonce) } }, say("discard")),
          ),
      ),
    );
  }

  /** What the next message answers, or which one is being edited. */
  function drawAbout(): void {
    const seq = editing ?? replying;
    const message = seq === null ? undefined : live.messages.find((one) => one.seq === seq);
    about.hidden = !message;
    const words = editing === null ? say("replyingTo", { name: name(message?.author) }) : say("editing");
    if (!message) return;
    refill(about, JSON.stringify([words, message.text]), () => [
      icon(editing === null ? "reply" : "edit"),
      h("span", { class: "about-words" }, h("strong", {}, words), h("span", {}, message.text ?? say("picture"))),
      iconButton("close", say("cancel"), () => cancel()),
    ]);
  }

  function startReply(seq: number): void {
    if (editing !== null) cancel();
    replying = seq;
    open = null;
    draw();
    field.focus();
  }

  function startEdit(message: Message): void {
    replying = null;
    editing = message.seq;
    open = null;
    field.value = message.text ?? "";
    grow();
    draw();
    field.focus();
  }

  function settleReply(): void {
    replying = null;
    draw();
  }

  function cancel(): void {
    if (editing !== null) field.value = "";
    editing = null;
    replying = null;
    grow();
    draw();
    field.focus();
  }

  function submit(): void {
    const text = field.value.trim();
    if (text === "") return;
    const edited = editing === null ? undefined : live.messages.find(({ seq }) => seq === editing);
    if (edited) {
      const { seq, version } = edited;
      if (text === edited.text) return cancel();
      void busy(button, async () => (await live.edit(seq, version, text), cancel()), pane.tell);
      return;
    }
    live.send(replying === null ? { text } : { text, replyTo: replying });
    field.value = "";
    replying = null;
    unreadFrom = -1;
    grow();
    draw();
    toEnd();
  }

  function grow(): void {
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight, 140)}px`;
    const { length } = [...field.value.trim()];
    count.textContent = length > LONG ? String(length) : "";
    button.classList.toggle("ready", length > 0);
  }

  function scrolled(): void {
    atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;
    if (scroll.scrollTop < 160 && live.older && drawn) fetchOlder();
    look();
  }

  function fetchOlder(): void {
    if (!live.fetchingOlder) void pane.attempt(() => live.fetchOlder());
  }

  function toEnd(focus = false): void {
    scroll.scrollTop = scroll.scrollHeight;
    atEnd = true;
    if (focus) field.focus();
  }

  /** Reports what is seen as read, and offers the way down to what is not. */
  function look(): void {
    const last = live.messages.at(-1);
    down.hidden = atEnd || !last || live.unread === 0;
    if (!shown || !last || document.visibilityState !== "visible") return;
    if (atEnd) return live.shows(last.seq);
    const end = scroll.getBoundingClientRect().bottom;
    const seen = [...rows.querySelectorAll<HTMLElement>("[data-seq]")].reverse().find((row) => row.getBoundingClientRect().bottom <= end);
    if (seen) live.shows(Number(seen.dataset["seq"]));
  }

  form.addEventListener("submit", (event) => (event.preventDefault(), submit()));
  field.addEventListener("input", () => {
    grow();
    if (field.value.trim() !== "" && editing === null) live.types();
  });
  field.addEventListener("keydown", (event) => {
    // While a syllable is being put together, Enter belongs to it.
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape" && (editing !== null || replying !== null)) cancel();
  });
  about.hidden = true;
  const drawSoon = soon(draw);
  const watching = new ResizeObserver(() => {
    if (atEnd) toEnd();
  });
  watching.observe(scroll);
  watching.observe(rows);
  const ends = [
    live.changed.on(drawSoon),
    pane.madang.rooms.removed.on(({ room: gone, reason }) => {
      if (gone !== id) return;
      lost = true;
      fill(element, h("div", { class: "empty", role: "alert" }, h("p", { class: "empty-title" }, say(word(`roomLost_${reason}`) ?? "roomLost_left")), h("button", { class: "button", type: "button", on: { click: () => pane.back() } }, say("back"))));
    }),
  ];
  draw();
  return {
    title,
    tools: [seeking, people],
    element,
    deep: true,
    seen(now) {
      shown = now;
      if (now) drawSoon();
    },
    leave() {
      for (const end of ends) end();
      clearInterval(asking);
      watching.disconnect();
      pane.madang.close(live);
    },
  };
}
