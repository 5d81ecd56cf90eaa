/** Coming in and going out: a password with its second factor, a provider elsewhere, a cookie that still holds. */
import type { Session } from "~/lib/session";
import type { Api } from "./client";
import { ask, pathWith, segments } from "./rest";

export interface SignIn {
  readonly email: string;
  readonly password: string;
  readonly code?: string;
  readonly tenant?: string;
}

/** Either a session, whose secret is in the cookie alone, or that a second factor is needed first. */
export interface SignedIn {
  readonly session?: string;
  readonly second_factor?: boolean;
}

export interface IdentityProvider {
  readonly name: string;
  readonly title: string;
}

export interface IdentityProviders {
  readonly items: readonly IdentityProvider[];
  readonly passwords: boolean;
}

const PATIENCE_MS = 3000;

export const signIn = (api: Api, body: SignIn) => ask<SignedIn>(api, "POST", "/api/v1/sign-in", { body });

export const providersOf = (api: Api, signal: AbortSignal) =>
  ask<IdentityProviders>(api, "GET", "/api/v1/sign-in/providers", { signal });

/** Where the browser goes to sign in at a provider; it comes back to *returnTo*. */
export function federatedPath(provider: string, returnTo: string): string {
  return pathWith(`/api/v1/sign-in/${segments(provider)}`, { return_to: returnTo });
}

/** Enter with the cookie of an earlier visit, or of a provider that has just sent the browser back. */
export async function recall(api: Api, session: Session): Promise<void> {
  if (session.way !== null) return;
  try {
    await ask(api, "GET", "/api/v1/me", { signal: AbortSignal.timeout(PATIENCE_MS) });
    session.enter();
  } catch {
    // Nobody known: the door asks.
  }
}

/** End the session here and, where the house keeps one, there. */
export async function leave(api: Api, session: Session): Promise<void> {
  if (session.way === "cookie") await ask(api, "POST", "/api/v1/sign-out");
  session.end("chosen");
}
