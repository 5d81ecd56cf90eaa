/** The one who asks: who, what they may, their second factor, their sessions. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import type { Api } from "./client";
import { useApi } from "./context";
import { ask, segments } from "./rest";
import type { Scope } from "./types";

export interface Me {
  readonly tenant: string;
  readonly principal: string;
  readonly project: string;
  readonly kind: "user" | "service";
  readonly title: string;
  readonly email: string;
  /** The id of the key that asks; empty for a session. */
  readonly key: string;
  /** The id of the session that asks; empty for a key. */
  readonly session: string;
  readonly scopes: readonly Scope[];
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** May act over all tenants. */
  readonly house: boolean;
  readonly has_password: boolean;
  readonly has_second_factor: boolean;
}

export interface SecondFactor {
  readonly secret: string;
  readonly uri: string;
  readonly svg: string;
}

export interface SignInSession {
  readonly id: string;
  readonly tenant: string;
  readonly principal: string;
  readonly created_at: number;
  readonly expires_at: number;
  readonly seen_at: number;
  readonly address: string;
  readonly agent: string;
  readonly by: "password" | "oidc";
}

export const meQuery = (api: Api) =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => ask<Me>(api, "GET", "/api/v1/me", { signal }),
    staleTime: 60_000,
  });

export const mySessionsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["me", "sessions"],
    queryFn: async ({ signal }) =>
      (await ask<{ items: SignInSession[] }>(api, "GET", "/api/v1/me/sessions", { signal })).items,
  });

export function useBeginSecondFactor() {
  const api = useApi();
  return useMutation({ mutationFn: () => ask<SecondFactor>(api, "POST", "/api/v1/me/second-factor") });
}

/** The codes are there as soon as they have come: they come once, and wait for nothing that is asked again. */
export function useConfirmSecondFactor() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) =>
      ask<{ codes: string[] }>(api, "POST", "/api/v1/me/second-factor/confirm", { body: { code } }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

export function useRemoveSecondFactor() {
  const api = useApi();
  return useChangeOfMe((code: string) => ask(api, "DELETE", "/api/v1/me/second-factor", { query: { code } }));
}

export interface NewPassword {
  readonly old: string;
  readonly password: string;
}

export function useChangePassword() {
  const api = useApi();
  return useChangeOfMe((body: NewPassword) => ask(api, "PUT", "/api/v1/me/password", { body }));
}

export function useEndMySession() {
  const api = useApi();
  return useChangeOfMe((id: string) => ask(api, "DELETE", `/api/v1/me/sessions/${segments(id)}`));
}

function useChangeOfMe<V, R>(mutationFn: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }) });
}

/**
 * Does one of *permissions* (`keys:*`, `*:read`) cover *wanted* (`keys:read`)? One that begins with `-` takes away what
 * was given for all nouns at once; what was given by name stays, since it came from another role.
 */
export function covers(permissions: readonly string[], wanted: string): boolean {
  const given = permissions.filter((permission) => !permission.startsWith("-") && reaches(permission, wanted));
  const taken = permissions.some((permission) => permission.startsWith("-") && reaches(permission.slice(1), wanted));
  return given.some((permission) => !taken || !permission.startsWith("*"));
}

function reaches(permission: string, wanted: string): boolean {
  const [noun, verb] = wanted.split(":");
  const [things, deeds] = permission.split(":");
  return (things === "*" || things === noun) && (deeds === "*" || deeds === verb);
}
