/** The house's API, typed by its OpenAPI document, with the session's proof on every request. */
import createClient, { type Client } from "openapi-fetch";
import { errorOf } from "~/lib/error";
import type { Session } from "~/lib/session";
import { Pass, passed } from "./pass";
import { queryOf } from "./query";
import type { paths } from "./schema";

/** A path, a parameter or a field that the document does not know does not compile; a failure throws `ApiError`. */
export type Api = Client<paths>;

export function createApi(session: Session): Api {
  const pass: Pass = new Pass(() => dataOf(api.POST("/api/v1/me/key")));
  session.subscribe(() => pass.forget());
  const send = async (request: Request): Promise<Response> => {
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
  const api = createClient<paths>({ baseUrl: location.origin, fetch: send, querySerializer: queryOf });
  return api;
}

/** Return the data of a typed call; failures were thrown by `send` already. */
export async function dataOf<T>(call: Promise<{ data?: T }>): Promise<T> {
  const { data } = await call;
  return data as T;
}

/** Return the items of a list that comes whole. */
export async function itemsOf<T>(call: Promise<{ data?: { items: T[] } }>): Promise<T[]> {
  return (await dataOf(call)).items;
}
