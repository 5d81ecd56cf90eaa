/** Coming in and going out: a password with its second factor, a provider elsewhere, a cookie that still holds. */
import type { Session } from "~/lib/session";
import { type Api, dataOf } from "./client";
import { queryOf } from "./query";
import type { paths } from "./schema";
import type { QueryOf, Schemas } from "./types";

export type SignIn = Schemas["Password"];
export type IdentityProviders = Schemas["IdentityProviders"];

const PATIENCE_MS = 3000;
const FEDERATED = "/api/v1/sign-in/{provider}" satisfies keyof paths;

/** Either a session, whose secret is in the cookie alone, or that a second factor is needed first. */
export const signIn = (api: Api, body: SignIn) => dataOf(api.POST("/api/v1/sign-in", { body }));

export const providersOf = (api: Api, signal: AbortSignal) => dataOf(api.GET("/api/v1/sign-in/providers", { signal }));

/** Where the browser goes to sign in at a provider; it comes back to *returnTo*. */
export function federatedPath(provider: string, returnTo: string): string {
  const query: QueryOf<typeof FEDERATED> = { return_to: returnTo };
  return `${FEDERATED.replace("{provider}", encodeURIComponent(provider))}?${queryOf(query)}`;
}

/** Enter with the cookie of an earlier visit, or of a provider that has just sent the browser back. */
export async function recall(api: Api, session: Session): Promise<void> {
  if (session.way !== null) return;
  try {
    await api.GET("/api/v1/me", { signal: AbortSignal.timeout(PATIENCE_MS) });
    session.enter();
  } catch {
    // Nobody known: the door asks.
  }
}

/** End the session here and, where the house keeps one, there. */
export async function leave(api: Api, session: Session): Promise<void> {
  if (session.way === "cookie") await api.POST("/api/v1/sign-out");
  session.end("chosen");
}
