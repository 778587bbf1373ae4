// Shows asyncapi.json: what may be sent over the live connection, what is answered, what comes by itself.
"use strict";

/** An element; what is given as text is only ever text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null) element.setAttribute(name, value);
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}

/** A text whose `words` are code. */
function prose(text = "") {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

let api;

/** Follows references. */
function resolved(thing) {
  while (thing && thing.$ref) {
    const path = thing.$ref.slice(2).split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
    thing = path.reduce((at, part) => at?.[part], api);
  }
  return thing ?? {};
}

const nameOf = (schema) => schema?.$ref?.split("/").pop();
const isNull = (schema) => schema?.type === "null";

/** What a schema is apart from being null, and whether it may be. */
function bare(schema) {
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices?.some(isNull)) {
    const others = choices.filter((choice) => !isNull(choice));
    return { schema: others.length === 1 ? others[0] : { ...schema, anyOf: others, oneOf: undefined }, nullable: true };
  }
  if (schema.allOf?.length === 1 && !schema.properties) return bare(schema.allOf[0]);
  if (Array.isArray(schema.type)) {
    const others = schema.type.filter((type) => type !== "null");
    return { schema: { ...schema, type: others.length === 1 ? others[0] : others }, nullable: others.length < schema.type.length };
  }
  return { schema, nullable: false };
}

/** A type in a few words. */
function words(given) {
  const { schema, nullable } = bare(given);
  const real = resolved(schema);
  return describe(schema, real) + (nullable ? " or null" : "");
}

function describe(schema, real) {
  if ("const" in real) return JSON.stringify(real.const);
  if (real.enum) return real.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = real.oneOf ?? real.anyOf;
  if (choices) {
    const all = choices.map(words);
    const [first, ...others] = new Set(all);
    if (first === "object" && !others.length) return `one of ${all.length} shapes`;
    return all.length > 12 ? nameOf(schema) ?? "one of several" : all.join(" | ");
  }
  if (real.type === "array") return `${words(real.items ?? {})}[]`;
  const limits = [];
  if (real.minLength) limits.push(`≥ ${real.minLength}`);
  if (real.maxLength) limits.push(`≤ ${real.maxLength} characters`);
  if (real.minimum != null) limits.push(`≥ ${real.minimum}`);
  if (real.maximum != null) limits.push(`≤ ${real.maximum}`);
  // A pattern that has a name is told by it.
  const name = real.pattern ? nameOf(schema) : null;
  if (real.pattern && !name) limits.push(real.pattern);
  const format = real.format && !/^u?int|^double|^float/.test(real.format) ? ` ${real.format}` : "";
  const kind = real.type === "object" ? nameOf(schema) ?? "object" : name ?? [real.type ?? "anything"].flat().join(" | ");
  return kind + format + (limits.length ? ` (${limits.join(", ")})` : "");
}

/** The members below a type: an object's own, a list's, those of one of several shapes. */
function below(given, must, seen) {
  const { schema } = bare(given);
  const real = resolved(schema);
  if (real.type === "array") return below(real.items ?? {}, must, seen);
  const choices = (real.oneOf ?? real.anyOf ?? []).filter((choice) => bare(choice).schema && resolved(bare(choice).schema).properties);
  if (!real.properties && !choices.length && !real.allOf) return [];
  const name = nameOf(schema);
  if (name && seen.includes(name)) return [];
  const inside = name ? [...seen, name] : seen;
  const parts = [];
  const whole = { properties: {}, required: [...(real.required ?? [])] };
  for (const part of [...(real.allOf ?? []).map(resolved), real]) {
    for (const [member, type] of Object.entries(part.properties ?? {})) whole.properties[member] = { ...whole.properties[member], ...type };
    if (part !== real) whole.required.push(...(part.required ?? []));
  }
  if (Object.keys(whole.properties).length) parts.push(fields(whole, must, inside));
  choices.forEach((choice) => parts.push(fields(resolved(bare(choice).schema), must, inside)));
  return parts;
}

/** The members of an object; `must` is said of those that are there each time. */
function fields(schema, must, seen = []) {
  const required = new Set(schema.required ?? []);
  const list = make("dl", { class: "fields" });
  for (const [name, type] of Object.entries(schema.properties ?? {})) {
    const real = resolved(bare(type).schema);
    const inner = below(type, must, seen);
    const description = type.description ?? real.description;
    list.append(make("div", {},
      make("dt", {}, make("span", { class: "mono" }, name), make("span", { class: "type", title: real.pattern }, words(type)),
        required.has(name) ? make("span", { class: "must" }, must) : null),
      description || inner.length
        ? make("dd", {}, prose(description),
          inner.length ? make("details", {}, make("summary", {}, `Members of ${name}`), inner) : null)
        : null));
  }
  return list.childElementCount ? list : make("p", { class: "none" }, "No fields.");
}

/** JSON in colours. */
function example(value) {
  return code(JSON.stringify(value, null, 2), JSON.stringify(value));
}

