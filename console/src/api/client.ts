/** The house's API, typed by its OpenAPI document, with the session's proof on every request. */
import createClient, { type Client } from "openapi-fetch";
import type { Session } from "~/lib/session";
import { errorOf } from "./error";
import { Pass, passed } from "./pass";
import type { paths } from "./schema";
import type { CreatedKey } from "./types";

export interface Api {
  readonly admin: Client<paths>;
  /** Fetch a path that has no types in the OpenAPI document, with the same proof and the same errors. */
  readonly send: (path: string, init?: RequestInit) => Promise<Response>;
}

export function createApi(session: Session): Api {
  const pass: Pass = new Pass(
    async () => (await send("/api/v1/me/key", { method: "POST" })).json() as Promise<CreatedKey>,
  );
  session.subscribe(() => pass.forget());
  const send = async (input: string | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(typeof input === "string" ? new URL(input, location.origin) : input, init);
    const { key, way } = session;
    if (key !== null) request.headers.set("Authorization", `Bearer ${key}`);
    // Models are asked with keys; a person's cookie opens the administration alone.
    const inference = way === "cookie" && new URL(request.url).pathname.startsWith("/v1/");
    const response = inference ? await passed(pass, request) : await fetch(request);
    if (response.ok) return response;
    // Only the proof that was refused ends its session: a late answer must not end the next one.
    const mine = way !== null && session.way === way && session.key === key;
    if (response.status === 401 && mine && !inference) session.end("refused");
    throw await errorOf(response);
  };
  return { admin: createClient<paths>({ baseUrl: location.origin, fetch: (request) => send(request) }), send };
}

/** Return the data of a typed call; failures were thrown by `send` already. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}
