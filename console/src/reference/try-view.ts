/** A form that asks the house for real, the same request for a terminal, and what came back. */
import { codeView } from "./code-view";
import type { Media, Operation, Parameter, Schema } from "./document";
import { el } from "./element";
import { examplesOf } from "./examples";
import styles from "./reference.module.css";
import { type Reply, replyOf } from "./reply";
import { curlOf, type Filled, requestOf } from "./request";
import { typeOf, wordsOf } from "./schema";
import type { Shown } from "./shown";

const FORM = "multipart/form-data";

export function tryView(shown: Shown, operation: Operation): HTMLElement {
  const { say } = shown;
  const [type = "", media] = operation.bodies[0] ?? [];
  const inputs = operation.parameters.map((parameter) => inputOf(shown, operation, parameter));
  const form = media && type === FORM ? formInputs(shown, operation, media) : [];
  const body = media && type !== FORM ? bodyInput(shown, operation, media) : null;
  const filled = (): Filled => ({
    values: Object.fromEntries(inputs.map(({ input }) => [input.name, input.value])),
    body: form.length > 0 ? fieldsIn(form) : (body?.input.value ?? ""),
    type,
  });
  const curl = codeView(say, say("curl"), () => curlOf(location.origin, operation, filled()));
  const answer = el("div", { class: styles.reply, role: "status" });
  const send = el("button", { class: styles.send }, say("send"));
  const asking = askingOf(shown, { send, answer, request: () => requestOf(operation, filled()) });
  return el(
    "form",
    { class: styles.try, input: curl.refresh, submit: asking },
    operation.method !== "GET" && el("p", { class: styles.note }, say("changes")),
    inputs.length + form.length > 0 &&
      el("div", { class: styles.inputs }, ...[...inputs, ...form].map(({ label }) => label)),
    body?.label ?? null,
    curl,
    el("div", {}, send),
    answer,
  );
}

interface Field<T extends HTMLElement> {
  readonly label: HTMLElement;
  readonly input: T;
}

type Input = HTMLInputElement | HTMLSelectElement;

function inputOf(shown: Shown, { id }: Operation, parameter: Parameter): Field<Input> {
  const { name, required = false, schema, example } = parameter;
  return fieldOf(shown, {
    id: `${id}.${parameter.in}.${name}`,
    name,
    required,
    schema,
    ...(example !== undefined && { value: String(example) }),
  });
}

interface Asked {
  readonly id: string;
  readonly name: string;
  readonly required: boolean;
  readonly schema: Schema;
  readonly value?: string;
}

function fieldOf({ say }: Shown, { id, name, required, schema, value }: Asked): Field<Input> {
  const type = typeOf(schema);
  const words = schema.type === "array" ? [] : wordsOf(schema);
  const input =
    words.length > 0
      ? el(
          "select",
          { id, name },
          el("option", { value: "" }, "–"),
          ...words.map((word) => el("option", {}, String(word))),
        )
      : el("input", {
          id,
          name,
          value,
          required,
          type: type === "file" ? "file" : "text",
          spellcheck: "false",
          autocomplete: "off",
          placeholder: type,
        });
  const marks = required ? ` (${say("required")})` : "";
  return {
    input,
    label: el("div", { class: styles.input }, el("label", { for: id }, el("code", {}, name), marks), input),
  };
}

function formInputs(shown: Shown, { id }: Operation, { schema }: Media): Field<Input>[] {
  const required = new Set(schema?.required);
  return Object.entries(schema?.properties ?? {}).map(([name, field]) =>
    fieldOf(shown, { id: `${id}.form.${name}`, name, required: required.has(name), schema: field }),
  );
}

function fieldsIn(form: readonly Field<Input>[]): ReadonlyMap<string, string | File> {
  const found = form.flatMap(({ input }) => {
    const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
    const value = file ?? input.value;
    return value === "" ? [] : [[input.name, value] as const];
  });
  return new Map(found);
}

function bodyInput(shown: Shown, { id }: Operation, media: Media): Field<HTMLTextAreaElement> {
  const [[, text] = ["", "{}"]] = examplesOf(shown, media);
  const rows = Math.min(16, text.split("\n").length + 1);
  const input = el("textarea", { id: `${id}.body`, rows, spellcheck: "false" }, text);
  const label = el("div", { class: styles.input }, el("label", { for: `${id}.body` }, shown.say("body")), input);
  return { input, label };
}

interface Asking {
  readonly send: HTMLButtonElement;
  readonly answer: HTMLElement;
  readonly request: () => Request;
}

/** Send once; while an answer comes, the same button stops it. */
function askingOf({ proof, say }: Shown, { send, answer, request }: Asking): (event: Event) => void {
  let stopping: AbortController | null = null;
  const ask = async (controller: AbortController) => {
    const began = performance.now();
    try {
      const response = await proof.send(new Request(request(), { signal: controller.signal }));
      const tell = replyView(answer, (status, ms) => say("took", { status, ms }));
      const reply = await replyOf(response, { began, signal: controller.signal, tell });
      tell(reply);
      if (reply.cut) answer.append(el("p", { class: styles.note }, say("cut")));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      answer.replaceChildren(el("p", {}, controller.signal.aborted ? say("stopped") : say("failed", { why })));
    }
  };
  return (event) => {
    event.preventDefault();
    if (stopping) return stopping.abort();
    stopping = new AbortController();
    send.textContent = say("stop");
    void ask(stopping).finally(() => {
      stopping = null;
      send.textContent = say("send");
    });
  };
}

function replyView(place: HTMLElement, took: (status: number, ms: number) => string): (reply: Reply) => void {
  const head = el("p", {});
  const text = el("code", {});
  const headers = el("p", { class: styles.note });
  const block = el("pre", { tabindex: 0, role: "group", "aria-labelledby": "" }, text);
  place.replaceChildren(head, headers, block);
  return (reply) => {
    head.replaceChildren(el("b", { "data-status": String(reply.status).slice(0, 1) }, took(reply.status, reply.took)));
    block.setAttribute("aria-label", took(reply.status, reply.took));
    block.removeAttribute("aria-labelledby");
    block.hidden = reply.text === "";
    headers.textContent = reply.headers.map(([name, value]) => `${name}: ${value}`).join(" · ");
    text.textContent = reply.text;
  };
}
