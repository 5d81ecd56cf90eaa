/** Plain JSON over REST, for routes whose messages are written down in this folder. */
import type { Api } from "./client";

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

interface Asked {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";

/** Ask and return what came as JSON; failures are thrown by `send`. */
export async function ask<T>(api: Api, method: Method, path: string, asked: Asked = {}): Promise<T> {
  const response = await api.send(pathWith(path, asked.query), initOf(method, asked));
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

function initOf(method: Method, { body, signal }: Asked): RequestInit {
  return {
    method,
    ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    ...(signal && { signal }),
  };
}

/** Put a query behind a path; what is empty is left out, since empty means any to the house, but not out of a list. */
export function pathWith(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (Array.isArray(value)) for (const one of value) search.append(name, String(one));
    else if (value !== null && value !== undefined && value !== "") search.append(name, String(value));
  }
  const said = search.toString();
  return said === "" ? path : `${path}?${said}`;
}

/** Make a path of parts that people named: each is one segment, whatever is in it. */
export function segments(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join("/");
}
