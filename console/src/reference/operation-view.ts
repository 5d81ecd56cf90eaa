/** One operation: a line that opens to all that is known of it. */
import { codeView } from "./code-view";
import type { Answer, Media, Operation, Parameter } from "./document";
import { el, inline, opening, prose } from "./element";
import { examplesOf } from "./examples";
import styles from "./reference.module.css";
import { fieldsView, meaningView, typeView } from "./schema-view";
import type { Shown } from "./shown";
import { tryView } from "./try-view";

export function operationView(shown: Shown, operation: Operation): HTMLDetailsElement {
  const { method, path, summary, permission, id } = operation;
  return opening(
    { class: styles.operation, id },
    [
      el("span", { class: styles.method, "data-method": method }, method),
      el("h3", { class: styles.path }, ...breakable(path)),
      el("span", { class: styles.summary }, summary),
      permission !== "" && el("span", { class: styles.permission }, permission),
    ],
    () => [el("div", { class: styles.inside }, ...insideOf(shown, operation))],
  );
}

/** A long path may break behind each of its parts. */
const breakable = (path: string): Node[] =>
  path.split(/(?=\/)/).flatMap((part) => [document.createTextNode(part), el("wbr")]);

function insideOf(shown: Shown, operation: Operation): Node[] {
  const { say } = shown;
  const { parameters, bodies, answers, description, id } = operation;
  return [
    ...prose(description),
    el("p", { class: styles.who }, ...whoMay(shown, operation), el("a", { href: `#${id}` }, say("link"))),
    ...(parameters.length > 0 ? [part(say("parameters"), parametersView(shown, parameters))] : []),
    ...bodies.map(([type, media]) => part(say("body"), ...bodyView(shown, type, media))),
    part(say("responses"), ...answers.map(([status, answer]) => answerView(shown, status, answer))),
    part(say("try"), tryView(shown, operation)),
  ];
}

function whoMay({ say }: Shown, { open, permission }: Operation): Node[] {
  if (open) return inline(say("open"));
  return permission === "" ? inline(say("known")) : inline(`${say("permission")}: \`${permission}\``);
}

const part = (title: string, ...children: readonly Node[]) =>
  el("section", { class: styles.part }, el("h4", {}, title), ...children);

function parametersView(shown: Shown, parameters: readonly Parameter[]): HTMLElement {
  const { say } = shown;
  const heads = ["name", "place", "type", "meaning"] as const;
  return el(
    "div",
    { class: styles.scroll, tabindex: 0, role: "group", "aria-label": say("parameters") },
    el(
      "table",
      {},
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, say(head))))),
      el(
        "tbody",
        {},
        ...parameters.map(({ name, in: place, required = false, schema, description }) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, el("code", {}, name)),
            el("td", {}, place),
            el("td", {}, ...typeView(shown, schema, required)),
            el("td", {}, ...meaningView(shown, schema, description ?? schema.description)),
          ),
        ),
      ),
    ),
  );
}

function bodyView(shown: Shown, type: string, media: Media): Node[] {
  return [
    el("p", { class: styles.note }, type),
    ...(media.schema ? fieldsView(shown, media.schema) : []),
    ...examplesOf(shown, media).map(([label, text]) => codeView(shown.say, label, () => text)),
  ];
}

function answerView(shown: Shown, status: string, answer: Answer): HTMLElement {
  const { say } = shown;
  const headers = Object.entries(answer.headers ?? {});
  return opening(
    { class: styles.answer },
    [el("code", { "data-status": status.slice(0, 1) }, status), el("span", {}, ...inline(answer.description ?? ""))],
    () => [
      ...Object.entries(answer.content ?? {}).flatMap(([type, media]) => mediaView(shown, type, media)),
      headers.length > 0 &&
        part(
          say("headers"),
          el(
            "ul",
            { class: styles.fields },
            ...headers.map(([name, { description = "" }]) => headerView(name, description)),
          ),
        ),
    ],
  );
}

const headerView = (name: string, description: string) =>
  el(
    "li",
    {},
    el("div", { class: styles.field }, el("code", { class: styles.name }, name)),
    ...prose(description, styles.soft),
  );

function mediaView(shown: Shown, type: string, media: Media): Node[] {
  const event = media["x-itemSchema"];
  return [
    el("p", { class: styles.note }, type),
    ...(media.schema?.description ? prose(media.schema.description, styles.soft) : []),
    ...(media.schema ? fieldsView(shown, media.schema, true) : []),
    ...(event ? [el("p", { class: styles.note }, shown.say("event")), ...fieldsView(shown, event, true)] : []),
    ...examplesOf(shown, media, true).map(([label, text]) => codeView(shown.say, label, () => text)),
  ];
}
