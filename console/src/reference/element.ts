/** Elements of the page, made in one expression. */

type Child = Node | string | null | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** Make an element: functions listen, `true` sets an attribute, `false` and undefined leave it out. */
export function el<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[T] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== false));
  return made;
}

/** Paragraphs in which `backticks` mark code; anything else is plain text, whatever it looks like. */
export function prose(text: string, className?: string): HTMLElement[] {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map((paragraph) => el("p", { class: className }, ...inline(paragraph)));
}

export function inline(text: string): Node[] {
  return text
    .split(/`([^`]+)`/)
    .map((part, place) => (place % 2 ? el("code", {}, part) : document.createTextNode(part)));
}

/** Something that opens; what is inside is made when it is first looked at. */
export function opening(
  attributes: Attributes,
  summary: readonly Child[],
  inside: () => readonly Child[],
): HTMLDetailsElement {
  const made = el("details", attributes, el("summary", {}, ...summary));
  made.addEventListener("toggle", () => made.open && made.childElementCount === 1 && made.append(...content(inside())));
  return made;
}

const content = (children: readonly Child[]) => children.filter((child) => child !== null && child !== false);
