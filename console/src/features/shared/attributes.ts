/** Attributes as people type them, one a line. */
import type { Attributes } from "~/api/tenancy";

/** Read lines of `name = value`; `true`, `false` and whole numbers are what they look like. */
export function attributesOf(text: string): Attributes | number {
  const found: Record<string, string | number | boolean> = {};
  for (const [place, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s*([A-Za-z_]\w*)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return place + 1;
    found[name] = readAs(value);
  }
  return found;
}

function readAs(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}
