/** Recipes, and the runs made by them. */
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Api, dataOf } from "./client";
import { useApi } from "./context";
import { nextAfter } from "./paging";
import type { Schemas } from "./types";

export const recipesQuery = (api: Api) =>
  queryOptions({
    queryKey: ["recipes"],
    queryFn: async ({ signal }) => (await dataOf(api.GET("/api/v1/training/recipes", { signal }))).items,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const runsQuery = (api: Api) =>
  infiniteQueryOptions({
    queryKey: ["runs"],
    queryFn: ({ pageParam, signal }) =>
      dataOf(api.GET("/api/v1/training/runs", { params: { query: { after: pageParam } }, signal })),
    initialPageParam: "",
    getNextPageParam: nextAfter,
    refetchInterval: 2000,
  });

export function useStartRun() {
  const api = useApi();
  return useRunChange((body: Schemas["StartRun"]) => dataOf(api.POST("/api/v1/training/runs", { body })));
}

export function useCancelRun() {
  const api = useApi();
  return useRunChange((id: string) =>
    dataOf(api.POST("/api/v1/training/runs/{run_id}/cancel", { params: { path: { run_id: id } } })),
  );
}

function useRunChange<V, R>(mutationFn: (variables: V) => Promise<R>) {
  const queries = useQueryClient();
  return useMutation({ mutationFn, onSuccess: () => queries.invalidateQueries({ queryKey: ["runs"] }) });
}
