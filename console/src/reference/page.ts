/** The whole page: what is looked for, the groups, and each operation. */
import { LANGUAGES, type Language, storeLanguage } from "~/lib/i18n/language";
import { chooseTheme, storedTheme, THEMES } from "~/lib/theme";
import { type Group, groupsOf, matches, type OpenApi, PARTS, type Part } from "./document";
import { el, prose } from "./element";
import { operationView } from "./operation-view";
import type { Proof } from "./proof";
import styles from "./reference.module.css";
import type { Shown } from "./shown";
import { speaker } from "./words";

export interface Setting {
  readonly document: OpenApi;
  readonly proof: Proof;
  /** Who is signed in; null for nobody. */
  readonly who: string | null;
}

interface Wanted {
  words: string;
  part: Part | "all";
}

/** Draw the page into *root*, and again from the start when another language is chosen. */
export function draw(
  root: HTMLElement,
  setting: Setting,
  language: Language,
  wanted: Wanted = { words: "", part: "all" },
): void {
  const say = speaker(language);
  const shown: Shown = { document: setting.document, proof: setting.proof, say };
  const groups = groupsOf(setting.document).map((group) => groupView(shown, group));
  const all = groups.reduce((sum, { operations }) => sum + operations.length, 0);
  const found = el("p", { class: styles.found, role: "status" });
  const refresh = () => {
    const count = groups.reduce((sum, group) => sum + group.refresh(wanted), 0);
    found.textContent = count === 0 ? say("nothing") : say("found", { n: count, all });
  };
  const again = (other: Language) => {
    storeLanguage(other);
    draw(root, setting, other, wanted);
  };
  document.title = `${say("title")} · Tulou`;
  root.replaceChildren(
    headView(shown, language, again),
    el(
      "div",
      { class: styles.body },
      el(
        "div",
        { class: styles.side },
        searchView(shown, wanted, refresh),
        el("nav", { "aria-label": say("groups") }, ...PARTS.flatMap((part) => entriesView(say(part), groups, part))),
      ),
      el(
        "main",
        { id: "reference" },
        el("h1", {}, say("title"), " ", el("small", {}, setting.document.info.version)),
        el("p", { class: styles.lead }, say("lead"), " ", el("a", { href: "/openapi.json" }, "/openapi.json")),
        ...prose(setting.document.info.description ?? "", styles.lead),
        keyView(shown, setting.who),
        found,
        ...groups.map(({ section }) => section),
      ),
    ),
  );
  refresh();
  openNamed();
}

function headView({ say }: Shown, language: Language, again: (language: Language) => void): HTMLElement {
  const themes = THEMES.map((theme) => el("option", { value: theme, selected: theme === storedTheme() }, say(theme)));
  const languages = Object.entries(LANGUAGES).map(([code, name]) =>
    el("option", { value: code, selected: code === language, lang: code }, name),
  );
  const choose = (event: Event) => again((event.target as HTMLSelectElement).value as Language);
  const theme = (event: Event) => chooseTheme((event.target as HTMLSelectElement).value);
  return el(
    "header",
    { class: styles.head },
    el(
      "a",
      { href: "/", title: say("console") },
      el("img", { src: "/mark.svg", width: 30, height: 30, alt: "" }),
      " Tulou ",
      el("span", { lang: "zh-CN" }, "土楼"),
    ),
    el(
      "div",
      {},
      el("select", { "aria-label": say("theme"), change: theme }, ...themes),
      el("select", { "aria-label": say("language"), change: choose }, ...languages),
    ),
  );
}

function searchView({ say }: Shown, wanted: Wanted, refresh: () => void): HTMLElement {
  const typed = (event: Event) => {
    wanted.words = (event.target as HTMLInputElement).value;
    refresh();
  };
  const chosen = (event: Event) => {
    wanted.part = (event.target as HTMLSelectElement).value as Wanted["part"];
    refresh();
  };
  const parts = (["all", ...PARTS] as const).map((part) =>
    el("option", { value: part, selected: part === wanted.part }, say(part)),
  );
  return el(
    "div",
    { class: styles.search, role: "search" },
    el("input", {
      type: "search",
      "aria-label": say("searchLabel"),
      placeholder: say("searchHint"),
      value: wanted.words,
      spellcheck: "false",
      input: typed,
    }),
    el("select", { "aria-label": say("part"), change: chosen }, ...parts),
  );
}

function keyView({ say, proof }: Shown, who: string | null): HTMLElement {
  const typed = (event: Event) => {
    proof.typed = (event.target as HTMLInputElement).value.trim();
  };
  const input = el("input", {
    id: "key",
    type: "password",
    autocomplete: "off",
    value: proof.typed,
    "aria-describedby": "key-hint",
    input: typed,
  });
  return el(
    "div",
    { class: styles.key },
    el("p", {}, who === null ? say("nobody") : say("signedIn", { who })),
    el(
      "div",
      { class: styles.input },
      el("label", { for: "key" }, say("key")),
      input,
      el("p", { id: "key-hint", class: styles.note }, say("keyHint")),
    ),
  );
}

/** The groups of one part of the API, beneath its name. */
function entriesView(title: string, groups: readonly GroupView[], part: Part): HTMLElement[] {
  const entries = groups.filter((group) => group.part === part).map(({ entry }) => entry);
  return entries.length === 0 ? [] : [el("p", {}, title), el("ul", { "aria-label": title }, ...entries)];
}

interface GroupView {
  readonly part: Part;
  readonly operations: Group["operations"];
  readonly section: HTMLElement;
  readonly entry: HTMLElement;
  /** Show what is wanted, and return how many operations that is. */
  readonly refresh: (wanted: Wanted) => number;
}

function groupView(shown: Shown, { name, part, description, operations }: Group): GroupView {
  const id = `${part}-${name}`;
  const views = operations.map((operation) => [operation, operationView(shown, operation)] as const);
  const section = el(
    "section",
    { "aria-labelledby": id, class: styles.group },
    el("h2", { id }, name, " ", el("small", {}, shown.say(part))),
    ...prose(description, styles.lead),
    ...views.map(([, view]) => view),
  );
  const count = el("span", {});
  const entry = el("li", {}, el("a", { href: `#${id}` }, name, " ", count));
  const refresh = (wanted: Wanted) => {
    let n = 0;
    for (const [operation, view] of views) {
      view.hidden = !(matches(operation, wanted.words.trim()) && (wanted.part === "all" || wanted.part === part));
      if (!view.hidden) n += 1;
    }
    section.hidden = entry.hidden = n === 0;
    count.textContent = String(n);
    return n;
  };
  return { part, operations, section, entry, refresh };
}

/** Open the operation that the address names: `#list_keys`, or `#/identity/list_keys` as older links have it. */
export function openNamed(): void {
  const name = decoded(location.hash.slice(1)).split("/").at(-1) ?? "";
  const named = document.getElementById(name);
  if (named instanceof HTMLDetailsElement) named.open = true;
  if (name !== "") named?.scrollIntoView();
}

/** Somebody may have typed a percent sign. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
