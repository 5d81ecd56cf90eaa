/** The house's admin API, typed by its OpenAPI document, with the session's key on every request. */
import createClient, { type Client } from "openapi-fetch";
import type { Session } from "~/lib/session";
import { errorOf } from "./error";
import type { paths } from "./schema";

export interface Api {
  readonly admin: Client<paths>;
  /** Fetch a path that the OpenAPI document leaves untyped (inference), with the same key and the same errors. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
}

export function createApi(session: Session): Api {
  const send = async (input: string | Request, init?: RequestInit) => {
    const request = new Request(typeof input === "string" ? new URL(input, location.origin) : input, init);
    const key = session.key;
    if (key !== null) request.headers.set("Authorization", `Bearer ${key}`);
    const response = await fetch(request);
    if (response.ok) return response;
    // Only the key that was refused ends its session: a late answer must not end the next one.
    if (response.status === 401 && key !== null && session.key === key) session.end("refused");
    throw await errorOf(response);
  };
  return { admin: createClient<paths>({ baseUrl: location.origin, fetch: (request) => send(request) }), send };
}

/** Return the data of a typed call; failures were thrown by `send` already. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
