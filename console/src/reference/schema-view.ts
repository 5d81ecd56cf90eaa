/** Fields of messages, each with its type and meaning; those inside of them open when they are wanted. */
import { nameOf, type Schema } from "./document";
import { el, opening, prose } from "./element";
import styles from "./reference.module.css";
import { boundsOf, messagesOf, typeOf, wordsOf } from "./schema";
import type { Told } from "./shown";

/** Return a list of fields for each message that a value may be; nothing for plain values. Of answers, all are there. */
export function fieldsView(told: Told, schema: Schema, answered = false): HTMLElement[] {
  return messagesOf(told.document, schema).map((message) => {
    const required = new Set(answered ? [] : message.required);
    const fields = Object.entries(message.properties ?? {});
    return el(
      "div",
      { class: styles.message },
      ...(message.description ? prose(message.description, styles.soft) : []),
      el(
        "ul",
        { class: styles.fields },
        ...fields.map(([name, field]) =>
          el("li", {}, ...fieldView({ ...told, answered }, name, field, required.has(name))),
        ),
      ),
    );
  });
}

function fieldView(
  told: Told & { readonly answered: boolean },
  name: string,
  field: Schema,
  required: boolean,
): Node[] {
  const inner = messagesOf(told.document, field);
  return [
    el("div", { class: styles.field }, el("code", { class: styles.name }, name), ...typeView(told, field, required)),
    ...meaningView(told, field),
    ...(inner.length > 0
      ? [
          opening({ class: styles.inner }, [told.say("fieldsOf", { name: titleOf(field) })], () =>
            fieldsView(told, field, told.answered),
          ),
        ]
      : []),
  ];
}

const titleOf = (field: Schema): string =>
  nameOf(field) ?? (field.items ? titleOf(field.items) : typeOf(field).replace(/ \| null$/, ""));

export function typeView({ say }: Told, schema: Schema, required: boolean): Node[] {
  return [
    el("span", { class: styles.type }, typeOf(schema)),
    ...(required ? [el("span", { class: styles.required }, say("required"))] : []),
  ];
}

/** What a value means, what it is by default, and what it may be. */
export function meaningView({ say }: Told, schema: Schema, description = schema.description): Node[] {
  const words = wordsOf(schema);
  const bounds = boundsOf(schema);
  const byDefault = schema.default !== undefined && schema.default !== null && schema.default !== "";
  return [
    ...(description ? prose(description, styles.soft) : []),
    ...(words.length > 0 ? [note(say("oneOf", { words: words.map((word) => JSON.stringify(word)).join(", ") }))] : []),
    ...(bounds === "" ? [] : [note(bounds)]),
    ...(byDefault ? [note(say("byDefault", { value: JSON.stringify(schema.default) }))] : []),
  ];
}

const note = (text: string) => el("p", { class: styles.note }, text);
