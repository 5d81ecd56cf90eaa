/** A request as it has been filled in, the address it goes to, and the same for a terminal. */
import { queryOf } from "~/api/query";
import type { Operation } from "./document";

export interface Filled {
  /** What was typed, by the name of the parameter. */
  readonly values: Readonly<Record<string, string>>;
  /** Of a form: its fields, files among them. Else the text of the body; empty for none. */
  readonly body: string | ReadonlyMap<string, string | File>;
  readonly type: string;
}

export function addressOf({ path, parameters }: Operation, { values }: Filled): string {
  const place = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => segmentOf(values[name]));
  const query = parameters.filter((one) => one.in === "query");
  const search = queryOf(Object.fromEntries(query.map(({ name, schema }) => [name, typed(values[name], schema.type)])));
  return search === "" ? place : `${place}?${search}`;
}

/** Dots alone would lead to another operation's address, encoded or not: they are sent as what no name is. */
function segmentOf(text = ""): string {
  return /^\.{1,2}$/.test(text) ? text.replaceAll(".", "%252E") : encodeURIComponent(text);
}

/** Several values of a list are typed with commas between them. */
function typed(text = "", type: unknown): string | string[] {
  return type === "array" ? text.split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()])) : text;
}

export function requestOf(operation: Operation, filled: Filled): Request {
  const { body, type, values } = filled;
  const headers = new Headers();
  for (const { name } of operation.parameters.filter((one) => one.in === "header"))
    if (values[name]) headers.set(name, values[name]);
  // A form's type is set by the browser: it has the boundary in it.
  if (typeof body === "string" && body !== "") headers.set("content-type", type);
  const sent = typeof body === "string" ? body || null : formOf(body);
  const url = new URL(addressOf(operation, filled), location.origin);
  return new Request(url, { method: operation.method, headers, body: sent });
}

function formOf(fields: ReadonlyMap<string, string | File>): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

/** Return the request for a shell; the key stays in its variable. */
export function curlOf(origin: string, operation: Operation, filled: Filled): string {
  const { body, type, values } = filled;
  const parts = [
    `curl ${operation.method === "GET" ? "" : `-X ${operation.method} `}${quoted(origin + addressOf(operation, filled))}`,
  ];
  if (!operation.open) parts.push('-H "Authorization: Bearer $TULOU_API_KEY"');
  for (const { name } of operation.parameters.filter((one) => one.in === "header"))
    if (values[name]) parts.push(`-H ${quoted(`${name}: ${values[name]}`)}`);
  if (typeof body !== "string")
    for (const [name, value] of body)
      parts.push(
        value instanceof File
          ? `-F ${quoted(`${name}=@"${value.name.replaceAll(/["\\]/g, String.raw`\$&`)}"`)}`
          : `--form-string ${quoted(`${name}=${value}`)}`,
      );
  else if (body !== "") parts.push(`-H ${quoted(`content-type: ${type}`)}`, `--data-raw ${quoted(body)}`);
  return parts.join(" \\\n  ");
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
