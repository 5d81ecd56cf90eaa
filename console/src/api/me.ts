/** The one who asks: who, what they may, their second factor, their sessions. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf, itemsOf } from "./client";
import { useApi } from "./context";
import type { Permission, Schemas } from "./types";

/** Of `key` and `session`, one is the id of what asks; `house`: may act over all tenants. */
export type Me = Schemas["Me"];
export type SignInSession = Schemas["Session"];
export type SecondFactor = Schemas["SecondFactor"];
export type NewPassword = Schemas["NewPassword"];

export const meQuery = (api: Api) =>
  queryOptions({
    queryKey: ["me"],
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/me", { signal })),
    staleTime: 60_000,
  });

export const mySessionsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["me", "sessions"],
    queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/me/sessions", { signal })),
  });

export function useBeginSecondFactor() {
  const api = useApi();
  return useMutation({ mutationFn: () => dataOf(api.POST("/api/v1/me/second-factor")) });
}

/** The codes are there as soon as they have come: they come once, and wait for nothing that is asked again. */
export function useConfirmSecondFactor() {
  const api = useApi();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => dataOf(api.POST("/api/v1/me/second-factor/confirm", { body: { code } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["me"] }),
  });
}

export function useRemoveSecondFactor() {
  const api = useApi();
  return useChangeOfMe((code: string) =>
    dataOf(api.DELETE("/api/v1/me/second-factor", { params: { query: { code } } })),
  );
}

export function useChangePassword() {
  const api = useApi();
  return useChangeOfMe((body: NewPassword) => dataOf(api.PUT("/api/v1/me/password", { body })));
}

export function useEndMySession() {
  const api = useApi();
  return useChangeOfMe((session_id: string) =>
    dataOf(api.DELETE("/api/v1/me/sessions/{session_id}", { params: { path: { session_id } } })),
  );
}

function useChangeOfMe<V, R>(mutationFn: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ["me"] }) });
}

/**
 * Does one of *permissions* (`keys:*`, `*:read`) cover *wanted* (`keys:read`)? One that begins with `-` takes away what
 * was given for all nouns at once; what was given by name stays, since it came from another role.
 */
export function covers(permissions: readonly string[], wanted: Permission): boolean {
  const given = permissions.filter((permission) => !permission.startsWith("-") && reaches(permission, wanted));
  const taken = permissions.some((permission) => permission.startsWith("-") && reaches(permission.slice(1), wanted));
  return given.some((permission) => !taken || !permission.startsWith("*"));
}

function reaches(permission: string, wanted: string): boolean {
  const [noun, verb] = wanted.split(":");
  const [things, deeds] = permission.split(":");
  return (things === "*" || things === noun) && (deeds === "*" || deeds === verb);
}
