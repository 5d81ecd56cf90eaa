/** What a value may be, in words, and one that would do. */
import { nameOf, type OpenApi, resolved, type Schema } from "./document";

/** So many messages inside one another are made up; what goes on is left empty. */
const DEEPEST = 5;

/** Return the type as programmers write it: `string`, `integer | null`, `Tier[]`. */
export function typeOf(schema: Schema): string {
  const name = nameOf(schema);
  if (name !== null) return name;
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (several) return [...new Set(several.map(typeOf))].join(schema.allOf ? " & " : " | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.prefixItems) return `[${schema.prefixItems.map(typeOf).join(", ")}]`;
  if (schema.type === "array") return listOf(typeOf(schema.items ?? {}));
  if (typeof schema.additionalProperties === "object" && !schema.properties)
    return `{ [name]: ${typeOf(schema.additionalProperties)} }`;
  const type = typeof schema.type === "object" ? schema.type.join(" | ") : (schema.type ?? "any");
  return schema.format === "binary" ? "file" : type;
}

const listOf = (item: string) => (item.includes(" ") ? `(${item})[]` : `${item}[]`);

/** The words that a value may be, wherever in its type they stand. */
export function wordsOf(schema: Schema): unknown[] {
  const inner = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.items ? [schema.items] : [])];
  return [...(schema.enum ?? []), ...inner.flatMap(wordsOf)];
}

/** The bounds of a value as `1 … 500`; empty where there are none. */
export function boundsOf(schema: Schema): string {
  const least = schema.minimum ?? schema.minLength;
  const most = schema.maximum ?? schema.maxLength;
  if (least === undefined && most === undefined) return "";
  return `${least ?? "…"} … ${most ?? ""}`.trim();
}

/** The messages that a value is made of: itself, those it may be, or those in its list. */
export function messagesOf(document: OpenApi, schema: Schema): Schema[] {
  const found = resolved(document, schema);
  if (found.properties) return [found];
  const inner = [...(found.anyOf ?? []), ...(found.oneOf ?? []), ...(found.allOf ?? [])];
  if (found.items) inner.push(found.items);
  if (typeof found.additionalProperties === "object") inner.push(found.additionalProperties);
  return inner.flatMap((one) => messagesOf(document, one));
}

/** Return a value that has the shape: defaults where there are some, and only what must be there. */
export function sampleOf(document: OpenApi, schema: Schema, all = false, depth = 0): unknown {
  const found = resolved(document, schema);
  if (found.example !== undefined) return found.example;
  if (found.const !== undefined) return found.const;
  if (found.enum) return found.enum[0];
  if (found.default !== undefined && found.default !== null && !all) return found.default;
  const several = found.anyOf ?? found.oneOf ?? found.allOf;
  if (several) return sampleOf(document, several.find(({ type }) => type !== "null") ?? {}, all, depth);
  if (found.type === "array")
    return depth < DEEPEST && found.items ? [sampleOf(document, found.items, all, depth + 1)] : [];
  if (found.properties) return fieldsOf(document, found, all, depth);
  return PLAIN[typeof found.type === "string" ? found.type : ""] ?? null;
}

const PLAIN: Readonly<Record<string, unknown>> = { string: "text", integer: 1, number: 1, boolean: false, object: {} };

function fieldsOf(document: OpenApi, schema: Schema, all: boolean, depth: number): unknown {
  if (depth >= DEEPEST) return {};
  const shown = Object.entries(schema.properties ?? {}).filter(([name]) => all || schema.required?.includes(name));
  return Object.fromEntries(shown.map(([name, field]) => [name, sampleOf(document, field, all, depth + 1)]));
}
