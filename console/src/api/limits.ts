/** Limits, quotas and budgets, and how they stand. */
import { queryOptions } from "@tanstack/react-query";
import { useChange } from "./change";
import { type Api, dataOf, itemsOf } from "./client";
import { useApi } from "./context";
import type { QueryOf, Schemas } from "./types";

/** Of `cost`, the amount is money in the house's currency; without a subject, each of the scope has it for itself. */
export type Limit = Schemas["Limit"];
export type Standing = Schemas["Standing"];
export type LimitScope = Limit["scope"];
export type Edge = Limit["edge"];
export type Away = Limit["away"];
export type StandingState = Standing["state"];

export const limitsQuery = (api: Api) =>
  queryOptions({ queryKey: ["limits"], queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/limits", { signal })) });

export const standingQuery = (api: Api, query: QueryOf<"/api/v1/limits/standing"> = {}) =>
  queryOptions({
    queryKey: ["limits", "standing", query],
    queryFn: ({ signal }) => itemsOf(api.GET("/api/v1/limits/standing", { params: { query }, signal })),
    refetchInterval: 3000,
  });

export function putLimit(api: Api, { name, ...body }: Limit): Promise<Limit> {
  return dataOf(api.PUT("/api/v1/limits/{name}", { params: { path: { name } }, body }));
}

export function usePutLimit() {
  const api = useApi();
  return useChange(["limits"], (limit: Limit) => putLimit(api, limit));
}

export function useDeleteLimit() {
  const api = useApi();
  return useChange(["limits"], (name: string) =>
    dataOf(api.DELETE("/api/v1/limits/{name}", { params: { path: { name } } })),
  );
}