function code(text, copied = text) {
  const pre = make("pre", { tabindex: "0" });
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;
  let end = 0;
  for (const found of text.matchAll(token)) {
    pre.append(text.slice(end, found.index));
    const [whole, quoted, colon] = found;
    pre.append(make("span", { class: colon ? "key" : quoted ? "text" : "other" }, quoted ?? whole), colon ?? "");
    end = found.index + whole.length;
  }
  pre.append(text.slice(end));
  const copy = make("button", { type: "button" }, "Copy");
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(copied);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(pre);
      copy.textContent = "Selected";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 1500);
  });
  return make("div", { class: "example" }, pre, copy);
}

function halves(message, must) {
  return make("div", { class: "halves" }, fields(message.payload, must), (message.examples ?? []).map(({ payload }) => example(payload)));
}

function problems(message) {
  const rows = (message["x-problems"] ?? []).map(({ code, status, title }) =>
    make("tr", {}, make("td", {}, make("code", {}, code)), make("td", {}, String(status)),
      make("td", {}, title.en, make("br"), make("span", { class: "dim", lang: "ko" }, title.ko))));
  return make("details", { class: "more" }, make("summary", {}, `Problems (${rows.length})`),
    make("table", {}, make("thead", {}, make("tr", {}, ["code", "status", "title"].map((head) => make("th", {}, head)))),
      make("tbody", {}, rows)),
    (message.examples ?? []).map(({ payload }) => [make("h4", {}, "Example"), example(payload)]));
}

function card(id, operation) {
  const comes = operation.action === "receive";
  const messages = operation.messages.map(resolved);
  const replies = (operation.reply?.messages ?? []).map(resolved);
  const answers = replies.filter((reply) => reply.name !== "error");
  const errors = replies.filter((reply) => reply.name === "error");
  const parts = [
    make("h3", {}, make("a", { href: `#${id}` }, operation.title ?? id),
      make("span", { class: `tag ${comes ? "in" : "out"}` }, comes ? "you send" : "you are sent")),
    make("p", {}, prose(operation.summary)),
    operation.description ? make("p", { class: "dim" }, prose(operation.description)) : null,
    messages.map((message) => [make("h4", {}, "Fields"), halves(message, comes ? "required" : "always")]),
  ];
  if (comes) {
    if (answers.length) {
      parts.push(answers.map((answer) => [
        make("h4", {}, make("span", { class: "tag out" }, "answer"), make("code", {}, answer.name)), halves(answer, "always")]));
    } else {
      parts.push(make("h4", {}, make("span", { class: "tag out" }, "answer"), "none when all goes well"));
    }
    parts.push(errors.map(problems));
  }
  const features = operation["x-features"]?.length ? `features ${operation["x-features"].join(", ")}` : null;
  const by = operation["x-pushed-by"]?.length ? `sent by ${operation["x-pushed-by"].join(", ")}` : null;
  const foot = [comes ? `handled by ${id}` : by, features].filter(Boolean).join(" · ");
  parts.push(make("p", { class: "by" }, foot));
  return make("article", { class: "card", id }, parts);
}

function listed(head, all) {
  return make("table", {}, make("thead", {}, make("tr", {}, make("th", {}, head), make("th", {}, "what it means"))),
    make("tbody", {}, (all ?? []).map(({ code, meaning }) =>
      make("tr", {}, make("td", {}, make("code", {}, String(code))), make("td", {}, prose(meaning))))));
}

function opening(channel) {
  const limits = channel["x-limits"] ?? {};
  const facts = [
    [`${limits.frameBytes / 1024} KB`, "a frame you send"], [`${limits.messageBytes / 1024} KB`, "a message, either way"],
    [`${limits.idleSeconds / 60} min`, "of silence end it"], [`${limits.lifeSeconds / 3600} h`, "and it ends anyway"],
  ];
  const here = location.protocol === "https:" ? "wss" : "ws";
  const servers = Object.entries(api.servers).map(([name, server]) =>
    make("tr", {}, make("td", {}, name), make("td", {}, make("code", {}, `${server.protocol}://${server.host}${channel.address}`),
      make("br"), make("span", { class: "dim" }, prose(server.description)))));
  const schemes = Object.values(api.components.securitySchemes).map((scheme) =>
    make("tr", {}, make("td", {}, make("code", {}, scheme.in === "query" ? `?${scheme.name}=` : scheme.name)), make("td", {}, prose(scheme.description))));
  const query = Object.entries(channel.bindings?.ws?.query?.properties ?? {}).map(([name, type]) =>
    make("tr", {}, make("td", {}, make("code", {}, `?${name}=`)), make("td", {}, make("span", { class: "mono dim" }, words(type)), " ", prose(type.description))));
  return make("section", { id: "opening" },
    make("h2", {}, channel.summary || "Opening"), make("p", {}, prose(channel.description)),
    make("div", { class: "facts" }, facts.map(([number, what]) => make("div", {}, make("b", {}, number), make("span", {}, what)))),
    make("article", { class: "card" },
      make("h4", {}, "Here, in a browser"),
      code(`const live = new WebSocket("${here}://${location.host}${channel.address}", ["madang.v1", accessToken]);`),
      make("h4", {}, "Where"), make("table", {}, make("tbody", {}, servers)),
      make("h4", {}, "Who you are"), make("table", {}, make("tbody", {}, schemes)),
      make("h4", {}, "Query"), make("table", {}, make("tbody", {}, query)),
      make("details", { class: "more" }, make("summary", {}, "How it ends: close codes"), listed("code", channel["x-close-codes"])),
      make("details", { class: "more" }, make("summary", {}, "When it is refused"), listed("status", channel["x-refusals"]))));
}

