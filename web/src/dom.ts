// Elements without a framework. Text becomes text nodes, never markup.

export type Child = Node | string | null | undefined | false;

interface Properties {
  class?: string;
  /** What it is to whoever does not see it. */
  label?: string | undefined;
  on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void };
  [attribute: string]: unknown;
}

/** Makes an element. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { class: names, label, on, ...attributes }: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (names) element.className = names;
  if (label) element.setAttribute("aria-label", label);
  for (const [name, listener] of Object.entries(on ?? {})) element.addEventListener(name, listener as EventListener);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined || value === null) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  fill(element, ...children);
  return element;
}

/** Puts these in place of what was there. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
}

const filled = new WeakMap<Element, string>();

/** Fills it anew only when what it says is another: focus stays, and nothing is read out twice. */
export function refill(element: Element, signature: string, make: () => Child[]): void {
  if (filled.get(element) === signature) return;
  filled.set(element, signature);
  const active = document.activeElement;
  const focused = active instanceof HTMLElement && element.contains(active) ? active.dataset["focus"] : undefined;
  fill(element, ...make());
  if (focused) element.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
}

const SHAPES = {
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  feed: "M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6h-6v6H5a1 1 0 0 1-1-1z",
  rooms: "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7l-5 4v-4a2 2 0 0 1-2-2z",
  notifications: "M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4",
  me: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
  members: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5a6.5 6.5 0 0 1 13 0M15.5 4.3a3.5 3.5 0 0 1 0 6.4M18 13.6a6.5 6.5 0 0 1 3.5 5.9",
  send: "M4 12l16-8-6 17-3-7z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  dots: "M5 12h.01M12 12h.01M19 12h.01",
  reply: "M10 6l-6 6 6 6M4 12h10a6 6 0 0 1 6 6v1",
  edit: "M4 20l1-5L16 4l4 4L9 19z",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  heart: "M12 20s-8-4.8-8-10.5A4.5 4.5 0 0 1 12 7a4.5 4.5 0 0 1 8 2.5C20 15.2 12 20 12 20z",
  mute: "M4 4l16 16M6 16V11c0-1 .2-2 .7-2.8M9 6a6 6 0 0 1 9 5v4M4.5 18h12M10 20.5h4",
  leave: "M14 4H6v16h8M10 12h11M17 8l4 4-4 4",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2",
  place: "M12 21s-7-6-7-11a7 7 0 0 1 14 0c0 5-7 11-7 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  swap: "M4 9h14l-4-4M20 15H6l4 4",
  down: "M12 5v14M6 13l6 6 6-6",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5",
  moon: "M20 14A8.5 8.5 0 0 1 10 4a8.5 8.5 0 1 0 10 10z",
  choices: "M4 7h8M17 7h3M4 17h3M12 17h8M14.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9.5 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  chevron: "M6 9l6 6 6-6",
  check: "M5 12.5l5 5L19.5 7",
  deals: "M6 3h12v18l-3-2-3 2-3-2-3 2zM9.5 8h5M9.5 12h5",
  wallet: "M4 7a2 2 0 0 1 2-2h11v3M4 7v10a2 2 0 0 0 2 2h14V8H6a2 2 0 0 1-2-1zM16.5 13.5h.01",
  errands: "M5 8h14l-1.2 12H6.2zM9 8V6a3 3 0 0 1 6 0v2",
  star: "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9L3.5 9.7l5.9-.8z",
  flag: "M6 21V4h11l-2 4 2 4H6",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
} as const;

export type Icon = keyof typeof SHAPES;

/** A picture of what a button does; its words are beside it or in its label. */
export function icon(name: Icon): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

interface Kept {
  signature: string;
  element: HTMLElement;
}

const rows = new WeakMap<Element, Map<string, Kept>>();

/** Makes the children those of the items, and leaves alone what did not change: scroll, focus and pictures stay. */
export function rowsOf<Item>(
  parent: HTMLElement,
  items: readonly Item[],
  key: (item: Item) => string,
  signature: (item: Item) => string,
  make: (item: Item) => HTMLElement,
): void {
  const old = rows.get(parent) ?? new Map<string, Kept>();
  const next = new Map<string, Kept>();
  let place: ChildNode | null = parent.firstChild;
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset["focus"] : undefined;
  for (const item of items) {
    const name = key(item);
    const known = old.get(name);
    const now = signature(item);
    let element = known?.element;
    if (!known || known.signature !== now || !element) {
      const had = known?.element.contains(document.activeElement) === true;
      element = make(item);
      if (known) {
        if (place === known.element) place = known.element.nextSibling;
        known.element.replaceWith(element);
      }
      if (had && focused) element.querySelector<HTMLElement>(`[data-focus="${CSS.escape(focused)}"]`)?.focus();
    }
    if (element === place) place = element.nextSibling;
    else parent.insertBefore(element, place);
    next.set(name, { signature: now, element });
  }
  for (const [name, { element }] of old) if (!next.has(name)) element.remove();
  rows.set(parent, next);
}

/** Runs it once before the next picture, however often it is asked to. */
export function soon(run: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    // A page in the background paints nothing, but is to be right all the same.
    const go = () => {
      asked = false;
      run();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(go);
    else setTimeout(go, 50);
  };
}
