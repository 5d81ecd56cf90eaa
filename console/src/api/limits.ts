/** Limits, quotas and budgets, and how they stand. */
import { queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import type { Api } from "./client";
import { useApi } from "./context";
import type { Measure, Period } from "./measures";
import { ask, type Query, segments } from "./rest";

export type LimitScope = "key" | "principal" | "project" | "tenant" | "house";
export type Edge = "hard" | "soft";
export type Away = "local_share" | "refuse" | "allow";
export type StandingState = "ok" | "warning" | "reached";

export interface Limit {
  readonly name: string;
  readonly scope: LimitScope;
  readonly measure: Measure;
  /** Of `cost`: money in the house's currency. */
  readonly amount: number;
  readonly period: Period;
  /** One subject's id; empty: each subject of the scope has the amount for itself. */
  readonly subject: string;
  readonly models: readonly string[];
  readonly edge: Edge;
  readonly away: Away;
  readonly warn_at: readonly number[];
  readonly tenant: string;
}

export interface Standing {
  readonly limit: Limit;
  readonly subject: string;
  readonly used: number;
  readonly held: number;
  readonly resets_at: number;
  readonly forecast: number | null;
  readonly state: StandingState;
}

export const limitsQuery = (api: Api) =>
  queryOptions({
    queryKey: ["limits"],
    queryFn: async ({ signal }) => (await ask<{ items: Limit[] }>(api, "GET", "/api/v1/limits", { signal })).items,
  });

export const standingQuery = (api: Api, filters: Query = {}) =>
  queryOptions({
    queryKey: ["limits", "standing", filters],
    queryFn: async ({ signal }) =>
      (await ask<{ items: Standing[] }>(api, "GET", "/api/v1/limits/standing", { query: filters, signal })).items,
    refetchInterval: 3000,
  });

export function usePutLimit() {
  const api = useApi();
  return useChange(["limits"], ({ name, ...body }: Limit) =>
    ask<Limit>(api, "PUT", `/api/v1/limits/${segments(name)}`, { body }),
  );
}

export function useDeleteLimit() {
  const api = useApi();
  return useChange(["limits"], (name: string) => ask(api, "DELETE", `/api/v1/limits/${segments(name)}`));
}