function gather(title, id, about, all) {
  const section = make("section", { id, "data-cards": "" }, make("h2", {}, title, " ", make("span", { class: "count" }, String(all.length))),
    make("p", {}, prose(about)), all.map(([name, operation]) => card(name, operation)));
  const items = all.map(([name, operation]) => make("li", { "data-for": name }, make("a", { href: `#${name}` }, operation.title ?? name)));
  const list = make("div", { "data-list": id }, make("h2", {}, title), make("ul", {}, items));
  return { section, list };
}

function show() {
  const [channel] = Object.values(api.channels);
  const operations = Object.entries(api.operations);
  // What no action takes comes last.
  const rank = ([, operation]) => (operation.title?.includes(" ") ? 1 : 0);
  const sorted = (action) => operations.filter(([, operation]) => operation.action === action).sort((a, b) => rank(a) - rank(b));
  const comes = gather("Frames in", "in", "What you send. Every answer carries the `ref` of the frame it answers.", sorted("receive"));
  const goes = gather("Frames out", "out", "What comes by itself. Ignore types and fields that you do not know: more will come.", sorted("send"));
  const start = make("div", {}, make("h2", {}, "Start"), make("ul", {},
    make("li", {}, make("a", { href: "#top" }, "What it is")), make("li", {}, make("a", { href: "#opening" }, "Opening"))));
  document.getElementById("index").append(start, comes.list, goes.list);
  document.getElementById("top").replaceChildren(
    make("div", { id: "about" }, make("h1", {}, api.info.title), make("p", {}, prose(api.info.description)),
    make("p", { class: "dim" }, `Version ${api.info.version} · `, make("a", { href: "/docs/asyncapi.json" }, "asyncapi.json"),
      ` (AsyncAPI ${api.asyncapi}) · `, make("a", { href: "/docs" }, "requests: OpenAPI"))),
    opening(channel), make("p", { id: "status", role: "status" }), comes.section, goes.section);
}

function searching() {
  const field = document.getElementById("search");
  const texts = new Map([...document.querySelectorAll("[data-cards] .card")].map((card) => [card, card.textContent.toLowerCase()]));
  const look = () => {
    const asked = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const [card, text] of texts) {
      const fits = asked.every((word) => text.includes(word));
      card.hidden = !fits;
      found += fits;
      document.querySelector(`[data-for="${CSS.escape(card.id)}"]`).hidden = !fits;
    }
    for (const id of ["about", "opening"]) document.getElementById(id).hidden = asked.length > 0;
    for (const section of document.querySelectorAll("[data-cards]")) {
      const shown = [...section.querySelectorAll(".card")].filter((card) => !card.hidden).length;
      section.hidden = !shown;
      document.querySelector(`[data-list="${section.id}"]`).hidden = !shown;
      section.querySelector(".count").textContent = String(shown);
    }
    document.getElementById("status").textContent = asked.length ? (found ? `${found} of ${texts.size} frames` : "No frame says that.") : "";
  };
  field.addEventListener("input", look);
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement !== field && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      field.focus();
    } else if (event.key === "Escape" && document.activeElement === field) {
      field.value = "";
      look();
    }
  });
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) field.value = asked;
  look();
}

function theming() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const button = document.getElementById("theme");
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* nothing is kept */ }
  const now = () => chosen ?? (dark.matches ? "dark" : "light");
  const apply = () => {
    document.documentElement.dataset.theme = now();
    button.textContent = now() === "dark" ? "Light" : "Dark";
  };
  button.addEventListener("click", () => {
    chosen = now() === "dark" ? "light" : "dark";
    try { localStorage.setItem("theme", chosen); } catch { /* nothing is kept */ }
    apply();
  });
  dark.addEventListener("change", apply);
  apply();
}

theming();
(async () => {
  try {
    const reply = await fetch("/docs/asyncapi.json");
    if (!reply.ok) throw new Error(`${reply.status}`);
    api = await reply.json();
    show();
    searching();
    // What was asked for was not there before.
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView({ behavior: "instant" });
  } catch (error) {
    document.getElementById("status").textContent = `asyncapi.json cannot be shown: ${error.message}`;
  }
})();
